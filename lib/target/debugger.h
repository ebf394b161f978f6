/**
 * What a debugger has stopped: memory, threads and files as its callbacks give them. See polyton_open_debugger().
 */
#ifndef TARGET_DEBUGGER_H
#define TARGET_DEBUGGER_H

#include "target/subject.h"

struct debugger;

must_use struct polyton_error *debugger_open(const struct polyton_target_ops *ops, void *caller,
					     const struct polyton_target_facts *facts, struct debugger **ret);
void debugger_close(struct debugger *debugger);
/** Other facts than before; untouched on failure. The subject must be asked for again. */
must_use struct polyton_error *debugger_update(struct debugger *debugger, const struct polyton_target_facts *facts);
/** A capture begins: an interruption of the last one is over. */
void debugger_begin(struct debugger *debugger);
/** @p debugger is borrowed. */
struct subject debugger_subject(struct debugger *debugger);

#endif
