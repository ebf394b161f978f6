// Which symbols are variables that an object defines, and what the tables say of them.

#include "../support/check.h"

#include "../support/find_object.h"

static void test_only_what_is_defined(void **state)
{
	(void)state;
	static const struct elf_symbol_spec exported[] = {
		{ "errno@GLIBC_PRIVATE", 0, 4, ELF64_ST_INFO(STB_GLOBAL, STT_TLS), 0, SHN_UNDEF },
		{ "stdout@GLIBC_2.2.5", 0, 8, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, SHN_UNDEF },
		{ "LUA_5.4", 0, 8, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, SHN_ABS },
		FIND_SYMBOL("run", STB_GLOBAL, STT_FUNC, 0x100, 32),
		FIND_SYMBOL("mark", STB_GLOBAL, STT_NOTYPE, ELF_AT_DATA, 8),
		FIND_GLOBAL("empty", ELF_AT_DATA, 0),
		FIND_GLOBAL("", ELF_AT_DATA, 8),
		FIND_GLOBAL("counter", ELF_AT_DATA + 8, 8),
		FIND_TLS("slot", 0x10, 8),
		{ 0 },
	};
	struct object_input object;
	find_object_init(&object, NULL, exported);
	assert_int_equal(object.candidates->count, 2);
	assert_string_equal(object.candidates->items[0].name, "counter");
	assert_int_equal(object.candidates->items[0].kind, POLYTON_KIND_STATIC);
	assert_string_equal(object.candidates->items[1].name, "slot");
	assert_int_equal(object.candidates->items[1].kind, POLYTON_KIND_TLS);
	find_object_deinit(&object);
}

static void test_storage_by_segment(void **state)
{
	(void)state;
	static const struct elf_symbol_spec symbols[] = {
		FIND_GLOBAL("konst", ELF_AT_RODATA, 8),
		FIND_GLOBAL("relro", ELF_AT_DATA - 8, 8),
		FIND_GLOBAL("data", ELF_AT_DATA, 8),
		FIND_GLOBAL("last_data", FIND_BSS - 1, 8),
		FIND_GLOBAL("bss", FIND_BSS, 8),
		FIND_GLOBAL("last_bss", ELF_AT_END - 8, 8),
		FIND_GLOBAL("outside", ELF_AT_END, 8),
		FIND_GLOBAL("far", UINT64_MAX - 7, 8),
		FIND_TLS("tdata", FIND_TBSS - 1, 8),
		FIND_TLS("tbss", FIND_TBSS, 8),
		FIND_TLS("tls_end", FIND_TLS_SIZE - 8, 8),
		FIND_TLS("tls_over", FIND_TLS_SIZE - 7, 8),
		FIND_TLS("tls_huge", 8, UINT64_MAX),
		FIND_SYMBOL("common", STB_GLOBAL, STT_COMMON, FIND_BSS + 8, 8),
		{ 0 },
	};
	static const struct {
		const char *name;
		int storage; ///< -1: it lies nowhere.
	} wanted[] = {
		{ "konst", POLYTON_STORAGE_CONST },
		{ "relro", POLYTON_STORAGE_RELRO },
		{ "data", POLYTON_STORAGE_DATA },
		{ "last_data", POLYTON_STORAGE_DATA },
		{ "bss", POLYTON_STORAGE_ZERO },
		{ "last_bss", POLYTON_STORAGE_ZERO },
		{ "outside", -1 },
		{ "far", -1 },
		{ "tdata", POLYTON_STORAGE_DATA },
		{ "tbss", POLYTON_STORAGE_ZERO },
		{ "tls_end", POLYTON_STORAGE_ZERO },
		{ "tls_over", -1 },
		{ "tls_huge", -1 },
		{ "common", POLYTON_STORAGE_ZERO },
	};
	struct object_input object;
	find_object_init(&object, symbols, NULL);
	for (size_t i = 0; i < count_of(wanted); i++) {
		const struct candidate *candidate = find_candidate(&object, wanted[i].name);
		int storage = candidate ? (int)candidate->storage : -1;
		if (storage != wanted[i].storage)
			print_error("%s\n", wanted[i].name);
		assert_int_equal(storage, wanted[i].storage);
	}
	find_object_deinit(&object);
}

static void test_thread_locals_need_a_segment(void **state)
{
	(void)state;
	static const struct elf_symbol_spec symbols[] = { FIND_TLS("slot", 0, 8),
							  FIND_GLOBAL("x", ELF_AT_DATA, 8),
							  { 0 } };
	struct object_input object;
	candidates found;
	find_object_init(&object, symbols, NULL);
	object.segment_count--; // PT_TLS is the last
	assert_fine(candidates_collect(&object, &found));
	assert_int_equal(found.count, 1);
	assert_string_equal(found.items[0].name, "x");
	vec_deinit(&found);
	find_object_deinit(&object);
}

// GLOBAL in an executable's .symtab is not exported, LOCAL may stand in .dynsym.
static void test_exported_means_bindable(void **state)
{
	(void)state;
	static const struct elf_symbol_spec symbols[] = {
		FIND_FILE("main.c"),
		FIND_LOCAL("shared_name", ELF_AT_DATA, 8),
		FIND_FILE(""),
		FIND_GLOBAL("internal", ELF_AT_DATA + 8, 8),
		FIND_GLOBAL("offered@@V2", ELF_AT_DATA + 16, 8),
		FIND_GLOBAL("odd", ELF_AT_DATA + 24, 8),
		FIND_GLOBAL("needed_here", ELF_AT_DATA + 32, 8),
		FIND_GLOBAL("shared_name", ELF_AT_DATA + 40, 8),
		FIND_SYMBOL("feeble", STB_WEAK, STT_OBJECT, ELF_AT_DATA + 48, 8),
		{ 0 },
	};
	static const struct elf_symbol_spec exported[] = {
		FIND_LOCAL("odd", ELF_AT_DATA + 24, 8),
		{ "needed_here", 0, 0, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, SHN_UNDEF },
		FIND_GLOBAL("offered", ELF_AT_DATA + 16, 8),
		FIND_GLOBAL("shared_name", ELF_AT_DATA + 40, 8),
		FIND_SYMBOL("feeble", STB_WEAK, STT_OBJECT, ELF_AT_DATA + 48, 8),
		{ 0 },
	};
	struct object_input object;
	find_object_init(&object, symbols, exported);
	assert_int_equal(object.candidates->count, 7);
	assert_false(find_candidate(&object, "internal")->is_exported);
	assert_true(find_candidate(&object, "offered@@V2")->is_exported);
	assert_false(find_candidate(&object, "odd")->is_exported);
	assert_false(find_candidate(&object, "needed_here")->is_exported);
	assert_true(find_candidate(&object, "feeble")->is_exported);
	// The static of the same name is the first in the table.
	assert_false(object.candidates->items[0].is_exported);
	assert_true(object.candidates->items[5].is_exported);
	find_object_deinit(&object);

	// Where .dynsym is all there is, its LOCAL symbols are no statics of a source file.
	find_object_init(&object, NULL, exported);
	assert_false(find_candidate(&object, "odd")->is_exported);
	assert_false(find_candidate(&object, "odd")->is_local);
	assert_null(find_candidate(&object, "needed_here"));
	find_object_deinit(&object);
}

static void test_statics_stand_under_their_source(void **state)
{
	(void)state;
	static const struct elf_symbol_spec symbols[] = {
		FIND_LOCAL("early", ELF_AT_DATA, 8),
		FIND_FILE("one.c"),
		FIND_LOCAL("state", ELF_AT_DATA + 8, 8),
		FIND_FILE("two.c"),
		FIND_LOCAL("state", ELF_AT_DATA + 16, 8),
		// lld leaves a global that a version script made local where it was, hidden.
		{ "hidden_by_lld", ELF_AT_DATA + 24, 8, ELF64_ST_INFO(STB_LOCAL, STT_OBJECT), STV_HIDDEN, 1 },
		FIND_FILE(""),
		FIND_LOCAL("hidden_by_bfd", ELF_AT_DATA + 32, 8),
		FIND_GLOBAL("global", ELF_AT_DATA + 40, 8),
		{ "guarded", ELF_AT_DATA + 48, 8, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), STV_PROTECTED, 1 },
		FIND_SYMBOL("merged", STB_GNU_UNIQUE, STT_OBJECT, ELF_AT_DATA + 56, 8),
		{ 0 },
	};
	struct object_input object;
	find_object_init(&object, symbols, NULL);
	const struct candidate *items = object.candidates->items;
	assert_int_equal(object.candidates->count, 8);
	assert_false(items[0].is_local);
	assert_string_equal(items[0].source, "");
	assert_true(items[1].is_local);
	assert_string_equal(items[1].source, "one.c");
	assert_true(items[2].is_local);
	assert_string_equal(items[2].source, "two.c");
	for (size_t i = 3; i < 6; i++) {
		assert_false(items[i].is_local);
		assert_string_equal(items[i].source, "");
	}
	assert_true(items[6].is_protected);
	assert_false(items[6].is_unique);
	assert_true(items[7].is_unique);
	assert_false(items[7].is_protected);
	find_object_deinit(&object);
}

// Link-time optimisation makes one unit of many source files, and names none.
static void test_statics_of_an_optimised_unit(void **state)
{
	(void)state;
	struct object_input object;
	find_object_init(&object,
			 FIND_ROWS(FIND_FILE(""), FIND_LOCAL("methods", ELF_AT_DATA, 8), FIND_FILE("crtstuff.c"),
				   FIND_LOCAL("completed", ELF_AT_DATA + 8, 1), FIND_FILE(""),
				   FIND_LOCAL("made_local", ELF_AT_DATA + 16, 8)),
			 NULL);
	assert_true(find_candidate(&object, "methods")->is_local);
	assert_string_equal(find_candidate(&object, "methods")->source, "");
	assert_false(find_candidate(&object, "made_local")->is_local);
	find_object_deinit(&object);
}

static void test_empty_tables(void **state)
{
	(void)state;
	struct object_input object = { 0 };
	candidates found;
	enum polyton_storage storage;
	assert_fine(candidates_collect(&object, &found));
	assert_int_equal(found.count, 0);
	assert_false(object_storage(&object, 0, &storage));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_what_is_defined),
		cmocka_unit_test(test_storage_by_segment),
		cmocka_unit_test(test_thread_locals_need_a_segment),
		cmocka_unit_test(test_exported_means_bindable),
		cmocka_unit_test(test_statics_stand_under_their_source),
		cmocka_unit_test(test_statics_of_an_optimised_unit),
		cmocka_unit_test(test_empty_tables),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
