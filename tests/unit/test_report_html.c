// The HTML report. How a browser takes it is asked of one (tests/cli/test_formats.py).

#include "../support/check.h"

#include <stdlib.h>

#include "../support/samples.h"

static void test_html(void **state)
{
	(void)state;
	char *text = write_sample(SAMPLE_STORY, POLYTON_FORMAT_HTML);
	assert_has(text, "<title>polyton: host: 8 errors, 1 warning, 2 notes</title>");
	assert_int_equal(count_parts(text, "<tr data-level="), 11);
	assert_int_equal(count_parts(text, "<article "), 8); // PT003 and PT004 stand with what they are about
	assert_int_equal(count_parts(text, "<div class=\"meaning\" id=\"PT0"), 5);
	assert_has(text, "What to do:</strong> Let all of them use one copy");
	assert_has(text, "<code>-rdynamic</code>");
	assert_lacks(text, "style=\"");
	assert_lacks(text, "http:");
	assert_lacks(text, "https:");
	free(text);
	text = write_sample(SAMPLE_MANY, POLYTON_FORMAT_HTML);
	assert_int_equal(count_parts(text, "<tr data-level="), 400);
	assert_true(count_parts(text, "<rect ") <= 40);
	assert_has(text, "Not drawn: ");
	free(text);
	text = write_sample(SAMPLE_HOSTILE, POLYTON_FORMAT_HTML);
	assert_int_equal(count_parts(text, "<script"), 1);
	assert_lacks(text, "<img");
	free(text);
}

static void test_html_values(void **state)
{
	(void)state;
	char *text = write_sample(SAMPLE_STORY, POLYTON_FORMAT_HTML);
	assert_has(text, "<tr><td>host</td><td>host 4242, tokio-runtime-w 4243, tokio-runtime-w 4244</td><td "
			 "class=\"nowrap\">set</td><td><code>1 host!tokio::VTABLE+0x10 0</code></td></tr>");
	assert_has(text, "<tr><td>libmod_same.so</td><td>host 4242, tokio-runtime-w 4243, tokio-runtime-w 4244, raw "
			 "4246</td><td class=\"nowrap\">not allocated</td><td></td></tr>");
	free(text);

	struct polyton_snapshot *snapshot = scene_create_empty();
	char states[101] = { 0 };
	memset(states, 's', sizeof(states) - 1);
	scene_library(snapshot, "lib", "", POLYTON_LANGUAGE_CXX);
	scene_singleton(snapshot, "lib::x", POLYTON_KIND_TLS);
	scene_copy(snapshot, (struct scene_copy){ SCENE_SAME, "x", 4, states, NULL }); // another value in each thread
	scene_copy(snapshot, (struct scene_copy){ SCENE_OTHER, "x", 4, states, "1" });
	scene_finding(snapshot, POLYTON_SEVERITY_ERROR, "It exists twice.", "");
	text = scene_write(snapshot, &(struct polyton_write_options){ .format = POLYTON_FORMAT_HTML });
	assert_int_equal(count_parts(text, "<tr><td>libmod_same.so</td>"), 33);
	assert_has(text, "<tr><td>libmod_same.so</td><td colspan=\"3\">68 threads hold something else</td></tr>");
	assert_int_equal(count_parts(text, "<tr><td>libmod_other.so</td>"), 1);
	free(text);
	polyton_snapshot_destroy(snapshot);
}

static void test_html_layout(void **state)
{
	(void)state;
	static const struct polyton_layout_row rows[] = {
		{ "handle", false, { { true, 0, 8, "u64, 8 bytes at 0" }, { false, 0, 0, "" } } },
		{ "list[].next", true, { { true, 0, 4, "u32" }, { true, 0, 8, "Vec<u8>" } } },
	};
	struct sample sample = sample_make(SAMPLE_STORY);
	struct polyton_singleton *singleton = &sample.snapshot->singletons.items[1];
	singleton->layout = rows;
	singleton->layout_count = count_of(rows);
	singleton->layout_copies[0] = singleton->first_copy;
	singleton->layout_copies[1] = singleton->first_copy + 2;
	char *text = sample_write(&sample, POLYTON_FORMAT_HTML);
	assert_has(text,
		   "<th scope=\"col\">host</th><th scope=\"col\">libmod_other.so</th></tr></thead>\n<tbody>\n"
		   "<tr><th scope=\"row\"><code>handle</code></th><td>u64, 8 bytes at 0</td><td>missing</td></tr>\n"
		   "<tr><th scope=\"row\"><code>list[].next</code><small>behind a pointer</small></th><td>u32</td>"
		   "<td>Vec&lt;u8&gt;</td></tr>\n");
	free(text);
	sample_free(&sample);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_html),
		cmocka_unit_test(test_html_values),
		cmocka_unit_test(test_html_layout),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
