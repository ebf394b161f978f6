/**
 * The rows of the loaded objects: where each is, which file it came from, what names it has.
 */
#ifndef OBJECTS_H
#define OBJECTS_H

#include "scan.h"

/**
 * Fill @p snapshot's objects and the per-object tables of @p scan from its lists and maps. An object that cannot be
 * read stays as a row with a note.
 */
must_use struct polyton_error *objects_read(struct subject *subject, const struct elf_debug_search *search,
					    struct file_cache *cache, struct scan *scan,
					    struct polyton_snapshot *snapshot);
/** Note the files that are mapped to be run without being on the loader's lists. */
must_use struct polyton_error *objects_note_unlisted(const struct scan *scan, struct polyton_snapshot *snapshot);
/** Let the object be what its file says. */
void objects_use_file(struct scan *scan, uint32_t index, struct scanned_file *scanned, struct polyton_object *object);
/** A build id in lower-case hex, in @p arena; NULL when out of memory. */
must_use const char *objects_hex(struct arena *arena, const uint8_t *bytes, size_t size);
/** The base name that tells object @p index from those before it; NULL when out of memory. */
must_use const char *objects_unique_name(struct polyton_snapshot *snapshot, uint32_t index);

#endif
