// The dynamic section tells where the symbols begin but not how many there are: DT_HASH counts them, the GNU
// hash table must be walked to its last chain. Both are the target's data and may lie.

#include "link/dynsym.h"

#include <inttypes.h>
#include <string.h>

enum {
	DYNSYM_MAX = 4 << 20,
	DYNSYM_MAX_STRINGS = 1 << 30,
	DYNSYM_MAX_CHAIN = 4096, // read link by link; linkers make buckets for a few symbols each
};

// The highest symbol index in DT_GNU_HASH: the end of the chain that starts at the highest bucket.
static struct polyton_error *count_gnu(struct target *target, uint64_t table, size_t *ret)
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
			return NULL;
		}
	}
	return error_create(POLYTON_ERROR_DAMAGED, "hash chain at 0x%" PRIx64 " does not end", chains);
}

static struct polyton_error *count_symbols(struct target *target, const struct image_dynamic *dynamic, size_t *ret)
{
	if (dynamic->gnu_hash)
		return count_gnu(target, dynamic->gnu_hash, ret);
	uint32_t header[2] = { 0, 0 }; // nbucket, nchain
	struct polyton_error *error = dynamic->hash ? target_read(target, dynamic->hash, header, sizeof(header))
						    : NULL;
	if (!error)
		*ret = header[1];
	return error;
}

struct polyton_error *dynsym_read(struct target *target, const struct image *image, struct dynsym *ret)
{
	struct image_dynamic dynamic;
	size_t count = 0;
	*ret = (struct dynsym){ .soname = "" };

	struct polyton_error *error = image_read_dynamic(target, image, &dynamic);
	if (!error && dynamic.symbols && dynamic.strings)
		error = count_symbols(target, &dynamic, &count);
	if (error || !dynamic.strings)
		return error;
	if (count > DYNSYM_MAX || dynamic.strings_size > DYNSYM_MAX_STRINGS)
		return error_create(POLYTON_ERROR_DAMAGED, "symbol table at 0x%" PRIx64 " is absurd",
				    dynamic.symbols);

	size_t entries_size = count * sizeof(Elf64_Sym), strings_size = dynamic.strings_size;
	auto_free char *memory = malloc(entries_size + strings_size + 1);
	if (!memory)
		return error_no_memory();
	error = target_read(target, dynamic.symbols, memory, entries_size);
	if (!error)
		error = target_read(target, dynamic.strings, memory + entries_size, strings_size);
	if (error)
		return error;
	memory[entries_size + strings_size] = '\0';
	ret->symbols = (struct elf_symbols){
		.entries = (const Elf64_Sym *)memory,
		.count = count,
		.strings = memory + entries_size,
		.strings_size = strings_size,
	};
	if (dynamic.soname && dynamic.soname < strings_size)
		ret->soname = ret->symbols.strings + dynamic.soname;
	ret->memory = take_pointer(memory);
	return NULL;
}

void dynsym_deinit(struct dynsym *dynsym)
{
	free(dynsym->memory);
	*dynsym = (struct dynsym){ .soname = "" };
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
