// glibc, sysdeps/generic/dl-cache.h: struct cache_file, file_entry, cache_file_new, file_entry_new, cache_extension.

#include "cache_writer.h"

#include <stdlib.h>
#include <string.h>

enum {
	OLD_HEADER = 16,
	OLD_ENTRY = 12,
	NEW_HEADER = 48,
	NEW_ENTRY = 24,
	SECTION = 16,
	MAX_LEVELS = 8,
	MAX_SIZE = 1 << 16,
	EXTENSION_MAGIC = (int)0xeaa42174,
};

static void put(struct cache_bytes *file, size_t offset, uint64_t value, size_t size)
{
	memcpy(file->bytes + offset, &value, size); // of the little-endian machines that these tests run on
}

static uint32_t add_text(struct cache_bytes *file, const char *text, size_t base)
{
	size_t at = file->size, length = strlen(text) + 1;
	if (at + length > MAX_SIZE)
		abort();
	memcpy(file->bytes + at, text, length);
	file->size += length;
	return (uint32_t)(at - base);
}

static void write_old(struct cache_bytes *file, const struct cache_entry_spec *entries, uint32_t count)
{
	memcpy(file->bytes, "ld.so-1.7.0", 11);
	put(file, OLD_HEADER - 4, count, 4);
	file->size = OLD_HEADER + (size_t)count * OLD_ENTRY;
	(void)entries; // their texts count from behind the entries; nobody reads them here
}

// The names of the levels, each once, in the order in which entries number them.
static uint32_t number_of(const char **levels, uint32_t *count, const char *level)
{
	for (uint32_t i = 0; i < *count; i++) {
		if (strcmp(levels[i], level) == 0)
			return i;
	}
	if (*count == MAX_LEVELS)
		abort();
	levels[*count] = level;
	return (*count)++;
}

static void write_extension(struct cache_bytes *file, const char *const *levels, uint32_t count)
{
	size_t start = file->start;
	uint32_t offsets[MAX_LEVELS];
	for (uint32_t i = 0; i < count; i++)
		offsets[i] = add_text(file, levels[i], start);
	file->size = (file->size + 7) / 8 * 8;
	file->extension = file->size - start;
	put(file, start + 32, file->extension, 4);
	put(file, file->size, (uint32_t)EXTENSION_MAGIC, 4);
	put(file, file->size + 4, 1, 4);
	put(file, file->size + 8, 1, 4); // cache_extension_tag_glibc_hwcaps
	put(file, file->size + 16, file->extension + 8 + SECTION, 4);
	put(file, file->size + 20, (uint64_t)count * 4, 4);
	file->size += 8 + SECTION;
	for (uint32_t i = 0; i < count; i++, file->size += 4)
		put(file, file->size, offsets[i], 4);
}

struct cache_bytes cache_write(enum cache_form form, const struct cache_entry_spec *entries)
{
	struct cache_bytes file = { .bytes = calloc(1, MAX_SIZE + 1) };
	const char *levels[MAX_LEVELS];
	uint32_t count = 0, level_count = 0;
	if (!file.bytes)
		abort();
	while (entries[count].name)
		count++;
	if (form != CACHE_NEW)
		write_old(&file, entries, count);
	if (form == CACHE_OLD)
		return file;
	file.start = (file.size + 7) / 8 * 8;
	memcpy(file.bytes + file.start, "glibc-ld.so.cache1.1", 20);
	put(&file, file.start + 20, count, 4);
	file.size = file.start + NEW_HEADER + (size_t)count * NEW_ENTRY;
	for (uint32_t i = 0; i < count; i++) {
		size_t at = file.start + NEW_HEADER + (size_t)i * NEW_ENTRY;
		uint64_t hwcap = entries[i].hwcap;
		if (entries[i].level)
			hwcap = UINT64_C(1) << 62 | number_of(levels, &level_count, entries[i].level);
		put(&file, at, entries[i].flags, 4);
		put(&file, at + 4, add_text(&file, entries[i].name, file.start), 4);
		put(&file, at + 8, add_text(&file, entries[i].path, file.start), 4);
		put(&file, at + 16, hwcap, 8);
	}
	put(&file, file.start + 24, file.size - file.start - NEW_HEADER - (size_t)count * NEW_ENTRY, 4);
	if (level_count)
		write_extension(&file, levels, level_count);
	return file;
}
