// What each view shows of the made-up snapshot, and what it tells of a row.

#include "../support/check.h"

#include <locale.h>
#include <stdlib.h>

#include "../../inspector/view/cells.h"
#include "../../inspector/view/picker.h"
#include "../../inspector/view/words.h"
#include "../support/scene.h"
#include "../support/seen.h"

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

static void assert_tells(const struct view *view, const char *wanted)
{
	char *text = seen_details(view);
	assert_has(text, wanted);
	free(text);
}

// The singleton of that index.
static struct view about(const struct view_kind *kind, uint32_t singleton)
{
	struct view view;
	view_init(&view, kind, &world);
	view.width = 78;
	view.focus.singleton = world.shots[0]->singletons[singleton];
	view_refresh(&view);
	return view;
}

static void test_a_singleton_tells_why(void **state)
{
	(void)state;
	struct view view = seen_view(&singletons_view, &world);
	assert_tells(&view, "tokio 1.24.2 (Rust): 5 of its variables exist more than once.\n");
	seen_select(&view, "runtime::context::CONTEXT");
	assert_tells(&view, "error PT001: tokio::runtime::context::CONTEXT (thread-local) exists 3 times: in host, ");
	assert_tells(&view, "\nerror PT004: In thread host, ");
	assert_tells(&view, "\nwhy: a cdylib exports its C functions only, so its tokio is its own.\n"
			    "fix: Build the modules as ");
	view_fold(&view, false);
	view_move(&view, 2);
	assert_tells(&view, "in libmod_same.so: 56 bytes, used by libmod_same.so\n"
			    "symbol: _ZN5tokio7CONTEXT17haaE\n"
			    "why: a cdylib exports");
	view_deinit(&view);
}

static void test_threads_down_and_copies_across(void **state)
{
	(void)state;
	struct view view = about(&matrix_view, 1);
	assert_text(seen_text(&view),
		    "> 4242|host|● set 1 host!tokio::VTABLE+0x10 0|· not allocated|○ initial 0\n"
		    "  4243|tokio-runtime-w|● set 1 host!tokio::VTABLE+0x10 0|· not allocated|· not allocated\n"
		    "  4244|tokio-runtime-w|● set 1 host!tokio::VTABLE+0x10 0|· not allocated|· not allocated\n"
		    "  4245||? unreadable|? unreadable|? unreadable\n"
		    "  4246|raw|○ initial 0|· not allocated|· not allocated\n");
	assert_tells(&view, "error PT001: tokio::");
	view.column = 2;
	assert_tells(&view, "host's copy: set in thread 4242 host, at 0x7f6000000000\n"
			    "value: 1 host!tokio::VTABLE+0x10 0\n");
	view.column = 3;
	assert_tells(&view, "libmod_same.so's copy: not allocated in thread 4242 host (the thread has never touched");
	struct focus focus;
	assert_true(cells_selected(&view, &focus));
	assert_int_equal(focus.tid, 4242);
	assert_int_equal(focus.object, view.frames[0].columns[3].key);
	word_use_ascii(true);
	view_move(&view, 100);
	assert_text(seen_selected(&view), "4246|raw|o initial 0|. not allocated|. not allocated");
	word_use_ascii(false);
	view_deinit(&view);
}

static void test_copies_of_a_static(void **state)
{
	(void)state;
	struct view view = about(&matrix_view, 2);
	assert_text(seen_text(&view), "> host|● set|17|8|host\n"
				      "  libmod_same.so|○ initial|0|8|libmod_same.so\n");
	struct focus focus;
	assert_true(cells_selected(&view, &focus));
	assert_int_equal(focus.tid, 0);
	assert_int_equal(focus.object, view_selected(&view)->identity);
	view_deinit(&view);
	// Of one that nothing is bound to.
	for (uint32_t i = 0; i < polyton_snapshot_singleton_count(world.shots[0]->snapshot); i++) {
		if (strcmp(polyton_snapshot_singleton(world.shots[0]->snapshot, i)->name, "acme::registry()::all") !=
		    0)
			continue;
		view = about(&matrix_view, i);
		char *text = seen_text(&view);
		assert_has(text, "libmod_same.so|○ not used|0|24|");
		free(text);
		view_move(&view, 1);
		assert_tells(&view, "not used: all references go to the copy in host\n");
		view_deinit(&view);
	}
}

static void test_nothing_is_selected(void **state)
{
	(void)state;
	static const enum view_id about_one[] = { VIEW_MATRIX, VIEW_EVIDENCE, VIEW_VALUE, VIEW_LAYOUT };
	for (size_t i = 0; i < count_of(about_one); i++) {
		struct view view = seen_view(view_kinds[about_one[i]], &world);
		assert_int_equal(view.shown_count, 0);
		free(seen_details(&view));
		view_deinit(&view);
	}
}

static void test_objects(void **state)
{
	(void)state;
	struct view view = seen_view(&objects_view, &world);
	char *text = seen_text(&view);
	assert_has(text, "> host|5|152|static|1|0|full|0123456789ab|/srv/app/host\n");
	assert_has(text, "  libmod_release.so||96|undecided|5|0|exported only||");
	free(text);
	assert_tells(&view,
		     "brings copies of: tokio::runtime::context::CONTEXT, tokio::runtime::task::id::NEXT_ID, ");
	seen_select(&view, "libmod_release.so");
	assert_tells(&view, "brings no variable that exists more than once\nPT012: libmod_release.so is stripped");
	view_deinit(&view);
}

static void test_threads(void **state)
{
	(void)state;
	struct view view = seen_view(&threads_view, &world);
	assert_text(seen_text(&view), "> 4242|host|ready|1|0x7f5000000740|\n"
				      "  4243|tokio-runtime-w|ready|1|0x7f5000100740|\n"
				      "  4244|tokio-runtime-w|ready|1|0x7f5000200740|\n"
				      "  4245||unknown|0||ended, or out of reach in the kernel\n"
				      "  4246|raw|shares|0|0x7f5000000740|a raw clone on another thread's TCB\n");
	assert_tells(&view, "has set: tokio::runtime::context::CONTEXT in host\n");
	view_move(&view, 100);
	assert_tells(&view, "thread 4246 raw: shares the thread control block of 4242\n");
	view_deinit(&view);
}

static void test_the_static_block(void **state)
{
	(void)state;
	struct polyton_tls_budget *budget =
		(struct polyton_tls_budget *)polyton_snapshot_tls_budget(world.shots[0]->snapshot);
	const struct polyton_tls_budget before = *budget;
	struct view view = seen_view(&tls_view, &world);
	assert_tells(&view, "How much is left of the static block is not known: not looked for.\n");
	*budget = (struct polyton_tls_budget){ true, "", 608, 296, 312, 144, 0 };
	view_refresh(&view);
	char *text = seen_text(&view);
	assert_has(text, "> host|152|static|[█████░░░░░░░░░░░░░░░] 25%|1|8|0x98\n");
	assert_has(text, "  libmod_same.so|96|dynamic||3|8|\n");
	free(text);
	assert_tells(&view,
		     "] 49% used\nEvery thread has a static block of 608 bytes for thread-locals; 296 of them");
	view_deinit(&view);
	*budget = before;
}

static void test_notes(void **state)
{
	(void)state;
	struct view view = seen_view(&notes_view, &world);
	char *text = seen_text(&view);
	assert_has(text, "  note PT012|libmod_release.so|libmod_release.so is stripped: ");
	assert_has(text,
		   "  could not see|libmod_other.so|deleted meanwhile\n  note||libc.so.6 was not looked into\n");
	free(text);
	seen_select(&view, "could not see");
	assert_tells(&view, "libmod_other.so: deleted meanwhile\n");
	view_deinit(&view);
}

static void test_evidence_is_what_show_prints(void **state)
{
	(void)state;
	struct view view = about(&evidence_view, 1);
	char *text = seen_text(&view);
	assert_has(text,
		   "> host (pid 4242): x86_64, glibc 2.36, 5 threads, 6 objects\n  \n  tokio::runtime::context");
	assert_has(text, "\n  Why there are several\n");
	assert_has(text, "4242  host             set         not allocated   initial\n");
	free(text);
	view_deinit(&view);
}

static void test_a_value_without_a_type_is_its_bytes(void **state)
{
	(void)state;
	struct view view = about(&matrix_view, 1);
	struct focus focus;
	view.column = 2;
	assert_true(cells_selected(&view, &focus));
	view_deinit(&view);
	view_init(&view, &value_view, &world);
	view.focus = focus;
	view_refresh(&view);
	char *text = seen_text(&view);
	assert_has(text, "> +0x0|");
	free(text);
	assert_tells(&view, "words: 1 host!tokio::VTABLE+0x10 0\n");
	view_deinit(&view);
}

static void test_a_value_part_by_part(void **state)
{
	(void)state;
	static const struct polyton_value_row rows[] = {
		{ 0, "", "Context", "alive", true }, { 1, "handle", "Option<Handle>", "Some", true },
		{ 2, "0", "Handle", "", true },      { 3, "inner", "Arc<Shared>", "Arc(strong=2)", true },
		{ 4, "deep", "u32", "7", false },    { 1, "budget", "Budget", "None", false },
	};
	struct polyton_snapshot *snapshot = world.shots[0]->snapshot;
	const struct polyton_singleton *singleton = polyton_snapshot_singleton(snapshot, 2);
	const struct polyton_copy *copy = polyton_snapshot_copy(snapshot, singleton->first_copy);
	struct polyton_value *value = (struct polyton_value *)copy->cells[0].value;
	const struct polyton_value before = *value;
	value->rows = rows;
	value->row_count = count_of(rows);
	struct view view = about(&matrix_view, 2);
	struct focus focus;
	assert_true(cells_selected(&view, &focus));
	view_deinit(&view);
	view_init(&view, &value_view, &world);
	view.focus = focus;
	view_refresh(&view);
	assert_text(seen_text(&view), "> -(the variable)|alive|Context\n"
				      "    -handle|Some|Option<Handle>\n"
				      "      -0||Handle\n"
				      "        +inner|Arc(strong=2)|Arc<Shared>\n"
				      "    budget|None|Budget\n");
	seen_select(&view, "deep");
	assert_tells(&view, "part: deep\ntype: u32\nvalue: 7\n");
	view_deinit(&view);
	*value = before;
}

static void test_layouts_side_by_side(void **state)
{
	(void)state;
	static const struct polyton_layout_row rows[] = {
		{ "", false, { { true, 0, 56, "56 bytes" }, { true, 0, 64, "64 bytes" } } },
		{ "handle", true, { { true, 8, 8, "+8" }, { false, 0, 0, "" } } },
	};
	struct polyton_singleton *singleton =
		(struct polyton_singleton *)polyton_snapshot_singleton(world.shots[0]->snapshot, 1);
	singleton->layout = rows;
	singleton->layout_count = count_of(rows);
	singleton->layout_copies[0] = singleton->first_copy;
	singleton->layout_copies[1] = singleton->first_copy + 2;
	struct view view = about(&layout_view, 1);
	assert_text(seen_text(&view), "> (the variable)|own bytes|56 bytes|64 bytes\n"
				      "  handle|pointee|+8|not there\n");
	assert_string_equal(view.frames[0].columns[3].title, "libmod_other.so");
	view_move(&view, 1);
	assert_tells(&view, "part: handle (behind a pointer)\nin host: +8\nin libmod_other.so: not there\n");
	view_deinit(&view);
	singleton->layout_count = 0;
}

static void test_processes_to_choose_from(void **state)
{
	(void)state;
	struct picker_process processes[] = {
		{ 10, "sh", "root", "sh -c x", PICKER_LOOKED, 0, "" },
		{ 11, "host", "me", "host --aside", PICKER_LOOKED, 5, "" },
		{ 12, "locked", "you", "locked", PICKER_REFUSED, 0, "no right to read it" },
		{ 13, "new", "me", "new", PICKER_WAITING, 0, "" },
	};
	const struct picker_list list = { processes, count_of(processes) };
	struct world empty = { 0 };
	struct view view;
	view_init(&view, &picker_view, &empty);
	view.list = &list;
	view_refresh(&view);
	view_sort(&view, 0);
	view_move(&view, -10);
	assert_text(seen_text(&view), "> ● 5|11|me|host|host --aside\n"
				      "  none|10|root|sh|sh -c x\n"
				      "  ...|13|me|new|new\n"
				      "  not allowed|12|you|locked|locked\n");
	assert_tells(&view, "5 variables exist more than once in it. Enter shows them.\n");
	view_move(&view, 10);
	assert_tells(&view, "no right to read it\n");
	view_deinit(&view);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_singleton_tells_why),
		cmocka_unit_test(test_threads_down_and_copies_across),
		cmocka_unit_test(test_copies_of_a_static),
		cmocka_unit_test(test_nothing_is_selected),
		cmocka_unit_test(test_objects),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_the_static_block),
		cmocka_unit_test(test_notes),
		cmocka_unit_test(test_evidence_is_what_show_prints),
		cmocka_unit_test(test_a_value_without_a_type_is_its_bytes),
		cmocka_unit_test(test_a_value_part_by_part),
		cmocka_unit_test(test_layouts_side_by_side),
		cmocka_unit_test(test_processes_to_choose_from),
	};
	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, make_world, end_world);
}
