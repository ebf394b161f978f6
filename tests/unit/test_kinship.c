// Two objects that have a function in common come from the same sources in part; names alone, start files and inline
// functions do not show that.

#include "../support/check.h"

#include "../support/find_object.h"
#include "find/kinship.h"

enum { CODE = 0x1000 };

#define FUNCTION(name, size) FIND_SYMBOL(name, STB_GLOBAL, STT_FUNC, CODE, size)
#define INTERNAL(name, size) FIND_SYMBOL(name, STB_LOCAL, STT_FUNC, CODE, size)
#define INLINE(name, size) FIND_SYMBOL(name, STB_WEAK, STT_FUNC, CODE, size)

static enum kinship_answer compare(const struct elf_symbol_spec *left, const struct elf_symbol_spec *right)
{
	struct object_input objects[2];
	find_object_init(&objects[0], left, NULL);
	find_object_init(&objects[1], right, NULL);
	struct kinship kinship = { .objects = objects, .count = 2 };
	assert_fine(kinship_ask(&kinship, 0, 1));
	assert_fine(kinship_ask(&kinship, 1, 0)); // the same question
	assert_int_equal(kinship.questions.count, 1);
	assert_fine(kinship_settle(&kinship));
	enum kinship_answer answer = kinship_answer(&kinship, 0, 1);
	assert_int_equal(kinship_answer(&kinship, 1, 0), answer);
	kinship_deinit(&kinship);
	kinship = (struct kinship){ .objects = objects, .count = 2 };
	assert_int_equal(kinship_answer(&kinship, 0, 1), KINSHIP_UNKNOWN); // nobody asked
	assert_fine(kinship_ask(&kinship, 1, 0));
	assert_fine(kinship_settle(&kinship));
	assert_int_equal(kinship_answer(&kinship, 0, 1), answer);
	kinship_deinit(&kinship);
	find_object_deinit(&objects[0]);
	find_object_deinit(&objects[1]);
	return answer;
}

// Between objects that have a source file in common.
#define ROWS(...) FIND_ROWS(FIND_FILE("thing.c"), __VA_ARGS__)

static bool shares(const struct elf_symbol_spec *left, const struct elf_symbol_spec *right)
{
	return compare(left, right) == KINSHIP_CODE;
}

static void test_the_same_function(void **state)
{
	(void)state;
	assert_true(shares(ROWS(FUNCTION("other", 80), FUNCTION("thing_read", 64)),
			   ROWS(FUNCTION("thing_read", 64), FUNCTION("more", 96))));
	// An export list makes it local, and names no source file for it.
	assert_true(shares(ROWS(FUNCTION("thing_read", 64)), ROWS(FIND_FILE(""), INTERNAL("thing_read", 64))));
	assert_true(shares(ROWS(FUNCTION("thing_read@@V1", 64)), ROWS(FUNCTION("thing_read", 64))));
	// lld does so with hidden ones, and leaves them where they were.
	assert_true(shares(ROWS(FUNCTION("thing_read", 64)),
			   ROWS({ "thing_read", CODE, 64, ELF64_ST_INFO(STB_LOCAL, STT_FUNC), STV_HIDDEN, 1 })));
	assert_false(shares(ROWS(FUNCTION("thing_read", 64)), ROWS(INTERNAL("thing_read", 64))));
}

static void test_the_name_alone(void **state)
{
	(void)state;
	assert_false(shares(ROWS(FUNCTION("thing_read", 64)), ROWS(FUNCTION("thing_read", 80))));
	assert_false(shares(ROWS(FUNCTION("tiny", 8)), ROWS(FUNCTION("tiny", 8))));
	assert_false(shares(ROWS(FUNCTION("a", 64)), ROWS(FUNCTION("b", 64))));
	assert_false(shares(ROWS(FIND_GLOBAL("thing", ELF_AT_DATA, 64)),
			    ROWS(FIND_GLOBAL("thing", ELF_AT_DATA, 64)))); // no function
	assert_false(shares(ROWS({ "wanted", 0, 64, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), 0, SHN_UNDEF }),
			    ROWS(FUNCTION("wanted", 64))));
}

// Where both name their source files and have none in common, a function of one name and size is an accident.
static void test_source_files_in_common(void **state)
{
	(void)state;
	assert_true(shares(FIND_ROWS(FIND_FILE("a.c"), FIND_FILE("thing.c"), FUNCTION("thing_read", 64)),
			   FIND_ROWS(FIND_FILE("b.c"), FIND_FILE("thing.c"), FUNCTION("thing_read", 64))));
	assert_int_equal(compare(FIND_ROWS(FIND_FILE("crtstuff.c"), FIND_FILE("a.c"), FUNCTION("complain", 64)),
				 FIND_ROWS(FIND_FILE("crtstuff.c"), FIND_FILE("b.c"), FUNCTION("complain", 64))),
			 KINSHIP_STRANGERS);
	// Nothing is known of the one, or of what link-time optimisation made: then one function is not enough.
	const struct elf_symbol_spec *one = FIND_ROWS(FIND_FILE("a.c"), FUNCTION("complain", 64));
	const struct elf_symbol_spec *two =
		FIND_ROWS(FIND_FILE("a.c"), FUNCTION("complain", 64), FUNCTION("thing_read", 64));
	static const char *const files[] = { "crtstuff.c", "b.so.ltrans0.ltrans.o", "<artificial>" };
	for (size_t i = 0; i < count_of(files); i++) {
		const struct elf_symbol_spec *unknown =
			FIND_ROWS(FIND_FILE(files[i]), FUNCTION("complain", 64), FUNCTION("thing_read", 64));
		assert_int_equal(compare(one, unknown), KINSHIP_UNKNOWN);
		assert_int_equal(compare(two, unknown), KINSHIP_CODE);
	}
}

// The same file, compiled in two ways: for a library and for a program.
static void test_one_file_compiled_in_two_ways(void **state)
{
	(void)state;
	assert_false(shares(ROWS(FUNCTION("thing_read", 64)), ROWS(FUNCTION("thing_read", 80))));
	assert_true(shares(ROWS(FUNCTION("thing_read", 64), FUNCTION("thing_write", 96)),
			   ROWS(FUNCTION("thing_read", 80), FUNCTION("thing_write", 100))));
	assert_false(shares(FIND_ROWS(FUNCTION("thing_read", 64), FUNCTION("thing_write", 96)),
			    FIND_ROWS(FUNCTION("thing_read", 80), FUNCTION("thing_write", 100))));
}

static void test_internal_functions_need_the_same_file(void **state)
{
	(void)state;
	assert_true(shares(FIND_ROWS(FIND_FILE("thing.c"), INTERNAL("clean", 64)),
			   FIND_ROWS(FIND_FILE("thing.c"), INTERNAL("clean", 64))));
	assert_false(shares(FIND_ROWS(FIND_FILE("thing.c"), INTERNAL("clean", 64)),
			    FIND_ROWS(FIND_FILE("other.c"), INTERNAL("clean", 64))));
}

static void test_what_every_object_has(void **state)
{
	(void)state;
	static const char *const names[] = {
		"_init",        "frame_dummy",    "__do_global_dtors_aux",  "_GLOBAL__sub_I_main.cpp",
		"__Pyx_Import", "SWIG_TypeQuery", "_ZNSt6vectorIiE4pushEv", "__udivti3",
		"JNI_OnLoad"
	};
	for (size_t i = 0; i < count_of(names); i++)
		assert_false(shares(ROWS(FUNCTION(names[i], 64)), ROWS(FUNCTION(names[i], 64))));
	assert_false(shares(ROWS(INLINE("_ZN4acme3logEv", 64)), ROWS(INLINE("_ZN4acme3logEv", 64))));
	// The same, made local by an export list.
	assert_false(shares(ROWS(FIND_FILE(""), INTERNAL("_ZN4acme3logEv", 64)),
			    ROWS(FIND_FILE(""), INTERNAL("_ZN4acme3logEv", 64))));
	assert_true(shares(ROWS(FUNCTION("_ZN4acme3logEv", 64)), ROWS(FUNCTION("_ZN4acme3logEv", 64))));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_same_function),
		cmocka_unit_test(test_the_name_alone),
		cmocka_unit_test(test_source_files_in_common),
		cmocka_unit_test(test_one_file_compiled_in_two_ways),
		cmocka_unit_test(test_internal_functions_need_the_same_file),
		cmocka_unit_test(test_what_every_object_has),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
