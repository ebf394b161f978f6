/**
 * A YAML text as a tree that knows where each of its parts stands.
 *
 * Only the plain part of YAML is taken, the one that means the same to everybody: maps, lists and texts. Anchors,
 * aliases, tags and further documents are refused, and a text that is too large, too deep or has too many parts: a
 * configuration comes with a repository, which may be a stranger's.
 */
#ifndef INSPECTOR_POLICY_TREE_H
#define INSPECTOR_POLICY_TREE_H

#include <stdbool.h>

#include "pool.h"

enum {
	TREE_MAX_SIZE = 1 << 20, ///< Bytes of the text.
	TREE_MAX_DEPTH = 16,
	TREE_MAX_NODES = 100 * 1000,
};

enum node_kind { NODE_TEXT, NODE_LIST, NODE_MAP };

struct node {
	enum node_kind kind;
	size_t line, column; ///< From 1, in characters.
	const char *text;    ///< Of NODE_TEXT; without NUL in it.
	bool is_plain;       ///< It has no quotes around it.
	struct node *first;  ///< Items of a list; keys of a map, each followed by its value.
	struct node *next;   ///< The parent's next item; of a key, its value; of a value, the next key.
	size_t count;        ///< Items, or keys.
};

/**
 * Read @p text. NULL when all went well, else what is wrong, "FILE:LINE:COLUMN: ...", with @p file for its name; both
 * belong to @p pool.
 */
const char *tree_parse(struct pool *pool, const char *file, const char *text, size_t size, const struct node **ret);

/** "FILE:LINE:COLUMN: ..." */
const char *tree_complaint(struct pool *pool, const char *file, size_t line, size_t column, const char *text);

#endif
