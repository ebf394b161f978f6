// From addresses to objects and symbols, and from places to numbers.

#include "../support/check.h"

#include "../support/find_object.h"
#include "find/placemap.h"
#include "find/places.h"

enum { D = ELF_AT_DATA };

static const struct elf_symbol_spec symbols[] = {
	FIND_SYMBOL("free", STB_GLOBAL, STT_FUNC, 0x200, 32),
	FIND_SYMBOL("__libc_free", STB_GLOBAL, STT_FUNC, 0x200, 32),
	FIND_SYMBOL("cfree@GLIBC_2.2.5", STB_GLOBAL, STT_FUNC, 0x200, 32),
	FIND_SYMBOL("memcpy@@GLIBC_2.14", STB_GLOBAL, STT_GNU_IFUNC, 0x300, 32),
	FIND_SYMBOL("fast_copy", STB_LOCAL, STT_FUNC, 0x400, 32),
	FIND_GLOBAL("later", D + 16, 8),
	FIND_GLOBAL("first_byte", D, 1),
	FIND_GLOBAL("whole", D, 8),
	FIND_GLOBAL("empty", D + 24, 0),
	FIND_SYMBOL("label", STB_GLOBAL, STT_NOTYPE, D + 24, 8),
	FIND_TLS("slot", 0x500, 8),
	{ "elsewhere", 0x600, 8, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, SHN_UNDEF },
	{ 0 },
};

struct atlas {
	struct object_input objects[3];
	struct polyton_snapshot *snapshot;
	struct places *places;
};

static int set_up(void **state)
{
	static struct atlas atlas;
	atlas.snapshot = find_snapshot(3);
	for (size_t i = 0; i < count_of(atlas.objects); i++)
		find_object_init(&atlas.objects[i], i == 1 ? symbols : NULL, NULL);
	// Not in the order of addresses.
	struct polyton_object *rows = atlas.snapshot->objects.items;
	rows[0].load_bias = rows[0].start = 0x9000000000;
	rows[0].end = 0x9000010000;
	assert_fine(places_create(atlas.snapshot, atlas.objects, &atlas.places));
	*state = &atlas;
	return 0;
}

static int tear_down(void **state)
{
	struct atlas *atlas = *state;
	places_destroy(atlas->places);
	polyton_snapshot_destroy(atlas->snapshot);
	for (size_t i = 0; i < count_of(atlas->objects); i++)
		find_object_deinit(&atlas->objects[i]);
	return 0;
}

static void assert_place(struct atlas *atlas, uint64_t address, uint32_t object, const char *symbol, uint64_t offset)
{
	struct place place;
	assert_true(places_find(atlas->places, address, &place));
	assert_int_equal(place.object, object);
	assert_string_equal(place.symbol, symbol);
	assert_int_equal(place.offset, offset);
}

static void test_symbols_that_cover(void **state)
{
	const uint64_t bias = 2 * (uint64_t)FIND_BIAS;
	assert_place(*state, bias + D + 16, 1, "later", 0);
	assert_place(*state, bias + D + 23, 1, "later", 7);
	assert_place(*state, bias + D + 24, 1, "", D + 24); // one behind its end
	assert_place(*state, bias + D + 12, 1, "", D + 12);
	assert_place(*state, bias + 0x21f, 1, "free", 31);
	assert_place(*state, bias + 0x100, 1, "", 0x100); // before all
	assert_place(*state, bias + 0x500, 1, "", 0x500); // a thread-local's offset is no address
	assert_place(*state, bias + 0x600, 1, "", 0x600);
	assert_place(*state, bias + 0xffff, 1, "", 0xffff);
}

// Of aliases the first in the table that is long enough.
static void test_aliases(void **state)
{
	const uint64_t bias = 2 * (uint64_t)FIND_BIAS;
	assert_place(*state, bias + D, 1, "first_byte", 0);
	assert_place(*state, bias + D + 1, 1, "whole", 1);
	assert_place(*state, bias + 0x200, 1, "free", 0);
}

static void test_objects_by_range(void **state)
{
	struct atlas *atlas = *state;
	struct place place;
	assert_place(atlas, 0x9000000010, 0, "", 0x10);
	assert_place(atlas, 3 * (uint64_t)FIND_BIAS, 2, "", 0);
	assert_false(places_find(atlas->places, 3 * (uint64_t)FIND_BIAS + 0x10000, &place));
	assert_false(places_find(atlas->places, 2 * (uint64_t)FIND_BIAS - 1, &place));
	assert_false(places_find(atlas->places, 0, &place));
	assert_false(places_find(atlas->places, UINT64_MAX, &place));
}

static void test_names_at_places(void **state)
{
	struct places *places = ((struct atlas *)*state)->places;
	const uint64_t bias = 2 * (uint64_t)FIND_BIAS;
	assert_true(places_has_name(places, bias + 0x200, "free"));
	assert_true(places_has_name(places, bias + 0x200, "__libc_free"));
	assert_true(places_has_name(places, bias + 0x200, "cfree"));
	assert_false(places_has_name(places, bias + 0x200, "fre"));
	assert_false(places_has_name(places, bias + 0x200, "freed"));
	assert_false(places_has_name(places, bias + 0x201, "free"));
	assert_false(places_has_name(places, bias + 0x400, "free"));
	// A resolver may have chosen any place of its object, but none of another.
	assert_true(places_has_name(places, bias + 0x400, "memcpy"));
	assert_false(places_has_name(places, 0x9000000400, "memcpy"));
	assert_false(places_has_name(places, 0, "memcpy"));
}

static void test_no_objects(void **state)
{
	(void)state;
	struct polyton_snapshot *snapshot = find_snapshot(0);
	struct places *places;
	struct place place;
	assert_fine(places_create(snapshot, NULL, &places));
	assert_false(places_find(places, 0x1000, &place));
	places_destroy(places);
	places_destroy(NULL);
	polyton_snapshot_destroy(snapshot);
}

static void test_placemap_keys(void **state)
{
	(void)state;
	struct placemap map = { 0 };
	uint32_t *at = placemap_at(&map, 1, POLYTON_KIND_TLS, 8, 5);
	assert_non_null(at);
	assert_int_equal(*at, 5);
	*at = 6;
	assert_int_equal(*placemap_at(&map, 1, POLYTON_KIND_TLS, 8, 7), 6);
	assert_null(placemap_find(&map, 1, POLYTON_KIND_STATIC, 8));
	assert_null(placemap_find(&map, 2, POLYTON_KIND_TLS, 8));
	assert_null(placemap_find(&map, 1, POLYTON_KIND_TLS, 9));
	for (uint32_t i = 0; i < 5000; i++)
		assert_non_null(placemap_at(&map, i % 7, POLYTON_KIND_STATIC, i * 8, i));
	for (uint32_t i = 0; i < 5000; i++)
		assert_int_equal(*placemap_find(&map, i % 7, POLYTON_KIND_STATIC, i * 8), i);
	assert_int_equal(*placemap_find(&map, 1, POLYTON_KIND_TLS, 8), 6);
	placemap_deinit(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_symbols_that_cover, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_aliases, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_objects_by_range, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_names_at_places, set_up, tear_down),
		cmocka_unit_test(test_no_objects),
		cmocka_unit_test(test_placemap_keys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
