/**
 * Files on disk as a subject: where they are looked for, and which are given.
 */
#ifndef DISK_H
#define DISK_H

#include "files.h"
#include "link/search.h"

struct disk {
	struct polyton_files files; ///< What the caller wants; borrowed.
	int root, host;             ///< Descriptors of the sysroot, and of the inspector's own "/".
	const char *sysroot;        ///< Absolute, without a last slash; "" for "/".
	const char *folder;         ///< Where relative paths begin: the working folder when it was opened.
	struct arena arena;
};

must_use struct polyton_error *disk_open(const struct polyton_files *files, struct disk **ret);
void disk_close(struct disk *disk);

/** The file at @p place, for reading; a regular file only. -1 with errno. */
int disk_open_place(const struct disk *disk, const struct search_place *place);
/** An elf_open_fn with the disk as its argument: for what files refer to. */
int disk_open_path(void *disk, const char *path);
/** A path as the user gave it: absolute, and below the sysroot if it is there. NULL paths when out of memory. */
struct search_place disk_place(struct disk *disk, const char *path);
/** How an object's path is shown: below the working folder without that. In @p arena; NULL when out of memory. */
must_use const char *disk_show(const struct disk *disk, const struct search_place *place, struct arena *arena);

/** A file that is loaded because it was given. */
struct disk_root {
	struct search_place place;
	const char *shown; ///< Its path for people.
	enum polyton_opened how;
	bool is_found; ///< In a folder, not named.
	struct scanned_file *file;
};
typedef vec_of(struct disk_root) disk_roots;

/** What was given. */
struct disk_found {
	disk_roots roots; ///< Parsed; the program first, if there is one.
	bool has_program;
	disk_roots archives; ///< Static archives and object files, which nobody loads.
};

struct polyton_snapshot;
/**
 * The files to begin with. What cannot be used is noted. @p arena takes their paths; the lists are the caller's to
 * free.
 */
must_use struct polyton_error *disk_find_roots(struct disk *disk, const struct elf_debug_search *search,
					       struct file_cache *cache, struct arena *arena,
					       struct polyton_snapshot *snapshot, struct disk_found *ret);

/** Whether the file is a program: not to be loaded by another. */
bool disk_is_program(const struct scanned_file *file);

#endif
