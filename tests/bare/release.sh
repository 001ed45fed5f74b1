#!/bin/bash
# What `make dist` leaves, on bare roots of Debian 12 and 13: the tarball as an ordinary user, the package (installed, set up, upgraded,
# purged), and the steps of conf/Containerfile, which so need no builder of containers. Each says how long it took to the first answer.
# Needs root, and the roots that bare.sh makes (BARE_DIR); they stay as they are: all is done in an overlay that ends with its processes.
#
#     release.sh [DIR]      DIR has the tarball and the package: build/dist
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
dist=$(cd "${1:-$top/build/dist}" && pwd)
roots=${BARE_DIR:-$top/build/bare}
failed=0

# The functions that every command below has: to wait for an instance whose output is /tmp/out, and to ask it.
# shellcheck disable=SC2016 # it is expanded inside
tools='fail() { echo "FAILED: $*"; cat /tmp/err /tmp/log 2>/dev/null | tail -n 20; exit 1; }
began=$(date +%s%N)
as() { setpriv --reuid="$1" --regid="$1" --clear-groups env HOME="/home/$1" "${@:2}"; }
ready() {
	for tries in {1..600}; do ! grep -qs ^ready /tmp/out || break; sleep 0.1; done
	port=$(sed -n "s/^ready .*://p" /tmp/out)
	exec 3<>"/dev/tcp/127.0.0.1/$port" && printf "GET /health HTTP/1.0\r\n\r\n" >&3 && grep -q success..true <&3 || fail no answer
	echo "    first answer after $((($(date +%s%N) - began) / 1000000)) ms"
}
get() { DEBIAN_FRONTEND=noninteractive apt-get -q "$@" >/tmp/log 2>&1 || fail "apt-get $*"; sed -n "s/^Need to get/    &/p" /tmp/log; }
printf "#!/bin/sh\nexit 101\n" >/usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d   # no init here
'

# inside SUITE COMMAND: in an overlay of the bare root, with the artefacts in /dist
inside() {
	# shellcheck disable=SC2016 # it is expanded there
	unshare --mount --pid --fork --kill-child bash -ec '
		mount --make-rprivate /
		mount -t tmpfs tmpfs /mnt
		mkdir /mnt/upper /mnt/work /mnt/root
		mount -t overlay overlay -o "lowerdir=$1,upperdir=/mnt/upper,workdir=/mnt/work" /mnt/root
		mkdir /mnt/root/dist
		cp "$2"/longreel* /mnt/root/dist/
		mount -t proc proc /mnt/root/proc
		mount --bind /dev /mnt/root/dev
		chroot /mnt/root /usr/bin/env -i HOME=/root LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin bash -c "$3"' \
		bash "$roots/$1.base" "$dist" "$tools$2" </dev/null
}

# shellcheck disable=SC2016 # as above
tarball='useradd -m ada
tar -xzf /dist/longreel-*.tar.gz -C /home/ada
cd /home/ada/longreel-*/
as ada ./longreel serve >/tmp/out 2>/tmp/err &
ready
grep -q simulator /tmp/out || fail no simulator'

# shellcheck disable=SC2016
package='get update
get install -y --no-install-recommends /dist/longreel_*.deb
[ "$(stat -c %U:%G:%a /etc/longreel/longreel.conf /var/lib/longreel | xargs)" = "root:longreel:640 longreel:longreel:700" ] || fail modes
longreel setup --registration closed >/tmp/log || fail setup
as longreel longreel serve --data /var/lib/longreel >/tmp/out 2>/tmp/err &
ready
dpkg-deb -R /dist/longreel_*.deb /tmp/next
sed -i "s/^Version: .*/&+next/" /tmp/next/DEBIAN/control
dpkg-deb -b /tmp/next /tmp/next.deb >/dev/null
dpkg -i /tmp/next.deb >/tmp/log 2>&1 || fail upgrade
grep -q "^registration = closed" /etc/longreel/longreel.conf || fail the configuration was overwritten
dpkg --purge longreel >/tmp/log 2>&1 || fail purge
grep -q "rm -r /var/lib/longreel" /tmp/log || fail nothing was said about the data
[ ! -e /etc/longreel ] && [ -e /var/lib/longreel/longreel.db ] || fail what a purge removes'

# The steps of the Containerfile, in their order, as commands.
container() {
	awk '/^COPY / { print "cp /dist/" $2, $3 }
		/^RUN / { sub(/^RUN /, ""); print "{ " $0 "; } >/tmp/log 2>&1 || fail a step" }
		/^ENV / { print "export " $2 }
		/^USER / { user = $2 }
		/^ENTRYPOINT / { gsub(/^ENTRYPOINT |[][",]/, ""); entry = $0 }
		/^CMD / { gsub(/^CMD |[][",]/, ""); command = $0 }
		/^HEALTHCHECK / { match($0, /CMD \[.*/); check = substr($0, RSTART + 4); gsub(/^\["bash", "-c", "|"\]$/, "", check); gsub(/\\\\/, "\\", check) }
		END { print "as", user, entry, command, ">/tmp/out 2>/tmp/err &\nready"
			print "cat >/tmp/check <<\"END\"\n" check "\nEND\nas", user, "bash /tmp/check || fail the health check" }' "$top/conf/Containerfile"
}

[ "$(id -u)" = 0 ] || { echo 'release.sh: this needs root.' >&2 && exit 1; }
for suite in bookworm trixie; do
	for what in tarball package container; do
		[ "$what$suite" != containerbookworm ] || continue
		echo "$suite: $what"
		case $what in
		tarball) command=$tarball ;;
		package) command=$package ;;
		*) command=$(container) ;;
		esac
		inside "$suite" "$command" || { failed=1 && echo "$suite: $what: FAILED"; }
	done
done
exit $failed
