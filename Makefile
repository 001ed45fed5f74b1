# longreel: one Makefile, not recursive. `make help` lists what it can do.
#
# BUILD=dir     where everything made goes (default: build)
# SAN=address   build with AddressSanitizer and UBSan, into build/san
# SAN=thread    build with ThreadSanitizer, into build/tsan
# V=1           show the commands

SAN      ?=
BUILD    ?= build$(if $(SAN),/$(if $(filter thread,$(SAN)),tsan,san))
CC       ?= cc
PREFIX   ?= /usr/local

WARN     := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
            -Wpointer-arith -Wwrite-strings -Wcast-qual -Wformat=2 -Wundef -Wvla -Wswitch-enum \
            -Wimplicit-fallthrough -Wno-missing-field-initializers
# What a sanitizer adds makes gcc see lengths and values that cannot be: such warnings count in the ordinary build.
UNSURE   := -Wno-format-truncation -Wno-format-overflow -Wno-maybe-uninitialized -Wno-array-bounds -Wno-restrict \
            -Wno-stringop-overflow -Wno-stringop-overread -Wno-stringop-truncation
SAN_address := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
SAN_thread  := -fsanitize=thread -fno-omit-frame-pointer
OPT      ?= $(if $(SAN),-O1 -g,-O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong)
PKGS     := fcgi libcurl libcjson sqlite3 libsodium
CPPFLAGS += -D_GNU_SOURCE -Ilib -I$(BUILD)/gen $(if $(SAN),-DLONGREEL_FAULTS)
# What a program does not call is not in it: each has its own copy of the library in memory. Nor are the tables for unwinding, which no
# program reads; a debugger has its own.
CFLAGS   += -std=gnu11 -pthread $(OPT) $(WARN) $(if $(SAN),$(UNSURE)) $(SAN_$(SAN)) $(if $(SAN),,-ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables)
# The kernel maps 64 KB around what is read of a file: code and constants begin where such a piece does.
LDFLAGS  += -pthread -Wl,--as-needed $(if $(SAN),,-Wl,-z,relro,-z,now,-z,max-page-size=65536 -Wl,--gc-sections) $(SAN_$(SAN))
# libcurl is not among them: lib/upstream/http/curl.c loads it, by what is in -ldl before glibc 2.34.
LDLIBS   += -ldl -lfcgi -lcjson -lsqlite3 -lsodium -lm

Q        := $(if $(V),,@)
say       = $(if $(V),,@printf '  %-5s %s\n' $(1) $(patsubst $(BUILD)/%,%,$@))

ENGINES  := sqlite
LIB_SRC  := $(wildcard lib/*/*.c lib/*/*/*.c)
LIB_OBJ  := $(LIB_SRC:%.c=$(BUILD)/obj/%.o) $(ENGINES:%=$(BUILD)/obj/gen/sql_%_queries.o) $(ENGINES:%=$(BUILD)/obj/gen/sql_%_migrations.o)
LIB      := $(BUILD)/liblongreel.a
CGI      := $(notdir $(patsubst %/,%,$(wildcard cgi-bin/*/))) simulator
PROGRAMS := $(CGI:%=$(BUILD)/cgi-bin/%) $(BUILD)/longreel-poller $(BUILD)/longreel
PAGE     := $(wildcard $(foreach kind,html css js svg,web/*.$(kind) web/*/*.$(kind)))
SHARE    := $(patsubst conf/%,$(BUILD)/share/%,$(wildcard conf/lighttpd.conf conf/apache.htaccess conf/dialects/*.json)) \
            $(patsubst web/%,$(BUILD)/share/web/%,$(PAGE)) \
            $(patsubst simulator/%,$(BUILD)/share/simulator/%,$(wildcard simulator/*.mp4)) $(BUILD)/share/web/openapi.json

.PHONY: all page
all: $(PROGRAMS) $(SHARE) page

# --- what is generated from sql/ ---------------------------------------------------------------
GEN_H      := $(BUILD)/gen/sql_queries.h $(BUILD)/gen/sql_migrations.h $(BUILD)/gen/version.h
QUERIES    := $(sort $(wildcard sql/queries/*.sql))
MIGRATIONS := $(sort $(wildcard sql/migrations/*.sql))

$(BUILD)/gen/sql_queries.h: sql/embed.awk $(QUERIES)
	@mkdir -p $(@D)
	$(call say,SQL)
	$(Q)awk -v kind=queries -v header=$@ -f sql/embed.awk $(QUERIES)

$(BUILD)/gen/sql_migrations.h: sql/embed.awk $(MIGRATIONS)
	@mkdir -p $(@D)
	$(call say,SQL)
	$(Q)awk -v kind=migrations -v header=$@ -f sql/embed.awk $(MIGRATIONS)

$(ENGINES:%=$(BUILD)/gen/sql_%_queries.c): $(BUILD)/gen/sql_%_queries.c: sql/embed.awk $(QUERIES) | $(BUILD)/gen/sql_queries.h
	$(call say,SQL)
	$(Q)awk -v kind=queries -v engine=$* -v source=$@ -f sql/embed.awk $(QUERIES)

$(ENGINES:%=$(BUILD)/gen/sql_%_migrations.c): $(BUILD)/gen/sql_%_migrations.c: sql/embed.awk $(MIGRATIONS) | $(BUILD)/gen/sql_migrations.h
	$(call say,SQL)
	$(Q)awk -v kind=migrations -v engine=$* -v source=$@ -f sql/embed.awk $(MIGRATIONS)

# The version stands in VERSION alone.
$(BUILD)/gen/version.h: VERSION
	@mkdir -p $(BUILD)/gen
	$(Q)printf '#define LONGREEL_VERSION "%s"\n' "$$(cat VERSION)" >$@

# --- objects, the library, the programs --------------------------------------------------------
$(BUILD)/obj/gen/%.o: $(BUILD)/gen/%.c | $(GEN_H)
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/obj/%.o: %.c | $(GEN_H)
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(LIB): $(LIB_OBJ)
	$(call say,AR)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

define program
$(1): $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard $(2)/*.c)) $(LIB)
	@mkdir -p $$(@D)
	$$(call say,LINK)
	$$(Q)$$(CC) $$(LDFLAGS) -o $$@ $$^ $$(LDLIBS)
endef
$(foreach name,$(filter-out simulator,$(CGI)),$(eval $(call program,$(BUILD)/cgi-bin/$(name),cgi-bin/$(name))))
$(eval $(call program,$(BUILD)/cgi-bin/simulator,simulator))
$(eval $(call program,$(BUILD)/longreel-poller,poller))
$(eval $(call program,$(BUILD)/longreel,cli))

$(BUILD)/share/web/%: web/%
	@mkdir -p $(@D)
	$(Q)cp $< $@

# The page's libraries come from npm under a lock file. Without npm everything but the page is built all the same.
VENDOR   := $(BUILD)/share/web/vendor
BUNDLE   := $(BUILD)/share/web/page/app.js
page: $(if $(shell command -v npm),$(BUNDLE),no-page)
.PHONY: no-page
no-page:
	@[ -e $(BUNDLE) ] || echo 'make: there is no npm, so the page is not built; everything else is. Install npm and run make again.' >&2
web/node_modules/.package-lock.json: web/package-lock.json
	$(call say,NPM)
	$(Q)npm ci --prefix web --no-audit --no-fund --loglevel=error && touch $@
# Names of packages become paths, which browsers understand by themselves.
$(VENDOR)/preact.js: web/node_modules/.package-lock.json
	@mkdir -p $(@D)
	$(Q)sed '/^..# sourceMappingURL/d' web/node_modules/htm/dist/htm.module.js >$(@D)/htm.js
	$(Q)sed -e '/^..# sourceMappingURL/d' -e 's|from"preact"|from"./preact.js"|g' web/node_modules/preact/hooks/dist/hooks.mjs >$(@D)/hooks.js
	$(Q)cat web/node_modules/preact/LICENSE web/node_modules/htm/LICENSE >$(@D)/LICENSE.txt
	$(Q)sed '/^..# sourceMappingURL/d' web/node_modules/preact/dist/preact.mjs >$@
# What the page is made of in two files, each compressed beside itself; npm brings the Node.js that makes them.
$(BUNDLE): web/bundle.mjs $(VENDOR)/preact.js $(patsubst web/%,$(BUILD)/share/web/%,$(PAGE))
	$(call say,PAGE)
	$(Q)node web/bundle.mjs $(BUILD)/share/web
$(BUILD)/share/simulator/%: simulator/%
	@mkdir -p $(@D)
	$(Q)cp $< $@
$(BUILD)/share/%: conf/%
	@mkdir -p $(@D)
	$(Q)cp $< $@

# Where the machine has no lighttpd, conf/setup.sh unpacks one into build/; every build finds it beside itself.
ifneq ($(BUILD),build)
all: $(if $(wildcard build/lighttpd),$(BUILD)/lighttpd)
$(BUILD)/lighttpd:
	@mkdir -p $(BUILD)
	$(Q)ln -sfn $(abspath build/lighttpd) $@
endif

# --- from a fresh clone to a running instance ------------------------------------------------------
DATA ?= build/data
PORT ?= 8080

.PHONY: setup setup-test run help
setup:
	$(Q)conf/setup.sh
setup-test:
	$(Q)conf/setup.sh test

run: setup
	$(Q)$(MAKE) --no-print-directory all
	$(Q)exec $(BUILD)/longreel serve --data $(DATA) --port $(PORT) --simulator

help:
	@echo 'make run [PORT=8080] [DATA=build/data]   install what is missing, build, start with the simulator'
	@echo 'make                                     build'
	@echo 'make test                                install what the tests need, run them all (25 minutes on two cores)'
	@echo 'make quick                               unit tests, and API tests of the programs as plain CGI (1 minute)'
	@echo 'make unit, api, e2e, browser             some of them (0.5, 0.5, 3, 2 minutes); SAN=address or SAN=thread for another build'
	@echo 'make tsan, fuzz, check                   tests with threads under ThreadSanitizer; fuzz the parsers; the first four together (1, 1, 5 minutes)'
	@echo 'make bench [ONLY=waiting]                measure; results in bench/results.json'
	@echo 'make mutants                             change each cell of the money column; a test must mind each (15 seconds; a part of make test)'
	@echo 'make guard, make soak [SOAK=120]         check instruction counts against their bounds; mixed traffic, during which nothing may grow'
	@echo 'make attack [FRONT=nftables]             attacks by strangers, with or without a firewall or a proxy in front'
	@echo 'make profile                             instructions by library'
	@echo 'make lint, house, format                 check the rules of the code; format it (1 minute)'
	@echo 'make compile_commands.json               for clangd and similar tools'
	@echo 'make dist                                a tarball with all that it needs, and a package for Debian (root, debootstrap; 15 minutes)'
	@echo 'make install [PREFIX=/usr/local]         into PREFIX/lib/longreel; DESTDIR is honoured'
	@echo 'make uninstall, make clean               remove what install, what the compiler has made; data stays'

# --- installation ----------------------------------------------------------------------------------
HOME_DIR := $(DESTDIR)$(PREFIX)/lib/longreel
# What cli/lighttpd.c and conf/lighttpd.conf load, and the two that lighttpd loads by itself. Some builds of it have them inside.
MODULES  := alias cgi extforward fastcgi indexfile redirect rewrite setenv staticfile

DOC_DIR    := $(DESTDIR)$(PREFIX)/share/doc/longreel
UNIT_DIR   := $(DESTDIR)$(PREFIX)/lib/systemd/system
SYSUSERS   := $(DESTDIR)$(PREFIX)/lib/sysusers.d/longreel.conf
COMPLETION := $(DESTDIR)$(PREFIX)/share/bash-completion/completions/longreel

.PHONY: install uninstall clean
install: all
	install -d $(HOME_DIR)/cgi-bin $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 755 $(BUILD)/longreel $(BUILD)/longreel-poller $(HOME_DIR)
	install -m 755 $(CGI:%=$(BUILD)/cgi-bin/%) $(HOME_DIR)/cgi-bin
	cd $(BUILD) && find share -type f -exec install -D -m 644 '{}' '$(abspath $(HOME_DIR))/{}' \;
	if [ -x $(BUILD)/lighttpd/usr/sbin/lighttpd ]; then \
		install -D -m 755 $(BUILD)/lighttpd/usr/sbin/lighttpd $(HOME_DIR)/lighttpd/usr/sbin/lighttpd && \
		install -d $(HOME_DIR)/lighttpd/usr/lib/lighttpd && \
		install -m 644 $(wildcard $(MODULES:%=$(BUILD)/lighttpd/usr/lib/lighttpd/mod_%.so)) $(HOME_DIR)/lighttpd/usr/lib/lighttpd; fi
	ln -sfn ../lib/longreel/longreel $(DESTDIR)$(PREFIX)/bin/longreel
	ln -sfn ../lib/longreel/longreel-poller $(DESTDIR)$(PREFIX)/bin/longreel-poller
	install -m 644 cli/longreel.1 poller/longreel-poller.1 $(DESTDIR)$(PREFIX)/share/man/man1
	install -D -m 644 conf/completion.bash $(COMPLETION)
	install -d $(DOC_DIR)
	install -m 644 $(wildcard README*.md) CHANGELOG.md $(wildcard SECURITY*.md) $(filter-out %.sh %.bash,$(wildcard conf/*.* conf/crontab conf/Caddyfile*)) $(DOC_DIR)
	install -D -m 644 conf/dialects/README.md $(DOC_DIR)/conf/dialects/README.md
	ln -sf ../longreel.conf.example $(DOC_DIR)/conf/
	find docs '(' -name '*.md' -o -name '*.png' ')' -exec install -D -m 644 '{}' '$(abspath $(DOC_DIR))/{}' \;
	install -D -m 644 conf/systemd/longreel.sysusers $(SYSUSERS)
	install -d $(UNIT_DIR)
	install -m 644 $(filter-out %.sysusers,$(wildcard conf/systemd/*)) $(UNIT_DIR)
	find $(UNIT_DIR)/longreel* $(DOC_DIR)/* -maxdepth 0 -type f ! -name '*.md' -exec sed -i 's|/usr/local/|$(PREFIX)/|g' '{}' +

# What install has laid down, with the folders that few others use where they are empty then, and nothing else: data and configuration stay.
uninstall:
	rm -rf $(HOME_DIR) $(DOC_DIR)
	rm -f $(DESTDIR)$(PREFIX)/bin/longreel $(DESTDIR)$(PREFIX)/bin/longreel-poller $(COMPLETION) $(SYSUSERS) \
		$(UNIT_DIR)/longreel.service $(UNIT_DIR)/longreel-*.service $(UNIT_DIR)/longreel-*.timer \
		$(DESTDIR)$(PREFIX)/share/man/man1/longreel.1 $(DESTDIR)$(PREFIX)/share/man/man1/longreel-poller.1
	rmdir $(UNIT_DIR) $(patsubst %/system,%,$(UNIT_DIR)) $(dir $(SYSUSERS)) $(dir $(COMPLETION)) $(patsubst %/completions/,%,$(dir $(COMPLETION))) 2>/dev/null || :

# What was compiled and bundled. What setup has fetched stays (node_modules, and in build/ the servers), and so do the data of `make run` and what
# `make dist` has made.
clean:
	rm -rf $(BUILD)/cgi-bin $(BUILD)/gen $(BUILD)/obj $(BUILD)/share $(BUILD)/tests $(BUILD)/bench $(BUILD)/fuzz build/san build/tsan
	rm -f $(LIB) $(BUILD)/longreel $(BUILD)/longreel-poller build/unsteady compile_commands.json

# --- releases: a tarball with all that it needs, and Debian's package; see conf/release ----------
.PHONY: dist
dist: all
	conf/release/tarball.sh $(BUILD)/dist
	conf/release/deb.sh $(BUILD)/dist

# --- unit tests: tests/unit/FLOOR/NAME.c mirrors lib/FLOOR/NAME.c ---------------------------------
UNIT_SRC := $(wildcard tests/unit/*/*.c tests/unit/*/*/*.c)
UNIT     := $(UNIT_SRC:%.c=$(BUILD)/%)
SUPPORT  := $(patsubst %.c,$(BUILD)/obj/%.o,$(filter-out tests/support/world.c tests/support/witness.c,$(wildcard tests/support/*.c)))

$(UNIT): $(BUILD)/tests/unit/%: $(BUILD)/obj/tests/unit/%.o $(SUPPORT) $(LIB)
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lcmocka $(LDLIBS)
$(BUILD)/obj/tests/%.o: CPPFLAGS += -Itests

.PHONY: unit
unit: $(UNIT)
	$(Q)printf '%s\n' $(UNIT) | xargs -P 2 -n 1 sh -c 'said=$$("$$0" 2>&1); code=$$?; printf "%s\n" "$$said"; exit $$code'

# Each cell of the money column of state.def is changed in memory, and the test of the table must fail each time.
MUTANT := $(BUILD)/tests/mutants/money
$(MUTANT): $(BUILD)/obj/tests/unit/domain/task/money.o $(BUILD)/obj/tests/mutants/state.o $(SUPPORT) $(LIB)
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lcmocka $(LDLIBS)
.PHONY: mutants
mutants: $(MUTANT)
	$(Q)python3 tests/mutants/cells.py $<

# Where the machine's Node.js is too old for the tests, conf/setup.sh has fetched another.
NODE_BIN := $(wildcard tests/node/node_modules/*/bin)
ifneq ($(NODE_BIN),)
export PATH := $(abspath $(NODE_BIN)):$(PATH)
endif

# --- black-box tests: Node's own runner; the programs as plain CGI (api), whole instances (e2e) ----
JS_api := $(wildcard tests/api/*.test.mjs tests/client/*.test.mjs)
JS_e2e := $(wildcard tests/e2e/*.test.mjs)
JS_crash := $(wildcard tests/crash/*.test.mjs)
JS_browser := $(wildcard tests/browser/*.test.mjs)

# A world that misbehaves, to be preloaded by tests; never sanitized itself, as it comes before the sanitizer.
WORLD := $(BUILD)/tests/world.so
$(WORLD): tests/support/world.c
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE -O1 $(WARN) -Wno-cast-qual -shared -fPIC -o $@ $< -ldl
# A witness of all commits, to be preloaded, too; what it needs of SQLite the programs have, and others never call.
WITNESS := $(BUILD)/tests/witness.so
$(WITNESS): tests/support/witness.c
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE -O1 $(WARN) -shared -fPIC -Wl,-z,lazy -o $@ $< -ldl

# crash kills at kill points, which only the sanitizer builds have; browser is about the page, which is the same in all builds.
.PHONY: api e2e crash browser
api e2e: $(WORLD) $(WITNESS)
browser: $(BUILD)/bench/fill $(WORLD)
api e2e crash browser: %: all
	LONGREEL_BUILD=$(BUILD) tests/run.sh build/unsteady $(JS_$*)

# --- the whole: an ordinary build and one with AddressSanitizer and UBSan; threads under ThreadSanitizer --
.PHONY: test check tsan
test: setup-test
	@rm -f build/unsteady
	$(MAKE) $(JOBS) built
	$(MAKE) check guard
	$(MAKE) $(JOBS) built SAN=address
	$(MAKE) check soak SAN=address SOAK=15
	$(MAKE) $(JOBS) tsan SAN=thread
	$(MAKE) soak SAN=thread SOAK=15
	$(MAKE) $(JOBS) fuzz
	@cat build/unsteady 2>/dev/null || true

# Compiling takes all processors; the tests run as they say themselves.
JOBS := -j$(shell nproc)
.PHONY: built
built: all $(UNIT) $(WORLD) $(WITNESS) $(if $(SAN),,$(MUTANT))

# The money of the table of moves is the same in all builds, as is the page.
check: unit $(if $(SAN),,mutants) api e2e $(if $(SAN),crash,browser)

# What a change is tried with while it is made: under a minute, no instance, no browser.
.PHONY: quick
quick: unit api

# Those that use threads, their own or the fake upstream's; money moves in threads of programs in e2e/money and in the soak.
TSAN_UNIT := base/crypto base/loop domain/task/create domain/task/followup domain/task/poll domain/task/submit store/feed \
             upstream/http/exchange upstream/http/download upstream/http/client
tsan: $(TSAN_UNIT:%=$(BUILD)/tests/unit/%) all
	$(Q)set -e; for t in $(filter %,$(filter-out all,$^)); do $$t; done
	LONGREEL_BUILD=$(BUILD) node --test --test-timeout=600000 $(wildcard tests/e2e/main-job.test.mjs tests/e2e/money.test.mjs)

# --- both commands of the README on bare roots of Debian; not in CI: see the script -----------------
.PHONY: bare
bare:
	tests/bare/bare.sh $(BARE)

# --- fuzzing: every parser, from its seeds, for FUZZ_SECONDS each -----------------------------------
FUZZ_SECONDS ?= 5
FUZZ := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/*.c))

.PHONY: fuzz
fuzz: $(FUZZ)
	$(Q)set -e; for f in $(FUZZ); do name=$${f##*/}; mkdir -p $(BUILD)/fuzz/$$name.corpus; \
		echo "fuzz $$name"; $$f -max_total_time=$(FUZZ_SECONDS) -verbosity=0 -print_final_stats=0 \
		$(BUILD)/fuzz/$$name.corpus tests/fuzz/$$name.seeds; done

FUZZ_CC  := clang -std=gnu11 -O1 -g -pthread -fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ_LIB := $(patsubst $(BUILD)/obj/%,$(BUILD)/fuzz/obj/%,$(LIB_OBJ))

$(BUILD)/fuzz/obj/gen/%.o: $(BUILD)/gen/%.c | $(GEN_H)
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer-no-link $(CPPFLAGS) -c -o $@ $<
$(BUILD)/fuzz/obj/%.o: %.c $(GEN_H)
	@mkdir -p $(@D)
	$(call say,CLANG)
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer-no-link $(CPPFLAGS) -MMD -MP -c -o $@ $<
.SECONDARY: $(FUZZ_LIB)
$(BUILD)/fuzz/%: tests/fuzz/%.c $(FUZZ_LIB)
	$(call say,FUZZ)
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer $(CPPFLAGS) -Itests -o $@ $^ -Wl,--as-needed $(LDLIBS)

# --- measurements: see bench/README.md -------------------------------------------------------------
BENCH := $(patsubst bench/%.c,$(BUILD)/bench/%,$(wildcard bench/*.c))
$(BUILD)/bench/%: bench/%.c $(LIB)
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< $(if $(filter %/fetch %/floor,$@),-lcurl) $(LIB) $(LDLIBS)

# Mixed traffic for SOAK seconds: nothing may grow, leak or race.
SOAK ?= 120
.PHONY: soak
soak: all
	LONGREEL_BUILD=$(BUILD) SANITIZED=$(SAN) SECONDS=$(SOAK) node bench/soak.mjs

# Instructions of the hot handlers against their recorded bounds; `node bench/guard.mjs --record` after a change that is meant.
.PHONY: guard
guard: all $(BUILD)/bench/fill
	LONGREEL_BUILD=$(BUILD) node bench/guard.mjs

# Whose instructions they are: ours, SQLite's, libcurl's, libc's.
.PHONY: profile
profile: all $(BUILD)/bench/fill $(BUILD)/bench/upstream
	LONGREEL_BUILD=$(BUILD) node bench/profile.mjs

.PHONY: bench
bench:
	$(Q)conf/setup.sh bench
	$(Q)$(MAKE) --no-print-directory all $(BENCH)
	LONGREEL_BUILD=$(BUILD) node bench/bench.mjs $(ONLY)

# Strangers attack, each kind in turn; see bench/attack.mjs. FRONT=nftables, nginx or caddy puts that before it.
.PHONY: attack
attack: all
	LONGREEL_BUILD=$(BUILD) node bench/attack.mjs

# --- the rules ---------------------------------------------------------------------------------------
C_ALL := $(shell find lib cgi-bin simulator poller cli tests bench -name '*.[ch]' 2>/dev/null)

.PHONY: house lint format
house:
	$(Q)python3 tests/house/floors.py
	$(Q)python3 tests/house/embed.py
	$(Q)python3 tests/house/edges.py
	$(Q)python3 tests/house/docs.py
	$(Q)python3 tests/house/money.py
	$(Q)python3 tests/house/mirror.py
	$(Q)python3 docs/openapi/openapi.py

# Each version of clang-format has a taste of its own: the code is written to that of 14, Debian 12's, and only that one judges it.
FORMAT   := $(or $(shell command -v clang-format-14),clang-format)
is_14    := $(FORMAT) --version 2>/dev/null | grep -q 'version 14[.]'

format:
	@$(is_14) || { echo 'format: this needs clang-format 14; apt-get install clang-format-14 where there is one.' >&2; exit 1; }
	$(FORMAT) -i $(C_ALL)

# One entry for each object that `make all` compiles, as clangd wants it.
compile_commands.json: Makefile FORCE
	$(Q)$(MAKE) --no-print-directory -nB V=1 CC=cc all | python3 tests/house/compile_commands.py >$@
.PHONY: FORCE

lint: setup-test house $(GEN_H)
	@if $(is_14); then echo '$(FORMAT) --dry-run -Werror …'; $(FORMAT) --dry-run -Werror $(C_ALL); \
		else echo 'lint: the format is that of clang-format 14, which is not here, and so not checked.' >&2; fi
	cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 --enable=warning,portability,performance \
		--suppress=normalCheckLevelMaxBranches \
		-j2 -Ilib -I$(BUILD)/gen -D_GNU_SOURCE lib cgi-bin simulator poller cli
	shellcheck .ci/run $(wildcard conf/*.sh conf/*/*.sh tests/*/*.sh)
	node tests/node_modules/typescript/bin/tsc -p tests/client/tsconfig.json
	node tests/node_modules/typescript/bin/tsc -p tests/client/page.json

-include $(shell find $(BUILD)/obj $(BUILD)/fuzz -name '*.d' 2>/dev/null)
