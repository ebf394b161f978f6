/**
 * The symbol table that names most of a file's variables, wherever it is: the file's own .symtab, a separate
 * debug file's, .gnu_debugdata's, or just .dynsym.
 */
#ifndef ELF_SYMBOLS_H
#define ELF_SYMBOLS_H

#include "elf/file.h"

/** Raw entries, walked without a call each. Checked: entries lie in the file, strings end with NUL. */
struct elf_symbols {
	const Elf64_Sym *entries;
	size_t count;
	const char *strings;
	size_t strings_size; ///< A name at st_name < strings_size is a terminated string.
};

/** A symbol's name, "" if its st_name lies outside the string table. */
static inline const char *elf_symbol_name(const struct elf_symbols *symbols, const Elf64_Sym *symbol)
{
	return symbol->st_name < symbols->strings_size ? symbols->strings + symbol->st_name : "";
}

/** .dynsym, by section or, where sections are stripped or damaged, by DT_SYMTAB and the hash table. Empty if none. */
must_use struct polyton_error *elf_symbols_dynamic(struct elf_file *file, struct elf_symbols *ret);
/** .symtab; empty if there is none. */
must_use struct polyton_error *elf_symbols_full(struct elf_file *file, struct elf_symbols *ret);

/** Opens a path of the subject's file system (its own root): an fd, or -1. Never follows it out of that root. */
typedef int elf_open_fn(void *arg, const char *path);

struct elf_debug_search {
	const char *const *debug_dirs; ///< On the inspector's side, searched first; NULL or NULL-terminated.
	elf_open_fn *open;             ///< For the subject's /usr/lib/debug and debug links.
	void *arg;
};

/**
 * The best table of all places, in this order: own .symtab; separate debug file by build id
 * (DIR/.build-id/xx/yyyy.debug), then by .gnu_debuglink (beside the file, .debug/, /usr/lib/debug/PATH) accepted
 * only when its build id equals, or its CRC when there is no build id; .gnu_debugdata (xz, at most 256 MiB of
 * memory); none. .dynsym is not part of it: see elf_symbols_dynamic().
 *
 * @p extra_ret: the other file the table lives in (separate or inner), or NULL; to be closed after @p file.
 * Damage in any of the places skips that place and is described in @p complaint_ret (borrowed from the file's
 * arena; NULL if all went well).
 */
must_use struct polyton_error *elf_symbols_find(struct elf_file *file, const char *path,
						const struct elf_debug_search *search, struct elf_symbols *ret,
						enum polyton_symbol_source *source_ret, struct elf_file **extra_ret,
						const char **complaint_ret);

#endif
