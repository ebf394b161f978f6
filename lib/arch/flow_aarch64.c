// Arm's manual for the A-profile architecture (DDI 0487), C4.1: every instruction has four bytes, and a few fields of
// them say what kind it is. An address is made in two steps, of its page (ADRP) and what is added to that or, with a
// load, what the word there holds; so all registers are kept, from one instruction to the next.

#include "arch/flow.h"

#include "base/bytes.h"

enum {
	A64_SIZE = 4,
	A64_REGISTERS = 32, // 31 is the stack pointer or zero: never known
	A64_NONE = 31,
	A64_FIRST_PRESERVED = 19, // AAPCS64, 6.1.1: a called function leaves x19 to x29 as they are
	A64_LAST_PRESERVED = 29,
	A64_STUB_SIZE = 5 * A64_SIZE, // BTI, ADRP, LDR, ADD, BR
};

struct registers {
	struct flow_value held[A64_REGISTERS];
};

/** What an instruction does; a call's target is 0 if it is not known. */
enum step {
	STEP_ON,
	STEP_CALL, ///< And goes on behind it.
	STEP_JUMP, ///< Nothing goes on behind it.
};

static uint32_t word_at(const uint8_t *bytes)
{
	return (uint32_t)bytes_number(bytes, A64_SIZE, false);
}

// Bits @p first to @p last of an instruction.
static uint32_t bits(uint32_t word, unsigned last, unsigned first)
{
	return word >> first & (UINT32_MAX >> (31 - (last - first)));
}

static uint64_t sign_extended(uint64_t value, unsigned width)
{
	uint64_t sign = UINT64_C(1) << (width - 1);
	return (value ^ sign) - sign;
}

static void put(struct registers *registers, unsigned to, struct flow_value value)
{
	if (to != A64_NONE)
		registers->held[to] = value;
}

static void forget(struct registers *registers, unsigned to)
{
	put(registers, to, (struct flow_value){ FLOW_UNKNOWN, 0 });
}

// What lies @p distance from an address that register @p from holds.
static struct flow_value beside(const struct registers *registers, unsigned from, uint64_t distance,
				enum flow_kind kind)
{
	const struct flow_value *base = &registers->held[from];
	if (base->kind != FLOW_ADDRESS)
		return (struct flow_value){ FLOW_UNKNOWN, 0 };
	return (struct flow_value){ kind, base->address + distance };
}

// Instructions that make addresses, pass them on or load what is there. False: it is none of them.
static bool take(struct registers *registers, uint32_t word, uint64_t address)
{
	unsigned to = bits(word, 4, 0), from = bits(word, 9, 5);
	uint64_t page = sign_extended(bits(word, 23, 5) << 2 | bits(word, 30, 29), 21);
	uint64_t immediate = (uint64_t)bits(word, 21, 10) << (bits(word, 22, 22) ? 12 : 0);
	if ((word & 0x9f000000) == 0x90000000) // ADRP
		put(registers, to, (struct flow_value){ FLOW_ADDRESS, (address & ~UINT64_C(0xfff)) + (page << 12) });
	else if ((word & 0x9f000000) == 0x10000000) // ADR
		put(registers, to, (struct flow_value){ FLOW_ADDRESS, address + page });
	else if ((word & 0xff800000) == 0x91000000) // ADD Xd, Xn, #immediate
		put(registers, to, beside(registers, from, immediate, FLOW_ADDRESS));
	else if ((word & 0xff800000) == 0xd1000000) // SUB
		put(registers, to, beside(registers, from, -immediate, FLOW_ADDRESS));
	else if ((word & 0xffc00000) == 0xf9400000) // LDR Xt, [Xn, #immediate]
		put(registers, to, beside(registers, from, (uint64_t)bits(word, 21, 10) * 8, FLOW_WORD));
	else if ((word & 0xff000000) == 0x58000000) // LDR Xt, label
		put(registers, to,
		    (struct flow_value){ FLOW_WORD, address + sign_extended(bits(word, 23, 5), 19) * 4 });
	else if ((word & 0xffe0ffe0) == 0xaa0003e0) // MOV Xd, Xm
		put(registers, to, registers->held[bits(word, 20, 16)]);
	else
		return false;
	return true;
}

// Loads and stores, as far as they change general registers; of rare ones more is forgotten than changes.
static void forget_loaded(struct registers *registers, uint32_t word)
{
	bool is_vector = bits(word, 26, 26), is_pair = bits(word, 29, 28) == 2, is_single = bits(word, 29, 28) == 3;
	bool has_offset = bits(word, 24, 24); // of single ones: nothing else is encoded in the lower bits
	// Others of these are atomic, or authenticate what they load.
	bool is_plain = has_offset || !bits(word, 21, 21) || bits(word, 11, 10) == 2;
	bool is_store = is_pair ? !bits(word, 22, 22) : is_single && is_plain && !bits(word, 23, 22);
	bool is_rare = !is_pair && !is_single;
	if (!is_vector && !is_store)
		forget(registers, bits(word, 4, 0));
	if (!is_vector && !is_store && !is_single)
		forget(registers, bits(word, 14, 10));
	if (is_rare)
		forget(registers, bits(word, 20, 16));
	if (is_rare || (is_pair ? bits(word, 23, 23) : !has_offset && bits(word, 10, 10))) // the base is written back
		forget(registers, bits(word, 9, 5));
}

// Instructions on vector registers that leave something in a general one: conversions, SMOV, UMOV.
static bool leaves_vectors(uint32_t word)
{
	return (word & 0x5f20fc00) == 0x1e200000 || (word & 0x5f200000) == 0x1e000000 ||
	       (word & 0xbfe0ec00) == 0x0e002c00;
}

static void forget_changed(struct registers *registers, uint32_t word)
{
	if ((word & 0x0a000000) == 0x08000000)
		forget_loaded(registers, word);
	else if ((word & 0x0e000000) != 0x0e000000 || leaves_vectors(word))
		forget(registers, bits(word, 4, 0));
}

static bool is_branch_or_system(uint32_t word)
{
	return (word & 0x1c000000) == 0x14000000;
}

static enum step branch(struct registers *registers, uint32_t word, uint64_t address, struct flow_call *ret)
{
	if ((word & 0x7c000000) == 0x14000000) { // B, BL
		*ret = (struct flow_call){ .target = address + sign_extended(bits(word, 25, 0), 26) * 4 };
		return word >> 31 ? STEP_CALL : STEP_JUMP;
	}
	if ((word & 0xfe000000) == 0xd6000000) { // BR, BLR, RET, and with authentication
		const struct flow_value *to = &registers->held[bits(word, 9, 5)];
		*ret = (struct flow_call){ .is_slot = to->kind == FLOW_WORD, .target = to->address };
		return bits(word, 22, 21) == 1 ? STEP_CALL : STEP_JUMP;
	}
	if ((word & 0xffe00000) == 0xd5200000) // MRS, SYSL
		forget(registers, bits(word, 4, 0));
	return STEP_ON; // a condition, a hint, a barrier
}

static enum step step(struct registers *registers, uint32_t word, uint64_t address, struct flow_call *ret)
{
	if (is_branch_or_system(word))
		return branch(registers, word, address, ret);
	if (!take(registers, word, address))
		forget_changed(registers, word);
	return STEP_ON;
}

static void follow(const struct flow_code *code, const struct flow_visitor *visitor)
{
	struct registers registers = { 0 };
	for (size_t at = 0; code->size - at >= A64_SIZE; at += A64_SIZE) {
		struct flow_call call;
		enum step done = step(&registers, word_at(code->bytes + at), code->address + at, &call);
		if (done == STEP_ON)
			continue;
		for (size_t i = 0; i < FLOW_ARGUMENTS; i++)
			call.arguments[i] = registers.held[i];
		if (call.target)
			visitor->visit(&call, visitor->arg);
		for (unsigned i = 0; i < A64_NONE; i++) {
			if (done == STEP_JUMP || i < A64_FIRST_PRESERVED || i > A64_LAST_PRESERVED)
				forget(&registers, i);
		}
	}
}

static bool stub(const struct flow_code *code, uint64_t *ret)
{
	struct registers registers = { 0 };
	for (size_t at = 0; at < A64_STUB_SIZE && code->size - at >= A64_SIZE; at += A64_SIZE) {
		struct flow_call call;
		enum step done = step(&registers, word_at(code->bytes + at), code->address + at, &call);
		if (done == STEP_ON)
			continue;
		*ret = call.target;
		return done == STEP_JUMP && call.is_slot;
	}
	return false;
}

const struct flow flow_aarch64 = { follow, A64_STUB_SIZE, stub };
