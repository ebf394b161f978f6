#!/bin/sh
# The public names are the same in four places: lib/polyton.h with the part that it includes, lib/polyton.map, the shared library and the static one.
# Prints "PLACE: what is wrong". usage: [BUILD=FOLDER] exports.sh
set -eu

build=${BUILD:-build}
header=lib/polyton.h part=lib/polyton_run.h map=lib/polyton.map shared=$build/libpolyton.so.0 static=$build/libpolyton.a
for file in "$header" "$part" "$map" "$shared" "$static"; do
	[ -f "$file" ] || {
		echo "$file: is not there: run make first"
		exit 1
	}
done

lists=$(mktemp -d)
trap 'rm -rf "$lists"' EXIT

# A declaration may run over lines; the name is the word before its first parenthesis.
sed -e 's,//.*,,' -e '/^#/d' "$header" "$part" | tr '\n\t' '  ' | sed -E 's,/\*[^*]*\*+([^/*][^*]*\*+)*/,,g' | tr ';' '\n' |
	sed -n 's/.*POLYTON_API[^(]*[ *]\([A-Za-z_][A-Za-z0-9_]*\) *(.*/\1/p' | sort >"$lists/header"
awk '/global:/ { on = 1; next } /local:/ { on = 0 } on && /;/ { gsub(/[ \t;]/, ""); print }' "$map" | sort >"$lists/map"
# The version nodes themselves are absolute symbols.
nm -D --defined-only --format=posix "$shared" | awk '$2 != "A" { sub(/@.*/, "", $1); print $1 }' | sort >"$lists/shared"
nm -g --defined-only --format=posix "$static" | awk 'NF > 1 { print $1 }' | sort >"$lists/static"

status=0
[ -s "$lists/header" ] || {
	echo "$header: declares nothing POLYTON_API"
	status=1
}
# compare NAME PLACE: that list against the header's.
compare() {
	for name in $(comm -23 "$lists/header" "$lists/$1"); do
		echo "$2: lacks $name, which $header declares"
		status=1
	done
	for name in $(comm -13 "$lists/header" "$lists/$1"); do
		echo "$2: has $name, which $header does not declare"
		status=1
	done
}
compare map "$map"
compare shared "$shared"
compare static "$static"
exit $status
