// Answers: the type graphs that the worker read. Every index is checked where it is decoded, so that whoever walks a
// graph afterwards has to fear no more than circles.
//
// Texts repeat a lot (the same namespace, file, compiler), so they are sent once and named by number.

#include "dwarf/wire.h"

#include <string.h>

#include "base/strmap.h"

enum {
	ANSWER_MAX_GRAPHS = 1 << 16,
	ANSWER_MAX_ROWS = WIRE_MAX_BODY,
	ANSWER_MAX_NAME = 1 << 16,
	// The fewest bytes that a row of each kind takes.
	ANSWER_TEXT_LEAST = 1,
	ANSWER_GRAPH_LEAST = 4,
	ANSWER_TYPE_LEAST = 12,
	ANSWER_MEMBER_LEAST = 6,
	ANSWER_ENUMERATOR_LEAST = 2,
	ANSWER_VARIANT_LEAST = 5,
	ANSWER_VARIABLE_LEAST = 5,
};

enum { MEMBER_IS_BASE = 1, MEMBER_IS_ARTIFICIAL = 2, MEMBER_FLAGS = 3 };

// Texts on their way out: those numbered so far stand in @c text, in order.
struct writer {
	struct pack body, text;
	struct strmap numbers;
	bool is_failed;
};

static void put_text(struct writer *writer, const char *text)
{
	size_t length = text ? strnlen(text, ANSWER_MAX_NAME) : 0;
	uint32_t *number = strmap_at(&writer->numbers, text ? text : "", length, UINT32_MAX);
	if (!number) {
		writer->is_failed = true;
		return;
	}
	if (*number == UINT32_MAX) {
		*number = (uint32_t)writer->numbers.count - 1;
		pack_number(&writer->text, length);
		pack_bytes(&writer->text, text, length);
	}
	pack_number(&writer->body, *number);
}

// POLYTON_NONE is the most frequent index, so it is the shortest.
static void put_index(struct writer *writer, uint32_t index)
{
	pack_number(&writer->body, (uint32_t)(index + 1));
}

static void put_range(struct writer *writer, uint32_t first, uint32_t count)
{
	pack_number(&writer->body, count);
	if (count)
		pack_number(&writer->body, first);
}

static void put_type(struct writer *writer, const struct type *type)
{
	struct pack *body = &writer->body;
	pack_number(body, type->kind);
	pack_number(body, type->encoding);
	pack_number(body, type->language);
	put_text(writer, type->name);
	pack_number(body, type->size);
	put_index(writer, type->target);
	pack_number(body, type->count + 1); // UINT64_MAX, "not known", becomes 0
	put_range(writer, type->first_member, type->member_count);
	put_range(writer, type->first_enumerator, type->enumerator_count);
	put_range(writer, type->first_variant, type->variant_count);
	put_index(writer, type->variant_count ? type->discriminant : POLYTON_NONE);
	put_range(writer, type->first_parameter, type->parameter_count);
	if (type->kind == TYPE_INCOMPLETE)
		pack_number(body, type->is_union);
}

static void put_graph(struct writer *writer, const struct type_graph *graph)
{
	struct pack *body = &writer->body;
	pack_number(body, graph->type_count);
	pack_number(body, graph->member_count);
	pack_number(body, graph->enumerator_count);
	pack_number(body, graph->variant_count);
	for (uint32_t i = 0; i < graph->type_count; i++)
		put_type(writer, &graph->types[i]);
	for (uint32_t i = 0; i < graph->member_count; i++) {
		const struct type_member *member = &graph->members[i];
		put_text(writer, member->name);
		put_index(writer, member->type);
		pack_number(body, member->offset);
		pack_number(body, member->bit_size);
		pack_number(body, member->bit_offset);
		pack_number(body, (member->is_base ? MEMBER_IS_BASE : 0) |
					  (member->is_artificial ? MEMBER_IS_ARTIFICIAL : 0));
	}
	for (uint32_t i = 0; i < graph->enumerator_count; i++) {
		put_text(writer, graph->enumerators[i].name);
		pack_signed(body, graph->enumerators[i].value);
	}
	for (uint32_t i = 0; i < graph->variant_count; i++) {
		const struct type_variant *variant = &graph->variants[i];
		put_text(writer, variant->name);
		pack_number(body, variant->is_default);
		pack_number(body, variant->first_value);
		pack_number(body, variant->last_value);
		put_index(writer, variant->member);
	}
}

static void put_variable(struct writer *writer, const struct dwarf_answer *answer, const struct type_of *variable)
{
	put_text(writer, variable->decl_file);
	put_text(writer, variable->producer);
	pack_number(&writer->body, variable->decl_line);
	pack_number(&writer->body, variable->absence);
	put_index(writer, variable->graph ? (uint32_t)(variable->graph - answer->graphs) : POLYTON_NONE);
	if (variable->graph)
		pack_number(&writer->body, variable->type);
}

struct polyton_error *wire_put_answer(const struct dwarf_answer *answer, struct pack *ret)
{
	struct writer writer = { 0 };
	put_text(&writer, answer->complaint);
	pack_number(&writer.body, answer->graph_count);
	for (uint32_t i = 0; i < answer->graph_count; i++)
		put_graph(&writer, &answer->graphs[i]);
	pack_number(&writer.body, answer->variable_count);
	for (uint32_t i = 0; i < answer->variable_count; i++)
		put_variable(&writer, answer, &answer->variables[i]);
	wire_put_lines(answer, &writer.body);

	pack_number(ret, writer.numbers.count);
	pack_bytes(ret, writer.text.items, writer.text.count);
	pack_bytes(ret, writer.body.items, writer.body.count);
	bool is_failed = writer.is_failed || writer.body.is_failed || writer.text.is_failed || ret->is_failed;
	strmap_deinit(&writer.numbers);
	pack_deinit(&writer.body);
	pack_deinit(&writer.text);
	if (is_failed)
		return error_no_memory();
	if (ret->count > WIRE_MAX_BODY)
		return error_create(POLYTON_ERROR_UNSUPPORTED, "the types of the variables are too many to be sent");
	return NULL;
}

struct reader {
	struct unpack in;
	const char **texts;
	uint32_t text_count;
};

static const char *get_text(struct reader *reader)
{
	if (!reader->text_count) {
		reader->in.is_bad = true;
		return "";
	}
	return reader->texts[unpack_number(&reader->in, reader->text_count - 1)];
}

// POLYTON_NONE, or less than @p count.
static uint32_t get_index(struct reader *reader, uint32_t count)
{
	return (uint32_t)unpack_number(&reader->in, count) - 1;
}

static void get_range(struct reader *reader, uint32_t most, uint32_t *first_ret, uint32_t *count_ret)
{
	uint32_t count = (uint32_t)unpack_number(&reader->in, most);
	*first_ret = count ? (uint32_t)unpack_number(&reader->in, most - count) : 0;
	*count_ret = count;
}

static void get_type(struct reader *reader, const struct type_graph *graph, struct type *type)
{
	struct unpack *in = &reader->in;
	type->kind = (enum type_kind)unpack_number(in, TYPE_INCOMPLETE);
	type->encoding = (enum type_encoding)unpack_number(in, TYPE_ENCODING_OTHER);
	type->language = (enum polyton_language)unpack_number(in, POLYTON_LANGUAGE_RUST);
	type->name = get_text(reader);
	type->size = unpack_number(in, UINT64_MAX);
	type->target = get_index(reader, graph->type_count);
	type->count = unpack_number(in, UINT64_MAX) - 1;
	get_range(reader, graph->member_count, &type->first_member, &type->member_count);
	get_range(reader, graph->enumerator_count, &type->first_enumerator, &type->enumerator_count);
	get_range(reader, graph->variant_count, &type->first_variant, &type->variant_count);
	type->discriminant = get_index(reader, graph->member_count);
	get_range(reader, graph->member_count, &type->first_parameter, &type->parameter_count);
	type->is_union = type->kind == TYPE_INCOMPLETE && unpack_number(in, 1);
}

static void get_member(struct reader *reader, const struct type_graph *graph, struct type_member *member)
{
	member->name = get_text(reader);
	member->type = get_index(reader, graph->type_count);
	member->offset = unpack_number(&reader->in, UINT64_MAX);
	member->bit_size = (uint32_t)unpack_number(&reader->in, UINT32_MAX);
	member->bit_offset = (uint32_t)unpack_number(&reader->in, UINT32_MAX);
	uint64_t flags = unpack_number(&reader->in, MEMBER_FLAGS);
	member->is_base = flags & MEMBER_IS_BASE;
	member->is_artificial = flags & MEMBER_IS_ARTIFICIAL;
}

static void get_variant(struct reader *reader, const struct type_graph *graph, struct type_variant *variant)
{
	variant->name = get_text(reader);
	variant->is_default = unpack_number(&reader->in, true);
	variant->first_value = unpack_number(&reader->in, UINT64_MAX);
	variant->last_value = unpack_number(&reader->in, UINT64_MAX);
	variant->member = get_index(reader, graph->member_count);
}

static void get_graph(struct reader *reader, struct type_graph *ret)
{
	struct unpack *in = &reader->in;
	struct type_graph graph = { 0 };
	graph.type_count = unpack_count(in, ANSWER_MAX_ROWS, ANSWER_TYPE_LEAST);
	graph.member_count = unpack_count(in, ANSWER_MAX_ROWS, ANSWER_MEMBER_LEAST);
	graph.enumerator_count = unpack_count(in, ANSWER_MAX_ROWS, ANSWER_ENUMERATOR_LEAST);
	graph.variant_count = unpack_count(in, ANSWER_MAX_ROWS, ANSWER_VARIANT_LEAST);
	struct type *types = unpack_items(in, graph.type_count, sizeof(*types));
	struct type_member *members = unpack_items(in, graph.member_count, sizeof(*members));
	struct type_enumerator *enumerators = unpack_items(in, graph.enumerator_count, sizeof(*enumerators));
	struct type_variant *variants = unpack_items(in, graph.variant_count, sizeof(*variants));
	if (!types || !members || !enumerators || !variants)
		return;
	for (uint32_t i = 0; i < graph.type_count; i++)
		get_type(reader, &graph, &types[i]);
	for (uint32_t i = 0; i < graph.member_count; i++)
		get_member(reader, &graph, &members[i]);
	for (uint32_t i = 0; i < graph.enumerator_count; i++) {
		enumerators[i].name = get_text(reader);
		enumerators[i].value = unpack_signed(in);
	}
	for (uint32_t i = 0; i < graph.variant_count; i++)
		get_variant(reader, &graph, &variants[i]);
	graph.types = types;
	graph.members = members;
	graph.enumerators = enumerators;
	graph.variants = variants;
	*ret = graph;
}

static void get_variable(struct reader *reader, const struct dwarf_answer *answer, struct type_of *variable)
{
	struct unpack *in = &reader->in;
	variable->decl_file = get_text(reader);
	variable->producer = get_text(reader);
	variable->decl_line = (uint32_t)unpack_number(in, UINT32_MAX);
	variable->absence = (enum type_absence)unpack_number(in, TYPE_NO_WORKER);
	uint32_t graph = get_index(reader, answer->graph_count);
	variable->type = POLYTON_NONE;
	if (graph != POLYTON_NONE && answer->graphs[graph].type_count) {
		variable->graph = &answer->graphs[graph];
		variable->type = (uint32_t)unpack_number(in, variable->graph->type_count - 1);
	}
	// There is a type, or there is a reason.
	if ((variable->absence == TYPE_IS_THERE) != (variable->graph != NULL))
		in->is_bad = true;
}

static void get_answer(struct reader *reader, struct dwarf_answer *answer)
{
	struct unpack *in = &reader->in;
	reader->text_count = unpack_count(in, ANSWER_MAX_ROWS, ANSWER_TEXT_LEAST);
	reader->texts = unpack_items(in, reader->text_count, sizeof(*reader->texts));
	if (!reader->texts)
		return;
	for (uint32_t i = 0; i < reader->text_count; i++)
		reader->texts[i] = unpack_text(in, ANSWER_MAX_NAME);

	answer->complaint = get_text(reader);
	answer->graph_count = unpack_count(in, ANSWER_MAX_GRAPHS, ANSWER_GRAPH_LEAST);
	struct type_graph *graphs = unpack_items(in, answer->graph_count, sizeof(*graphs));
	if (!graphs)
		return;
	answer->graphs = graphs;
	for (uint32_t i = 0; i < answer->graph_count; i++)
		get_graph(reader, &graphs[i]);

	answer->variable_count = unpack_count(in, WIRE_MAX_VARIABLES, ANSWER_VARIABLE_LEAST);
	answer->variables = unpack_items(in, answer->variable_count, sizeof(*answer->variables));
	for (uint32_t i = 0; answer->variables && i < answer->variable_count; i++)
		get_variable(reader, answer, &answer->variables[i]);
	wire_get_lines(in, answer);
}

struct polyton_error *wire_get_answer(const uint8_t *bytes, size_t size, struct dwarf_answer **ret)
{
	struct dwarf_answer *answer = calloc(1, sizeof(*answer));
	if (!answer)
		return error_no_memory();
	struct reader reader = { .in = { bytes, bytes + size, &answer->arena, false, false } };
	get_answer(&reader, answer);
	struct polyton_error *error = unpack_end(&reader.in, "answer");
	if (error) {
		dwarf_answer_destroy(answer);
		return error;
	}
	*ret = answer;
	return NULL;
}

struct polyton_error *dwarf_answer_absent(enum type_absence absence, uint32_t variable_count, const char *complaint,
					  struct dwarf_answer **ret)
{
	struct dwarf_answer *answer = calloc(1, sizeof(*answer));
	if (!answer)
		return error_no_memory();
	answer->variables = arena_alloc(&answer->arena, variable_count, sizeof(*answer->variables));
	answer->complaint = arena_strdup(&answer->arena, complaint);
	if (!answer->variables || !answer->complaint) {
		dwarf_answer_destroy(answer);
		return error_no_memory();
	}
	answer->variable_count = variable_count;
	for (uint32_t i = 0; i < variable_count; i++)
		answer->variables[i] = (struct type_of){ absence, NULL, POLYTON_NONE, "", 0, "" };
	*ret = answer;
	return NULL;
}

void dwarf_answer_destroy(struct dwarf_answer *answer)
{
	if (!answer)
		return;
	arena_deinit(&answer->arena);
	free(answer);
}
