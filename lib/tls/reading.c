// The same words are read before and after the values. Each reading is a few vectored calls over all threads of a
// batch, because what a call costs is the same for one thread and for thousands.

#include "tls/reading.h"

#include <errno.h>
#include <string.h>

enum {
	READING_AT_ONCE = 4096,          // threads in one batch
	READING_WINDOWS_SIZE = 64 << 20, // bytes of DTVs in one batch, which a process with many modules lowers it to
};

struct target_read *reading_add(struct reading *reading, uint64_t address, void *buffer, size_t size)
{
	struct target_read *piece = &reading->pieces[reading->piece_count++];
	*piece = (struct target_read){ address, buffer, size, 0 };
	return piece;
}

void reading_run(struct reading *reading)
{
	target_read_pieces(reading->target, reading->pieces, reading->piece_count);
}

static bool is_read_again(const struct reading *reading, uint32_t thread, bool is_recalled)
{
	return reading->is_wanted[thread] &&
	       !(is_recalled && reading->threads->items[reading->first_thread + thread].has_header);
}

static void read_headers(struct reading *reading, struct evidence *side, bool is_recalled)
{
	const struct arch *arch = reading->target->arch;
	reading->piece_count = 0;
	for (uint32_t i = 0; i < reading->thread_count; i++) {
		const struct tls_thread *thread = &reading->threads->items[reading->first_thread + i];
		struct tls_header *header = &side[i].header;
		side[i].is_complete = false;
		if (!is_read_again(reading, i, is_recalled))
			continue;
		reading_add(reading, thread->tcb + reading->layout->pthread_dtv, header->dtv, arch->word);
		reading_add(reading, thread->tcb + reading->layout->pthread_tid, header->tid, sizeof(header->tid));
		if (arch->self_offset != UINT16_MAX)
			reading_add(reading, thread->tcb + arch->self_offset, header->self, arch->word);
	}
	reading_run(reading);

	size_t per_thread = arch->self_offset != UINT16_MAX ? 3 : 2, at = 0;
	for (uint32_t i = 0; i < reading->thread_count; i++) {
		const struct tls_thread *thread = &reading->threads->items[reading->first_thread + i];
		bool is_read = true;
		if (!reading->is_wanted[i])
			continue;
		if (!is_read_again(reading, i, is_recalled))
			side[i].header = thread->header;
		else
			for (size_t k = 0; k < per_thread; k++)
				is_read = is_read && !reading->pieces[at++].error;
		bool is_own = arch->self_offset == UINT16_MAX ||
			      target_word(reading->target, side[i].header.self) == thread->tcb;
		side[i].is_complete = is_read && is_own;
	}
}

// Capacity and generation alone, before the slots: a slot counts for a module if it was read after a generation that
// knows the module. Within one call that is not so, not even within one piece: the kernel copies by "rep movsb", whose
// loads are not in order (seen on an AMD EPYC, 3 of 200,000 calls beside a writer). A thread that brings its DTV up to
// date frees the old block, empties the slot, then writes the generation (_dl_update_slotinfo), and gets the same
// memory again for its new block: the new generation with the old slot would be a block that is free while it is read,
// and right again at the second reading.
static void read_ages(struct reading *reading, struct evidence *side)
{
	size_t word = reading->target->arch->word, at = 0;
	reading->piece_count = 0;
	for (uint32_t i = 0; i < reading->thread_count; i++) {
		if (side[i].is_complete)
			reading_add(reading, target_word(reading->target, side[i].header.dtv) - 2 * word, side[i].age,
				    4 * word);
	}
	reading_run(reading);
	for (uint32_t i = 0; i < reading->thread_count; i++) {
		if (side[i].is_complete)
			side[i].is_complete = !reading->pieces[at++].error;
	}
}

static void check_ages(struct reading *reading, struct evidence *side)
{
	for (uint32_t i = 0; i < reading->thread_count; i++)
		side[i].is_complete = side[i].is_complete &&
				      memcmp(side[i].age, side[i].window, 4 * reading->target->arch->word) == 0;
}

// The DTV from its capacity word on. dtv[-1] is the capacity, dtv[0] the generation, dtv[m] module m's slot.
static void read_windows(struct reading *reading, struct evidence *side)
{
	size_t word = reading->target->arch->word, size = (reading->window_slots + 1) * 2 * word;
	reading->piece_count = 0;
	for (uint32_t i = 0; i < reading->thread_count; i++) {
		if (side[i].is_complete)
			reading_add(reading, target_word(reading->target, side[i].header.dtv) - 2 * word,
				    side[i].window, size);
	}
	reading_run(reading);
	size_t at = 0;
	for (uint32_t i = 0; i < reading->thread_count; i++) {
		if (!side[i].is_complete || !reading->pieces[at++].error)
			continue;
		// A short DTV may lie right before an unmapped page: read no more than it says it holds. One that says
		// it holds the whole window, which is not there, is none.
		uint64_t dtv = target_word(reading->target, side[i].header.dtv), capacity = UINT64_MAX;
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
		reading_add(reading, module->map + reading->layout->map_offset, side[i].offset, word);
		reading_add(reading, module->map + reading->layout->map_module, side[i].id, word);
		if (module->slot)
			reading_add(reading, module->slot, side[i].slot, 2 * word);
	}
	reading_run(reading);
	size_t at = 0;
	for (size_t i = 0; i < reading->modules->items.count; i++) {
		const struct tls_module *module = &reading->modules->items.items[i];
		bool is_read = true;
		for (int k = 0; module->map && k < (module->slot ? 3 : 2); k++)
			is_read = is_read && !reading->pieces[at++].error;
		side[i].is_complete = is_read;
	}
}

bool reading_is_same_module(const struct reading *reading, uint32_t index)
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

bool reading_static_place(const struct reading *reading, uint32_t thread, uint32_t index, bool *is_static_ret,
			  uint64_t *ret)
{
	const struct arch *arch = reading->target->arch;
	const struct tls_module *module = &reading->modules->items.items[index];
	uint64_t tcb = reading->threads->items[reading->first_thread + thread].tcb;
	uint64_t above = reading->layout->pthread_above;
	// A static program has no link map, and its one block is at a fixed place.
	uint64_t offset = module->map ? target_word(reading->target, reading->module_before[index].offset)
				      : module->offset;
	*is_static_ret = !module->map || (reading->module_before[index].is_complete &&
					  tls_placement(arch, offset) == POLYTON_TLS_STATIC);
	if (!*is_static_ret || (arch->tls_variant == ARCH_TLS_ABOVE && !above))
		return false;
	// Distances count from the thread pointer as it was before it was biased.
	*ret = arch->tls_variant == ARCH_TLS_BELOW ? tcb - offset : tcb + above - arch->tp_offset_bias + offset;
	return true;
}

// __tls_get_addr() decides that a module is dynamic before it allocates the first block of it (tls_get_addr_tail), so
// while that is undecided there is none. It is what tells a module that is on its way in: _dl_add_to_slotinfo() writes
// the link map first and then the generation, and until then the row has that of the module that had the id before. A
// DTV that is newer may still have that one's block, as _dl_update_slotinfo() (since 2.34) goes no further than the
// highest id in use, which may have been lower when the DTV was brought up to date.
bool reading_is_untouched(const struct reading *reading, uint32_t index)
{
	const struct module_evidence *now = &reading->module_before[index];
	uint64_t offset = target_word(reading->target, now->offset);
	return reading->modules->items.items[index].map && now->is_complete &&
	       tls_placement(reading->target->arch, offset) == POLYTON_TLS_UNDECIDED;
}

// A thread that enlarges its DTV has freed the old one before it points to the new one, and a thread that is being born
// may get that memory for its own DTV: whole, sane, and somebody else's. What gives it away are the modules at fixed
// places, whose slots are filled at a thread's birth (since 2.25) with addresses that no other thread has.
static bool is_own_window(const struct reading *reading, uint32_t thread, const uint8_t *window)
{
	size_t word = reading->target->arch->word;
	uint64_t capacity = target_word(reading->target, window);
	for (uint32_t i = 0; i < reading->modules->items.count; i++) {
		const struct tls_module *module = &reading->modules->items.items[i];
		uint64_t place;
		bool is_static;
		if (module->id > capacity || !reading_static_place(reading, thread, i, &is_static, &place))
			continue;
		uint64_t block = target_word(reading->target, window + 2 * word * (module->id + 1));
		if (reading_is_block(block) && block != place)
			return false;
	}
	return true;
}

static void check_windows(struct reading *reading, struct evidence *side)
{
	for (uint32_t i = 0; i < reading->thread_count; i++)
		side[i].is_complete = side[i].is_complete && is_own_window(reading, i, side[i].window);
}

void reading_take_before(struct reading *reading, bool is_first)
{
	read_modules(reading, reading->module_before);
	read_headers(reading, reading->before, is_first);
	if (!reading->target->is_still)
		read_ages(reading, reading->before);
	read_windows(reading, reading->before);
	if (!reading->target->is_still)
		check_ages(reading, reading->before);
	check_windows(reading, reading->before);
}

void reading_take_after(struct reading *reading)
{
	if (reading->target->is_still)
		return;
	read_headers(reading, reading->after, false);
	read_windows(reading, reading->after);
	check_windows(reading, reading->after);
	check_registered(reading);
	read_modules(reading, reading->module_after);
}

bool reading_is_unchanged(const struct reading *reading, uint32_t thread, uint32_t index)
{
	const struct evidence *a = &reading->before[thread], *b = &reading->after[thread];
	const struct module_evidence *m = &reading->module_before[index], *n = &reading->module_after[index];
	size_t word = reading->target->arch->word;
	uint64_t id = reading->modules->items.items[index].id;

	if (reading->target->is_still)
		return a->is_complete && m->is_complete;
	if (!a->is_complete || !b->is_complete || !n->is_complete ||
	    memcmp(a->header.tid, b->header.tid, sizeof(a->header.tid)) != 0 ||
	    memcmp(a->header.dtv, b->header.dtv, word) != 0)
		return false;
	if (memcmp(m->slot, n->slot, sizeof(m->slot)) != 0 || memcmp(m->offset, n->offset, word) != 0 ||
	    memcmp(m->id, n->id, word) != 0)
		return false;
	// Capacity and generation, and the module's own slot; other slots may change.
	if (memcmp(a->window, b->window, 4 * word) != 0)
		return false;
	return memcmp(a->window + 2 * word * (id + 1), b->window + 2 * word * (id + 1), 2 * word) == 0;
}

struct polyton_error *reading_init(struct reading *reading, size_t cell_count)
{
	size_t word = reading->target->arch->word, modules = reading->modules->items.count;
	size_t highest = 0;
	for (size_t i = 0; i < modules; i++) {
		if (reading->modules->items.items[i].id > highest)
			highest = reading->modules->items.items[i].id;
	}
	reading->window_slots = highest + 1;
	size_t window = (reading->window_slots + 1) * 2 * word, threads = READING_WINDOWS_SIZE / (2 * window);
	if (threads > READING_AT_ONCE)
		threads = READING_AT_ONCE;
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

void reading_deinit(struct reading *reading)
{
	free(reading->pieces);
	free(reading->before);
	free(reading->windows);
	free(reading->module_before);
	free(reading->is_wanted);
}
