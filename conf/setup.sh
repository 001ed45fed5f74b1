#!/bin/sh
# Installs what building and running longreel needs and this machine lacks; with the argument "test" or "bench" also what
# the tests or the measurements need (from npm, too: the real clients that tests/package-lock.json names). Quick where nothing is missing. Debian's package names; on another system it names what it misses.
#
# lighttpd is not installed as a package, because that would start a web server: where the machine has none, Debian's
# package is unpacked into build/lighttpd, and only the libraries that it needs are installed. nginx and Apache, which are only
# for tests and measurements, are unpacked in any case.
set -eu
cd "$(dirname "$0")/.."

lighttpd=build/lighttpd
nginx=build/nginx
apache=build/apache
spawn_fcgi=build/spawn-fcgi
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

# As root: by ourselves, or with sudo where it asks for no password or there is somebody to give it.
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

# The libraries that a program of the packages in the folder needs and this machine lacks.
note_libraries() {
	ldd "$1/$2" | grep -q 'not found' || return 0
	for package in "$1"/*.deb; do
		missing="$missing $(dpkg-deb -f "$package" Depends | tr ',' '\n' |
			sed -n 's/^ *\(lib[^ (|]*\).*/\1/p' | grep -v '^libnginx-mod' | tr '\n' ' ')"
	done
}

# unpack FOLDER PROGRAM PACKAGE…: fetches packages and unpacks them, without installing them
unpack() {
	folder=$1
	program=$2
	shift 2
	command -v apt-get >/dev/null || fail "please install what Debian calls: $*"
	rm -rf "$folder.new"
	mkdir -p "$folder.new"
	lists_are_there || apt update
	(cd "$folder.new" && apt-get -qq -o APT::Sandbox::User=root download "$@") || {
		apt update
		(cd "$folder.new" && apt-get -qq -o APT::Sandbox::User=root download "$@")
	} || fail "these packages of Debian could not be fetched: $*"
	for package in "$folder.new"/*.deb; do
		dpkg-deb -x "$package" "$folder.new"
	done
	note_libraries "$folder.new" "$program"
	install_missing
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
	need libclang-rt-14-dev has_fuzzer
	need clang-format command -v clang-format
	need cppcheck command -v cppcheck
	need shellcheck command -v shellcheck
	need python3 command -v python3
	need valgrind command -v valgrind
	need chromium command -v chromium
	need fonts-wqy-microhei has_chinese # small; for those who look at the screenshots
}

need_to_bench() {
	need wrk command -v wrk
}

check_node() {
	version=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/') || version=
	[ "${version:-0}" -ge 20 ] || fail "the tests need Node.js 20 or later; here is ${version:-none}."
	command -v npm >/dev/null || fail "the tests need npm, which comes with Node.js."
}

# node_packages FOLDER: installs what its lock file names, into FOLDER/node_modules
node_packages() {
	[ -n "$(find "$1/node_modules/.package-lock.json" -newer "$1/package-lock.json" 2>/dev/null)" ] ||
		npm ci --prefix "$1" --no-audit --no-fund --loglevel=error
}

need_to_build
case ${1:-} in
test)
	check_node
	need_to_test
	;;
bench)
	check_node
	need_to_bench
	;;
esac
install_missing
[ "${1:-}" != test ] || node_packages tests
has_lighttpd || unpack $lighttpd usr/sbin/lighttpd lighttpd
case ${1:-} in
test | bench) [ -e $nginx/etc/nginx/mime.types ] || unpack $nginx usr/sbin/nginx nginx nginx-common libnginx-mod-nchan ;;
esac
# Nchan wants the folder that is built into nginx, whatever the configuration says.
[ "${1:-}" != bench ] || [ -d /var/lib/nginx ] || as_root mkdir -p /var/lib/nginx || beg_for "mkdir -p /var/lib/nginx"
if [ "${1:-}" = test ]; then
	[ -x $apache/usr/sbin/apache2 ] || unpack $apache usr/sbin/apache2 apache2-bin
	[ -x $spawn_fcgi/usr/bin/spawn-fcgi ] || unpack $spawn_fcgi usr/bin/spawn-fcgi spawn-fcgi
fi
