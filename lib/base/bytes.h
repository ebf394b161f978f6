/**
 * Numbers in bytes that somebody else has written.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What is left to be read. Sticky: once more was asked for than there is, @c at is NULL and all numbers are 0. */
struct bytes {
	const uint8_t *at, *end;
	bool is_big_endian;
};

/** A number of at most 8 bytes. */
static inline uint64_t bytes_number(const void *bytes, size_t size, bool is_big_endian)
{
	const uint8_t *byte = bytes;
	uint64_t value = 0;
	for (size_t i = 0; i < size; i++)
		value |= (uint64_t)byte[i] << 8 * (is_big_endian ? size - 1 - i : i);
	return value;
}

/** The next @p size bytes, at most 8, as a number. */
static inline uint64_t bytes_take(struct bytes *bytes, size_t size)
{
	if (!bytes->at || (size_t)(bytes->end - bytes->at) < size) {
		bytes->at = NULL;
		return 0;
	}
	uint64_t value = bytes_number(bytes->at, size, bytes->is_big_endian);
	bytes->at += size;
	return value;
}

/** A LEB128 (DWARF 5, section 7.6); bits beyond the 64th are dropped. */
uint64_t bytes_take_leb(struct bytes *bytes, bool is_signed);

#endif
