// Letting go for good. Whatever a task is at must not be seen by it afterwards: a breakpoint that it has just run into,
// a child that was just born stopped, an instruction in memory.

#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>

#include "target/breakpoint.h"
#include "target/signals.h"

enum { RELEASE_WAIT_TRIES = 2500 }; // of 200 microseconds

static bool is_plain_signal(const struct trace_task *task)
{
	return task->has_status && WIFSTOPPED(task->status) && !(task->status >> 16);
}

// A breakpoint can be hit and not be reported yet, if the task was interrupted in between: it is once the task goes
// on.
static void bring_out(struct trace_task *task)
{
	if (task->has_status || task->is_held || !signals_is_pending(task->tid, SIGTRAP))
		return;
	int signal = task->signal;
	task->signal = 0;
	if (ptrace(PTRACE_CONT, task->tid, NULL, (void *)(uintptr_t)signal))
		return;
	task->state = TASK_RUNS;
	for (int i = 0; i < RELEASE_WAIT_TRIES && !trace_poll(task); i++) {
		struct timespec rest = { .tv_nsec = 200000 };
		nanosleep(&rest, NULL);
	}
}

// What it was stopped with is not lost: a signal goes with it, a breakpoint was never there.
static void settle(struct tracer *tracer, struct trace_task *task)
{
	bool is_ours = false;
	if (task->is_exiting)
		return;
	bring_out(task);
	if (!is_plain_signal(task))
		return;
	task->has_status = false;
	if (WSTOPSIG(task->status) == SIGTRAP)
		breakpoint_hit(tracer, task, &is_ours);
	task->signal = is_ours ? 0 : WSTOPSIG(task->status);
}

// Children of which a task was about to tell; they wait for that.
static struct polyton_error *meet_newcomers(struct tracer *tracer, const struct trace_process *process)
{
	struct polyton_error *error = NULL;
	for (size_t i = 0; !error && i < tracer->tasks.count; i++) {
		struct trace_task *task = tracer->tasks.items[i];
		int event = task->has_status && WIFSTOPPED(task->status) ? task->status >> 16 : 0;
		if (task->process == process &&
		    (event == PTRACE_EVENT_CLONE || event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK))
			error = trace_take(tracer, task);
	}
	return error;
}

static void detach(struct tracer *tracer, struct trace_task *task)
{
	// In memory there is nothing to get past any more once the last instruction is out.
	if (task->process && !task->is_exiting)
		breakpoint_load(tracer, task);
	task->is_free = !ptrace(PTRACE_DETACH, task->tid, NULL, (void *)(uintptr_t)task->signal);
}

// Of the tasks that are free only the program itself is still ours, as a child. Those that are not are at their ends,
// which have to be heard of, or are still to stop.
static void forget(struct tracer *tracer, struct trace_task *task)
{
	if (!task->is_free)
		return;
	if (task->tid != tracer->pid)
		trace_drop_task(tracer, task);
	else
		*task = (struct trace_task){ .tid = task->tid, .process = task->process, .is_free = true };
}

void trace_let_go(struct tracer *tracer, struct trace_task *task)
{
	task->state = TASK_STOPPED;
	settle(tracer, task);
	memset(task->slots, 0, sizeof(task->slots));
	detach(tracer, task);
	forget(tracer, task);
}

static void release_process(struct tracer *tracer, struct trace_process *process)
{
	struct polyton_error *error = NULL;
	for (size_t i = 0; i < tracer->tasks.count; i++) {
		struct trace_task *task = tracer->tasks.items[i];
		// A task in group-stop has to be stopped to be detached; the kernel puts it back there.
		if (task->process == process && task->state == TASK_LISTENS)
			task->state = TASK_RUNS;
	}
	process->is_leaving = false;
	for (int round = 0; !error && round < 2; round++) { // once more for threads that were just born
		process->is_paused = false;
		tracer_pause(tracer, process->pid);
		error = meet_newcomers(tracer, process);
	}
	polyton_error_destroy(error); // then some of them stay, until we end
	for (size_t i = 0; i < tracer->tasks.count; i++) {
		if (tracer->tasks.items[i]->process == process && tracer->tasks.items[i]->state == TASK_STOPPED)
			settle(tracer, tracer->tasks.items[i]);
	}
	memset(process->breakpoints, 0, sizeof(process->breakpoints));
	// One that has not stopped yet is told from others that get SIGTRAP by its slots.
	for (size_t i = 0; i < tracer->tasks.count; i++) {
		struct trace_task *task = tracer->tasks.items[i];
		if (task->process == process && (task->state == TASK_STOPPED || process->uses_memory))
			memset(task->slots, 0, sizeof(task->slots));
	}
	for (size_t i = 0; i < tracer->tasks.count; i++) {
		if (tracer->tasks.items[i]->process == process && tracer->tasks.items[i]->state == TASK_STOPPED)
			detach(tracer, tracer->tasks.items[i]);
	}
}

void tracer_release(struct tracer *tracer)
{
	if (tracer->is_free)
		return;
	for (size_t i = 0; i < tracer->processes.count; i++) // which get more, by children that were just born
		release_process(tracer, tracer->processes.items[i]);
	for (size_t i = 0; i < tracer->tasks.count; i++) {
		if (!tracer->tasks.items[i]->process)
			detach(tracer, tracer->tasks.items[i]);
	}
	tracer->is_free = true;
	for (size_t i = tracer->tasks.count; i-- > 0;)
		forget(tracer, tracer->tasks.items[i]);
	for (size_t i = 0; i < tracer->processes.count; i++)
		tracer->processes.items[i]->is_paused = false;
}
