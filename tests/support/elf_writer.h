/**
 * ELF64 little-endian files made byte by byte, so that a test says exactly what is in one and a hostile test can
 * put anything into it.
 *
 * Every address equals its offset in the file, and the places are the same in every file: see ELF_AT_*.
 */
#ifndef SUPPORT_ELF_WRITER_H
#define SUPPORT_ELF_WRITER_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "byte_target.h"

enum {
	ELF_AT_SEGMENTS = sizeof(Elf64_Ehdr),
	ELF_AT_TABLES = 0x400, ///< notes, dynamic symbols, hash, strings, relocations, dynamic section
	ELF_AT_RODATA = 0x3000,
	ELF_AT_RELRO = 0x4000,
	ELF_AT_DATA = 0x5000, ///< .tdata first, then .data, then .bss
	ELF_AT_END = 0x8000,  ///< of memory
};

struct elf_symbol_spec {
	const char *name;
	uint64_t value, size;
	uint8_t info;     ///< ELF64_ST_INFO(binding, type)
	uint8_t other;    ///< STV_*
	uint16_t section; ///< SHN_UNDEF, SHN_ABS; anything else counts as defined.
};

struct elf_reloc_spec {
	uint64_t offset;
	uint32_t type;
	uint32_t symbol; ///< Index in the dynamic symbols from 1 on, 0 for none.
	int64_t addend;
};

/** One bucket each, with true hashes; the Bloom filter lets all pass. */
enum elf_hash_spec { ELF_HASH_GNU, ELF_HASH_SYSV, ELF_HASH_NONE };

/** A version that is defined or, from a @c file, needed. Rows of one file stand together. */
struct elf_version_spec {
	const char *name;
	const char *file;      ///< NULL: defined here.
	uint16_t index, flags; ///< VER_NDX_*, VER_FLG_*
};

/** What is to be in the file. All zero: an empty x86_64 shared object with no symbols. */
struct elf_spec {
	uint16_t type, machine; ///< 0: ET_DYN, EM_X86_64
	const char *soname;
	uint64_t flags, flags_1;                                 ///< DT_FLAGS, DT_FLAGS_1
	bool is_symbolic;                                        ///< DT_SYMBOLIC
	const struct elf_symbol_spec *dynamic_symbols, *symbols; ///< NULL or ended by a row without a name.
	const struct elf_reloc_spec *relocs, *plt_relocs;        ///< NULL or ended by a row of type 0.
	const uint64_t *relr;
	size_t relr_count;
	enum elf_hash_spec hash;
	const uint16_t *versym;                  ///< For each row of @c dynamic_symbols; NULL: no table.
	const struct elf_version_spec *versions; ///< NULL or ended by a row without a name.
	const char *const *needed;               ///< NULL or ended by NULL.
	const char *runpath, *rpath;
	uint64_t init_array, init_array_size;
	const uint8_t *build_id;
	size_t build_id_size;
	const void *rodata, *relro, *data, *tdata;
	size_t rodata_size, relro_size, data_size, tdata_size;
	uint64_t tbss_size, tls_align;
	const char *debug_link; ///< .gnu_debuglink's file name
	uint32_t debug_link_crc;
	const void *extra; ///< Content of one more section, not loaded.
	size_t extra_size;
	const char *extra_name;
	uint64_t extra_flags;
	bool has_no_sections, has_no_dynamic, has_no_segments;
};

/** The file, and where things came to be in it. */
struct elf_bytes {
	uint8_t *bytes;
	size_t size;
	uint64_t note, dynsym, dynstr, dynstr_size, hash, rela, jmprel, relr, dynamic, symtab, strtab, sections;
	uint64_t versym, verdef, verneed; ///< 0 if there is none.
	uint64_t tdata, data, bss;        ///< .bss reaches to ELF_AT_END.
	uint32_t segment_count, section_count, dynamic_count, dynamic_symbol_count;
};

struct elf_bytes elf_write(const struct elf_spec *spec);
void elf_bytes_deinit(struct elf_bytes *file);

/** Make @p file look loaded at @p bias; with @p is_relocated its dynamic section is as glibc leaves it. */
void elf_load(const struct elf_bytes *file, struct byte_target *memory, uint64_t bias, bool is_relocated);

/** A field of the file's bytes. */
void elf_patch(struct elf_bytes *file, uint64_t offset, uint64_t value, size_t size);
/** Offset of the entry with that tag in the dynamic section; the test ends if there is none. */
uint64_t elf_dynamic_entry(const struct elf_bytes *file, int64_t tag);
/** Offset of the first section header of that type; the test ends if there is none. */
uint64_t elf_section_header(const struct elf_bytes *file, uint32_t type);
/** Offset of the first program header of that type; the test ends if there is none. */
uint64_t elf_segment_header(const struct elf_bytes *file, uint32_t type);

#endif
