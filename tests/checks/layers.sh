#!/bin/sh
# Who may include whom. A floor of lib/ includes itself and the floors below it; what stands directly in lib/ is on
# top of them all; everything outside lib/ knows polyton.h only, but for the unit tests, what supports them, and the
# fuzzers. The programs that polyton is measured against (tests/peers) know neither.
# Prints "FILE:LINE: what is wrong"; silent when all is well.
set -eu

files=$(find lib inspector gdb tests fixtures -name '*.[ch]' -o -name '*.cc' -o -name '*.cpp' -o -name '*.hpp' 2>/dev/null |
	sort) || :
[ -n "$files" ] || {
	echo "lib: no C files here: run this in the root of the repository"
	exit 1
}

# Programs of their own among the tests' support: they are users of polyton like any other.
tools=$(grep -lE '^int main\(' tests/support/*.c 2>/dev/null) || :

# shellcheck disable=SC2086 # names without spaces, as everywhere in this tree
awk -v files="$files" -v tools="$tools" '
function complain(text) {
	print FILENAME ":" FNR ": " text
	bad = 1
}

# The floor that a path below lib/ is on, "" for what stands directly in lib/.
function floor_of(path, part) {
	return split(path, part, "/") > 1 ? part[1] : ""
}

function folder_of(path) {
	sub(/\/[^\/]*$/, "", path)
	return path
}

# The path that an include beside FILENAME names, "a/../" taken out.
function beside(included, path) {
	path = folder_of(FILENAME) "/" included
	while (sub(/[^\/]+\/\.\.\//, "", path))
		;
	return path
}

# A room of lib/ includes another file of lib/.
function check_floors(from, included, to) {
	to = floor_of(included)
	if (!("lib/" included in exists)) {
		complain("\"" included "\" is no file of lib/ (an include names the path below lib/)")
	} else if (included == "polyton.h" || from == "") {
		return
	} else if (to == "") {
		complain("a room of " from "/ includes \"" included "\", which stands above all floors")
	} else if (rank[to] > rank[from]) {
		complain("a room of " from "/ includes \"" included "\" of a floor above it")
	} else if ((from == "dwarf" && to == "target") || (from == "target" && to == "dwarf")) {
		complain("dwarf/ and target/ know nothing of each other: \"" included "\"")
	}
}

# A file outside lib/ includes something of its own folders, or polyton.h.
function check_outside(included, top, path) {
	top = FILENAME
	sub(/\/.*/, "", top)
	path = beside(included)
	if (included == "polyton.h" || (path in exists && index(path, top "/") == 1) || (top "/" included in exists))
		return
	if (!("lib/" included in exists) && !(path in exists))
		complain("\"" included "\" is not beside this file, nor a path below " top "/")
	else if (FILENAME !~ /^tests\/(unit|support|fuzz|bench)\// || FILENAME in is_tool)
		complain("\"" included "\" is inside lib/: outside it only polyton.h is known")
}

function check_foreign(header) {
	if (header ~ /^(libelf|gelf)\.h$|^elfutils\// && FILENAME !~ /^lib\/elf\/|^tests\/peers\//)
		complain("<" header ">: only lib/elf/ knows libelf")
	if (header ~ /^(libdwarf|dwarf)\.h$|^libdwarf/ && FILENAME !~ /^lib\/dwarf\//)
		complain("<" header ">: only lib/dwarf/ knows libdwarf")
	if (header ~ /^(curses|term|panel|menu|form)\.h$|^ncurses/ && FILENAME !~ /^inspector\/term\//)
		complain("<" header ">: only inspector/term/ knows curses")
	if (header == "yaml.h" && FILENAME !~ /^inspector\/policy\//)
		complain("<" header ">: only inspector/policy/ knows libyaml")
}

BEGIN {
	count = split("base arch elf target link tls model dwarf value find report", floors, " ")
	for (i = 1; i <= count; i++)
		rank[floors[i]] = i
	count = split(files, list, "\n")
	for (i = 1; i <= count; i++)
		exists[list[i]] = 1
	count = split(tools, list, "\n")
	for (i = 1; i <= count; i++)
		is_tool[list[i]] = 1
	machines = "__(x86_64|amd64|i386|aarch64|arm|riscv|riscv_xlen|powerpc|powerpc64|PPC64|s390|s390x|mips|mips64|" \
		"loongarch|loongarch64|sparc|LP64|ILP32)__|_LP64|__BYTE_ORDER|__WORDSIZE"
}

FNR == 1 {
	in_lib = FILENAME ~ /^lib\//
	below = substr(FILENAME, 5)
	own_floor = in_lib ? floor_of(below) : ""
	if (own_floor != "" && !(own_floor in rank))
		complain("lib/" own_floor "/ is no floor")
	if (in_lib && split(below, part, "/") > 2)
		complain("a floor has no folders in it")
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
	split($0, quoted, "\"")
	if (quoted[2] ~ /\.c$/ && FILENAME ~ /^(lib|inspector)\//)
		complain("\"" quoted[2] "\" is a source file")
	else if (in_lib)
		check_floors(own_floor, quoted[2])
	else
		check_outside(quoted[2])
	check_foreign(quoted[2])
}

/^[ \t]*#[ \t]*include[ \t]*</ {
	header = $0
	sub(/^[^<]*</, "", header)
	sub(/>.*/, "", header)
	check_foreign(header)
}

# Machine facts are rows of the table in arch/, chosen when running.
in_lib && own_floor != "arch" && /^[ \t]*#[ \t]*(if|ifdef|ifndef|elif)/ && $0 ~ machines {
	complain("asks which machine it was compiled for: only arch/ may")
}

END { exit bad }
' $files
