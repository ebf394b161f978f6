// Values of C, and what every language shares: numbers, text, enumerations, pointers, arrays, bit-fields.

#include "../support/check.h"

#include <elf.h>
#include <math.h>

#include "../support/made_types.h"

static struct made_types made;

static int begin(void **state)
{
	(void)state;
	made_types_init(&made, POLYTON_LANGUAGE_C);
	return 0;
}

static int end(void **state)
{
	(void)state;
	made_types_deinit(&made);
	return 0;
}

#define assert_reads(type, value, text) assert_string_equal(made_line(&made, type, &(value), sizeof(value)), text)

static void numbers(void **state)
{
	(void)state;
	uint32_t i32 = made_base(&made, "int", TYPE_ENCODING_SIGNED, 4);
	uint32_t u64 = made_base(&made, "unsigned long", TYPE_ENCODING_UNSIGNED, 8);
	uint32_t i128 = made_base(&made, "__int128", TYPE_ENCODING_SIGNED, 16);
	uint32_t boolean = made_base(&made, "_Bool", TYPE_ENCODING_BOOLEAN, 1);

	assert_reads(i32, (int32_t){ -42 }, "-42");
	assert_reads(i32, (int32_t){ INT32_MIN }, "-2147483648");
	assert_reads(u64, (uint64_t){ UINT64_MAX }, "18446744073709551615");
	assert_reads(i128, (__int128){ (__int128)1 << 126 }, "85070591730234615865843651857942052864");
	unsigned __int128 least = (unsigned __int128)1 << 127;
	assert_reads(i128, least, "-170141183460469231731687303715884105728");
	assert_reads(boolean, (uint8_t){ 1 }, "true");
	assert_reads(boolean, (uint8_t){ 0 }, "false");
	assert_reads(boolean, (uint8_t){ 7 }, "7");
	assert_string_equal(made_line(&made, u64, "abc", 3), "<not captured>");
	made.is_big_endian = true;
	assert_string_equal(made_line(&made, i32, "\xff\xff\xff\xfe", 4), "-2");
}

static void floats(void **state)
{
	(void)state;
	uint32_t f = made_base(&made, "float", TYPE_ENCODING_FLOAT, 4),
		 d = made_base(&made, "double", TYPE_ENCODING_FLOAT, 8),
		 half = made_base(&made, "_Float16", TYPE_ENCODING_FLOAT, 2),
		 quad = made_base(&made, "_Float128", TYPE_ENCODING_FLOAT, 16),
		 x87 = made_base(&made, "long double", TYPE_ENCODING_FLOAT, 16),
		 complex = made_base(&made, "complex double", TYPE_ENCODING_COMPLEX, 16);

	assert_reads(f, (float){ 0.1f }, "0.1");
	assert_reads(d, (double){ 0.1 }, "0.1");
	assert_reads(d, (double){ 1e300 }, "1e+300");
	assert_reads(d, (double){ -0.0 }, "-0");
	assert_reads(d, (double){ 5e-324 }, "5e-324");
	assert_reads(d, (double){ -INFINITY }, "-inf");
	assert_reads(d, (double){ NAN }, "nan");
	assert_reads(d, (double){ 3.141592653589793 }, "3.141592653589793");
	assert_reads(half, (uint16_t){ 0x3c00 }, "1");
	assert_reads(half, (uint16_t){ 0xc100 }, "-2.5");
	uint8_t wide[16] = { [13] = 0x40, [14] = 0x00, [15] = 0x40 }; // 2^1 * 1.25
	assert_reads(quad, wide, "2.5");
	uint8_t extended[16] = { [7] = 0xa0, [8] = 0x00, [9] = 0x40 };
	assert_reads(x87, extended, "2.5");
	const double parts[2] = { 1.5, -2 };
	assert_reads(complex, parts, "1.5 + -2i");
}

static void characters_and_strings(void **state)
{
	(void)state;
	uint32_t c = made_base(&made, "char", TYPE_ENCODING_CHARACTER, 1),
		 uc = made_base(&made, "unsigned char", TYPE_ENCODING_CHARACTER, 1),
		 u8 = made_target(&made, TYPE_TYPEDEF, "uint8_t", uc),
		 c16 = made_base(&made, "char16_t", TYPE_ENCODING_UTF, 2),
		 i32 = made_base(&made, "int", TYPE_ENCODING_SIGNED, 4),
		 wide = made_target(&made, TYPE_TYPEDEF, "wchar_t", i32);

	assert_reads(c, (char){ 'x' }, "120 'x'");
	assert_reads(c, (char){ '\n' }, "10");
	assert_reads(uc, (uint8_t){ 200 }, "200");
	assert_reads(u8, (uint8_t){ 'A' }, "65");
	assert_reads(c16, (uint16_t){ 0xe9 }, "'\u00e9'");
	assert_reads(wide, (int32_t){ 'w' }, "'w'");

	char text[] = "a\"b\\\n\x01\x7f\xff h\xc3\xa9 \xc2\x85\0\0";
	assert_reads(made_array(&made, c, sizeof(text)), text, "\"a\\\"b\\\\\\n\\x01\\x7f\\xff h\u00e9 \\u{85}\"");
	assert_reads(made_array(&made, c, 4), "a\0b", "\"a\\0b\"");
	assert_reads(made_array(&made, c, 4), "\0\0\0", "\"\"");
	assert_string_equal(made_line(&made, made_array(&made, c, 99), "abc", 3), "\"abc\"...");
	assert_reads(made_array(&made, uc, 4), "abc", "\"abc\"");
	assert_reads(made_array(&made, u8, 4), "abc", "[97, 98, 99, 0]");
	const uint8_t raw[4] = { 1, 200, 0, 0 };
	assert_reads(made_array(&made, uc, 4), raw, "[1, 200, 0, 0]");
	const uint16_t pair[4] = { 0xd83d, 0xde00, 0xd800, 0 };
	assert_reads(made_array(&made, c16, 4), pair, "\"\U0001f600\\u{d800}\"");
	const int32_t letters[3] = { 'w', 0xe9, 0 };
	assert_reads(made_array(&made, wide, 3), letters, "\"w\u00e9\"");
}

static void enumerations(void **state)
{
	(void)state;
	uint32_t i32 = made_base(&made, "int", TYPE_ENCODING_SIGNED, 4);
	uint32_t plain = made_type(&made, TYPE_ENUM, "color", 4);
	made.types[plain].target = i32;
	made_enumerator(&made, plain, "RED", 1);
	made_enumerator(&made, plain, "GREEN", 2);
	made_enumerator(&made, plain, "BLUE", 3);
	made_enumerator(&made, plain, "NONE", -1);
	uint32_t flags = made_type(&made, TYPE_ENUM, "flags", 4);
	made_enumerator(&made, flags, "A", 1);
	made_enumerator(&made, flags, "B", 2);
	made_enumerator(&made, flags, "C", 0x30);

	assert_reads(plain, (int32_t){ 3 }, "BLUE");
	assert_reads(plain, (int32_t){ -1 }, "NONE");
	assert_reads(plain, (int32_t){ 7 }, "7"); // not RED|GREEN|4
	assert_reads(plain, (int32_t){ -7 }, "-7");
	assert_reads(flags, (int32_t){ 2 }, "B");
	assert_reads(flags, (int32_t){ 0x31 }, "A|C");
	assert_reads(flags, (int32_t){ 0x43 }, "A|B|0x40");
	assert_reads(flags, (int32_t){ 0 }, "0");
}

static void pointers(void **state)
{
	(void)state;
	uint32_t i32 = made_base(&made, "int", TYPE_ENCODING_SIGNED, 4),
		 c = made_base(&made, "char", TYPE_ENCODING_CHARACTER, 1),
		 function = made_type(&made, TYPE_FUNCTION, "", 0);
	uint32_t to_int = made_target(&made, TYPE_POINTER, "", i32),
		 to_void = made_target(&made, TYPE_POINTER, "", POLYTON_NONE),
		 to_char = made_target(&made, TYPE_POINTER, "", c),
		 to_code = made_target(&made, TYPE_POINTER, "", function);
	static const int32_t pointee = 5;
	made_memory(&made, 0x1000, &pointee, sizeof(pointee), "host!number");
	made_memory(&made, 0x2000, "hello", 6, "host!text");

	assert_reads(to_int, (uint64_t){ 0 }, "null");
	assert_reads(to_int, (uint64_t){ 0x1000 }, "host!number");
	assert_reads(to_void, (uint64_t){ 0x1234 }, "0x1234");
	assert_reads(to_code, (uint64_t){ 0x2003 }, "host!text");
	struct value_limits limits = value_line_limits;
	limits.pointers = 1;
	assert_string_equal(made_line_within(&made, to_int, &(uint64_t){ 0x1000 }, 8, &limits, 99), "host!number 5");
	// The text ends with its memory, which is less than what is asked for at once.
	assert_reads(to_char, (uint64_t){ 0x1234 }, "0x1234");
	static const char padded[128] = "hello";
	made_memory(&made, 0x3000, padded, sizeof(padded), NULL);
	assert_reads(to_char, (uint64_t){ 0x3000 }, "\"hello\"");
	static const char endless[64] = "0123456789012345678901234567890123456789012345678901234567890123";
	made_memory(&made, 0x4000, endless, sizeof(endless), NULL);
	assert_reads(to_char, (uint64_t){ 0x4000 },
		     "\"0123456789012345678901234567890123456789012345678901234567890123\"...");
}

static void arrays_and_structures(void **state)
{
	(void)state;
	uint32_t i32 = made_base(&made, "int", TYPE_ENCODING_SIGNED, 4);
	const int32_t numbers_in_it[40] = { 1, 2, 2 };
	assert_reads(made_array(&made, i32, 40), numbers_in_it, "[1, 2, 2, 0 <repeats 37>]");
	assert_string_equal(made_line(&made, made_array(&made, i32, 4), numbers_in_it, 8), "[1, 2, ...]");
	assert_string_equal(made_line(&made, made_array(&made, i32, UINT64_MAX), numbers_in_it, 12), "[1, 2, 2]");
	assert_reads(made_array(&made, made_array(&made, i32, 2), 2), ((const int32_t[4]){ 1, 2, 3, 4 }),
		     "[[1, 2], [3, 4]]");

	uint32_t inner = made_type(&made, TYPE_STRUCT, "", 8);
	made_member(&made, inner, "b", 0, i32);
	made_member(&made, inner, "c", 4, i32);
	uint32_t outer = made_type(&made, TYPE_STRUCT, "outer", 12);
	made_member(&made, outer, "a", 0, i32);
	made_member(&made, outer, "", 4, inner);
	assert_reads(outer, ((const int32_t[3]){ 1, 2, 3 }), "{a = 1, {b = 2, c = 3}}");
	uint32_t one = made_wrapper(&made, "one", "x", i32); // C's own are not looked through
	assert_reads(one, (int32_t){ 5 }, "{x = 5}");
}

static void bit_fields(void **state)
{
	(void)state;
	uint32_t i32 = made_base(&made, "int", TYPE_ENCODING_SIGNED, 4),
		 u32 = made_base(&made, "unsigned", TYPE_ENCODING_UNSIGNED, 4);
	uint32_t bits = made_type(&made, TYPE_STRUCT, "bits", 4);
	struct type_member *member = made_member(&made, bits, "a", 0, u32);
	member->bit_size = 3;
	member = made_member(&made, bits, "b", 0, i32);
	member->bit_size = 7;
	member->bit_offset = 3;
	const union {
		struct {
			unsigned a : 3;
			int b : 7;
		} fields;
		uint32_t word;
	} real = { .fields = { 5, -3 } };
	assert_reads(bits, real.word, "{a = 5, b = -3}");
	made.is_big_endian = true; // from the highest bit: 101 1111101
	assert_string_equal(made_line(&made, bits, "\xbf\x40\0\0", 4), "{a = 5, b = -3}");
	made.members[made.graph.member_count - 1].bit_offset = 30; // behind its end
	assert_string_equal(made_line(&made, bits, "\xbf\x40\0\0", 4), "{a = 5, b = <not captured>}");
}

static void guards(void **state)
{
	(void)state;
	const struct arch *arch = arch_find(EM_X86_64, ELFCLASS64, ELFDATA2LSB);
	const uint8_t set[8] = { 1 }, pending[8] = { 0, 1 };
	assert_int_equal(value_state_of_guard(arch, set, 8), VALUE_ALIVE);
	assert_int_equal(value_state_of_guard(arch, pending, 8), VALUE_UNINITIALISED);
	assert_int_equal(value_state_of_guard(arch, set, 0), VALUE_PLAIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(numbers, begin, end),
		cmocka_unit_test_setup_teardown(floats, begin, end),
		cmocka_unit_test_setup_teardown(characters_and_strings, begin, end),
		cmocka_unit_test_setup_teardown(enumerations, begin, end),
		cmocka_unit_test_setup_teardown(pointers, begin, end),
		cmocka_unit_test_setup_teardown(arrays_and_structures, begin, end),
		cmocka_unit_test_setup_teardown(bit_fields, begin, end),
		cmocka_unit_test_setup_teardown(guards, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
