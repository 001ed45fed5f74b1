#!/bin/bash
# `make dist`, its second half: Debian's package, for Debian 12 and later, made by debhelper from conf/release/debian in a root of Debian 12. Its lighttpd
# is Debian's, kept from the system's own folders: the package lighttpd would start a server on port 80.
#
#     deb.sh DIR      DIR gets longreel_VERSION_ARCH.deb and its .sha256; the root and its logs stay in DIR/work
# shellcheck disable=SC2154,SC2016 # root.sh names them; the root expands the rest
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=/dev/null
. "$top/conf/release/root.sh"
version=$(cat "$top/VERSION")

make_root bookworm
lay_source bookworm
source=$work/bookworm/src/longreel
cp -r "$top/conf/release/debian" "$source/"
mkdir -p "$source/debian/source"
echo '3.0 (native)' >"$source/debian/source/format"
cat >"$source/debian/changelog" <<TEXT
longreel ($version) unstable; urgency=medium

  * See /usr/share/doc/longreel/CHANGELOG.md.gz.

 -- the longreel authors <authors@longreel.example.org>  $(git -C "$top" log -1 --format=%cD)
TEXT
{
	printf 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nCopyright: 2026 the longreel authors\nLicense: ISC\n'
	sed -n '/^Permission/,$p' "$top/LICENSE" | sed 's/^$/./; s/^/ /'
} >"$source/debian/copyright"
inside bookworm 'apt-get -q update &&
	apt-get -q install -y --no-install-recommends build-essential debhelper lintian libcjson-dev libcurl4-openssl-dev libfcgi-dev libsodium-dev \
		libsqlite3-dev ca-certificates $(apt-cache depends -i lighttpd | awk "/Depends: lib/ { print \$2 }") &&
	cd /src/longreel && mkdir -p build/lighttpd && (cd build && apt-get -qq -o APT::Sandbox::User=root download lighttpd &&
		dpkg-deb -x lighttpd_*.deb lighttpd && rm lighttpd_*.deb) &&
	dpkg-buildpackage -b -us -uc && mv ../longreel_*.deb /out/ && lintian --fail-on error,warning --info /out/longreel_*.deb'
finish bookworm "longreel_${version}_$(dpkg --print-architecture).deb"
