// An object whose variables have no names is never clean: it was not compared.

#include "find/blindspot.h"

#include <stdio.h>
#include <string.h>

static bool has_variables(const struct polyton_object *object, const struct object_input *input)
{
	if (object->tls_size)
		return true;
	for (uint32_t i = 0; i < input->segment_count; i++) {
		if (input->segments[i].p_type == PT_LOAD && (input->segments[i].p_flags & PF_W))
			return true;
	}
	return false;
}

static bool is_blind(const struct polyton_object *object, const struct object_input *input)
{
	return object->symbols < POLYTON_SYMBOLS_DEBUG_FILE && object->file_state != POLYTON_FILE_NONE &&
	       has_variables(object, input);
}

struct polyton_error *blindspot_prepare(const struct polyton_snapshot *snapshot, struct crate_lists *crates)
{
	auto_free bool *wanted = calloc((size_t)crates->count + 1, sizeof(*wanted));
	bool has_crates = false;
	if (!wanted)
		return error_no_memory();
	for (uint32_t i = 0; i < crates->count; i++)
		wanted[i] = is_blind(&snapshot->objects.items[i], &crates->objects[i]);
	struct polyton_error *error = crate_lists_scan(crates, wanted);
	for (uint32_t i = 0; !error && i < crates->count; i++)
		has_crates |= crates->lists[i].count > 0;
	// Then it is to be compared with all others.
	return !error && has_crates ? crate_lists_scan(crates, NULL) : error;
}

/** The crates of an object, and which of them another object embeds, too: only these can be there twice. */
struct embedded {
	const struct polyton_crate *crates;
	size_t count, shared_count;
	bool *is_shared;
};

static struct polyton_error *keep_shared(struct polyton_snapshot *snapshot, const struct embedded *embedded,
					 struct polyton_finding *finding)
{
	struct polyton_crate *kept = arena_alloc(&snapshot->arena, embedded->shared_count, sizeof(*kept));
	finding->crates = kept;
	for (size_t i = 0; kept && i < embedded->count; i++) {
		if (!embedded->is_shared[i])
			continue;
		struct polyton_crate *crate = &kept[finding->crate_count++];
		crate->name = arena_strdup(&snapshot->arena, embedded->crates[i].name);
		crate->version = arena_strdup(&snapshot->arena, embedded->crates[i].version);
		if (!crate->name || !crate->version)
			return error_no_memory();
	}
	return kept ? NULL : error_no_memory();
}

static const char *list_crates(struct polyton_snapshot *snapshot, const struct polyton_finding *finding)
{
	size_t size = 1;
	for (uint32_t i = 0; i < finding->crate_count; i++)
		size += strlen(finding->crates[i].name) + strlen(finding->crates[i].version) + strlen(",  ");
	char *text = arena_alloc(&snapshot->arena, size, 1), *at = text;
	for (uint32_t i = 0; text && i < finding->crate_count; i++)
		at += snprintf(at, size - (size_t)(at - text), "%s%s %s", i ? ", " : "", finding->crates[i].name,
			       finding->crates[i].version);
	return text;
}

static struct polyton_error *add_blind_spot(struct finder *finder, uint32_t object, const struct embedded *embedded)
{
	struct polyton_snapshot *snapshot = finder->snapshot;
	const struct polyton_object *row = &snapshot->objects.items[object];
	struct polyton_finding finding = finder_start(RULE_BLIND_SPOT, POLYTON_SEVERITY_NOTE);
	struct polyton_error *error = keep_shared(snapshot, embedded, &finding);
	if (error)
		return error;
	const char *list = list_crates(snapshot, &finding);
	const char *tls = row->tls_size ? arena_printf(&snapshot->arena, " It has %llu bytes of thread-locals.",
						       (unsigned long long)row->tls_size)
					: "";
	if (!list || !tls)
		return error_no_memory();
	finding.object = object;
	finding.headline = arena_printf(&snapshot->arena,
					"%s is stripped: which variables it has copies of cannot be told.",
					row->name);
	finding.detail = arena_printf(&snapshot->arena,
				      "Of the crates that its panic messages name (%zu), other objects embed, too: "
				      "%s.%s Build it with symbols, or install its debug file, to compare it.",
				      embedded->count, list, tls);
	return finder_add(finder, finding);
}

static bool has_crate(const struct polyton_crate *crates, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(crates[i].name, name) == 0)
			return true;
	}
	return false;
}

static struct polyton_error *mark_shared(struct finder *finder, uint32_t object, struct embedded *embedded)
{
	for (uint32_t other = 0; embedded->count && other < finder->snapshot->objects.count; other++) {
		const struct polyton_crate *others;
		size_t other_count;
		if (other == object)
			continue;
		struct polyton_error *error = crate_lists_get(finder->crates, other, &others, &other_count);
		if (error)
			return error;
		for (size_t i = 0; other_count && i < embedded->count; i++) {
			bool is_fresh = !embedded->is_shared[i] &&
					has_crate(others, other_count, embedded->crates[i].name);
			embedded->is_shared[i] |= is_fresh;
			embedded->shared_count += is_fresh;
		}
	}
	return NULL;
}

static struct polyton_error *look_at(struct finder *finder, uint32_t object, bool *is_told_ret)
{
	struct embedded embedded = { 0 };
	struct polyton_error *error = crate_lists_get(finder->crates, object, &embedded.crates, &embedded.count);
	auto_free bool *is_shared = calloc(embedded.count + 1, sizeof(*is_shared));
	embedded.is_shared = is_shared;
	if (!error && !is_shared)
		error = error_no_memory();
	if (!error)
		error = mark_shared(finder, object, &embedded);
	*is_told_ret = !error && embedded.shared_count;
	return *is_told_ret ? add_blind_spot(finder, object, &embedded) : error;
}

// Objects without a symbol table: a finding for those that show what they have in common, one note for all others.
struct polyton_error *blindspot_find(struct finder *finder)
{
	struct polyton_snapshot *snapshot = finder->snapshot;
	auto_free uint32_t *objects = calloc(snapshot->objects.count + 1, sizeof(*objects));
	struct names names = { objects, 0 };
	if (!objects)
		return error_no_memory();
	for (uint32_t i = 0; i < snapshot->objects.count; i++) {
		bool is_told = false;
		if (!is_blind(&snapshot->objects.items[i], &finder->inputs[i]))
			continue;
		struct polyton_error *error = look_at(finder, i, &is_told);
		if (error)
			return error;
		if (!is_told)
			objects[names.count++] = i;
	}
	if (!names.count)
		return NULL;
	const char *list = finder_enumerate(snapshot, names);
	if (!list)
		return error_no_memory();
	return snapshot_note(
		snapshot, POLYTON_NONE, false,
		names.count == 1 ? "%s has no symbol table (stripped): only the variables it exports were compared"
				 : "%s have no symbol table (stripped): only the variables they export were compared",
		list);
}
