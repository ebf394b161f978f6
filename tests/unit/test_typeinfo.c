// C++ types that are told apart by address, and those that are not.

#include "../support/check.h"

#include "../support/find_world.h"
#include "find/typeinfo.h"

enum { D = ELF_AT_DATA, WEAK = STB_WEAK };

/** What an object has to do with libc++. */
enum library { NO_LIBCXX, NEEDS_LIBCXX, HAS_LIBCXX };

#define TYPE(name, place) FIND_SYMBOL(name, WEAK, STT_OBJECT, place, 16)
#define HIDDEN_TYPE(name, place)                                                     \
	{                                                                            \
		name, place, 16, ELF64_ST_INFO(STB_LOCAL, STT_OBJECT), STV_HIDDEN, 1 \
	}

static void add(struct find_world *world, enum library library, const struct elf_symbol_spec *exported,
		const struct elf_symbol_spec *all)
{
	static const uint8_t data[0x1000];
	static const char *const needed[] = { "libc++.so.1", NULL };
	struct elf_symbol_spec rows[16] = { { 0 } };
	struct elf_reloc_spec relocs[16] = { { 0 } };
	uint32_t count = 0;
	for (; exported[count].name; count++) {
		rows[count] = exported[count];
		relocs[count] = (struct elf_reloc_spec){ 0x7000 + 8 * count, R_X86_64_GLOB_DAT, count + 1, 0 };
	}
	if (library == HAS_LIBCXX)
		rows[count] = (struct elf_symbol_spec)LINK_WANTED("_ZNSt3__19to_stringEi", STT_FUNC);
	find_world_add(world, &(struct elf_spec){ .dynamic_symbols = rows,
						  .symbols = all,
						  .relocs = relocs,
						  .needed = library == NEEDS_LIBCXX ? needed : NULL,
						  .data = data,
						  .data_size = sizeof(data) });
}

// Each object looks into itself only, unless all are said to look into all.
static void find(struct find_world *world, bool is_shared)
{
	struct scopes *scopes = &world->link.scopes;
	static const char *const own[] = { "0", "1", "2", "3" };
	if (!is_shared) {
		made_scopes_init(scopes, world->link.count);
		for (uint32_t i = 0; i < world->link.count; i++)
			made_scopes_use(scopes, own[i],
					made_scopes_list(scopes, i ? MADE_LOCAL : MADE_GLOBAL, own[i]));
	}
	find_world_settle(world);
	assert_fine(typeinfo_find(&world->finder));
}

static void test_a_type_of_two_plugins(void **state)
{
	(void)state;
	struct find_world world;
	find_world_init(&world, EM_X86_64);
	add(&world, NEEDS_LIBCXX, FIND_ROWS(FIND_GLOBAL("x", D, 8)), NULL);
	add(&world, NEEDS_LIBCXX, FIND_ROWS(TYPE("_ZTIN4acme5ErrorE", D)), NULL);
	add(&world, HAS_LIBCXX, FIND_ROWS(TYPE("_ZTIN4acme5ErrorE", D)), NULL);
	find(&world, false);
	const struct polyton_finding *finding = find_world_finding(&world, "PT009");
	assert_non_null(finding);
	assert_string_equal(
		finding->headline,
		"The C++ type acme::Error exists in each of b and c, and libc++ takes it for different ones.");
	assert_string_equal(finding->slug, "duplicate-type-identity");
	assert_int_equal(finding->severity, POLYTON_SEVERITY_WARNING);
	assert_int_equal(finding->object, 2);
	assert_false(finding->is_routine);
	assert_non_null(finding->reason);
	assert_int_equal(finding->reason->cause, POLYTON_CAUSE_LOCAL_SCOPE);
	assert_true(finding->reason->remedy_count >= 2);
	find_world_deinit(&world);
}

static void test_types_are_folded_by_objects(void **state)
{
	(void)state;
	struct find_world world;
	const struct elf_symbol_spec *types = FIND_ROWS(TYPE("_ZTIN4acme1AE", D), TYPE("_ZTIN4acme1BE", D + 16),
							TYPE("_ZTIN4acme1CE", D + 32), TYPE("_ZTIN4acme1DE", D + 48),
							TYPE("_ZTIN4acme1EE", D + 64), TYPE("_ZTIN4acme1FE", D + 80));
	find_world_init(&world, EM_X86_64);
	add(&world, NEEDS_LIBCXX, FIND_ROWS(FIND_GLOBAL("x", D, 8)), NULL);
	add(&world, NEEDS_LIBCXX, types, NULL);
	add(&world, NEEDS_LIBCXX, types, NULL);
	add(&world, NEEDS_LIBCXX, FIND_ROWS(TYPE("_ZTIN4acme1FE", D)), NULL);
	find(&world, false);
	assert_int_equal(world.finder.snapshot->findings.count, 2);
	assert_string_equal(world.finder.snapshot->findings.items[0].headline,
			    "5 C++ types exist in each of b and c, and libc++ takes them for different ones: "
			    "acme::A, acme::B, acme::C, acme::D and acme::E.");
	assert_string_equal(
		world.finder.snapshot->findings.items[1].headline,
		"The C++ type acme::F exists in each of b, c and d, and libc++ takes it for different ones.");
	find_world_deinit(&world);
}

static void test_kept_inside(void **state)
{
	(void)state;
	struct find_world world;
	const struct elf_symbol_spec *all = FIND_ROWS(HIDDEN_TYPE("_ZTIN4acme5ErrorE", D));
	find_world_init(&world, EM_X86_64);
	add(&world, HAS_LIBCXX, FIND_ROWS(FIND_GLOBAL("x", D, 8)), all);
	add(&world, NEEDS_LIBCXX, FIND_ROWS(FIND_GLOBAL("x", D, 8)), all);
	find(&world, true);
	const struct polyton_finding *finding = find_world_finding(&world, "PT009");
	assert_non_null(finding);
	assert_int_equal(finding->reason->cause, POLYTON_CAUSE_HIDDEN);
	find_world_deinit(&world);
}

// Linked into the object and hidden, libc++ is seen in the full table.
static void test_libcxx_inside(void **state)
{
	(void)state;
	struct find_world world;
	const struct elf_symbol_spec *all =
		FIND_ROWS(HIDDEN_TYPE("_ZTIN4acme5ErrorE", D), HIDDEN_TYPE("_ZTINSt3__112system_errorE", D + 16));
	find_world_init(&world, EM_X86_64);
	add(&world, NO_LIBCXX, FIND_ROWS(FIND_GLOBAL("x", D, 8)), all);
	add(&world, NO_LIBCXX, FIND_ROWS(FIND_GLOBAL("x", D, 8)), all);
	find(&world, true);
	assert_string_equal(find_world_finding(&world, "PT009")->headline,
			    "2 C++ types exist in each of a and b, and libc++ takes them for different ones: "
			    "acme::Error and std::__1::system_error.");
	find_world_deinit(&world);
}

// One of the two that have the type does not care.
static void test_only_one_by_address(void **state)
{
	(void)state;
	struct find_world world;
	find_world_init(&world, EM_X86_64);
	add(&world, NEEDS_LIBCXX, FIND_ROWS(TYPE("_ZTIN4acme5ErrorE", D)), NULL);
	add(&world, NO_LIBCXX, FIND_ROWS(TYPE("_ZTIN4acme5ErrorE", D)), NULL);
	add(&world, NEEDS_LIBCXX, FIND_ROWS(FIND_GLOBAL("x", D, 8)), NULL);
	find(&world, false);
	assert_int_equal(world.finder.snapshot->findings.count, 0);
	find_world_deinit(&world);
}

static void assert_none(enum library library, bool is_shared, const char *symbol)
{
	struct find_world world;
	find_world_init(&world, EM_X86_64);
	add(&world, NEEDS_LIBCXX, FIND_ROWS(TYPE(symbol, D)), NULL);
	add(&world, library, FIND_ROWS(TYPE(symbol, D)), NULL);
	find(&world, is_shared);
	assert_int_equal(world.finder.snapshot->findings.count, 0);
	find_world_deinit(&world);
}

static void test_no_finding(void **state)
{
	(void)state;
	assert_none(NO_LIBCXX, false, "_ZTIN4acme5ErrorE");    // libstdc++ compares names
	assert_none(NEEDS_LIBCXX, true, "_ZTIN4acme5ErrorE");  // merged
	assert_none(NEEDS_LIBCXX, false, "_ZTSN4acme5ErrorE"); // comes with the other
	assert_none(NEEDS_LIBCXX, false, "_ZTIN12_GLOBAL__N_15ErrorE");
	assert_none(NEEDS_LIBCXX, false, "_ZTIZ3runvE5Local");
	assert_none(NEEDS_LIBCXX, false, "_ZTIN4acme5tableMUlvE_E");
	assert_none(NEEDS_LIBCXX, false, "_ZTIN4acme3$_0E");
}

// Nobody throws across the border of a namespace; in each there may be several.
static void test_namespaces(void **state)
{
	(void)state;
	struct find_world world;
	find_world_init(&world, EM_X86_64);
	for (uint32_t i = 0; i < 2; i++) {
		add(&world, NEEDS_LIBCXX, FIND_ROWS(TYPE("_ZTIN4acme5ErrorE", D)), NULL);
		world.link.objects[i].name_space = i;
	}
	find(&world, false);
	assert_int_equal(world.finder.snapshot->findings.count, 0);
	find_world_deinit(&world);

	find_world_init(&world, EM_X86_64);
	for (uint32_t i = 0; i < 4; i++) {
		add(&world, NEEDS_LIBCXX, FIND_ROWS(TYPE("_ZTIN4acme5ErrorE", D)), NULL);
		world.link.objects[i].name_space = i ? 1 : 0;
	}
	find(&world, false);
	assert_string_equal(
		find_world_finding(&world, "PT009")->headline,
		"The C++ type acme::Error exists in each of b, c and d, and libc++ takes it for different ones.");
	find_world_deinit(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_type_of_two_plugins),
		cmocka_unit_test(test_types_are_folded_by_objects),
		cmocka_unit_test(test_kept_inside),
		cmocka_unit_test(test_no_finding),
		cmocka_unit_test(test_namespaces),
		cmocka_unit_test(test_libcxx_inside),
		cmocka_unit_test(test_only_one_by_address),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
