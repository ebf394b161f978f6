/**
 * Call frame instructions (DWARF 5, section 6.4.2): where, at one place of a function, the caller's registers are.
 */
#ifndef LINK_CFA_H
#define LINK_CFA_H

#include "target/target.h"

enum { CFA_MAX_STATES = 16 }; ///< Remembered, one within the other.

/** DW_EH_PE_*: how an address is written. */
enum { CFA_PE_FORM = 0x0f, CFA_PE_INDIRECT = 0x80, CFA_PE_DATAREL_SDATA4 = 0x3b };

enum cfa_rule_kind { CFA_RULE_SAME, CFA_RULE_UNDEFINED, CFA_RULE_OFFSET, CFA_RULE_REGISTER };

/** Where a register of the caller is: nothing said means that it was not touched. */
struct cfa_rule {
	enum cfa_rule_kind kind;
	int64_t number; // an offset from the frame's address, or a register
};

struct cfa_rules {
	struct cfa_rule registers[ARCH_FRAME_REGISTERS];
	uint64_t cfa_register;
	int64_t cfa_offset;
};

/** Bytes that were read from the target. */
struct cfa_cursor {
	struct bytes bytes;
	uint64_t address; // of @c start
	const uint8_t *start;
	uint8_t word; // bytes of an address
};

/** What a CIE says. */
struct cfa_common {
	uint64_t code_align;
	int64_t data_align;
	uint8_t encoding; // of the addresses in FDEs
	bool has_augmentation;
	struct cfa_rules initial;
};

/** A run of instructions, up to the place that the frame is at. */
struct cfa_program {
	struct cfa_cursor in;
	const struct cfa_common *common;
	uint64_t location, pc;
	struct cfa_rules rules, remembered[CFA_MAX_STATES];
	unsigned depth;
};

/** An address in that encoding. */
uint64_t cfa_take_address(struct cfa_cursor *cursor, uint8_t encoding);
/** Run it. False if it is damaged, or takes more than is understood here. */
must_use bool cfa_run(struct cfa_program *program);

#endif
