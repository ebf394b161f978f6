// A regular file or nothing: opening a FIFO or a device of somebody else's could block or have effects.

#include "target/root.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_below(int root, const char *path, int flags)
{
	struct open_how how = { .flags = (unsigned)(flags | O_RDONLY | O_CLOEXEC), .resolve = RESOLVE_IN_ROOT };
	long fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
	if (fd < 0 && errno == ENOSYS) { // before Linux 5.6
		path += strspn(path, "/");
		fd = openat(root, path[0] ? path : ".", (int)how.flags);
	}
	return (int)fd;
}

int root_keep_regular(int fd)
{
	struct stat facts;
	if (fd >= 0 && (fstat(fd, &facts) || !S_ISREG(facts.st_mode))) {
		close(fd);
		errno = EINVAL;
		return -1;
	}
	return fd;
}

int root_open(int root, const char *path)
{
	return root_keep_regular(open_below(root, path, O_NONBLOCK | O_NOCTTY));
}

int root_open_folder(int root, const char *path)
{
	return open_below(root, path, O_DIRECTORY);
}
