// The dynamic section is read as the loader reads it: through PT_DYNAMIC and by address, whatever the section
// headers say.

#include "elf/dynamic.h"

#include <string.h>

enum { DYNAMIC_MAX_ENTRIES = 65536, DYNAMIC_RELR_BITS = 63 };

struct entries {
	uint64_t rela, rela_size, rela_entry, jmprel, jmprel_size, relr, relr_size;
	uint64_t strings, strings_size, soname;
	bool has_soname;
};

static void parse_entry(const Elf64_Dyn *entry, struct entries *entries, struct elf_dynamic *dynamic)
{
	const struct {
		int64_t tag;
		uint64_t *place;
	} places[] = {
		{ DT_RELA, &entries->rela },
		{ DT_RELASZ, &entries->rela_size },
		{ DT_RELAENT, &entries->rela_entry },
		{ DT_JMPREL, &entries->jmprel },
		{ DT_PLTRELSZ, &entries->jmprel_size },
		{ DT_RELR, &entries->relr },
		{ DT_RELRSZ, &entries->relr_size },
		{ DT_STRTAB, &entries->strings },
		{ DT_STRSZ, &entries->strings_size },
		{ DT_SONAME, &entries->soname },
		{ DT_FLAGS, &dynamic->flags },
		{ DT_FLAGS_1, &dynamic->flags_1 },
	};
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (entry->d_tag == places[i].tag)
			*places[i].place = entry->d_un.d_val;
	}
	if (entry->d_tag == DT_SYMBOLIC)
		dynamic->is_symbolic = true;
	if (entry->d_tag == DT_SONAME)
		entries->has_soname = true;
}

// A table by address and size, aligned; NULL with a complaint if the file does not hold it.
static const void *find_table(struct elf_file *file, uint64_t address, uint64_t size, const char *what,
			      const char **complaint)
{
	const uint8_t *bytes = elf_file_at(file, address, size);
	if (!bytes) {
		*complaint = what;
		return NULL;
	}
	if ((uintptr_t)bytes % sizeof(uint64_t) == 0)
		return bytes;
	void *copy = arena_alloc(&file->arena, size, 1);
	if (copy)
		memcpy(copy, bytes, size);
	return copy;
}

static void find_tables(struct elf_file *file, const struct entries *entries, struct elf_dynamic *dynamic,
			const char **complaint)
{
	if (entries->rela_size) {
		dynamic->rela = find_table(file, entries->rela, entries->rela_size,
					   "its relocation table lies outside the file", complaint);
		dynamic->rela_count = dynamic->rela ? entries->rela_size / sizeof(Elf64_Rela) : 0;
	}
	if (entries->jmprel_size) {
		dynamic->jmprel = find_table(file, entries->jmprel, entries->jmprel_size,
					     "its PLT relocation table lies outside the file", complaint);
		dynamic->jmprel_count = dynamic->jmprel ? entries->jmprel_size / sizeof(Elf64_Rela) : 0;
	}
	if (entries->relr_size) {
		dynamic->relr = find_table(file, entries->relr, entries->relr_size,
					   "its RELR table lies outside the file", complaint);
		dynamic->relr_count = dynamic->relr ? entries->relr_size / sizeof(uint64_t) : 0;
	}
}

struct polyton_error *elf_dynamic_parse(struct elf_file *file, struct elf_dynamic *ret, const char **complaint_ret)
{
	struct elf_dynamic dynamic = { .soname = "" };
	struct entries entries = { .rela_entry = sizeof(Elf64_Rela) };
	const Elf64_Phdr *segment = elf_file_segment(file, PT_DYNAMIC);
	*complaint_ret = NULL;

	for (size_t i = 0; segment && i < segment->p_filesz / sizeof(Elf64_Dyn) && i < DYNAMIC_MAX_ENTRIES; i++) {
		Elf64_Dyn entry;
		memcpy(&entry, file->map + segment->p_offset + i * sizeof(entry), sizeof(entry));
		if (entry.d_tag == DT_NULL)
			break;
		parse_entry(&entry, &entries, &dynamic);
	}
	dynamic.is_symbolic = dynamic.is_symbolic || (dynamic.flags & DF_SYMBOLIC);
	if (entries.rela_entry == sizeof(Elf64_Rela))
		find_tables(file, &entries, &dynamic, complaint_ret);
	else
		*complaint_ret = "its relocation entries have an unknown size";
	if (entries.has_soname && entries.soname < entries.strings_size) {
		const uint8_t *strings = elf_file_at(file, entries.strings, entries.strings_size);
		if (strings && memchr(strings + entries.soname, '\0', entries.strings_size - entries.soname))
			dynamic.soname = (const char *)strings + entries.soname;
	}
	*ret = dynamic;
	return NULL;
}

static bool visit_rela(const Elf64_Rela *table, size_t count, elf_reloc_fn *visit, void *arg)
{
	for (size_t i = 0; i < count; i++) {
		struct elf_reloc reloc = { table[i].r_offset, (uint32_t)ELF64_R_TYPE(table[i].r_info),
					   (uint32_t)ELF64_R_SYM(table[i].r_info), table[i].r_addend };
		if (!visit(&reloc, arg))
			return false;
	}
	return true;
}

static bool visit_word(const struct elf_file *file, uint64_t offset, uint32_t type, elf_reloc_fn *visit, void *arg)
{
	struct elf_reloc reloc = { .offset = offset, .type = type };
	const uint8_t *bytes = elf_file_at(file, offset, sizeof(reloc.addend));
	if (bytes)
		memcpy(&reloc.addend, bytes, sizeof(reloc.addend));
	return visit(&reloc, arg);
}

// gABI's RELR: an even entry is an address, an odd one a bitmap over the 63 words behind the last.
static bool visit_relr(const struct elf_file *file, const struct elf_dynamic *dynamic, uint32_t type,
		       elf_reloc_fn *visit, void *arg)
{
	uint64_t next = 0;
	for (size_t i = 0; i < dynamic->relr_count; i++) {
		uint64_t entry = dynamic->relr[i];
		if (!(entry & 1)) {
			if (!visit_word(file, entry, type, visit, arg))
				return false;
			next = entry + sizeof(uint64_t);
			continue;
		}
		for (unsigned bit = 0; bit < DYNAMIC_RELR_BITS; bit++) {
			if ((entry >> (bit + 1) & 1) &&
			    !visit_word(file, next + bit * sizeof(uint64_t), type, visit, arg))
				return false;
		}
		next += DYNAMIC_RELR_BITS * sizeof(uint64_t);
	}
	return true;
}

void elf_relocs_visit(const struct elf_file *file, const struct elf_dynamic *dynamic, uint32_t relative_type,
		      elf_reloc_fn *visit, void *arg)
{
	if (visit_rela(dynamic->rela, dynamic->rela_count, visit, arg) &&
	    visit_rela(dynamic->jmprel, dynamic->jmprel_count, visit, arg))
		visit_relr(file, dynamic, relative_type, visit, arg);
}
