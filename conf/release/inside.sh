#!/bin/bash
# Runs in the root of Debian 11 that tarball.sh has made: builds what longreel stands on, once, and longreel, and packs both.
#
#     inside.sh NAME      leaves /out/NAME.tar.gz, with the folder NAME in it
#
# Of each library only what longreel uses is built. Every program and library finds its libraries by $ORIGIN (ld.so(8)), so that the folder
# may lie anywhere.
set -euo pipefail
name=$1
committed=$SOURCE_DATE_EPOCH
deps=/deps
libraries='libsqlite3.so.0 libcurl.so.4 libssl.so.3 libcrypto.so.3'        # built here
of_debian='libfcgi.so.0 libcjson.so.1 libsodium.so.23 libpcre2-8.so.0 libz.so.1' # Debian 11's own
flags='-O2 -fstack-protector-strong -D_FORTIFY_SOURCE=2 -ffile-prefix-map=/src=.'

# built NAME: true once; afterwards what was built is there
built() { [ -e "/src/$1.done" ]; }

# source_of PACKAGE: fetches and unpacks it, with Debian's patches, into /src/PACKAGE. A date that it builds in is that of Debian's version: it
# serves many commits of ours.
source_of() {
	rm -rf "/src/$1" && mkdir -p "/src/$1.fetched"
	(cd "/src/$1.fetched" && apt-get -q -o APT::Sandbox::User=root source "$1" && mv "$1"-*/ "/src/$1")
	mkdir -p "$deps/licenses" && cp "/src/$1/debian/copyright" "$deps/licenses/$1"
	cd "/src/$1"
	SOURCE_DATE_EPOCH=$(dpkg-parsechangelog -S Timestamp)
}

tools() {
	built tools && return
	apt-get -q update
	apt-get -q install -y --no-install-recommends build-essential pkg-config patchelf tcl perl zlib1g-dev libpcre2-dev libfcgi-dev libcjson-dev \
		libsodium-dev dpkg-dev
	for package in libfcgi0ldbl libcjson1 libsodium23 libpcre2-8-0 zlib1g; do
		mkdir -p $deps/licenses && cp /usr/share/doc/$package/copyright $deps/licenses/$package
	done
	touch /src/tools.done
}

sqlite() {
	built sqlite && return
	source_of sqlite3
	./configure --prefix=$deps --disable-static --disable-tcl --disable-readline CFLAGS="$flags -DSQLITE_DQS=0"
	make -j"$JOBS" libsqlite3.la
	make install
	touch /src/sqlite.done
}

openssl() {
	built openssl && return
	source_of openssl
	# shellcheck disable=SC2086 # the flags are words
	./Configure --prefix=$deps --libdir=lib --openssldir=/etc/ssl shared no-tests no-legacy no-dso no-engine no-ssl3 no-dtls no-srp no-psk no-idea \
		no-seed no-camellia no-aria no-gost $flags
	make -j"$JOBS" build_libs
	make install_dev
	touch /src/openssl.done
}

curl() {
	built curl && return
	source_of curl
	./configure --prefix=$deps --disable-static --with-openssl=$deps --with-zlib --without-libpsl --without-brotli --without-zstd --without-nghttp2 \
		--without-libidn2 --disable-ldap --disable-ldaps --disable-ftp --disable-file --disable-rtsp --disable-dict --disable-telnet \
		--disable-tftp --disable-pop3 --disable-imap --disable-smb --disable-smtp --disable-gopher --disable-mqtt --disable-manual \
		--without-ca-path --with-ca-bundle=/etc/ssl/certs/ca-certificates.crt CFLAGS="$flags"
	make -j"$JOBS" -C lib
	make -C lib install
	make -C include install
	touch /src/curl.done
}

lighttpd() {
	built lighttpd && return
	source_of lighttpd
	./configure --prefix=/usr --libdir=/usr/lib/lighttpd --with-pcre2 --without-zlib --without-bzip2 --without-lua CFLAGS="$flags"
	make -j"$JOBS"
	make install DESTDIR=/src/lighttpd.installed
	touch /src/lighttpd.done
}

# with_libraries FILE PATH: FILE finds its libraries in PATH, from the folder that it lies in
with_libraries() {
	strip --strip-unneeded "$1"
	# shellcheck disable=SC2016 # ld.so knows it
	patchelf --force-rpath --set-rpath '$ORIGIN'"$2" "$1"
}

longreel() {
	cd /src/longreel
	mkdir -p build/lighttpd/usr/lib/lighttpd build/lighttpd/usr/sbin
	cp /src/lighttpd.installed/usr/sbin/lighttpd build/lighttpd/usr/sbin/
	cp /src/lighttpd.installed/usr/lib/lighttpd/*.so build/lighttpd/usr/lib/lighttpd/
	CPPFLAGS=-I$deps/include LDFLAGS=-L$deps/lib make -j"$JOBS" all OPT="$flags"
	make install OPT="$flags" DESTDIR=/out PREFIX=/usr
}

pack() {
	cd /out
	mv usr/lib/longreel "$name"
	mkdir -p "$name/lib" "$name/man" "$name/doc/licenses"
	mv usr/share/man/man1/* "$name/man/"
	mv usr/share/doc/longreel/* "$name/doc/"
	cp /src/longreel/conf/systemd/* /src/longreel/conf/completion.bash "$name/doc/"
	cp /src/longreel/LICENSE "$name/"
	cp $deps/licenses/* "$name/doc/licenses/"
	for library in $libraries; do cp -L "$deps/lib/$library" "$name/lib/"; done
	for library in $of_debian; do cp -L "$(ldconfig -p | awk -v l="$library" '$1 == l { print $NF; exit }')" "$name/lib/"; done
	for file in "$name"/lib/*; do with_libraries "$file" ''; done
	for file in "$name"/longreel "$name"/longreel-poller; do with_libraries "$file" /lib; done
	for file in "$name"/cgi-bin/*; do with_libraries "$file" /../lib; done
	for file in "$name"/lighttpd/usr/sbin/lighttpd "$name"/lighttpd/usr/lib/lighttpd/*.so; do
		with_libraries "$file" "$([ "${file%.so}" = "$file" ] && echo /../../../lib || echo /../../../../lib)"
	done
	chmod -R u=rwX,go=rX "$name"
	tar --sort=name --mtime="@$committed" --owner=0 --group=0 --numeric-owner --format=gnu -c "$name" | gzip -n9 >"$name.tar.gz"
}

tools
sqlite
openssl
curl
lighttpd
longreel
pack
