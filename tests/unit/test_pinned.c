// Which objects dlclose() will not unload, and what the report says of it.

#include "../support/check.h"

#include "../support/find_world.h"
#include "find/pinned.h"

enum { D = ELF_AT_DATA, WORD = 0x7000, UNIQUE = STB_GNU_UNIQUE };

static void add(struct find_world *world, uint64_t flags_1, const struct elf_symbol_spec *rows)
{
	static const uint8_t data[0x1000];
	struct elf_reloc_spec relocs[10] = { { 0 } };
	for (uint32_t i = 0; rows[i].name; i++)
		relocs[i] = (struct elf_reloc_spec){ WORD + 8 * i, R_X86_64_GLOB_DAT, i + 1, 0 };
	find_world_add(world, &(struct elf_spec){ .dynamic_symbols = rows,
						  .relocs = relocs,
						  .data = data,
						  .data_size = sizeof(data),
						  .flags_1 = flags_1 });
}

// Object 0 is the program, and 1 came with it; @p opened is the list of each dlopen() after that.
static void find(struct find_world *world, const char *const *opened)
{
	struct scopes *scopes = &world->link.scopes;
	made_scopes_init(scopes, world->link.count);
	uint32_t global = made_scopes_list(scopes, MADE_GLOBAL, "01");
	made_scopes_use(scopes, "01", global);
	for (; *opened; opened++) {
		made_scopes_use(scopes, *opened, global);
		made_scopes_use(scopes, *opened, made_scopes_list(scopes, MADE_LOCAL, *opened));
	}
	find_world_settle(world);
	assert_fine(pinned_find(&world->finder));
}

static void test_the_first_with_a_unique_symbol(void **state)
{
	(void)state;
	struct find_world world;
	const struct elf_symbol_spec *board = FIND_ROWS(FIND_SYMBOL("_ZN5board6placesE", UNIQUE, STT_OBJECT, D, 32));
	find_world_init(&world, EM_X86_64);
	add(&world, 0, FIND_ROWS(FIND_GLOBAL("x", D, 8)));
	add(&world, 0, FIND_ROWS(FIND_GLOBAL("y", D, 8)));
	add(&world, 0, board);
	add(&world, 0, board);
	find(&world, (const char *const[]){ "2", "3", NULL });
	const struct polyton_finding *finding = find_world_finding(&world, "PT010");
	assert_non_null(finding);
	assert_string_equal(
		finding->headline,
		"c is never unloaded: it was the first with 1 unique symbol that is in use (board::places).");
	assert_string_equal(finding->slug, "pinned-object");
	assert_int_equal(finding->severity, POLYTON_SEVERITY_NOTE);
	assert_true(finding->is_routine);
	assert_int_equal(finding->object, 2);
	assert_int_equal(finding->singleton, POLYTON_NONE);
	find_world_deinit(&world);
}

// What came with the program stays anyway.
static void test_objects_of_the_start(void **state)
{
	(void)state;
	struct find_world world;
	const struct elf_symbol_spec *board = FIND_ROWS(FIND_SYMBOL("_ZN5board6placesE", UNIQUE, STT_OBJECT, D, 32));
	find_world_init(&world, EM_X86_64);
	add(&world, 0, FIND_ROWS(FIND_GLOBAL("x", D, 8)));
	add(&world, DF_1_NODELETE, board);
	add(&world, 0, board);
	find(&world, (const char *const[]){ "2", NULL });
	assert_int_equal(world.finder.snapshot->findings.count, 0);
	find_world_deinit(&world);
}

// Only a lookup makes it so, and only of that kind.
static void test_not_pinned(void **state)
{
	(void)state;
	struct find_world world;
	find_world_init(&world, EM_X86_64);
	add(&world, 0, FIND_ROWS(FIND_GLOBAL("x", D, 8)));
	add(&world, 0, FIND_ROWS(FIND_GLOBAL("y", D, 8)));
	add(&world, 0, FIND_ROWS(FIND_SYMBOL("_ZN5board6placesE", STB_WEAK, STT_OBJECT, D, 32)));
	find(&world, (const char *const[]){ "2", NULL });
	assert_int_equal(world.finder.snapshot->findings.count, 0);
	find_world_deinit(&world);
}

static void test_many_symbols_are_counted(void **state)
{
	(void)state;
	struct find_world world;
	find_world_init(&world, EM_X86_64);
	add(&world, 0, FIND_ROWS(FIND_GLOBAL("x", D, 8)));
	add(&world, 0, FIND_ROWS(FIND_GLOBAL("y", D, 8)));
	add(&world, 0,
	    FIND_ROWS(FIND_SYMBOL("_ZGVN1n1aE", UNIQUE, STT_OBJECT, D, 8), // goes with a
		      FIND_SYMBOL("_ZN1n1aE", UNIQUE, STT_OBJECT, D + 8, 8),
		      FIND_SYMBOL("_ZN1n1bE", UNIQUE, STT_OBJECT, D + 16, 8),
		      FIND_SYMBOL("_ZN1n1cE", UNIQUE, STT_OBJECT, D + 24, 8),
		      FIND_SYMBOL("_ZN1n1dE", UNIQUE, STT_OBJECT, D + 32, 8),
		      FIND_SYMBOL("_ZN1n1eE", UNIQUE, STT_OBJECT, D + 40, 8),
		      FIND_SYMBOL("_ZN1n1fE", UNIQUE, STT_OBJECT, D + 48, 8)));
	add(&world, 0, FIND_ROWS(FIND_SYMBOL("_ZGVN1n1gE", UNIQUE, STT_OBJECT, D, 8)));
	find(&world, (const char *const[]){ "2", "3", NULL });
	assert_int_equal(world.finder.snapshot->findings.count, 2);
	assert_string_equal(world.finder.snapshot->findings.items[0].headline,
			    "c is never unloaded: it was the first with 6 unique symbols that are in use "
			    "(n::a, n::b, n::c, n::d and 2 more).");
	assert_string_equal(world.finder.snapshot->findings.items[1].headline,
			    "d is never unloaded: it was the first with 1 unique symbol that is in use "
			    "(guard variable for n::g).");
	find_world_deinit(&world);
}

static void test_it_says_so_itself(void **state)
{
	(void)state;
	struct find_world world;
	find_world_init(&world, EM_X86_64);
	add(&world, 0, FIND_ROWS(FIND_GLOBAL("x", D, 8)));
	add(&world, 0, FIND_ROWS(FIND_GLOBAL("y", D, 8)));
	add(&world, DF_1_NODELETE, FIND_ROWS(FIND_GLOBAL("z", D, 8)));
	find(&world, (const char *const[]){ "2", NULL });
	assert_string_equal(find_world_finding(&world, "PT010")->headline,
			    "c is never unloaded: it was linked with -z nodelete.");
	find_world_deinit(&world);
}

// In another namespace everything came by dlmopen(), also what stands on its global list.
static void test_another_namespace(void **state)
{
	(void)state;
	struct find_world world;
	const struct elf_symbol_spec *board = FIND_ROWS(FIND_SYMBOL("_ZN5board6placesE", UNIQUE, STT_OBJECT, D, 32));
	find_world_init(&world, EM_X86_64);
	add(&world, 0, FIND_ROWS(FIND_GLOBAL("x", D, 8)));
	add(&world, 0, board);
	add(&world, 0, board);
	world.link.objects[2].name_space = 1;
	struct scopes *scopes = &world.link.scopes;
	made_scopes_init(scopes, 3);
	made_scopes_use(scopes, "01", made_scopes_list(scopes, MADE_GLOBAL, "01"));
	made_scopes_use(scopes, "2", made_scopes_list(scopes, MADE_GLOBAL, "2"));
	find_world_settle(&world);
	assert_fine(pinned_find(&world.finder));
	assert_int_equal(find_world_finding(&world, "PT010")->object, 2);
	find_world_deinit(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_first_with_a_unique_symbol),
		cmocka_unit_test(test_objects_of_the_start),
		cmocka_unit_test(test_not_pinned),
		cmocka_unit_test(test_many_symbols_are_counted),
		cmocka_unit_test(test_it_says_so_itself),
		cmocka_unit_test(test_another_namespace),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
