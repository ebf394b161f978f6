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
	assert_true(made_is_global(&scopes, 1));
	assert_false(made_is_global(&scopes, 3));
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
	assert_true(made_is_global(&scopes, 4));
	assert_true(made_is_global(&scopes, 5));
	assert_false(made_is_global(&scopes, 3));
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

#define OPENED(letter, ...)                                                                                   \
	{                                                                                                     \
		.path = "/lib/lib" letter ".so", .soname = "lib" letter ".so", .is_opened = true, __VA_ARGS__ \
	}

// As check(), but of each list what was there when the object was relocated, and '!' behind RTLD_DEEPBIND.
static void check_opened(const struct scope_object *objects, uint32_t count, const char *const *wanted)
{
	struct scopes scopes = { 0 };
	assert_fine(scopes_derive(objects, count, &scopes));
	for (uint32_t i = 0; i < count; i++) {
		char said[256] = "";
		size_t used = 0;
		const struct scope *scope = &scopes.of_object[i];
		for (uint32_t k = 0; k < scope->count; k++) {
			const struct scope_list *list = &scopes.lists.items[scope->parts[k].list];
			assert_true(scope->parts[k].count <= list->count);
			said[used] = ' ';
			used += k > 0;
			for (uint32_t m = 0; m < scope->parts[k].count; m++)
				said[used++] = (char)('0' + list->objects[m]);
		}
		said[used] = scopes_is_deepbind(&scopes, i) ? '!' : '\0';
		if (strcmp(said, wanted[i]) != 0)
			print_error("object %u:\n", i);
		assert_string_equal(said, wanted[i]);
	}
	scopes_deinit(&scopes);
}

#define CHECK_OPENED(objects, ...) check_opened(objects, count_of(objects), (const char *const[]){ __VA_ARGS__ })

// What is known to be opened has a list of its own, though something before it needs it.
static void test_opened(void **state)
{
	(void)state;
	const struct scope_object objects[] = { PROGRAM("liba.so"), ALONE("a"), OPENED("x", NEEDS("liby.so")),
						OPENED("y", NEEDS("liba.so")), OPENED("z") };
	CHECK_OPENED(objects, "01", "01", "01 231", "01 231", "01 4");
	struct scopes scopes = { 0 };
	assert_fine(scopes_derive(objects, count_of(objects), &scopes));
	assert_int_equal(scopes.lists.count, 4);
	scopes_deinit(&scopes);
}

// What was opened before does not see it, what comes later does, and so does what it brings with it itself.
static void test_opened_for_all(void **state)
{
	(void)state;
	const struct scope_object objects[] = { PROGRAM("liba.so"), ALONE("a"),
						OPENED("x"),        OPENED("g", .is_global = true, NEEDS("libh.so")),
						ALONE("h"),         OPENED("y") };
	CHECK_OPENED(objects, "01", "01", "01 2", "01 34", "01 34", "0134 5");
	// Nothing is there twice.
	const struct scope_object again[] = { PROGRAM("liba.so"),
					      ALONE("a"),
					      OPENED("g", .is_global = true, NEEDS("liba.so", "libh.so")),
					      ALONE("h"),
					      OPENED("i", .is_global = true, NEEDS("libh.so")),
					      OPENED("y") };
	CHECK_OPENED(again, "01", "01", "01 213", "01 213", "0123 43", "01234 5");
}

// It and what it brings look into its list first; what was there before does not.
static void test_opened_deepbind(void **state)
{
	(void)state;
	const struct scope_object objects[] = { PROGRAM("liba.so"),
						ALONE("a"),
						OPENED("d", .is_deepbind = true, NEEDS("libe.so", "liba.so")),
						ALONE("e"),
						OPENED("f", .is_deepbind = true, .is_global = true),
						OPENED("x", NEEDS("libe.so")) };
	CHECK_OPENED(objects, "01", "01", "231 01!", "231 01!", "4 01!", "014 53");
}

// The needs that were found count, whatever the names say.
static void test_needs_that_are_known(void **state)
{
	(void)state;
	const struct scope_object objects[] = {
		{ .path = "/bin/app",
		  .soname = "",
		  NEEDS("liba.so", "libb.so", "libgone.so"),
		  .needs = (const uint32_t[]){ 2, 1, POLYTON_NONE } },
		ALONE("a"),
		ALONE("b"),
		ALONE("gone"),
	};
	CHECK(objects, "021", "021", "021", "021 3");
}

// Without a program there is nothing that all look into.
static void test_no_program(void **state)
{
	(void)state;
	const struct scope_object objects[] = { OPENED("x", NEEDS("liba.so")), ALONE("a"),
						OPENED("y", NEEDS("liba.so"), .is_symbolic = true) };
	CHECK_OPENED(objects, " 01", " 01", "2  21");
	const struct scope_object global[] = { OPENED("x", .is_global = true), OPENED("y") };
	CHECK_OPENED(global, " 0", "0 1");
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

// 1 is what 2 filters, and so stands before it in the loader's list; it is not preloaded.
static void test_filters(void **state)
{
	(void)state;
	static const enum elf_need kinds[] = { ELF_NEED_FILTEE, ELF_NEED_LIBRARY };
	struct scope_object objects[] = {
		PROGRAM("libf.so", "liba.so"),
		LIBRARY("g", "libx.so"),
		LIBRARY("f", "libg.so", "liby.so"),
		ALONE("a"),
		ALONE("y"),
		ALONE("x"),
	};
	objects[2].need_kinds = kinds;
	CHECK(objects, "012345", "012345", "012345", "012345", "012345", "012345");
	// With one that is preloaded before it.
	struct scope_object preloaded[] = {
		PROGRAM("libf.so"), LIBRARY("p", "libx.so"), ALONE("g"), LIBRARY("f", "libg.so"), ALONE("x"),
	};
	preloaded[3].need_kinds = kinds;
	CHECK(preloaded, "01234", "01234", "01234", "01234", "01234");
	// musl has none: what is filtered is there for another reason, or not at all.
	for (size_t i = 0; i < count_of(objects); i++)
		objects[i].knows_no_filters = true;
	objects[3] = (struct scope_object)LIBRARY("a", "libg.so");
	objects[3].knows_no_filters = true;
	const struct scope_object musl[] = { objects[0], objects[2], objects[3], objects[4], objects[1], objects[5] };
	CHECK(musl, "012345", "012345", "012345", "012345", "012345", "012345");
}

// 3 came by dlopen(), and 2 with it; 4 comes with 5 and 6, in a circle.
static void test_plugins_that_filter(void **state)
{
	(void)state;
	static const enum elf_need kinds[] = { ELF_NEED_AUXILIARY, ELF_NEED_LIBRARY };
	struct scope_object objects[] = {
		PROGRAM("libc.so"),
		ALONE("c"),
		ALONE("g"),
		LIBRARY("f", "libg.so", "libc.so"),
		LIBRARY("k", "libm.so"),
		LIBRARY("l", "libk.so"),
		LIBRARY("m", "libl.so"),
	};
	for (size_t i = 3; i < count_of(objects); i++)
		objects[i].need_kinds = kinds;
	CHECK(objects, "01", "01", "01 231", "01 231", "01 456", "01 456", "01 456");
	struct scopes scopes = { 0 };
	assert_fine(scopes_derive(objects, count_of(objects), &scopes));
	assert_int_equal(scopes.lists.items[scopes.of_object[2].parts[1].list].owner, 3);
	scopes_deinit(&scopes);
	// The same of files, where it is known who was opened; and without a program.
	objects[3].is_opened = objects[6].is_opened = true;
	CHECK(objects, "01", "01", "01 231", "01 231", "01 456", "01 456", "01 456");
	struct scope_object alone[] = { objects[2], objects[3] };
	CHECK(alone, " 01", " 01");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_breadth_first),
		cmocka_unit_test(test_what_a_need_names),
		cmocka_unit_test(test_preloaded),
		cmocka_unit_test(test_plugins),
		cmocka_unit_test(test_symbolic),
		cmocka_unit_test(test_namespaces),
		cmocka_unit_test(test_needs_in_a_circle),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_opened),
		cmocka_unit_test(test_opened_for_all),
		cmocka_unit_test(test_opened_deepbind),
		cmocka_unit_test(test_needs_that_are_known),
		cmocka_unit_test(test_no_program),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_plugins_that_filter),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
