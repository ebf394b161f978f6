/**
 * The tables of 32-bit files, in the form of 64-bit ones: who looks into them knows that form only.
 */
#ifndef ELF_NARROW_H
#define ELF_NARROW_H

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

enum elf_table { ELF_TABLE_SEGMENTS, ELF_TABLE_SYMBOLS, ELF_TABLE_DYNAMIC, ELF_TABLE_RELA, ELF_TABLE_REL };

/** Bytes of an address in files of that ELFCLASS*. */
static inline size_t elf_word(uint8_t elf_class)
{
	return elf_class == ELFCLASS32 ? sizeof(Elf32_Addr) : sizeof(Elf64_Addr);
}

/** Bytes of an entry there. */
size_t elf_entry_size(uint8_t elf_class, enum elf_table table);

/**
 * @p count entries at @p bytes, which may lie anywhere, as Elf64_Phdr, Elf64_Sym, Elf64_Dyn or Elf64_Rela at @p ret.
 * ELF_TABLE_REL becomes Elf64_Rela with addends of 0: they are where the relocation is to be done.
 */
void elf_widen(uint8_t elf_class, enum elf_table table, const void *bytes, size_t count, void *ret);

#endif
