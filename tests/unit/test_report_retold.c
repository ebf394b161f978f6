// Values whose text a caller has, as a debugger does that knows their types.

#include "../support/check.h"

#include "../support/scene.h"

enum { THREADS = 5, COPIES = 2, CELLS = THREADS * COPIES };

// In the first copy two threads hold one value, a third another one, one has none and one cannot be read.
static struct polyton_snapshot *create(void)
{
	struct polyton_snapshot *snapshot = scene_create_empty();
	scene_library(snapshot, "acme", "1.0.0", POLYTON_LANGUAGE_RUST);
	scene_singleton(snapshot, "acme::CONTEXT", POLYTON_KIND_TLS);
	struct polyton_copy *copy = scene_copy(snapshot, (struct scene_copy){ SCENE_HOST, "C", 8, "sssnu", "1" });
	scene_value(snapshot, copy, "xx---", POLYTON_VALUE_ALIVE, "alive, 1");
	scene_copy(snapshot, (struct scene_copy){ SCENE_SAME, "C", 8, "sinnn", "2" });
	scene_singleton(snapshot, "acme::OTHER", POLYTON_KIND_TLS);
	scene_copy(snapshot, (struct scene_copy){ SCENE_HOST, "O", 8, "sssss", "7" });
	scene_copy(snapshot, (struct scene_copy){ SCENE_SAME, "O", 8, "sssss", "8" });
	return snapshot;
}

static char *show(const struct polyton_snapshot *snapshot, enum polyton_format format, const char *name,
		  const char *const *texts)
{
	return scene_write(snapshot, &(struct polyton_write_options){ .view = POLYTON_VIEW_SHOW,
								      .format = format,
								      .name = name,
								      .cell_texts = texts,
								      .cell_text_count = CELLS });
}

static void test_texts_stand_for_values(void **state)
{
	(void)state;
	static const char *const texts[CELLS] = { "{seq = 1}", "{seq = 1}", "{seq = 3}", "none",
						  "none",      NULL,        "\"a\\\\b\"" };
	struct polyton_snapshot *snapshot = create();
	char *text = show(snapshot, POLYTON_FORMAT_TEXT, "CONTEXT", texts);
	assert_has(text, "  4242  host             alive          0x7f6000000000  {seq = 1}\n");
	assert_has(text, "  4244  tokio-runtime-w  set            0x7f6000000200  {seq = 3}\n");
	assert_has(text, "  4242  host             set            0x7f6000000000  2\n"); // NULL: its own
	assert_has(text, "\"a\\\\b\"\n");                                                // no backslash more
	assert_lacks(text, "none"); // there is nothing to tell of
	free(text);
	polyton_snapshot_destroy(snapshot);
}

static void test_the_same_stays_one(void **state)
{
	(void)state;
	enum { MANY = 6 };
	struct polyton_snapshot *snapshot = scene_create_empty();
	while (snapshot->threads.count < MANY) {
		struct polyton_thread *thread = vec_push(&snapshot->threads);
		assert_non_null(thread);
		*thread = (struct polyton_thread){ .tid = 5000, .name = "w", .why = "" };
	}
	scene_library(snapshot, "acme", "", POLYTON_LANGUAGE_C);
	scene_singleton(snapshot, "CONTEXT", POLYTON_KIND_TLS);
	struct polyton_copy *copy = scene_copy(snapshot, (struct scene_copy){ SCENE_HOST, "C", 8, "ssssss", "1" });
	scene_value(snapshot, copy, "xxxxxx", POLYTON_VALUE_PLAIN, "1");
	scene_copy(snapshot, (struct scene_copy){ SCENE_SAME, "C", 8, "nnnnnn", NULL });
	const char *texts[2 * MANY] = { "one", "one", "one", "one", "one", "one" };
	const struct polyton_write_options options = { .view = POLYTON_VIEW_SHOW,
						       .name = "CONTEXT",
						       .cell_texts = texts,
						       .cell_text_count = 2 * MANY };
	char *text = scene_write(snapshot, &options);
	assert_has(text, "and 5 more threads: set, the same bytes\n");
	free(text);
	texts[3] = "another"; // of the same bytes: what they point to was looked at, too
	text = scene_write(snapshot, &options);
	assert_has(text, "and 4 more threads: set, the same bytes\n");
	assert_has(text, "another\n");
	free(text);
	polyton_snapshot_destroy(snapshot);
}

static void test_json(void **state)
{
	(void)state;
	static const char *const texts[CELLS] = { NULL, NULL, "{seq = \"3\"}" };
	struct polyton_snapshot *snapshot = create();
	char *text = show(snapshot, POLYTON_FORMAT_JSON, "CONTEXT", texts);
	assert_has(text, "\"text\":\"{seq = \\\"3\\\"}\",\"typed\":true,\"state\":\"plain\"");
	assert_has(text, "\"text\":\"alive, 1\",\"typed\":true,\"state\":\"alive\"");
	assert_has(text, "\"text\":\"2\",\"typed\":false");
	free(text);
	polyton_snapshot_destroy(snapshot);
}

static void test_the_snapshot_stays_as_it_was(void **state)
{
	(void)state;
	static const char *const texts[CELLS] = { "x", "x", "x", "x", "x", "x", "x", "x", "x", "x" };
	struct polyton_snapshot *snapshot = create();
	char *before = show(snapshot, POLYTON_FORMAT_TEXT, "CONTEXT", NULL);
	free(show(snapshot, POLYTON_FORMAT_TEXT, "CONTEXT", texts));
	char *after = show(snapshot, POLYTON_FORMAT_TEXT, "CONTEXT", NULL);
	assert_string_equal(before, after);
	free(before);
	free(after);
	polyton_snapshot_destroy(snapshot);
}

static void test_another_number_is_a_mistake(void **state)
{
	(void)state;
	static const char *const texts[CELLS + 1] = { NULL };
	struct polyton_snapshot *snapshot = create();
	for (size_t count = CELLS - 1; count <= CELLS + 1; count += 2) {
		struct polyton_write_options options = { .size = sizeof(options),
							 .view = POLYTON_VIEW_SHOW,
							 .name = "CONTEXT",
							 .cell_texts = texts,
							 .cell_text_count = count };
		assert_error(polyton_snapshot_write(snapshot, &options, NULL, NULL), POLYTON_ERROR_ARGUMENT,
			     count < CELLS ? "9 texts for 10 cells of acme::CONTEXT"
					   : "11 texts for 10 cells of acme::CONTEXT");
	}
	// Other views have no singleton that they could be of.
	char *text = scene_write(snapshot, &(struct polyton_write_options){ .cell_texts = texts });
	assert_has(text, "host");
	free(text);
	polyton_snapshot_destroy(snapshot);
}

static void test_some_threads_only(void **state)
{
	(void)state;
	static const char *const texts[CELLS] = { "{seq = 1}", "{seq = 1}", "{seq = 3}" };
	static const int32_t tids[] = { 4244, 99 };
	struct polyton_snapshot *snapshot = create();
	struct polyton_write_options options = { .view = POLYTON_VIEW_SHOW,
						 .name = "CONTEXT",
						 .cell_texts = texts,
						 .cell_text_count = CELLS,
						 .tids = tids,
						 .tid_count = count_of(tids),
						 .parts = POLYTON_PART_CELLS };
	char *text = scene_write(snapshot, &options);
	assert_has(text, "2 copies, all of them used"); // what it is, is so for all of them
	assert_has(text, "\nIn host\n"
			 "   TID  THREAD           STATE         ADDRESS  VALUE\n"
			 "  4244  tokio-runtime-w  set    0x7f6000000200  {seq = 3}\n"
			 "\n");
	assert_lacks(text, "  4242  ");
	free(text);
	options.format = POLYTON_FORMAT_JSON;
	text = scene_write(snapshot, &options);
	assert_has(text, "\"cells\":[\n{\"tid\":4244,\"state\":\"set\",\"address\":\"0x7f6000000200\"");
	assert_lacks(text, "{\"tid\":4242,\"state\":\"set\"");
	free(text);
	options.tid_count = 0; // none: nobody sees anything
	options.format = POLYTON_FORMAT_TEXT;
	text = scene_write(snapshot, &options);
	assert_has(text, "\nIn host\n  not read\n");
	free(text);
	polyton_snapshot_destroy(snapshot);
}

static void test_parts(void **state)
{
	(void)state;
	static const struct {
		uint32_t part;
		const char *text;
	} parts[] = { { POLYTON_PART_FINDINGS, "\nerror PT001: " },
		      { POLYTON_PART_COPIES, "\nCopies\n" },
		      { POLYTON_PART_COPIES, "\n  symbol in host and libmod_same.so: " },
		      { POLYTON_PART_REASONS, "\nWhy there are several\n" },
		      { POLYTON_PART_CELLS, "\nIn host\n" } };
	char *whole = write_scene(&(struct polyton_write_options){ .view = POLYTON_VIEW_SHOW, .name = "CONTEXT" });
	for (uint32_t asked = POLYTON_PART_FINDINGS; asked <= POLYTON_PART_CELLS; asked *= 2) {
		char *text = write_scene(&(struct polyton_write_options){ .view = POLYTON_VIEW_SHOW,
									  .name = "CONTEXT",
									  .parts = asked });
		assert_has(text, "\ntokio::runtime::context::CONTEXT\n  A thread-local of tokio");
		for (size_t i = 0; i < count_of(parts); i++) {
			assert_has(whole, parts[i].text);
			if (parts[i].part == asked)
				assert_has(text, parts[i].text);
			else
				assert_lacks(text, parts[i].text);
		}
		free(text);
	}
	free(whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts_stand_for_values),
		cmocka_unit_test(test_the_same_stays_one),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_the_snapshot_stays_as_it_was),
		cmocka_unit_test(test_another_number_is_a_mistake),
		cmocka_unit_test(test_some_threads_only),
		cmocka_unit_test(test_parts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
