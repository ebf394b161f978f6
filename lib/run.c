// A run puts together who is traced (target/tracer), what its loader does (follow), and sessions that look.

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "follow.h"
#include "session.h"

enum {
	RUN_MAX_EVENTS = 64, // of one step that nobody is told of
};

struct polyton_run {
	struct follower follower;
	struct polyton_options look;
	vec_of(struct run_process *) processes;
	int32_t pid;
	int32_t held[2]; ///< Processes of the last event.
};

static struct run_process *find_process(const struct polyton_run *run, int32_t pid)
{
	for (size_t i = 0; i < run->processes.count; i++) {
		if (run->processes.items[i]->pid == pid)
			return run->processes.items[i];
	}
	return NULL;
}

static struct run_process *add_process(struct polyton_run *run, int32_t pid)
{
	struct run_process *process = calloc(1, sizeof(*process));
	struct run_process **place = process ? vec_push(&run->processes) : NULL;
	if (!place) {
		free(process);
		return NULL;
	}
	process->pid = pid;
	*place = process;
	return process;
}

static void drop_process(struct polyton_run *run, struct run_process *process)
{
	for (size_t i = 0; i < run->processes.count; i++) {
		if (run->processes.items[i] != process)
			continue;
		run->processes.items[i] = run->processes.items[--run->processes.count];
		follow_forget(process);
		vec_deinit(&process->pending);
		free(process);
		return;
	}
}

static struct polyton_error *explain_failure(struct polyton_error *error, int reason, const char *path)
{
	if (!reason)
		return error;
	polyton_error_destroy(error);
	if (reason == ENOENT || reason == ENOTDIR)
		return error_create(POLYTON_ERROR_NOT_FOUND, "cannot run '%s': %s", path, strerror(reason));
	return error_errno(POLYTON_ERROR_UNSUPPORTED, reason, "cannot run '%s'", path);
}

struct polyton_error *polyton_run_start(char *const argv[], const struct polyton_run_options *options,
					struct polyton_run **ret)
{
	struct polyton_run_options wanted = { 0 };
	int reason = 0;
	if (!argv || !argv[0])
		return error_create(POLYTON_ERROR_ARGUMENT, "no program to run");
	// A caller built against an older header has shorter structures; what they lack stays zero.
	if (options)
		memcpy(&wanted, options, options->size < sizeof(wanted) ? options->size : sizeof(wanted));
	struct polyton_run *run = calloc(1, sizeof(*run));
	if (!run)
		return error_no_memory();
	if (wanted.look)
		memcpy(&run->look, wanted.look,
		       wanted.look->size < sizeof(run->look) ? wanted.look->size : sizeof(run->look));
	run->look.size = sizeof(run->look);
	run->look.stop = false; // it stands still anyway
	run->follower.start_ns = clock_ns();
	const struct tracer_options traced = { wanted.follow, wanted.no_debug_registers, wanted.prepare, wanted.arg };
	struct polyton_error *error = tracer_start(argv, &traced, &run->follower.tracer, &reason);
	if (!error) {
		run->pid = run->follower.tracer->pid;
		if (!add_process(run, run->pid))
			error = error_no_memory();
	}
	if (error) {
		polyton_run_close(run);
		return explain_failure(error, reason, argv[0]);
	}
	*ret = run;
	return NULL;
}

int32_t polyton_run_pid(const struct polyton_run *run)
{
	return run->pid;
}

void polyton_run_close(struct polyton_run *run)
{
	if (!run)
		return;
	while (run->processes.count)
		drop_process(run, run->processes.items[0]);
	vec_deinit(&run->processes);
	vec_deinit(&run->follower.loaded);
	tracer_close(run->follower.tracer);
	free(run);
}

void polyton_run_release(struct polyton_run *run)
{
	tracer_release(run->follower.tracer);
	run->held[0] = run->held[1] = 0;
}

static struct polyton_error *take_fork(struct polyton_run *run, const struct run_process *parent, int32_t pid)
{
	struct run_process *child = add_process(run, pid);
	return child ? follow_fork(parent, child) : error_no_memory();
}

static struct polyton_error *translate(struct polyton_run *run, const struct trace_event *event,
				       struct polyton_run_event *ret)
{
	struct run_process *process = find_process(run, event->pid);
	run->held[0] = event->pid;
	run->held[1] = 0;
	ret->pid = event->pid;
	ret->tid = event->tid;
	ret->number = event->number;
	switch (event->kind) {
	case TRACE_NOTHING:
		return NULL;
	case TRACE_BUSY:
		ret->kind = POLYTON_RUN_BUSY;
		return NULL;
	case TRACE_EXEC:
		ret->kind = POLYTON_RUN_EXEC;
		return process ? follow_exec(&run->follower, process) : NULL;
	case TRACE_FORK:
		ret->kind = POLYTON_RUN_FORK;
		run->held[1] = event->number;
		return process ? take_fork(run, process, event->number) : NULL;
	case TRACE_BREAKPOINT:
		return process ? follow_breakpoint(&run->follower, process, event, ret) : NULL;
	case TRACE_DEATH:
		ret->kind = POLYTON_RUN_DYING;
		break;
	case TRACE_ENDING:
		ret->kind = POLYTON_RUN_ENDING;
		break;
	case TRACE_STOPPED:
		ret->kind = POLYTON_RUN_STOPPED;
		break;
	case TRACE_ENDED:
		ret->kind = POLYTON_RUN_ENDED;
		drop_process(run, process);
		break;
	}
	return NULL;
}

// What was told is over.
static void go_on(struct polyton_run *run)
{
	for (int i = 0; i < 2; i++) {
		struct run_process *process = find_process(run, run->held[i]);
		if (process) {
			process->moment = POLYTON_MOMENT_RUNNING;
			process->moment_number = 0;
		}
		tracer_resume(run->follower.tracer, run->held[i]);
		run->held[i] = 0;
	}
}

static void set_moment(struct polyton_run *run, const struct polyton_run_event *event)
{
	struct run_process *process = find_process(run, event->pid);
	if (!process)
		return;
	if (event->kind == POLYTON_RUN_UNLOADING)
		process->moment = POLYTON_MOMENT_UNLOADING;
	else if (event->kind == POLYTON_RUN_DYING)
		process->moment = POLYTON_MOMENT_DYING;
	else if (event->kind == POLYTON_RUN_EXITING)
		process->moment = POLYTON_MOMENT_EXITING;
	else if (event->kind == POLYTON_RUN_ENDING)
		process->moment = POLYTON_MOMENT_ENDING;
	process->moment_number = process->moment == POLYTON_MOMENT_RUNNING ? 0 : event->number;
}

struct polyton_error *polyton_run_step(struct polyton_run *run, struct polyton_run_event *ret)
{
	struct polyton_run_event event = { .kind = POLYTON_RUN_NOTHING };
	struct polyton_error *error = NULL;
	for (int i = 0; !error && event.kind == POLYTON_RUN_NOTHING; i++) {
		struct trace_event traced;
		go_on(run);
		if (i == RUN_MAX_EVENTS) {
			event.kind = POLYTON_RUN_BUSY;
			break;
		}
		error = tracer_step(run->follower.tracer, &traced);
		if (error || traced.kind == TRACE_NOTHING)
			break;
		error = translate(run, &traced, &event);
	}
	if (error)
		return error;
	set_moment(run, &event);
	*ret = event;
	return NULL;
}

struct polyton_error *polyton_run_capture(struct polyton_run *run, int32_t pid, struct polyton_snapshot **ret)
{
	struct run_process *process = find_process(run, pid);
	struct polyton_error *error = NULL;
	if (!process || !tracer_has(run->follower.tracer, pid))
		return error_create(POLYTON_ERROR_NO_SUBJECT, "process %d is not of this run, or has ended", pid);
	tracer_pause(run->follower.tracer, pid);
	if (!process->session)
		error = polyton_open_process(pid, &run->look, &process->session);
	if (!error) {
		session_watch(process->session, &process->loading, process->moment, process->moment_number);
		error = polyton_session_capture(process->session, ret);
	}
	tracer_unpause(run->follower.tracer, pid);
	return error;
}
