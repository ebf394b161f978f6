#!/bin/sh
# The unit tests on a newer distribution, in a folder: another libdwarf (0.11 and the API of 2.x instead of 20210528),
# newer compilers, and what they write. The folder is made once and kept.
# usage: newer.sh FOLDER [TARGET...]; needs root and debootstrap, else it says SKIP.
set -eu

folder=$1
shift
suite=${NEWER_SUITE:-trixie}
mirror=${NEWER_MIRROR:-http://deb.debian.org/debian}
packages=gcc,g++,clang,rustc,dwz,make,pkgconf,libc6-dev,libelf-dev,libdwarf-dev,zlib1g-dev,libzstd-dev,liblzma-dev
packages=$packages,libjansson-dev,libxxhash-dev,libiberty-dev,libcmocka-dev

[ "$(id -u)" -eq 0 ] || {
	echo "SKIP newer: only root can change the root folder"
	exit 0
}
command -v debootstrap >/dev/null || {
	echo "SKIP newer: debootstrap is not installed"
	exit 0
}
mkdir -p "$folder"
root=$(cd "$folder" && pwd)
if [ ! -e "$root/made" ]; then
	debootstrap --variant=minbase --include="$packages" "$suite" "$root" "$mirror" >"$root.log" 2>&1 || {
		tail -n 5 "$root.log"
		exit 1
	}
	: >"$root/made"
fi

rm -rf "$root/src"
mkdir -p "$root/src"
tar cf - --exclude=./build --exclude=./.git . | tar xf - -C "$root/src"
if [ ! -e "$root/proc/self" ]; then
	mount -t proc proc "$root/proc"
	trap 'umount "$root/proc"' EXIT
fi
chroot "$root" make --no-print-directory -C /src "${@:-check-unit}"
