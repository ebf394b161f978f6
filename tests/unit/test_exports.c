// Names that several objects export: who defines them, and who uses whose.

#include "../support/check.h"

#include "../support/find_world.h"
#include "find/exports.h"

enum { CODE = ELF_AT_RODATA, WORD = 0x7000, FEW = 3 };

#define FUNCTION(name) FIND_SYMBOL(name, STB_GLOBAL, STT_FUNC, CODE, 16)
#define WEAK(name) FIND_SYMBOL(name, STB_WEAK, STT_FUNC, CODE, 16)

static const uint8_t constants[64];

static uint32_t add(struct find_world *world, const struct elf_symbol_spec *rows, enum elf_hash_spec hash,
		    const struct elf_reloc_spec *relocs)
{
	return find_world_add(world, &(struct elf_spec){ .dynamic_symbols = rows,
							 .hash = hash,
							 .relocs = relocs,
							 .rodata = constants,
							 .rodata_size = sizeof(constants) });
}

static const struct export *find(const struct exports *exports, const char *name)
{
	for (size_t i = 0; i < exports->items.count; i++) {
		if (strcmp(exports->items.items[i].name, name) == 0)
			return &exports->items.items[i];
	}
	return NULL;
}

static void defined_by(const struct exports *exports, const char *name, const char *objects)
{
	const struct export *export = find(exports, name);
	char text[LINK_OBJECTS + 1] = "";
	assert_non_null(export);
	for (uint32_t i = 0; i < export->definer_count; i++)
		text[i] = (char)('a' + exports->definers.items[export->first_definer + i]);
	assert_string_equal(text, objects);
}

// "aB" and "b!" have one hash, in DT_GNU_HASH and in DT_HASH's objects, for which it is computed.
static void test_names_of_one_hash_are_told_apart(void **state)
{
	(void)state;
	static const enum elf_hash_spec hashes[] = { ELF_HASH_GNU, ELF_HASH_SYSV };
	assert_int_equal(elf_gnu_hash("aB"), elf_gnu_hash("b!"));
	for (size_t i = 0; i < count_of(hashes); i++) {
		struct find_world world;
		struct exports exports;
		find_world_init(&world, EM_X86_64);
		add(&world, FIND_ROWS(FUNCTION("aB"), FUNCTION("alone")), hashes[i], NULL);
		add(&world, FIND_ROWS(FUNCTION("b!"), FUNCTION("aB")), hashes[i], NULL);
		add(&world, FIND_ROWS(FUNCTION("b!"), WEAK("aB")), ELF_HASH_GNU, NULL);
		find_world_settle(&world);
		assert_fine(exports_find(world.inputs, FEW, &exports));
		assert_int_equal(exports.items.count, 2);
		defined_by(&exports, "aB", "ab");
		defined_by(&exports, "b!", "bc");
		exports_deinit(&exports);
		find_world_deinit(&world);
	}
}

// One object's two versions of a name are one object's.
static void test_versions_of_one_object_count_once(void **state)
{
	(void)state;
	struct find_world world;
	struct exports exports;
	find_world_init(&world, EM_X86_64);
	add(&world, FIND_ROWS(FUNCTION("f"), FUNCTION("f")), ELF_HASH_GNU, NULL);
	add(&world, FIND_ROWS(FUNCTION("g"), FUNCTION("g"), FUNCTION("f")), ELF_HASH_GNU, NULL);
	find_world_settle(&world);
	assert_fine(exports_find(world.inputs, 2, &exports));
	assert_int_equal(exports.items.count, 1);
	defined_by(&exports, "f", "ab");
	exports_deinit(&exports);
	find_world_deinit(&world);
}

static void test_uses_are_of_what_is_exported_twice(void **state)
{
	(void)state;
	struct find_world world;
	struct exports exports;
	const struct elf_reloc_spec *relocs =
		FIND_RELOCS(FIND_RELOC(R_X86_64_GLOB_DAT, WORD, 1), FIND_RELOC(R_X86_64_GLOB_DAT, WORD + 8, 2));
	find_world_init(&world, EM_X86_64);
	add(&world, FIND_ROWS(FUNCTION("f"), FUNCTION("alone")), ELF_HASH_GNU, relocs);
	add(&world, FIND_ROWS(FUNCTION("f")), ELF_HASH_GNU, FIND_RELOCS(FIND_RELOC(R_X86_64_GLOB_DAT, WORD, 1)));
	find_world_settle(&world);
	assert_fine(exports_find(world.inputs, 2, &exports));
	assert_fine(exports_relate(&world.finder, &exports));
	assert_int_equal(exports.uses.count, 2); // both use that of a
	for (uint32_t i = 0; i < 2; i++) {
		assert_int_equal(exports.uses.items[i].provider, 0);
		assert_int_equal(exports.uses.items[i].user, i);
	}
	const struct export_pair *pair = exports_pair(&exports, 1, 0);
	assert_non_null(pair);
	assert_int_equal(pair->common, 1);
	assert_null(exports_pair(&exports, 0, 2));
	assert_true(exports_share_most(&exports, 0, 1, true));
	exports_deinit(&exports);
	find_world_deinit(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_of_one_hash_are_told_apart),
		cmocka_unit_test(test_versions_of_one_object_count_once),
		cmocka_unit_test(test_uses_are_of_what_is_exported_twice),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
