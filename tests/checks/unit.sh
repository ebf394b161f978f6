#!/bin/sh
# Run the unit tests BUILD_FOLDER TEST..., all of them even when some fail; say one line each and the sum.
build=$1
shift
log=$build/unit.log
: > "$log"
passed=0 failed=0 skipped=0 status=0

# The number in the last of cmocka's lines of that kind, 0 if there is none.
count() {
	printf '%s\n' "$2" | sed -n "s/^\[  $1  \] \([0-9]*\) test(s).*/\1/p" | tail -n 1 | grep . || echo 0
}

for test; do
	output=$("$test" 2>&1)
	code=$?
	printf '%s\n' "$output" >> "$log"
	good=$(count PASSED "$output") bad=$(count FAILED "$output") left=$(count SKIPPED "$output")
	# A crash leaves no sum behind, and a test that runs nothing proves nothing.
	if [ "$code" -ne 0 ] || [ "$good" -eq 0 ]; then
		[ "$bad" -ne 0 ] || bad=1
		status=1
		printf '%s\n' "$output"
		printf '  FAIL     %s (exit status %d)\n' "$test" "$code"
	fi
	passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + left))
done
printf '[==========] %d unit tests in %d programs\n' $((passed + failed)) $#
printf '[  PASSED  ] %d test(s).\n' "$passed"
[ "$failed" -eq 0 ] || printf '[  FAILED  ] %d test(s).\n' "$failed"
echo "$passed passed, $failed failed, $skipped skipped" > "$build/unit.total"
exit $status
