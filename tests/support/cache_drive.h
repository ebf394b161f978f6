/** Everything that can be asked of an ld.so.cache, which may be damaged. */
#ifndef SUPPORT_CACHE_DRIVE_H
#define SUPPORT_CACHE_DRIVE_H

#include <stddef.h>
#include <stdint.h>

/** How many entries were found; every byte of their texts has been read. */
size_t cache_drive(const void *bytes, size_t size);

#endif
