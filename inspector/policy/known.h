/** The rules that findings have, as a user may name them, and words that are nearly right. */
#ifndef INSPECTOR_POLICY_KNOWN_H
#define INSPECTOR_POLICY_KNOWN_H

#include <stdbool.h>
#include <stddef.h>

struct known_rule {
	const char *id, *slug;
	/** Its headline tells of one moment (which thread, how many bytes), and so differs from run to run. */
	bool is_momentary;
};

/** Ends with a row of NULLs. */
extern const struct known_rule known_rules[];

/** The row that has @p name, "PT002" or "duplicate-static"; NULL if none has. */
const struct known_rule *known_rule_find(const char *name);
/** The rule's name, id or slug, that is nearest to @p word; NULL if none is near. */
const char *known_rule_nearest(const char *word);
/** The same of @p words, which NULL ends. */
const char *known_word_nearest(const char *word, const char *const *words);

#endif
