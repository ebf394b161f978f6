#!/bin/sh
# The unit tests on a newer distribution, in a folder: another libdwarf (0.11 or 2.x instead of 20210528), newer
# compilers, and what they write. Or other targets: those of a newer GDB. The folder is made once for each distribution
# and kept.
# usage: newer.sh FOLDER [TARGET...]; needs root and debootstrap, else it says SKIP.
#
#   NEWER_SUITE=sid            another suite of Debian than trixie
#   NEWER_MIRROR=URL           where it is fetched from; Ubuntu's for its suites
#   NEWER_MORE=NAME,...        further packages
#   NEWER_FIXTURES=FOLDER      fixtures that are built already; they are seen as build/fixtures
#   NEWER_ROOT=FOLDER          a root folder that is there already, made by other means: of Fedora, say. It has what
#                              `bootstrap` installs there.
set -eu

suite=${NEWER_SUITE:-trixie}
folder=$1/$suite
shift
mirror=${NEWER_MIRROR:-http://deb.debian.org/debian}
packages=gcc,g++,clang,rustc,dwz,make,pkgconf,libc6-dev,libelf-dev,libdwarf-dev,zlib1g-dev,libzstd-dev,liblzma-dev
packages=$packages,libncurses-dev,libjansson-dev,libyaml-dev,libxxhash-dev,libiberty-dev,libcmocka-dev${NEWER_MORE:+,$NEWER_MORE}

[ "$(id -u)" -eq 0 ] || {
	echo "SKIP newer: only root can change the root folder"
	exit 0
}

make_root() {
	[ ! -e "$root/made" ] || return 0
	debootstrap --variant=minbase --include="$packages" "$suite" "$root" "$mirror" >"$root.log" 2>&1 || {
		tail -n 5 "$root.log"
		exit 1
	}
	: >"$root/made"
}

if [ -n "${NEWER_ROOT:-}" ]; then
	root=$(cd "$NEWER_ROOT" && pwd)
elif command -v debootstrap >/dev/null; then
	mkdir -p "$folder"
	root=$(cd "$folder" && pwd)
	make_root
else
	echo "SKIP newer: debootstrap is not installed"
	exit 0
fi

rm -rf "$root/src"
mkdir -p "$root/src"
tar cf - --exclude=./build --exclude=./.git . | tar xf - -C "$root/src"
# Mounts and processes of its own: whatever happens, none is left. Tests need terminals, and some mount something.
# shellcheck disable=SC2016 # for the inner shell
unshare --mount --pid --fork --kill-child -- sh -euc '
	root=$1 fixtures=$2
	shift 2
	mount --bind "$root" "$root"
	mount -t proc proc "$root/proc"
	mkdir -p "$root/dev/pts" "$root/dev/shm"
	mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
	mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
	ln -sf pts/ptmx "$root/dev/ptmx"
	if [ -n "$fixtures" ]; then
		mkdir -p "$root/src/build/fixtures"
		mount --bind "$fixtures" "$root/src/build/fixtures"
	fi
	exec chroot "$root" make --no-print-directory -C /src "$@"
' enter "$root" "${NEWER_FIXTURES:-}" "${@:-check-unit}"
# What it was that passed.
(cd "$root" && sed -n 's/^PRETTY_NAME=//p' etc/os-release && ls usr/lib/*/libdwarf.so.*.* usr/lib64/libdwarf.so.*.*) 2>/dev/null || true
chroot "$root" gcc --version | head -n 1
[ ! -e "$root/usr/bin/gdb" ] || chroot "$root" gdb --version | head -n 1
