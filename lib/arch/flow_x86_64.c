// Instructions have all lengths, and few of them are recognised by their bytes; the rest is passed over byte by byte.
// So each address that is taken is followed alone, from where it seems to be taken on.

#include "arch/flow.h"

#include <string.h>

#include "arch/instruction.h"

enum {
	REACH = 512,    // bytes from where an address is taken to the call
	STUB_SIZE = 12, // endbr64, bnd, and the jump
};

static bool visit_call(const struct instruction *call, unsigned registers, const struct flow_value *value,
		       const struct flow_visitor *visitor)
{
	static const unsigned arguments[FLOW_ARGUMENTS] = { INSTRUCTION_RDI, INSTRUCTION_RSI };
	bool is_slot = call->kind == INSTRUCTION_CALL_SLOT || call->kind == INSTRUCTION_JUMP_SLOT;
	struct flow_call visited = { .is_slot = is_slot, .target = call->address };
	for (size_t i = 0; i < FLOW_ARGUMENTS; i++) {
		if (registers & 1u << arguments[i])
			visited.arguments[i] = *value;
	}
	return visitor->visit(&visited, visitor->arg);
}

// Follow @p value from register @p target, taken before @p at, through those that it is in, until it is in none.
static void follow_value(const struct flow_code *code, size_t at, unsigned target, const struct flow_value *value,
			 const struct flow_visitor *visitor)
{
	// What a called function leaves as it is: rbx, rbp, r12 to r15.
	const unsigned preserved = 1u << INSTRUCTION_RBX | 1u << INSTRUCTION_RBP | 0xfu << INSTRUCTION_R12;
	unsigned registers = 1u << target;
	size_t end = REACH < code->size - at ? at + REACH : code->size;
	while (registers && at < end) {
		struct instruction next = instruction_read(code->bytes + at, end - at, code->address + at);
		switch (next.kind) {
		case INSTRUCTION_ADDRESS:
		case INSTRUCTION_LOAD:
		case INSTRUCTION_CLOBBER:
			registers &= ~(1u << next.to);
			break;
		case INSTRUCTION_MOVE:
			registers = (registers & ~(1u << next.to)) | (registers >> next.from & 1) << next.to;
			break;
		case INSTRUCTION_CALL:
		case INSTRUCTION_CALL_SLOT:
			if (visit_call(&next, registers, value, visitor))
				registers &= preserved;
			else
				next.size = 1;
			break;
		case INSTRUCTION_JUMP: // out of the function, or to another path through it
		case INSTRUCTION_JUMP_SLOT:
			if (visit_call(&next, registers, value, visitor))
				registers = 0;
			else
				next.size = 1;
			break;
		case INSTRUCTION_OTHER:
			break;
		}
		at += next.size;
	}
}

static void follow(const struct flow_code *code, const struct flow_visitor *visitor)
{
	for (size_t at = 0; at < code->size; at++) {
		if (!instruction_may_take(code->bytes[at]))
			continue;
		struct instruction taking = instruction_read(code->bytes + at, code->size - at, code->address + at);
		if (taking.kind != INSTRUCTION_ADDRESS && taking.kind != INSTRUCTION_LOAD)
			continue;
		struct flow_value value = { taking.kind == INSTRUCTION_LOAD ? FLOW_WORD : FLOW_ADDRESS,
					    taking.address };
		if (visitor->is_wanted(&value, visitor->arg))
			follow_value(code, at + taking.size, taking.to, &value, visitor);
	}
}

// "jmp *A(%rip)", after endbr64 and bnd at the most.
static bool stub(const struct flow_code *code, uint64_t *ret)
{
	static const uint8_t endbr[] = { 0xf3, 0x0f, 0x1e, 0xfa };
	size_t at = code->size >= sizeof(endbr) && memcmp(code->bytes, endbr, sizeof(endbr)) == 0 ? sizeof(endbr) : 0;
	at += at < code->size && code->bytes[at] == 0xf2;
	if (at >= code->size)
		return false;
	struct instruction jump = instruction_read(code->bytes + at, code->size - at, code->address + at);
	*ret = jump.address;
	return jump.kind == INSTRUCTION_JUMP_SLOT;
}

const struct flow flow_x86_64 = { follow, STUB_SIZE, stub };
