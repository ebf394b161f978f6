// When static TLS is nearly used up, and who has taken it.

#include "../support/check.h"

#include <stdlib.h>

#include "../support/find_object.h"
#include "../support/scene.h"
#include "find/pressure.h"

enum { OBJECTS = 8 };

static int set_up(void **state)
{
	struct polyton_snapshot *snapshot = find_snapshot(OBJECTS);
	snapshot->tls_budget = (struct polyton_tls_budget){ .is_known = true,
							    .why = "",
							    .size = 1856,
							    .used = 192,
							    .free = 1664,
							    .surplus = 1664 };
	// "a" is there from the start, with module 1.
	snapshot->objects.items[0].tls_placement = POLYTON_TLS_STATIC;
	snapshot->objects.items[0].tls_module = 1;
	snapshot->objects.items[0].tls_generation = 1;
	snapshot->objects.items[0].tls_size = 144;
	snapshot->objects.items[0].tls_offset = 144;
	*state = snapshot;
	return 0;
}

static int tear_down(void **state)
{
	polyton_snapshot_destroy(*state);
	return 0;
}

static void load(struct polyton_snapshot *snapshot, uint32_t object, enum polyton_tls_placement placement,
		 uint64_t size)
{
	struct polyton_object *row = &snapshot->objects.items[object];
	row->tls_placement = placement;
	row->tls_module = object + 1;
	row->tls_generation = object + 1;
	row->tls_size = size;
	row->tls_offset = 64;
}

static const struct polyton_finding *find(struct polyton_snapshot *snapshot, uint64_t free, uint64_t surplus)
{
	snapshot->findings.count = 0;
	snapshot->tls_budget.free = free;
	snapshot->tls_budget.surplus = surplus;
	assert_fine(pressure_find(snapshot));
	assert_true(snapshot->findings.count < 2);
	return snapshot->findings.count ? &snapshot->findings.items[0] : NULL;
}

static void test_when(void **state)
{
	struct polyton_snapshot *snapshot = *state;
	assert_null(find(snapshot, 1712, 1664));
	assert_null(find(snapshot, 416, 1664));
	assert_non_null(find(snapshot, 415, 1664));
	assert_non_null(find(snapshot, 0, 1664));
	assert_null(find(snapshot, 288, 288)); // the least there is, all of it left
	assert_null(find(snapshot, 256, 288));
	assert_non_null(find(snapshot, 255, 288));
	assert_null(find(snapshot, 1312, 5248));
	assert_non_null(find(snapshot, 1311, 5248));
	snapshot->tls_budget.is_known = false;
	assert_null(find(snapshot, 0, 0));
}

static void test_words(void **state)
{
	struct polyton_snapshot *snapshot = *state;
	load(snapshot, 1, POLYTON_TLS_STATIC, 64);
	load(snapshot, 2, POLYTON_TLS_STATIC, 1024);
	load(snapshot, 3, POLYTON_TLS_DYNAMIC, 5000);
	load(snapshot, 4, POLYTON_TLS_UNDECIDED, 6000);
	const struct polyton_finding *finding = find(snapshot, 96, 1664);
	assert_non_null(finding);
	assert_string_equal(finding->rule, "PT011");
	assert_string_equal(finding->slug, "static-tls-pressure");
	assert_int_equal(finding->severity, POLYTON_SEVERITY_WARNING);
	assert_int_equal(finding->confidence, POLYTON_CONFIDENCE_CERTAIN);
	assert_int_equal(finding->object, POLYTON_NONE);
	assert_int_equal(finding->singleton, POLYTON_NONE);
	assert_int_equal(finding->library, POLYTON_NONE);
	assert_false(finding->is_routine);
	assert_string_equal(finding->headline,
			    "Static TLS is nearly used up: of the 1664 bytes for libraries that are "
			    "loaded later, 96 are left.");
	const char start[] =
		"c took 1024 bytes and b 64; the next library with initial-exec thread-locals may not load";
	assert_int_equal(strncmp(finding->detail, start, strlen(start)), 0);
	assert_non_null(strstr(finding->detail, "GLIBC_TUNABLES=glibc.rtld.optional_static_tls="));
}

static void test_many_takers(void **state)
{
	struct polyton_snapshot *snapshot = *state;
	for (uint32_t i = 1; i < OBJECTS; i++)
		load(snapshot, i, POLYTON_TLS_STATIC, 200);
	const struct polyton_finding *finding = find(snapshot, 96, 1664);
	const char start[] = "b took 200 bytes, c 200, d 200, e 200 and 3 more the rest; the next";
	assert_int_equal(strncmp(finding->detail, start, strlen(start)), 0);
}

static void test_nobody_known_to_have_taken_it(void **state)
{
	struct polyton_snapshot *snapshot = *state;
	const char start[] = "The next library";
	assert_int_equal(strncmp(find(snapshot, 96, 1664)->detail, start, strlen(start)), 0);
	snapshot->objects.items[0].tls_module = 0; // nor who was there first
	load(snapshot, 1, POLYTON_TLS_STATIC, 64);
	assert_int_equal(strncmp(find(snapshot, 96, 1664)->detail, start, strlen(start)), 0);
}

// With audit modules even what the program is linked with is loaded later, the audit module's libc first of all.
static void test_place_tells_too(void **state)
{
	struct polyton_snapshot *snapshot = *state;
	uint32_t *takers;
	size_t count;
	snapshot->tls_budget.size = 1984;
	snapshot->tls_budget.surplus = 1952;
	assert_fine(pressure_takers(snapshot, &takers, &count));
	assert_int_equal(count, 1);
	assert_int_equal(takers[0], 0);
	free(takers);
	snapshot->tls_budget.size = 1952 + 144;
	assert_fine(pressure_takers(snapshot, &takers, &count));
	assert_int_equal(count, 0);
	free(takers);
}

static void check_view(struct polyton_snapshot *snapshot, enum polyton_format format, const char *wanted)
{
	const struct polyton_write_options options = { .size = sizeof(options),
						       .view = POLYTON_VIEW_TLS,
						       .format = format };
	char *text = scene_write(snapshot, &options);
	assert_has(text, wanted);
	free(text);
}

static void test_view(void **state)
{
	struct polyton_snapshot *snapshot = *state;
	snapshot->subject = (struct polyton_subject){ .name = "host", .path = "/host", .machine = "", .libc = "" };
	snapshot->tls_budget.optional = 512;
	check_view(
		snapshot, POLYTON_FORMAT_TEXT,
		"\nStatic TLS: 1664 of 1856 bytes left for libraries loaded later, 1664 were set aside for them.\n");
	load(snapshot, 1, POLYTON_TLS_STATIC, 64);
	load(snapshot, 2, POLYTON_TLS_STATIC, 128);
	check_view(snapshot, POLYTON_FORMAT_TEXT, " set aside for them; used by: c 128, b 64.\n");
	check_view(snapshot, POLYTON_FORMAT_JSON,
		   ",\n\"budget\":{\"size\":1856,\"used\":192,\"free\":1664,\"surplus\":1664,\"optional\":512},\n");
	snapshot->tls_budget = (struct polyton_tls_budget){ .why = "no reason" };
	check_view(snapshot, POLYTON_FORMAT_TEXT, "\nStatic TLS: not known (no reason).\n");
	check_view(snapshot, POLYTON_FORMAT_JSON, ",\n\"budget\":null,\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_when, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_words, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_many_takers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_nobody_known_to_have_taken_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_place_tells_too, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_view, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
