/**
 * /etc/ld.so.cache: which file ldconfig found for a SONAME. Source: glibc elf/cache.c, sysdeps/generic/dl-cache.h and
 * elf/dl-cache.c (2.33 and later write "glibc-ld.so.cache1.1", with an extension for glibc-hwcaps).
 */
#ifndef LINK_LDCACHE_H
#define LINK_LDCACHE_H

#include <stdbool.h>

#include "arch/arch.h"
#include "base/error.h"

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
};

/**
 * Take over @p bytes (from malloc, with a NUL behind the @p size), which are freed in any case. What is damaged is an
 * error.
 */
must_use struct polyton_error *ldcache_init(char *bytes, size_t size, struct ldcache *ret);
void ldcache_deinit(struct ldcache *cache);

/** What the loader asks for. */
struct ldcache_wanted {
	const char *name;
	const uint16_t *flags;     ///< Those of its machine's files: @c cache_flags of struct arch.
	const char *const *levels; ///< The subfolders of glibc-hwcaps that are of use, best first, ended by NULL.
	uint64_t hwcaps;           ///< Bits that an entry without a level may have: none since glibc 2.37.
};
/**
 * The path that the loader takes out of the cache, NULL for none. It is one however many entries have the name: of the
 * best level, or the first one without. Whether the file is still there plays no part: if it is not, the cache has
 * nothing. Lives as long as the cache.
 */
const char *ldcache_find(const struct ldcache *cache, const struct ldcache_wanted *wanted);

#endif
