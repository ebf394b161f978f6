// What a loader says of itself, in the midst of whatever else it holds.

#include "../support/check.h"

#include <stdio.h>
#include <stdlib.h>

#include "link/ldso.h"

static const struct arch *x86_64(void)
{
	return arch_find(EM_X86_64, ELFCLASS64, ELFDATA2LSB);
}

// Bytes that end where the file ends: what is read beyond shows under a sanitizer.
static void check_bytes(const char *bytes, size_t size, const char *name, const char *wanted)
{
	char said[512] = "";
	struct arena arena = { 0 };
	struct ldso ldso;
	uint8_t *map = malloc(size ? size : 1);
	assert_non_null(map);
	memcpy(map, bytes, size);
	const struct elf_file file = { .map = map, .size = size };
	assert_fine(ldso_read(&file, name, x86_64(), &arena, &ldso));
	for (uint32_t i = 0; i < ldso.folder_count; i++)
		snprintf(said + strlen(said), sizeof(said) - strlen(said), "%s ", ldso.folders[i]);
	snprintf(said + strlen(said), sizeof(said) - strlen(said), "%s%s%s", ldso.lib, ldso.is_musl ? " musl" : "",
		 ldso.has_old_hwcaps ? " old" : "");
	assert_string_equal(said, wanted);
	arena_deinit(&arena);
	free(map);
}

#define CHECK(bytes, name, wanted) check_bytes(bytes, sizeof(bytes) - 1, name, wanted)
#define WIDE "/lib64 /usr/lib64 /lib /usr/lib lib64"

static void test_folders(void **state)
{
	(void)state;
	CHECK("xyz\0/lib/x86_64-linux-gnu/\0/usr/lib/x86_64-linux-gnu/\0/lib/\0/usr/lib/\0\0rest", "/lib64/ld.so",
	      "/lib/x86_64-linux-gnu /usr/lib/x86_64-linux-gnu /lib /usr/lib lib/x86_64-linux-gnu");
	CHECK("/lib64/\0/usr/lib64/\0", "ld.so", "/lib64 /usr/lib64 lib64");
	// At the end of the file, and cut by it.
	CHECK("\0/lib64/\0/usr/lib64/", "ld.so", WIDE);
	CHECK("\0/lib64/\0/usr/lib64/\0/x", "ld.so", "/lib64 /usr/lib64 lib64");
}

static void test_what_looks_like_folders(void **state)
{
	(void)state;
	// One alone; no slash at the end; in the midst of a text; no "/lib" in it; what nobody can print.
	CHECK("\0/lib64/\0x\0", "ld.so", WIDE);
	CHECK("\0/lib64\0/usr/lib64\0", "ld.so", WIDE);
	CHECK("x/lib64/\0y/usr/lib64/\0", "ld.so", WIDE);
	CHECK("x/lib/a/\0/usr/lib/a/\0", "ld.so", WIDE);
	CHECK("\0/proc/self/\0/etc/\0", "ld.so", WIDE);
	CHECK("\0/lib\1/\0/usr/lib64/\0", "ld.so", WIDE);
	CHECK("\0/lib /\0/lib /\0", "ld.so", WIDE);
	CHECK("", "ld.so", WIDE);
	CHECK("/", "ld.so", WIDE);
	CHECK("//////////", "ld.so", WIDE);
	// The first table is the one, and has an end.
	CHECK("\0/lib/a/\0\0/lib/b/\0/lib/c/\0\0/lib/d/\0/lib/e/\0", "ld.so", "/lib/b /lib/c lib/b");
	char many[400] = "";
	size_t used = 1;
	for (int i = 0; i < 12; i++)
		used += (size_t)snprintf(many + used, sizeof(many) - used, "/lib/%c/", 'a' + i) + 1;
	check_bytes(many, used, "ld.so", "/lib/a /lib/b /lib/c /lib/d /lib/e /lib/f /lib/g /lib/h lib/a");
	char longest[600];
	memset(longest, 'x', sizeof(longest));
	memcpy(longest, "\0/lib/", 6);
	memcpy(longest + 500, "/\0/lib/b/", 10);
	check_bytes(longest, sizeof(longest), "ld.so", WIDE);
}

static void test_versions(void **state)
{
	(void)state;
#define VERSION(text) "\0GNU C Library (Debian) stable release version " text
	CHECK(VERSION("2.36.\n"), "ld.so", WIDE " old");
	CHECK(VERSION("2.17, by"), "ld.so", WIDE " old");
	CHECK(VERSION("2.37.\n"), "ld.so", WIDE);
	CHECK(VERSION("2.100.\n"), "ld.so", WIDE);
	CHECK(VERSION("3.1.\n"), "ld.so", WIDE);
	CHECK(VERSION("2."), "ld.so", WIDE);
	CHECK(VERSION("2"), "ld.so", WIDE);
	CHECK(VERSION(""), "ld.so", WIDE);
	CHECK(VERSION("99999999999999999999.36"), "ld.so", WIDE);
	CHECK(VERSION("2.3"), "ld.so", WIDE " old");
}

static void test_musl(void **state)
{
	(void)state;
	CHECK("\0/lib64/\0/usr/lib64/\0", "/lib/ld-musl-x86_64.so.1", "/lib /usr/local/lib /usr/lib lib musl");
	CHECK("", "ld-musl-x86_64.so.1", "/lib /usr/local/lib /usr/lib lib musl");
	CHECK("\0/lib64/\0/usr/lib64/\0", "/lib/ld-musl-x86_64.so.1/ld.so", "/lib64 /usr/lib64 lib64");
}

static void test_without_a_file(void **state)
{
	(void)state;
	struct arena arena = { 0 };
	struct ldso ldso;
	assert_fine(ldso_read(NULL, "/lib64/ld-linux-x86-64.so.2", x86_64(), &arena, &ldso));
	assert_int_equal(ldso.folder_count, 4);
	assert_string_equal(ldso.folders[0], "/lib64");
	assert_false(ldso.has_old_hwcaps);
	arena_deinit(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_folders),        cmocka_unit_test(test_what_looks_like_folders),
		cmocka_unit_test(test_versions),       cmocka_unit_test(test_musl),
		cmocka_unit_test(test_without_a_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
