// A regular file or nothing: opening a FIFO or a device of somebody else's could block or have effects.

#include "target/root.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

enum { ROOT_MAX_PATH = 4096 };

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

bool root_is_regular(int root, const char *path)
{
	struct stat facts;
	auto_close int fd = open_below(root, path, O_PATH);
	return fd >= 0 && fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode);
}

static char *path_of(int fd)
{
	char name[32], path[ROOT_MAX_PATH];
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	ssize_t length = readlink(name, path, sizeof(path));
	return length > 0 && (size_t)length < sizeof(path) && path[0] == '/' ? strndup(path, (size_t)length) : NULL;
}

char *root_real_path(int root, const char *path)
{
	auto_close int fd = open_below(root, path, O_PATH);
	auto_free char *whole = fd < 0 ? NULL : path_of(fd);
	auto_free char *above = whole ? path_of(root) : NULL;
	size_t length = above && strcmp(above, "/") != 0 ? strlen(above) : 0;
	if (!above || strncmp(whole, above, length) != 0 || whole[length] != '/')
		return NULL;
	return strdup(whole + length);
}

int root_open_folder(int root, const char *path)
{
	return open_below(root, path, O_DIRECTORY);
}
