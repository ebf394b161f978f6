/** In the worker: one question about one file, answered from its debug info and from what that refers to. */
#ifndef DWARF_READER_H
#define DWARF_READER_H

#include "dwarf/second.h"
#include "dwarf/wire.h"

/** Get a further file: its descriptor, handed over, or -1 in @p fd_ret if it is not to be had. */
typedef struct polyton_error *reader_need_fn(void *arg, const struct dwarf_need *need, int *fd_ret);

struct reader_help {
	reader_need_fn *need;
	void *arg;             ///< For @c need.
	struct second *second; ///< NULL: none.
};

/**
 * The body of the ANSWER. @p fd is closed. What cannot be read is said in the answer; an error is out of memory, or
 * one of @c need.
 */
must_use struct polyton_error *reader_answer(int fd, const struct dwarf_question *question,
					     const struct reader_help *help, struct pack *ret);

#endif
