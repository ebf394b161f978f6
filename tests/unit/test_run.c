// A run inside another program: what happens is told in order, and nothing of the program's own is touched.

#include "../support/check.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../support/child.h"
#include "arch/arch.h"
#include "target/tracer.h"

enum { WAIT_MS = 20000, EVENTS = 64 };

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// The next event but NOTHING and BUSY.
static struct polyton_run_event next_event(struct polyton_run *run)
{
	struct polyton_run_event event = { .kind = POLYTON_RUN_NOTHING };
	int64_t deadline = now_ms() + WAIT_MS;
	while (event.kind == POLYTON_RUN_NOTHING || event.kind == POLYTON_RUN_BUSY) {
		assert_true(now_ms() < deadline);
		assert_fine(polyton_run_step(run, &event));
		if (event.kind == POLYTON_RUN_NOTHING)
			usleep(500);
	}
	return event;
}

static struct polyton_run *start(const char *script, const struct polyton_run_options *options)
{
	char *const argv[] = { (char *)(uintptr_t) "/bin/sh", (char *)(uintptr_t) "-c", (char *)(uintptr_t)script,
			       NULL };
	struct polyton_run *run = NULL;
	assert_fine(polyton_run_start(argv, options, &run));
	return run;
}

// Kinds of events of the program itself, up to its end; the wait status is in @p status_ret.
static size_t collect(struct polyton_run *run, enum polyton_run_kind *kinds, int *status_ret)
{
	size_t count = 0;
	for (;;) {
		struct polyton_run_event event = next_event(run);
		assert_true(count < EVENTS);
		kinds[count++] = event.kind;
		if (event.kind == POLYTON_RUN_ENDED && event.pid == polyton_run_pid(run)) {
			*status_ret = event.number;
			return count;
		}
	}
}

// Where polyton cannot set breakpoints, the end is told of, but not exit() and the loader's calls.
static bool has_breakpoints(void)
{
	struct live *live;
	assert_fine(live_open(getpid(), &live));
	bool has_any = live->target.arch->tracing.trap_size;
	live_close(live);
	return has_any;
}

static void test_order(void **state)
{
	enum polyton_run_kind kinds[EVENTS];
	int status;
	(void)state;
	if (!has_breakpoints())
		skip();
	// The shell becomes a program that returns from main().
	struct polyton_run *run = start("exec /bin/false", NULL);
	assert_int_equal(collect(run, kinds, &status), 5);
	assert_int_equal(kinds[0], POLYTON_RUN_EXEC);
	assert_int_equal(kinds[1], POLYTON_RUN_EXEC);
	assert_int_equal(kinds[2], POLYTON_RUN_EXITING);
	assert_int_equal(kinds[3], POLYTON_RUN_ENDING);
	assert_int_equal(kinds[4], POLYTON_RUN_ENDED);
	assert_int_equal(WEXITSTATUS(status), 1);
	polyton_run_close(run);
}

static void test_signal(void **state)
{
	enum polyton_run_kind kinds[EVENTS];
	int status;
	(void)state;
	struct polyton_run *run = start("kill -TERM $$", NULL);
	assert_int_equal(collect(run, kinds, &status), 3);
	assert_int_equal(kinds[1], POLYTON_RUN_DYING);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	polyton_run_close(run);
}

static size_t count_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	size_t count = 0;
	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

static pid_t fork_child(int status)
{
	pid_t pid = fork();
	if (!pid)
		_exit(status);
	return pid;
}

// Children of the caller's own stay to be reaped by it, also those that have ended before the run's.
static void test_other_children(void **state)
{
	enum polyton_run_kind kinds[EVENTS];
	int status;
	(void)state;
	for (int i = 0; i < 3; i++) {
		pid_t before = fork_child(7);
		assert_true(child_reaches(before, "Z"));
		struct polyton_run *run = start("exit 4", NULL);
		pid_t meanwhile = fork_child(8);
		assert_true(child_reaches(meanwhile, "Z"));
		collect(run, kinds, &status);
		assert_int_equal(WEXITSTATUS(status), 4);
		polyton_run_close(run);
		assert_int_equal(waitpid(before, &status, WNOHANG), before);
		assert_int_equal(WEXITSTATUS(status), 7);
		assert_int_equal(waitpid(meanwhile, &status, WNOHANG), meanwhile);
		assert_int_equal(WEXITSTATUS(status), 8);
	}
}

static void test_nothing_is_left(void **state)
{
	enum polyton_run_kind kinds[EVENTS];
	struct sigaction before, after;
	sigset_t mask_before, mask_after;
	int status;
	(void)state;
	sigaction(SIGCHLD, NULL, &before);
	sigprocmask(SIG_BLOCK, NULL, &mask_before);
	size_t descriptors = count_descriptors();
	struct polyton_run *run = start("true", NULL);
	collect(run, kinds, &status);
	polyton_run_close(run);
	sigaction(SIGCHLD, NULL, &after);
	sigprocmask(SIG_BLOCK, NULL, &mask_after);
	assert_int_equal(count_descriptors(), descriptors);
	assert_true(before.sa_handler == after.sa_handler);
	for (int number = 1; number < NSIG; number++)
		assert_int_equal(sigismember(&mask_before, number), sigismember(&mask_after, number));
	assert_int_equal(waitpid(-1, &status, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

// Closed before its end, the program is killed and reaped, wherever it is.
static void test_close(void **state)
{
	(void)state;
	for (int steps = 0; steps < 3; steps++) {
		struct polyton_run *run = start("sleep 60", NULL);
		pid_t pid = polyton_run_pid(run);
		for (int i = 0; i < steps; i++) {
			struct polyton_run_event event;
			assert_fine(polyton_run_step(run, &event));
			usleep(20000);
		}
		polyton_run_close(run);
		assert_int_equal(kill(pid, 0), -1);
		assert_int_equal(errno, ESRCH);
	}
}

// Released, it is nobody's tracee any more, and its end is still told.
static void test_release(void **state)
{
	(void)state;
	struct polyton_run *run = start("trap 'exit 6' TERM; while :; do sleep 0.05; done", NULL);
	pid_t pid = polyton_run_pid(run);
	assert_int_equal(next_event(run).kind, POLYTON_RUN_EXEC);
	struct polyton_run_event event;
	for (int i = 0; i < 40; i++) { // into its loop
		assert_fine(polyton_run_step(run, &event));
		usleep(5000);
	}
	polyton_run_release(run);
	assert_string_equal(child_status(pid, "TracerPid"), "0");
	assert_true(child_reaches(pid, "SR"));
	kill(pid, SIGTERM);
	event = next_event(run);
	assert_int_equal(event.kind, POLYTON_RUN_ENDED);
	assert_int_equal(WEXITSTATUS(event.number), 6);
	polyton_run_close(run);
}

static int refuse(void *arg)
{
	return *(const int *)arg;
}

static void test_not_started(void **state)
{
	static const char *const missing[] = { "/nowhere/at/all", NULL };
	static const char *const none[] = { NULL };
	int reason = EUCLEAN;
	const struct polyton_run_options options = { .size = sizeof(options), .prepare = refuse, .arg = &reason };
	char *const shell[] = { (char *)(uintptr_t) "/bin/sh", NULL };
	struct polyton_run *run = NULL;
	(void)state;
	assert_error(polyton_run_start((char *const *)(uintptr_t)missing, NULL, &run), POLYTON_ERROR_NOT_FOUND,
		     "/nowhere/at/all");
	assert_error(polyton_run_start((char *const *)(uintptr_t)none, NULL, &run), POLYTON_ERROR_ARGUMENT,
		     "program");
	assert_error(polyton_run_start(shell, &options, &run), POLYTON_ERROR_UNSUPPORTED, strerror(EUCLEAN));
	assert_null(run);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void test_capture(void **state)
{
	struct polyton_snapshot *snapshot = NULL;
	(void)state;
	struct polyton_run *run = start("exit 3", NULL);
	pid_t pid = polyton_run_pid(run);
	assert_error(polyton_run_capture(run, pid + 1, &snapshot), POLYTON_ERROR_NO_SUBJECT, "not of this run");
	while (next_event(run).kind != POLYTON_RUN_ENDING)
		;
	assert_fine(polyton_run_capture(run, pid, &snapshot));
	const struct polyton_subject *subject = polyton_snapshot_subject(snapshot);
	assert_true(subject->was_run);
	assert_int_equal(subject->moment, POLYTON_MOMENT_ENDING);
	assert_int_equal(WEXITSTATUS(subject->moment_number), 3);
	assert_true(polyton_snapshot_object_count(snapshot) > 2);
	polyton_snapshot_destroy(snapshot);
	assert_int_equal(next_event(run).kind, POLYTON_RUN_ENDED);
	assert_error(polyton_run_capture(run, pid, &snapshot), POLYTON_ERROR_NO_SUBJECT, "has ended");
	polyton_run_close(run);
}

// Breakpoints are in debug registers where there are any, and the program's memory is as its file has it.
static void test_memory_is_untouched(void **state)
{
	struct tracer *tracer;
	const struct tracer_options options = { .follow = false };
	char *const argv[] = { (char *)(uintptr_t) "/bin/true", NULL };
	int reason;
	struct trace_event event = { .kind = TRACE_NOTHING };
	(void)state;
	if (!has_breakpoints())
		skip();
	assert_fine(tracer_start(argv, &options, &tracer, &reason));
	for (int64_t deadline = now_ms() + WAIT_MS; event.kind != TRACE_EXEC && now_ms() < deadline;)
		assert_fine(tracer_step(tracer, &event));
	assert_int_equal(event.kind, TRACE_EXEC);
	struct live *live;
	uint64_t entry;
	uint8_t before, after;
	assert_fine(live_open(tracer->pid, &live));
	assert_fine(live_read_auxv(live, 9 /* AT_ENTRY */, &entry));
	tracer_set_machine(tracer, tracer->pid, live->target.arch);
	assert_fine(target_read(&live->target, entry, &before, 1));
	if (!tracer_set_breakpoint(tracer, tracer->pid, 1, entry))
		fail();
	bool uses_memory = trace_find_process(tracer, tracer->pid)->uses_memory;
	assert_fine(target_read(&live->target, entry, &after, 1));
	assert_int_equal(before == after, !uses_memory);
	tracer_resume(tracer, tracer->pid);
	event.kind = TRACE_NOTHING;
	for (int64_t deadline = now_ms() + WAIT_MS; event.kind == TRACE_NOTHING && now_ms() < deadline;)
		assert_fine(tracer_step(tracer, &event));
	assert_int_equal(event.kind, TRACE_BREAKPOINT);
	assert_int_equal(event.number, 1);
	live_close(live);
	tracer_close(tracer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_signal),
		cmocka_unit_test(test_other_children),
		cmocka_unit_test(test_nothing_is_left),
		cmocka_unit_test(test_close),
		cmocka_unit_test(test_release),
		cmocka_unit_test(test_not_started),
		cmocka_unit_test(test_capture),
		cmocka_unit_test(test_memory_is_untouched),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
