// Members are put on the stack in the order of their offsets, whatever order the debug info has them in, and only when
// all of them are paired: half a pairing would tell of members that are not missing.

#include "value/layoutitems.h"

#include <stdlib.h>
#include <string.h>

uint64_t layout_sum(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static struct pairing_range members_of(const struct type_graph *graph, const struct type *type)
{
	return pairing_clamp(type->first_member, type->member_count, graph->member_count);
}

static struct pairing_range variants_of(const struct type_graph *graph, const struct type *type)
{
	return pairing_clamp(type->first_variant, type->variant_count, graph->variant_count);
}

static struct polyton_error *push(struct layout_agenda *agenda, layout_item_list *list,
				  const struct layout_item *parent, struct layout_item item, enum layout_step step,
				  const char *name)
{
	struct layout_node *node = vec_push(&agenda->nodes);
	struct layout_item *place = node ? vec_push(list) : NULL;
	if (!place)
		return error_no_memory();
	*node = (struct layout_node){ parent->node, step, name };
	item.node = (uint32_t)(agenda->nodes.count - 1);
	item.depth = parent->depth + 1;
	*place = item;
	return NULL;
}

static struct layout_view inside(const struct layout_view *whole)
{
	return (struct layout_view){
		.is_there = true,
		.type = POLYTON_NONE,
		.start = layout_sum(whole->start, whole->offset),
	};
}

// Debug info may list what belongs to a variant among the members, too.
static bool is_variants_own(struct likeness *likeness, int side, const struct type *type, uint32_t member)
{
	const struct type_graph *graph = likeness->graphs[side];
	struct pairing_range variants = variants_of(graph, type);
	if (type->variant_count && member == type->discriminant)
		return true;
	for (uint32_t i = 0; i < variants.count && likeness->steps; i++) {
		likeness->steps--;
		if (graph->variants[variants.first + i].member == member)
			return true;
	}
	return false;
}

static void set_member(struct layout_view *view, const struct type_member *member)
{
	view->type = member->type;
	view->offset = member->offset;
	view->bit_size = member->bit_size;
	view->bit_offset = member->bit_offset;
}

static struct polyton_error *push_member(struct layout_agenda *agenda, const struct layout_item *parent,
					 const struct type *const types[2], const struct pair *pair,
					 const uint32_t sole[2])
{
	struct layout_item item = { .what = LAYOUT_MEMBER };
	const struct type_member *member = NULL;
	const char *name = "";
	bool has_bytes = false;
	for (int side = 1; side >= 0; side--) {
		const struct type_graph *graph = agenda->likeness.graphs[side];
		if (pair->index[side] == POLYTON_NONE)
			continue;
		if (is_variants_own(&agenda->likeness, side, types[side], pair->index[side]))
			return NULL;
		member = &graph->members[pair->index[side]];
		name = member->is_base ? likeness_stripped(graph, member->type)->name : member->name;
		if (!name[0])
			name = likeness_stripped(graph, member->type)->kind == TYPE_UNION ? "(union)" : "(struct)";
		item.view[side] = inside(&parent->view[side]);
		set_member(&item.view[side], member);
		item.is_opaque = member->is_artificial ||
				 (member->type != POLYTON_NONE && strcmp(name, "vtable") == 0 &&
				  type_at(graph, member->type)->language == POLYTON_LANGUAGE_RUST);
		has_bytes |= !likeness_is_empty(graph, member->type);
	}
	if (!member || !has_bytes)
		return NULL;
	item.is_whole = sole[0] != POLYTON_NONE && sole[0] == pair->index[0] && sole[1] == pair->index[1];
	return push(agenda, &agenda->stack, parent, item,
		    item.is_whole || member->is_base || !member->name[0] ? STEP_SILENT : STEP_NAME, name);
}

static struct polyton_error *push_members(struct layout_agenda *agenda, const struct layout_item *parent,
					  const struct type *const types[2])
{
	struct likeness *likeness = &agenda->likeness;
	const struct pairing_range ranges[2] = { members_of(likeness->graphs[0], types[0]),
						 members_of(likeness->graphs[1], types[1]) };
	const uint32_t sole[2] = { likeness_sole_member(likeness, 0, types[0]),
				   likeness_sole_member(likeness, 1, types[1]) };
	pair_list pairs = { 0 };
	bool is_complete = false;
	struct polyton_error *err =
		pairing_make(likeness->graphs, ranges, pairing_same_member, &likeness->steps, &pairs, &is_complete);
	for (size_t i = 0; !err && is_complete && i < pairs.count; i++)
		err = push_member(agenda, parent, types, &pairs.items[i], sole);
	vec_deinit(&pairs);
	return err;
}

static struct polyton_error *push_variant(struct layout_agenda *agenda, const struct layout_item *parent,
					  const struct pair *pair)
{
	struct layout_item item = { .what = LAYOUT_VARIANT, .is_whole = true };
	const char *name = "";
	for (int side = 1; side >= 0; side--) {
		const struct type_graph *graph = agenda->likeness.graphs[side];
		if (pair->index[side] == POLYTON_NONE)
			continue;
		const struct type_variant *variant = &graph->variants[pair->index[side]];
		item.view[side] = inside(&parent->view[side]);
		item.view[side].is_default = variant->is_default;
		item.view[side].value = (int64_t)variant->first_value;
		if (variant->member < graph->member_count)
			set_member(&item.view[side], &graph->members[variant->member]);
		name = variant->name;
	}
	return push(agenda, &agenda->stack, parent, item, STEP_NAME, name);
}

static struct polyton_error *push_variants(struct layout_agenda *agenda, const struct layout_item *parent,
					   const struct type *const types[2])
{
	struct likeness *likeness = &agenda->likeness;
	const struct pairing_range ranges[2] = { variants_of(likeness->graphs[0], types[0]),
						 variants_of(likeness->graphs[1], types[1]) };
	struct layout_item item = { .what = LAYOUT_DISCRIMINANT };
	pair_list pairs = { 0 };
	bool is_complete = false;
	for (int side = 0; side < 2; side++) {
		if (types[side]->discriminant >= likeness->graphs[side]->member_count)
			continue;
		item.view[side] = inside(&parent->view[side]);
		set_member(&item.view[side], &likeness->graphs[side]->members[types[side]->discriminant]);
	}
	struct polyton_error *err = item.view[0].is_there || item.view[1].is_there
					    ? push(agenda, &agenda->stack, parent, item, STEP_NAME, "(discriminant)")
					    : NULL;
	if (!err)
		err = pairing_make(likeness->graphs, ranges, pairing_same_variant, &likeness->steps, &pairs,
				   &is_complete);
	for (size_t i = 0; !err && is_complete && i < pairs.count; i++)
		err = push_variant(agenda, parent, &pairs.items[i]);
	vec_deinit(&pairs);
	return err;
}

static struct polyton_error *push_enumerators(struct layout_agenda *agenda, const struct layout_item *parent,
					      const struct type *const types[2])
{
	struct likeness *likeness = &agenda->likeness;
	struct pairing_range ranges[2];
	pair_list pairs = { 0 };
	bool is_complete = false;
	for (int side = 0; side < 2; side++)
		ranges[side] = pairing_clamp(types[side]->first_enumerator, types[side]->enumerator_count,
					     likeness->graphs[side]->enumerator_count);
	struct polyton_error *err = pairing_make(likeness->graphs, ranges, pairing_same_enumerator, &likeness->steps,
						 &pairs, &is_complete);
	for (size_t i = 0; !err && is_complete && i < pairs.count; i++) {
		struct layout_item item = { .what = LAYOUT_ENUMERATOR };
		const char *name = "";
		for (int side = 0; side < 2; side++) {
			uint32_t index = pairs.items[i].index[side];
			if (index == POLYTON_NONE)
				continue;
			const struct type_enumerator *enumerator = &likeness->graphs[side]->enumerators[index];
			item.view[side] = inside(&parent->view[side]);
			item.view[side].value = enumerator->value;
			name = enumerator->name;
		}
		err = push(agenda, &agenda->stack, parent, item, STEP_NAME, name);
	}
	vec_deinit(&pairs);
	return err;
}

static struct polyton_error *push_target(struct layout_agenda *agenda, const struct layout_item *parent,
					 const struct type *const types[2])
{
	bool is_element = types[0]->kind == TYPE_ARRAY;
	struct layout_item item = { .what = is_element ? LAYOUT_ELEMENT : LAYOUT_POINTEE };
	for (int side = 0; side < 2; side++) {
		item.view[side] = is_element ? inside(&parent->view[side]) : (struct layout_view){ .is_there = true };
		item.view[side].type = types[side]->target;
	}
	if (is_element)
		return push(agenda, &agenda->stack, parent, item, STEP_ELEMENT, "[]");
	bool has_inside = !parent->is_opaque;
	for (int side = 0; side < 2; side++) {
		enum type_kind kind = likeness_stripped(agenda->likeness.graphs[side], types[side]->target)->kind;
		has_inside &= kind == TYPE_STRUCT || kind == TYPE_UNION || kind == TYPE_ENUM || kind == TYPE_ARRAY;
	}
	if (!has_inside)
		return NULL;
	// They are looked at last, so that what is in the variable's own bytes is told first.
	return push(agenda, &agenda->pointees, parent, item, STEP_POINTEE, "");
}

static uint64_t place_of(const struct layout_item *item)
{
	const struct layout_view *view = &item->view[item->view[0].is_there ? 0 : 1];
	return item->what == LAYOUT_ENUMERATOR ? (uint64_t)view->value : view->offset;
}

static bool is_new(const struct layout_item *item)
{
	return item->what != LAYOUT_VARIANT && item->view[0].is_there != item->view[1].is_there;
}

// What is looked at first stands last. Nodes count up as things are pushed.
static int last_place_first(const void *a, const void *b)
{
	const struct layout_item *left = a, *right = b;
	uint64_t left_place = place_of(left), right_place = place_of(right);
	if (left_place != right_place)
		return left_place < right_place ? 1 : -1;
	// A new member stands before the one that made room for it.
	bool is_left_new = is_new(left), is_right_new = is_new(right);
	if (is_left_new != is_right_new)
		return is_left_new ? 1 : -1;
	return left->node < right->node ? 1 : -1;
}

struct polyton_error *layout_items_open(struct layout_agenda *agenda, const struct layout_item *item,
					const struct type *const types[2])
{
	size_t first = agenda->stack.count;
	struct polyton_error *err = NULL;
	switch (types[0]->kind) {
	case TYPE_STRUCT:
	case TYPE_UNION:
		err = push_members(agenda, item, types);
		if (!err && types[0]->variant_count && types[1]->variant_count)
			err = push_variants(agenda, item, types);
		break;
	case TYPE_ENUM:
		err = push_enumerators(agenda, item, types);
		break;
	case TYPE_ARRAY:
	case TYPE_POINTER:
	case TYPE_REFERENCE:
		err = push_target(agenda, item, types);
		break;
	default:
		break;
	}
	if (agenda->stack.count > first + 1)
		qsort(agenda->stack.items + first, agenda->stack.count - first, sizeof(*agenda->stack.items),
		      last_place_first);
	return err;
}
