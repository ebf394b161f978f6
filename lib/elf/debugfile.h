/** Separate debug files: by build id, then by debug link (GDB manual, "Debugging Information in Separate Files"). */
#ifndef ELF_DEBUGFILE_H
#define ELF_DEBUGFILE_H

#include "elf/symbols.h"

/**
 * The debug file that belongs to @p file, or NULL in @p ret if there is none. A candidate that cannot be read is passed
 * over, and is the error when no other one fits.
 */
must_use struct polyton_error *debugfile_find(const struct elf_file *file, const char *path,
					      const struct elf_debug_search *search, struct elf_file **ret);

#endif
