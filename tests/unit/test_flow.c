// Where A64 code takes addresses, instruction by instruction, as an assembler writes them. What x86_64 code does is in
// test_instruction.c and, whole, in test_twiceinit.c.

#include "../support/check.h"

#include <elf.h>
#include <stdlib.h>

#include "arch/arch.h"
#include "arch/flow.h"

enum {
	AT = 0x12340,
	PAGE = AT & ~0xfff,
	MAX_WORDS = 16,
	X0 = 1,
	X1 = 2,
	X2 = 4,
	ALL = X0 | X1 | X2,
	BL = 0x94000040, // bl .+0x100
};

struct seen {
	size_t count;
	struct flow_call first, last;
};

static bool want(const struct flow_value *value, void *arg)
{
	(void)arg;
	return value->kind != FLOW_UNKNOWN;
}

static bool keep(const struct flow_call *call, void *arg)
{
	struct seen *seen = arg;
	if (!seen->count++)
		seen->first = *call;
	seen->last = *call;
	return true;
}

static size_t put_words(uint8_t *bytes, const uint32_t *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t byte = 0; byte < 4; byte++)
			bytes[4 * i + byte] = (uint8_t)(words[i] >> 8 * byte);
	}
	return 4 * count;
}

static struct seen follow_words(const uint32_t *words, size_t count)
{
	uint8_t bytes[4 * MAX_WORDS];
	struct seen seen = { 0 };
	const struct flow_code code = { bytes, put_words(bytes, words, count), AT };
	flow_aarch64.follow(&code, &(struct flow_visitor){ want, keep, &seen });
	return seen;
}

#define FOLLOW(...) \
	follow_words((const uint32_t[]){ __VA_ARGS__ }, sizeof((uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))

static void check_value(const struct flow_value *value, enum flow_kind kind, uint64_t address)
{
	assert_int_equal(value->kind, kind);
	assert_int_equal(value->address, address);
}

static void check_first(const struct seen *seen, enum flow_kind kind, uint64_t address)
{
	assert_int_equal(seen->count, 1);
	check_value(&seen->first.arguments[0], kind, address);
}

static void test_addresses(void **state)
{
	(void)state;
	struct seen seen = FOLLOW(0x90000000, 0x91022000, BL); // adrp x0, 0; add x0, x0, #0x88
	check_first(&seen, FLOW_ADDRESS, PAGE + 0x88);
	seen = FOLLOW(0xb0000000, 0x91400400, BL); // adrp x0, 0x1000; add x0, x0, #1, lsl #12
	check_first(&seen, FLOW_ADDRESS, PAGE + 0x2000);
	seen = FOLLOW(0xf0ffffe0, 0xd1004000, BL); // adrp x0, -0x1000; sub x0, x0, #0x10
	check_first(&seen, FLOW_ADDRESS, PAGE - 0x1010);
	seen = FOLLOW(0x10000040, BL); // adr x0, .+8
	check_first(&seen, FLOW_ADDRESS, AT + 8);
	seen = FOLLOW(0x90000013, 0xaa1303e0, BL); // adrp x19, 0; mov x0, x19
	check_first(&seen, FLOW_ADDRESS, PAGE);
	seen = FOLLOW(0x90000013, BL, 0x91022260, BL); // add x0, x19, #0x88: a call preserves it
	assert_int_equal(seen.count, 2);
	check_value(&seen.first.arguments[0], FLOW_UNKNOWN, 0);
	check_value(&seen.last.arguments[0], FLOW_ADDRESS, PAGE + 0x88);
}

static void test_words(void **state)
{
	(void)state;
	struct seen seen = FOLLOW(0x90000013, 0xf9400a60, BL); // adrp x19, 0; ldr x0, [x19, #16]
	check_first(&seen, FLOW_WORD, PAGE + 16);
	seen = FOLLOW(0x58000080, BL); // ldr x0, .+16
	check_first(&seen, FLOW_WORD, AT + 16);
	seen = FOLLOW(0x58ffffe0, BL); // ldr x0, .-4
	check_first(&seen, FLOW_WORD, AT - 4);
	seen = FOLLOW(0x90000013, 0xf9400a60, 0xf9400000, BL); // ldr x0, [x0]: what it points to
	check_first(&seen, FLOW_UNKNOWN, 0);
	seen = FOLLOW(0x90000013, 0xf9400a60, 0x91002000, BL); // add x0, x0, #8: beside what it points to
	check_first(&seen, FLOW_UNKNOWN, 0);
	seen = FOLLOW(0x910043e0, BL); // add x0, sp, #16
	check_first(&seen, FLOW_UNKNOWN, 0);
}

// What stands behind a call, a jump and a return.
static void test_branches(void **state)
{
	(void)state;
	struct seen seen = FOLLOW(BL);
	assert_int_equal(seen.first.target, AT + 0x100);
	assert_false(seen.first.is_slot);
	seen = FOLLOW(0x17ffffc0); // b .-0x100
	assert_int_equal(seen.first.target, AT - 0x100);
	seen = FOLLOW(0x90000010, 0xf9400a10, 0xd63f0200); // adrp x16, 0; ldr x16, [x16, #16]; blr x16
	assert_int_equal(seen.first.target, PAGE + 16);
	assert_true(seen.first.is_slot);
	seen = FOLLOW(0x10000050, 0xd61f0200); // adr x16, .+8; br x16
	assert_int_equal(seen.first.target, AT + 8);
	assert_false(seen.first.is_slot);
	seen = FOLLOW(0xd63f0200, 0xd65f03c0); // blr x16, ret: to where is not known
	assert_int_equal(seen.count, 0);
	seen = FOLLOW(0x10000053, BL, 0xaa1303e0, BL); // adr x19, .+8; bl; mov x0, x19; bl
	check_value(&seen.last.arguments[0], FLOW_ADDRESS, AT + 8);
	seen = FOLLOW(0x10000053, 0xd63f0a1f, 0xaa1303e0, BL); // blraaz x16
	check_value(&seen.last.arguments[0], FLOW_ADDRESS, AT + 8);
	static const uint32_t ends[] = { 0x14000000, 0xd61f0220, 0xd65f03c0, 0xd65f0bff }; // b, br, ret, retaa
	for (size_t i = 0; i < count_of(ends); i++) {
		seen = FOLLOW(0x10000053, ends[i], 0xaa1303e0, BL);
		check_value(&seen.last.arguments[0], FLOW_UNKNOWN, 0);
	}
	seen = FOLLOW(0x10000050, BL, 0xaa1003e0, BL); // adr x16; bl; mov x0, x16: calls do not preserve it
	check_value(&seen.last.arguments[0], FLOW_UNKNOWN, 0);
}

// After one instruction, which of x0, x1, x2 are still what they were?
static const struct {
	uint32_t word;
	unsigned kept;
	const char *text;
} rows[] = {
	{ 0x54000040, ALL, "b.eq .+8" },
	{ 0xb4000040, ALL, "cbz x0, .+8" },
	{ 0x37180040, ALL, "tbnz w0, #3, .+8" },
	{ 0xd503201f, ALL, "nop" },
	{ 0xd503245f, ALL, "bti c" },
	{ 0xd503233f, ALL, "paciasp" },
	{ 0xd5033bbf, ALL, "dmb ish" },
	{ 0xd53bd040, X1 | X2, "mrs x0, tpidr_el0" },
	{ 0xf9000020, ALL, "str x0, [x1]" },
	{ 0xf8008c20, X0 | X2, "str x0, [x1, #8]!" },
	{ 0xf8008420, X0 | X2, "str x0, [x1], #8" },
	{ 0xa9000440, ALL, "stp x0, x1, [x2]" },
	{ 0xa9810440, X0 | X1, "stp x0, x1, [x2, #16]!" },
	{ 0xa8810440, X0 | X1, "stp x0, x1, [x2], #16" },
	{ 0xa9400440, X2, "ldp x0, x1, [x2]" },
	{ 0xa8c10440, 0, "ldp x0, x1, [x2], #16" },
	{ 0xb9400020, X1 | X2, "ldr w0, [x1]" },
	{ 0x38626820, X1 | X2, "ldrb w0, [x1, x2]" },
	{ 0xf8408420, X2, "ldr x0, [x1], #8" },
	{ 0xf85f8020, X1 | X2, "ldur x0, [x1, #-8]" },
	{ 0x39000020, ALL, "strb w0, [x1]" },
	{ 0xf81f8020, ALL, "stur x0, [x1, #-8]" },
	{ 0xf8227820, ALL, "str x0, [x1, x2, lsl #3]" },
	{ 0x3d800020, ALL, "str q0, [x1]" },
	{ 0x3c810420, X0 | X2, "str q0, [x1], #16" },
	{ 0x3dc00020, ALL, "ldr q0, [x1]" },
	{ 0xfc408c20, X0 | X2, "ldr d0, [x1, #8]!" },
	{ 0xacc10440, X0 | X1, "ldp q0, q1, [x2], #32" },
	{ 0xf8230040, X1 | X2, "ldadd x3, x0, [x2]" },
	{ 0xf8201c20, X2, "ldraa x0, [x1, #8]!" },
	{ 0xd28000a0, X1 | X2, "mov x0, #5" },
	{ 0xf2a000a0, X1 | X2, "movk x0, #5, lsl #16" },
	{ 0x4f000400, ALL, "movi v0.4s, #0" },
	{ 0x9e660020, X1 | X2, "fmov x0, d1" },
	{ 0x9e780020, X1 | X2, "fcvtzs x0, d1" },
	{ 0x9e58f820, X1 | X2, "fcvtzs x0, d1, #2" },
	{ 0x0e043c20, X1 | X2, "umov w0, v1.s[0]" },
	{ 0x4e042c20, X1 | X2, "smov x0, v1.s[0]" },
	{ 0x4e040c20, ALL, "dup v0.4s, w1" },
	{ 0x1e622820, ALL, "fadd d0, d1, d2" },
	{ 0xaa020020, X1 | X2, "orr x0, x1, x2" },
	{ 0xb1002020, X1 | X2, "adds x0, x1, #8" },
	{ 0x8b020020, X1 | X2, "add x0, x1, x2" },
	{ 0x910003fd, ALL, "mov x29, sp" },
	{ 0x9a820020, X1 | X2, "csel x0, x1, x2, eq" },
	{ 0x9b020c20, X1 | X2, "madd x0, x1, x2, x3" },
	{ 0x2a1303e0, X1 | X2, "mov w0, w19" },
};

static void test_what_is_kept(void **state)
{
	(void)state;
	for (size_t i = 0; i < count_of(rows); i++) {
		// adr x0, .+8; adr x1, .+8; adr x2, .+8; then the instruction
		struct seen seen = FOLLOW(0x10000040, 0x10000041, 0x10000042, rows[i].word, BL);
		unsigned kept = 0;
		for (unsigned k = 0; k < FLOW_ARGUMENTS; k++)
			kept |= (seen.first.arguments[k].address == AT + 8 + 4 * k) << k;
		seen = FOLLOW(0x10000040, 0x10000041, 0x10000042, rows[i].word, 0xaa0203e0, BL); // mov x0, x2
		kept |= (seen.first.arguments[0].address == AT + 16) << 2;
		if (kept != rows[i].kept)
			fail_msg("%s: 0x%x kept, not 0x%x", rows[i].text, kept, rows[i].kept);
	}
}

static bool is_stub(const uint32_t *words, size_t count, uint64_t *ret)
{
	uint8_t bytes[4 * MAX_WORDS];
	const struct flow_code code = { bytes, put_words(bytes, words, count), AT };
	return flow_aarch64.stub(&code, ret);
}

static void test_stubs(void **state)
{
	(void)state;
	// bti c; adrp x16, 0; ldr x17, [x16, #24]; add x16, x16, #24; br x17
	static const uint32_t stub[] = { 0xd503245f, 0x90000010, 0xf9400e11, 0x91006210, 0xd61f0220 };
	uint64_t slot;
	assert_int_equal(sizeof(stub), flow_aarch64.stub_size);
	assert_true(is_stub(stub, 5, &slot));
	assert_int_equal(slot, PAGE + 24);
	assert_true(is_stub(stub + 1, 4, &slot));
	assert_int_equal(slot, PAGE + 24);
	for (size_t i = 0; i < 5; i++)
		assert_false(is_stub(stub, i, &slot));
	static const uint32_t function[] = { 0x90000010, 0xf9400a11, 0xd63f0220, 0xd65f03c0 }; // blr x17; ret
	assert_false(is_stub(function, 4, &slot));
	static const uint32_t veneer[] = { 0x90000010, 0x91006210, 0xd61f0200 }; // br x16, to an address
	assert_false(is_stub(veneer, 3, &slot));
}

// Three bytes at the end are no instruction.
static void test_what_does_not_fit(void **state)
{
	(void)state;
	struct seen seen = { 0 };
	const uint32_t word = BL;
	for (size_t size = 0; size <= 4; size++) {
		uint8_t *bytes = malloc(size + 1), whole[4];
		assert_non_null(bytes);
		put_words(whole, &word, 1);
		memcpy(bytes + 1, whole, size); // ends where the allocation does
		const struct flow_code code = { bytes + 1, size, AT };
		flow_aarch64.follow(&code, &(struct flow_visitor){ want, keep, &seen });
		assert_int_equal(seen.count, size == 4);
		free(bytes);
	}
}

static void test_machines(void **state)
{
	(void)state;
	assert_ptr_equal(arch_find(EM_X86_64, ELFCLASS64, ELFDATA2LSB)->flow, &flow_x86_64);
	assert_ptr_equal(arch_find(EM_AARCH64, ELFCLASS64, ELFDATA2LSB)->flow, &flow_aarch64);
	assert_null(arch_find(EM_RISCV, ELFCLASS64, ELFDATA2LSB)->flow);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses), cmocka_unit_test(test_words),
		cmocka_unit_test(test_branches),  cmocka_unit_test(test_what_is_kept),
		cmocka_unit_test(test_stubs),     cmocka_unit_test(test_what_does_not_fit),
		cmocka_unit_test(test_machines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
