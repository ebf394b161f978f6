/**
 * What TLS addresses are computed from: each thread's DTV and each module's row, read before and after the values. What
 * differs then was changing, and whatever was computed from it is worth nothing.
 */
#ifndef TLS_READING_H
#define TLS_READING_H

#include "tls/modules.h"
#include "tls/tcb.h"

/** What one thread's addresses are computed from. */
struct evidence {
	struct tls_header header;
	uint8_t age[32]; ///< The window's first four words, read before it; of @c before only.
	uint8_t *window; ///< DTV words from capacity on: {capacity, -}, {generation, -}, then each module's {block, -}.
	bool is_complete;
};

/** What a module's addresses are computed from. */
struct module_evidence {
	uint8_t slot[16], offset[8], id[8];
	bool is_complete;
};

/** One batch of threads, and what is read for all of them. */
struct reading {
	struct target *target;
	const struct tls_layout *layout;
	const tls_threads *threads;
	const struct tls_modules *modules;
	uint64_t window_slots; ///< DTV slots 0..window_slots-1 are in the window.
	struct target_read *pieces;
	size_t piece_count;
	struct evidence *before, *after; ///< Per thread of the batch.
	uint8_t *windows;
	struct module_evidence *module_before, *module_after;
	uint32_t first_thread, thread_count, thread_limit; ///< Of the batch.
	bool *is_wanted;                                   ///< Per thread of the batch.
};

/** Room for @p cell_count values; @c target, @c layout, @c threads and @c modules are set already. */
must_use struct polyton_error *reading_init(struct reading *reading, size_t cell_count);
void reading_deinit(struct reading *reading);

/**
 * Read for the threads that are wanted. The first shows where to look, the second whether it was still so. The first
 * time, the header by which a TCB was believed is as good as another reading of it (@p is_first). Of a target that is
 * still, the first is enough.
 */
void reading_take_before(struct reading *reading, bool is_first);
void reading_take_after(struct reading *reading);

/** The pieces of a call that is being put together; @c piece_count starts it. */
struct target_read *reading_add(struct reading *reading, uint64_t address, void *buffer, size_t size);
void reading_run(struct reading *reading);

/**
 * The module's block, if it is at a fixed distance from every thread's thread pointer. False for another kind of
 * module, or (@p is_static_ret) where the machine's distance is not known. Goes by the first reading.
 */
bool reading_static_place(const struct reading *reading, uint32_t thread, uint32_t index, bool *is_static_ret,
			  uint64_t *ret);
/**
 * Whether the module is loaded so lately that no thread has a block of it: what a slot holds under its id is left over
 * from another module. Goes by the first reading.
 */
bool reading_is_untouched(const struct reading *reading, uint32_t index);
/** Whether a DTV slot's value is a block's address; TLS_DTV_UNALLOCATED is -1. */
static inline bool reading_is_block(uint64_t value)
{
	return value && !(value & 1);
}

/** Whether the module's row is what it was when the list of modules was taken: same object, same id. */
bool reading_is_same_module(const struct reading *reading, uint32_t index);
/** Whether before and after agree on all that the cells of that thread of the batch in that module depend on. */
bool reading_is_unchanged(const struct reading *reading, uint32_t thread, uint32_t index);

#endif
