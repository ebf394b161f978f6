// The fields are the same in both classes, but for their sizes and order, and for how a relocation packs its symbol and
// type.

#include "elf/narrow.h"

#include <string.h>

size_t elf_entry_size(uint8_t elf_class, enum elf_table table)
{
	static const size_t sizes[][2] = {
		[ELF_TABLE_SEGMENTS] = { sizeof(Elf32_Phdr), sizeof(Elf64_Phdr) },
		[ELF_TABLE_SYMBOLS] = { sizeof(Elf32_Sym), sizeof(Elf64_Sym) },
		[ELF_TABLE_DYNAMIC] = { sizeof(Elf32_Dyn), sizeof(Elf64_Dyn) },
		[ELF_TABLE_RELA] = { sizeof(Elf32_Rela), sizeof(Elf64_Rela) },
		[ELF_TABLE_REL] = { sizeof(Elf32_Rel), sizeof(Elf64_Rel) },
	};
	return sizes[table][elf_class != ELFCLASS32];
}

static Elf64_Phdr widen_segment(const uint8_t *bytes)
{
	Elf32_Phdr narrow;
	memcpy(&narrow, bytes, sizeof(narrow));
	return (Elf64_Phdr){ .p_type = narrow.p_type,
			     .p_flags = narrow.p_flags,
			     .p_offset = narrow.p_offset,
			     .p_vaddr = narrow.p_vaddr,
			     .p_paddr = narrow.p_paddr,
			     .p_filesz = narrow.p_filesz,
			     .p_memsz = narrow.p_memsz,
			     .p_align = narrow.p_align };
}

static Elf64_Sym widen_symbol(const uint8_t *bytes)
{
	Elf32_Sym narrow;
	memcpy(&narrow, bytes, sizeof(narrow));
	return (Elf64_Sym){ .st_name = narrow.st_name,
			    .st_info = narrow.st_info,
			    .st_other = narrow.st_other,
			    .st_shndx = narrow.st_shndx,
			    .st_value = narrow.st_value,
			    .st_size = narrow.st_size };
}

static Elf64_Dyn widen_dynamic(const uint8_t *bytes)
{
	Elf32_Dyn narrow;
	memcpy(&narrow, bytes, sizeof(narrow));
	return (Elf64_Dyn){ .d_tag = narrow.d_tag, .d_un.d_val = narrow.d_un.d_val };
}

static Elf64_Rela widen_reloc(uint8_t elf_class, enum elf_table table, const uint8_t *bytes)
{
	Elf32_Rela narrow = { 0 };
	Elf64_Rel wide;
	if (elf_class != ELFCLASS32) {
		memcpy(&wide, bytes, sizeof(wide));
		return (Elf64_Rela){ wide.r_offset, wide.r_info, 0 };
	}
	memcpy(&narrow, bytes, elf_entry_size(elf_class, table));
	return (Elf64_Rela){ narrow.r_offset,
			     ELF64_R_INFO((uint64_t)ELF32_R_SYM(narrow.r_info), ELF32_R_TYPE(narrow.r_info)),
			     narrow.r_addend };
}

void elf_widen(uint8_t elf_class, enum elf_table table, const void *bytes, size_t count, void *ret)
{
	size_t size = elf_entry_size(elf_class, table);
	if (elf_class != ELFCLASS32 && table != ELF_TABLE_REL) {
		if (count)
			memcpy(ret, bytes, count * size);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const uint8_t *at = (const uint8_t *)bytes + i * size;
		switch (table) {
		case ELF_TABLE_SEGMENTS:
			((Elf64_Phdr *)ret)[i] = widen_segment(at);
			break;
		case ELF_TABLE_SYMBOLS:
			((Elf64_Sym *)ret)[i] = widen_symbol(at);
			break;
		case ELF_TABLE_DYNAMIC:
			((Elf64_Dyn *)ret)[i] = widen_dynamic(at);
			break;
		case ELF_TABLE_RELA:
		case ELF_TABLE_REL:
			((Elf64_Rela *)ret)[i] = widen_reloc(elf_class, table, at);
			break;
		}
	}
}
