// Holding traced tasks for a while, and letting them go for good. A thread in uninterruptible sleep is not waited for.

#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "target/breakpoint.h"

enum { PAUSE_WAIT_MS = 500 };

// Whether it has come to where it is waited for. What it stopped with is kept, but for the stop that was asked for.
static bool has_arrived(struct trace_task *task, bool is_end)
{
	// The first thread of a process may be long past its end, and is not heard of before the last one is.
	if (task->is_exiting || (!is_end && task->state != TASK_RUNS))
		return true;
	if (is_end && task->has_status && !WIFSTOPPED(task->status))
		return true;
	if (is_end) // killed out of whatever stop it was in
		task->has_status = false;
	if (!trace_poll(task))
		return false;
	if (!WIFSTOPPED(task->status))
		return true;
	if (is_end && task->status >> 16 == PTRACE_EVENT_EXIT) {
		task->has_status = false;
		task->is_exiting = true;
		task->signal = 0;
	} else if (!is_end && task->status >> 16 == PTRACE_EVENT_STOP && WSTOPSIG(task->status) == SIGTRAP &&
		   !task->is_new) {
		task->has_status = false;
	}
	return !is_end || task->is_exiting;
}

void trace_gather(struct tracer *tracer, struct trace_process *process, bool is_end)
{
	uint64_t deadline = clock_ns() + PAUSE_WAIT_MS * UINT64_C(1000000);
	bool is_missing = true;
	for (unsigned tries = 0; is_missing && clock_ns() < deadline; tries++) {
		is_missing = false;
		for (size_t i = 0; i < tracer->tasks.count; i++) {
			struct trace_task *task = tracer->tasks.items[i];
			if (task->process == process && !has_arrived(task, is_end))
				is_missing = true;
		}
		// Most stop within microseconds; only then give the processor away.
		struct timespec rest = { .tv_nsec = tries < 100 ? 0 : 200000 };
		if (is_missing)
			nanosleep(&rest, NULL);
	}
}

void tracer_pause(struct tracer *tracer, int32_t pid)
{
	struct trace_process *process = trace_find_process(tracer, pid);
	if (!process || process->is_paused || tracer->is_free)
		return;
	process->is_paused = true;
	for (size_t i = 0; i < tracer->tasks.count; i++) {
		const struct trace_task *task = tracer->tasks.items[i];
		if (task->process == process && task->state == TASK_RUNS)
			ptrace(PTRACE_INTERRUPT, task->tid, NULL, NULL);
	}
	trace_gather(tracer, process, false);
}

void tracer_unpause(struct tracer *tracer, int32_t pid)
{
	struct trace_process *process = trace_find_process(tracer, pid);
	if (!process)
		return;
	process->is_paused = false;
	for (size_t i = 0; i < tracer->tasks.count; i++) {
		if (tracer->tasks.items[i]->process == process)
			trace_go_on(tracer, tracer->tasks.items[i]);
	}
}

void tracer_resume(struct tracer *tracer, int32_t pid)
{
	struct trace_process *process = trace_find_process(tracer, pid);
	for (size_t i = 0; process && i < tracer->tasks.count; i++) {
		struct trace_task *task = tracer->tasks.items[i];
		if (task->process != process || !task->is_held)
			continue;
		task->is_held = false;
		trace_go_on(tracer, task);
	}
}

void tracer_set_machine(struct tracer *tracer, int32_t pid, const struct arch *arch)
{
	struct trace_process *process = trace_find_process(tracer, pid);
	if (process)
		process->arch = arch;
}

bool tracer_set_breakpoint(struct tracer *tracer, int32_t pid, unsigned slot, uint64_t address)
{
	struct trace_process *process = trace_find_process(tracer, pid);
	bool is_good = process && process->arch && slot < ARCH_SHARED_SLOTS;
	if (!is_good)
		return false;
	process->breakpoints[slot] = address;
	for (size_t i = 0; i < tracer->tasks.count; i++) {
		struct trace_task *task = tracer->tasks.items[i];
		if (task->process == process && task->state == TASK_STOPPED)
			is_good = breakpoint_load(tracer, task) && is_good;
	}
	if (!is_good)
		process->breakpoints[slot] = 0;
	return is_good;
}

bool tracer_set_slot(struct tracer *tracer, int32_t tid, unsigned slot, uint64_t address)
{
	struct trace_task *task = trace_find_task(tracer, tid);
	if (!task || !task->process || slot < ARCH_SHARED_SLOTS || slot >= ARCH_SLOTS)
		return false;
	task->slots[slot] = address;
	if (breakpoint_load(tracer, task))
		return true;
	task->slots[slot] = 0;
	return false;
}

bool tracer_registers(struct tracer *tracer, int32_t tid, uint64_t ret[ARCH_FRAME_REGISTERS])
{
	const struct trace_task *task = trace_find_task(tracer, tid);
	struct task_registers registers;
	if (!task || !task->process || !task->process->arch || !task_registers_read(tid, &registers))
		return false;
	const struct arch_tracing *tracing = &task->process->arch->tracing;
	for (unsigned i = 0; i < tracing->frame_registers; i++)
		ret[i] = task_register(&registers, tracing->frame_places[i]);
	return tracing->frame_registers != 0;
}
