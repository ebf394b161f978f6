// The way from a type to a reader of it, and the aggregates that need no knowledge of any library.

#include "value/decode.h"

#include <elf.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "value/cxx.h"
#include "value/decoder.h"
#include "value/rust.h"
#include "value/scalar.h"
#include "value/text.h"

enum {
	DECODE_RUN = 6,           // equal elements that are worth folding
	DECODE_MAX_RUN = 1 << 20, // elements compared
	DECODE_KEY_CELLS = 40,    // of a map's key
};

const struct value_limits value_line_limits = {
	.depth = 6, .elements = 12, .text = 64, .pointers = 0, .nodes = 160, .bytes = 32 << 10, .reads = 64
};
const struct value_limits value_tree_limits = {
	.depth = 12, .elements = 64, .text = 512, .pointers = 1, .nodes = 4000, .bytes = 512 << 10, .reads = 1000
};

static bool is_equal_element(const struct part *part, uint64_t size, uint64_t a, uint64_t b)
{
	return !memcmp(part->bytes + a * size, part->bytes + b * size, (size_t)size);
}

// Elements from @p first on that hold the same bytes.
static uint64_t run_length(const struct part *part, uint64_t size, uint64_t first, uint64_t held)
{
	uint64_t length = 1;
	if (!size)
		return held - first;
	while (first + length < held && length < DECODE_MAX_RUN &&
	       is_equal_element(part, size, first, first + length))
		length++;
	return length;
}

void decoder_elements(struct decoder *decoder, struct value_node *node, const struct part *part, uint32_t element,
		      uint64_t count)
{
	uint64_t size = decoder_size(decoder, element), held = size ? part->size / size : count;
	uint64_t at = 0;
	enum type_kind kind = decoder_type(decoder, element)->kind;

	node->shape = VALUE_BRACKETS;
	if (kind == TYPE_INCOMPLETE || kind == TYPE_UNKNOWN || kind == TYPE_VOID) {
		node->is_cut = count > 0;
		return;
	}
	held = held < count ? held : count;
	for (uint32_t shown = 0; at < held && shown < decoder->limits.elements && !node->is_cut; shown++) {
		uint64_t run = run_length(part, size, at, held);
		run = run < DECODE_RUN ? 1 : run;
		struct part one = decoder_part(part, element, at * size, size);
		const char *label = run > 1 ? decoder_text(decoder, "[%" PRIu64 "..%" PRIu64 "]", at, at + run - 1)
					    : decoder_text(decoder, "[%" PRIu64 "]", at);
		decoder_add(decoder, node, label, &one);
		if (node->last && run > 1)
			node->last->repeats = run;
		at += run;
	}
	node->is_cut |= at < count;
}

void decoder_sequence(struct decoder *decoder, struct value_node *node, const struct part *inside, uint64_t address,
		      uint32_t element, uint64_t count)
{
	uint64_t size = decoder_size(decoder, element), bytes;
	struct part part = { .type = element };

	node->text = decoder_text(decoder, "size %" PRIu64, count);
	if (!count)
		return;
	if (__builtin_mul_overflow(size, count, &bytes))
		bytes = DECODER_MAX_PIECE;
	if (size && !decoder_fetch(decoder, inside, address, bytes, element, &part)) {
		node->note = "unreadable";
		return;
	}
	decoder_elements(decoder, node, &part, element, count);
}

void decoder_add(struct decoder *decoder, struct value_node *parent, const char *label, const struct part *part)
{
	if (!decoder_may_nest(decoder, parent))
		return;
	struct value_node *node = decoder_child(decoder, parent, label);
	if (node == &decoder->spare)
		return;
	decoder->depth++;
	decoder_value(decoder, part, node);
	decoder->depth--;
}

void decoder_pointee(struct decoder *decoder, struct value_node *node, uint64_t address, uint32_t target)
{
	struct part part;
	uint64_t size = decoder_size(decoder, target);

	node->text = decoder_place(decoder, address);
	if (!address || !size || decoder_type(decoder, target)->kind == TYPE_INCOMPLETE)
		return;
	if (!decoder_fetch(decoder, NULL, address, size, target, &part)) {
		node->note = "unreadable";
		return;
	}
	node->text = "";
	decoder_value(decoder, &part, node);
}

void decoder_entry(struct decoder *decoder, struct value_node *node, const struct part *key, const struct part *value)
{
	struct value_node named = { .label = "", .text = "", .note = "", .type = POLYTON_NONE };
	struct value line = { .graph = decoder->graph, .root = &named };

	node->is_rust = true; // "key: value" in every language
	if (!value) {
		decoder_add(decoder, node, "", key);
		return;
	}
	decoder_value(decoder, key, &named);
	const char *label = value_line(&line, DECODE_KEY_CELLS, decoder->arena);
	decoder->is_out_of_memory |= !label;
	decoder_add(decoder, node, label ? label : "", value);
}

static void decode_array(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	const struct type *row = decoder_type(decoder, part->type);
	uint64_t size = decoder_size(decoder, row->target), count = row->count;

	if (text_array(decoder, node, part, row->target))
		return;
	if (count == UINT64_MAX) // a flexible array member, or one whose length its unit does not know
		count = size ? part->size / size : 0;
	decoder_elements(decoder, node, part, row->target, count);
}

// Members as such: bases by their name, what has no bytes left out.
static void decode_members(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	const struct type *row = decoder_type(decoder, part->type);
	const struct type_member *member;

	node->shape = VALUE_BRACES;
	for (uint32_t i = 0; (member = decoder_member(decoder, row, i)) && !node->is_cut; i++) {
		struct part inner = decoder_member_part(decoder, part, member);
		if (member->is_artificial || decoder_is_empty(decoder, member->type))
			continue;
		const char *label = text_name(decoder, member->name);
		if (member->is_base)
			label = decoder_text(decoder, "<%.200s>",
					     text_name(decoder, type_at(decoder->graph, member->type)->name));
		decoder->is_base = member->is_base;
		if (member->bit_size && !scalar_bits(decoder, part, member, &inner))
			decoder_child(decoder, node, label)->note = "not captured";
		else
			decoder_add(decoder, node, label, &inner);
		decoder->is_base = false;
	}
}

static void decode_structure(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	const struct type *row = decoder_type(decoder, part->type);

	node->is_rust = row->language == POLYTON_LANGUAGE_RUST;
	if (node->is_rust ? rust_value(decoder, part, node) : cxx_value(decoder, part, node))
		return;
	if (!part->size && row->size) {
		node->note = "not captured";
		return;
	}
	decode_members(decoder, part, node);
}

static void decode_kind(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	const struct type *row = decoder_type(decoder, part->type);

	switch (row->kind) {
	case TYPE_BASE:
		scalar_base(decoder, part, node);
		break;
	case TYPE_ENUM:
		scalar_enum(decoder, part, node);
		break;
	case TYPE_POINTER:
	case TYPE_REFERENCE:
		if (row->language != POLYTON_LANGUAGE_RUST || !rust_pointer(decoder, part, node))
			scalar_pointer(decoder, part, node);
		break;
	case TYPE_MEMBER_POINTER:
		scalar_member_pointer(decoder, part, node);
		break;
	case TYPE_ARRAY:
		decode_array(decoder, part, node);
		break;
	case TYPE_STRUCT:
	case TYPE_UNION:
		decode_structure(decoder, part, node);
		break;
	case TYPE_UNKNOWN:
		node->note = "type not known";
		break;
	case TYPE_VOID:
	case TYPE_FUNCTION:
	case TYPE_INCOMPLETE:
	case TYPE_TYPEDEF:
	case TYPE_QUALIFIED:
		node->note = "incomplete type";
		break;
	}
}

void decoder_value(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	if (node->type == POLYTON_NONE)
		node->type = part->type;
	if (decoder->nest == DECODER_MAX_NEST) {
		node->text = "...";
		return;
	}
	decoder->nest++;
	decode_kind(decoder, part, node);
	decoder->nest--;
}

struct polyton_error *value_decode(const struct value_input *input, const struct value_source *source,
				   const struct value_limits *limits, struct arena *arena, struct value *ret)
{
	struct decoder decoder = {
		.graph = input->type->graph,
		.source = source,
		.limits = limits ? *limits : value_line_limits,
		.arena = arena,
		.rust_minor = rust_minor_version(input->type->producer),
	};
	struct part part = { input->type->type, input->bytes, input->size, input->address };
	struct value value = { .state = input->state, .graph = decoder.graph };

	if (value.state == VALUE_PLAIN)
		value.state = rust_storage(&decoder, &part, &part);
	if (value.state == VALUE_PLAIN || value.state == VALUE_ALIVE) {
		struct value_node *root = arena_alloc(arena, 1, sizeof(*root));
		if (!root)
			return error_no_memory();
		*root = (struct value_node){ .label = "", .text = "", .note = "", .type = POLYTON_NONE };
		decoder_value(&decoder, &part, root);
		value.root = root;
	}
	if (decoder.is_out_of_memory)
		return error_no_memory();
	*ret = value;
	return NULL;
}

enum value_state value_state_of_guard(const struct arch *arch, const uint8_t *guard, size_t size)
{
	if (!size)
		return VALUE_PLAIN;
	// The first byte is set by the constructor's end in memory order (Itanium C++ ABI 3.3.3).
	bool is_set = arch->machine == EM_ARM ? guard[0] & 1 : guard[0] != 0;
	return is_set ? VALUE_ALIVE : VALUE_UNINITIALISED;
}

enum value_state value_state_of_rust(uint8_t state)
{
	// library/std/src/thread/local.rs of 1.63: the destructor is registered (1), is running or has run (2).
	return state == 1 ? VALUE_ALIVE : state == 2 ? VALUE_DESTROYED : VALUE_PLAIN;
}
