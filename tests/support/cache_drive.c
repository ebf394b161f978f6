#include "cache_drive.h"

#include <stdlib.h>
#include <string.h>

#include "link/ldcache.h"

size_t cache_drive(const void *bytes, size_t size)
{
	static const char *const names[] = { "libc.so.6", "libx.so.1", "liby.so", "", "x" };
	struct ldcache cache = { 0 };
	char *copy = malloc(size + 1);
	size_t found = 0, asked = 0, read = 0;
	if (!copy)
		abort();
	if (size)
		memcpy(copy, bytes, size);
	copy[size] = '\0';
	struct polyton_error *error = ldcache_init(copy, size, &cache);
	polyton_error_destroy(error);
	for (size_t i = 0; !error && i < sizeof(names) / sizeof(names[0]); i++) {
		struct ldcache_entry entry;
		for (uint32_t at = 0, before = 0; ldcache_next(&cache, names[i], &at, &entry); before = at) {
			if (at <= before)
				abort();
			found += names[i][0] != '\0'; // a text outside of the file is like an empty one
			asked++;
			read += strlen(entry.path) + strlen(entry.level);
		}
	}
	ldcache_deinit(&cache);
	// Whatever was found lies in the file, and no text is longer than it.
	if (read > 2 * asked * (size + 1))
		abort();
	return found;
}
