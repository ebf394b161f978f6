#include "../support/check.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <unistd.h>

#include "../support/elf_writer.h"
#include "../support/lookup_drive.h"
#include "../support/lookup_seeds.h"
#include "elf/lookup.h"

#define INFO(binding, type) ELF64_ST_INFO(binding, type)
#define AT(number) (ELF_AT_DATA + 16 * (number))

struct opened {
	struct elf_bytes bytes;
	struct elf_file *file;
	struct elf_lookup lookup;
	const char *complaint;
};

static void prepare(struct opened *opened)
{
	struct elf_dynamic dynamic;
	struct elf_symbols symbols;
	const char *complaint;
	assert_fine(elf_dynamic_parse(opened->file, &dynamic, &complaint));
	assert_null(complaint);
	assert_fine(elf_symbols_dynamic(opened->file, &symbols));
	assert_fine(elf_lookup_init(opened->file, &dynamic, &symbols, &opened->lookup, &opened->complaint));
}

static void open_bytes(struct opened *opened, struct elf_bytes bytes)
{
	*opened = (struct opened){ .bytes = bytes };
	assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x", &opened->file));
	prepare(opened);
}

static void open_spec(struct opened *opened, const struct elf_spec *spec)
{
	open_bytes(opened, elf_write(spec));
	assert_null(opened->complaint);
}

static void close_opened(struct opened *opened)
{
	elf_file_close(opened->file);
	elf_bytes_deinit(&opened->bytes);
}

static struct elf_wanted want(const char *name, const struct elf_version *version)
{
	return (struct elf_wanted){ name, elf_gnu_hash(name), version };
}

// The number of the row that is found, counted from 1 on; 0 for none.
static size_t find(const struct opened *opened, const char *name, const struct elf_version *version,
		   bool accept_undefined)
{
	const struct elf_wanted wanted = want(name, version);
	const Elf64_Sym *found = elf_lookup_find(&opened->lookup, &wanted, accept_undefined);
	return found ? elf_lookup_symbol_index(&opened->lookup, found) : 0;
}

static void test_hashes(void **state)
{
	(void)state;
	// Both functions' published examples.
	assert_int_equal(elf_gnu_hash(""), 0x1505);
	assert_int_equal(elf_gnu_hash("printf"), 0x156b2bb8);
	assert_int_equal(elf_gnu_hash("exit"), 0x7c967e3f);
	assert_int_equal(elf_gnu_hash("syscall"), 0xbac212a0);
	assert_int_equal(elf_gnu_hash("flapenguin.me"), 0x8ae9f18e);
	assert_int_equal(elf_sysv_hash(""), 0);
	assert_int_equal(elf_sysv_hash("printf"), 0x077905a6);
	assert_int_equal(elf_sysv_hash("exit"), 0x0006cf04);
	assert_int_equal(elf_sysv_hash("syscall"), 0x0b09985c);
	assert_int_equal(elf_sysv_hash("flapenguin.me"), 0x03987915);
	assert_int_equal(elf_sysv_hash("isnan"), 0x070a47e);
	// Characters are unsigned.
	assert_int_equal(elf_gnu_hash("\xff"), 0x1505 * 33 + 0xff);
	assert_int_equal(elf_sysv_hash("\xff"), 0xff);
}

static const struct elf_symbol_spec kinds[] = {
	{ "object", AT(0), 8, INFO(STB_GLOBAL, STT_OBJECT), 0, 1 },
	{ "weak", AT(1), 8, INFO(STB_WEAK, STT_OBJECT), 0, 1 },
	{ "unique", AT(2), 8, INFO(STB_GNU_UNIQUE, STT_OBJECT), 0, 1 },
	{ "function", AT(3), 8, INFO(STB_GLOBAL, STT_FUNC), 0, 1 },
	{ "ifunc", AT(4), 8, INFO(STB_GLOBAL, STT_GNU_IFUNC), 0, 1 },
	{ "untyped", AT(5), 0, INFO(STB_GLOBAL, STT_NOTYPE), 0, 1 },
	{ "common", AT(6), 8, INFO(STB_GLOBAL, STT_COMMON), 0, 1 },
	{ "first_tls", 0, 8, INFO(STB_GLOBAL, STT_TLS), 0, 1 },
	{ "absolute", 0, 0, INFO(STB_GLOBAL, STT_OBJECT), 0, SHN_ABS },
	{ "protected", AT(7), 8, INFO(STB_GLOBAL, STT_OBJECT), STV_PROTECTED, 1 },
	{ 0 },
};
static const struct elf_symbol_spec no_kinds[] = {
	{ "valueless", 0, 8, INFO(STB_GLOBAL, STT_OBJECT), 0, 1 },
	{ "section", AT(0), 8, INFO(STB_GLOBAL, STT_SECTION), 0, 1 },
	{ "file", AT(0), 8, INFO(STB_GLOBAL, STT_FILE), 0, SHN_ABS },
	{ "machine", AT(0), 8, INFO(STB_GLOBAL, STT_HIPROC), 0, 1 },
	{ "local", AT(0), 8, INFO(STB_LOCAL, STT_OBJECT), 0, 1 },
	{ "hidden", AT(0), 8, INFO(STB_GLOBAL, STT_OBJECT), STV_HIDDEN, 1 },
	{ "internal", AT(0), 8, INFO(STB_GLOBAL, STT_OBJECT), STV_INTERNAL, 1 },
	{ "undefined", 0, 0, INFO(STB_GLOBAL, STT_FUNC), 0, SHN_UNDEF },
	// A refused one ends the search: the second of the name is not taken for it.
	{ "twice", AT(1), 8, INFO(STB_GLOBAL, STT_OBJECT), STV_HIDDEN, 1 },
	{ "twice", AT(2), 8, INFO(STB_GLOBAL, STT_OBJECT), 0, 1 },
	{ 0 },
};

static void test_what_is_a_definition(void **state)
{
	(void)state;
	for (int kind = ELF_HASH_GNU; kind <= ELF_HASH_SYSV; kind++) {
		const struct elf_spec yes = { .dynamic_symbols = kinds, .hash = (enum elf_hash_spec)kind };
		const struct elf_spec no = { .dynamic_symbols = no_kinds, .hash = (enum elf_hash_spec)kind };
		struct opened opened;
		open_spec(&opened, &yes);
		for (size_t i = 0; kinds[i].name; i++)
			assert_int_equal(find(&opened, kinds[i].name, NULL, false), i + 1);
		assert_int_equal(find(&opened, "objec", NULL, true), 0);
		assert_int_equal(find(&opened, "", NULL, true), 0);
		close_opened(&opened);
		open_spec(&opened, &no);
		for (size_t i = 0; no_kinds[i].name; i++)
			assert_int_equal(find(&opened, no_kinds[i].name, NULL, true), 0);
		close_opened(&opened);
	}
}

// A program that takes a function's address without knowing where it will be: the PLT entry is the address for all.
static void test_canonical_plt_entry(void **state)
{
	(void)state;
	const struct elf_symbol_spec rows[] = {
		{ "callback", AT(0), 0, INFO(STB_GLOBAL, STT_FUNC), 0, SHN_UNDEF },
		{ 0 },
	};
	const struct elf_spec spec = { .dynamic_symbols = rows };
	struct opened opened;
	open_spec(&opened, &spec);
	assert_int_equal(find(&opened, "callback", NULL, false), 0);
	assert_int_equal(find(&opened, "callback", NULL, true), 1);
	close_opened(&opened);
}

static const struct elf_version_spec versions[] = {
	{ "libx.so", NULL, 1, VER_FLG_BASE },
	{ "V1", NULL, 2, 0 },
	{ "V2", NULL, 3, 0 },
	{ "V3", NULL, 4, 0 },
	{ "NEEDED", "libc.so.6", 5, 0 },
	{ "NONE", NULL, 6, 0 },
	{ 0 },
};
static const struct elf_symbol_spec versioned[] = {
	{ "three", AT(0), 8, INFO(STB_GLOBAL, STT_OBJECT), 0, 1 },  // 1: @@V3
	{ "three", AT(1), 8, INFO(STB_GLOBAL, STT_OBJECT), 0, 1 },  // 2: @V1
	{ "three", AT(2), 8, INFO(STB_GLOBAL, STT_OBJECT), 0, 1 },  // 3: @V2
	{ "newer", AT(3), 8, INFO(STB_GLOBAL, STT_OBJECT), 0, 1 },  // 4: @V2
	{ "newer", AT(4), 8, INFO(STB_GLOBAL, STT_OBJECT), 0, 1 },  // 5: @@V3
	{ "hidden", AT(5), 8, INFO(STB_GLOBAL, STT_OBJECT), 0, 1 }, // 6: @V2
	{ "base", AT(6), 8, INFO(STB_GLOBAL, STT_OBJECT), 0, 1 },   // 7: no version
	{ "local", AT(7), 8, INFO(STB_GLOBAL, STT_OBJECT), 0, 1 },  // 8: VER_NDX_LOCAL
	{ "both", AT(8), 8, INFO(STB_GLOBAL, STT_OBJECT), 0, 1 },   // 9: @@V2
	{ "both", AT(9), 8, INFO(STB_GLOBAL, STT_OBJECT), 0, 1 },   // 10: @@V3
	{ "shy", AT(10), 8, INFO(STB_GLOBAL, STT_OBJECT), 0, 1 },   // 11: no version, hidden
	{ "gap", AT(11), 8, INFO(STB_GLOBAL, STT_OBJECT), 0, 1 },   // 12: an index nobody defines
	{ 0 },
};
static const uint16_t versym[] = { 4, 2 | 0x8000, 3 | 0x8000, 3 | 0x8000, 4, 3 | 0x8000, 1, 0, 3, 4, 1 | 0x8000, 40 };

static struct elf_version version(const char *name)
{
	return (struct elf_version){ .name = name, .hash = elf_sysv_hash(name), .file = "libx.so" };
}

static void test_versions(void **state)
{
	(void)state;
	const struct {
		const char *name, *version;
		size_t found;
	} rows[] = {
		{ "three", "V1", 2 },     { "three", "V2", 3 },
		{ "three", "V3", 1 },     { "three", "V4", 0 },
		{ "three", NULL, 2 }, // the oldest, although hidden
		{ "newer", "V2", 4 },     { "newer", "V1", 0 },
		{ "newer", NULL, 5 }, // the only one that is not hidden
		{ "hidden", "V2", 6 },    { "hidden", "V3", 0 },
		{ "hidden", NULL, 0 },    { "base", "V1", 7 }, // an unversioned definition does for any reference
		{ "base", "libx.so", 7 }, { "base", NULL, 7 },
		{ "local", "V1", 8 },     { "local", NULL, 8 },
		{ "both", "V2", 9 },      { "both", "V3", 10 },
		{ "both", NULL, 0 }, // two defaults are none
		{ "shy", "V1", 0 },       { "shy", NULL, 11 },
		{ "gap", "V1", 12 },      { "gap", NULL, 12 },
	};
	for (int kind = ELF_HASH_GNU; kind <= ELF_HASH_SYSV; kind++) {
		const struct elf_spec spec = { .soname = "libx.so",
					       .dynamic_symbols = versioned,
					       .hash = (enum elf_hash_spec)kind,
					       .versym = versym,
					       .versions = versions };
		struct opened opened;
		open_spec(&opened, &spec);
		for (size_t i = 0; i < count_of(rows); i++) {
			const struct elf_version asked = version(rows[i].version ? rows[i].version : "");
			size_t found = find(&opened, rows[i].name, rows[i].version ? &asked : NULL, false);
			if (found != rows[i].found)
				print_error("%s %s\n", rows[i].name, rows[i].version ? rows[i].version : "");
			assert_int_equal(found, rows[i].found);
		}
		close_opened(&opened);
	}
}

static void test_version_needs_hash_and_name(void **state)
{
	(void)state;
	const struct elf_spec spec = { .dynamic_symbols = versioned, .versym = versym, .versions = versions };
	struct elf_version asked = version("V2");
	struct opened opened;
	open_spec(&opened, &spec);
	asked.hash++;
	assert_int_equal(find(&opened, "hidden", &asked, false), 0);
	asked = version("V2");
	asked.name = "V9";
	assert_int_equal(find(&opened, "hidden", &asked, false), 0);
	// A reference may insist on its version.
	asked = version("V1");
	assert_int_equal(find(&opened, "base", &asked, false), 7);
	asked.is_hidden = true;
	assert_int_equal(find(&opened, "base", &asked, false), 0);
	close_opened(&opened);
}

static void test_object_without_versions_takes_any(void **state)
{
	(void)state;
	const struct elf_version asked = version("V9");
	for (int has_table = 0; has_table < 2; has_table++) {
		const struct elf_spec spec = { .dynamic_symbols = versioned, .versym = has_table ? versym : NULL };
		struct opened opened;
		open_spec(&opened, &spec);
		assert_int_equal(find(&opened, "hidden", &asked, false), 6);
		assert_int_equal(find(&opened, "three", NULL, false), 1);
		close_opened(&opened);
	}
}

static void test_bloom_filter_comes_first(void **state)
{
	(void)state;
	const struct elf_spec spec = { .dynamic_symbols = kinds };
	struct elf_bytes bytes = elf_write(&spec);
	struct opened opened;
	const uint32_t hash = elf_gnu_hash("object");
	elf_patch(&bytes, bytes.hash + 12, 40, 4); // a shift beyond the hash: its second bit is bit 0
	elf_patch(&bytes, bytes.hash + 16, UINT64_C(1) << hash % 64 | 1, 8);
	open_bytes(&opened, bytes);
	assert_true(elf_lookup_may_have(&opened.lookup, hash));
	assert_int_equal(find(&opened, "object", NULL, false), 1);
	assert_false(elf_lookup_may_have(&opened.lookup, elf_gnu_hash("weak")));
	assert_int_equal(find(&opened, "weak", NULL, false), 0);
	close_opened(&opened);
}

// ld.so takes the filter's size for a mask.
static void test_bloom_filter_of_any_size(void **state)
{
	(void)state;
	static const struct elf_symbol_spec one[] = { { "object", AT(0), 8, INFO(STB_GLOBAL, STT_OBJECT), 0, 1 },
						      { 0 } };
	for (uint32_t words = 0; words <= 5; words++) {
		uint32_t table[4 + 2 * 5 + 2] = { 1, 1, words, 6 };
		memset(&table[4], 0xff, 8 * words);
		table[4 + 2 * words] = 1;
		table[5 + 2 * words] = elf_gnu_hash("object") | 1;
		const struct elf_spec spec = { .dynamic_symbols = one,
					       .rodata = table,
					       .rodata_size = sizeof(table) };
		struct elf_bytes bytes = elf_write(&spec);
		struct opened opened;
		bool is_power = words == 1 || words == 2 || words == 4;
		elf_patch(&bytes, elf_dynamic_entry(&bytes, DT_GNU_HASH) + 8, ELF_AT_RODATA, 8);
		open_bytes(&opened, bytes);
		assert_int_equal(opened.complaint == NULL, is_power);
		assert_int_equal(find(&opened, "object", NULL, false), is_power);
		close_opened(&opened);
	}
}

static void test_bucket_below_the_first_symbol(void **state)
{
	(void)state;
	// Two buckets, links from symbol 2 on, a filter that lets all pass; all links are ends.
	uint32_t table[] = { 2, 2, 1, 6, UINT32_MAX, UINT32_MAX, 0, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1 };
	for (uint32_t first = 0; first < 4; first++) {
		const struct elf_spec spec = { .dynamic_symbols = kinds,
					       .rodata = table,
					       .rodata_size = sizeof(table) };
		struct opened opened;
		table[6] = first;
		struct elf_bytes bytes = elf_write(&spec);
		elf_patch(&bytes, elf_dynamic_entry(&bytes, DT_GNU_HASH) + 8, ELF_AT_RODATA, 8);
		open_bytes(&opened, bytes);
		assert_int_equal(opened.complaint != NULL, first == 1);
		close_opened(&opened);
	}
}

static void test_nothing_is_exported(void **state)
{
	(void)state;
	const struct elf_spec specs[] = { { .has_no_dynamic = true },
					  { .dynamic_symbols = kinds, .hash = ELF_HASH_NONE },
					  { .hash = ELF_HASH_SYSV },
					  { 0 } };
	const struct elf_lookup zero = { 0 };
	const struct elf_wanted wanted = want("object", NULL);
	assert_null(elf_lookup_find(&zero, &wanted, true));
	assert_null(elf_lookup_search(&zero, &wanted, true));
	for (size_t i = 0; i < count_of(specs); i++) {
		struct opened opened;
		open_spec(&opened, &specs[i]);
		assert_int_equal(find(&opened, "object", NULL, true), 0);
		close_opened(&opened);
	}
	// GNU ld's table for it: one empty bucket, and no links although there are symbols.
	const struct elf_spec spec = { .dynamic_symbols = kinds };
	struct elf_bytes bytes = elf_write(&spec);
	struct opened opened;
	for (uint64_t at = bytes.hash + 16; at < bytes.hash + 28 + 10 * 4; at += 4)
		elf_patch(&bytes, at, 0, 4);
	open_bytes(&opened, bytes);
	assert_null(opened.complaint);
	assert_int_equal(find(&opened, "object", NULL, true), 0);
	close_opened(&opened);
}

static void test_tables_that_lie_are_described(void **state)
{
	(void)state;
	for (size_t i = 0; i < lookup_seed_count(); i++) {
		struct opened opened;
		open_bytes(&opened, lookup_seed(i));
		if (lookup_seed_lies(i) != !!opened.complaint)
			print_error("%s: %s\n", lookup_seed_name(i), opened.complaint ? opened.complaint : "nothing");
		assert_int_equal(lookup_seed_lies(i), !!opened.complaint);
		bool is_in_versions = strncmp(lookup_seed_name(i), "ver", 3) == 0;
		assert_int_equal(find(&opened, "unique", NULL, false),
				 lookup_seed_lies(i) && !is_in_versions ? 0 : 4);
		close_opened(&opened);
	}
}

// Whatever one number says, every question ends, in bounds.
static void test_any_number_may_lie(void **state)
{
	(void)state;
	const uint32_t values[] = { 0, 1, 2, 6, 7, 8, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0xfffffff0, 0xffffffff };
	for (size_t i = 0; i < lookup_seed_count(); i++) {
		struct elf_bytes bytes = lookup_seed(i);
		assert_true(lookup_drive(bytes.bytes, bytes.size) >= 0);
		for (uint64_t at = ELF_AT_TABLES; at < bytes.dynamic + 40 * sizeof(Elf64_Dyn); at += 4) {
			uint32_t kept;
			memcpy(&kept, bytes.bytes + at, sizeof(kept));
			for (size_t k = 0; k < count_of(values); k++) {
				elf_patch(&bytes, at, values[k], 4);
				lookup_drive(bytes.bytes, bytes.size);
			}
			elf_patch(&bytes, at, kept, 4);
		}
		elf_bytes_deinit(&bytes);
	}
}

/** A library of this machine, as loaded here. */
struct library {
	void *handle;
	struct link_map *map;
	struct opened opened;
};

static void open_library(struct library *library, const char *name)
{
	*library = (struct library){ .handle = dlopen(name, RTLD_LAZY) };
	if (!library->handle)
		skip();
	assert_int_equal(dlinfo(library->handle, RTLD_DI_LINKMAP, &library->map), 0);
	int fd = open(library->map->l_name, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_fine(elf_file_open(fd, library->map->l_name, &library->opened.file));
	close(fd);
	prepare(&library->opened);
	assert_null(library->opened.complaint);
}

static void close_library(struct library *library)
{
	elf_file_close(library->opened.file);
	dlclose(library->handle);
}

// The version's own name is a symbol of that version, too (SHN_ABS, no type).
static bool is_exported(const struct elf_lookup *lookup, size_t index)
{
	const Elf64_Sym *symbol = &lookup->symbols.entries[index];
	return symbol->st_shndx != SHN_UNDEF && ELF64_ST_BIND(symbol->st_info) != STB_LOCAL;
}

static void test_every_symbol_of_real_libraries(void **state)
{
	(void)state;
	const char *const names[] = { "libc.so.6", "libstdc++.so.6" };
	for (size_t n = 0; n < count_of(names); n++) {
		struct library library;
		open_library(&library, names[n]);
		const struct elf_lookup *lookup = &library.opened.lookup;
		size_t count = 0, passed = 0;
		for (size_t i = 1; i < lookup->symbols.count; i++) {
			char absent[1024];
			const char *name = elf_symbol_name(&lookup->symbols, &lookup->symbols.entries[i]);
			if (!is_exported(lookup, i))
				continue;
			count++;
			assert_int_equal(find(&library.opened, name, elf_versions_of(&lookup->versions, i, NULL),
					      false),
					 i);
			// One of the same letters is none of them, and hardly ever passes the filter.
			snprintf(absent, sizeof(absent), "%s%zu", name, i);
			assert_int_equal(find(&library.opened, absent, NULL, true), 0);
			passed += elf_lookup_may_have(lookup, elf_gnu_hash(absent));
		}
		assert_true(count > 1000);
		assert_true(!lookup->is_gnu || passed < count / 2);
		close_library(&library);
	}
}

static void test_dlvsym_finds_the_same(void **state)
{
	(void)state;
	const struct {
		const char *name, *version;
	} rows[] = {
		{ "memcpy", "GLIBC_2.2.5" },
		{ "pthread_cond_wait", "GLIBC_2.2.5" },
		{ "pthread_cond_wait", "GLIBC_2.3.2" },
		{ "environ", "GLIBC_2.2.5" },
		{ "fopen", "GLIBC_2.2.5" },
		{ "dlopen", "GLIBC_2.34" },
		{ "dlopen", "GLIBC_2.2.5" },
		{ "realpath", "GLIBC_2.2.5" },
		{ "realpath", "GLIBC_2.3" },
		{ "glob", "GLIBC_2.27" },
		{ "printf", "GLIBC_2.99" },
		{ "no_such_function", "GLIBC_2.2.5" },
		{ "_sys_errlist", "GLIBC_2.4" },
		{ "nftw", "GLIBC_2.2.5" },
		{ "nftw", "GLIBC_2.3.3" },
		{ "_IO_2_1_stdout_", "GLIBC_2.2.5" },
		// The oldest version on newer machines.
		{ "environ", "GLIBC_2.17" },
		{ "fopen", "GLIBC_2.17" },
		{ "nftw", "GLIBC_2.17" },
		{ "pthread_cond_wait", "GLIBC_2.17" },
		{ "realpath", "GLIBC_2.17" },
		{ "_IO_2_1_stdout_", "GLIBC_2.17" },
	};
	struct library library;
	size_t same = 0;
	open_library(&library, "libc.so.6");
	for (size_t i = 0; i < count_of(rows); i++) {
		const struct elf_version asked = version(rows[i].version);
		const struct elf_wanted wanted = want(rows[i].name, &asked);
		const Elf64_Sym *found = elf_lookup_find(&library.opened.lookup, &wanted, false);
		uint64_t address = (uintptr_t)dlvsym(library.handle, rows[i].name, rows[i].version);
		assert_int_equal(found != NULL, address != 0);
		// What an IFUNC leads to is its own secret.
		if (found && ELF64_ST_TYPE(found->st_info) != STT_GNU_IFUNC) {
			assert_int_equal(library.map->l_addr + found->st_value, address);
			same++;
		}
	}
	assert_true(same > 5);
	close_library(&library);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hashes),
		cmocka_unit_test(test_what_is_a_definition),
		cmocka_unit_test(test_canonical_plt_entry),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_version_needs_hash_and_name),
		cmocka_unit_test(test_object_without_versions_takes_any),
		cmocka_unit_test(test_bloom_filter_comes_first),
		cmocka_unit_test(test_bloom_filter_of_any_size),
		cmocka_unit_test(test_bucket_below_the_first_symbol),
		cmocka_unit_test(test_nothing_is_exported),
		cmocka_unit_test(test_tables_that_lie_are_described),
		cmocka_unit_test(test_any_number_may_lie),
		cmocka_unit_test(test_every_symbol_of_real_libraries),
		cmocka_unit_test(test_dlvsym_finds_the_same),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
