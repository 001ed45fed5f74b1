#!/bin/sh
# Installs what building and running longreel needs and this machine lacks; with the argument "test" or "bench" also what
# the tests or the measurements need (from npm, too: the real clients that tests/package-lock.json names). Quick where nothing is missing. The
# package names are those that Debian 12 and 13 have in common; on another system it names what it misses.
#
# lighttpd is not installed as a package, because that would start a web server: where the machine has none, Debian's
# package is unpacked into build/lighttpd, and only the libraries that it needs are installed. nginx and Apache, which are only
# for tests and measurements, are unpacked in any case. All that is to be installed is known before anything is: without root or sudo there is
# one line to run.
set -eu
cd "$(dirname "$0")/.."

lighttpd=build/lighttpd
nginx=build/nginx
apache=build/apache
nftables=build/nftables
caddy=build/caddy
missing=

fail() {
	echo "setup: $*" >&2
	exit 1
}

# need PACKAGE CONDITION…: notes the package where the condition does not hold
need() {
	package=$1
	shift
	"$@" >/dev/null 2>&1 || missing="$missing $package"
}

has_header() {
	printf '#include <stddef.h>\n#include <stdarg.h>\n#include <stdint.h>\n#include <setjmp.h>\n#include <%s>\n' "$@" |
		cc -E -x c -
}

has_fuzzer() {
	[ -e "$(clang -print-file-name="libclang_rt.fuzzer-$(uname -m).a")" ]
}

has_chinese() {
	[ -n "$(fc-list :lang=zh-cn 2>/dev/null)" ]
}

has_lighttpd() {
	[ -x /usr/sbin/lighttpd ] || [ -x $lighttpd/usr/sbin/lighttpd ]
}

lists_are_there() {
	for list in /var/lib/apt/lists/*_Packages*; do
		[ -e "$list" ] && return 0
	done
	return 1
}

# As root: directly, or with sudo where it needs no password or there is a terminal to ask at.
as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
		sudo "$@"
	else
		return 126
	fi
}

# Says what a person with more rights has to run, and ends.
beg_for() {
	fail "this needs root, or sudo. Please run:
$1"
}

beg() {
	beg_for "apt-get update && apt-get install -y --no-install-recommends$missing"
}

apt() {
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@" || {
		[ $? = 126 ] && beg
		return 1
	}
}

install_missing() {
	[ -n "$missing" ] || return 0
	command -v apt-get >/dev/null || fail "please install what Debian calls:$missing"
	lists_are_there || apt update
	# shellcheck disable=SC2086 # the packages are words
	apt install -y --no-install-recommends $missing || {
		apt update
		apt install -y --no-install-recommends $missing
	} || fail "these could not be installed:$missing"
	missing=
}

# libraries PACKAGE…: prints what apt knows them to need; of alternatives the first
libraries() {
	apt-cache depends -i "$@" | awk '/Depends: lib/ && !other { print $2 } { other = /^ \|/ }'
}

is_installed() {
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# will_unpack PROGRAM PACKAGE…: notes the libraries that a program needs, which is unpacked later, and this machine lacks
will_unpack() {
	[ -x "$1" ] && return
	shift
	command -v apt-get >/dev/null || fail "please install what Debian calls: $*"
	lists_are_there || as_root apt-get -q -o DPkg::Lock::Timeout=300 update || {
		[ $? = 126 ] || fail "apt-get update does not succeed."
		missing="$missing \$(apt-cache depends -i $* | sed -n 's/^  Depends: \(lib.*\)/\1/p')"
		return
	}
	for library in $(libraries "$@"); do
		need "$library" is_installed "$library"
	done
}

# unpack FOLDER PROGRAM PACKAGE…: fetches packages and unpacks them, without installing them, where FOLDER/PROGRAM is not there
unpack() {
	folder=$1
	program=$2
	[ ! -x "$folder/$program" ] || return 0
	shift 2
	rm -rf "$folder.new"
	mkdir -p "$folder.new"
	(cd "$folder.new" && apt-get -qq -o APT::Sandbox::User=root download "$@") || {
		apt update
		(cd "$folder.new" && apt-get -qq -o APT::Sandbox::User=root download "$@")
	} || fail "these packages of Debian could not be fetched: $*"
	for package in "$folder.new"/*.deb; do
		dpkg-deb -x "$package" "$folder.new"
	done
	! ldd "$folder.new/$program" | grep 'not found' || fail "$* need these libraries."
	touch "$folder.new/$program" # its age is since when it is here: longreel check
	rm -rf "$folder"
	mv "$folder.new" "$folder"
}

need_to_build() {
	need gcc command -v cc
	need make command -v make
	need libc6-dev has_header stdio.h
	need libfcgi-dev has_header fcgiapp.h
	need libcurl4-openssl-dev has_header curl/curl.h
	need libcjson-dev has_header cjson/cJSON.h
	need libsqlite3-dev has_header sqlite3.h
	need libsodium-dev has_header sodium.h
	need npm command -v npm # for the page's libraries
	need ca-certificates test -e /etc/ssl/certs/ca-certificates.crt
}

need_to_test() {
	need libcmocka-dev has_header cmocka.h
	need clang command -v clang
	need libclang-rt-dev has_fuzzer
	need clang-format command -v clang-format
	need cppcheck command -v cppcheck
	need shellcheck command -v shellcheck
	need python3 command -v python3
	need iproute2 command -v ip # for a network of their own
	need valgrind command -v valgrind
	need curl command -v curl
	need chromium command -v chromium
	need fonts-wqy-microhei has_chinese # small; for those who look at the screenshots
}

need_to_bench() {
	need wrk command -v wrk
}

# node_packages FOLDER: installs what its lock file names, into FOLDER/node_modules
node_packages() {
	[ -n "$(find "$1/node_modules/.package-lock.json" -newer "$1/package-lock.json" 2>/dev/null)" ] ||
		npm ci --prefix "$1" --no-audit --no-fund --loglevel=error
}

# The tests need Node.js 20. Where the machine's is older, as on Debian 12, npm fetches one into tests/node, and the Makefile finds it there.
fetched_node() {
	for node in tests/node/node_modules/*/bin/node; do
		[ -x "$node" ] && return
	done
	return 1
}

need_node() {
	version=$(node --version | sed 's/^v\([0-9]*\).*/\1/')
	[ "$version" -lt 20 ] || return 0
	# npm takes a package for another kind of machine and one that it cannot fetch for the same: not there.
	fetched_node || npm ci --prefix tests/node --no-audit --no-fund --loglevel=error
	fetched_node || fail "the tests need Node.js 20 or later; here is $version, and npm could fetch none for this machine."
}

# Debian's npm consists of hundreds of packages; another one that is there serves as well.
tell_of_npm() {
	case " $missing " in
	*" npm "*)
		echo "setup: of Debian, npm brings some 335 packages, for two small files of the page. Where they are not wanted: put Node.js with npm from" \
			"nodejs.org into the PATH first, or build all but the page with plain make." >&2
		;;
	esac
}

need_to_build
tell_of_npm
case ${1:-} in
test) need_to_test ;;
bench) need_to_bench ;;
esac
has_lighttpd || will_unpack $lighttpd/usr/sbin/lighttpd lighttpd
case ${1:-} in
test | bench) will_unpack $nginx/usr/sbin/nginx nginx libnginx-mod-nchan ;;
esac
if [ "${1:-}" = test ]; then
	will_unpack $apache/usr/sbin/apache2 apache2-bin
	will_unpack $nftables/usr/sbin/nft nftables
	will_unpack $caddy/usr/bin/caddy caddy
fi
install_missing

has_lighttpd || unpack $lighttpd usr/sbin/lighttpd lighttpd
case ${1:-} in
test | bench)
	need_node
	unpack $nginx usr/sbin/nginx nginx nginx-common libnginx-mod-nchan
	;;
esac
# Nchan wants the folder that is built into nginx, whatever the configuration says.
[ "${1:-}" != bench ] || [ -d /var/lib/nginx ] || as_root mkdir -p /var/lib/nginx || beg_for "mkdir -p /var/lib/nginx"
if [ "${1:-}" = test ]; then
	node_packages tests
	unpack $apache usr/sbin/apache2 apache2-bin
	unpack $nftables usr/sbin/nft nftables
	unpack $caddy usr/bin/caddy caddy
fi
