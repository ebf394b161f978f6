/** Files that a user has named, or that lie where a policy lies. All texts belong to the pool. */
#ifndef INSPECTOR_POLICY_LOCATE_H
#define INSPECTOR_POLICY_LOCATE_H

#include <stdbool.h>

#include "pool.h"

/** A file's bytes, with a NUL behind them that does not count. */
struct text {
	const char *bytes;
	size_t size;
};

/** Read @p file, of at most @p most bytes. NULL when all went well, else what is wrong: "FILE: No such file ...". */
const char *locate_read(struct pool *pool, const char *file, size_t most, struct text *ret);

struct located {
	const char *file;   ///< As messages name it and as it can be opened; NULL: there is none.
	const char *anchor; ///< Its path from the root of the repository; NULL if it is in none.
};

/**
 * The nearest .polyton.yml of the current directory and those above it, up to the root of the repository (the folder
 * with .git). Outside a repository only the current directory is looked at: what lies above may be anybody's.
 */
void locate_policy(struct pool *pool, struct located *ret);
/** The same for a file that the user names: where it is in the repository of the current directory. */
void locate_named(struct pool *pool, const char *file, struct located *ret);

#endif
