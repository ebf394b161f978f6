/**
 * From nodes to what they mean: pieces that the parts of a policy are read with. Every complaint says where.
 */
#ifndef INSPECTOR_POLICY_READER_H
#define INSPECTOR_POLICY_READER_H

#include "policy.h"
#include "tree.h"

struct reader {
	struct pool *pool;
	const char *file;
	const char *complaint; ///< The first one; NULL while all is well.
};

/** Complain about what stands at @p at; false. */
bool reader_refuse(struct reader *reader, const struct node *at, const char *format, ...)
	__attribute__((__format__(__printf__, 3, 4)));

/** What a key of a map stands for. */
struct key {
	const char *name;
	/** Read the key's value into the thing that the map is. */
	bool (*take)(struct reader *reader, const struct node *value, void *thing);
	bool is_needed;
};

enum { READER_MAX_KEYS = 16 };

/**
 * Read @p map, which is called @p what in messages ("a suppression"), into @p thing by @p keys; a key of NULL ends
 * them. Unknown keys, keys given twice and keys that are missing are complained about.
 */
bool reader_map(struct reader *reader, const struct node *map, const char *what, const struct key *keys, void *thing);
/** A list that is not empty; @p what: "a list of suppressions". */
bool reader_list(struct reader *reader, const struct node *list, const char *what);
/** A text that is not empty; @p what: "a reason". */
bool reader_text(struct reader *reader, const struct node *node, const char *what, const char **ret);
/** A text, or a list of texts. */
bool reader_texts(struct reader *reader, const struct node *node, const char *what, const char *const **ret);
/** The same of patterns, which are checked. */
bool reader_patterns(struct reader *reader, const struct node *node, const char *what, const char *const **ret);
/** Decimal digits, @p most at most. */
bool reader_number(struct reader *reader, const struct node *node, const char *what, uint32_t most, uint32_t *ret);
/** A severity, or "off" if @p off_ret is not NULL. */
bool reader_severity(struct reader *reader, const struct node *node, bool *off_ret, enum polyton_severity *ret);

/** reader_map() for a thing that begins with a struct selector: the keys that say what it is about are known, too. */
bool reader_entry(struct reader *reader, const struct node *map, const char *what, const struct key *keys,
		  void *thing);
/** One rule by its name, or a list of them. */
bool reader_take_rules(struct reader *reader, const struct node *value, void *selector);
/** Whether anything at all is asked of a finding. */
bool reader_selects(const struct selector *selector);

#endif
