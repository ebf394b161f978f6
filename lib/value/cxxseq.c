// Sequences: what they claim to hold is checked for sense, because memory that was never constructed claims anything.

#include <inttypes.h>
#include <string.h>

#include "value/cxx.h"
#include "value/name.h"
#include "value/text.h"

enum {
	COW_HEADER_WORDS = 3,
	SEQ_BITS = 8,
	// libc++'s __deque_block_size
	LIBCXX_SMALL = 256,
	LIBCXX_BLOCK = 4096,
	LIBCXX_PER_BLOCK = 16,
};

static bool pointer_at(const struct decoder *decoder, const struct part *part, unsigned nth, uint64_t *ret)
{
	struct part place;
	return decoder_find_pointer(decoder, part, nth, &place) && decoder_pointer(decoder, &place, ret);
}

// libc++ on little-endian machines: a bit of the first byte tells whether its words are capacity, size and a pointer.
static bool find_libcxx_string(const struct decoder *decoder, const struct part *part, unsigned unit,
			       uint64_t *address, uint64_t *length, struct part *inside)
{
	size_t word = decoder->source->arch->word;
	if (part->size < 3 * word || decoder->source->arch->is_big_endian)
		return false;
	*inside = *part;
	if (part->bytes[0] & 1) {
		*length = decoder_unsigned(decoder, part->bytes + word, word);
		*address = decoder_unsigned(decoder, part->bytes + 2 * word, word);
		return true;
	}
	*length = part->bytes[0] >> 1;
	// Its own place need not be known for text that it holds itself.
	inside->address = part->address ? part->address : 1;
	*address = inside->address + unit;
	return *length * unit + unit <= part->size;
}

static bool find_string(struct decoder *decoder, const struct part *part, uint64_t *address, uint64_t *length)
{
	struct part data, inside;
	size_t word = decoder->source->arch->word;

	if (!decoder_find(decoder, part, "_M_p", &data) || !decoder_pointer(decoder, &data, address))
		return false;
	if (decoder_find_number(decoder, part, "_M_string_length", length))
		return true;
	// The ABI before 2011 keeps the length in front of the text.
	return decoder_fetch(decoder, NULL, *address - COW_HEADER_WORDS * word, word, POLYTON_NONE, &inside) &&
	       decoder_pointer(decoder, &inside, length);
}

bool cxxseq_string(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	uint64_t unit = decoder_size(decoder, cxx_argument(decoder, part, 0)), address, length;
	struct part inside = *part;

	if (unit != 1 && unit != 2 && unit != 4)
		return false;
	bool is_found = cxx_is_libcxx(decoder_type(decoder, part->type))
				? find_libcxx_string(decoder, part, (unsigned)unit, &address, &length, &inside)
				: find_string(decoder, part, &address, &length);
	if (!is_found)
		return false;
	if (!address)
		node->note = "not constructed";
	else
		text_at(decoder, node, &inside, address, length, (unsigned)unit);
	return true;
}

// string_view, span, initializer_list: a pointer and a number, or as many as the type says.
bool cxxseq_view(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	const struct type *row = decoder_type(decoder, part->type);
	const struct type_member *member, *extent = decoder_parameter(decoder, row, 1);
	uint32_t element = cxx_argument(decoder, part, 0);
	uint64_t address, length = extent ? extent->offset : 0;

	if (element == POLYTON_NONE || !pointer_at(decoder, part, 0, &address))
		return false;
	for (uint32_t i = 0; (member = decoder_member(decoder, row, i)); i++) {
		struct part number = decoder_member_part(decoder, part, member);
		if (decoder_type(decoder, member->type)->kind != TYPE_POINTER &&
		    !decoder_is_empty(decoder, member->type) &&
		    decoder_size(decoder, member->type) == decoder->source->arch->word &&
		    !decoder_number(decoder, &number, &length))
			return false;
	}
	unsigned unit = name_is(name_tail_of(row->name), "basic_string_view") ? text_unit(decoder, element) : 0;
	if (unit)
		text_at(decoder, node, NULL, address, length, unit);
	else
		decoder_sequence(decoder, node, NULL, address, element, length);
	return true;
}

static bool fill_bits(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	struct part place, bytes;
	uint64_t first, last, offset, count;

	if (!pointer_at(decoder, part, 0, &first))
		return false;
	if (decoder_find(decoder, part, "_M_finish", &place)) {
		if (!pointer_at(decoder, &place, 0, &last) ||
		    !decoder_find_number(decoder, &place, "_M_offset", &offset) || last < first)
			return false;
		count = (last - first) * SEQ_BITS + offset;
	} else if (!decoder_find_number(decoder, part, "__size_", &count)) {
		return false;
	}
	node->text = decoder_text(decoder, "size %" PRIu64, count);
	if (!count)
		return true;
	if (!decoder_fetch(decoder, NULL, first, (count - 1) / SEQ_BITS + 1, POLYTON_NONE, &bytes)) {
		node->note = "unreadable";
		return true;
	}
	node->shape = VALUE_BRACKETS;
	uint64_t shown = 0;
	for (; shown < count && shown / SEQ_BITS < bytes.size && shown < decoder->limits.elements; shown++) {
		struct value_node *child =
			decoder_child(decoder, node, decoder_text(decoder, "[%" PRIu64 "]", shown));
		child->text = bytes.bytes[shown / SEQ_BITS] >> shown % SEQ_BITS & 1 ? "true" : "false";
	}
	node->is_cut |= shown < count;
	return true;
}

bool cxxseq_vector(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	uint32_t element = cxx_argument(decoder, part, 0);
	const struct type *row = decoder_type(decoder, element);
	uint64_t first, last, size = decoder_size(decoder, element);

	if (row->kind == TYPE_BASE && row->encoding == TYPE_ENCODING_BOOLEAN)
		return fill_bits(decoder, part, node);
	if (!size || !pointer_at(decoder, part, 0, &first) || !pointer_at(decoder, part, 1, &last))
		return false;
	if (last < first || (last - first) % size) {
		node->note = "makes no sense";
		return true;
	}
	decoder_sequence(decoder, node, NULL, first, element, (last - first) / size);
	return true;
}

bool cxxseq_list(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	size_t word = decoder->source->arch->word;
	bool is_libcxx = cxx_is_libcxx(decoder_type(decoder, part->type));
	struct part place;
	struct cxx_chain chain = { .count = UINT64_MAX };
	bool is_single = name_is(name_tail_of(decoder_type(decoder, part->type)->name), "forward_list");

	if (!cxx_entry_of(decoder, part, false, &chain.entry))
		return false;
	if (is_single) {
		chain.content = cxx_align(word, &chain.entry);
	} else {
		const char *size = is_libcxx ? "__size_alloc_" : "_M_size";
		bool has_size = decoder_find(decoder, part, size, &place) ||
				(is_libcxx && decoder_find(decoder, part, "__size_", &place));
		place.type = POLYTON_NONE;
		if (!has_size || !decoder_pointer(decoder, &place, &chain.count))
			return false;
		node->text = decoder_text(decoder, "size %" PRIu64, chain.count);
		chain.next = is_libcxx ? word : 0; // libc++'s nodes point back first
		chain.content = cxx_align(2 * word, &chain.entry);
	}
	if (!pointer_at(decoder, part, chain.next ? 1 : 0, &chain.first))
		return false;
	if (!chain.count)
		return true;
	node->shape = VALUE_BRACKETS;
	cxx_walk(decoder, &chain, node);
	return true;
}

// A deque is a list of blocks of equal size; its elements begin somewhere in the first one.
struct deque {
	uint64_t blocks, per_block, before, count;
};

// libstdc++'s iterator: the element, its block, and the block's place in the list of blocks.
struct deque_end {
	uint64_t current, first, last, block;
};

static bool find_end(const struct decoder *decoder, const struct part *part, const char *name, struct deque_end *ret)
{
	struct part end;
	return decoder_find(decoder, part, name, &end) && pointer_at(decoder, &end, 0, &ret->current) &&
	       pointer_at(decoder, &end, 1, &ret->first) && pointer_at(decoder, &end, 2, &ret->last) &&
	       pointer_at(decoder, &end, 3, &ret->block) && ret->first <= ret->current && ret->current <= ret->last;
}

static bool find_deque(const struct decoder *decoder, const struct part *part, uint64_t size, struct deque *ret)
{
	uint64_t word = decoder->source->arch->word;
	struct deque_end start, finish;
	struct part count;

	if (decoder_find(decoder, part, "__start_", &count)) {
		ret->per_block = size < LIBCXX_SMALL ? LIBCXX_BLOCK / size : LIBCXX_PER_BLOCK;
		if (!decoder_pointer(decoder, &count, &ret->before) || !pointer_at(decoder, part, 1, &ret->blocks) ||
		    !decoder_find(decoder, part, "__size_", &count))
			return false;
		return decoder_pointer(decoder, &count, &ret->count);
	}
	if (!find_end(decoder, part, "_M_start", &start) || !find_end(decoder, part, "_M_finish", &finish))
		return false;
	*ret = (struct deque){ start.block, (start.last - start.first) / size, (start.current - start.first) / size,
			       0 };
	uint64_t blocks = finish.block < start.block ? UINT64_MAX : (finish.block - start.block) / word;
	if (blocks > UINT32_MAX || ret->per_block > UINT32_MAX)
		ret->per_block = 0;
	ret->count = ret->per_block ? blocks * ret->per_block + (finish.current - finish.first) / size - ret->before
				    : 0;
	return true;
}

bool cxxseq_deque(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	uint32_t element = cxx_argument(decoder, part, 0);
	uint64_t size = decoder_size(decoder, element), word = decoder->source->arch->word, at;
	struct deque deque;

	if (!size || !find_deque(decoder, part, size, &deque))
		return false;
	if (!deque.per_block) {
		node->note = deque.blocks ? "makes no sense" : "not constructed";
		return true;
	}
	node->text = decoder_text(decoder, "size %" PRIu64, deque.count);
	node->shape = deque.count ? VALUE_BRACKETS : VALUE_LEAF;
	node->is_cut = deque.count > decoder->limits.elements;
	for (uint64_t i = 0; i < deque.count && i < decoder->limits.elements; i++) {
		uint64_t index = deque.before + i, block = deque.blocks + index / deque.per_block * word;
		struct part one;
		if (!decoder_fetch_word(decoder, block, &at) ||
		    !decoder_fetch(decoder, NULL, at + index % deque.per_block * size, size, element, &one)) {
			node->is_cut = true;
			break;
		}
		decoder_add(decoder, node, decoder_text(decoder, "[%" PRIu64 "]", i), &one);
	}
	return true;
}
