/**
 * Symbol versions (Drepper, "ELF Symbol Versioning"): which version each dynamic symbol has or asks for. Kept as ld.so
 * keeps them (glibc elf/dl-version.c), so that a lookup can decide as it does.
 */
#ifndef ELF_VERSIONS_H
#define ELF_VERSIONS_H

#include "elf/dynamic.h"

/** One version that the file defines or asks for. Strings are the file's. */
struct elf_version {
	const char *name;
	uint32_t hash;    ///< SysV hash of the name, as the file says.
	const char *file; ///< The SONAME it is wanted from; "" for a definition.
	bool is_definition;
	bool is_weak;   ///< VER_FLG_WEAK: the object may be without it.
	bool is_hidden; ///< Of a wanted one: an unversioned definition will not do.
};

/** All zero: symbols have no versions. */
struct elf_versions {
	const Elf64_Half *of_symbol; ///< DT_VERSYM, NULL where ld.so would not look at it.
	size_t symbol_count;
	/** By version index & 0x7fff. Gaps have no name, and the base definition is one: it names the file. */
	const struct elf_version *items;
	size_t count;
};

/**
 * Read DT_VERSYM, DT_VERDEF and DT_VERNEED. A record that is outside the file or not understood ends its list and is
 * described; what was read until then is kept.
 */
must_use struct polyton_error *elf_versions_parse(struct elf_file *file, const struct elf_dynamic *dynamic,
						  const struct elf_symbols *symbols, struct elf_versions *ret,
						  const char **complaint_ret);

/**
 * The version that symbol @p index has or asks for, NULL for none (VER_NDX_LOCAL, VER_NDX_GLOBAL, no table).
 * @p is_hidden_ret (or NULL): bit 15, it is not the default one ("name@V", not "name@@V").
 */
const struct elf_version *elf_versions_of(const struct elf_versions *versions, size_t index, bool *is_hidden_ret);

#endif
