/**
 * Separate debug files: by build id, then by debug link (GDB manual, "Debugging Information in Separate Files").
 * And the file in which dwz keeps what several of them have in common.
 */
#ifndef ELF_DEBUGFILE_H
#define ELF_DEBUGFILE_H

#include "elf/symbols.h"

/**
 * The debug file that belongs to @p file, or NULL in @p ret if there is none. A candidate that cannot be read is passed
 * over, and is the error when no other one fits.
 */
must_use struct polyton_error *debugfile_find(const struct elf_file *file, const char *path,
					      const struct elf_debug_search *search, struct elf_file **ret);

/** A file that another one's debug info needs, as .gnu_debugaltlink names it. */
struct elf_common_wanted {
	const char *from; ///< Path of the file with the link, on whichever side it was found.
	const char *name; ///< Absolute, or relative to the folder of @c from. Comes from the file: not to be trusted.
	const uint8_t *id;
	uint32_t id_size;
};

/**
 * A descriptor of it that is the caller's, or -1. It is looked for in DIR/.build-id/; where it says that it is, in the
 * subject's file system; in the subject's /usr/lib/debug/.build-id/; and below each DIR by its path, which leads out of
 * none of them. Only a file of that build id is taken.
 */
int debugfile_open_common(const struct elf_common_wanted *common, const struct elf_debug_search *search);

#endif
