// The loader keeps one search list per dlopen() and, per object, pointers to those it goes through. Neither has a
// place that debuggers are promised, so they are found by what they must hold: the program's list begins with the
// program.
//
// A list only grows, and an object is relocated once, so what stands behind the objects that came with it was not there
// when its references were bound.

#include "link/scope.h"

#include <string.h>

#include "polyton.h"

enum {
	SCOPE_MAP_WORDS = 160, // of struct link_map, which has 145 (glibc 2.36, 64 bits)
	SCOPE_MAP_LEAST = 96,
	SCOPE_MAX_LISTS = 1024, // of one object
	SCOPE_L_REAL = 5,
};

/** A map's address and the index of its object. */
struct known {
	uint64_t map;
	uint32_t object;
};

struct reader {
	struct target *target;
	const struct linkmap *list;
	struct known *known; // sorted
	size_t scope;        // of l_scope in struct link_map, in bytes
	size_t searchlist;
	vec_of(uint64_t) addresses; // of the lists, in the order of ret->lists
	struct scopes scopes;
};

void scopes_deinit(struct scopes *scopes)
{
	for (size_t i = 0; i < scopes->lists.count; i++)
		free(scopes->lists.items[i].objects);
	vec_deinit(&scopes->lists);
	for (uint32_t i = 0; scopes->of_object && i < scopes->object_count; i++)
		free(scopes->of_object[i].parts);
	free(scopes->of_object);
	*scopes = (struct scopes){ 0 };
}

static int compare_known(const void *left, const void *right)
{
	const struct known *a = left, *b = right;
	return (a->map > b->map) - (a->map < b->map);
}

static uint32_t object_at(const struct reader *reader, uint64_t map)
{
	struct known key = { .map = map };
	const struct known *found =
		bsearch(&key, reader->known, reader->list->entries.count, sizeof(key), compare_known);
	return found ? found->object : POLYTON_NONE;
}

// ld.so stands in other namespaces by a proxy, whose l_real is the one map of it.
static uint32_t object_of(const struct reader *reader, uint64_t map)
{
	uint64_t real = 0;
	uint32_t object = object_at(reader, map);
	size_t word = reader->target->arch->word;
	if (object != POLYTON_NONE)
		return object;
	struct polyton_error *error = target_read_words(reader->target, map + SCOPE_L_REAL * word, 1, &real);
	polyton_error_destroy(error);
	return error ? POLYTON_NONE : object_at(reader, real);
}

static bool read_words(const struct reader *reader, uint64_t address, size_t count, uint64_t *ret)
{
	struct polyton_error *error = target_read_words(reader->target, address, count, ret);
	polyton_error_destroy(error);
	return !error;
}

// Whether the word at the end of two pointers leads to a search list inside the program's map, of which it is the
// first.
static bool is_scope(const struct reader *reader, uint64_t map, size_t size, uint64_t pointer, size_t *searchlist_ret)
{
	uint64_t list, first, objects;
	if (!pointer || !read_words(reader, pointer, 1, &list) || list <= map || list - map >= size ||
	    !read_words(reader, list, 1, &objects) || !read_words(reader, objects, 1, &first) || first != map)
		return false;
	*searchlist_ret = list - map;
	return true;
}

static bool find_place(struct reader *reader)
{
	uint64_t words[SCOPE_MAP_WORDS], map = reader->list->entries.items[0].address;
	size_t count = SCOPE_MAP_WORDS, word = reader->target->arch->word;
	if (!map)
		return false;
	while (count >= SCOPE_MAP_LEAST && !read_words(reader, map, count, words))
		count -= 16; // the allocation may end with its page
	for (size_t i = SCOPE_L_REAL + 1; count >= SCOPE_MAP_LEAST && i < count; i++) {
		if (words[i] % word == 0 && is_scope(reader, map, count * word, words[i], &reader->searchlist)) {
			reader->scope = i * word;
			return true;
		}
	}
	return false;
}

static struct polyton_error *read_list(struct reader *reader, uint64_t address, uint32_t *ret)
{
	uint64_t head[2];
	size_t limit = reader->list->entries.count + 64; // a proxy more for each namespace
	for (size_t i = 0; i < reader->addresses.count; i++) {
		if (reader->addresses.items[i] == address) {
			*ret = (uint32_t)i;
			return NULL;
		}
	}
	*ret = POLYTON_NONE;
	if (!read_words(reader, address, 2, head))
		return NULL;
	// r_nlist is an unsigned int.
	bool is_upper = reader->target->arch->is_big_endian && reader->target->arch->word > sizeof(uint32_t);
	size_t count = (uint32_t)(is_upper ? head[1] >> 32 : head[1]);
	if (!count || count > limit)
		return NULL;
	auto_free uint64_t *maps = calloc(count, sizeof(*maps));
	auto_free uint32_t *objects = calloc(count, sizeof(*objects));
	if (!maps || !objects)
		return error_no_memory();
	if (!read_words(reader, head[0], count, maps))
		return NULL;
	struct scope_list list = { .owner = object_at(reader, address - reader->searchlist) };
	for (size_t i = 0; i < count; i++) {
		uint32_t object = object_of(reader, maps[i]);
		if (object != POLYTON_NONE)
			objects[list.count++] = object;
	}
	struct scope_list *place = vec_push(&reader->scopes.lists);
	uint64_t *kept = vec_push(&reader->addresses);
	if (!place || !kept)
		return error_no_memory();
	list.objects = take_pointer(objects);
	*place = list;
	*kept = address;
	*ret = (uint32_t)reader->addresses.count - 1;
	return NULL;
}

static struct polyton_error *read_scope(struct reader *reader, uint32_t object)
{
	uint64_t pointer, address;
	struct scope *scope = &reader->scopes.of_object[object];
	struct polyton_error *error = NULL;
	vec_of(struct scope_part) parts = { 0 };
	if (!read_words(reader, reader->list->entries.items[object].address + reader->scope, 1, &pointer))
		return NULL;
	for (size_t i = 0; !error && pointer && i < SCOPE_MAX_LISTS; i++) {
		uint32_t list;
		if (!read_words(reader, pointer + i * reader->target->arch->word, 1, &address) || !address)
			break;
		error = read_list(reader, address, &list);
		if (error || list == POLYTON_NONE)
			continue;
		struct scope_part *part = vec_push(&parts);
		if (part)
			*part = (struct scope_part){ list, reader->scopes.lists.items[list].count };
		else
			error = error_no_memory();
	}
	scope->parts = parts.items;
	scope->count = (uint32_t)parts.count;
	return error;
}

static uint32_t last_of(const struct scope_list *list)
{
	uint32_t last = 0;
	for (uint32_t i = 0; i < list->count; i++)
		last = list->objects[i] > last ? list->objects[i] : last;
	return last;
}

// Which part is the list of the dlopen() that brought the object; POLYTON_NONE: the namespace started with it.
static uint32_t own_part(const struct scopes *scopes, uint32_t object)
{
	const struct scope *scope = &scopes->of_object[object];
	for (uint32_t i = 0; i < scope->count; i++) {
		const struct scope_list *list = &scopes->lists.items[scope->parts[i].list];
		if (!list->is_global && list->owner != POLYTON_NONE)
			return i;
	}
	return POLYTON_NONE;
}

// How much of a scope was there when @p object was relocated: of the list of the dlopen() that brought it all, of the
// global one what was loaded no later, of lists that were added when others came to need the object nothing.
static void limit_scope(struct scopes *scopes, uint32_t object, uint32_t startup_end)
{
	struct scope *scope = &scopes->of_object[object];
	uint32_t own = own_part(scopes, object), end = startup_end;
	if (own != POLYTON_NONE)
		end = last_of(&scopes->lists.items[scope->parts[own].list]);
	end = end > object ? end : object;
	for (uint32_t i = 0; i < scope->count; i++) {
		const struct scope_list *list = &scopes->lists.items[scope->parts[i].list];
		uint32_t *count = &scope->parts[i].count;
		if (!list->is_global && own != POLYTON_NONE && i > own)
			*count = 0;
		for (uint32_t k = 0; list->is_global && k < *count; k++) {
			if (list->objects[k] > end)
				*count = k;
		}
	}
}

// What a namespace started with has no list of a dlopen(). (The vdso has one, too.)
static void limit_scopes(const struct linkmap *list, struct scopes *scopes)
{
	uint32_t end;
	for (uint32_t first = 0; first < scopes->object_count; first = end) {
		uint32_t name_space = list->entries.items[first].name_space, startup_end = first;
		for (end = first; end < scopes->object_count && list->entries.items[end].name_space == name_space;
		     end++)
			startup_end = own_part(scopes, end) == POLYTON_NONE ? end : startup_end;
		for (uint32_t i = first; i < end; i++)
			limit_scope(scopes, i, startup_end);
	}
}

// An object whose scope cannot be read (ld.so keeps none for itself) looks where its namespace does.
static struct polyton_error *fill_missing(const struct linkmap *list, struct scopes *scopes)
{
	for (uint32_t i = 0; i < scopes->object_count; i++) {
		struct scope *scope = &scopes->of_object[i];
		for (size_t k = 0; !scope->count && k < scopes->lists.count; k++) {
			const struct scope_list *from = &scopes->lists.items[k];
			if (!from->is_global || from->owner == POLYTON_NONE ||
			    list->entries.items[from->owner].name_space != list->entries.items[i].name_space)
				continue;
			scope->parts = calloc(1, sizeof(*scope->parts));
			if (!scope->parts)
				return error_no_memory();
			scope->parts[0] = (struct scope_part){ (uint32_t)k, from->count };
			scope->count = 1;
		}
	}
	return NULL;
}

// The first object of a namespace keeps its global list.
static void mark_global(const struct linkmap *list, struct scopes *scopes)
{
	for (size_t i = 0; i < scopes->lists.count; i++) {
		uint32_t owner = scopes->lists.items[i].owner;
		if (owner == POLYTON_NONE)
			continue;
		const struct linkmap_entry *entry = &list->entries.items[owner];
		scopes->lists.items[i].is_global = !owner || entry[-1].name_space != entry->name_space;
	}
}

static struct polyton_error *read_all(struct reader *reader)
{
	const struct linkmap *list = reader->list;
	struct polyton_error *error = NULL;
	reader->known = calloc(list->entries.count, sizeof(*reader->known));
	reader->scopes.of_object = calloc(list->entries.count, sizeof(*reader->scopes.of_object));
	if (!reader->known || !reader->scopes.of_object)
		return error_no_memory();
	reader->scopes.object_count = (uint32_t)list->entries.count;
	for (uint32_t i = 0; i < list->entries.count; i++)
		reader->known[i] = (struct known){ list->entries.items[i].address, i };
	qsort(reader->known, list->entries.count, sizeof(*reader->known), compare_known);
	for (uint32_t i = 0; !error && i < list->entries.count; i++)
		error = read_scope(reader, i);
	if (error)
		return error;
	mark_global(list, &reader->scopes);
	error = fill_missing(list, &reader->scopes);
	if (!error)
		limit_scopes(list, &reader->scopes);
	reader->scopes.is_read = true;
	return error;
}

struct polyton_error *scopes_read(struct target *target, const struct linkmap *list, struct scopes *ret)
{
	struct reader reader = { .target = target, .list = list };
	if (!list->entries.count || !find_place(&reader))
		return NULL;
	struct polyton_error *error = read_all(&reader);
	free(reader.known);
	vec_deinit(&reader.addresses);
	if (error) {
		scopes_deinit(&reader.scopes);
		return error;
	}
	scopes_deinit(ret);
	*ret = reader.scopes;
	return NULL;
}

bool scopes_reach(const struct scopes *scopes, uint32_t object, uint32_t wanted, bool when_loaded,
		  uint32_t *place_ret)
{
	const struct scope *scope = &scopes->of_object[object];
	uint32_t place = 0;
	for (uint32_t i = 0; object < scopes->object_count && i < scope->count; i++) {
		const struct scope_list *list = &scopes->lists.items[scope->parts[i].list];
		uint32_t count = when_loaded ? scope->parts[i].count : list->count;
		for (uint32_t k = 0; k < count; k++, place++) {
			if (list->objects[k] != wanted)
				continue;
			if (place_ret)
				*place_ret = place;
			return true;
		}
	}
	return false;
}

void scopes_mark_global(const struct scopes *scopes, bool *is_global)
{
	for (size_t i = 0; i < scopes->lists.count; i++) {
		const struct scope_list *list = &scopes->lists.items[i];
		for (uint32_t k = 0; list->is_global && k < list->count; k++)
			is_global[list->objects[k]] = true;
	}
}

bool scopes_is_deepbind(const struct scopes *scopes, uint32_t object)
{
	const struct scope *scope = &scopes->of_object[object];
	for (uint32_t i = 0; object < scopes->object_count && i + 1 < scope->count; i++) {
		const struct scope_list *list = &scopes->lists.items[scope->parts[i].list];
		if (list->is_global)
			return false;
		if (list->owner != POLYTON_NONE) // not DF_SYMBOLIC's
			return true;
	}
	return false;
}
