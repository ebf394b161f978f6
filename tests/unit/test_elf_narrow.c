// A 32-bit file says the same as a 64-bit one, in other entries: as a file, and as an object in memory.

#include "../support/check.h"

#include "../support/byte_target.h"
#include "elf/lookup.h"
#include "elf/narrow.h"
#include "link/dynsym.h"

enum {
	AT_DYNAMIC = 0x100,
	AT_SYMBOLS = 0x200,
	AT_STRINGS = 0x280,
	AT_HASH = 0x300,
	AT_REL = 0x340,
	AT_PLT = 0x380,
	AT_RELR = 0x3a0,
	AT_DATA = 0x400,
	AT_END = 0x500,
	LOADED_AT = 0x56000000,
};

static const char strings[] = "\0libn.so\0g_count\0wanted";
enum { NAME_SO = 1, NAME_COUNT = 9, NAME_WANTED = 17 };

static void put(uint8_t *image, size_t at, const void *bytes, size_t size)
{
	assert_true(at + size <= AT_END);
	memcpy(image + at, bytes, size);
}

// Undefined "wanted" is 1, "g_count" at the data is 2: the hash table has the second one only.
static void put_symbols(uint8_t *image)
{
	const Elf32_Sym symbols[] = {
		{ 0 },
		{ .st_name = NAME_WANTED, .st_info = ELF32_ST_INFO(STB_GLOBAL, STT_TLS) },
		{ .st_name = NAME_COUNT,
		  .st_info = ELF32_ST_INFO(STB_GLOBAL, STT_OBJECT),
		  .st_other = STV_PROTECTED,
		  .st_shndx = 5,
		  .st_value = AT_DATA + 8,
		  .st_size = 4 },
	};
	// One bucket, symbols from 2 on, a Bloom filter of two narrow words that lets nothing pass.
	const uint32_t hash[] = { 1, 2, 2, 5, 0, 0, 2, elf_gnu_hash("g_count") | 1 };
	put(image, AT_SYMBOLS, symbols, sizeof(symbols));
	put(image, AT_STRINGS, strings, sizeof(strings));
	put(image, AT_HASH, hash, sizeof(hash));
}

static void put_relocs(uint8_t *image)
{
	const Elf32_Rel rel[] = {
		{ AT_DATA, ELF32_R_INFO(0, R_386_RELATIVE) },      // an address beyond the positive numbers
		{ AT_DATA + 4, ELF32_R_INFO(1, R_386_TLS_TPOFF) }, // -8
		{ AT_DATA + 12, ELF32_R_INFO(2, R_386_GLOB_DAT) }, // adds nothing, whatever is there
		{ AT_DATA + 16, ELF32_R_INFO(1, R_386_TLS_DESC) }, // 24, in its second word
		{ 0x7000, ELF32_R_INFO(2, R_386_32) },             // is not in the file
	};
	const Elf32_Rel plt[] = { { AT_DATA + 24, ELF32_R_INFO(2, R_386_JMP_SLOT) } };
	// An address, then a bitmap over the 31 words behind it: the first and the last.
	const uint32_t relr[] = { AT_DATA + 0x40, 1 | 1 << 1 | 1u << 31 };
	const uint32_t data[] = { 0xf0001000, (uint32_t)-8, 1003, 0x1111, 0, 24, 0x2222 };
	put(image, AT_REL, rel, sizeof(rel));
	put(image, AT_PLT, plt, sizeof(plt));
	put(image, AT_RELR, relr, sizeof(relr));
	put(image, AT_DATA, data, sizeof(data));
}

// @p bias: what the loader has added to some of the entries.
static void put_dynamic(uint8_t *image, uint32_t bias)
{
	const Elf32_Dyn entries[] = {
		{ DT_SONAME, { NAME_SO } },
		{ DT_SYMTAB, { AT_SYMBOLS + bias } },
		{ DT_STRTAB, { AT_STRINGS + bias } },
		{ DT_STRSZ, { sizeof(strings) } },
		{ DT_GNU_HASH, { AT_HASH + bias } },
		{ DT_REL, { AT_REL + bias } },
		{ DT_RELSZ, { 5 * 8 } },
		{ DT_RELENT, { 8 } },
		{ DT_PLTREL, { DT_REL } },
		{ DT_JMPREL, { AT_PLT + bias } },
		{ DT_PLTRELSZ, { 8 } },
		{ DT_RELR, { AT_RELR } },
		{ DT_RELRSZ, { 8 } },
		{ DT_FLAGS, { DF_STATIC_TLS } },
		{ DT_DEBUG, { 0x1234 } },
		{ DT_NULL, { 0 } },
	};
	put(image, AT_DYNAMIC, entries, sizeof(entries));
}

static void write_image(uint8_t *image, uint32_t bias)
{
	const Elf32_Ehdr header = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_DYN,
		.e_machine = EM_386,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(header),
		.e_ehsize = sizeof(header),
		.e_phentsize = sizeof(Elf32_Phdr),
		.e_phnum = 3,
	};
	const Elf32_Phdr segments[] = {
		{ .p_type = PT_LOAD, .p_filesz = AT_END, .p_memsz = AT_END + 0x1000, .p_flags = PF_R | PF_W },
		{ PT_DYNAMIC, AT_DYNAMIC, AT_DYNAMIC, AT_DYNAMIC, 0x80, 0x80, PF_R, 4 },
		{ PT_TLS, AT_DATA, AT_DATA, AT_DATA, 4, 16, PF_R, 8 },
	};
	memset(image, 0, AT_END);
	put(image, 0, &header, sizeof(header));
	put(image, sizeof(header), segments, sizeof(segments));
	put_dynamic(image, bias);
	put_symbols(image);
	put_relocs(image);
}

struct visited {
	struct elf_reloc items[16];
	size_t count;
};

static bool visit(const struct elf_reloc *reloc, void *arg)
{
	struct visited *visited = arg;
	assert_true(visited->count < count_of(visited->items));
	visited->items[visited->count++] = *reloc;
	return true;
}

static void check_symbols(struct elf_file *file, const struct elf_dynamic *dynamic, const struct elf_symbols *symbols)
{
	struct elf_lookup lookup;
	const char *complaint;
	struct elf_wanted wanted = { "g_count", elf_gnu_hash("g_count"), NULL };
	assert_int_equal(symbols->count, 3);
	assert_string_equal(elf_symbol_name(symbols, &symbols->entries[1]), "wanted");
	assert_int_equal(ELF64_ST_TYPE(symbols->entries[1].st_info), STT_TLS);
	assert_fine(elf_lookup_init(file, dynamic, symbols, &lookup, &complaint));
	assert_null(complaint);
	const Elf64_Sym *found = elf_lookup_find(&lookup, &wanted, false);
	assert_ptr_equal(found, &symbols->entries[2]);
	assert_int_equal(found->st_value, AT_DATA + 8);
	assert_int_equal(found->st_size, 4);
	assert_int_equal(found->st_shndx, 5);
	assert_int_equal(ELF64_ST_VISIBILITY(found->st_other), STV_PROTECTED);
	wanted = (struct elf_wanted){ "wanted", elf_gnu_hash("wanted"), NULL };
	assert_null(elf_lookup_find(&lookup, &wanted, false));
}

static void check_relocs(const struct elf_file *file, const struct elf_dynamic *dynamic, bool has_data)
{
	const struct elf_reloc wanted[] = {
		{ AT_DATA, R_386_RELATIVE, 0, 0xf0001000 },
		{ AT_DATA + 4, R_386_TLS_TPOFF, 1, -8 },
		{ AT_DATA + 12, R_386_GLOB_DAT, 2, 0 },
		{ AT_DATA + 16, R_386_TLS_DESC, 1, 24 },
		{ 0x7000, R_386_32, 2, 0 },
		{ AT_DATA + 24, R_386_JMP_SLOT, 2, 0 },
		{ AT_DATA + 0x40, R_386_RELATIVE, 0, 0 },
		{ AT_DATA + 0x44, R_386_RELATIVE, 0, 0 },
		{ AT_DATA + 0x44 + 30 * 4, R_386_RELATIVE, 0, 0 },
	};
	struct visited visited = { 0 };
	elf_relocs_visit(file, dynamic, R_386_RELATIVE, visit, &visited);
	assert_int_equal(visited.count, count_of(wanted));
	for (size_t i = 0; i < count_of(wanted); i++) {
		assert_int_equal(visited.items[i].offset, wanted[i].offset);
		assert_int_equal(visited.items[i].type, wanted[i].type);
		assert_int_equal(visited.items[i].symbol, wanted[i].symbol);
		assert_int_equal(visited.items[i].addend, has_data ? wanted[i].addend : 0);
	}
}

static void test_file(void **state)
{
	(void)state;
	uint8_t image[AT_END + 1];
	for (size_t odd = 0; odd < 2; odd++) { // entries may lie anywhere
		struct elf_file *file;
		struct elf_dynamic dynamic;
		struct elf_symbols symbols;
		const char *complaint;
		write_image(image + odd, 0);
		assert_fine(elf_file_from_bytes(image + odd, AT_END, "libn.so", &file));
		assert_int_equal(file->elf_class, ELFCLASS32);
		assert_int_equal(file->machine, EM_386);
		assert_int_equal(file->segment_count, 3);
		assert_int_equal(elf_file_segment(file, PT_TLS)->p_memsz, 16);
		assert_int_equal(elf_file_segment(file, PT_TLS)->p_align, 8);
		assert_fine(elf_dynamic_parse(file, &dynamic, &complaint));
		assert_null(complaint);
		assert_string_equal(dynamic.soname, "libn.so");
		assert_int_equal(dynamic.flags, DF_STATIC_TLS);
		assert_fine(elf_symbols_dynamic(file, &symbols));
		check_symbols(file, &dynamic, &symbols);
		check_relocs(file, &dynamic, true);
		elf_file_close(file);
	}
}

static void test_memory(void **state)
{
	(void)state;
	uint8_t bytes[AT_END];
	struct byte_target memory;
	struct image image;
	struct dynsym dynsym;
	uint64_t debug;
	byte_target_init(&memory, EM_386, ELFCLASS32, ELFDATA2LSB);
	byte_target_map(&memory, LOADED_AT, 0x2000);
	write_image(bytes, LOADED_AT);
	byte_target_put(&memory, LOADED_AT, bytes, sizeof(bytes));
	assert_fine(image_read(&memory.target, LOADED_AT, LOADED_AT, &image));
	assert_int_equal(image.segment_count, 3);
	assert_int_equal(image.start, LOADED_AT);
	assert_int_equal(image.end, LOADED_AT + 0x2000);
	assert_int_equal(image.dynamic, LOADED_AT + AT_DYNAMIC);
	assert_fine(image_read_debug(&memory.target, &image, &debug));
	assert_int_equal(debug, 0x1234);

	assert_fine(dynsym_read(&memory.target, &image, &dynsym));
	assert_null(dynsym.complaint);
	assert_string_equal(dynsym.dynamic.soname, "libn.so");
	check_symbols(dynsym.file, &dynsym.dynamic, &dynsym.symbols);
	check_relocs(dynsym.file, &dynsym.dynamic, false); // what is there now are no addends
	assert_ptr_equal(dynsym_find(&dynsym, "g_count"), &dynsym.symbols.entries[2]);
	dynsym_deinit(&dynsym);

	// The program is found by its headers alone.
	struct image program;
	assert_fine(image_read_program(&memory.target, LOADED_AT + sizeof(Elf32_Ehdr), 3, &program));
	assert_int_equal(program.bias, LOADED_AT + (uint64_t)0);
	byte_target_put_number(&memory, LOADED_AT + EI_CLASS, ELFCLASS64, 1);
	assert_error(image_read(&memory.target, LOADED_AT, LOADED_AT, &image), POLYTON_ERROR_DAMAGED,
		     "no ELF header");
	byte_target_deinit(&memory);
}

static void test_cut_off(void **state)
{
	(void)state;
	uint8_t image[AT_END];
	write_image(image, 0);
	for (size_t size = 0; size < AT_END; size++) {
		struct elf_file *file = NULL;
		struct polyton_error *error = elf_file_from_bytes(image, size, "x", &file);
		struct elf_dynamic dynamic;
		struct elf_symbols symbols;
		const char *complaint;
		if (!error)
			error = elf_dynamic_parse(file, &dynamic, &complaint);
		if (!error)
			error = elf_symbols_dynamic(file, &symbols);
		polyton_error_destroy(error);
		elf_file_close(file);
	}
}

static void test_wide_entries_stay(void **state)
{
	(void)state;
	const Elf64_Rel rel = { 0x10, ELF64_R_INFO(UINT64_C(7), R_X86_64_64) };
	const Elf64_Sym symbol = { .st_name = 3, .st_value = UINT64_C(1) << 40 };
	Elf64_Rela rela;
	Elf64_Sym same;
	elf_widen(ELFCLASS64, ELF_TABLE_REL, &rel, 1, &rela);
	assert_int_equal(rela.r_info, rel.r_info);
	assert_int_equal(rela.r_addend, 0);
	elf_widen(ELFCLASS64, ELF_TABLE_SYMBOLS, &symbol, 1, &same);
	assert_memory_equal(&same, &symbol, sizeof(same));
	assert_int_equal(elf_word(ELFCLASS64), 8);
	assert_int_equal(elf_word(ELFCLASS32), 4);
	assert_int_equal(elf_entry_size(ELFCLASS32, ELF_TABLE_DYNAMIC), 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_cut_off),
		cmocka_unit_test(test_wide_entries_stay),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
