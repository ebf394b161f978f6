#include "../support/check.h"

#include "base/vec.h"

struct row {
	uint32_t number;
	char fill[40];
};

static void test_elements_are_zeroed_and_kept(void **state)
{
	(void)state;
	vec_of(struct row) rows = { 0 };
	for (uint32_t i = 0; i < 1000; i++) {
		struct row *row = vec_push(&rows);
		assert_non_null(row);
		assert_int_equal(row->number, 0);
		for (size_t k = 0; k < sizeof(row->fill); k++)
			assert_int_equal(row->fill[k], 0);
		memset(row, 0xff, sizeof(*row));
		row->number = i;
	}
	assert_int_equal(rows.count, 1000);
	for (uint32_t i = 0; i < 1000; i++)
		assert_int_equal(rows.items[i].number, i);

	// A place that was used before is zeroed again.
	rows.count = 3;
	assert_int_equal(vec_push(&rows)->fill[0], 0);
	vec_deinit(&rows);
	assert_null(rows.items);
	assert_int_equal(rows.count + rows.capacity, 0);
	assert_non_null(vec_push(&rows));
	vec_deinit(&rows);
}

static void test_sizes_that_overflow_are_refused(void **state)
{
	(void)state;
	void *items = NULL;
	size_t capacity = SIZE_MAX / 2;
	assert_false(vec_grow(&items, SIZE_MAX / 2, &capacity, 16));
	assert_null(items);
	capacity = SIZE_MAX - 1;
	assert_false(vec_grow(&items, SIZE_MAX - 1, &capacity, 1));
	assert_null(items);
}

static void test_unused_room_is_given_back(void **state)
{
	(void)state;
	vec_of(uint32_t) numbers = { 0 };
	vec_trim(&numbers); // nothing
	assert_int_equal(numbers.capacity, 0);
	for (uint32_t i = 0; i < 100; i++) {
		uint32_t *place = vec_push(&numbers);
		assert_non_null(place);
		*place = i;
	}
	vec_trim(&numbers);
	assert_int_equal(numbers.capacity, 100);
	assert_non_null(vec_push(&numbers)); // and it grows again
	assert_int_equal(numbers.count, 101);
	for (uint32_t i = 0; i < 100; i++)
		assert_int_equal(numbers.items[i], i);
	vec_deinit(&numbers);
}

static void test_what_is_expected_has_room(void **state)
{
	(void)state;
	vec_of(uint64_t) numbers = { 0 };
	assert_true(vec_expect(&numbers, 0));
	assert_int_equal(numbers.capacity, 0);
	assert_true(vec_expect(&numbers, 1000));
	const uint64_t *first = vec_push(&numbers);
	assert_non_null(first);
	assert_int_equal(*first, 0);
	for (int i = 1; i < 1000; i++)
		assert_non_null(vec_push(&numbers));
	assert_ptr_equal(numbers.items, first);
	assert_int_equal(numbers.capacity, 1000);
	assert_true(vec_expect(&numbers, 5)); // it is not empty
	assert_int_equal(numbers.capacity, 1000);
	vec_deinit(&numbers);
	assert_false(vec_expect(&numbers, SIZE_MAX / 4));
	assert_int_equal(numbers.capacity, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_elements_are_zeroed_and_kept),
		cmocka_unit_test(test_sizes_that_overflow_are_refused),
		cmocka_unit_test(test_unused_room_is_given_back),
		cmocka_unit_test(test_what_is_expected_has_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
