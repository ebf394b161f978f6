// Both ends may be lying: the worker about a file it cannot trust, the file about itself through the worker.

#include "dwarf/pack.h"

#include <string.h>

#include "base/vec.h"

enum { NUMBER_BITS = 7, NUMBER_MORE = 1 << NUMBER_BITS, NUMBER_MAX_SHIFT = 63 };

void pack_deinit(struct pack *pack)
{
	free(pack->items);
	*pack = (struct pack){ 0 };
}

bool pack_reserve(struct pack *pack, size_t size)
{
	while (!pack->is_failed && pack->capacity - pack->count < size) {
		if (!vec_grow((void **)&pack->items, pack->capacity, &pack->capacity, 1))
			pack->is_failed = true;
	}
	return !pack->is_failed;
}

static void put(struct pack *pack, uint8_t byte)
{
	uint8_t *place = pack->is_failed ? NULL : vec_push(pack);
	if (place)
		*place = byte;
	else
		pack->is_failed = true;
}

void pack_number(struct pack *pack, uint64_t number)
{
	for (; number >= NUMBER_MORE; number >>= NUMBER_BITS)
		put(pack, (uint8_t)(number | NUMBER_MORE));
	put(pack, (uint8_t)number);
}

void pack_signed(struct pack *pack, int64_t number)
{
	pack_number(pack, (uint64_t)number << 1 ^ (number < 0 ? UINT64_MAX : 0));
}

void pack_bytes(struct pack *pack, const void *bytes, size_t size)
{
	if (!pack_reserve(pack, size) || !size)
		return;
	memcpy(pack->items + pack->count, bytes, size);
	pack->count += size;
}

void pack_text(struct pack *pack, const char *text, size_t most)
{
	size_t length = strnlen(text, most);
	pack_number(pack, length);
	pack_bytes(pack, text, length);
}

static uint64_t fail(struct unpack *unpack)
{
	unpack->is_bad = true;
	unpack->at = unpack->end;
	return 0;
}

uint64_t unpack_number(struct unpack *unpack, uint64_t most)
{
	uint64_t number = 0;
	for (unsigned shift = 0; shift <= NUMBER_MAX_SHIFT && unpack->at < unpack->end; shift += NUMBER_BITS) {
		uint8_t byte = *unpack->at++;
		uint64_t part = byte & (NUMBER_MORE - 1);
		if (part << shift >> shift != part)
			break;
		number |= part << shift;
		if (byte < NUMBER_MORE)
			return number <= most ? number : fail(unpack);
	}
	return fail(unpack);
}

int64_t unpack_signed(struct unpack *unpack)
{
	uint64_t number = unpack_number(unpack, UINT64_MAX);
	return (int64_t)(number >> 1 ^ (number & 1 ? UINT64_MAX : 0));
}

uint32_t unpack_count(struct unpack *unpack, uint32_t most, size_t least_size)
{
	uint64_t count = unpack_number(unpack, most);
	if (count > (size_t)(unpack->end - unpack->at) / least_size)
		return (uint32_t)fail(unpack);
	return (uint32_t)count;
}

const uint8_t *unpack_bytes(struct unpack *unpack, size_t size)
{
	const uint8_t *bytes = unpack->at;
	if (size > (size_t)(unpack->end - unpack->at)) {
		fail(unpack);
		return NULL;
	}
	unpack->at += size;
	return bytes;
}

const char *unpack_text(struct unpack *unpack, size_t most)
{
	size_t length = unpack_number(unpack, most);
	const char *bytes = (const char *)unpack_bytes(unpack, length), *text;
	if (!length || !bytes)
		return "";
	if (memchr(bytes, '\0', length)) {
		fail(unpack);
		return "";
	}
	text = arena_strndup(unpack->arena, bytes, length);
	if (!text)
		unpack->has_no_memory = true;
	return text ? text : "";
}

void *unpack_items(struct unpack *unpack, uint32_t count, size_t size)
{
	void *items = unpack->is_bad || unpack->has_no_memory ? NULL : arena_alloc(unpack->arena, count, size);
	if (!items && !unpack->is_bad)
		unpack->has_no_memory = true;
	return items;
}

struct polyton_error *unpack_end(const struct unpack *unpack, const char *what)
{
	if (unpack->has_no_memory)
		return error_no_memory();
	if (unpack->is_bad)
		return error_create(POLYTON_ERROR_DAMAGED, "%s of the debug info reader is damaged", what);
	if (unpack->at != unpack->end)
		return error_create(POLYTON_ERROR_DAMAGED, "%s of the debug info reader is too long", what);
	return NULL;
}
