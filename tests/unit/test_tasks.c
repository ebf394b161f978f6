#include "../support/check.h"

#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../support/child.h"
#include "target/live.h"

enum { THREADS = 5, STACK = 64 * 1024 };

struct told {
	int32_t tids[THREADS + 1];
	uint64_t robust[THREADS];
	volatile uint32_t ready;
	int32_t inner_pid;
};

struct start {
	struct told *told;
	int index;
};

static void tell(struct told *told, int index)
{
	size_t size;
	void *head = NULL;
	syscall(SYS_get_robust_list, 0, &head, &size);
	told->tids[index] = (int32_t)syscall(SYS_gettid);
	told->robust[index] = (uintptr_t)head;
	__atomic_add_fetch(&told->ready, 1, __ATOMIC_SEQ_CST);
}

static void *stay(void *arg)
{
	const struct start *start = arg;
	char name[32];
	snprintf(name, sizeof(name), start->index == 1 ? "exactly15bytes!" : "worker %d", start->index);
	prctl(PR_SET_NAME, name);
	tell(start->told, start->index);
	for (;;)
		pause();
	return NULL;
}

static int stay_raw(void *arg)
{
	struct told *told = arg;
	told->tids[THREADS] = (int32_t)syscall(SYS_gettid);
	__atomic_add_fetch(&told->ready, 1, __ATOMIC_SEQ_CST);
	for (;;)
		syscall(SYS_ppoll, NULL, 0, NULL, NULL); // not every machine has pause()
	return 0;
}

static void run_threads(struct child *child, void *arg)
{
	static struct start starts[THREADS];
	struct told *told = child->shared;
	pthread_t thread;
	uint32_t expected = THREADS;
	for (int i = 0; i < THREADS; i++) {
		starts[i] = (struct start){ told, i };
		if (i && pthread_create(&thread, NULL, stay, &starts[i]))
			_exit(1);
	}
	tell(told, 0);
	if (arg) { // a task that no libc knows of, on its creator's thread pointer
		char *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		clone(stay_raw, stack + STACK, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD,
		      told);
		expected++;
	}
	while (__atomic_load_n(&told->ready, __ATOMIC_SEQ_CST) != expected)
		usleep(100);
	child_ready(child);
}

static const struct subject_task *find(const subject_tasks *tasks, int32_t tid)
{
	for (size_t i = 0; i < tasks->count; i++) {
		if (tasks->items[i].tid == tid)
			return &tasks->items[i];
	}
	return NULL;
}

static void test_every_task_with_what_it_registered(void **state)
{
	(void)state;
	struct child child = child_start(run_threads, "raw");
	const struct told *told = child.shared;
	struct live *live;
	subject_tasks tasks;
	assert_fine(live_open(child.pid, &live));
	assert_fine(child_read_tasks(live, &tasks));
	assert_int_equal(tasks.count, THREADS + 1);
	for (size_t i = 1; i < tasks.count; i++)
		assert_true(tasks.items[i - 1].tid < tasks.items[i].tid);
	for (int i = 0; i < THREADS; i++) {
		const struct subject_task *task = find(&tasks, told->tids[i]);
		assert_non_null(task);
		assert_int_equal(task->inner_tid, told->tids[i]);
		assert_int_equal(task->robust_list, told->robust[i]);
		assert_true(task->robust_list != 0);
		uint64_t again;
		assert_int_equal(target_robust_list(&live->target, task->tid, &again), 0);
		assert_int_equal(again, told->robust[i]);
	}
	char name[SUBJECT_NAME_MAX];
	live_read_name(live, told->tids[1], name);
	assert_string_equal(name, "exactly15bytes!");
	live_read_name(live, told->tids[2], name);
	assert_string_equal(name, "worker 2");
	live_read_name(live, INT32_MAX, name);
	assert_string_equal(name, "");
	assert_non_null(find(&tasks, told->tids[THREADS]));
	assert_int_equal(find(&tasks, told->tids[THREADS])->robust_list, 0);
	vec_deinit(&tasks);
	live_close(live);
	child_end(&child);
}

static void test_no_such_task(void **state)
{
	(void)state;
	struct child child = child_start(child_idle, NULL);
	struct live *live;
	uint64_t head;
	assert_fine(live_open(child.pid, &live));
	assert_int_not_equal(target_robust_list(&live->target, 0x7fffffff, &head), 0);
	kill(child.pid, SIGKILL);
	assert_true(child_reaches(child.pid, "Z"));
	pid_t pid = child.pid;
	child_end(&child);
	subject_tasks tasks;
	struct polyton_error *error = child_read_tasks(live, &tasks);
	// An empty list, or the word that it has ended: never somebody else's tasks.
	if (error) {
		assert_int_equal(polyton_error_code(error), POLYTON_ERROR_NO_SUBJECT);
		polyton_error_destroy(error);
	} else {
		assert_null(find(&tasks, pid));
		assert_int_equal(tasks.count, 0);
		vec_deinit(&tasks);
	}
	live_close(live);
}

static void run_in_namespace(struct child *child, void *arg)
{
	struct told *told = child->shared;
	if (unshare(CLONE_NEWPID)) {
		told->inner_pid = -1;
		child_ready(child);
		return;
	}
	pid_t inner = fork();
	if (!inner) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		told->inner_pid = getpid();
		run_threads(child, arg);
		for (;;)
			pause();
	}
	told->tids[THREADS] = inner;
}

// A thread in a pid namespace knows itself by the innermost number; the kernel wants the outer one.
static void test_pid_namespace_shows_both_numbers(void **state)
{
	(void)state;
	struct child child = child_start(run_in_namespace, NULL);
	const struct told *told = child.shared;
	if (told->inner_pid == -1) {
		child_end(&child);
		skip();
	}
	struct live *live;
	subject_tasks tasks;
	while (!__atomic_load_n(&told->tids[THREADS], __ATOMIC_SEQ_CST))
		usleep(100);
	assert_fine(live_open(told->tids[THREADS], &live));
	assert_true(live->is_nested);
	assert_fine(child_read_tasks(live, &tasks));
	assert_int_equal(tasks.count, THREADS);
	for (size_t i = 0; i < tasks.count; i++) {
		int at = -1;
		for (int k = 0; k < THREADS; k++) {
			if (told->tids[k] == tasks.items[i].inner_tid)
				at = k;
		}
		assert_true(at >= 0);
		assert_int_equal(tasks.items[i].robust_list, told->robust[at]);
		assert_int_not_equal(tasks.items[i].tid, tasks.items[i].inner_tid);
	}
	vec_deinit(&tasks);
	live_close(live);
	kill(told->tids[THREADS], SIGKILL);
	child_end(&child);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_task_with_what_it_registered),
		cmocka_unit_test(test_no_such_task),
		cmocka_unit_test(test_pid_namespace_shows_both_numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
