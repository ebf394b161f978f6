// Jobs that need each other: none is begun before what it needs is done, and after an error none is begun.

#include "../support/check.h"

#include <stdatomic.h>

#include "base/jobs.h"

enum { FIRST, SECOND, THIRD, LAST, COUNT };

struct record {
	atomic_uint done, count;
	unsigned too_early; // jobs that were begun before what they need
	uint32_t bad;       // that fail
};

static const struct job jobs[COUNT];

static struct polyton_error *work(void *arg, size_t index)
{
	struct record *record = arg;
	if (jobs[index].needs & ~atomic_load(&record->done))
		record->too_early |= JOB(index);
	atomic_fetch_or(&record->done, JOB(index));
	atomic_fetch_add(&record->count, 1);
	return record->bad & JOB(index) ? error_create(POLYTON_ERROR_READ, "job %zu", index) : NULL;
}

static const struct job jobs[COUNT] = {
	[FIRST] = { work, 0 },
	[SECOND] = { work, 0 },
	[THIRD] = { work, JOB(FIRST) | JOB(SECOND) },
	[LAST] = { work, JOB(THIRD) },
};

static void test_each_is_done_once_and_in_its_turn(void **state)
{
	(void)state;
	for (int round = 0; round < 200; round++) {
		struct record record = { 0 };
		assert_fine(jobs_run(jobs, COUNT, round % 2, &record));
		assert_int_equal(record.done, (1u << COUNT) - 1);
		assert_int_equal(record.count, COUNT);
		assert_int_equal(record.too_early, 0);
	}
}

static void test_no_jobs(void **state)
{
	(void)state;
	struct record record = { 0 };
	assert_fine(jobs_run(jobs, 0, true, &record));
	assert_int_equal(record.count, 0);
}

static void test_nothing_is_begun_after_an_error(void **state)
{
	(void)state;
	for (int round = 0; round < 200; round++) {
		struct record record = { .bad = JOB(FIRST) | JOB(SECOND) };
		struct polyton_error *error = jobs_run(jobs, COUNT, round % 2, &record);
		assert_non_null(error);
		assert_true(strcmp(polyton_error_message(error), "job 0") == 0 ||
			    (round % 2 && strcmp(polyton_error_message(error), "job 1") == 0));
		polyton_error_destroy(error);
		assert_false(record.done & (JOB(THIRD) | JOB(LAST)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_is_done_once_and_in_its_turn),
		cmocka_unit_test(test_no_jobs),
		cmocka_unit_test(test_nothing_is_begun_after_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
