#!/bin/sh
# No variable of the library can change: it may sit twice in one process, and belongs to no thread. Constant tables
# pass, also those whose pointers the loader fills in (.data.rel.ro).
# Prints "OBJECT FILE: what is wrong". usage: [BUILD=FOLDER] state.sh
set -eu

objects=${BUILD:-build}/obj/lib
files=$(find "$objects" -name '*.o' 2>/dev/null | sort)
[ -n "$files" ] || {
	echo "$objects: no object files: run make first"
	exit 1
}

# Sanitizers and coverage bring writable tables of their own.
# shellcheck disable=SC2086 # names without spaces
if nm -u $files 2>/dev/null | grep -qE ' (__asan_|__tsan_|__msan_|__ubsan_|__gcov_|__llvm_profile_|__sancov)'; then
	echo "SKIP state: the objects in $objects are instrumented"
	exit 0
fi

# Sections that can be written to, by name and size; then the variables in them.
find_state() {
	readelf --wide --sections --symbols "$1" | awk -v file="$1" '
		function is_state(name, flags) {
			return flags ~ /W/ && flags ~ /A/ && name !~ /^\.data\.rel\.ro/
		}

		# "[ 3] .data PROGBITS address offset size entry flags ...", with a blank inside the brackets or not.
		/^ *\[ *[0-9]+\]/ {
			number = $0
			sub(/^ *\[ */, "", number)
			sub(/\].*/, "", number)
			sub(/^ *\[ *[0-9]+\] */, "")
			if (NF > 6 && is_state($1, $7) && $5 !~ /^0+$/)
				section[number] = $1
		}

		# "12: value size OBJECT LOCAL DEFAULT 3 name"
		/^ *[0-9]+: / && ($4 == "OBJECT" || $4 == "TLS" || $4 == "COMMON") && $7 != "UND" {
			if ($7 == "COM" || $4 == "TLS" || $7 in section) {
				what = $4 == "TLS" ? "a thread-local" : "a variable that can change"
				print file ": " $8 " is " what " (" ($7 in section ? section[$7] : $7) ")"
				named[$7] = 1
			}
		}

		END {
			for (number in section) {
				what = "writable data"
				if (section[number] ~ /^\.(init|fini|preinit)_array|^\.[cd]tors/)
					what = "code that runs when the library is loaded or unloaded"
				if (!(number in named))
					print file ": " section[number] " holds " what
			}
		}'
}

export LC_ALL=C # for the words of readelf
status=0
for file in $files; do
	found=$(find_state "$file")
	[ -z "$found" ] || {
		echo "$found"
		status=1
	}
done
exit $status
