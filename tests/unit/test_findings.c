// What is said of a whole snapshot: in which order, of which singletons, and of objects that nothing is known of.

#include "../support/check.h"

#include "../support/story.h"
#include "find/findings.h"

static void build(struct story *story)
{
	assert_fine(story_find(story));
}

// A singleton with copies that are there and set has what it takes, and a reason for each further copy.
static void test_a_finding_and_its_reason(void **state)
{
	struct story *story = *state;
	story_library(story, "lib");
	story_singleton(story, POLYTON_KIND_TLS, "sss *inn sss inn");
	build(story);
	assert_int_equal(story_count(story), 2);
	assert_string_equal(story_finding(story, "PT001")->headline,
			    "lib::X (thread-local) exists 3 times: in a, c and d.");
	assert_string_equal(story_finding(story, "PT004")->slug, "split-state");
	assert_null(story_copy(story, 0)->reason);
	assert_null(story_copy(story, 1)->reason);
	assert_non_null(story_copy(story, 2)->reason);
	assert_non_null(story_copy(story, 3)->reason);
}

static void test_what_is_no_finding(void **state)
{
	struct story *story = *state;
	story_library(story, "lib");
	story_singleton(story, POLYTON_KIND_STATIC, "s s")->dropped = "noise";
	story_singleton(story, POLYTON_KIND_STATIC, "s s")->is_read_only = true;
	story_singleton(story, POLYTON_KIND_STATIC, "s s")->confidence = POLYTON_CONFIDENCE_POSSIBLE;
	story_singleton(story, POLYTON_KIND_STATIC, "s *s");
	story_singleton(story, POLYTON_KIND_STATIC, "*s *s");
	story_library(story, "std")->is_per_object = true;
	story_singleton(story, POLYTON_KIND_STATIC, "s *s");
	build(story);
	assert_int_equal(story_count(story), 0);
	assert_int_equal(story->snapshot->notes.count, 0);
}

// Of a library that is meant to be there once per object no singleton is a finding of its own.
static void test_per_object_libraries_are_one_line(void **state)
{
	struct story *story = *state;
	story_library(story, "std")->is_per_object = true;
	story_singleton(story, POLYTON_KIND_STATIC, "s i");
	story_singleton(story, POLYTON_KIND_TLS, "ss ni");
	build(story);
	assert_int_equal(story_count(story), 1);
	assert_int_equal(story_finding(story, "PT001")->severity, POLYTON_SEVERITY_NOTE);
	assert_int_equal(story_finding(story, "PT001")->library, 0);
}

static void test_worst_come_first(void **state)
{
	struct story *story = *state;
	story_library(story, "one");
	story_singleton(story, POLYTON_KIND_TLS, "s s")->confidence = POLYTON_CONFIDENCE_LIKELY;
	story_singleton(story, POLYTON_KIND_STATIC, "s s");
	story_singleton(story, POLYTON_KIND_STATIC, "s s s");
	story_library(story, "std")->is_per_object = true;
	story_singleton(story, POLYTON_KIND_TLS, "s s");
	story_library(story, "two");
	story_singleton(story, POLYTON_KIND_TLS, "s s");
	story_singleton(story, POLYTON_KIND_STATIC, "s s");
	static const uint32_t order[] = { 4, 2, 1, 5, 0, POLYTON_NONE };
	build(story);
	assert_int_equal(story_count(story), count_of(order));
	size_t at = 0;
	for (size_t i = 0; i < story->snapshot->findings.count; i++) {
		if (!story->snapshot->findings.items[i].is_routine)
			assert_int_equal(story->snapshot->findings.items[i].singleton, order[at++]);
	}
}

// One file under two paths: the finding about that speaks for all that only these two have, wherever it stands
// in the list.
static void test_a_library_speaks_for_its_singletons(void **state)
{
	struct story *story = *state;
	story->snapshot->objects.items[0].build_id = story->snapshot->objects.items[1].build_id = "0123";
	story_library(story, "lib");
	for (uint32_t i = 0; i < 3; i++)
		story_singleton(story, POLYTON_KIND_STATIC, "s i");
	story_singleton(story, POLYTON_KIND_STATIC, "- - s s");
	build(story);
	for (uint32_t i = 0; i < 3; i++) {
		uint32_t folded_into = story->snapshot->singletons.items[i].folded_into;
		assert_true(folded_into < story->snapshot->findings.count);
		assert_string_equal(story->snapshot->findings.items[folded_into].rule, "PT006");
	}
	assert_int_equal(story->snapshot->singletons.items[3].folded_into, POLYTON_NONE);
	assert_int_equal(story_finding(story, "PT002")->singleton, 3);
	assert_string_equal(story->snapshot->findings.items[0].rule, "PT002");
	assert_int_equal(story_count(story), 2);
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
	story->inputs[4].segment_count = 1; // nothing that could be written
	objects[5].symbols = POLYTON_SYMBOLS_NONE;
	story->inputs[5].segment_count = 0;
	objects[5].tls_size = 8;
	build(story);
	assert_int_equal(story_count(story), 0);
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
	build(story);
	assert_string_equal(story->snapshot->notes.items[0].text,
			    "b has no symbol table (stripped): only the variables it exports were compared");
}

static void test_blind_spots_name_their_crates(void **state)
{
	struct story *story = *state;
	static const char text[] = "/root/.cargo/registry/src/github.com-1ecc6299db9ec823/tokio-1.24.2/src/park.rs"
				   "/root/.cargo/registry/src/github.com-1ecc6299db9ec823/log-0.4.17/src/lib.rs";
	static const char other[] = "/root/.cargo/registry/src/github.com-1ecc6299db9ec823/tokio-1.30.0/src/park.rs";
	struct elf_bytes bytes = elf_write(&(struct elf_spec){ .rodata = text, .rodata_size = sizeof(text) });
	struct elf_bytes others = elf_write(&(struct elf_spec){ .rodata = other, .rodata_size = sizeof(other) });
	struct elf_file *file, *other_file;
	assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x.so", &file));
	assert_fine(elf_file_from_bytes(others.bytes, others.size, "y.so", &other_file));
	story->inputs[1].file = file;
	story->inputs[2].file = other_file;
	story->snapshot->objects.items[1].symbols = POLYTON_SYMBOLS_DYNAMIC;
	story->snapshot->objects.items[1].tls_size = 96;
	build(story);
	assert_int_equal(story_count(story), 1);
	assert_int_equal(story->snapshot->notes.count, 0);
	const struct polyton_finding *finding = story_finding(story, "PT012");
	assert_string_equal(finding->slug, "blind-spot");
	assert_int_equal(finding->severity, POLYTON_SEVERITY_NOTE);
	assert_int_equal(finding->object, 1);
	assert_int_equal(finding->library, POLYTON_NONE);
	assert_int_equal(finding->singleton, POLYTON_NONE);
	assert_string_equal(finding->headline, "b is stripped: which variables it has copies of cannot be told.");
	assert_int_equal(finding->crate_count, 1);
	assert_string_equal(finding->crates[0].name, "tokio");
	assert_string_equal(finding->crates[0].version, "1.24.2");
	assert_string_equal(
		finding->detail,
		"Of the crates that its panic messages name (2), other objects embed, too: tokio 1.24.2. It has 96 "
		"bytes of thread-locals. Build it with symbols, or install its debug file, to compare it.");
	elf_file_close(file);
	elf_file_close(other_file);
	elf_bytes_deinit(&bytes);
	elf_bytes_deinit(&others);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, story_set_up, story_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_finding_and_its_reason),
		TEST(test_what_is_no_finding),
		TEST(test_per_object_libraries_are_one_line),
		TEST(test_worst_come_first),
		TEST(test_a_library_speaks_for_its_singletons),
		TEST(test_stripped_objects_are_noted),
		TEST(test_one_stripped_object),
		TEST(test_blind_spots_name_their_crates),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
