#!/bin/sh
# The style and the script of the HTML report as C strings, and the hashes by which its content security policy knows
# them. usage: html_parts.sh FOLDER, which holds html.css and html.js
set -eu

# string NAME FILE: a line of the file, a line of the string.
string() {
	echo
	echo "static const char $1[] ="
	sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/	"/' -e 's/$/\\n"/' "$2"
	echo '	"";'
}

# hash NAME FILE: SHA-256 in base64; the bytes of the hash are written as octal escapes for printf to make them.
hash() {
	bytes=$(sha256sum < "$2" | awk '{
		for (i = 1; i <= 64; i += 2)
			printf "\\%03o", 16 * (index("0123456789abcdef", substr($1, i, 1)) - 1) + \
				index("0123456789abcdef", substr($1, i + 1, 1)) - 1
	}')
	# shellcheck disable=SC2059 # a format of nothing but escapes
	echo "static const char $1[] = \"sha256-$(printf "$bytes" | base64)\";"
}

echo "// Made from html.css and html.js by html_parts.sh."
string html_style "$1/html.css"
hash html_style_hash "$1/html.css"
string html_script "$1/html.js"
hash html_script_hash "$1/html.js"
