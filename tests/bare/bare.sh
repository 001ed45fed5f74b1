#!/bin/bash
# `make bare`: both commands of the README on bare roots of Debian 12 and 13, as root, and as a user after the line that the setup prints.
# Needs root, debootstrap and git; takes an hour and 12 GB, and is not part of CI.
#
#     bare.sh [SUITE:WHO…]     such as bookworm:root trixie:user; all four without arguments
#     BARE_DIR=DIR             where the roots and the logs are: build/bare
#     BARE_TEST='unit api'     make's targets in place of the whole `test`, after the setup; "" for none
#
# A root is what debootstrap leaves (the minimal variant), with git and make: no compiler, no Node.js, no web server. It gets the last
# commit, and this machine's way to its registries: apt's mirror and options, npm's configuration, the certificates that were added, DNS.
# What is mounted in it is so in a namespace of its own, and ends with it, as all of its processes do.
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
dir=${BARE_DIR:-$top/build/bare}
targets=${BARE_TEST-test}
failed=0

fail() {
	echo "bare: $*" >&2
	exit 1
}

# The variables that lead to a proxy or a certificate; names only differ in case.
ways() {
	env | grep -iE '^(https?_proxy|no_proxy|npm_config_[a-z_]+|node_extra_ca_certs)=' || true
}

# The mirror of this machine, by apt's own account.
mirror() {
	# shellcheck disable=SC2016 # apt fills them in
	apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' 'Created-By: Packages' | sed -n 's/^Debian|Debian|//p' | sort | uniq -c |
		sort -rn | awk 'NR == 1 { print $2 }'
}

# carry ROOT: this machine's way to the registries
carry() {
	cp -L /etc/resolv.conf /etc/hosts "$1/etc/"
	apt-config dump | grep -E '^Acquire::(Check|http|https|ForceIPv|Retries)' >"$1/etc/apt/apt.conf.d/99bare" || true
	cp -a /etc/apt/auth.conf /etc/apt/auth.conf.d "$1/etc/apt/" 2>/dev/null || true
	mkdir -p "$1/usr/local/share/ca-certificates"
	cp /usr/local/share/ca-certificates/*.crt "$1/usr/local/share/ca-certificates/" 2>/dev/null || true
	# npm's file of the machine and that of the user, as the user's: Debian's npm looks for the former elsewhere.
	(umask 077 && cat "$(npm config get globalconfig)" ~/.npmrc >"$1/npmrc" 2>/dev/null) || true
}

# A root with git and make, once a suite.
base_of() {
	local suite=$1 root=$dir/$1.base
	[ ! -e "$root.done" ] || return 0
	rm -rf --one-file-system "$root"
	debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$dir/$suite.debootstrap.log" || fail "see $dir/$suite.debootstrap.log"
	carry "$root"
	echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/bare" # a root that is lost is made again
	inside "$root" root 'apt-get -q update && apt-get -q install -y --no-install-recommends git make' >>"$dir/$suite.debootstrap.log" 2>&1 ||
		fail "see $dir/$suite.debootstrap.log"
	touch "$root.done"
}

# inside ROOT USER COMMAND: in a login's environment, in the home of the user, with nothing on standard input. PID 1 is the shell that
# waits for what is left behind.
inside() {
	unshare --mount --pid --fork --kill-child bash -s "$1" "$2" "$3" "$(ways)" <<'INSIDE'
root=$1 user=$2 command=$3 ways=()
[ ! "$4" ] || mapfile -t ways <<<"$4"
mount --make-rprivate /
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for node in null zero full random urandom tty; do
	touch "$root/dev/$node"
	mount --bind "/dev/$node" "$root/dev/$node"
done
mkdir "$root/dev/shm" "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
for n in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${n%:*}" "$root/dev/${n#*:}"; done
home=/root
[ "$user" = root ] || home=/home/$user
chroot --userspec="$user:$user" "$root" /usr/bin/env -i HOME="$home" USER="$user" LOGNAME="$user" TERM=dumb LANG=C.UTF-8 \
	PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "${ways[@]}" \
	bash -c 'cd && eval "$1"' bash "$command" </dev/null
exit $?
INSIDE
}

# What is run inside: `make run` until it is ready; its page, a library of the page and /health; then an end by SIGTERM, which leaves no process.
# shellcheck disable=SC2016 # it is expanded there
run='cd longreel && set -m && { make run PORT=0 >~/run.log 2>&1 & }
make=$!
until base=$(sed -n "s/^ready //p" ~/run.log) && [ "$base" ]; do
	kill -0 $make 2>/dev/null || { wait $make; status=$?; cat ~/run.log; exit $status; }
	sleep 0.2
done
node -e "(async () => { for (const path of [\"/\", \"/page/app.js\", \"/vendor/preact.js\", \"/health\"]) {
	const { status } = await fetch(process.argv[1] + path);
	console.log(path, status);
	if (status !== 200) process.exitCode = 1;
} })()" "$base"; answered=$?
kill -TERM -- -$make
for tries in {1..300}; do
	grep -qsE "^(longreel|lighttpd)" /proc/[0-9]*/comm || exit $answered
	sleep 0.1
done
echo "$(cat /proc/[0-9]*/comm) do not end"; exit 1'

# step NAME ROOT USER COMMAND: runs it, with its output in ROOT.NAME.log, and says how long it took. Its status is the command's.
step() {
	local name=$1 root=$2 user=$3 command=$4 log=$2.$1.log begin=$SECONDS status=0
	inside "$root" "$user" "$command" >"$log" 2>&1 || status=$?
	echo "bare: ${root##*/}: $name as $user: $([ $status = 0 ] && echo good || echo "status $status") after $((SECONDS - begin)) s$(
		sed -n 's/^# \(pass\|fail\) \(.*\)/ \1 \2/p' "$log" | awk '{ n[$1] += $2 } END { for (k in n) printf ", %d %s", n[k], k }')"
	return $status
}

# as_told NAME ROOT COMMAND: as a user, who is refused, and told one line; then that line as root, and once more as the user
as_told() {
	local name=$1 root=$2 command=$3 line
	if step "$name-refused" "$root" ada "$command"; then
		echo "bare: ${root##*/}: $name: nothing was missing"
		return
	fi
	line=$(sed -n '/^setup: this needs root, or sudo. Please run:$/{n;p;q}' "$root.$name-refused.log")
	[ "$line" ] || return 1
	step "$name-line" "$root" root "$line" && step "$name" "$root" ada "$command"
}

# try SUITE WHO
try() {
	local root=$dir/$1.$2 home=/root tests="cd longreel && make setup-test && make -k $targets"
	[ "$targets" != test ] || tests='cd longreel && make test'
	rm -rf --one-file-system "$root"
	cp -a --one-file-system "$dir/$1.base" "$root"
	[ "$2" = root ] || { home=/home/ada && inside "$root" root 'useradd -m -s /bin/bash ada'; }
	git clone -q --no-hardlinks "$top" "$root$home/longreel"
	cp "$root/npmrc" "$root$home/.npmrc"
	chroot "$root" chown -R "$(basename "$home"):" "$home"
	if [ "$2" = root ]; then
		step run "$root" root "$run" && { [ ! "$targets" ] || step tests "$root" root "$tests"; }
	else
		as_told run "$root" "$run" && { [ ! "$targets" ] || as_told tests "$root" "$tests"; }
	fi
}

[ "$(id -u)" = 0 ] || fail 'this needs root.'
command -v debootstrap >/dev/null || fail 'this needs debootstrap.'
mirror=$(mirror)
[ "$mirror" ] || fail 'apt knows no mirror of Debian (apt-get update?).'
mkdir -p "$dir"
[ $# -gt 0 ] || set -- bookworm:root bookworm:user trixie:root trixie:user
for what; do
	base_of "${what%:*}"
	try "${what%:*}" "${what#*:}" || { failed=1 && echo "bare: $what: FAILED, see $dir/${what/:/.}.*.log"; }
done
exit $failed
