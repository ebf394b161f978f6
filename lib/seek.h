/**
 * The file that a loader takes for a name, or for a path.
 */
#ifndef SEEK_H
#define SEEK_H

#include "closure.h"

struct seeker {
	struct disk *disk;
	const struct elf_debug_search *debug;
	struct file_cache *cache;
	struct search *search;   ///< NULL: paths only.
	struct closure *closure; ///< Whose objects ask; paths are kept in its arena.
};

/** What was found: nothing if @c file is NULL. */
struct sought {
	struct search_place place;
	struct scanned_file *file;
};

/** The object as one that asks for others; @p loader is who brought it, or NULL. */
struct search_object seek_asker(const struct closure_object *object, const struct search_object *loader);
/** Take the file at @p place, if it can be loaded. */
must_use struct polyton_error *seek_place(struct seeker *seeker, const struct search_place *place,
					  struct sought *ret);
/** Look for @p name, which object @p object asks for. */
must_use struct polyton_error *seek_name(struct seeker *seeker, uint32_t object, const char *name,
					 struct sought *ret);
/** Whether the name is that of the program's interpreter, which is there from the start. */
bool seek_is_interpreter(const struct seeker *seeker, const char *name);

#endif
