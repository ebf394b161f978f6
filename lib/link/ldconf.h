/**
 * /etc/ld.so.conf: the folders that ldconfig would look into, for a tree in which it has not run yet.
 */
#ifndef LINK_LDCONF_H
#define LINK_LDCONF_H

#include "base/arena.h"
#include "base/error.h"
#include "base/vec.h"

struct ldconf {
	vec_of(const char *) folders; ///< Absolute, in the order that they are named in.
	struct arena arena;
};

/** Read /etc/ld.so.conf of @p root (a folder's descriptor) with what it includes; empty if there is none. */
must_use struct polyton_error *ldconf_read(int root, struct ldconf *ret);
void ldconf_deinit(struct ldconf *conf);

/** All of a regular file below @p root, with a NUL behind it; NULL with errno, ENOENT or another. */
char *ldconf_read_file(int root, const char *path, size_t limit, size_t *size_ret);

#endif
