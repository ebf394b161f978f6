// Intel's manual, volume 2, chapter 2: a REX prefix (0x40 to 0x4f, of which W makes operands 64 bits wide, R and B
// are the fourth bits of registers), an opcode, and a ModRM byte of which "00 reg 101" is an address relative to the
// next instruction.

#include "arch/instruction.h"

#include <string.h>

// A signed displacement or an immediate.
static uint64_t field(const uint8_t *bytes)
{
	int32_t value;
	memcpy(&value, bytes, sizeof(value));
	return (uint64_t)(int64_t)value;
}

static unsigned reg_of(const uint8_t *bytes)
{
	return (bytes[2] >> 3 & 7) | (bytes[0] & 4) << 1;
}

static unsigned other_of(const uint8_t *bytes)
{
	return (bytes[2] & 7) | (bytes[0] & 1) << 3;
}

// "mov", "lea" with 64 bits.
static struct instruction read_wide(const uint8_t *bytes, size_t size, uint64_t address)
{
	struct instruction ret = { .size = 1 };
	bool is_lea = bytes[1] == 0x8d, is_store = bytes[1] == 0x89;
	bool is_between = bytes[2] >> 6 == 3 && !is_lea, is_relative = (bytes[2] & 0xc7) == 0x05;
	if (is_store && is_between)
		return (struct instruction){ INSTRUCTION_MOVE, reg_of(bytes), other_of(bytes), 0, 3 };
	if (bytes[1] == 0xc7 && (bytes[2] & 0xf8) == 0xc0 && size >= 7) // a program at a fixed address
		return (struct instruction){ INSTRUCTION_ADDRESS, 0, other_of(bytes), field(bytes + 3), 7 };
	if (bytes[1] != 0x8b && !is_lea)
		return ret;
	if (is_between)
		return (struct instruction){ INSTRUCTION_MOVE, other_of(bytes), reg_of(bytes), 0, 3 };
	if (!is_relative || size < 7)
		return (struct instruction){ INSTRUCTION_CLOBBER, 0, reg_of(bytes), 0, 3 };
	return (struct instruction){ is_lea ? INSTRUCTION_ADDRESS : INSTRUCTION_LOAD, 0, reg_of(bytes),
				     address + 7 + field(bytes + 3), 7 };
}

struct instruction instruction_read(const uint8_t *bytes, size_t size, uint64_t address)
{
	if (size >= 3 && (bytes[0] & 0xf8) == 0x48)
		return read_wide(bytes, size, address);
	if (size >= 6 && bytes[0] == 0x41 && (bytes[1] & 0xf8) == 0xb8)
		return (struct instruction){ INSTRUCTION_ADDRESS, 0, (bytes[1] & 7) | 8, field(bytes + 2), 6 };
	if (size >= 5 && (bytes[0] & 0xf8) == 0xb8)
		return (struct instruction){ INSTRUCTION_ADDRESS, 0, bytes[0] & 7, field(bytes + 1), 5 };
	if (size >= 5 && (bytes[0] == 0xe8 || bytes[0] == 0xe9))
		return (struct instruction){ bytes[0] == 0xe8 ? INSTRUCTION_CALL : INSTRUCTION_JUMP, 0, 0,
					     address + 5 + field(bytes + 1), 5 };
	if (size >= 6 && bytes[0] == 0xff && (bytes[1] == 0x15 || bytes[1] == 0x25))
		return (struct instruction){ bytes[1] == 0x15 ? INSTRUCTION_CALL_SLOT : INSTRUCTION_JUMP_SLOT, 0, 0,
					     address + 6 + field(bytes + 2), 6 };
	return (struct instruction){ .size = 1 };
}

// The loader's place for breakpoints is a function that does nothing: "ret", with "endbr64" or "nop" before it, and
// with a prefix for old processors.
enum instruction_pass instruction_pass(const uint8_t *bytes, size_t size, size_t *length_ret)
{
	static const uint8_t endbr64[] = { 0xf3, 0x0f, 0x1e, 0xfa };
	*length_ret = 1;
	if (size >= 1 && bytes[0] == 0xc3)
		return INSTRUCTION_PASS_RETURN;
	if (size >= 1 && bytes[0] == 0x90)
		return INSTRUCTION_PASS_SKIP;
	*length_ret = 2;
	if (size >= 2 && bytes[0] == 0xf3 && bytes[1] == 0xc3)
		return INSTRUCTION_PASS_RETURN;
	*length_ret = sizeof(endbr64);
	if (size >= sizeof(endbr64) && memcmp(bytes, endbr64, sizeof(endbr64)) == 0)
		return INSTRUCTION_PASS_SKIP;
	return INSTRUCTION_PASS_NOT;
}
