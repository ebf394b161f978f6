// A list of growing blocks. Large requests get a block of their own, behind the newest one, so that neither they nor
// what was left of it is wasted.

#include "base/arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_FIRST_BLOCK = 1024, ARENA_LARGEST_STEP = 1024 * 1024, ARENA_LARGE = ARENA_LARGEST_STEP / 4 };

struct arena_block {
	struct arena_block *older;
	size_t size, used;
	_Alignas(max_align_t) char bytes[];
};

void arena_deinit(struct arena *arena)
{
	for (struct arena_block *block = arena->newest, *older; block; block = older) {
		older = block->older;
		free(block);
	}
	arena->newest = NULL;
}

void arena_join(struct arena *arena, struct arena *other)
{
	struct arena_block **place = arena->newest ? &arena->newest->older : &arena->newest;
	struct arena_block **end = &other->newest;
	while (*end)
		end = &(*end)->older;
	*end = *place;
	*place = other->newest;
	other->newest = NULL;
}

static struct arena_block *grow(struct arena *arena, size_t need)
{
	bool is_large = arena->newest && need >= ARENA_LARGE;
	size_t size = arena->newest ? arena->newest->size * 2 : ARENA_FIRST_BLOCK;
	if (size > ARENA_LARGEST_STEP)
		size = ARENA_LARGEST_STEP;
	if (is_large || size < need)
		size = need;
	if (size > SIZE_MAX - sizeof(struct arena_block))
		return NULL;
	// calloc hands out fresh kernel pages without touching them, so zeroing is nearly free here.
	struct arena_block *block = calloc(1, sizeof(*block) + size);
	if (!block)
		return NULL;
	block->size = size;
	struct arena_block **place = is_large ? &arena->newest->older : &arena->newest;
	block->older = *place;
	*place = block;
	return block;
}

static void *allocate(struct arena *arena, size_t need, size_t align)
{
	struct arena_block *block = arena->newest;
	size_t at = block ? (block->used + align - 1) & ~(align - 1) : 0;
	if (!block || at > block->size || block->size - at < need) {
		block = grow(arena, need);
		if (!block)
			return NULL;
		at = 0;
	}
	block->used = at + need;
	return block->bytes + at;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
	size_t need;
	if (__builtin_mul_overflow(count, size, &need))
		return NULL;
	return allocate(arena, need ? need : 1, _Alignof(max_align_t));
}

const char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
	if (length == SIZE_MAX)
		return NULL;
	char *copy = allocate(arena, length + 1, 1);
	if (copy)
		memcpy(copy, text, length);
	return copy;
}

const char *arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

const char *arena_printf(struct arena *arena, const char *format, ...)
{
	struct arena_block *block = arena->newest;
	size_t room = block ? block->size - block->used : 0;
	char *text = room ? block->bytes + block->used : NULL;
	va_list args;
	va_start(args, format);
	int length = vsnprintf(text, room, format, args);
	va_end(args);
	if (length < 0)
		return NULL;
	if ((size_t)length < room) { // as nearly always
		block->used += (size_t)length + 1;
		return text;
	}
	if (room) // whoever gets that memory next expects zeros
		memset(text, 0, room);
	text = allocate(arena, (size_t)length + 1, 1);
	if (!text)
		return NULL;
	va_start(args, format);
	vsnprintf(text, (size_t)length + 1, format, args);
	va_end(args);
	return text;
}
