// The dynamic section tells where the symbols begin but not how many there are: DT_HASH counts them, the GNU
// hash table must be walked to its last chain. Both are the target's data and may lie.

#include "link/dynsym.h"

#include <inttypes.h>
#include <string.h>

#include "base/vec.h"
#include "elf/narrow.h"

enum {
	DYNSYM_MAX = 4 << 20,
	DYNSYM_MAX_BYTES = 1 << 30,
	DYNSYM_MAX_CHAIN = 4096, // read link by link; linkers make buckets for a few symbols each
	DYNSYM_MAX_ENTRIES = 4096,
	DYNSYM_MAX_VERSIONS = 1 << 18, // bytes; their real size is nowhere to be found
	DYNSYM_MAX_PARTS = 16,
};

/** What the dynamic section says, as the linker wrote it. */
struct tables {
	uint64_t symbols, strings, strings_size, gnu_hash, hash, versym, verdef, verneed;
	uint64_t rela, rela_size, rel, rel_size, plt_form, jmprel, jmprel_size, relr, relr_size;
};

/** The parts that were read, one behind the other. */
struct collector {
	struct target *target;
	const struct image *image;
	uint8_t elf_class;
	vec_of(uint64_t) words;
	Elf64_Phdr parts[DYNSYM_MAX_PARTS]; // where each is in the words, and where in the object
	uint32_t part_count;
};

// The highest symbol index in DT_GNU_HASH: the end of the chain that starts at the highest bucket.
static struct polyton_error *count_gnu(struct target *target, uint64_t table, size_t *ret, uint64_t *size_ret)
{
	struct {
		uint32_t bucket_count, first_symbol, bloom_words, bloom_shift;
	} header;
	struct polyton_error *error = target_read(target, table, &header, sizeof(header));
	if (error)
		return error;
	if (header.bucket_count > DYNSYM_MAX || header.bloom_words > DYNSYM_MAX)
		return error_create(POLYTON_ERROR_DAMAGED, "hash table at 0x%" PRIx64 " is absurd", table);

	uint64_t buckets = table + sizeof(header) + (uint64_t)header.bloom_words * target->arch->word;
	uint64_t chains = buckets + (uint64_t)header.bucket_count * sizeof(uint32_t);
	*size_ret = chains - table;
	auto_free uint32_t *bucket = malloc((header.bucket_count + 1) * sizeof(*bucket));
	if (!bucket)
		return error_no_memory();
	error = target_read(target, buckets, bucket, header.bucket_count * sizeof(*bucket));
	if (error)
		return error;
	uint32_t highest = 0;
	for (uint32_t i = 0; i < header.bucket_count; i++) {
		if (bucket[i] > highest)
			highest = bucket[i];
	}
	if (highest < header.first_symbol) {
		*ret = header.first_symbol;
		return NULL;
	}

	for (size_t i = 0; i < DYNSYM_MAX_CHAIN && highest < DYNSYM_MAX; i++, highest++) {
		uint32_t link;
		error = target_read(target, chains + (uint64_t)(highest - header.first_symbol) * sizeof(link), &link,
				    sizeof(link));
		if (error)
			return error;
		if (link & 1) { // the chain's last entry
			*ret = (size_t)highest + 1;
			*size_ret += (uint64_t)(highest + 1 - header.first_symbol) * sizeof(link);
			return NULL;
		}
	}
	return error_create(POLYTON_ERROR_DAMAGED, "hash chain at 0x%" PRIx64 " does not end", chains);
}

// How many symbols the hash table knows, and its size.
static struct polyton_error *count_symbols(struct collector *collector, const struct tables *tables, size_t *ret,
					   uint64_t *size_ret)
{
	struct target *target = collector->target;
	uint64_t bias = collector->image->bias;
	if (tables->gnu_hash)
		return count_gnu(target, bias + tables->gnu_hash, ret, size_ret);
	uint32_t header[2] = { 0, 0 }; // nbucket, nchain
	struct polyton_error *error = tables->hash ? target_read(target, bias + tables->hash, header, sizeof(header))
						   : NULL;
	if (error)
		return error;
	*ret = header[1];
	*size_ret = sizeof(header) + ((uint64_t)header[0] + header[1]) * sizeof(*header);
	return NULL;
}

static uint8_t *part_bytes(const struct collector *collector, const Elf64_Phdr *part)
{
	return (uint8_t *)collector->words.items + part->p_offset;
}

// Read [address, address+size) of the object, with a NUL behind it.
static struct polyton_error *add_part(struct collector *collector, uint32_t type, uint64_t address, uint64_t size)
{
	size_t used = collector->words.count * sizeof(uint64_t);
	if (used > DYNSYM_MAX_BYTES || size > DYNSYM_MAX_BYTES - used || collector->part_count == DYNSYM_MAX_PARTS)
		return error_create(POLYTON_ERROR_DAMAGED, "table at 0x%" PRIx64 " is absurd",
				    collector->image->bias + address);
	size_t count = (size + sizeof(uint64_t)) / sizeof(uint64_t);
	uint64_t *words = reallocarray(collector->words.items, collector->words.count + count, sizeof(*words));
	if (!words)
		return error_no_memory();
	collector->words.items = words;
	words[collector->words.count + count - 1] = 0;
	struct polyton_error *error = target_read(collector->target, collector->image->bias + address,
						  words + collector->words.count, size);
	if (error)
		return error;
	collector->words.count += count;
	collector->parts[collector->part_count++] = (Elf64_Phdr){ .p_type = type,
								  .p_offset = used,
								  .p_vaddr = address,
								  .p_filesz = size,
								  .p_memsz = size };
	return NULL;
}

// A table that the object can be judged without: what cannot be read will be missed by who parses it.
static struct polyton_error *add_optional(struct collector *collector, uint64_t address, uint64_t size)
{
	struct polyton_error *error = address && size ? add_part(collector, PT_LOAD, address, size) : NULL;
	if (!error || polyton_error_code(error) == POLYTON_ERROR_MEMORY)
		return error;
	polyton_error_destroy(error);
	return NULL;
}

// Entries with an address, as the linker wrote them: glibc relocates some in place, musl and the kernel's vdso none.
static void undo_relocation(uint8_t elf_class, uint8_t *entries, size_t count, uint64_t bias)
{
	static const int64_t tags[] = { DT_SYMTAB, DT_STRTAB,  DT_GNU_HASH, DT_HASH, DT_VERSYM,     DT_VERDEF,
					DT_RELA,   DT_VERNEED, DT_JMPREL,   DT_RELR, DT_INIT_ARRAY, DT_REL };
	size_t word = elf_word(elf_class);
	for (size_t i = 0; i < count; i++) {
		Elf64_Dyn entry;
		uint8_t *at = entries + i * 2 * word; // a tag and a value
		elf_widen(elf_class, ELF_TABLE_DYNAMIC, at, 1, &entry);
		for (size_t k = 0; k < sizeof(tags) / sizeof(tags[0]); k++) {
			uint64_t address = entry.d_un.d_ptr - bias;
			if (entry.d_tag == tags[k] && entry.d_un.d_ptr >= bias)
				memcpy(at + word, &address, word); // little-endian
		}
	}
}

// The next entry, false at the end.
static bool next_entry(uint8_t elf_class, const uint8_t **at, size_t *left, Elf64_Dyn *ret)
{
	if (!*left)
		return false;
	elf_widen(elf_class, ELF_TABLE_DYNAMIC, *at, 1, ret);
	*at += elf_entry_size(elf_class, ELF_TABLE_DYNAMIC);
	(*left)--;
	return ret->d_tag != DT_NULL;
}

static struct polyton_error *add_dynamic(struct collector *collector, struct tables *ret)
{
	const struct image *image = collector->image;
	size_t size = elf_entry_size(collector->elf_class, ELF_TABLE_DYNAMIC), count = image->dynamic_size / size;
	struct tables found = { 0 };
	count = count < DYNSYM_MAX_ENTRIES ? count : DYNSYM_MAX_ENTRIES;
	struct polyton_error *error = add_part(collector, PT_DYNAMIC, image->dynamic - image->bias, count * size);
	if (error)
		return error;
	const uint8_t *at = part_bytes(collector, &collector->parts[0]);
	undo_relocation(collector->elf_class, part_bytes(collector, &collector->parts[0]), count, image->bias);

	const struct {
		int64_t tag;
		uint64_t *place;
	} wanted[] = {
		{ DT_SYMTAB, &found.symbols },
		{ DT_STRTAB, &found.strings },
		{ DT_STRSZ, &found.strings_size },
		{ DT_GNU_HASH, &found.gnu_hash },
		{ DT_HASH, &found.hash },
		{ DT_VERSYM, &found.versym },
		{ DT_VERDEF, &found.verdef },
		{ DT_VERNEED, &found.verneed },
		{ DT_RELA, &found.rela },
		{ DT_RELASZ, &found.rela_size },
		{ DT_JMPREL, &found.jmprel },
		{ DT_PLTRELSZ, &found.jmprel_size },
		{ DT_RELR, &found.relr },
		{ DT_RELRSZ, &found.relr_size },
		{ DT_REL, &found.rel },
		{ DT_RELSZ, &found.rel_size },
		{ DT_PLTREL, &found.plt_form },
	};
	Elf64_Dyn entry;
	while (next_entry(collector->elf_class, &at, &count, &entry)) {
		for (size_t k = 0; k < sizeof(wanted) / sizeof(wanted[0]); k++) {
			if (entry.d_tag == wanted[k].tag)
				*wanted[k].place = entry.d_un.d_val;
		}
	}
	*ret = found;
	return NULL;
}

// Hash tables need not know symbols that are only referred to: where nothing is exported they know none at all.
static size_t count_referred(const struct collector *collector, const struct tables *tables)
{
	uint64_t highest = 0;
	for (uint32_t i = 0; i < collector->part_count; i++) {
		const Elf64_Phdr *part = &collector->parts[i];
		bool is_plt = part->p_vaddr == tables->jmprel, is_rel = part->p_vaddr == tables->rel;
		if (part->p_type != PT_LOAD || (part->p_vaddr != tables->rela && !is_rel && !is_plt))
			continue;
		enum elf_table form = is_rel || (is_plt && tables->plt_form == DT_REL) ? ELF_TABLE_REL
										       : ELF_TABLE_RELA;
		size_t size = elf_entry_size(collector->elf_class, form);
		for (size_t k = 0; k < part->p_filesz / size; k++) {
			Elf64_Rela reloc;
			elf_widen(collector->elf_class, form, part_bytes(collector, part) + k * size, 1, &reloc);
			if (ELF64_R_SYM(reloc.r_info) > highest)
				highest = ELF64_R_SYM(reloc.r_info);
		}
	}
	return highest ? (size_t)highest + 1 : 0;
}

static struct polyton_error *add_symbols(struct collector *collector, const struct tables *tables, size_t *count_ret)
{
	size_t hashed = 0;
	uint64_t hash_size = 0;
	struct polyton_error *error = count_symbols(collector, tables, &hashed, &hash_size);
	if (!error && hashed > DYNSYM_MAX)
		error = error_create(POLYTON_ERROR_DAMAGED, "symbol table at 0x%" PRIx64 " is absurd",
				     collector->image->bias + tables->symbols);
	if (!error)
		error = add_optional(collector, tables->gnu_hash ? tables->gnu_hash : tables->hash, hash_size);
	if (error)
		return error;

	size_t count = count_referred(collector, tables);
	size_t size = elf_entry_size(collector->elf_class, ELF_TABLE_SYMBOLS);
	if (count > hashed && count <= DYNSYM_MAX) {
		error = add_part(collector, PT_LOAD, tables->symbols, count * size);
		if (!error || polyton_error_code(error) == POLYTON_ERROR_MEMORY) {
			*count_ret = count;
			return error;
		}
		polyton_error_destroy(error);
	}
	*count_ret = hashed;
	return add_part(collector, PT_LOAD, tables->symbols, hashed * size);
}

// To the end of the segment: only a walk through them would tell where they end.
static struct polyton_error *add_versions(struct collector *collector, uint64_t address)
{
	uint64_t size = 0;
	for (uint32_t i = 0; i < collector->image->segment_count; i++) {
		const Elf64_Phdr *segment = &collector->image->segments[i];
		uint64_t inside = address - segment->p_vaddr;
		if (segment->p_type == PT_LOAD && inside < segment->p_filesz)
			size = segment->p_filesz - inside;
	}
	return add_optional(collector, address, size < DYNSYM_MAX_VERSIONS ? size : DYNSYM_MAX_VERSIONS);
}

static struct polyton_error *add_tables(struct collector *collector, struct dynsym *dynsym)
{
	struct tables tables;
	struct polyton_error *error = add_dynamic(collector, &tables);
	if (!error)
		error = add_optional(collector, tables.rela, tables.rela_size);
	if (!error)
		error = add_optional(collector, tables.rel, tables.rel_size);
	if (!error)
		error = add_optional(collector, tables.jmprel, tables.jmprel_size);
	if (!error)
		error = add_optional(collector, tables.relr, tables.relr_size);
	size_t count = 0;
	if (!error && tables.symbols && tables.strings)
		error = add_symbols(collector, &tables, &count);
	uint32_t symbols = collector->part_count - 1;
	if (!error && tables.strings)
		error = add_part(collector, PT_LOAD, tables.strings, tables.strings_size);
	uint32_t strings = collector->part_count - 1;
	if (!error)
		error = add_optional(collector, tables.versym, count * sizeof(Elf64_Half));
	if (!error)
		error = add_versions(collector, tables.verdef);
	if (!error)
		error = add_versions(collector, tables.verneed);
	if (error || !tables.strings)
		return error;
	dynsym->symbols = (struct elf_symbols){
		.entries = (const Elf64_Sym *)part_bytes(collector, &collector->parts[symbols]),
		.count = count,
		.strings = (const char *)part_bytes(collector, &collector->parts[strings]),
		.strings_size = tables.strings_size,
	};
	return NULL;
}

static struct polyton_error *widen_symbols(struct dynsym *dynsym)
{
	Elf64_Sym *wide = arena_alloc(&dynsym->file->arena, dynsym->symbols.count, sizeof(*wide));
	if (!wide)
		return error_no_memory();
	elf_widen(ELFCLASS32, ELF_TABLE_SYMBOLS, dynsym->symbols.entries, dynsym->symbols.count, wide);
	dynsym->symbols.entries = wide;
	return NULL;
}

struct polyton_error *dynsym_read(struct target *target, const struct image *image, struct dynsym *ret)
{
	struct collector collector = { .target = target, .image = image };
	struct dynsym dynsym = { .dynamic.soname = "" };
	struct elf_dynamic dynamic;
	*ret = dynsym;
	collector.elf_class = target->arch->word == sizeof(uint32_t) ? ELFCLASS32 : ELFCLASS64;
	if (!image->dynamic || image->dynamic_size < elf_entry_size(collector.elf_class, ELF_TABLE_DYNAMIC))
		return NULL;

	struct polyton_error *error = add_tables(&collector, &dynsym);
	dynsym.memory = collector.words.items;
	if (!error)
		error = elf_file_from_parts(target->arch->machine, collector.elf_class, dynsym.memory,
					    collector.words.count * sizeof(uint64_t), collector.parts,
					    collector.part_count, &dynsym.file);
	if (!error && collector.elf_class == ELFCLASS32)
		error = widen_symbols(&dynsym);
	if (!error)
		error = elf_dynamic_parse(dynsym.file, &dynamic, &dynsym.complaint);
	if (error) {
		dynsym_deinit(&dynsym);
		return error;
	}
	dynsym.dynamic = dynamic;
	*ret = dynsym;
	return NULL;
}

void dynsym_deinit(struct dynsym *dynsym)
{
	elf_file_close(dynsym->file);
	free(dynsym->memory);
	*dynsym = (struct dynsym){ .dynamic.soname = "" };
}

const Elf64_Sym *dynsym_find(const struct dynsym *dynsym, const char *name)
{
	for (size_t i = 1; i < dynsym->symbols.count; i++) {
		const Elf64_Sym *symbol = &dynsym->symbols.entries[i];
		if (symbol->st_shndx != SHN_UNDEF && strcmp(elf_symbol_name(&dynsym->symbols, symbol), name) == 0)
			return symbol;
	}
	return NULL;
}
