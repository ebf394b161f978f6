// Symbol tables are used where they lie in the file. What makes that safe is checked once per table: the range,
// the entry size, the alignment, and that the strings end.

#include "elf/symbols.h"

#include <string.h>

#include "elf/debugfile.h"
#include "elf/inflate.h"
#include "elf/narrow.h"

enum { SYMBOLS_MAX = 1 << 28, SYMBOLS_CHAIN_MAX = 1 << 26 };

// @p bytes as symbols: in place if they are aligned, and of a 64-bit file, else copied.
static const Elf64_Sym *take_symbols(struct elf_file *file, const uint8_t *bytes, size_t count)
{
	if (file->elf_class != ELFCLASS32 && (uintptr_t)bytes % _Alignof(Elf64_Sym) == 0)
		return (const Elf64_Sym *)bytes;
	Elf64_Sym *copy = arena_alloc(&file->arena, count, sizeof(*copy));
	if (copy)
		elf_widen(file->elf_class, ELF_TABLE_SYMBOLS, bytes, count, copy);
	return copy;
}

static struct polyton_error *set_table(struct elf_file *file, const uint8_t *entries, size_t entries_size,
				       const uint8_t *strings, size_t strings_size, struct elf_symbols *ret)
{
	size_t count = entries_size / elf_entry_size(file->elf_class, ELF_TABLE_SYMBOLS);
	if (!strings_size || strings[strings_size - 1] != '\0')
		return error_create(POLYTON_ERROR_DAMAGED, "the symbol table's strings do not end");
	const Elf64_Sym *table = take_symbols(file, entries, count);
	if (!table)
		return error_no_memory();
	*ret = (struct elf_symbols){ .entries = table,
				     .count = count,
				     .strings = (const char *)strings,
				     .strings_size = strings_size };
	return NULL;
}

static struct polyton_error *from_section(struct elf_file *file, uint32_t type, struct elf_symbols *ret)
{
	const struct elf_section *table = NULL;
	for (uint32_t i = 0; i < file->section_count && !table; i++) {
		if (file->sections[i].header.sh_type == type)
			table = &file->sections[i];
	}
	*ret = (struct elf_symbols){ 0 };
	if (!table)
		return NULL;
	if (table->header.sh_entsize != elf_entry_size(file->elf_class, ELF_TABLE_SYMBOLS) ||
	    table->header.sh_link >= file->section_count)
		return error_create(POLYTON_ERROR_DAMAGED, "the symbol table %s is damaged", table->name);
	const uint8_t *entries, *strings;
	size_t entries_size, strings_size;
	struct polyton_error *error = elf_file_section_bytes(file, table, &entries, &entries_size);
	if (!error)
		error = elf_file_section_bytes(file, &file->sections[table->header.sh_link], &strings, &strings_size);
	return error ? error : set_table(file, entries, entries_size, strings, strings_size, ret);
}

struct polyton_error *elf_symbols_full(struct elf_file *file, struct elf_symbols *ret)
{
	return from_section(file, SHT_SYMTAB, ret);
}

/** The dynamic entries that lead to the symbols. */
struct dynamic_tables {
	uint64_t symbols, strings, strings_size, gnu_hash, hash;
};

static bool find_tables(const struct elf_file *file, struct dynamic_tables *ret)
{
	const Elf64_Phdr *segment = elf_file_segment(file, PT_DYNAMIC);
	size_t size = elf_entry_size(file->elf_class, ELF_TABLE_DYNAMIC);
	*ret = (struct dynamic_tables){ 0 };
	for (size_t i = 0; segment && i < segment->p_filesz / size; i++) {
		Elf64_Dyn entry;
		elf_widen(file->elf_class, ELF_TABLE_DYNAMIC, file->map + segment->p_offset + i * size, 1, &entry);
		switch (entry.d_tag) {
		case DT_SYMTAB:
			ret->symbols = entry.d_un.d_ptr;
			break;
		case DT_STRTAB:
			ret->strings = entry.d_un.d_ptr;
			break;
		case DT_STRSZ:
			ret->strings_size = entry.d_un.d_val;
			break;
		case DT_GNU_HASH:
			ret->gnu_hash = entry.d_un.d_ptr;
			break;
		case DT_HASH:
			ret->hash = entry.d_un.d_ptr;
			break;
		case DT_NULL:
			return ret->symbols && ret->strings;
		default:
			break;
		}
	}
	return ret->symbols && ret->strings;
}

static uint32_t get32(const uint8_t *bytes)
{
	uint32_t value;
	memcpy(&value, bytes, sizeof(value));
	return value;
}

// DT_GNU_HASH does not count symbols: the last one is the end of the chain that starts at the highest bucket.
static size_t count_by_gnu_hash(const struct elf_file *file, uint64_t table)
{
	const uint8_t *header = elf_file_at(file, table, 16);
	if (!header)
		return 0;
	uint32_t bucket_count = get32(header), first = get32(header + 4), bloom = get32(header + 8);
	uint64_t buckets = table + 16 + (uint64_t)bloom * elf_word(file->elf_class),
		 chains = buckets + (uint64_t)bucket_count * 4;
	const uint8_t *bucket = bucket_count < SYMBOLS_MAX ? elf_file_at(file, buckets, (size_t)bucket_count * 4)
							   : NULL;
	uint32_t highest = 0;
	for (uint32_t i = 0; bucket && i < bucket_count; i++) {
		uint32_t start = get32(bucket + 4 * (size_t)i);
		highest = start > highest ? start : highest;
	}
	if (!bucket || highest < first)
		return bucket ? first : 0;
	for (uint32_t i = highest; i - highest < SYMBOLS_CHAIN_MAX; i++) {
		const uint8_t *link = elf_file_at(file, chains + (uint64_t)(i - first) * 4, 4);
		if (!link)
			return i;
		if (get32(link) & 1)
			return (size_t)i + 1;
	}
	return 0;
}

static bool is_section_at(const struct elf_file *file, uint32_t type, uint64_t address)
{
	for (uint32_t i = 0; i < file->section_count; i++) {
		if (file->sections[i].header.sh_type == type)
			return file->sections[i].header.sh_addr == address;
	}
	return false;
}

struct polyton_error *elf_symbols_dynamic(struct elf_file *file, struct elf_symbols *ret)
{
	struct polyton_error *error = from_section(file, SHT_DYNSYM, ret);
	if (error && polyton_error_code(error) == POLYTON_ERROR_MEMORY)
		return error;
	// The loader looks at no section either: damage there costs nothing as long as its own way is whole, and a
	// section that is somewhere else than its table is not believed.
	polyton_error_destroy(error);
	struct dynamic_tables tables;
	bool has_tables = find_tables(file, &tables);
	if (ret->count && (!has_tables || is_section_at(file, SHT_DYNSYM, tables.symbols)))
		return NULL;
	*ret = (struct elf_symbols){ 0 };
	if (!has_tables)
		return NULL;
	const uint8_t *counts = tables.hash ? elf_file_at(file, tables.hash, 8) : NULL;
	size_t count = tables.gnu_hash ? count_by_gnu_hash(file, tables.gnu_hash) : counts ? get32(counts + 4) : 0;
	if (!count || count > SYMBOLS_MAX)
		return NULL;
	size_t size = count * elf_entry_size(file->elf_class, ELF_TABLE_SYMBOLS);
	const uint8_t *entries = elf_file_at(file, tables.symbols, size);
	const uint8_t *strings = elf_file_at(file, tables.strings, tables.strings_size);
	if (!entries || !strings)
		return error_create(POLYTON_ERROR_DAMAGED, "the dynamic symbol table lies outside the file");
	return set_table(file, entries, size, strings, tables.strings_size, ret);
}

static struct polyton_error *from_mini_debug(struct elf_file *file, struct elf_symbols *ret,
					     struct elf_file **inner_ret)
{
	const struct elf_section *section = elf_file_section(file, ".gnu_debugdata");
	const uint8_t *packed, *bytes;
	size_t packed_size, size;
	*ret = (struct elf_symbols){ 0 };
	if (!section)
		return NULL;
	struct polyton_error *error = elf_file_section_bytes(file, section, &packed, &packed_size);
	if (!error)
		error = inflate_xz(&file->arena, section->name, packed, packed_size, &bytes, &size);
	if (!error)
		error = elf_file_from_bytes(bytes, size, section->name, inner_ret);
	return error ? error : elf_symbols_full(*inner_ret, ret);
}

// What went wrong in one place becomes part of the complaint, and the search goes on.
static struct polyton_error *complain(struct elf_file *file, struct polyton_error *error, const char **complaint)
{
	if (!error)
		return NULL;
	if (polyton_error_code(error) == POLYTON_ERROR_MEMORY)
		return error;
	*complaint = arena_printf(&file->arena, "%s%s%s", *complaint ? *complaint : "", *complaint ? "; " : "",
				  polyton_error_message(error));
	polyton_error_destroy(error);
	return *complaint ? NULL : error_no_memory();
}

struct polyton_error *elf_symbols_find(struct elf_file *file, const char *path, const struct elf_debug_search *search,
				       struct elf_symbols *ret, enum polyton_symbol_source *source_ret,
				       struct elf_file **extra_ret, const char **complaint_ret)
{
	*complaint_ret = NULL;
	*extra_ret = NULL;
	*source_ret = POLYTON_SYMBOLS_FULL;
	struct polyton_error *error = complain(file, elf_symbols_full(file, ret), complaint_ret);
	if (error || ret->count)
		return error;

	*source_ret = POLYTON_SYMBOLS_DEBUG_FILE;
	struct elf_file *other = NULL;
	error = complain(file, debugfile_find(file, path, search, &other), complaint_ret);
	if (!error && other)
		error = complain(file, elf_symbols_full(other, ret), complaint_ret);
	if (!error && !ret->count && other) {
		elf_file_close(other);
		other = NULL;
	}
	if (!error && !ret->count) {
		*source_ret = POLYTON_SYMBOLS_MINIDEBUG;
		error = complain(file, from_mini_debug(file, ret, &other), complaint_ret);
	}
	if (error) {
		elf_file_close(other);
		return error;
	}
	if (!ret->count) {
		elf_file_close(other);
		other = NULL;
		*source_ret = POLYTON_SYMBOLS_NONE;
	}
	*extra_ret = other;
	return NULL;
}
