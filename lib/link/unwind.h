/**
 * One frame up the stack, by the call frame information (.eh_frame) that a loaded object carries for exceptions.
 *
 * Enough for the code of the loader and of the C library, from a call on: rules that take a DWARF expression, which
 * only signal handlers and stubs have, are not understood, and the way up ends there.
 */
#ifndef LINK_UNWIND_H
#define LINK_UNWIND_H

#include "link/image.h"

/** Where a frame is: registers by DWARF's numbers, of which those not in @c known have been overwritten. */
struct unwind_frame {
	uint64_t registers[ARCH_FRAME_REGISTERS]; ///< arch_tracing.return_register holds the program counter.
	uint64_t known;                           ///< Bit N: register N.
};

/** .eh_frame_hdr of an object: its table of functions. */
struct unwind_table {
	uint64_t address; ///< Of the section, 0 if the object has none.
	uint64_t size;
};

struct unwind_table unwind_find_table(const struct image *image);

/**
 * From @p frame, whose code belongs to the object with @p table, to its caller. @p is_call: the program counter is
 * where a call will return to, so the call is before it. False if the way does not go on.
 */
must_use bool unwind_step(struct target *target, const struct unwind_table *table, bool is_call,
			  struct unwind_frame *frame);

#endif
