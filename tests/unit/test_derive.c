// Search lists made from what objects need and the order they were loaded in, where the loader's own cannot be read.

#include "../support/check.h"

#include <stdio.h>
#include <stdlib.h>

#include "../support/made_scopes.h"
#include "polyton.h"

#define NEEDS(...) .needed = (const char *const[]){ __VA_ARGS__ }, .needed_count = COUNT(__VA_ARGS__)
#define COUNT(...) (sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))
#define PROGRAM(...)                                                 \
	{                                                            \
		.path = "/bin/app", .soname = "", NEEDS(__VA_ARGS__) \
	}
#define LIBRARY(letter, ...)                                                                      \
	{                                                                                         \
		.path = "/lib/lib" letter ".so", .soname = "lib" letter ".so", NEEDS(__VA_ARGS__) \
	}
#define ALONE(letter)                                                         \
	{                                                                     \
		.path = "/lib/lib" letter ".so", .soname = "lib" letter ".so" \
	}

// Of each object what it looks into: "0123" is the list, a blank stands between two.
static void check(const struct scope_object *objects, uint32_t count, const char *const *wanted)
{
	struct scopes scopes = { 0 };
	assert_fine(scopes_derive(objects, count, &scopes));
	assert_false(scopes.is_read);
	assert_int_equal(scopes.object_count, count);
	for (uint32_t i = 0; i < count; i++) {
		char said[256] = "";
		size_t used = 0;
		const struct scope *scope = &scopes.of_object[i];
		for (uint32_t k = 0; k < scope->count; k++) {
			const struct scope_list *list = &scopes.lists.items[scope->parts[k].list];
			char *digits = made_scopes_digits(list);
			used += (size_t)snprintf(said + used, sizeof(said) - used, "%s%s", k ? " " : "", digits);
			assert_int_equal(scope->parts[k].count, list->count);
			free(digits);
		}
		if (strcmp(said, wanted[i]) != 0)
			print_error("object %u:\n", i);
		assert_string_equal(said, wanted[i]);
		assert_false(scopes_is_deepbind(&scopes, i));
	}
	scopes_deinit(&scopes);
}

#define CHECK(objects, ...) check(objects, count_of(objects), (const char *const[]){ __VA_ARGS__ })

// What the program needs comes before what that needs; the order of loading may be another.
static void test_breadth_first(void **state)
{
	(void)state;
	const struct scope_object objects[] = { PROGRAM("liba.so", "libb.so"), LIBRARY("a", "libc.so"),
						LIBRARY("b", "libd.so", "libc.so"), ALONE("c"), ALONE("d") };
	CHECK(objects, "01234", "01234", "01234", "01234", "01234");
	const struct scope_object other[] = { PROGRAM("liba.so", "libb.so"), LIBRARY("a", "libc.so"), ALONE("c"),
					      ALONE("b") };
	CHECK(other, "0132", "0132", "0132", "0132");
}

static void test_what_a_need_names(void **state)
{
	(void)state;
	const struct scope_object objects[] = {
		PROGRAM("libfile.so", "libsoname.so.1", "/opt/libpath.so", "libmissing.so"),
		{ .path = "/lib/libfile.so", .soname = "" },
		{ .path = "/lib/libsoname.so.1.2.3", .soname = "libsoname.so.1" },
		{ .path = "/opt/libpath.so", .soname = "libother.so" },
		{ .path = "/usr/opt/libpath.so", .soname = "/opt/libpath.so" }, // a path is never a SONAME
	};
	CHECK(objects, "0123", "0123", "0123", "0123", "0123 4");
}

static void test_preloaded(void **state)
{
	(void)state;
	const struct scope_object objects[] = { PROGRAM("liba.so"), ALONE("p"), LIBRARY("q", "libr.so"),
						ALONE("a"),         ALONE("r"), ALONE("x") };
	CHECK(objects, "01234", "01234", "01234", "01234", "01234", "01234 5");
	// With nothing that the program needs there is no telling: all are plug-ins.
	const struct scope_object alone[] = { { .path = "/bin/app", .soname = "" }, ALONE("p") };
	CHECK(alone, "0", "0 1");
}

// 2 and its needs came by dlopen(), then 4, which needs one of them, too.
static void test_plugins(void **state)
{
	(void)state;
	const struct scope_object objects[] = { PROGRAM("libc.so"), ALONE("c"), LIBRARY("x", "libz.so", "libc.so"),
						LIBRARY("z", "libc.so"), LIBRARY("y", "libz.so") };
	CHECK(objects, "01", "01", "01 231", "01 231", "01 431");
	struct scopes scopes = { 0 };
	assert_fine(scopes_derive(objects, count_of(objects), &scopes));
	assert_true(scopes_is_global(&scopes, 1));
	assert_false(scopes_is_global(&scopes, 3));
	assert_false(scopes_reach(&scopes, 2, 4, false, NULL));
	assert_true(scopes_reach(&scopes, 4, 3, true, NULL));
	assert_int_equal(scopes.lists.items[scopes.of_object[4].parts[1].list].owner, 4);
	assert_int_equal(scopes.lists.items[0].owner, 0);
	// What is derived again takes its place.
	assert_fine(scopes_derive(objects, 2, &scopes));
	assert_int_equal(scopes.object_count, 2);
	scopes_deinit(&scopes);
}

static void test_symbolic(void **state)
{
	(void)state;
	const struct scope_object objects[] = {
		PROGRAM("liba.so"),
		{ .path = "/lib/liba.so", .soname = "liba.so", .is_symbolic = true },
		{ .path = "/lib/libx.so", .soname = "libx.so", .is_symbolic = true },
	};
	CHECK(objects, "01", "1 01", "2 01 2");
}

// Each has its own libraries, even of equal names. LD_PRELOAD is the base's alone.
static void test_namespaces(void **state)
{
	(void)state;
	const struct scope_object objects[] = {
		PROGRAM("libc.so"),
		ALONE("c"),
		{ .path = "/lib/libx.so", .soname = "libx.so", .name_space = 1, NEEDS("libc.so") },
		{ .path = "/lib/liby.so", .soname = "liby.so", .name_space = 1 },
		{ .path = "/lib/libc.so", .soname = "libc.so", .name_space = 1 },
		{ .path = "/lib/libc.so", .soname = "libc.so", .name_space = 2 },
	};
	CHECK(objects, "01", "01", "24", "24 3", "24", "5");
	struct scopes scopes = { 0 };
	assert_fine(scopes_derive(objects, count_of(objects), &scopes));
	assert_true(scopes_is_global(&scopes, 4));
	assert_true(scopes_is_global(&scopes, 5));
	assert_false(scopes_is_global(&scopes, 3));
	scopes_deinit(&scopes);
}

static void test_needs_in_a_circle(void **state)
{
	(void)state;
	const struct scope_object objects[] = { PROGRAM("liba.so", "liba.so"), LIBRARY("a", "libb.so", "liba.so"),
						LIBRARY("b", "liba.so", "app"), LIBRARY("x", "liby.so"),
						LIBRARY("y", "libx.so") };
	CHECK(objects, "012", "012", "012", "012 34", "012 34");
}

static void test_nothing(void **state)
{
	(void)state;
	struct scopes scopes = { 0 };
	assert_fine(scopes_derive(NULL, 0, &scopes));
	assert_int_equal(scopes.lists.count, 0);
	scopes_deinit(&scopes);
	const struct scope_object alone[] = { { .path = "/bin/app", .soname = "" } };
	CHECK(alone, "0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_breadth_first),     cmocka_unit_test(test_what_a_need_names),
		cmocka_unit_test(test_preloaded),         cmocka_unit_test(test_plugins),
		cmocka_unit_test(test_symbolic),          cmocka_unit_test(test_namespaces),
		cmocka_unit_test(test_needs_in_a_circle), cmocka_unit_test(test_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
