// The child waits until it is traced, and only then becomes the program: so it is traced from its first instruction
// on. What it cannot do is told through a pipe that exec() closes.

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "target/tracer.h"

/** Both ends of two pipes. */
struct talk {
	int go[2], failure[2];
};

static void close_pair(int *pair)
{
	for (int i = 0; i < 2; i++) {
		if (pair[i] >= 0)
			close(pair[i]);
		pair[i] = -1;
	}
}

static bool read_fully(int fd, void *bytes, size_t size)
{
	ssize_t got;
	do {
		got = read(fd, bytes, size);
	} while (got < 0 && errno == EINTR);
	return got == (ssize_t)size;
}

// In the child of a program that may have threads: only what is safe in a signal handler, too.
static void become(const struct talk *talk, char *const argv[], const struct tracer_options *options)
{
	char byte;
	int reason = 0;
	close(talk->go[1]);
	close(talk->failure[0]);
	if (!read_fully(talk->go[0], &byte, 1))
		_exit(127); // whoever wanted to trace it is gone
	if (options->prepare)
		reason = options->prepare(options->arg);
	if (!reason) {
		execvp(argv[0], argv);
		reason = errno;
	}
	(void)!write(talk->failure[1], &reason, sizeof(reason));
	_exit(127);
}

static bool seize(const struct tracer *tracer, pid_t pid)
{
	uintptr_t wanted = PTRACE_O_EXITKILL | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT;
	uintptr_t children = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEVFORKDONE;
	// A child has no debug registers set, but it has the instructions that are in its parent's memory.
	if (tracer->is_follow || tracer->no_debug)
		wanted |= children;
	return !ptrace(PTRACE_SEIZE, pid, NULL, (void *)wanted);
}

static struct polyton_error *trace_child(struct tracer *tracer, pid_t pid)
{
	struct trace_process *process = trace_add_process(tracer, pid);
	struct trace_task *task = process ? trace_add_task(tracer, pid, process) : NULL;
	if (!task)
		return error_no_memory();
	tracer->pid = pid;
	if (!seize(tracer, pid))
		return error_errno(POLYTON_ERROR_SYSTEM, errno,
				   "cannot trace the program that was started (in a container, ptrace(2) must be "
				   "allowed)");
	return NULL;
}

static struct polyton_error *start(struct tracer *tracer, char *const argv[], const struct tracer_options *options,
				   struct talk *talk, int *errno_ret)
{
	int reason = 0;
	if (pipe2(talk->go, O_CLOEXEC) || pipe2(talk->failure, O_CLOEXEC))
		return error_errno(POLYTON_ERROR_SYSTEM, errno, "cannot make a pipe");
	pid_t pid = fork();
	if (pid < 0)
		return error_errno(POLYTON_ERROR_SYSTEM, errno, "cannot start a process");
	if (!pid)
		become(talk, argv, options);
	close(talk->go[0]);
	talk->go[0] = -1;
	close(talk->failure[1]);
	talk->failure[1] = -1;
	struct polyton_error *error = trace_child(tracer, pid);
	if (!error && write(talk->go[1], "", 1) != 1)
		error = error_errno(POLYTON_ERROR_SYSTEM, errno, "cannot start the program");
	// The stop at exec() comes after the pipe is closed.
	if (!error && read_fully(talk->failure[0], &reason, sizeof(reason))) {
		*errno_ret = reason;
		error = error_errno(POLYTON_ERROR_SYSTEM, reason, "cannot run '%s'", argv[0]);
	}
	if (error) {
		kill(pid, SIGKILL);
		int status;
		// It may still report its end as a stop.
		while (waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status))
			ptrace(PTRACE_CONT, pid, NULL, NULL);
		tracer->has_ended = true;
		trace_drop_process(tracer, trace_find_process(tracer, pid));
	}
	return error;
}

struct polyton_error *tracer_start(char *const argv[], const struct tracer_options *options, struct tracer **ret,
				   int *errno_ret)
{
	struct talk talk = { { -1, -1 }, { -1, -1 } };
	struct tracer *tracer = calloc(1, sizeof(*tracer));
	*errno_ret = 0;
	if (!tracer)
		return error_no_memory();
	tracer->is_follow = options->follow;
	tracer->no_debug = options->no_debug_registers;
	struct polyton_error *error = start(tracer, argv, options, &talk, errno_ret);
	close_pair(talk.go);
	close_pair(talk.failure);
	if (error) {
		tracer_close(tracer);
		return error;
	}
	*ret = tracer;
	return NULL;
}
