// What the loader wrote, as words in a byte array: which definition each reference got.

#include "../support/check.h"

#include <stdlib.h>

#include "../support/elf_writer.h"
#include "link/references.h"

enum { NAME_COUNTER, NAME_SLOT };
static const uint64_t bias = 0x7f1200000000;

static const struct elf_symbol_spec exported[] = {
	{ "counter", 0, 0, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, SHN_UNDEF },
	{ "slot", 0, 0, ELF64_ST_INFO(STB_GLOBAL, STT_TLS), 0, SHN_UNDEF },
	{ "other", 0, 0, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, SHN_UNDEF },
	{ 0 },
};

struct loaded {
	struct byte_target memory;
	struct elf_bytes bytes;
	struct elf_file *file;
	struct elf_dynamic dynamic;
	struct elf_symbols symbols;
	struct strmap names;
	references found;
};

static void load_on(struct loaded *loaded, uint16_t machine, uint8_t elf_data, const struct elf_reloc_spec *relocs)
{
	static const uint8_t data[256];
	const struct elf_spec spec = { .dynamic_symbols = exported,
				       .relocs = relocs,
				       .data = data,
				       .data_size = sizeof(data) };
	const char *complaint;
	*loaded = (struct loaded){ 0 };
	byte_target_init(&loaded->memory, machine, ELFCLASS64, elf_data);
	loaded->bytes = elf_write(&spec);
	elf_load(&loaded->bytes, &loaded->memory, bias, true);
	assert_fine(elf_file_from_bytes(loaded->bytes.bytes, loaded->bytes.size, "x", &loaded->file));
	assert_fine(elf_dynamic_parse(loaded->file, &loaded->dynamic, &complaint));
	assert_fine(elf_symbols_dynamic(loaded->file, &loaded->symbols));
	assert_non_null(strmap_at(&loaded->names, "counter", 7, NAME_COUNTER));
	assert_non_null(strmap_at(&loaded->names, "slot", 4, NAME_SLOT));
}

static void read_all(struct loaded *loaded)
{
	const struct reference_source sources[] = {
		{ NULL, NULL, NULL, 0 }, // an object without a trusted file
		{ loaded->file, &loaded->dynamic, &loaded->symbols, bias },
	};
	vec_deinit(&loaded->found);
	assert_fine(references_read(&loaded->memory.target, sources, 2, &loaded->names, &loaded->found));
}

static void unload(struct loaded *loaded)
{
	vec_deinit(&loaded->found);
	strmap_deinit(&loaded->names);
	elf_file_close(loaded->file);
	elf_bytes_deinit(&loaded->bytes);
	byte_target_deinit(&loaded->memory);
}

static void put(struct loaded *loaded, uint64_t offset, uint64_t value)
{
	byte_target_put_word(&loaded->memory, bias + offset, value);
}

static void check(const struct loaded *loaded, size_t index, uint32_t name, enum reference_kind kind, uint64_t value)
{
	assert_true(index < loaded->found.count);
	const struct reference *reference = &loaded->found.items[index];
	assert_int_equal(reference->object, 1);
	assert_int_equal(reference->name, name);
	assert_int_equal(reference->kind, kind);
	assert_int_equal(reference->value, value);
}

static void test_every_kind_of_word(void **state)
{
	(void)state;
	const struct elf_reloc_spec relocs[] = {
		{ ELF_AT_DATA, R_X86_64_GLOB_DAT, 1, 0 },
		{ ELF_AT_DATA + 8, R_X86_64_64, 1, 24 }, // points into the variable
		{ ELF_AT_DATA + 16, R_X86_64_DTPMOD64, 2, 0 },
		{ ELF_AT_DATA + 24, R_X86_64_TPOFF64, 2, 4 },
		{ ELF_AT_DATA + 32, R_X86_64_COPY, 1, 0 },
		{ ELF_AT_DATA + 40, R_X86_64_DTPOFF64, 2, 0 }, // says nothing that DTPMOD does not
		{ ELF_AT_DATA + 48, R_X86_64_RELATIVE, 0, 0 },
		{ ELF_AT_DATA + 56, R_X86_64_GLOB_DAT, 3, 0 },  // nobody asked for that name
		{ ELF_AT_DATA + 64, R_X86_64_GLOB_DAT, 99, 0 }, // no such symbol
		{ 0 },
	};
	struct loaded loaded;
	load_on(&loaded, EM_X86_64, ELFDATA2LSB, relocs);
	put(&loaded, ELF_AT_DATA, 0x1111000);
	put(&loaded, ELF_AT_DATA + 8, 0x1111000 + 24);
	put(&loaded, ELF_AT_DATA + 16, 7);
	put(&loaded, ELF_AT_DATA + 24, (uint64_t)-64 + 4);
	read_all(&loaded);
	assert_int_equal(loaded.found.count, 5);
	check(&loaded, 0, NAME_COUNTER, REFERENCE_ADDRESS, 0x1111000);
	check(&loaded, 1, NAME_COUNTER, REFERENCE_ADDRESS, 0x1111000);
	check(&loaded, 2, NAME_SLOT, REFERENCE_TLS_MODULE, 7);
	check(&loaded, 3, NAME_SLOT, REFERENCE_TLS_STATIC, (uint64_t)-64);
	check(&loaded, 4, NAME_COUNTER, REFERENCE_COPY, bias + ELF_AT_DATA + 32);
	unload(&loaded);
}

static void test_words_that_cannot_be_read_are_left_out(void **state)
{
	(void)state;
	const struct elf_reloc_spec relocs[] = {
		{ ELF_AT_END + 0x1000, R_X86_64_GLOB_DAT, 1, 0 },
		{ UINT64_MAX - 3, R_X86_64_GLOB_DAT, 1, 0 },
		{ ELF_AT_DATA, R_X86_64_GLOB_DAT, 1, 0 },
		{ 0 },
	};
	struct loaded loaded;
	load_on(&loaded, EM_X86_64, ELFDATA2LSB, relocs);
	put(&loaded, ELF_AT_DATA, 0x2222);
	read_all(&loaded);
	assert_int_equal(loaded.found.count, 1);
	check(&loaded, 0, NAME_COUNTER, REFERENCE_ADDRESS, 0x2222);
	unload(&loaded);
}

static void test_nobody_asks(void **state)
{
	(void)state;
	const struct elf_reloc_spec relocs[] = { { ELF_AT_DATA, R_X86_64_GLOB_DAT, 1, 0 }, { 0 } };
	struct loaded loaded;
	load_on(&loaded, EM_X86_64, ELFDATA2LSB, relocs);
	strmap_deinit(&loaded.names);
	read_all(&loaded);
	assert_int_equal(loaded.found.count, 0);
	unload(&loaded);
}

// A descriptor is {function, argument}. The static kind's argument is the distance from the thread pointer.
static void test_descriptor_of_the_static_kind(void **state)
{
	(void)state;
	const struct elf_reloc_spec relocs[] = { { ELF_AT_DATA, R_X86_64_TLSDESC, 2, 8 }, { 0 } };
	struct loaded loaded;
	load_on(&loaded, EM_X86_64, ELFDATA2LSB, relocs);
	put(&loaded, ELF_AT_DATA, 0x7f1300001000); // _dl_tlsdesc_return
	put(&loaded, ELF_AT_DATA + 8, (uint64_t)-320 + 8);
	read_all(&loaded);
	assert_int_equal(loaded.found.count, 1);
	check(&loaded, 0, NAME_SLOT, REFERENCE_TLS_STATIC, (uint64_t)-320);
	unload(&loaded);
}

// The dynamic kind's argument is the address of {module, offset, generation}, which malloc() placed: in a program that
// is not position independent that may be a small number, too.
static void test_descriptor_of_the_dynamic_kind_wherever_the_heap_is(void **state)
{
	(void)state;
	const uint64_t heaps[] = { 0x1c3e2a0, 0x40000000, 0x7f1300000010, 0x555555555010 };
	const struct elf_reloc_spec relocs[] = { { ELF_AT_DATA, R_X86_64_TLSDESC, 2, 0 }, { 0 } };
	for (size_t i = 0; i < count_of(heaps); i++) {
		struct loaded loaded;
		load_on(&loaded, EM_X86_64, ELFDATA2LSB, relocs);
		byte_target_map(&loaded.memory, heaps[i], 24);
		byte_target_put_word(&loaded.memory, heaps[i], 9);
		put(&loaded, ELF_AT_DATA + 8, heaps[i]);
		read_all(&loaded);
		assert_int_equal(loaded.found.count, 1);
		check(&loaded, 0, NAME_SLOT, REFERENCE_TLS_MODULE, 9);
		// Where nothing is, nothing is claimed.
		put(&loaded, ELF_AT_DATA + 8, 0x999999999000);
		read_all(&loaded);
		assert_int_equal(loaded.found.count, 0);
		unload(&loaded);
	}
}

// On variant I blocks lie above the thread pointer, so distances are positive.
static void test_descriptors_of_variant_1(void **state)
{
	(void)state;
	const struct elf_reloc_spec relocs[] = { { ELF_AT_DATA, R_AARCH64_TLSDESC, 2, 0 }, { 0 } };
	struct loaded loaded;
	load_on(&loaded, EM_AARCH64, ELFDATA2LSB, relocs);
	put(&loaded, ELF_AT_DATA + 8, 16 + 64);
	read_all(&loaded);
	assert_int_equal(loaded.found.count, 1);
	check(&loaded, 0, NAME_SLOT, REFERENCE_TLS_STATIC, 80);
	const uint64_t heap = 0xffff80001000;
	byte_target_map(&loaded.memory, heap, 24);
	byte_target_put_word(&loaded.memory, heap, 5);
	put(&loaded, ELF_AT_DATA + 8, heap);
	read_all(&loaded);
	check(&loaded, 0, NAME_SLOT, REFERENCE_TLS_MODULE, 5);
	unload(&loaded);
}

// powerpc's distances are 0x7000 less than from where the blocks are counted: so that both can be compared, that is
// put back.
static void test_biased_distances(void **state)
{
	(void)state;
	const struct elf_reloc_spec relocs[] = { { ELF_AT_DATA, R_PPC64_TPREL64, 2, 0 }, { 0 } };
	struct loaded loaded;
	load_on(&loaded, EM_PPC64, ELFDATA2LSB, relocs);
	put(&loaded, ELF_AT_DATA, (uint64_t)(64 + 8) - 0x7000);
	read_all(&loaded);
	check(&loaded, 0, NAME_SLOT, REFERENCE_TLS_STATIC, 72);
	unload(&loaded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind_of_word),
		cmocka_unit_test(test_words_that_cannot_be_read_are_left_out),
		cmocka_unit_test(test_nobody_asks),
		cmocka_unit_test(test_descriptor_of_the_static_kind),
		cmocka_unit_test(test_descriptor_of_the_dynamic_kind_wherever_the_heap_is),
		cmocka_unit_test(test_descriptors_of_variant_1),
		cmocka_unit_test(test_biased_distances),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
