#include "../support/check.h"

#include "find/placemap.h"

static void test_place_is_object_kind_and_address(void **state)
{
	(void)state;
	struct placemap places = { 0 };
	assert_null(placemap_find(&places, 0, POLYTON_KIND_STATIC, 0));
	assert_int_equal(*placemap_at(&places, 1, POLYTON_KIND_TLS, 0x10, 7), 7);
	assert_int_equal(*placemap_at(&places, 1, POLYTON_KIND_TLS, 0x10, 8), 7);
	*placemap_at(&places, 1, POLYTON_KIND_TLS, 0x10, 0) = 9;
	assert_int_equal(*placemap_find(&places, 1, POLYTON_KIND_TLS, 0x10), 9);
	assert_null(placemap_find(&places, 0, POLYTON_KIND_TLS, 0x10));
	assert_null(placemap_find(&places, 1, POLYTON_KIND_STATIC, 0x10));
	assert_null(placemap_find(&places, 1, POLYTON_KIND_TLS, 0x11));
	placemap_deinit(&places);
	assert_null(placemap_find(&places, 1, POLYTON_KIND_TLS, 0x10));
}

static void test_many_places(void **state)
{
	(void)state;
	struct placemap places = { 0 };
	for (uint32_t i = 0; i < 30000; i++)
		assert_non_null(placemap_at(&places, i % 7, (enum polyton_kind)(i % 2), (uint64_t)i << 33, i));
	for (uint32_t i = 0; i < 30000; i++) {
		const uint32_t *at = placemap_find(&places, i % 7, (enum polyton_kind)(i % 2), (uint64_t)i << 33);
		assert_non_null(at);
		assert_int_equal(*at, i);
	}
	placemap_deinit(&places);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_place_is_object_kind_and_address),
		cmocka_unit_test(test_many_places),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
