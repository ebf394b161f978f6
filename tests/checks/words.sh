#!/bin/sh
# Marks of unfinished work stand with the number of the issue that will finish it, like "(#12)" right behind, or not
# at all. Prose (*.md) may talk about them.
# Prints "FILE:LINE: what is wrong".
set -eu

list_files() {
	if git rev-parse --git-dir >/dev/null 2>&1; then
		git ls-files -z --cached --others --exclude-standard -- ':!*.md'
	else
		find . -path ./build -prune -o -type f ! -name '*.md' -print0
	fi
}

# Each word is spelled so that this file does not hold it.
words='\b(TO[D]O|FIX[M]E|XX[X]|HAC[K])\b'
found=$(list_files | xargs -0 grep -nIHE "$words" 2>/dev/null | grep -vE "$words\(#[0-9]+\)") || :
[ -n "$found" ] || exit 0
echo "$found" | sed 's,^\([^:]*:[0-9]*\):[[:blank:]]*,\1: unfinished work without the number of an issue: ,'
exit 1
