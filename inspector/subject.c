// A word of digits is a process, whatever files there are; "./123" is a file.

#include "subject.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

bool subject_read_pid(const char *text, int32_t *ret)
{
	int64_t pid = 0;
	for (const char *digit = text; *digit; digit++) {
		if (*digit < '0' || *digit > '9' || pid > INT32_MAX)
			return false;
		pid = 10 * pid + (*digit - '0');
	}
	if (pid <= 0 || pid > INT32_MAX)
		return false;
	*ret = (int32_t)pid;
	return true;
}

bool subject_is_there(const char *path)
{
	return faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

struct polyton_error *subject_open(const struct subject *subject, const char *const *const *plugin_sets,
				   const struct polyton_options *options, struct polyton_session **ret)
{
	if (subject->pid)
		return polyton_open_process(subject->pid, options, ret);
	if (subject->core)
		return polyton_open_core(subject->core, subject->exe, options, ret);
	// The environment's is for programs of this system, not for a sysroot's.
	const char *path = subject->library_path;
	if (!path && !subject->sysroot)
		path = getenv("LD_LIBRARY_PATH");
	const struct polyton_files files = { .size = sizeof(files),
					     .program = subject->program,
					     .plugins = subject->plugins,
					     .plugin_count = subject->plugin_count,
					     .sysroot = subject->sysroot,
					     .library_path = path,
					     .plugin_sets = plugin_sets };
	return polyton_open_files(&files, options, ret);
}
