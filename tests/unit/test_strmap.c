#include "../support/check.h"

#include <stdio.h>

#include "base/strmap.h"

enum { MANY = 20000 };

static void test_numbers_are_kept_while_it_grows(void **state)
{
	(void)state;
	static char keys[MANY][16];
	struct strmap map = { 0 };
	for (uint32_t i = 0; i < MANY; i++) {
		snprintf(keys[i], sizeof(keys[i]), "name%u", i);
		uint32_t *at = strmap_at(&map, keys[i], strlen(keys[i]), i);
		assert_non_null(at);
		assert_int_equal(*at, i);
	}
	assert_int_equal(map.count, MANY);
	for (uint32_t i = 0; i < MANY; i++) {
		char key[16];
		snprintf(key, sizeof(key), "name%u", i);
		uint32_t *at = strmap_find(&map, key, strlen(key));
		assert_non_null(at);
		assert_int_equal(*at, i);
		// A known key keeps its number, whatever is offered.
		assert_int_equal(*strmap_at(&map, key, strlen(key), UINT32_MAX), i);
	}
	assert_int_equal(map.count, MANY);
	strmap_deinit(&map);
}

static void test_keys_are_bytes_of_a_length(void **state)
{
	(void)state;
	struct strmap map = { 0 };
	const char *text = "abcdef";
	assert_null(strmap_find(&map, text, 3));
	*strmap_at(&map, text, 3, 0) = 1;
	*strmap_at(&map, text, 4, 0) = 2;
	*strmap_at(&map, text, 0, 0) = 3;
	*strmap_at(&map, "abc\0d", 5, 0) = 4;
	assert_int_equal(*strmap_find(&map, "abc", 3), 1);
	assert_int_equal(*strmap_find(&map, "abcd", 4), 2);
	assert_int_equal(*strmap_find(&map, "", 0), 3);
	assert_int_equal(*strmap_find(&map, "abc\0d", 5), 4);
	assert_null(strmap_find(&map, "ab", 2));
	assert_null(strmap_find(&map, "abc\0e", 5));
	assert_int_equal(map.count, 4);
	strmap_deinit(&map);
	assert_null(strmap_find(&map, "abc", 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_are_kept_while_it_grows),
		cmocka_unit_test(test_keys_are_bytes_of_a_length),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
