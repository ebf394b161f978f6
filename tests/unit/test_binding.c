// Which copies are used, and by whom, from what each reference was bound to.

#include "../support/check.h"

#include <stdlib.h>

#include "../support/find_object.h"
#include "find/binding.h"
#include "find/rows.h"

enum { D = ELF_AT_DATA };

/** Objects a (the program), b, c, with the singletons that they share. */
struct world {
	struct object_input objects[3];
	struct elf_lookup lookups[3];
	struct link_object linked[3];
	uint32_t count;
	struct polyton_snapshot *snapshot;
	references found;
};

static struct elf_file some_tables;

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
	assert_fine(drafts_find(world.objects, world.count, &drafts));
	assert_fine(evidence_weigh(&drafts, NULL));
	assert_fine(crate_lists_init(&crates, world.objects, world.count));
	assert_fine(rows_build(&drafts, &crates, world.snapshot));
	crate_lists_deinit(&crates);
	drafts_deinit(&drafts);
	for (uint32_t i = 0; i < world.count; i++)
		world.objects[i].tables = &some_tables;
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

static uint32_t symbol_of(const struct world *world, uint32_t object, const char *name)
{
	const struct elf_symbols *symbols = &world->objects[object].exported;
	for (uint32_t i = 1; i < symbols->count; i++) {
		if (strcmp(elf_symbol_name(symbols, &symbols->entries[i]), name) == 0)
			return i;
	}
	fail_msg("object %u has no %s", object, name);
	return 0;
}

// @p object's reference to @p name got the definition of that name in @p provider, or none.
static void refer_by(struct world *world, enum polyton_reference_kind kind, uint32_t object, const char *name,
		     uint32_t provider)
{
	struct reference *reference = vec_push(&world->found);
	assert_non_null(reference);
	*reference = (struct reference){ .object = object,
					 .symbol = symbol_of(world, object, name),
					 .kind = kind,
					 .has_variable = true,
					 .bound_to = { provider, NULL } };
	if (provider != POLYTON_NONE)
		reference->bound_to.symbol =
			&world->objects[provider].exported.entries[symbol_of(world, provider, name)];
}

static void refer(struct world *world, uint32_t object, uint32_t provider)
{
	refer_by(world, POLYTON_REFERENCE_DATA, object, "x", provider);
}

static void settle_all(struct world *world)
{
	struct resolver resolver = { .objects = world->linked, .count = world->count };
	const struct linkage linkage = { &resolver, &world->found, NULL };
	for (uint32_t i = 0; i < world->count; i++) {
		world->lookups[i].symbols = world->objects[i].exported;
		world->linked[i].lookup = &world->lookups[i];
	}
	assert_fine(binding_settle(world->snapshot, world->objects, &linkage));
}

// "Ls": the first object's copy is live, the second's shadowed.
static void settle(struct world *world, const char *uses)
{
	uint32_t live = 0;
	settle_all(world);
	assert_int_equal(world->snapshot->singletons.count, 1);
	assert_int_equal(world->snapshot->copies.count, strlen(uses));
	for (size_t i = 0; uses[i]; i++) {
		const struct polyton_copy *copy = &world->snapshot->copies.items[i];
		bool is_live = copy->use == POLYTON_USE_LIVE;
		if (is_live != (uses[i] == 'L'))
			print_error("copy %zu of %s\n", i, uses);
		assert_int_equal(is_live, uses[i] == 'L');
		assert_int_equal(is_live, copy->user_count > 0);
		live += is_live;
		if (is_live)
			assert_int_equal(copy->bound_to, POLYTON_NONE);
	}
	assert_int_equal(world->snapshot->singletons.items[0].live_count, live);
}

static uint32_t bound_to(const struct world *world, uint32_t copy)
{
	return world->snapshot->copies.items[copy].bound_to;
}

// Whose code reaches it: "01".
static void check_users(const struct world *world, uint32_t index, const char *wanted)
{
	char said[16] = "";
	const struct polyton_copy *copy = &world->snapshot->copies.items[index];
	assert_true(copy->user_count < sizeof(said));
	for (uint32_t i = 0; i < copy->user_count; i++)
		said[i] = (char)('0' + copy->users[i]);
	assert_string_equal(said, wanted);
}

#define WANTED(name, type)                                                \
	{                                                                 \
		name, 0, 0, ELF64_ST_INFO(STB_GLOBAL, type), 0, SHN_UNDEF \
	}

static void test_interposed_by_the_program(void **state)
{
	(void)state;
	struct world world = WORLD(FIND_ROWS(FIND_GLOBAL("x", D, 8)), FIND_ROWS(FIND_GLOBAL("x", D + 8, 8)),
				   FIND_ROWS(FIND_GLOBAL("x", D + 16, 8)));
	refer(&world, 2, 0);
	refer(&world, 1, 0);
	settle(&world, "Lss");
	assert_int_equal(bound_to(&world, 1), 0);
	assert_int_equal(bound_to(&world, 2), 0);
	check_users(&world, 0, "012"); // the program's code reaches its own without a trace
	check_users(&world, 1, "");
	world_end(&world);
}

static void test_each_its_own(void **state)
{
	(void)state;
	struct world world = WORLD(FIND_ROWS(FIND_GLOBAL("x", D, 8)), FIND_ROWS(FIND_GLOBAL("x", D + 8, 8)),
				   FIND_ROWS(FIND_GLOBAL("x", D + 16, 8)));
	refer(&world, 1, 1);
	refer(&world, 2, 2);
	settle(&world, "LLL");
	for (uint32_t i = 0; i < 3; i++)
		check_users(&world, i, (const char[]){ (char)('0' + i), '\0' });
	world_end(&world);
}

// The program got a copy of the library's variable, and the library uses that.
static void test_copy_relocation(void **state)
{
	(void)state;
	struct world world = WORLD(FIND_ROWS(FIND_GLOBAL("x", FIND_BSS, 8)), FIND_ROWS(FIND_GLOBAL("x", D + 8, 8)));
	refer_by(&world, POLYTON_REFERENCE_COPY, 0, "x", 1);
	refer(&world, 1, 0);
	settle(&world, "Ls");
	assert_int_equal(bound_to(&world, 1), 0);
	check_users(&world, 0, "01");
	world_end(&world);

	// A library that never asks for its own: the copy has won all the same, and that is known by the COPY alone.
	world = WORLD(FIND_ROWS(FIND_GLOBAL("x", FIND_BSS, 8)), FIND_ROWS(FIND_GLOBAL("x", D + 8, 8)));
	refer_by(&world, POLYTON_REFERENCE_COPY, 0, "x", 1);
	settle(&world, "Ls");
	assert_int_equal(bound_to(&world, 1), 0);
	world_end(&world);
}

// The same of a program that was found in a folder: it is not the host of the library there, so its place stands in
// for the library's, whichever of its references comes first.
static void test_copy_of_a_program_that_is_no_host(void **state)
{
	(void)state;
	for (int is_last = 0; is_last < 2; is_last++) {
		struct world world =
			WORLD(FIND_ROWS(FIND_GLOBAL("x", FIND_BSS, 8)), FIND_ROWS(FIND_GLOBAL("x", D + 8, 8)));
		world.objects[0].party = 1;
		if (!is_last)
			refer_by(&world, POLYTON_REFERENCE_COPY, 0, "x", 1);
		refer(&world, 0, 0);
		if (is_last)
			refer_by(&world, POLYTON_REFERENCE_COPY, 0, "x", 1);
		refer(&world, 1, 1);
		settle(&world, "sL");
		assert_int_equal(bound_to(&world, 0), 1);
		check_users(&world, 1, "1");
		world_end(&world);
	}
}

// An exported copy that its own object does not refer to lives by what others do.
static void test_used_by_others_only(void **state)
{
	(void)state;
	const struct elf_symbol_spec *program = FIND_ROWS(FIND_GLOBAL("y", D, 8), WANTED("x", STT_OBJECT));
	struct world world =
		WORLD(program, FIND_ROWS(FIND_GLOBAL("x", D + 8, 8)), FIND_ROWS(FIND_GLOBAL("x", D + 16, 8)));
	settle(&world, "ss");
	assert_int_equal(bound_to(&world, 0), POLYTON_NONE);
	world_end(&world);

	world = WORLD(program, FIND_ROWS(FIND_GLOBAL("x", D + 8, 8)), FIND_ROWS(FIND_GLOBAL("x", D + 16, 8)));
	refer(&world, 0, 1);
	refer(&world, 0, 1); // by another kind of word
	settle(&world, "Ls");
	check_users(&world, 0, "0");
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
	check_users(&world, 2, "2");
	world_end(&world);

	world = WORLD(rows, rows, rows);
	world.objects[1].dynamic.is_symbolic = true;
	settle(&world, "LLs");
	check_users(&world, 1, "1");
	world_end(&world);

	// -Bsymbolic that refers by a word all the same (unique symbols do) is as the word says.
	world = WORLD(rows, rows, rows);
	world.objects[1].dynamic.is_symbolic = true;
	refer(&world, 1, 0);
	settle(&world, "Lss");
	check_users(&world, 0, "01");
	world_end(&world);
}

// Code reaches what is not exported directly, whatever another word of that name leads to.
static void test_not_exported_is_live(void **state)
{
	(void)state;
	const struct elf_symbol_spec *exported[] = { FIND_ROWS(FIND_GLOBAL("x", D, 8)),
						     FIND_ROWS(FIND_GLOBAL("y", D + 8, 8), WANTED("x", STT_OBJECT)),
						     NULL };
	const struct elf_symbol_spec *all[] = { FIND_ROWS(FIND_GLOBAL("x", D, 8)),
						FIND_ROWS(FIND_GLOBAL("x", D + 16, 8)) };
	struct world world = world_create(exported, all);
	refer(&world, 1, 0);
	settle(&world, "LL");
	check_users(&world, 0, "01");
	check_users(&world, 1, "1");
	world_end(&world);
}

static void test_unique_symbols_merge(void **state)
{
	(void)state;
	static const struct elf_symbol_spec unique[] = { FIND_SYMBOL("x", STB_GNU_UNIQUE, STT_OBJECT, D, 8), { 0 } };
	static const struct elf_symbol_spec weak[] = { FIND_SYMBOL("x", STB_WEAK, STT_OBJECT, D, 8), { 0 } };
	struct world world = WORLD(FIND_ROWS(FIND_GLOBAL("y", D, 8)), unique, unique);
	refer(&world, 1, 2); // the winner may be a plug-in
	refer(&world, 2, 2);
	settle(&world, "sL");
	assert_int_equal(bound_to(&world, 0), 1);
	check_users(&world, 1, "12");
	assert_true(world.snapshot->copies.items[0].is_unique);
	world_end(&world);

	// Not with a weak one of clang.
	world = WORLD(FIND_ROWS(FIND_GLOBAL("y", D, 8)), unique, weak);
	refer(&world, 1, 1);
	refer(&world, 2, 2);
	settle(&world, "LL");
	world_end(&world);
}

static void test_thread_locals(void **state)
{
	(void)state;
	struct world world =
		WORLD(FIND_ROWS(FIND_TLS("x", 0, 8)), FIND_ROWS(FIND_TLS("x", 8, 8)), FIND_ROWS(FIND_TLS("x", 0, 8)));
	// An exported thread-local of the program interposes: "defined in b" does not mean "used by b".
	refer_by(&world, POLYTON_REFERENCE_TLS, 1, "x", 0);
	refer_by(&world, POLYTON_REFERENCE_TLS, 2, "x", 2);
	settle(&world, "LsL");
	assert_int_equal(bound_to(&world, 1), 0);
	check_users(&world, 0, "01");
	world_end(&world);
}

// An offset among thread-locals may be equal to an address. The names decide which are one variable, the places
// which of them is meant.
static void test_kinds_are_apart(void **state)
{
	(void)state;
	const struct elf_symbol_spec *exported[] = { FIND_ROWS(WANTED("t", STT_TLS), FIND_GLOBAL("y", D, 8)),
						     FIND_ROWS(FIND_TLS("t", 0x10, 8)),
						     FIND_ROWS(FIND_GLOBAL("x", D, 8)), NULL };
	const struct elf_symbol_spec *all[] = {
		FIND_ROWS(FIND_GLOBAL("y", D, 8)),
		FIND_ROWS(FIND_TLS("t", 0x10, 8), { "x", 0x10, 8, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, 1 }),
		FIND_ROWS(FIND_GLOBAL("x", D, 8)),
	};
	struct world world = world_create(exported, all);
	refer_by(&world, POLYTON_REFERENCE_TLS, 0, "t", 1);
	settle(&world, "Ls");
	check_users(&world, 0, "1"); // by its own code; object 0 asked for the thread-local there
	world_end(&world);
}

// A thread-local that is only referred to has the value 0, where the object's own first one is.
static void test_undefined_is_no_place(void **state)
{
	(void)state;
	struct world world = WORLD(FIND_ROWS(FIND_GLOBAL("y", D, 8)),
				   FIND_ROWS(WANTED("t", STT_TLS), FIND_TLS("x", 0, 8)),
				   FIND_ROWS(FIND_TLS("x", 0, 8), FIND_TLS("t", 8, 8)));
	world.objects[1].dynamic.is_symbolic = true;
	refer_by(&world, POLYTON_REFERENCE_TLS, 1, "t", 2);
	settle(&world, "Ls");
	world_end(&world);
}

// Versions and aliases: a copy is its place, by whichever of its names it is asked for.
static void test_by_another_name(void **state)
{
	(void)state;
	const struct elf_symbol_spec *rows = FIND_ROWS(FIND_GLOBAL("x", D, 8), FIND_GLOBAL("also_x", D, 8));
	struct world world = WORLD(FIND_ROWS(WANTED("also_x", STT_OBJECT), FIND_GLOBAL("y", D, 8)), rows, rows);
	refer_by(&world, POLYTON_REFERENCE_DATA, 0, "also_x", 2);
	refer_by(&world, POLYTON_REFERENCE_DATA, 1, "also_x", 2);
	settle(&world, "sL");
	assert_int_equal(bound_to(&world, 0), 1);
	check_users(&world, 1, "01");
	world_end(&world);
}

// A reference that leads to none of the copies says nothing against its object's own.
static void test_what_leads_nowhere_is_no_proof(void **state)
{
	(void)state;
	struct world world = WORLD(FIND_ROWS(FIND_GLOBAL("x", D, 8)), FIND_ROWS(FIND_GLOBAL("x", D + 8, 8)));
	refer(&world, 1, POLYTON_NONE);
	settle(&world, "LL");
	check_users(&world, 1, "1");
	world_end(&world);
	// A program's PLT entry is no definition.
	world = WORLD(FIND_ROWS({ "x", D, 8, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), 0, SHN_UNDEF }),
		      FIND_ROWS(FIND_GLOBAL("x", D, 8)), FIND_ROWS(FIND_GLOBAL("x", D, 8)));
	refer(&world, 2, 0);
	settle(&world, "ss");
	world_end(&world);
	// A weak reference of an object that has no copy.
	world = WORLD(FIND_ROWS(WANTED("x", STT_OBJECT)), FIND_ROWS(FIND_GLOBAL("x", D, 8)),
		      FIND_ROWS(FIND_GLOBAL("x", D, 8)));
	refer(&world, 0, POLYTON_NONE);
	settle(&world, "ss");
	world_end(&world);
}

// Code of the program reaches what the program defines, whatever a word says: nobody comes before it.
static void test_a_program_that_asks(void **state)
{
	(void)state;
	struct world world = WORLD(FIND_ROWS(FIND_GLOBAL("x", D, 8)), FIND_ROWS(FIND_GLOBAL("x", D + 8, 8)));
	refer(&world, 0, 1);
	settle(&world, "LL");
	check_users(&world, 0, "0");
	check_users(&world, 1, "0");
	world_end(&world);
}

static void test_without_tables_nothing_is_shadowed(void **state)
{
	(void)state;
	struct world world = WORLD(FIND_ROWS(FIND_GLOBAL("x", D, 8)), FIND_ROWS(FIND_GLOBAL("x", D + 8, 8)));
	world.objects[1].tables = NULL;
	settle(&world, "LL");
	check_users(&world, 1, "1");
	world_end(&world);
}

// References to what is no copy of anything are passed by, and each singleton is settled by its own.
static void test_several_singletons(void **state)
{
	(void)state;
	const struct elf_symbol_spec *rows =
		FIND_ROWS(FIND_GLOBAL("x", D, 8), FIND_GLOBAL("z", D + 8, 8), FIND_GLOBAL("w", D + 16, 8));
	struct world world = WORLD(FIND_ROWS(FIND_GLOBAL("alone", D, 8)), rows, rows);
	refer_by(&world, POLYTON_REFERENCE_DATA, 0, "alone", 0);
	refer_by(&world, POLYTON_REFERENCE_DATA, 1, "z", 2);
	refer_by(&world, POLYTON_REFERENCE_DATA, 2, "z", 2);
	refer_by(&world, POLYTON_REFERENCE_DATA, 1, "x", 1);
	refer_by(&world, POLYTON_REFERENCE_DATA, 2, "x", 2);
	settle_all(&world);
	assert_int_equal(world.snapshot->singletons.count, 3); // w, x, z by name
	assert_int_equal(world.snapshot->singletons.items[0].live_count, 0);
	assert_int_equal(world.snapshot->singletons.items[1].live_count, 2);
	assert_int_equal(world.snapshot->singletons.items[2].live_count, 1);
	check_users(&world, 4, "");
	check_users(&world, 5, "12");
	world_end(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_interposed_by_the_program),
		cmocka_unit_test(test_each_its_own),
		cmocka_unit_test(test_copy_relocation),
		cmocka_unit_test(test_copy_of_a_program_that_is_no_host),
		cmocka_unit_test(test_used_by_others_only),
		cmocka_unit_test(test_bound_at_link_time),
		cmocka_unit_test(test_not_exported_is_live),
		cmocka_unit_test(test_unique_symbols_merge),
		cmocka_unit_test(test_thread_locals),
		cmocka_unit_test(test_kinds_are_apart),
		cmocka_unit_test(test_undefined_is_no_place),
		cmocka_unit_test(test_by_another_name),
		cmocka_unit_test(test_what_leads_nowhere_is_no_proof),
		cmocka_unit_test(test_a_program_that_asks),
		cmocka_unit_test(test_without_tables_nothing_is_shadowed),
		cmocka_unit_test(test_several_singletons),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
