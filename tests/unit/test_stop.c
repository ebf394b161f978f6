// Stopping must leave no trace: every thread goes on, no signal is lost, and when the inspector dies the kernel lets
// go.

#include "../support/check.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../support/child.h"
#include "target/stop.h"

enum { WORKERS = 6 };

struct told {
	volatile uint64_t counts[WORKERS];
	volatile int32_t tids[WORKERS];
	volatile uint64_t pointers[WORKERS];
	volatile uint64_t handled, births;
	volatile int32_t answer;
};

static struct told *mine;

static void *count(void *arg)
{
	size_t index = (size_t)arg;
	mine->pointers[index] = (uintptr_t)__builtin_thread_pointer();
	mine->tids[index] = (int32_t)syscall(SYS_gettid);
	for (;;) {
		mine->counts[index]++;
		if (index) // one of them never rests
			usleep(50);
	}
	return NULL;
}

static void run_workers(struct child *child, void *arg)
{
	pthread_t thread;
	(void)arg;
	mine = child->shared;
	mine->tids[0] = (int32_t)syscall(SYS_gettid);
	mine->pointers[0] = (uintptr_t)__builtin_thread_pointer();
	for (size_t i = 1; i < WORKERS; i++)
		pthread_create(&thread, NULL, count, (void *)i);
	for (size_t i = 1; i < WORKERS; i++) {
		while (!mine->counts[i])
			usleep(100);
	}
	child_ready(child);
	count(NULL);
}

static void wait_for_all(const struct told *told)
{
	for (size_t i = 0; i < WORKERS; i++) {
		uint64_t before = told->counts[i];
		for (int k = 0; k < 5000 && told->counts[i] == before; k++)
			usleep(1000);
		assert_true(told->counts[i] != before);
	}
}

static uint64_t sum(const struct told *told)
{
	uint64_t total = 0;
	for (size_t i = 0; i < WORKERS; i++)
		total += told->counts[i];
	return total;
}

static uint64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

// All of them. On a machine with much else to do a thread may be long in stopping: then once more.
static struct stopped *stop_whole(const struct live *live, uint64_t *started_ret)
{
	struct stopped *stopped = NULL;
	size_t missed = 1;
	for (int i = 0; i < 20 && missed; i++) {
		stop_release(stopped);
		assert_fine(stop_all(live, &stopped, &missed, started_ret));
	}
	assert_int_equal(missed, 0);
	return stopped;
}

static void test_all_stand_still_and_all_go_on(void **state)
{
	(void)state;
	struct child child = child_start(run_workers, NULL);
	struct live *live;
	assert_fine(live_open(child.pid, &live));
	for (int round = 0; round < 10; round++) {
		uint64_t started = 0, before = now_ns();
		struct stopped *stopped = stop_whole(live, &started);
		assert_true(started >= before);
		uint64_t total = sum(child.shared);
		usleep(3000);
		assert_int_equal(sum(child.shared), total);
		assert_true(stop_release(stopped) > started);
		wait_for_all(child.shared);
	}
	assert_string_equal(child_status(child.pid, "TracerPid"), "0");
	assert_true(stop_release(NULL) > 0);
	live_close(live);
	child_end(&child);
}

static void *be_born(void *arg)
{
	(void)arg;
	mine->births++;
	usleep(200);
	return NULL;
}

static void run_births(struct child *child, void *arg)
{
	(void)arg;
	mine = child->shared;
	child_ready(child);
	for (;;) {
		pthread_t threads[8];
		for (size_t i = 0; i < count_of(threads); i++)
			pthread_create(&threads[i], NULL, be_born, NULL);
		for (size_t i = 0; i < count_of(threads); i++)
			pthread_join(threads[i], NULL);
	}
}

static void test_threads_born_meanwhile_stand_still_too(void **state)
{
	(void)state;
	struct child child = child_start(run_births, NULL);
	const struct told *told = child.shared;
	struct live *live;
	assert_fine(live_open(child.pid, &live));
	for (int round = 0; round < 30; round++) {
		uint64_t started;
		struct stopped *stopped = stop_whole(live, &started);
		uint64_t births = told->births;
		usleep(2000);
		assert_int_equal(told->births, births);
		stop_release(stopped);
		for (int k = 0; k < 5000 && told->births == births; k++)
			usleep(200);
		assert_true(told->births > births);
	}
	live_close(live);
	child_end(&child);
}

static void handle(int number)
{
	(void)number;
	mine->handled++;
}

static void run_handler(struct child *child, void *arg)
{
	struct sigaction action = { .sa_handler = handle, .sa_flags = SA_RESTART };
	(void)arg;
	mine = child->shared;
	sigaction(SIGRTMIN + 3, &action, NULL);
	child_ready(child);
	for (;;)
		mine->counts[0]++;
}

// Real-time signals queue: as many must arrive as were sent, also those that come right when the thread is stopped.
static void test_no_signal_is_lost(void **state)
{
	(void)state;
	struct child child = child_start(run_handler, NULL);
	const struct told *told = child.shared;
	struct live *live;
	uint64_t sent = 0;
	volatile uint64_t *done = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_fine(live_open(child.pid, &live));
	fflush(NULL);
	pid_t sender = fork();
	if (!sender) {
		for (uint64_t i = 0; i < 4000; i++) {
			while (sigqueue(child.pid, SIGRTMIN + 3, (union sigval){ 0 }))
				usleep(100);
			done[0]++;
			if (i % 8 == 0)
				usleep(20);
		}
		_exit(0);
	}
	for (int round = 0; waitpid(sender, NULL, WNOHANG) == 0; round++) {
		struct stopped *stopped;
		size_t missed;
		uint64_t started, pointer;
		if (round % 2) {
			assert_int_equal(stop_read_thread_pointer(live, child.pid, &pointer), STOP_READ);
		} else {
			assert_fine(stop_all(live, &stopped, &missed, &started));
			stop_release(stopped);
		}
	}
	sent = done[0];
	for (int i = 0; i < 3000 && told->handled != sent; i++)
		usleep(1000);
	assert_int_equal(told->handled, sent);
	assert_string_equal(child_status(child.pid, "TracerPid"), "0");
	munmap((void *)done, 4096);
	live_close(live);
	child_end(&child);
}

static void run_idle_in_group_stop(struct child *child, void *arg)
{
	(void)arg;
	mine = child->shared;
	child_ready(child);
	for (;;)
		mine->counts[0]++;
}

// A process that its user has stopped stays stopped, and goes on when its user says so.
static void test_job_control_is_left_alone(void **state)
{
	(void)state;
	struct child child = child_start(run_idle_in_group_stop, NULL);
	const struct told *told = child.shared;
	struct live *live;
	uint64_t started, pointer;
	assert_fine(live_open(child.pid, &live));
	kill(child.pid, SIGSTOP);
	assert_true(child_reaches(child.pid, "T"));
	stop_release(stop_whole(live, &started));
	assert_int_equal(stop_read_thread_pointer(live, child.pid, &pointer), STOP_READ);
	usleep(5000);
	assert_true(child_reaches(child.pid, "T"));
	uint64_t before = told->counts[0];
	usleep(5000);
	assert_int_equal(told->counts[0], before);
	kill(child.pid, SIGCONT);
	for (int i = 0; i < 2000 && told->counts[0] == before; i++)
		usleep(1000);
	assert_true(told->counts[0] > before);
	live_close(live);
	child_end(&child);
}

static void test_thread_pointers(void **state)
{
	(void)state;
	struct child child = child_start(run_workers, NULL);
	const struct told *told = child.shared;
	struct live *live;
	uint64_t started, pointer;
	assert_fine(live_open(child.pid, &live));
	for (size_t i = 0; i < WORKERS; i++) {
		pointer = 0;
		assert_int_equal(target_thread_pointer(&live->target, told->tids[i], &pointer), 0);
		assert_int_equal(pointer, told->pointers[i]);
	}
	assert_int_equal(stop_read_thread_pointer(live, 0x7fffffff, &pointer), STOP_GONE);
	assert_int_equal(target_thread_pointer(&live->target, 0x7fffffff, &pointer), ESRCH);
	// Also while all of them are stopped by us.
	struct stopped *stopped = stop_whole(live, &started);
	for (size_t i = 0; i < WORKERS; i++) {
		assert_int_equal(stop_read_thread_pointer(live, told->tids[i], &pointer), STOP_READ);
		assert_int_equal(pointer, told->pointers[i]);
	}
	uint64_t total = sum(told);
	usleep(2000);
	assert_int_equal(sum(told), total);
	stop_release(stopped);
	wait_for_all(told);
	live_close(live);
	child_end(&child);
}

static void test_inspector_that_dies_lets_go(void **state)
{
	(void)state;
	struct child child = child_start(run_workers, NULL);
	int ready[2];
	char byte;
	assert_int_equal(pipe(ready), 0);
	fflush(NULL);
	pid_t inspector = fork();
	if (!inspector) {
		struct live *live;
		struct stopped *stopped;
		size_t missed;
		uint64_t started;
		struct polyton_error *error = live_open(child.pid, &live);
		if (!error)
			error = stop_all(live, &stopped, &missed, &started);
		if (error || write(ready[1], "r", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	uint64_t total = sum(child.shared);
	usleep(2000);
	assert_int_equal(sum(child.shared), total);
	assert_int_not_equal(atoi(child_status(child.pid, "TracerPid")), 0);
	kill(inspector, SIGKILL);
	assert_int_equal(waitpid(inspector, NULL, 0), inspector);
	wait_for_all(child.shared);
	assert_string_equal(child_status(child.pid, "TracerPid"), "0");
	close(ready[0]);
	close(ready[1]);
	child_end(&child);
}

static void run_tracer(struct child *child, void *arg)
{
	struct told *told = child->shared;
	pid_t pid = *(pid_t *)arg;
	told->answer = ptrace(PTRACE_SEIZE, pid, NULL, NULL) ? errno : 0;
	child_ready(child);
}

static void test_process_of_another_debugger_is_refused(void **state)
{
	(void)state;
	struct child child = child_start(child_idle, NULL), tracer = child_start(run_tracer, &child.pid);
	struct live *live;
	struct stopped *stopped;
	size_t missed;
	uint64_t started, pointer;
	assert_int_equal(((struct told *)tracer.shared)->answer, 0);
	assert_fine(live_open(child.pid, &live));
	assert_error(stop_all(live, &stopped, &missed, &started), POLYTON_ERROR_PERMISSION, "cannot stop process");
	assert_int_equal(stop_read_thread_pointer(live, child.pid, &pointer), STOP_REFUSED);
	live_close(live);
	child_end(&tracer);
	child_end(&child);
}

static void test_threads_that_cannot_be_stopped_are_counted(void **state)
{
	(void)state;
	struct child child = child_start(run_workers, NULL);
	const struct told *told = child.shared;
	pid_t tid = told->tids[2];
	struct child tracer = child_start(run_tracer, &tid);
	struct live *live;
	struct stopped *stopped;
	size_t missed = 0;
	uint64_t started;
	assert_int_equal(((struct told *)tracer.shared)->answer, 0);
	assert_fine(live_open(child.pid, &live));
	assert_fine(stop_all(live, &stopped, &missed, &started));
	assert_int_equal(missed, 1);
	stop_release(stopped);
	wait_for_all(told);
	live_close(live);
	child_end(&tracer);
	child_end(&child);
}

static void test_ended_process(void **state)
{
	(void)state;
	struct child child = child_start(child_idle, NULL);
	struct live *live;
	struct stopped *stopped;
	size_t missed;
	uint64_t started, pointer;
	assert_fine(live_open(child.pid, &live));
	kill(child.pid, SIGKILL);
	assert_true(child_reaches(child.pid, "Z"));
	assert_int_not_equal(stop_read_thread_pointer(live, child.pid, &pointer), STOP_READ);
	struct polyton_error *error = stop_all(live, &stopped, &missed, &started);
	assert_non_null(error);
	polyton_error_destroy(error);
	child_end(&child);
	live_close(live);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_stand_still_and_all_go_on),
		cmocka_unit_test(test_threads_born_meanwhile_stand_still_too),
		cmocka_unit_test(test_no_signal_is_lost),
		cmocka_unit_test(test_job_control_is_left_alone),
		cmocka_unit_test(test_thread_pointers),
		cmocka_unit_test(test_inspector_that_dies_lets_go),
		cmocka_unit_test(test_process_of_another_debugger_is_refused),
		cmocka_unit_test(test_threads_that_cannot_be_stopped_are_counted),
		cmocka_unit_test(test_ended_process),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
