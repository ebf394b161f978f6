// A finding is only what is true of this snapshot: copies that code uses, of what is the same variable with some
// confidence. What could not be read is said in the same breath, never counted as unset.

#include "find/findings.h"

#include <stdio.h>
#include <string.h>

enum { FINDINGS_MAX_NAMED = 4 }; // objects named in a sentence before "and N more"

static struct polyton_error *add(struct polyton_snapshot *snapshot, struct polyton_finding finding)
{
	struct polyton_finding *place = vec_push(&snapshot->findings);
	if (!place || !finding.headline || !finding.detail)
		return error_no_memory();
	*place = finding;
	return NULL;
}

/** Object indices to be named in a sentence. */
struct names {
	const uint32_t *objects;
	size_t count;
};

// "a", "a and b", "a, b and c", "a, b, c, d and 3 more"
static const char *enumerate(struct polyton_snapshot *snapshot, struct names names)
{
	size_t shown = names.count <= FINDINGS_MAX_NAMED + 1 ? names.count : FINDINGS_MAX_NAMED;
	const char *text = "";
	for (size_t i = 0; text && i < shown; i++) {
		const char *name = snapshot->objects.items[names.objects[i]].name;
		bool is_last = i + 1 == names.count;
		text = arena_printf(&snapshot->arena, "%s%s%s", text, !i ? "" : is_last ? " and " : ", ", name);
	}
	if (text && shown < names.count)
		text = arena_printf(&snapshot->arena, "%s and %zu more", text, names.count - shown);
	return text;
}

static const char *times(struct polyton_snapshot *snapshot, uint32_t count)
{
	return count == 2 ? "twice" : arena_printf(&snapshot->arena, "%u times", count);
}

/** How a copy's cells stand. */
struct tally {
	uint32_t set, initial, not_allocated, unknown, present;
};

static struct tally tally_of(const struct polyton_copy *copy)
{
	struct tally tally = { 0 };
	for (uint32_t i = 0; i < copy->cell_count; i++) {
		switch (copy->cells[i].state) {
		case POLYTON_CELL_SET:
			tally.set++;
			break;
		case POLYTON_CELL_INITIAL:
			tally.initial++;
			break;
		case POLYTON_CELL_NOT_ALLOCATED:
			tally.not_allocated++;
			break;
		case POLYTON_CELL_PRESENT:
			tally.present++;
			break;
		case POLYTON_CELL_UNREADABLE:
		case POLYTON_CELL_UNSTABLE:
			tally.unknown++;
			break;
		}
	}
	return tally;
}

static const char *append(struct polyton_snapshot *snapshot, const char *text, const char *sentence)
{
	if (!text || !sentence)
		return NULL;
	return arena_printf(&snapshot->arena, "%s%s%s", text, text[0] && sentence[0] ? "; " : "", sentence);
}

// "host's is set in 3 of 5 threads"
static const char *describe_set(struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton,
				const struct polyton_copy *copy, const struct tally *tally)
{
	const char *object = snapshot->objects.items[copy->object].name;
	if (singleton->kind == POLYTON_KIND_STATIC)
		return arena_printf(&snapshot->arena, "%s's is set", object);
	const char *missing =
		tally->unknown ? arena_printf(&snapshot->arena, " (%u could not be read)", tally->unknown) : "";
	return missing ? arena_printf(&snapshot->arena, "%s's is set in %u of %u thread%s%s", object, tally->set,
				      copy->cell_count, copy->cell_count == 1 ? "" : "s", missing)
		       : NULL;
}

static const char *describe_unset(struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton,
				  struct names names)
{
	const char *who = enumerate(snapshot, names);
	if (!who)
		return NULL;
	const char *what = singleton->kind == POLYTON_KIND_TLS ? "which no thread has set"
			   : names.count == 1                  ? "which is still initial"
							       : "which are still initial";
	return names.count == 1 ? arena_printf(&snapshot->arena, "%s uses its own copy, %s", who, what)
				: arena_printf(&snapshot->arena, "%s use copies of their own, %s", who, what);
}

static const char *describe_sizes(struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton)
{
	const char *text = "";
	size_t named = 0;
	uint64_t last = 0;
	for (uint32_t i = 0; text && i < singleton->copy_count; i++) {
		const struct polyton_copy *copy = &snapshot->copies.items[singleton->first_copy + i];
		if (copy->use != POLYTON_USE_LIVE || (named && copy->size == last))
			continue;
		last = copy->size;
		named++;
		text = arena_printf(&snapshot->arena, "%s%s%llu bytes in %s", text,
				    text[0] ? ", " : "sizes differ: ", (unsigned long long)copy->size,
				    snapshot->objects.items[copy->object].name);
	}
	return named == 1 ? "" : text; // only a copy that nobody uses has another size
}

// The second sentence: who has its own, and what the copies hold.
static const char *describe(struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton,
			    uint32_t *scratch)
{
	const char *text = "";
	struct names unset = { scratch, 0 };
	size_t set = 0, unread = 0, more = 0;

	for (uint32_t i = 0; i < singleton->copy_count; i++) {
		const struct polyton_copy *copy = &snapshot->copies.items[singleton->first_copy + i];
		struct tally tally = tally_of(copy);
		if (copy->use != POLYTON_USE_LIVE)
			continue;
		if (!tally.set && !tally.unknown && !tally.present && copy->cell_count)
			scratch[unset.count++] = copy->object;
		else if (!tally.set)
			unread++;
	}
	if (unset.count)
		text = append(snapshot, text, describe_unset(snapshot, singleton, unset));
	for (uint32_t i = 0; text && i < singleton->copy_count; i++) {
		const struct polyton_copy *copy = &snapshot->copies.items[singleton->first_copy + i];
		struct tally tally = tally_of(copy);
		if (copy->use != POLYTON_USE_LIVE || !tally.set)
			continue;
		if (set++ < FINDINGS_MAX_NAMED)
			text = append(snapshot, text, describe_set(snapshot, singleton, copy, &tally));
		else
			more++;
	}
	if (more)
		text = append(snapshot, text, arena_printf(&snapshot->arena, "%zu more are set", more));
	if (unread)
		text = append(snapshot, text,
			      arena_printf(&snapshot->arena, "%zu of the copies could not be compared with %s%s",
					   unread, "an initial image",
					   singleton->kind == POLYTON_KIND_TLS ? " in every thread" : ""));
	if (singleton->sizes_differ)
		text = append(snapshot, text, describe_sizes(snapshot, singleton));
	return text && text[0] ? arena_printf(&snapshot->arena, "%s.", text) : text;
}

static struct polyton_error *add_singleton(struct polyton_snapshot *snapshot, uint32_t index)
{
	const struct polyton_singleton *singleton = &snapshot->singletons.items[index];
	auto_free uint32_t *objects = calloc(singleton->copy_count + 1, sizeof(*objects));
	struct names names = { objects, 0 };
	bool is_tls = singleton->kind == POLYTON_KIND_TLS;
	if (!objects)
		return error_no_memory();
	for (uint32_t i = 0; i < singleton->copy_count; i++) {
		const struct polyton_copy *copy = &snapshot->copies.items[singleton->first_copy + i];
		if (copy->use == POLYTON_USE_LIVE)
			objects[names.count++] = copy->object;
	}
	const char *where = enumerate(snapshot, names);
	const char *often = times(snapshot, (uint32_t)names.count);
	if (!where || !often)
		return error_no_memory();
	const char *headline = arena_printf(&snapshot->arena, "%s (%s) exists %s: in %s.", singleton->name,
					    is_tls ? "thread-local" : "static", often, where);
	// One step down when the identity is only likely.
	enum polyton_severity severity = singleton->confidence == POLYTON_CONFIDENCE_CERTAIN
						 ? POLYTON_SEVERITY_ERROR
						 : POLYTON_SEVERITY_WARNING;
	return add(snapshot, (struct polyton_finding){
				     .rule = is_tls ? "PT001" : "PT002",
				     .slug = is_tls ? "duplicate-tls" : "duplicate-static",
				     .severity = severity,
				     .confidence = singleton->confidence,
				     .library = singleton->library,
				     .singleton = index,
				     .object = POLYTON_NONE,
				     .headline = headline,
				     .detail = describe(snapshot, singleton, objects),
			     });
}

static bool is_reported(const struct polyton_singleton *singleton)
{
	return !singleton->dropped && !singleton->is_read_only && singleton->live_count >= 2 &&
	       singleton->confidence != POLYTON_CONFIDENCE_POSSIBLE;
}

// A library that is meant to be per object is one line, however many variables it has.
static struct polyton_error *add_per_object(struct polyton_snapshot *snapshot, uint32_t index)
{
	const struct polyton_library *library = &snapshot->libraries.items[index];
	auto_free bool *is_in = calloc(snapshot->objects.count + 1, sizeof(*is_in));
	auto_free uint32_t *objects = calloc(snapshot->objects.count + 1, sizeof(*objects));
	struct names names = { objects, 0 };
	uint32_t locals = 0, statics = 0;
	if (!is_in || !objects)
		return error_no_memory();

	for (uint32_t i = 0; i < library->singleton_count; i++) {
		const struct polyton_singleton *singleton = &snapshot->singletons.items[library->first_singleton + i];
		if (!is_reported(singleton))
			continue;
		locals += singleton->kind == POLYTON_KIND_TLS;
		statics += singleton->kind == POLYTON_KIND_STATIC;
		for (uint32_t k = 0; k < singleton->copy_count; k++)
			is_in[snapshot->copies.items[singleton->first_copy + k].object] = true;
	}
	if (!locals && !statics)
		return NULL;
	for (uint32_t i = 0; i < snapshot->objects.count; i++) {
		if (is_in[i])
			objects[names.count++] = i;
	}
	const char *where = enumerate(snapshot, names);
	if (!where)
		return error_no_memory();
	return add(snapshot,
		   (struct polyton_finding){
			   .rule = locals ? "PT001" : "PT002",
			   .slug = locals ? "duplicate-tls" : "duplicate-static",
			   .severity = POLYTON_SEVERITY_NOTE,
			   .confidence = POLYTON_CONFIDENCE_CERTAIN,
			   .library = index,
			   .singleton = POLYTON_NONE,
			   .object = POLYTON_NONE,
			   .headline =
				   arena_printf(&snapshot->arena,
						"%s is linked into each of %s by design: %u of its statics and %u of "
						"its thread-locals exist in more than one of them.",
						library->name, where, statics, locals),
			   .detail = "",
		   });
}

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

static const char *list_crates(struct polyton_snapshot *snapshot, const struct crate *crates, size_t count)
{
	size_t size = 1;
	for (size_t i = 0; i < count; i++)
		size += strlen(crates[i].name) + strlen(crates[i].version) + strlen(",  ");
	char *text = arena_alloc(&snapshot->arena, size, 1), *at = text;
	for (size_t i = 0; text && i < count; i++)
		at += snprintf(at, size - (size_t)(at - text), "%s%s %s", i ? ", " : "", crates[i].name,
			       crates[i].version);
	return text;
}

static struct polyton_error *add_blind_spot(struct polyton_snapshot *snapshot, uint32_t object,
					    const struct crate *crates, size_t count)
{
	const struct polyton_object *row = &snapshot->objects.items[object];
	const char *list = list_crates(snapshot, crates, count);
	const char *tls = row->tls_size ? arena_printf(&snapshot->arena, " It has %llu bytes of thread-locals.",
						       (unsigned long long)row->tls_size)
					: "";
	if (!list || !tls)
		return error_no_memory();
	return add(snapshot,
		   (struct polyton_finding){
			   .rule = "PT012",
			   .slug = "blind-spot",
			   .severity = POLYTON_SEVERITY_NOTE,
			   .confidence = POLYTON_CONFIDENCE_CERTAIN,
			   .library = POLYTON_NONE,
			   .singleton = POLYTON_NONE,
			   .object = object,
			   .headline =
				   arena_printf(&snapshot->arena,
						"%s is stripped: which variables it has copies of cannot be told.",
						row->name),
			   .detail = arena_printf(&snapshot->arena,
						  "Its panic messages name the crates it embeds: %s.%s Build it with "
						  "symbols, or install its debug file, to compare it.",
						  list, tls),
		   });
}

// Objects without a symbol table: a finding for those that show what they embed, one note for all others.
static struct polyton_error *find_blind_spots(struct polyton_snapshot *snapshot, struct crate_lists *crates)
{
	auto_free uint32_t *objects = calloc(snapshot->objects.count + 1, sizeof(*objects));
	struct names names = { objects, 0 };
	if (!objects)
		return error_no_memory();
	for (uint32_t i = 0; i < snapshot->objects.count; i++) {
		const struct polyton_object *object = &snapshot->objects.items[i];
		const struct crate *list;
		size_t count;
		if (object->symbols >= POLYTON_SYMBOLS_DEBUG_FILE || object->file_state == POLYTON_FILE_NONE ||
		    !has_variables(object, &crates->objects[i]))
			continue;
		struct polyton_error *error = crate_lists_get(crates, i, &list, &count);
		if (!error && count)
			error = add_blind_spot(snapshot, i, list, count);
		else
			objects[names.count++] = i;
		if (error)
			return error;
	}
	if (!names.count)
		return NULL;
	const char *list = enumerate(snapshot, names);
	if (!list)
		return error_no_memory();
	return snapshot_note(
		snapshot, POLYTON_NONE, false,
		names.count == 1 ? "%s has no symbol table (stripped): only the variables it exports were compared"
				 : "%s have no symbol table (stripped): only the variables they export were compared",
		list);
}

static uint32_t count_live(const struct polyton_snapshot *snapshot, const struct polyton_finding *finding)
{
	return finding->singleton == POLYTON_NONE ? 0 : snapshot->singletons.items[finding->singleton].live_count;
}

static int compare_findings(const void *left, const void *right, void *arg)
{
	const struct polyton_finding *a = left, *b = right;
	if (a->severity != b->severity)
		return a->severity > b->severity ? -1 : 1;
	int order = strcmp(a->rule, b->rule); // thread-locals before statics: they are what breaks first
	if (order)
		return order;
	uint32_t x = count_live(arg, a), y = count_live(arg, b);
	if (x != y)
		return x > y ? -1 : 1;
	if (a->library != b->library)
		return a->library < b->library ? -1 : 1;
	if (a->singleton != b->singleton)
		return a->singleton < b->singleton ? -1 : 1;
	return (a->object > b->object) - (a->object < b->object);
}

struct polyton_error *findings_build(struct polyton_snapshot *snapshot, struct crate_lists *crates)
{
	struct polyton_error *error = NULL;
	for (uint32_t i = 0; !error && i < snapshot->libraries.count; i++) {
		const struct polyton_library *library = &snapshot->libraries.items[i];
		if (library->is_per_object) {
			error = add_per_object(snapshot, i);
			continue;
		}
		for (uint32_t k = 0; !error && k < library->singleton_count; k++) {
			if (is_reported(&snapshot->singletons.items[library->first_singleton + k]))
				error = add_singleton(snapshot, library->first_singleton + k);
		}
	}
	if (!error)
		error = find_blind_spots(snapshot, crates);
	if (!error && snapshot->findings.count)
		qsort_r(snapshot->findings.items, snapshot->findings.count, sizeof(*snapshot->findings.items),
			compare_findings, snapshot);
	return error;
}
