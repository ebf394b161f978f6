// From one look to the next: what has changed is told for two refreshes, what has gone stays for as long, and what is
// selected stays selected. And ten thousand threads.

#include "../support/check.h"

#include <locale.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../support/scene.h"
#include "../support/seen.h"

// A singleton with a copy in the host and one in a module; @p value is what the host's holds.
static struct polyton_snapshot *make(const char *value, bool has_second)
{
	struct polyton_snapshot *snapshot = scene_create_empty();
	scene_library(snapshot, "acme", "", POLYTON_LANGUAGE_CXX);
	scene_singleton(snapshot, "acme::first", POLYTON_KIND_STATIC);
	scene_copy(snapshot, (struct scene_copy){ SCENE_HOST, "first", 8, "s", value });
	scene_copy(snapshot, (struct scene_copy){ SCENE_SAME, "first", 8, "i", NULL });
	scene_finding(snapshot, POLYTON_SEVERITY_ERROR, "first exists twice.", "");
	if (has_second) {
		scene_singleton(snapshot, "acme::second", POLYTON_KIND_STATIC);
		scene_copy(snapshot, (struct scene_copy){ SCENE_HOST, "second", 8, "s", "1" });
		scene_copy(snapshot, (struct scene_copy){ SCENE_SAME, "second", 8, "s", "2" });
		scene_finding(snapshot, POLYTON_SEVERITY_ERROR, "second exists twice.", "");
	}
	return snapshot;
}

static void assert_text(char *text, const char *wanted)
{
	assert_string_equal(text, wanted);
	free(text);
}

static void test_changed_cells_are_marked_for_two_refreshes(void **state)
{
	(void)state;
	struct world world = { 0 };
	seen_add(&world, make("1", false));
	struct view view = seen_view(&matrix_view, &world);
	view.focus.singleton = world.shots[0]->singletons[0];
	view_refresh(&view);
	assert_text(seen_column(&view, 2), "> 1\n  0\n");
	seen_add(&world, make("2", false));
	view_refresh(&view);
	assert_text(seen_column(&view, 2), ">*2\n  0\n");
	assert_int_equal(view_change(&view, view_row(&view, 0), 2), VIEW_CHANGED);
	assert_int_equal(view_change(&view, view_row(&view, 0), 0), VIEW_SAME);
	seen_add(&world, make("2", false));
	view_refresh(&view);
	assert_text(seen_column(&view, 2), ">*2\n  0\n");
	seen_add(&world, make("2", false));
	view_refresh(&view);
	assert_text(seen_column(&view, 2), "> 2\n  0\n");
	view_deinit(&view);
	world_deinit(&world);
}

static void test_rows_that_come_and_go(void **state)
{
	(void)state;
	struct world world = { 0 };
	seen_add(&world, make("1", false));
	struct view view = seen_view(&singletons_view, &world);
	view_move(&view, 1);
	seen_add(&world, make("1", true));
	view_refresh(&view);
	// Of the library, the number of its variables has changed.
	assert_text(seen_column(&view, 0), " *-acme (C++)\n>   +first\n +  +second\n");
	view_move(&view, 1);
	seen_add(&world, make("1", false));
	view_refresh(&view);
	assert_text(seen_column(&view, 0), " *-acme (C++)\n    +first\n>-  +second\n");
	char *told = seen_details(&view);
	assert_has(told, "Gone: this is what it last was.\nerror PT002: second exists twice.");
	free(told);
	seen_add(&world, make("1", false));
	view_refresh(&view);
	assert_text(seen_column(&view, 0), " *-acme (C++)\n    +first\n>-  +second\n");
	// Then it is gone for good, and what is in its place is selected.
	seen_add(&world, make("1", false));
	view_refresh(&view);
	assert_text(seen_column(&view, 0), "  -acme (C++)\n>   +first\n");
	view_deinit(&view);
	world_deinit(&world);
}

static void test_choices_are_kept(void **state)
{
	(void)state;
	struct world world = { 0 };
	seen_add(&world, make("1", false));
	struct view view = seen_view(&singletons_view, &world);
	view_move(&view, 1);
	view_fold(&view, false);
	view_move(&view, 2);
	set_toggle(&view.marked, view.selected);
	assert_text(seen_selected(&view), "in libmod_same.so||8 bytes||initial|used by libmod_same.so");
	for (int i = 0; i < 4; i++) {
		seen_add(&world, make("1", true));
		view_refresh(&view);
	}
	assert_text(seen_selected(&view), "in libmod_same.so||8 bytes||initial|used by libmod_same.so");
	assert_true(set_has(&view.marked, view_selected(&view)->identity));
	assert_int_equal(view.shown_count, 5);
	view_deinit(&view);
	world_deinit(&world);
}

static void test_what_is_looked_at_may_go(void **state)
{
	(void)state;
	struct world world = { 0 };
	seen_add(&world, make("1", true));
	struct view view = seen_view(&matrix_view, &world);
	view.focus.singleton = world.shots[0]->singletons[1];
	view_refresh(&view);
	assert_int_equal(view.shown_count, 2);
	for (int i = 0; i < 3; i++) {
		seen_add(&world, make("1", false));
		view_refresh(&view);
		free(seen_text(&view));
		free(seen_details(&view));
	}
	assert_int_equal(view.shown_count, 0);
	view_deinit(&view);
	world_deinit(&world);
}

enum { MANY_THREADS = 10000, MANY_COPIES = 20 };

static char *repeat(struct polyton_snapshot *snapshot, char letter, uint32_t count)
{
	char *letters = arena_alloc(&snapshot->arena, count + 1, 1);
	memset(letters, letter, count);
	return letters;
}

static struct polyton_snapshot *make_many(void)
{
	struct polyton_snapshot *snapshot = scene_create_empty();
	for (int i = (int)snapshot->threads.count; i < MANY_THREADS; i++) {
		struct polyton_thread *thread = vec_push(&snapshot->threads);
		*thread = (struct polyton_thread){ .tid = 100000 + i,
						   .inner_tid = 100000 + i,
						   .name = "worker",
						   .state = POLYTON_THREAD_READY,
						   .why = "" };
	}
	scene_library(snapshot, "acme", "", POLYTON_LANGUAGE_CXX);
	scene_singleton(snapshot, "acme::state", POLYTON_KIND_TLS);
	for (int i = 0; i < MANY_COPIES; i++) {
		struct polyton_object *object = vec_push(&snapshot->objects);
		*object = snapshot->objects.items[SCENE_SAME];
		object->name = object->path = arena_printf(&snapshot->arena, "libplugin%d.so", i);
		struct polyton_copy *copy =
			scene_copy(snapshot,
				   (struct scene_copy){ SCENE_HOST, "state", 8,
							repeat(snapshot, i % 2 ? 's' : 'n', MANY_THREADS), "value" });
		copy->object = (uint32_t)snapshot->objects.count - 1;
	}
	scene_finding(snapshot, POLYTON_SEVERITY_ERROR, "state exists 20 times.", "");
	return snapshot;
}

static size_t in_use(void)
{
	struct mallinfo2 facts = mallinfo2();
	return facts.uordblks + facts.hblkhd;
}

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

// What a screen needs: widths, and the rows that fit.
static void draw(struct view *view, struct text *text)
{
	unsigned widths[MANY_COPIES + 2];
	view_layout_columns(view, 118, widths);
	view_scroll(view, 30);
	for (size_t i = 0; i < 30; i++) {
		for (unsigned k = 0; k < view->frames[0].column_count; k++) {
			view_cell(view, view_row(view, view->top + i), k, text);
			view_change(view, view_row(view, view->top + i), k);
		}
	}
}

// Limits are far above what it takes, for machines that do other things, too, and for sanitizers.
static void test_ten_thousand_threads_of_twenty_copies(void **state)
{
	(void)state;
	struct world world = { 0 };
	struct text text = { 0 };
	for (int i = 0; i < WORLD_SHOTS; i++)
		seen_add(&world, make_many());
	struct view view = seen_view(&matrix_view, &world);
	view.focus.singleton = world.shots[0]->singletons[0];
	double start = seconds();
	size_t memory = in_use();
	view_refresh(&view);
	memory = in_use() - memory;
	double refresh = seconds() - start;
	assert_int_equal(view.shown_count, MANY_THREADS);
	start = seconds();
	for (int i = 0; i < 100; i++) {
		view_move(&view, 97);
		draw(&view, &text);
	}
	double scrolling = (seconds() - start) / 100;
	start = seconds();
	view_sort(&view, 5);
	strcpy(view.filter, "19999");
	view_arrange(&view);
	double searching = seconds() - start;
	assert_int_equal(view.shown_count, 0);
	print_message("refresh %.1f ms, %zu KiB; a screen %.2f ms; sort and filter %.1f ms\n", refresh * 1e3,
		      memory / 1024, scrolling * 1e3, searching * 1e3);
	assert_true(refresh < 0.5);
	assert_true(scrolling < 0.5);
	assert_true(memory < 8u << 20 || !memory);
	text_deinit(&text);
	view_deinit(&view);
	world_deinit(&world);
}

// The selected copy is always on the screen, and what is there moves only when it must.
static void test_copies_scroll_sideways(void **state)
{
	(void)state;
	enum { COLUMNS = MANY_COPIES + 2, WIDTH = 78 };
	struct world world = { 0 };
	unsigned widths[COLUMNS], before[COLUMNS];
	seen_add(&world, make_many());
	struct view view = seen_view(&matrix_view, &world);
	view.focus.singleton = world.shots[0]->singletons[0];
	view_refresh(&view);
	view.column = 2;
	view_layout_columns(&view, WIDTH, widths);
	assert_true(widths[0] && widths[1] && widths[2] && !widths[COLUMNS - 1]);
	for (int step = 1; step >= -1; step -= 2) {
		for (int i = 0; i < MANY_COPIES - 1; i++) {
			unsigned total = 0;
			memcpy(before, widths, sizeof(before));
			view_move_column(&view, step);
			view_layout_columns(&view, WIDTH, widths);
			assert_true(widths[view.column] > 0);
			for (unsigned k = 0; k < COLUMNS; k++) {
				total += widths[k] ? widths[k] + 1 : 0;
				assert_true(!before[view.column] || !before[k] == !widths[k]);
			}
			assert_true(total <= WIDTH + 1);
		}
		assert_int_equal(view.column, step > 0 ? COLUMNS - 1 : 2);
	}
	assert_true(widths[2] && !widths[COLUMNS - 1]);
	// With signs only, many more have room; from the last one back, the room on the right is used.
	view.has_signs_only = true;
	view.column = COLUMNS - 1;
	view_refresh(&view);
	view_layout_columns(&view, WIDTH, widths);
	assert_true(widths[COLUMNS - 1] && widths[COLUMNS - 6]);
	view_layout_columns(&view, 1000, widths);
	for (unsigned k = 0; k < COLUMNS; k++)
		assert_true(widths[k] > 0);
	view_deinit(&view);
	world_deinit(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changed_cells_are_marked_for_two_refreshes),
		cmocka_unit_test(test_rows_that_come_and_go),
		cmocka_unit_test(test_choices_are_kept),
		cmocka_unit_test(test_what_is_looked_at_may_go),
		cmocka_unit_test(test_copies_scroll_sideways),
		cmocka_unit_test(test_ten_thousand_threads_of_twenty_copies),
	};
	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
