// Values, types and layouts that debug info gives, as text.

#include "../support/check.h"

#include "../support/scene.h"
#include "report/glyph.h"

static const struct polyton_layout_row layout[] = {
	{ "", false, { { true, 0, 56, "56 bytes, Context" }, { true, 0, 64, "64 bytes, Context<[u8; 16]>" } } },
	{ "handle", false, { { true, 8, 16, "+8, 16 bytes, core::option::Option<acme::Handle>" }, { .text = "" } } },
	{ "depth", false, { { true, 24, 8, "+24, 8 bytes, usize" }, { true, 8, 8, "+8, 8 bytes, usize" } } },
	{ "rng", false, { { true, 40, 8, "+40, 8 bytes, a::Rng" }, { true, 40, 8, "+40, 8 bytes, b::Rng" } } },
	{ "next->id", true, { { .text = "" }, { true, 4, 1, "+4, 1 byte, u8" } } },
};

static const struct polyton_value_row rows[] = {
	{ 0, "", "Context\\<x>", "alive", true },
	{ 1, "name", "String", "\"a\\\\b  c\\n\"", false },
	{ 1, "list", "alloc::vec::Vec<i32>", "size 2", true },
	{ 2, "[0]", "i32", "1 and more words", false },
	{ 2, "", "", "...", false },
	{ 1, "note", "", "aaaa bbbb cccc dddd eeee ffff gggg hhhh", false },
};

// A thread-local in three objects, of which one has no debug info.
static struct polyton_snapshot *create_typed(void)
{
	struct polyton_snapshot *snapshot = scene_create_empty();
	scene_library(snapshot, "acme", "1.0.0", POLYTON_LANGUAGE_RUST);
	struct polyton_singleton *singleton = scene_singleton(snapshot, "acme::CONTEXT", POLYTON_KIND_TLS);
	struct polyton_copy *copy = scene_copy(snapshot, (struct scene_copy){ SCENE_HOST, "C", 56, "ssinu", "0" });
	copy->type = "Context";
	copy->decl_file = "/src/context.rs";
	copy->decl_line = 42;
	copy->producer = "rustc 1.80.0";
	struct polyton_value *value =
		scene_value(snapshot, copy, "xx---", POLYTON_VALUE_ALIVE, "alive, name: \"a\\\\b\\n\", list: size 2");
	value->rows = rows;
	value->row_count = count_of(rows);
	scene_value(snapshot, copy, "--x--", POLYTON_VALUE_UNINITIALISED, "uninitialised");
	copy = scene_copy(snapshot, (struct scene_copy){ SCENE_OTHER, "C", 64, "sninn", "0" });
	copy->type = "Context";
	copy->decl_file = "/src/context.rs";
	copy->decl_line = 45;
	copy->producer = "rustc 1.81.0";
	scene_value(snapshot, copy, "x----", POLYTON_VALUE_DESTROYED, "destroyed");
	scene_value(snapshot, copy, "--x--", POLYTON_VALUE_ALIVE, "alive, 2");
	copy = scene_copy(snapshot, (struct scene_copy){ SCENE_RELEASE, "C", 56, "snnnn", "a\\nb\xe2\x80\xae" });
	copy->type_missing = "no debug info";
	singleton->layout = layout;
	singleton->layout_count = count_of(layout);
	singleton->layout_copies[1] = 1;
	singleton->layout_copies[0] = 0;
	scene_finding(snapshot, POLYTON_SEVERITY_ERROR, "acme::CONTEXT (thread-local) exists 3 times.", "");
	scene_rule(snapshot, 0, "PT003", "layout-mismatch", "acme::CONTEXT has another layout in each build.");
	return snapshot;
}

static char *show(const struct polyton_snapshot *snapshot, uint32_t columns)
{
	return scene_write(snapshot, &(struct polyton_write_options){ .view = POLYTON_VIEW_SHOW,
								      .name = "CONTEXT",
								      .columns = columns });
}

static void test_report_tells_what_is_alive(void **state)
{
	(void)state;
	struct polyton_snapshot *snapshot = create_typed();
	char *text = scene_write(snapshot, &(struct polyton_write_options){ 0 });
	assert_has(text, "host               56 bytes  alive in host, tokio-runtime-w; uninitialised in 1; "
			 "not allocated in 1; unreadable in 1  name: \"a\\\\b\\n\", list: size 2\n");
	assert_has(text, "64 bytes  alive in tokio-runtime-w; destroyed in host; not allocated in 3  ");
	// What is no typed value is escaped, in the same column.
	assert_has(text, "a\\\\nb\\u{202e}\n");
	free(text);
	polyton_snapshot_destroy(snapshot);
}

static void test_show_tells_types(void **state)
{
	(void)state;
	struct polyton_snapshot *snapshot = create_typed();
	char *text = show(snapshot, 0);
	assert_has(text, "\n  symbol: C\n"
			 "  type in host and libmod_other.so: Context\n"
			 "  no type in libmod_release.so: no debug info\n"
			 "  declared in host: /src/context.rs:42\n"
			 "  declared in libmod_other.so: /src/context.rs:45\n"
			 "  compiled in host: rustc 1.80.0\n"
			 "  compiled in libmod_other.so: rustc 1.81.0\n");
	free(text);
	snapshot->copies.items[1].producer = "rustc 1.80.0";
	text = show(snapshot, 0);
	assert_lacks(text, "rustc"); // the same, as far as it is known
	free(text);
	polyton_snapshot_destroy(snapshot);
}

static void test_layout_beside_and_below(void **state)
{
	(void)state;
	struct polyton_snapshot *snapshot = create_typed();
	char *text = show(snapshot, 0);
	assert_has(text, "\nLayout\n"
			 "  PART     host                          libmod_other.so\n"
			 "  (whole)  56 bytes, Context             64 bytes, Context<[u8; 16]>\n"
			 "  handle   +8, 16 bytes, Option<Handle>  missing\n"
			 "  depth    +24, 8 bytes, usize           +8, 8 bytes, usize\n"
			 "  rng      +40, 8 bytes, a::Rng          +40, 8 bytes, b::Rng\n"
			 "\n"
			 "Layout of what it points to\n"
			 "  PART      host     libmod_other.so\n"
			 "  next->id  missing  +4, 1 byte, u8\n");
	free(text);
	text = show(snapshot, 61);
	assert_has(text, "  handle   +8, 16 bytes,             missing\n"
			 "           Option<Handle>\n");
	free(text);
	text = show(snapshot, 50);
	assert_has(text, "\nLayout\n"
			 "  (whole)\n"
			 "    host             56 bytes, Context\n"
			 "    libmod_other.so  64 bytes, Context<[u8; 16]>\n"
			 "  handle\n"
			 "    host             +8, 16 bytes, Option<Handle>\n"
			 "    libmod_other.so  missing\n");
	free(text);
	snapshot->singletons.items[0].layout_copies[1] = POLYTON_NONE;
	text = show(snapshot, 0);
	assert_lacks(text, "Layout");
	free(text);
	polyton_snapshot_destroy(snapshot);
}

static void test_values_by_thread(void **state)
{
	(void)state;
	struct polyton_snapshot *snapshot = create_typed();
	char *text = show(snapshot, 0);
	assert_has(text, "  4242  host             alive          destroyed        set\n"
			 "  4243  tokio-runtime-w  alive          not allocated    not allocated\n");
	assert_has(text,
		   "  4242  host             alive          0x7f6000000000  name: \"a\\\\b\\n\", list: size 2\n");
	assert_has(text, "  4244  tokio-runtime-w  uninitialised  0x7f6000000200\n");
	assert_has(text, "  4242  host             set            0x7f6000000000  a\\\\nb\\u{202e}\n");
	free(text);
	polyton_snapshot_destroy(snapshot);
}

static void test_trees(void **state)
{
	(void)state;
	static const char tree[] = "\n  4242 host, 4243 tokio-runtime-w:\n"
				   "    Context\\\\<x> = alive\n"
				   "      name: String = \"a\\\\b  c\\n\"\n"
				   "      list: Vec<i32> = size 2\n"
				   "        [0]: i32 = 1 and more words\n"
				   "        ...\n"
				   "      note = aaaa bbbb cccc dddd eeee ffff gggg hhhh\n";
	struct polyton_snapshot *snapshot = create_typed();
	char *text = show(snapshot, 0);
	assert_has(text, tree);
	char *again = strstr(strstr(text, tree) + 1, "list: Vec");
	assert_null(strstr(again + 1, "list: Vec")); // both threads hold one value
	free(text);
	text = show(snapshot, 40);
	assert_has(text, "      name: String = \"a\\\\b  c\\n\"\n");
	assert_has(text, "      note = aaaa bbbb cccc dddd eeee\n"
			 "          ffff gggg hhhh\n");
	free(text);
	polyton_snapshot_destroy(snapshot);
}

static void test_many_trees_are_bounded(void **state)
{
	(void)state;
	enum { THREADS = 40 };
	struct polyton_snapshot *snapshot = scene_create_empty();
	char states[THREADS + 1];
	memset(states, 's', THREADS);
	states[THREADS] = '\0';
	while (snapshot->threads.count < THREADS) {
		struct polyton_thread *thread = vec_push(&snapshot->threads);
		assert_non_null(thread);
		*thread = (struct polyton_thread){ .tid = 5000, .name = "w", .why = "" };
	}
	scene_library(snapshot, "a", "", POLYTON_LANGUAGE_C);
	scene_singleton(snapshot, "CONTEXT", POLYTON_KIND_TLS);
	struct polyton_copy *copy = scene_copy(snapshot, (struct scene_copy){ SCENE_HOST, "a", 8, states, NULL });
	for (uint32_t i = 0; i < THREADS; i++) {
		struct polyton_value *value = (struct polyton_value *)copy->cells[i].value;
		value->rows = rows;
		value->row_count = count_of(rows);
	}
	scene_copy(snapshot, (struct scene_copy){ SCENE_SAME, "a", 8, states, "1" });
	char *text = show(snapshot, 0);
	assert_has(text, "  and 24 more values\n");
	free(text);
	text = scene_write(snapshot, &(struct polyton_write_options){ .view = POLYTON_VIEW_SHOW,
								      .name = "CONTEXT",
								      .show_all = true });
	assert_lacks(text, "more values");
	free(text);
	for (uint32_t i = 1; i < THREADS; i++)
		((struct polyton_cell *)copy->cells)[i].value = copy->cells[0].value;
	text = show(snapshot, 0);
	assert_has(text, "\n  4242 host, 4243 tokio-runtime-w, 4244 tokio-runtime-w, 4245 and 36 more threads:\n");
	free(text);
	polyton_snapshot_destroy(snapshot);
}

static void test_statics(void **state)
{
	(void)state;
	struct polyton_snapshot *snapshot = scene_create_empty();
	scene_library(snapshot, "acme", "", POLYTON_LANGUAGE_CXX);
	for (int i = 0; i < 4; i++) {
		scene_singleton(snapshot, i ? arena_printf(&snapshot->arena, "s%d", i) : "CONTEXT",
				POLYTON_KIND_STATIC);
		struct polyton_copy *copy = scene_copy(snapshot, (struct scene_copy){ SCENE_HOST, "c", 4, "s", "0" });
		struct polyton_value *value =
			scene_value(snapshot, copy, "x", POLYTON_VALUE_PLAIN, i == 1 ? "'\\n'" : "A|B");
		value->rows = rows;
		value->row_count = 2;
		scene_copy(snapshot, (struct scene_copy){ SCENE_SAME, "c", 4, "i", NULL });
		scene_finding(snapshot, POLYTON_SEVERITY_ERROR, "It exists twice.", "");
	}
	char *text = show(snapshot, 0);
	assert_has(text, "  host            set      A|B\n");
	assert_has(text, "\n  host:\n    Context\\\\<x> = alive\n      name: String");
	free(text);
	text = scene_write(snapshot, &(struct polyton_write_options){ 0 });
	assert_has(text, "  CONTEXT  set (A|B)  initial\n"
			 "    s1       set        initial\n"); // not as a text that was not escaped
	free(text);
	polyton_snapshot_destroy(snapshot);
}

static void test_no_line_is_wider_than_the_page(void **state)
{
	(void)state;
	struct polyton_snapshot *snapshot = create_typed();
	for (uint32_t columns = 80; columns < 130; columns++) {
		char *text = show(snapshot, columns), *rest = text;
		for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
			if (glyph_width_by(glyph_next_escaped, line) > columns)
				print_error("%u columns: %s\n", columns, line);
			assert_true(glyph_width_by(glyph_next_escaped, line) <= columns);
		}
		free(text);
	}
	polyton_snapshot_destroy(snapshot);
}

static void test_hostile_texts_are_shown_not_obeyed(void **state)
{
	(void)state;
	static const char hostile[] = "a\033]0;x\007\nb\x9b\xc2\x9b\xe2\x80\xae\xff \"z\"";
	static const struct polyton_value_row bad_rows[] = { { 0, hostile, hostile, hostile, false },
							     { UINT32_MAX, hostile, "", "", true } };
	static const struct polyton_layout_row bad_layout[] = {
		{ hostile, false, { { true, 0, 1, hostile }, { true, 0, 1, hostile } } }
	};
	struct polyton_snapshot *snapshot = create_typed();
	struct polyton_copy *copies = snapshot->copies.items;
	copies[0].type = copies[0].decl_file = copies[0].producer = copies[2].type_missing = hostile;
	snapshot->singletons.items[0].layout = bad_layout;
	snapshot->singletons.items[0].layout_count = 1;
	struct polyton_value *value = scene_value(snapshot, &copies[0], "xx---", POLYTON_VALUE_ALIVE, hostile);
	value->rows = bad_rows;
	value->row_count = count_of(bad_rows);
	for (uint32_t columns = 40; columns <= 120; columns += 40) {
		for (int view = POLYTON_VIEW_REPORT; view <= POLYTON_VIEW_SHOW; view++) {
			char *text = scene_write(snapshot,
						 &(struct polyton_write_options){ .view = (enum polyton_view)view,
										  .name = "CONTEXT",
										  .columns = columns });
			for (const char *at = text; *at; at++)
				assert_true(*at == '\n' || (*at >= ' ' && *at < 0x7f));
			if (view == POLYTON_VIEW_SHOW)
				assert_has(text, "a\\x1b]0;x\\x07\\x0a");
			free(text);
		}
	}
	polyton_snapshot_destroy(snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_report_tells_what_is_alive),
		cmocka_unit_test(test_show_tells_types),
		cmocka_unit_test(test_layout_beside_and_below),
		cmocka_unit_test(test_values_by_thread),
		cmocka_unit_test(test_trees),
		cmocka_unit_test(test_many_trees_are_bounded),
		cmocka_unit_test(test_statics),
		cmocka_unit_test(test_no_line_is_wider_than_the_page),
		cmocka_unit_test(test_hostile_texts_are_shown_not_obeyed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
