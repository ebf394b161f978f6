/**
 * What a dynamic loader was built with that decides where it looks for libraries.
 */
#ifndef LINK_LDSO_H
#define LINK_LDSO_H

#include "arch/arch.h"
#include "elf/file.h"

enum { LDSO_MAX_FOLDERS = 8 };

struct ldso {
	bool is_musl;
	bool has_old_hwcaps;                   ///< glibc before 2.37: tls/, haswell/, x86_64/.
	const char *folders[LDSO_MAX_FOLDERS]; ///< Its system folders, without the last slash.
	uint32_t folder_count;
	const char *lib; ///< What it puts for $LIB: "lib/x86_64-linux-gnu"
};

/**
 * Read it out of the loader's file; NULL: it is not to be had, and taken to be glibc's in its default folders. @p name
 * is that of PT_INTERP. Texts live in @p arena.
 */
must_use struct polyton_error *ldso_read(const struct elf_file *file, const char *name, const struct arch *arch,
					 struct arena *arena, struct ldso *ret);

#endif
