// Maps and sets, ordered and hashed: sizes, and the first elements in the order that iteration has.

#include <inttypes.h>
#include <string.h>

#include "value/cxx.h"
#include "value/name.h"

enum { TREE_MAX_HEIGHT = 96, TREE_LINKS = 4 };

// Where a node of a red-black tree keeps its links, in words, and its entry, in bytes.
struct tree_shape {
	unsigned left, right, parent;
	uint64_t content;
};

struct links {
	uint64_t left, right, parent;
};

static bool read_links(struct decoder *decoder, const struct tree_shape *shape, uint64_t node, struct links *ret)
{
	size_t word = decoder->source->arch->word;
	struct part part;
	if (!decoder_fetch(decoder, NULL, node, TREE_LINKS * word, POLYTON_NONE, &part) ||
	    part.size < TREE_LINKS * word)
		return false;
	ret->left = decoder_unsigned(decoder, part.bytes + shape->left * word, word);
	ret->right = decoder_unsigned(decoder, part.bytes + shape->right * word, word);
	ret->parent = decoder_unsigned(decoder, part.bytes + shape->parent * word, word);
	return true;
}

static bool go_on(struct decoder *decoder, const struct tree_shape *shape, uint64_t *node)
{
	struct links links;
	if (!read_links(decoder, shape, *node, &links))
		return false;
	if (links.right) {
		*node = links.right;
		for (int i = 0; i < TREE_MAX_HEIGHT && read_links(decoder, shape, *node, &links); i++) {
			if (!links.left)
				return true;
			*node = links.left;
		}
		return false;
	}
	for (int i = 0; i < TREE_MAX_HEIGHT; i++) {
		uint64_t child = *node;
		*node = links.parent;
		if (!read_links(decoder, shape, *node, &links))
			return false;
		if (links.right != child)
			return true;
	}
	return false;
}

static void walk_tree(struct decoder *decoder, const struct tree_shape *shape, uint64_t first,
		      const struct cxx_entry *entry, uint64_t count, struct value_node *node)
{
	uint64_t at = first;
	struct part part;

	node->is_cut = true;
	for (uint64_t i = 0; i < count && i < decoder->limits.elements; i++) {
		if (i && !go_on(decoder, shape, &at))
			return;
		if (!decoder_fetch(decoder, NULL, at + shape->content, entry->size, POLYTON_NONE, &part))
			return;
		cxx_add_entry(decoder, node, entry, &part);
	}
	node->is_cut = count > decoder->limits.elements;
}

static bool has_keys(const struct decoder *decoder, const struct part *part)
{
	struct name_tail tail = name_tail_of(decoder_type(decoder, part->type)->name);
	return tail.size >= 3 && !memcmp(tail.text + tail.size - 3, "map", 3);
}

// A count that is stored as a number, or first in a pair with a function object.
static bool find_count(const struct decoder *decoder, const struct part *part, const char *const names[3],
		       uint64_t *ret)
{
	struct part place;
	for (size_t i = 0; i < 3; i++)
		if (decoder_find(decoder, part, names[i], &place))
			return decoder_pointer(decoder, &place, ret);
	return false;
}

bool cxxmap_tree(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	static const char *const counts[] = { "_M_node_count", "__pair3_", "__size_" };
	struct tree_shape shape = { .left = 2, .right = 3, .parent = 1 };
	uint64_t word = decoder->source->arch->word, count, first;
	struct cxx_entry entry = { .alignment = 1 };
	bool has_entry = cxx_entry_of(decoder, part, has_keys(decoder, part), &entry);
	struct part place;

	if (!find_count(decoder, part, counts, &count))
		return false;
	if (decoder_find(decoder, part, "_M_header", &place)) {
		place = decoder_part(&place, POLYTON_NONE, shape.left * word, word);
		shape.content = cxx_align(4 * word, &entry);
	} else if (decoder_find(decoder, part, "__begin_node_", &place)) {
		// The colour is one byte behind the links, and the entry begins where its alignment lets it.
		shape = (struct tree_shape){ 0, 1, 2, cxx_align(3 * word + 1, &entry) };
	} else {
		return false;
	}
	if (!decoder_pointer(decoder, &place, &first))
		return false;
	node->text = decoder_text(decoder, "size %" PRIu64, count);
	if (!count)
		return true;
	node->shape = VALUE_BRACES;
	node->is_cut = true;
	if (has_entry)
		walk_tree(decoder, &shape, first, &entry, count, node);
	return true;
}

bool cxxmap_hash(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	static const char *const counts[] = { "_M_element_count", "__p2_", "__size_" };
	uint64_t word = decoder->source->arch->word;
	struct cxx_chain chain = { .entry.alignment = 1 };
	bool has_entry = cxx_entry_of(decoder, part, has_keys(decoder, part), &chain.entry);
	struct part place;

	if (!find_count(decoder, part, counts, &chain.count))
		return false;
	if (decoder_find(decoder, part, "_M_before_begin", &place))
		chain.content = cxx_align(word, &chain.entry);
	else if (decoder_find(decoder, part, "__p1_", &place) || decoder_find(decoder, part, "__first_node_", &place))
		chain.content = cxx_align(2 * word, &chain.entry); // the hash comes first
	else
		return false;
	if (!decoder_pointer(decoder, &place, &chain.first))
		return false;
	node->text = decoder_text(decoder, "size %" PRIu64, chain.count);
	if (!chain.count)
		return true;
	node->shape = VALUE_BRACES;
	node->is_cut = true;
	if (has_entry)
		cxx_walk(decoder, &chain, node);
	return true;
}
