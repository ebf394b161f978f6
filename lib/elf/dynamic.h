/**
 * What the dynamic section says, and the relocations it points to. Everything is looked up by address through
 * the program headers, as the loader does; section headers play no part.
 */
#ifndef ELF_DYNAMIC_H
#define ELF_DYNAMIC_H

#include "elf/symbols.h"

/** How an object asks for another. */
enum elf_need {
	ELF_NEED_LIBRARY,   ///< DT_NEEDED
	ELF_NEED_FILTEE,    ///< DT_FILTER: it is looked into before the object itself.
	ELF_NEED_AUXILIARY, ///< DT_AUXILIARY: the same, and it may be missing.
};

struct elf_dynamic {
	const char *soname;              ///< "" if there is none.
	const char *runpath;             ///< DT_RUNPATH, unexpanded; NULL if there is none: an empty one counts, too.
	const char *rpath;               ///< DT_RPATH, or ""; ld.so ignores it beside a DT_RUNPATH.
	const char *const *needed;       ///< Names of what it asks for in order; one outside the strings is left out.
	const enum elf_need *need_kinds; ///< Of each name. NULL: all are DT_NEEDED.
	size_t needed_count;
	uint64_t flags, flags_1; ///< DT_FLAGS (DF_STATIC_TLS, DF_SYMBOLIC) and DT_FLAGS_1
	bool is_symbolic;        ///< DT_SYMBOLIC or DF_SYMBOLIC
	/// Link-time addresses, 0 if there is none. Nothing of these has been checked.
	uint64_t gnu_hash, hash, versym, verdef, verneed, init_array;
	uint64_t init_array_size; ///< Bytes.
	uint32_t verdef_count, verneed_count;
	const Elf64_Rela *rela, *jmprel; ///< DT_REL's become these, with the addends that are in the file.
	size_t rela_count, jmprel_count;
	const uint64_t *relr;
	size_t relr_count;
};

static inline enum elf_need elf_need_kind(const enum elf_need *kinds, size_t number)
{
	return kinds ? kinds[number] : ELF_NEED_LIBRARY;
}

/** Parse PT_DYNAMIC; all zero and "" if the file has none. A table outside the file is left empty and described. */
must_use struct polyton_error *elf_dynamic_parse(struct elf_file *file, struct elf_dynamic *ret,
						 const char **complaint_ret);

/** One place the loader writes. */
struct elf_reloc {
	uint64_t offset; ///< Link-time address of the place.
	uint32_t type;   ///< R_*; for RELR entries @p relative_type of the call.
	uint32_t symbol; ///< Index in .dynsym, 0 for none.
	int64_t addend;  ///< For RELR: the word in the file.
};
/** Return false to end the walk. */
typedef bool elf_reloc_fn(const struct elf_reloc *reloc, void *arg);

/**
 * Visit DT_RELA (or DT_REL), DT_JMPREL and DT_RELR. RELR entries are visited as @p relative_type (the machine's
 * RELATIVE).
 */
void elf_relocs_visit(const struct elf_file *file, const struct elf_dynamic *dynamic, uint32_t relative_type,
		      elf_reloc_fn *visit, void *arg);

/** The same of those that name a symbol, which are few. */
void elf_relocs_visit_named(const struct elf_dynamic *dynamic, elf_reloc_fn *visit, void *arg);

#endif
