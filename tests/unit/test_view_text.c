// Text for a terminal: harmless, measured in cells, cut where a character ends.

#include "../support/check.h"

#include <locale.h>
#include <stdlib.h>

#include "../../inspector/view/text.h"

// "Ж" is one cell, "漢" two, "e" with an accent behind it one.
static const char mixed[] = "aЖ漢e\xcc\x81z";

static void test_what_is_not_printable_is_escaped(void **state)
{
	(void)state;
	struct text text = { 0 };
	assert_string_equal(text_bytes(&text), "");
	text_put(&text, "a\033[31m\nb\xff\xc3\x28");
	assert_string_equal(text_bytes(&text), "a\\x1b[31m\\x0ab\\xff\\xc3(");
	text_clear(&text);
	// What hides or turns the rest of a line round.
	text_put(&text, "a\xe2\x80\xae"
			"b\xc2\xad"
			"c\xc2\x9b");
	assert_string_equal(text_bytes(&text), "a\\xe2\\x80\\xaeb\\xc2\\xadc\\xc2\\x9b");
	text_clear(&text);
	text_print(&text, "%s\n%d", "x\ty", 7);
	assert_string_equal(text_bytes(&text), "x\\x09y\n7");
	text_deinit(&text);
}

static void test_long_texts(void **state)
{
	(void)state;
	struct text text = { 0 };
	for (int i = 0; i < 1000; i++)
		text_print(&text, "%s", "0123456789");
	assert_int_equal(text.used, 10000);
	assert_int_equal(text_width(text_bytes(&text)), 10000);
	text_deinit(&text);
}

static void test_cells(void **state)
{
	(void)state;
	unsigned cells;
	assert_int_equal(text_width(mixed), 6);
	assert_int_equal(text_fit(mixed, 3, &cells), 3); // half of a wide one is none
	assert_int_equal(cells, 2);
	assert_int_equal(text_fit(mixed, 4, &cells), 6);
	assert_int_equal(text_fit(mixed, 5, &cells), 9); // the mark stays with its letter
	assert_int_equal(cells, 5);
	assert_int_equal(text_fit(mixed, 100, &cells), sizeof(mixed) - 1);
}

static void test_the_end_of_a_text(void **state)
{
	(void)state;
	assert_string_equal(mixed + text_tail(mixed, 1), "z");
	assert_string_equal(mixed + text_tail(mixed, 2), "e\xcc\x81z");
	assert_string_equal(mixed + text_tail(mixed, 3), "e\xcc\x81z"); // a wide one does not fit
	assert_string_equal(mixed + text_tail(mixed, 6), mixed);
	assert_string_equal(mixed + text_tail(mixed, 0), "");
}

static void test_lines_end_between_words(void **state)
{
	(void)state;
	assert_int_equal(text_line("one two three", 7), 7);
	assert_int_equal(text_line("one two three", 8), 7);
	assert_int_equal(text_line("one two three", 6), 3);
	assert_int_equal(text_line("one", 10), 3);
	assert_int_equal(text_line("one\ntwo", 10), 3);
	assert_int_equal(text_line("", 10), 0);
	// A word that no line has room for is cut, and a line is never empty.
	assert_int_equal(text_line("abcdefghij", 4), 4);
	assert_int_equal(text_line("a bcdefghij", 4), 4);
	assert_int_equal(text_line("漢漢", 1), 3);
}

static void test_a_locale_without_unicode(void **state)
{
	(void)state;
	struct text text = { 0 };
	assert_true(text_is_unicode());
	setlocale(LC_CTYPE, "C");
	assert_false(text_is_unicode());
	text_put(&text, "Ж");
	assert_string_equal(text_bytes(&text), "\\xd0\\x96");
	text_deinit(&text);
	setlocale(LC_CTYPE, "C.UTF-8");
}

static void test_words_are_found_whatever_their_case(void **state)
{
	(void)state;
	assert_true(text_has("tokio::CONTEXT", "context"));
	assert_true(text_has("x", ""));
	assert_false(text_has("tokio", "context"));
	assert_int_not_equal(text_hash(0, "a"), text_hash(0, "b"));
	assert_int_not_equal(text_hash(text_hash(0, "a"), "b"), text_hash(text_hash(0, "b"), "a"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_not_printable_is_escaped),
		cmocka_unit_test(test_long_texts),
		cmocka_unit_test(test_cells),
		cmocka_unit_test(test_the_end_of_a_text),
		cmocka_unit_test(test_lines_end_between_words),
		cmocka_unit_test(test_a_locale_without_unicode),
		cmocka_unit_test(test_words_are_found_whatever_their_case),
	};
	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
