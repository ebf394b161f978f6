// The cache of a sysroot may be anything; what is whole is read as the loader reads it.

#include "../support/check.h"

#include <stdio.h>
#include <stdlib.h>

#include "../support/cache_drive.h"
#include "../support/cache_writer.h"
#include "link/ldcache.h"

enum { X86_64 = 0x303, I386 = 3, FOUND = 7 }; // FOUND: by cache_drive() in plain

static const struct cache_entry_spec plain[] = {
	{ "libx.so.1", "/opt/v3/libx.so.1", "x86-64-v3", X86_64, 0 },
	{ "libx.so.1", "/opt/v2/libx.so.1", "x86-64-v2", X86_64, 0 },
	{ "libx.so.1", "/opt/libx.so.1", NULL, X86_64, 0 },
	{ "libx.so.1", "/opt32/libx.so.1", NULL, I386, 0 },
	{ "libc.so.6", "/lib/old/libc.so.6", NULL, X86_64, 4 },
	{ "libc.so.6", "/lib/libc.so.6", NULL, X86_64, 0 },
	{ 0 },
};
static const struct cache_entry_spec without_levels[] = {
	{ "liby.so", "/a/liby.so", NULL, X86_64, 0 },
	{ 0 },
};

static const uint16_t x86_64_flags[] = { X86_64, 0, 0 }, i386_flags[] = { I386, 1, 0 };
static const char *const all_levels[] = { "x86-64-v3", "x86-64-v2", NULL };
static const char *const *const no_levels = all_levels + 2;

// The path that the cache answers to a name, "" for none.
static void check_as(const struct ldcache *cache, const char *name, const uint16_t *flags, const char *const *levels,
		     uint64_t hwcaps, const char *wanted)
{
	const struct ldcache_wanted asked = { name, flags, levels, hwcaps };
	const char *path = ldcache_find(cache, &asked);
	assert_string_equal(path ? path : "", wanted);
}

static void check(const struct ldcache *cache, const char *name, const char *wanted)
{
	check_as(cache, name, x86_64_flags, all_levels, 0, wanted);
}

static void test_what_it_holds(void **state)
{
	(void)state;
	static const enum cache_form forms[] = { CACHE_NEW, CACHE_BOTH };
	for (size_t i = 0; i < count_of(forms); i++) {
		struct cache_bytes file = cache_write(forms[i], plain);
		struct ldcache cache = { 0 };
		assert_true(!file.start == (forms[i] == CACHE_NEW));
		assert_fine(ldcache_init(file.bytes, file.size, &cache));
		assert_int_equal(cache.count, 6);
		check(&cache, "libx.so.1", "/opt/v3/libx.so.1");
		check_as(&cache, "libx.so.1", x86_64_flags, all_levels + 1, 0, "/opt/v2/libx.so.1");
		check_as(&cache, "libx.so.1", x86_64_flags, no_levels, 0, "/opt/libx.so.1");
		check_as(&cache, "libx.so.1", i386_flags, all_levels, 0, "/opt32/libx.so.1");
		check_as(&cache, "libx.so.1", (const uint16_t[]){ 0xa03, 0, 0 }, all_levels, 0, "");
		// Bits of the kind before glibc-hwcaps are for the loaders of that time.
		check(&cache, "libc.so.6", "/lib/libc.so.6");
		check_as(&cache, "libc.so.6", x86_64_flags, all_levels, 2, "/lib/libc.so.6");
		check_as(&cache, "libc.so.6", x86_64_flags, all_levels, 6, "/lib/old/libc.so.6");
		check(&cache, "libx.so", "");
		check(&cache, "libx.so.1.2", "");
		check(&cache, "", "");
		ldcache_deinit(&cache);
		ldcache_deinit(&cache);
	}
}

static void test_without_levels(void **state)
{
	(void)state;
	for (unsigned form = CACHE_NEW; form <= CACHE_BOTH; form++) {
		struct cache_bytes file = cache_write(form, without_levels);
		struct ldcache cache = { 0 };
		// Behind one entry of the old format there is a gap.
		assert_int_equal(file.start, form == CACHE_NEW ? 0 : 32);
		assert_fine(ldcache_init(file.bytes, file.size, &cache));
		assert_int_equal(cache.level_count, 0);
		check(&cache, "liby.so", "/a/liby.so");
		ldcache_deinit(&cache);
		check(&cache, "liby.so", "");
	}
}

static void refuse(char *bytes, size_t size, enum polyton_error_code code, const char *words)
{
	struct ldcache cache = { 0 };
	assert_error(ldcache_init(bytes, size, &cache), code, words);
	assert_null(cache.bytes);
}

static void test_other_formats(void **state)
{
	(void)state;
	struct cache_bytes file = cache_write(CACHE_OLD, plain);
	refuse(file.bytes, file.size, POLYTON_ERROR_UNSUPPORTED, "/etc/ld.so.cache has a format");
	refuse(calloc(1, 1), 0, POLYTON_ERROR_UNSUPPORTED, "format");
	refuse(calloc(1, 101), 100, POLYTON_ERROR_UNSUPPORTED, "format");
	file = cache_write(CACHE_NEW, plain);
	file.bytes[19] = '2';
	refuse(file.bytes, file.size, POLYTON_ERROR_UNSUPPORTED, "format");
	// An old part that reaches beyond the end.
	file = cache_write(CACHE_BOTH, plain);
	memset(file.bytes + 12, 0xff, 4);
	refuse(file.bytes, file.size, POLYTON_ERROR_UNSUPPORTED, "format");
}

static void test_too_many_entries(void **state)
{
	(void)state;
	static const uint32_t counts[] = { UINT32_MAX, 1 << 20, (1 << 20) + 1, 1 << 31 };
	for (size_t i = 0; i < count_of(counts); i++) {
		struct cache_bytes file = cache_write(CACHE_NEW, plain);
		memcpy(file.bytes + 20, &counts[i], 4);
		refuse(file.bytes, file.size, POLYTON_ERROR_DAMAGED, "/etc/ld.so.cache is damaged");
	}
}

// Cut anywhere: never more than was there, and the entries that are whole stay.
static void test_truncated(void **state)
{
	(void)state;
	for (unsigned form = CACHE_NEW; form <= CACHE_BOTH; form++) {
		struct cache_bytes file = cache_write(form, plain);
		assert_int_equal(cache_drive(file.bytes, file.size), FOUND);
		for (size_t size = 0; size < file.size; size++) {
			size_t found = cache_drive(file.bytes, size);
			assert_true(found <= FOUND);
			// Without the texts there are no names.
			assert_true(size > file.start + 48 + 6 * 24 || !found);
		}
		free(file.bytes);
	}
}

static void test_every_bit(void **state)
{
	(void)state;
	struct cache_bytes file = cache_write(CACHE_BOTH, plain);
	size_t changed = 0;
	for (size_t bit = 0; bit < file.size * 8; bit++) {
		file.bytes[bit / 8] ^= (char)(1 << bit % 8);
		changed += cache_drive(file.bytes, file.size) != FOUND;
		file.bytes[bit / 8] ^= (char)(1 << bit % 8);
	}
	assert_true(changed > 100);
	assert_int_equal(cache_drive(file.bytes, file.size), FOUND);
	free(file.bytes);
}

// Levels that lie elsewhere: what is outside of the file is no level, and an entry of none that is known is left out.
static void test_extension(void **state)
{
	(void)state;
	static const struct {
		size_t offset; // in the extension
		uint32_t value;
		const char *wanted;
	} rows[] = {
		{ 0, 0, "/opt/libx.so.1" },           // its mark
		{ 4, 0, "/opt/libx.so.1" },           // no sections
		{ 8, 7, "/opt/libx.so.1" },           // another kind of section
		{ 16, UINT32_MAX, "/opt/libx.so.1" }, // its place
		{ 20, UINT32_MAX, "/opt/libx.so.1" }, // its size
		{ 20, 4, "/opt/v3/libx.so.1" },
		{ 4, UINT32_MAX, "/opt/v3/libx.so.1" }, // more sections than there is room
	};
	for (size_t i = 0; i < count_of(rows); i++) {
		struct cache_bytes file = cache_write(CACHE_NEW, plain);
		struct ldcache cache = { 0 };
		memcpy(file.bytes + file.extension + rows[i].offset, &rows[i].value, 4);
		assert_fine(ldcache_init(file.bytes, file.size, &cache));
		check(&cache, "libx.so.1", rows[i].wanted);
		ldcache_deinit(&cache);
	}
}

// All entries share one text that goes on to the end: their names are no names.
static void test_endless_names(void **state)
{
	(void)state;
	enum { COUNT = 300000, SIZE = 16 << 20 };
	char *bytes = malloc(SIZE + 1);
	struct ldcache cache = { 0 };
	assert_non_null(bytes);
	memset(bytes, 'x', SIZE);
	memset(bytes, 0, 48 + (size_t)COUNT * 24);
	bytes[SIZE] = '\0';
	memcpy(bytes, "glibc-ld.so.cache1.1", 20);
	memcpy(bytes + 20, &(uint32_t){ COUNT }, 4);
	for (size_t i = 0; i < COUNT; i++)
		memcpy(bytes + 48 + i * 24 + 4, &(uint32_t){ 48 + COUNT * 24 + (uint32_t)i }, 4);
	assert_fine(ldcache_init(bytes, SIZE, &cache));
	check(&cache, "x", "");
	// Nor do numbers without end take for ever, or entries that are all alike.
	memset(bytes + 48 + (size_t)COUNT * 24, '0', SIZE - 48 - (size_t)COUNT * 24);
	check(&cache, "0", "");
	check(&cache, "1", "");
	ldcache_deinit(&cache);
}

static void check_entries(const struct cache_entry_spec *entries, const char *name, const char *wanted)
{
	struct cache_bytes file = cache_write(CACHE_NEW, entries);
	struct ldcache cache = { 0 };
	assert_fine(ldcache_init(file.bytes, file.size, &cache));
	check(&cache, name, wanted);
	ldcache_deinit(&cache);
}

// The best level wins wherever it stands, the first of one level, and of what has none.
static void test_several_of_one_name(void **state)
{
	(void)state;
	static const struct cache_entry_spec levels[] = {
		{ "z", "/z", NULL, X86_64, 0 },
		{ "x", "/v2", "x86-64-v2", X86_64, 0 },
		{ "x", "/v3/first", "x86-64-v3", X86_64, 0 },
		{ "x", "/v3/second", "x86-64-v3", X86_64, 0 },
		{ "x", "/v4", "x86-64-v4", X86_64, 0 },
		{ "x", "/first", NULL, X86_64, 0 },
		{ "x", "/second", NULL, X86_64, 0 },
		{ "a", "/a", NULL, X86_64, 0 },
		{ 0 },
	};
	check_entries(levels, "x", "/v3/first");
	check_entries(levels + 4, "x", "/first");
	check_entries(levels + 6, "x", "/second");
	check_entries(levels, "z", "/z");
	check_entries(levels, "a", "/a");
	check_entries(levels, "b", "");
	// What needs a better processor than its folder says is left out.
	for (uint64_t level = 0; level < 4; level++) {
		struct cache_bytes file = cache_write(CACHE_NEW, levels + 1);
		struct ldcache cache = { 0 };
		memcpy(file.bytes + file.start + 48 + 24 + 16 + 4, &(uint32_t){ 1U << 30 | (uint32_t)level }, 4);
		assert_fine(ldcache_init(file.bytes, file.size, &cache));
		check(&cache, "x", level < 3 ? "/v3/first" : "/v3/second");
		ldcache_deinit(&cache);
	}
}

// The table is searched as it was sorted: by value where there are numbers, the last name first.
static void test_numbers_in_names(void **state)
{
	(void)state;
	static const struct cache_entry_spec sorted[] = {
		{ "lib10.so", "/10", NULL, X86_64, 0 },   { "lib9.so", "/9", NULL, X86_64, 0 },
		{ "lib.so.10", "/.10", NULL, X86_64, 0 }, { "lib.so.9", "/.9", NULL, X86_64, 0 },
		{ "lib.so", "/none", NULL, X86_64, 0 },   { 0 },
	};
	static const char *const rows[][2] = {
		{ "lib10.so", "/10" }, { "lib9.so", "/9" },    { "lib.so.10", "/.10" },      { "lib.so.9", "/.9" },
		{ "lib.so", "/none" }, { "lib.so.09", "/.9" }, { "lib010.so", "/10" },       { "lib.so.", "" },
		{ "lib1.so", "" },     { "lib.so.11", "" },    { "lib4294967305.so", "/9" }, { "", "" },
		{ "zzz", "" },
	};
	for (size_t i = 0; i < count_of(rows); i++)
		check_entries(sorted, rows[i][0], rows[i][1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_it_holds),       cmocka_unit_test(test_without_levels),
		cmocka_unit_test(test_other_formats),       cmocka_unit_test(test_too_many_entries),
		cmocka_unit_test(test_truncated),           cmocka_unit_test(test_every_bit),
		cmocka_unit_test(test_extension),           cmocka_unit_test(test_endless_names),
		cmocka_unit_test(test_several_of_one_name), cmocka_unit_test(test_numbers_in_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
