// The dynamic section is read as the loader reads it: through PT_DYNAMIC and by address, whatever the section
// headers say.

#include "elf/dynamic.h"

#include <string.h>

#include "arch/arch.h"
#include "base/bytes.h"
#include "elf/narrow.h"

enum { DYNAMIC_MAX_ENTRIES = 65536 };

#define DYNAMIC_NO_STRING UINT64_MAX

/** What only leads to something else. */
struct entries {
	uint64_t rela, rela_size, rela_entry, rel, rel_size, rel_entry, plt_form, jmprel, jmprel_size, relr,
		relr_size;
	uint64_t strings, strings_size;
	uint64_t soname, runpath, rpath; // offsets in the strings, DYNAMIC_NO_STRING for none
	uint64_t verdef_count, verneed_count;
	size_t needed_count;
};

static bool is_need(int64_t tag, enum elf_need *ret)
{
	*ret = tag == DT_FILTER ? ELF_NEED_FILTEE : tag == DT_AUXILIARY ? ELF_NEED_AUXILIARY : ELF_NEED_LIBRARY;
	return tag == DT_NEEDED || tag == DT_FILTER || tag == DT_AUXILIARY;
}

static void parse_entry(const Elf64_Dyn *entry, struct entries *entries, struct elf_dynamic *dynamic)
{
	const struct {
		int64_t tag;
		uint64_t *place;
	} places[] = {
		{ DT_RELA, &entries->rela },
		{ DT_RELASZ, &entries->rela_size },
		{ DT_RELAENT, &entries->rela_entry },
		{ DT_REL, &entries->rel },
		{ DT_RELSZ, &entries->rel_size },
		{ DT_RELENT, &entries->rel_entry },
		{ DT_PLTREL, &entries->plt_form },
		{ DT_JMPREL, &entries->jmprel },
		{ DT_PLTRELSZ, &entries->jmprel_size },
		{ DT_RELR, &entries->relr },
		{ DT_RELRSZ, &entries->relr_size },
		{ DT_STRTAB, &entries->strings },
		{ DT_STRSZ, &entries->strings_size },
		{ DT_SONAME, &entries->soname },
		{ DT_RUNPATH, &entries->runpath },
		{ DT_RPATH, &entries->rpath },
		{ DT_VERDEFNUM, &entries->verdef_count },
		{ DT_VERNEEDNUM, &entries->verneed_count },
		{ DT_FLAGS, &dynamic->flags },
		{ DT_FLAGS_1, &dynamic->flags_1 },
		{ DT_GNU_HASH, &dynamic->gnu_hash },
		{ DT_HASH, &dynamic->hash },
		{ DT_VERSYM, &dynamic->versym },
		{ DT_VERDEF, &dynamic->verdef },
		{ DT_VERNEED, &dynamic->verneed },
		{ DT_INIT_ARRAY, &dynamic->init_array },
		{ DT_INIT_ARRAYSZ, &dynamic->init_array_size },
	};
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (entry->d_tag == places[i].tag)
			*places[i].place = entry->d_un.d_val;
	}
	if (entry->d_tag == DT_SYMBOLIC)
		dynamic->is_symbolic = true;
	enum elf_need kind;
	entries->needed_count += is_need(entry->d_tag, &kind);
}

/** The entries, one by one. */
struct reader {
	const uint8_t *at;
	size_t left;
	uint8_t elf_class;
};

static struct reader read_entries(const struct elf_file *file)
{
	const Elf64_Phdr *segment = elf_file_segment(file, PT_DYNAMIC);
	size_t count = segment ? segment->p_filesz / elf_entry_size(file->elf_class, ELF_TABLE_DYNAMIC) : 0;
	return (struct reader){ segment ? file->map + segment->p_offset : NULL,
				count < DYNAMIC_MAX_ENTRIES ? count : DYNAMIC_MAX_ENTRIES, file->elf_class };
}

static bool next_entry(struct reader *reader, Elf64_Dyn *ret)
{
	if (!reader->left)
		return false;
	elf_widen(reader->elf_class, ELF_TABLE_DYNAMIC, reader->at, 1, ret);
	reader->at += elf_entry_size(reader->elf_class, ELF_TABLE_DYNAMIC);
	reader->left--;
	return ret->d_tag != DT_NULL;
}

// A table by address and size; empty with a complaint if the file does not hold it.
static struct polyton_error *find_table(struct elf_file *file, uint64_t address, uint64_t bytes, size_t size,
					const char *what, const void **ret, size_t *count_ret, const char **complaint)
{
	if (bytes < size)
		return NULL;
	struct polyton_error *error = elf_file_table(file, address, bytes / size, size, ret);
	if (error)
		return error;
	if (*ret)
		*count_ret = bytes / size;
	else
		*complaint = what;
	return NULL;
}

// DT_REL's addends are what is at the place, where the relocation is one that adds. A descriptor has it in its second
// word.
static void fill_addends(const struct elf_file *file, Elf64_Rela *relocs, size_t count)
{
	const struct arch *arch = arch_find(file->machine, file->elf_class, file->elf_data);
	size_t word = elf_word(file->elf_class);
	for (size_t i = 0; arch && i < count; i++) {
		uint32_t type = (uint32_t)ELF64_R_TYPE(relocs[i].r_info);
		bool adds = type != arch->relocs.glob_dat && type != arch->relocs.jump_slot &&
			    type != arch->relocs.copy && type != arch->relocs.tls_module;
		uint64_t place = relocs[i].r_offset + (type == arch->relocs.tls_descriptor ? word : 0);
		const uint8_t *bytes = adds ? elf_file_at(file, place, word) : NULL;
		uint64_t value = bytes ? bytes_number(bytes, word, false) : 0;
		bool is_address = type == arch->relocs.relative || type == arch->relocs.irelative;
		relocs[i].r_addend = word == sizeof(uint32_t) && !is_address ? (int32_t)value : (int64_t)value;
	}
}

static struct polyton_error *find_relocs(struct elf_file *file, enum elf_table form, uint64_t address, uint64_t bytes,
					 const char *what, const Elf64_Rela **ret, size_t *count_ret,
					 const char **complaint)
{
	size_t size = elf_entry_size(file->elf_class, form), count = 0;
	const void *table = NULL;
	struct polyton_error *error = find_table(file, address, bytes, size, what, &table, &count, complaint);
	if (error || !table)
		return error;
	*count_ret = count;
	*ret = table;
	if (file->elf_class != ELFCLASS32 && form == ELF_TABLE_RELA)
		return NULL;
	Elf64_Rela *wide = arena_alloc(&file->arena, count, sizeof(*wide));
	if (!wide)
		return error_no_memory();
	elf_widen(file->elf_class, form, table, count, wide);
	if (form == ELF_TABLE_REL)
		fill_addends(file, wide, count);
	*ret = wide;
	return NULL;
}

static struct polyton_error *find_relr(struct elf_file *file, const struct entries *entries,
				       struct elf_dynamic *dynamic, const char **complaint)
{
	size_t word = elf_word(file->elf_class), count = 0;
	const void *table = NULL;
	struct polyton_error *error = find_table(file, entries->relr, entries->relr_size, word,
						 "its RELR table lies outside its segments", &table, &count,
						 complaint);
	if (error || !table)
		return error;
	dynamic->relr = table;
	dynamic->relr_count = count;
	if (word == sizeof(uint64_t))
		return NULL;
	uint64_t *wide = arena_alloc(&file->arena, count, sizeof(*wide));
	if (!wide)
		return error_no_memory();
	for (size_t i = 0; i < count; i++)
		wide[i] = bytes_number((const uint8_t *)table + i * word, word, false);
	dynamic->relr = wide;
	return NULL;
}

static struct polyton_error *find_tables(struct elf_file *file, const struct entries *entries,
					 struct elf_dynamic *dynamic, const char **complaint)
{
	static const char outside[] = "its relocation table lies outside its segments";
	struct polyton_error *error = find_relocs(file, ELF_TABLE_RELA, entries->rela, entries->rela_size, outside,
						  &dynamic->rela, &dynamic->rela_count, complaint);
	if (!error && !dynamic->rela_count)
		error = find_relocs(file, ELF_TABLE_REL, entries->rel, entries->rel_size, outside, &dynamic->rela,
				    &dynamic->rela_count, complaint);
	if (!error)
		error = find_relocs(file, entries->plt_form == DT_REL ? ELF_TABLE_REL : ELF_TABLE_RELA,
				    entries->jmprel, entries->jmprel_size,
				    "its PLT relocation table lies outside its segments", &dynamic->jmprel,
				    &dynamic->jmprel_count, complaint);
	return error ? error : find_relr(file, entries, dynamic, complaint);
}

static struct polyton_error *find_needs(struct elf_file *file, const char *strings, uint64_t size, size_t count,
					struct elf_dynamic *dynamic)
{
	const char **needed = arena_alloc(&file->arena, count, sizeof(*needed));
	enum elf_need *kinds = arena_alloc(&file->arena, count, sizeof(*kinds)), kind;
	if (!needed || !kinds)
		return error_no_memory();
	struct reader reader = read_entries(file);
	Elf64_Dyn entry;
	while (next_entry(&reader, &entry)) {
		if (!is_need(entry.d_tag, &kind) || entry.d_un.d_val >= size)
			continue;
		kinds[dynamic->needed_count] = kind;
		needed[dynamic->needed_count++] = strings + entry.d_un.d_val;
	}
	dynamic->needed = needed;
	dynamic->need_kinds = kinds;
	return NULL;
}

static struct polyton_error *find_strings(struct elf_file *file, const struct entries *entries,
					  struct elf_dynamic *dynamic)
{
	const char *strings = (const char *)elf_file_at(file, entries->strings, entries->strings_size);
	// Up to here every string ends.
	const char *last = strings ? memrchr(strings, '\0', entries->strings_size) : NULL;
	uint64_t size = last ? (uint64_t)(last - strings) + 1 : 0;
	const struct {
		uint64_t offset;
		const char **place;
	} places[] = {
		{ entries->soname, &dynamic->soname },
		{ entries->runpath, &dynamic->runpath },
		{ entries->rpath, &dynamic->rpath },
	};
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (places[i].offset < size)
			*places[i].place = strings + places[i].offset;
	}

	return find_needs(file, strings, size, entries->needed_count, dynamic);
}

struct polyton_error *elf_dynamic_parse(struct elf_file *file, struct elf_dynamic *ret, const char **complaint_ret)
{
	struct elf_dynamic dynamic = { .soname = "", .rpath = "" };
	size_t rela_entry = elf_entry_size(file->elf_class, ELF_TABLE_RELA);
	size_t rel_entry = elf_entry_size(file->elf_class, ELF_TABLE_REL);
	struct entries entries = { .rela_entry = rela_entry,
				   .rel_entry = rel_entry,
				   .soname = DYNAMIC_NO_STRING,
				   .runpath = DYNAMIC_NO_STRING,
				   .rpath = DYNAMIC_NO_STRING };
	struct reader reader = read_entries(file);
	struct polyton_error *error = NULL;
	const char *complaint = NULL;
	Elf64_Dyn entry;

	while (next_entry(&reader, &entry))
		parse_entry(&entry, &entries, &dynamic);
	dynamic.is_symbolic = dynamic.is_symbolic || (dynamic.flags & DF_SYMBOLIC);
	dynamic.verdef_count = (uint32_t)entries.verdef_count;
	dynamic.verneed_count = (uint32_t)entries.verneed_count;
	if (entries.rela_entry == rela_entry && entries.rel_entry == rel_entry)
		error = find_tables(file, &entries, &dynamic, &complaint);
	else
		complaint = "its relocation entries have an unknown size";
	if (!error)
		error = find_strings(file, &entries, &dynamic);
	if (error)
		return error;
	*ret = dynamic;
	*complaint_ret = complaint;
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
	size_t word = elf_word(file->elf_class);
	const uint8_t *bytes = elf_file_at(file, offset, word);
	if (bytes)
		reloc.addend = (int64_t)bytes_number(bytes, word, false);
	return visit(&reloc, arg);
}

// gABI's RELR: an even entry is an address, an odd one a bitmap over the 63 (or 31) words behind the last.
static bool visit_relr(const struct elf_file *file, const struct elf_dynamic *dynamic, uint32_t type,
		       elf_reloc_fn *visit, void *arg)
{
	size_t word = elf_word(file->elf_class);
	unsigned bits = (unsigned)(8 * word - 1);
	uint64_t next = 0;
	for (size_t i = 0; i < dynamic->relr_count; i++) {
		uint64_t entry = dynamic->relr[i];
		if (!(entry & 1)) {
			if (!visit_word(file, entry, type, visit, arg))
				return false;
			next = entry + word;
			continue;
		}
		for (unsigned bit = 0; bit < bits; bit++) {
			if ((entry >> (bit + 1) & 1) && !visit_word(file, next + bit * word, type, visit, arg))
				return false;
		}
		next += bits * word;
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

void elf_relocs_visit_named(const struct elf_dynamic *dynamic, elf_reloc_fn *visit, void *arg)
{
	const struct {
		const Elf64_Rela *entries;
		size_t count;
	} tables[] = { { dynamic->rela, dynamic->rela_count }, { dynamic->jmprel, dynamic->jmprel_count } };
	for (size_t table = 0; table < sizeof(tables) / sizeof(tables[0]); table++) {
		for (size_t i = 0; i < tables[table].count; i++) {
			const Elf64_Rela *entry = &tables[table].entries[i];
			struct elf_reloc reloc = { entry->r_offset, (uint32_t)ELF64_R_TYPE(entry->r_info),
						   (uint32_t)ELF64_R_SYM(entry->r_info), entry->r_addend };
			if (reloc.symbol && !visit(&reloc, arg))
				return;
		}
	}
}
