// Which copies are used, by the words that the loader wrote.

#include "../support/check.h"

#include <stdlib.h>

#include "../support/find_object.h"
#include "find/binding.h"
#include "find/rows.h"

enum { D = ELF_AT_DATA };

/** Objects a (the program), b, c, with the singletons that they share. */
struct world {
	struct object_input objects[3];
	uint32_t count;
	struct polyton_snapshot *snapshot;
	references found;
};

static const struct elf_file some_file;

// From what each object exports, and what it defines (NULL: nothing else).
static struct world world_create(const struct elf_symbol_spec *const *exported,
				 const struct elf_symbol_spec *const *all)
{
	struct world world = { 0 };
	struct drafts drafts;
	struct crate_lists crates;
	for (; world.count < 3 && exported[world.count]; world.count++)
		find_object_init(&world.objects[world.count], all ? all[world.count] : NULL, exported[world.count]);
	world.snapshot = find_snapshot(world.count);
	world.snapshot->objects.items[0].is_program = true;
	for (uint32_t i = 0; i < world.count; i++) {
		world.snapshot->objects.items[i].tls_module = i + 1;
		world.snapshot->objects.items[i].tls_placement = POLYTON_TLS_DYNAMIC;
	}
	assert_fine(drafts_find(world.objects, world.count, &drafts));
	assert_fine(evidence_weigh(&drafts));
	assert_fine(crate_lists_init(&crates, world.objects, world.count, &world.snapshot->arena));
	assert_fine(rows_build(&drafts, &crates, world.snapshot));
	crate_lists_deinit(&crates);
	drafts_deinit(&drafts);
	for (uint32_t i = 0; i < world.count; i++)
		world.objects[i].file = &some_file;
	return world;
}

#define WORLD(...) world_create((const struct elf_symbol_spec *const[]){ __VA_ARGS__, NULL }, NULL)

static void world_end(struct world *world)
{
	vec_deinit(&world->found);
	polyton_snapshot_destroy(world->snapshot);
	for (uint32_t i = 0; i < world->count; i++)
		find_object_deinit(&world->objects[i]);
}

static uint64_t address(uint32_t object, uint64_t place)
{
	return (uint64_t)FIND_BIAS * (object + 1) + place;
}

// The word of @p object for the only singleton.
static void refer(struct world *world, uint32_t object, enum reference_kind kind, uint64_t value)
{
	struct reference *reference = vec_push(&world->found);
	assert_non_null(reference);
	*reference = (struct reference){ object, 0, kind, value };
}

// "Ls": the first object's copy is live, the second's shadowed.
static void settle(struct world *world, const char *uses)
{
	uint32_t live = 0;
	assert_fine(binding_settle(world->snapshot, world->objects, &world->found));
	assert_int_equal(world->snapshot->singletons.count, 1);
	assert_int_equal(world->snapshot->copies.count, strlen(uses));
	for (size_t i = 0; uses[i]; i++) {
		bool is_live = world->snapshot->copies.items[i].use == POLYTON_USE_LIVE;
		if (is_live != (uses[i] == 'L'))
			print_error("copy %zu of %s\n", i, uses);
		assert_int_equal(is_live, uses[i] == 'L');
		live += is_live;
		if (is_live)
			assert_int_equal(world->snapshot->copies.items[i].bound_to, POLYTON_NONE);
	}
	assert_int_equal(world->snapshot->singletons.items[0].live_count, live);
}

static uint32_t bound_to(const struct world *world, uint32_t copy)
{
	return world->snapshot->copies.items[copy].bound_to;
}

static void test_interposed_by_the_program(void **state)
{
	(void)state;
	struct world world = WORLD(FIND_ROWS(FIND_GLOBAL("x", D, 8)), FIND_ROWS(FIND_GLOBAL("x", D + 8, 8)),
				   FIND_ROWS(FIND_GLOBAL("x", D + 16, 8)));
	refer(&world, 1, REFERENCE_ADDRESS, address(0, D));
	refer(&world, 2, REFERENCE_ADDRESS, address(0, D));
	settle(&world, "Lss");
	assert_int_equal(bound_to(&world, 1), 0);
	assert_int_equal(bound_to(&world, 2), 0);
	world_end(&world);
}

static void test_each_its_own(void **state)
{
	(void)state;
	struct world world = WORLD(FIND_ROWS(FIND_GLOBAL("x", D, 8)), FIND_ROWS(FIND_GLOBAL("x", D + 8, 8)),
				   FIND_ROWS(FIND_GLOBAL("x", D + 16, 8)));
	refer(&world, 1, REFERENCE_ADDRESS, address(1, D + 8));
	refer(&world, 2, REFERENCE_ADDRESS, address(2, D + 16));
	settle(&world, "LLL");
	world_end(&world);
}

// The program got a copy of the library's variable, and the library uses that.
static void test_copy_relocation(void **state)
{
	(void)state;
	struct world world = WORLD(FIND_ROWS(FIND_GLOBAL("x", FIND_BSS, 8)), FIND_ROWS(FIND_GLOBAL("x", D + 8, 8)));
	refer(&world, 0, REFERENCE_COPY, address(0, FIND_BSS));
	refer(&world, 1, REFERENCE_ADDRESS, address(0, FIND_BSS));
	settle(&world, "Ls");
	assert_int_equal(bound_to(&world, 1), 0);
	world_end(&world);
}

// An exported copy that its own object does not refer to lives by what others do.
static void test_used_by_others_only(void **state)
{
	(void)state;
	struct world world = WORLD(FIND_ROWS(FIND_GLOBAL("y", D, 8)), FIND_ROWS(FIND_GLOBAL("x", D + 8, 8)),
				   FIND_ROWS(FIND_GLOBAL("x", D + 16, 8)));
	settle(&world, "ss");
	assert_int_equal(bound_to(&world, 0), POLYTON_NONE);
	world_end(&world);

	world = WORLD(FIND_ROWS(FIND_GLOBAL("y", D, 8)), FIND_ROWS(FIND_GLOBAL("x", D + 8, 8)),
		      FIND_ROWS(FIND_GLOBAL("x", D + 16, 8)));
	refer(&world, 0, REFERENCE_ADDRESS, address(1, D + 8));
	settle(&world, "Ls");
	world_end(&world);
}

static void test_bound_at_link_time(void **state)
{
	(void)state;
	static const struct elf_symbol_spec rows[] = { FIND_GLOBAL("x", D, 8), { 0 } };
	static const struct elf_symbol_spec guarded[] = { { "x", D, 8, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT),
							    STV_PROTECTED, 1 },
							  { 0 } };
	struct world world = WORLD(rows, rows, guarded);
	settle(&world, "LsL");
	world_end(&world);

	world = WORLD(rows, rows, rows);
	world.objects[1].dynamic.is_symbolic = true;
	settle(&world, "LLs");
	world_end(&world);

	// -Bsymbolic that refers by a word all the same (unique symbols do) is as the word says.
	world = WORLD(rows, rows, rows);
	world.objects[1].dynamic.is_symbolic = true;
	refer(&world, 1, REFERENCE_ADDRESS, address(0, D));
	settle(&world, "Lss");
	world_end(&world);
}

// Code reaches what is not exported directly, whatever another word of that name leads to.
static void test_not_exported_is_live(void **state)
{
	(void)state;
	const struct elf_symbol_spec *exported[] = { FIND_ROWS(FIND_GLOBAL("x", D, 8)),
						     FIND_ROWS(FIND_GLOBAL("y", D + 8, 8)), NULL };
	const struct elf_symbol_spec *all[] = { FIND_ROWS(FIND_GLOBAL("x", D, 8)),
						FIND_ROWS(FIND_GLOBAL("x", D + 16, 8)) };
	struct world world = world_create(exported, all);
	refer(&world, 1, REFERENCE_ADDRESS, address(0, D));
	settle(&world, "LL");
	world_end(&world);
}

static void test_unique_symbols_merge(void **state)
{
	(void)state;
	static const struct elf_symbol_spec unique[] = { FIND_SYMBOL("x", STB_GNU_UNIQUE, STT_OBJECT, D, 8), { 0 } };
	static const struct elf_symbol_spec weak[] = { FIND_SYMBOL("x", STB_WEAK, STT_OBJECT, D, 8), { 0 } };
	struct world world = WORLD(FIND_ROWS(FIND_GLOBAL("y", D, 8)), unique, unique);
	refer(&world, 1, REFERENCE_ADDRESS, address(2, D)); // the winner may be a plug-in
	refer(&world, 2, REFERENCE_ADDRESS, address(2, D));
	settle(&world, "sL");
	assert_int_equal(bound_to(&world, 0), 1);
	assert_true(world.snapshot->copies.items[0].is_unique);
	world_end(&world);

	// Not with a weak one of clang.
	world = WORLD(FIND_ROWS(FIND_GLOBAL("y", D, 8)), unique, weak);
	refer(&world, 1, REFERENCE_ADDRESS, address(1, D));
	refer(&world, 2, REFERENCE_ADDRESS, address(2, D));
	settle(&world, "LL");
	world_end(&world);
}

static void test_thread_locals_by_module(void **state)
{
	(void)state;
	struct world world =
		WORLD(FIND_ROWS(FIND_TLS("x", 0, 8)), FIND_ROWS(FIND_TLS("x", 8, 8)), FIND_ROWS(FIND_TLS("x", 0, 8)));
	// An exported thread-local of the program interposes: "defined in b" does not mean "used by b".
	refer(&world, 1, REFERENCE_TLS_MODULE, 1);
	refer(&world, 2, REFERENCE_TLS_MODULE, 3);
	settle(&world, "LsL");
	assert_int_equal(bound_to(&world, 1), 0);
	world_end(&world);
}

static void test_thread_locals_by_distance(void **state)
{
	(void)state;
	struct world world = WORLD(FIND_ROWS(FIND_TLS("x", 0x10, 8)), FIND_ROWS(FIND_TLS("x", 8, 8)),
				   FIND_ROWS(FIND_TLS("x", 0, 8)));
	for (uint32_t i = 0; i < 3; i++) {
		world.snapshot->objects.items[i].tls_placement = POLYTON_TLS_STATIC;
		world.snapshot->objects.items[i].tls_offset = 0x40 * (i + 1);
	}
	refer(&world, 1, REFERENCE_TLS_STATIC, (uint64_t)(0x10 - 0x40));
	refer(&world, 2, REFERENCE_TLS_STATIC, (uint64_t)-0xc0);
	settle(&world, "LsL");
	assert_int_equal(bound_to(&world, 1), 0);
	world_end(&world);

	// Above the thread pointer, as on aarch64.
	world = WORLD(FIND_ROWS(FIND_TLS("x", 0x10, 8)), FIND_ROWS(FIND_TLS("x", 8, 8)));
	world.snapshot->objects.items[0].tls_placement = POLYTON_TLS_STATIC;
	world.snapshot->objects.items[0].tls_offset = 0x20;
	refer(&world, 1, REFERENCE_TLS_STATIC, 0x30);
	settle(&world, "Ls");
	world_end(&world);

	// Without a fixed place there is no distance that could match.
	world = WORLD(FIND_ROWS(FIND_GLOBAL("y", D, 8)), FIND_ROWS(FIND_TLS("x", 0, 8)),
		      FIND_ROWS(FIND_TLS("x", 8, 8)));
	refer(&world, 2, REFERENCE_TLS_STATIC, 0);
	settle(&world, "sL");
	world_end(&world);
}

// A word that leads to none of the copies says nothing against its object's own.
static void test_what_leads_nowhere_is_no_proof(void **state)
{
	(void)state;
	struct world world = WORLD(FIND_ROWS(FIND_GLOBAL("x", D, 8)), FIND_ROWS(FIND_GLOBAL("x", D + 8, 8)));
	refer(&world, 1, REFERENCE_ADDRESS, address(0, D + 1));
	settle(&world, "LL");
	world_end(&world);
	// Code of the program reaches what the program defines.
	world = WORLD(FIND_ROWS(FIND_GLOBAL("x", D, 8)), FIND_ROWS(FIND_GLOBAL("x", D + 8, 8)));
	refer(&world, 0, REFERENCE_ADDRESS, address(1, D + 8));
	settle(&world, "LL");
	world_end(&world);
	// A thread-local has no address of its own to compare with.
	world = WORLD(FIND_ROWS(FIND_TLS("x", 0, 8)), FIND_ROWS(FIND_TLS("x", 8, 8)));
	refer(&world, 1, REFERENCE_ADDRESS, 0);
	settle(&world, "LL");
	world_end(&world);
	// A module id is no address.
	world = WORLD(FIND_ROWS(FIND_GLOBAL("x", D, 8)), FIND_ROWS(FIND_GLOBAL("x", D + 8, 8)));
	refer(&world, 1, REFERENCE_TLS_MODULE, 1);
	settle(&world, "LL");
	world_end(&world);
}

static void test_without_a_file_nothing_is_shadowed(void **state)
{
	(void)state;
	struct world world = WORLD(FIND_ROWS(FIND_GLOBAL("x", D, 8)), FIND_ROWS(FIND_GLOBAL("x", D + 8, 8)));
	world.objects[1].file = NULL;
	settle(&world, "LL");
	world_end(&world);
}

static void test_names_of_copies(void **state)
{
	(void)state;
	struct world world =
		WORLD(FIND_ROWS(FIND_GLOBAL("x", D, 8), FIND_GLOBAL("also_x", D, 8), FIND_GLOBAL("alone", D + 8, 8),
				FIND_SYMBOL("run", STB_GLOBAL, STT_FUNC, D, 8),
				{ "wanted", D, 8, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, SHN_UNDEF }),
		      FIND_ROWS(FIND_TLS("slot", 16, 8), FIND_GLOBAL("x", D + 8, 8)),
		      FIND_ROWS(FIND_TLS("slot", 8, 8)));
	struct strmap names = { 0 };
	assert_fine(binding_names(world.snapshot, world.objects, &names));
	const uint32_t *x = strmap_find(&names, "x", 1), *alias = strmap_find(&names, "also_x", 6);
	assert_non_null(x);
	assert_non_null(alias);
	assert_string_equal(world.snapshot->singletons.items[*x].name, "x");
	assert_int_equal(*alias, *x);
	const uint32_t *slot = strmap_find(&names, "slot", 4);
	assert_non_null(slot);
	assert_string_equal(world.snapshot->singletons.items[*slot].name, "slot");
	assert_null(strmap_find(&names, "alone", 5));
	assert_null(strmap_find(&names, "run", 3));
	assert_null(strmap_find(&names, "wanted", 6));
	strmap_deinit(&names);
	world_end(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_interposed_by_the_program),
		cmocka_unit_test(test_each_its_own),
		cmocka_unit_test(test_copy_relocation),
		cmocka_unit_test(test_used_by_others_only),
		cmocka_unit_test(test_bound_at_link_time),
		cmocka_unit_test(test_not_exported_is_live),
		cmocka_unit_test(test_unique_symbols_merge),
		cmocka_unit_test(test_thread_locals_by_module),
		cmocka_unit_test(test_thread_locals_by_distance),
		cmocka_unit_test(test_what_leads_nowhere_is_no_proof),
		cmocka_unit_test(test_without_a_file_nothing_is_shadowed),
		cmocka_unit_test(test_names_of_copies),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
