/**
 * /etc/ld.so.cache: which file ldconfig found for a SONAME. Source: glibc elf/cache.c, sysdeps/generic/dl-cache.h and
 * elf/dl-cache.c (2.33 and later write "glibc-ld.so.cache1.1", with an extension for glibc-hwcaps).
 */
#ifndef LINK_LDCACHE_H
#define LINK_LDCACHE_H

#include "base/arena.h"
#include "base/strmap.h"
#include "polyton.h"

/** Zero-initialise. Without entries nothing is found. */
struct ldcache {
	char *bytes;
	size_t size;
	const uint8_t *entries; ///< Of the new format.
	const char *strings;    ///< What the entries' offsets count from.
	size_t strings_size;
	uint32_t count;
	const uint8_t *levels; ///< Offsets of the names of glibc-hwcaps subfolders.
	uint32_t level_count;
	struct strmap names; ///< To the first entry of that name; those of one name stand together.
};

/**
 * Take over @p bytes (from malloc, with a NUL behind the @p size), which are freed in any case. What is damaged is an
 * error.
 */
must_use struct polyton_error *ldcache_init(char *bytes, size_t size, struct ldcache *ret);
void ldcache_deinit(struct ldcache *cache);

/** One file of that name; @c level is its glibc-hwcaps subfolder, "" for none. Both live as long as the cache. */
struct ldcache_entry {
	const char *path, *level;
	uint32_t flags; ///< FLAG_*: which machine and C library it is for.
};
/** The entry behind @p *at of that name, which begins with 0; false behind the last. */
bool ldcache_next(const struct ldcache *cache, const char *name, uint32_t *at, struct ldcache_entry *ret);

#endif
