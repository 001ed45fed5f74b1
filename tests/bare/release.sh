#!/bin/bash
# What `make dist` leaves, and the source, on bare roots of Debian 12 and 13: the tarball as an ordinary user, the package (installed, set up, upgraded,
# removed, purged), the steps of conf/Containerfile, which so need no builder of containers, and `make run` of a clone. Each is used until there is a
# first video, and the last lines are a table: seconds to the first answer and to that video, and megabytes that were fetched, with apt's lists.
# Needs root, and the roots that bare.sh makes (BARE_DIR); they stay as they are: all is done in an overlay that ends with its processes.
#
#     release.sh [DIR [SUITE:WAY…]]      DIR has the tarball and the package: build/dist; WAY is tarball, package, container or source
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
dist=$(cd "${1:-$top/build/dist}" && pwd)
roots=${BARE_DIR:-$top/build/bare}
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
failed=0

# The functions that every command below has: to wait for an instance whose output is /tmp/out, to ask it, and to make a video with it. A bare root
# has no HTTP client but bash.
# shellcheck disable=SC2016 # it is expanded inside
tools='fail() { echo "FAILED: $*"; tail -n 20 /tmp/err /tmp/log /tmp/out 2>/dev/null; exit 1; }
began=$(date +%s%N) token=
note() { echo "    $1: $2"; echo "$1 $2" >>/tmp/result; }
took() { note "$1" $((($(date +%s%N) - began) / 1000000)); }
as() { exec setpriv --reuid="$1" --regid="$1" --clear-groups env HOME="/home/$1" "${@:2}"; }
ready() {
	until grep -qs ^ready /tmp/out; do kill -0 "$1" || fail no start; sleep 0.1; done
	port=$(sed -n "s/^ready .*://p" /tmp/out)
	call GET /health | grep -q success..true || fail no answer
	took "ms to the first answer"
	call GET /page/app.js | grep -q "^HTTP/1.. 200" || fail no page
}
call() {
	exec 3<>"/dev/tcp/127.0.0.1/$port" || return
	printf "%s %s HTTP/1.0\r\nContent-Type: application/json\r\n%bContent-Length: %d\r\n\r\n%s" "$1" "$2" \
		"${token:+Authorization: Bearer $token\r\n}" "${#3}" "${3:-}" >&3
	cat <&3
	exec 3>&-
}
value() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }
video() {
	ada="{\"username\":\"ada\",\"password\":\"correct horse\"}" tries=0
	token=$(call POST /api/auth/login "$ada" | value token)
	[ "$token" ] || { call POST /api/auth/register "$ada" >>/tmp/log; token=$(call POST /api/auth/login "$ada" | value token); }
	id=$(call POST /v1/videos "{\"prompt\":\"a cat\"}" | value id)
	[ "$id" ] || fail no task
	until call GET "/v1/videos/$id?wait=25" | grep -q completed...progress; do
		[ $((tries += 1)) -lt 100 ] || fail the task does not end
	done
	call GET "/api/video/tasks/$id/content" >/tmp/video
	grep -qa ftyp /tmp/video || fail no video
	took "ms to the first video"
}
get() { DEBIAN_FRONTEND=noninteractive apt-get -q "$@" >>/tmp/log 2>&1 || fail "apt-get $*"; }
fetched() {
	note "kB fetched" $(($(awk "/^Fetched/ { sub(\",\", \"\", \$2); kb += \$2 * (\$3 == \"MB\" ? 1000 : \$3 == \"B\" ? 0.001 : 1) }
		END { printf \"%d\", kb }" /tmp/log /tmp/out) + $(du -ck "$@" | sed -n "\$s/\t.*//p")))
}
printf "#!/bin/sh\nexit 101\n" >/usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d   # no init here
rm -rf /var/lib/apt/lists/*
'

# The variables that lead to a proxy or a certificate; names only differ in case.
ways() {
	env | grep -iE '^(https?_proxy|no_proxy|npm_config_[a-z_]+|node_extra_ca_certs)=' || true
}

# inside SUITE WAY COMMAND: in an overlay of the bare root, with the artefacts in /dist, or a clone for the way `source`
inside() {
	# shellcheck disable=SC2016 # it is expanded there
	unshare --mount --pid --fork --kill-child bash -ec '
		ways=()
		[ ! "$6" ] || mapfile -t ways <<<"$6"
		mount --make-rprivate /
		mount -t tmpfs tmpfs /mnt
		mkdir /mnt/upper /mnt/work /mnt/root
		mount -t overlay overlay -o "lowerdir=$1,upperdir=/mnt/upper,workdir=/mnt/work" /mnt/root
		mkdir /mnt/root/dist
		[ "$4" = source ] && git clone -q --depth 1 "file://$5" /mnt/root/root/longreel || cp "$2"/longreel* /mnt/root/dist/
		cp /mnt/root/npmrc /mnt/root/root/.npmrc 2>/dev/null || true
		mount -t proc proc /mnt/root/proc
		mount --bind /dev /mnt/root/dev
		status=0
		chroot /mnt/root /usr/bin/env -i HOME=/root LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "${ways[@]}" \
			bash -c "$3" || status=$?
		cp /mnt/root/tmp/result "$7"
		exit $status' bash "$roots/$1.base" "$dist" "$tools$3" "$2" "$top" "$(ways)" "$results/$1:$2" </dev/null
}

# shellcheck disable=SC2016 # as above
tarball='useradd -m ada
tar -xzf /dist/longreel-*.tar.gz -C /home/ada
cd /home/ada/longreel-*/
as ada ./longreel serve >/tmp/out 2>/tmp/err &
ready $!
grep -q simulator /tmp/out || fail no simulator
video
fetched /dist/longreel-*.tar.gz'

# Its upstream is a simulator, run beside it, in place of a provider: what an operator does who has a key.
# shellcheck disable=SC2016
package='get update
get install -y --no-install-recommends /dist/longreel_*.deb
[ "$(stat -c %U:%G:%a /etc/longreel/longreel.conf /var/lib/longreel | xargs)" = "root:longreel:640 longreel:longreel:700" ] || fail modes
as longreel longreel serve --data /tmp/upstream --simulator --listen 127.0.0.1:0 >/tmp/simulator 2>/tmp/err &
until grep -qs ^ready /tmp/simulator; do kill -0 $! || fail no simulator; sleep 0.1; done
printf "some-key\ncorrect horse\n" | longreel setup --registration closed --dialect sora --base "$(sed -n "s/^ready //p" /tmp/simulator)/simulator" --key-file - \
	--administrator ada >>/tmp/log 2>&1 || fail setup
as longreel longreel serve --data /var/lib/longreel >/tmp/out 2>/tmp/err &
ready $!
video
fetched /dist/longreel_*.deb
for unit in longreel.service longreel-fcgi.service longreel-poller.timer longreel-backup.timer; do
	[ -e /lib/systemd/system/$unit ] || fail no $unit
	grep -q /usr/local /lib/systemd/system/$unit && fail $unit has paths of its own
done
dpkg-deb -R /dist/longreel_*.deb /tmp/next
sed -i "s/^Version: .*/&+next/" /tmp/next/DEBIAN/control
dpkg-deb -b /tmp/next /tmp/next.deb >/dev/null
dpkg -i /tmp/next.deb >>/tmp/log 2>&1 </dev/null || fail upgrade
grep -q "^registration = closed" /etc/longreel/longreel.conf || fail the configuration was overwritten
kill $(jobs -p) && wait   # as the unit would be
dpkg -r longreel >>/tmp/log 2>&1 || fail removal
[ -e /etc/longreel/longreel.conf ] && [ -e /var/lib/longreel/longreel.db ] && [ ! -e /usr/lib/longreel ] || fail what a removal removes
dpkg -i /tmp/next.deb >>/tmp/log 2>&1 || fail installing it again
grep -q "^registration = closed" /etc/longreel/longreel.conf || fail the configuration was not kept
dpkg --purge longreel >/tmp/purge 2>&1 || fail purge
grep -q "rm -r /var/lib/longreel" /tmp/purge || fail nothing was said about the data
[ ! -e /etc/longreel ] && [ -e /var/lib/longreel/longreel.db ] && getent passwd longreel >/dev/null || fail what a purge removes
rm -r /var/lib/longreel
dpkg -i /tmp/next.deb >>/tmp/log 2>&1 && dpkg --purge longreel >>/tmp/log 2>&1 || fail a purge without data
[ ! -e /var/lib/longreel ] && ! getent passwd longreel >/dev/null || fail a purge without data leaves something'

# The steps of the Containerfile, in their order, as commands; `--simulator` as on a first look.
container() {
	awk '/^COPY / { print "cp /dist/" $2, $3 }
		/^RUN / { sub(/^RUN /, ""); print "{ " $0 "; } >>/tmp/log 2>&1 || fail a step" }
		/^ENV / { print "export " $2 }
		/^USER / { user = $2 }
		/^ENTRYPOINT / { gsub(/^ENTRYPOINT |[][",]/, ""); entry = $0 }
		/^CMD / { gsub(/^CMD |[][",]/, ""); command = $0 }
		/^HEALTHCHECK / { match($0, /CMD \[.*/); check = substr($0, RSTART + 4); gsub(/^\["bash", "-c", "|"\]$/, "", check); gsub(/\\\\/, "\\", check) }
		END { print "as", user, entry, command, "--simulator >/tmp/out 2>/tmp/err &\nready $!"
			print "cat >/tmp/check <<\"END\"\n" check "\nEND\n(as", user, "bash /tmp/check) || fail the health check"
			print "video\nfetched /dist/longreel_*.deb" }' "$top/conf/Containerfile"
}

# The clone counts by what git has fetched.
# shellcheck disable=SC2016
source='cd /root/longreel
make run PORT=0 >/tmp/out 2>&1 &
ready $!
video
fetched .git/objects ~/.npm/_cacache'

[ "$(id -u)" = 0 ] || { echo 'release.sh: this needs root.' >&2 && exit 1; }
shift || true
[ $# -gt 0 ] || set -- bookworm:{tarball,package,source} trixie:{tarball,package,container,source}
for what; do
	echo "$what"
	case ${what#*:} in
	container) command=$(container) ;;
	tarball) command=$tarball ;;
	package) command=$package ;;
	source) command=$source ;;
	*) echo "release.sh: there is no way ${what#*:}" >&2 && exit 1 ;;
	esac
	inside "${what%:*}" "${what#*:}" "$command" || { failed=1 && echo "$what: FAILED"; }
done
echo '| | first answer | first video | fetched |'
echo '|---|---|---|---|'
for what; do
	[ ! -e "$results/$what" ] || awk -v what="$what" '{ v[$0 ~ /answer/ ? 1 : $0 ~ /video/ ? 2 : 3] = $NF }
		END { printf "| %s | %.1f s | %.1f s | %.1f MB |\n", what, v[1] / 1000, v[2] / 1000, v[3] / 1000 }' "$results/$what"
done
exit $failed
