/** What the user wants looked at: a process, a core of one, or files. */
#ifndef INSPECTOR_SUBJECT_H
#define INSPECTOR_SUBJECT_H

#include <stdbool.h>
#include <stddef.h>

#include "polyton.h"

/** Zero it before use. Strings are those of argv and of the environment. */
struct subject {
	int32_t pid;            ///< 0: a core, or files.
	const char *core, *exe; ///< NULL: no core.
	const char *program;
	struct polyton_plugin *plugins; ///< In the order that they are named in.
	size_t plugin_count;
	const char *sysroot, *library_path;
};

/** The number of a process, in digits only. */
bool subject_read_pid(const char *text, int32_t *ret);
/** Whether there is a file of that name, or a link, wherever it leads: with a sysroot that is elsewhere. Sets errno. */
bool subject_is_there(const char *path);
/** Open it; @p subject and @p plugin_sets (see polyton_files) must outlive the session. */
struct polyton_error *subject_open(const struct subject *subject, const char *const *const *plugin_sets,
				   const struct polyton_options *options, struct polyton_session **ret);

#endif
