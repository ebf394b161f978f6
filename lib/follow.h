/**
 * One process of a run: its loader, watched from its first instruction on, and who called it.
 */
#ifndef FOLLOW_H
#define FOLLOW_H

#include "link/loading.h"
#include "target/live.h"
#include "target/tracer.h"

/** A call of the loader that is not over: the task stops where it will return to. */
struct pending {
	int32_t tid;
	unsigned slot;
	uint64_t stack; // the stack pointer behind the return
	uint32_t call;
};

struct run_process {
	int32_t pid;
	struct live *live; ///< NULL if nothing can be read of it.
	struct loading loading;
	struct polyton_session *session; ///< Made for the first picture.
	vec_of(struct pending) pending;
	enum polyton_moment moment;
	int32_t moment_number;
};

/** Who follows it, and what is told of it. */
struct follower {
	struct tracer *tracer;
	uint64_t start_ns;              ///< CLOCK_MONOTONIC at the start of the run.
	struct polyton_opening opening; ///< Of the event told last, as are these paths, of the process's objects.
	vec_of(const char *) loaded;
};

/** Forget what was known of its program, which is no more. */
void follow_forget(struct run_process *process);
/** It has begun with a program. What cannot be followed is no error. */
must_use struct polyton_error *follow_exec(struct follower *follower, struct run_process *process);
/** It is a child of @p parent, with a copy of its memory. */
must_use struct polyton_error *follow_fork(const struct run_process *parent, struct run_process *child);
/** A task of it is held at a breakpoint. What there is to tell of that is in @p ret, which is left alone otherwise. */
must_use struct polyton_error *follow_breakpoint(struct follower *follower, struct run_process *process,
						 const struct trace_event *event, struct polyton_run_event *ret);

#endif
