// The formats that other programs read. Whether those programs take them is asked of them (tests/cli/test_formats.py),
// who get the samples that this test writes into the folder POLYTON_SAMPLES.

#include "../support/check.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "../support/samples.h"
#include "model/rules.h"
#include "report/glyph.h"

static const struct {
	enum polyton_format format;
	const char *extension;
} formats[] = {
	{ POLYTON_FORMAT_SARIF, "sarif" }, { POLYTON_FORMAT_JUNIT, "xml" }, { POLYTON_FORMAT_GITHUB, "github" },
	{ POLYTON_FORMAT_MARKDOWN, "md" }, { POLYTON_FORMAT_HTML, "html" }, { POLYTON_FORMAT_DOT, "dot" },
};

static void keep_sample(const char *folder, const char *name, const char *extension, const char *text)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/%s.%s", folder, name, extension);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
}

// Line ends and tabs are ours; no other control character, and nothing but UTF-8, comes out.
static void check_text(const char *text)
{
	uint32_t character = 0;
	for (const char *at = text; *at;) {
		unsigned size = glyph_decode(at, &character);
		assert_int_not_equal(size, 0);
		assert_true(character == '\n' || character == '\t' || (character >= 0x20 && character != 0x7f));
		assert_true(character < 0x80 || character > 0x9f);
		assert_true((character & 0xfffe) != 0xfffe && (character < 0xfdd0 || character > 0xfdef));
		at += size;
	}
	assert_int_equal(text[strlen(text) - 1], '\n');
}

static void test_all_samples(void **state)
{
	(void)state;
	const char *folder = getenv("POLYTON_SAMPLES");
	for (int kind = 0; kind < SAMPLE_COUNT; kind++) {
		struct sample sample = sample_make((enum sample_kind)kind);
		for (size_t i = 0; i < count_of(formats); i++) {
			char *text = sample_write(&sample, formats[i].format);
			check_text(text);
			if (folder)
				keep_sample(folder, sample.name, formats[i].extension, text);
			free(text);
		}
		sample_free(&sample);
	}
}

// Times, process ids and addresses are those of one run.
static void test_same_in_each_run(void **state)
{
	(void)state;
	for (size_t i = 0; i < count_of(formats); i++) {
		struct sample sample = sample_make(SAMPLE_STORY);
		char *first = sample_write(&sample, formats[i].format);
		sample.snapshot->subject.pid = 99;
		sample.snapshot->subject.capture_ns = sample.snapshot->subject.analysis_ns = 7;
		for (size_t k = 0; k < sample.snapshot->objects.count; k++) {
			struct polyton_object *object = &sample.snapshot->objects.items[k];
			object->load_bias += 0x1000000;
			object->start += 0x1000000;
			object->end += 0x1000000;
			object->link_map += 0x3000;
		}
		for (size_t k = 0; k < sample.snapshot->copies.count; k++) {
			struct polyton_copy *copy = &sample.snapshot->copies.items[k];
			copy->address += 0x1000000;
			for (uint32_t cell = 0; cell < copy->cell_count; cell++)
				((struct polyton_cell *)copy->cells)[cell].address += 0x5000;
		}
		char *second = sample_write(&sample, formats[i].format);
		assert_string_equal(first, second);
		free(first);
		free(second);
		sample_free(&sample);
	}
}

static void test_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < count_of(formats); i++) {
		char *text = write_sample(SAMPLE_FILES, formats[i].format);
		assert_lacks(text, "process ");
		assert_lacks(text, "pid");
		assert_lacks(text, "threads, ");
		free(text);
	}
	char *text = write_sample(SAMPLE_FILES, POLYTON_FORMAT_JUNIT);
	assert_has(text, "files of host: x86_64, 6 objects");
	free(text);
}

static json_t *sarif(enum sample_kind kind)
{
	char *text = write_sample(kind, POLYTON_FORMAT_SARIF);
	json_error_t error;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	if (!root)
		print_error("%s in line %d: %s\n", error.text, error.line, text);
	assert_non_null(root);
	free(text);
	return root;
}

static json_t *run_of(json_t *root)
{
	return json_array_get(json_object_get(root, "runs"), 0);
}

static json_t *result_of(json_t *root, size_t index)
{
	json_t *result = json_array_get(json_object_get(run_of(root), "results"), index);
	assert_non_null(result);
	return result;
}

static const char *text_at(json_t *value, const char *a, const char *b)
{
	json_t *member = json_object_get(value, a);
	member = b ? json_object_get(member, b) : member;
	assert_true(json_is_string(member));
	return json_string_value(member);
}

static json_t *place_of(json_t *result)
{
	json_t *location = json_array_get(json_object_get(result, "locations"), 0);
	return json_object_get(location, "physicalLocation");
}

static void test_sarif_results(void **state)
{
	(void)state;
	json_t *root = sarif(SAMPLE_STORY);
	json_t *first = result_of(root, 0);
	assert_string_equal(text_at(first, "ruleId", NULL), "PT001");
	assert_int_equal(json_integer_value(json_object_get(first, "ruleIndex")), RULE_DUPLICATE_TLS);
	assert_string_equal(text_at(first, "level", NULL), "error");
	assert_int_equal(strlen(text_at(first, "partialFingerprints", "primaryLocationLineHash")), 16);
	assert_has(text_at(first, "message", "text"),
		   "tokio::runtime::context::CONTEXT (thread-local) exists 3 times");
	assert_has(text_at(first, "message", "text"), "What to do: Build the modules");
	// Without an anchor: the first object, by its name.
	assert_string_equal(text_at(place_of(first), "artifactLocation", "uri"), "host");
	assert_int_equal(json_array_size(json_object_get(first, "relatedLocations")), 3);
	assert_null(json_object_get(first, "suppressions"));
	assert_null(json_object_get(first, "baselineState"));
	json_t *invocation = json_array_get(json_object_get(run_of(root), "invocations"), 0);
	assert_int_equal(json_integer_value(json_object_get(invocation, "exitCode")), 1);
	assert_int_equal(json_array_size(json_object_get(invocation, "toolExecutionNotifications")), 2);
	json_decref(root);
}

static void test_sarif_verdicts(void **state)
{
	(void)state;
	json_t *root = sarif(SAMPLE_JUDGED);
	json_t *results = json_object_get(run_of(root), "results");
	size_t count = json_array_size(results);
	for (size_t i = 0; i < count; i++) {
		json_t *result = json_array_get(results, i);
		// Suppressed ones are last.
		assert_int_equal(json_object_get(result, "suppressions") != NULL, i >= count - 2);
		assert_non_null(json_object_get(result, "baselineState"));
	}
	json_t *suppression = json_array_get(json_object_get(json_array_get(results, count - 2), "suppressions"), 0);
	assert_string_equal(text_at(suppression, "kind", NULL), "external");
	assert_string_equal(text_at(suppression, "justification", NULL),
			    "known since <1.2>, see [x] (https://example.com)");
	json_t *place = place_of(json_array_get(results, count - 1));
	assert_string_equal(text_at(place, "artifactLocation", "uri"), "modules/a%20b/Cargo.toml");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(place, "region"), "startLine")), 2);
	json_decref(root);
}

static void test_sarif_paths_of_files(void **state)
{
	(void)state;
	struct sample sample = sample_make(SAMPLE_FILES);
	// A static of libmod_same.so and libmod_other.so, whose path leads out of the folder.
	char *text = sample_write(&sample, POLYTON_FORMAT_SARIF);
	assert_has(text, "\"locations\":[{\"physicalLocation\":{\"artifactLocation\":{\"uri\":\"build/host\"}");
	assert_has(text, "\"locations\":[{\"physicalLocation\":{\"artifactLocation\":{\"uri\":\"libmod_same.so\"}");
	assert_has(text, "{\"uri\":\"../build/libmod_same.so\"}");
	assert_has(text, "{\"uri\":\"file:///srv/app/libmod_other.so\"}");
	assert_has(text, "\"address\":{\"relativeAddress\":48,");
	assert_has(text, "\"address\":{\"offsetFromParent\":48,");
	free(text);
	sample_free(&sample);
}

// Names are told as they are where a machine reads them, and cannot become links or placeholders in a message.
static void test_sarif_messages(void **state)
{
	(void)state;
	json_t *root = sarif(SAMPLE_HOSTILE);
	json_t *results = json_object_get(run_of(root), "results");
	for (size_t i = 0; i < json_array_size(results); i++) {
		const char *text = text_at(json_array_get(results, i), "message", "text");
		assert_lacks(text, "](");
		assert_lacks(text, "{0");
		assert_lacks(text, "\033");
		assert_lacks(text, "\n");
	}
	json_decref(root);
}

static void test_every_rule_is_known(void **state)
{
	(void)state;
	for (unsigned i = 0; i < RULE_COUNT; i++) {
		char id[8];
		snprintf(id, sizeof(id), "PT%03u", i + 1);
		assert_string_equal(rule_rows[i].id, id);
		assert_int_equal(rules_find(id), i);
		assert_true(strlen(rule_rows[i].brief) <= 1024 && strlen(rule_rows[i].full) <= 1024);
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(rule_rows[i].slug, rule_rows[k].slug);
	}
	assert_int_equal(rules_find("PT999"), RULE_COUNT);
}

static char *judged(enum polyton_format format, enum polyton_fail_on fail_on, bool is_new_only)
{
	struct sample sample = sample_make(SAMPLE_JUDGED);
	const struct polyton_write_options options = { .format = format,
						       .verdicts = sample.verdicts,
						       .fail_on = fail_on,
						       .fails_on_new_only = is_new_only };
	char *text = scene_write(sample.snapshot, &options);
	sample_free(&sample);
	return text;
}

static char *junit(enum polyton_fail_on fail_on, bool is_new_only)
{
	return judged(POLYTON_FORMAT_JUNIT, fail_on, is_new_only);
}

// Eleven findings: two are suppressed, one is a warning instead of an error, another is a warning by itself.
static void test_junit_fails_by_the_level(void **state)
{
	(void)state;
	static const struct {
		enum polyton_fail_on fail_on;
		bool is_new_only;
		size_t failures;
	} levels[] = {
		{ POLYTON_FAIL_ON_ERROR, false, 5 }, { POLYTON_FAIL_ON_WARNING, false, 7 },
		{ POLYTON_FAIL_ON_NOTE, false, 9 },  { POLYTON_FAIL_ON_NEVER, false, 0 },
		{ POLYTON_FAIL_ON_ERROR, true, 3 },  { POLYTON_FAIL_ON_NOTE, true, 5 },
		{ POLYTON_FAIL_ON_NEVER, true, 0 },
	};
	for (size_t i = 0; i < count_of(levels); i++) {
		char expected[64];
		char *text = junit(levels[i].fail_on, levels[i].is_new_only);
		assert_int_equal(count_parts(text, "<failure "), levels[i].failures);
		assert_int_equal(count_parts(text, "<skipped type=\"suppressed\""), 2);
		assert_int_equal(count_parts(text, "<system-out>"), 9 - levels[i].failures);
		assert_int_equal(count_parts(text, "<error type=\"not seen\""), 1);
		assert_int_equal(count_parts(text, "<testcase "), 12);
		snprintf(expected, sizeof(expected), "tests=\"12\" failures=\"%zu\" errors=\"1\"",
			 levels[i].failures);
		assert_int_equal(count_parts(text, expected), 2);
		free(text);
	}
}

// Five errors, of which three are new; two warnings, of which one is; two notes, of which one is.
static void test_junit_fails_by_number(void **state)
{
	(void)state;
	static const struct {
		uint32_t tolerated[POLYTON_SEVERITY_ERROR + 1];
		bool is_new_only;
		size_t failures;
	} cases[] = {
		{ { UINT32_MAX, 1, 5 }, false, 2 }, { { 1, 2, 4 }, false, 7 },         { { 2, 2, 5 }, false, 0 },
		{ { 0, 1, 3 }, true, 1 },           { { UINT32_MAX, 0, 2 }, true, 4 }, { { 1, 1, 3 }, true, 0 },
	};
	for (size_t i = 0; i < count_of(cases); i++) {
		struct sample sample = sample_make(SAMPLE_JUDGED);
		const struct polyton_write_options options = { .format = POLYTON_FORMAT_JUNIT,
							       .verdicts = sample.verdicts,
							       .fails_on_new_only = cases[i].is_new_only,
							       .tolerated = cases[i].tolerated };
		char *text = scene_write(sample.snapshot, &options);
		assert_int_equal(count_parts(text, "<failure "), cases[i].failures);
		free(text);
		sample_free(&sample);
	}
}

static void test_junit_says_what_the_report_says(void **state)
{
	(void)state;
	char *text = junit(POLYTON_FAIL_ON_WARNING, false);
	assert_has(text,
		   "<testcase classname=\"polyton.duplicate-static\" name=\"PT002 counter in libmod_same.so and "
		   "libmod_other.so\">\n      <failure type=\"warning PT002\" message=\"counter (static) exists "
		   "twice: in libmod_same.so and libmod_other.so.\">warning PT002: counter (static) exists twice:");
	assert_has(text, "    libmod_same.so   4 bytes  set  3\n");
	assert_has(text, "  fix: Link counter.c into one shared library that both use.\n</failure>");
	assert_has(text, "message=\"known since &lt;1.2&gt;, see [x](https://example.com)\"");
	free(text);
	text = write_sample(SAMPLE_EMPTY, POLYTON_FORMAT_JUNIT);
	assert_int_equal(count_parts(text, "<testcase "), 1);
	assert_has(text, "tests=\"1\" failures=\"0\" errors=\"0\"");
	free(text);
}

// A service takes the first of two cases of one name and drops the other.
static void test_junit_names_are_unique(void **state)
{
	(void)state;
	struct polyton_snapshot *snapshot = scene_create_empty();
	for (int i = 0; i < 3; i++) {
		scene_library(snapshot, i ? "b.c" : "a.c", "", POLYTON_LANGUAGE_C);
		scene_singleton(snapshot, i == 2 ? "other" : "buffer", POLYTON_KIND_STATIC);
		scene_copy(snapshot, (struct scene_copy){ SCENE_SAME, "buffer", 4, "s", "3" });
		scene_copy(snapshot, (struct scene_copy){ SCENE_OTHER, "buffer", 4, "s", "4" });
		scene_finding(snapshot, POLYTON_SEVERITY_ERROR, "It exists twice.", "");
	}
	char *text = scene_write(snapshot, &(struct polyton_write_options){ .format = POLYTON_FORMAT_JUNIT });
	assert_int_equal(count_parts(text, "name=\"PT002 buffer in libmod_same.so and libmod_other.so ["), 2);
	assert_int_equal(count_parts(text, snapshot->findings.items[0].fingerprint),
			 2); // the other's is longer by "-2"
	assert_int_equal(count_parts(text, snapshot->findings.items[1].fingerprint), 1);
	assert_has(text, "name=\"PT002 other in libmod_same.so and libmod_other.so\"");
	free(text);
	polyton_snapshot_destroy(snapshot);
}

static void check_annotations(const char *text)
{
	static const char *const beginnings[] = { "::error ", "::warning ", "::notice ", "polyton: " };
	size_t counts[count_of(beginnings)] = { 0 };
	for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
		size_t at = 0;
		while (at < count_of(beginnings) && strncmp(line, beginnings[at], strlen(beginnings[at])) != 0)
			at++;
		assert_true(at < count_of(beginnings));
		counts[at]++;
		if (at + 1 == count_of(beginnings))
			continue;
		// Up to the message: no colon in a property.
		const char *message = strstr(line + 2, "::");
		assert_non_null(message);
		assert_true(memchr(line + 2, ':', (size_t)(message - line - 2)) == NULL);
	}
	for (size_t i = 0; i < 3; i++)
		assert_true(counts[i] <= 10);
	assert_int_equal(counts[3], 1);
}

static void test_annotations(void **state)
{
	(void)state;
	for (int kind = 0; kind < SAMPLE_COUNT; kind++) {
		char *text = write_sample((enum sample_kind)kind, POLYTON_FORMAT_GITHUB);
		check_annotations(text);
		free(text);
	}
	char *text = write_sample(SAMPLE_MANY, POLYTON_FORMAT_GITHUB);
	assert_int_equal(count_parts(text, "::error title="), 10);
	assert_has(text, " more errors: GitHub shows no more than 10 of a kind");
	free(text);
	text = write_sample(SAMPLE_JUDGED, POLYTON_FORMAT_GITHUB);
	assert_has(text, "::error file=modules/a b/Cargo.toml,line=4,title=polyton PT002 duplicate-static::tokio");
	assert_has(text, "title=polyton PT002 duplicate-static (new)::");
	assert_has(text, "%0Afix: Or hand a tokio Handle into the module and enter it there.\n");
	assert_has(text, "::warning title=polyton could not see everything::libmod_other.so: deleted meanwhile\n");
	assert_lacks(text, "CONTEXT (thread-local)"); // it is suppressed
	free(text);
}

// Nine findings are not suppressed; what is known is annotated only if it makes the check fail.
static void test_annotations_of_what_is_known(void **state)
{
	(void)state;
	static const struct {
		enum polyton_fail_on fail_on;
		bool is_new_only;
		size_t count;
		const char *end;
	} cases[] = {
		{ POLYTON_FAIL_ON_NOTE, false, 9, "2 suppressed.\n" },
		{ POLYTON_FAIL_ON_ERROR, false, 7, "2 suppressed; 2 known and not annotated.\n" },
		{ POLYTON_FAIL_ON_NEVER, false, 5, "2 suppressed; 4 known and not annotated.\n" },
		{ POLYTON_FAIL_ON_NOTE, true, 5, "2 suppressed; 4 known and not annotated.\n" },
	};
	for (size_t i = 0; i < count_of(cases); i++) {
		char *text = judged(POLYTON_FORMAT_GITHUB, cases[i].fail_on, cases[i].is_new_only);
		assert_int_equal(count_parts(text, "title=polyton PT"), cases[i].count);
		assert_int_equal(count_parts(text, " (new)::"), 5);
		assert_has(text, "\npolyton: 5 errors, 2 warnings, 2 notes, ");
		assert_has(text, cases[i].end);
		free(text);
	}
}

static void test_markdown(void **state)
{
	(void)state;
	char *text = write_sample(SAMPLE_STORY, POLYTON_FORMAT_MARKDOWN);
	assert_has(text, "## polyton: 8 errors, 1 warning, 2 notes\n");
	assert_has(text,
		   "| **error** | PT001 duplicate-tls | `tokio::runtime::context::CONTEXT` | host, `libmod_same.so` "
		   "and `libmod_other.so` |\n");
	assert_has(text, "<summary>error PT001 <code>tokio::runtime::context::CONTEXT</code></summary>");
	assert_has(text, "**Not everything could be seen:**\n\n- Note: `libmod_other.so`: deleted meanwhile\n");
	free(text);
}

// Take out what is between backticks, as CommonMark pairs them: runs of one length.
static void remove_code(char *text)
{
	char *end = text;
	while (*text) {
		size_t ticks = strspn(text, "`"), length;
		const char *close = text + ticks;
		if (!ticks) {
			*end++ = *text++;
			continue;
		}
		for (;;) {
			close += strcspn(close, "`");
			length = strspn(close, "`");
			assert_int_not_equal(length, 0);
			if (length == ticks)
				break;
			close += length;
		}
		text += (size_t)(close - text) + length;
	}
	*end = '\0';
}

// A mention, an address or a tag can stand between backticks only, where it means nothing, or in HTML as a reference.
static void test_markdown_means_nothing(void **state)
{
	(void)state;
	static const char *const meanings[] = { "@",    "#1",    ":bomb:", "www.",  "//",   "<script",
						"<img", "<h1",   "*b*",    "_c_",   "~~",   "](",
						"<!",   "&nbsp", "\\",     "GH-1:", "\n::", "{0}" };
	char *text = write_sample(SAMPLE_HOSTILE, POLYTON_FORMAT_MARKDOWN);
	assert_has(text, "`@everyone`");
	assert_has(text, ", `a\\|b\\\\\\|c` `` `d` `` ``` ``e`` ``` `\\|` f, ");
	// What is folded has its name in HTML.
	for (char *at = text; (at = strstr(at, "<summary>")) != NULL;) {
		char *end = strstr(at, "</summary>");
		assert_non_null(end);
		assert_int_equal(count_parts(at, "</summary>"), count_parts(end, "</summary>"));
		for (const char *tag = at; (tag = memchr(tag + 1, '<', (size_t)(end - tag - 1))) != NULL;)
			assert_true(strncmp(tag, "<code>", 6) == 0 || strncmp(tag, "</code>", 7) == 0);
		memset(at, ' ', (size_t)(end - at));
		at = end;
	}
	remove_code(text);
	for (size_t i = 0; i < count_of(meanings); i++)
		assert_lacks(text, meanings[i]);
	free(text);
}

static void test_markdown_fits(void **state)
{
	(void)state;
	struct polyton_snapshot *snapshot = scene_create_empty();
	scene_library(snapshot, "lib", "", POLYTON_LANGUAGE_CXX);
	for (unsigned i = 0; i < 5000; i++) {
		scene_singleton(snapshot, arena_printf(&snapshot->arena, "lib::a_rather_long_name_%u", i),
				POLYTON_KIND_STATIC);
		scene_copy(snapshot, (struct scene_copy){ SCENE_SAME, "x", 4, "s", "3" });
		scene_copy(snapshot, (struct scene_copy){ SCENE_OTHER, "x", 4, "s", "4" });
		scene_finding(snapshot, i == 4999 ? POLYTON_SEVERITY_ERROR : POLYTON_SEVERITY_WARNING,
			      arena_printf(&snapshot->arena, "Number %u.", i),
			      "Told at length: a_b c_d e_f g_h i_j k_l.");
	}
	char *text = scene_write(snapshot, &(struct polyton_write_options){ .format = POLYTON_FORMAT_MARKDOWN });
	assert_true(strlen(text) > 900 * 1000 && strlen(text) <= 1024 * 1024);
	assert_has(text, " more findings are not shown here.");
	assert_has(text, "4950 more are not in this table.");
	assert_true(strstr(text, "Number 4999.") < strstr(text, "Number 0.")); // the error comes first
	free(text);
	polyton_snapshot_destroy(snapshot);
}

static void test_dot(void **state)
{
	(void)state;
	char *text = write_sample(SAMPLE_STORY, POLYTON_FORMAT_DOT);
	assert_has(text, "o0 [label=\"host\", peripheries=2];");
	assert_has(text, "label=\"tokio 1.24.2 (Rust)\\nruntime::context::CONTEXT\"];");
	assert_has(text,
		   "label=\"tokio 1.24.2 (Rust)\\nruntime::task::id::NEXT_ID\\nutil::rand::COUNTER\\npark::NEXT\\n"
		   "and 1 more\"];");
	assert_has(text, "\to0 -- s0;\n\to1 -- s0;\n\to2 -- s0;\n");
	free(text);
	struct sample sample = sample_make(SAMPLE_STORY);
	scene_shadow(sample.snapshot, &sample.snapshot->copies.items[3], 2); // of CONTEXT, in libmod_same.so
	text = sample_write(&sample, POLYTON_FORMAT_DOT);
	assert_has(text, "\to0 -- s0;\n\to1 -- s0 [style=dashed, tooltip=\"not used\"];\n");
	free(text);
	sample_free(&sample);
}

static int refuse(void *arg, const char *bytes, size_t count)
{
	(void)bytes, (void)count;
	++*(unsigned *)arg;
	return 28; // ENOSPC
}

static void test_failure_ends_the_writing(void **state)
{
	(void)state;
	struct sample sample = sample_make(SAMPLE_MANY);
	for (size_t i = 0; i < count_of(formats); i++) {
		struct polyton_write_options options = { .size = sizeof(options), .format = formats[i].format };
		unsigned calls = 0;
		assert_error(polyton_snapshot_write(sample.snapshot, &options, refuse, &calls), POLYTON_ERROR_SYSTEM,
			     "writing failed");
		assert_int_equal(calls, 1);
	}
	sample_free(&sample);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_samples),
		cmocka_unit_test(test_same_in_each_run),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_sarif_results),
		cmocka_unit_test(test_sarif_verdicts),
		cmocka_unit_test(test_sarif_paths_of_files),
		cmocka_unit_test(test_sarif_messages),
		cmocka_unit_test(test_every_rule_is_known),
		cmocka_unit_test(test_junit_fails_by_the_level),
		cmocka_unit_test(test_junit_fails_by_number),
		cmocka_unit_test(test_junit_says_what_the_report_says),
		cmocka_unit_test(test_junit_names_are_unique),
		cmocka_unit_test(test_annotations),
		cmocka_unit_test(test_annotations_of_what_is_known),
		cmocka_unit_test(test_markdown),
		cmocka_unit_test(test_markdown_means_nothing),
		cmocka_unit_test(test_markdown_fits),
		cmocka_unit_test(test_dot),
		cmocka_unit_test(test_failure_ends_the_writing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
