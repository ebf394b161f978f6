// Thread-locals outside of functions have no guard of their own. Whoever uses one calls "_ZTH" and its name first,
// which is another name of its source file's "__tls_init": that sets "__tls_guard", and then constructs all of them.
// A variable without such a function is constant from the start.
//
// The two names are the same in every source file, so they are a pair where they stand under one STT_FILE, alone.
// A variable of file scope keeps its _ZTH only where nothing was optimised. In programs clang leaves out the name
// __tls_init of a file with one variable: its _ZTH has to be the only one without, and so has the guard.

#include <string.h>

#include "find/guards.h"
#include "find/placemap.h"

enum { UNIT_NAME_MAX = 4096 }; // longer ones are left out: keys are made of names

static const char init_name[] = "__tls_init", guard_name[] = "__tls_guard";

/** What stands under one STT_FILE. */
struct unit {
	size_t file; ///< Index of its symbol, 0 without.
	uint64_t init, guard;
	uint32_t inits, guards;
};

/** A "_ZTH...". */
struct entry {
	const char *name; ///< Behind that.
	size_t file;
	uint64_t init;
	bool is_local;
};

struct pairing {
	const struct polyton_snapshot *snapshot;
	const struct object_input *object;
	uint32_t index;
	struct copy_guard *guards;
	bool is_renamed; ///< Optimised as a whole: there is no telling whose __tls_guard.1 is.
	vec_of(struct unit) units;
	vec_of(struct entry) entries;
	struct strmap anywhere, in_file; ///< Name, or file and name, to index in units; POLYTON_NONE: of several.
	struct strmap own;               ///< Names that have a guard of their own.
	struct placemap copies;          ///< Place to index.
	struct arena keys;
};

static bool is_too_long(const char *name)
{
	return strnlen(name, UNIT_NAME_MAX) == UNIT_NAME_MAX;
}

static bool is_in_block(const struct object_input *object, const Elf64_Sym *symbol)
{
	for (uint32_t i = 0; i < object->segment_count; i++)
		if (object->segments[i].p_type == PT_TLS && symbol->st_value < object->segments[i].p_memsz)
			return true;
	return false;
}

static struct unit *unit_of(struct pairing *pairing, size_t file)
{
	size_t count = pairing->units.count;
	if (count && pairing->units.items[count - 1].file == file)
		return &pairing->units.items[count - 1];
	struct unit *unit = vec_push(&pairing->units);
	if (unit)
		unit->file = file;
	return unit;
}

static struct polyton_error *take_function(struct pairing *pairing, const Elf64_Sym *symbol, const char *name,
					   size_t file)
{
	bool is_local = ELF64_ST_BIND(symbol->st_info) == STB_LOCAL;
	if (strncmp(name, "_ZTH", 4) == 0 && !is_too_long(name)) {
		struct entry *entry = vec_push(&pairing->entries);
		if (!entry)
			return error_no_memory();
		*entry = (struct entry){ name + 4, file, symbol->st_value, is_local };
	} else if (is_local && strcmp(name, init_name) == 0) {
		struct unit *unit = unit_of(pairing, file);
		if (!unit)
			return error_no_memory();
		unit->init = symbol->st_value;
		unit->inits++;
	}
	return NULL;
}

static struct polyton_error *take_variable(struct pairing *pairing, const Elf64_Sym *symbol, const char *name,
					   size_t file)
{
	size_t length = strlen(guard_name);
	if (strncmp(name, "_ZGV", 4) == 0 && !is_too_long(name))
		return strmap_at(&pairing->own, name + 4, strcspn(name + 4, "@"), 0) ? NULL : error_no_memory();
	if (strncmp(name, guard_name, length) != 0)
		return NULL;
	pairing->is_renamed |= name[length] != '\0';
	if (ELF64_ST_BIND(symbol->st_info) != STB_LOCAL || !is_in_block(pairing->object, symbol))
		return NULL;
	struct unit *unit = unit_of(pairing, file);
	if (!unit)
		return error_no_memory();
	unit->guard = symbol->st_value;
	unit->guards++;
	return NULL;
}

typedef struct polyton_error *take_fn(struct pairing *pairing, const Elf64_Sym *symbol, const char *name,
				      size_t file);

// Every definition of a type, with the STT_FILE that it stands under.
static struct polyton_error *each_symbol(struct pairing *pairing, take_fn *functions, take_fn *variables)
{
	const struct elf_symbols *symbols = &pairing->object->symbols;
	struct polyton_error *error = NULL;
	size_t file = 0;
	for (size_t i = 1; !error && i < symbols->count; i++) {
		const Elf64_Sym *symbol = &symbols->entries[i];
		unsigned type = ELF64_ST_TYPE(symbol->st_info);
		take_fn *take = type == STT_FUNC ? functions : type == STT_TLS ? variables : NULL;
		if (type == STT_FILE)
			file = i;
		else if (take && symbol->st_shndx != SHN_UNDEF)
			error = take(pairing, symbol, elf_symbol_name(symbols, symbol), file);
	}
	return error;
}

static const char *key_in_file(struct pairing *pairing, size_t file, const char *name, size_t length)
{
	return arena_printf(&pairing->keys, "%zu/%.*s", file, (int)length, name);
}

static struct polyton_error *name_unit(struct strmap *map, const char *key, size_t length, uint32_t unit)
{
	uint32_t *at = key ? strmap_at(map, key, length, unit) : NULL;
	if (!at)
		return error_no_memory();
	if (*at != unit)
		*at = POLYTON_NONE;
	return NULL;
}

static struct polyton_error *place_units(struct pairing *pairing, struct placemap *inits)
{
	for (uint32_t i = 0; i < pairing->units.count; i++) {
		const struct unit *unit = &pairing->units.items[i];
		if (!unit->inits)
			continue;
		uint32_t is = unit->inits == 1 && unit->guards == 1 ? i : POLYTON_NONE;
		uint32_t *at = placemap_at(inits, pairing->index, POLYTON_KIND_STATIC, unit->init, is);
		if (!at)
			return error_no_memory();
		if (*at != is)
			*at = POLYTON_NONE;
	}
	return NULL;
}

static bool has_own_guard(const struct pairing *pairing, const struct entry *entry)
{
	return strmap_find(&pairing->own, entry->name, strcspn(entry->name, "@"));
}

// The only function of a _ZTH that is no __tls_init belongs to the only guard that has none.
static struct polyton_error *place_nameless(struct pairing *pairing, struct placemap *inits)
{
	const struct entry *nameless = NULL;
	uint32_t unit = POLYTON_NONE;
	for (uint32_t i = 0; i < pairing->units.count; i++) {
		if (pairing->units.items[i].inits)
			continue;
		if (unit != POLYTON_NONE || pairing->units.items[i].guards != 1)
			return NULL;
		unit = i;
	}
	for (size_t i = 0; unit != POLYTON_NONE && i < pairing->entries.count; i++) {
		const struct entry *entry = &pairing->entries.items[i];
		if (placemap_find(inits, pairing->index, POLYTON_KIND_STATIC, entry->init) ||
		    has_own_guard(pairing, entry))
			continue;
		if (nameless && nameless->init != entry->init)
			return NULL;
		nameless = entry;
	}
	return !nameless || placemap_at(inits, pairing->index, POLYTON_KIND_STATIC, nameless->init, unit)
		       ? NULL
		       : error_no_memory();
}

// Where each _ZTH leads.
static struct polyton_error *name_units(struct pairing *pairing)
{
	struct placemap inits = { 0 };
	struct polyton_error *error = place_units(pairing, &inits);
	if (!error)
		error = place_nameless(pairing, &inits);
	for (size_t i = 0; !error && i < pairing->entries.count; i++) {
		const struct entry *entry = &pairing->entries.items[i];
		const uint32_t *at = placemap_find(&inits, pairing->index, POLYTON_KIND_STATIC, entry->init);
		uint32_t unit = at ? *at : POLYTON_NONE;
		size_t length = strcspn(entry->name, "@");
		error = name_unit(&pairing->anywhere, entry->name, length, unit);
		if (error || !entry->is_local)
			continue;
		const char *key = key_in_file(pairing, entry->file, entry->name, length);
		error = name_unit(&pairing->in_file, key, key ? strlen(key) : 0, unit);
	}
	placemap_deinit(&inits);
	return error;
}

// The code that constructs a variable reaches it as any other code does: with a copy of its own that is bound
// elsewhere, another object's guard may stand for this one, or this one's for nothing.
static bool is_constructed_here(const struct polyton_snapshot *snapshot, const struct polyton_copy *copy)
{
	const struct polyton_singleton *singleton = &snapshot->singletons.items[copy->singleton];
	bool is_own = false;
	for (uint32_t i = 0; i < copy->user_count; i++) {
		is_own |= copy->users[i] == copy->object;
		for (uint32_t k = 0; k < singleton->copy_count; k++) {
			const struct polyton_copy *other = &snapshot->copies.items[singleton->first_copy + k];
			if (other->object != copy->object && other->object == copy->users[i])
				return false;
		}
	}
	return is_own;
}

// What can be found under a file's guard. Weak definitions of several files are constructed by any of them, and an
// image in the file is what a variable holds from the start.
static bool may_have_guard(const struct pairing *pairing, const struct polyton_copy *copy)
{
	const struct polyton_snapshot *snapshot = pairing->snapshot;
	return copy->object == pairing->index &&
	       snapshot->singletons.items[copy->singleton].kind == POLYTON_KIND_TLS &&
	       copy->storage == POLYTON_STORAGE_ZERO &&
	       (copy->binding == POLYTON_BINDING_LOCAL || copy->binding == POLYTON_BINDING_GLOBAL) &&
	       is_constructed_here(snapshot, copy);
}

static struct polyton_error *collect_copies(struct pairing *pairing)
{
	for (uint32_t i = 0; i < pairing->snapshot->copies.count; i++) {
		const struct polyton_copy *copy = &pairing->snapshot->copies.items[i];
		if (pairing->guards[i].kind == GUARD_NONE && may_have_guard(pairing, copy) &&
		    !placemap_at(&pairing->copies, pairing->index, POLYTON_KIND_TLS, copy->offset, i))
			return error_no_memory();
	}
	return NULL;
}

// The unit of a variable, POLYTON_NONE if it has none or there is no telling.
static struct polyton_error *find_unit(struct pairing *pairing, const Elf64_Sym *symbol, const char *name,
				       size_t file, uint32_t *ret)
{
	size_t length = strcspn(name, "@");
	bool is_mangled = strncmp(name, "_Z", 2) == 0;
	const char *key = is_mangled ? name + 2 : arena_printf(&pairing->keys, "%zu%.*s", length, (int)length, name);
	if (!key)
		return error_no_memory();
	const struct strmap *map = &pairing->anywhere;
	size_t key_length = is_mangled ? length - 2 : strlen(key);
	if (ELF64_ST_BIND(symbol->st_info) == STB_LOCAL) {
		map = &pairing->in_file;
		key = key_in_file(pairing, file, key, key_length);
		if (!key)
			return error_no_memory();
		key_length = strlen(key);
	}
	const uint32_t *at = strmap_find(map, key, key_length);
	*ret = at ? *at : POLYTON_NONE;
	return NULL;
}

static struct polyton_error *pair_variable(struct pairing *pairing, const Elf64_Sym *symbol, const char *name,
					   size_t file)
{
	const uint32_t *index = placemap_find(&pairing->copies, pairing->index, POLYTON_KIND_TLS, symbol->st_value);
	const struct polyton_copy *copy = index ? &pairing->snapshot->copies.items[*index] : NULL;
	uint32_t unit = POLYTON_NONE;
	if (!copy || is_too_long(name) || strcmp(copy->symbol, name) != 0)
		return NULL;
	struct polyton_error *error = find_unit(pairing, symbol, name, file, &unit);
	if (!error && unit != POLYTON_NONE)
		pairing->guards[*index] =
			(struct copy_guard){ GUARD_UNIT, true, pairing->units.items[unit].guard - copy->offset };
	return error;
}

// Most objects have none, and are not read any further.
static bool has_guard(const candidates *all)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->items[i].kind == POLYTON_KIND_TLS && strcmp(all->items[i].name, guard_name) == 0)
			return true;
	return false;
}

struct polyton_error *unitguards_find(const struct polyton_snapshot *snapshot, const struct object_input *object,
				      uint32_t index, struct copy_guard *guards)
{
	struct pairing pairing = { .snapshot = snapshot, .object = object, .index = index, .guards = guards };
	if (!has_guard(object->candidates))
		return NULL;
	struct polyton_error *error = each_symbol(&pairing, take_function, take_variable);
	bool has_units = pairing.units.count && pairing.entries.count && !pairing.is_renamed;
	if (!error && has_units)
		error = name_units(&pairing);
	if (!error && has_units)
		error = collect_copies(&pairing);
	if (!error && pairing.copies.map.count)
		error = each_symbol(&pairing, NULL, pair_variable);
	vec_deinit(&pairing.units);
	vec_deinit(&pairing.entries);
	strmap_deinit(&pairing.anywhere);
	strmap_deinit(&pairing.in_file);
	strmap_deinit(&pairing.own);
	placemap_deinit(&pairing.copies);
	arena_deinit(&pairing.keys);
	return error;
}
