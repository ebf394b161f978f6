// Messages of a worker that a file has taken over. The first byte says what the rest is meant to be; answers are
// walked, and sent on, so that what was accepted once is accepted again.

#include <stdlib.h>
#include <string.h>

#include "dwarf/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t limit, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t size, size_t limit);

static bool is_fine(struct polyton_error *error)
{
	bool ret = !error;
	polyton_error_destroy(error);
	return ret;
}

static void check_range(uint32_t first, uint32_t count, uint32_t all)
{
	if (count && (first >= all || count > all - first))
		abort();
}

static void check_index(uint32_t index, uint32_t all)
{
	if (index != POLYTON_NONE && index >= all)
		abort();
}

static void walk(const struct dwarf_answer *answer)
{
	for (uint32_t g = 0; g < answer->graph_count; g++) {
		const struct type_graph *graph = &answer->graphs[g];
		for (uint32_t i = 0; i < graph->type_count; i++) {
			const struct type *type = &graph->types[i];
			check_range(type->first_member, type->member_count, graph->member_count);
			check_range(type->first_parameter, type->parameter_count, graph->member_count);
			check_range(type->first_variant, type->variant_count, graph->variant_count);
			check_range(type->first_enumerator, type->enumerator_count, graph->enumerator_count);
			check_index(type->target, graph->type_count);
			check_index(type->discriminant, graph->member_count);
			check_index(type_strip(graph, i), graph->type_count);
		}
		for (uint32_t i = 0; i < graph->member_count; i++)
			check_index(graph->members[i].type, graph->type_count);
		for (uint32_t i = 0; i < graph->variant_count; i++)
			check_index(graph->variants[i].member, graph->member_count);
	}
	for (uint32_t i = 0; i < answer->variable_count; i++) {
		const struct type_of *variable = &answer->variables[i];
		if ((variable->absence == TYPE_IS_THERE) != (variable->graph != NULL) ||
		    (variable->graph && variable->type >= variable->graph->type_count))
			abort();
	}
}

static void try_answer(const uint8_t *bytes, size_t size)
{
	struct dwarf_answer *answer, *again;
	struct pack pack = { 0 };
	if (!is_fine(wire_get_answer(bytes, size, &answer)))
		return;
	walk(answer);
	if (!is_fine(wire_put_answer(answer, &pack)) || !is_fine(wire_get_answer(pack.items, pack.count, &again)))
		abort();
	if (again->variable_count != answer->variable_count || strcmp(again->complaint, answer->complaint) != 0)
		abort();
	dwarf_answer_destroy(again);
	dwarf_answer_destroy(answer);
	pack_deinit(&pack);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena arena = { 0 };
	struct dwarf_question question;
	struct dwarf_need need;
	struct wire_hello hello;
	if (!size)
		return 0;
	switch (bytes[0] % 4) {
	case 0:
		(void)is_fine(wire_get_question(bytes + 1, size - 1, &arena, &question));
		break;
	case 1:
		(void)is_fine(wire_get_need(bytes + 1, size - 1, &arena, &need));
		break;
	case 2:
		(void)is_fine(wire_get_hello(bytes + 1, size - 1, &arena, &hello));
		break;
	case 3:
		try_answer(bytes + 1, size - 1);
		break;
	}
	arena_deinit(&arena);
	return 0;
}

// Something whole to begin with: random bytes hardly ever get past the first count.
static size_t write_whole(uint8_t *bytes, size_t limit)
{
	static const struct type_member member = { .name = "value", .type = 0, .offset = 8 };
	static const struct type_variant variant = { "Some", true, 0, 1, 0 };
	static const struct type_enumerator enumerator = { "RED", -1 };
	static const struct type type = {
		.kind = TYPE_STRUCT,
		.name = "Option<i32>",
		.size = 16,
		.target = 0,
		.member_count = 1,
		.enumerator_count = 1,
		.variant_count = 1,
		.discriminant = 0,
		.parameter_count = 1,
	};
	const struct type_graph graph = { &type, 1, &member, 1, &enumerator, 1, &variant, 1 };
	struct type_of variable = { TYPE_IS_THERE, &graph, 0, "x.rs", 7, "rustc" };
	const struct dwarf_answer answer = { &variable, 1, &graph, 1, "", { 0 } };
	struct pack pack = { 0 };
	size_t size = 0;
	pack_number(&pack, 3);
	if (is_fine(wire_put_answer(&answer, &pack)) && pack.count <= limit) {
		memcpy(bytes, pack.items, pack.count);
		size = pack.count;
	}
	pack_deinit(&pack);
	return size;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t limit, unsigned seed)
{
	if (seed % 64 == 0 || size < 2)
		size = write_whole(bytes, limit);
	return LLVMFuzzerMutate(bytes, size, limit);
}
