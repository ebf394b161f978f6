/**
 * Finding a symbol in one object as ld.so finds it: through DT_GNU_HASH and its Bloom filter, or DT_HASH, with the
 * rules for versions, types and visibility of glibc's elf/dl-lookup.c. Which objects are asked, in which order, is not
 * known here.
 */
#ifndef ELF_LOOKUP_H
#define ELF_LOOKUP_H

#include "elf/versions.h"

uint32_t elf_gnu_hash(const char *name);
uint32_t elf_sysv_hash(const char *name);

/** What is looked for. */
struct elf_wanted {
	const char *name;
	uint32_t gnu_hash;                 ///< Of the name. Few objects are without DT_GNU_HASH: theirs is not kept.
	const struct elf_version *version; ///< NULL: any, by ld.so's rule for references without a version.
};

/** The tables of one object, checked once. All zero: nothing is found. */
struct elf_lookup {
	// What most lookups end with stands together.
	uint32_t bucket_count; ///< 0: there is nothing to be found.
	uint32_t bloom_mask, bloom_shift;
	uint32_t first;        ///< Symbol that the first link is for: 0 with DT_HASH.
	const uint64_t *bloom; ///< With DT_HASH, or in a 32-bit file, one word that lets all pass.
	const uint32_t *buckets, *links;
	size_t link_count;
	bool is_gnu;
	struct elf_symbols symbols;
	struct elf_versions versions;
};

/**
 * Check the hash table and read the versions; the result lives as long as @p file. An object without a hash table, or
 * with one that ld.so could not use either, finds nothing. What is damaged is described.
 */
must_use struct polyton_error *elf_lookup_init(struct elf_file *file, const struct elf_dynamic *dynamic,
					       const struct elf_symbols *symbols, struct elf_lookup *ret,
					       const char **complaint_ret);

/** False for most objects that do not have the name, after one look at the Bloom filter. */
static inline bool elf_lookup_may_have(const struct elf_lookup *lookup, uint32_t gnu_hash)
{
	if (!lookup->bucket_count)
		return false;
	uint64_t word = lookup->bloom[gnu_hash / 64 & lookup->bloom_mask];
	return word >> gnu_hash % 64 & word >> ((uint64_t)gnu_hash >> lookup->bloom_shift) % 64 & 1;
}

/** elf_lookup_find() behind the Bloom filter. */
const Elf64_Sym *elf_lookup_search(const struct elf_lookup *lookup, const struct elf_wanted *wanted,
				   bool accept_undefined);

/**
 * The definition that ld.so's do_lookup_x() would take in this object, or NULL. @p accept_undefined: the reference is
 * not of class ELF_RTYPE_CLASS_PLT, so an undefined symbol with a value will do (a program's canonical PLT entry).
 */
static inline const Elf64_Sym *elf_lookup_find(const struct elf_lookup *lookup, const struct elf_wanted *wanted,
					       bool accept_undefined)
{
	if (!elf_lookup_may_have(lookup, wanted->gnu_hash))
		return NULL;
	return elf_lookup_search(lookup, wanted, accept_undefined);
}

/** Index of a symbol that was found. */
static inline size_t elf_lookup_symbol_index(const struct elf_lookup *lookup, const Elf64_Sym *symbol)
{
	return (size_t)(symbol - lookup->symbols.entries);
}

#endif
