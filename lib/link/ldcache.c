// The file is the system's, but a sysroot's may be anything: every offset is checked when it is used.

#include "link/ldcache.h"

#include <string.h>

#include "base/error.h"

static const char new_magic[] = "glibc-ld.so.cache1.1";
static const char old_magic[] = "ld.so-1.7.0";

enum {
	NEW_HEADER = 48, // struct cache_file_new
	NEW_ENTRY = 24,  // struct file_entry_new: flags, key, value, osversion, hwcap
	OLD_HEADER = 16, // struct cache_file
	OLD_ENTRY = 12,  // struct file_entry
	NEW_COUNT = 20,
	NEW_EXTENSION = 32,
	ENTRY_HWCAP = 16,
	EXTENSION_SECTION = 16, // struct cache_extension_section
	EXTENSION_HWCAPS = 1,   // cache_extension_tag_glibc_hwcaps
	LDCACHE_MAX_ENTRIES = 1 << 20,
	LDCACHE_MAX_NAME = 1024,
};
#define EXTENSION_MAGIC UINT32_C(0xeaa42174)
#define HWCAP_EXTENSION (UINT64_C(1) << 62) // DL_CACHE_HWCAP_EXTENSION

static uint32_t word_at(const void *bytes, size_t offset)
{
	uint32_t word;
	memcpy(&word, (const uint8_t *)bytes + offset, sizeof(word));
	return word;
}

static const char *string_at(const struct ldcache *cache, uint32_t offset)
{
	return offset < cache->strings_size ? cache->strings + offset : "";
}

static struct polyton_error *damaged(void)
{
	return error_create(POLYTON_ERROR_DAMAGED, "/etc/ld.so.cache is damaged");
}

// A file for old and new loaders has the new cache behind the old one.
static struct polyton_error *find_start(const char *bytes, size_t size, size_t *ret)
{
	*ret = 0;
	if (size >= OLD_HEADER && memcmp(bytes, old_magic, sizeof(old_magic) - 1) == 0) {
		uint64_t old = word_at(bytes, OLD_HEADER - sizeof(uint32_t));
		*ret = (OLD_HEADER + old * OLD_ENTRY + 7) / 8 * 8;
	}
	if (*ret > size || size - *ret < NEW_HEADER || memcmp(bytes + *ret, new_magic, sizeof(new_magic) - 1) != 0)
		return error_create(POLYTON_ERROR_UNSUPPORTED,
				    "/etc/ld.so.cache has a format that is not understood");
	return NULL;
}

static void find_levels(struct ldcache *cache)
{
	const uint8_t *start = (const uint8_t *)cache->strings;
	uint32_t at = word_at(start, NEW_EXTENSION);
	if (!at || at > cache->strings_size || cache->strings_size - at < 2 * sizeof(uint32_t) ||
	    word_at(start, at) != EXTENSION_MAGIC)
		return;
	uint32_t sections = word_at(start, at + sizeof(uint32_t));
	size_t room = (cache->strings_size - at - 2 * sizeof(uint32_t)) / EXTENSION_SECTION;
	for (uint32_t i = 0; i < sections && i < room; i++) {
		size_t section = at + 2 * sizeof(uint32_t) + (size_t)i * EXTENSION_SECTION;
		uint32_t offset = word_at(start, section + 8), size = word_at(start, section + 12);
		if (word_at(start, section) != EXTENSION_HWCAPS || offset > cache->strings_size ||
		    size > cache->strings_size - offset)
			continue;
		cache->levels = start + offset;
		cache->level_count = size / (uint32_t)sizeof(uint32_t);
	}
}

static struct polyton_error *map_names(struct ldcache *cache)
{
	for (uint32_t i = 0; i < cache->count; i++) {
		const char *name = string_at(cache, word_at(cache->entries, (size_t)i * NEW_ENTRY + 4));
		size_t length = strnlen(name, LDCACHE_MAX_NAME + 1);
		// Entries may share one endless text.
		if (length <= LDCACHE_MAX_NAME && !strmap_at(&cache->names, name, length, i))
			return error_no_memory();
	}
	return NULL;
}

struct polyton_error *ldcache_init(char *bytes, size_t size, struct ldcache *ret)
{
	struct ldcache cache = { .bytes = bytes, .size = size };
	size_t start = 0;
	struct polyton_error *error = find_start(bytes, size, &start);
	if (!error) {
		cache.strings = bytes + start;
		cache.strings_size = size - start;
		cache.entries = (const uint8_t *)cache.strings + NEW_HEADER;
		cache.count = word_at(cache.strings, NEW_COUNT);
		if (cache.count > LDCACHE_MAX_ENTRIES || (cache.strings_size - NEW_HEADER) / NEW_ENTRY < cache.count)
			error = damaged();
	}
	if (!error) {
		find_levels(&cache);
		error = map_names(&cache);
	}
	if (error) {
		ldcache_deinit(&cache);
		return error;
	}
	*ret = cache;
	return NULL;
}

void ldcache_deinit(struct ldcache *cache)
{
	strmap_deinit(&cache->names);
	free(cache->bytes);
	*cache = (struct ldcache){ 0 };
}

// An entry with bits of the kind that ended with glibc 2.33 is for machines that are not asked for here.
static bool find_level(const struct ldcache *cache, const uint8_t *entry, const char **ret)
{
	uint64_t hwcap;
	memcpy(&hwcap, entry + ENTRY_HWCAP, sizeof(hwcap));
	*ret = "";
	if (!hwcap)
		return true;
	if (!(hwcap & HWCAP_EXTENSION) || (uint32_t)hwcap >= cache->level_count)
		return false;
	*ret = string_at(cache, word_at(cache->levels, (size_t)(uint32_t)hwcap * sizeof(uint32_t)));
	return true;
}

bool ldcache_next(const struct ldcache *cache, const char *name, uint32_t *at, struct ldcache_entry *ret)
{
	const uint32_t *first = strmap_find(&cache->names, name, strlen(name));
	if (!first)
		return false;
	for (uint32_t i = *at > *first ? *at : *first; i < cache->count; i++) {
		const uint8_t *entry = cache->entries + (size_t)i * NEW_ENTRY;
		if (strcmp(string_at(cache, word_at(entry, 4)), name) != 0)
			break;
		if (!find_level(cache, entry, &ret->level))
			continue;
		ret->flags = word_at(entry, 0);
		ret->path = string_at(cache, word_at(entry, 8));
		*at = i + 1;
		return true;
	}
	return false;
}
