// The report as text, and what holds for all text: widths, colours, hostile names, failures.

#include "../support/check.h"

#include <errno.h>

#include "../support/scene.h"
#include "report/glyph.h"

static const enum polyton_view all_views[] = {
	POLYTON_VIEW_REPORT,  POLYTON_VIEW_SHOW, POLYTON_VIEW_OBJECTS,
	POLYTON_VIEW_THREADS, POLYTON_VIEW_TLS,  POLYTON_VIEW_BINDINGS,
};

static const char report_80[] = "host (pid 4242): x86_64, glibc 2.36, 5 threads, 6 objects\n"
				"\n"
				"tokio 1.24.2 (Rust): 1 thread-local and 4 statics exist more than once\n"
				"\n"
				"  error PT001, PT003, PT004: tokio::runtime::context::CONTEXT (thread-local)\n"
				"      exists 3 times: in host, libmod_same.so and libmod_other.so.\n"
				"    libmod_same.so and libmod_other.so use copies of their own, which no thread\n"
				"    has set; host's is set in 3 of 5 threads (1 could not be read).\n"
				"    PT003: The copies differ in size: 56 bytes in host, 64 bytes in\n"
				"    libmod_other.so.\n"
				"    PT004: In thread host, host's copy is set and libmod_other.so's is still\n"
				"    initial.\n"
				"      host             56 bytes  set in host, tokio-runtime-w (2);  1 host!to...\n"
				"                                 initial in 1; unreadable in 1\n"
				"      libmod_same.so   56 bytes  not allocated in 4 of 5 threads;\n"
				"                                 unreadable in 1\n"
				"      libmod_other.so  64 bytes  initial in 1 of 5 threads; not\n"
				"                                 allocated in 3; unreadable in 1\n"
				"\n"
				"  error PT002 (PT004 for 1 of them): 4 statics exist more than once; each of\n"
				"      these objects has its own:\n"
				"    NAME                               host      libmod_same.so\n"
				"    tokio::runtime::task::id::NEXT_ID  set (17)  initial\n"
				"    tokio::util::rand::COUNTER         set (17)  initial\n"
				"    tokio::park::NEXT                  set (17)  initial\n"
				"    tokio::process::ORPHANS            set (17)  initial\n"
				"\n"
				"  why: libmod_same.so and libmod_other.so: a cdylib exports its C functions\n"
				"       only, so its tokio is its own.\n"
				"  fix: Build the modules as crate-type = [\"dylib\"] with -C prefer-dynamic, on\n"
				"       one shared tokio.\n"
				"  fix: Or hand a tokio Handle into the module and enter it there.\n"
				"\n"
				"counter.c (C): 1 static exists more than once\n"
				"\n"
				"  warning PT002: counter (static) exists twice: in libmod_same.so and\n"
				"      libmod_other.so.\n"
				"    libmod_same.so's is set; libmod_other.so's is set.\n"
				"      libmod_same.so   4 bytes  set  3\n"
				"      libmod_other.so  4 bytes  set  4\n"
				"    why: libmod_other.so: counter.c is linked into both, and counter is static\n"
				"         in it.\n"
				"    fix: Link counter.c into one shared library that both use.\n"
				"\n"
				"note PT001: std is linked into each of host and libmod_same.so by design: 0 of\n"
				"    its statics and 1 of its thread-locals exist in more than one of them.\n"
				"\n"
				"note PT012: libmod_release.so is stripped: which variables it has copies of\n"
				"    cannot be told.\n"
				"  Of the crates that its panic messages name (3), other objects embed, too:\n"
				"  tokio 1.24.2.\n"
				"\n"
				"What could not be seen\n"
				"  - libmod_other.so: deleted meanwhile\n"
				"\n"
				"Notes\n"
				"  - libc.so.6 was not looked into\n"
				"\n"
				"6 singletons of 2 libraries exist more than once: 8 errors, 1 warning, 2 notes.\n";

static void test_report_reads_as_it_should(void **state)
{
	(void)state;
	char *text = write_scene(&(struct polyton_write_options){ .columns = 80 });
	assert_string_equal(text, report_80);
	free(text);
}

static void test_report_is_never_cut_without_a_width(void **state)
{
	(void)state;
	char *text = write_scene(&(struct polyton_write_options){ 0 });
	assert_lacks(text, "...");
	assert_has(
		text,
		"\n      host             56 bytes  set in host, tokio-runtime-w (2); initial in 1; unreadable in 1"
		"  1 host!tokio::VTABLE+0x10 0\n");
	free(text);
}

static void test_no_line_is_wider_than_the_page(void **state)
{
	(void)state;
	struct polyton_snapshot *snapshot = scene_create();
	for (uint32_t columns = 60; columns < 130; columns++) {
		char *text = scene_write(snapshot, &(struct polyton_write_options){ .columns = columns }),
		     *rest = text;
		for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
			if (glyph_width(line) > columns)
				print_error("%u columns: %s\n", columns, line);
			assert_true(glyph_width(line) <= columns);
		}
		free(text);
	}
	polyton_snapshot_destroy(snapshot);
}

static void test_narrow_report_keeps_names_whole(void **state)
{
	(void)state;
	char *text = write_scene(&(struct polyton_write_options){ .columns = 1 });
	assert_has(text, "    tokio::runtime::task::id::NEXT_ID\n      host: set (17); libmod_same.so:\n");
	assert_has(text, "tokio::runtime::context::CONTEXT\n");
	assert_has(text, "      libmod_other.so  64 bytes  initial");
	free(text);
}

static void test_report_of_everything(void **state)
{
	(void)state;
	char *text = write_scene(&(struct polyton_write_options){ .show_all = true, .is_verbose = true });
	// Nothing is folded.
	assert_has(text, "error PT002: tokio::process::ORPHANS (static) exists twice: in host and libmod_same.so.\n");
	assert_has(text, "\nNot counted\n");
	assert_has(text, "  merged: at most one of the copies is used:\n"
			 "    acme::registry()::all (static): host and libmod_same.so\n");
	assert_has(text, "    acme::table (static): host and libmod_same.so\n");
	assert_has(text, "    scratch (static): libmod_same.so and libmod_other.so\n");
	assert_has(text, "  start-up code of every object:\n    completed.0 (static): host and libmod_same.so\n");
	assert_has(text, "  1  start-up code of every object\n");
	assert_has(text,
		   "Read in 1.5 ms: 15 thread-local cells accepted, 1 unstable. Analysed in 40.2 ms, 0 references in "
		   "0.0 ms of it.\n");
	assert_lacks(text, "stopped");
	free(text);

	struct polyton_snapshot *snapshot = scene_create();
	snapshot->subject.was_stopped = true;
	snapshot->subject.pause_ns = 830000;
	text = scene_write(snapshot, &(struct polyton_write_options){ 0 });
	assert_has(text, "All threads were stopped for 0.83 ms.\n");
	assert_lacks(text, "Not counted");
	assert_lacks(text, "completed.0");
	assert_lacks(text, "acme");
	free(text);
	polyton_snapshot_destroy(snapshot);
}

static void test_empty_report(void **state)
{
	(void)state;
	struct polyton_snapshot *snapshot = scene_create_empty();
	char *text = scene_write(snapshot, &(struct polyton_write_options){ 0 });
	assert_string_equal(text, "host (pid 4242): x86_64, glibc 2.36, 5 threads, 6 objects\n\n"
				  "No singleton exists more than once.\n");
	free(text);
	assert_fine(snapshot_note(snapshot, POLYTON_NONE, true, "something was lost"));
	text = scene_write(snapshot, &(struct polyton_write_options){ 0 });
	assert_has(text, "What could not be seen\n  - something was lost\n\nNo singleton exists more than once.\n");
	free(text);
	polyton_snapshot_destroy(snapshot);
}

static void test_match_leaves_what_it_names(void **state)
{
	(void)state;
	char *text = write_scene(&(struct polyton_write_options){ .match = "^coun" });
	assert_has(text, "counter (static) exists twice");
	assert_lacks(text, "tokio");
	assert_lacks(text, "std");
	assert_lacks(text, "PT012");
	assert_has(text, "1 singleton of 1 library exists more than once: 1 warning.\n");
	free(text);
	text = write_scene(&(struct polyton_write_options){ .match = "CONTEXT|NEXT$" });
	assert_has(text, "1 thread-local and 1 static exist more than once\n");
	assert_has(text, "tokio::park::NEXT (static)");
	assert_lacks(text, "NEXT_ID");
	free(text);
	text = write_scene(&(struct polyton_write_options){ .match = "^std$" });
	assert_has(text, "std is linked into each");
	assert_has(text, "No singleton exists more than once, but for what each object has by design.\n");
	free(text);

	struct polyton_snapshot *snapshot = scene_create();
	struct polyton_write_options options = { .size = sizeof(options), .match = "a(" };
	assert_error(polyton_snapshot_write(snapshot, &options, NULL, NULL), POLYTON_ERROR_ARGUMENT, "\"a(\"");
	polyton_snapshot_destroy(snapshot);
}

// Without the colours it is the same text, and no style outlives its line.
static void test_colours_carry_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < count_of(all_views); i++) {
		struct polyton_write_options options = { .view = all_views[i], .name = "CONTEXT", .columns = 80 };
		char *plain = write_scene(&options);
		options.use_color = true;
		char *coloured = write_scene(&options), *end = coloured;
		bool is_styled = false;
		for (char *at = coloured; *at;) {
			if (*at == '\033') {
				is_styled = strncmp(at, "\033[0m", 4) != 0;
				at += strcspn(at, "m") + 1;
				continue;
			}
			assert_false(*at == '\n' && is_styled);
			*end++ = *at++;
		}
		*end = '\0';
		assert_string_equal(plain, coloured);
		free(plain);
		free(coloured);
	}
	char *text = write_scene(&(struct polyton_write_options){ .use_color = true });
	assert_has(text, "\033[1;31merror PT001, PT003, PT004:\033[0m");
	assert_has(text, "\033[1;33mwarning PT002:\033[0m");
	free(text);
}

// Escape sequences, line ends, C1, no UTF-8, bidi: as a name of everything that has one.
static const char hostile[] = "a\033]0;x\007\nb\x9b\xc2\x9b\xe2\x80\xae\xff\\ \"z\"";

static void test_hostile_names_are_shown_not_obeyed(void **state)
{
	(void)state;
	struct polyton_snapshot *snapshot = scene_create();
	snapshot->subject.name = snapshot->subject.path = hostile;
	snapshot->objects.items[SCENE_SAME].name = snapshot->objects.items[SCENE_SAME].path = hostile;
	snapshot->threads.items[0].name = snapshot->threads.items[3].why = hostile;
	snapshot->libraries.items[1].name = snapshot->libraries.items[1].version = hostile;
	snapshot->singletons.items[1].name = snapshot->singletons.items[2].name = hostile;
	snapshot->copies.items[2].symbol = snapshot->copies.items[2].source = snapshot->copies.items[3].build_mark =
		hostile;
	((struct polyton_value *)snapshot->copies.items[2].cells[0].value)->text = hostile;
	snapshot->findings.items[0].headline = snapshot->findings.items[0].detail = hostile;
	snapshot->copies.items[3].version = hostile;
	snapshot->copies.items[3].reason = snapshot->copies.items[4].reason =
		scene_reason(snapshot, POLYTON_CAUSE_HIDDEN, hostile, hostile, NULL);
	scene_binding(snapshot, (struct polyton_binding){ SCENE_HOST, hostile, hostile, POLYTON_REFERENCE_DATA,
							  POLYTON_BINDING_READ, SCENE_SAME, SCENE_HOST, 0x10 });
	assert_fine(snapshot_note(snapshot, POLYTON_NONE, true, "%s", hostile));
	for (uint32_t columns = 0; columns <= 100; columns += 50) {
		for (size_t i = 0; i < count_of(all_views); i++) {
			struct polyton_write_options options = { .view = all_views[i],
								 .name = "_ZN5tokio7CONTEXT17hbbE",
								 .columns = columns,
								 .show_all = true };
			char *text = scene_write(snapshot, &options);
			for (const char *at = text; *at; at++)
				assert_true(*at == '\n' || (*at >= ' ' && *at < 0x7f));
			assert_has(text, "a\\x1b]0;x\\x07\\x0ab\\x9b\\u{9b}\\u{202e}\\xff\\\\");
			free(text);
		}
	}
	polyton_snapshot_destroy(snapshot);
}

static void test_long_names_are_whole(void **state)
{
	(void)state;
	enum { LENGTH = 100000 };
	struct polyton_snapshot *snapshot = scene_create();
	char *name = arena_alloc(&snapshot->arena, 1, LENGTH + 1);
	assert_non_null(name);
	memset(name, 'n', LENGTH);
	snapshot->singletons.items[2].name = name;
	char *text = scene_write(snapshot, &(struct polyton_write_options){ .columns = 80 });
	assert_has(text, name);
	free(text);
	name[0] = 'm';
	// In a message it is cut.
	struct polyton_write_options options = { sizeof(options), .view = POLYTON_VIEW_SHOW, .name = "mn" };
	struct polyton_error *error = polyton_snapshot_write(snapshot, &options, NULL, NULL);
	assert_non_null(error);
	assert_true(strlen(polyton_error_message(error)) < 1000);
	polyton_error_destroy(error);
	polyton_snapshot_destroy(snapshot);
}

/** A reader that goes away. */
struct refusal {
	size_t calls, calls_left;
};

static int refuse(void *arg, const char *bytes, size_t count)
{
	struct refusal *refusal = arg;
	assert_non_null(bytes);
	assert_true(count > 0);
	refusal->calls++;
	return refusal->calls_left-- ? 0 : EPIPE;
}

static void test_first_failure_ends_the_writing(void **state)
{
	(void)state;
	struct polyton_snapshot *snapshot = scene_create();
	static const enum polyton_format formats[] = { POLYTON_FORMAT_TEXT, POLYTON_FORMAT_JSON };
	for (int i = 0; i < 3000; i++)
		assert_fine(snapshot_note(snapshot, POLYTON_NONE, false, "note %d of many", i));
	for (size_t i = 0; i < count_of(formats); i++) {
		for (size_t good = 0; good < 3; good++) {
			struct refusal refusal = { 0, good };
			struct polyton_write_options options = { .size = sizeof(options), .format = formats[i] };
			assert_error(polyton_snapshot_write(snapshot, &options, refuse, &refusal),
				     POLYTON_ERROR_SYSTEM, "Broken pipe");
			assert_int_equal(refusal.calls, good + 1);
		}
	}
	polyton_snapshot_destroy(snapshot);
}

static void test_requests(void **state)
{
	(void)state;
	struct polyton_snapshot *snapshot = scene_create_empty();
	struct polyton_write_options options = { .size = sizeof(options), .view = (enum polyton_view)6 };
	assert_error(polyton_snapshot_write(snapshot, &options, NULL, NULL), POLYTON_ERROR_ARGUMENT, "view 6");
	options = (struct polyton_write_options){ .size = sizeof(options), .format = (enum polyton_format)8 };
	assert_error(polyton_snapshot_write(snapshot, &options, NULL, NULL), POLYTON_ERROR_ARGUMENT, "format 8");
	options = (struct polyton_write_options){ .size = sizeof(options),
						  .view = POLYTON_VIEW_TLS,
						  .format = POLYTON_FORMAT_SARIF };
	assert_error(polyton_snapshot_write(snapshot, &options, NULL, NULL), POLYTON_ERROR_ARGUMENT, "report only");
	options = (struct polyton_write_options){ .size = sizeof(options), .fail_on = (enum polyton_fail_on)4 };
	assert_error(polyton_snapshot_write(snapshot, &options, NULL, NULL), POLYTON_ERROR_ARGUMENT, "level 4");
	// An older caller's structure ends before "match": what lies behind it is not looked at.
	struct refusal refusal = { 0, 1000 };
	options =
		(struct polyton_write_options){ .size = offsetof(struct polyton_write_options, match), .match = "(" };
	assert_fine(polyton_snapshot_write(snapshot, &options, refuse, &refusal));
	assert_fine(polyton_snapshot_write(snapshot, NULL, refuse, &refusal));
	assert_true(refusal.calls >= 2);
	polyton_snapshot_destroy(snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_report_reads_as_it_should),
		cmocka_unit_test(test_report_is_never_cut_without_a_width),
		cmocka_unit_test(test_no_line_is_wider_than_the_page),
		cmocka_unit_test(test_narrow_report_keeps_names_whole),
		cmocka_unit_test(test_report_of_everything),
		cmocka_unit_test(test_empty_report),
		cmocka_unit_test(test_match_leaves_what_it_names),
		cmocka_unit_test(test_colours_carry_nothing),
		cmocka_unit_test(test_hostile_names_are_shown_not_obeyed),
		cmocka_unit_test(test_long_names_are_whole),
		cmocka_unit_test(test_first_failure_ends_the_writing),
		cmocka_unit_test(test_requests),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
