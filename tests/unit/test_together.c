// Which objects were seen side by side: each pair is new once, whatever else is there.

#include "../support/check.h"

#include <stdio.h>

#include "../../inspector/together.h"

#define MEET(together, ...)                                           \
	together_meet(together, (const char *const[]){ __VA_ARGS__ }, \
		      (uint32_t)(sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *)))

static void test_a_pair_is_new_once(void **state)
{
	(void)state;
	struct together together = { 0 };
	assert_false(together_meet(&together, NULL, 0));
	assert_false(MEET(&together, "a")); // nobody is there beside it
	assert_false(MEET(&together, "b"));
	assert_false(MEET(&together, "a", "a")); // one path loaded twice is one
	assert_true(MEET(&together, "a", "b"));
	assert_false(MEET(&together, "b", "a"));
	assert_true(MEET(&together, "b", "c", "a"));
	assert_false(MEET(&together, "c", "a"));
	assert_false(MEET(&together, "c", "b"));
	assert_true(MEET(&together, "d", "c"));
	assert_true(MEET(&together, "d", "c", "a"));
	assert_false(MEET(&together, "d", "c", "a"));
	together_deinit(&together);
	assert_true(MEET(&together, "a", "b"));
	together_deinit(&together);
}

static void test_there_is_an_end(void **state)
{
	(void)state;
	struct together together = { 0 };
	char names[TOGETHER_MAX + 10][8];
	const char *paths[TOGETHER_MAX + 10];
	for (size_t i = 0; i < count_of(paths); i++) {
		snprintf(names[i], sizeof(names[i]), "%zu", i);
		paths[i] = names[i];
	}
	assert_true(together_meet(&together, paths, TOGETHER_MAX - 1));
	assert_true(together_meet(&together, paths, TOGETHER_MAX)); // the last that is told apart
	assert_false(together_meet(&together, paths, TOGETHER_MAX));
	assert_false(together_meet(&together, paths, (uint32_t)count_of(paths)));
	assert_int_equal(together.count, TOGETHER_MAX);
	together_deinit(&together);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_pair_is_new_once),
		cmocka_unit_test(test_there_is_an_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
