/**
 * Many files parsed at once, by all processors that this thread may use.
 */
#ifndef BATCH_H
#define BATCH_H

#include "disk.h"

struct batch_item {
	struct search_place place;
	struct scanned_file *file;   ///< Result: NULL if there was an error.
	struct polyton_error *error; ///< Result, the caller's; NULL if all went well.
};

/** Parse all; the files are in the cache then. An error here is out of memory, the rest is each item's own. */
must_use struct polyton_error *batch_read(const struct disk *disk, const struct elf_debug_search *search,
					  struct file_cache *cache, struct batch_item *items, size_t count);

#endif
