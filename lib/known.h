/**
 * Under which names, and as which files, the loader knows the objects of a closure.
 */
#ifndef KNOWN_H
#define KNOWN_H

#include "base/arena.h"
#include "base/strmap.h"
#include "files.h"

/** Zero-initialise. */
struct known {
	struct strmap names;  ///< Of the first namespace's objects, to them.
	struct strmap others; ///< "NAMESPACE NAME" of other namespaces, and "NAMESPACE/DEVICE/INODE", to objects.
	struct arena keys;
};

void known_deinit(struct known *known);
/** The place of the object that the name stands for, POLYTON_NONE in a new one. NULL when out of memory. Borrows it. */
must_use uint32_t *known_name(struct known *known, uint32_t name_space, const char *name);
/** The same for the object that was made of the file. */
must_use uint32_t *known_file(struct known *known, uint32_t name_space, const struct scanned_file *file);

#endif
