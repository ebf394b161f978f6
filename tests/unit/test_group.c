// Whether it was said of two objects that they are one library.

#include "../support/check.h"

#include "../support/story.h"
#include "find/group.h"

static void tell(struct story *story, const uint32_t *objects, size_t count, enum polyton_cause cause)
{
	static const char *const remedy[] = { "Do something.", NULL };
	const struct group group = { .objects = (uint32_t *)objects, .count = count };
	assert_fine(group_report(&story->finder, &group, POLYTON_SEVERITY_ERROR, "They are one.", "",
				 finder_reason(story->snapshot, cause, "that is so", remedy)));
}

static bool is_told(const struct story *story, uint32_t a, uint32_t b)
{
	assert_int_equal(group_is_told(&story->finder, a, b), group_is_told(&story->finder, b, a));
	return group_is_told(&story->finder, a, b);
}

static void test_a_pair_is_told_of_by_a_finding_of_both(void **state)
{
	struct story *story = *state;
	static const uint32_t first[] = { 1, 2 }, second[] = { 3, 4, 5 };
	assert_false(is_told(story, 1, 2));
	tell(story, first, 2, POLYTON_CAUSE_TWO_VERSIONS);
	tell(story, second, 3, POLYTON_CAUSE_STATIC_LINK);
	assert_true(is_told(story, 1, 2));
	assert_true(is_told(story, 3, 5));
	assert_false(is_told(story, 2, 3));
	assert_false(is_told(story, 1, 6));
}

// What another load of the same file is.
static void test_a_file_that_is_there_once_more(void **state)
{
	struct story *story = *state;
	static const uint32_t objects[] = { 1, 2 };
	struct polyton_object *rows = story->snapshot->objects.items;
	rows[1].build_id = rows[6].build_id = rows[7].build_id = "0123";
	rows[7].name_space = 1;
	tell(story, objects, 2, POLYTON_CAUSE_TWO_VERSIONS);
	assert_true(is_told(story, 6, 2));
	assert_false(is_told(story, 7, 2));
	assert_true(is_told(story, 1, 6)); // without any finding
}

// All that a namespace has of its own is in one finding, whatever libraries these are.
static void test_libraries_of_a_namespace_are_not_one(void **state)
{
	struct story *story = *state;
	static const uint32_t objects[] = { 1, 2, 3, 4 };
	tell(story, objects, 4, POLYTON_CAUSE_NAMESPACE);
	assert_false(is_told(story, 3, 4));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, story_set_up, story_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_pair_is_told_of_by_a_finding_of_both),
		TEST(test_a_file_that_is_there_once_more),
		TEST(test_libraries_of_a_namespace_are_not_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
