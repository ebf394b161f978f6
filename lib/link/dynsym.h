/**
 * An object's dynamic symbols, read out of the target's memory: no file, no path, no mount namespace can be in
 * the way, and they are those of the code that runs.
 */
#ifndef LINK_DYNSYM_H
#define LINK_DYNSYM_H

#include "elf/symbols.h"
#include "link/image.h"

struct dynsym {
	struct elf_symbols symbols; ///< Empty if the object has none.
	const char *soname;         ///< Points into the strings; "" if there is none.
	void *memory;
};

must_use struct polyton_error *dynsym_read(struct target *target, const struct image *image, struct dynsym *ret);
void dynsym_deinit(struct dynsym *dynsym);

/** The first defined symbol of that name (any version), or NULL. */
const Elf64_Sym *dynsym_find(const struct dynsym *dynsym, const char *name);

#endif
