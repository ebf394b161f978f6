/** An ld.so.cache, as ldconfig writes it. */
#ifndef SUPPORT_CACHE_WRITER_H
#define SUPPORT_CACHE_WRITER_H

#include <stddef.h>
#include <stdint.h>

enum cache_form { CACHE_NEW, CACHE_BOTH, CACHE_OLD };

struct cache_entry_spec {
	const char *name, *path;
	const char *level; ///< Of glibc-hwcaps; NULL: none.
	uint32_t flags;
	uint64_t hwcap; ///< Where there is no @c level.
};

struct cache_bytes {
	char *bytes; ///< From malloc, with a NUL behind.
	size_t size;
	size_t start;     ///< Of the new format.
	size_t extension; ///< Offset of the extension, from there; 0 if there is none.
};

/** @p entries ends with a row without a name; rows of one name stand together. */
struct cache_bytes cache_write(enum cache_form form, const struct cache_entry_spec *entries);

#endif
