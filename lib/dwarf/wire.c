// The small messages. Numbers are sent with their range known on the other side, and checked there.

#include "dwarf/wire.h"

#include <string.h>

enum { WIRE_MAX_SYMBOL = 1 << 16, WIRE_VARIABLE_LEAST = 4 };

static struct polyton_error *finish(const struct pack *pack, const char *what)
{
	if (pack->is_failed)
		return error_no_memory();
	if (pack->count > WIRE_MAX_BODY)
		return error_create(POLYTON_ERROR_UNSUPPORTED, "%s about debug info is too large", what);
	return NULL;
}

struct polyton_error *wire_put_hello(const struct wire_hello *hello, struct pack *ret)
{
	pack_number(ret, hello->is_able);
	pack_text(ret, hello->text, WIRE_MAX_TEXT);
	return finish(ret, "greeting");
}

struct polyton_error *wire_get_hello(const uint8_t *bytes, size_t size, struct arena *arena, struct wire_hello *ret)
{
	struct unpack unpack = { bytes, bytes + size, arena, false, false };
	struct wire_hello hello = { .is_able = unpack_number(&unpack, true) };
	hello.text = unpack_text(&unpack, WIRE_MAX_TEXT);
	struct polyton_error *error = unpack_end(&unpack, "greeting");
	if (!error)
		*ret = hello;
	return error;
}

struct polyton_error *wire_put_question(const struct dwarf_question *question, struct pack *ret)
{
	if (question->variable_count > WIRE_MAX_VARIABLES || question->place_count > WIRE_MAX_PLACES)
		return error_create(POLYTON_ERROR_UNSUPPORTED, "more than %d variables in one file",
				    WIRE_MAX_VARIABLES);
	pack_number(ret, question->variable_count);
	for (uint32_t i = 0; i < question->variable_count; i++) {
		const struct dwarf_asked *variable = &question->variables[i];
		pack_number(ret, variable->kind);
		pack_number(ret, variable->offset);
		pack_number(ret, variable->size);
		pack_text(ret, variable->symbol, WIRE_MAX_SYMBOL);
	}
	pack_number(ret, question->place_count);
	for (uint32_t i = 0; i < question->place_count; i++)
		pack_number(ret, question->places[i]);
	return finish(ret, "question");
}

struct polyton_error *wire_get_question(const uint8_t *bytes, size_t size, struct arena *arena,
					struct dwarf_question *ret)
{
	struct unpack unpack = { bytes, bytes + size, arena, false, false };
	struct dwarf_question question = { .variable_count =
						   unpack_count(&unpack, WIRE_MAX_VARIABLES, WIRE_VARIABLE_LEAST) };
	struct dwarf_asked *variables = unpack_items(&unpack, question.variable_count, sizeof(*variables));
	for (uint32_t i = 0; variables && i < question.variable_count; i++) {
		variables[i].kind = (enum polyton_kind)unpack_number(&unpack, POLYTON_KIND_TLS);
		variables[i].offset = unpack_number(&unpack, UINT64_MAX);
		variables[i].size = unpack_number(&unpack, UINT64_MAX);
		variables[i].symbol = unpack_text(&unpack, WIRE_MAX_SYMBOL);
	}
	question.variables = variables;
	question.place_count = unpack_count(&unpack, WIRE_MAX_PLACES, 1);
	uint64_t *places = unpack_items(&unpack, question.place_count, sizeof(*places));
	for (uint32_t i = 0; places && i < question.place_count; i++)
		places[i] = unpack_number(&unpack, UINT64_MAX);
	question.places = places;
	struct polyton_error *error = unpack_end(&unpack, "question");
	if (!error)
		*ret = question;
	return error;
}

void wire_put_lines(const struct dwarf_answer *answer, struct pack *ret)
{
	pack_number(ret, answer->line_count);
	for (uint32_t i = 0; i < answer->line_count; i++) {
		pack_number(ret, answer->lines[i].line);
		pack_text(ret, answer->lines[i].file, WIRE_MAX_TEXT);
	}
}

void wire_get_lines(struct unpack *unpack, struct dwarf_answer *answer)
{
	answer->line_count = unpack_count(unpack, WIRE_MAX_PLACES, 2);
	struct dwarf_line *lines = unpack_items(unpack, answer->line_count, sizeof(*lines));
	for (uint32_t i = 0; lines && i < answer->line_count; i++) {
		lines[i].line = (uint32_t)unpack_number(unpack, UINT32_MAX);
		lines[i].file = unpack_text(unpack, WIRE_MAX_TEXT);
	}
	answer->lines = lines;
}

struct polyton_error *wire_put_need(const struct dwarf_need *need, struct pack *ret)
{
	if (need->id_size > WIRE_MAX_ID || strlen(need->path) > WIRE_MAX_TEXT)
		return error_create(POLYTON_ERROR_DAMAGED, "the name of a further debug file is too long");
	pack_number(ret, need->kind);
	pack_text(ret, need->path, WIRE_MAX_TEXT);
	pack_number(ret, need->id_size);
	pack_bytes(ret, need->id, need->id_size);
	return finish(ret, "request");
}

struct polyton_error *wire_get_need(const uint8_t *bytes, size_t size, struct arena *arena, struct dwarf_need *ret)
{
	struct unpack unpack = { bytes, bytes + size, arena, false, false };
	struct dwarf_need need = { .kind = (enum dwarf_need_kind)unpack_number(&unpack, DWARF_NEED_ALTERNATE) };
	need.path = unpack_text(&unpack, WIRE_MAX_TEXT);
	need.id_size = (uint32_t)unpack_number(&unpack, WIRE_MAX_ID);
	const uint8_t *id = unpack_bytes(&unpack, need.id_size);
	if (id)
		memcpy(need.id, id, need.id_size);
	struct polyton_error *error = unpack_end(&unpack, "request");
	if (!error)
		*ret = need;
	return error;
}
