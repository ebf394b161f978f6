// What a finding is about, and what it is known again by.

#include <stdio.h>

#include "../support/check.h"

#include "../support/story.h"
#include "find/findings.h"

static const struct polyton_finding *build(struct story *story, const char *rule)
{
	assert_fine(story_find(story));
	return story_finding(story, rule);
}

static void assert_about(const struct polyton_finding *finding, const uint32_t *objects, size_t count)
{
	assert_int_equal(finding->object_count, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(finding->objects[i], objects[i]);
}

static void test_a_singleton_is_in_its_live_holders(void **state)
{
	struct story *story = *state;
	static const uint32_t holders[] = { 0, 2 };
	story_library(story, "lib");
	story_singleton(story, POLYTON_KIND_STATIC, "s *s s");
	assert_about(build(story, "PT002"), holders, count_of(holders));
}

static void test_a_library_is_wherever_its_singletons_are(void **state)
{
	struct story *story = *state;
	static const uint32_t holders[] = { 0, 1, 3 };
	story_library(story, "std")->is_per_object = true;
	story_singleton(story, POLYTON_KIND_STATIC, "s i");
	story_singleton(story, POLYTON_KIND_STATIC, "- s - s");
	assert_about(build(story, "PT002"), holders, count_of(holders));
}

static void test_a_group_is_all_its_objects(void **state)
{
	struct story *story = *state;
	static const uint32_t both[] = { 1, 2 };
	story->snapshot->objects.items[1].build_id = story->snapshot->objects.items[2].build_id = "0123";
	assert_about(build(story, "PT006"), both, count_of(both));
}

// The fingerprint of the only finding when the second copy's object has this path, and the variable is of this library.
static void fingerprint(const char *path, const char *library, uint64_t address, char *ret, size_t size)
{
	void *state = NULL;
	assert_int_equal(story_set_up(&state), 0);
	struct story *story = state;
	story_library(story, library);
	struct polyton_singleton *singleton = story_singleton(story, POLYTON_KIND_STATIC, "s s");
	singleton->name = arena_printf(&story->snapshot->arena, "%s::X", library);
	story->snapshot->objects.items[1].path = path;
	story->snapshot->objects.items[1].load_bias = address;
	story_copy(story, 1)->address = address;
	snprintf(ret, size, "%s", build(story, "PT002")->fingerprint);
	story_tear_down(&state);
}

static void test_it_is_known_again_wherever_it_is(void **state)
{
	char first[32], again[32];
	(void)state;
	fingerprint("/usr/lib/libb.so", "lib", 0x1000, first, sizeof(first));
	assert_int_equal(strlen(first), 16);
	fingerprint("/home/other/libb.so", "lib", 0x7f0000002000, again, sizeof(again));
	assert_string_equal(first, again);
	fingerprint("/usr/lib/libc.so", "lib", 0x1000, again, sizeof(again));
	assert_string_not_equal(first, again);
	fingerprint("/usr/lib/libb.so", "other", 0x1000, again, sizeof(again));
	assert_string_not_equal(first, again);
}

// Two source files may each have a variable of one name: their findings differ, and keep their order.
static void test_equal_facts_are_counted(void **state)
{
	struct story *story = *state;
	story_library(story, "lib");
	story_singleton(story, POLYTON_KIND_STATIC, "s s");
	story_singleton(story, POLYTON_KIND_STATIC, "s s");
	assert_fine(story_find(story));
	const struct polyton_finding *findings = story->snapshot->findings.items;
	assert_int_equal(story->snapshot->findings.count, 2);
	assert_int_equal(strlen(findings[0].fingerprint), 16);
	assert_int_equal(strncmp(findings[0].fingerprint, findings[1].fingerprint, 16), 0);
	assert_string_equal(findings[1].fingerprint + 16, "-2");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, story_set_up, story_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_singleton_is_in_its_live_holders),
		TEST(test_a_library_is_wherever_its_singletons_are),
		TEST(test_a_group_is_all_its_objects),
		cmocka_unit_test(test_it_is_known_again_wherever_it_is),
		TEST(test_equal_facts_are_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
