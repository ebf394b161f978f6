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
	LDCACHE_MAX_DIGITS = 1024, // of one number in a name
	LDCACHE_MAX_ALIKE = 4096,  // entries of one name
};
#define EXTENSION_MAGIC UINT32_C(0xeaa42174)
// The upper half of an entry's hwcap: DL_CACHE_HWCAP_EXTENSION, DL_CACHE_HWCAP_ISA_LEVEL_MASK.
#define HWCAP_EXTENSION (UINT32_C(1) << 30)
#define HWCAP_ISA_LEVEL UINT32_C(0x3ff)

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
	if (error) {
		ldcache_deinit(&cache);
		return error;
	}
	find_levels(&cache);
	*ret = cache;
	return NULL;
}

void ldcache_deinit(struct ldcache *cache)
{
	free(cache->bytes);
	*cache = (struct ldcache){ 0 };
}

static bool is_digit(char character)
{
	return character >= '0' && character <= '9';
}

// Overflows as the loader's does. What is longer than any number in a name is cut: it goes on with another one.
static uint32_t read_number(const char **text)
{
	uint32_t number = 0;
	for (unsigned i = 0; i < LDCACHE_MAX_DIGITS && is_digit(**text); i++, ++*text)
		number = number * 10 + (uint32_t)(**text - '0');
	return number;
}

// _dl_cache_libcmp(): numbers count by their value, so "libx.so.01" is "libx.so.1".
static int compare_names(const char *left, const char *right)
{
	while (*left) {
		if (is_digit(*left) != is_digit(*right))
			return is_digit(*left) ? 1 : -1;
		if (is_digit(*left)) {
			uint32_t one = read_number(&left), other = read_number(&right);
			if (one != other)
				return (int32_t)(one - other) < 0 ? -1 : 1;
		} else if (*left != *right) {
			return *left - *right;
		} else {
			left++;
			right++;
		}
	}
	return -(*right != '\0');
}

static const uint8_t *entry_at(const struct ldcache *cache, uint32_t index)
{
	return cache->entries + (size_t)index * NEW_ENTRY;
}

// How @p name compares with the entry's; @p is_outside_ret: it has none.
static int compare_entry(const struct ldcache *cache, uint32_t index, const char *name, bool *is_outside_ret)
{
	uint32_t key = word_at(entry_at(cache, index), 4);
	*is_outside_ret = key >= cache->strings_size;
	return *is_outside_ret ? 1 : compare_names(name, cache->strings + key);
}

// The first of the entries of that name, in a table that is sorted, the last name first; @c count if there is none. A
// table that is not is gone through in the same way.
static uint32_t find_first(const struct ldcache *cache, const char *name)
{
	int64_t left = 0, right = (int64_t)cache->count - 1;
	bool is_outside;
	while (left <= right) {
		uint32_t middle = (uint32_t)((left + right) / 2);
		int order = compare_entry(cache, middle, name, &is_outside);
		if (is_outside)
			return cache->count;
		if (!order) {
			for (unsigned i = 0; i < LDCACHE_MAX_ALIKE && middle; i++, middle--) {
				if (compare_entry(cache, middle - 1, name, &is_outside) != 0)
					break;
			}
			return middle;
		}
		if (order < 0)
			left = (int64_t)middle + 1;
		else
			right = (int64_t)middle - 1;
	}
	return cache->count;
}

static bool is_for(const struct ldcache_wanted *wanted, uint32_t flags)
{
	for (size_t i = 0; i < ARCH_CACHE_FLAGS && wanted->flags[i]; i++) {
		if (flags == wanted->flags[i])
			return true;
	}
	return false;
}

// How good an entry with a level is here, 0 the best; UINT32_MAX: of no use.
static uint32_t rank_of(const struct ldcache *cache, const struct ldcache_wanted *wanted, uint64_t hwcap)
{
	uint32_t level = (uint32_t)hwcap, isa_level = (uint32_t)(hwcap >> 32) & HWCAP_ISA_LEVEL, count = 0;
	uint32_t rank = UINT32_MAX;
	const char *name = level < cache->level_count
				   ? string_at(cache, word_at(cache->levels, (size_t)level * sizeof(uint32_t)))
				   : "";
	for (; wanted->levels[count]; count++) {
		if (rank == UINT32_MAX && strcmp(wanted->levels[count], name) == 0)
			rank = count;
	}
	// The file itself may say that it takes more than its folder does: levels are numbered from the least.
	return isa_level <= count ? rank : UINT32_MAX;
}

const char *ldcache_find(const struct ldcache *cache, const struct ldcache_wanted *wanted)
{
	const char *best = NULL;
	uint32_t best_rank = UINT32_MAX, first = find_first(cache, wanted->name);
	for (uint32_t i = first; i < cache->count && i - first < 2 * LDCACHE_MAX_ALIKE; i++) {
		const uint8_t *entry = entry_at(cache, i);
		uint32_t value = word_at(entry, 8);
		uint64_t hwcap;
		bool is_outside;
		memcpy(&hwcap, entry + ENTRY_HWCAP, sizeof(hwcap));
		if (compare_entry(cache, i, wanted->name, &is_outside) != 0)
			break;
		if (!is_for(wanted, word_at(entry, 0)) || value >= cache->strings_size)
			continue;
		bool has_level = ((uint32_t)(hwcap >> 32) & ~HWCAP_ISA_LEVEL) == HWCAP_EXTENSION;
		if (!has_level && best)
			break;
		uint32_t rank = has_level ? rank_of(cache, wanted, hwcap) : UINT32_MAX;
		if (has_level ? rank >= best_rank : (hwcap & ~wanted->hwcaps) != 0)
			continue;
		best = cache->strings + value;
		best_rank = rank;
		if (!has_level)
			break;
	}
	return best;
}
