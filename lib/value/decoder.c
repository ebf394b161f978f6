// Every index of the graph and every address is checked where it is used; budgets only ever go down.

#include "value/decoder.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "value/text.h"

enum {
	DECODER_MAX_MEMBERS = 4096, // of one structure
	DECODER_MAX_VISITS = 256,   // members looked at by one search
	DECODER_EMPTY_VISITS = 32,  // the same for one question whether there is anything in it
	DECODER_MAX_REACH = 12,     // wrappers that a search looks into
	DECODER_MAX_TEXT = 512,
	DECODER_MAX_ALIGNMENT = 16,
};

struct value_node *decoder_child(struct decoder *decoder, struct value_node *parent, const char *label)
{
	struct value_node *node = NULL;
	if (decoder->limits.nodes) {
		decoder->limits.nodes--;
		node = arena_alloc(decoder->arena, 1, sizeof(*node));
		decoder->is_out_of_memory |= !node;
	}
	if (!node) {
		parent->is_cut = true;
		node = &decoder->spare;
		*node = (struct value_node){ .label = "", .text = "", .note = "", .type = POLYTON_NONE };
		return node;
	}
	*node = (struct value_node){ .label = label, .text = "", .note = "", .type = POLYTON_NONE };
	*(parent->last ? &parent->last->next : &parent->first) = node;
	parent->last = node;
	return node;
}

const char *decoder_text(struct decoder *decoder, const char *format, ...)
{
	char text[DECODER_MAX_TEXT];
	va_list args;
	va_start(args, format);
	int length = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (length < 0)
		return "";
	size_t size = strlen(text);
	// What was cut off may have been in the middle of a character.
	while ((size_t)length > size && size && (uint8_t)text[size - 1] >= 0x80)
		size--;
	const char *ret = arena_strndup(decoder->arena, text, size);
	decoder->is_out_of_memory |= !ret;
	return ret ? ret : "";
}

bool decoder_may_nest(const struct decoder *decoder, struct value_node *node)
{
	if (decoder->depth < decoder->limits.depth)
		return true;
	node->is_cut = true;
	return false;
}

const char *decoder_symbol(struct decoder *decoder, uint64_t address)
{
	return decoder->source->symbol ? decoder->source->symbol(decoder->source->arg, address) : NULL;
}

const char *decoder_place(struct decoder *decoder, uint64_t address)
{
	if (!address)
		return "null";
	const char *symbol = decoder_symbol(decoder, address);
	return symbol ? text_name(decoder, symbol) : decoder_text(decoder, "0x%" PRIx64, address);
}

const struct type *decoder_type(const struct decoder *decoder, uint32_t type)
{
	return type_at(decoder->graph, type_strip(decoder->graph, type));
}

uint64_t decoder_size(const struct decoder *decoder, uint32_t type)
{
	uint64_t count = 1, size;
	for (int i = 0; i < DECODER_MAX_REACH; i++) {
		const struct type *row = decoder_type(decoder, type);
		if (row->kind == TYPE_POINTER || row->kind == TYPE_REFERENCE)
			size = row->size ? row->size : decoder->source->arch->word;
		else
			size = row->size;
		if (size || row->kind != TYPE_ARRAY)
			return __builtin_mul_overflow(size, count, &size) ? 0 : size;
		if (row->count == UINT64_MAX || __builtin_mul_overflow(count, row->count, &count))
			return 0;
		type = row->target;
	}
	return 0;
}

static uint64_t alignment_within(const struct decoder *decoder, uint32_t type, unsigned reach, unsigned *visits)
{
	const struct type *row = decoder_type(decoder, type);
	if (row->kind == TYPE_ARRAY && reach)
		return alignment_within(decoder, row->target, reach - 1, visits);
	if (row->kind != TYPE_STRUCT && row->kind != TYPE_UNION) {
		uint64_t size = decoder_size(decoder, type);
		return size && size < DECODER_MAX_ALIGNMENT ? size & -size : size ? DECODER_MAX_ALIGNMENT : 1;
	}
	uint64_t largest = 1;
	const struct type_member *member;
	for (uint32_t i = 0; reach && *visits && (member = decoder_member(decoder, row, i)); i++) {
		--*visits;
		uint64_t alignment = alignment_within(decoder, member->type, reach - 1, visits);
		largest = alignment > largest ? alignment : largest;
	}
	return largest;
}

uint64_t decoder_alignment(const struct decoder *decoder, uint32_t type)
{
	unsigned visits = DECODER_MAX_VISITS;
	return alignment_within(decoder, type, DECODER_MAX_REACH, &visits);
}

static const struct type_member *member_at(const struct decoder *decoder, uint32_t first, uint32_t count,
					   uint32_t index)
{
	uint64_t at = (uint64_t)first + index;
	bool is_there = index < count && index < DECODER_MAX_MEMBERS && at < decoder->graph->member_count;
	return is_there ? &decoder->graph->members[at] : NULL;
}

const struct type_member *decoder_member(const struct decoder *decoder, const struct type *type, uint32_t index)
{
	return member_at(decoder, type->first_member, type->member_count, index);
}

const struct type_member *decoder_parameter(const struct decoder *decoder, const struct type *type, uint32_t index)
{
	return member_at(decoder, type->first_parameter, type->parameter_count, index);
}

static bool is_empty_within(const struct decoder *decoder, uint32_t type, unsigned reach, unsigned *visits)
{
	const struct type *row = decoder_type(decoder, type);
	// What another language calls empty has no bytes; a class has one at least.
	uint64_t most = row->language == POLYTON_LANGUAGE_CXX ? 1 : 0;
	if (row->kind == TYPE_ARRAY)
		return row->count == 0;
	if ((row->kind != TYPE_STRUCT && row->kind != TYPE_UNION && row->kind != TYPE_BASE) || row->variant_count)
		return false;
	if (row->language == POLYTON_LANGUAGE_RUST)
		return !row->size;
	if (row->kind != TYPE_STRUCT || row->size > most)
		return false;
	const struct type_member *member;
	for (uint32_t i = 0; (member = decoder_member(decoder, row, i)); i++) {
		if (!reach || !*visits)
			return false;
		--*visits;
		if (!member->is_base || !is_empty_within(decoder, member->type, reach - 1, visits))
			return false;
	}
	return true;
}

bool decoder_is_empty(const struct decoder *decoder, uint32_t type)
{
	unsigned visits = DECODER_EMPTY_VISITS;
	return is_empty_within(decoder, type, DECODER_MAX_REACH, &visits);
}

struct part decoder_part(const struct part *whole, uint32_t type, uint64_t offset, uint64_t size)
{
	struct part part = { .type = type, .bytes = whole->bytes };
	if (offset < whole->size) {
		part.bytes = whole->bytes + offset;
		part.size = size < whole->size - offset ? (size_t)size : whole->size - (size_t)offset;
	}
	part.address = whole->address ? whole->address + offset : 0;
	return part;
}

struct part decoder_member_part(const struct decoder *decoder, const struct part *whole,
				const struct type_member *member)
{
	return decoder_part(whole, member->type, member->offset, decoder_size(decoder, member->type));
}

uint64_t decoder_unsigned(const struct decoder *decoder, const uint8_t *bytes, size_t size)
{
	uint64_t value = 0;
	bool is_big = decoder->source->arch->is_big_endian;
	if (size > sizeof(value)) {
		bytes += is_big ? size - sizeof(value) : 0;
		size = sizeof(value);
	}
	for (size_t i = 0; i < size; i++)
		value |= (uint64_t)bytes[i] << 8 * (is_big ? size - 1 - i : i);
	return value;
}

bool decoder_number(const struct decoder *decoder, const struct part *part, uint64_t *ret)
{
	uint64_t size = decoder_size(decoder, part->type);
	if (!size || size > sizeof(*ret) || part->size < size)
		return false;
	*ret = decoder_unsigned(decoder, part->bytes, (size_t)size);
	return true;
}

bool decoder_pointer(const struct decoder *decoder, const struct part *part, uint64_t *ret)
{
	size_t word = decoder->source->arch->word;
	if (part->size < word)
		return false;
	*ret = decoder_unsigned(decoder, part->bytes, word);
	return true;
}

static bool lies_in(const struct part *part, uint64_t address, uint64_t size)
{
	return part && part->address && address >= part->address && address - part->address <= part->size &&
	       part->size - (address - part->address) >= size;
}

bool decoder_fetch(struct decoder *decoder, const struct part *inside, uint64_t address, uint64_t size, uint32_t type,
		   struct part *ret)
{
	struct value_limits *limits = &decoder->limits;

	if (lies_in(inside, address, size)) {
		*ret = decoder_part(inside, type, address - inside->address, size);
		return true;
	}
	size = size < DECODER_MAX_PIECE ? size : DECODER_MAX_PIECE;
	size = size < limits->bytes ? size : limits->bytes;
	if (!size || !address || !limits->reads || !decoder->source->read)
		return false;
	limits->reads--;
	limits->bytes -= (uint32_t)size;
	uint8_t *bytes = arena_alloc(decoder->arena, 1, (size_t)size);
	decoder->is_out_of_memory |= !bytes;
	if (!bytes || !decoder->source->read(decoder->source->arg, address, bytes, (size_t)size))
		return false;
	*ret = (struct part){ type, bytes, (size_t)size, address };
	return true;
}

bool decoder_fetch_word(struct decoder *decoder, uint64_t address, uint64_t *ret)
{
	struct part part;
	size_t word = decoder->source->arch->word;
	return decoder_fetch(decoder, NULL, address, word, POLYTON_NONE, &part) &&
	       decoder_pointer(decoder, &part, ret);
}

// What a search asks of each member; the answer is the first that fits.
struct search {
	const char *name; // NULL: a pointer
	unsigned skipped, visits;
};

static bool is_wanted_pointer(const struct decoder *decoder, struct search *search, const struct type_member *member)
{
	if (search->name || member->is_artificial || decoder_type(decoder, member->type)->kind != TYPE_POINTER)
		return false;
	return !search->skipped || !search->skipped--;
}

static bool search_within(const struct decoder *decoder, const struct part *whole, struct search *search,
			  unsigned reach, struct part *ret)
{
	const struct type *row = decoder_type(decoder, whole->type);
	const struct type_member *member;

	if (row->kind != TYPE_STRUCT && row->kind != TYPE_UNION)
		return false;
	// A name of its own comes before the same name within a member.
	if (search->name && decoder_find_own(decoder, whole, search->name, ret))
		return true;
	for (uint32_t i = 0; (member = decoder_member(decoder, row, i)); i++) {
		if (!search->visits)
			return false;
		search->visits--;
		*ret = decoder_member_part(decoder, whole, member);
		if (is_wanted_pointer(decoder, search, member))
			return true;
		struct part part = *ret;
		if (reach && search_within(decoder, &part, search, reach - 1, ret))
			return true;
	}
	return false;
}

bool decoder_find_own(const struct decoder *decoder, const struct part *whole, const char *name, struct part *ret)
{
	const struct type *row = decoder_type(decoder, whole->type);
	const struct type_member *member;
	for (uint32_t i = 0; i < DECODER_MAX_VISITS && (member = decoder_member(decoder, row, i)); i++) {
		if (!member->is_base && !strcmp(member->name, name)) {
			*ret = decoder_member_part(decoder, whole, member);
			return true;
		}
	}
	return false;
}

bool decoder_find(const struct decoder *decoder, const struct part *whole, const char *name, struct part *ret)
{
	struct search search = { .name = name, .visits = DECODER_MAX_VISITS };
	return search_within(decoder, whole, &search, DECODER_MAX_REACH, ret);
}

bool decoder_find_number(const struct decoder *decoder, const struct part *whole, const char *name, uint64_t *ret)
{
	struct part part;
	return decoder_find(decoder, whole, name, &part) && decoder_number(decoder, &part, ret);
}

bool decoder_find_pointer(const struct decoder *decoder, const struct part *whole, unsigned nth, struct part *ret)
{
	struct search search = { .skipped = nth, .visits = DECODER_MAX_VISITS };
	return search_within(decoder, whole, &search, DECODER_MAX_REACH, ret);
}
