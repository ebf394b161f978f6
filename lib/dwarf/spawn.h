/** The worker as a process: where its program is, how it is started, how it ends. */
#ifndef DWARF_SPAWN_H
#define DWARF_SPAWN_H

#include <sys/types.h>

#include "base/error.h"

enum {
	SPAWN_SOCKET = 3, ///< The descriptor that the worker finds its socket at; 0 to 2 are /dev/null.
};

struct spawned {
	pid_t pid; ///< 0 when there is none.
	int pidfd; ///< -1 where the kernel has none.
};

/**
 * The path of polyton-dwarf in heap memory: $POLYTON_DWARF_WORKER (not when set-user-id), else beside or near the
 * file of the library or of the running program, as installed or as built. NULL in @p ret if it is nowhere.
 */
must_use struct polyton_error *spawn_find(char **ret);
/** Start it; @p socket_ret is this side's end of the socket. */
must_use struct polyton_error *spawn_start(const char *path, struct spawned *ret, int *socket_ret);
/**
 * Kill it and reap it. Its socket must be closed before. That it was reaped by somebody else is no matter, and no
 * process but it can be hit.
 */
void spawn_end(struct spawned *spawned);

#endif
