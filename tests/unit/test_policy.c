// .polyton.yml: what it may say, and where and how each mistake in it is named.

#include "../support/check.h"

#include <stdlib.h>

#include "../../inspector/policy/policy.h"

#include "../../inspector/policy/glob.h"
#include "../../inspector/policy/known.h"
#include "../../inspector/policy/tree.h"

static struct pool pool;

static int tear_down(void **state)
{
	(void)state;
	pool_deinit(&pool);
	return 0;
}

// The policy that the text, behind the line "version: 1", is.
static struct policy read_policy(const char *text)
{
	struct policy policy = { 0 };
	const char *all = pool_format(&pool, "version: 1\n%s", text);
	const char *complaint = policy_parse(&pool, "p.yml", all, strlen(all), &policy);
	if (complaint)
		print_error("%s\n", complaint);
	assert_null(complaint);
	return policy;
}

static void assert_complaint(const char *complaint, const char *expected)
{
	if (!complaint || strcmp(complaint, expected) != 0)
		print_error("it says: %s\ninstead of: %s\n", complaint ? complaint : "nothing", expected);
	assert_non_null(complaint);
	assert_string_equal(complaint, expected);
}

static void assert_refused_whole(const char *text, const char *expected)
{
	struct policy policy = { .file = "untouched" };
	assert_complaint(policy_parse(&pool, "p.yml", text, strlen(text), &policy), expected);
	assert_string_equal(policy.file, "untouched");
}

static void assert_refused(const char *text, const char *expected)
{
	assert_refused_whole(pool_format(&pool, "version: 1\n%s", text), pool_format(&pool, "p.yml:%s", expected));
}

static void test_nothing_decided(void **state)
{
	(void)state;
	struct policy policy = read_policy("");
	assert_string_equal(policy.file, "p.yml");
	assert_int_equal(policy.suppression_count + policy.grading_count + policy.anchor_count, 0);
	assert_false(policy.has_fail_on);
	assert_null(policy.plugin_sets);
}

static void test_suppressions(void **state)
{
	(void)state;
	struct policy policy = read_policy("suppressions:\n"
					   "  - rule: split-state\n"
					   "    singleton: tokio::*\n"
					   "    objects: [host, '*.so']\n"
					   "    reason: known\n"
					   "    expires: 2028-02-29\n"
					   "  - fingerprint: 0123456789abcdef-2\n"
					   "    reason: >-\n"
					   "      two\n"
					   "      lines\n"
					   "  - {rule: [PT001, PT002], library: tokio, reason: 'the # vendor'}\n");
	const struct suppression *items = policy.suppressions;
	assert_int_equal(policy.suppression_count, 3);
	assert_string_equal(items[0].about.rules[0], "PT004");
	assert_null(items[0].about.rules[1]);
	assert_string_equal(items[0].about.singletons[0], "tokio::*");
	assert_string_equal(items[0].about.objects[1], "*.so");
	assert_null(items[0].about.objects[2]);
	assert_null(items[0].about.libraries);
	assert_int_equal(items[0].expires, 20280229);
	assert_int_equal(items[0].line, 3);
	assert_string_equal(items[1].about.fingerprints[0], "0123456789abcdef-2");
	assert_string_equal(items[1].reason, "two lines");
	assert_int_equal(items[1].expires, 0);
	assert_string_equal(items[2].about.rules[1], "PT002");
	assert_string_equal(items[2].about.libraries[0], "tokio");
	assert_string_equal(items[2].reason, "the # vendor");
}

static void test_severities(void **state)
{
	(void)state;
	struct policy policy = read_policy("severity:\n  PT009: error\n  shadowed-copy: off\n");
	assert_int_equal(policy.grading_count, 2);
	assert_string_equal(policy.gradings[0].about.rules[0], "PT009");
	assert_int_equal(policy.gradings[0].severity, POLYTON_SEVERITY_ERROR);
	assert_false(policy.gradings[0].is_off);
	assert_true(policy.gradings[1].is_off);
	assert_int_equal(policy.gradings[1].line, 4);
	policy = read_policy("severity:\n- {library: std, level: warning}\n- {rule: PT002, level: note}\n");
	assert_int_equal(policy.grading_count, 2);
	assert_string_equal(policy.gradings[0].about.libraries[0], "std");
	assert_int_equal(policy.gradings[0].severity, POLYTON_SEVERITY_WARNING);
	assert_int_equal(policy.gradings[1].severity, POLYTON_SEVERITY_NOTE);
}

static void test_anchors(void **state)
{
	(void)state;
	struct policy policy = read_policy("anchors:\n"
					   "- {library: tokio, at: 'plugins/Cargo.toml:12'}\n"
					   "- {singleton: x, at: a..b/c:d}\n"
					   "- at: Cargo.toml\n");
	assert_int_equal(policy.anchor_count, 3);
	assert_string_equal(policy.anchors[0].path, "plugins/Cargo.toml");
	assert_int_equal(policy.anchors[0].line, 12);
	assert_string_equal(policy.anchors[1].path, "a..b/c:d");
	assert_string_equal(policy.anchors[2].path, "Cargo.toml");
	assert_int_equal(policy.anchors[2].line, 1);
}

static void test_limits_and_sets(void **state)
{
	(void)state;
	struct policy policy = read_policy("fail_on: warning\n"
					   "thresholds: {error: 0, warning: 12}\n"
					   "plugin_sets:\n  - [liba.so, 'x*.so']\n  - [libb.so]\n");
	assert_true(policy.has_fail_on);
	assert_int_equal(policy.fail_on.level, FAIL_ON_WARNING);
	assert_false(policy.fail_on.is_new_only);
	assert_true(policy.thresholds[POLYTON_SEVERITY_ERROR].is_given);
	assert_int_equal(policy.thresholds[POLYTON_SEVERITY_WARNING].most, 12);
	assert_false(policy.thresholds[POLYTON_SEVERITY_NOTE].is_given);
	assert_string_equal(policy.plugin_sets[0][1], "x*.so");
	assert_null(policy.plugin_sets[0][2]);
	assert_string_equal(policy.plugin_sets[1][0], "libb.so");
	assert_null(policy.plugin_sets[2]);
	policy = read_policy("fail_on: [new, note]\n");
	assert_int_equal(policy.fail_on.level, FAIL_ON_NOTE);
	assert_true(policy.fail_on.is_new_only);
}

static void test_fail_on(void **state)
{
	(void)state;
	struct fail_on fail_on = { 0 };
	static const char *const bad[] = { "",       "bad",    "error,warning",  "new,new",  "never,",
					   ",error", "errors", "new,error,note", "error new" };
	assert_null(fail_on_parse(&pool, "never", &fail_on));
	assert_int_equal(fail_on.level, FAIL_ON_NEVER);
	assert_null(fail_on_parse(&pool, "new", &fail_on));
	assert_int_equal(fail_on.level, FAIL_ON_ERROR);
	assert_false(fail_on.has_level);
	assert_true(fail_on.is_new_only);
	assert_null(fail_on_parse(&pool, "warning,new", &fail_on));
	assert_int_equal(fail_on.level, FAIL_ON_WARNING);
	assert_true(fail_on.has_level);
	for (size_t i = 0; i < count_of(bad); i++)
		assert_non_null(fail_on_parse(&pool, bad[i], &fail_on));
}

static void test_keys_that_nobody_knows(void **state)
{
	(void)state;
	assert_refused("supressions: []\n",
		       "2:1: the configuration has no key 'supressions': did you mean 'suppressions'?");
	assert_refused("colour: red\n", "2:1: the configuration has no key 'colour': its keys are version, "
					"suppressions, severity, anchors, fail_on, thresholds and plugin_sets");
	assert_refused("suppressions:\n- rules: PT001\n  reason: x\n",
		       "3:3: a suppression has no key 'rules': did you mean 'rule'?");
	assert_refused("thresholds: {errors: 1}\n", "2:14: thresholds has no key 'errors': did you mean 'error'?");
	assert_refused("fail_on: note\nfail_on: error\n", "3:1: 'fail_on' was given before in the configuration");
	assert_refused("[a]: b\n", "2:1: a key is wanted here, not a list");
	assert_refused("severity: {PT008: off, shadowed-copy: note}\n",
		       "2:24: 'shadowed-copy' was given before in severity, in line 2");
}

static void test_suppressions_that_are_none(void **state)
{
	(void)state;
	assert_refused("suppressions:\n- rule: PT001\n", "3:3: a suppression needs 'reason'");
	assert_refused("suppressions:\n- rule: PT001\n  reason: ' '\n",
		       "4:11: a reason is wanted here, and this is empty");
	assert_refused("suppressions:\n- rule: PT001\n  reason:\n",
		       "4:10: a reason is wanted here, and this is empty");
	assert_refused("suppressions:\n- rule: PT001\n  reason: [x]\n", "4:11: a reason is wanted here, not a list");
	assert_refused("suppressions:\n- reason: x\n",
		       "3:3: this suppression takes every finding: name a rule, singleton, library, objects or a "
		       "fingerprint");
	assert_refused("suppressions:\n- {rule: PT101, reason: x}\n",
		       "3:10: there is no rule 'PT101': did you mean 'PT001'?");
	assert_refused("suppressions:\n- {rule: [PT001, duplicate-static-tls], reason: x}\n",
		       "3:18: there is no rule 'duplicate-static-tls'");
	assert_refused("suppressions:\n- {objects: 'lib[ab.so', reason: x}\n",
		       "3:13: 'lib[ab.so' is no pattern: '[' has no ']': write '\\[' for the character itself");
	assert_refused("suppressions:\n- {objects: [], reason: x}\n",
		       "3:13: the name of an object has nothing in it: leave it out");
	assert_refused("suppressions:\n- {fingerprint: abc, reason: x}\n",
		       "3:17: 'abc' is no fingerprint: polyton report --format json has them, 16 hexadecimal digits");
	assert_refused("suppressions:\n", "2:14: a list of suppressions is wanted here, not nothing");
	assert_refused("suppressions: {rule: PT001}\n", "2:15: a list of suppressions is wanted here, not a map");
	assert_refused("suppressions: [PT001]\n",
		       "2:16: a suppression is a map, with keys like 'rule:'; this is a text");
}

static void test_bad_days(void **state)
{
	(void)state;
	static const char *const days[] = { "2026-1-31",  "2026-02-29", "1900-02-29", "2026-13-01",
					    "2026-00-10", "2026-04-31", "31.01.2026", "2026-01-31T00:00",
					    "0000-01-01", "soon" };
	for (size_t i = 0; i < count_of(days); i++)
		assert_refused(pool_format(&pool, "suppressions:\n- {rule: PT001, reason: x, expires: '%s'}\n",
					   days[i]),
			       pool_format(&pool, "3:37: '%s' is no day: write it as 2026-01-31", days[i]));
}

static void test_bad_values(void **state)
{
	(void)state;
	assert_refused("severity: {PT001: fatal}\n", "2:19: error, warning, note or off is wanted here, not 'fatal'");
	assert_refused("severity: {XT0: note}\n", "2:12: there is no rule 'XT0'");
	assert_refused("severity:\n- {level: off}\n",
		       "3:3: this entry of severity takes every finding: name what it is about");
	assert_refused("thresholds: {error: -1}\n", "2:21: a number of findings is wanted here, not '-1'");
	assert_refused("thresholds: {error: 1000001}\n",
		       "2:21: '1000001' is too large for a number of findings: 1000000 at most");
	assert_refused(
		"fail_on: fatal\n",
		"2:10: fail_on takes error, warning, note or never, new, or 'new,' and one of them, not 'fatal'");
	assert_refused("anchors:\n- {library: x}\n", "3:3: an anchor needs 'at'");
	assert_refused(
		"anchors:\n- at: x\n- {library: x, at: y}\n",
		"3:3: this anchor takes every finding, so those behind it have none left: it belongs at the end");
	static const char *const places[] = { "/etc/x", "../x", "a/../../x", "a/..", "x/..:3" };
	for (size_t i = 0; i < count_of(places); i++)
		assert_refused(pool_format(&pool, "anchors:\n- at: %s\n", places[i]),
			       pool_format(&pool, "3:7: '%s' is no path from the root of the repository", places[i]));
	assert_refused("anchors:\n- at: x:0\n", "3:7: lines are counted from 1");
	assert_refused("plugin_sets: [liba.so]\n",
		       "2:15: a set, which is a list of plugins, is wanted here, not a text");
	assert_refused("plugin_sets: [['']]\n", "2:16: the name of a plugin is wanted here, and this is empty");
}

static void test_what_is_no_configuration(void **state)
{
	(void)state;
	assert_refused_whole("", "p.yml:1:1: is empty: it begins with 'version: 1'");
	assert_refused_whole("fail_on: note\n", "p.yml:1:1: the configuration needs 'version'");
	assert_refused_whole("version: 2\n", "p.yml:1:10: version 2 is not known: this polyton reads version 1");
	assert_refused_whole("- version: 1\n",
			     "p.yml:1:1: the configuration is a map, with keys like 'version:'; this is a list");
	assert_refused("a: [b\n",
		       "3:1: this is no YAML: while parsing a flow sequence, did not find expected ',' or ']'");
	assert_refused("a: \x01\n", "2:4: this is no YAML: control characters are not allowed");
	assert_refused("---\nversion: 1\n", "2:1: a second document begins here: only one is read");
	assert_refused("fail_on: \"a\\0b\"\n", "2:10: this text has a NUL character in it");
}

static void test_hostile_texts(void **state)
{
	(void)state;
	static const char quote[] = "quote a glob that begins with '*', as in '*.so'";
	assert_refused("a: &x [b]\n", "2:4: anchors ('&') are not taken: quote a text that begins so");
	assert_refused("a: *x\n", pool_format(&pool, "2:4: aliases are not taken: %s", quote));
	assert_refused("suppressions:\n- {objects: [*.so], reason: x}\n",
		       pool_format(&pool,
				   "3:15: this is no YAML: while scanning an alias, did not find expected alphabetic "
				   "or numeric character (%s)",
				   quote));
	assert_refused("a: !!str x\n", "2:4: tags ('!') are not taken: quote a text that begins so");
	assert_refused("a: [[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]\n",
		       "2:19: this is nested too deep: 16 levels at most are read");
	size_t size = TREE_MAX_SIZE + 1;
	char *text = malloc(size + 1);
	assert_non_null(text);
	memset(text, '[', size);
	text[size] = '\0';
	assert_refused_whole(text, "p.yml: is larger than 1 MiB, which no configuration is");
	text[TREE_MAX_SIZE] = '\0';
	assert_refused_whole(text, "p.yml:1:17: this is nested too deep: 16 levels at most are read");
	for (size_t i = 1; i < TREE_MAX_SIZE; i++)
		text[i] = i % 2 ? 'x' : ',';
	assert_refused_whole(text, "p.yml:1:200000: there are too many parts: 100000 at most are read");
	free(text);
}

static void test_globs(void **state)
{
	(void)state;
	static const struct {
		const char *pattern, *text;
		bool is_taken;
	} cases[] = {
		{ "liba.so", "liba.so", true },
		{ "liba.so", "liba.so.1", false },
		{ "*", "", true },
		{ "lib*.so", "lib/x.so", true },
		{ "lib*.so", "lib.s", false },
		{ "*a*b", "xaxbxb", true },
		{ "*a*b", "xbxa", false },
		{ "lib?.so", "liba.so", true },
		{ "lib?.so", "lib.so", false },
		{ "[a-c]x", "bx", true },
		{ "[a-c]x", "dx", false },
		{ "[!a-c]x", "dx", true },
		{ "[^a]", "a", false },
		{ "[]x]", "]", true },
		{ "[a-]", "-", true },
		{ "a\\*", "a*", true },
		{ "a\\*", "ab", false },
		{ "[\\]]", "]", true },
		{ "f[abi:cxx11]", "f[abi:cxx11]", true },
		{ "f[abi:cxx11]", "fc", true },
		{ "", "x", false },
		{ "a[!x]", "a", false },
	};
	for (size_t i = 0; i < count_of(cases); i++) {
		if (glob_takes(cases[i].pattern, cases[i].text) != cases[i].is_taken)
			print_error("%s and %s\n", cases[i].pattern, cases[i].text);
		assert_int_equal(glob_takes(cases[i].pattern, cases[i].text), cases[i].is_taken);
	}
	assert_null(glob_complaint("f[abi:cxx11]*\\["));
	assert_non_null(glob_complaint(""));
	assert_non_null(glob_complaint("a["));
	assert_non_null(glob_complaint("a[]"));
	assert_non_null(glob_complaint("a\\"));
}

// What is exponential for some matchers ends at once.
static void test_globs_take_no_time(void **state)
{
	enum { LENGTH = 4000 };
	char text[LENGTH + 1], pattern[LENGTH + 2];
	(void)state;
	memset(text, 'a', LENGTH);
	text[LENGTH] = '\0';
	for (size_t i = 0; i < LENGTH; i++)
		pattern[i] = i % 2 ? 'a' : '*';
	strcpy(pattern + LENGTH, "b");
	assert_false(glob_takes(pattern, text));
}

static void test_guesses(void **state)
{
	(void)state;
	assert_string_equal(known_rule_nearest("duplicate-statics"), "duplicate-static");
	assert_null(known_rule_nearest("x"));
	assert_null(known_rule_nearest("a word that is far too long to be nearly any of the rules there are"));
	assert_string_equal(known_rule_find("blind-spot")->id, "PT012");
	assert_null(known_rule_find("pt012"));
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nothing_decided),
		TEST(test_suppressions),
		TEST(test_severities),
		TEST(test_anchors),
		TEST(test_limits_and_sets),
		TEST(test_fail_on),
		TEST(test_keys_that_nobody_knows),
		TEST(test_suppressions_that_are_none),
		TEST(test_bad_days),
		TEST(test_bad_values),
		TEST(test_what_is_no_configuration),
		TEST(test_hostile_texts),
		TEST(test_globs),
		TEST(test_globs_take_no_time),
		TEST(test_guesses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
