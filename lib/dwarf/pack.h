/**
 * Numbers and texts as bytes, small ones in few. Both directions are sticky: after the first failure nothing more is
 * written, or zeros and "" are read, so that only the end of a message needs to be looked at.
 */
#ifndef DWARF_PACK_H
#define DWARF_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

/** Zero-initialise; pack_deinit(). */
struct pack {
	uint8_t *items;
	size_t count, capacity;
	bool is_failed; ///< Out of memory.
};

void pack_deinit(struct pack *pack);
/** Room for @p size more bytes; false when out of memory. */
bool pack_reserve(struct pack *pack, size_t size);
/** LEB128. */
void pack_number(struct pack *pack, uint64_t number);
/** So that small negative numbers are short, too. */
void pack_signed(struct pack *pack, int64_t number);
void pack_bytes(struct pack *pack, const void *bytes, size_t size);
/** Its length, then its bytes, at most @p most of them. */
void pack_text(struct pack *pack, const char *text, size_t most);

/** What is being read; texts are copied into @c arena. */
struct unpack {
	const uint8_t *at, *end;
	struct arena *arena;
	bool is_bad; ///< Cut short, or something in it is out of range.
	bool has_no_memory;
};

/** A number of at most @p most; a larger one is bad. */
uint64_t unpack_number(struct unpack *unpack, uint64_t most);
int64_t unpack_signed(struct unpack *unpack);
/** The number of items that follow, each of @p least_size bytes or more: never more than can be there. */
uint32_t unpack_count(struct unpack *unpack, uint32_t most, size_t least_size);
/** @p size bytes in place, NULL if they are not there. */
const uint8_t *unpack_bytes(struct unpack *unpack, size_t size);
/** A text of at most @p most bytes, none of them NUL. Never NULL. */
const char *unpack_text(struct unpack *unpack, size_t most);
/** Zeroed items; NULL only after a failure. */
void *unpack_items(struct unpack *unpack, uint32_t count, size_t size);
/** NULL if all was well and nothing is left over; @p what names the message. */
must_use struct polyton_error *unpack_end(const struct unpack *unpack, const char *what);

#endif
