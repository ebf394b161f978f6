/**
 * Where the addresses of variables go in a piece of code: into registers, on to others, and as arguments to calls.
 *
 * Code is read from its first byte to its last, as if it ran that way: what only one of several paths through it puts
 * into a register may be taken for what is there on another. An address that comes out by chance is one that nobody
 * asks for.
 */
#ifndef ARCH_FLOW_H
#define ARCH_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** @c size bytes of code that are run at @c address. */
struct flow_code {
	const uint8_t *bytes;
	size_t size;
	uint64_t address;
};

enum flow_kind {
	FLOW_UNKNOWN,
	FLOW_ADDRESS, ///< @c address itself.
	FLOW_WORD,    ///< What the word at @c address holds.
};

struct flow_value {
	enum flow_kind kind;
	uint64_t address;
};

enum { FLOW_ARGUMENTS = 2 }; ///< How many of them are watched.

struct flow_call {
	bool is_slot;    ///< It goes to where the word at @c target leads.
	uint64_t target; ///< Else to here.
	struct flow_value arguments[FLOW_ARGUMENTS];
};

struct flow_visitor {
	/** Whether @p value is worth following; of others a call need not tell. */
	bool (*is_wanted)(const struct flow_value *value, void *arg);
	/** A call, or a jump that may be one. False: there can be none to there, so these bytes are something else. */
	bool (*visit)(const struct flow_call *call, void *arg);
	void *arg;
};

/** How the code of one machine is read. Nothing outside @p code is looked at. */
struct flow {
	void (*follow)(const struct flow_code *code, const struct flow_visitor *visitor);
	size_t stub_size; ///< How many bytes of a stub have to be seen.
	/** Whether @p code begins with a stub of the procedure linkage table: the word that it jumps through. */
	bool (*stub)(const struct flow_code *code, uint64_t *ret);
};

/** Arguments in rdi, rsi (System V ABI, AMD64, 3.2.3), and in x0, x1 (AAPCS64, 6.8.2). */
extern const struct flow flow_x86_64, flow_aarch64;

#endif
