// Not fnmatch(3): patterns come from a repository that may be a stranger's, names from a process that may be, and that
// function takes exponential time for some pairs of them. Names of C++ hold brackets, so a name that is written out is
// taken as it stands, too.

#include "glob.h"

#include <stddef.h>
#include <string.h>

// Past the set that begins at @p set, a '['; NULL if it does not end.
static const char *set_end(const char *set)
{
	const char *at = set + 1;
	at += *at == '!' || *at == '^';
	at += *at == ']'; // the first one stands for itself
	while (*at && *at != ']')
		at += *at == '\\' && at[1] ? 2 : 1;
	return *at ? at + 1 : NULL;
}

const char *glob_complaint(const char *pattern)
{
	if (!*pattern)
		return "a pattern is empty";
	for (const char *at = pattern; *at;) {
		if (*at == '\\' && !at[1])
			return "a backslash at its end escapes nothing";
		const char *end = *at == '[' ? set_end(at) : at + (*at == '\\' ? 2 : 1);
		if (!end)
			return "'[' has no ']': write '\\[' for the character itself";
		at = end;
	}
	return NULL;
}

static unsigned char set_letter(const char **at)
{
	*at += **at == '\\' && (*at)[1] ? 1 : 0;
	return (unsigned char)*(*at)++;
}

static bool is_in_set(const char *set, const char *end, unsigned char letter)
{
	const char *at = set + 1, *last = end - 1;
	bool is_inverted = *at == '!' || *at == '^', is_in = false;
	at += is_inverted;
	while (at < last) {
		unsigned char from = set_letter(&at), to = from;
		if (at + 1 < last && *at == '-') {
			at++;
			to = set_letter(&at);
		}
		is_in |= from <= letter && letter <= to;
	}
	return is_in != is_inverted;
}

// One step of @p pattern, which is no '*', takes @p letter: where the pattern goes on; NULL if it does not.
static const char *take(const char *pattern, unsigned char letter)
{
	const char *end = *pattern == '[' ? set_end(pattern) : NULL;
	if (!*pattern || !letter)
		return NULL;
	if (end)
		return is_in_set(pattern, end, letter) ? end : NULL;
	if (*pattern == '?')
		return pattern + 1;
	pattern += *pattern == '\\' && pattern[1];
	return (unsigned char)*pattern == letter ? pattern + 1 : NULL;
}

bool glob_takes(const char *pattern, const char *text)
{
	const char *star = NULL, *retry = NULL, *at = text;
	if (strcmp(pattern, text) == 0)
		return true;
	while (*at || *pattern) {
		if (*pattern == '*') {
			star = ++pattern;
			retry = at;
			continue;
		}
		const char *next = take(pattern, (unsigned char)*at);
		if (next) {
			pattern = next;
			at++;
		} else if (star && *retry) {
			// What the last star takes is one letter longer; earlier ones need no second try.
			pattern = star;
			at = ++retry;
		} else {
			return false;
		}
	}
	return true;
}
