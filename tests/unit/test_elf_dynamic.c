#include "../support/check.h"

#include "../support/elf_writer.h"
#include "elf/dynamic.h"

static const struct elf_reloc_spec relocs[] = {
	{ ELF_AT_DATA, R_X86_64_RELATIVE, 0, 0x1234 },
	{ ELF_AT_DATA + 8, R_X86_64_GLOB_DAT, 7, -4 },
	{ 0 },
};
static const struct elf_reloc_spec plt[] = {
	{ ELF_AT_DATA + 16, R_X86_64_JUMP_SLOT, 9, 0 },
	{ 0 },
};
// An address, then a bitmap over the 63 words behind it: the first, the third and the last.
static const uint64_t relr[] = { ELF_AT_DATA, 1 | 1 << 1 | 1 << 3 | UINT64_C(1) << 63, ELF_AT_DATA + 0x100 };
static uint64_t data[128];
static const struct elf_spec plain = {
	.soname = "libplain.so.1",
	.flags = DF_STATIC_TLS | DF_BIND_NOW,
	.flags_1 = DF_1_NODELETE,
	.relocs = relocs,
	.plt_relocs = plt,
	.relr = relr,
	.relr_count = count_of(relr),
	.data = data,
	.data_size = sizeof(data),
};

struct visited {
	struct elf_reloc items[16];
	size_t count, limit;
};

static bool visit(const struct elf_reloc *reloc, void *arg)
{
	struct visited *visited = arg;
	assert_true(visited->count < count_of(visited->items));
	visited->items[visited->count++] = *reloc;
	return visited->count < visited->limit;
}

static void test_entries(void **state)
{
	(void)state;
	struct elf_bytes bytes = elf_write(&plain);
	struct elf_file *file;
	struct elf_dynamic dynamic;
	const char *complaint;
	assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x", &file));
	assert_fine(elf_dynamic_parse(file, &dynamic, &complaint));
	assert_null(complaint);
	assert_string_equal(dynamic.soname, "libplain.so.1");
	assert_int_equal(dynamic.flags, DF_STATIC_TLS | DF_BIND_NOW);
	assert_int_equal(dynamic.flags_1, DF_1_NODELETE);
	assert_false(dynamic.is_symbolic);
	assert_int_equal(dynamic.rela_count, 2);
	assert_int_equal(dynamic.jmprel_count, 1);
	assert_int_equal(dynamic.relr_count, 3);
	elf_file_close(file);
	elf_bytes_deinit(&bytes);
}

static void test_symbolic_by_tag_or_flag(void **state)
{
	(void)state;
	for (int way = 0; way < 2; way++) {
		const struct elf_spec spec = { .is_symbolic = way == 0, .flags = way == 1 ? DF_SYMBOLIC : 0 };
		struct elf_bytes bytes = elf_write(&spec);
		struct elf_file *file;
		struct elf_dynamic dynamic;
		const char *complaint;
		assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x", &file));
		assert_fine(elf_dynamic_parse(file, &dynamic, &complaint));
		assert_true(dynamic.is_symbolic);
		assert_string_equal(dynamic.soname, "");
		elf_file_close(file);
		elf_bytes_deinit(&bytes);
	}
}

static void test_file_without_a_dynamic_section(void **state)
{
	(void)state;
	const struct elf_spec spec = { .has_no_dynamic = true, .relocs = relocs };
	struct elf_bytes bytes = elf_write(&spec);
	struct elf_file *file;
	struct elf_dynamic dynamic;
	const char *complaint;
	struct visited visited = { .limit = 16 };
	assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x", &file));
	assert_fine(elf_dynamic_parse(file, &dynamic, &complaint));
	assert_null(complaint);
	assert_string_equal(dynamic.soname, "");
	assert_null(dynamic.runpath);
	assert_string_equal(dynamic.rpath, "");
	assert_int_equal(dynamic.needed_count, 0);
	assert_int_equal(dynamic.gnu_hash | dynamic.hash | dynamic.versym | dynamic.init_array, 0);
	elf_relocs_visit(file, &dynamic, R_X86_64_RELATIVE, visit, &visited);
	assert_int_equal(visited.count, 0);
	elf_file_close(file);
	elf_bytes_deinit(&bytes);
}

static void test_relocations_of_all_tables(void **state)
{
	(void)state;
	// What RELR leaves in place is its addend.
	data[0] = 0x10;
	data[1] = 0x11;
	data[3] = 0x13;
	data[63] = 0x3f;
	data[32] = 0x20;
	struct elf_bytes bytes = elf_write(&plain);
	struct elf_file *file;
	struct elf_dynamic dynamic;
	const char *complaint;
	struct visited visited = { .limit = 16 };
	const struct elf_reloc expected[] = {
		{ ELF_AT_DATA, R_X86_64_RELATIVE, 0, 0x1234 },
		{ ELF_AT_DATA + 8, R_X86_64_GLOB_DAT, 7, -4 },
		{ ELF_AT_DATA + 16, R_X86_64_JUMP_SLOT, 9, 0 },
		{ ELF_AT_DATA, R_X86_64_RELATIVE, 0, 0x10 },
		{ ELF_AT_DATA + 8, R_X86_64_RELATIVE, 0, 0x11 },
		{ ELF_AT_DATA + 8 * 3, R_X86_64_RELATIVE, 0, 0x13 },
		{ ELF_AT_DATA + 8 * 63, R_X86_64_RELATIVE, 0, 0x3f },
		{ ELF_AT_DATA + 0x100, R_X86_64_RELATIVE, 0, 0x20 },
	};
	assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x", &file));
	assert_fine(elf_dynamic_parse(file, &dynamic, &complaint));
	elf_relocs_visit(file, &dynamic, R_X86_64_RELATIVE, visit, &visited);
	assert_int_equal(visited.count, count_of(expected));
	for (size_t i = 0; i < count_of(expected); i++) {
		assert_int_equal(visited.items[i].offset, expected[i].offset);
		assert_int_equal(visited.items[i].type, expected[i].type);
		assert_int_equal(visited.items[i].symbol, expected[i].symbol);
		assert_int_equal(visited.items[i].addend, expected[i].addend);
	}
	elf_file_close(file);
	elf_bytes_deinit(&bytes);
}

static void test_visitor_ends_the_walk(void **state)
{
	(void)state;
	struct elf_bytes bytes = elf_write(&plain);
	struct elf_file *file;
	struct elf_dynamic dynamic;
	const char *complaint;
	assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x", &file));
	assert_fine(elf_dynamic_parse(file, &dynamic, &complaint));
	for (size_t limit = 1; limit <= 8; limit++) {
		struct visited visited = { .limit = limit };
		elf_relocs_visit(file, &dynamic, R_X86_64_RELATIVE, visit, &visited);
		assert_int_equal(visited.count, limit);
	}
	elf_file_close(file);
	elf_bytes_deinit(&bytes);
}

static void test_table_outside_the_file_is_described_and_left_out(void **state)
{
	(void)state;
	const struct {
		int64_t tag;
		const char *words;
		size_t left;
	} rows[] = {
		{ DT_RELA, "its relocation table", 6 },
		{ DT_RELASZ, "its relocation table", 6 },
		{ DT_JMPREL, "its PLT relocation table", 7 },
		{ DT_PLTRELSZ, "its PLT relocation table", 7 },
		{ DT_RELR, "its RELR table", 3 },
		{ DT_RELRSZ, "its RELR table", 3 },
		{ DT_RELAENT, "unknown size", 0 },
	};
	for (size_t i = 0; i < count_of(rows); i++) {
		struct elf_bytes bytes = elf_write(&plain);
		struct elf_file *file;
		struct elf_dynamic dynamic;
		const char *complaint;
		struct visited visited = { .limit = 16 };
		elf_patch(&bytes, elf_dynamic_entry(&bytes, rows[i].tag) + 8, UINT64_MAX - 7, 8);
		assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x", &file));
		assert_fine(elf_dynamic_parse(file, &dynamic, &complaint));
		assert_non_null(complaint);
		assert_non_null(strstr(complaint, rows[i].words));
		elf_relocs_visit(file, &dynamic, R_X86_64_RELATIVE, visit, &visited);
		assert_int_equal(visited.count, rows[i].left);
		elf_file_close(file);
		elf_bytes_deinit(&bytes);
	}
}

static void test_soname_outside_the_strings_is_none(void **state)
{
	(void)state;
	const struct {
		int64_t tag;
		uint64_t value;
	} rows[] = {
		{ DT_SONAME, UINT64_MAX },
		{ DT_STRTAB, UINT64_MAX },
		{ DT_STRSZ, UINT64_MAX },
		{ DT_SONAME, 20 }, // in what follows the strings
	};
	for (size_t i = 0; i < count_of(rows); i++) {
		struct elf_bytes bytes = elf_write(&plain);
		struct elf_file *file;
		struct elf_dynamic dynamic;
		const char *complaint;
		elf_patch(&bytes, bytes.dynstr + 20, 'x', 1);
		elf_patch(&bytes, elf_dynamic_entry(&bytes, rows[i].tag) + 8, rows[i].value, 8);
		assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x", &file));
		assert_fine(elf_dynamic_parse(file, &dynamic, &complaint));
		assert_string_equal(dynamic.soname, "");
		elf_file_close(file);
		elf_bytes_deinit(&bytes);
	}
}

static void test_what_is_needed_and_where_it_is_looked_for(void **state)
{
	(void)state;
	const char *const needed[] = { "libb.so", "liba.so", "libc.so.6", NULL };
	const struct elf_spec spec = { .soname = "libplain.so.1",
				       .needed = needed,
				       .runpath = "$ORIGIN/../lib:/opt",
				       .rpath = "/old",
				       .init_array = ELF_AT_DATA,
				       .init_array_size = 16 };
	struct elf_bytes bytes = elf_write(&spec);
	struct elf_file *file;
	struct elf_dynamic dynamic;
	const char *complaint;
	assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x", &file));
	assert_fine(elf_dynamic_parse(file, &dynamic, &complaint));
	assert_string_equal(dynamic.soname, "libplain.so.1");
	assert_string_equal(dynamic.runpath, "$ORIGIN/../lib:/opt");
	assert_string_equal(dynamic.rpath, "/old");
	assert_int_equal(dynamic.needed_count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(dynamic.needed[i], needed[i]);
		assert_int_equal(elf_need_kind(dynamic.need_kinds, i), ELF_NEED_LIBRARY);
	}
	assert_int_equal(dynamic.init_array, ELF_AT_DATA);
	assert_int_equal(dynamic.init_array_size, 16);
	elf_file_close(file);

	// A name outside the strings is left out; one that does not end is none either.
	elf_patch(&bytes, elf_dynamic_entry(&bytes, DT_NEEDED) + 8, UINT64_MAX, 8);
	elf_patch(&bytes, bytes.dynstr + bytes.dynstr_size - 1, 'x', 1);
	assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x", &file));
	assert_fine(elf_dynamic_parse(file, &dynamic, &complaint));
	assert_int_equal(dynamic.needed_count, 1);
	assert_string_equal(dynamic.needed[0], "liba.so");
	elf_file_close(file);
	elf_bytes_deinit(&bytes);
}

static void test_filters(void **state)
{
	(void)state;
	const char *const needed[] = { "libb.so", "liba.so", "libc.so.6", "libd.so", NULL };
	const struct elf_spec spec = { .needed = needed };
	struct elf_bytes bytes = elf_write(&spec);
	struct elf_file *file;
	struct elf_dynamic dynamic;
	const char *complaint;
	size_t first = elf_dynamic_entry(&bytes, DT_NEEDED);
	elf_patch(&bytes, first, DT_AUXILIARY, 8);
	elf_patch(&bytes, first + 32, DT_FILTER, 8);
	// One that has no name is left out, with its kind.
	elf_patch(&bytes, first + 16 + 8, UINT64_MAX, 8);
	assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x", &file));
	assert_fine(elf_dynamic_parse(file, &dynamic, &complaint));
	assert_int_equal(dynamic.needed_count, 3);
	assert_string_equal(dynamic.needed[0], "libb.so");
	assert_string_equal(dynamic.needed[1], "libc.so.6");
	assert_string_equal(dynamic.needed[2], "libd.so");
	assert_int_equal(dynamic.need_kinds[0], ELF_NEED_AUXILIARY);
	assert_int_equal(dynamic.need_kinds[1], ELF_NEED_FILTEE);
	assert_int_equal(dynamic.need_kinds[2], ELF_NEED_LIBRARY);
	assert_int_equal(elf_need_kind(NULL, 7), ELF_NEED_LIBRARY);
	elf_file_close(file);
	elf_bytes_deinit(&bytes);
}

static void test_places_of_the_lookup_tables(void **state)
{
	(void)state;
	const struct elf_symbol_spec symbols[] = { { "x", 0, 0, 0, 0, SHN_UNDEF }, { 0 } };
	const struct elf_version_spec versions[] = { { "V1", NULL, 2, 0 },
						     { "V2", NULL, 3, 0 },
						     { "N1", "libn.so", 4, 0 },
						     { 0 } };
	const uint16_t versym[] = { 4 };
	for (int kind = ELF_HASH_GNU; kind <= ELF_HASH_SYSV; kind++) {
		const struct elf_spec spec = { .dynamic_symbols = symbols,
					       .hash = (enum elf_hash_spec)kind,
					       .versym = versym,
					       .versions = versions };
		struct elf_bytes bytes = elf_write(&spec);
		struct elf_file *file;
		struct elf_dynamic dynamic;
		const char *complaint;
		assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x", &file));
		assert_fine(elf_dynamic_parse(file, &dynamic, &complaint));
		assert_int_equal(dynamic.gnu_hash, kind == ELF_HASH_GNU ? bytes.hash : 0);
		assert_int_equal(dynamic.hash, kind == ELF_HASH_SYSV ? bytes.hash : 0);
		assert_int_equal(dynamic.versym, bytes.versym);
		assert_int_equal(dynamic.verdef, bytes.verdef);
		assert_int_equal(dynamic.verneed, bytes.verneed);
		assert_int_equal(dynamic.verdef_count, 2);
		assert_int_equal(dynamic.verneed_count, 1);
		elf_file_close(file);
		elf_bytes_deinit(&bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_symbolic_by_tag_or_flag),
		cmocka_unit_test(test_file_without_a_dynamic_section),
		cmocka_unit_test(test_relocations_of_all_tables),
		cmocka_unit_test(test_visitor_ends_the_walk),
		cmocka_unit_test(test_table_outside_the_file_is_described_and_left_out),
		cmocka_unit_test(test_soname_outside_the_strings_is_none),
		cmocka_unit_test(test_what_is_needed_and_where_it_is_looked_for),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_places_of_the_lookup_tables),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
