// Two builds' members mostly come in the same order, so the search for a counterpart goes on where the last one was
// found; a list of any length is then paired in one walk.

#include "value/pairing.h"

#include <string.h>

#include "value/spelling.h"

static const char *first_name_in(const struct type_graph *graph, uint32_t type)
{
	const struct type *row = type_at(graph, type_strip(graph, type));
	struct pairing_range members = pairing_clamp(row->first_member, row->member_count, graph->member_count);
	for (uint32_t i = 0; i < members.count && i < 8; i++) {
		if (graph->members[members.first + i].name[0])
			return graph->members[members.first + i].name;
	}
	return "";
}

// What has no name is told by something else: a base by its type, a nameless union by the first name in it. A vtable
// pointer's name differs between compilers.
bool pairing_same_member(const struct type_graph *const graphs[2], const uint32_t index[2])
{
	const struct type_member *a = &graphs[0]->members[index[0]], *b = &graphs[1]->members[index[1]];
	if (a->is_base != b->is_base || a->is_artificial != b->is_artificial)
		return false;
	if (a->is_base) {
		const struct type *type = type_at(graphs[0], type_strip(graphs[0], a->type));
		const struct type *other = type_at(graphs[1], type_strip(graphs[1], b->type));
		return spelling_is_same(type->name, other->name, type->language);
	}
	if (a->is_artificial || a->name[0] || b->name[0])
		return a->is_artificial || strcmp(a->name, b->name) == 0;
	return strcmp(first_name_in(graphs[0], a->type), first_name_in(graphs[1], b->type)) == 0;
}

bool pairing_same_variant(const struct type_graph *const graphs[2], const uint32_t index[2])
{
	return strcmp(graphs[0]->variants[index[0]].name, graphs[1]->variants[index[1]].name) == 0;
}

bool pairing_same_enumerator(const struct type_graph *const graphs[2], const uint32_t index[2])
{
	return strcmp(graphs[0]->enumerators[index[0]].name, graphs[1]->enumerators[index[1]].name) == 0;
}

struct pairing_range pairing_clamp(uint32_t first, uint32_t count, uint32_t total)
{
	if (first >= total)
		return (struct pairing_range){ 0, 0 };
	return (struct pairing_range){ first, count < total - first ? count : total - first };
}

struct polyton_error *pairing_make(const struct type_graph *const graphs[2], const struct pairing_range ranges[2],
				   pairing_test *test, uint32_t *steps, pair_list *ret, bool *is_complete_ret)
{
	uint32_t count = ranges[1].count, hint = 0;
	auto_free bool *is_taken = calloc(count ? count : 1, sizeof(*is_taken));
	if (!is_taken)
		return error_no_memory();

	*is_complete_ret = true;
	for (uint32_t i = 0; i < ranges[0].count; i++) {
		struct pair *pair = vec_push(ret);
		if (!pair)
			return error_no_memory();
		*pair = (struct pair){ { ranges[0].first + i, POLYTON_NONE } };
		for (uint32_t tried = 0; tried < count && *steps; tried++) {
			uint32_t at = (hint + tried) % count;
			const uint32_t index[2] = { pair->index[0], ranges[1].first + at };
			--*steps;
			if (is_taken[at] || !test(graphs, index))
				continue;
			is_taken[at] = true;
			pair->index[1] = index[1];
			hint = at + 1;
			break;
		}
		*is_complete_ret &= *steps > 0;
	}
	for (uint32_t i = 0; i < count; i++) {
		struct pair *pair = is_taken[i] ? NULL : vec_push(ret);
		if (!pair && !is_taken[i])
			return error_no_memory();
		if (pair)
			*pair = (struct pair){ { POLYTON_NONE, ranges[1].first + i } };
	}
	return NULL;
}
