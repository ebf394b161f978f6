/**
 * One ELF file: mapped, its header tables copied out and checked, so that every later access is an index
 * into something known to be inside the file. Little-endian files only: others are refused by name. What is read of
 * 32-bit ones is in the form of 64-bit ones, see elf/narrow.h.
 */
#ifndef ELF_FILE_H
#define ELF_FILE_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

enum { ELF_BUILD_ID_MAX = 64 };

struct elf_section {
	const char *name; ///< Borrowed from the file; "" when its name lies outside the string table.
	Elf64_Shdr header;
};

struct elf_file {
	const uint8_t *map; ///< The whole file, read-only.
	size_t size;
	bool owns_map;
	const char *path;       ///< That it was opened by, for messages and for what it refers to; "" for bytes.
	uint64_t device, inode; ///< Of the file that was opened; 0 for bytes.
	int fd;                 ///< See elf_file_keep_open(); -1 without.
	uint16_t type, machine; ///< ET_*, EM_*
	uint8_t elf_class, elf_data;
	const Elf64_Phdr *segments; ///< Every one's file range lies inside the file.
	uint32_t segment_count;
	const struct elf_section *sections; ///< Empty when stripped of them; ranges as in the file, unchecked.
	uint32_t section_count;
	uint8_t build_id[ELF_BUILD_ID_MAX]; ///< NT_GNU_BUILD_ID
	uint32_t build_id_size;             ///< 0 if there is none.
	struct arena arena;                 ///< Whatever is derived from the file and dies with it.
};

/** Map and check the file open at @p fd (a regular file; not closed here). @p path is for messages only. */
must_use struct polyton_error *elf_file_open(int fd, const char *path, struct elf_file **ret);
/** The same over bytes that outlive the result (an inner file, a test). */
must_use struct polyton_error *elf_file_from_bytes(const void *bytes, size_t size, const char *path,
						   struct elf_file **ret);
/**
 * Loaded parts of an object whose file is not at hand, as if they were one: each PT_LOAD of @p segments (copied) says
 * where in @p bytes its part is. There are no sections. @p bytes must outlive the result.
 */
must_use struct polyton_error *elf_file_from_parts(uint16_t machine, uint8_t elf_class, const void *bytes,
						   size_t size, const Elf64_Phdr *segments, uint32_t count,
						   struct elf_file **ret);
void elf_file_close(struct elf_file *file);
/** If the file has debug info: keep a descriptor of it, for who reads that. @p fd is the one it was opened with. */
must_use struct polyton_error *elf_file_keep_open(struct elf_file *file, int fd);
/** Whether there is DWARF in it. */
bool elf_file_has_debug_info(const struct elf_file *file);

/** The first section of that name, or NULL. */
const struct elf_section *elf_file_section(const struct elf_file *file, const char *name);
/**
 * The section of debug info named @p name (".debug_info"), or the one of older tools' compression in its place
 * (".zdebug_info"); NULL if neither is there with content.
 */
const struct elf_section *elf_file_debug_section(const struct elf_file *file, const char *name);
/**
 * A section's content: in place, or inflated (SHF_COMPRESSED zlib and zstd, .zdebug_*) into the file's arena.
 * An SHT_NOBITS section or one outside the file is an error.
 */
must_use struct polyton_error *elf_file_section_bytes(struct elf_file *file, const struct elf_section *section,
						      const uint8_t **ret, size_t *size_ret);
/** First program header of @p type, or NULL. */
const Elf64_Phdr *elf_file_segment(const struct elf_file *file, uint32_t type);
/**
 * The file's bytes for link-time addresses [address, address+size), NULL unless one PT_LOAD's file part holds
 * them all.
 */
const uint8_t *elf_file_at(const struct elf_file *file, uint64_t address, size_t size);
/**
 * The same for @p count items of @p size bytes, aligned for what they are made of: in place, or copied into the file's
 * arena. NULL in @p ret if the file does not hold them all.
 */
must_use struct polyton_error *elf_file_table(struct elf_file *file, uint64_t address, uint64_t count, size_t size,
					      const void **ret);

/** NT_GNU_BUILD_ID in a PT_NOTE's bytes: its descriptor, or NULL. @p align is the segment's p_align. */
const uint8_t *elf_note_build_id(const uint8_t *notes, size_t size, uint64_t align, uint32_t *size_ret);

#endif
