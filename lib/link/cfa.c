// Whatever is not understood, or does not fit, ends the run: a wrong place is worse than none.

#include "link/cfa.h"

// DW_EH_PE_*: how an address is written.
enum {
	PE_ABSPTR = 0x00,
	PE_UDATA2 = 0x02,
	PE_UDATA4 = 0x03,
	PE_UDATA8 = 0x04,
	PE_SDATA2 = 0x0a,
	PE_SDATA4 = 0x0b,
	PE_SDATA8 = 0x0c,
	PE_FORM = 0x0f,
	PE_PCREL = 0x10,
	PE_BASE = 0x70,
};

// DW_CFA_*
enum {
	CFA_ADVANCE = 0x40, // the upper two bits; the lower six are the operand
	CFA_OFFSET = 0x80,
	CFA_RESTORE = 0xc0,
	CFA_NOP = 0x00,
	CFA_SET_LOC = 0x01,
	CFA_ADVANCE1 = 0x02,
	CFA_ADVANCE2 = 0x03,
	CFA_ADVANCE4 = 0x04,
	CFA_OFFSET_EXTENDED = 0x05,
	CFA_RESTORE_EXTENDED = 0x06,
	CFA_UNDEFINED = 0x07,
	CFA_SAME_VALUE = 0x08,
	CFA_REGISTER = 0x09,
	CFA_REMEMBER = 0x0a,
	CFA_RECALL = 0x0b,
	CFA_DEF = 0x0c,
	CFA_DEF_REGISTER = 0x0d,
	CFA_DEF_OFFSET = 0x0e,
	CFA_OFFSET_SIGNED = 0x11,
	CFA_DEF_SIGNED = 0x12,
	CFA_DEF_OFFSET_SIGNED = 0x13,
	CFA_ARGS_SIZE = 0x2e,
};

static int64_t take_signed(struct bytes *bytes, size_t size)
{
	uint64_t value = bytes_take(bytes, size);
	unsigned unused = 64 - 8 * (unsigned)size;
	return (int64_t)(value << unused) >> unused;
}

uint64_t cfa_take_address(struct cfa_cursor *cursor, uint8_t encoding)
{
	uint64_t place = cursor->bytes.at ? cursor->address + (uint64_t)(cursor->bytes.at - cursor->start) : 0,
		 value = 0;
	switch (encoding & PE_FORM) {
	case PE_ABSPTR:
		value = bytes_take(&cursor->bytes, cursor->word);
		break;
	case PE_UDATA2:
		value = bytes_take(&cursor->bytes, 2);
		break;
	case PE_UDATA4:
		value = bytes_take(&cursor->bytes, 4);
		break;
	case PE_SDATA2:
		value = (uint64_t)take_signed(&cursor->bytes, 2);
		break;
	case PE_SDATA4:
		value = (uint64_t)take_signed(&cursor->bytes, 4);
		break;
	case PE_UDATA8:
	case PE_SDATA8:
		value = bytes_take(&cursor->bytes, 8);
		break;
	default:
		cursor->bytes.at = NULL;
	}
	if ((encoding & PE_BASE) == PE_PCREL)
		value += place;
	else if (encoding & PE_BASE)
		cursor->bytes.at = NULL;
	return value;
}

static void set_rule(struct cfa_rules *rules, uint64_t number, enum cfa_rule_kind kind, int64_t value)
{
	if (number < ARCH_FRAME_REGISTERS)
		rules->registers[number] = (struct cfa_rule){ kind, value };
}

static void run_extended(struct cfa_program *program, uint8_t operation)
{
	struct bytes *in = &program->in.bytes;
	struct cfa_rules *rules = &program->rules;
	uint64_t number;
	switch (operation) {
	case CFA_OFFSET_EXTENDED:
		number = bytes_take_leb(in, false);
		set_rule(rules, number, CFA_RULE_OFFSET,
			 (int64_t)bytes_take_leb(in, false) * program->common->data_align);
		break;
	case CFA_OFFSET_SIGNED:
		number = bytes_take_leb(in, false);
		set_rule(rules, number, CFA_RULE_OFFSET,
			 (int64_t)bytes_take_leb(in, true) * program->common->data_align);
		break;
	case CFA_RESTORE_EXTENDED:
		number = bytes_take_leb(in, false);
		if (number < ARCH_FRAME_REGISTERS)
			rules->registers[number] = program->common->initial.registers[number];
		break;
	case CFA_UNDEFINED:
		set_rule(rules, bytes_take_leb(in, false), CFA_RULE_UNDEFINED, 0);
		break;
	case CFA_SAME_VALUE:
		set_rule(rules, bytes_take_leb(in, false), CFA_RULE_SAME, 0);
		break;
	case CFA_REGISTER:
		number = bytes_take_leb(in, false);
		set_rule(rules, number, CFA_RULE_REGISTER, (int64_t)bytes_take_leb(in, false));
		break;
	case CFA_DEF:
		rules->cfa_register = bytes_take_leb(in, false);
		rules->cfa_offset = (int64_t)bytes_take_leb(in, false);
		break;
	case CFA_DEF_SIGNED:
		rules->cfa_register = bytes_take_leb(in, false);
		rules->cfa_offset = (int64_t)bytes_take_leb(in, true) * program->common->data_align;
		break;
	case CFA_DEF_REGISTER:
		rules->cfa_register = bytes_take_leb(in, false);
		break;
	case CFA_DEF_OFFSET:
		rules->cfa_offset = (int64_t)bytes_take_leb(in, false);
		break;
	case CFA_DEF_OFFSET_SIGNED:
		rules->cfa_offset = (int64_t)bytes_take_leb(in, true) * program->common->data_align;
		break;
	case CFA_ARGS_SIZE:
		(void)bytes_take_leb(in, false);
		break;
	default:
		in->at = NULL; // an expression, or nothing that is known
	}
}

static void run_one(struct cfa_program *program)
{
	struct bytes *in = &program->in.bytes;
	uint8_t operation = (uint8_t)bytes_take(in, 1), low = operation & 0x3f;
	uint64_t step = program->common->code_align;
	switch (operation & 0xc0) {
	case CFA_ADVANCE:
		program->location += low * step;
		return;
	case CFA_OFFSET:
		set_rule(&program->rules, low, CFA_RULE_OFFSET,
			 (int64_t)bytes_take_leb(in, false) * program->common->data_align);
		return;
	case CFA_RESTORE:
		if (low < ARCH_FRAME_REGISTERS)
			program->rules.registers[low] = program->common->initial.registers[low];
		return;
	default:
		break;
	}
	switch (operation) {
	case CFA_NOP:
		break;
	case CFA_SET_LOC:
		program->location = cfa_take_address(&program->in, program->common->encoding);
		break;
	case CFA_ADVANCE1:
		program->location += bytes_take(in, 1) * step;
		break;
	case CFA_ADVANCE2:
		program->location += bytes_take(in, 2) * step;
		break;
	case CFA_ADVANCE4:
		program->location += bytes_take(in, 4) * step;
		break;
	case CFA_REMEMBER:
		if (program->depth == CFA_MAX_STATES)
			in->at = NULL;
		else
			program->remembered[program->depth++] = program->rules;
		break;
	case CFA_RECALL:
		if (!program->depth)
			in->at = NULL;
		else
			program->rules = program->remembered[--program->depth];
		break;
	default:
		run_extended(program, operation);
	}
}

// Each operation takes a byte at least, so this ends.
bool cfa_run(struct cfa_program *program)
{
	while (program->in.bytes.at && program->in.bytes.at < program->in.bytes.end &&
	       program->location <= program->pc) {
		struct cfa_rules before = program->rules;
		run_one(program);
		if (program->location > program->pc) // what holds from there on is not for us
			program->rules = before;
	}
	return program->in.bytes.at != NULL;
}
