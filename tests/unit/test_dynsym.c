#include "../support/check.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../support/elf_writer.h"
#include "elf/lookup.h"
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
		assert_string_equal(dynsym.dynamic.soname, "ld-linux-x86-64.so.2");
		// A reference of that name is no definition.
		const Elf64_Sym *symbol = dynsym_find(&dynsym, "_r_debug");
		assert_non_null(symbol);
		assert_int_equal(symbol->st_value, ELF_AT_DATA + 16);
		assert_null(dynsym_find(&dynsym, "_r_debu"));
		assert_null(dynsym_find(&dynsym, ""));
		dynsym_deinit(&dynsym);
		assert_string_equal(dynsym.dynamic.soname, "");
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
		assert_string_equal(dynsym.dynamic.soname, "");
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
		assert_string_equal(dynsym.dynamic.soname, "");
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
	assert_string_equal(dynsym.dynamic.soname, "");
	assert_null(dynsym_find(&dynsym, "counter"));
	assert_non_null(dynsym_find(&dynsym, "_r_debug"));
	dynsym_deinit(&dynsym);
	unload(&loaded);
}

static const struct elf_symbol_spec imports[] = {
	{ "malloc", 0, 0, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), 0, SHN_UNDEF },
	{ "slot", 0, 0, ELF64_ST_INFO(STB_GLOBAL, STT_TLS), 0, SHN_UNDEF },
	{ "counter", ELF_AT_DATA, 8, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, 1 },
	{ 0 },
};
static const uint16_t versym[] = { 3, 1, 2 };
static const struct elf_version_spec versions[] = { { "PLAIN_1", NULL, 2, 0 },
						    { "GLIBC_2.34", "libc.so.6", 3, 0 },
						    { 0 } };
static const struct elf_reloc_spec relocs[] = {
	{ ELF_AT_DATA, R_X86_64_RELATIVE, 0, 0x1234 },
	{ ELF_AT_DATA + 8, R_X86_64_DTPMOD64, 2, 0 },
	{ 0 },
};
static const struct elf_reloc_spec plt[] = { { ELF_AT_DATA + 16, R_X86_64_JUMP_SLOT, 1, 0 }, { 0 } };
static const uint64_t relr[] = { ELF_AT_DATA + 24 };
static const char *const needed[] = { "libc.so.6", NULL };
static const struct elf_spec rich = {
	.soname = "librich.so",
	.dynamic_symbols = imports,
	.versym = versym,
	.versions = versions,
	.needed = needed,
	.runpath = "/opt",
	.relocs = relocs,
	.plt_relocs = plt,
	.relr = relr,
	.relr_count = 1,
};

struct visited {
	struct elf_reloc items[8];
	size_t count;
};

static bool visit(const struct elf_reloc *reloc, void *arg)
{
	struct visited *visited = arg;
	assert_true(visited->count < count_of(visited->items));
	visited->items[visited->count++] = *reloc;
	return true;
}

static void test_all_tables_are_those_of_the_file(void **state)
{
	(void)state;
	for (int is_relocated = 0; is_relocated < 2; is_relocated++) {
		struct loaded loaded;
		struct dynsym dynsym;
		struct elf_lookup lookup;
		struct visited visited = { .count = 0 };
		const char *complaint;
		byte_target_init(&loaded.memory, EM_X86_64, ELFCLASS64, ELFDATA2LSB);
		loaded.file = elf_write(&rich);
		elf_load(&loaded.file, &loaded.memory, bias, is_relocated);
		assert_fine(image_read(&loaded.memory.target, bias, bias, &loaded.image));
		assert_fine(dynsym_read(&loaded.memory.target, &loaded.image, &dynsym));
		assert_null(dynsym.complaint);
		assert_string_equal(dynsym.dynamic.soname, "librich.so");
		assert_string_equal(dynsym.dynamic.runpath, "/opt");
		assert_int_equal(dynsym.dynamic.needed_count, 1);
		assert_string_equal(dynsym.dynamic.needed[0], "libc.so.6");
		assert_int_equal(dynsym.dynamic.gnu_hash, loaded.file.hash);
		assert_int_equal(dynsym.dynamic.verneed, loaded.file.verneed);

		elf_relocs_visit(dynsym.file, &dynsym.dynamic, R_X86_64_RELATIVE, visit, &visited);
		assert_int_equal(visited.count, 4);
		assert_int_equal(visited.items[0].addend, 0x1234);
		assert_int_equal(visited.items[1].symbol, 2);
		assert_int_equal(visited.items[2].type, R_X86_64_JUMP_SLOT);
		assert_int_equal(visited.items[3].offset, ELF_AT_DATA + 24);

		assert_fine(elf_lookup_init(dynsym.file, &dynsym.dynamic, &dynsym.symbols, &lookup, &complaint));
		assert_null(complaint);
		assert_string_equal(elf_versions_of(&lookup.versions, 1, NULL)->name, "GLIBC_2.34");
		assert_null(elf_versions_of(&lookup.versions, 2, NULL));
		const struct elf_version *version = elf_versions_of(&lookup.versions, 3, NULL);
		const struct elf_wanted wanted = { "counter", elf_gnu_hash("counter"), version };
		assert_string_equal(version->name, "PLAIN_1");
		assert_ptr_equal(elf_lookup_find(&lookup, &wanted, false), &dynsym.symbols.entries[3]);
		dynsym_deinit(&dynsym);
		unload(&loaded);
	}
}

// GNU ld's hash table of a program that exports nothing knows no symbol; its relocations do.
static void test_symbols_that_only_relocations_know(void **state)
{
	(void)state;
	struct loaded loaded;
	struct dynsym dynsym;
	load(&loaded, &rich);
	byte_target_put_number(&loaded.memory, bias + loaded.file.hash + 24, 0, 4);
	assert_fine(dynsym_read(&loaded.memory.target, &loaded.image, &dynsym));
	assert_int_equal(dynsym.symbols.count, 3);
	assert_string_equal(elf_symbol_name(&dynsym.symbols, &dynsym.symbols.entries[2]), "slot");
	dynsym_deinit(&dynsym);

	// One that lies costs nothing else.
	byte_target_put_number(&loaded.memory, bias + loaded.file.hash + 24, 1, 4);
	byte_target_put_number(&loaded.memory, bias + loaded.file.jmprel + 12, 0x3fffff, 4);
	assert_fine(dynsym_read(&loaded.memory.target, &loaded.image, &dynsym));
	assert_int_equal(dynsym.symbols.count, 4);
	dynsym_deinit(&dynsym);
	unload(&loaded);
}

static void test_tables_one_can_do_without(void **state)
{
	(void)state;
	const struct {
		int64_t tag;
		uint64_t value;
		const char *words, *lookup_words;
	} rows[] = {
		{ DT_RELA, 0x7fffdead0000, "its relocation table", NULL },
		{ DT_RELASZ, UINT64_C(1) << 40, "its relocation table", NULL },
		{ DT_JMPREL, 0x7fffdead0000, "its PLT relocation table", NULL },
		{ DT_RELR, 0x7fffdead0000, "its RELR table", NULL },
		{ DT_VERSYM, 0x7fffdead0000, NULL, "versions" },
		{ DT_VERDEF, 0x7fffdead0000, NULL, "its version table" },
		{ DT_VERNEED, 0x7fffdead0000, NULL, "its version table" },
	};
	for (size_t i = 0; i < count_of(rows); i++) {
		struct loaded loaded;
		struct dynsym dynsym;
		struct elf_lookup lookup;
		const char *complaint;
		load(&loaded, &rich);
		byte_target_put_word(&loaded.memory, bias + elf_dynamic_entry(&loaded.file, rows[i].tag) + 8,
				     rows[i].value);
		assert_fine(dynsym_read(&loaded.memory.target, &loaded.image, &dynsym));
		assert_int_equal(dynsym.complaint != NULL, rows[i].words != NULL);
		assert_true(!rows[i].words || strstr(dynsym.complaint, rows[i].words));
		assert_fine(elf_lookup_init(dynsym.file, &dynsym.dynamic, &dynsym.symbols, &lookup, &complaint));
		assert_int_equal(complaint != NULL, rows[i].lookup_words != NULL);
		assert_true(!complaint || strstr(complaint, rows[i].lookup_words));
		assert_non_null(dynsym_find(&dynsym, "counter"));
		dynsym_deinit(&dynsym);
		unload(&loaded);
	}
}

static void read_self(void *self, struct target_read *pieces, size_t count)
{
	(void)self;
	for (size_t i = 0; i < count; i++) {
		const struct iovec to = { pieces[i].buffer, pieces[i].size };
		const struct iovec from = { (void *)(uintptr_t)pieces[i].address, pieces[i].size };
		ssize_t size = process_vm_readv(getpid(), &to, 1, &from, 1, 0);
		pieces[i].error = size == (ssize_t)pieces[i].size ? 0 : EFAULT;
	}
}

static bool count_reloc(const struct elf_reloc *reloc, void *arg)
{
	size_t *sums = arg;
	sums[0]++;
	sums[1] += reloc->offset ^ reloc->symbol;
	return true;
}

/** One object's tables, and what they lead to. */
struct tables {
	struct elf_symbols symbols;
	struct elf_dynamic dynamic;
	struct elf_lookup lookup;
	size_t relocs[2];
};

static void fill(struct elf_file *file, struct tables *tables)
{
	const char *complaint;
	assert_fine(elf_lookup_init(file, &tables->dynamic, &tables->symbols, &tables->lookup, &complaint));
	assert_null(complaint);
	elf_relocs_visit(file, &tables->dynamic, R_X86_64_RELATIVE, count_reloc, tables->relocs);
}

// This process's own libraries: what memory says is what the file says.
static void test_real_libraries_in_memory_are_as_their_files(void **state)
{
	(void)state;
	static const struct target_ops ops = { .read = read_self };
	const char *const names[] = { "libc.so.6", "libstdc++.so.6", "libz.so.1" };
	struct byte_target machine;
	byte_target_init(&machine, EM_X86_64, ELFCLASS64, ELFDATA2LSB);
	struct target self = { .ops = &ops, .arch = machine.target.arch };
	for (size_t n = 0; n < count_of(names); n++) {
		struct link_map *map;
		struct image image;
		struct dynsym dynsym;
		struct elf_file *file;
		struct tables here = { .relocs = { 0 } }, there = { .relocs = { 0 } };
		const char *complaint;
		void *handle = dlopen(names[n], RTLD_NOW);
		if (!handle)
			continue;
		assert_int_equal(dlinfo(handle, RTLD_DI_LINKMAP, &map), 0);
		assert_fine(image_read(&self, map->l_addr, map->l_addr, &image));
		assert_fine(dynsym_read(&self, &image, &dynsym));
		assert_null(dynsym.complaint);
		here.symbols = dynsym.symbols;
		here.dynamic = dynsym.dynamic;
		fill(dynsym.file, &here);

		int fd = open(map->l_name, O_RDONLY | O_CLOEXEC);
		assert_fine(elf_file_open(fd, map->l_name, &file));
		close(fd);
		assert_fine(elf_dynamic_parse(file, &there.dynamic, &complaint));
		assert_fine(elf_symbols_dynamic(file, &there.symbols));
		fill(file, &there);

		assert_int_equal(here.symbols.count, there.symbols.count);
		assert_int_equal(here.relocs[0], there.relocs[0]);
		assert_int_equal(here.relocs[1], there.relocs[1]);
		assert_int_equal(here.lookup.versions.count, there.lookup.versions.count);
		for (size_t i = 1; i < here.symbols.count; i++) {
			const char *name = elf_symbol_name(&here.symbols, &here.symbols.entries[i]);
			const struct elf_version *version = elf_versions_of(&here.lookup.versions, i, NULL);
			const struct elf_wanted wanted = { name, elf_gnu_hash(name), version };
			const Elf64_Sym *found = elf_lookup_find(&here.lookup, &wanted, false);
			const Elf64_Sym *expected = elf_lookup_find(&there.lookup, &wanted, false);
			assert_int_equal(found ? found - here.symbols.entries : 0,
					 expected ? expected - there.symbols.entries : 0);
		}
		dynsym_deinit(&dynsym);
		elf_file_close(file);
		dlclose(handle);
	}
	byte_target_deinit(&machine);
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
		cmocka_unit_test(test_all_tables_are_those_of_the_file),
		cmocka_unit_test(test_symbols_that_only_relocations_know),
		cmocka_unit_test(test_tables_one_can_do_without),
		cmocka_unit_test(test_real_libraries_in_memory_are_as_their_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
