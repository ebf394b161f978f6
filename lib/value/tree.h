/**
 * A decoded value as plain nodes, and its two written forms: one line that fits a table's cell, and lines of a tree.
 *
 * All text is UTF-8 on one line: control characters are written as in C, in names and strings a backslash is two. A
 * writer has nothing left to escape but characters that are invisible or turn the direction of writing.
 */
#ifndef VALUE_TREE_H
#define VALUE_TREE_H

#include "base/arena.h"
#include "base/error.h"
#include "model/type.h"

enum value_shape {
	VALUE_LEAF,     ///< text
	VALUE_INLINE,   ///< text, then its only child: shared_ptr(use=2, weak=0) 5
	VALUE_BRACES,   ///< text {a = 1, b = 2}
	VALUE_BRACKETS, ///< text [1, 2, 3]
	VALUE_PARENS,   ///< text(1, 2)
};

struct value_node {
	const char *label; ///< "handle", "[3]", "[0..29]", "0", a map's key; "".
	const char *text;  ///< "5", "Some", "size 3"; "".
	const char *note;  ///< Said behind it in angle brackets: "borrowed 2"; "".
	enum value_shape shape;
	bool is_rust;                           ///< Children's labels end in ": ", else in " = ".
	bool is_cut;                            ///< There is more than the children that follow.
	uint64_t repeats;                       ///< Elements alike that it stands for; 0 and 1 are the same.
	uint32_t type;                          ///< In the value's graph; POLYTON_NONE for something made up.
	struct value_node *first, *last, *next; ///< Children, in order, and what follows it in its parent.
};

/** What is known of a variable before its bytes are believed. */
enum value_state {
	VALUE_PLAIN, ///< Nothing: it is what its bytes say.
	VALUE_UNINITIALISED,
	VALUE_ALIVE,
	VALUE_DESTROYED,
};

struct value {
	enum value_state state;
	const struct type_graph *graph; ///< Borrowed.
	const struct value_node *root;  ///< NULL where the state says that there is no value.
};

/** "", "uninitialised", "alive", "destroyed" */
const char *value_state_text(enum value_state state);

/**
 * The value on one line of at most @p cells cells: "alive, handle: Some(MultiThread(...)), depth: 1". What is nested
 * deepest is left out first, then the end. Every character from U+1000 on is counted as two cells, as it may be. NULL
 * when out of memory.
 */
must_use const char *value_line(const struct value *value, size_t cells, struct arena *arena);

struct value_row {
	uint32_t depth;
	const char *label; ///< "" for the first one.
	const char *type;  ///< As its language spells it, "" where there is none to tell.
	const char *text;  ///< A whole value, or its head if its parts follow.
	bool has_parts;
};

/**
 * The value as rows, parents first. What fits into @p cells together with its indent (two cells for a level) and label
 * takes one row, but for the variable itself. At least one row.
 */
must_use struct polyton_error *value_rows(const struct value *value, size_t cells, struct arena *arena,
					  const struct value_row **ret, size_t *count_ret);

#endif
