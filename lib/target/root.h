/**
 * Opening files below a root that need not be the inspector's own: a process's, a sysroot. Absolute symbolic links lead
 * to that root, and nothing leads out of it.
 */
#ifndef TARGET_ROOT_H
#define TARGET_ROOT_H

#include <stdbool.h>

/** The regular file at @p path below the folder @p root, for reading; never blocks. -1 with errno. */
int root_open(int root, const char *path);
/** Whether there is a regular file at @p path; nothing is opened for reading. */
bool root_is_regular(int root, const char *path);
/** The folder at @p path, likewise. */
int root_open_folder(int root, const char *path);
/** Where the file at @p path is, with no link on the way, as seen from the root. From malloc; NULL if there is none. */
char *root_real_path(int root, const char *path);
/** @p fd if it is a regular file's, else -1 with errno, and it is closed. A negative one stays what it is. */
int root_keep_regular(int fd);

#endif
