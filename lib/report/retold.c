// A debugger has printers for types that the library knows bytes of. What it says of a cell replaces the text of the
// cell's value and nothing else; the snapshot stays as it was.

#include "report/retold.h"

#include <string.h>

// Cells with the same value are told once, and are known by its address: so the same value with the same text stays
// one value. In a copy that many threads have, most of them hold the same, and it is found at once.
static const struct polyton_value *find_same(const struct polyton_copy *was, const struct polyton_cell *now,
					     const char *const *texts, uint32_t index)
{
	for (uint32_t i = 0; i < index; i++) {
		if (texts[i] && was->cells[i].value == was->cells[index].value && strcmp(texts[i], texts[index]) == 0)
			return now[i].value;
	}
	return NULL;
}

static bool retell(const struct polyton_copy *was, const char *const *texts, struct arena *arena,
		   struct polyton_cell *cells)
{
	for (uint32_t i = 0; i < was->cell_count; i++) {
		if (!texts[i] || !cells[i].value)
			continue;
		const struct polyton_value *same = find_same(was, cells, texts, i);
		struct polyton_value *value = same ? NULL : arena_alloc(arena, 1, sizeof(*value));
		const char *text = same ? NULL : arena_strdup(arena, texts[i]);
		if (!same && (!value || !text))
			return false;
		if (!same) {
			*value = *cells[i].value;
			value->text = text;
			value->is_typed = true;
		}
		cells[i].value = same ? same : value;
	}
	return true;
}

static bool is_asked_for(const struct polyton_snapshot *snapshot, const struct polyton_cell *cell,
			 const struct polyton_write_options *options)
{
	const struct polyton_thread *thread = polyton_snapshot_thread(snapshot, cell->thread);
	if (!options->tids || !thread)
		return true;
	for (size_t i = 0; i < options->tid_count; i++) {
		if (options->tids[i] == thread->tid)
			return true;
	}
	return false;
}

// @p copy is one of the snapshot's own; @p texts may be NULL.
static bool change(struct retold *retold, const struct polyton_write_options *options, const char *const *texts,
		   struct polyton_copy *copy)
{
	const struct polyton_copy was = *copy;
	struct polyton_cell *cells = arena_alloc(&retold->arena, was.cell_count, sizeof(*cells));
	if (!cells)
		return false;
	if (was.cell_count)
		memcpy(cells, was.cells, was.cell_count * sizeof(*cells));
	if (texts && !retell(&was, texts, &retold->arena, cells))
		return false;
	copy->cells = cells;
	copy->cell_count = 0;
	for (uint32_t i = 0; i < was.cell_count; i++) {
		if (is_asked_for(&retold->snapshot, &cells[i], options))
			cells[copy->cell_count++] = cells[i];
	}
	return true;
}

static size_t count_cells(const struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton)
{
	size_t count = 0;
	for (uint32_t i = 0; i < singleton->copy_count; i++)
		count += snapshot->copies.items[singleton->first_copy + i].cell_count;
	return count;
}

static bool change_all(struct retold *retold, const struct polyton_singleton *shown,
		       const struct polyton_write_options *options)
{
	const char *const *texts = options->cell_texts;
	size_t count = retold->snapshot.copies.count;
	struct polyton_copy *copies = arena_alloc(&retold->arena, count, sizeof(*copies));
	if (!copies)
		return false;
	memcpy(copies, retold->snapshot.copies.items, count * sizeof(*copies));
	retold->snapshot.copies.items = copies;
	for (uint32_t i = 0; i < shown->copy_count; i++) {
		uint32_t cell_count = copies[shown->first_copy + i].cell_count;
		if (!change(retold, options, texts, &copies[shown->first_copy + i]))
			return false;
		texts = texts ? texts + cell_count : NULL;
	}
	return true;
}

struct polyton_error *retold_init(const struct polyton_snapshot *snapshot, uint32_t singleton,
				  const struct polyton_write_options *options, struct retold *ret)
{
	struct retold retold = { .snapshot = *snapshot };
	if (singleton == POLYTON_NONE || (!options->cell_texts && !options->tids)) {
		*ret = retold;
		return NULL;
	}
	const struct polyton_singleton *shown = &snapshot->singletons.items[singleton];
	size_t cells = count_cells(snapshot, shown);
	if (options->cell_texts && options->cell_text_count != cells)
		return error_create(POLYTON_ERROR_ARGUMENT, "%zu texts for %zu cells of %s", options->cell_text_count,
				    cells, shown->name);
	if (!change_all(&retold, shown, options)) {
		arena_deinit(&retold.arena);
		return error_no_memory();
	}
	*ret = retold;
	return NULL;
}

void retold_deinit(struct retold *retold)
{
	arena_deinit(&retold->arena);
}
