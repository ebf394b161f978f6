/**
 * An object's dynamic section and what it leads to (symbols, hash, versions, relocations), read out of the target's
 * memory: no file, no path, no mount namespace can be in the way, and they are those of the code that runs.
 */
#ifndef LINK_DYNSYM_H
#define LINK_DYNSYM_H

#include "elf/dynamic.h"
#include "link/image.h"

struct dynsym {
	struct elf_symbols symbols; ///< Empty if the object has none.
	struct elf_dynamic dynamic; ///< As the linker wrote it: addresses without the bias.
	/** The tables alone, for elf_lookup_init() and elf_relocs_visit(). NULL without a dynamic section. */
	struct elf_file *file;
	const char *complaint; ///< What of it could not be used, or NULL.
	void *memory;
};

/** Symbols that cannot be read are an error; what else cannot be is left out and described in the complaint. */
must_use struct polyton_error *dynsym_read(struct target *target, const struct image *image, struct dynsym *ret);
void dynsym_deinit(struct dynsym *dynsym);

/** The first defined symbol of that name (any version), or NULL. */
const Elf64_Sym *dynsym_find(const struct dynsym *dynsym, const char *name);

#endif
