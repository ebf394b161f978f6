// What a policy makes of findings: which entry takes which, in what order, until when; and what fails.

#include "../support/check.h"

#include <stdlib.h>

#include "../../inspector/policy/judge.h"
#include "../support/scene.h"

enum { TODAY = 20260615 };

/** The story, and a pool for what is made of it. */
struct court {
	struct pool pool;
	struct polyton_snapshot *snapshot;
	struct judgement judgement;
};

static int set_up(void **state)
{
	struct court *court = calloc(1, sizeof(*court));
	assert_non_null(court);
	court->snapshot = scene_create();
	*state = court;
	return 0;
}

static int tear_down(void **state)
{
	struct court *court = *state;
	polyton_snapshot_destroy(court->snapshot);
	pool_deinit(&court->pool);
	free(court);
	return 0;
}

static void judge_by(struct court *court, const char *text)
{
	struct policy policy = { 0 };
	const char *all = pool_format(&court->pool, "version: 1\n%s", text);
	const char *complaint = policy_parse(&court->pool, "p.yml", all, strlen(all), &policy);
	if (complaint)
		print_error("%s\n", complaint);
	assert_null(complaint);
	judge(&court->pool, &policy, NULL, TODAY, court->snapshot, &court->judgement);
}

static uint32_t index_of(const struct court *court, const char *words)
{
	for (uint32_t i = 0; i < court->snapshot->findings.count; i++) {
		if (strstr(court->snapshot->findings.items[i].headline, words))
			return i;
	}
	fail_msg("no finding says %s", words);
	return 0;
}

static const struct polyton_verdict *verdict_of(const struct court *court, const char *words)
{
	return &court->judgement.verdicts[index_of(court, words)];
}

static size_t count_suppressed(const struct court *court)
{
	size_t count = 0;
	for (uint32_t i = 0; i < court->snapshot->findings.count; i++)
		count += court->judgement.verdicts[i].suppressed != NULL;
	return count;
}

// How many findings a suppression about this takes.
static size_t count_taken(struct court *court, const char *about)
{
	judge_by(court, pool_format(&court->pool, "suppressions:\n- {%s, reason: x}\n", about));
	return count_suppressed(court);
}

static size_t count_rule(const struct court *court, const char *rule)
{
	size_t count = 0;
	for (uint32_t i = 0; i < court->snapshot->findings.count; i++)
		count += strcmp(court->snapshot->findings.items[i].rule, rule) == 0;
	return count;
}

static void test_without_policy_there_are_no_verdicts(void **state)
{
	struct court *court = *state;
	const struct policy none = { 0 };
	judge(&court->pool, &none, NULL, TODAY, court->snapshot, &court->judgement);
	assert_null(court->judgement.verdicts);
	assert_int_equal(judgement_verdict(&court->judgement, court->snapshot, 0).severity, POLYTON_SEVERITY_ERROR);
}

static void test_what_suppressions_take(void **state)
{
	struct court *court = *state;
	size_t all = court->snapshot->findings.count;
	assert_int_equal(count_taken(court, "rule: PT004"), count_rule(court, "PT004"));
	assert_int_equal(count_taken(court, "rule: split-state"), count_rule(court, "PT004"));
	assert_int_equal(count_taken(court, "rule: [PT003, PT004]"),
			 count_rule(court, "PT003") + count_rule(court, "PT004"));
	assert_int_equal(count_taken(court, "singleton: counter"), 1);
	assert_int_equal(count_taken(court, "singleton: 'count?r'"), 1);
	assert_int_equal(count_taken(court, "singleton: CONTEXT"), 0);
	assert_int_equal(count_taken(court, "singleton: '*::CONTEXT'"), 3);
	assert_int_equal(count_taken(court, "singleton: '*::CONTEXT', rule: PT001"), 1);
	assert_int_equal(count_taken(court, "library: tokio"), 8);
	assert_int_equal(count_taken(court, "library: tokio, singleton: counter"), 0);
	assert_int_equal(count_taken(court, "singleton: [counter, '*::CONTEXT']"), 4);
	assert_true(count_taken(court, "objects: '*'") > all / 2);
}

static void test_all_objects_must_be_taken(void **state)
{
	struct court *court = *state;
	assert_int_equal(count_taken(court, "singleton: counter, objects: [libmod_same.so, libmod_other*]"), 1);
	assert_int_equal(count_taken(court, "singleton: counter, objects: [libmod_same.so]"), 0);
	assert_int_equal(count_taken(court, "singleton: counter, objects: ['libmod_*', host]"), 1);
	assert_int_equal(count_taken(court, "singleton: counter, objects: /srv/app/*"), 1);
	assert_int_equal(count_taken(court, "singleton: counter, objects: /srv/*/host"), 0);
	// A finding about no object at all has none that is not taken, but none that is, either.
	struct polyton_finding *finding = &court->snapshot->findings.items[index_of(court, "counter")];
	finding->object_count = 0;
	assert_int_equal(count_taken(court, "singleton: counter, objects: '*'"), 0);
}

static void test_a_fingerprint_takes_one(void **state)
{
	struct court *court = *state;
	const char *fingerprint = court->snapshot->findings.items[index_of(court, "counter")].fingerprint;
	assert_int_equal(count_taken(court, pool_format(&court->pool, "fingerprint: '%s'", fingerprint)), 1);
	assert_non_null(verdict_of(court, "counter")->suppressed);
	assert_int_equal(count_taken(court, "fingerprint: '0000000000000000'"), 0);
}

static void test_the_first_suppression_gives_the_reason(void **state)
{
	struct court *court = *state;
	judge_by(court, "suppressions:\n"
			"- {singleton: counter, reason: first}\n"
			"- {rule: PT002, reason: second}\n");
	assert_string_equal(verdict_of(court, "counter")->suppressed, "first");
	assert_string_equal(verdict_of(court, "NEXT_ID (static)")->suppressed, "second");
	assert_string_equal(court->judgement.remarks[0], "Suppressions and severities are those of p.yml.");
	assert_null(court->judgement.remarks[1]);
	assert_null(court->judgement.warnings[0]);
}

static void test_suppressions_that_end(void **state)
{
	struct court *court = *state;
	judge_by(court, "suppressions:\n- {singleton: counter, reason: x, expires: 2026-06-15}\n");
	assert_string_equal(verdict_of(court, "counter")->suppressed, "x");
	assert_null(court->judgement.warnings[0]);
	judge_by(court, "suppressions:\n- {singleton: counter, reason: x, expires: 2026-06-14}\n"
			"- {singleton: nobody, reason: y, expires: 2025-01-02}\n");
	assert_null(verdict_of(court, "counter")->suppressed);
	assert_string_equal(court->judgement.warnings[0],
			    "p.yml:3: the suppression \"x\" ended on 2026-06-14, and suppresses 1 finding no more");
	assert_string_equal(
		court->judgement.warnings[1],
		"p.yml:4: the suppression \"y\" ended on 2025-01-02, and is about no finding of this report");
	// What has ended makes way for what has not.
	judge_by(court, "suppressions:\n- {singleton: counter, reason: x, expires: 2026-06-14}\n"
			"- {singleton: counter, reason: y}\n");
	assert_string_equal(verdict_of(court, "counter")->suppressed, "y");
}

static void test_suppressions_that_are_not_used(void **state)
{
	struct court *court = *state;
	judge_by(court, "suppressions:\n- {singleton: nobody, reason: x}\n- {singleton: counter, reason: y}\n"
			"- {rule: PT002, singleton: counter, reason: z}\n");
	assert_string_equal(court->judgement.warnings[0],
			    "p.yml:3: the suppression \"x\" is about no finding of this report");
	assert_null(court->judgement.warnings[1]);
}

static void test_severities(void **state)
{
	struct court *court = *state;
	judge_by(court, "severity:\n"
			"- {singleton: counter, level: error}\n"
			"- {rule: PT002, level: note}\n"
			"- {rule: PT004, level: off}\n");
	assert_int_equal(verdict_of(court, "counter")->severity, POLYTON_SEVERITY_ERROR);
	assert_int_equal(verdict_of(court, "NEXT_ID (static)")->severity, POLYTON_SEVERITY_NOTE);
	assert_int_equal(verdict_of(court, "CONTEXT (thread-local)")->severity, POLYTON_SEVERITY_ERROR);
	assert_int_equal(count_suppressed(court), count_rule(court, "PT004"));
	assert_string_equal(verdict_of(court, "In thread host")->suppressed, "off by p.yml:5");
}

static void test_a_raised_routine_finding_matters(void **state)
{
	struct court *court = *state;
	uint32_t index = index_of(court, "counter");
	court->snapshot->findings.items[index].is_routine = true;
	judge_by(court, "severity: {PT002: warning}\n");
	assert_true(judgement_is_routine(&court->judgement, court->snapshot, index));
	judge_by(court, "severity: {PT002: error}\n");
	assert_false(judgement_is_routine(&court->judgement, court->snapshot, index));
}

static void test_anchors(void **state)
{
	struct court *court = *state;
	judge_by(court, "anchors:\n- {library: tokio, at: 'plugins/Cargo.toml:7'}\n- at: CMakeLists.txt\n");
	assert_string_equal(verdict_of(court, "CONTEXT (thread-local)")->anchor, "plugins/Cargo.toml");
	assert_int_equal(verdict_of(court, "CONTEXT (thread-local)")->anchor_line, 7);
	assert_string_equal(verdict_of(court, "counter")->anchor, "CMakeLists.txt");
	assert_int_equal(verdict_of(court, "counter")->anchor_line, 1);
	judge_by(court, "anchors:\n- {library: tokio, at: x}\n");
	assert_null(verdict_of(court, "counter")->anchor);
}

static void test_the_baseline(void **state)
{
	struct court *court = *state;
	const struct policy none = { 0 };
	struct facts all;
	uint32_t index = index_of(court, "counter");
	facts_take(&court->pool, court->snapshot, NULL, &all);
	assert_int_equal(all.count, court->snapshot->findings.count);
	assert_string_equal(all.items[index].name, "counter");
	assert_int_equal(all.items[index].object_count, 2);
	assert_string_equal(all.items[index].objects[0], "libmod_other.so");
	struct facts before = { all.items, index };
	judge(&court->pool, &none, &before, TODAY, court->snapshot, &court->judgement);
	for (uint32_t i = 0; i < all.count; i++)
		assert_int_equal(court->judgement.verdicts[i].baseline,
				 i < index ? POLYTON_BASELINE_UNCHANGED : POLYTON_BASELINE_NEW);
	assert_null(court->judgement.remarks[0]);
}

static void assert_fails(const char *policy_text, const char *level, const char *counts, bool expected)
{
	struct pool pool = { 0 };
	struct policy policy = { 0 };
	struct fail_on fail_on;
	size_t numbers[POLYTON_SEVERITY_ERROR + 1];
	for (int i = 0; i <= POLYTON_SEVERITY_ERROR; i++) // "errors warnings notes", a digit each
		numbers[POLYTON_SEVERITY_ERROR - i] = (size_t)(counts[i] - '0');
	const char *all = pool_format(&pool, "version: 1\n%s", policy_text);
	assert_null(policy_parse(&pool, "p.yml", all, strlen(all), &policy));
	assert_null(fail_on_parse(&pool, level, &fail_on));
	if (judge_fails(&policy, &fail_on, numbers) != expected)
		print_error("%s with %s of %s\n", policy_text, level, counts);
	assert_int_equal(judge_fails(&policy, &fail_on, numbers), expected);
	pool_deinit(&pool);
}

static void test_what_fails(void **state)
{
	(void)state;
	assert_fails("", "error", "000", false);
	assert_fails("", "error", "099", false);
	assert_fails("", "error", "100", true);
	assert_fails("", "warning", "010", true);
	assert_fails("", "warning", "009", false);
	assert_fails("", "note", "001", true);
	assert_fails("", "never", "999", false);
	assert_fails("thresholds: {error: 2}", "error", "200", false);
	assert_fails("thresholds: {error: 2}", "error", "300", true);
	assert_fails("thresholds: {warning: 2}", "error", "020", false);
	assert_fails("thresholds: {warning: 2}", "error", "030", true);
	assert_fails("thresholds: {warning: 2}", "warning", "020", false);
	assert_fails("thresholds: {warning: 2}", "never", "930", false);
	assert_fails("thresholds: {note: 0}", "error", "001", true);
}

static void test_today(void **state)
{
	(void)state;
	setenv("SOURCE_DATE_EPOCH", "951782400", 1); // 2000-02-29 00:00:00 UTC
	assert_int_equal(judge_today(), 20000229);
	setenv("SOURCE_DATE_EPOCH", "951782399", 1);
	assert_int_equal(judge_today(), 20000228);
	setenv("SOURCE_DATE_EPOCH", "soon", 1);
	assert_true(judge_today() > 20250101);
	unsetenv("SOURCE_DATE_EPOCH");
	assert_true(judge_today() > 20250101);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_without_policy_there_are_no_verdicts),
		TEST(test_what_suppressions_take),
		TEST(test_all_objects_must_be_taken),
		TEST(test_a_fingerprint_takes_one),
		TEST(test_the_first_suppression_gives_the_reason),
		TEST(test_suppressions_that_end),
		TEST(test_suppressions_that_are_not_used),
		TEST(test_severities),
		TEST(test_a_raised_routine_finding_matters),
		TEST(test_anchors),
		TEST(test_the_baseline),
		cmocka_unit_test(test_what_fails),
		cmocka_unit_test(test_today),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
