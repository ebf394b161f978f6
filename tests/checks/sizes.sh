#!/bin/sh
# Rooms and functions that fit in a head. A room (.c) of lib/ or inspector/ has at most 400 lines, any C file 600, a
# header 250, a function 60, a line 120 columns with tabs of 8. Exceptions are named below with their reason; one that
# is not needed any more is a fault, too.
# Prints "FILE: what is wrong".
set -eu

waivers() {
	cat <<'LIST'
lib/polyton.h 800 the whole public API in one header, most of it contract
LIST
}

files=$(find lib inspector gdb tests fixtures -name '*.[ch]' -o -name '*.cc' -o -name '*.cpp' -o -name '*.hpp' 2>/dev/null |
	sort) || :
[ -n "$files" ] || {
	echo "lib: no C files here: run this in the root of the repository"
	exit 1
}

# shellcheck disable=SC2086 # names without spaces
waivers | LC_ALL=C awk '
function complain(text) {
	print text
	bad = 1
}

# A waiver is "FILE LINES reason" or "FILE:FUNCTION LINES reason".
function limit(what, normal) {
	if (!(what in waived))
		return normal
	is_used[what] = 1
	return waived[what]
}

# Bytes 0x80 to 0xbf only go on with a character.
function width(line, column, i) {
	gsub(/[\200-\277]/, "", line)
	column = 0
	for (i = 1; i <= length(line); i++)
		column += substr(line, i, 1) == "\t" ? 8 - column % 8 : 1
	return column
}

function close_file(most) {
	if (file == "")
		return
	if (file ~ /\.h(pp)?$/)
		most = 250
	else
		most = file ~ /^(lib|inspector)\// ? 400 : 600
	if (lines > most && lines > limit(file, most))
		complain(file ": has " lines " lines, more than " limit(file, most))
	else if (lines > 600 && file != "lib/polyton.h")
		complain(file ": has " lines " lines; 600 is the end, with or without a waiver")
}

FILENAME == "-" {
	if (NF < 3)
		complain("tests/checks/sizes.sh: a waiver without a reason: " $0)
	waived[$1] = $2
	next
}

FNR == 1 {
	close_file()
	file = FILENAME
	is_inside = 0
	name = "?"
}

{ lines = FNR }

length($0) > 30 && width($0) > 120 { complain(FILENAME ":" FNR ": is " width($0) " columns wide, more than 120") }

# A definition begins at the left margin; so do its braces.
/^[A-Za-z_].*\(/ && !is_inside {
	name = $0
	sub(/\(.*/, "", name)
	sub(/.*[ *]/, "", name)
}
/^\{/ {
	is_inside = 1
	start = FNR
}
/^\}/ && is_inside {
	is_inside = 0
	key = FILENAME ":" name
	size = FNR - start + 1
	if (size > 60 && size > limit(key, 60))
		complain(FILENAME ":" start ": " name "() has " size " lines, more than " limit(key, 60))
}

END {
	close_file()
	for (what in waived)
		if (!(what in is_used))
			complain("tests/checks/sizes.sh: the waiver for " what " is not needed")
	exit bad
}
' - $files
