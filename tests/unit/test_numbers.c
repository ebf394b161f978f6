// Numbers as a set: in order, each once.

#include "../support/check.h"

#include "base/numbers.h"

static void test_each_is_kept_once_and_in_order(void **state)
{
	(void)state;
	uint32_t numbers[] = { 7, 0, UINT32_MAX, 7, 3, 0, 7 }, wanted[] = { 0, 3, 7, UINT32_MAX };
	assert_int_equal(numbers_settle(numbers, count_of(numbers)), count_of(wanted));
	assert_memory_equal(numbers, wanted, sizeof(wanted));
	assert_int_equal(numbers_settle(numbers, count_of(wanted)), count_of(wanted));
	assert_memory_equal(numbers, wanted, sizeof(wanted));
	assert_int_equal(numbers_settle(NULL, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_each_is_kept_once_and_in_order) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
