/** Values of C and C++: dynamic types of objects, the locks of pthread, and the types of libstdc++ and libc++. */
#ifndef VALUE_CXX_H
#define VALUE_CXX_H

#include "value/decoder.h"

/** Decode a structure or union; false if it is to be shown member by member. */
bool cxx_value(struct decoder *decoder, const struct part *part, struct value_node *node);

/** One of the readers of std's types: false if @p part has not the members that such a type has. */
typedef bool cxx_reader(struct decoder *decoder, const struct part *part, struct value_node *node);

cxx_reader cxxown_unique, cxxown_shared, cxxown_optional, cxxown_variant, cxxown_function, cxxown_any, cxxown_pair,
	cxxown_tuple, cxxown_duration, cxxown_path, cxxown_once;
cxx_reader cxxseq_string, cxxseq_view, cxxseq_vector, cxxseq_list, cxxseq_deque;
cxx_reader cxxmap_tree, cxxmap_hash;

/** The types of both libraries are alike; only libc++'s live in an inline namespace of their own. */
bool cxx_is_libcxx(const struct type *type);
/** Generic argument @p index of @p part's type, POLYTON_NONE if there is none. */
uint32_t cxx_argument(const struct decoder *decoder, const struct part *part, uint32_t index);
/**
 * What a container's node holds: one element, or a map's pair, which is laid out from the types of key and value as its
 * own is often not described.
 */
struct cxx_entry {
	uint32_t key, value; ///< @c value: POLYTON_NONE in all but maps.
	uint64_t value_offset, size, alignment;
};
/** Of a container whose first arguments are the key and, if @p is_map, the value. False if a size is not known. */
bool cxx_entry_of(const struct decoder *decoder, const struct part *container, bool is_map, struct cxx_entry *ret);
/** Round up to a multiple of the entry's alignment. */
uint64_t cxx_align(uint64_t offset, const struct cxx_entry *entry);
void cxx_add_entry(struct decoder *decoder, struct value_node *node, const struct cxx_entry *entry,
		   const struct part *bytes);

/** A chain of nodes that each point to the next; offsets within a node. */
struct cxx_chain {
	uint64_t first, next, content;
	struct cxx_entry entry;
	uint64_t count; ///< UINT64_MAX: up to a null pointer.
};
void cxx_walk(struct decoder *decoder, const struct cxx_chain *chain, struct value_node *node);

#endif
