#!/bin/sh
# Every shell script of the tree, as shellcheck sees it.
set -eu

if ! command -v shellcheck >/dev/null; then
	echo "SKIP shell: shellcheck is not installed"
	exit 0
fi
if git rev-parse --git-dir >/dev/null 2>&1; then
	files=$(git ls-files --cached --others --exclude-standard)
else
	files=$(find . -path ./build -prune -o -type f -print)
fi
# shellcheck disable=SC2086 # names without spaces, as everywhere in this tree
scripts=$(for file in $files; do
	[ ! -f "$file" ] || ! head -n 1 "$file" | grep -qE '^#!/bin/(ba|da)?sh' || echo "$file"
done)
# shellcheck disable=SC2086
shellcheck -f gcc $scripts
