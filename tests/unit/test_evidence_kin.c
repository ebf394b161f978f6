// What makes a bare name more than a name: code or many names in common, the source file, the loader's own word.

#include "../support/check.h"

#include "../support/weighed.h"

enum { D = ELF_AT_DATA };

#define STATICS(base) FIND_FILE("x.c"), FIND_LOCAL("state", base, 8), FIND_LOCAL("buffer", base + 8, 64)

// Three names of one kind stand in many programs that have no line of code in common; four do not.
static void test_company_needs_code_or_numbers(void **state)
{
	(void)state;
#define THREE STATICS(D), FIND_LOCAL("third", D + 80, 4)
	struct weighed *story = WEIGHED(FIND_ROWS(THREE), FIND_ROWS(THREE));
	assert_string_equal(weighed_spell(story, "state"), "a+0 b+0 possible");
	weighed_end(story);
	story = WEIGHED(FIND_ROWS(THREE, FIND_LOCAL("fourth", D + 88, 4)),
			FIND_ROWS(THREE, FIND_LOCAL("fourth", D + 88, 4)));
	assert_string_equal(weighed_spell(story, "state"), "a+0 b+0 likely");
	weighed_end(story);
	// Code of one name and another size is other code.
	story = WEIGHED(FIND_ROWS(CODE, THREE),
			FIND_ROWS(FIND_SYMBOL("run_all", STB_GLOBAL, STT_FUNC, 0x1000, 65), THREE));
	assert_string_equal(weighed_spell(story, "state"), "a+0 b+0 possible");
	weighed_end(story);
}

// One name of one size stands in many programs that have nothing to do with each other, however odd the size. Between
// objects that have code in common it says something.
static void test_a_size_proves_nothing_without_code(void **state)
{
	(void)state;
	struct weighed *story = WEIGHED(FIND_ROWS(FIND_GLOBAL("registry", D, 9), FIND_TLS("slot", 0, 9)),
					FIND_ROWS(FIND_GLOBAL("registry", D, 9), FIND_TLS("slot", 0, 9)));
	assert_string_equal(weighed_spell(story, "registry"), "a+0 b+0 possible");
	assert_string_equal(weighed_spell(story, "slot"), "a+0 b+0 possible");
	weighed_end(story);
	story = WEIGHED(FIND_ROWS(CODE, FIND_GLOBAL("registry", D, 9)),
			FIND_ROWS(CODE, FIND_GLOBAL("registry", D, 9)));
	assert_string_equal(weighed_spell(story, "registry"), "a+0 b+0 likely");
	weighed_end(story);
	story = WEIGHED(FIND_ROWS(CODE, FIND_GLOBAL("registry", D, 24)),
			FIND_ROWS(CODE, FIND_GLOBAL("registry", D, 32)));
	assert_string_equal(weighed_spell(story, "registry"), "a+0 b+0 possible");
	weighed_end(story);
}

// Of what link-time optimisation put into one unit the source file is not known, so nothing says that it is one.
static void test_statics_of_unknown_source(void **state)
{
	(void)state;
	struct weighed *story =
		WEIGHED(FIND_ROWS(CODE, FIND_FILE(""), FIND_LOCAL("methods", D, 64), FIND_FILE("crtstuff.c"),
				  FIND_FILE(""), FIND_GLOBAL("shared", D + 64, 64)),
			FIND_ROWS(CODE, FIND_FILE(""), FIND_LOCAL("methods", D, 64), FIND_FILE("crtstuff.c"),
				  FIND_FILE(""), FIND_GLOBAL("shared", D + 64, 64)));
	assert_string_equal(weighed_spell(story, "methods"), "a+0 b+0 possible");
	assert_string_equal(weighed_spell(story, "shared"), "a+64 b+64 likely"); // by its code, not by that company
	weighed_end(story);
}

// Object @p object's references to its only variable went to that of object 0.
static void lose(struct weighed *story, struct link_object *linked, references *found, uint32_t object)
{
	struct reference *reference = vec_push(found);
	assert_non_null(reference);
	*reference = (struct reference){ .object = object,
					 .symbol = 1,
					 .kind = POLYTON_REFERENCE_DATA,
					 .has_variable = true,
					 .bound_to = { 0, &linked[0].lookup->symbols.entries[1] } };
	assert_true(object < story->count);
}

// What the loader made one variable is one, whatever else the objects share; what it did not touch is not.
static void test_what_the_loader_merged(void **state)
{
	(void)state;
	struct weighed *story = weighed_create((const struct elf_symbol_spec *const[]){
		FIND_ROWS(FIND_GLOBAL("v", D, 8)), FIND_ROWS(FIND_GLOBAL("v", D + 8, 8)),
		FIND_ROWS(FIND_GLOBAL("v", D + 16, 8)), FIND_ROWS(FIND_GLOBAL("v", D + 24, 8)), NULL });
	struct elf_lookup lookups[WEIGHED_MAX] = { 0 };
	struct link_object linked[WEIGHED_MAX] = { 0 };
	references found = { 0 };
	for (uint32_t i = 0; i < story->count; i++) {
		lookups[i].symbols = story->objects[i].symbols;
		linked[i].lookup = &lookups[i];
	}
	struct resolver resolver = { .objects = linked, .count = story->count };
	const struct linkage linkage = { &resolver, &found, NULL };
	lose(story, linked, &found, 1);
	lose(story, linked, &found, 3);
	weighed_weigh(story, &linkage);
	assert_string_equal(weighed_spell(story, "v"), "a+0 b+8 d+24 certain");
	vec_deinit(&found);
	weighed_end(story);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_company_needs_code_or_numbers),
		cmocka_unit_test(test_a_size_proves_nothing_without_code),
		cmocka_unit_test(test_statics_of_unknown_source),
		cmocka_unit_test(test_what_the_loader_merged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
