// Each is about one singleton whose copies are used; what makes it worse (other sizes, other states) is a finding of
// its own beside it.

#include "find/duplicates.h"

#include <string.h>

#include "find/holdings.h"
#include "find/layouts.h"

bool duplicates_is_reported(const struct polyton_singleton *singleton)
{
	return !singleton->dropped && !singleton->is_read_only && singleton->live_count >= 2 &&
	       singleton->confidence != POLYTON_CONFIDENCE_POSSIBLE && singleton->folded_into == POLYTON_NONE;
}

static struct polyton_finding start(const struct finder *finder, uint32_t index, enum rule_id rule)
{
	const struct polyton_singleton *singleton = &finder->snapshot->singletons.items[index];
	struct polyton_finding finding =
		finder_start(rule, finder_severity(POLYTON_SEVERITY_ERROR, singleton->confidence));
	finding.confidence = singleton->confidence;
	finding.library = singleton->library;
	finding.singleton = index;
	return finding;
}

static bool is_equal(const struct polyton_copy *a, const struct polyton_copy *b)
{
	const struct polyton_value *x = a->cell_count ? a->cells[0].value : NULL;
	const struct polyton_value *y = b->cell_count ? b->cells[0].value : NULL;
	return x && y && x->size == y->size && memcmp(x->bytes, y->bytes, x->size) == 0;
}

// The program's copy of a library's variable, and the original, which others use because they look into the library
// first (RTLD_DEEPBIND): as long as nobody writes to one of them they hold the same.
static bool is_untouched_copy(const struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton)
{
	const struct polyton_copy *copies = &snapshot->copies.items[singleton->first_copy], *original = NULL;
	for (uint32_t i = 0; i < singleton->copy_count; i++)
		original = copies[i].is_copied ? &copies[i] : original;
	for (uint32_t i = 0; original && i < singleton->copy_count; i++) {
		if (copies[i].use == POLYTON_USE_LIVE && !is_equal(&copies[i], original))
			return false;
	}
	return original && singleton->kind == POLYTON_KIND_STATIC;
}

// A C static with a value of its own in the source, that no copy has changed: a text or a table, for want of a const.
static bool is_table(const struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton)
{
	if (singleton->kind != POLYTON_KIND_STATIC || singleton->confidence != POLYTON_CONFIDENCE_LIKELY)
		return false;
	for (uint32_t i = 0; i < singleton->copy_count; i++) {
		const struct polyton_copy *copy = &snapshot->copies.items[singleton->first_copy + i];
		if (copy->use != POLYTON_USE_LIVE)
			continue;
		if (!copy->source[0] || copy->storage != POLYTON_STORAGE_DATA || !copy->cell_count ||
		    copy->cells[0].state != POLYTON_CELL_INITIAL)
			return false;
	}
	return true;
}

static struct polyton_error *add_duplicate(struct finder *finder, uint32_t index, uint32_t *scratch)
{
	struct polyton_snapshot *snapshot = finder->snapshot;
	const struct polyton_singleton *singleton = &snapshot->singletons.items[index];
	struct names names = { scratch, 0 };
	bool is_tls = singleton->kind == POLYTON_KIND_TLS;
	for (uint32_t i = 0; i < singleton->copy_count; i++) {
		const struct polyton_copy *copy = &snapshot->copies.items[singleton->first_copy + i];
		if (copy->use == POLYTON_USE_LIVE)
			scratch[names.count++] = copy->object;
	}
	const char *where = finder_enumerate(snapshot, names);
	const char *often = finder_times(snapshot, names.count);
	if (!where || !often)
		return error_no_memory();
	struct polyton_finding finding = start(finder, index, is_tls ? RULE_DUPLICATE_TLS : RULE_DUPLICATE_STATIC);
	finding.headline = arena_printf(&snapshot->arena, "%s (%s) exists %s: in %s.", singleton->name,
					is_tls ? "thread-local" : "static", often, where);
	finding.detail = holdings_describe(snapshot, singleton, scratch);
	if (finding.detail && is_untouched_copy(snapshot, singleton)) {
		finding.severity = POLYTON_SEVERITY_NOTE;
		finding.is_routine = true;
		finding.detail = arena_printf(&snapshot->arena, "%s%sThey hold the same so far.", finding.detail,
					      finding.detail[0] ? " " : "");
	}
	if (is_table(snapshot, singleton)) {
		finding.severity = POLYTON_SEVERITY_NOTE;
		finding.is_routine = true;
	}
	return finder_add(finder, finding);
}

static const char *list_sizes(struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton)
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
		text = arena_printf(&snapshot->arena, "%s%s%llu bytes in %s", text, text[0] ? ", " : "",
				    (unsigned long long)copy->size, snapshot->objects.items[copy->object].name);
	}
	return named == 1 ? "" : text; // only a copy that nobody uses has another size
}

enum { DUPLICATES_PARTS = 3 }; // that are named in a sentence

static const char *layout_object(const struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton,
				 int side)
{
	return snapshot->objects.items[snapshot->copies.items[singleton->layout_copies[side]].object].name;
}

// "handle is in host only", or "handle: +8, 16 bytes, T in host, +16, 16 bytes, T in libmod_other.so".
static const char *part_text(struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton,
			     const struct polyton_layout_row *row)
{
	const char *first = layout_object(snapshot, singleton, 0), *second = layout_object(snapshot, singleton, 1);
	if (row->side[0].is_there && row->side[1].is_there)
		return arena_printf(&snapshot->arena, "%s: %s in %s, %s in %s", row->path, row->side[0].text, first,
				    row->side[1].text, second);
	return arena_printf(&snapshot->arena, "%s is in %s only", row->path, row->side[0].is_there ? first : second);
}

// What one of them lacks is why the rest has moved, so the rest is only counted then. "" without types.
static const char *list_parts(struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton)
{
	const char *text = "";
	uint32_t named = 0, more = 0, most = DUPLICATES_PARTS;
	for (int pass = 0; pass < 2; pass++) {
		if (named)
			most = named;
		for (uint32_t i = 0; text && i < singleton->layout_count; i++) {
			const struct polyton_layout_row *row = &singleton->layout[i];
			bool is_common = row->side[0].is_there && row->side[1].is_there;
			if (row->is_behind_pointer || !row->path[0] || is_common != pass)
				continue;
			if (named == most) {
				more++;
				continue;
			}
			const char *part = part_text(snapshot, singleton, row);
			text = part ? arena_printf(&snapshot->arena, "%s%s%s", text, named++ ? "; " : "", part)
				    : NULL;
		}
	}
	return text && more ? arena_printf(&snapshot->arena, "%s; %u more parts differ", text, more) : text;
}

static struct polyton_error *add_mismatch(struct finder *finder, uint32_t index)
{
	struct polyton_snapshot *snapshot = finder->snapshot;
	const struct polyton_singleton *singleton = &snapshot->singletons.items[index];
	const char *sizes = list_sizes(snapshot, singleton), *parts = list_parts(snapshot, singleton);
	if (!sizes || !parts)
		return error_no_memory();
	if (!sizes[0] && !layouts_differ(singleton))
		return NULL;
	struct polyton_finding finding = start(finder, index, RULE_LAYOUT_MISMATCH);
	finding.headline = sizes[0] ? arena_printf(&snapshot->arena, "%s has another layout in each build: %s.",
						   singleton->name, sizes)
				    : arena_printf(&snapshot->arena,
						   "%s has one size, but another layout in each build.",
						   singleton->name);
	finding.detail = arena_printf(&snapshot->arena,
				      "%s%sCode made for one would damage the other: do not share a copy before the "
				      "builds are equal.",
				      parts, parts[0] ? ". " : "");
	return finder_add(finder, finding);
}

/** A copy that is set beside one that is not, and in which thread (POLYTON_NONE for a static). */
struct split {
	const struct polyton_copy *set, *unset;
	uint32_t thread;
};

// Rust's thread-locals say themselves whether they are set up.
static enum polyton_value_state state_of(const struct polyton_cell *cell)
{
	return cell->value ? cell->value->state : POLYTON_VALUE_PLAIN;
}

static bool is_set(const struct polyton_cell *cell)
{
	enum polyton_value_state state = state_of(cell);
	return cell->state == POLYTON_CELL_SET && (state == POLYTON_VALUE_PLAIN || state == POLYTON_VALUE_ALIVE);
}

static bool is_unset(const struct polyton_cell *cell)
{
	if (cell->state == POLYTON_CELL_SET && state_of(cell) == POLYTON_VALUE_UNINITIALISED)
		return true;
	return cell->state == POLYTON_CELL_INITIAL || cell->state == POLYTON_CELL_NOT_ALLOCATED;
}

static bool find_split(const struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton,
		       struct split *ret)
{
	const struct polyton_copy *copies = &snapshot->copies.items[singleton->first_copy];
	uint32_t cells = copies[0].cell_count;
	for (uint32_t i = 1; i < singleton->copy_count; i++)
		cells = copies[i].cell_count < cells ? copies[i].cell_count : cells;
	for (uint32_t cell = 0; cell < cells; cell++) {
		struct split split = { .thread = copies[0].cells[cell].thread };
		for (uint32_t i = 0; i < singleton->copy_count; i++) {
			if (copies[i].use != POLYTON_USE_LIVE)
				continue;
			if (!split.set && is_set(&copies[i].cells[cell]))
				split.set = &copies[i];
			if (!split.unset && is_unset(&copies[i].cells[cell]))
				split.unset = &copies[i];
		}
		if (!split.set || !split.unset)
			continue;
		*ret = split;
		return true;
	}
	return false;
}

bool duplicates_is_split(const struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton)
{
	struct split split;
	return find_split(snapshot, singleton, &split);
}

static struct polyton_error *add_split(struct finder *finder, uint32_t index)
{
	struct polyton_snapshot *snapshot = finder->snapshot;
	const struct polyton_singleton *singleton = &snapshot->singletons.items[index];
	struct split split;
	if (!find_split(snapshot, singleton, &split))
		return NULL;
	const struct polyton_thread *thread = polyton_snapshot_thread(snapshot, split.thread);
	bool is_named = thread && thread->name[0];
	const char *where = !thread ? ""
			    : is_named
				    ? arena_printf(&snapshot->arena, " in thread %d (%s)", thread->tid, thread->name)
				    : arena_printf(&snapshot->arena, " in thread %d", thread->tid);
	struct polyton_finding finding = start(finder, index, RULE_SPLIT_STATE);
	finding.headline = !where ? NULL
				  : arena_printf(&snapshot->arena, "%s is split%s: set in %s, still initial in %s.",
						 singleton->name, where, finder_object(finder, split.set->object),
						 finder_object(finder, split.unset->object));
	return finder_add(finder, finding);
}

struct polyton_error *duplicates_add(struct finder *finder, uint32_t index)
{
	const struct polyton_singleton *singleton = &finder->snapshot->singletons.items[index];
	auto_free uint32_t *scratch = calloc((size_t)singleton->copy_count + 1, sizeof(*scratch));
	if (!scratch)
		return error_no_memory();
	struct polyton_error *error = add_duplicate(finder, index, scratch);
	if (!error && (singleton->sizes_differ || singleton->layout_count))
		error = add_mismatch(finder, index);
	if (!error)
		error = add_split(finder, index);
	return error;
}

// A library that is meant to be per object is one line, however many variables it has.
struct polyton_error *duplicates_add_library(struct finder *finder, uint32_t index)
{
	struct polyton_snapshot *snapshot = finder->snapshot;
	const struct polyton_library *library = &snapshot->libraries.items[index];
	auto_free bool *is_in = calloc(snapshot->objects.count + 1, sizeof(*is_in));
	auto_free uint32_t *objects = calloc(snapshot->objects.count + 1, sizeof(*objects));
	struct names names = { objects, 0 };
	uint32_t locals = 0, statics = 0;
	if (!is_in || !objects)
		return error_no_memory();

	for (uint32_t i = 0; i < library->singleton_count; i++) {
		const struct polyton_singleton *singleton = &snapshot->singletons.items[library->first_singleton + i];
		if (!duplicates_is_reported(singleton))
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
	const char *where = finder_enumerate(snapshot, names);
	if (!where)
		return error_no_memory();
	struct polyton_finding finding =
		finder_start(locals ? RULE_DUPLICATE_TLS : RULE_DUPLICATE_STATIC, POLYTON_SEVERITY_NOTE);
	finding.library = index;
	finding.headline = arena_printf(&snapshot->arena,
					"%s is linked into each of %s by design: %u of its statics and %u of its "
					"thread-locals exist in more than one of them.",
					library->name, where, statics, locals);
	return finder_add(finder, finding);
}
