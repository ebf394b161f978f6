// Which objects are one library can be said without a single variable's name. What it costs is then counted in
// variables: those whose live copies are all in these objects.

#include "find/twice.h"

#include <string.h>

#include "find/cause.h"
#include "find/group.h"

enum { TWICE_KEY_MAX = 512 };

// The same bytes in one namespace under two paths. (One that is there twice under one path was opened through a link.)
static struct polyton_error *add_same_file(struct finder *finder, const struct group *group)
{
	static const char *const remedy[] = {
		"Keep one of the files and make the others symbolic links to it: the loader knows a file by device "
		"and inode.",
		"Look at who asks for which path: RUNPATH, LD_LIBRARY_PATH, a full path given to dlopen().", NULL
	};
	struct polyton_snapshot *snapshot = finder->snapshot;
	const char *paths[2] = { snapshot->objects.items[group->objects[0]].path,
				 snapshot->objects.items[group->objects[1]].path };
	const char *often = finder_times(snapshot, group->count);
	const char *headline = often ? arena_printf(&snapshot->arena, "%s is loaded %s: from %s and from %s%s.",
						    finder_object(finder, group->objects[0]), often, paths[0],
						    paths[1], group->count > 2 ? ", and more" : "")
				     : NULL;
	const char *text = arena_printf(&snapshot->arena, "both files are the same build (build id %.16s)",
					snapshot->objects.items[group->objects[0]].build_id);
	return group_report(finder, group, POLYTON_SEVERITY_ERROR, headline, "",
			    finder_reason(snapshot, POLYTON_CAUSE_SAME_FILE, text, remedy));
}

// Of the objects that are called alike, those that are a version of the first.
static void keep_versions(const struct finder *finder, struct group *group)
{
	size_t kept = 1;
	for (size_t i = 1; i < group->count; i++) {
		if (cause_is_other_version(finder, group->objects[0], group->objects[i]))
			group->objects[kept++] = group->objects[i];
	}
	group->count = kept;
}

static struct polyton_error *add_versions(struct finder *finder, const struct group *group)
{
	static const char *const remedy[] = {
		"Build all that shares data with it against one version, and remove the other.",
		"Until then let no pointer to its types go from code of the one to code of the other.", NULL
	};
	struct polyton_snapshot *snapshot = finder->snapshot;
	const char *where = finder_enumerate(snapshot, (struct names){ group->objects, group->count });
	const char *first = group_users(finder, group->objects[0]), *second = group_users(finder, group->objects[1]);
	if (!where || !first || !second)
		return error_no_memory();
	const char *text = arena_printf(&snapshot->arena, "%s%s%s", first[0] ? first : "nobody is bound to the first",
					"; ", second[0] ? second : "nobody is bound to the second");
	const char *headline =
		arena_printf(&snapshot->arena, "%zu versions of one library are loaded: %s.", group->count, where);
	return group_report(finder, group, POLYTON_SEVERITY_ERROR, headline, "",
			    finder_reason(snapshot, POLYTON_CAUSE_TWO_VERSIONS, text, remedy));
}

typedef struct polyton_error *group_fn(struct finder *finder, const struct group *group);

static struct polyton_error *add_groups(struct finder *finder, struct groups *groups, group_fn *add_one)
{
	struct polyton_error *error = NULL;
	for (size_t i = 0; !error && i < groups->items.count; i++) {
		group_keep_meeting(finder, &groups->items.items[i]);
		if (groups->items.items[i].count > 1)
			error = add_one(finder, &groups->items.items[i]);
	}
	groups_deinit(groups);
	return error;
}

static const char *build_key(const struct polyton_object *object, struct arena *arena)
{
	return arena_printf(arena, "%u %s", object->name_space, object->build_id);
}

static struct polyton_error *find_same_files(struct finder *finder)
{
	const struct polyton_snapshot *snapshot = finder->snapshot;
	struct groups groups = { 0 };
	struct polyton_error *error = NULL;
	for (uint32_t i = 0; !error && i < snapshot->objects.count; i++) {
		const struct polyton_object *object = &snapshot->objects.items[i];
		const char *key = build_key(object, &groups.keys);
		if (!key)
			error = error_no_memory();
		else if (object->build_id[0])
			error = groups_add(&groups, key, i);
	}
	if (!error)
		return add_groups(finder, &groups, add_same_file);
	groups_deinit(&groups);
	return error;
}

// Of several loads of one file the first stands for it: two versions are two files.
static struct polyton_error *find_versions(struct finder *finder)
{
	const struct polyton_snapshot *snapshot = finder->snapshot;
	struct groups groups = { 0 };
	struct strmap firsts = { 0 }; // by build
	struct polyton_error *error = NULL;
	for (uint32_t i = 0; !error && i < snapshot->objects.count; i++) {
		size_t length;
		const struct polyton_object *object = &snapshot->objects.items[i];
		const char *stem = cause_stem(object, &length), *build = build_key(object, &groups.keys);
		const uint32_t *first = build ? strmap_at(&firsts, build, strlen(build), i) : NULL;
		if (!first)
			error = error_no_memory();
		if (error || !stem || length > TWICE_KEY_MAX || (object->build_id[0] && *first != i))
			continue;
		const char *key = arena_printf(&groups.keys, "%u %.*s", object->name_space, (int)length, stem);
		error = key ? groups_add(&groups, key, i) : error_no_memory();
	}
	strmap_deinit(&firsts);
	for (size_t i = 0; i < groups.items.count; i++)
		keep_versions(finder, &groups.items.items[i]);
	if (!error)
		return add_groups(finder, &groups, add_versions);
	groups_deinit(&groups);
	return error;
}

// A namespace cannot do without a C library of its own.
static bool is_c_library(const struct polyton_object *object)
{
	static const char *const names[] = { "libc.so.",      "libm.so.",  "libpthread.so.", "libdl.so.", "librt.so.",
					     "libresolv.so.", "ld-linux-", "libmvec.so.",    "ld-musl-" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strncmp(object->soname, names[i], strlen(names[i])) == 0)
			return true;
	}
	return false;
}

static uint32_t find_in_base(const struct polyton_snapshot *snapshot, uint32_t object)
{
	const struct polyton_object *row = &snapshot->objects.items[object];
	for (uint32_t i = 0; i < snapshot->objects.count; i++) {
		const struct polyton_object *other = &snapshot->objects.items[i];
		bool is_same = row->build_id[0] ? strcmp(row->build_id, other->build_id) == 0
						: row->soname[0] && strcmp(row->soname, other->soname) == 0;
		if (!other->name_space && is_same)
			return i;
	}
	return POLYTON_NONE;
}

// All that a namespace has once more, in one finding: what is in it was put there together.
static struct polyton_error *add_namespace(struct finder *finder, const struct group *group)
{
	static const char *const remedy[] = {
		"Load them with dlopen() instead of dlmopen() if they are to share their variables.",
		"If they are kept apart on purpose, pass what must be shared over the interface.", NULL
	};
	struct polyton_snapshot *snapshot = finder->snapshot;
	auto_free uint32_t *inner = calloc(group->count + 1, sizeof(*inner));
	struct names names = { inner, 0 };
	enum polyton_severity severity = POLYTON_SEVERITY_NOTE;
	if (!inner)
		return error_no_memory();
	for (int pass = 0; pass < 2; pass++) { // the C library last: it is the one that has to be
		for (size_t i = 0; i < group->count; i++) {
			const struct polyton_object *object = &snapshot->objects.items[group->objects[i]];
			if (!object->name_space || is_c_library(object) != pass)
				continue;
			inner[names.count++] = group->objects[i];
			if (!pass)
				severity = POLYTON_SEVERITY_ERROR;
		}
	}
	const char *where = finder_enumerate(snapshot, names);
	if (!where)
		return error_no_memory();
	uint32_t name_space = snapshot->objects.items[inner[0]].name_space;
	const char *headline = arena_printf(&snapshot->arena,
					    "Namespace %u has its own %s, which %s loaded in namespace 0, too.",
					    name_space, where, names.count == 1 ? "is" : "are");
	const char *text =
		arena_printf(&snapshot->arena, "namespace %u was made by dlmopen() or LD_AUDIT%s", name_space,
			     severity == POLYTON_SEVERITY_NOTE ? "; each needs a C library of its own" : "");
	return group_report(finder, group, severity, headline, "",
			    finder_reason(snapshot, POLYTON_CAUSE_NAMESPACE, text, remedy));
}

static struct polyton_error *find_namespaces(struct finder *finder)
{
	const struct polyton_snapshot *snapshot = finder->snapshot;
	struct groups groups = { 0 };
	struct polyton_error *error = NULL;
	for (uint32_t i = 0; !error && i < snapshot->objects.count; i++) {
		uint32_t name_space = snapshot->objects.items[i].name_space;
		uint32_t base = name_space ? find_in_base(snapshot, i) : POLYTON_NONE;
		if (base == POLYTON_NONE)
			continue;
		const char *key = arena_printf(&groups.keys, "%u", name_space);
		error = key ? groups_add(&groups, key, base) : error_no_memory();
		if (!error)
			error = groups_add(&groups, key, i);
	}
	if (!error)
		return add_groups(finder, &groups, add_namespace);
	groups_deinit(&groups);
	return error;
}

struct polyton_error *twice_find(struct finder *finder)
{
	struct polyton_error *error = find_namespaces(finder);
	if (!error)
		error = find_same_files(finder);
	if (!error)
		error = find_versions(finder);
	return error;
}
