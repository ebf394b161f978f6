// A value on one line of any width, and as rows.

#include "../support/check.h"

#include "../support/made_types.h"

static struct made_types made;
static uint32_t outer;
static const int32_t bytes[6] = { 1, 2, 3, 4, 5, 6 };

static int begin(void **state)
{
	(void)state;
	made_types_init(&made, POLYTON_LANGUAGE_C);
	uint32_t i32 = made_base(&made, "int", TYPE_ENCODING_SIGNED, 4);
	uint32_t deepest = made_type(&made, TYPE_STRUCT, "deepest", 8);
	made_member(&made, deepest, "x", 0, i32);
	made_member(&made, deepest, "y", 4, i32);
	uint32_t inner = made_type(&made, TYPE_STRUCT, "inner", 16);
	made_member(&made, inner, "first", 0, deepest);
	made_member(&made, inner, "second", 8, deepest);
	outer = made_type(&made, TYPE_STRUCT, "outer", 24);
	made_member(&made, outer, "in", 0, inner);
	made_member(&made, outer, "rest", 16, deepest);
	return 0;
}

static int end(void **state)
{
	(void)state;
	made_types_deinit(&made);
	return 0;
}

static const char *within(size_t cells)
{
	return made_line_within(&made, outer, bytes, sizeof(bytes), NULL, cells);
}

static void deepest_is_left_out_first(void **state)
{
	(void)state;
	static const char whole[] = "{in = {first = {x = 1, y = 2}, second = {x = 3, y = 4}}, rest = {x = 5, y = 6}}";
	assert_string_equal(within(200), whole);
	assert_string_equal(within(strlen(whole)), whole);
	assert_string_equal(within(strlen(whole) - 1),
			    "{in = {first = {...}, second = {...}}, rest = {x = 5, y = 6}}");
	assert_string_equal(within(40), "{in = {first = {...}, second = {...}}...");
	assert_string_equal(within(4), "{...");
	assert_string_equal(within(2), "..");
	assert_string_equal(within(0), "");
}

static void every_width_is_kept(void **state)
{
	(void)state;
	for (size_t cells = 0; cells < 100; cells++)
		assert_true(strlen(within(cells)) <= cells);
}

static void wide_characters_are_not_broken(void **state)
{
	(void)state;
	uint32_t c = made_base(&made, "char", TYPE_ENCODING_CHARACTER, 1);
	const char text[] = "\u4e2d\u4e2d\u4e2d\u00e9\u00e9\u00e9";
	uint32_t array = made_array(&made, c, sizeof(text));
	assert_string_equal(made_line_within(&made, array, text, sizeof(text), NULL, 11),
			    "\"\u4e2d\u4e2d\u4e2d\u00e9\u00e9\u00e9\"");
	assert_string_equal(made_line_within(&made, array, text, sizeof(text), NULL, 8), "\"\u4e2d\u4e2d...");
	assert_string_equal(made_line_within(&made, array, text, sizeof(text), NULL, 7), "\"\u4e2d...");
}

static void check_row(const struct value_row *row, uint32_t depth, const char *label, const char *text,
		      const char *type)
{
	assert_int_equal(row->depth, depth);
	assert_string_equal(row->label, label);
	assert_string_equal(row->text, text);
	assert_string_equal(row->type, type);
}

static void rows(void **state)
{
	(void)state;
	const struct value_row *row;
	size_t count;
	within(200);
	assert_fine(value_rows(&made.value, 30, &made.arena, &row, &count));
	assert_int_equal(count, 5);
	check_row(&row[0], 0, "", "", "struct outer");
	check_row(&row[1], 1, "in", "", "struct inner");
	assert_true(row[1].has_parts);
	check_row(&row[2], 2, "first", "{x = 1, y = 2}", "struct deepest");
	check_row(&row[3], 2, "second", "{x = 3, y = 4}", "struct deepest");
	check_row(&row[4], 1, "rest", "{x = 5, y = 6}", "struct deepest");
	assert_false(row[4].has_parts);

	assert_fine(value_rows(&made.value, 200, &made.arena, &row, &count));
	assert_int_equal(count, 3);
}

static void states(void **state)
{
	(void)state;
	const struct value_row *row;
	size_t count;
	within(200);
	made.value.state = VALUE_ALIVE;
	assert_string_equal(value_line(&made.value, 30, &made.arena), "alive, in = {first = {...},...");
	assert_fine(value_rows(&made.value, 80, &made.arena, &row, &count));
	assert_string_equal(row[0].text, "alive");
	made.value = (struct value){ .state = VALUE_DESTROYED };
	assert_string_equal(value_line(&made.value, 30, &made.arena), "destroyed");
	assert_fine(value_rows(&made.value, 80, &made.arena, &row, &count));
	assert_int_equal(count, 1);
	assert_string_equal(row[0].text, "destroyed");
}

static void limits_cut(void **state)
{
	(void)state;
	struct value_limits limits = value_line_limits;
	limits.depth = 1;
	assert_string_equal(made_line_within(&made, outer, bytes, sizeof(bytes), &limits, 200),
			    "{in = {...}, rest = {...}}");
	limits = value_line_limits;
	limits.nodes = 3;
	assert_string_equal(made_line_within(&made, outer, bytes, sizeof(bytes), &limits, 200),
			    "{in = {first = {x = 1, ...}, ...}, ...}");
	limits.elements = 2;
	uint32_t array = made_array(&made, 0, 6);
	assert_string_equal(made_line_within(&made, array, bytes, sizeof(bytes), &limits, 200), "[1, 2, ...]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(deepest_is_left_out_first, begin, end),
		cmocka_unit_test_setup_teardown(every_width_is_kept, begin, end),
		cmocka_unit_test_setup_teardown(wide_characters_are_not_broken, begin, end),
		cmocka_unit_test_setup_teardown(rows, begin, end),
		cmocka_unit_test_setup_teardown(states, begin, end),
		cmocka_unit_test_setup_teardown(limits_cut, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
