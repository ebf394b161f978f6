// Looks at a process from another thread: handed over when they are there, given up when nobody wants them any more.

#include "../support/check.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../inspector/live/live.h"
#include "../../inspector/live/survey.h"

enum { PATIENCE_MS = 20000 };

// A process that does nothing, and dies with its parent.
static pid_t start_child(void)
{
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	return pid;
}

static void end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static struct live *look_at(const struct subject *subject)
{
	const struct live_request request = { .subject = subject,
					      .options = { .size = sizeof(struct polyton_options),
							   .no_types = true } };
	struct live *live = live_start(&request);
	assert_non_null(live);
	return live;
}

static bool has_come(int fd, int patience_ms)
{
	struct pollfd poller = { fd, POLLIN, 0 };
	return poll(&poller, 1, patience_ms) == 1;
}

static void test_a_picture_comes_when_it_is_asked_for(void **state)
{
	(void)state;
	pid_t child = start_child();
	struct subject subject = { .pid = child };
	struct live *live = look_at(&subject);
	struct polyton_error *error = NULL;
	assert_false(live_is_busy(live));
	assert_null(live_take(live, &error));
	assert_null(error);
	for (int i = 0; i < 3; i++) {
		live_ask(live);
		if (!live_is_busy(live)) // it has come already
			assert_true(has_come(live_fd(live), 0));
		assert_true(has_come(live_fd(live), PATIENCE_MS));
		struct polyton_snapshot *snapshot = live_take(live, &error);
		assert_null(error);
		assert_non_null(snapshot);
		assert_int_equal(polyton_snapshot_subject(snapshot)->pid, child);
		polyton_snapshot_destroy(snapshot);
	}
	struct live_progress progress;
	live_progress(live, &progress);
	assert_true(progress.is_known && progress.total > progress.done && progress.what[0]);
	while (live_is_busy(live))
		poll(NULL, 0, 1);
	assert_true(live_stop(live));
	end_child(child);
}

static void test_an_end_is_an_error_and_no_hang(void **state)
{
	(void)state;
	pid_t child = start_child();
	struct subject subject = { .pid = child };
	struct live *live = look_at(&subject);
	struct polyton_error *error = NULL;
	live_ask(live);
	assert_true(has_come(live_fd(live), PATIENCE_MS));
	polyton_snapshot_destroy(live_take(live, &error));
	assert_null(error);
	end_child(child);
	live_ask(live);
	assert_true(has_come(live_fd(live), PATIENCE_MS));
	assert_null(live_take(live, &error));
	assert_non_null(error);
	assert_int_equal(polyton_error_code(error), POLYTON_ERROR_NO_SUBJECT);
	polyton_error_destroy(error);
	live_stop(live);
}

// Whether or not it is found in the middle of a look: it must not be waited for, and must free what it has.
static void test_it_can_be_stopped_at_any_time(void **state)
{
	(void)state;
	pid_t child = start_child();
	struct subject *subject = calloc(1, sizeof(*subject));
	assert_non_null(subject);
	subject->pid = child;
	int abandoned = 0;
	for (int i = 0; i < 50; i++) {
		struct live *live = look_at(subject);
		live_ask(live);
		poll(NULL, 0, i % 5);
		abandoned += !live_stop(live);
	}
	assert_true(live_stop(NULL));
	print_message("%d of 50 were abandoned\n", abandoned);
	poll(NULL, 0, 200); // those go by themselves
	end_child(child);
	free(subject);
}

static void test_processes_are_listed_and_looked_at(void **state)
{
	(void)state;
	pid_t child = start_child();
	struct survey *survey = survey_start();
	struct picker_list list = { 0 };
	bool is_looked_at = false;
	assert_non_null(survey);
	for (int i = 0; i < 10000 && !is_looked_at; i++) {
		assert_true(has_come(survey_fd(survey), PATIENCE_MS));
		survey_take(survey, &list);
		for (uint32_t k = 0; k < list.count; k++) {
			assert_int_not_equal(list.items[k].pid, getpid());
			is_looked_at |= list.items[k].pid == child && list.items[k].state == PICKER_LOOKED;
		}
	}
	assert_true(is_looked_at);
	survey_stop(survey);
	free(list.items);
	poll(NULL, 0, 200);
	end_child(child);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_picture_comes_when_it_is_asked_for),
		cmocka_unit_test(test_an_end_is_an_error_and_no_hang),
		cmocka_unit_test(test_it_can_be_stopped_at_any_time),
		cmocka_unit_test(test_processes_are_listed_and_looked_at),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
