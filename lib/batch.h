/**
 * Many files parsed at once, by all processors that this thread may use.
 */
#ifndef BATCH_H
#define BATCH_H

#include "files.h"

struct batch_item {
	const char *path;
	int (*open)(void *arg, const struct batch_item *item); ///< A descriptor, or -1 with errno.
	void *arg;
	bool is_outside;             ///< The opener's business.
	struct scanned_file *file;   ///< Result: NULL if there was an error.
	struct polyton_error *error; ///< Result, the caller's; NULL if all went well.
};

/** Parse all; the files are in the cache then. An error here is out of memory, the rest is each item's own. */
must_use struct polyton_error *batch_read(const struct elf_debug_search *search, struct file_cache *cache,
					  struct batch_item *items, size_t count);

#endif
