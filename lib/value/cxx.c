// Members of the libraries' classes are found by their names where two structures would look alike; all else goes by
// structure, so that versions and build modes do not matter.

#include "value/cxx.h"

#include <inttypes.h>
#include <string.h>

#include "value/name.h"
#include "value/text.h"

enum {
	PTHREAD_MUTEX_RECURSIVE = 1, // PTHREAD_MUTEX_RECURSIVE_NP in the low bits of __kind
	PTHREAD_KIND_MASK = 3,
	PTHREAD_READERS_SHIFT = 3, // glibc's pthread_rwlock_common.c
	CXX_MAX_BASES = 8,
};

bool cxx_is_libcxx(const struct type *type)
{
	return strstr(type->name, "std::__1::") == type->name || !strncmp(type->name, "std::__ndk1::", 13);
}

uint32_t cxx_argument(const struct decoder *decoder, const struct part *part, uint32_t index)
{
	const struct type_member *argument = decoder_parameter(decoder, decoder_type(decoder, part->type), index);
	return argument ? argument->type : POLYTON_NONE;
}

bool cxx_entry_of(const struct decoder *decoder, const struct part *container, bool is_map, struct cxx_entry *ret)
{
	struct cxx_entry entry = { .key = cxx_argument(decoder, container, 0), .value = POLYTON_NONE };
	uint64_t value_size;

	entry.size = decoder_size(decoder, entry.key);
	entry.alignment = decoder_alignment(decoder, entry.key);
	if (!entry.size)
		return false;
	if (is_map) {
		entry.value = cxx_argument(decoder, container, 1);
		value_size = decoder_size(decoder, entry.value);
		uint64_t alignment = decoder_alignment(decoder, entry.value);
		if (!value_size || entry.size > UINT32_MAX)
			return false;
		entry.value_offset = (entry.size + alignment - 1) & -alignment;
		if (__builtin_add_overflow(entry.value_offset, value_size, &entry.size))
			return false;
		entry.alignment = alignment > entry.alignment ? alignment : entry.alignment;
	}
	*ret = entry;
	return true;
}

uint64_t cxx_align(uint64_t offset, const struct cxx_entry *entry)
{
	return (offset + entry->alignment - 1) & -entry->alignment;
}

void cxx_add_entry(struct decoder *decoder, struct value_node *node, const struct cxx_entry *entry,
		   const struct part *bytes)
{
	struct part key = decoder_part(bytes, entry->key, 0, decoder_size(decoder, entry->key));
	if (entry->value == POLYTON_NONE) {
		decoder_entry(decoder, node, &key, NULL);
		return;
	}
	struct part value =
		decoder_part(bytes, entry->value, entry->value_offset, decoder_size(decoder, entry->value));
	decoder_entry(decoder, node, &key, &value);
}

void cxx_walk(struct decoder *decoder, const struct cxx_chain *chain, struct value_node *node)
{
	uint64_t at = chain->first, shown = 0, size, word = decoder->source->arch->word;

	node->is_cut = chain->count && chain->count != UINT64_MAX;
	if (__builtin_add_overflow(chain->content, chain->entry.size, &size))
		return;
	for (; at && shown < chain->count; shown++) {
		struct part whole, bytes;
		node->is_cut = true;
		if (shown == decoder->limits.elements ||
		    !decoder_fetch(decoder, NULL, at, size, POLYTON_NONE, &whole) || whole.size <= chain->content)
			return;
		bytes = decoder_part(&whole, POLYTON_NONE, chain->content, chain->entry.size);
		cxx_add_entry(decoder, node, &chain->entry, &bytes);
		struct part next = decoder_part(&whole, POLYTON_NONE, chain->next, word);
		if (!decoder_pointer(decoder, &next, &at))
			return;
		node->is_cut = shown + 1 < chain->count && at;
	}
}

static const struct {
	const char *name;
	cxx_reader *read;
} readers[] = {
	{ "basic_string", cxxseq_string },
	{ "basic_string_view", cxxseq_view },
	{ "span", cxxseq_view },
	{ "initializer_list", cxxseq_view },
	{ "vector", cxxseq_vector },
	{ "list", cxxseq_list },
	{ "forward_list", cxxseq_list },
	{ "deque", cxxseq_deque },
	{ "map", cxxmap_tree },
	{ "multimap", cxxmap_tree },
	{ "set", cxxmap_tree },
	{ "multiset", cxxmap_tree },
	{ "unordered_map", cxxmap_hash },
	{ "unordered_multimap", cxxmap_hash },
	{ "unordered_set", cxxmap_hash },
	{ "unordered_multiset", cxxmap_hash },
	{ "unique_ptr", cxxown_unique },
	{ "shared_ptr", cxxown_shared },
	{ "weak_ptr", cxxown_shared },
	{ "optional", cxxown_optional },
	{ "variant", cxxown_variant },
	{ "function", cxxown_function },
	{ "pair", cxxown_pair },
	{ "tuple", cxxown_tuple },
	{ "duration", cxxown_duration },
	{ "path", cxxown_path },
	{ "any", cxxown_any },
	{ "once_flag", cxxown_once },
};

static cxx_reader *reader_of(const char *name)
{
	struct name_tail tail = name_tail_of(name);
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		if (name_is(tail, readers[i].name))
			return readers[i].read;
	return NULL;
}

static bool fill_mutex(struct decoder *decoder, const struct part *data, struct value_node *node)
{
	uint64_t lock, owner, count, kind;
	if (!decoder_find_number(decoder, data, "__lock", &lock) ||
	    !decoder_find_number(decoder, data, "__owner", &owner) ||
	    !decoder_find_number(decoder, data, "__count", &count) ||
	    !decoder_find_number(decoder, data, "__kind", &kind))
		return false;
	if (!lock)
		node->text = "unlocked";
	else if ((kind & PTHREAD_KIND_MASK) == PTHREAD_MUTEX_RECURSIVE)
		node->text = decoder_text(decoder, "locked %" PRIu64 " times by thread %" PRIu64, count, owner);
	else
		node->text = owner ? decoder_text(decoder, "locked by thread %" PRIu64, owner) : "locked";
	return true;
}

static bool fill_rwlock(struct decoder *decoder, const struct part *data, struct value_node *node)
{
	uint64_t readers_word, writer;
	if (!decoder_find_number(decoder, data, "__readers", &readers_word) ||
	    !decoder_find_number(decoder, data, "__cur_writer", &writer))
		return false;
	uint64_t count = readers_word >> PTHREAD_READERS_SHIFT;
	if (writer)
		node->text = decoder_text(decoder, "write-locked by thread %" PRIu64, writer);
	else
		node->text = count ? decoder_text(decoder, "read-locked %" PRIu64, count) : "unlocked";
	return true;
}

// glibc's pthread types are unions of a structure and the bytes that the ABI promises.
static bool fill_pthread(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	const struct type_member *member = decoder_member(decoder, decoder_type(decoder, part->type), 0);
	if (!member || strcmp(member->name, "__data"))
		return false;
	struct part data = decoder_member_part(decoder, part, member);
	const char *name = decoder_type(decoder, member->type)->name;
	if (strstr(name, "__pthread_mutex_s"))
		return fill_mutex(decoder, &data, node);
	return strstr(name, "__pthread_rwlock_arch_t") && fill_rwlock(decoder, &data, node);
}

// Where the compiler put the pointer to the vtable: in the class itself, or in the first base at its start.
static bool find_vtable(const struct decoder *decoder, const struct part *part, uint64_t *ret)
{
	struct part at = *part;
	for (int i = 0; i < CXX_MAX_BASES; i++) {
		const struct type *row = decoder_type(decoder, at.type);
		const struct type_member *member, *next = NULL;
		for (uint32_t j = 0; (member = decoder_member(decoder, row, j)); j++) {
			if (member->is_artificial && !strncmp(member->name, "_vptr", 5)) {
				struct part place = decoder_member_part(decoder, &at, member);
				return decoder_pointer(decoder, &place, ret);
			}
			if (member->is_base && !member->offset && !next)
				next = member;
		}
		if (row->kind != TYPE_STRUCT || !next)
			return false;
		at = decoder_member_part(decoder, &at, next);
	}
	return false;
}

// "host!vtable for ns::Derived+0x10" is the class that the object really is of.
static void tell_dynamic_type(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	static const char mark[] = "vtable for ";
	const char *own = decoder_type(decoder, part->type)->name;
	uint64_t vtable;

	if (!find_vtable(decoder, part, &vtable))
		return;
	if (!vtable) {
		node->note = "not constructed";
		return;
	}
	const char *symbol = decoder_symbol(decoder, vtable), *name = symbol ? strstr(symbol, mark) : NULL;
	if (!name) {
		node->text = decoder_place(decoder, vtable);
		return;
	}
	name = text_name(decoder, name + strlen(mark));
	const char *end = strrchr(name, '+');
	size_t size = end ? (size_t)(end - name) : strlen(name);
	if (strlen(own) != size || memcmp(own, name, size))
		node->text = decoder_text(decoder, "%.*s", (int)size, name);
}

// The only member or base that has something to show.
static const struct type_member *only_member(const struct decoder *decoder, const struct type *type)
{
	const struct type_member *member, *only = NULL;
	for (uint32_t i = 0; (member = decoder_member(decoder, type, i)); i++) {
		if (decoder_is_empty(decoder, member->type))
			continue;
		if (only || member->bit_size || member->is_artificial)
			return NULL;
		only = member;
	}
	return only;
}

static bool fill_std(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	const struct type *row = decoder_type(decoder, part->type);
	cxx_reader *read = reader_of(row->name);

	if (read && read(decoder, part, node))
		return true;
	if (name_is(name_tail_of(row->name), "basic_string"))
		return false;
	const struct type_member *only = only_member(decoder, row);
	if (!only)
		return false;
	struct part inner = decoder_member_part(decoder, part, only);
	decoder_value(decoder, &inner, node);
	return true;
}

bool cxx_value(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	const struct type *row = decoder_type(decoder, part->type);
	bool is_base = decoder->is_base;

	decoder->is_base = false;
	if (row->kind == TYPE_UNION && part->size >= row->size && fill_pthread(decoder, part, node))
		return true;
	if (row->language != POLYTON_LANGUAGE_CXX || part->size < row->size)
		return false;
	if ((name_is_in(row->name, "std") || name_is_in(row->name, "__gnu_cxx")) && fill_std(decoder, part, node))
		return true;
	// What a base class at its start says, the whole object has said.
	if (!is_base)
		tell_dynamic_type(decoder, part, node);
	return false;
}
