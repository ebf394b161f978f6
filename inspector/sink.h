/** Files that a view is written to, beside standard output. */
#ifndef INSPECTOR_SINK_H
#define INSPECTOR_SINK_H

#include "polyton.h"

struct sink {
	const char *path; ///< As the user has it.
	enum polyton_format format;
};

/** Understand "FILE" or "FORMAT:FILE", or complain and answer false. @p formats: names, as enum polyton_format. */
bool sink_parse(const char *word, const char *const *formats, struct sink *ret);
/** Before anything is looked at: could it be written? Complains and answers false if it cannot. */
bool sink_check(const struct sink *file);
/**
 * Write the view of @p options, in the file's format. A regular file is replaced when all of it is written, and not
 * touched otherwise; to what is no regular file (a FIFO, a device) it goes directly. Complains and answers false if
 * that fails.
 */
bool sink_write(const struct sink *file, const struct polyton_snapshot *snapshot,
		struct polyton_write_options options);
/** The same of bytes that are there already. */
bool sink_put(const struct sink *file, const char *bytes, size_t count);

#endif
