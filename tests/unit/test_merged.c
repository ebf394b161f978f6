// Definitions that the loader made one variable of: which of them are worth a word.

#include "../support/check.h"

#include "../support/find_world.h"
#include "find/merged.h"

enum { D = ELF_AT_DATA, WORD = 0x7000 };

static const uint8_t data[0x1000];

// An object of such symbols, the first of which it refers to.
static uint32_t add(struct find_world *world, uint32_t reloc, const struct elf_symbol_spec *rows)
{
	return find_world_add(world, &(struct elf_spec){ .dynamic_symbols = rows,
							 .relocs = FIND_RELOCS(FIND_RELOC(reloc, WORD, 1)),
							 .data = data,
							 .data_size = sizeof(data),
							 .tdata = data,
							 .tdata_size = 64,
							 .tbss_size = 64,
							 .tls_align = 8 });
}

static void settle(struct find_world *world)
{
	find_world_settle(world);
	assert_fine(merged_find(&world->finder));
}

static void says(const struct find_world *world, const char *rule, const char *headline)
{
	const struct polyton_finding *finding = find_world_finding(world, rule);
	assert_non_null(finding);
	assert_string_equal(finding->headline, headline);
}

static void test_interposed_by_a_smaller_one(void **state)
{
	(void)state;
	struct find_world world;
	find_world_init(&world, EM_X86_64);
	add(&world, R_X86_64_GLOB_DAT, FIND_ROWS(FIND_GLOBAL("gear", D, 8)));
	add(&world, R_X86_64_GLOB_DAT, FIND_ROWS(FIND_GLOBAL("gear", D + 64, 16)));
	settle(&world);
	says(&world, "PT007",
	     "gear is one variable with two sizes: b was built for 16 bytes, but uses a's, which has 8.");
	const struct polyton_finding *finding = find_world_finding(&world, "PT007");
	assert_string_equal(finding->slug, "merged-mismatch");
	assert_int_equal(finding->severity, POLYTON_SEVERITY_ERROR);
	assert_int_equal(finding->confidence, POLYTON_CONFIDENCE_CERTAIN);
	assert_int_equal(finding->singleton, 0);
	assert_int_equal(finding->library, 0);
	assert_int_equal(finding->object, POLYTON_NONE);
	assert_false(finding->is_routine);
	assert_non_null(strstr(finding->detail, "writes beyond its end"));
	find_world_deinit(&world);
}

static void test_a_larger_one_is_a_mismatch_too(void **state)
{
	(void)state;
	struct find_world world;
	find_world_init(&world, EM_X86_64);
	add(&world, R_X86_64_GLOB_DAT, FIND_ROWS(FIND_GLOBAL("gear", D, 32)));
	add(&world, R_X86_64_GLOB_DAT, FIND_ROWS(FIND_GLOBAL("gear", D + 64, 16)));
	settle(&world);
	says(&world, "PT007",
	     "gear is one variable with two sizes: b was built for 16 bytes, but uses a's, which has 32.");
	assert_null(strstr(find_world_finding(&world, "PT007")->detail, "beyond"));
	find_world_deinit(&world);
}

static void test_several_users_are_one_finding(void **state)
{
	(void)state;
	struct find_world world;
	find_world_init(&world, EM_X86_64);
	add(&world, R_X86_64_GLOB_DAT, FIND_ROWS(FIND_GLOBAL("gear", D, 8)));
	add(&world, R_X86_64_GLOB_DAT, FIND_ROWS(FIND_GLOBAL("gear", D + 64, 16)));
	add(&world, R_X86_64_GLOB_DAT, FIND_ROWS(FIND_GLOBAL("gear", D + 64, 8)));
	add(&world, R_X86_64_GLOB_DAT, FIND_ROWS(FIND_GLOBAL("gear", D + 64, 16)));
	settle(&world);
	says(&world, "PT007",
	     "gear is one variable with two sizes: b and d were built for 16 bytes, but use a's, which has 8.");
	find_world_deinit(&world);

	find_world_init(&world, EM_X86_64);
	add(&world, R_X86_64_GLOB_DAT, FIND_ROWS(FIND_GLOBAL("gear", D, 8)));
	add(&world, R_X86_64_GLOB_DAT, FIND_ROWS(FIND_GLOBAL("gear", D + 64, 16)));
	add(&world, R_X86_64_GLOB_DAT, FIND_ROWS(FIND_GLOBAL("gear", D + 64, 24)));
	settle(&world);
	says(&world, "PT007",
	     "gear is one variable with several sizes: b was built for 16 bytes and c for 24, but use a's, which has "
	     "8.");
	find_world_deinit(&world);
}

static void test_thread_locals(void **state)
{
	(void)state;
	struct find_world world;
	find_world_init(&world, EM_X86_64);
	add(&world, R_X86_64_DTPMOD64, FIND_ROWS(FIND_TLS("depth", 0, 8)));
	add(&world, R_X86_64_DTPMOD64, FIND_ROWS(FIND_TLS("depth", 16, 16)));
	settle(&world);
	says(&world, "PT007",
	     "depth is one variable with two sizes: b was built for 16 bytes, but uses a's, which has 8.");
	find_world_deinit(&world);
}

// The library's own reference leads to the program's place, too: that is the same fact, and not a second finding.
static void test_copy_relocation(void **state)
{
	(void)state;
	struct find_world world;
	find_world_init(&world, EM_X86_64);
	add(&world, R_X86_64_COPY, FIND_ROWS(FIND_GLOBAL("ring", 0x6800, 8)));
	add(&world, R_X86_64_GLOB_DAT, FIND_ROWS(FIND_GLOBAL("ring", D + 64, 16)));
	settle(&world);
	says(&world, "PT007",
	     "ring is one variable with two sizes: b was built for 16 bytes, but uses a's, which has 8.");
	assert_non_null(
		strstr(find_world_finding(&world, "PT007")->detail, "a was linked against another version of b"));
	find_world_deinit(&world);

	find_world_init(&world, EM_X86_64);
	add(&world, R_X86_64_COPY, FIND_ROWS(FIND_GLOBAL("stdout", 0x6800, 8)));
	add(&world, R_X86_64_GLOB_DAT, FIND_ROWS(FIND_GLOBAL("stdout", D + 64, 8)));
	settle(&world);
	assert_null(find_world_finding(&world, "PT007"));
	find_world_deinit(&world);
}

// A table that cannot be written is not damaged by a user that believes in more of it.
static void test_read_only_is_a_warning(void **state)
{
	(void)state;
	struct find_world world;
	find_world_init(&world, EM_X86_64);
	add(&world, R_X86_64_GLOB_DAT, FIND_ROWS(FIND_GLOBAL("version", ELF_AT_RODATA, 8)));
	add(&world, R_X86_64_GLOB_DAT, FIND_ROWS(FIND_GLOBAL("version", ELF_AT_RODATA, 16)));
	settle(&world);
	assert_int_equal(find_world_finding(&world, "PT007")->severity, POLYTON_SEVERITY_WARNING);
	find_world_deinit(&world);
}

static void assert_none(uint32_t reloc, struct elf_symbol_spec first, struct elf_symbol_spec second)
{
	struct find_world world;
	find_world_init(&world, EM_X86_64);
	add(&world, reloc, FIND_ROWS(first));
	add(&world, reloc, FIND_ROWS(second));
	settle(&world);
	assert_null(find_world_finding(&world, "PT007"));
	find_world_deinit(&world);
}

#define NONE(first, second) \
	assert_none(R_X86_64_GLOB_DAT, (struct elf_symbol_spec)first, (struct elf_symbol_spec)second)

static void test_what_is_no_mismatch(void **state)
{
	(void)state;
	NONE(FIND_GLOBAL("x", D, 8), FIND_GLOBAL("x", D + 8, 8));
	NONE(FIND_GLOBAL("x", D, 0), FIND_GLOBAL("x", D + 8, 8)); // written in assembly
	NONE(FIND_GLOBAL("x", D, 8), FIND_GLOBAL("x", D + 8, 0));
	NONE(FIND_GLOBAL("_ZTV1A", D, 24), FIND_GLOBAL("_ZTV1A", D + 64, 32)); // noise
	NONE(FIND_GLOBAL("_ZGV1a", D, 8), FIND_GLOBAL("_ZGV1a", D + 64, 16));  // goes with its variable
	NONE(FIND_TLS("x", 0, 8), FIND_GLOBAL("x", D, 16));
	NONE(FIND_SYMBOL("f", STB_GLOBAL, STT_FUNC, ELF_AT_RODATA, 8),
	     FIND_SYMBOL("f", STB_GLOBAL, STT_FUNC, ELF_AT_RODATA, 16));
	NONE(FIND_SYMBOL("f", STB_GLOBAL, STT_FUNC, ELF_AT_RODATA, 8), FIND_GLOBAL("f", D, 16));
	NONE(FIND_SYMBOL("u", STB_GNU_UNIQUE, STT_OBJECT, D, 8), FIND_SYMBOL("u", STB_GNU_UNIQUE, STT_OBJECT, D, 8));
	assert_none(R_X86_64_RELATIVE, (struct elf_symbol_spec)FIND_GLOBAL("x", D, 8), // nobody asks for it
		    (struct elf_symbol_spec)FIND_GLOBAL("x", D, 16));
}

// Each uses its own where neither looks into the other: two variables, which is another finding's matter.
static void test_not_merged(void **state)
{
	(void)state;
	struct find_world world;
	find_world_init(&world, EM_X86_64);
	add(&world, R_X86_64_GLOB_DAT, FIND_ROWS(FIND_GLOBAL("x", D, 8)));
	add(&world, R_X86_64_GLOB_DAT, FIND_ROWS(FIND_GLOBAL("x", D, 16)));
	made_scopes_init(&world.link.scopes, 2);
	made_scopes_use(&world.link.scopes, "0", made_scopes_list(&world.link.scopes, MADE_GLOBAL, "0"));
	made_scopes_use(&world.link.scopes, "1", made_scopes_list(&world.link.scopes, MADE_LOCAL, "1"));
	settle(&world);
	assert_int_equal(world.finder.snapshot->findings.count, 0);
	find_world_deinit(&world);
}

// Several names of one place are one variable.
static void test_aliases_are_one_finding(void **state)
{
	(void)state;
	struct find_world world;
	const struct elf_reloc_spec *both =
		FIND_RELOCS(FIND_RELOC(R_X86_64_GLOB_DAT, WORD, 1), FIND_RELOC(R_X86_64_GLOB_DAT, WORD + 8, 2));
	find_world_init(&world, EM_X86_64);
	for (uint64_t size = 8; size <= 16; size += 8)
		find_world_add(&world,
			       &(struct elf_spec){ .dynamic_symbols = FIND_ROWS(FIND_GLOBAL("environ", D, size),
										FIND_GLOBAL("__environ", D, size)),
						   .relocs = both,
						   .data = data,
						   .data_size = sizeof(data) });
	settle(&world);
	says(&world, "PT007",
	     "environ is one variable with two sizes: b was built for 16 bytes, but uses a's, which has 8.");
	find_world_deinit(&world);
}

static void test_shadowed_copies_are_folded(void **state)
{
	(void)state;
	struct find_world world;
	const struct elf_symbol_spec *rows = FIND_ROWS(FIND_GLOBAL("gear", D, 24), FIND_GLOBAL("wheel", D + 64, 40),
						       FIND_GLOBAL("_ZTV1A", D + 128, 40));
	const struct elf_reloc_spec *relocs = FIND_RELOCS(FIND_RELOC(R_X86_64_GLOB_DAT, WORD, 1),
							  FIND_RELOC(R_X86_64_GLOB_DAT, WORD + 8, 2),
							  FIND_RELOC(R_X86_64_GLOB_DAT, WORD + 16, 3));
	const struct elf_spec spec = { .dynamic_symbols = rows,
				       .relocs = relocs,
				       .data = data,
				       .data_size = sizeof(data) };
	find_world_init(&world, EM_X86_64);
	find_world_add(&world, &spec);
	find_world_add(&world, &spec);
	settle(&world);
	says(&world, "PT008", "b has 2 variables that nothing uses: its references go to a's (gear and wheel).");
	const struct polyton_finding *finding = find_world_finding(&world, "PT008");
	assert_string_equal(finding->slug, "shadowed-copy");
	assert_int_equal(finding->severity, POLYTON_SEVERITY_NOTE);
	assert_true(finding->is_routine);
	assert_int_equal(finding->object, 1);
	assert_int_equal(finding->singleton, POLYTON_NONE);
	find_world_deinit(&world);
}

static void test_one_shadowed_copy(void **state)
{
	(void)state;
	struct find_world world;
	find_world_init(&world, EM_X86_64);
	add(&world, R_X86_64_GLOB_DAT, FIND_ROWS(FIND_GLOBAL("gear", D, 24)));
	add(&world, R_X86_64_GLOB_DAT, FIND_ROWS(FIND_GLOBAL("gear", D, 24)));
	settle(&world);
	says(&world, "PT008", "b has a variable that nothing uses: its references go to a's (gear).");
	assert_int_equal(find_world_finding(&world, "PT008")->singleton, 0);
	find_world_deinit(&world);

	// Nobody refers to the library's.
	find_world_init(&world, EM_X86_64);
	add(&world, R_X86_64_GLOB_DAT, FIND_ROWS(FIND_GLOBAL("gear", D, 24)));
	add(&world, R_X86_64_RELATIVE, FIND_ROWS(FIND_GLOBAL("gear", D, 24)));
	settle(&world);
	says(&world, "PT008", "No reference leads to a variable that b exports (gear).");
	find_world_deinit(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_interposed_by_a_smaller_one),
		cmocka_unit_test(test_a_larger_one_is_a_mismatch_too),
		cmocka_unit_test(test_several_users_are_one_finding),
		cmocka_unit_test(test_thread_locals),
		cmocka_unit_test(test_copy_relocation),
		cmocka_unit_test(test_read_only_is_a_warning),
		cmocka_unit_test(test_what_is_no_mismatch),
		cmocka_unit_test(test_not_merged),
		cmocka_unit_test(test_aliases_are_one_finding),
		cmocka_unit_test(test_shadowed_copies_are_folded),
		cmocka_unit_test(test_one_shadowed_copy),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
