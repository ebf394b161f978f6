/** The parts of two types, paired and put on the list of what is still to be compared. Part of layout.c's walk. */
#ifndef VALUE_LAYOUTITEMS_H
#define VALUE_LAYOUTITEMS_H

#include "value/layout.h"
#include "value/likeness.h"

enum layout_step {
	STEP_NAME,
	STEP_SILENT, ///< A base, a nameless member, all that a wrapper holds: not told but at the end.
	STEP_ELEMENT,
	STEP_POINTEE,
};

/** A part of a path, and the one that it goes on from (POLYTON_NONE: none). */
struct layout_node {
	uint32_t parent;
	enum layout_step step;
	const char *name;
};

/** One copy's view of a thing that is to be compared. */
struct layout_view {
	bool is_there, is_default;
	uint32_t type;          ///< POLYTON_NONE: no bytes of its own.
	uint64_t start, offset; ///< Of what it is in, from where offsets count; and its own in that.
	uint32_t bit_size, bit_offset;
	int64_t value;
};

struct layout_item {
	struct layout_view view[2];
	uint32_t node, depth;
	enum layout_what what;
	bool is_whole;  ///< It fills what it is in, on both sides: its place says nothing new.
	bool is_opaque; ///< A pointer of the compiler's own, to nothing that is the program's.
};
typedef vec_of(struct layout_item) layout_item_list;
typedef vec_of(struct layout_node) layout_node_list;

struct layout_agenda {
	struct likeness likeness;
	layout_item_list stack;    ///< The last one is next.
	layout_item_list pointees; ///< Looked at when the stack is empty, first one first.
	layout_node_list nodes;
};

/** Put what the two types of @p item hold, types of one kind, on the agenda. */
must_use struct polyton_error *layout_items_open(struct layout_agenda *agenda, const struct layout_item *item,
						 const struct type *const types[2]);

/** The sum, or UINT64_MAX. */
uint64_t layout_sum(uint64_t a, uint64_t b);

#endif
