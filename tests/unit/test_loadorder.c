// The loader's list: filtees are moved, and everything that leads to an object goes with it.

#include "../support/check.h"

#include <stdio.h>
#include <string.h>

#include "loadorder.h"

enum { COUNT = 5 };

struct made {
	struct closure closure;
	struct loadorder order;
	struct scanned_file file;
	uint32_t needs[COUNT][2];
};

// Each object was brought by the one before it, and needs that and the next one.
static void make(struct made *made, bool has_program, const uint32_t *name_spaces)
{
	*made = (struct made){ .closure = { .has_program = has_program },
			       .file = { .dynamic = { .needed_count = 2 } } };
	for (uint32_t i = 0; i < COUNT; i++) {
		struct closure_object *object = vec_push(&made->closure.objects);
		assert_non_null(object);
		made->needs[i][0] = i ? i - 1 : POLYTON_NONE;
		made->needs[i][1] = i + 1 < COUNT ? i + 1 : POLYTON_NONE;
		*object = (struct closure_object){ .file = &made->file,
						   .name_space = name_spaces ? name_spaces[i] : 0,
						   .loader = i ? i - 1 : POLYTON_NONE,
						   .party = i,
						   .needs = made->needs[i] };
		assert_fine(loadorder_add(&made->order));
	}
	struct closure_missing *missing = vec_push(&made->closure.missing);
	assert_non_null(missing);
	*missing = (struct closure_missing){ "x", 3, 1 };
}

static uint32_t party_of(const struct made *made, uint32_t index)
{
	return index == POLYTON_NONE ? POLYTON_NONE : made->closure.objects.items[index].party;
}

// Objects are known by their party; @p wanted is their order.
static void check(struct made *made, const char *wanted)
{
	char said[COUNT + 1] = "";
	assert_fine(loadorder_apply(&made->order, &made->closure));
	assert_int_equal(made->closure.objects.count, COUNT);
	for (uint32_t i = 0; i < COUNT; i++) {
		const struct closure_object *object = &made->closure.objects.items[i];
		uint32_t before = object->party ? object->party - 1 : POLYTON_NONE;
		said[i] = (char)('0' + object->party);
		assert_int_equal(party_of(made, object->loader), before);
		assert_int_equal(party_of(made, object->needs[0]), before);
		assert_int_equal(party_of(made, object->needs[1]),
				 object->party + 1 < COUNT ? object->party + 1 : POLYTON_NONE);
	}
	assert_int_equal(party_of(made, made->closure.missing.items[0].first), 3);
	assert_string_equal(said, wanted);
	loadorder_deinit(&made->order);
	loadorder_deinit(&made->order);
	closure_deinit(&made->closure);
}

static void test_order(void **state)
{
	(void)state;
	static const struct {
		const char *moves, *wanted; // "42": 4 right before 2
	} rows[] = {
		{ "", "01234" },   { "42", "01423" }, { "42 41", "04123" }, { "43", "01243" },
		{ "13", "02134" }, { "23", "01234" }, { "33", "01234" },    { "42 24", "01243" },
		{ "40", "01234" }, { "04", "01234" }, { "34 43", "01243" }, { "41 31 21", "04321" },
	};
	for (size_t i = 0; i < count_of(rows); i++) {
		struct made made;
		make(&made, true, NULL);
		for (const char *at = rows[i].moves; *at; at += at[2] ? 3 : 2)
			loadorder_put_before(&made.order, &made.closure, (uint32_t)(at[0] - '0'),
					     (uint32_t)(at[1] - '0'));
		check(&made, rows[i].wanted);
	}
}

static void test_without_a_program(void **state)
{
	(void)state;
	struct made made;
	make(&made, false, NULL);
	loadorder_put_before(&made.order, &made.closure, 4, 0);
	loadorder_put_before(&made.order, &made.closure, 0, 2);
	check(&made, "41023");
}

// Its first object stays the first one, and none changes its namespace.
static void test_namespaces(void **state)
{
	(void)state;
	static const uint32_t name_spaces[] = { 1, 1, 2, 2, 2 };
	struct made made;
	make(&made, false, name_spaces);
	loadorder_put_before(&made.order, &made.closure, 1, 0);
	loadorder_put_before(&made.order, &made.closure, 3, 2);
	loadorder_put_before(&made.order, &made.closure, 4, 1);
	loadorder_put_before(&made.order, &made.closure, 4, 3);
	check(&made, "01243");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_without_a_program),
		cmocka_unit_test(test_namespaces),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
