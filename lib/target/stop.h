/**
 * Stopping threads with ptrace: all of them for --stop, or one for a moment to ask for its thread pointer.
 *
 * PTRACE_SEIZE + PTRACE_INTERRUPT: no signal is sent, job control and system calls go on as before, and when
 * the inspector dies the kernel detaches and resumes every thread by itself.
 */
#ifndef TARGET_STOP_H
#define TARGET_STOP_H

#include "target/live.h"

/** The stopped threads of a process. All calls must come from the thread that made it: ptrace is per thread. */
struct stopped;

/**
 * Stop all threads, also those born meanwhile. Threads that cannot be stopped in time (in uninterruptible
 * sleep), or not by us (another debugger's), are left running and counted in @p missed_ret. @p started_ret:
 * CLOCK_MONOTONIC ns of the first stop.
 */
must_use struct polyton_error *stop_all(const struct live *live, struct stopped **ret, size_t *missed_ret,
					uint64_t *started_ret);
/** Let all go on; returns the CLOCK_MONOTONIC ns after the last one. NULL is fine. */
uint64_t stop_release(struct stopped *stopped);

enum stop_answer { STOP_READ, STOP_REFUSED, STOP_GONE };
/** Thread @p tid's thread pointer, from its registers: it is stopped for some tens of microseconds. */
enum stop_answer stop_read_thread_pointer(const struct live *live, int32_t tid, uint64_t *ret);

#endif
