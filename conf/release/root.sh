# shellcheck shell=bash disable=SC2154
# What tarball.sh and deb.sh have in common, to be sourced: roots of Debian in which releases are built. Wants $top (the source) and $work (where the
# roots are); needs root, debootstrap and git.

fail() {
	echo "${0##*/}: $*" >&2
	exit 1
}

# The mirror of this machine, by apt's own account.
mirror() {
	# shellcheck disable=SC2016 # apt fills them in
	apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' 'Created-By: Packages' | sed -n 's/^Debian|Debian|//p' | sort | uniq -c |
		sort -rn | awk 'NR == 1 { print $2 }'
}

# make_root SUITE [LINE]: a minimal root, once, with LINE among apt's sources
make_root() {
	local root=$work/$1
	[ ! -e "$root.done" ] || return 0
	rm -rf --one-file-system "$root"
	debootstrap --variant=minbase "$1" "$root" "$(mirror)" >"$work/$1.log" 2>&1 || fail "debootstrap has failed; see $work/$1.log"
	cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
	apt-config dump | grep -E '^Acquire::(Check|http|https|ForceIPv|Retries)' >"$root/etc/apt/apt.conf.d/99release" || true
	echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/release" # a root that is lost is made again
	[ -z "${2:-}" ] || echo "$2" >"$root/etc/apt/sources.list.d/release.list"
	touch "$root.done"
}

# lay_source SUITE: the last commit, and the page that is built, in /src/longreel; the release is to come into /out
lay_source() {
	local root=$work/$1
	[ -e "$top/build/share/web/page/app.js" ] || fail 'the page is not built; run make first.'
	rm -rf "$root/src/longreel" "$root/out"
	mkdir -p "$root/src/longreel/build/share/web" "$root/out"
	git -C "$top" archive HEAD | tar -x -C "$root/src/longreel"
	cp -r "$top/build/share/web/vendor" "$top/build/share/web/page" "$root/src/longreel/build/share/web/"
}

# inside SUITE COMMAND: in the root, with processes and mounts of its own, which end with it; its output goes to SUITE.build.log
inside() {
	# shellcheck disable=SC2016 # it is expanded there
	unshare --mount --pid --fork --kill-child bash -ec '
		mount --make-rprivate /
		mount -t proc proc "$1/proc"
		mount --bind /dev "$1/dev"
		chroot "$1" /usr/bin/env -i HOME=/root LANG=C.UTF-8 TZ=UTC PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive \
			SOURCE_DATE_EPOCH="$3" JOBS="$(nproc)" bash -c "$2"' bash "$work/$1" "$2" "$(git -C "$top" log -1 --format=%ct)" \
		</dev/null >"$work/$1.build.log" 2>&1 || { tail -n 20 "$work/$1.build.log" >&2 && fail "see $work/$1.build.log"; }
}

# finish SUITE FILE: FILE of the root's /out, and its checksum, go to DIR
finish() {
	cp "$work/$1/out/$2" "$dir/"
	(cd "$dir" && sha256sum "$2" >"$2.sha256")
	echo "$dir/$2: $(stat -c %s "$dir/$2") bytes"
}

[ "$(id -u)" = 0 ] || fail 'this needs root.'
command -v debootstrap >/dev/null || fail 'this needs debootstrap.'
dir=$(mkdir -p "${1:?the folder that the release goes to}" && cd "$1" && pwd)
work=$dir/work
mkdir -p "$work"
