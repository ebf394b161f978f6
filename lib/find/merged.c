// The loader takes the first definition in scope and never compares sizes; of a COPY relocation it warns, on a
// terminal that nobody watches. The program's variable may well be the smaller one: then the others write beyond its
// end.

#include "find/merged.h"

#include <inttypes.h>
#include <string.h>

#include "find/about.h"
#include "find/noise.h"

typedef vec_of(struct merge) merges;

static bool is_variable(const Elf64_Sym *symbol)
{
	unsigned type = ELF64_ST_TYPE(symbol->st_info);
	return (type == STT_OBJECT || type == STT_TLS || type == STT_COMMON) && symbol->st_shndx != SHN_UNDEF &&
	       symbol->st_shndx != SHN_ABS && symbol->st_size;
}

static enum polyton_kind kind_of(const Elf64_Sym *symbol)
{
	return ELF64_ST_TYPE(symbol->st_info) == STT_TLS ? POLYTON_KIND_TLS : POLYTON_KIND_STATIC;
}

bool merged_read(const struct resolver *resolver, const struct reference *reference, struct merge *ret)
{
	if (!reference->has_variable)
		return false;
	const struct elf_symbols *symbols = &resolver->objects[reference->object].lookup->symbols;
	struct definition here = { reference->object, &symbols->entries[reference->symbol] };
	struct definition there = reference->bound_to;
	if (there.object == POLYTON_NONE || there.object == here.object || !is_variable(here.symbol) ||
	    !is_variable(there.symbol) || kind_of(here.symbol) != kind_of(there.symbol))
		return false;
	bool is_copy = reference->kind == POLYTON_REFERENCE_COPY;
	*ret = is_copy ? (struct merge){ there, here, true } : (struct merge){ here, there, false };
	return true;
}

struct polyton_error *merged_name(const char *symbol, struct arena *arena, const char **name_ret,
				  const char **noise_ret)
{
	struct identity identity;
	struct polyton_error *error = identity_of(symbol, false, arena, &identity);
	if (error)
		return error;
	*name_ret = identity.name;
	*noise_ret = noise_reason(symbol, &identity);
	return NULL;
}

struct polyton_error *merged_map_copies(const struct polyton_snapshot *snapshot, struct placemap *ret)
{
	for (uint32_t i = 0; i < snapshot->copies.count; i++) {
		const struct polyton_copy *copy = &snapshot->copies.items[i];
		enum polyton_kind kind = snapshot->singletons.items[copy->singleton].kind;
		if (!placemap_at(ret, copy->object, kind, copy->offset, i))
			return error_no_memory();
	}
	return NULL;
}

uint32_t merged_singleton(const struct polyton_snapshot *snapshot, const struct placemap *copies,
			  const struct definition *definition)
{
	const Elf64_Sym *symbol = definition->symbol;
	const uint32_t *copy = placemap_find(copies, definition->object, kind_of(symbol), symbol->st_value);
	return copy ? snapshot->copies.items[*copy].singleton : POLYTON_NONE;
}

void merged_place(const struct polyton_snapshot *snapshot, uint32_t singleton, uint32_t object,
		  struct polyton_finding *finding)
{
	finding->singleton = singleton;
	if (singleton == POLYTON_NONE)
		finding->object = object;
	else
		finding->library = snapshot->singletons.items[singleton].library;
}

// By what is used, then by user. A COPY relocation comes before what follows from it.
static int compare_merges(const void *left, const void *right)
{
	const struct merge *a = left, *b = right;
	if (a->used.object != b->used.object)
		return a->used.object < b->used.object ? -1 : 1;
	if (kind_of(a->used.symbol) != kind_of(b->used.symbol))
		return kind_of(a->used.symbol) < kind_of(b->used.symbol) ? -1 : 1;
	if (a->used.symbol->st_value != b->used.symbol->st_value)
		return a->used.symbol->st_value < b->used.symbol->st_value ? -1 : 1;
	if (a->own.object != b->own.object)
		return a->own.object < b->own.object ? -1 : 1;
	if (a->is_copy != b->is_copy)
		return a->is_copy ? -1 : 1;
	return (a->own.symbol > b->own.symbol) - (a->own.symbol < b->own.symbol); // of one object, so of one table
}

static bool is_same_used(const struct merge *a, const struct merge *b)
{
	return a->used.object == b->used.object && kind_of(a->used.symbol) == kind_of(b->used.symbol) &&
	       a->used.symbol->st_value == b->used.symbol->st_value;
}

// Those of one variable, one a user: several names of one place are one variable.
static size_t keep_users(struct merge *group, size_t count)
{
	size_t kept = 1;
	for (size_t i = 1; i < count; i++) {
		if (group[i].own.object != group[kept - 1].own.object)
			group[kept++] = group[i];
	}
	return kept;
}

static bool is_read_only(const struct finder *finder, const struct merge *merge)
{
	enum polyton_storage storage;
	return kind_of(merge->own.symbol) == POLYTON_KIND_STATIC &&
	       object_storage(&finder->inputs[merge->own.object], merge->own.symbol->st_value, &storage) &&
	       (storage == POLYTON_STORAGE_CONST || storage == POLYTON_STORAGE_RELRO);
}

// "b was built for 16 bytes, c for 24 and d for 16"; "b and c were built for 16 bytes"
static const char *describe_users(struct finder *finder, const struct merge *group, size_t count)
{
	struct arena *arena = &finder->snapshot->arena;
	auto_free uint32_t *objects = calloc(count, sizeof(*objects));
	auto_free const char **words = calloc(count, sizeof(*words));
	bool is_alike = true;
	if (!objects || !words)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		uint64_t size = group[i].own.symbol->st_size;
		objects[i] = group[i].own.object;
		is_alike &= size == group[0].own.symbol->st_size;
		words[i] = arena_printf(arena, "%s %sfor %" PRIu64 "%s", finder_object(finder, objects[i]),
					i ? "" : "was built ", size, i ? "" : " bytes");
		if (!words[i])
			return NULL;
	}
	if (!is_alike)
		return finder_list(finder->snapshot, words, count);
	const char *who = finder_enumerate(finder->snapshot, (struct names){ objects, count });
	return !who ? NULL
		    : arena_printf(arena, "%s %s built for %" PRIu64 " bytes", who, count == 1 ? "was" : "were",
				   group[0].own.symbol->st_size);
}

static const char *describe_damage(struct finder *finder, const struct merge *group, size_t count, bool can_write)
{
	const char *what = "What code of one build writes, that of another takes for something else.";
	const char *cure = "Build all from one version; or keep the variable inside each (hidden visibility), which "
			   "makes several of it.";
	for (size_t i = 0; i < count; i++) {
		if (group[i].own.symbol->st_size > group[i].used.symbol->st_size)
			what = can_write
				       ? "Code that was built for more writes beyond its end, into what stands there."
				       : "Code that was built for more reads beyond its end.";
	}
	for (size_t i = 0; cure && i < count; i++) {
		if (group[i].is_copy)
			cure = arena_printf(
				&finder->snapshot->arena,
				"%s was linked against another version of %s, and has room for that one's "
				"variable: link it again.",
				finder_object(finder, group[i].used.object),
				finder_object(finder, group[i].own.object));
	}
	return cure ? arena_printf(&finder->snapshot->arena, "%s %s", what, cure) : NULL;
}

// Whoever was built for another size, and whose variable is used.
static struct polyton_error *about_merged(struct finder *finder, const struct merge *group, size_t count,
					  struct polyton_finding *finding)
{
	auto_free uint32_t *objects = calloc(count + 1, sizeof(*objects));
	if (!objects)
		return error_no_memory();
	for (size_t i = 0; i < count; i++)
		objects[i] = group[i].own.object;
	objects[count] = group[0].used.object;
	return about_objects(finder, (struct names){ objects, count + 1 }, finding);
}

static struct polyton_error *add_mismatch(struct finder *finder, const struct placemap *copies,
					  const struct merge *group, size_t count, const char *name)
{
	struct polyton_snapshot *snapshot = finder->snapshot;
	const struct definition *used = &group[0].used;
	uint32_t singleton = merged_singleton(snapshot, copies, used);
	bool can_write = false, is_alike = true;
	for (size_t i = 0; i < count; i++) {
		can_write |= !is_read_only(finder, &group[i]);
		is_alike &= group[i].own.symbol->st_size == group[0].own.symbol->st_size;
	}
	if (singleton != POLYTON_NONE && snapshot->singletons.items[singleton].dropped)
		return NULL;
	const char *users = describe_users(finder, group, count);
	if (!users)
		return error_no_memory();
	struct polyton_finding finding =
		finder_start(RULE_MERGED_MISMATCH, can_write ? POLYTON_SEVERITY_ERROR : POLYTON_SEVERITY_WARNING);
	merged_place(snapshot, singleton, group[0].own.object, &finding);
	finding.headline = arena_printf(&snapshot->arena,
					"%s is one variable with %s sizes: %s, but use%s %s's, which has %" PRIu64
					".",
					singleton == POLYTON_NONE ? name : snapshot->singletons.items[singleton].name,
					is_alike ? "two" : "several", users, count == 1 ? "s" : "",
					finder_object(finder, used->object), used->symbol->st_size);
	finding.detail = describe_damage(finder, group, count, can_write);
	struct polyton_error *error = about_merged(finder, group, count, &finding);
	return error ? error : finder_add(finder, finding);
}

static struct polyton_error *add_mismatches(struct finder *finder, merges *found)
{
	const struct resolver *resolver = finder->linkage->resolver;
	struct placemap copies = { 0 };
	struct arena names = { 0 };
	struct polyton_error *error = merged_map_copies(finder->snapshot, &copies);
	qsort(found->items, found->count, sizeof(*found->items), compare_merges);
	for (size_t first = 0, last; !error && first < found->count; first = last) {
		const struct merge *merge = &found->items[first];
		const struct elf_symbols *symbols = &resolver->objects[merge->own.object].lookup->symbols;
		const char *name, *noise;
		for (last = first + 1; last < found->count && is_same_used(merge, &found->items[last]); last++)
			;
		error = merged_name(elf_symbol_name(symbols, merge->own.symbol), &names, &name, &noise);
		if (!error && !noise)
			error = add_mismatch(finder, &copies, merge, keep_users(&found->items[first], last - first),
					     name);
	}
	placemap_deinit(&copies);
	arena_deinit(&names);
	return error;
}

static struct polyton_error *find_mismatches(struct finder *finder)
{
	struct polyton_error *error = NULL;
	merges found = { 0 };
	for (size_t i = 0; !error && i < finder->linkage->references->count; i++) {
		struct merge merge;
		if (!merged_read(finder->linkage->resolver, &finder->linkage->references->items[i], &merge) ||
		    merge.own.symbol->st_size == merge.used.symbol->st_size)
			continue;
		struct merge *place = vec_push(&found);
		if (place)
			*place = merge;
		else
			error = error_no_memory();
	}
	if (!error && found.count)
		error = add_mismatches(finder, &found);
	vec_deinit(&found);
	return error;
}

/** A copy that nothing uses, and the object whose copy is used instead, POLYTON_NONE if nobody refers to any. */
struct shadowed {
	uint32_t object, winner, copy;
};

static int compare_shadowed(const void *left, const void *right)
{
	const struct shadowed *a = left, *b = right;
	if (a->object != b->object)
		return a->object < b->object ? -1 : 1;
	if (a->winner != b->winner)
		return a->winner < b->winner ? -1 : 1;
	return (a->copy > b->copy) - (a->copy < b->copy);
}

static struct polyton_error *add_shadowed(struct finder *finder, const struct shadowed *group, size_t count)
{
	struct polyton_snapshot *snapshot = finder->snapshot;
	auto_free const char **words = calloc(count, sizeof(*words));
	uint32_t singleton = snapshot->copies.items[group->copy].singleton;
	if (!words)
		return error_no_memory();
	for (size_t i = 0; i < count; i++)
		words[i] = snapshot->singletons.items[snapshot->copies.items[group[i].copy].singleton].name;
	const char *names = finder_list(snapshot, words, count), *object = finder_object(finder, group->object);
	const char *many = count == 1 ? "a variable" : arena_printf(&snapshot->arena, "%zu variables", count);
	if (!names || !many)
		return error_no_memory();
	struct polyton_finding finding = finder_start(RULE_SHADOWED_COPY, POLYTON_SEVERITY_NOTE);
	finding.is_routine = true;
	merged_place(snapshot, count == 1 ? singleton : POLYTON_NONE, group->object, &finding);
	if (group->winner == POLYTON_NONE) {
		finding.headline = arena_printf(&snapshot->arena, "No reference leads to %s that %s exports (%s).",
						many, object, names);
		finding.detail = "Its own code may still reach what it exports by another way.";
	} else {
		finding.headline = arena_printf(&snapshot->arena,
						"%s has %s that nothing uses: its references go to %s's (%s).",
						object, many, finder_object(finder, group->winner), names);
	}
	const uint32_t objects[] = { group->object, group->winner };
	struct names about = { objects, group->winner == POLYTON_NONE ? 1 : 2 };
	struct polyton_error *error = about_objects(finder, about, &finding);
	return error ? error : finder_add(finder, finding);
}

static struct polyton_error *find_shadowed(struct finder *finder)
{
	const struct polyton_snapshot *snapshot = finder->snapshot;
	auto_free struct shadowed *found = calloc(snapshot->copies.count + 1, sizeof(*found));
	struct polyton_error *error = NULL;
	size_t count = 0;
	if (!found)
		return error_no_memory();
	for (uint32_t i = 0; i < snapshot->copies.count; i++) {
		const struct polyton_copy *copy = &snapshot->copies.items[i];
		const struct polyton_singleton *singleton = &snapshot->singletons.items[copy->singleton];
		if (copy->use != POLYTON_USE_SHADOWED || singleton->dropped || singleton->is_read_only)
			continue;
		bool is_known = copy->bound_to != POLYTON_NONE;
		found[count++] = (struct shadowed){
			copy->object, is_known ? snapshot->copies.items[copy->bound_to].object : POLYTON_NONE, i
		};
	}
	if (count)
		qsort(found, count, sizeof(*found), compare_shadowed);
	for (size_t first = 0, last; !error && first < count; first = last) {
		for (last = first + 1; last < count && found[last].object == found[first].object &&
				       found[last].winner == found[first].winner;
		     last++)
			;
		error = add_shadowed(finder, &found[first], last - first);
	}
	return error;
}

struct polyton_error *merged_find(struct finder *finder)
{
	struct polyton_error *error = find_mismatches(finder);
	return error ? error : find_shadowed(finder);
}
