// PT001 to PT004: which singletons are worth which findings, and in which words.

#include "../support/check.h"

#include "../support/story.h"
#include "find/duplicates.h"

static void add_thread(struct story *story, int32_t tid, const char *name)
{
	struct polyton_thread *thread = vec_push(&story->snapshot->threads);
	assert_non_null(thread);
	*thread = (struct polyton_thread){ .tid = tid, .inner_tid = tid, .name = name, .why = "" };
}

// The findings about the newest singleton are of these rules: "PT001 PT004".
static void find_all(struct story *story, const char *rules)
{
	char said[64] = "";
	struct polyton_snapshot *snapshot = story->snapshot;
	uint32_t index = (uint32_t)snapshot->singletons.count - 1;
	assert_fine(duplicates_add(&story->finder, index));
	for (size_t i = 0; i < snapshot->findings.count; i++) {
		const struct polyton_finding *finding = &snapshot->findings.items[i];
		strcat(said, i ? " " : "");
		strcat(said, finding->rule);
		assert_int_equal(finding->singleton, index);
		assert_int_equal(finding->library, snapshot->singletons.items[index].library);
		assert_int_equal(finding->object, POLYTON_NONE);
		assert_int_equal(finding->confidence, snapshot->singletons.items[index].confidence);
		assert_false(finding->is_routine);
		assert_null(finding->reason); // the copies say why
	}
	assert_string_equal(said, rules);
}

static struct polyton_singleton *add(struct story *story, enum polyton_kind kind, const char *copies)
{
	if (!story->snapshot->libraries.count)
		story_library(story, "lib");
	return story_singleton(story, kind, copies);
}

static void test_a_thread_local(void **state)
{
	struct story *story = *state;
	add(story, POLYTON_KIND_TLS, "sss sns");
	story_copy(story, 1)->cell_count = 1;
	find_all(story, "PT001");
	const struct polyton_finding *finding = story_finding(story, "PT001");
	assert_string_equal(finding->slug, "duplicate-tls");
	assert_int_equal(finding->severity, POLYTON_SEVERITY_ERROR);
	assert_string_equal(finding->headline, "lib::X (thread-local) exists twice: in a and b.");
	assert_string_equal(finding->detail, "a's is set in 3 of 3 threads; b's is set in 1 of 1 thread.");
}

static void test_a_static(void **state)
{
	struct story *story = *state;
	add(story, POLYTON_KIND_STATIC, "s - *i s u");
	find_all(story, "PT002");
	const struct polyton_finding *finding = story_finding(story, "PT002");
	assert_string_equal(finding->slug, "duplicate-static");
	assert_int_equal(finding->severity, POLYTON_SEVERITY_ERROR);
	assert_string_equal(finding->headline, "lib::X (static) exists 3 times: in a, d and e.");
	assert_string_equal(finding->detail, "a's is set; d's is set; 1 of the copies could not be compared with an "
					     "initial image.");
}

static void test_many(void **state)
{
	struct story *story = *state;
	add(story, POLYTON_KIND_STATIC, "i i i i i i i");
	find_all(story, "PT002");
	assert_string_equal(story_finding(story, "PT002")->headline,
			    "lib::X (static) exists 7 times: in a, b, c, d and 3 more.");
}

static void test_likely_is_one_step_down(void **state)
{
	struct story *story = *state;
	struct polyton_singleton *singleton = add(story, POLYTON_KIND_STATIC, "s i");
	singleton->confidence = POLYTON_CONFIDENCE_LIKELY;
	singleton->sizes_differ = true;
	story_copy(story, 1)->size = 16;
	find_all(story, "PT002 PT003 PT004");
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(story->snapshot->findings.items[i].severity, POLYTON_SEVERITY_WARNING);
}

static void test_sizes_that_differ(void **state)
{
	struct story *story = *state;
	add(story, POLYTON_KIND_STATIC, "s s s s *s")->sizes_differ = true;
	story_copy(story, 2)->size = story_copy(story, 3)->size = 16;
	story_copy(story, 4)->size = 24;
	find_all(story, "PT002 PT003");
	const struct polyton_finding *finding = story_finding(story, "PT003");
	assert_string_equal(finding->slug, "layout-mismatch");
	assert_int_equal(finding->severity, POLYTON_SEVERITY_ERROR);
	assert_string_equal(finding->headline,
			    "lib::X has another layout in each build: 8 bytes in a, 16 bytes in c.");
	assert_true(finding->detail[0]);
}

static void test_sizes_of_shadowed_copies_do_not_matter(void **state)
{
	struct story *story = *state;
	add(story, POLYTON_KIND_STATIC, "s s *i")->sizes_differ = true;
	story_copy(story, 2)->size = 16;
	find_all(story, "PT002");
}

static void test_a_split_static(void **state)
{
	struct story *story = *state;
	add(story, POLYTON_KIND_STATIC, "i *s s i");
	find_all(story, "PT002 PT004");
	const struct polyton_finding *finding = story_finding(story, "PT004");
	assert_string_equal(finding->slug, "split-state");
	assert_int_equal(finding->severity, POLYTON_SEVERITY_ERROR);
	assert_string_equal(finding->headline, "lib::X is split: set in c, still initial in a.");
}

// In the same thread: one that set the first and another that set the second make no split.
static void test_a_split_thread_local(void **state)
{
	struct story *story = *state;
	add_thread(story, 100, "main");
	add_thread(story, 101, "worker");
	add(story, POLYTON_KIND_TLS, "us sn");
	find_all(story, "PT001 PT004");
	assert_string_equal(story_finding(story, "PT004")->headline,
			    "lib::X is split in thread 101 (worker): set in a, still initial in b.");
}

static void test_what_is_no_split(void **state)
{
	(void)state;
	static const struct {
		enum polyton_kind kind;
		const char *copies;
	} cases[] = {
		{ POLYTON_KIND_STATIC, "s s" },    { POLYTON_KIND_STATIC, "i i" },
		{ POLYTON_KIND_STATIC, "s *i s" }, { POLYTON_KIND_STATIC, "*s i i" },
		{ POLYTON_KIND_STATIC, "s u" },    { POLYTON_KIND_STATIC, "s p" },
		{ POLYTON_KIND_STATIC, "u i" },    { POLYTON_KIND_TLS, "sn sn" },
		{ POLYTON_KIND_TLS, "st su" },     { POLYTON_KIND_TLS, "nnn inn" },
		{ POLYTON_KIND_TLS, "sn *nn sn" },
	};
	for (size_t i = 0; i < count_of(cases); i++) {
		void *made;
		story_set_up(&made);
		struct story *story = made;
		add_thread(story, 100, "main");
		add_thread(story, 101, "worker");
		add_thread(story, 102, "worker");
		add(story, cases[i].kind, cases[i].copies);
		find_all(story, cases[i].kind == POLYTON_KIND_TLS ? "PT001" : "PT002");
		story_tear_down(&made);
	}
}

// A thread may have come while the cells were read: only those that all copies have are compared.
static void test_copies_with_fewer_cells(void **state)
{
	struct story *story = *state;
	add_thread(story, 100, "main");
	add(story, POLYTON_KIND_TLS, "sn snn");
	find_all(story, "PT001");
	story->snapshot->findings.count = 0;
	add(story, POLYTON_KIND_TLS, "s s");
	story_copy(story, 1)->cell_count = 0;
	find_all(story, "PT001");
}

static void test_which_are_reported(void **state)
{
	struct story *story = *state;
	add(story, POLYTON_KIND_STATIC, "s s");
	struct polyton_singleton singleton = story->snapshot->singletons.items[0];
	assert_true(duplicates_is_reported(&singleton));
	singleton.confidence = POLYTON_CONFIDENCE_LIKELY;
	assert_true(duplicates_is_reported(&singleton));
	const struct polyton_singleton fine = singleton;
	singleton.confidence = POLYTON_CONFIDENCE_POSSIBLE;
	assert_false(duplicates_is_reported(&singleton));
	singleton = fine;
	singleton.dropped = "noise";
	assert_false(duplicates_is_reported(&singleton));
	singleton = fine;
	singleton.is_read_only = true;
	assert_false(duplicates_is_reported(&singleton));
	singleton = fine;
	singleton.live_count = 1;
	assert_false(duplicates_is_reported(&singleton));
	singleton = fine;
	singleton.folded_into = 0; // a finding about the whole library speaks for it
	assert_false(duplicates_is_reported(&singleton));
}

static void test_per_object_libraries_are_one_line(void **state)
{
	struct story *story = *state;
	story_library(story, "std")->is_per_object = true;
	add(story, POLYTON_KIND_STATIC, "s s - i");
	add(story, POLYTON_KIND_STATIC, "- s s");
	add(story, POLYTON_KIND_TLS, "nn - - sn");
	add(story, POLYTON_KIND_TLS, "- - - - - s *s");
	assert_fine(duplicates_add_library(&story->finder, 0));
	assert_int_equal(story->snapshot->findings.count, 1);
	const struct polyton_finding *finding = story_finding(story, "PT001");
	assert_string_equal(finding->headline,
			    "std is linked into each of a, b, c and d by design: 2 of its statics and "
			    "1 of its thread-locals exist in more than one of them.");
	assert_string_equal(finding->detail, "");
	assert_int_equal(finding->severity, POLYTON_SEVERITY_NOTE);
	assert_int_equal(finding->library, 0);
	assert_int_equal(finding->singleton, POLYTON_NONE);
	assert_int_equal(finding->object, POLYTON_NONE);
}

static void test_per_object_statics_only(void **state)
{
	struct story *story = *state;
	story_library(story, "std")->is_per_object = true;
	add(story, POLYTON_KIND_STATIC, "s s");
	assert_fine(duplicates_add_library(&story->finder, 0));
	assert_string_equal(story_finding(story, "PT002")->slug, "duplicate-static");
}

static void test_per_object_libraries_that_are_there_once(void **state)
{
	struct story *story = *state;
	story_library(story, "std")->is_per_object = true;
	add(story, POLYTON_KIND_STATIC, "s *s");
	add(story, POLYTON_KIND_STATIC, "s s")->dropped = "noise";
	assert_fine(duplicates_add_library(&story->finder, 0));
	assert_int_equal(story->snapshot->findings.count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, story_set_up, story_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_thread_local),
		TEST(test_a_static),
		TEST(test_many),
		TEST(test_likely_is_one_step_down),
		TEST(test_sizes_that_differ),
		TEST(test_sizes_of_shadowed_copies_do_not_matter),
		TEST(test_a_split_static),
		TEST(test_a_split_thread_local),
		cmocka_unit_test(test_what_is_no_split),
		TEST(test_copies_with_fewer_cells),
		TEST(test_which_are_reported),
		TEST(test_per_object_libraries_are_one_line),
		TEST(test_per_object_statics_only),
		TEST(test_per_object_libraries_that_are_there_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
