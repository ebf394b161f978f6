// The tracer's lists of tasks and processes. Numbers are looked up in order: there are a few thousand at most, and
// what comes next, a system call, takes longer.

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "target/tracer.h"

enum { TASKS_END_MS = 2000 };

struct trace_task *trace_find_task(const struct tracer *tracer, int32_t tid)
{
	for (size_t i = 0; i < tracer->tasks.count; i++) {
		if (tracer->tasks.items[i]->tid == tid)
			return tracer->tasks.items[i];
	}
	return NULL;
}

struct trace_process *trace_find_process(const struct tracer *tracer, int32_t pid)
{
	for (size_t i = 0; i < tracer->processes.count; i++) {
		if (tracer->processes.items[i]->pid == pid)
			return tracer->processes.items[i];
	}
	return NULL;
}

struct trace_task *trace_add_task(struct tracer *tracer, int32_t tid, struct trace_process *process)
{
	struct trace_task *task = calloc(1, sizeof(*task));
	struct trace_task **place = task ? vec_push(&tracer->tasks) : NULL;
	if (!place) {
		free(task);
		return NULL;
	}
	*task = (struct trace_task){ .tid = tid, .process = process };
	*place = task;
	return task;
}

struct trace_process *trace_add_process(struct tracer *tracer, int32_t pid)
{
	struct trace_process *process = calloc(1, sizeof(*process));
	struct trace_process **place = process ? vec_push(&tracer->processes) : NULL;
	if (!place) {
		free(process);
		return NULL;
	}
	process->pid = pid;
	*place = process;
	return process;
}

void trace_drop_task(struct tracer *tracer, struct trace_task *task)
{
	for (size_t i = 0; i < tracer->tasks.count; i++) {
		if (tracer->tasks.items[i] != task)
			continue;
		tracer->tasks.items[i] = tracer->tasks.items[--tracer->tasks.count];
		free(task);
		return;
	}
}

void trace_drop_process(struct tracer *tracer, struct trace_process *process)
{
	if (!process)
		return;
	for (size_t i = tracer->tasks.count; i-- > 0;) {
		if (tracer->tasks.items[i]->process == process)
			trace_drop_task(tracer, tracer->tasks.items[i]);
	}
	for (size_t i = 0; i < tracer->processes.count; i++) {
		if (tracer->processes.items[i] == process) {
			tracer->processes.items[i] = tracer->processes.items[--tracer->processes.count];
			break;
		}
	}
	vec_deinit(&process->places);
	free(process);
}

bool tracer_has(const struct tracer *tracer, int32_t pid)
{
	return trace_find_process(tracer, pid) != NULL;
}

// A process that is killed ends thread by thread, each of which stops once more at its end.
static void end_all(struct tracer *tracer)
{
	for (size_t i = 0; i < tracer->processes.count; i++)
		kill(tracer->processes.items[i]->pid, SIGKILL);
	for (int waited = 0; waited < TASKS_END_MS && tracer->tasks.count; waited++) {
		for (size_t i = tracer->tasks.count; i-- > 0;) {
			struct trace_task *task = tracer->tasks.items[i];
			int status = 0;
			pid_t got = waitpid(task->tid, &status, __WALL | WNOHANG);
			if (got == task->tid && WIFSTOPPED(status))
				ptrace(PTRACE_CONT, task->tid, NULL, NULL);
			else if (got)
				trace_drop_task(tracer, task);
			else // stopped before, and not killed by that
				ptrace(PTRACE_CONT, task->tid, NULL, NULL);
		}
		usleep(waited < TASKS_END_MS / 10 ? 100 : 1000);
	}
}

void tracer_close(struct tracer *tracer)
{
	if (!tracer)
		return;
	if (!tracer->is_free)
		end_all(tracer);
	while (tracer->processes.count)
		trace_drop_process(tracer, tracer->processes.items[0]);
	while (tracer->tasks.count)
		trace_drop_task(tracer, tracer->tasks.items[0]);
	vec_deinit(&tracer->tasks);
	vec_deinit(&tracer->processes);
	free(tracer);
}
