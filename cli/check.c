/* longreel check: checks every part of an instance and prints a line for each; a failure does not end it.
 * Upstreams are asked only what costs nothing. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/access.h"
#include "base/arena.h"
#include "base/config.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/machine.h"
#include "channel_check.h"
#include "check.h"
#include "cli.h"
#include "domain/env.h"
#include "domain/money/ledger.h"
#include "domain/video/access.h"
#include "domain/video/mark.h"
#include "domain/video/sweep.h"
#include "domain/settings.h"
#include "findings.h"
#include "instance.h"
#include "listen.h"
#include "store/database.h"
#include "store/search.h"
#include "store/store.h"
#include "upstream/http/curl.h"

enum {
	MB = 1000000,
	SEARCH_BLOCKS = 32, /* that are compared: a tenth of a second */
	LEDGER_FAULTS = 5   /* that are shown of each rule */
};

/* What is to be done about a fault of that part, where its line does not say so itself; or NULL. */
static const char *
remedy(const char *part)
{
	static const struct {
		const char *part, *todo;
	} remedies[] = {
	    {"data",
	     "it is to be a folder of the user that longreel runs as, mode 0700, on a disk with room"},
	    {"configuration", "mend that, and check again; longreel.conf.example has each key"},
	    {"database", "stop the instance and restore a backup (man longreel)"},
	    {"search", "look at the database first"},
	    {"counts", "look at the database first"},
	    {"ledger", "longreel ledger list shows the latest transfers; report it, and take a backup first"},
	    {"libcurl", "install libcurl4 (Debian 13: libcurl4t64)"},
	    {"space", "look whether its disk is mounted"},
	};

	for (size_t i = 0; i < sizeof(remedies) / sizeof(*remedies); i++)
		if (strcmp(remedies[i].part, part) == 0)
			return remedies[i].todo;
	return NULL;
}

/* Says the line of a part. Returns `good`. */
static bool
report(const struct check *check, bool good, const char *part, const char *text)
{
	return findings_say(check->out, good ? FINDING_OK : FINDING_BAD, part, text,
	                    good ? NULL : remedy(part));
}

static bool
check_config(struct check *check)
{
	char why[512];

	check->config = settings_load(check->call->data, NULL, why, sizeof(why));
	return report(check, check->config != NULL, "configuration", check->config ? "can be read" : why);
}

/* Warns of open registration: not a fault, but a decision. */
static void
check_registration(const struct check *check)
{
	char at[LISTEN_ADDRESS_SIZE];
	bool served = instance_served(check->call->data, at, sizeof(at)) && *at;
	const char *open = arena_printf(check->arena, "open: anyone who can reach %s may register",
	                                *check->config->public_url ? check->config->public_url
	                                : served                   ? at
	                                                           : "the server");

	if (!config_on(check->config->registration))
		report(check, true, "registration", check->config->registration);
	else
		findings_say(check->out, FINDING_WARN, "registration", open,
		             "where that is not meant, registration = closed or invite (longreel setup)");
}

static void
check_limits(const struct check *check)
{
	const struct config *config = check->config;
	int64_t memory = machine_memory(), descriptors = machine_descriptors();
	int64_t connections = machine_connections(config->max_connections, memory, descriptors);
	const char *text = arena_printf(check->arena,
	                                "%" PRId64 " connections, %" PRId64 " of them long polls; %" PRId64
	                                " MB of memory and %" PRId64 " descriptors as this user has them",
	                                connections, machine_waiters(config->max_waiters, connections),
	                                memory / (1024 * 1024), descriptors);
	report(check, true, "limits", text ? text : "");
}

/* lighttpd has no limit for each address, and none for the whole time of a request's headers. */
static void
check_strangers(const struct check *check)
{
	char at[LISTEN_ADDRESS_SIZE];
	bool served = instance_served(check->call->data, at, sizeof(at)) && *at;
	bool local = served && check_is_local(at);

	findings_say(
	    check->out, local ? FINDING_OK : FINDING_WARN, "strangers",
	    local ? "only this machine reaches it; limits for each address are up to the proxy before it"
	          : "one address may take all connections, with slow requests",
	    local ? "see conf/nginx-limits.conf, conf/Caddyfile, conf/nftables.conf"
	          : "put conf/nftables.conf, or nginx with conf/nginx-limits.conf, before it; where Apache "
	            "runs "
	            "the programs, its own limits hold");
}

/* Reads the bytes that are free at `path`; 0 where no more files may be made. -1 where it is not known. */
static int64_t
free_at(const char *path)
{
	struct statvfs fs;
	if (path == NULL || statvfs(path, &fs) != 0)
		return -1;
	return fs.f_files > 0 && fs.f_favail == 0 ? 0 : (int64_t)((uint64_t)fs.f_bavail * fs.f_frsize);
}

/* Tells how much space is free for DATA, and for its archive where that is another disk. */
static bool
check_space(const struct check *check)
{
	const char *data = check->call->data, *archive = arena_printf(check->arena, "%s/archive", data);
	int64_t free = free_at(data), kept = free, reserve = check->config->archive_reserve_mb * MB;
	struct stat a, b;
	bool apart = archive && stat(archive, &a) == 0 && stat(data, &b) == 0 && a.st_dev != b.st_dev;
	if (apart)
		kept = free_at(archive);
	if (free < 0 || kept < 0)
		return report(check, false, "space", strerror(errno));
	bool full = free < LIMIT_DISK_FREE, waits = config_on(check->config->archive) && kept < reserve;
	const char *more =
	    apart ? arena_printf(check->arena, ", %" PRId64 " MB for its archive", kept / MB) : "";
	const char *text = arena_printf(check->arena, "%" PRId64 " MB are free for %s%s%s", free / MB, data,
	                                more ? more : "",
	                                full    ? ": the disk is almost full, and new tasks may be refused"
	                                : waits ? ": less than archive_reserve_mb; new videos wait for room, "
	                                          "and are lost where their links end"
	                                        : "");
	return findings_say(check->out,
	                    full    ? FINDING_BAD
	                    : waits ? FINDING_WARN
	                            : FINDING_OK,
	                    "space", text, full || waits ? "make room, or lower archive_max_mb" : NULL);
}

static bool
check_curl(const struct check *check)
{
	bool there = !curl_missing();
	return report(check, there, "libcurl",
	              there ? "installed" : "missing: nothing can be sent to upstreams");
}

/* Makes what is missing of the data directory: so a host that never runs `serve` can begin. */
static bool
check_data(struct check *check)
{
	const char *data = check->call->data;
	char why[512];

	if (access_denied(data, why, sizeof(why)))
		return report(check, false, "data", why);
	if (!instance_make_dirs(data, check->arena)) {
		access_explain(data, errno, why, sizeof(why));
		return report(check, false, "data", why);
	}
	return report(check, true, "data", data);
}

static bool
check_database(struct check *check)
{
	const char *data = check->call->data, *why = "";
	const char *good = "intact";
	struct store *store = NULL;

	enum err_code err = store_open(data, STORE_READ, &store);
	if (err == ERR_SCHEMA_TOO_OLD || err == ERR_NOT_FOUND) {
		good = err == ERR_NOT_FOUND ? "new" : "brought up to date, intact";
		err = store_open(data, STORE_MIGRATE, &store);
	}
	if (err == ERR_OK)
		err = store_check(store, check->arena, &why);
	store_close(store);
	if (err == ERR_OK)
		return report(check, true, "database", good);
	return report(check, false, "database",
	              err == ERR_CORRUPT && why && *why ? why : err_text(err, "en"));
}

/* Compares as a reader: only counts that are wrong want the one writer's place. */
static enum err_code
mend_counts(const char *data, bool *ret_match)
{
	struct store *store = NULL;
	enum err_code err = store_open(data, STORE_READ, &store);
	if (err == ERR_OK)
		err = store_counts_check(store, ret_match);
	store_close(store);
	if (err != ERR_OK || *ret_match)
		return err;
	store = NULL;
	err = store_open(data, STORE_WRITE, &store);
	if (err == ERR_OK)
		err = store_begin(store, STORE_DURABLE);
	if (err == ERR_OK)
		err = store_end(store, store_counts_mend(store));
	store_close(store);
	return err;
}

/* Runs after check_database(), which brings the database up to date. */
static bool
check_counts(struct check *check)
{
	bool match = true;
	enum err_code err = mend_counts(check->call->data, &match);
	const char *failed =
	    arena_printf(check->arena, "%s%s", match ? "" : "do not match the tasks: ", err_text(err, "en"));
	if (err != ERR_OK)
		return report(check, false, "counts", failed != NULL ? failed : "");
	return report(check, true, "counts",
	              match ? "match the tasks" : "did not match the tasks; counted anew");
}

/* Compares some blocks of the index of prompts. */
static enum err_code
mend_search(const char *data, bool *ret_match)
{
	struct store *store = NULL;
	struct arena *arena = arena_new();
	enum err_code err = arena != NULL ? store_open(data, STORE_READ, &store) : ERR_NO_MEMORY;
	if (err == ERR_OK)
		err = store_search_check_some(store, arena, SEARCH_BLOCKS, ret_match);
	store_close(store);
	arena_free(arena);
	if (err != ERR_OK || *ret_match)
		return err;
	store = NULL;
	err = store_open(data, STORE_WRITE, &store);
	if (err == ERR_OK)
		err = store_begin(store, STORE_RELAXED);
	if (err == ERR_OK)
		err = store_end(store, store_search_clear(store));
	store_close(store);
	return err;
}

/* Runs after check_database(), too. */
static bool
check_search(const struct check *check)
{
	bool match = true;
	enum err_code err = mend_search(check->call->data, &match);
	if (err != ERR_OK)
		return report(check, false, "search", err_text(err, "en"));
	return report(check, true, "search",
	              match ? "the index matches the prompts"
	                    : "the index did not match the prompts; the poller makes it anew");
}

/* Runs after check_database(), too. */
static bool
check_archive(struct check *check)
{
	struct store *store = NULL;
	struct archive_state state = {0};
	char why[512];
	enum err_code err = store_open(check->call->data, STORE_READ, &store);
	if (err == ERR_OK)
		err = archive_check(store, check->arena, check->call->data, &state);
	store_close(store);
	if (err != ERR_OK)
		return report(check, false, "archive", err_text(err, "en"));
	if (!archive_is_there(check->call->data)) {
		snprintf(
		    why, sizeof(why),
		    "is away: %s/archive is not the folder that videos are kept in. Is its disk mounted? "
		    "(Where it "
		    "is gone for good, remove archive.mark: what upstreams still have is then fetched anew.)",
		    check->call->data);
		return report(check, false, "archive", why);
	}
	if (check->config && !archive_access_set(check->config, true, why, sizeof(why)))
		return findings_say(
		    check->out, FINDING_BAD, "archive", arena_strdup(check->arena, why),
		    "archive_group = a group of this machine (getent group) that this user is a "
		    "member of; usermod -aG GROUP USER, then restart");
	const char *stray =
	    state.stray > 0
	        ? arena_printf(check->arena, "; %" PRId64 " files of no video, to be removed when a day old",
	                       state.stray)
	        : "";
	const char *text =
	    state.lost > 0
	        ? arena_printf(check->arena, "%" PRId64 " of %" PRId64 " files are missing or incomplete%s",
	                       state.lost, state.count, stray ? stray : "")
	        : arena_printf(check->arena, "%" PRId64 " videos, %" PRId64 " MB%s", state.count,
	                       state.bytes / 1000000, stray ? stray : "");
	if (state.lost == 0)
		return report(check, true, "archive", text ? text : "");
	return findings_say(check->out, FINDING_BAD, "archive", text,
	                    "put the files back from a backup, as the data's owner: longreel restore into "
	                    "another folder has them");
}

/* Runs after check_database(), too: the accounts add up, whether or not there is billing now. */
static bool
check_ledger(struct check *check)
{
	struct store *store = NULL;
	struct ledger_fault *faults = NULL;
	size_t count = 0;
	enum err_code err = store_open(check->call->data, STORE_READ, &store);
	const struct domain_env env = {.store = store};
	if (err == ERR_OK)
		err = ledger_check(&env, check->arena, LEDGER_FAULTS, &faults, &count);
	store_close(store);
	if (err != ERR_OK)
		return report(check, false, "ledger", err_text(err, "en"));
	for (size_t i = 0; i < count; i++)
		report(check, false, "ledger", faults[i].what);
	return count > 0 ? false : report(check, true, "ledger", "the accounts add up");
}

/* Leaves out the database's channels where it cannot be opened: check_database() has said why. */
static bool
check_upstreams(struct check *check)
{
	struct channel_check wanted = {.config = check->config, .out = check->out};

	if (store_open(check->call->data, STORE_READ, &wanted.store) != ERR_OK)
		wanted.store = NULL;
	bool good = channel_check(&wanted, check->arena);
	store_close(wanted.store);
	return good;
}

int
cli_check(const struct cli_call *call)
{
	struct findings out;
	struct check check = {.call = call, .arena = arena_new(), .out = &out};
	bool good = false;

	sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
	check.install = check.arena ? file_install_dir(check.arena) : NULL;
	if (!check.install || !findings_begin(&out, call->json, check.arena)) {
		cli_fail("cannot find the folder in which longreel is installed.");
	} else {
		good = check_data(&check);
		bool ours = good;
		good = check_owners(&check) && good;
		good = check_clock(&check) && good;
		good = check_config(&check) && good;
		good = ours && check_database(&check) && check_counts(&check) && check_search(&check) &&
		       check_archive(&check) && check_ledger(&check) && good;
		if (check.config) {
			check_registration(&check);
			check_limits(&check);
			check_strangers(&check);
			check_proxy(&check);
			check_sendfile(&check);
			check_descriptors(&check);
			good = check_space(&check) && good;
			good = check_web_server(&check) && good;
			good = check_profiles(&check) && good;
			good = check_old_keys(&check) && good;
			good = check_curl(&check) && good;
			good = check_upstreams(&check) && good;
		}
		good = findings_end(&out, good) && good;
	}
	config_free(check.config);
	arena_free(check.arena);
	return cli_finish() == CLI_DONE && good ? CLI_DONE : CLI_FAILED;
}
