// What the copies hold, counted and in words.

#include "../support/check.h"

#include "../support/story.h"
#include "find/holdings.h"

static void test_tally(void **state)
{
	struct story *story = *state;
	story_library(story, "lib");
	story_singleton(story, POLYTON_KIND_TLS, "ssinnnutp *s");
	struct tally tally = holdings_tally(story_copy(story, 0));
	assert_int_equal(tally.set, 2);
	assert_int_equal(tally.initial, 1);
	assert_int_equal(tally.not_allocated, 3);
	assert_int_equal(tally.unknown, 2);
	assert_int_equal(tally.present, 1);
	tally = holdings_tally(story_copy(story, 1));
	assert_int_equal(tally.set, 1); // used or not
	story_copy(story, 1)->cell_count = 0;
	tally = holdings_tally(story_copy(story, 1));
	assert_int_equal(tally.set + tally.initial + tally.not_allocated + tally.unknown + tally.present, 0);
}

// What is said of one singleton with these copies.
static void assert_said(enum polyton_kind kind, const char *copies, const char *wanted)
{
	void *state;
	uint32_t scratch[STORY_OBJECTS];
	story_set_up(&state);
	struct story *story = state;
	story_library(story, "lib");
	const struct polyton_singleton *singleton = story_singleton(story, kind, copies);
	const char *said = holdings_describe(story->snapshot, singleton, scratch);
	assert_non_null(said);
	assert_string_equal(said, wanted);
	story_tear_down(&state);
}

static void test_statics(void **state)
{
	(void)state;
	assert_said(POLYTON_KIND_STATIC, "s i", "b uses its own copy, which is still initial; a's is set.");
	assert_said(POLYTON_KIND_STATIC, "i - i i", "a, c and d use copies of their own, which are still initial.");
	assert_said(POLYTON_KIND_STATIC, "i i i i i",
		    "a, b, c, d and e use copies of their own, which are still initial.");
	assert_said(POLYTON_KIND_STATIC, "i i i i i i",
		    "a, b, c, d and 2 more use copies of their own, which are still initial.");
	assert_said(POLYTON_KIND_STATIC, "s s", "Each of them is set.");
	assert_said(POLYTON_KIND_STATIC, "s s s s s s i",
		    "g uses its own copy, which is still initial; a's is set; b's is set; c's is set; d's is set; "
		    "2 more are set.");
}

static void test_shadowed_copies_are_not_spoken_of(void **state)
{
	(void)state;
	assert_said(POLYTON_KIND_STATIC, "s *s i *i", "c uses its own copy, which is still initial; a's is set.");
	assert_said(POLYTON_KIND_STATIC, "*s *i", "");
}

static void test_threads_are_counted(void **state)
{
	(void)state;
	assert_said(POLYTON_KIND_TLS, "sss inn",
		    "b uses its own copy, which no thread has set; a's is set in 3 of 3 threads.");
	assert_said(POLYTON_KIND_TLS, "s n",
		    "b uses its own copy, which no thread has set; a's is set in 1 of 1 thread.");
	assert_said(POLYTON_KIND_TLS, "nsi nni nnn",
		    "b and c use copies of their own, which no thread has set; a's is set in 1 of 3 threads.");
}

// What could not be read may be set: it is never counted as unset.
static void test_unknown_is_not_unset(void **state)
{
	(void)state;
	assert_said(
		POLYTON_KIND_TLS, "sut nnu",
		"a's is set in 1 of 3 threads (2 could not be read); 1 of the copies could not be compared with an "
		"initial image in every thread.");
	assert_said(POLYTON_KIND_TLS, "iit nnt",
		    "2 of the copies could not be compared with an initial image in every thread.");
	assert_said(
		POLYTON_KIND_TLS, "ppp sss",
		"b's is set in 3 of 3 threads; 1 of the copies could not be compared with an initial image in every "
		"thread.");
	assert_said(
		POLYTON_KIND_STATIC, "p i u",
		"b uses its own copy, which is still initial; 2 of the copies could not be compared with an initial "
		"image.");
}

// Files on disk: nothing was read, nothing is said to be unset.
static void test_without_cells(void **state)
{
	struct story *story = *state;
	uint32_t scratch[2];
	story_library(story, "lib");
	const struct polyton_singleton *singleton = story_singleton(story, POLYTON_KIND_TLS, "s s");
	story_copy(story, 0)->cell_count = story_copy(story, 1)->cell_count = 0;
	const char *said = holdings_describe(story->snapshot, singleton, scratch);
	assert_non_null(said);
	assert_string_equal(said, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, story_set_up, story_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_tally),
		cmocka_unit_test(test_statics),
		cmocka_unit_test(test_shadowed_copies_are_not_spoken_of),
		cmocka_unit_test(test_threads_are_counted),
		cmocka_unit_test(test_unknown_is_not_unset),
		TEST(test_without_cells),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
