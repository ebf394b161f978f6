#include "../support/check.h"

#include "../support/elf_writer.h"
#include "elf/symbols.h"

static const struct elf_symbol_spec exported[] = {
	{ "needed", 0, 0, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, SHN_UNDEF },
	{ "counter", ELF_AT_DATA, 8, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, 1 },
	{ "slot", 0, 4, ELF64_ST_INFO(STB_GLOBAL, STT_TLS), 0, 1 },
	{ 0 },
};
static const struct elf_symbol_spec all[] = {
	{ "x.c", 0, 0, ELF64_ST_INFO(STB_LOCAL, STT_FILE), 0, SHN_ABS },
	{ "hidden", ELF_AT_DATA + 8, 8, ELF64_ST_INFO(STB_LOCAL, STT_OBJECT), 0, 1 },
	{ "counter", ELF_AT_DATA, 8, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, 1 },
	{ 0 },
};
static const uint8_t data[64];
static const struct elf_spec plain = {
	.soname = "libplain.so",
	.dynamic_symbols = exported,
	.symbols = all,
	.data = data,
	.data_size = sizeof(data),
	.tbss_size = 16,
};

static void check_exported(struct elf_file *file)
{
	struct elf_symbols symbols;
	assert_fine(elf_symbols_dynamic(file, &symbols));
	assert_int_equal(symbols.count, 4);
	assert_string_equal(elf_symbol_name(&symbols, &symbols.entries[1]), "needed");
	assert_string_equal(elf_symbol_name(&symbols, &symbols.entries[3]), "slot");
	assert_int_equal(symbols.entries[2].st_value, ELF_AT_DATA);
	assert_int_equal((uintptr_t)symbols.entries % _Alignof(Elf64_Sym), 0);
}

static void test_tables_by_section(void **state)
{
	(void)state;
	struct elf_bytes bytes = elf_write(&plain);
	struct elf_file *file;
	struct elf_symbols symbols;
	assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x", &file));
	check_exported(file);
	assert_fine(elf_symbols_full(file, &symbols));
	assert_int_equal(symbols.count, 4);
	assert_string_equal(elf_symbol_name(&symbols, &symbols.entries[2]), "hidden");
	elf_file_close(file);
	elf_bytes_deinit(&bytes);
}

static void test_dynamic_table_without_sections(void **state)
{
	(void)state;
	const enum elf_hash_spec kinds[] = { ELF_HASH_GNU, ELF_HASH_SYSV, ELF_HASH_NONE };
	for (size_t i = 0; i < count_of(kinds); i++) {
		struct elf_spec spec = plain;
		spec.has_no_sections = true;
		spec.hash = kinds[i];
		struct elf_bytes bytes = elf_write(&spec);
		struct elf_file *file;
		struct elf_symbols symbols;
		assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x", &file));
		assert_fine(elf_symbols_full(file, &symbols));
		assert_int_equal(symbols.count, 0);
		if (kinds[i] != ELF_HASH_NONE) {
			check_exported(file);
		} else { // nothing says how many there are
			assert_fine(elf_symbols_dynamic(file, &symbols));
			assert_int_equal(symbols.count, 0);
		}
		elf_file_close(file);
		elf_bytes_deinit(&bytes);
	}
}

static void test_damaged_dynsym_section_leaves_the_loaders_way(void **state)
{
	(void)state;
	const size_t fields[][2] = { { offsetof(Elf64_Shdr, sh_entsize), 8 },
				     { offsetof(Elf64_Shdr, sh_link), 4 },
				     { offsetof(Elf64_Shdr, sh_offset), 8 },
				     { offsetof(Elf64_Shdr, sh_size), 8 } };
	for (size_t i = 0; i < count_of(fields); i++) {
		struct elf_bytes bytes = elf_write(&plain);
		struct elf_file *file;
		elf_patch(&bytes, elf_section_header(&bytes, SHT_DYNSYM) + fields[i][0], UINT64_MAX, fields[i][1]);
		assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x", &file));
		check_exported(file);
		elf_file_close(file);
		elf_bytes_deinit(&bytes);
	}
}

static void test_table_at_an_odd_place_is_copied(void **state)
{
	(void)state;
	struct elf_bytes bytes = elf_write(&plain);
	uint8_t *odd = malloc(bytes.size + 1);
	struct elf_file *file;
	assert_non_null(odd);
	memcpy(odd + 1, bytes.bytes, bytes.size);
	assert_fine(elf_file_from_bytes(odd + 1, bytes.size, "x", &file));
	check_exported(file);
	elf_file_close(file);
	free(odd);
	elf_bytes_deinit(&bytes);
}

static void test_strings_that_do_not_end_are_refused(void **state)
{
	(void)state;
	struct elf_bytes bytes = elf_write(&plain);
	struct elf_file *file;
	struct elf_symbols symbols;
	// The strings that .symtab links to are cut in the middle of the first name.
	uint32_t link = bytes.bytes[elf_section_header(&bytes, SHT_SYMTAB) + offsetof(Elf64_Shdr, sh_link)];
	uint64_t strings = bytes.sections + link * sizeof(Elf64_Shdr) + offsetof(Elf64_Shdr, sh_size);
	elf_patch(&bytes, strings, 3, 8);
	assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x", &file));
	assert_error(elf_symbols_full(file, &symbols), POLYTON_ERROR_DAMAGED, "strings do not end");
	elf_file_close(file);
	elf_patch(&bytes, strings, 0, 8);
	assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x", &file));
	assert_error(elf_symbols_full(file, &symbols), POLYTON_ERROR_DAMAGED, "strings do not end");
	elf_file_close(file);
	elf_bytes_deinit(&bytes);
}

static void test_name_outside_the_strings_is_empty(void **state)
{
	(void)state;
	struct elf_bytes bytes = elf_write(&plain);
	struct elf_file *file;
	struct elf_symbols symbols;
	elf_patch(&bytes, bytes.symtab + 2 * sizeof(Elf64_Sym) + offsetof(Elf64_Sym, st_name), UINT32_MAX, 4);
	assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x", &file));
	assert_fine(elf_symbols_full(file, &symbols));
	assert_string_equal(elf_symbol_name(&symbols, &symbols.entries[2]), "");
	elf_file_close(file);
	elf_bytes_deinit(&bytes);
}

// Without sections the hash table says how many symbols there are, and may lie about it.
static void test_hash_tables_that_lie(void **state)
{
	(void)state;
	const uint32_t values[] = { 0, 1, 2, 0x7fffffff, 0x10000000, 0xffffffff };
	for (int kind = ELF_HASH_GNU; kind <= ELF_HASH_SYSV; kind++) {
		for (size_t field = 0; field < 10; field++) {
			for (size_t i = 0; i < count_of(values); i++) {
				struct elf_spec spec = plain;
				spec.has_no_sections = true;
				spec.hash = (enum elf_hash_spec)kind;
				struct elf_bytes bytes = elf_write(&spec);
				struct elf_file *file;
				struct elf_symbols symbols = { 0 };
				elf_patch(&bytes, bytes.hash + 4 * field, values[i], 4);
				assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x", &file));
				struct polyton_error *error = elf_symbols_dynamic(file, &symbols);
				for (size_t k = 0; !error && k < symbols.count; k++)
					elf_symbol_name(&symbols, &symbols.entries[k]);
				polyton_error_destroy(error);
				elf_file_close(file);
				elf_bytes_deinit(&bytes);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables_by_section),
		cmocka_unit_test(test_dynamic_table_without_sections),
		cmocka_unit_test(test_damaged_dynsym_section_leaves_the_loaders_way),
		cmocka_unit_test(test_table_at_an_odd_place_is_copied),
		cmocka_unit_test(test_strings_that_do_not_end_are_refused),
		cmocka_unit_test(test_name_outside_the_strings_is_empty),
		cmocka_unit_test(test_hash_tables_that_lie),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
