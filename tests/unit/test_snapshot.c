#include "../support/check.h"

#include <stdlib.h>

#include "model/snapshot.h"

static void test_empty_snapshot(void **state)
{
	(void)state;
	struct polyton_snapshot *snapshot;
	assert_fine(snapshot_create(&snapshot));
	assert_int_equal(polyton_snapshot_object_count(snapshot), 0);
	assert_int_equal(polyton_snapshot_finding_count(snapshot), 0);
	assert_null(polyton_snapshot_object(snapshot, 0));
	assert_null(polyton_snapshot_thread(snapshot, 0));
	assert_null(polyton_snapshot_copy(snapshot, POLYTON_NONE));
	assert_non_null(polyton_snapshot_subject(snapshot));
	polyton_snapshot_destroy(snapshot);
	polyton_snapshot_destroy(NULL);
}

static void test_every_list_has_its_count_and_items(void **state)
{
	(void)state;
	struct polyton_snapshot *snapshot;
	assert_fine(snapshot_create(&snapshot));
	vec_push(&snapshot->objects)->start = 1;
	vec_push(&snapshot->objects)->start = 2;
	vec_push(&snapshot->threads)->tid = 3;
	vec_push(&snapshot->libraries)->singleton_count = 4;
	vec_push(&snapshot->singletons)->copy_count = 5;
	vec_push(&snapshot->copies)->size = 6;
	vec_push(&snapshot->findings)->object = 7;
	vec_push(&snapshot->dropped)->count = 8;
	assert_int_equal(polyton_snapshot_object_count(snapshot), 2);
	assert_int_equal(polyton_snapshot_object(snapshot, 1)->start, 2);
	assert_null(polyton_snapshot_object(snapshot, 2));
	assert_int_equal(polyton_snapshot_thread_count(snapshot), 1);
	assert_int_equal(polyton_snapshot_thread(snapshot, 0)->tid, 3);
	assert_int_equal(polyton_snapshot_library_count(snapshot), 1);
	assert_int_equal(polyton_snapshot_library(snapshot, 0)->singleton_count, 4);
	assert_int_equal(polyton_snapshot_singleton_count(snapshot), 1);
	assert_int_equal(polyton_snapshot_singleton(snapshot, 0)->copy_count, 5);
	assert_int_equal(polyton_snapshot_copy_count(snapshot), 1);
	assert_int_equal(polyton_snapshot_copy(snapshot, 0)->size, 6);
	assert_int_equal(polyton_snapshot_finding(snapshot, 0)->object, 7);
	assert_int_equal(polyton_snapshot_dropped_count(snapshot), 1);
	assert_int_equal(polyton_snapshot_dropped(snapshot, 0)->count, 8);
	assert_null(polyton_snapshot_dropped(snapshot, 1));
	polyton_snapshot_destroy(snapshot);
}

static void test_equal_notes_are_kept_once(void **state)
{
	(void)state;
	struct polyton_snapshot *snapshot;
	assert_fine(snapshot_create(&snapshot));
	for (int i = 0; i < 3; i++) {
		assert_fine(snapshot_note(snapshot, 1, true, "%s was lost", "x"));
		assert_fine(snapshot_note(snapshot, 2, true, "%s was lost", "x"));
		assert_fine(snapshot_note(snapshot, 1, false, "%s was lost", "y"));
		assert_fine(snapshot_note(snapshot, POLYTON_NONE, false, "no %d%%", 7));
	}
	assert_int_equal(polyton_snapshot_note_count(snapshot), 4);
	assert_string_equal(polyton_snapshot_note(snapshot, 0)->text, "x was lost");
	assert_int_equal(polyton_snapshot_note(snapshot, 1)->object, 2);
	assert_true(polyton_snapshot_note(snapshot, 1)->is_loss);
	assert_false(polyton_snapshot_note(snapshot, 2)->is_loss);
	assert_string_equal(polyton_snapshot_note(snapshot, 3)->text, "no 7%");
	assert_null(polyton_snapshot_note(snapshot, 4));
	polyton_snapshot_destroy(snapshot);
}

// Views only point into it: what was handed out stays where it is while it grows.
static void test_strings_stay_where_they_are(void **state)
{
	(void)state;
	struct polyton_snapshot *snapshot;
	assert_fine(snapshot_create(&snapshot));
	assert_fine(snapshot_note(snapshot, 0, false, "first"));
	const char *first = polyton_snapshot_note(snapshot, 0)->text;
	for (uint32_t i = 1; i < 500; i++)
		assert_fine(snapshot_note(snapshot, i, false, "%0200u", i));
	assert_ptr_equal(polyton_snapshot_note(snapshot, 0)->text, first);
	assert_string_equal(first, "first");
	polyton_snapshot_destroy(snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty_snapshot),
		cmocka_unit_test(test_every_list_has_its_count_and_items),
		cmocka_unit_test(test_equal_notes_are_kept_once),
		cmocka_unit_test(test_strings_stay_where_they_are),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
