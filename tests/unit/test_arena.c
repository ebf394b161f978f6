#include "../support/check.h"

#include <stdlib.h>

#include "base/arena.h"

static void test_memory_is_zeroed_aligned_and_kept(void **state)
{
	(void)state;
	struct arena arena = { 0 };
	uint8_t *blocks[2000];
	for (size_t i = 0; i < count_of(blocks); i++) {
		size_t size = i % 97 + 1;
		// An odd string between them must not shift what comes after it.
		assert_non_null(arena_strndup(&arena, "xyz", i % 4));
		blocks[i] = arena_alloc(&arena, size, 1);
		assert_non_null(blocks[i]);
		assert_int_equal((uintptr_t)blocks[i] % _Alignof(max_align_t), 0);
		for (size_t k = 0; k < size; k++)
			assert_int_equal(blocks[i][k], 0);
		memset(blocks[i], (int)(i & 0xff), size);
	}
	for (size_t i = 0; i < count_of(blocks); i++) {
		for (size_t k = 0; k < i % 97 + 1; k++)
			assert_int_equal(blocks[i][k], i & 0xff);
	}
	arena_deinit(&arena);
	assert_null(arena.newest);
}

static void test_large_request_keeps_the_rest_usable(void **state)
{
	(void)state;
	struct arena arena = { 0 };
	char *small = arena_alloc(&arena, 1, 16);
	char *large = arena_alloc(&arena, 3, 5 * 1024 * 1024);
	char *next = arena_alloc(&arena, 1, 16);
	assert_non_null(small);
	assert_non_null(large);
	assert_non_null(next);
	large[15 * 1024 * 1024 - 1] = 1;
	// What was begun before it is not thrown away for it.
	assert_ptr_equal(next, small + 16);
	arena_deinit(&arena);
}

static void test_sizes_that_overflow_are_refused(void **state)
{
	(void)state;
	struct arena arena = { 0 };
	assert_null(arena_alloc(&arena, SIZE_MAX / 2, 3));
	assert_null(arena_alloc(&arena, 1, SIZE_MAX));
	assert_null(arena_strndup(&arena, "", SIZE_MAX));
	// It still works afterwards.
	assert_non_null(arena_alloc(&arena, 0, 0));
	arena_deinit(&arena);
}

static void test_strings(void **state)
{
	(void)state;
	struct arena arena = { 0 };
	assert_string_equal(arena_strndup(&arena, "tokio::runtime", 5), "tokio");
	assert_string_equal(arena_strndup(&arena, "", 0), "");
	assert_string_equal(arena_strdup(&arena, "context"), "context");
	assert_string_equal(arena_printf(&arena, "%s#%d", "x", 2), "x#2");
	char long_text[40000];
	memset(long_text, 'a', sizeof(long_text));
	long_text[sizeof(long_text) - 1] = '\0';
	assert_string_equal(arena_printf(&arena, "%s", long_text), long_text);
	arena_deinit(&arena);
	arena_deinit(&arena);
}

// It is tried in the rest of a block first, and what comes there next must not see that.
static void test_text_that_does_not_fit_leaves_zeros(void **state)
{
	(void)state;
	enum { LENGTH = 300 * 1024, LEFT = 1000 };
	struct arena arena = { 0 };
	char *long_text = malloc(LENGTH + 1);
	assert_non_null(long_text);
	memset(long_text, 'x', LENGTH);
	long_text[LENGTH] = '\0';
	assert_non_null(arena_strdup(&arena, "first"));
	const char *text = arena_printf(&arena, "%s", long_text);
	assert_string_equal(text, long_text);
	const char *rest = arena_alloc(&arena, LEFT, 1);
	assert_non_null(rest);
	for (int i = 0; i < LEFT; i++)
		assert_int_equal(rest[i], 0);
	assert_string_equal(text, long_text);
	free(long_text);
	arena_deinit(&arena);
}

// Whichever of the two is empty, what both had stays, and the first goes on.
static void test_joined_arenas_live_together(void **state)
{
	(void)state;
	for (int round = 0; round < 4; round++) {
		struct arena arena = { 0 }, other = { 0 };
		const char *own = round & 1 ? arena_strdup(&arena, "own") : "own";
		const char *taken = round & 2 ? arena_strdup(&other, "taken") : "taken";
		const char *large = round & 2 ? arena_alloc(&other, 1 << 20, 1) : "";
		arena_join(&arena, &other);
		assert_null(other.newest);
		assert_non_null(arena_strdup(&other, "again"));
		assert_non_null(arena_strdup(&arena, "more"));
		assert_string_equal(own, "own");
		assert_string_equal(taken, "taken");
		assert_string_equal(large, "");
		arena_deinit(&other);
		arena_deinit(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory_is_zeroed_aligned_and_kept),
		cmocka_unit_test(test_large_request_keeps_the_rest_usable),
		cmocka_unit_test(test_sizes_that_overflow_are_refused),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_text_that_does_not_fit_leaves_zeros),
		cmocka_unit_test(test_joined_arenas_live_together),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
