// The instructions that are recognised, as an assembler writes them.

#include "../support/check.h"

#include <stdlib.h>

#include "arch/instruction.h"

enum { AT = 0x1000 };

static void check(const char *bytes, size_t size, struct instruction wanted)
{
	struct instruction got = instruction_read((const uint8_t *)bytes, size, AT);
	assert_int_equal(got.kind, wanted.kind);
	assert_int_equal(got.size, wanted.size);
	assert_int_equal(got.from, wanted.from);
	assert_int_equal(got.to, wanted.to);
	assert_int_equal(got.address, wanted.address);
	bool takes = wanted.kind == INSTRUCTION_ADDRESS || wanted.kind == INSTRUCTION_LOAD;
	assert_true(!takes || instruction_may_take((uint8_t)bytes[0]));
}

#define CHECK(bytes, ...) check(bytes, sizeof(bytes) - 1, (struct instruction){ __VA_ARGS__ })

static void test_addresses(void **state)
{
	(void)state;
	CHECK("\x48\x8d\x3d\x10\x00\x00\x00", INSTRUCTION_ADDRESS, 0, INSTRUCTION_RDI, AT + 7 + 0x10, 7);
	CHECK("\x48\x8d\x1d\xf0\xff\xff\xff", INSTRUCTION_ADDRESS, 0, INSTRUCTION_RBX, AT + 7 - 0x10, 7);
	CHECK("\x4c\x8d\x25\x10\x00\x00\x00", INSTRUCTION_ADDRESS, 0, INSTRUCTION_R12, AT + 7 + 0x10, 7);
	CHECK("\x48\x8b\x35\x10\x00\x00\x00", INSTRUCTION_LOAD, 0, INSTRUCTION_RSI, AT + 7 + 0x10, 7);
	CHECK("\x4c\x8b\x25\x10\x00\x00\x00", INSTRUCTION_LOAD, 0, INSTRUCTION_R12, AT + 7 + 0x10, 7);
	CHECK("\x48\xc7\xc7\x78\x56\x34\x12", INSTRUCTION_ADDRESS, 0, INSTRUCTION_RDI, 0x12345678, 7);
	CHECK("\x49\xc7\xc4\x78\x56\x34\x12", INSTRUCTION_ADDRESS, 0, INSTRUCTION_R12, 0x12345678, 7);
	CHECK("\xbf\x78\x56\x34\x12", INSTRUCTION_ADDRESS, 0, INSTRUCTION_RDI, 0x12345678, 5);
	CHECK("\x41\xbc\x78\x56\x34\x12", INSTRUCTION_ADDRESS, 0, INSTRUCTION_R12, 0x12345678, 6);
}

static void test_moves(void **state)
{
	(void)state;
	CHECK("\x48\x89\xdf", INSTRUCTION_MOVE, INSTRUCTION_RBX, INSTRUCTION_RDI, 0, 3);
	CHECK("\x48\x8b\xfb", INSTRUCTION_MOVE, INSTRUCTION_RBX, INSTRUCTION_RDI, 0, 3);
	CHECK("\x4c\x89\xe7", INSTRUCTION_MOVE, INSTRUCTION_R12, INSTRUCTION_RDI, 0, 3);
	CHECK("\x49\x89\xfc", INSTRUCTION_MOVE, INSTRUCTION_RDI, INSTRUCTION_R12, 0, 3);
	CHECK("\x48\x8b\x3f", INSTRUCTION_CLOBBER, 0, INSTRUCTION_RDI, 0, 3);     // mov (%rdi),%rdi
	CHECK("\x48\x8d\x7b\x08", INSTRUCTION_CLOBBER, 0, INSTRUCTION_RDI, 0, 3); // lea 8(%rbx),%rdi
	CHECK("\x48\x89\x3b", INSTRUCTION_OTHER, 0, 0, 0, 1);                     // mov %rdi,(%rbx)
}

static void test_calls(void **state)
{
	(void)state;
	CHECK("\xe8\x00\x01\x00\x00", INSTRUCTION_CALL, 0, 0, AT + 5 + 0x100, 5);
	CHECK("\xe9\x00\xff\xff\xff", INSTRUCTION_JUMP, 0, 0, AT + 5 - 0x100, 5);
	CHECK("\xff\x15\x00\x01\x00\x00", INSTRUCTION_CALL_SLOT, 0, 0, AT + 6 + 0x100, 6);
	CHECK("\xff\x25\x00\x01\x00\x00", INSTRUCTION_JUMP_SLOT, 0, 0, AT + 6 + 0x100, 6);
}

// One byte at the end is as good as many.
static void test_what_does_not_fit(void **state)
{
	(void)state;
	static const char *const whole[] = { "\x48\x8d\x3d\x10\x01\x01\x01", "\x48\xc7\xc7\x78\x56\x34\x12",
					     "\xe8\x01\x01\x01\x01",         "\xff\x15\x01\x01\x01\x01",
					     "\xbf\x78\x56\x34\x12",         "\x41\xbc\x78\x56\x34\x12" };
	for (size_t i = 0; i < count_of(whole); i++) {
		size_t length = strlen(whole[i]);
		char *bytes = malloc(length);
		assert_non_null(bytes);
		for (size_t size = 1; size < length; size++) {
			memcpy(bytes + length - size, whole[i], size); // ends where the allocation does
			struct instruction got = instruction_read((uint8_t *)bytes + length - size, size, AT);
			assert_true(got.kind == INSTRUCTION_OTHER || got.kind == INSTRUCTION_CLOBBER);
			assert_true(got.size <= size);
		}
		free(bytes);
	}
	CHECK("\x90", INSTRUCTION_OTHER, 0, 0, 0, 1);
	assert_false(instruction_may_take(0x90));
	assert_false(instruction_may_take(0xe8));
}

// What stands at a loader's place for breakpoints, and what does not.
static void test_pass(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		enum instruction_pass pass;
		size_t length;
	} rows[] = {
		{ "\xc3", 1, INSTRUCTION_PASS_RETURN, 1 },
		{ "\xf3\xc3", 2, INSTRUCTION_PASS_RETURN, 2 },
		{ "\xf3\x0f\x1e\xfa\xc3", 5, INSTRUCTION_PASS_SKIP, 4 },
		{ "\x90\xc3", 2, INSTRUCTION_PASS_SKIP, 1 },
		{ "\x55", 1, INSTRUCTION_PASS_NOT, 0 },
		{ "\xf3", 1, INSTRUCTION_PASS_NOT, 0 },
		{ "\xf3\x0f\x1e", 3, INSTRUCTION_PASS_NOT, 0 },
		{ "\xf3\x0f\x1e\xfb", 4, INSTRUCTION_PASS_NOT, 0 },
		{ "", 0, INSTRUCTION_PASS_NOT, 0 },
	};
	(void)state;
	for (size_t i = 0; i < count_of(rows); i++) {
		size_t length = 0;
		assert_int_equal(instruction_pass((const uint8_t *)rows[i].bytes, rows[i].size, &length),
				 rows[i].pass);
		if (rows[i].length)
			assert_int_equal(length, rows[i].length);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),         cmocka_unit_test(test_moves), cmocka_unit_test(test_calls),
		cmocka_unit_test(test_what_does_not_fit), cmocka_unit_test(test_pass),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
