/**
 * /etc/ld.so.preload: what glibc's loader loads into every program, right behind LD_PRELOAD's.
 */
#ifndef LINK_LDPRELOAD_H
#define LINK_LDPRELOAD_H

#include "base/arena.h"
#include "base/error.h"

#define LDPRELOAD_FILE "/etc/ld.so.preload"

/** Names and paths, in their order; in the arena. */
struct ldpreload {
	const char **names;
	size_t count;
};

/** Read the file below the folder @p root (a descriptor); without one there are no names. */
must_use struct polyton_error *ldpreload_read(int root, struct arena *arena, struct ldpreload *ret);

#endif
