// The other views as text: one singleton, by whatever name it is asked for, and the plain lists.

#include "../support/check.h"

#include "../support/scene.h"

static void test_show_a_thread_local(void **state)
{
	(void)state;
	char *text =
		write_scene(&(struct polyton_write_options){ .view = POLYTON_VIEW_SHOW, .name = "context::CONTEXT" });
	assert_has(
		text,
		"\ntokio::runtime::context::CONTEXT\n"
		"  A thread-local of tokio 1.24.2 (Rust). 3 copies, all of them used; certainly the same variable. "
		"They come from different builds. Their sizes differ.\n");
	assert_has(text, "\nerror PT001: tokio::runtime::context::CONTEXT");
	assert_has(text, "  OBJECT           NAMESPACE  OFFSET  SIZE  STORAGE  BINDING  USED BY\n"
			 "  host                     0    0x30    56  zero     local    host\n");
	assert_has(text, "  symbol in libmod_other.so: _ZN5tokio7CONTEXT17hbbE\n");
	assert_has(text, "  build in host and libmod_same.so: 17haa\n");
	assert_has(text, "   TID  THREAD           host        libmod_same.so  libmod_other.so\n"
			 "  4242  host             set         not allocated   initial\n");
	assert_has(text, "\nIn host\n"
			 "   TID  THREAD           STATE              ADDRESS  VALUE\n"
			 "  4242  host             set         0x7f6000000000  1 host!tokio::VTABLE+0x10 0\n");
	assert_has(text, "  and 3 more threads: not allocated\n");
	free(text);
}

static void test_show_statics(void **state)
{
	(void)state;
	char *text = write_scene(&(struct polyton_write_options){ .view = POLYTON_VIEW_SHOW, .name = "all" });
	assert_has(text, "2 copies, 1 of them used; certainly the same variable. It is not counted (merged: ");
	assert_has(text,
		   "  libmod_same.so    0x30  0x7f1000000030    24  zero     local    not used: bound to host\n");
	assert_has(text, "  symbol: _ZZ4acmeE3all\n");
	assert_has(text, "  host            set      0x1 0x2 3\n");
	free(text);
	text = write_scene(&(struct polyton_write_options){ .view = POLYTON_VIEW_SHOW, .name = "counter" });
	assert_has(text, "likely the same variable");
	assert_has(text, "  source: counter.c\n");
	free(text);
}

static struct polyton_error *show(const struct polyton_snapshot *snapshot, const char *name)
{
	struct polyton_write_options options = { sizeof(options), .view = POLYTON_VIEW_SHOW, .name = name };
	return polyton_snapshot_write(snapshot, &options, NULL, NULL); // an error comes before the first byte
}

static void test_names_that_mean_nothing_or_too_much(void **state)
{
	(void)state;
	struct polyton_snapshot *snapshot = scene_create();
	assert_error(show(snapshot, NULL), POLYTON_ERROR_ARGUMENT, "missing");
	assert_error(show(snapshot, "CONTXT"), POLYTON_ERROR_NOT_FOUND,
		     "\"CONTXT\"; similar: tokio::runtime::context::CONTEXT");
	assert_error(show(snapshot, "Registry"), POLYTON_ERROR_NOT_FOUND, "similar: acme::registry()::all");
	assert_error(show(snapshot, "no\nsuch\033[31m"), POLYTON_ERROR_NOT_FOUND, "\"no\\x0asuch\\x1b[31m\"");
	// Several in one library: told apart by symbol; in several libraries: by library.
	assert_error(show(snapshot, "_ZN5tokio1aE"), POLYTON_ERROR_NOT_FOUND,
		     "\"_ZN5tokio1aE\" means 4 singletons: ");

	scene_library(snapshot, "b.c", "", POLYTON_LANGUAGE_C);
	for (int i = 0; i < 2; i++) {
		scene_singleton(snapshot, "twin", POLYTON_KIND_STATIC);
		scene_copy(snapshot, (struct scene_copy){ SCENE_SAME, i ? "twin.1" : "twin", 4, "i", NULL });
		scene_copy(snapshot, (struct scene_copy){ SCENE_HOST, "twin", 4, "i", NULL });
	}
	assert_error(show(snapshot, "twin"), POLYTON_ERROR_NOT_FOUND, "means 2 singletons: twin, twin.1");
	scene_library(snapshot, "a.c", "", POLYTON_LANGUAGE_C);
	scene_singleton(snapshot, "twin", POLYTON_KIND_STATIC);
	scene_copy(snapshot, (struct scene_copy){ SCENE_HOST, "twin", 4, "i", NULL });
	assert_error(show(snapshot, "twin"), POLYTON_ERROR_NOT_FOUND, "means 3 singletons: twin, twin.1, a.c::twin");
	char *text = scene_write(snapshot,
				 &(struct polyton_write_options){ .view = POLYTON_VIEW_SHOW, .name = "a.c::twin" });
	assert_has(text, "A static of a.c (C).");
	free(text);
	text = scene_write(snapshot, &(struct polyton_write_options){ .view = POLYTON_VIEW_SHOW, .name = "twin.1" });
	assert_has(text, "A static of b.c (C).");
	free(text);
	// A whole name is meant before the end of another, in whichever order they stand.
	scene_singleton(snapshot, "z::counter", POLYTON_KIND_STATIC);
	scene_copy(snapshot, (struct scene_copy){ SCENE_HOST, "z", 4, "i", NULL });
	scene_copy(snapshot, (struct scene_copy){ SCENE_SAME, "z", 4, "i", NULL });
	text = scene_write(snapshot, &(struct polyton_write_options){ .view = POLYTON_VIEW_SHOW, .name = "counter" });
	assert_has(text, "A static of counter.c (C).");
	free(text);
	// Of a reported one and others that are not, the reported one is meant.
	snapshot->singletons.items[snapshot->singletons.count - 3].dropped = "noise";
	snapshot->singletons.items[snapshot->singletons.count - 2].dropped = "noise";
	text = scene_write(snapshot, &(struct polyton_write_options){ .view = POLYTON_VIEW_SHOW, .name = "twin" });
	assert_has(text, "symbol: twin\n");
	free(text);
	polyton_snapshot_destroy(snapshot);
}

static void test_lists_are_short(void **state)
{
	(void)state;
	struct polyton_snapshot *snapshot = scene_create_empty();
	scene_library(snapshot, "many.c", "", POLYTON_LANGUAGE_C);
	for (int i = 0; i < 40; i++) {
		scene_singleton(snapshot, arena_printf(&snapshot->arena, "f%d::state", i), POLYTON_KIND_STATIC);
		scene_copy(snapshot, (struct scene_copy){ SCENE_HOST, "s", 4, "i", NULL });
		scene_copy(snapshot, (struct scene_copy){ SCENE_SAME, "s", 4, "i", NULL });
	}
	assert_error(
		show(snapshot, "state"), POLYTON_ERROR_NOT_FOUND,
		"f0::state, f1::state, f2::state, f3::state, f4::state, f5::state, f6::state, f7::state and 32 more");
	assert_error(show(snapshot, "stat"), POLYTON_ERROR_NOT_FOUND, "f6::state, f7::state");
	polyton_snapshot_destroy(snapshot);
}

static size_t count_of_part(const char *text, const char *part)
{
	size_t count = 0;
	for (; (text = strstr(text, part)) != NULL; text += strlen(part))
		count++;
	return count;
}

static void test_alike_threads_are_told_once(void **state)
{
	(void)state;
	enum { THREADS = 1000 };
	struct polyton_snapshot *snapshot = scene_create_empty();
	char states[THREADS + 1];
	memset(states, 'n', THREADS);
	states[THREADS] = '\0';
	memcpy(states, "si", 2);
	while (snapshot->threads.count < THREADS) {
		struct polyton_thread *thread = vec_push(&snapshot->threads);
		assert_non_null(thread);
		*thread = (struct polyton_thread){ .tid = 5000 + (int32_t)snapshot->threads.count,
						   .name = "w",
						   .why = "" };
	}
	scene_library(snapshot, "a", "", POLYTON_LANGUAGE_C);
	scene_singleton(snapshot, "a", POLYTON_KIND_TLS);
	scene_copy(snapshot, (struct scene_copy){ SCENE_HOST, "a", 8, states, NULL });
	scene_copy(snapshot, (struct scene_copy){ SCENE_SAME, "a", 8, states, NULL });
	memset(states, 's', THREADS);
	scene_copy(snapshot, (struct scene_copy){ SCENE_OTHER, "a", 8, states, NULL });
	struct polyton_write_options options = { .view = POLYTON_VIEW_SHOW, .name = "a" };
	char *text = scene_write(snapshot, &options);
	assert_has(text, "  and 997 more threads: not allocated\n");
	// Each thread's own value: only so many are listed.
	assert_has(text, "  and 968 more threads, which differ from these\n");
	free(text);
	options.show_all = true;
	text = scene_write(snapshot, &options);
	assert_lacks(text, "more threads");
	assert_int_equal(count_of_part(text, "\n  6000  w"), 4); // the matrix and three copies
	free(text);
	polyton_snapshot_destroy(snapshot);
}

static void test_lists(void **state)
{
	(void)state;
	char *text = write_scene(&(struct polyton_write_options){ .view = POLYTON_VIEW_OBJECTS });
	assert_has(text,
		   "NAME               NAMESPACE  BUILD ID      SYMBOLS          TLS  FILE     PATH\n"
		   "host                       0  0123456789ab  full             152  read     /srv/app/host\n");
	assert_has(text,
		   "\nlinux-vdso.so.1            0                exported only         no file  linux-vdso.so.1\n");
	free(text);
	text = write_scene(&(struct polyton_write_options){ .view = POLYTON_VIEW_THREADS });
	assert_has(text, "\n TID  NAME             STATE                     TCB  WHY\n"
			 "4242  host             ready          0x7f5000000740\n");
	assert_has(text,
		   "4246  raw              shares 4242's  0x7f5000000740  a raw clone on another thread's TCB\n");
	assert_has(text, "What could not be seen\n");
	free(text);
	text = write_scene(&(struct polyton_write_options){ .view = POLYTON_VIEW_TLS });
	assert_has(text, "\nlibmod_other.so         4           3  dynamic     104      8                        "
			 "1 of 5 threads, 1 unknown\n");
	assert_has(text, "\nlibc.so.6               2           0  static      144      8   0x128  yes           "
			 "not looked at\n");
	assert_lacks(text, "vdso");
	free(text);
}

static void test_inner_ids_are_shown_where_they_differ(void **state)
{
	(void)state;
	struct polyton_snapshot *snapshot = scene_create_empty();
	snapshot->threads.items[0].inner_tid = 1;
	char *text = scene_write(snapshot, &(struct polyton_write_options){ .view = POLYTON_VIEW_THREADS });
	assert_has(text, "\n TID  INNER TID  NAME");
	assert_has(text, "\n4242          1  host");
	free(text);
	polyton_snapshot_destroy(snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_show_a_thread_local),
		cmocka_unit_test(test_show_statics),
		cmocka_unit_test(test_names_that_mean_nothing_or_too_much),
		cmocka_unit_test(test_lists_are_short),
		cmocka_unit_test(test_alike_threads_are_told_once),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_inner_ids_are_shown_where_they_differ),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
