// From bytes to cells: each compared with what the variable held at first.

#include <string.h>

#include "capture.h"
#include "find/initial.h"
#include "find/values.h"

enum { SETTLE_TYPED_VALUES = 256 }; // the default: more than a person reads

static struct polyton_error *settle_tls_copy(const struct captured *captured, struct values *values,
					     uint32_t position, struct polyton_snapshot *snapshot)
{
	uint32_t index = captured->tls_copies[position];
	struct polyton_copy *copy = &snapshot->copies.items[index];
	size_t size = capture_size(copy), threads = captured->threads.count;
	const struct target_read *image = &captured->image_reads[position];
	// Behind what was read the buffer is zero, as the rest of a block is at first.
	const uint8_t *initial = image->error ? NULL : image->buffer;
	struct polyton_cell *cells = arena_alloc(&snapshot->arena, threads, sizeof(*cells));
	if (!cells)
		return error_no_memory();

	for (uint32_t thread = 0; thread < threads; thread++) {
		const struct tls_cell *from = &captured->cells[(size_t)thread * captured->tls_copy_count + position];
		struct polyton_cell *cell = &cells[thread];
		struct polyton_error *error = NULL;
		*cell = (struct polyton_cell){ .thread = thread,
					       .state = POLYTON_CELL_UNREADABLE,
					       .address = from->address };
		switch (from->answer) {
		case TLS_READY:
			error = values_settle(values, index, from->buffer, initial, size, cell);
			snapshot->subject.read_count++;
			break;
		case TLS_NOT_ALLOCATED:
			cell->state = POLYTON_CELL_NOT_ALLOCATED;
			snapshot->subject.read_count++;
			break;
		case TLS_UNSTABLE:
			cell->state = POLYTON_CELL_UNSTABLE;
			cell->address = 0;
			snapshot->subject.unstable_count++;
			break;
		case TLS_PENDING:
		case TLS_UNREADABLE:
			break;
		}
		if (error)
			return error;
	}
	copy->cells = cells;
	copy->cell_count = (uint32_t)threads;
	return NULL;
}

static int compare_initials(const void *left, const void *right)
{
	const struct initial *a = left, *b = right;
	return (a->offset > b->offset) - (a->offset < b->offset);
}

// The statics of one object: positions first..last-1 of @p order, whose copies are all of that object.
static struct polyton_error *settle_object(const struct arch *arch, const struct scan *scan,
					   const struct captured *captured, struct values *values,
					   struct places *places, const uint32_t *positions, size_t count,
					   struct polyton_snapshot *snapshot)
{
	uint32_t object = snapshot->copies.items[captured->statics[positions[0]]].object;
	struct arena images = { 0 };
	struct polyton_error *error = NULL;
	auto_free struct initial *initials = calloc(count, sizeof(*initials));
	if (!initials)
		return error_no_memory();
	for (size_t i = 0; !error && i < count; i++) {
		const struct polyton_copy *copy = &snapshot->copies.items[captured->statics[positions[i]]];
		const struct target_read *read = &captured->static_reads[positions[i]];
		initials[i] = (struct initial){ .offset = copy->offset, .size = read->size, .current = read->buffer };
		initials[i].image = arena_alloc(&images, read->size, 1);
		if (!initials[i].image)
			error = error_no_memory();
	}
	if (!error) {
		qsort(initials, count, sizeof(*initials), compare_initials);
		initial_fill(arch, &scan->inputs[object], scan->images[object].bias, places, initials, count);
	}
	for (size_t i = 0; !error && i < count; i++) {
		uint32_t index = captured->statics[positions[i]];
		struct polyton_copy *copy = &snapshot->copies.items[index];
		const struct target_read *read = &captured->static_reads[positions[i]];
		const struct initial key = { .offset = copy->offset };
		const struct initial *initial = bsearch(&key, initials, count, sizeof(*initials), compare_initials);
		struct polyton_cell *cell = arena_alloc(&snapshot->arena, 1, sizeof(*cell));
		if (!cell) {
			error = error_no_memory();
			break;
		}
		*cell = (struct polyton_cell){ .thread = POLYTON_NONE,
					       .state = POLYTON_CELL_UNREADABLE,
					       .address = copy->address };
		if (captured->is_gone[object])
			cell->state = POLYTON_CELL_UNSTABLE;
		else if (!read->error)
			error = values_settle(values, index, read->buffer,
					      initial && initial->is_known ? initial->image : NULL, read->size, cell);
		copy->cells = cell;
		copy->cell_count = 1;
	}
	arena_deinit(&images);
	return error;
}

static struct polyton_error *settle_statics(const struct arch *arch, const struct scan *scan,
					    const struct captured *captured, struct values *values,
					    struct places *places, struct polyton_snapshot *snapshot)
{
	uint32_t count = captured->static_count;
	struct polyton_error *error = NULL;
	auto_free uint32_t *positions = calloc(count + 1, sizeof(*positions));
	if (!positions)
		return error_no_memory();
	for (uint32_t object = 0; !error && object < scan->count; object++) {
		size_t used = 0;
		for (uint32_t i = 0; i < count; i++) {
			if (snapshot->copies.items[captured->statics[i]].object == object)
				positions[used++] = i;
		}
		if (used)
			error = settle_object(arch, scan, captured, values, places, positions, used, snapshot);
	}
	return error;
}

struct polyton_error *capture_settle(struct subject *subject, const struct scan *scan,
				     const struct captured *captured, const struct polyton_options *wanted,
				     struct polyton_snapshot *snapshot)
{
	const struct arch *arch = subject->target->arch;
	uint32_t limit = wanted->typed_values ? wanted->typed_values : SETTLE_TYPED_VALUES;
	const struct values_options options = { subject->target, wanted->keep_trees, limit };
	struct places *places = NULL;
	struct values *values = NULL;
	struct polyton_error *error = places_create(snapshot, scan->inputs, &places);
	if (!error)
		error = values_create(snapshot, &options, places, &values);
	for (uint32_t i = 0; !error && i < captured->tls_copy_count; i++)
		error = settle_tls_copy(captured, values, i, snapshot);
	if (!error)
		error = settle_statics(arch, scan, captured, values, places, snapshot);
	values_destroy(values);
	places_destroy(places);
	return error;
}
