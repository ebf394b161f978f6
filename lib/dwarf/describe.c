// Of several DIEs for one place, the one whose type has the size that the symbol table knows: the linker kept one
// definition of a variable, while every unit that had one still describes its own.

#include "dwarf/describe.h"

#include <string.h>

enum { DESCRIBE_MAX_NESTED = 64 };

void dwarf_sources_deinit(dwarf_source_list *sources)
{
	for (size_t i = sources->count; i--;) {
		struct dwarf_source *source = &sources->items[i];
		dwarf_types_destroy(source->types);
		if (source->is_owned)
			dwarf_file_close(source->file);
		elf_file_close(source->elf);
	}
	vec_deinit(sources);
}

// 0 if it is not known.
static uint64_t size_of(const struct type_graph *graph, uint32_t type)
{
	uint64_t count = 1, size;
	for (int i = 0; i < DESCRIBE_MAX_NESTED; i++) {
		const struct type *row = type_at(graph, type_strip(graph, type));
		if (row->size || row->kind != TYPE_ARRAY)
			return __builtin_mul_overflow(count, row->size, &size) ? 0 : size;
		if (row->count == UINT64_MAX || __builtin_mul_overflow(count, row->count, &count))
			return 0;
		type = row->target;
	}
	return 0;
}

enum fit {
	FIT_NOT,
	FIT_SHORT, // its last member is an array without a size, which an initialiser made longer
	FIT_EXACT,
};

static enum fit compare_sizes(const struct dwarf_asked *variable, const struct type_of *type)
{
	uint64_t size = size_of(type->graph, type->type);
	if (!size || !variable->size || size == variable->size)
		return FIT_EXACT;
	return size < variable->size ? FIT_SHORT : FIT_NOT;
}

static struct polyton_error *ask(struct dwarf_source *source, uint64_t die, struct type_of *ret)
{
	if (!source->types) {
		struct polyton_error *error = dwarf_types_create(source->file, NULL, &source->types);
		if (error)
			return error;
	}
	return dwarf_types_describe(source->types, die, ret);
}

// @p ret as it is found when nothing fits. Its graph is told by @p source_ret.
static struct polyton_error *choose(const struct dwarf_asked *variable, const struct pairing_list *list,
				    dwarf_source_list *sources, struct type_of *ret, uint32_t *source_ret)
{
	for (uint32_t i = 0; i < list->count; i++) {
		const struct pairing_candidate *candidate = &list->items[i];
		struct type_of type = { 0 };
		struct polyton_error *error = ask(&sources->items[candidate->source], candidate->die, &type);
		if (error)
			return error;
		if (type.absence != TYPE_IS_THERE) {
			if (ret->absence != TYPE_IS_THERE && i == 0)
				*ret = type; // why the best one has none
			continue;
		}
		enum fit fit = compare_sizes(variable, &type);
		bool is_first_short = fit == FIT_SHORT && ret->absence != TYPE_IS_THERE &&
				      candidate->evidence != PAIRING_BY_PLACE;
		if (fit == FIT_EXACT || is_first_short) {
			*ret = type;
			*source_ret = candidate->source;
		}
		if (fit == FIT_EXACT)
			return NULL;
	}
	return NULL;
}

static struct polyton_error *describe(const struct dwarf_question *question, const struct pairing *pairing,
				      dwarf_source_list *sources, struct dwarf_answer *answer)
{
	uint32_t *chosen = arena_alloc(&answer->arena, answer->variable_count, sizeof(*chosen));
	struct type_graph *graphs = arena_alloc(&answer->arena, sources->count, sizeof(*graphs));
	if (!chosen || !graphs)
		return error_no_memory();
	for (uint32_t i = 0; i < answer->variable_count; i++) {
		struct type_of *variable = &answer->variables[i];
		chosen[i] = POLYTON_NONE;
		struct polyton_error *error =
			choose(&question->variables[i], &pairing->lists[i], sources, variable, &chosen[i]);
		if (error)
			return error;
		variable->graph = NULL;
		if (chosen[i] == POLYTON_NONE)
			continue;
		struct dwarf_source *source = &sources->items[chosen[i]];
		if (source->graph == POLYTON_NONE)
			source->graph = answer->graph_count++;
		variable->graph = &graphs[source->graph];
	}
	// Only now: graphs grow with every variable.
	for (size_t i = 0; i < sources->count; i++) {
		if (sources->items[i].graph != POLYTON_NONE)
			graphs[sources->items[i].graph] = *dwarf_types_graph(sources->items[i].types);
	}
	answer->graphs = graphs;
	return NULL;
}

static const char *find_complaint(const char *complaint, const dwarf_source_list *sources)
{
	for (size_t i = 0; !complaint && i < sources->count; i++) {
		if (sources->items[i].types)
			complaint = dwarf_types_complaint(sources->items[i].types);
	}
	return complaint ? complaint : "";
}

struct polyton_error *describe_variables(const struct dwarf_question *question, const struct pairing *pairing,
					 dwarf_source_list *sources, enum type_absence absence,
					 const struct dwarf_line *lines, const char *complaint, struct pack *ret)
{
	struct dwarf_answer *answer;
	struct polyton_error *error = dwarf_answer_absent(absence, question->variable_count, "", &answer);
	if (error)
		return error;
	error = describe(question, pairing, sources, answer);
	if (!error) {
		answer->complaint = find_complaint(complaint, sources);
		answer->lines = lines;
		answer->line_count = lines ? question->place_count : 0;
		error = wire_put_answer(answer, ret);
	}
	dwarf_answer_destroy(answer);
	return error;
}
