/**
 * The library's side of the debug info reader: starts polyton-dwarf when the first question is asked, asks one file
 * at a time, and takes whatever the worker does (crash, hang, nonsense, absence) for an answer in which there are no
 * types.
 *
 * Made to live inside other programs: no signal handler, no SIGPIPE, no descriptor that the worker's other children
 * or the program's own could inherit, and no waiting for a child's end: the program may reap it first. The worker
 * ends when its socket does, so also when the program is killed.
 */
#ifndef DWARF_CLIENT_H
#define DWARF_CLIENT_H

#include "dwarf/wire.h"

struct dwarf_client;

/** Zero the rest for the defaults. */
struct dwarf_client_options {
	/** The worker's path. NULL: $POLYTON_DWARF_WORKER, else near the library or the program. */
	const char *worker;
	/** How long one file may take, in milliseconds; 0: DWARF_CLIENT_DEADLINE. */
	uint32_t deadline_ms;
	/**
	 * Open a further file that the debug info refers to: a descriptor of a regular file that is handed over, or
	 * -1. The names in @p need come from the file: a caller that looks for them in another's file system must
	 * not follow them out of it. NULL: there are none to be had.
	 */
	int (*open)(void *arg, const struct dwarf_need *need);
	void *arg;
};

enum {
	DWARF_CLIENT_DEADLINE = 10000,
	DWARF_CLIENT_ATTEMPTS = 2, ///< At one file: a first crash may be the fault of the files before it.
	DWARF_CLIENT_STARTS = 3,   ///< Workers in a row that ended before their first word: then there is none.
};

must_use struct polyton_error *dwarf_client_create(const struct dwarf_client_options *options,
						   struct dwarf_client **ret);
/** Ends the worker, and reaps it unless the program did. */
void dwarf_client_destroy(struct dwarf_client *client);

/**
 * Ask about one file, of which @p fd is the one that has .debug_info, or the skeletons of split units. It stays the
 * caller's, and open until there is an answer; @p question is copied. There is no other question under way.
 */
must_use struct polyton_error *dwarf_client_ask(struct dwarf_client *client, int fd,
						const struct dwarf_question *question);
/**
 * Go on with it, for about @p timeout_ms at most. NULL in @p ret: not yet answered, call again. An error is out of
 * memory; the question is then given up.
 */
must_use struct polyton_error *dwarf_client_step(struct dwarf_client *client, int timeout_ms,
						 struct dwarf_answer **ret);
/** Give up the question that is under way, and the worker with it. */
void dwarf_client_cancel(struct dwarf_client *client);

#endif
