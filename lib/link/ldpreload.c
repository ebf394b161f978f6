// Source: glibc elf/rtld.c (dl_main): names are set apart by white space or colons, "#" makes the rest of a line a
// comment.

#include "link/ldpreload.h"

#include <string.h>

#include "link/ldconf.h"

enum { LDPRELOAD_MAX_SIZE = 64 * 1024 };

static void blank_comments(char *text, size_t size)
{
	for (char *sign = memchr(text, '#', size); sign; sign = memchr(sign, '#', size - (size_t)(sign - text))) {
		size_t left = size - (size_t)(sign - text);
		const char *end = memchr(sign, '\n', left);
		memset(sign, ' ', end ? (size_t)(end - sign) : left);
	}
}

struct polyton_error *ldpreload_read(int root, struct arena *arena, struct ldpreload *ret)
{
	static const char between[] = ": \t\n";
	size_t size = 0;
	auto_free char *text = ldconf_read_file(root, LDPRELOAD_FILE, LDPRELOAD_MAX_SIZE, &size);
	*ret = (struct ldpreload){ 0 };
	if (!text)
		return NULL;
	blank_comments(text, size);
	ret->names = arena_alloc(arena, size / 2 + 1, sizeof(*ret->names)); // a name and what ends it are two bytes
	if (!ret->names)
		return error_no_memory();
	for (const char *at = text + strspn(text, between); *at; at += strspn(at, between)) {
		size_t length = strcspn(at, between);
		const char *name = arena_strndup(arena, at, length);
		if (!name)
			return error_no_memory();
		ret->names[ret->count++] = name;
		at += length;
	}
	return NULL;
}
