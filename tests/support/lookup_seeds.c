#include "lookup_seeds.h"

#include <assert.h>

#define OBJECT(binding) ELF64_ST_INFO(binding, STT_OBJECT)

static const struct elf_symbol_spec symbols[] = {
	{ "malloc", 0, 0, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), 0, SHN_UNDEF },
	{ "counter", ELF_AT_DATA, 8, OBJECT(STB_GLOBAL), 0, 1 },
	{ "counter", ELF_AT_DATA + 8, 8, OBJECT(STB_GLOBAL), 0, 1 },
	{ "unique", ELF_AT_DATA + 16, 4, OBJECT(STB_GNU_UNIQUE), 0, 1 },
	{ "weak", ELF_AT_DATA + 24, 4, OBJECT(STB_WEAK), STV_PROTECTED, 1 },
	{ "slot", 0, 4, ELF64_ST_INFO(STB_GLOBAL, STT_TLS), 0, 1 },
	{ 0 },
};
static const uint16_t versym[] = { 4, 3, 2 | 0x8000, 1, 0, 3 };
static const struct elf_version_spec versions[] = {
	{ "libseed.so.1", NULL, 1, VER_FLG_BASE },
	{ "SEED_1", NULL, 2, 0 },
	{ "SEED_2", NULL, 3, VER_FLG_WEAK },
	{ "GLIBC_2.2.5", "libc.so.6", 4, 0 },
	{ "GLIBC_2.34", "libc.so.6", 5, 0 },
	{ "SEED_9", "libother.so", 6 | 0x8000, VER_FLG_WEAK },
	{ 0 },
};
static const char *const needed[] = { "libother.so", "libc.so.6", NULL };
static const struct elf_reloc_spec relocs[] = {
	{ ELF_AT_DATA, R_X86_64_RELATIVE, 0, 1 },
	{ ELF_AT_DATA + 8, R_X86_64_GLOB_DAT, 2, 0 },
	{ ELF_AT_DATA + 16, R_X86_64_DTPMOD64, 6, 0 },
	{ 0 },
};
static const struct elf_reloc_spec plt[] = { { ELF_AT_DATA + 24, R_X86_64_JUMP_SLOT, 1, 0 }, { 0 } };
static const uint64_t relr[] = { ELF_AT_DATA, 7 };

enum place { AT_NOTHING, AT_HASH, AT_VERDEF, AT_VERNEED, AT_TAG };

/** A file, and the one field of it that lies. */
static const struct seed {
	const char *name;
	enum elf_hash_spec hash;
	bool has_no_sections, has_no_versions;
	enum place place;
	int64_t offset; // behind the place, or a tag of the dynamic section
	uint32_t value;
} seeds[] = {
	{ "gnu", ELF_HASH_GNU, false, false, AT_NOTHING, 0, 0 },
	{ "sysv", ELF_HASH_SYSV, false, false, AT_NOTHING, 0, 0 },
	{ "stripped", ELF_HASH_GNU, true, false, AT_NOTHING, 0, 0 },
	{ "unversioned", ELF_HASH_GNU, false, true, AT_NOTHING, 0, 0 },
	// Bucket 7 words in, links behind it: without their end, with a bucket outside, a filter of no power of two.
	{ "gnu-endless", ELF_HASH_GNU, false, false, AT_HASH, 28 + 5 * 4, 2 },
	{ "gnu-bucket", ELF_HASH_GNU, false, false, AT_HASH, 24, 7 },
	{ "gnu-low-bucket", ELF_HASH_GNU, false, false, AT_HASH, 4, 3 },
	{ "gnu-bloom", ELF_HASH_GNU, false, false, AT_HASH, 8, 3 },
	{ "gnu-buckets", ELF_HASH_GNU, false, false, AT_HASH, 0, 0xffffffff },
	{ "gnu-outside", ELF_HASH_GNU, false, false, AT_TAG, DT_GNU_HASH, 0xfffffff0 },
	// One bucket, then the links: a symbol that follows itself, one that is not there.
	{ "sysv-circle", ELF_HASH_SYSV, false, false, AT_HASH, 12 + 3 * 4, 3 },
	{ "sysv-link", ELF_HASH_SYSV, false, false, AT_HASH, 12 + 2 * 4, 99 },
	{ "sysv-links", ELF_HASH_SYSV, false, false, AT_HASH, 4, 0x7fffffff },
	{ "verdef-next", ELF_HASH_GNU, false, false, AT_VERDEF, offsetof(Elf64_Verdef, vd_next), 0xfffffff0 },
	{ "verdef-aux", ELF_HASH_GNU, false, false, AT_VERDEF, offsetof(Elf64_Verdef, vd_aux), 0xfffffff0 },
	{ "verdef-version", ELF_HASH_GNU, false, false, AT_VERDEF, 0, 2 },
	{ "verneed-next", ELF_HASH_SYSV, false, false, AT_VERNEED, offsetof(Elf64_Verneed, vn_next), 0xfffffff0 },
	{ "verneed-aux", ELF_HASH_SYSV, false, false, AT_VERNEED, offsetof(Elf64_Verneed, vn_aux), 0xfffffff0 },
	{ "verneed-version", ELF_HASH_SYSV, false, false, AT_VERNEED, 0, 0xffff },
	{ "versym-outside", ELF_HASH_GNU, true, false, AT_TAG, DT_VERSYM, 0xfffffff0 },
};

size_t lookup_seed_count(void)
{
	return sizeof(seeds) / sizeof(seeds[0]);
}

const char *lookup_seed_name(size_t number)
{
	return seeds[number].name;
}

bool lookup_seed_lies(size_t number)
{
	return seeds[number].place != AT_NOTHING;
}

struct elf_bytes lookup_seed(size_t number)
{
	const struct seed *seed = &seeds[number];
	const struct elf_spec spec = {
		.soname = "libseed.so.1",
		.dynamic_symbols = symbols,
		.hash = seed->hash,
		.versym = seed->has_no_versions ? NULL : versym,
		.versions = seed->has_no_versions ? NULL : versions,
		.needed = needed,
		.runpath = "$ORIGIN/../lib",
		.relocs = relocs,
		.plt_relocs = plt,
		.relr = relr,
		.relr_count = sizeof(relr) / sizeof(relr[0]),
		.tbss_size = 8,
		.has_no_sections = seed->has_no_sections,
	};
	struct elf_bytes file = elf_write(&spec);
	uint64_t offset = (uint64_t)seed->offset;
	switch (seed->place) {
	case AT_NOTHING:
		return file;
	case AT_HASH:
		elf_patch(&file, file.hash + offset, seed->value, 4);
		return file;
	case AT_VERDEF:
		elf_patch(&file, file.verdef + offset, seed->value, offset ? 4 : 2);
		return file;
	case AT_VERNEED:
		elf_patch(&file, file.verneed + offset, seed->value, offset ? 4 : 2);
		return file;
	case AT_TAG:
		elf_patch(&file, elf_dynamic_entry(&file, seed->offset) + offsetof(Elf64_Dyn, d_un), seed->value, 8);
		return file;
	}
	assert(!"a place that is known");
	return file;
}
