/**
 * What the rooms debugger.c (facts, files), debugger_reads.c (memory) know of each other.
 */
#ifndef TARGET_DEBUGGER_PARTS_H
#define TARGET_DEBUGGER_PARTS_H

#include "base/arena.h"
#include "target/debugger.h"
#include "target/roster.h"

/** A copy of what the caller pushed in. */
struct debugger_facts {
	struct arena arena;
	const struct arch *arch;
	int32_t pid;
	const char *program;
	const uint64_t *auxv; ///< Pairs.
	size_t auxv_count;
	bool is_still;
	roster threads;
};

struct debugger {
	struct target target;
	struct polyton_target_ops ops;
	void *caller;
	struct debugger_facts facts;
	bool is_interrupted; ///< Then nothing more is asked of the caller.
};

/** struct target_ops's read(). */
void debugger_read(void *state, struct target_read *pieces, size_t count);

#endif
