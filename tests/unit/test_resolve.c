// Which definition a reference gets by the loader's rules: each test is one rule, with what would be wrong
// without it.

#include "../support/check.h"

#include "../support/link_world.h"
#include "polyton.h"

enum { D = ELF_AT_DATA, C = 0x1000 };

static struct definition find(struct link_world *world, uint32_t object, const char *name, enum lookup_class class,
			      bool when_loaded)
{
	struct definition found;
	assert_fine(resolver_find(&world->resolver, object, link_world_symbol(world, object, name), class,
				  when_loaded, &found));
	return found;
}

// Object @p object's data reference gets the symbol of that name that @p wanted defines (POLYTON_NONE: nothing).
static void check(struct link_world *world, uint32_t object, const char *name, uint32_t wanted)
{
	link_world_check(world, find(world, object, name, LOOKUP_DATA, true), wanted,
			 wanted == POLYTON_NONE ? 0 : link_world_symbol(world, wanted, name));
}

static void start(struct link_world *world, const struct elf_symbol_spec *const *rows, size_t count)
{
	link_world_init(world, EM_X86_64);
	for (size_t i = 0; i < count; i++)
		link_world_add_symbols(world, rows[i]);
}

#define WORLD(world, ...)                                                    \
	start(world, (const struct elf_symbol_spec *const[]){ __VA_ARGS__ }, \
	      sizeof((const struct elf_symbol_spec *const[]){ __VA_ARGS__ }) / sizeof(struct elf_symbol_spec *))

static void test_first_in_load_order_wins(void **state)
{
	(void)state;
	struct link_world world;
	WORLD(&world, FIND_ROWS(LINK_WANTED("x", STT_OBJECT), LINK_WANTED("y", STT_OBJECT), FIND_GLOBAL("z", D, 8)),
	      FIND_ROWS(LINK_WANTED("y", STT_OBJECT), FIND_GLOBAL("x", D, 8), FIND_GLOBAL("z", D + 8, 8)),
	      FIND_ROWS(FIND_GLOBAL("x", D, 8), FIND_GLOBAL("y", D + 8, 8), FIND_GLOBAL("z", D + 16, 8)));
	link_world_link(&world);
	check(&world, 0, "x", 1);
	check(&world, 2, "x", 1); // its own is not asked first
	check(&world, 0, "y", 2);
	check(&world, 1, "y", 2);
	check(&world, 2, "z", 0); // a program that exports it interposes
	link_world_deinit(&world);
}

// Weak means something to the static linker only (LD_DYNAMIC_WEAK apart).
static void test_a_weak_definition_that_is_first_wins(void **state)
{
	(void)state;
	struct link_world world;
	WORLD(&world, FIND_ROWS(LINK_WANTED("x", STT_OBJECT)),
	      FIND_ROWS(FIND_SYMBOL("x", STB_WEAK, STT_OBJECT, D, 8)), FIND_ROWS(FIND_GLOBAL("x", D, 8)));
	link_world_link(&world);
	check(&world, 0, "x", 1);
	check(&world, 2, "x", 1);
	link_world_deinit(&world);
}

static void test_nothing_defines_it(void **state)
{
	(void)state;
	struct link_world world;
	WORLD(&world, FIND_ROWS(LINK_WANTED_WEAK("x", STT_OBJECT), LINK_WANTED("y", STT_OBJECT)),
	      FIND_ROWS(FIND_GLOBAL("other", D, 8), LINK_WANTED_WEAK("x", STT_OBJECT)));
	link_world_link(&world);
	check(&world, 0, "x", POLYTON_NONE);
	check(&world, 0, "y", POLYTON_NONE);
	check(&world, 1, "x", POLYTON_NONE);
	link_world_deinit(&world);
}

static void test_a_symbol_that_is_no_symbol(void **state)
{
	(void)state;
	struct link_world world;
	struct definition found;
	WORLD(&world, FIND_ROWS(FIND_GLOBAL("x", D, 8)));
	link_world_link(&world);
	assert_fine(resolver_find(&world.resolver, 0, 2, LOOKUP_DATA, true, &found));
	link_world_check(&world, found, POLYTON_NONE, 0);
	assert_fine(resolver_find(&world.resolver, 0, UINT32_MAX, LOOKUP_DATA, true, &found));
	link_world_check(&world, found, POLYTON_NONE, 0);
	// An object that the search lists do not know.
	world.scopes.object_count = 0;
	assert_fine(resolver_find(&world.resolver, 0, 1, LOOKUP_DATA, true, &found));
	link_world_check(&world, found, POLYTON_NONE, 0);
	world.scopes.object_count = 1;
	link_world_deinit(&world);
}

// Code of an object reaches a protected or hidden definition of its own whoever comes first; nobody else sees a
// hidden one.
static void test_visibility(void **state)
{
	(void)state;
	static const struct elf_symbol_spec guarded[] = {
		{ "p", D, 8, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), STV_PROTECTED, 1 },
		{ "h", D + 8, 8, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), STV_HIDDEN, 1 },
		{ "i", D + 16, 8, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), STV_INTERNAL, 1 },
		{ "l", D + 24, 8, ELF64_ST_INFO(STB_LOCAL, STT_OBJECT), STV_DEFAULT, 1 },
		{ 0 },
	};
	static const char *const names[] = { "p", "h", "i", "l" };
	struct link_world world;
	WORLD(&world, FIND_ROWS(LINK_WANTED("other", STT_OBJECT)), guarded,
	      FIND_ROWS(FIND_GLOBAL("p", D, 8), FIND_GLOBAL("h", D + 8, 8), FIND_GLOBAL("i", D + 16, 8),
			FIND_GLOBAL("l", D + 24, 8)),
	      guarded);
	link_world_link(&world);
	for (size_t i = 0; i < count_of(names); i++) {
		check(&world, 1, names[i], 1);
		check(&world, 3, names[i], 3);
		check(&world, 2, names[i], i == 0 ? 1 : 2); // to others a protected one is like any
	}
	// An undefined symbol has the visibility that the reference was compiled with: no definition of its own.
	link_world_deinit(&world);
	WORLD(&world, FIND_ROWS({ "p", 0, 0, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), STV_PROTECTED, SHN_UNDEF }),
	      FIND_ROWS(FIND_GLOBAL("p", D, 8)));
	link_world_link(&world);
	check(&world, 0, "p", 1);
	link_world_deinit(&world);
}

// A program calls through its PLT entry, and takes that for the function's address: so must all others, if they
// compare addresses. Calls go to the function.
static void test_canonical_plt_entries(void **state)
{
	(void)state;
	struct link_world world;
	WORLD(&world, FIND_ROWS({ "f", C, 0, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), 0, SHN_UNDEF }),
	      FIND_ROWS(LINK_FUNCTION("f", C + 64)), FIND_ROWS(LINK_WANTED("f", STT_FUNC)));
	link_world_link(&world);
	link_world_check(&world, find(&world, 2, "f", LOOKUP_DATA, true), 0, 1);
	link_world_check(&world, find(&world, 2, "f", LOOKUP_PLT, true), 1, 1);
	link_world_check(&world, find(&world, 0, "f", LOOKUP_PLT, true), 1, 1);
	link_world_deinit(&world);
}

// The original of a copy is never the copy itself. All others get the copy.
static void test_copies(void **state)
{
	(void)state;
	struct link_world world;
	WORLD(&world, FIND_ROWS(FIND_GLOBAL("x", FIND_BSS, 8)), FIND_ROWS(FIND_GLOBAL("x", D, 8)),
	      FIND_ROWS(FIND_GLOBAL("x", D, 8)));
	link_world_link(&world);
	link_world_check(&world, find(&world, 0, "x", LOOKUP_COPY, true), 1, 1);
	check(&world, 0, "x", 0);
	check(&world, 1, "x", 0);
	link_world_deinit(&world);

	// Its own being protected makes no difference: the program's place still wants the original's bytes.
	WORLD(&world, FIND_ROWS({ "x", FIND_BSS, 8, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), STV_PROTECTED, 1 }),
	      FIND_ROWS(FIND_GLOBAL("x", D, 8)));
	link_world_link(&world);
	link_world_check(&world, find(&world, 0, "x", LOOKUP_COPY, true), 1, 1);
	link_world_deinit(&world);
}

#define UNIQUE(name, value) FIND_SYMBOL(name, STB_GNU_UNIQUE, STT_OBJECT, value, 8)

// Two plug-ins that cannot see each other have one unique variable all the same: that of whoever was asked first.
static void test_unique_symbols_merge_across_scopes(void **state)
{
	(void)state;
	struct link_world world;
	WORLD(&world, FIND_ROWS(FIND_GLOBAL("other", D, 8)), FIND_ROWS(UNIQUE("u", D), FIND_GLOBAL("x", D + 8, 8)),
	      FIND_ROWS(UNIQUE("u", D), FIND_GLOBAL("x", D + 8, 8)), FIND_ROWS(UNIQUE("u", D)));
	made_scopes_init(&world.scopes, 4);
	uint32_t global = made_scopes_list(&world.scopes, MADE_GLOBAL, "0");
	made_scopes_use(&world.scopes, "0123", global);
	made_scopes_use(&world.scopes, "1", made_scopes_list(&world.scopes, MADE_LOCAL, "1"));
	made_scopes_use(&world.scopes, "2", made_scopes_list(&world.scopes, MADE_LOCAL, "2"));
	made_scopes_use(&world.scopes, "3", made_scopes_list(&world.scopes, MADE_LOCAL, "3"));
	world.objects[3].name_space = 1;
	link_world_link(&world);
	check(&world, 1, "u", 1);
	check(&world, 2, "u", 1);
	check(&world, 2, "x", 2);
	check(&world, 3, "u", 3); // another namespace, another variable
	link_world_deinit(&world);

	// Asked in the other order, the other one has it.
	WORLD(&world, FIND_ROWS(FIND_GLOBAL("other", D, 8)), FIND_ROWS(UNIQUE("u", D)), FIND_ROWS(UNIQUE("u", D)));
	made_scopes_init(&world.scopes, 3);
	made_scopes_use(&world.scopes, "1", made_scopes_list(&world.scopes, MADE_LOCAL, "1"));
	made_scopes_use(&world.scopes, "2", made_scopes_list(&world.scopes, MADE_LOCAL, "2"));
	link_world_link(&world);
	check(&world, 2, "u", 2);
	check(&world, 1, "u", 2);
	link_world_deinit(&world);
}

// It is what is found that counts: one that finds a plain definition first has no part in it.
static void test_unique_symbols_and_others(void **state)
{
	(void)state;
	struct link_world world;
	WORLD(&world, FIND_ROWS(FIND_GLOBAL("other", D, 8)), FIND_ROWS(UNIQUE("u", D)),
	      FIND_ROWS(FIND_SYMBOL("u", STB_WEAK, STT_OBJECT, D, 8)));
	made_scopes_init(&world.scopes, 3);
	made_scopes_use(&world.scopes, "1", made_scopes_list(&world.scopes, MADE_LOCAL, "1"));
	made_scopes_use(&world.scopes, "2", made_scopes_list(&world.scopes, MADE_LOCAL, "2"));
	link_world_link(&world);
	check(&world, 1, "u", 1);
	check(&world, 2, "u", 2);
	link_world_deinit(&world);
}

// A copy of a unique variable is that variable from then on, also for those that do not look at the program.
static void test_copies_of_unique_symbols(void **state)
{
	(void)state;
	struct link_world world;
	WORLD(&world, FIND_ROWS(FIND_GLOBAL("u", FIND_BSS, 8)), FIND_ROWS(UNIQUE("u", D)));
	made_scopes_init(&world.scopes, 2);
	made_scopes_use(&world.scopes, "0", made_scopes_list(&world.scopes, MADE_GLOBAL, "01"));
	made_scopes_use(&world.scopes, "1", made_scopes_list(&world.scopes, MADE_LOCAL, "1"));
	link_world_link(&world);
	link_world_check(&world, find(&world, 0, "u", LOOKUP_COPY, true), 1, 1);
	check(&world, 1, "u", 0);
	link_world_deinit(&world);
}

static void test_the_lists_of_the_scope(void **state)
{
	(void)state;
	struct link_world world;
	// 3 was opened with RTLD_DEEPBIND, 2 is -Bsymbolic, 4 is on the global list since after 1 was loaded.
	const struct elf_symbol_spec *rows = FIND_ROWS(FIND_GLOBAL("x", D, 8));
	WORLD(&world, rows, FIND_ROWS(FIND_GLOBAL("x", D, 8), LINK_WANTED("late", STT_OBJECT)), rows, rows,
	      FIND_ROWS(FIND_GLOBAL("late", D, 8)));
	made_scopes_init(&world.scopes, 5);
	uint32_t global = made_scopes_list(&world.scopes, MADE_GLOBAL, "0124");
	uint32_t own = made_scopes_list(&world.scopes, MADE_LOCAL, "3");
	made_scopes_part(&world.scopes, 1, global, 3);
	made_scopes_use(&world.scopes, "2", made_scopes_list(&world.scopes, MADE_SELF, "2"));
	made_scopes_use(&world.scopes, "3", own);
	made_scopes_use(&world.scopes, "023", global);
	link_world_link(&world);
	check(&world, 1, "x", 0);
	check(&world, 2, "x", 2);
	check(&world, 3, "x", 3);
	check(&world, 1, "late", POLYTON_NONE);
	link_world_check(&world, find(&world, 1, "late", LOOKUP_DATA, false), 4, 1);
	check(&world, 4, "late", POLYTON_NONE); // it looks nowhere, not even at itself
	link_world_deinit(&world);
}

// A reference with a version passes by definitions of others, and one without takes the first that has none or
// is oldest.
static void test_versions(void **state)
{
	(void)state;
	static const uint16_t base[] = { 2 }, two[] = { 2 };
	static const struct elf_version_spec old[] = { { "V1", NULL, 2, 0 }, { 0 } };
	static const struct elf_version_spec new[] = { { "V2", NULL, 2, 0 }, { 0 } };
	static const struct elf_version_spec wanted[] = { { "V2", "libx.so", 2, 0 }, { 0 } };
	const struct elf_symbol_spec *defined = FIND_ROWS(FIND_GLOBAL("x", D, 8));
	const struct elf_symbol_spec *undefined = FIND_ROWS(LINK_WANTED("x", STT_OBJECT));
	struct link_world world;
	link_world_init(&world, EM_X86_64);
	link_world_add(&world, &(struct elf_spec){ .dynamic_symbols = undefined, .versym = two, .versions = wanted });
	link_world_add(&world, &(struct elf_spec){ .dynamic_symbols = defined, .versym = base, .versions = old });
	link_world_add(&world, &(struct elf_spec){ .dynamic_symbols = defined, .versym = base, .versions = new });
	link_world_add_symbols(&world, undefined);
	link_world_link(&world);
	check(&world, 0, "x", 2);
	check(&world, 1, "x", 1); // it asks for the version that it defines itself
	check(&world, 2, "x", 2);
	check(&world, 3, "x", 1);
	struct elf_wanted asked = resolver_wanted(&world.objects[0], 1);
	assert_string_equal(asked.name, "x");
	assert_int_equal(asked.gnu_hash, elf_gnu_hash("x"));
	assert_non_null(asked.version);
	assert_string_equal(asked.version->name, "V2");
	assert_null(resolver_wanted(&world.objects[3], 1).version);
	link_world_deinit(&world);
}

// Both tables of an old and of a new linker do.
static void test_thread_locals_and_sysv_tables(void **state)
{
	(void)state;
	struct link_world world;
	link_world_init(&world, EM_X86_64);
	link_world_add_symbols(&world, FIND_ROWS(LINK_WANTED("t", STT_TLS)));
	link_world_add(&world, &(struct elf_spec){ .dynamic_symbols = FIND_ROWS(FIND_TLS("t", 0, 8)),
						   .hash = ELF_HASH_SYSV });
	link_world_add(&world, &(struct elf_spec){ .dynamic_symbols = FIND_ROWS(FIND_TLS("t", 8, 8)) });
	link_world_link(&world);
	// The first thread-local of an object has the value 0 and is a definition.
	link_world_check(&world, find(&world, 0, "t", LOOKUP_PLT, true), 1, 1);
	link_world_check(&world, find(&world, 2, "t", LOOKUP_PLT, true), 1, 1);
	link_world_deinit(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_in_load_order_wins),
		cmocka_unit_test(test_a_weak_definition_that_is_first_wins),
		cmocka_unit_test(test_nothing_defines_it),
		cmocka_unit_test(test_a_symbol_that_is_no_symbol),
		cmocka_unit_test(test_visibility),
		cmocka_unit_test(test_canonical_plt_entries),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_unique_symbols_merge_across_scopes),
		cmocka_unit_test(test_unique_symbols_and_others),
		cmocka_unit_test(test_copies_of_unique_symbols),
		cmocka_unit_test(test_the_lists_of_the_scope),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_thread_locals_and_sysv_tables),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
