// Sorting by a number is what qsort() with the place as the second key makes of it.

#include "../support/check.h"

#include "base/radix.h"

enum { MANY = 5000 };

static int compare(const void *left, const void *right)
{
	const struct radix_item *a = left, *b = right;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return ((const char *)a->item > (const char *)b->item) - ((const char *)a->item < (const char *)b->item);
}

// Equal keys are many with the small masks; the highest digit is one, too.
static void test_as_qsort(void **state)
{
	(void)state;
	static const uint64_t masks[] = { 0, 7, 0xff00, UINT64_C(0xff00000000000000), UINT64_MAX };
	static const size_t counts[] = { 0, 1, 2, 31, 32, 33, 1000, MANY };
	static char places[MANY];
	struct radix_item *items = calloc(MANY, sizeof(*items)), *wanted = calloc(MANY, sizeof(*wanted));
	uint64_t random = 88172645463325252;
	for (size_t m = 0; m < count_of(masks); m++) {
		for (size_t c = 0; c < count_of(counts); c++) {
			for (size_t i = 0; i < counts[c]; i++) {
				random ^= random << 13;
				random ^= random >> 7;
				random ^= random << 17;
				items[i] = (struct radix_item){ random & masks[m], places + i };
			}
			memcpy(wanted, items, counts[c] * sizeof(*items));
			qsort(wanted, counts[c], sizeof(*wanted), compare);
			assert_true(radix_sort(items, counts[c]));
			for (size_t i = 0; i < counts[c]; i++) {
				assert_int_equal(items[i].key, wanted[i].key);
				assert_ptr_equal(items[i].item, wanted[i].item);
			}
		}
	}
	free(items);
	free(wanted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_qsort),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
