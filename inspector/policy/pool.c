// Thousands of small things that live exactly as long as one command.

#include "pool.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	POOL_CHUNK = 1 << 16,
	POOL_EXIT = 3, // EXIT_NOT_SEEN: could not look
};

struct pool_chunk {
	struct pool_chunk *next;
	size_t used, size;
	_Alignas(max_align_t) char bytes[];
};

static void (*before_end)(void);

void pool_before_end(void (*restore)(void))
{
	before_end = restore;
}

__attribute__((__noreturn__)) static void give_up(void)
{
	if (before_end)
		before_end();
	static const char text[] = "polyton: out of memory\n";
	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	_exit(POOL_EXIT);
}

static struct pool_chunk *add_chunk(struct pool *pool, size_t size)
{
	struct pool_chunk *chunk = calloc(1, sizeof(*chunk) + size);
	if (!chunk)
		give_up();
	chunk->size = size;
	chunk->next = pool->chunks;
	pool->chunks = chunk;
	return chunk;
}

void *pool_alloc(struct pool *pool, size_t count, size_t size)
{
	size_t step = _Alignof(max_align_t), wanted;
	if (__builtin_mul_overflow(count, size, &wanted) || wanted > SIZE_MAX / 2)
		give_up();
	wanted = (wanted + step - 1) / step * step;
	struct pool_chunk *chunk = pool->chunks;
	if (!chunk || chunk->size - chunk->used < wanted)
		chunk = add_chunk(pool, wanted > POOL_CHUNK ? wanted : POOL_CHUNK);
	void *ret = chunk->bytes + chunk->used;
	chunk->used += wanted;
	return ret;
}

char *pool_copy(struct pool *pool, const char *text, size_t length)
{
	char *ret = pool_alloc(pool, length + 1, 1);
	memcpy(ret, text, length);
	return ret;
}

const char *pool_format(struct pool *pool, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int length = vsnprintf(NULL, 0, format, args);
	char *ret = pool_alloc(pool, length < 0 ? 1 : (size_t)length + 1, 1);
	if (length > 0)
		vsnprintf(ret, (size_t)length + 1, format, again);
	va_end(again);
	va_end(args);
	return ret;
}

void pool_deinit(struct pool *pool)
{
	for (struct pool_chunk *chunk = pool->chunks, *next; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	pool->chunks = NULL;
}
