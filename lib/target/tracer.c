// What the kernel reports of traced tasks, made into few events. Reports of different tasks come in any order: a
// child may stop before its parent has told of it, and a thread may be gone before its last report is read.

#include "target/tracer.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "target/breakpoint.h"
#include "target/signals.h"

enum { TRACER_MAX_STATUSES = 64 }; // of one step

static unsigned long event_message(const struct trace_task *task)
{
	unsigned long message = 0;
	ptrace(PTRACE_GETEVENTMSG, task->tid, NULL, &message);
	return message;
}

static void hold(struct trace_task *task, enum trace_kind kind, int number, struct trace_event *ret)
{
	task->is_held = true;
	*ret = (struct trace_event){ kind, task->process->pid, task->tid, number };
}

void trace_go_on(struct tracer *tracer, struct trace_task *task)
{
	if (task->state != TASK_STOPPED || task->is_held || task->has_status ||
	    (task->process && task->process->is_paused))
		return;
	// What cannot be set now is missed, and was tried when the breakpoint was asked for.
	if (task->process && !task->is_exiting)
		breakpoint_load(tracer, task);
	breakpoint_pass(tracer, task);
	int signal = task->signal;
	task->signal = 0;
	task->state = TASK_RUNS;
	ptrace(PTRACE_CONT, task->tid, NULL, (void *)(uintptr_t)signal);
}

// A thread of a known process, or a child whose parent is still to tell of it.
static struct trace_task *adopt(struct tracer *tracer, int32_t tid)
{
	struct trace_task *task = trace_add_task(tracer, tid, trace_find_process(tracer, signals_find_process(tid)));
	if (task)
		task->is_new = true;
	return task;
}

static struct trace_task *newcomer(struct tracer *tracer, int32_t tid)
{
	struct trace_task *task = trace_find_task(tracer, tid);
	return task ? task : adopt(tracer, tid);
}

// A child that is nobody's concern: it is rid of breakpoints, and goes its own way.
static void let_child_go(struct tracer *tracer, struct trace_task *task)
{
	struct trace_process *process = task->process;
	breakpoint_lift(process, task->tid);
	ptrace(PTRACE_DETACH, task->tid, NULL, NULL);
	trace_drop_process(tracer, process);
}

static struct polyton_error *take_first_stop(struct tracer *tracer, struct trace_task *task)
{
	task->is_new = false;
	if (!task->process)
		return NULL; // it waits for its parent's word
	if (task->process->is_leaving)
		let_child_go(tracer, task);
	else
		trace_go_on(tracer, task);
	return NULL;
}

// The breakpoints in a child's memory are a copy of its parent's, or the same.
static struct polyton_error *copy_places(const struct trace_process *parent, struct trace_process *child)
{
	child->arch = parent->arch;
	memcpy(child->breakpoints, parent->breakpoints, sizeof(child->breakpoints));
	child->uses_memory = parent->uses_memory;
	for (size_t i = 0; i < parent->places.count; i++) {
		struct trace_place *place = vec_push(&child->places);
		if (!place)
			return error_no_memory();
		*place = parent->places.items[i];
	}
	return NULL;
}

static struct polyton_error *take_child(struct tracer *tracer, struct trace_task *task, bool is_vfork,
					struct trace_event *ret)
{
	int32_t pid = (int32_t)event_message(task);
	struct trace_task *child = pid > 0 ? newcomer(tracer, pid) : NULL;
	struct trace_process *process = child ? trace_add_process(tracer, pid) : NULL;
	if (!process)
		return pid > 0 ? error_no_memory() : NULL;
	// Before it gets its copy of the list of places: in its memory there are none then.
	if (is_vfork && task->process->uses_memory) {
		breakpoint_lift(task->process, task->tid);
		task->process->is_lent = true;
	}
	child->process = process;
	struct polyton_error *error = copy_places(task->process, process);
	if (error)
		return error;
	process->is_lent = is_vfork && process->uses_memory;
	process->is_leaving = !tracer->is_follow;
	bool has_stopped = child->state == TASK_STOPPED && !child->has_status && !child->is_new;
	if (!tracer->is_follow) {
		if (has_stopped)
			let_child_go(tracer, child);
		trace_go_on(tracer, task);
		return NULL;
	}
	if (has_stopped)
		child->is_held = true;
	hold(task, TRACE_FORK, pid, ret);
	return NULL;
}

static struct polyton_error *take_clone(struct tracer *tracer, struct trace_task *task, struct trace_event *ret)
{
	int32_t tid = (int32_t)event_message(task);
	const struct trace_task *other = tid > 0 ? newcomer(tracer, tid) : NULL;
	if (tid > 0 && !other)
		return error_no_memory();
	// clone() can also make a process, without a signal at its end. One that is gone already is of no interest.
	if (other && !other->process && signals_find_process(tid) == tid)
		return take_child(tracer, task, false, ret);
	trace_go_on(tracer, task);
	return NULL;
}

// All other tasks of the process are gone, and this one has the process's number now.
static struct polyton_error *take_exec(struct tracer *tracer, struct trace_task *task, struct trace_event *ret)
{
	struct trace_process *process = task->process;
	int32_t tid = task->tid;
	for (size_t i = tracer->tasks.count; i-- > 0;) {
		if (tracer->tasks.items[i]->process == process && tracer->tasks.items[i] != task)
			trace_drop_task(tracer, tracer->tasks.items[i]);
	}
	*task = (struct trace_task){ .tid = tid, .process = process, .state = TASK_STOPPED };
	process->places.count = 0;
	process->arch = NULL;
	memset(process->breakpoints, 0, sizeof(process->breakpoints));
	process->is_ending = process->uses_memory = process->is_lent = false;
	hold(task, TRACE_EXEC, 0, ret);
	return NULL;
}

static bool has_others(const struct tracer *tracer, const struct trace_task *task)
{
	for (size_t i = 0; i < tracer->tasks.count; i++) {
		const struct trace_task *other = tracer->tasks.items[i];
		if (other != task && other->process == task->process && !other->is_exiting)
			return true;
	}
	return false;
}

// Whether it is just this thread that ends: by exit(2), while others go on.
static bool ends_alone(const struct tracer *tracer, const struct trace_task *task)
{
	const struct arch *arch = task->process->arch;
	struct task_registers registers;
	if (!has_others(tracer, task))
		return false;
	if (!arch || !arch->tracing.sys_exit || !task_registers_read(task->tid, &registers))
		return true;
	return task_register(&registers, arch->tracing.syscall_place) == arch->tracing.sys_exit;
}

static struct polyton_error *take_end(struct tracer *tracer, struct trace_task *task, struct trace_event *ret)
{
	struct trace_process *process = task->process;
	task->is_exiting = true;
	task->signal = 0;
	if (process->is_ending || ends_alone(tracer, task)) {
		trace_go_on(tracer, task);
		return NULL;
	}
	// The others were killed, and stop at their own ends: until they are let go, all memory is still there.
	process->is_ending = true;
	int status = (int)event_message(task);
	trace_gather(tracer, process, true);
	for (size_t i = 0; i < tracer->tasks.count; i++) {
		struct trace_task *other = tracer->tasks.items[i];
		if (other->process == process && other->is_exiting && other->state == TASK_STOPPED)
			other->is_held = true;
	}
	hold(task, TRACE_ENDING, status, ret);
	return NULL;
}

static struct polyton_error *take_interruption(struct tracer *tracer, struct trace_task *task, int signal,
					       struct trace_event *ret)
{
	if (task->is_new)
		return take_first_stop(tracer, task);
	if (signal == SIGTRAP) {
		trace_go_on(tracer, task);
		return NULL;
	}
	// Group-stop: the task waits for SIGCONT, as it would without us.
	task->state = TASK_LISTENS;
	ptrace(PTRACE_LISTEN, task->tid, NULL, NULL);
	if (task->tid == task->process->pid)
		*ret = (struct trace_event){ TRACE_STOPPED, task->process->pid, task->tid, signal };
	return NULL;
}

static struct polyton_error *take_signal(struct tracer *tracer, struct trace_task *task, int signal,
					 struct trace_event *ret)
{
	bool is_ours = false;
	int slot = signal == SIGTRAP ? breakpoint_hit(tracer, task, &is_ours) : BREAKPOINT_NONE;
	if (slot != BREAKPOINT_NONE) {
		hold(task, TRACE_BREAKPOINT, slot, ret);
		return NULL;
	}
	task->signal = is_ours ? 0 : signal;
	if (!is_ours && !task->process->is_ending && signals_is_fatal(task->tid, signal)) {
		task->process->is_ending = true;
		hold(task, TRACE_DEATH, signal, ret);
		return NULL;
	}
	trace_go_on(tracer, task);
	return NULL;
}

static struct polyton_error *take_stop(struct tracer *tracer, struct trace_task *task, int status,
				       struct trace_event *ret)
{
	task->state = TASK_STOPPED;
	if (!task->process) { // its parent will tell
		task->is_new = false;
		return NULL;
	}
	switch (status >> 16) {
	case PTRACE_EVENT_EXEC:
		return take_exec(tracer, task, ret);
	case PTRACE_EVENT_CLONE:
		return take_clone(tracer, task, ret);
	case PTRACE_EVENT_FORK:
		return take_child(tracer, task, false, ret);
	case PTRACE_EVENT_VFORK:
		return take_child(tracer, task, true, ret);
	case PTRACE_EVENT_VFORK_DONE:
		task->process->is_lent = false;
		breakpoint_restore(task->process, task->tid);
		trace_go_on(tracer, task);
		return NULL;
	case PTRACE_EVENT_EXIT:
		return take_end(tracer, task, ret);
	case PTRACE_EVENT_STOP:
		return take_interruption(tracer, task, WSTOPSIG(status), ret);
	default:
		return take_signal(tracer, task, WSTOPSIG(status), ret);
	}
}

static struct polyton_error *take_status(struct tracer *tracer, struct trace_task *task, struct trace_event *ret)
{
	int status = task->status;
	struct trace_process *process = task->process;
	if (WIFSTOPPED(status) && tracer->is_free) {
		trace_let_go(tracer, task);
		return NULL;
	}
	task->has_status = false;
	if (WIFSTOPPED(status))
		return take_stop(tracer, task, status, ret);
	int32_t pid = process ? process->pid : 0;
	if (pid != task->tid) {
		trace_drop_task(tracer, task);
		return NULL;
	}
	// The first task reports last, when all others are gone.
	*ret = (struct trace_event){ TRACE_ENDED, pid, pid, status };
	tracer->has_ended |= pid == tracer->pid;
	trace_drop_process(tracer, process);
	return NULL;
}

struct polyton_error *trace_take(struct tracer *tracer, struct trace_task *task)
{
	struct trace_event event = { .kind = TRACE_NOTHING };
	return take_status(tracer, task, &event);
}

bool trace_poll(struct trace_task *task)
{
	int status;
	if (task->has_status)
		return true;
	if (waitpid(task->tid, &status, __WALL | WNOHANG) != task->tid)
		return false;
	task->status = status;
	task->has_status = true;
	if (WIFSTOPPED(status))
		task->state = TASK_STOPPED;
	return true;
}

// Something that waits to be reported by one of our tasks. Other children of the caller are left alone: one that has
// ended and was not reaped stands before all others, and then each of ours is asked by name.
static struct polyton_error *find_news(struct tracer *tracer, struct trace_task **ret)
{
	siginfo_t info = { 0 };
	*ret = NULL;
	for (size_t i = 0; i < tracer->tasks.count; i++) {
		struct trace_task *task = tracer->tasks.items[i];
		if (task->has_status && !(task->process && task->process->is_paused)) {
			*ret = task;
			return NULL;
		}
	}
	if (waitid(P_ALL, 0, &info, WEXITED | WSTOPPED | WNOHANG | WNOWAIT | __WALL | __WNOTHREAD) || !info.si_pid)
		return NULL;
	struct trace_task *task = trace_find_task(tracer, info.si_pid);
	if (!task && info.si_code == CLD_TRAPPED && !tracer->is_free) {
		task = adopt(tracer, info.si_pid);
		if (!task)
			return error_no_memory();
	}
	if (task && trace_poll(task)) {
		*ret = task->process && task->process->is_paused ? NULL : task;
		return NULL;
	}
	for (size_t i = 0; !*ret && i < tracer->tasks.count; i++) {
		if (trace_poll(tracer->tasks.items[i]))
			*ret = tracer->tasks.items[i];
	}
	return NULL;
}

struct polyton_error *tracer_step(struct tracer *tracer, struct trace_event *ret)
{
	*ret = (struct trace_event){ .kind = TRACE_NOTHING };
	for (int i = 0; ret->kind == TRACE_NOTHING; i++) {
		struct trace_task *task = NULL;
		struct polyton_error *error = find_news(tracer, &task);
		if (error || !task)
			return error;
		if (i == TRACER_MAX_STATUSES) {
			ret->kind = TRACE_BUSY;
			return NULL;
		}
		error = take_status(tracer, task, ret);
		if (error)
			return error;
	}
	return NULL;
}
