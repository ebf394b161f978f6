// Which object has come first is what the references were bound to.

#include "find/pinned.h"

#include <string.h>

#include "find/identity.h"

typedef vec_of(struct definition) definitions;

// What came with the program has no list of a dlopen(); in a namespace of its own everything came by dlmopen().
static bool is_opened(const struct finder *finder, uint32_t object)
{
	const struct polyton_object *row = &finder->snapshot->objects.items[object];
	const struct scopes *scopes = finder->linkage->scopes;
	if (row->is_program || row->file_state == POLYTON_FILE_NONE || finder->inputs[object].is_loader ||
	    object >= scopes->object_count)
		return false;
	const struct scope *scope = &scopes->of_object[object];
	for (uint32_t i = 0; i < scope->count; i++) {
		const struct scope_list *list = &scopes->lists.items[scope->parts[i].list];
		if (!list->is_global && list->owner != POLYTON_NONE)
			return true;
	}
	return row->name_space != 0;
}

static int compare_definitions(const void *left, const void *right)
{
	const struct definition *a = left, *b = right;
	if (a->object != b->object)
		return a->object < b->object ? -1 : 1;
	return (a->symbol > b->symbol) - (a->symbol < b->symbol); // of one object, so of one table
}

// The unique symbols that references were bound to, each once, by object.
static struct polyton_error *collect(const struct finder *finder, definitions *ret)
{
	const struct linkage *linkage = finder->linkage;
	size_t kept = 0;
	for (size_t i = 0; i < linkage->references->count; i++) {
		if (!linkage->references->items[i].is_unique)
			continue;
		struct definition *place = vec_push(ret);
		if (!place)
			return error_no_memory();
		*place = linkage->references->items[i].bound_to;
	}
	if (ret->count)
		qsort(ret->items, ret->count, sizeof(*ret->items), compare_definitions);
	for (size_t i = 0; i < ret->count; i++) {
		if (!kept || compare_definitions(&ret->items[kept - 1], &ret->items[i]) != 0)
			ret->items[kept++] = ret->items[i];
	}
	ret->count = kept;
	return NULL;
}

/** Names of variables; a guard goes with its variable, unless there is nothing else. */
struct word_list {
	const char **words;
	size_t count;
};

static struct polyton_error *name_symbols(struct finder *finder, const struct definition *unique, size_t count,
					  struct arena *arena, struct word_list *ret)
{
	const struct elf_symbols *symbols = &finder->linkage->resolver->objects[unique->object].lookup->symbols;
	size_t guards = 0;
	for (size_t i = 0; i < count; i++) {
		struct identity identity;
		struct polyton_error *error =
			identity_of(elf_symbol_name(symbols, unique[i].symbol), false, arena, &identity);
		if (error)
			return error;
		if (identity.role == IDENTITY_VALUE)
			ret->words[ret->count++] = identity.name;
		else
			ret->words[count - ++guards] = identity.name;
	}
	ret->count = ret->count ? ret->count : guards;
	return NULL;
}

static struct polyton_error *describe_unique(struct finder *finder, const struct definition *unique, size_t count,
					     struct polyton_finding *finding)
{
	struct polyton_snapshot *snapshot = finder->snapshot;
	auto_free const char **words = calloc(count, sizeof(*words));
	struct word_list list = { words, 0 };
	struct arena scratch = { 0 };
	struct polyton_error *error = words ? name_symbols(finder, unique, count, &scratch, &list)
					    : error_no_memory();
	const char *names = error ? NULL : finder_list(snapshot, list.words, list.count);
	arena_deinit(&scratch);
	if (error || !names)
		return error ? error : error_no_memory();
	finding->headline =
		arena_printf(&snapshot->arena,
			     "%s is never unloaded: it was the first with %zu unique %s that %s in use (%s).",
			     finder_object(finder, unique->object), list.count,
			     list.count == 1 ? "symbol" : "symbols", list.count == 1 ? "is" : "are", names);
	finding->detail = "All objects that define them use this one's, so dlclose() leaves it in memory. Built with "
			  "-fno-gnu-unique or hidden visibility it can be unloaded; then each object has its own.";
	return NULL;
}

static struct polyton_error *add_finding(struct finder *finder, uint32_t object, const struct definition *unique,
					 size_t count)
{
	struct polyton_finding finding = finder_start(RULE_PINNED_OBJECT, POLYTON_SEVERITY_NOTE);
	struct polyton_error *error = NULL;
	finding.is_routine = true;
	finding.object = object;
	if (count)
		error = describe_unique(finder, unique, count, &finding);
	else
		finding.headline = arena_printf(&finder->snapshot->arena,
						"%s is never unloaded: it was linked with -z nodelete.",
						finder_object(finder, object));
	return error ? error : finder_add(finder, finding);
}

struct polyton_error *pinned_find(struct finder *finder)
{
	const struct polyton_snapshot *snapshot = finder->snapshot;
	definitions unique = { 0 };
	size_t first = 0, last;
	struct polyton_error *error = collect(finder, &unique);
	for (uint32_t i = 0; !error && i < snapshot->objects.count; i++, first = last) {
		for (last = first; last < unique.count && unique.items[last].object == i; last++)
			;
		bool is_pinned = last > first || finder->inputs[i].dynamic.flags_1 & DF_1_NODELETE;
		if (is_pinned && is_opened(finder, i))
			error = add_finding(finder, i, unique.items + first, last - first);
	}
	vec_deinit(&unique);
	return error;
}
