// A report under verdicts: other severities, another order, what is suppressed, what is new.

#include "../support/check.h"

#include <jansson.h>
#include <stdlib.h>

#include "../support/scene.h"

enum { FINDINGS_MAX = 32 };

/** The story, with verdicts that agree with it. */
struct judged_scene {
	struct polyton_snapshot *snapshot;
	struct polyton_verdict verdicts[FINDINGS_MAX];
	struct polyton_write_options options;
};

static int set_up(void **state)
{
	struct judged_scene *scene = calloc(1, sizeof(*scene));
	assert_non_null(scene);
	scene->snapshot = scene_create();
	assert_true(scene->snapshot->findings.count <= FINDINGS_MAX);
	for (size_t i = 0; i < scene->snapshot->findings.count; i++)
		scene->verdicts[i].severity = scene->snapshot->findings.items[i].severity;
	scene->options = (struct polyton_write_options){ .verdicts = scene->verdicts };
	*state = scene;
	return 0;
}

static int tear_down(void **state)
{
	struct judged_scene *scene = *state;
	polyton_snapshot_destroy(scene->snapshot);
	free(scene);
	return 0;
}

static struct polyton_verdict *verdict_of(struct judged_scene *scene, const char *words)
{
	for (size_t i = 0; i < scene->snapshot->findings.count; i++) {
		if (strstr(scene->snapshot->findings.items[i].headline, words))
			return &scene->verdicts[i];
	}
	fail_msg("no finding says %s", words);
	return NULL;
}

static char *write_judged(struct judged_scene *scene)
{
	return scene_write(scene->snapshot, &scene->options);
}

static json_t *write_json(struct judged_scene *scene)
{
	scene->options.format = POLYTON_FORMAT_JSON;
	char *text = write_judged(scene);
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	free(text);
	return root;
}

static const json_t *finding_in(const json_t *root, const char *words)
{
	size_t i;
	json_t *finding;
	json_array_foreach(json_object_get(root, "findings"), i, finding)
	{
		if (strstr(json_string_value(json_object_get(finding, "headline")), words))
			return finding;
	}
	return NULL;
}

static void test_verdicts_that_agree_change_nothing(void **state)
{
	struct judged_scene *scene = *state;
	for (int all = 0; all < 2; all++) {
		scene->options.show_all = all;
		char *judged = write_judged(scene);
		struct polyton_write_options plain = scene->options;
		plain.verdicts = NULL;
		char *unjudged = scene_write(scene->snapshot, &plain);
		assert_string_equal(judged, unjudged);
		free(judged);
		free(unjudged);
	}
}

static void test_severity_is_the_verdicts_and_so_is_the_order(void **state)
{
	struct judged_scene *scene = *state;
	for (size_t i = 0; i < scene->snapshot->findings.count; i++)
		scene->verdicts[i].severity = POLYTON_SEVERITY_NOTE;
	verdict_of(scene, "counter (static)")->severity = POLYTON_SEVERITY_ERROR;
	char *text = write_judged(scene);
	assert_has(text, "error PT002: counter (static) exists twice");
	assert_has(text, "note PT001, PT003, PT004: tokio::runtime");
	assert_true(strstr(text, "counter (static)") < strstr(text, "tokio::runtime"));
	assert_has(text, ": 1 error, ");
	free(text);
	json_t *root = write_json(scene);
	const json_t *first = json_array_get(json_object_get(root, "findings"), 0);
	assert_ptr_equal(first, finding_in(root, "counter (static)"));
	assert_string_equal(json_string_value(json_object_get(first, "severity")), "error");
	json_decref(root);
	// The snapshot itself is as it was.
	assert_int_equal(scene->snapshot->findings.items[0].severity, POLYTON_SEVERITY_ERROR);
	assert_has(scene->snapshot->findings.items[0].headline, "tokio::runtime");
}

static void test_a_suppressed_finding_is_counted_with_its_reason(void **state)
{
	struct judged_scene *scene = *state;
	verdict_of(scene, "counter (static)")->suppressed = "the vendor's";
	char *text = write_judged(scene);
	assert_lacks(text, "counter (static)");
	assert_has(text, "1 suppressed finding is shown with --all: the vendor's (1).");
	assert_lacks(text, "1 warning");
	free(text);
	scene->options.show_all = true;
	text = write_judged(scene);
	assert_has(text, "Suppressed findings\n");
	assert_has(text, "warning PT002: counter (static) exists twice");
	assert_has(text, "suppressed: the vendor's\n");
	assert_lacks(text, "1 warning");
	free(text);
}

static void test_suppressed_in_json(void **state)
{
	struct judged_scene *scene = *state;
	verdict_of(scene, "counter (static)")->suppressed = "the vendor's";
	json_t *root = write_json(scene);
	const json_t *counted = json_array_get(json_object_get(root, "suppressed"), 0);
	assert_null(finding_in(root, "counter (static)"));
	assert_int_equal(json_array_size(json_object_get(root, "suppressed")), 1);
	assert_string_equal(json_string_value(json_object_get(counted, "reason")), "the vendor's");
	assert_int_equal(json_integer_value(json_object_get(counted, "count")), 1);
	json_decref(root);
	scene->options.show_all = true;
	root = write_json(scene);
	const json_t *finding = finding_in(root, "counter (static)");
	assert_string_equal(json_string_value(json_object_get(finding, "suppressed")), "the vendor's");
	assert_true(json_is_null(json_object_get(finding_in(root, "tokio::runtime"), "suppressed")));
	assert_true(json_is_null(json_object_get(finding, "baseline")));
	assert_int_equal(json_array_size(json_object_get(root, "suppressed")), 1);
	json_decref(root);
}

static void test_everything_suppressed(void **state)
{
	struct judged_scene *scene = *state;
	for (size_t i = 0; i < scene->snapshot->findings.count; i++)
		scene->verdicts[i].suppressed = i % 2 ? "odd" : "even";
	char *text = write_judged(scene);
	assert_has(text, "\nNo other singleton exists more than once");
	assert_has(text, "even (");
	assert_has(text, "; odd (");
	free(text);
	json_t *root = write_json(scene);
	assert_int_equal(json_array_size(json_object_get(root, "findings")), 0);
	assert_int_equal(json_array_size(json_object_get(root, "singletons")), 0);
	assert_int_equal(json_array_size(json_object_get(root, "suppressed")), 2);
	json_decref(root);
}

static void test_what_is_new(void **state)
{
	struct judged_scene *scene = *state;
	for (size_t i = 0; i < scene->snapshot->findings.count; i++)
		scene->verdicts[i].baseline = POLYTON_BASELINE_UNCHANGED;
	verdict_of(scene, "counter (static)")->baseline = POLYTON_BASELINE_NEW;
	char *text = write_judged(scene);
	assert_has(text, "warning PT002 (new): counter (static)");
	assert_has(text, "error PT001, PT003, PT004: tokio::runtime");
	assert_has(text, "Compared with the baseline, 1 finding is new and ");
	free(text);
	json_t *root = write_json(scene);
	assert_string_equal(json_string_value(json_object_get(finding_in(root, "counter (static)"), "baseline")),
			    "new");
	assert_string_equal(json_string_value(json_object_get(finding_in(root, "tokio::runtime"), "baseline")),
			    "unchanged");
	json_decref(root);
}

// A policy can make a routine finding matter, and only then is it shown by itself.
static void test_a_raised_routine_finding_is_shown(void **state)
{
	struct judged_scene *scene = *state;
	verdict_of(scene, "counter (static)");
	struct polyton_finding *finding = NULL;
	for (size_t i = 0; i < scene->snapshot->findings.count; i++) {
		if (strstr(scene->snapshot->findings.items[i].headline, "counter (static)"))
			finding = &scene->snapshot->findings.items[i];
	}
	finding->is_routine = true;
	char *text = write_judged(scene);
	assert_lacks(text, "counter (static)");
	free(text);
	verdict_of(scene, "counter (static)")->severity = POLYTON_SEVERITY_ERROR;
	text = write_judged(scene);
	assert_has(text, "error PT002: counter (static)");
	free(text);
}

// What one finding speaks for follows it to its new place.
static void test_folded_singletons_follow_their_finding(void **state)
{
	struct judged_scene *scene = *state;
	uint32_t last = (uint32_t)scene->snapshot->findings.count;
	scene_library(scene->snapshot, "twin", "", POLYTON_LANGUAGE_C);
	scene_singleton(scene->snapshot, "twin_state", POLYTON_KIND_STATIC)->folded_into = last;
	scene_copy(scene->snapshot, (struct scene_copy){ SCENE_SAME, "twin_state", 4, "s", NULL });
	scene_copy(scene->snapshot, (struct scene_copy){ SCENE_OTHER, "twin_state", 4, "i", NULL });
	scene_rule(scene->snapshot, POLYTON_NONE, "PT006", "duplicate-library", "libtwin is loaded twice.")->severity =
		POLYTON_SEVERITY_NOTE;
	for (uint32_t i = 0; i < last; i++)
		scene->verdicts[i].suppressed = "not now";
	scene->verdicts[last].severity = POLYTON_SEVERITY_ERROR;
	json_t *root = write_json(scene);
	const json_t *singletons = json_object_get(root, "singletons");
	assert_int_equal(json_array_size(singletons), 1);
	assert_string_equal(json_string_value(json_object_get(json_array_get(singletons, 0), "name")), "twin_state");
	json_decref(root);
	scene->verdicts[last].suppressed = "nor this";
	root = write_json(scene);
	assert_int_equal(json_array_size(json_object_get(root, "singletons")), 0);
	json_decref(root);
}

static void test_remarks_and_hostile_reasons(void **state)
{
	struct judged_scene *scene = *state;
	static const char *const remarks[] = { "p.yml:3: \x1b[31mis not used", "second", NULL };
	verdict_of(scene, "counter (static)")->suppressed = "re\x1b[0mason\n";
	scene->options.remarks = remarks;
	char *text = write_judged(scene);
	assert_has(text, "Policy\n  - p.yml:3: ");
	assert_has(text, "\n  - second\n");
	assert_null(strchr(text, '\x1b'));
	free(text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_verdicts_that_agree_change_nothing),
		TEST(test_severity_is_the_verdicts_and_so_is_the_order),
		TEST(test_a_suppressed_finding_is_counted_with_its_reason),
		TEST(test_suppressed_in_json),
		TEST(test_everything_suppressed),
		TEST(test_what_is_new),
		TEST(test_a_raised_routine_finding_is_shown),
		TEST(test_folded_singletons_follow_their_finding),
		TEST(test_remarks_and_hostile_reasons),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
