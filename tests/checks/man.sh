#!/bin/sh
# The manual lists what the program's tables and the library's findings have, no more and no less: commands with their
# operands, options with their arguments and the commands that take them, choices, rules.
# BUILD is the folder that polyton was built in.
set -eu

polyton=${BUILD:-build}/polyton
manual=docs/polyton.1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C
failures=0

# compare TITLE: the sorted words of $work/tables and $work/manual must be the same.
compare() {
	sort -u "$work/tables" > "$work/tables.sorted"
	sort -u "$work/manual" > "$work/manual.sorted"
	if ! [ -s "$work/tables.sorted" ] ||
	    ! diff -u --label "$1 of the tables" --label "$1 of $manual" \
		"$work/tables.sorted" "$work/manual.sorted"; then
		echo "man.sh: $1 of $manual differ from the tables" >&2
		failures=$((failures + 1))
	fi
}

# A part of --help: lines between the one that is $1 and the next empty one.
part() {
	awk -v title="$1" '$0 == title { inside = 1; next } /^$/ { inside = 0 } inside'
}

"$polyton" --help > "$work/help"

part Commands: < "$work/help" | sed -n 's/^  \([a-z]*\)\(\( [A-Z][A-Z]*\)*\)  .*/\1\2/p' > "$work/tables"
sed -n 's/^\.It Cm \([a-z]*\) Ar \(.*\)/\1 \2/p' "$manual" > "$work/manual"
cut -d' ' -f1 "$work/tables" > "$work/commands"
compare commands

# "-p --pid PID": letter or "-", name, argument.
options() {
	part Options: | sed -n \
		-e 's/^  \(-[a-z]\), \(--[a-z-]*\)\( [A-Z][A-Z]*\)\{0,1\}  .*/\1 \2\3/p' \
		-e 's/^      \(--[a-z-]*\)\( [A-Z][A-Z]*\)\{0,1\}  .*/- \1\2/p'
}
options < "$work/help" > "$work/tables"
sed -n \
	-e 's/^\.It Fl \([a-z]\) , Fl -\([a-z-]*\)\( Ar \([A-Z]*\)\)\{0,1\}$/-\1 --\2 \4/p' \
	-e 's/^\.It Fl -\([a-z-]*\)\( Ar \([A-Z]*\)\)\{0,1\}$/- --\1 \3/p' "$manual" | sed 's/ $//' > "$work/manual"
cut -d' ' -f2 "$work/tables" > "$work/options"
compare options

# Who takes an option, where not every command does: "--match report". The manual says it by "Only with", or shorter by
# "Not with".
while read -r command; do
	"$polyton" "$command" --help | options | awk -v command="$command" '{ print $2, command }'
done < "$work/commands" > "$work/taken"
awk -v count="$(wc -l < "$work/commands")" '
	{ takers[$1]++; lines[NR] = $0; option[NR] = $1 }
	END { for (i = 1; i <= NR; i++) if (takers[option[i]] < count) print lines[i] }
' "$work/taken" > "$work/tables"
awk -v all="$(tr '\n' ' ' < "$work/commands")" '
	function close_option(i) {
		for (i = 1; is_not && i <= count; i++)
			if (!(commands[i] in excepted)) print "-" name, commands[i]
		split("", excepted)
		name = ""
		is_only = is_not = 0
	}
	BEGIN { count = split(all, commands, " ") }
	/^\.(It|El|Sh)/ { close_option() }
	/^\.It Fl/ { for (i = 2; i <= NF; i++) if ($i == "Fl") name = $(i + 1) }
	/^Only with$/ { is_only = 1 }
	/^Not with$/ { is_not = 1 }
	is_only && /^\.Cm/ { print "-" name, $2 }
	is_not && /^\.Cm/ { excepted[$2] }
' "$manual" > "$work/manual"
compare 'commands of the options'

# "--format text": the lines below an option that has choices.
part Options: < "$work/help" | awk '
	{ for (i = 1; i <= 2; i++) if ($i ~ /^--/) { name = $i; inside = 0 } }
	/\(default\)/ { inside = 1 }
	inside { gsub(/\(default\)|,| or /, " "); for (i = 1; i <= NF; i++) if ($i != "or") print name, $i }
' > "$work/tables"
awk '
	/^\.(It|El|Sh)/ { name = ""; others = 0 }
	/^\.It Fl.* Ar / { for (i = 2; i <= NF; i++) if ($i == "Fl") name = $(i + 1) }
	/^(Only|Not) with$/ { others = 1 }
	name && !others && /^\.Cm/ { print "-" name, $2 }
' "$manual" > "$work/manual"
compare choices

# The keys of the full screen, with what they do: "Up, k The row above."
"$polyton" tui --help | awk '
	function put() { if (keys != "") print keys, toupper(substr(text, 1, 1)) substr(text, 2) "." }
	$0 == "Keys:" { inside = 1; next }
	inside && /^  [^ ]/ { put(); keys = substr($0, 3, 24); sub(/ *$/, "", keys); text = substr($0, 28); next }
	inside && NF { sub(/^ */, ""); text = text " " $0 }
	END { put() }
' > "$work/tables"
awk '
	/^\.Ss Keys/ { inside = 1 }
	/^\.El/ { inside = 0 }
	inside && /^\.It Li "/ { keys = substr($0, 9); sub(/"$/, "", keys); gsub(/\\e/, "\\", keys); next }
	inside && keys != "" { print keys, $0 }
' "$manual" > "$work/manual"
compare keys

# The rules, by their identifiers and slugs; docs/format.md lists them, too.
sed -n 's/^\t\t"\(PT[0-9]*\)", "\([a-z-]*\)",.*/\1 \2/p' lib/model/rules.c > "$work/tables"
sed -n 's/^\.It Sy \(PT[0-9]*\) Pq \([a-z-]*\)$/\1 \2/p' "$manual" > "$work/manual"
compare rules
# shellcheck disable=SC2016 # backticks of Markdown
sed -n 's/^| \(PT[0-9]*\) | `\([a-z-]*\)` |.*/\1 \2/p' docs/format.md > "$work/manual"
compare 'rules (here of docs/format.md)'

if command -v mandoc > /dev/null; then
	mandoc -T lint -W warning "$manual" docs/polyton-gdb.7 >&2 || failures=$((failures + 1))
else
	echo "SKIP: the manual's markup was not checked (mandoc is missing)"
fi
[ "$failures" -eq 0 ]
