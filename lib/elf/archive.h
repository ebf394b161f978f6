/**
 * A static archive that holds its members (ar(5); a thin one only names them), or a single object file, as a list of
 * members. Source: System V Application Binary Interface, "Archive File"; binutils' include/aout/ar.h.
 */
#ifndef ELF_ARCHIVE_H
#define ELF_ARCHIVE_H

#include "base/error.h"

enum { ARCHIVE_MAGIC = 8 };

struct archive {
	const uint8_t *map; ///< The whole file, read-only.
	size_t size;
	size_t at;      ///< Where the next member begins.
	bool is_single; ///< No archive: one object file.
};

struct archive_member {
	const uint8_t *bytes;
	size_t size;
};

/** Whether a file that begins with @p bytes is an archive that holds its members. */
bool archive_is_one(const uint8_t bytes[ARCHIVE_MAGIC]);
/** Map the file open at @p fd, which is not closed here: an archive, or anything else as its only member. */
must_use struct polyton_error *archive_open(int fd, const char *path, struct archive *ret);
void archive_close(struct archive *archive);
/** The next member that is a file; false behind the last, or where the archive is damaged. */
bool archive_next(struct archive *archive, struct archive_member *ret);

#endif
