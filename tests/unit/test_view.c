// Trees and lists: what is shown of them, in which order, and what stays selected.

#include "../support/check.h"

#include <locale.h>
#include <stdlib.h>

#include "../../inspector/view/keys.h"
#include "../support/scene.h"
#include "../support/seen.h"

enum { NAME, SEVERITY, KIND, COPIES, STATE };

static struct world world;

static int make_world(void **state)
{
	(void)state;
	seen_add(&world, scene_create());
	return 0;
}

static int end_world(void **state)
{
	(void)state;
	world_deinit(&world);
	return 0;
}

static void assert_text(char *text, const char *wanted)
{
	assert_string_equal(text, wanted);
	free(text);
}

static void test_the_worst_comes_first(void **state)
{
	(void)state;
	struct view view = seen_view(&singletons_view, &world);
	assert_text(seen_column(&view, NAME), "> -tokio 1.24.2 (Rust)\n"
					      "    +runtime::context::CONTEXT\n"
					      "    +runtime::task::id::NEXT_ID\n"
					      "    +util::rand::COUNTER\n"
					      "    +park::NEXT\n"
					      "    +process::ORPHANS\n"
					      "  -counter.c (C)\n"
					      "    +counter\n"
					      "  +std (Rust)\n");
	view_deinit(&view);
}

static void test_folding(void **state)
{
	(void)state;
	struct view view = seen_view(&singletons_view, &world);
	view_move(&view, 1);
	view_fold(&view, false);
	assert_text(seen_column(&view, NAME), "  -tokio 1.24.2 (Rust)\n"
					      ">   -runtime::context::CONTEXT\n"
					      "      in host\n"
					      "      in libmod_same.so\n"
					      "      in libmod_other.so\n"
					      "    +runtime::task::id::NEXT_ID\n"
					      "    +util::rand::COUNTER\n"
					      "    +park::NEXT\n"
					      "    +process::ORPHANS\n"
					      "  -counter.c (C)\n"
					      "    +counter\n"
					      "  +std (Rust)\n");
	// Once more left: from a copy to its singleton, which folds, then to its library.
	view_move(&view, 2);
	view_fold(&view, true);
	assert_text(seen_selected(&view), "runtime::context::CONTEXT|error|thread-local|3|split: 1 of 3 set|host, "
					  "libmod_same.so, libmod_other.so");
	view_fold(&view, true);
	view_fold(&view, true);
	view_fold(&view, true);
	assert_text(seen_column(&view, NAME), "> +tokio 1.24.2 (Rust)\n"
					      "  -counter.c (C)\n"
					      "    +counter\n"
					      "  +std (Rust)\n");
	view_fold_all(&view);
	assert_text(seen_column(&view, NAME), "> +tokio 1.24.2 (Rust)\n"
					      "  +counter.c (C)\n"
					      "  +std (Rust)\n");
	view_fold_all(&view);
	assert_int_equal(view.shown_count, 10);
	view_deinit(&view);
}

static void test_sorting_keeps_libraries_together(void **state)
{
	(void)state;
	struct view view = seen_view(&singletons_view, &world);
	seen_select(&view, "park::NEXT");
	view_sort(&view, NAME);
	assert_text(seen_column(&view, NAME), "  -counter.c (C)\n"
					      "    +counter\n"
					      "  +std (Rust)\n"
					      "  -tokio 1.24.2 (Rust)\n"
					      ">   +park::NEXT\n"
					      "    +process::ORPHANS\n"
					      "    +runtime::context::CONTEXT\n"
					      "    +runtime::task::id::NEXT_ID\n"
					      "    +util::rand::COUNTER\n");
	view_sort(&view, NAME);
	assert_true(view.is_reversed);
	assert_int_equal(view.at, 5); // what is selected stays so
	// Of numbers the greatest come first.
	view_sort(&view, COPIES);
	view_move(&view, -100);
	view_move(&view, 1);
	assert_text(seen_selected(&view), "runtime::context::CONTEXT|error|thread-local|3|split: 1 of 3 set|host, "
					  "libmod_same.so, libmod_other.so");
	view_sort(&view, -1);
	assert_int_equal(view.sort, -1);
	assert_false(view.is_reversed);
	view_deinit(&view);
}

static void test_a_filter_keeps_what_is_above_and_below(void **state)
{
	(void)state;
	struct view view = seen_view(&singletons_view, &world);
	strcpy(view.filter, "context");
	view_arrange(&view);
	assert_text(seen_column(&view, NAME), "> -tokio 1.24.2 (Rust)\n"
					      "    +runtime::context::CONTEXT\n");
	// Of a library that matches all is there; of what is folded away, that which matches comes out.
	strcpy(view.filter, "STD (rust)");
	view_arrange(&view);
	assert_int_equal(view.shown_count, 1);
	view_fold(&view, false);
	assert_text(seen_column(&view, NAME), "> -std (Rust)\n"
					      "    +thread::CURRENT\n");
	view_fold(&view, true);
	strcpy(view.filter, "used by libmod_other");
	view_arrange(&view);
	assert_text(seen_column(&view, NAME), "> -tokio 1.24.2 (Rust)\n"
					      "    -runtime::context::CONTEXT\n"
					      "      in libmod_other.so\n"
					      "  -counter.c (C)\n"
					      "    -counter\n"
					      "      in libmod_other.so\n");
	strcpy(view.filter, "nobody");
	view_arrange(&view);
	assert_int_equal(view.shown_count, 0);
	assert_null(view_selected(&view));
	view_move(&view, 1);
	view_move(&view, -1);
	view_fold(&view, true);
	view_deinit(&view);
}

static void test_searching(void **state)
{
	(void)state;
	struct view view = seen_view(&singletons_view, &world);
	strcpy(view.search, "next");
	assert_true(view_search(&view, false));
	assert_int_equal(view.at, 2);
	assert_true(view_search(&view, false));
	assert_int_equal(view.at, 4);
	assert_true(view_search(&view, false)); // and round
	assert_int_equal(view.at, 2);
	assert_true(view_search(&view, true));
	assert_int_equal(view.at, 4);
	// What is folded away is found, too, and comes out.
	strcpy(view.search, "thread::current");
	assert_true(view_search(&view, false));
	assert_text(seen_selected(&view), "thread::CURRENT||thread-local|2|1 of 2 set|host, libmod_same.so");
	strcpy(view.search, "nobody");
	assert_false(view_search(&view, false));
	assert_false(view_search(&view, true));
	view_deinit(&view);
}

static void test_what_is_left_out_can_be_shown(void **state)
{
	(void)state;
	world.shows_all = true;
	struct view view = seen_view(&singletons_view, &world);
	char *text = seen_column(&view, NAME);
	assert_has(text, "    +counter\n    +scratch\n");
	assert_has(text, "  +acme (C++)\n  +C globals (C)\n");
	free(text);
	view_deinit(&view);
	world.shows_all = false;
}

static void test_marks_and_columns(void **state)
{
	(void)state;
	struct set set = { 0 };
	set_toggle(&set, 7);
	set_toggle(&set, 9);
	assert_true(set_has(&set, 7) && set_has(&set, 9));
	set_toggle(&set, 7);
	assert_false(set_has(&set, 7));
	assert_int_equal(set.count, 1);
	free(set.items);

	struct view view = seen_view(&objects_view, &world);
	view_move_column(&view, 100);
	assert_int_equal(view.column, view.frames[0].column_count - 1);
	view_move_column(&view, -100);
	assert_int_equal(view.column, 0);
	view_deinit(&view);
}

static void test_scrolling_shows_what_is_selected(void **state)
{
	(void)state;
	struct view view = seen_view(&singletons_view, &world);
	view_move(&view, 6);
	view_scroll(&view, 4);
	assert_int_equal(view.top, 3);
	view_move(&view, -1);
	view_scroll(&view, 4);
	assert_int_equal(view.top, 3);
	view_move(&view, -5);
	view_scroll(&view, 4);
	assert_int_equal(view.top, 0);
	view_move(&view, 100);
	view_scroll(&view, 4);
	assert_int_equal(view.top, 5);
	view_scroll(&view, 100); // all of it fits
	assert_int_equal(view.top, 0);
	view_deinit(&view);
}

static unsigned width_of(const unsigned *widths, unsigned count)
{
	unsigned total = 0;
	for (unsigned i = 0; i < count; i++)
		total += widths[i] ? widths[i] + 1 : 0;
	return total - 1;
}

static void test_columns_share_the_width(void **state)
{
	(void)state;
	struct view view = seen_view(&singletons_view, &world);
	unsigned widths[6], count = view.frames[0].column_count;
	assert_int_equal(count, 6);
	for (unsigned width = 58; width < 300; width++) {
		view_layout_columns(&view, width, widths);
		assert_true(width_of(widths, count) <= width);
		assert_true(widths[NAME] >= 30 && widths[STATE] >= 18);
	}
	view_layout_columns(&view, 58, widths); // sixty columns: what matters is left
	assert_int_equal(widths[5], 0);
	view_layout_columns(&view, 78, widths);
	assert_true(widths[KIND] && widths[COPIES]);
	view_layout_columns(&view, 298, widths);
	assert_int_equal(widths[5], strlen("host, libmod_same.so, libmod_other.so"));
	view_deinit(&view);
}

static void test_each_key_means_one_thing(void **state)
{
	(void)state;
	char name[16], names[128];
	bool is_taken[ACTION_COUNT] = { false };
	for (const struct key_row *row = key_rows; row->action; row++) {
		assert_false(is_taken[row->action]);
		is_taken[row->action] = true;
		assert_non_null(row->help);
		assert_true(row->keys[0] != 0);
		for (int i = 0; i < KEYS_EACH && row->keys[i]; i++)
			assert_int_equal(keys_action(row->keys[i]), row->action);
	}
	for (int action = ACTION_NONE + 1; action < ACTION_COUNT; action++)
		assert_true(is_taken[action]);
	assert_int_equal(keys_action('~'), ACTION_NONE);
	assert_string_equal(keys_name(KEYS_F10, name), "F10");
	assert_string_equal(keys_name(' ', name), "Space");
	assert_string_equal(keys_name(2, name), "^B");
	assert_string_equal(keys_names(&key_rows[0], names), "?, F1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_worst_comes_first),
		cmocka_unit_test(test_folding),
		cmocka_unit_test(test_sorting_keeps_libraries_together),
		cmocka_unit_test(test_a_filter_keeps_what_is_above_and_below),
		cmocka_unit_test(test_searching),
		cmocka_unit_test(test_what_is_left_out_can_be_shown),
		cmocka_unit_test(test_marks_and_columns),
		cmocka_unit_test(test_scrolling_shows_what_is_selected),
		cmocka_unit_test(test_columns_share_the_width),
		cmocka_unit_test(test_each_key_means_one_thing),
	};
	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, make_world, end_world);
}
