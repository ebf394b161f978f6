/**
 * Who is loaded, with the file and the names of each: the part of a capture that files can be cached for.
 */
#ifndef SCAN_H
#define SCAN_H

#include "files.h"
#include "link/dynsym.h"
#include "link/linkmap.h"
#include "target/subject.h"
#include "tls/modules.h"
#include "tls/tcb.h"

/** How an object of files got where it is. */
struct scan_loading {
	const uint32_t *needs; ///< For each of @c needed the object, or POLYTON_NONE.
	bool is_opened, is_global, is_deepbind;
};

/** The objects of one capture; rows of the same index are in the snapshot. */
struct scan {
	struct image program;
	struct linkmap list; ///< Empty for a static program.
	struct subject_maps maps;
	uint32_t count;
	struct image *images;
	struct object_input *inputs;
	struct scanned_file **files;    ///< NULL where none is trusted.
	struct dynsym *dynsyms;         ///< From memory, where needed.
	candidates *own_candidates;     ///< Of objects without a trusted file.
	struct elf_lookup *own_lookups; ///< The same.
	struct scan_loading *loading;   ///< Of files; NULL of a process.
	const struct arch *arch;
	bool is_glibc, is_musl, is_static;
	bool is_loader; ///< Started as "ld.so ./program": /proc/PID/exe is ld.so.
	struct tls_layout layout;
	struct tls_modules modules;
};

/** Read the loader's lists, open the files, fill @p snapshot's objects and subject. */
must_use struct polyton_error *scan_read(struct subject *subject, const struct elf_debug_search *search,
					 struct file_cache *cache, struct scan *ret,
					 struct polyton_snapshot *snapshot);
void scan_deinit(struct scan *scan);
/** Whether the loader's lists are still what they were when @p scan was made. */
must_use struct polyton_error *scan_is_current(struct subject *subject, const struct scan *scan, bool *ret);

#endif
