// Numbers in foreign bytes; the LEB128s are the examples of DWARF 5, tables 7.7 and 7.8.

#include "../support/check.h"

#include "base/bytes.h"

static void test_leb(void **state)
{
	(void)state;
	static const struct {
		uint8_t bytes[2];
		size_t size;
		bool is_signed;
		int64_t value;
	} samples[] = {
		{ { 0x02 }, 1, false, 2 },           { { 0x7f }, 1, false, 127 },
		{ { 0x80, 0x01 }, 2, false, 128 },   { { 0x81, 0x01 }, 2, false, 129 },
		{ { 0xb9, 0x64 }, 2, false, 12857 }, { { 0x02 }, 1, true, 2 },
		{ { 0x7e }, 1, true, -2 },           { { 0xff, 0x00 }, 2, true, 127 },
		{ { 0x81, 0x7f }, 2, true, -127 },   { { 0x80, 0x01 }, 2, true, 128 },
		{ { 0x80, 0x7f }, 2, true, -128 },   { { 0xff, 0x7e }, 2, true, -129 },
	};
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct bytes bytes = { samples[i].bytes, samples[i].bytes + samples[i].size, false };
		assert_true((int64_t)bytes_take_leb(&bytes, samples[i].is_signed) == samples[i].value);
		assert_ptr_equal(bytes.at, bytes.end);
		bytes = (struct bytes){ samples[i].bytes, samples[i].bytes + samples[i].size - 1, false };
		(void)bytes_take_leb(&bytes, samples[i].is_signed);
		assert_null(bytes.at);
	}
}

static void test_numbers(void **state)
{
	(void)state;
	static const uint8_t wire[] = { 1, 2, 3, 4, 5 };
	struct bytes little = { wire, wire + sizeof(wire), false }, big = { wire, wire + sizeof(wire), true };
	assert_int_equal(bytes_take(&little, 4), 0x04030201);
	assert_int_equal(bytes_take(&big, 4), 0x01020304);
	// Once short, always short: the byte that is left is not handed out any more.
	assert_int_equal(bytes_take(&little, 2), 0);
	assert_null(little.at);
	assert_int_equal(bytes_take(&little, 1), 0);
	assert_int_equal(bytes_take(&big, 1), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_leb), cmocka_unit_test(test_numbers) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
