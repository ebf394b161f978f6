// One whole file, damaged in every header and table field, one field at a time, and cut everywhere: nothing may be
// read that is not in it. The sanitizers are the judges, and a plain run judges crashes and loops.

#include "../support/check.h"

#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "../support/elf_drive.h"
#include "../support/elf_writer.h"

enum { TIME_LIMIT = 60 };

static const uint8_t build_id[20] = { 1, 2, 3 };
static const struct elf_symbol_spec exported[] = {
	{ "counter", ELF_AT_DATA, 8, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, 1 },
	{ "slot", 0, 4, ELF64_ST_INFO(STB_GLOBAL, STT_TLS), 0, 1 },
	{ "needed", 0, 0, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, SHN_UNDEF },
	{ 0 },
};
static const struct elf_symbol_spec all[] = {
	{ "x.c", 0, 0, ELF64_ST_INFO(STB_LOCAL, STT_FILE), 0, SHN_ABS },
	{ "hidden", ELF_AT_DATA + 8, 8, ELF64_ST_INFO(STB_LOCAL, STT_OBJECT), 0, 1 },
	{ "_ZN5tokio7runtime7context7CONTEXT17h0123456789abcdefE", 0, 4, ELF64_ST_INFO(STB_LOCAL, STT_TLS), 0, 1 },
	{ 0 },
};
static const struct elf_reloc_spec relocs[] = {
	{ ELF_AT_DATA, R_X86_64_RELATIVE, 0, 0x1234 },
	{ ELF_AT_DATA + 8, R_X86_64_GLOB_DAT, 1, 0 },
	{ 0 },
};
static const struct elf_reloc_spec plt[] = { { ELF_AT_DATA + 16, R_X86_64_JUMP_SLOT, 3, 0 }, { 0 } };
static const uint64_t relr[] = { ELF_AT_DATA, 0xffffffffffffffff };
static const uint8_t data[256];
static const char rodata[] =
	"/root/.cargo/registry/src/index.crates.io-6f17d22bba15001f/tokio-1.24.2/src/runtime/context.rs";

static struct elf_bytes make(bool has_no_sections)
{
	static uint8_t packed[512];
	const Elf64_Chdr header = { .ch_type = ELFCOMPRESS_ZLIB, .ch_size = sizeof(data), .ch_addralign = 1 };
	uLongf used = sizeof(packed) - sizeof(header);
	memcpy(packed, &header, sizeof(header));
	assert_int_equal(compress(packed + sizeof(header), &used, data, sizeof(data)), Z_OK);
	const struct elf_spec spec = {
		.soname = "libhostile.so.1",
		.flags = DF_STATIC_TLS,
		.dynamic_symbols = exported,
		.symbols = all,
		.relocs = relocs,
		.plt_relocs = plt,
		.relr = relr,
		.relr_count = count_of(relr),
		.build_id = build_id,
		.build_id_size = sizeof(build_id),
		.rodata = rodata,
		.rodata_size = sizeof(rodata),
		.data = data,
		.data_size = sizeof(data),
		.tdata = data,
		.tdata_size = 8,
		.tbss_size = 24,
		.debug_link = "libhostile.debug",
		.extra = packed,
		.extra_size = sizeof(header) + used,
		.extra_name = ".debug_str",
		.extra_flags = SHF_COMPRESSED,
		.has_no_sections = has_no_sections,
	};
	return elf_write(&spec);
}

// In a block of exactly its size, so that one byte too far is seen.
static bool drive(const struct elf_bytes *bytes, size_t size)
{
	uint8_t *exact = malloc(size ? size : 1);
	assert_non_null(exact);
	memcpy(exact, bytes->bytes, size);
	bool is_taken = elf_drive(exact, size);
	free(exact);
	return is_taken;
}

static size_t overwrite(struct elf_bytes *bytes, uint64_t offset, size_t size)
{
	const uint64_t values[] = {
		0,
		1,
		2,
		7,
		8,
		0x7f,
		0x80,
		0xff,
		0x100,
		0xfff,
		0x1000,
		0x7fff,
		0x8000,
		0xffff,
		0x10000,
		bytes->size - 1,
		bytes->size,
		bytes->size + 1,
		ELF_AT_DATA,
		ELF_AT_END,
		0x7fffffff,
		0x80000000,
		0xfffffff8,
		0xffffffff,
		0x100000000,
		0x7fffffffffffffff,
		0x8000000000000000,
		UINT64_MAX - 0x1000,
		UINT64_MAX - 23,
		UINT64_MAX - 7,
		UINT64_MAX - 1,
		UINT64_MAX,
	};
	size_t taken = 0;
	uint8_t kept[8];
	memcpy(kept, bytes->bytes + offset, size);
	for (size_t i = 0; i < count_of(values); i++) {
		if (size < 8 && values[i] >> 8 * size && values[i] >> 8 * size != UINT64_MAX >> 8 * size)
			continue;
		elf_patch(bytes, offset, values[i], size);
		taken += drive(bytes, bytes->size);
	}
	memcpy(bytes->bytes + offset, kept, size);
	return taken;
}

/** Fields of one entry: offset and size of each. */
struct field {
	uint16_t offset, size;
};

#define FIELD(type, member)                                         \
	{                                                           \
		offsetof(type, member), sizeof(((type *)0)->member) \
	}

static const struct field file_fields[] = {
	{ EI_CLASS, 1 },
	{ EI_DATA, 1 },
	{ EI_VERSION, 1 },
	FIELD(Elf64_Ehdr, e_type),
	FIELD(Elf64_Ehdr, e_machine),
	FIELD(Elf64_Ehdr, e_version),
	FIELD(Elf64_Ehdr, e_entry),
	FIELD(Elf64_Ehdr, e_phoff),
	FIELD(Elf64_Ehdr, e_shoff),
	FIELD(Elf64_Ehdr, e_flags),
	FIELD(Elf64_Ehdr, e_ehsize),
	FIELD(Elf64_Ehdr, e_phentsize),
	FIELD(Elf64_Ehdr, e_phnum),
	FIELD(Elf64_Ehdr, e_shentsize),
	FIELD(Elf64_Ehdr, e_shnum),
	FIELD(Elf64_Ehdr, e_shstrndx),
};
static const struct field segment_fields[] = {
	FIELD(Elf64_Phdr, p_type),  FIELD(Elf64_Phdr, p_flags),  FIELD(Elf64_Phdr, p_offset),
	FIELD(Elf64_Phdr, p_vaddr), FIELD(Elf64_Phdr, p_filesz), FIELD(Elf64_Phdr, p_memsz),
	FIELD(Elf64_Phdr, p_align),
};
static const struct field section_fields[] = {
	FIELD(Elf64_Shdr, sh_name),    FIELD(Elf64_Shdr, sh_type),   FIELD(Elf64_Shdr, sh_flags),
	FIELD(Elf64_Shdr, sh_addr),    FIELD(Elf64_Shdr, sh_offset), FIELD(Elf64_Shdr, sh_size),
	FIELD(Elf64_Shdr, sh_link),    FIELD(Elf64_Shdr, sh_info),   FIELD(Elf64_Shdr, sh_addralign),
	FIELD(Elf64_Shdr, sh_entsize),
};
static const struct field symbol_fields[] = {
	FIELD(Elf64_Sym, st_name),  FIELD(Elf64_Sym, st_info),  FIELD(Elf64_Sym, st_other),
	FIELD(Elf64_Sym, st_shndx), FIELD(Elf64_Sym, st_value), FIELD(Elf64_Sym, st_size),
};
static const struct field pair_fields[] = { { 0, 8 }, { 8, 8 } };
static const struct field triple_fields[] = { { 0, 8 }, { 8, 8 }, { 16, 8 } };
static const struct field half_fields[] = { { 0, 4 } };

struct table {
	uint64_t at;
	size_t count, size;
	const struct field *fields;
	size_t field_count;
};

static size_t damage_table(struct elf_bytes *bytes, const struct table *table)
{
	size_t taken = 0;
	for (size_t i = 0; i < table->count; i++) {
		for (size_t k = 0; k < table->field_count; k++)
			taken += overwrite(bytes, table->at + i * table->size + table->fields[k].offset,
					   table->fields[k].size);
	}
	return taken;
}

#define TABLE(at, count, size, fields)                    \
	&(const struct table)                             \
	{                                                 \
		at, count, size, fields, count_of(fields) \
	}

static void test_whole_file_is_taken(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct elf_bytes bytes = make(i);
		assert_true(drive(&bytes, bytes.size));
		elf_bytes_deinit(&bytes);
	}
}

static void test_every_header_field(void **state)
{
	(void)state;
	struct elf_bytes bytes = make(false);
	alarm(TIME_LIMIT);
	assert_true(damage_table(&bytes, TABLE(0, 1, sizeof(Elf64_Ehdr), file_fields)) > 0);
	assert_true(damage_table(&bytes, TABLE(ELF_AT_SEGMENTS, bytes.segment_count, sizeof(Elf64_Phdr),
					       segment_fields)) > 0);
	assert_true(damage_table(&bytes,
				 TABLE(bytes.sections, bytes.section_count, sizeof(Elf64_Shdr), section_fields)) > 0);
	alarm(0);
	elf_bytes_deinit(&bytes);
}

static void test_every_table_field(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct elf_bytes bytes = make(i);
		alarm(TIME_LIMIT);
		damage_table(&bytes, TABLE(bytes.dynamic, bytes.dynamic_count, sizeof(Elf64_Dyn), pair_fields));
		damage_table(&bytes,
			     TABLE(bytes.dynsym, bytes.dynamic_symbol_count, sizeof(Elf64_Sym), symbol_fields));
		damage_table(&bytes, TABLE(bytes.symtab, 4, sizeof(Elf64_Sym), symbol_fields));
		damage_table(&bytes, TABLE(bytes.hash, 10, 4, half_fields));
		damage_table(&bytes, TABLE(bytes.note, 9, 4, half_fields));
		damage_table(&bytes, TABLE(bytes.rela, 2, sizeof(Elf64_Rela), triple_fields));
		damage_table(&bytes, TABLE(bytes.jmprel, 1, sizeof(Elf64_Rela), triple_fields));
		damage_table(&bytes, TABLE(bytes.relr, 1, sizeof(relr), pair_fields));
		alarm(0);
		elf_bytes_deinit(&bytes);
	}
}

static void test_file_that_is_cut(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct elf_bytes bytes = make(i);
		alarm(TIME_LIMIT);
		for (size_t size = 0; size < bytes.size; size += 16)
			drive(&bytes, size);
		alarm(0);
		elf_bytes_deinit(&bytes);
	}
}

// The same numbers in every run: a test that fails once must fail again.
static uint32_t next_number(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void test_many_bytes_at_once(void **state)
{
	(void)state;
	uint32_t seed = 2463534242;
	struct elf_bytes bytes = make(false);
	uint8_t *whole = malloc(bytes.size);
	assert_non_null(whole);
	memcpy(whole, bytes.bytes, bytes.size);
	const struct {
		uint64_t at, size;
	} parts[] = { { 0, 0x400 }, { ELF_AT_TABLES, 0x400 }, { bytes.bss, bytes.size - bytes.bss } };
	alarm(TIME_LIMIT);
	for (int round = 0; round < 1500; round++) {
		for (size_t i = next_number(&seed) % 12 + 1; i; i--) {
			size_t part = next_number(&seed) % count_of(parts);
			bytes.bytes[parts[part].at + next_number(&seed) % parts[part].size] =
				(uint8_t)next_number(&seed);
		}
		drive(&bytes, bytes.size);
		memcpy(bytes.bytes, whole, bytes.size);
	}
	alarm(0);
	free(whole);
	elf_bytes_deinit(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_file_is_taken), cmocka_unit_test(test_every_header_field),
		cmocka_unit_test(test_every_table_field),   cmocka_unit_test(test_file_that_is_cut),
		cmocka_unit_test(test_many_bytes_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
