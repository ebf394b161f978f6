// Two types are walked side by side with a stack of our own: a graph made of hostile debug info may be as deep as it
// likes, hold itself, or branch without end. Each pair of types is entered once, every look costs a step.

#include "value/layout.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "value/layoutitems.h"
#include "value/spelling.h"

enum { MAX_DEPTH = 100, PATH_SIZE = 1024, MAX_NAME = 120 };

const struct layout_limits layout_usual_limits = { .rows = 256, .depth = 32, .pointers = 1, .steps = 1 << 18 };

/** A type of the second graph that one of the first was compared with. */
struct meeting {
	uint32_t other, earlier;
};

struct comparison {
	struct layout_agenda agenda;
	const struct layout_limits *limits;
	struct arena *arena;
	vec_of(struct layout_row) rows;
	vec_of(struct meeting) meetings;
	uint32_t *met; ///< By type of the first graph: its latest meeting plus one.
	bool is_cut, is_partial, is_behind_pointer;
};

static uint64_t first_bit(const struct layout_view *view)
{
	uint64_t bits;
	return __builtin_mul_overflow(view->offset, 8, &bits) ? UINT64_MAX : layout_sum(bits, view->bit_offset);
}

static bool is_sized_alike(const struct likeness *likeness, const struct layout_item *item)
{
	const struct type *type[2];
	uint64_t size[2];
	bool is_aggregate = true;
	for (int side = 0; side < 2; side++) {
		type[side] = likeness_stripped(likeness->graphs[side], item->view[side].type);
		size[side] = likeness_size(likeness->graphs[side], item->view[side].type);
		is_aggregate &= type[side]->kind == TYPE_STRUCT || type[side]->kind == TYPE_UNION ||
				type[side]->kind == TYPE_ARRAY;
	}
	// Of empty elements any number has one size.
	if (type[0]->kind == TYPE_ARRAY && type[1]->kind == TYPE_ARRAY && type[0]->count != type[1]->count)
		return false;
	// A pointer's size may not be told at all.
	return size[0] == size[1] || (!is_aggregate && (!size[0] || !size[1]));
}

static bool is_placed_alike(const struct comparison *comparison, const struct layout_item *item, bool is_known)
{
	const struct likeness *likeness = &comparison->agenda.likeness;
	const struct layout_view *a = &item->view[0], *b = &item->view[1];
	if (item->what == LAYOUT_ENUMERATOR)
		return a->value == b->value;
	if (item->what == LAYOUT_VARIANT)
		return a->is_default == b->is_default && (a->is_default || a->value == b->value) &&
		       (a->type == POLYTON_NONE) == (b->type == POLYTON_NONE);
	if (item->is_whole)
		return true;
	if (likeness_is_empty(likeness->graphs[0], a->type) && likeness_is_empty(likeness->graphs[1], b->type))
		return true;
	return first_bit(a) == first_bit(b) && a->bit_size == b->bit_size &&
	       (!is_known || is_sized_alike(likeness, item));
}

static void put(char *path, size_t *length, const char *text)
{
	for (size_t i = 0; i < MAX_NAME && text[i] && *length + 1 < PATH_SIZE; i++)
		path[(*length)++] = text[i];
	path[*length] = '\0';
}

// Rust's tuples have members "__0", "__1": to the programmer .0 and .1.
static const char *told_name(const char *name)
{
	bool is_index = name[0] == '_' && name[1] == '_' && isdigit((unsigned char)name[2]);
	return is_index ? name + 2 : name;
}

static const char *path_of(const struct comparison *comparison, uint32_t at)
{
	const struct layout_node *chain[MAX_DEPTH + 1];
	char path[PATH_SIZE] = "";
	size_t count = 0, length = 0;
	bool is_glued = true;
	for (; at != POLYTON_NONE && count < MAX_DEPTH + 1; at = comparison->agenda.nodes.items[at].parent)
		chain[count++] = &comparison->agenda.nodes.items[at];
	if (count && chain[0]->step == STEP_POINTEE)
		put(path, &length, "*");
	while (count--) {
		const struct layout_node *node = chain[count];
		bool is_name = node->step == STEP_NAME || (node->step == STEP_SILENT && !count);
		if (is_name && !is_glued)
			put(path, &length, ".");
		if (is_name || node->step == STEP_ELEMENT)
			put(path, &length, told_name(node->name));
		else if (node->step == STEP_POINTEE && count)
			put(path, &length, "->");
		if (node->step != STEP_SILENT)
			is_glued = node->step == STEP_POINTEE;
	}
	return arena_strndup(comparison->arena, path, length);
}

static struct polyton_error *add_row(struct comparison *comparison, const struct layout_item *item)
{
	if (comparison->rows.count >= comparison->limits->rows) {
		comparison->is_cut = true;
		return NULL;
	}
	struct layout_row *row = vec_push(&comparison->rows);
	if (!row)
		return error_no_memory();
	row->path = path_of(comparison, item->node);
	row->what = item->what;
	row->is_behind_pointer = comparison->is_behind_pointer;
	for (int side = 0; side < 2; side++) {
		const struct layout_view *view = &item->view[side];
		struct layout_side *ret = &row->side[side];
		bool has_type = view->is_there && view->type != POLYTON_NONE;
		*ret = (struct layout_side){
			.is_there = view->is_there,
			.is_default = view->is_default,
			.is_bits = view->bit_size,
			.offset = layout_sum(view->start,
					     layout_sum(view->offset, view->bit_size ? view->bit_offset / 8 : 0)),
			.size = has_type ? likeness_size(comparison->agenda.likeness.graphs[side], view->type) : 0,
			.bit_offset = view->bit_offset % 8,
			.bit_size = view->bit_size,
			.value = view->value,
			.type = "",
		};
		if (has_type)
			ret->type =
				spelling_of(comparison->arena, comparison->agenda.likeness.graphs[side], view->type);
		if (!ret->type || !row->path)
			return error_no_memory();
	}
	return NULL;
}

// Whether these two were entered before; they have been from now on.
static struct polyton_error *meet(struct comparison *comparison, const struct type *const types[2], bool *is_new_ret)
{
	struct likeness *likeness = &comparison->agenda.likeness;
	uint32_t index[2];
	*is_new_ret = false;
	for (int side = 0; side < 2; side++) {
		size_t at = (size_t)(types[side] - likeness->graphs[side]->types);
		// A stand-in for what is out of range has nothing to enter.
		if (at >= likeness->graphs[side]->type_count)
			return NULL;
		index[side] = (uint32_t)at;
	}
	for (uint32_t at = comparison->met[index[0]]; at; at = comparison->meetings.items[at - 1].earlier) {
		if (comparison->meetings.items[at - 1].other == index[1])
			return NULL;
		likeness->steps -= likeness->steps > 0;
	}
	struct meeting *meeting = vec_push(&comparison->meetings);
	if (!meeting)
		return error_no_memory();
	*meeting = (struct meeting){ index[1], comparison->met[index[0]] };
	comparison->met[index[0]] = (uint32_t)comparison->meetings.count;
	*is_new_ret = true;
	return NULL;
}

static struct polyton_error *look(struct comparison *comparison, const struct layout_item *item)
{
	struct likeness *likeness = &comparison->agenda.likeness;
	const struct type *types[2];
	likeness->steps--;
	if (!item->view[0].is_there || !item->view[1].is_there)
		return add_row(comparison, item);

	for (int side = 0; side < 2; side++)
		types[side] = likeness_stripped(likeness->graphs[side], item->view[side].type);
	likeness_unwrap(likeness, types);
	bool is_known = !likeness_is_unknown(types[0]) && !likeness_is_unknown(types[1]);
	bool is_alike = !is_known || item->is_opaque || likeness_is_alike(likeness, types);
	bool is_entered = types[0]->kind == TYPE_STRUCT || types[0]->kind == TYPE_UNION ||
			  types[0]->kind == TYPE_ENUM || types[0]->kind == TYPE_ARRAY;
	bool is_new = true;
	struct polyton_error *err = is_known && is_alike && is_entered ? meet(comparison, types, &is_new) : NULL;
	comparison->is_partial |= !is_known;
	if (!err && (is_new || item->what != LAYOUT_POINTEE) &&
	    (!is_alike || !is_placed_alike(comparison, item, is_known)))
		err = add_row(comparison, item);
	if (err || !is_known || !is_alike || !is_new)
		return err;
	if (item->depth >= comparison->limits->depth || item->depth >= MAX_DEPTH) {
		comparison->is_cut = true;
		return NULL;
	}
	return layout_items_open(&comparison->agenda, item, types);
}

static struct polyton_error *empty_stack(struct comparison *comparison)
{
	struct layout_agenda *agenda = &comparison->agenda;
	struct polyton_error *err = NULL;
	while (!err && agenda->stack.count && agenda->likeness.steps) {
		struct layout_item item = agenda->stack.items[--agenda->stack.count];
		err = look(comparison, &item);
	}
	return err;
}

// The pointees become the stack, the first one on top.
static void turn_to_pointees(struct comparison *comparison)
{
	struct layout_agenda *agenda = &comparison->agenda;
	layout_item_list empty = agenda->stack;
	agenda->stack = agenda->pointees;
	agenda->pointees = empty;
	for (size_t i = 0, j = agenda->stack.count; i + 1 < j; i++, j--) {
		struct layout_item item = agenda->stack.items[i];
		agenda->stack.items[i] = agenda->stack.items[j - 1];
		agenda->stack.items[j - 1] = item;
	}
	comparison->is_behind_pointer = true;
}

static struct polyton_error *walk(struct comparison *comparison, const struct layout_subject subjects[2])
{
	struct layout_agenda *agenda = &comparison->agenda;
	struct layout_item *root = vec_push(&agenda->stack);
	comparison->met = calloc((size_t)subjects[0].graph->type_count + 1, sizeof(*comparison->met));
	if (!root || !comparison->met)
		return error_no_memory();
	*root = (struct layout_item){ .node = POLYTON_NONE, .what = LAYOUT_WHOLE };
	for (int side = 0; side < 2; side++) {
		agenda->likeness.graphs[side] = subjects[side].graph;
		root->view[side] = (struct layout_view){ .is_there = true, .type = subjects[side].type };
	}
	struct polyton_error *err = empty_stack(comparison);
	for (uint32_t i = 0; !err && i < comparison->limits->pointers && agenda->pointees.count; i++) {
		turn_to_pointees(comparison);
		err = empty_stack(comparison);
	}
	return err;
}

struct polyton_error *layout_compare(const struct layout_subject subjects[2], const struct layout_limits *limits,
				     struct arena *arena, struct layout *ret)
{
	struct comparison comparison = { .limits = limits, .arena = arena };
	struct layout_agenda *agenda = &comparison.agenda;
	agenda->likeness.steps = limits->steps;
	struct polyton_error *err = walk(&comparison, subjects);
	struct layout_row *rows =
		arena_alloc(arena, comparison.rows.count ? comparison.rows.count : 1, sizeof(*rows));
	if (!err && !rows)
		err = error_no_memory();
	if (!err) {
		if (comparison.rows.count)
			memcpy(rows, comparison.rows.items, comparison.rows.count * sizeof(*rows));
		*ret = (struct layout){
			.rows = rows,
			.row_count = comparison.rows.count,
			.is_cut = comparison.is_cut || !agenda->likeness.steps,
			.is_partial = comparison.is_partial,
		};
	}
	vec_deinit(&agenda->stack);
	vec_deinit(&agenda->pointees);
	vec_deinit(&agenda->nodes);
	vec_deinit(&comparison.rows);
	vec_deinit(&comparison.meetings);
	free(comparison.met);
	return err;
}
