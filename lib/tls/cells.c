// A DTV may be freed and its memory used again while it is read, its generation may be too old for a module
// whose id was used before, and a slot may lie behind its capacity. Every one of these looks like an address.

#include "tls/cells.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum {
	CELLS_ATTEMPTS = 3,
	CELLS_CAPACITY_SLACK = 4096, // glibc allocates max_dtv_idx + 14
	CELLS_AT_ONCE = 4096,         // threads in one batch
	CELLS_WINDOWS_SIZE = 64 << 20, // bytes of DTVs in one batch, which a process with many modules lowers it to
};

// What one thread's addresses are computed from, read twice.
struct evidence {
	uint8_t self[8], dtv[8], tid[4];
	uint8_t *window; // DTV words from capacity on
	bool is_complete;
};

// What a module's addresses are computed from, read twice.
struct module_evidence {
	uint8_t slot[16], offset[8], id[8];
	bool is_complete;
};

struct reading {
	struct target *target;
	const struct tls_layout *layout;
	const tls_threads *threads;
	const struct tls_modules *modules;
	uint64_t window_slots; // DTV slots 0..window_slots-1 are in the window
	struct target_read *pieces;
	size_t piece_count;
	struct evidence *before, *after; // per thread of the batch
	uint8_t *windows;
	struct module_evidence *module_before, *module_after;
	uint32_t first_thread, thread_count, thread_limit; // of the batch
	bool *is_wanted;                     // per thread of the batch
};

static struct target_read *add_piece(struct reading *reading, uint64_t address, void *buffer, size_t size)
{
	struct target_read *piece = &reading->pieces[reading->piece_count++];
	*piece = (struct target_read){ address, buffer, size, 0 };
	return piece;
}

static void run_pieces(struct reading *reading)
{
	target_read_pieces(reading->target, reading->pieces, reading->piece_count);
}

static void read_headers(struct reading *reading, struct evidence *side)
{
	const struct arch *arch = reading->target->arch;
	reading->piece_count = 0;
	for (uint32_t i = 0; i < reading->thread_count; i++) {
		const struct tls_thread *thread = &reading->threads->items[reading->first_thread + i];
		side[i].is_complete = false;
		if (!reading->is_wanted[i])
			continue;
		add_piece(reading, thread->tcb + reading->layout->pthread_dtv, side[i].dtv, arch->word);
		add_piece(reading, thread->tcb + reading->layout->pthread_tid, side[i].tid, sizeof(side[i].tid));
		if (arch->self_offset != UINT16_MAX)
			add_piece(reading, thread->tcb + arch->self_offset, side[i].self, arch->word);
	}
	run_pieces(reading);

	size_t per_thread = arch->self_offset != UINT16_MAX ? 3 : 2, at = 0;
	for (uint32_t i = 0; i < reading->thread_count; i++) {
		const struct tls_thread *thread = &reading->threads->items[reading->first_thread + i];
		if (!reading->is_wanted[i])
			continue;
		bool is_read = true;
		for (size_t k = 0; k < per_thread; k++)
			is_read = is_read && !reading->pieces[at++].error;
		bool is_own = arch->self_offset == UINT16_MAX ||
			      target_word(reading->target, side[i].self) == thread->tcb;
		side[i].is_complete = is_read && is_own;
	}
}

// The DTV from its capacity word on. dtv[-1] is the capacity, dtv[0] the generation, dtv[m] module m's slot.
static void read_windows(struct reading *reading, struct evidence *side)
{
	size_t word = reading->target->arch->word, size = (reading->window_slots + 1) * 2 * word;
	reading->piece_count = 0;
	for (uint32_t i = 0; i < reading->thread_count; i++) {
		if (side[i].is_complete)
			add_piece(reading, target_word(reading->target, side[i].dtv) - 2 * word, side[i].window, size);
	}
	run_pieces(reading);
	size_t at = 0;
	for (uint32_t i = 0; i < reading->thread_count; i++) {
		if (!side[i].is_complete || !reading->pieces[at++].error)
			continue;
		// A short DTV may lie right before an unmapped page: read no more than it says it holds. One that says
		// it holds the whole window, which is not there, is none.
		uint64_t dtv = target_word(reading->target, side[i].dtv), capacity = UINT64_MAX;
		struct target_read piece = { dtv - 2 * word, side[i].window, 2 * word, 0 };
		memset(side[i].window, 0, size);
		target_read_pieces(reading->target, &piece, 1);
		if (!piece.error)
			capacity = target_word(reading->target, side[i].window);
		side[i].is_complete = capacity < reading->window_slots;
		if (!side[i].is_complete)
			continue;
		piece.size = (capacity + 2) * 2 * word;
		target_read_pieces(reading->target, &piece, 1);
		side[i].is_complete = !piece.error;
	}
}

// The kernel's word that this task still has this TCB. Threads that were found otherwise have no such witness, and a
// target without a kernel stands still.
static bool is_still_registered(const struct reading *reading, const struct tls_thread *thread)
{
	uint64_t head;
	if (!thread->is_registered)
		return true;
	int refusal = target_robust_list(reading->target, thread->tid, &head);
	return refusal == ENOSYS || (!refusal && head == thread->tcb + reading->layout->robust_head);
}

// Asked once, after the values: the TCB was this task's when it was found, so it was in between.
static void check_registered(struct reading *reading)
{
	for (uint32_t i = 0; i < reading->thread_count; i++) {
		if (reading->after[i].is_complete &&
		    !is_still_registered(reading, &reading->threads->items[reading->first_thread + i]))
			reading->after[i].is_complete = false;
	}
}

static void read_modules(struct reading *reading, struct module_evidence *side)
{
	size_t word = reading->target->arch->word;
	reading->piece_count = 0;
	for (size_t i = 0; i < reading->modules->items.count; i++) {
		const struct tls_module *module = &reading->modules->items.items[i];
		side[i] = (struct module_evidence){ 0 };
		if (!module->map)
			continue;
		add_piece(reading, module->map + reading->layout->map_offset, side[i].offset, word);
		add_piece(reading, module->map + reading->layout->map_module, side[i].id, word);
		if (module->slot)
			add_piece(reading, module->slot, side[i].slot, 2 * word);
	}
	run_pieces(reading);
	size_t at = 0;
	for (size_t i = 0; i < reading->modules->items.count; i++) {
		const struct tls_module *module = &reading->modules->items.items[i];
		bool is_read = true;
		for (int k = 0; module->map && k < (module->slot ? 3 : 2); k++)
			is_read = is_read && !reading->pieces[at++].error;
		side[i].is_complete = is_read;
	}
}

// Whether the module's row is what it was when the list of modules was taken: same object, same id.
static bool is_same_module(const struct reading *reading, uint32_t index)
{
	const struct tls_module *module = &reading->modules->items.items[index];
	const struct module_evidence *now = &reading->module_before[index];
	const struct target *target = reading->target;
	if (!module->map) // the program of a static process
		return true;
	if (!now->is_complete || target_word(target, now->id) != module->id)
		return false;
	return !module->slot || (target_word(target, now->slot) == module->generation &&
				 target_word(target, now->slot + target->arch->word) == module->map);
}

enum place { PLACE_AT, PLACE_NONE, PLACE_UNKNOWN, PLACE_INSANE };

// At a fixed distance from the thread pointer, for every thread.
static enum place locate_static(const struct reading *reading, uint64_t tcb, uint64_t offset, uint64_t *ret)
{
	const struct arch *arch = reading->target->arch;
	uint64_t above = reading->layout->pthread_above;
	if (arch->tls_variant == ARCH_TLS_ABOVE && !above)
		return PLACE_UNKNOWN;
	// Distances count from the thread pointer as it was before it was biased.
	*ret = arch->tls_variant == ARCH_TLS_BELOW ? tcb - offset : tcb + above - arch->tp_offset_bias + offset;
	return PLACE_AT;
}

// The rules of td_thr_tlsbase, with the tests for capacity and null that a stopped process does not need.
static enum place locate(const struct reading *reading, uint32_t thread, uint32_t index, uint64_t *ret)
{
	const struct target *target = reading->target;
	const struct tls_module *module = &reading->modules->items.items[index];
	const struct evidence *side = &reading->before[thread];
	uint64_t tcb = reading->threads->items[reading->first_thread + thread].tcb;
	size_t word = target->arch->word;

	if (!module->map)
		return locate_static(reading, tcb, module->offset, ret);
	uint64_t capacity = target_word(target, side->window), generation = target_word(target, side->window + 2 * word);
	uint64_t offset = target_word(target, reading->module_before[index].offset);
	bool is_static = tls_placement(target->arch, offset) == POLYTON_TLS_STATIC;
	// A freed DTV shows heap pointers here.
	if (!capacity || capacity > reading->modules->capacity + CELLS_CAPACITY_SLACK || generation > UINT32_MAX)
		return PLACE_INSANE;
	if (module->id <= capacity && generation >= module->generation) {
		uint64_t block = target_word(target, side->window + 2 * word * (module->id + 1));
		bool is_allocated = block && !(block & 1); // TLS_DTV_UNALLOCATED is -1
		// Without the module's row nothing tells this block from one of whoever had the id before.
		if (is_allocated && !module->slot && !is_static)
			return PLACE_UNKNOWN;
		if (is_allocated && module->slot) {
			*ret = block;
			return PLACE_AT;
		}
	}
	return is_static ? locate_static(reading, tcb, offset, ret) : PLACE_NONE;
}

static bool is_unchanged(const struct reading *reading, uint32_t thread, uint32_t index)
{
	const struct evidence *a = &reading->before[thread], *b = &reading->after[thread];
	const struct module_evidence *m = &reading->module_before[index], *n = &reading->module_after[index];
	size_t word = reading->target->arch->word;
	uint64_t id = reading->modules->items.items[index].id;

	if (!a->is_complete || !b->is_complete || !n->is_complete || memcmp(a->tid, b->tid, sizeof(a->tid)) != 0 ||
	    memcmp(a->dtv, b->dtv, word) != 0)
		return false;
	if (memcmp(m->slot, n->slot, sizeof(m->slot)) != 0 || memcmp(m->offset, n->offset, word) != 0 ||
	    memcmp(m->id, n->id, word) != 0)
		return false;
	// Capacity and generation, and the module's own slot; other slots may change.
	if (memcmp(a->window, b->window, 4 * word) != 0)
		return false;
	return memcmp(a->window + 2 * word * (id + 1), b->window + 2 * word * (id + 1), 2 * word) == 0;
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
		if (!is_same_module(reading, cell->module)) {
			cell->answer = TLS_UNSTABLE; // generations do not come again
			continue;
		}
		if (!side->is_complete || target_int(reading->target, side->tid) != facts->tcb_tid)
			continue;
		switch (locate(reading, thread, cell->module, &block)) {
		case PLACE_AT:
			cell->address = block + cell->offset;
			cell->answer = TLS_READY;
			add_piece(reading, cell->address, cell->buffer, cell->size);
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
	run_pieces(reading);
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
		    !is_unchanged(reading, cell->thread - reading->first_thread, cell->module))
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
		read_modules(reading, reading->module_before);
		read_headers(reading, reading->before);
		read_windows(reading, reading->before);
		settle_places(reading, cells, count);
		// The values' pieces are looked at after the second reading, which uses pieces of its own.
		size_t value_count = reading->piece_count;
		struct target_read *kept = realloc(values, (value_count + 1) * sizeof(*kept));
		if (!kept)
			return error_no_memory();
		values = kept;
		memcpy(values, reading->pieces, value_count * sizeof(*values));
		read_headers(reading, reading->after);
		read_windows(reading, reading->after);
		check_registered(reading);
		read_modules(reading, reading->module_after);
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

static struct polyton_error *prepare(struct reading *reading, size_t cell_count)
{
	size_t word = reading->target->arch->word, modules = reading->modules->items.count;
	size_t highest = 0;
	for (size_t i = 0; i < modules; i++) {
		if (reading->modules->items.items[i].id > highest)
			highest = reading->modules->items.items[i].id;
	}
	reading->window_slots = highest + 1;
	size_t window = (reading->window_slots + 1) * 2 * word, threads = CELLS_WINDOWS_SIZE / (2 * window);
	if (threads > CELLS_AT_ONCE)
		threads = CELLS_AT_ONCE;
	if (threads > reading->threads->count)
		threads = reading->threads->count;
	threads = threads ? threads : 1;
	reading->thread_limit = (uint32_t)threads;
	size_t pieces = 3 * threads + 3 * modules + cell_count + 1;

	reading->pieces = calloc(pieces, sizeof(*reading->pieces));
	reading->before = calloc(2 * threads + 1, sizeof(*reading->before));
	reading->windows = calloc(2 * threads + 1, window);
	reading->module_before = calloc(2 * modules + 1, sizeof(*reading->module_before));
	reading->is_wanted = calloc(threads + 1, sizeof(*reading->is_wanted));
	if (!reading->pieces || !reading->before || !reading->windows || !reading->module_before ||
	    !reading->is_wanted)
		return error_no_memory();
	reading->after = reading->before + threads;
	reading->module_after = reading->module_before + modules;
	for (size_t i = 0; i < 2 * threads; i++)
		reading->before[i].window = reading->windows + i * window;
	return NULL;
}

static void release(struct reading *reading)
{
	free(reading->pieces);
	free(reading->before);
	free(reading->windows);
	free(reading->module_before);
	free(reading->is_wanted);
}

struct polyton_error *tls_cells_read(struct target *target, const struct tls_layout *layout,
				     const tls_threads *threads, const struct tls_modules *modules,
				     struct tls_cell *cells, size_t count)
{
	struct reading reading = { .target = target,
				   .layout = layout,
				   .threads = threads,
				   .modules = modules };
	struct polyton_error *error = prepare(&reading, count);

	for (size_t i = 0; i < count; i++) {
		enum polyton_thread_state state = threads->items[cells[i].thread].state;
		bool has_tcb = state == POLYTON_THREAD_READY || state == POLYTON_THREAD_SHARES;
		cells[i].answer = has_tcb ? TLS_PENDING : TLS_UNREADABLE;
		cells[i].address = 0;
	}
	for (size_t first = 0, last; !error && first < count; first = last) {
		reading.first_thread = cells[first].thread;
		for (last = first; last < count && cells[last].thread < reading.first_thread + reading.thread_limit; last++)
			;
		reading.thread_count = cells[last - 1].thread - reading.first_thread + 1;
		error = read_batch(&reading, cells + first, last - first);
	}
	release(&reading);
	return error;
}
