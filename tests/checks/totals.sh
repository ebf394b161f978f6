#!/bin/sh
# The sum of all test runs in the build folders named: unit tests (cmocka) and tests of the program (pytest).
passed=0 failed=0 skipped=0

# pytest closes with "3 failed, 40 passed, 2 skipped in 12.3s": the number before a word, 0 without it.
number() {
	printf '%s\n' "$2" | grep -o "[0-9]* $1" | sed 's/ .*//' | grep . || echo 0
}

add() {
	good=$(number passed "$2") bad=$(number failed "$2") left=$(number skipped "$2") broken=$(number error "$2")
	printf '%-24s %s passed, %s failed, %s skipped\n' "$1" "$good" "$((bad + broken))" "$left"
	passed=$((passed + good)) failed=$((failed + bad + broken)) skipped=$((skipped + left))
}

for build; do
	[ ! -f "$build/unit.total" ] || add "$build unit tests" "$(cat "$build/unit.total")"
	[ ! -f "$build/pytest.log" ] || add "$build program" "$(tail -n 1 "$build/pytest.log")"
	[ ! -f "$build/pytest-gdb.log" ] || add "$build GDB extension" "$(tail -n 1 "$build/pytest-gdb.log")"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
