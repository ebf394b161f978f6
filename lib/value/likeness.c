// What two compilers say of one type differs in many ways that its bytes know nothing of.

#include "value/likeness.h"

#include <string.h>

#include "value/spelling.h"

enum { MAX_WRAPPERS = 16, MAX_POINTERS = 8, NAME_STEP = 64, NAME_MAX_STEPS = 64 };

const struct type *likeness_stripped(const struct type_graph *graph, uint32_t type)
{
	static const struct type nothing = { .kind = TYPE_VOID, .name = "", .target = POLYTON_NONE };
	if (type == POLYTON_NONE)
		return &nothing;
	return type_at(graph, type_strip(graph, type));
}

uint64_t likeness_size(const struct type_graph *graph, uint32_t type)
{
	const struct type *row = likeness_stripped(graph, type);
	uint64_t count = 1, size;
	for (int i = 0; i < MAX_WRAPPERS && row->kind == TYPE_ARRAY && !row->size; i++) {
		if (row->count == UINT64_MAX || __builtin_mul_overflow(count, row->count, &count))
			return 0;
		row = likeness_stripped(graph, row->target);
	}
	return __builtin_mul_overflow(count, row->size, &size) ? 0 : size;
}

// C++ gives what is empty a byte, so that it has an address; as a base it has none of its own.
static bool is_empty_class(const struct type_graph *graph, const struct type *row)
{
	for (int depth = 0; depth < MAX_WRAPPERS; depth++) {
		struct pairing_range members =
			pairing_clamp(row->first_member, row->member_count, graph->member_count);
		if (row->kind != TYPE_STRUCT || row->size != 1 || members.count > 1)
			return false;
		if (!members.count)
			return true;
		if (!graph->members[members.first].is_base)
			return false;
		row = likeness_stripped(graph, graph->members[members.first].type);
	}
	return false;
}

bool likeness_is_empty(const struct type_graph *graph, uint32_t type)
{
	const struct type *row = likeness_stripped(graph, type);
	bool is_rust = row->language == POLYTON_LANGUAGE_RUST;
	switch (row->kind) {
	case TYPE_STRUCT:
		return !row->size || (row->language == POLYTON_LANGUAGE_CXX && is_empty_class(graph, row));
	case TYPE_BASE:
	case TYPE_UNION:
	case TYPE_ARRAY:
		return is_rust && !likeness_size(graph, type);
	default:
		return false;
	}
}

bool likeness_is_unknown(const struct type *type)
{
	return type->kind == TYPE_UNKNOWN || type->kind == TYPE_INCOMPLETE;
}

uint32_t likeness_sole_member(struct likeness *likeness, int side, const struct type *type)
{
	const struct type_graph *graph = likeness->graphs[side];
	struct pairing_range members = pairing_clamp(type->first_member, type->member_count, graph->member_count);
	uint32_t found = POLYTON_NONE;
	if ((type->kind != TYPE_STRUCT && type->kind != TYPE_UNION) || type->variant_count)
		return POLYTON_NONE;
	for (uint32_t i = members.first; i < members.first + members.count; i++) {
		const struct type_member *member = &graph->members[i];
		if (likeness->steps)
			likeness->steps--;
		if (likeness_is_empty(graph, member->type))
			continue;
		if (found != POLYTON_NONE || member->offset || member->bit_size || !likeness->steps ||
		    likeness_size(graph, member->type) != type->size)
			return POLYTON_NONE;
		found = i;
	}
	return found;
}

// std's atomics are {v: {value: usize}} in one release and {v: {value: {0: usize}}} in the next: what only wraps is
// taken off until the two are of one kind, with members of one name.
void likeness_unwrap(struct likeness *likeness, const struct type *types[2])
{
	for (int i = 0; i < MAX_WRAPPERS; i++) {
		if (types[0]->kind == types[1]->kind && types[0]->kind != TYPE_STRUCT && types[0]->kind != TYPE_UNION)
			return;
		uint32_t sole[2] = { likeness_sole_member(likeness, 0, types[0]),
				     likeness_sole_member(likeness, 1, types[1]) };
		bool is_one_kind = types[0]->kind == types[1]->kind &&
				   !types[0]->variant_count == !types[1]->variant_count;
		bool has_both = sole[0] != POLYTON_NONE && sole[1] != POLYTON_NONE;
		// A member's other name is nobody's business in a wrapper of std, but the programmer's in C and C++.
		if (is_one_kind && (!has_both || types[0]->language != POLYTON_LANGUAGE_RUST ||
				    pairing_same_member(likeness->graphs, sole)))
			return;
		if (!is_one_kind && !has_both && sole[0] == POLYTON_NONE && sole[1] == POLYTON_NONE)
			return;
		for (int side = 0; side < 2; side++) {
			const struct type_graph *graph = likeness->graphs[side];
			if (sole[side] != POLYTON_NONE && (is_one_kind || side == 0 || sole[0] == POLYTON_NONE))
				types[side] = likeness_stripped(graph, graph->members[sole[side]].type);
		}
	}
}

static bool is_named_alike(struct likeness *likeness, const struct type *a, const struct type *b)
{
	// A long name takes longer.
	uint32_t cost = 1 + (uint32_t)(strnlen(a->name, NAME_STEP * NAME_MAX_STEPS) / NAME_STEP);
	likeness->steps -= cost < likeness->steps ? cost : likeness->steps;
	return spelling_is_anonymous(a->name) || spelling_is_anonymous(b->name) ||
	       spelling_is_same(a->name, b->name, a->language);
}

// What two pointers point to, by name only.
static bool points_alike(struct likeness *likeness, const struct type *a, const struct type *b)
{
	for (int i = 0; i < MAX_POINTERS; i++) {
		a = likeness_stripped(likeness->graphs[0], a->target);
		b = likeness_stripped(likeness->graphs[1], b->target);
		if (likeness_is_unknown(a) || likeness_is_unknown(b)) {
			bool has_names = a->kind != TYPE_UNKNOWN && b->kind != TYPE_UNKNOWN && a->name[0] &&
					 b->name[0];
			return !has_names || is_named_alike(likeness, a, b);
		}
		if (a->kind != b->kind)
			return false;
		if (a->kind == TYPE_BASE)
			return a->encoding == b->encoding && a->size == b->size;
		if (a->kind != TYPE_POINTER && a->kind != TYPE_REFERENCE && a->kind != TYPE_ARRAY)
			return a->kind == TYPE_VOID || a->kind == TYPE_FUNCTION || is_named_alike(likeness, a, b);
	}
	return true;
}

bool likeness_is_alike(struct likeness *likeness, const struct type *const types[2])
{
	const struct type *a = types[0], *b = types[1];
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case TYPE_BASE:
		return a->encoding == b->encoding &&
		       (a->encoding != TYPE_ENCODING_OTHER || is_named_alike(likeness, a, b));
	case TYPE_STRUCT:
		return !a->variant_count == !b->variant_count;
	case TYPE_POINTER:
	case TYPE_REFERENCE:
		return points_alike(likeness, a, b);
	default:
		return true;
	}
}
