#include "../support/check.h"

#include "../support/elf_writer.h"
#include "link/dynsym.h"

static const uint64_t bias = 0x7f1200000000;
static const struct elf_symbol_spec exported[] = {
	{ "_r_debug", 0, 0, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, SHN_UNDEF },
	{ "counter", ELF_AT_DATA, 8, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, 1 },
	{ "_r_debug", ELF_AT_DATA + 16, 40, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, 1 },
	{ 0 },
};
static const struct elf_spec plain = { .soname = "ld-linux-x86-64.so.2", .dynamic_symbols = exported };

struct loaded {
	struct byte_target memory;
	struct elf_bytes file;
	struct image image;
};

static void load(struct loaded *loaded, const struct elf_spec *spec)
{
	byte_target_init(&loaded->memory, EM_X86_64, ELFCLASS64, ELFDATA2LSB);
	loaded->file = elf_write(spec);
	elf_load(&loaded->file, &loaded->memory, bias, true);
	assert_fine(image_read(&loaded->memory.target, bias, bias, &loaded->image));
}

static void unload(struct loaded *loaded)
{
	byte_target_deinit(&loaded->memory);
	elf_bytes_deinit(&loaded->file);
}

static void test_symbols_by_either_hash_table(void **state)
{
	(void)state;
	for (int kind = ELF_HASH_GNU; kind <= ELF_HASH_SYSV; kind++) {
		struct elf_spec spec = plain;
		struct loaded loaded;
		struct dynsym dynsym;
		spec.hash = (enum elf_hash_spec)kind;
		load(&loaded, &spec);
		assert_fine(dynsym_read(&loaded.memory.target, &loaded.image, &dynsym));
		assert_int_equal(dynsym.symbols.count, 4);
		assert_string_equal(dynsym.soname, "ld-linux-x86-64.so.2");
		// A reference of that name is no definition.
		const Elf64_Sym *symbol = dynsym_find(&dynsym, "_r_debug");
		assert_non_null(symbol);
		assert_int_equal(symbol->st_value, ELF_AT_DATA + 16);
		assert_null(dynsym_find(&dynsym, "_r_debu"));
		assert_null(dynsym_find(&dynsym, ""));
		dynsym_deinit(&dynsym);
		assert_string_equal(dynsym.soname, "");
		dynsym_deinit(&dynsym);
		unload(&loaded);
	}
}

static void test_object_without_symbols_or_hash(void **state)
{
	(void)state;
	const struct elf_spec specs[] = { { 0 },
					  { .dynamic_symbols = exported, .hash = ELF_HASH_NONE },
					  { .has_no_dynamic = true } };
	for (size_t i = 0; i < count_of(specs); i++) {
		struct loaded loaded;
		struct dynsym dynsym;
		load(&loaded, &specs[i]);
		assert_fine(dynsym_read(&loaded.memory.target, &loaded.image, &dynsym));
		assert_string_equal(dynsym.soname, "");
		assert_null(dynsym_find(&dynsym, "counter"));
		dynsym_deinit(&dynsym);
		unload(&loaded);
	}
}

// The table is the target's to write. Any answer will do that is within bounds and comes soon.
static void test_hash_tables_that_lie(void **state)
{
	(void)state;
	const uint32_t values[] = { 0, 1, 2, 5, 0x3fffff, 0x400000, 0x400001, 0x7fffffff, 0xffffffff };
	for (int kind = ELF_HASH_GNU; kind <= ELF_HASH_SYSV; kind++) {
		for (size_t field = 0; field < 10; field++) {
			for (size_t i = 0; i < count_of(values); i++) {
				struct elf_spec spec = plain;
				struct loaded loaded;
				struct dynsym dynsym;
				spec.hash = (enum elf_hash_spec)kind;
				load(&loaded, &spec);
				byte_target_put_number(&loaded.memory, bias + loaded.file.hash + 4 * field, values[i],
						       4);
				struct polyton_error *error =
					dynsym_read(&loaded.memory.target, &loaded.image, &dynsym);
				assert_true(loaded.memory.calls < 100000);
				if (!error)
					dynsym_find(&dynsym, "nothing");
				polyton_error_destroy(error);
				dynsym_deinit(&dynsym);
				unload(&loaded);
			}
		}
	}
}

static void test_chain_that_does_not_end(void **state)
{
	(void)state;
	enum { LARGE = 64 << 20 };
	struct loaded loaded;
	struct dynsym dynsym;
	const uint64_t table = 0x10000000;
	load(&loaded, &plain);
	uint8_t *bytes = byte_target_map(&loaded.memory, table, LARGE);
	const uint32_t header[] = { 1, 1, 1, 6, 0, 0, 1 };
	memcpy(bytes, header, sizeof(header));
	byte_target_put_word(&loaded.memory, bias + elf_dynamic_entry(&loaded.file, DT_GNU_HASH) + 8, table);
	// Below the bias it would be taken for an address that is not relocated, so the image is moved down instead.
	loaded.image.bias = 0;
	assert_error(dynsym_read(&loaded.memory.target, &loaded.image, &dynsym), POLYTON_ERROR_DAMAGED,
		     "does not end");
	assert_true(loaded.memory.calls < 100000);
	unload(&loaded);
}

static void test_tables_in_unmapped_memory(void **state)
{
	(void)state;
	const int64_t tags[] = { DT_SYMTAB, DT_STRTAB, DT_GNU_HASH };
	for (size_t i = 0; i < count_of(tags); i++) {
		struct loaded loaded;
		struct dynsym dynsym;
		load(&loaded, &plain);
		byte_target_put_word(&loaded.memory, bias + elf_dynamic_entry(&loaded.file, tags[i]) + 8,
				     0x7fffdead0000);
		assert_error(dynsym_read(&loaded.memory.target, &loaded.image, &dynsym), POLYTON_ERROR_READ,
			     "0x7fffdead0");
		assert_string_equal(dynsym.soname, "");
		unload(&loaded);
	}
}

static void test_absurd_sizes(void **state)
{
	(void)state;
	const uint64_t sizes[] = { UINT64_MAX, UINT64_C(1) << 31, 1 << 20 };
	for (size_t i = 0; i < count_of(sizes); i++) {
		struct loaded loaded;
		struct dynsym dynsym;
		load(&loaded, &plain);
		byte_target_put_word(&loaded.memory, bias + elf_dynamic_entry(&loaded.file, DT_STRSZ) + 8, sizes[i]);
		struct polyton_error *error = dynsym_read(&loaded.memory.target, &loaded.image, &dynsym);
		assert_non_null(error);
		polyton_error_destroy(error);
		unload(&loaded);
	}
}

static void test_names_outside_the_strings_are_empty(void **state)
{
	(void)state;
	struct loaded loaded;
	struct dynsym dynsym;
	load(&loaded, &plain);
	byte_target_put_number(&loaded.memory, bias + loaded.file.dynsym + 2 * sizeof(Elf64_Sym), UINT32_MAX, 4);
	byte_target_put_word(&loaded.memory, bias + elf_dynamic_entry(&loaded.file, DT_SONAME) + 8, UINT64_MAX);
	assert_fine(dynsym_read(&loaded.memory.target, &loaded.image, &dynsym));
	assert_string_equal(dynsym.soname, "");
	assert_null(dynsym_find(&dynsym, "counter"));
	assert_non_null(dynsym_find(&dynsym, "_r_debug"));
	dynsym_deinit(&dynsym);
	unload(&loaded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_symbols_by_either_hash_table),
		cmocka_unit_test(test_object_without_symbols_or_hash),
		cmocka_unit_test(test_hash_tables_that_lie),
		cmocka_unit_test(test_chain_that_does_not_end),
		cmocka_unit_test(test_tables_in_unmapped_memory),
		cmocka_unit_test(test_absurd_sizes),
		cmocka_unit_test(test_names_outside_the_strings_are_empty),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
