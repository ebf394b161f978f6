// A static copy keeps the names of its variables, if nobody stripped them. How many two objects must share to be
// called one library is a number; that they are most of what the shared library has is what makes it true. Names that
// both export may also be an interface that two libraries implement (libreadline's, which libedit has, too); those that
// one keeps inside tell that the sources are the same.

#include "find/beside.h"

#include <string.h>

#include "find/duplicates.h"
#include "find/group.h"
#include "find/noise.h"

enum {
	BESIDE_LEAST_VARIABLES = 6, // that a static copy shares with the shared library
	BESIDE_MAX_COPIES = 16,     // of a singleton whose pairs are counted
};

static const struct polyton_object *object_at(const struct finder *finder, uint32_t index)
{
	return &finder->snapshot->objects.items[index];
}

/** Libraries and what has most of their variables, too; and what is asked of an object more than once. */
struct judge {
	struct finder *finder;
	struct groups copies, likes; ///< Static copies; what may also be another implementation.
	uint32_t *variables;         ///< By object: how many it has; POLYTON_NONE: not counted yet.
};

/** Two objects that have a singleton each. */
struct sharing {
	uint32_t a, b;
	bool is_inside; ///< Not both export it.
};
typedef vec_of(struct sharing) sharing_list;

static int compare_sharings(const void *left, const void *right)
{
	const struct sharing *a = left, *b = right;
	if (a->a != b->a)
		return a->a < b->a ? -1 : 1;
	return (a->b > b->b) - (a->b < b->b);
}

static struct polyton_error *collect_sharings(const struct finder *finder, sharing_list *ret)
{
	const struct polyton_snapshot *snapshot = finder->snapshot;
	for (uint32_t i = 0; i < snapshot->singletons.count; i++) {
		const struct polyton_singleton *singleton = &snapshot->singletons.items[i];
		const struct polyton_copy *copies = &snapshot->copies.items[singleton->first_copy];
		if (!duplicates_is_reported(singleton) || singleton->copy_count > BESIDE_MAX_COPIES)
			continue;
		for (uint32_t a = 0; a < singleton->copy_count; a++) {
			for (uint32_t b = a + 1; b < singleton->copy_count; b++) {
				if (copies[a].use != POLYTON_USE_LIVE || copies[b].use != POLYTON_USE_LIVE ||
				    copies[a].object == copies[b].object)
					continue;
				struct sharing *place = vec_push(ret);
				if (!place)
					return error_no_memory();
				bool is_inside = !copies[a].is_exported || !copies[b].is_exported;
				*place = (struct sharing){ copies[a].object, copies[b].object, is_inside };
			}
		}
	}
	if (ret->count)
		qsort(ret->items, ret->count, sizeof(*ret->items), compare_sharings);
	return NULL;
}

// The variables that are written and are no noise, of which an object that is a whole library shares half at least.
static struct polyton_error *count_variables(const candidates *all, uint32_t *ret)
{
	struct arena scratch = { 0 };
	struct polyton_error *error = NULL;
	uint32_t count = 0;
	for (size_t i = 0; !error && i < all->count; i++) {
		const struct candidate *candidate = &all->items[i];
		struct identity identity;
		if (candidate->storage != POLYTON_STORAGE_DATA && candidate->storage != POLYTON_STORAGE_ZERO)
			continue;
		error = identity_of(candidate->name, candidate->is_local, &scratch, &identity);
		count += !error && !noise_reason(candidate->name, &identity);
	}
	arena_deinit(&scratch);
	if (!error)
		*ret = count;
	return error;
}

/** What is said of a library and of those that have most of its variables. */
struct telling {
	const char *has, *have; ///< Between those and the library's name.
	const char *end;
	const char *remedy[3];
};

static const struct telling copy_telling = {
	"has a static copy of",
	"each have a static copy of",
	" linked in",
	{ "Link it to the shared library instead of the archive (drop the .a, -static or a bundled copy of the "
	  "sources).",
	  "If the copy is there on purpose, let nothing of it be seen outside, and pass no object of it on." },
};
static const struct telling like_telling = {
	"has most variables of",
	"each have most variables of",
	", too: a static copy, or another implementation",
	{ "Let all that uses the library use one build of it.",
	  "If each must keep its own, let no handle or object of it go from users of the one to users of the "
	  "other." },
};

static struct polyton_error *add_group(struct finder *finder, const struct group *group,
				       const struct telling *telling)
{
	struct polyton_snapshot *snapshot = finder->snapshot;
	const char *library = finder_object(finder, group->objects[0]);
	const char *who = finder_enumerate(snapshot, (struct names){ group->objects + 1, group->count - 1 });
	const char *users = group_users(finder, group->objects[0]);
	bool is_one = group->count == 2;
	if (!who || !users)
		return error_no_memory();
	const char *headline = arena_printf(&snapshot->arena, "%s %s %s%s.", who,
					    is_one ? telling->has : telling->have, library, telling->end);
	const char *detail =
		arena_printf(&snapshot->arena, "%s; %s its own.", users,
			     is_one ? arena_printf(&snapshot->arena, "%s uses", who) : "the others use each");
	const char *text = arena_printf(&snapshot->arena, "most variables of %s are also in %s, which %s", library,
					who, is_one ? "uses its own" : "use each its own");
	return group_report(finder, group, POLYTON_SEVERITY_ERROR, headline, users[0] ? detail : "",
			    finder_reason(snapshot, POLYTON_CAUSE_STATIC_LINK, text, telling->remedy));
}

static struct polyton_error *add_groups(struct finder *finder, const struct groups *groups,
					const struct telling *telling)
{
	struct polyton_error *error = NULL;
	for (size_t i = 0; !error && i < groups->items.count; i++)
		error = add_group(finder, &groups->items.items[i], telling);
	return error;
}

// A pair of an object and a shared library that is more or less the whole of what they share.
static struct polyton_error *judge_sharing(struct judge *judge, uint32_t library, uint32_t object, size_t shared,
					   struct groups *groups)
{
	const struct finder *finder = judge->finder;
	const struct polyton_object *row = object_at(finder, library);
	uint32_t *variables = &judge->variables[library];
	if (!object_meets(&finder->inputs[library], &finder->inputs[object]))
		return NULL;
	if (row->is_program || !row->soname[0] || object_at(finder, object)->name_space != row->name_space)
		return NULL;
	if (!group_has_users(finder, library))
		return NULL;
	struct polyton_error *error =
		*variables == POLYTON_NONE ? count_variables(finder->inputs[library].candidates, variables) : NULL;
	if (error || shared * 2 < *variables)
		return error;
	const char *key = arena_printf(&groups->keys, "%u", library);
	error = key ? groups_add(groups, key, library) : error_no_memory();
	return error ? error : groups_add(groups, key, object);
}

static struct polyton_error *judge_sharings(struct judge *judge, const sharing_list *sharings)
{
	struct polyton_error *error = NULL;
	for (size_t first = 0, last; !error && first < sharings->count; first = last) {
		const struct sharing *pair = &sharings->items[first];
		bool is_inside = false;
		for (last = first; last < sharings->count && !compare_sharings(pair, &sharings->items[last]); last++)
			is_inside |= sharings->items[last].is_inside;
		size_t shared = last - first;
		if (shared < BESIDE_LEAST_VARIABLES || group_is_told(judge->finder, pair->a, pair->b))
			continue;
		struct groups *groups = is_inside ? &judge->copies : &judge->likes;
		error = judge_sharing(judge, pair->a, pair->b, shared, groups);
		if (!error)
			error = judge_sharing(judge, pair->b, pair->a, shared, groups);
	}
	return error;
}

static struct polyton_error *find_beside(struct finder *finder)
{
	size_t objects = finder->snapshot->objects.count;
	sharing_list sharings = { 0 };
	auto_free uint32_t *variables = malloc((objects + 1) * sizeof(*variables));
	struct judge judge = { .finder = finder, .variables = variables };
	if (!variables)
		return error_no_memory();
	for (size_t i = 0; i < objects; i++)
		variables[i] = POLYTON_NONE;
	struct polyton_error *error = collect_sharings(finder, &sharings);
	if (!error)
		error = judge_sharings(&judge, &sharings);
	if (!error)
		error = add_groups(finder, &judge.copies, &copy_telling);
	if (!error)
		error = add_groups(finder, &judge.likes, &like_telling);
	groups_deinit(&judge.likes);
	groups_deinit(&judge.copies);
	vec_deinit(&sharings);
	return error;
}

static bool is_cxx_runtime(const struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton)
{
	const char *library = snapshot->libraries.items[singleton->library].name;
	return singleton->language == POLYTON_LANGUAGE_CXX &&
	       (strcmp(library, "std") == 0 || strcmp(library, "__gnu_cxx") == 0 ||
		strcmp(library, "__cxxabiv1") == 0);
}

// Objects of one namespace that have the C++ standard library linked in statically.
static struct polyton_error *find_cxx_runtime(struct finder *finder)
{
	static const char *const remedy[] = {
		"Link all of them without -static-libstdc++.",
		"Or keep C++ objects, streams and exceptions from crossing between them.", NULL
	};
	struct polyton_snapshot *snapshot = finder->snapshot;
	struct groups groups = { 0 };
	struct polyton_error *error = NULL;
	uint32_t found = 0;
	for (uint32_t i = 0; !error && i < snapshot->singletons.count; i++) {
		const struct polyton_singleton *singleton = &snapshot->singletons.items[i];
		if (!duplicates_is_reported(singleton) || !is_cxx_runtime(snapshot, singleton))
			continue;
		found++;
		for (uint32_t k = 0; !error && k < singleton->copy_count; k++) {
			const struct polyton_copy *copy = &snapshot->copies.items[singleton->first_copy + k];
			if (copy->use == POLYTON_USE_LIVE)
				error = groups_add(&groups, "", copy->object);
		}
	}
	if (!error && found >= BESIDE_LEAST_VARIABLES) {
		const struct group *group = &groups.items.items[0];
		const char *where = finder_enumerate(snapshot, (struct names){ group->objects, group->count });
		const char *headline =
			where ? arena_printf(&snapshot->arena, "%s each have the C++ standard library.", where)
			      : NULL;
		error = group_report(
			finder, group, POLYTON_SEVERITY_WARNING, headline,
			"Streams, locales and the pool for exceptions are there once for each.",
			finder_reason(snapshot, POLYTON_CAUSE_STATIC_LINK,
				      "libstdc++ is linked in statically, and its symbols are kept inside", remedy));
	}
	groups_deinit(&groups);
	return error;
}

struct polyton_error *beside_find(struct finder *finder)
{
	struct polyton_error *error = find_beside(finder);
	return error ? error : find_cxx_runtime(finder);
}
