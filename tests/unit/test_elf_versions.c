#include "../support/check.h"

#include "../support/elf_writer.h"
#include "elf/versions.h"

#define OBJECT ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT)

static const struct elf_symbol_spec symbols[] = {
	{ "wanted", 0, 0, OBJECT, 0, SHN_UNDEF },
	{ "fresh", ELF_AT_DATA, 8, OBJECT, 0, 1 },
	{ "stale", ELF_AT_DATA + 8, 8, OBJECT, 0, 1 },
	{ "plain", ELF_AT_DATA + 16, 8, OBJECT, 0, 1 },
	{ "local", ELF_AT_DATA + 24, 8, OBJECT, 0, 1 },
	{ "beyond", ELF_AT_DATA + 32, 8, OBJECT, 0, 1 },
	{ 0 },
};
static const uint16_t versym[] = { 4, 3, 2 | 0x8000, VER_NDX_GLOBAL, VER_NDX_LOCAL, 9 };
static const struct elf_version_spec versions[] = {
	{ "libplain.so.1", NULL, 1, VER_FLG_BASE },
	{ "PLAIN_1", NULL, 2, 0 },
	{ "PLAIN_2", NULL, 3, VER_FLG_WEAK },
	{ "GLIBC_2.34", "libc.so.6", 4, 0 },
	{ "GLIBC_2.2.5", "libc.so.6", 5, 0 },
	{ "OTHER_1", "libother.so", 6 | 0x8000, VER_FLG_WEAK },
	{ 0 },
};
static const struct elf_spec plain = {
	.soname = "libplain.so.1", .dynamic_symbols = symbols, .versym = versym, .versions = versions
};

struct parsed {
	struct elf_bytes bytes;
	struct elf_file *file;
	struct elf_dynamic dynamic;
	struct elf_symbols symbols;
	struct elf_versions versions;
	const char *complaint;
};

static void parse(struct parsed *parsed)
{
	const char *complaint;
	assert_fine(elf_file_from_bytes(parsed->bytes.bytes, parsed->bytes.size, "x", &parsed->file));
	assert_fine(elf_dynamic_parse(parsed->file, &parsed->dynamic, &complaint));
	assert_null(complaint);
	assert_fine(elf_symbols_dynamic(parsed->file, &parsed->symbols));
	assert_fine(elf_versions_parse(parsed->file, &parsed->dynamic, &parsed->symbols, &parsed->versions,
				       &parsed->complaint));
}

static void drop(struct parsed *parsed)
{
	elf_file_close(parsed->file);
	elf_bytes_deinit(&parsed->bytes);
}

static void test_symbols_versions(void **state)
{
	(void)state;
	struct parsed parsed = { .bytes = elf_write(&plain) };
	bool is_hidden;
	parse(&parsed);
	assert_null(parsed.complaint);
	assert_int_equal(parsed.versions.symbol_count, 7);

	const struct elf_version *version = elf_versions_of(&parsed.versions, 1, &is_hidden);
	assert_string_equal(version->name, "GLIBC_2.34");
	assert_string_equal(version->file, "libc.so.6");
	assert_int_equal(version->hash, 0x69691b4);
	assert_false(version->is_definition);
	assert_false(version->is_weak);
	assert_false(is_hidden);

	version = elf_versions_of(&parsed.versions, 2, &is_hidden);
	assert_string_equal(version->name, "PLAIN_2");
	assert_string_equal(version->file, "");
	assert_true(version->is_definition);
	assert_true(version->is_weak);
	assert_false(is_hidden);

	version = elf_versions_of(&parsed.versions, 3, &is_hidden);
	assert_string_equal(version->name, "PLAIN_1");
	assert_false(version->is_weak);
	assert_true(is_hidden);
	assert_ptr_equal(elf_versions_of(&parsed.versions, 3, NULL), version);

	// Global, local, an index without a record, a symbol that is not there.
	is_hidden = true;
	for (size_t i = 4; i <= 7; i++) {
		assert_null(elf_versions_of(&parsed.versions, i, &is_hidden));
		assert_false(is_hidden);
	}
	drop(&parsed);
}

static void test_records_by_index(void **state)
{
	(void)state;
	struct parsed parsed = { .bytes = elf_write(&plain) };
	parse(&parsed);
	assert_int_equal(parsed.versions.count, 7);
	// The base definition names the file and is no version.
	assert_null(parsed.versions.items[0].name);
	assert_null(parsed.versions.items[1].name);
	assert_string_equal(parsed.versions.items[5].name, "GLIBC_2.2.5");
	assert_string_equal(parsed.versions.items[5].file, "libc.so.6");
	assert_false(parsed.versions.items[5].is_hidden);
	assert_string_equal(parsed.versions.items[6].name, "OTHER_1");
	assert_string_equal(parsed.versions.items[6].file, "libother.so");
	assert_true(parsed.versions.items[6].is_hidden);
	assert_true(parsed.versions.items[6].is_weak);
	drop(&parsed);
}

static void test_definition_wins_over_need(void **state)
{
	(void)state;
	const struct elf_version_spec both[] = { { "DEFINED", NULL, 4, 0 }, { "NEEDED", "libc.so.6", 4, 0 }, { 0 } };
	struct elf_spec spec = plain;
	spec.versions = both;
	struct parsed parsed = { .bytes = elf_write(&spec) };
	parse(&parsed);
	assert_string_equal(elf_versions_of(&parsed.versions, 1, NULL)->name, "DEFINED");
	drop(&parsed);
}

// As in ld.so: l_versyms is set where there are records, and only there.
static void test_no_table_without_records_or_the_other_way_round(void **state)
{
	(void)state;
	for (int way = 0; way < 3; way++) {
		struct elf_spec spec = plain;
		if (way != 1)
			spec.versions = NULL;
		if (way != 0)
			spec.versym = NULL;
		struct parsed parsed = { .bytes = elf_write(&spec) };
		parse(&parsed);
		assert_null(parsed.complaint);
		assert_null(parsed.versions.of_symbol);
		assert_null(elf_versions_of(&parsed.versions, 1, NULL));
		drop(&parsed);
	}
}

static void test_damage_is_described_and_the_rest_kept(void **state)
{
	(void)state;
	const struct elf_bytes where = elf_write(&plain);
	const struct {
		uint64_t offset;
		uint64_t value;
		size_t size;
		const char *words;
		bool has_need, has_definition; // left
	} rows[] = {
		{ elf_dynamic_entry(&where, DT_VERSYM) + 8, UINT64_MAX - 1, 8, "symbols' versions", false, false },
		{ elf_dynamic_entry(&where, DT_VERDEF) + 8, UINT64_MAX - 1, 8, "outside", true, false },
		{ elf_dynamic_entry(&where, DT_VERNEED) + 8, UINT64_MAX - 1, 8, "outside", false, true },
		{ where.verdef, 2, 2, "definitions is of an unknown kind", true, false },
		{ where.verneed, 7, 2, "needed versions is of an unknown kind", false, true },
		{ where.verdef + offsetof(Elf64_Verdef, vd_next), UINT32_MAX, 4, "outside", true, false },
		{ where.verdef + offsetof(Elf64_Verdef, vd_aux), UINT32_MAX, 4, "outside", true, false },
		{ where.verneed + offsetof(Elf64_Verneed, vn_next), UINT32_MAX, 4, "outside", true, true },
		{ where.verneed + offsetof(Elf64_Verneed, vn_aux), UINT32_MAX, 4, "outside", false, true },
	};
	for (size_t i = 0; i < count_of(rows); i++) {
		struct parsed parsed = { .bytes = elf_write(&plain) };
		elf_patch(&parsed.bytes, rows[i].offset, rows[i].value, rows[i].size);
		parse(&parsed);
		assert_non_null(parsed.complaint);
		assert_non_null(strstr(parsed.complaint, rows[i].words));
		assert_int_equal(elf_versions_of(&parsed.versions, 1, NULL) != NULL, rows[i].has_need);
		assert_int_equal(elf_versions_of(&parsed.versions, 2, NULL) != NULL, rows[i].has_definition);
		drop(&parsed);
	}
	struct elf_bytes done = where;
	elf_bytes_deinit(&done);
}

static void test_names_outside_the_strings_are_empty(void **state)
{
	(void)state;
	struct parsed parsed = { .bytes = elf_write(&plain) };
	const uint64_t need = parsed.bytes.verneed;
	elf_patch(&parsed.bytes, need + offsetof(Elf64_Verneed, vn_file), UINT32_MAX, 4);
	elf_patch(&parsed.bytes, need + sizeof(Elf64_Verneed) + offsetof(Elf64_Vernaux, vna_name), UINT32_MAX, 4);
	parse(&parsed);
	assert_string_equal(elf_versions_of(&parsed.versions, 1, NULL)->name, "");
	assert_string_equal(elf_versions_of(&parsed.versions, 1, NULL)->file, "");
	drop(&parsed);
}

// There are 32767 indices. A list of more records than could ever be told apart is no list.
static void test_list_that_does_not_end(void **state)
{
	(void)state;
	enum { RECORDS = 100000, STRINGS = 16, SYMBOLS = 2, AT = 256 };
	const size_t size = AT + RECORDS * sizeof(Elf64_Vernaux);
	uint8_t *bytes = calloc(size, 1);
	const Elf64_Phdr segment = { .p_type = PT_LOAD, .p_vaddr = 0x1000, .p_filesz = size };
	const Elf64_Sym entries[SYMBOLS] = { { 0 } };
	const struct elf_symbols few = { entries, SYMBOLS, "", 1 };
	const struct elf_dynamic dynamic = { .versym = 0x1000 + STRINGS,
					     .verneed = 0x1000 + AT - sizeof(Elf64_Verneed) };
	const Elf64_Verneed head = { VER_NEED_CURRENT, 1, 0, sizeof(head), 0 };
	assert_non_null(bytes);
	memcpy(bytes + AT - sizeof(head), &head, sizeof(head));
	for (size_t i = 0; i < RECORDS; i++) {
		const Elf64_Vernaux record = { 1, 0, (uint16_t)(i % 5 + 2), 0, sizeof(record) };
		memcpy(bytes + AT + i * sizeof(record), &record, sizeof(record));
	}
	struct elf_file *file;
	struct elf_versions found;
	const char *complaint;
	assert_fine(elf_file_from_parts(EM_X86_64, ELFCLASS64, bytes, size, &segment, 1, &file));
	assert_fine(elf_versions_parse(file, &dynamic, &few, &found, &complaint));
	assert_string_equal(complaint, "its version table does not end");
	assert_int_equal(found.count, 7);
	elf_file_close(file);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_symbols_versions),
		cmocka_unit_test(test_records_by_index),
		cmocka_unit_test(test_definition_wins_over_need),
		cmocka_unit_test(test_no_table_without_records_or_the_other_way_round),
		cmocka_unit_test(test_damage_is_described_and_the_rest_kept),
		cmocka_unit_test(test_names_outside_the_strings_are_empty),
		cmocka_unit_test(test_list_that_does_not_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
