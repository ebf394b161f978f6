// A sysroot's ld.so.cache that nobody wrote: whatever is in it, every look-up must end, in bounds. Random bytes are
// hardly ever a cache, so what is none is replaced by a whole one before it is changed.

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../support/cache_drive.h"
#include "../support/cache_writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t limit, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t size, size_t limit);

static const struct cache_entry_spec entries[] = {
	{ "libx.so.1", "/opt/v3/libx.so.1", "x86-64-v3", 0x303, 0 },
	{ "libx.so.1", "/opt/v2/libx.so.1", "x86-64-v2", 0x303, 0 },
	{ "libx.so.1", "/opt/libx.so.1", NULL, 0x303, 0 },
	{ "libc.so.6", "/lib/libc.so.6", NULL, 3, 4 },
	{ 0 },
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	cache_drive(bytes, size);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t limit, unsigned seed)
{
	bool is_old = size > 11 && memcmp(bytes, "ld.so-1.7.0", 11) == 0;
	if (!is_old && (size < 20 || memcmp(bytes, "glibc-ld.so.cache1.1", 20) != 0)) {
		struct cache_bytes whole = cache_write(seed % 3 ? CACHE_NEW : CACHE_BOTH, entries);
		size = whole.size < limit ? whole.size : limit;
		memcpy(bytes, whole.bytes, size);
		free(whole.bytes);
	}
	return LLVMFuzzerMutate(bytes, size, limit);
}
