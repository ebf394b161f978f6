// The linker has left the hash of every name that an object defines in DT_GNU_HASH, four bytes each, one behind the
// other: what is met once only is passed over without its symbol or its name being read. Two names of one hash are
// told apart by whoever looks at the names.

#include "find/sharednames.h"

static bool has_hashes(const struct object_input *object)
{
	return object->lookup && object->lookup->is_gnu && object->lookup->bucket_count &&
	       object->lookup->symbols.entries == object->exported.entries;
}

// The last bit of a hash in the table says something else.
static uint32_t hash_of(const struct object_input *object, size_t index)
{
	if (has_hashes(object))
		return object->lookup->links[index - object->lookup->first] >> 1;
	return elf_gnu_hash(elf_symbol_name(&object->exported, &object->exported.entries[index])) >> 1;
}

// The symbols that have hashes: the others are not defined, or of no use to anybody else.
static void find_range(const struct object_input *object, size_t *first_ret, size_t *end_ret)
{
	*first_ret = 1;
	*end_ret = object->exported.count;
	if (!has_hashes(object))
		return;
	*first_ret = object->lookup->first ? object->lookup->first : 1;
	if (object->lookup->first + object->lookup->link_count < *end_ret)
		*end_ret = object->lookup->first + object->lookup->link_count;
}

bool shared_names_meet(const struct object_input *objects, uint32_t count, struct seen *names)
{
	size_t total = 0;
	for (uint32_t i = 0; i < count; i++)
		total += objects[i].exported.count;
	if (!seen_init(names, total))
		return false;
	for (uint32_t i = 0; i < count; i++) {
		size_t first, end;
		find_range(&objects[i], &first, &end);
		for (size_t at = first; at < end; at++)
			seen_meet(names, hash_of(&objects[i], at));
	}
	return true;
}

bool shared_names_visit(const struct seen *names, const struct object_input *object, shared_names_fn *visit,
			void *arg)
{
	size_t first, end;
	find_range(object, &first, &end);
	for (size_t at = first; at < end; at++) {
		uint32_t hash = hash_of(object, at);
		if (seen_again(names, hash) && !visit(arg, at, hash))
			return false;
	}
	return true;
}
