// A DTV may be freed and its memory used again while it is read, its generation may be too old for a module
// whose id was used before, and a slot may lie behind its capacity. Every one of these looks like an address.

#include "tls/cells.h"

#include <string.h>

#include "tls/reading.h"

enum {
	CELLS_ATTEMPTS = 3,
	CELLS_CAPACITY_SLACK = 4096, // glibc allocates max_dtv_idx + 14
};

enum place { PLACE_AT, PLACE_NONE, PLACE_UNKNOWN, PLACE_INSANE };

// The rules of td_thr_tlsbase, with the tests for capacity and null that a stopped process does not need, and another
// order: a module at a fixed place is there in every thread, whatever state the DTV is in.
static enum place locate(const struct reading *reading, uint32_t thread, uint32_t index, uint64_t *ret)
{
	const struct target *target = reading->target;
	const struct tls_module *module = &reading->modules->items.items[index];
	const struct evidence *side = &reading->before[thread];
	size_t word = target->arch->word;
	bool is_static = false;

	if (reading_static_place(reading, thread, index, &is_static, ret))
		return PLACE_AT;
	uint64_t capacity = target_word(target, side->window),
		 generation = target_word(target, side->window + 2 * word);
	// A freed DTV shows heap pointers here.
	if (!capacity || capacity > reading->modules->capacity + CELLS_CAPACITY_SLACK || generation > UINT32_MAX)
		return PLACE_INSANE;
	if (module->id <= capacity && generation >= module->generation && !reading_is_untouched(reading, index)) {
		uint64_t block = target_word(target, side->window + 2 * word * (module->id + 1));
		if (reading_is_block(block)) {
			*ret = block;
			// Without the module's row nothing tells this block from one of whoever had the id before.
			return module->slot ? PLACE_AT : PLACE_UNKNOWN;
		}
	}
	return is_static ? PLACE_UNKNOWN : PLACE_NONE;
}

static void settle_places(struct reading *reading, struct tls_cell *cells, size_t count)
{
	reading->piece_count = 0;
	for (size_t i = 0; i < count; i++) {
		struct tls_cell *cell = &cells[i];
		uint32_t thread = cell->thread - reading->first_thread;
		const struct tls_thread *facts = &reading->threads->items[cell->thread];
		const struct evidence *side = &reading->before[thread];
		uint64_t block;

		// What an earlier attempt has accepted stays as it is.
		if (cell->answer != TLS_PENDING)
			continue;
		cell->address = 0;
		if (!reading_is_same_module(reading, cell->module)) {
			cell->answer = TLS_UNSTABLE; // generations do not come again
			continue;
		}
		if (!side->is_complete || target_int(reading->target, side->header.tid) != facts->tcb_tid)
			continue;
		switch (locate(reading, thread, cell->module, &block)) {
		case PLACE_AT:
			cell->address = block + cell->offset;
			cell->answer = TLS_READY;
			reading_add(reading, cell->address, cell->buffer, cell->size);
			break;
		case PLACE_NONE:
			cell->answer = TLS_NOT_ALLOCATED;
			break;
		case PLACE_UNKNOWN:
			cell->answer = TLS_UNREADABLE;
			break;
		case PLACE_INSANE:
			break;
		}
	}
	reading_run(reading);
}

// After the second reading: whatever changed is pending again.
static size_t check_places(struct reading *reading, struct tls_cell *cells, size_t count, const bool *was_pending)
{
	size_t at = 0, pending = 0;
	for (size_t i = 0; i < count; i++) {
		struct tls_cell *cell = &cells[i];
		if (!was_pending[i])
			continue;
		bool is_unreadable = cell->answer == TLS_READY && reading->pieces[at++].error;
		if ((cell->answer == TLS_READY || cell->answer == TLS_NOT_ALLOCATED) &&
		    !reading_is_unchanged(reading, cell->thread - reading->first_thread, cell->module))
			cell->answer = TLS_PENDING;
		else if (is_unreadable)
			cell->answer = TLS_UNREADABLE;
		pending += cell->answer == TLS_PENDING;
	}
	return pending;
}

static struct polyton_error *read_batch(struct reading *reading, struct tls_cell *cells, size_t count)
{
	auto_free bool *was_pending = calloc(count, sizeof(*was_pending));
	auto_free struct target_read *values = NULL;
	if (!was_pending)
		return error_no_memory();

	for (int attempt = 0; attempt < CELLS_ATTEMPTS; attempt++) {
		memset(reading->is_wanted, 0, reading->thread_count * sizeof(*reading->is_wanted));
		for (size_t i = 0; i < count; i++) {
			was_pending[i] = cells[i].answer == TLS_PENDING;
			if (was_pending[i])
				reading->is_wanted[cells[i].thread - reading->first_thread] = true;
		}
		reading_take_before(reading, attempt == 0);
		settle_places(reading, cells, count);
		// The values' pieces are looked at after the second reading, which uses pieces of its own.
		size_t value_count = reading->piece_count;
		struct target_read *kept = realloc(values, (value_count + 1) * sizeof(*kept));
		if (!kept)
			return error_no_memory();
		values = kept;
		memcpy(values, reading->pieces, value_count * sizeof(*values));
		reading_take_after(reading);
		memcpy(reading->pieces, values, value_count * sizeof(*values));
		if (!check_places(reading, cells, count, was_pending))
			return NULL;
	}
	for (size_t i = 0; i < count; i++) {
		if (cells[i].answer == TLS_PENDING)
			cells[i].answer = TLS_UNSTABLE;
		if (cells[i].answer != TLS_READY && cells[i].answer != TLS_UNREADABLE)
			cells[i].address = 0;
	}
	return NULL;
}

struct polyton_error *tls_cells_read(struct target *target, const struct tls_layout *layout,
				     const tls_threads *threads, const struct tls_modules *modules,
				     struct tls_cell *cells, size_t count)
{
	struct reading reading = { .target = target, .layout = layout, .threads = threads, .modules = modules };
	struct polyton_error *error = reading_init(&reading, count);

	for (size_t i = 0; i < count; i++) {
		enum polyton_thread_state state = threads->items[cells[i].thread].state;
		bool has_tcb = state == POLYTON_THREAD_READY || state == POLYTON_THREAD_SHARES;
		cells[i].answer = has_tcb ? TLS_PENDING : TLS_UNREADABLE;
		cells[i].address = 0;
	}
	for (size_t first = 0, last; !error && first < count; first = last) {
		reading.first_thread = cells[first].thread;
		for (last = first; last < count && cells[last].thread < reading.first_thread + reading.thread_limit;
		     last++)
			;
		reading.thread_count = cells[last - 1].thread - reading.first_thread + 1;
		error = read_batch(&reading, cells + first, last - first);
	}
	reading_deinit(&reading);
	return error;
}
