/** A folder of the test's own, with files in it. */
#ifndef SUPPORT_TREE_H
#define SUPPORT_TREE_H

#include <stddef.h>

struct tree {
	char path[64];
	int fd; ///< As a root.
};

struct tree tree_create(void);
/** With everything that is in it. */
void tree_remove(struct tree *tree);
/** A file of @p size bytes; folders on the way are made. Paths are relative. */
void tree_write(const struct tree *tree, const char *path, const void *bytes, size_t size);
void tree_write_text(const struct tree *tree, const char *path, const char *text);
void tree_link(const struct tree *tree, const char *path, const char *target);
void tree_make_folder(const struct tree *tree, const char *path);

#endif
