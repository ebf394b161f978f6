#!/bin/sh
# Nothing of the inspector but inspector/term/ has a symbol of curses, and the library has none at all.
# Prints "OBJECT FILE: what is wrong". usage: [BUILD=FOLDER] curses.sh
set -eu

build=${BUILD:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C

# What the program takes from curses: the libraries are those that it is linked with.
libraries=$(ldd "$build/polyton" | sed -n 's/.*\(libncurses\|libtinfo\)[^ ]* => \([^ ]*\).*/\2/p')
[ -n "$libraries" ] || {
	echo "$build/polyton: is not linked with curses"
	exit 1
}
# shellcheck disable=SC2086 # paths of libraries
nm -D --defined-only --format=posix $libraries | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\).*/\1/p' | sort -u > "$work/curses"

status=0
for file in $(find "$build/obj/lib" "$build/obj/inspector" -name '*.o' ! -path '*/inspector/term/*' | sort); do
	nm -u --format=posix "$file" | sed 's/ .*//' | sort -u > "$work/wanted"
	found=$(comm -12 "$work/curses" "$work/wanted")
	[ -z "$found" ] || {
		echo "$file: uses curses: $(echo "$found" | paste -sd' ')"
		status=1
	}
done
exit $status
