// A singleton is spoken for when the library being there twice explains all of its copies; one that has a copy
// elsewhere, too, keeps its own finding.

#include "find/group.h"

#include <string.h>

#include "find/about.h"
#include "find/cause.h"
#include "find/duplicates.h"

void groups_deinit(struct groups *groups)
{
	for (size_t i = 0; i < groups->items.count; i++)
		free(groups->items.items[i].objects);
	vec_deinit(&groups->items);
	strmap_deinit(&groups->map);
	arena_deinit(&groups->keys);
}

struct polyton_error *groups_add(struct groups *groups, const char *key, uint32_t object)
{
	uint32_t *at = strmap_at(&groups->map, key, strlen(key), POLYTON_NONE);
	if (!at)
		return error_no_memory();
	if (*at == POLYTON_NONE) {
		struct group *fresh = vec_push(&groups->items);
		if (!fresh)
			return error_no_memory();
		*fresh = (struct group){ .key = key };
		*at = (uint32_t)groups->items.count - 1;
	}
	struct group *group = &groups->items.items[*at];
	for (size_t i = 0; i < group->count; i++) {
		if (group->objects[i] == object)
			return NULL;
	}
	if (group->count == group->capacity &&
	    !vec_grow((void **)&group->objects, group->count, &group->capacity, sizeof(*group->objects)))
		return error_no_memory();
	group->objects[group->count++] = object;
	return NULL;
}

static bool is_same_build(const struct polyton_object *a, const struct polyton_object *b)
{
	return a->build_id[0] && a->name_space == b->name_space && strcmp(a->build_id, b->build_id) == 0;
}

// A file that is loaded once more has what it has in the first place.
static bool is_in(const struct polyton_snapshot *snapshot, struct names group, uint32_t object)
{
	const struct polyton_object *objects = snapshot->objects.items;
	for (size_t i = 0; i < group.count; i++) {
		if (group.objects[i] == object || is_same_build(&objects[group.objects[i]], &objects[object]))
			return true;
	}
	return false;
}

// The copy is in the group, or took the place of one that is: the program's of a library's variable (COPY).
static bool is_of(const struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton, uint32_t copy,
		  struct names group)
{
	if (is_in(snapshot, group, snapshot->copies.items[copy].object))
		return true;
	for (uint32_t i = 0; i < singleton->copy_count; i++) {
		const struct polyton_copy *other = &snapshot->copies.items[singleton->first_copy + i];
		if (other->use == POLYTON_USE_SHADOWED && other->bound_to == copy &&
		    is_in(snapshot, group, other->object))
			return true;
	}
	return false;
}

static bool is_all_in(const struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton,
		      struct names group)
{
	for (uint32_t i = 0; i < singleton->copy_count; i++) {
		uint32_t copy = singleton->first_copy + i;
		if (snapshot->copies.items[copy].use == POLYTON_USE_LIVE && !is_of(snapshot, singleton, copy, group))
			return false;
	}
	return true;
}

// How many variables it costs; NULL when out of memory.
static const char *fold(struct polyton_snapshot *snapshot, struct names objects)
{
	uint32_t counts[2] = { 0 }, split = 0; // by kind
	for (uint32_t i = 0; i < snapshot->singletons.count; i++) {
		struct polyton_singleton *singleton = &snapshot->singletons.items[i];
		if (!duplicates_is_reported(singleton) || !is_all_in(snapshot, singleton, objects))
			continue;
		singleton->folded_into = (uint32_t)snapshot->findings.count;
		counts[singleton->kind]++;
		split += duplicates_is_split(snapshot, singleton);
	}
	if (!counts[0] && !counts[1])
		return "No variable of theirs is seen to be there twice.";
	const char *states =
		!split ? ""
		       : arena_printf(&snapshot->arena, "; %u of these are set in one and initial in another", split);
	return states ? arena_printf(&snapshot->arena,
				     "%u of their statics and %u of their thread-locals exist more than once%s.",
				     counts[POLYTON_KIND_STATIC], counts[POLYTON_KIND_TLS], states)
		      : NULL;
}

void group_keep_meeting(const struct finder *finder, struct group *group)
{
	size_t kept = 0;
	for (size_t i = 0; i < group->count; i++) {
		bool is_met = false;
		for (size_t k = 0; k < group->count && !is_met; k++)
			is_met = k != i &&
				 object_meets(&finder->inputs[group->objects[i]], &finder->inputs[group->objects[k]]);
		uint32_t object = group->objects[i];
		if (!is_met)
			continue;
		group->objects[i] = group->objects[kept];
		group->objects[kept++] = object;
	}
	group->count = kept;
}

struct polyton_error *group_report(struct finder *finder, const struct group *group, enum polyton_severity severity,
				   const char *headline, const char *detail, const struct polyton_reason *reason)
{
	struct polyton_snapshot *snapshot = finder->snapshot;
	struct polyton_finding finding = finder_start(RULE_DUPLICATE_LIBRARY, severity);
	const struct names objects = { group->objects, group->count };
	const char *counts = fold(snapshot, objects);
	if (!headline || !detail || !counts || !reason)
		return error_no_memory();
	finding.object = group->objects[0];
	finding.headline = headline;
	finding.detail = arena_printf(&snapshot->arena, "%s%s%s", detail, detail[0] ? " " : "", counts);
	finding.reason = reason;
	struct polyton_error *error = about_objects(finder, objects, &finding);
	return error ? error : finder_add(finder, finding);
}

bool group_is_told(const struct finder *finder, uint32_t a, uint32_t b)
{
	const struct polyton_snapshot *snapshot = finder->snapshot;
	for (size_t i = 0; i < snapshot->findings.count; i++) {
		const struct polyton_finding *finding = &snapshot->findings.items[i];
		const struct names objects = { finding->objects, finding->object_count };
		// What a namespace has once more are many libraries.
		bool is_one = strcmp(finding->rule, rule_rows[RULE_DUPLICATE_LIBRARY].id) == 0 &&
			      finding->reason->cause != POLYTON_CAUSE_NAMESPACE;
		if (is_one && is_in(snapshot, objects, a) && is_in(snapshot, objects, b))
			return true;
	}
	return cause_is_same_file(finder, a, b) || cause_is_other_version(finder, a, b);
}

// Inline functions and templates are anybody's.
static bool is_use(const struct reference *reference, uint32_t object)
{
	const Elf64_Sym *symbol = reference->bound_to.symbol;
	return reference->object != object && symbol && ELF64_ST_BIND(symbol->st_info) == STB_GLOBAL;
}

bool group_has_users(const struct finder *finder, uint32_t object)
{
	const struct reference *reference;
	for (size_t at = 0; (reference = uses_next(finder->uses, finder->linkage, object, &at));) {
		if (is_use(reference, object))
			return true;
	}
	return false;
}

const char *group_users(struct finder *finder, uint32_t object)
{
	struct polyton_snapshot *snapshot = finder->snapshot;
	auto_free bool *is_user = calloc(snapshot->objects.count + 1, sizeof(*is_user));
	auto_free uint32_t *users = calloc(snapshot->objects.count + 1, sizeof(*users));
	struct names names = { users, 0 };
	if (!is_user || !users)
		return NULL;
	const struct reference *reference;
	for (size_t at = 0; (reference = uses_next(finder->uses, finder->linkage, object, &at));) {
		if (is_use(reference, object))
			is_user[reference->object] = true;
	}
	for (uint32_t i = 0; i < snapshot->objects.count; i++) {
		if (is_user[i])
			users[names.count++] = i;
	}
	const char *who = finder_enumerate(snapshot, names);
	if (!who || !who[0])
		return who;
	return arena_printf(&snapshot->arena, "%s %s %s", who, names.count == 1 ? "uses" : "use",
			    finder_object(finder, object));
}
