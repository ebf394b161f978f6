// The loader looks up each name on its own, so a library that two objects export in part comes together from both:
// what was set through one copy's functions is not seen by the other's.

#include "find/torn.h"

#include <ctype.h>
#include <string.h>

#include "find/about.h"
#include "find/builds.h"
#include "find/exports.h"

enum {
	TORN_PREFIX = 4,      // letters that the names of a C library's functions begin with
	TORN_MAX_PAIRS = 256, // of objects that are looked at
	TORN_MAX_COPIES = 8,
	TORN_NAMED = 3,
};

/** Two objects with a copy each, and a variable that shows it (POLYTON_NONE: only functions do). */
struct twins {
	uint32_t a, b, singleton;
};

struct tear {
	uint32_t user, whole, other; ///< @c user gets some functions from @c other that @c whole defines, too.
	const char *from_other[TORN_NAMED], *from_whole[TORN_NAMED];
	size_t other_count, whole_count;
	uint32_t singleton;
};

// The first part of a C++ name with its length ("4nccl"), or the first letters of a C name.
static const char *family(const char *name, size_t *length_ret)
{
	bool is_cxx = strncmp(name, "_ZN", 3) == 0;
	const char *part = is_cxx ? name + 3 + strspn(name + 3, "KVrSt") : name + strspn(name, "_");
	size_t digits = strspn(part, "0123456789");
	if (is_cxx && digits && digits < 4) {
		size_t length = 0;
		for (size_t i = 0; i < digits; i++)
			length = length * 10 + (size_t)(part[i] - '0');
		*length_ret = digits + strnlen(part + digits, length);
		return part;
	}
	*length_ret = strnlen(part, TORN_PREFIX);
	return part;
}

static bool is_kin(const char *left, const char *right)
{
	size_t length, other_length;
	const char *a = family(left, &length), *b = family(right, &other_length);
	return length >= TORN_PREFIX && length == other_length && strncasecmp(a, b, length) == 0;
}

static bool is_user(const struct polyton_copy *copy, uint32_t object)
{
	for (uint32_t i = 0; i < copy->user_count; i++) {
		if (copy->users[i] == object)
			return true;
	}
	return false;
}

static void keep_name(const char **names, size_t *count, const char *name)
{
	if (*count < TORN_NAMED)
		names[*count] = name;
	++*count;
}

// The raw name of a copy of the variable, for kinship with functions; NULL without one.
static const struct polyton_copy *copy_in(const struct finder *finder, uint32_t singleton, uint32_t object)
{
	const struct polyton_snapshot *snapshot = finder->snapshot;
	const struct polyton_singleton *row = singleton == POLYTON_NONE ? NULL
									: &snapshot->singletons.items[singleton];
	for (uint32_t i = 0; row && i < row->copy_count; i++) {
		const struct polyton_copy *copy = &snapshot->copies.items[row->first_copy + i];
		if (copy->object == object)
			return copy;
	}
	return NULL;
}

// What @c user gets from @c other although @c whole has it.
static void find_from_other(const struct finder *finder, struct tear *tear)
{
	const struct exports *exports = finder->exports;
	const struct polyton_copy *copy = copy_in(finder, tear->singleton, tear->whole);
	size_t count;
	const struct export_use *uses = exports_uses_of(exports, tear->other, &count);
	for (const struct export_use *use = uses; use < uses + count; use++) {
		const struct export *export = &exports->items.items[use->export];
		if (use->user == tear->user && export->is_function &&
		    exports_is_defined_by(exports, use->export, tear->whole) &&
		    (!copy || is_kin(export->name, copy->symbol)))
			keep_name(tear->from_other, &tear->other_count, export->name);
	}
}

// What it gets from @c whole, of the same family.
static void find_from_whole(const struct finder *finder, struct tear *tear)
{
	const struct resolver *resolver = finder->linkage->resolver;
	const struct reference *reference;
	for (size_t at = 0; (reference = uses_next(finder->uses, finder->linkage, tear->whole, &at));) {
		if (reference->object != tear->user || reference->kind != POLYTON_REFERENCE_FUNCTION ||
		    !reference->bound_to.symbol || ELF64_ST_BIND(reference->bound_to.symbol->st_info) != STB_GLOBAL)
			continue;
		const char *name = reference_name(resolver, reference);
		if (is_kin(name, tear->from_other[0]))
			keep_name(tear->from_whole, &tear->whole_count, name);
	}
}

static const char *list(struct finder *finder, const char *const *names, size_t count)
{
	struct arena *arena = &finder->snapshot->arena;
	const char *text = "";
	size_t shown = count < TORN_NAMED ? count : TORN_NAMED;
	for (size_t i = 0; text && i < shown; i++) {
		struct identity identity;
		struct polyton_error *error = identity_of(names[i], false, arena, &identity);
		text = error ? NULL : arena_printf(arena, "%s%s%s", text, i ? ", " : "", identity.name);
		polyton_error_destroy(error);
	}
	return text && shown < count ? arena_printf(arena, "%s and %zu more", text, count - shown) : text;
}

static struct polyton_error *report(struct finder *finder, const struct tear *tear)
{
	static const char *const remedy[] = { "Link the library into one shared object, and let both use that.",
					      "Or let each keep its copy to itself: a version script or "
					      "-Wl,--exclude-libs for the archive, in both.",
					      NULL };
	struct polyton_snapshot *snapshot = finder->snapshot;
	struct polyton_finding finding = finder_start(RULE_TORN_LIBRARY, POLYTON_SEVERITY_ERROR);
	const char *user = finder_object(finder, tear->user), *other = finder_object(finder, tear->other);
	const char *whole = tear->user == tear->whole ? "itself" : finder_object(finder, tear->whole);
	const char *theirs = list(finder, tear->from_other, tear->other_count);
	const char *own = list(finder, tear->from_whole, tear->whole_count);
	const char *variable = tear->singleton == POLYTON_NONE ? ""
							       : snapshot->singletons.items[tear->singleton].name;
	if (!theirs || !own)
		return error_no_memory();
	finding.object = tear->user;
	finding.headline =
		own[0] ? arena_printf(&snapshot->arena,
				      "%s is torn between two copies of a library: it calls %s of %s, but %s of %s.",
				      user, theirs, other, own, whole)
		       : arena_printf(
				 &snapshot->arena,
				 "%s is torn between two copies of a library: it calls %s of %s, but uses %s of %s.",
				 user, theirs, other, variable, whole);
	if (variable[0])
		finding.detail =
			arena_printf(&snapshot->arena,
				     "Each has its own %s: what is set through the one is not seen by the other.",
				     variable);
	const char *text =
		arena_printf(&snapshot->arena,
			     "%s comes first in the scope and has only some of the functions, or other ones", other);
	finding.reason = finder_reason(snapshot, POLYTON_CAUSE_EXPORT_LIST, text, remedy);
	const uint32_t objects[] = { tear->user, tear->other, tear->whole };
	struct polyton_error *error = !finding.reason ? error_no_memory()
						      : about_objects(finder, (struct names){ objects, 3 }, &finding);
	return error ? error : finder_add(finder, finding);
}

static struct polyton_error *judge(struct finder *finder, const struct twins *twins, uint32_t user, uint32_t whole)
{
	struct tear tear = { .user = user,
			     .whole = whole,
			     .other = whole == twins->a ? twins->b : twins->a,
			     .singleton = twins->singleton };
	const struct polyton_copy *copy = copy_in(finder, twins->singleton, whole);
	find_from_other(finder, &tear);
	if (!tear.other_count)
		return NULL;
	find_from_whole(finder, &tear);
	bool uses_variable = user == whole && copy && is_user(copy, user);
	return tear.whole_count || uses_variable ? report(finder, &tear) : NULL;
}

static void mark_bound(const struct finder *finder, uint32_t provider, uint8_t mark, uint8_t *bound)
{
	const struct reference *reference;
	for (size_t at = 0; (reference = uses_next(finder->uses, finder->linkage, provider, &at));) {
		if (reference->kind == POLYTON_REFERENCE_FUNCTION)
			bound[reference->object] |= mark;
	}
}

// The objects that may be torn between the two: themselves, and whoever is bound to both.
static struct polyton_error *judge_all(struct finder *finder, const struct twins *twins)
{
	uint32_t objects = (uint32_t)finder->snapshot->objects.count;
	struct polyton_error *error = judge(finder, twins, twins->a, twins->a);
	if (!error)
		error = judge(finder, twins, twins->b, twins->b);
	auto_free uint8_t *bound = calloc((size_t)objects + 1, sizeof(*bound));
	if (error || !bound)
		return error ? error : error_no_memory();
	mark_bound(finder, twins->a, 1, bound);
	mark_bound(finder, twins->b, 2, bound);
	for (uint32_t i = 0; !error && i < objects; i++) {
		if (bound[i] != 3 || i == twins->a || i == twins->b)
			continue;
		// Whichever way round the first finds something: the second would say the same.
		size_t before = finder->snapshot->findings.count;
		error = judge(finder, twins, i, twins->a);
		if (!error && finder->snapshot->findings.count == before)
			error = judge(finder, twins, i, twins->b);
	}
	return error;
}

typedef vec_of(struct twins) twins_list;

static struct polyton_error *add_twins(const struct finder *finder, twins_list *list, uint32_t a, uint32_t b,
				       uint32_t singleton)
{
	const struct polyton_object *objects = finder->snapshot->objects.items;
	if (objects[a].name_space != objects[b].name_space || builds_share_by_design(finder, a, b) ||
	    list->count == TORN_MAX_PAIRS)
		return NULL;
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].a == a && list->items[i].b == b)
			return NULL;
	}
	struct twins *place = vec_push(list);
	if (!place)
		return error_no_memory();
	*place = (struct twins){ a, b, singleton };
	return NULL;
}

static struct polyton_error *find_by_variables(const struct finder *finder, twins_list *list)
{
	const struct polyton_snapshot *snapshot = finder->snapshot;
	struct polyton_error *error = NULL;
	for (uint32_t i = 0; !error && i < snapshot->singletons.count; i++) {
		const struct polyton_singleton *singleton = &snapshot->singletons.items[i];
		const struct polyton_copy *copies = &snapshot->copies.items[singleton->first_copy];
		if (singleton->dropped || singleton->is_read_only || singleton->live_count < 2 ||
		    singleton->confidence == POLYTON_CONFIDENCE_POSSIBLE || singleton->copy_count > TORN_MAX_COPIES)
			continue;
		for (uint32_t a = 0; a < singleton->copy_count; a++) {
			for (uint32_t b = a + 1; !error && b < singleton->copy_count; b++) {
				if (copies[a].use == POLYTON_USE_LIVE && copies[b].use == POLYTON_USE_LIVE &&
				    exports_pair(finder->exports, copies[a].object, copies[b].object))
					error = add_twins(finder, list, copies[a].object, copies[b].object, i);
			}
		}
	}
	return error;
}

struct polyton_error *torn_find(struct finder *finder)
{
	twins_list list = { 0 };
	struct polyton_error *error = find_by_variables(finder, &list);
	for (size_t i = 0; !error && i < finder->exports->pairs.count; i++) {
		const struct export_pair *pair = &finder->exports->pairs.items[i];
		if (pair->common >= BUILDS_LEAST_FUNCTIONS &&
		    exports_share_most(finder->exports, pair->a, pair->b, true))
			error = add_twins(finder, &list, pair->a, pair->b, POLYTON_NONE);
	}
	for (size_t i = 0; !error && i < list.count; i++)
		error = judge_all(finder, &list.items[i]);
	vec_deinit(&list);
	return error;
}
