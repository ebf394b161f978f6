/**
 * A core file: what the kernel or a debugger has kept of a process. Pages that were not kept are taken from the files
 * that were mapped there, if those can be shown to be the same ones.
 *
 * Rooms: core.c opens it, coresubject.c answers for it, corenotes.c reads its notes, corememory.c its memory,
 * corefiles.c the files.
 */
#ifndef TARGET_CORE_H
#define TARGET_CORE_H

#include <elf.h>
#include <sys/types.h>

#include "base/arena.h"
#include "target/roster.h"

/** A PT_LOAD. Its first @c held bytes are at @c offset in the core. */
struct core_segment {
	uint64_t address, size, held, offset;
	bool is_writable, is_executable;
};

enum core_trust { CORE_FILE_UNTRIED, CORE_FILE_TRUSTED, CORE_FILE_REFUSED };

/** Ranges of one file that belong together, the one with its ELF header first. */
struct core_file {
	const char *path;
	uint64_t base; ///< Where offset 0 is mapped.
	bool has_base, is_deleted;
	enum core_trust trust;
	int fd;
	uint64_t first_address; ///< Link-time address of offset 0.
	Elf64_Phdr *segments;   ///< The file's own, of PT_LOAD.
	size_t segment_count;
};

/** A range of NT_FILE. */
struct core_range {
	uint64_t start, end, offset;
	uint32_t file, path; ///< Index of the core_file; number of the path.
};

struct core {
	struct target target;
	int fd;
	int root; ///< "/"
	uint64_t size;
	const char *path;
	const char *exe;     ///< The program's file as the caller names it, or NULL.
	const char *program; ///< The program's path as the core has it, "" if it has not.
	bool is_program_deleted;
	uint32_t program_file; ///< Index of its core_file, or POLYTON_NONE.
	int32_t pid;
	char name[SUBJECT_NAME_MAX]; ///< Of the main thread.
	int signal;
	int32_t signal_tid;
	vec_of(struct core_segment) segments; ///< By address.
	roster threads;                       ///< In order, once the notes are read.
	vec_of(struct core_range) ranges;     ///< By address.
	vec_of(struct core_file) files;
	vec_of(const char *) losses;
	bool has_more_threads; ///< Than are kept.
	uint8_t *auxv;
	size_t auxv_size;
	struct arena arena;
};

/** @p exe: the program's file if it is not where it was, or NULL. Refused with words: whatever is no core of use. */
must_use struct polyton_error *core_open(const char *path, const char *exe, struct core **ret);
void core_close(struct core *core);
/** @p core is borrowed. */
struct subject core_subject(struct core *core);

/* Between the rooms ------------------------------------------------------------------------------------- */

/** Up to @p size bytes of the core file at @p offset: how many there are. */
size_t core_file_bytes(const struct core *core, uint64_t offset, void *buffer, size_t size);
/** The auxiliary vector's value for @p type, 0 if it has none. */
uint64_t core_auxv(const struct core *core, uint64_t type);
/** Remember something that is missing, for the notes of each capture. */
must_use struct polyton_error *core_note_loss(struct core *core, const char *text);

/** All notes of the @p size bytes at @p offset: threads, auxiliary vector, files. */
must_use struct polyton_error *corenotes_read(struct core *core, uint64_t offset, uint64_t size);
/** Once all are read: put them in order, and see what is missing. */
must_use struct polyton_error *corenotes_finish(struct core *core);

/** struct target_ops's read(). */
void corememory_read(void *state, struct target_read *pieces, size_t count);
/** The segment that holds @p address, or NULL. */
const struct core_segment *corememory_segment(const struct core *core, uint64_t address);
/** Bytes that are in the core itself: how many of @p size. */
size_t corememory_held(const struct core *core, uint64_t address, void *buffer, size_t size);

/** The range that holds @p address, or NULL. */
const struct core_range *corefiles_range(const struct core *core, uint64_t address);
/** Up to @p size bytes that were mapped at @p address from a file and never written: how many. */
size_t corefiles_read(struct core *core, uint64_t address, void *buffer, size_t size);

#endif
