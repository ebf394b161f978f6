/**
 * The files of a folder that may be ELF objects.
 */
#ifndef TARGET_FOLDER_H
#define TARGET_FOLDER_H

#include "base/arena.h"
#include "base/error.h"
#include "base/vec.h"

/** What was found; paths begin with that of the folder. */
struct folder_files {
	vec_of(const char *) paths;  ///< Of regular files that begin like an ELF file, in the order of their bytes.
	vec_of(const char *) unread; ///< Files and folders that could not be looked into.
	bool is_cut;                 ///< There were more than polyton takes.
	struct arena arena;
};

/**
 * Search the folder at @p path, below the descriptor @p root, and all below it. A file that symbolic links name, too,
 * is there once, by its own name if that is below the folder. Folders are entered by their own names only, so loops
 * of links do not matter.
 */
must_use struct polyton_error *folder_search(int root, const char *path, struct folder_files *ret);
void folder_files_deinit(struct folder_files *files);

#endif
