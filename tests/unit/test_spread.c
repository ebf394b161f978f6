// Pieces of work on several threads: each once, and the first error of all.

#include "../support/check.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "base/spread.h"

enum { MANY = 1000 };

struct job {
	atomic_int done[MANY];
	size_t first_bad, bad;
	atomic_int unblocked; // pieces that ran on another thread with a signal that is not blocked
	pthread_t caller;
};

static struct polyton_error *work(void *arg, size_t index)
{
	struct job *job = arg;
	sigset_t mask;
	atomic_fetch_add(&job->done[index], 1);
	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	if (!pthread_equal(pthread_self(), job->caller) && !sigismember(&mask, SIGCHLD))
		atomic_fetch_add(&job->unblocked, 1);
	return job->bad && index >= job->first_bad && index < job->first_bad + job->bad
		       ? error_create(POLYTON_ERROR_READ, "piece %zu", index)
		       : NULL;
}

static void test_each_is_done_once(void **state)
{
	(void)state;
	static const size_t counts[] = { 0, 1, 2, 7, MANY };
	for (size_t i = 0; i < count_of(counts); i++) {
		struct job job = { .caller = pthread_self() };
		assert_fine(spread_over(counts[i], 1, work, &job));
		for (size_t k = 0; k < MANY; k++)
			assert_int_equal(job.done[k], k < counts[i]);
		assert_int_equal(job.unblocked, 0);
	}
}

static void test_the_first_error_is_told_and_all_is_done(void **state)
{
	(void)state;
	for (int round = 0; round < 20; round++) {
		struct job job = { .caller = pthread_self(), .first_bad = 300, .bad = 500 };
		struct polyton_error *error = spread_over(MANY, 1, work, &job);
		assert_non_null(error);
		assert_string_equal(polyton_error_message(error), "piece 300");
		polyton_error_destroy(error);
		for (size_t k = 0; k < MANY; k++)
			assert_int_equal(job.done[k], 1);
	}
}

static struct polyton_error *compare_thread(void *arg, size_t index)
{
	(void)index;
	return pthread_equal(pthread_self(), *(pthread_t *)arg) ? NULL
								: error_create(POLYTON_ERROR_READ, "elsewhere");
}

static void test_little_work_stays_on_its_thread(void **state)
{
	(void)state;
	pthread_t self = pthread_self();
	assert_fine(spread_over(15, 8, compare_thread, &self));
	assert_fine(spread_over(1, 0, compare_thread, &self));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_is_done_once),
		cmocka_unit_test(test_the_first_error_is_told_and_all_is_done),
		cmocka_unit_test(test_little_work_stays_on_its_thread),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
