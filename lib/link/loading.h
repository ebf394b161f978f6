/**
 * What the loader of a running program brings in, and on whose call: the objects as they come and go, seen from the
 * loader's own place for breakpoints, and the way up the stack from there.
 *
 * The loader stops there before it relocates what it has brought (glibc, elf/dl-open.c). Bindings are whole when its
 * outermost function returns, so that is where to look from.
 */
#ifndef LINK_LOADING_H
#define LINK_LOADING_H

#include "base/vec.h"
#include "link/linkmap.h"
#include "link/unwind.h"

/** A place in the code of an object, which may be gone by now. */
struct loading_place {
	uint64_t address; ///< Where a call returns to; 0 if it is not known.
	uint64_t map, bias;
	char *path; ///< Of the object, as the loader names it; NULL if it is not known.
};

/** A call that brought objects in while the program ran. */
struct loading_call {
	uint32_t number; ///< 1, 2, ... in the order in which they happened.
	int32_t tid;
	uint64_t time_ns; ///< That the caller of loading_read() had.
	char *path;       ///< The first object that it brought: the one that was asked for.
	/** The C library's function that was called, by a place in it, and where from. */
	struct loading_place function, caller;
	bool is_done; ///< The loader has returned from it.
};

struct loading_object {
	uint64_t map, bias, dynamic, start, end;
	struct unwind_table table;
	bool is_loader, is_library; ///< The dynamic loader; a part of the C library.
	bool is_seen;
	char *path;
	uint32_t call; ///< Number of the call that brought it, 0 for what was there at the start.
};

/** Zero-initialise. */
struct loading {
	struct image program;
	uint64_t base, debug;
	bool has_added, has_started; ///< The loader has begun with, and has brought, what the program is linked to.
	bool is_full;                ///< There were more calls than are kept.
	bool is_unwatched;           ///< No task stops at its place, so nothing will be told.
	vec_of(struct loading_object) objects;
	vec_of(struct loading_call) calls;
};

void loading_deinit(struct loading *loading);
/** The same for a child that has the same memory. */
must_use struct polyton_error *loading_copy(const struct loading *loading, struct loading *ret);

/** What AT_PHDR, AT_PHNUM, AT_BASE and AT_ENTRY of the auxiliary vector say. */
struct loading_start {
	uint64_t headers, header_count, base, entry;
};
/**
 * Where a program that has not run yet will stop: the loader's place for breakpoints if it has a name, else the
 * program's own first instruction, after which the loader will have said where its place is. 0: there is no loader.
 */
must_use struct polyton_error *loading_begin(struct target *target, const struct loading_start *start,
					     struct loading *loading, uint64_t *ret);

enum loading_news {
	LOADING_NOTHING,
	LOADING_STARTED, ///< All that the program is linked to is there.
	LOADING_CAME,    ///< Objects were brought in; the last of @c calls brought them, they are not relocated yet.
	LOADING_LEAVES,  ///< Objects are about to be unloaded. They are all still there.
	LOADING_LEFT,    ///< They are gone.
};

/** A task at the loader's place, or at the program's first instruction. */
struct loading_stop {
	int32_t tid;
	uint64_t time_ns;
	struct unwind_frame frame;
};

/** Where the loader will return to, 0 if that is not known, and the stack pointer behind that. */
struct loading_return {
	uint64_t address, stack;
};

/**
 * What happened. @p place_ret: where to stop from now on, 0 for no change. @p return_ret: with LOADING_CAME, where the
 * call will be over.
 */
must_use struct polyton_error *loading_read(struct target *target, struct loading *loading,
					    const struct loading_stop *stop, enum loading_news *ret,
					    uint64_t *place_ret, struct loading_return *return_ret);
/** Where exit() of the C library begins, 0 if that is not known. */
must_use struct polyton_error *loading_find_exit(struct target *target, const struct loading *loading, uint64_t *ret);
/** The call of that number, NULL if there is none such. */
struct loading_call *loading_find_call(const struct loading *loading, uint32_t number);

#endif
