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
		   struct polyton_copy *copy)
{
	struct polyton_cell *cells = arena_alloc(arena, was->cell_count, sizeof(*cells));
	if (!cells)
		return false;
	if (was->cell_count)
		memcpy(cells, was->cells, was->cell_count * sizeof(*cells));
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
	copy->cells = cells;
	return true;
}

static size_t count_cells(const struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton)
{
	size_t count = 0;
	for (uint32_t i = 0; i < singleton->copy_count; i++)
		count += snapshot->copies.items[singleton->first_copy + i].cell_count;
	return count;
}

struct polyton_error *retold_init(const struct polyton_snapshot *snapshot, uint32_t singleton,
				  const char *const *texts, size_t count, struct retold *ret)
{
	struct retold retold = { .snapshot = *snapshot };
	if (!texts || singleton == POLYTON_NONE) {
		*ret = retold;
		return NULL;
	}
	const struct polyton_singleton *shown = &snapshot->singletons.items[singleton];
	size_t cells = count_cells(snapshot, shown);
	if (count != cells)
		return error_create(POLYTON_ERROR_ARGUMENT, "%zu texts for %zu cells of %s", count, cells,
				    shown->name);
	size_t copies = snapshot->copies.count;
	struct polyton_copy *now = arena_alloc(&retold.arena, copies, sizeof(*now));
	bool is_good = now != NULL;
	if (now)
		memcpy(now, snapshot->copies.items, copies * sizeof(*now));
	for (uint32_t i = 0; is_good && i < shown->copy_count; i++) {
		const struct polyton_copy *was = &snapshot->copies.items[shown->first_copy + i];
		is_good = retell(was, texts, &retold.arena, &now[shown->first_copy + i]);
		texts += was->cell_count;
	}
	if (!is_good) {
		arena_deinit(&retold.arena);
		return error_no_memory();
	}
	retold.snapshot.copies.items = now;
	*ret = retold;
	return NULL;
}

void retold_deinit(struct retold *retold)
{
	arena_deinit(&retold->arena);
}
