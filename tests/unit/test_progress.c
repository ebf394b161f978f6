// A caller is told how far a capture is, and can end it.

#include "../support/check.h"

#include "../support/child.h"
#include "polyton.h"

/** What was told. */
struct told {
	uint32_t calls, last_done, total;
	bool is_in_order;
	uint32_t stop_at; ///< Give up at that call; 0: never.
};

static int take(void *arg, const struct polyton_progress *progress)
{
	struct told *told = arg;
	told->is_in_order &= progress->done >= told->last_done || !told->calls;
	told->is_in_order &= progress->done < progress->total && progress->what != NULL;
	told->last_done = progress->done;
	told->total = progress->total;
	return ++told->calls == told->stop_at;
}

static struct polyton_session *open_session(const struct child *child, struct told *told)
{
	const struct polyton_options options = { .size = sizeof(options),
						 .no_types = true,
						 .progress = take,
						 .progress_arg = told };
	struct polyton_session *session = NULL;
	assert_null(polyton_open_process(child->pid, &options, &session));
	return session;
}

static void test_is_told_object_by_object(void **state)
{
	(void)state;
	struct child child = child_start(child_idle, NULL);
	struct told told = { .is_in_order = true };
	struct polyton_session *session = open_session(&child, &told);
	struct polyton_snapshot *snapshot = NULL;
	assert_null(polyton_session_capture(session, &snapshot));
	assert_true(told.is_in_order);
	assert_int_equal(told.calls, polyton_snapshot_object_count(snapshot));
	assert_int_equal(told.total, 2 * told.calls);
	polyton_snapshot_destroy(snapshot);
	polyton_session_close(session);
	child_end(&child);
}

static void test_gives_up_when_asked_to(void **state)
{
	(void)state;
	struct child child = child_start(child_idle, NULL);
	struct told told = { .is_in_order = true, .stop_at = 2 };
	struct polyton_session *session = open_session(&child, &told);
	struct polyton_snapshot *snapshot = NULL;
	assert_error(polyton_session_capture(session, &snapshot), POLYTON_ERROR_INTERRUPTED, "interrupted");
	assert_null(snapshot);
	assert_int_equal(told.calls, 2);
	// The next one begins afresh.
	assert_null(polyton_session_capture(session, &snapshot));
	polyton_snapshot_destroy(snapshot);
	polyton_session_close(session);
	child_end(&child);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_is_told_object_by_object),
		cmocka_unit_test(test_gives_up_when_asked_to),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
