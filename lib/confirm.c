// The loader uses everything again: the memory of a record, the place of an object, the id of a module; a library
// may leave all three to the next one. A generation is never used again, so after the table of modules was read the
// records and the memory are compared once more with what was made of them.

#include "confirm.h"

#include <string.h>

// What is in memory where the objects' build ids were.
static struct polyton_error *compare_build_ids(struct subject *subject, const struct scan *scan, bool *is_same)
{
	auto_free uint8_t *ids = calloc(scan->count + 1, ELF_BUILD_ID_MAX);
	auto_free struct target_read *pieces = calloc(scan->count + 1, sizeof(*pieces));
	if (!ids || !pieces)
		return error_no_memory();
	for (uint32_t i = 0; i < scan->count; i++)
		pieces[i] = (struct target_read){ scan->images[i].build_id_address,
						  ids + (size_t)i * ELF_BUILD_ID_MAX, scan->images[i].build_id_size,
						  0 };
	target_read_pieces(subject->target, pieces, scan->count);
	for (uint32_t i = 0; i < scan->count; i++) {
		if (pieces[i].error || memcmp(pieces[i].buffer, scan->images[i].build_id, pieces[i].size) != 0)
			is_same[i] = false;
	}
	return NULL;
}

// An object with thread-locals has a row in the table, unless it is on its way in or out.
static void compare_modules(const struct scan *scan, const struct polyton_snapshot *snapshot, bool *is_same)
{
	if (!scan->layout.slotinfo_list)
		return;
	for (uint32_t i = 0; i < scan->count; i++) {
		const struct polyton_object *object = &snapshot->objects.items[i];
		if (object->tls_size && !tls_modules_find(&scan->modules, object->link_map))
			is_same[i] = false;
	}
}

static void drop(struct scan *scan, struct polyton_snapshot *snapshot, uint32_t index)
{
	dynsym_deinit(&scan->dynsyms[index]);
	vec_deinit(&scan->own_candidates[index]);
	free(scan->list.entries.items[index].path);
	snapshot->objects.items[index] = (struct polyton_object){ 0 };
}

static void move(struct scan *scan, struct polyton_snapshot *snapshot, uint32_t from, uint32_t to)
{
	scan->images[to] = scan->images[from];
	scan->dynsyms[to] = scan->dynsyms[from];
	scan->own_candidates[to] = scan->own_candidates[from];
	scan->inputs[to] = scan->inputs[from];
	scan->files[to] = scan->files[from];
	scan->own_lookups[to] = scan->own_lookups[from];
	if (scan->inputs[from].candidates == &scan->own_candidates[from])
		scan->inputs[to].candidates = &scan->own_candidates[to];
	if (scan->inputs[from].lookup == &scan->own_lookups[from])
		scan->inputs[to].lookup = &scan->own_lookups[to];
	scan->list.entries.items[to] = scan->list.entries.items[from];
	snapshot->objects.items[to] = snapshot->objects.items[from];
}

static void renumber_notes(struct polyton_snapshot *snapshot, const uint32_t *now)
{
	size_t kept = 0;
	for (size_t i = 0; i < snapshot->notes.count; i++) {
		struct polyton_note note = snapshot->notes.items[i];
		bool is_about_object = note.object != POLYTON_NONE;
		if (is_about_object)
			note.object = now[note.object];
		if (!is_about_object || note.object != POLYTON_NONE)
			snapshot->notes.items[kept++] = note;
	}
	snapshot->notes.count = kept;
}

// Close the gaps: what stays keeps its order.
static struct polyton_error *drop_all(struct scan *scan, struct polyton_snapshot *snapshot, const bool *is_same)
{
	auto_free uint32_t *now = calloc(scan->count + 1, sizeof(*now));
	uint32_t kept = 0, count = scan->count;
	size_t listed = scan->list.listed;
	if (!now)
		return error_no_memory();
	for (uint32_t i = 0; i < count; i++) {
		now[i] = is_same[i] ? kept : POLYTON_NONE;
		scan->list.listed -= !is_same[i] && i < listed;
		if (!is_same[i])
			drop(scan, snapshot, i);
		else if (kept++ != i)
			move(scan, snapshot, i, now[i]);
	}
	// The ends of the arrays are copies of what has moved.
	memset(&scan->dynsyms[kept], 0, (count - kept) * sizeof(*scan->dynsyms));
	memset(&scan->own_candidates[kept], 0, (count - kept) * sizeof(*scan->own_candidates));
	scan->list.entries.count = snapshot->objects.count = scan->count = kept;
	renumber_notes(snapshot, now);
	return NULL;
}

struct polyton_error *confirm_objects(struct subject *subject, struct scan *scan, struct polyton_snapshot *snapshot,
				      uint32_t *ret)
{
	uint32_t gone = 0;
	auto_free bool *is_same = calloc(scan->count + 1, sizeof(*is_same));
	if (!is_same)
		return error_no_memory();
	struct polyton_error *error = linkmap_check(subject->target, &scan->list, is_same);
	if (!error)
		error = compare_build_ids(subject, scan, is_same);
	if (error)
		return error;
	compare_modules(scan, snapshot, is_same);
	is_same[0] = true; // the program does not go without its process
	for (uint32_t i = 0; i < scan->count; i++)
		gone += !is_same[i];
	if (gone)
		error = drop_all(scan, snapshot, is_same);
	if (!error && gone)
		error = snapshot_note(snapshot, POLYTON_NONE, true,
				      "%u objects were being loaded or unloaded: they are left out", gone);
	*ret = gone;
	return error;
}
