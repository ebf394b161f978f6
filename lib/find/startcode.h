/**
 * What the code that an object runs when it is loaded does with a variable: construct it, or have it destroyed at the
 * end.
 *
 * Only what cannot mean anything else counts: the variable's address is the first argument of a constructor, or the
 * second of __cxa_atexit(), whose first is a destructor. Code that only refers to the variable may well do so to
 * register something in it, which is what plugins are for. A constructor that was inlined into the start code is not
 * seen, nor on x86_64 is a call through a register (clang's -fno-plt).
 */
#ifndef FIND_STARTCODE_H
#define FIND_STARTCODE_H

#include "find/finder.h"

enum {
	STARTCODE_CONSTRUCTS = 1,
	STARTCODE_DESTROYS = 2, ///< Has it destroyed: at the end of the program, or when the object is unloaded.
};

/** A way by which an object's code gets at a variable. */
struct startcode_way {
	uint64_t address; ///< Link-time: the variable's own or, with @c is_slot, that of a word that leads to it.
	bool is_slot;
	uint32_t variable; ///< The caller's number for it.
	unsigned does;     ///< Answer: STARTCODE_*
};

/** Whether the machine of @p object is one whose code can be read (arch/flow.h). */
bool startcode_is_known(const struct object_input *object);
/**
 * Settle @c does of @p count @p ways for the start code of @p object: the functions of DT_INIT_ARRAY, and those that
 * compilers have them call, as far as they have symbols. Sorts @p ways.
 */
must_use struct polyton_error *startcode_look(const struct finder *finder, uint32_t object,
					      struct startcode_way *ways, size_t count);

#endif
