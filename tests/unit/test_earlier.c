// Earlier reports: what is taken from each kind of file, what is refused and how, and what has changed since.

#include "../support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../inspector/policy/compare.h"

static struct pool pool;

static int tear_down(void **state)
{
	(void)state;
	pool_deinit(&pool);
	return 0;
}

// What a file of this text is read as. Messages name it "F".
static const char *read_text(const char *text, struct facts *ret)
{
	char file[] = "/tmp/polyton-earlier-XXXXXX";
	int fd = mkstemp(file);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	const char *complaint = facts_read(&pool, file, ret);
	unlink(file);
	if (!complaint)
		return NULL;
	assert_int_equal(strncmp(complaint, file, strlen(file)), 0);
	return pool_format(&pool, "F%s", complaint + strlen(file));
}

static struct facts read_fine(const char *text)
{
	struct facts facts = { 0 };
	const char *complaint = read_text(text, &facts);
	if (complaint)
		print_error("%s\n", complaint);
	assert_null(complaint);
	return facts;
}

static void assert_refused(const char *text, const char *expected)
{
	struct facts facts = { 0 };
	const char *complaint = read_text(text, &facts);
	if (!complaint || strcmp(complaint, expected) != 0)
		print_error("it says: %s\ninstead of: %s\n", complaint ? complaint : "nothing", expected);
	assert_non_null(complaint);
	assert_string_equal(complaint, expected);
	assert_null(facts.items);
}

// A finding of a report, with whatever more.
static const char *finding(const char *fingerprint, const char *more)
{
	return pool_format(
		&pool,
		"{\"fingerprint\": \"%s\", \"rule\": \"PT001\", \"slug\": \"duplicate-tls\", "
		"\"severity\": \"error\", \"headline\": \"X exists twice.\", \"objects\": [\"b#2\", \"a\"]%s}",
		fingerprint, more);
}

static const char *report(const char *findings)
{
	return pool_format(&pool,
			   "{\"schema\": \"polyton\", \"schema_version\": 2, \"view\": \"report\", \"objects\": "
			   "[{\"name\": \"b#2\", \"path\": \"/x/b\"}, {\"name\": \"a\", \"path\": \"/y/a\"}], "
			   "\"findings\": [%s]}",
			   findings);
}

// Texts with commas between them.
static const char *join(const char *const *texts, size_t count)
{
	const char *all = "";
	for (size_t i = 0; i < count; i++)
		all = pool_format(&pool, "%s%s%s", all, i ? "," : "", texts[i]);
	return all;
}

// A SARIF file with one run of @p tool.
static const char *sarif(const char *tool, const char *results)
{
	return pool_format(&pool,
			   "{\"version\": \"2.1.0\", \"runs\": [{\"tool\": {\"driver\": {\"name\": \"%s\"}}, "
			   "\"results\": [%s]}]}",
			   tool, results);
}

// A result with one partial fingerprint and whatever more.
static const char *result(const char *rule, const char *print, const char *value, const char *more)
{
	return pool_format(&pool,
			   "{\"ruleId\": \"%s\", \"message\": {\"text\": \"said\"}, "
			   "\"partialFingerprints\": {\"%s\": \"%s\"}%s}",
			   rule, print, value, more);
}

static void test_a_report(void **state)
{
	(void)state;
	const char *const findings[] = {
		finding("1", ", \"singleton\": \"x/X\", \"library\": \"l\", \"suppressed\": null"),
		finding("2", ", \"singleton\": null, \"library\": \"l\""),
		finding("3", ", \"singleton\": \"Y\", \"suppressed\": \"why\""),
		finding("4", ", \"library\": null, \"object\": \"b#2\""),
	};
	struct facts facts = read_fine(report(join(findings, count_of(findings))));
	assert_int_equal(facts.count, 3);
	assert_string_equal(facts.items[0].fingerprint, "1");
	assert_string_equal(facts.items[0].name, "x/X");
	assert_string_equal(facts.items[0].slug, "duplicate-tls");
	assert_int_equal(facts.items[0].severity, POLYTON_SEVERITY_ERROR);
	assert_int_equal(facts.items[0].object_count, 2);
	assert_string_equal(facts.items[0].objects[0], "a");
	assert_string_equal(facts.items[0].objects[1], "b"); // as its file is called
	assert_string_equal(facts.items[1].name, "l");
	assert_string_equal(facts.items[2].fingerprint, "4");
	assert_string_equal(facts.items[2].name, "b");
}

static void test_a_baseline_is_what_it_was_made_of(void **state)
{
	(void)state;
	static const char *const objects[] = { "a", "b" };
	const struct fact items[] = {
		{ "0000000000000002", "PT002", "duplicate-static", "B", objects, 2, POLYTON_SEVERITY_WARNING,
		  "B is." },
		{ "0000000000000003", "PT004", "split-state", "A", objects, 2, POLYTON_SEVERITY_ERROR,
		  "in thread 7" },
		{ "0000000000000001", "PT002", "duplicate-static", "A\x7f", NULL, 0, POLYTON_SEVERITY_NOTE,
		  "A \"is\"" },
	};
	const struct facts facts = { items, count_of(items) };
	const char *text = facts_baseline(&pool, &facts);
	assert_non_null(text);
	assert_null(strchr(text, '\x7f'));
	assert_null(strstr(text, "thread 7"));
	assert_non_null(strstr(text, "\"headline\": \"A: split-state, in a and b\""));
	struct facts again = read_fine(text);
	assert_int_equal(again.count, 3);
	assert_string_equal(again.items[0].name, "A\x7f"); // sorted
	assert_string_equal(again.items[0].headline, "A \"is\"");
	assert_string_equal(again.items[1].fingerprint, "0000000000000002");
	assert_int_equal(again.items[1].severity, POLYTON_SEVERITY_WARNING);
	assert_string_equal(again.items[2].rule, "PT004");
	// The order of the findings is not the baseline's.
	const struct fact other[] = { items[2], items[0], items[1] };
	assert_string_equal(facts_baseline(&pool, &(const struct facts){ other, count_of(other) }), text);
	assert_string_equal(facts_baseline(&pool, &again), text);
}

static void test_sarif(void **state)
{
	static const char own[] = "polyton/v1", github[] = "primaryLocationLineHash";
	(void)state;
	const char *const results[] = {
		result("PT001", own, "1",
		       ", \"level\": \"error\", \"locations\": [{\"logicalLocations\": [{\"fullyQualifiedName\": "
		       "\"N\"}]}]"),
		result("PT002", github, "2:1", ""),
		result("PT002", own, "3", ", \"suppressions\": [{\"kind\": \"external\"}]"),
		result("PT002", own, "4", ", \"baselineState\": \"absent\""),
		result("PT002", own, "5", ", \"kind\": \"pass\", \"level\": \"none\""),
		result("PT003", own, "6", ", \"suppressions\": [], \"kind\": \"fail\""),
	};
	struct facts facts = read_fine(sarif("polyton", join(results, count_of(results))));
	assert_int_equal(facts.count, 3);
	assert_string_equal(facts.items[0].fingerprint, "1");
	assert_string_equal(facts.items[0].name, "N");
	assert_string_equal(facts.items[0].slug, "duplicate-tls");
	assert_string_equal(facts.items[0].headline, "said");
	assert_int_equal(facts.items[0].severity, POLYTON_SEVERITY_ERROR);
	assert_string_equal(facts.items[1].fingerprint, "2");
	assert_int_equal(facts.items[1].severity, POLYTON_SEVERITY_WARNING);
	assert_string_equal(facts.items[2].fingerprint, "6");
}

static void test_what_is_refused(void **state)
{
	(void)state;
	assert_refused("", "F:1:0: this is no JSON: '[' or '{' expected near end of file");
	assert_refused("{\n \"schema\": polyton\n}", "F:2:18: this is no JSON: invalid token near 'polyton'");
	assert_refused("{\"a\": 1, \"a\": 2}", "F:1:12: this is no JSON: duplicate object key near '\"a\"'");
	assert_refused("[]", "F: is neither a report nor a baseline of polyton");
	assert_refused("{}", "F: is neither a report nor a baseline of polyton");
	assert_refused("{\"schema\": \"polyton\"}", "F: has no 'schema_version'");
	assert_refused("{\"schema\": \"polyton\", \"schema_version\": 3}",
		       "F: is of schema version 3, and this polyton reads version 2: write it again");
	assert_refused("{\"schema\": \"polyton\", \"schema_version\": 2, \"view\": \"tls\"}",
		       "F: is what 'polyton tls' writes: of use here is a report");
	assert_refused("{\"schema\": \"polyton-diff\"}", "F: is what 'polyton diff' writes: of use here is a report");
	assert_refused("{\"schema\": \"polyton-baseline\", \"schema_version\": 1}", "F: has no list 'findings'");
	const char *none = "F: finding 1 has no 'fingerprint': an earlier polyton may have written this";
	assert_refused(report("{}"), none);
	assert_refused(report("7"), none);
	const char *const halves[] = { finding("1", ""), "{\"fingerprint\": \"2\"}" };
	assert_refused(report(join(halves, count_of(halves))), "F: finding 2 lacks 'rule', 'slug' or 'headline'");
	assert_refused("{\"runs\": []}", "F: is a SARIF file of some other tool, not of polyton");
	assert_refused(sarif("CodeQL", ""), "F: is a SARIF file of CodeQL, not of polyton");
	assert_refused(sarif("polyton", result("PT001", "other", "1", "")),
		       "F: finding 1 has no partial fingerprint of polyton's");
	assert_refused(sarif("polyton", result("PT001", "polyton/v1", "1", ", \"level\": \"loud\"")),
		       "F: finding 1 has no 'level' that is known");
	struct facts facts;
	assert_string_equal(facts_read(&pool, "/no/such/file", &facts), "/no/such/file: No such file or directory");
	assert_string_equal(facts_read(&pool, "/", &facts), "/: Is a directory");
}

// A fact of a rule about NAME, in objects of one letter each.
static struct fact fact(const char *fingerprint, const char *name, const char *objects)
{
	size_t count = strlen(objects);
	const char **list = pool_alloc(&pool, count + 1, sizeof(*list));
	for (size_t i = 0; i < count; i++)
		list[i] = pool_copy(&pool, objects + i, 1);
	return (struct fact){ fingerprint, "PT001", "duplicate-tls", name, list, count, POLYTON_SEVERITY_ERROR, "h" };
}

static void assert_pair(const struct pair *pair, const char *before, const char *now, bool is_new, bool is_changed)
{
	assert_int_equal(pair->before != NULL, before != NULL);
	assert_int_equal(pair->now != NULL, now != NULL);
	if (before)
		assert_string_equal(pair->before->fingerprint, before);
	if (now)
		assert_string_equal(pair->now->fingerprint, now);
	assert_int_equal(pair_is_new(pair), is_new);
	assert_int_equal(pair_is_changed(pair), is_changed);
}

static void test_what_has_changed(void **state)
{
	(void)state;
	struct fact before[] = { fact("1", "same", "ab"),  fact("2", "gone", "ab"),  fact("3", "wider", "ab"),
				 fact("4", "less", "abc"), fact("5", "moved", "ab"), fact("6", "elsewhere", "ab"),
				 fact("7", "milder", "ab") };
	struct fact now[] = { fact("8", "wider", "abc"), fact("1", "same", "ab"),       fact("9", "less", "ac"),
			      fact("10", "moved", "bc"), fact("11", "elsewhere", "cd"), fact("7", "milder", "ab"),
			      fact("12", "come", "ab") };
	struct comparison comparison;
	now[5].severity = POLYTON_SEVERITY_NOTE;
	compare(&pool, &(const struct facts){ before, count_of(before) }, &(const struct facts){ now, count_of(now) },
		&comparison);
	assert_int_equal(comparison.count, 9);
	assert_pair(&comparison.pairs[0], "3", "8", true, true);
	assert_pair(&comparison.pairs[1], "1", "1", false, false);
	assert_pair(&comparison.pairs[2], "4", "9", false, true);
	assert_pair(&comparison.pairs[3], "5", "10", true, true);
	assert_pair(&comparison.pairs[4], NULL, "11", true, false);
	assert_pair(&comparison.pairs[5], "7", "7", false, true);
	assert_pair(&comparison.pairs[6], NULL, "12", true, false);
	assert_pair(&comparison.pairs[7], "2", NULL, false, false);
	assert_pair(&comparison.pairs[8], "6", NULL, false, false);
}

// Variables of one name in several source files: what is known by its fingerprint is not free for another.
static void test_findings_of_one_name(void **state)
{
	(void)state;
	const struct fact before[] = { fact("1", "buffer", "ab"), fact("2", "buffer", "abcd") };
	const struct fact now[] = { fact("3", "buffer", "a"), fact("1", "buffer", "ab"), fact("4", "buffer", "b") };
	struct comparison comparison;
	compare(&pool, &(const struct facts){ before, count_of(before) }, &(const struct facts){ now, count_of(now) },
		&comparison);
	assert_int_equal(comparison.count, 3);
	assert_pair(&comparison.pairs[0], "2", "3", false, true);
	assert_pair(&comparison.pairs[1], "1", "1", false, false);
	assert_pair(&comparison.pairs[2], NULL, "4", true, false);
}

// SARIF knows no objects: what it has not by its fingerprint is new.
static void test_unknown_objects(void **state)
{
	(void)state;
	const struct fact before[] = { fact("1", "x", "") };
	const struct fact now[] = { fact("2", "x", "ab") };
	struct comparison comparison;
	compare(&pool, &(const struct facts){ before, 1 }, &(const struct facts){ now, 1 }, &comparison);
	assert_int_equal(comparison.count, 2);
	assert_pair(&comparison.pairs[0], NULL, "2", true, false);
	compare(&pool, &(const struct facts){ now, 1 }, &(const struct facts){ before, 1 }, &comparison);
	assert_int_equal(comparison.count, 2);
}

static void test_clean_texts(void **state)
{
	(void)state;
	assert_string_equal(facts_clean(&pool, "na\xc3\xafve \xe2\x82\xac \xf0\x9f\x98\x80"),
			    "na\xc3\xafve \xe2\x82\xac \xf0\x9f\x98\x80");
	assert_string_equal(facts_clean(&pool, "a\xff\xc3"), "a\xef\xbf\xbd\xef\xbf\xbd");
	assert_string_equal(facts_clean(&pool, "\xed\xa0\x80"),
			    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"); // a surrogate
	assert_string_equal(facts_clean(&pool, "\xc0\xaf"), "\xef\xbf\xbd\xef\xbf\xbd");
	assert_string_equal(facts_clean(&pool, "\xf4\x90\x80\x80") + 9, "\xef\xbf\xbd");
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_report),
		TEST(test_a_baseline_is_what_it_was_made_of),
		TEST(test_sarif),
		TEST(test_what_is_refused),
		TEST(test_what_has_changed),
		TEST(test_findings_of_one_name),
		TEST(test_unknown_objects),
		TEST(test_clean_texts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
