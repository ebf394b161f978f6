/**
 * Object files, parsed once per session and matched to what is loaded.
 */
#ifndef FILES_H
#define FILES_H

#include "base/intmap.h"
#include "find/subject.h"
#include "link/image.h"
#include "target/subject.h"

struct typed_file;

/** A file that was parsed, kept over captures while the session lives. */
struct scanned_file {
	uint64_t device, inode, size;
	int64_t modified_ns;
	struct elf_file *file, *extra;
	struct elf_symbols symbols, exported;
	struct elf_dynamic dynamic;
	struct elf_lookup lookup;
	enum polyton_symbol_source source;
	const char *complaint; ///< What of it could not be used, or NULL.
	candidates candidates;
	/** The file with its debug info: itself, the one with its symbols, or @c separate; NULL if there is none. */
	struct elf_file *debug, *separate;
	bool has_looked_for_debug;
	struct typed_file *typed; ///< What its debug info was asked for last; owned.
};

/**
 * Look for the debug info of @p scanned, loaded from @p path, once. Damage on the way is a note; @c debug stays NULL.
 */
must_use struct polyton_error *file_find_debug(const struct elf_debug_search *search, const char *path,
					       struct scanned_file *scanned, struct polyton_snapshot *snapshot);

/** Zero-initialise. */
struct file_cache {
	bool takes_narrow; ///< 32-bit ones, too: those that a debugger has.
	vec_of(struct scanned_file *) files;
	struct intmap newest; ///< Device and inode to the newest of its files.
};

void file_cache_deinit(struct file_cache *cache);

/**
 * The parsed file open at @p fd: the cache's while it is the same one, else a new one that is not in the cache yet.
 * Several threads may do this at once while nobody changes the cache. @p path is what it is called.
 */
must_use struct polyton_error *file_look(const struct elf_debug_search *search, const struct file_cache *cache,
					 int fd, const char *path, struct scanned_file **ret);
/** Put it into the cache, or, if the same one is there already, take that one in its place. NULL after an error. */
must_use struct polyton_error *file_keep(struct file_cache *cache, struct scanned_file **scanned);
/** Both in one. */
must_use struct polyton_error *file_read(const struct elf_debug_search *search, struct file_cache *cache, int fd,
					 const char *path, struct scanned_file **ret);

/** The loaded object whose file is wanted. */
struct file_wanted {
	const char *path;
	const struct image *image;
	const struct subject_map *map; ///< One of its mappings, or NULL.
	bool is_exe;                   ///< /proc/PID/exe is its file.
	bool is_deleted;               ///< Its path is known to be gone.
};

/**
 * The parsed file of snapshot object @p index, NULL if none can be trusted; its @c file_state is settled and what
 * was lost is noted.
 */
must_use struct polyton_error *file_find(struct subject *subject, const struct elf_debug_search *search,
					 struct file_cache *cache, const struct file_wanted *wanted, uint32_t index,
					 struct polyton_snapshot *snapshot, struct scanned_file **ret);

#endif
