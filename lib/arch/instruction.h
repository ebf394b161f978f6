/**
 * The few x86_64 instructions that show where the address of a variable goes: into a register, on to another, and to
 * a call.
 */
#ifndef ARCH_INSTRUCTION_H
#define ARCH_INSTRUCTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum instruction_kind {
	INSTRUCTION_OTHER,     ///< Not recognised: it may also be the middle of one.
	INSTRUCTION_ADDRESS,   ///< @c address into register @c to.
	INSTRUCTION_LOAD,      ///< The word at @c address into register @c to.
	INSTRUCTION_MOVE,      ///< Register @c from into register @c to.
	INSTRUCTION_CLOBBER,   ///< Something else into register @c to.
	INSTRUCTION_CALL,      ///< To @c address.
	INSTRUCTION_JUMP,      ///< Likewise.
	INSTRUCTION_CALL_SLOT, ///< To where the word at @c address leads.
	INSTRUCTION_JUMP_SLOT, ///< Likewise.
};

/** Registers by their numbers in instructions: arguments are passed in rdi, rsi (System V ABI, AMD64, 3.2.3). */
enum { INSTRUCTION_RBX = 3, INSTRUCTION_RBP = 5, INSTRUCTION_RSI = 6, INSTRUCTION_RDI = 7, INSTRUCTION_R12 = 12 };

struct instruction {
	enum instruction_kind kind;
	unsigned from, to;
	uint64_t address;
	size_t size; ///< Bytes that it has or, with OTHER, 1. Of CLOBBER only what is certain.
};

/** What begins at @p bytes, of which @p size (1 or more) may be looked at, and which are run at @p address. */
struct instruction instruction_read(const uint8_t *bytes, size_t size, uint64_t address);

/** Whether one that begins with this byte may be INSTRUCTION_ADDRESS or INSTRUCTION_LOAD; most are not. */
static inline bool instruction_may_take(uint8_t first)
{
	return (first & 0xf8) == 0x48 || (first & 0xf8) == 0xb8 || first == 0x41;
}

/** What it takes to go on behind an instruction without running it where it is. */
enum instruction_pass {
	INSTRUCTION_PASS_NOT,    ///< More than is known here.
	INSTRUCTION_PASS_SKIP,   ///< It does nothing: go on behind it.
	INSTRUCTION_PASS_RETURN, ///< Take the program counter off the stack.
};

/** Of what stands at @p bytes, of which @p size may be looked at; its length is in @p length_ret. */
enum instruction_pass instruction_pass(const uint8_t *bytes, size_t size, size_t *length_ret);

#endif
