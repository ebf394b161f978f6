// What is said of a snapshot: which singletons are worth a finding, and in which words.

#include "../support/check.h"

#include <stdlib.h>

#include "../support/find_object.h"
#include "find/findings.h"

enum { OBJECTS = 8 };

/** A snapshot of objects "a" to "h", to which singletons are added one by one. */
struct story {
	struct polyton_snapshot *snapshot;
	struct object_input objects[OBJECTS];
	struct crate_lists crates;
};

static int set_up(void **state)
{
	static struct story story;
	story.snapshot = find_snapshot(OBJECTS);
	for (size_t i = 0; i < OBJECTS; i++)
		find_object_init(&story.objects[i], NULL, NULL);
	assert_fine(crate_lists_init(&story.crates, story.objects, OBJECTS, &story.snapshot->arena));
	*state = &story;
	return 0;
}

static int tear_down(void **state)
{
	struct story *story = *state;
	crate_lists_deinit(&story->crates);
	polyton_snapshot_destroy(story->snapshot);
	for (size_t i = 0; i < OBJECTS; i++)
		find_object_deinit(&story->objects[i]);
	return 0;
}

static struct polyton_library *add_library(struct story *story, const char *name)
{
	struct polyton_library *library = vec_push(&story->snapshot->libraries);
	assert_non_null(library);
	*library = (struct polyton_library){ .name = name,
					     .version = "",
					     .language = POLYTON_LANGUAGE_RUST,
					     .first_singleton = (uint32_t)story->snapshot->singletons.count };
	return library;
}

static enum polyton_cell_state state_of(char letter)
{
	switch (letter) {
	case 's':
		return POLYTON_CELL_SET;
	case 'i':
		return POLYTON_CELL_INITIAL;
	case 'n':
		return POLYTON_CELL_NOT_ALLOCATED;
	case 'u':
		return POLYTON_CELL_UNREADABLE;
	case 't':
		return POLYTON_CELL_UNSTABLE;
	default:
		assert_int_equal(letter, 'p');
		return POLYTON_CELL_PRESENT;
	}
}

// Of the newest library. @p copies: a word of cells' states per object, in the order of objects; "-" for an object
// without a copy, a leading "*" for one that nothing is bound to.
static struct polyton_singleton *add_singleton(struct story *story, enum polyton_kind kind, const char *copies)
{
	struct polyton_snapshot *snapshot = story->snapshot;
	uint32_t object = 0, index = (uint32_t)snapshot->singletons.count;
	struct polyton_singleton *singleton = vec_push(&snapshot->singletons);
	assert_non_null(singleton);
	*singleton = (struct polyton_singleton){ .name = "lib::X",
						 .kind = kind,
						 .confidence = POLYTON_CONFIDENCE_CERTAIN,
						 .library = (uint32_t)snapshot->libraries.count - 1,
						 .first_copy = (uint32_t)snapshot->copies.count };
	for (const char *at = copies; *at; object++) {
		size_t length = strcspn(at, " ");
		bool is_shadowed = *at == '*';
		const char *states = at + is_shadowed;
		uint32_t count = (uint32_t)(length - is_shadowed);
		bool has_none = *at == '-';
		at += length + strspn(at + length, " ");
		if (has_none)
			continue;
		struct polyton_copy *copy = vec_push(&snapshot->copies);
		struct polyton_cell *cells = arena_alloc(&snapshot->arena, count, sizeof(*cells));
		assert_non_null(copy);
		assert_non_null(cells);
		for (uint32_t i = 0; i < count; i++)
			cells[i].state = state_of(states[i]);
		*copy = (struct polyton_copy){ .singleton = index,
					       .object = object,
					       .symbol = "X",
					       .size = 8,
					       .use = is_shadowed ? POLYTON_USE_SHADOWED : POLYTON_USE_LIVE,
					       .cells = cells,
					       .cell_count = count };
		singleton->copy_count++;
		singleton->live_count += !is_shadowed;
	}
	snapshot->libraries.items[singleton->library].singleton_count++;
	return singleton;
}

static const struct polyton_finding *only_finding(struct story *story)
{
	assert_fine(findings_build(story->snapshot, &story->crates));
	assert_int_equal(story->snapshot->findings.count, 1);
	assert_int_equal(story->snapshot->notes.count, 0);
	return &story->snapshot->findings.items[0];
}

// What is said of one singleton with these copies.
static void assert_said(enum polyton_kind kind, const char *copies, const char *headline, const char *detail)
{
	void *state;
	set_up(&state);
	struct story *story = state;
	add_library(story, "lib");
	add_singleton(story, kind, copies);
	const struct polyton_finding *finding = only_finding(story);
	assert_string_equal(finding->headline, headline);
	assert_string_equal(finding->detail, detail);
	tear_down(&state);
}

static void test_a_thread_local(void **state)
{
	struct story *story = *state;
	add_library(story, "lib");
	add_singleton(story, POLYTON_KIND_TLS, "sss inn");
	const struct polyton_finding *finding = only_finding(story);
	assert_string_equal(finding->rule, "PT001");
	assert_string_equal(finding->slug, "duplicate-tls");
	assert_int_equal(finding->severity, POLYTON_SEVERITY_ERROR);
	assert_int_equal(finding->confidence, POLYTON_CONFIDENCE_CERTAIN);
	assert_int_equal(finding->library, 0);
	assert_int_equal(finding->singleton, 0);
	assert_int_equal(finding->object, POLYTON_NONE);
	assert_string_equal(finding->headline, "lib::X (thread-local) exists twice: in a and b.");
	assert_string_equal(finding->detail,
			    "b uses its own copy, which no thread has set; a's is set in 3 of 3 threads.");
}

static void test_a_static(void **state)
{
	struct story *story = *state;
	add_library(story, "lib");
	add_singleton(story, POLYTON_KIND_STATIC, "s i");
	const struct polyton_finding *finding = only_finding(story);
	assert_string_equal(finding->rule, "PT002");
	assert_string_equal(finding->slug, "duplicate-static");
	assert_int_equal(finding->severity, POLYTON_SEVERITY_ERROR);
	assert_string_equal(finding->headline, "lib::X (static) exists twice: in a and b.");
	assert_string_equal(finding->detail, "b uses its own copy, which is still initial; a's is set.");
}

static void test_likely_is_one_step_down(void **state)
{
	struct story *story = *state;
	add_library(story, "lib");
	add_singleton(story, POLYTON_KIND_STATIC, "s i")->confidence = POLYTON_CONFIDENCE_LIKELY;
	const struct polyton_finding *finding = only_finding(story);
	assert_int_equal(finding->severity, POLYTON_SEVERITY_WARNING);
	assert_int_equal(finding->confidence, POLYTON_CONFIDENCE_LIKELY);
}

static void test_how_many_and_where(void **state)
{
	(void)state;
	assert_said(POLYTON_KIND_STATIC, "i - i i", "lib::X (static) exists 3 times: in a, c and d.",
		    "a, c and d use copies of their own, which are still initial.");
	assert_said(POLYTON_KIND_STATIC, "i i i i i", "lib::X (static) exists 5 times: in a, b, c, d and e.",
		    "a, b, c, d and e use copies of their own, which are still initial.");
	assert_said(POLYTON_KIND_STATIC, "i i i i i i", "lib::X (static) exists 6 times: in a, b, c, d and 2 more.",
		    "a, b, c, d and 2 more use copies of their own, which are still initial.");
	assert_said(POLYTON_KIND_STATIC, "s s s s s s s", "lib::X (static) exists 7 times: in a, b, c, d and 3 more.",
		    "a's is set; b's is set; c's is set; d's is set; 3 more are set.");
}

static void test_shadowed_copies_are_not_counted(void **state)
{
	(void)state;
	assert_said(POLYTON_KIND_STATIC, "s *s i *i", "lib::X (static) exists twice: in a and c.",
		    "c uses its own copy, which is still initial; a's is set.");
}

static void test_threads_are_counted(void **state)
{
	(void)state;
	assert_said(POLYTON_KIND_TLS, "s n", "lib::X (thread-local) exists twice: in a and b.",
		    "b uses its own copy, which no thread has set; a's is set in 1 of 1 thread.");
	assert_said(POLYTON_KIND_TLS, "nsi nni nnn", "lib::X (thread-local) exists 3 times: in a, b and c.",
		    "b and c use copies of their own, which no thread has set; a's is set in 1 of 3 threads.");
}

// What could not be read may be set: it is never counted as unset.
static void test_unknown_is_not_unset(void **state)
{
	(void)state;
	assert_said(
		POLYTON_KIND_TLS, "sut nnu", "lib::X (thread-local) exists twice: in a and b.",
		"a's is set in 1 of 3 threads (2 could not be read); 1 of the copies could not be compared with an "
		"initial image in every thread.");
	assert_said(POLYTON_KIND_TLS, "iit nnt", "lib::X (thread-local) exists twice: in a and b.",
		    "2 of the copies could not be compared with an initial image in every thread.");
	assert_said(
		POLYTON_KIND_TLS, "ppp sss", "lib::X (thread-local) exists twice: in a and b.",
		"b's is set in 3 of 3 threads; 1 of the copies could not be compared with an initial image in every "
		"thread.");
	assert_said(
		POLYTON_KIND_STATIC, "p i u", "lib::X (static) exists 3 times: in a, b and c.",
		"b uses its own copy, which is still initial; 2 of the copies could not be compared with an initial "
		"image.");
}

static void test_sizes_that_differ(void **state)
{
	struct story *story = *state;
	add_library(story, "lib");
	add_singleton(story, POLYTON_KIND_STATIC, "s s *i")->sizes_differ = true;
	story->snapshot->copies.items[1].size = 16;
	assert_string_equal(only_finding(story)->detail,
			    "a's is set; b's is set; sizes differ: 8 bytes in a, 16 bytes in b.");
}

static void test_sizes_of_shadowed_copies_do_not_matter(void **state)
{
	struct story *story = *state;
	add_library(story, "lib");
	add_singleton(story, POLYTON_KIND_STATIC, "s s *i")->sizes_differ = true;
	story->snapshot->copies.items[2].size = 16;
	assert_string_equal(only_finding(story)->detail, "a's is set; b's is set.");
}

static void test_what_is_no_finding(void **state)
{
	struct story *story = *state;
	add_library(story, "lib");
	add_singleton(story, POLYTON_KIND_STATIC, "s s")->dropped = "noise";
	add_singleton(story, POLYTON_KIND_STATIC, "s s")->is_read_only = true;
	add_singleton(story, POLYTON_KIND_STATIC, "s s")->confidence = POLYTON_CONFIDENCE_POSSIBLE;
	add_singleton(story, POLYTON_KIND_STATIC, "s *s");
	add_singleton(story, POLYTON_KIND_STATIC, "*s *s");
	add_library(story, "std")->is_per_object = true;
	add_singleton(story, POLYTON_KIND_STATIC, "s *s");
	assert_fine(findings_build(story->snapshot, &story->crates));
	assert_int_equal(story->snapshot->findings.count, 0);
	assert_int_equal(story->snapshot->notes.count, 0);
}

static void test_per_object_libraries_are_one_line(void **state)
{
	struct story *story = *state;
	add_library(story, "std")->is_per_object = true;
	add_singleton(story, POLYTON_KIND_STATIC, "s s - i");
	add_singleton(story, POLYTON_KIND_STATIC, "- s s");
	add_singleton(story, POLYTON_KIND_TLS, "nn - - sn");
	add_singleton(story, POLYTON_KIND_TLS, "- - - - - s *s");
	const struct polyton_finding *finding = only_finding(story);
	assert_string_equal(finding->headline,
			    "std is linked into each of a, b, c and d by design: 2 of its statics and "
			    "1 of its thread-locals exist in more than one of them.");
	assert_string_equal(finding->detail, "");
	assert_string_equal(finding->rule, "PT001");
	assert_int_equal(finding->severity, POLYTON_SEVERITY_NOTE);
	assert_int_equal(finding->library, 0);
	assert_int_equal(finding->singleton, POLYTON_NONE);
}

static void test_per_object_statics_only(void **state)
{
	struct story *story = *state;
	add_library(story, "std")->is_per_object = true;
	add_singleton(story, POLYTON_KIND_STATIC, "s s");
	const struct polyton_finding *finding = only_finding(story);
	assert_string_equal(finding->rule, "PT002");
	assert_string_equal(finding->slug, "duplicate-static");
}

static void test_worst_come_first(void **state)
{
	struct story *story = *state;
	add_library(story, "one");
	add_singleton(story, POLYTON_KIND_TLS, "s s")->confidence = POLYTON_CONFIDENCE_LIKELY;
	add_singleton(story, POLYTON_KIND_STATIC, "s s");
	add_singleton(story, POLYTON_KIND_STATIC, "s s s");
	add_library(story, "std")->is_per_object = true;
	add_singleton(story, POLYTON_KIND_TLS, "s s");
	add_library(story, "two");
	add_singleton(story, POLYTON_KIND_TLS, "s s");
	add_singleton(story, POLYTON_KIND_STATIC, "s s");
	static const uint32_t order[] = { 4, 2, 1, 5, 0, POLYTON_NONE };
	assert_fine(findings_build(story->snapshot, &story->crates));
	assert_int_equal(story->snapshot->findings.count, count_of(order));
	for (size_t i = 0; i < count_of(order); i++)
		assert_int_equal(story->snapshot->findings.items[i].singleton, order[i]);
}

static void test_stripped_objects_are_noted(void **state)
{
	struct story *story = *state;
	struct polyton_object *objects = story->snapshot->objects.items;
	objects[0].symbols = POLYTON_SYMBOLS_DEBUG_FILE;
	objects[1].symbols = POLYTON_SYMBOLS_DYNAMIC;
	objects[2].symbols = POLYTON_SYMBOLS_MINIDEBUG;
	objects[3].symbols = POLYTON_SYMBOLS_NONE;
	objects[3].file_state = POLYTON_FILE_NONE; // the vdso
	objects[4].symbols = POLYTON_SYMBOLS_NONE;
	story->objects[4].segment_count = 1; // nothing that could be written
	objects[5].symbols = POLYTON_SYMBOLS_NONE;
	story->objects[5].segment_count = 0;
	objects[5].tls_size = 8;
	assert_fine(findings_build(story->snapshot, &story->crates));
	assert_int_equal(story->snapshot->findings.count, 0);
	assert_int_equal(story->snapshot->notes.count, 1);
	assert_string_equal(
		story->snapshot->notes.items[0].text,
		"b, c and f have no symbol table (stripped): only the variables they export were compared");
	assert_int_equal(story->snapshot->notes.items[0].object, POLYTON_NONE);
	assert_false(story->snapshot->notes.items[0].is_loss);
}

static void test_one_stripped_object(void **state)
{
	struct story *story = *state;
	story->snapshot->objects.items[1].symbols = POLYTON_SYMBOLS_DYNAMIC;
	assert_fine(findings_build(story->snapshot, &story->crates));
	assert_string_equal(story->snapshot->notes.items[0].text,
			    "b has no symbol table (stripped): only the variables it exports were compared");
}

static void test_blind_spots_name_their_crates(void **state)
{
	struct story *story = *state;
	static const char text[] = "/root/.cargo/registry/src/github.com-1ecc6299db9ec823/tokio-1.24.2/src/park.rs"
				   "/root/.cargo/registry/src/github.com-1ecc6299db9ec823/log-0.4.17/src/lib.rs";
	struct elf_bytes bytes = elf_write(&(struct elf_spec){ .rodata = text, .rodata_size = sizeof(text) });
	struct elf_file *file;
	assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x.so", &file));
	story->objects[1].file = story->objects[2].file = file;
	story->snapshot->objects.items[1].symbols = POLYTON_SYMBOLS_DYNAMIC;
	story->snapshot->objects.items[1].tls_size = 96;
	const struct polyton_finding *finding = only_finding(story);
	assert_string_equal(finding->rule, "PT012");
	assert_string_equal(finding->slug, "blind-spot");
	assert_int_equal(finding->severity, POLYTON_SEVERITY_NOTE);
	assert_int_equal(finding->object, 1);
	assert_int_equal(finding->library, POLYTON_NONE);
	assert_int_equal(finding->singleton, POLYTON_NONE);
	assert_string_equal(finding->headline, "b is stripped: which variables it has copies of cannot be told.");
	assert_string_equal(
		finding->detail,
		"Its panic messages name the crates it embeds: log 0.4.17, tokio 1.24.2. It has 96 bytes of "
		"thread-locals. Build it with symbols, or install its debug file, to compare it.");
	elf_file_close(file);
	elf_bytes_deinit(&bytes);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_thread_local),
		TEST(test_a_static),
		TEST(test_likely_is_one_step_down),
		cmocka_unit_test(test_how_many_and_where),
		cmocka_unit_test(test_shadowed_copies_are_not_counted),
		cmocka_unit_test(test_threads_are_counted),
		cmocka_unit_test(test_unknown_is_not_unset),
		TEST(test_sizes_that_differ),
		TEST(test_sizes_of_shadowed_copies_do_not_matter),
		TEST(test_what_is_no_finding),
		TEST(test_per_object_libraries_are_one_line),
		TEST(test_per_object_statics_only),
		TEST(test_worst_come_first),
		TEST(test_stripped_objects_are_noted),
		TEST(test_one_stripped_object),
		TEST(test_blind_spots_name_their_crates),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
