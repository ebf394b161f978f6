/**
 * Breakpoints of traced tasks: in debug registers, which are a task's own and leave memory as it is; or, where the
 * kernel or a hypervisor refuses those, as instructions in the memory of the process, which every copy of that memory
 * must be rid of again.
 */
#ifndef TARGET_BREAKPOINT_H
#define TARGET_BREAKPOINT_H

#include "target/tracer.h"

enum { BREAKPOINT_NONE = -1 };

/** Put the wanted slots of a stopped task in force. False if that cannot be done. */
bool breakpoint_load(struct tracer *tracer, struct trace_task *task);
/** The slot that a task stopped by SIGTRAP is at, or BREAKPOINT_NONE if the signal is the program's own. */
int breakpoint_hit(struct tracer *tracer, struct trace_task *task, bool *is_ours_ret);
/** Before a task that stands at a breakpoint goes on. */
void breakpoint_pass(struct tracer *tracer, struct trace_task *task);
/** Take the instructions out of the memory that @p task runs on, or put them back. */
void breakpoint_lift(struct trace_process *process, int32_t tid);
void breakpoint_restore(struct trace_process *process, int32_t tid);

/** A stopped task's pr_reg. */
enum { BREAKPOINT_REGISTERS_MAX = 1024 };
struct task_registers {
	uint8_t bytes[BREAKPOINT_REGISTERS_MAX];
	size_t size;
};
must_use bool task_registers_read(int32_t tid, struct task_registers *ret);
bool task_registers_write(int32_t tid, const struct task_registers *registers);
/** The word at @p place, 0 if the kernel gave fewer. */
uint64_t task_register(const struct task_registers *registers, size_t place);

#endif
