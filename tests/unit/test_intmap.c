#include "../support/check.h"

#include "base/intmap.h"
#include "base/seen.h"

enum { MANY = 20000 };

static void test_numbers_are_kept_while_it_grows(void **state)
{
	(void)state;
	struct intmap map = { 0 };
	assert_null(intmap_find(&map, 0, 0));
	for (uint32_t i = 0; i < MANY; i++)
		assert_int_equal(*intmap_at(&map, i / 7, (uint64_t)i << 40, i), i);
	assert_int_equal(map.count, MANY);
	for (uint32_t i = 0; i < MANY; i++) {
		assert_int_equal(*intmap_find(&map, i / 7, (uint64_t)i << 40), i);
		// A known one keeps its number, whatever is offered.
		assert_int_equal(*intmap_at(&map, i / 7, (uint64_t)i << 40, UINT32_MAX), i);
	}
	assert_int_equal(map.count, MANY);
	intmap_deinit(&map);
	assert_null(intmap_find(&map, 0, 0));
}

static void test_both_numbers_count(void **state)
{
	(void)state;
	struct intmap map = { 0 };
	*intmap_at(&map, 0, 0, 9) = 1;
	*intmap_at(&map, 0, 1, 9) = 2;
	*intmap_at(&map, 1, 0, 9) = 3;
	assert_int_equal(*intmap_find(&map, 0, 0), 1);
	assert_int_equal(*intmap_find(&map, 0, 1), 2);
	assert_int_equal(*intmap_find(&map, 1, 0), 3);
	assert_null(intmap_find(&map, 1, 1));
	intmap_deinit(&map);
}

static void test_what_came_again_is_known(void **state)
{
	(void)state;
	struct seen seen = { 0 };
	assert_true(seen_init(&seen, MANY));
	for (uint64_t i = 0; i < MANY; i++)
		seen_meet(&seen, i);
	for (uint64_t i = 0; i < MANY; i++)
		assert_false(seen_again(&seen, i));
	seen_meet(&seen, 77);
	assert_true(seen_again(&seen, 77));
	assert_false(seen_again(&seen, 78));
	seen_deinit(&seen);
	assert_true(seen_init(&seen, 0));
	seen_meet(&seen, UINT64_MAX);
	seen_meet(&seen, UINT64_MAX);
	assert_true(seen_again(&seen, UINT64_MAX));
	seen_deinit(&seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_are_kept_while_it_grows),
		cmocka_unit_test(test_both_numbers_count),
		cmocka_unit_test(test_what_came_again_is_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
