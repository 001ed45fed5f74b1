#!/bin/bash
# `make dist`, its first half: a tarball that runs on any Linux of this architecture with glibc 2.31 or later (2020): unpack it and run
# ./longreel serve. longreel and what it stands on (SQLite, libcurl, OpenSSL, lighttpd and smaller ones) are built in a root of Debian 11, and lie
# beside the programs; for what Debian 11 has too old, the sources are Debian 12's. The same commit makes the same bytes.
#
#     tarball.sh DIR      DIR gets longreel-VERSION-ARCH.tar.gz and its .sha256; the root and its logs stay in DIR/work
#
# Ten minutes for the first, two for each that follows.
# shellcheck disable=SC2154,SC2016 # root.sh names them; the root expands the rest
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=/dev/null
. "$top/conf/release/root.sh"
name=longreel-$(cat "$top/VERSION")-$(uname -m)

make_root bullseye "deb-src $(mirror) bookworm main"
lay_source bullseye
cp "$top/conf/release/inside.sh" "$work/bullseye/src/"
inside bullseye "bash /src/inside.sh $name"
finish bullseye "$name.tar.gz"
