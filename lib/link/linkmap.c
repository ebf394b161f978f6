// The loader's lists live in the target, which may be running, damaged or hostile. Every word comes through
// the target, and every walk is bounded: a list is never trusted to end.

#include "link/linkmap.h"

#include <inttypes.h>
#include <string.h>

#include "link/dynsym.h"

enum {
	LINKMAP_MAX_ENTRIES = 65536,
	LINKMAP_MAX_PATH = 4096,
	LINKMAP_MAX_NAMESPACES = 64,
	LINKMAP_ATTEMPTS = 8, // the loader changes a list within microseconds
};

// struct r_debug in words: r_version and r_state are ints, padded to a word each.
enum { R_VERSION, R_MAP, R_BRK, R_STATE, R_LDBASE, R_NEXT };
// struct link_map in words; the last two are glibc's private ones.
enum { L_ADDR, L_NAME, L_LD, L_NEXT, L_PREV, L_REAL, L_NS, L_WORDS };

struct polyton_error *linkmap_find_exported(struct target *target, uint64_t header, const char *name, uint64_t *ret)
{
	struct image image;
	struct dynsym dynsym;
	*ret = 0;
	struct polyton_error *error = image_read(target, header, header, &image);
	if (!error)
		error = dynsym_read(target, &image, &dynsym);
	if (error)
		return error;
	const Elf64_Sym *symbol = dynsym_find(&dynsym, name);
	if (symbol)
		*ret = image.bias + symbol->st_value;
	dynsym_deinit(&dynsym);
	return NULL;
}

struct polyton_error *linkmap_find_debug(struct target *target, const struct image *program, uint64_t base,
					 uint64_t *ret)
{
	struct polyton_error *error = image_read_debug(target, program, ret);
	if (error || *ret)
		return error;

	// Started as "ld.so ./prog" the program headers of AT_PHDR are ld.so's own, which has no DT_DEBUG; or
	// the process was caught before the loader filled it in. A static program has neither a base nor _r_debug.
	uint64_t header = base;
	if (!header && program->dynamic && !image_segment(program, PT_INTERP))
		header = program->start;
	if (!header)
		return NULL;
	error = linkmap_find_exported(target, header, "_r_debug", ret);
	if (error || *ret)
		return error;
	uint64_t pointer; // musl exports the pointer instead
	error = linkmap_find_exported(target, header, "_dl_debug_addr", &pointer);
	if (!error && pointer)
		error = target_read_words(target, pointer, 1, ret);
	return error;
}

static struct polyton_error *add_entry(struct target *target, uint64_t address, const uint64_t *word,
				       uint32_t name_space, struct linkmap *list)
{
	auto_free char *path = NULL;
	struct polyton_error *error = NULL;
	if (word[L_NAME])
		error = target_read_string(target, word[L_NAME], LINKMAP_MAX_PATH, &path);
	if (error && polyton_error_code(error) == POLYTON_ERROR_MEMORY)
		return error;
	// dlclose() frees the name first. The object is where it is all the same, and the kernel may name it.
	polyton_error_destroy(error);
	if (!path && !(path = strdup("")))
		return error_no_memory();
	struct linkmap_entry *entry = vec_push(&list->entries);
	if (!entry)
		return error_no_memory();
	*entry = (struct linkmap_entry){ address,      word[L_ADDR], word[L_LD],
					 word[L_REAL], name_space,   take_pointer(path) };
	return NULL;
}

static struct polyton_error *walk(struct target *target, uint64_t head, uint32_t name_space, struct linkmap *list)
{
	uint64_t at = head;
	for (size_t seen = 0; at; seen++) {
		if (seen == LINKMAP_MAX_ENTRIES || list->entries.count == LINKMAP_MAX_ENTRIES)
			return error_create(POLYTON_ERROR_DAMAGED, "the loader's list at 0x%" PRIx64 " does not end",
					    head);
		uint64_t word[L_WORDS] = { [L_REAL] = at };
		// Only glibc has namespaces beside the base one, so only there are its private words looked at.
		struct polyton_error *error = target_read_words(target, at, name_space ? L_WORDS : L_REAL, word);
		// ld.so is loaded once and stands in other namespaces by a proxy whose l_real is the one map.
		bool is_proxy = name_space && word[L_REAL] != at;
		if (!error && !is_proxy)
			error = add_entry(target, at, word, name_space, list);
		if (error)
			return error;
		at = word[L_NEXT];
	}
	return NULL;
}

// An int in a padded word: the low half on little-endian, the high half on big-endian machines.
static uint32_t int_of(const struct target *target, uint64_t word)
{
	return (uint32_t)(word >> (target->arch->is_big_endian && target->arch->word == 8 ? 32 : 0));
}

// One namespace's struct r_debug; R_NEXT is 0 where there is none.
static struct polyton_error *read_debug(struct target *target, uint64_t address, uint64_t word[R_NEXT + 1])
{
	word[R_NEXT] = 0;
	struct polyton_error *error = target_read_words(target, address, R_NEXT, word);
	if (!error && int_of(target, word[R_VERSION]) >= 2)
		error = target_read_words(target, address + R_NEXT * target->arch->word, 1, &word[R_NEXT]);
	return error;
}

struct polyton_error *linkmap_read_state(struct target *target, uint64_t debug, enum linkmap_state *ret,
					 uint64_t *place_ret)
{
	enum linkmap_state state = LINKMAP_CONSISTENT;
	uint64_t place = 0, at = debug;
	for (int i = 0; at && i < LINKMAP_MAX_NAMESPACES; i++) {
		uint64_t word[R_NEXT + 1];
		struct polyton_error *error = read_debug(target, at, word);
		if (error)
			return error;
		uint32_t said = int_of(target, word[R_STATE]);
		if (said == LINKMAP_ADDS || said == LINKMAP_DELETES)
			state = (enum linkmap_state)said;
		place = place ? place : word[R_BRK];
		at = word[R_NEXT];
	}
	*ret = state;
	*place_ret = place;
	return NULL;
}

static struct polyton_error *read_all(struct target *target, uint64_t debug, struct linkmap *ret)
{
	struct linkmap list = { .debug = debug, .is_consistent = true };
	struct polyton_error *error = NULL;
	uint64_t at = debug;
	uint32_t name_space = 0;

	for (; !error && at; name_space++) {
		uint64_t word[R_NEXT + 1] = { 0 };
		error = read_debug(target, at, word);
		// An object is in one namespace: one that begins with a known object was here before.
		if (!error && (name_space == LINKMAP_MAX_NAMESPACES || linkmap_index(&list, word[R_MAP]) >= 0))
			error = error_create(POLYTON_ERROR_DAMAGED,
					     "the loader's chain of namespaces at 0x%" PRIx64 " does not end", debug);
		if (!error && int_of(target, word[R_STATE]) != LINKMAP_CONSISTENT)
			list.is_consistent = false;
		if (!error)
			error = walk(target, word[R_MAP], name_space, &list);
		if (name_space == 0) {
			list.version = int_of(target, word[R_VERSION]);
			list.loader = word[R_LDBASE];
		}
		at = word[R_NEXT];
	}
	if (error) {
		linkmap_deinit(&list);
		return error;
	}
	list.listed = list.entries.count;
	*ret = list;
	return NULL;
}

struct polyton_error *linkmap_read(struct target *target, uint64_t debug, struct linkmap *ret)
{
	struct polyton_error *error = NULL;
	// A walk over a list that is being changed may step on a record that is no more.
	for (int attempt = 0; attempt < LINKMAP_ATTEMPTS; attempt++) {
		polyton_error_destroy(error);
		error = read_all(target, debug, ret);
		if (!error || polyton_error_code(error) == POLYTON_ERROR_MEMORY)
			break;
	}
	return error;
}

struct polyton_error *linkmap_add_namespace(struct target *target, uint64_t address, struct linkmap *list)
{
	uint64_t head = address, word[L_WORDS];
	uint32_t name_space = 0;

	for (size_t seen = 0;; seen++) {
		if (seen == LINKMAP_MAX_ENTRIES)
			return error_create(POLYTON_ERROR_DAMAGED, "the loader's list at 0x%" PRIx64 " does not end",
					    address);
		struct polyton_error *error = target_read_words(target, head, L_WORDS, word);
		if (error)
			return error;
		if (!word[L_PREV])
			break;
		head = word[L_PREV];
	}
	if (linkmap_index(list, head) >= 0)
		return NULL;
	for (size_t i = 0; i < list->entries.count; i++) {
		if (list->entries.items[i].name_space >= name_space)
			name_space = list->entries.items[i].name_space + 1;
	}
	return walk(target, head, name_space, list);
}

struct polyton_error *linkmap_check(struct target *target, const struct linkmap *list, bool *is_same)
{
	size_t count = list->entries.count, word = target->arch->word, names_size = 0;
	for (size_t i = 0; i < count; i++)
		names_size += strlen(list->entries.items[i].path) + 1;
	auto_free struct target_read *pieces = calloc(count + 1, sizeof(*pieces));
	auto_free uint8_t *records = calloc(count + 1, L_NEXT * 8); // words of any machine fit
	auto_free char *names = calloc(names_size + 1, 1);
	if (!pieces || !records || !names)
		return error_no_memory();

	for (size_t i = 0; i < count; i++)
		pieces[i] = (struct target_read){ list->entries.items[i].address, records + i * L_NEXT * word,
						  L_NEXT * word, 0 };
	target_read_pieces(target, pieces, count);
	char *name = names;
	for (size_t i = 0; i < count; i++) {
		const struct linkmap_entry *entry = &list->entries.items[i];
		const uint8_t *record = records + i * L_NEXT * word;
		uint64_t address = target_word(target, record + L_NAME * word);
		is_same[i] = !pieces[i].error && target_word(target, record + L_ADDR * word) == entry->bias &&
			     target_word(target, record + L_LD * word) == entry->dynamic;
		// A record without a name was read as "".
		size_t size = is_same[i] && address ? strlen(entry->path) + 1 : 0;
		pieces[i] = (struct target_read){ address, name, size, 0 };
		name += size;
	}
	target_read_pieces(target, pieces, count);
	for (size_t i = 0; i < count; i++) {
		const char *before = list->entries.items[i].path, *now = pieces[i].buffer;
		is_same[i] = is_same[i] && !pieces[i].error &&
			     (pieces[i].size ? memcmp(before, now, pieces[i].size) == 0 : !before[0]);
	}
	return NULL;
}

void linkmap_deinit(struct linkmap *list)
{
	for (size_t i = 0; i < list->entries.count; i++)
		free(list->entries.items[i].path);
	vec_deinit(&list->entries);
}

ssize_t linkmap_index(const struct linkmap *list, uint64_t address)
{
	for (size_t i = 0; i < list->entries.count; i++) {
		if (list->entries.items[i].address == address)
			return (ssize_t)i;
	}
	return -1;
}

bool linkmap_is_prefix(const struct linkmap *now, const struct linkmap *before)
{
	if (now->listed != before->listed)
		return false;
	for (size_t i = 0; i < now->listed; i++) {
		const struct linkmap_entry *a = &now->entries.items[i], *b = &before->entries.items[i];
		if (a->address != b->address || a->bias != b->bias || a->dynamic != b->dynamic ||
		    strcmp(a->path, b->path) != 0)
			return false;
	}
	return true;
}
