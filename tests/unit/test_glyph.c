// Text as a terminal would get it, and its width, without asking a locale.

#include "../support/check.h"

#include <stdio.h>

#include "report/glyph.h"

static void assert_shown(const char *text, const char *expected, size_t cells)
{
	char shown[256] = "";
	size_t used = 0;
	struct glyph glyph;
	for (const char *at = text; glyph_next(&at, &glyph);) {
		assert_true(used + glyph.size < sizeof(shown));
		memcpy(shown + used, glyph.bytes, glyph.size);
		used += glyph.size;
	}
	assert_string_equal(shown, expected);
	assert_int_equal(glyph_width(text), cells);
}

static void test_plain_text(void **state)
{
	(void)state;
	assert_shown("", "", 0);
	assert_shown("tokio::CONTEXT ~", "tokio::CONTEXT ~", 16);
	assert_shown("gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f", 4);
}

static void test_wide_and_combining(void **state)
{
	(void)state;
	assert_shown("\xe6\x97\xa5\xe6\x9c\xac", "\xe6\x97\xa5\xe6\x9c\xac", 4); // CJK
	assert_shown("\xf0\x9f\xa6\x80", "\xf0\x9f\xa6\x80", 2);                 // a crab
	assert_shown("e\xcc\x81", "e\xcc\x81", 1);                               // e and an acute accent
	assert_shown("\xef\xbc\xa1", "\xef\xbc\xa1", 2);                         // full-width A
	assert_shown("\xef\xbd\xb1", "\xef\xbd\xb1", 1);                         // half-width a
	assert_shown("\xe1\x84\x80\xe1\x85\xa1", "\xe1\x84\x80\xe1\x85\xa1", 2); // Hangul from its letters
	assert_shown("\xf0\xb0\x80\x80", "\xf0\xb0\x80\x80", 2);                 // in plane 3
}

static void test_what_is_not_shown_as_it_is(void **state)
{
	(void)state;
	assert_shown("\033[2J\r\n\t\x7f", "\\x1b[2J\\x0d\\x0a\\x09\\x7f", 23);
	assert_shown("a\\x1b", "a\\\\x1b", 6); // a name that spells an escape is none
	assert_shown("\xc2\x9b", "\\u{9b}", 6);
	assert_shown("\xe2\x80\xae", "\\u{202e}", 8);
	assert_shown("\xe2\x80\x8b\xef\xbb\xbf", "\\u{200b}\\u{feff}", 16);
	assert_shown("\xf3\xa0\x81\x81", "\\u{e0041}", 9);
	assert_shown("\xe2\x80\xa8", "\\u{2028}", 8);
}

static void test_what_is_no_text(void **state)
{
	(void)state;
	assert_shown("\xff\xfe", "\\xff\\xfe", 8);
	assert_shown("a\xc3", "a\\xc3", 5); // ends too early
	assert_shown("\xe6\x97", "\\xe6\\x97", 8);
	assert_shown("\xf0\x9f\xa6!", "\\xf0\\x9f\\xa6!", 13);
	assert_shown("\x80", "\\x80", 4);          // begins in the middle
	assert_shown("\xc0\xaf", "\\xc0\\xaf", 8); // longer than need be
	assert_shown("\xe0\x80\xaf", "\\xe0\\x80\\xaf", 12);
	assert_shown("\xed\xa0\x80", "\\xed\\xa0\\x80", 12);                   // half of a surrogate pair
	assert_shown("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", 16);          // past the last character
	assert_shown("\xf8\x88\x80\x80\x80", "\\xf8\\x88\\x80\\x80\\x80", 20); // five bytes
}

// Whatever the bytes, the front moves, ends at the NUL, and what comes out is fit for a terminal.
static void test_all_pairs_of_bytes(void **state)
{
	(void)state;
	for (unsigned pair = 1; pair < 0x10000; pair++) {
		const char text[] = { (char)(pair >> 8), (char)(pair & 0xff), 0 };
		const char *at = text;
		struct glyph glyph;
		uint32_t character;
		for (size_t i = 0; glyph_next(&at, &glyph); i++) {
			assert_true(i < 2 && at <= text + 2);
			assert_true(glyph.size > 0 && glyph.size <= GLYPH_MAX);
			char bytes[GLYPH_MAX + 1] = "";
			memcpy(bytes, glyph.bytes, glyph.size);
			for (const char *byte = bytes; *byte; byte += glyph_decode(byte, &character)) {
				assert_true(glyph_decode(byte, &character) > 0);
				assert_true(character >= 0x20 && character != 0x7f && character / 0x20 != 4);
			}
		}
		assert_int_equal(*at, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_text),
		cmocka_unit_test(test_wide_and_combining),
		cmocka_unit_test(test_what_is_not_shown_as_it_is),
		cmocka_unit_test(test_what_is_no_text),
		cmocka_unit_test(test_all_pairs_of_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
