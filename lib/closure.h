/**
 * The objects that a loader would bring into a process for a list of files, in its order.
 */
#ifndef CLOSURE_H
#define CLOSURE_H

#include "disk.h"

struct closure_object {
	struct search_place place;
	const char *shown; ///< Its path for people.
	struct scanned_file *file;
	uint32_t name_space;
	uint32_t loader; ///< Who needed it first; POLYTON_NONE if it was given.
	uint32_t *needs; ///< For each of @c needed the object, or POLYTON_NONE: it was not found.
	bool is_program; ///< Also of programs that were found in a folder, without being the host.
	bool is_opened;  ///< It was given, and not as the program.
	bool is_found;   ///< In a folder.
	bool is_global, is_deepbind;
	bool is_initial; ///< Comes with the program.
	/** A program that is not the host has a bit of its own; what it needs itself is brought by the same. */
	uint64_t brings, brought_by;
	uint32_t party; ///< Objects of one party are never in one process; 0: of none.
	uint64_t sets; ///< The sets of plugins that it is in; objects of no common one are never together. 0: of none.
	bool is_loader; ///< The dynamic loader itself.
};

/** A library that is needed and was not found. */
struct closure_missing {
	const char *name;
	uint32_t first, count; ///< Who needs it: one object, and how many in all.
};

/** Zero-initialise. */
struct closure {
	vec_of(struct closure_object) objects;
	vec_of(struct closure_missing) missing;
	disk_roots archives; ///< Static archives and object files that were given along.
	bool has_program;
	bool is_musl;
	const struct arch *arch;
	const char *interpreter; ///< "" if there is none.
	struct arena arena;
};

/** Load what @p disk was asked for; what cannot be seen is noted in @p snapshot. */
must_use struct polyton_error *closure_build(struct disk *disk, const struct elf_debug_search *search,
					     struct file_cache *cache, struct polyton_snapshot *snapshot,
					     struct closure *ret);
void closure_deinit(struct closure *closure);

#endif
