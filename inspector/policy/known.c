// The rules are the library's. It has no list of them to ask for, so this is one; a test holds it against the manual's.

#include "known.h"

#include <string.h>

enum {
	NEAREST_LONGEST = 40, // letters of a word that is worth a guess
	NEAREST_LIMIT = 3,    // changes that still make it a guess
};

const struct known_rule known_rules[] = {
	{ "PT001", "duplicate-tls", false },
	{ "PT002", "duplicate-static", false },
	{ "PT003", "layout-mismatch", false },
	{ "PT004", "split-state", true },
	{ "PT005", "torn-library", false },
	{ "PT006", "duplicate-library", false },
	{ "PT007", "merged-mismatch", false },
	{ "PT008", "shadowed-copy", false },
	{ "PT009", "duplicate-type-identity", false },
	{ "PT010", "pinned-object", false },
	{ "PT011", "static-tls-pressure", true },
	{ "PT012", "blind-spot", false },
	{ "PT013", "merged-twice-initialised", false },
	{ NULL, NULL, false },
};

const struct known_rule *known_rule_find(const char *name)
{
	for (const struct known_rule *row = known_rules; row->id; row++) {
		if (strcmp(row->id, name) == 0 || strcmp(row->slug, name) == 0)
			return row;
	}
	return NULL;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

// How many letters must be changed, added or taken away (Levenshtein's distance, row by row).
static size_t distance(const char *a, const char *b)
{
	size_t row[NEAREST_LONGEST + 1], length = strlen(b);
	if (strlen(a) > NEAREST_LONGEST || length > NEAREST_LONGEST)
		return NEAREST_LONGEST;
	for (size_t i = 0; i <= length; i++)
		row[i] = i;
	for (size_t k = 1; *a; a++, k++) {
		size_t before = row[0];
		row[0] = k;
		for (size_t i = 1; i <= length; i++) {
			size_t changed = before + (*a != b[i - 1]);
			before = row[i];
			row[i] = least(changed, least(row[i], row[i - 1]) + 1);
		}
	}
	return row[length];
}

/** The best guess so far. */
struct guess {
	const char *word;
	size_t distance;
};

static void try_word(struct guess *guess, const char *word, const char *candidate)
{
	size_t found = distance(word, candidate);
	// Of a short word half of it must be right.
	if (found < guess->distance && found <= NEAREST_LIMIT && 2 * found < strlen(candidate) + 1)
		*guess = (struct guess){ candidate, found };
}

const char *known_rule_nearest(const char *word)
{
	struct guess guess = { NULL, NEAREST_LONGEST };
	for (const struct known_rule *row = known_rules; row->id; row++) {
		try_word(&guess, word, row->slug);
		try_word(&guess, word, row->id);
	}
	return guess.word;
}

const char *known_word_nearest(const char *word, const char *const *words)
{
	struct guess guess = { NULL, NEAREST_LONGEST };
	for (; *words; words++)
		try_word(&guess, word, *words);
	return guess.word;
}
