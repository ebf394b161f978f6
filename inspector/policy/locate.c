// A policy that is found by itself is an ordinary file; one that is named may also come through a pipe, as from
// a shell's <(...).

#include "locate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char policy_name[] = ".polyton.yml";

enum { LOCATE_PIECE = 1 << 16 }; // a first guess for what has no size

static const char *read_all(struct pool *pool, const char *file, int fd, size_t most, struct text *ret)
{
	struct stat facts;
	if (fstat(fd, &facts))
		return pool_format(pool, "%s: %s", file, strerror(errno));
	if (S_ISDIR(facts.st_mode))
		return pool_format(pool, "%s: %s", file, strerror(EISDIR));
	size_t size = S_ISREG(facts.st_mode) && facts.st_size > 0 ? (size_t)facts.st_size + 1 : LOCATE_PIECE;
	size_t used = 0, room = size <= most ? size : most + 1;
	char *bytes = pool_alloc(pool, room + 1, 1);
	for (;;) {
		ssize_t count = read(fd, bytes + used, room - used);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return pool_format(pool, "%s: %s", file, strerror(errno));
		if (!count)
			break;
		used += (size_t)count;
		if (used > most)
			return pool_format(pool, "%s: is too large: %zu MiB at most are read", file, most >> 20);
		if (used == room) {
			room = room < most / 2 ? 2 * room : most + 1;
			bytes = memcpy(pool_alloc(pool, room + 1, 1), bytes, used);
		}
	}
	bytes[used] = '\0';
	*ret = (struct text){ bytes, used };
	return NULL;
}

const char *locate_read(struct pool *pool, const char *file, size_t most, struct text *ret)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return pool_format(pool, "%s: %s", file, strerror(errno));
	const char *complaint = read_all(pool, file, fd, most, ret);
	close(fd);
	return complaint;
}

static bool is_there(struct pool *pool, const char *folder, const char *name, bool is_file_wanted)
{
	struct stat facts;
	const char *path = pool_format(pool, "%s/%s", folder, name);
	return stat(path, &facts) == 0 && (!is_file_wanted || S_ISREG(facts.st_mode));
}

// Cut the last part of an absolute path; false if there is none.
static bool go_up(char *path)
{
	char *slash = strrchr(path, '/');
	if (!slash || !path[0])
		return false;
	*slash = '\0'; // "" is the root, to which "/name" is appended
	return true;
}

// The current directory, "" for the root; NULL if it cannot be told.
static char *current(struct pool *pool)
{
	char *path = getcwd(NULL, 0);
	char *ret = path ? pool_copy(pool, path, strcmp(path, "/") == 0 ? 0 : strlen(path)) : NULL;
	free(path);
	return ret;
}

// The length of @p path up to the root of the repository that it is in; false if it is in none.
static bool find_root(struct pool *pool, const char *path, size_t *ret)
{
	char *folder = pool_copy(pool, path, strlen(path));
	do {
		if (is_there(pool, folder, ".git", false)) {
			*ret = strlen(folder);
			return true;
		}
	} while (go_up(folder));
	return false;
}

void locate_policy(struct pool *pool, struct located *ret)
{
	char *folder = current(pool);
	const char *up = "";
	size_t root;
	*ret = (struct located){ 0 };
	if (!folder)
		return;
	bool has_root = find_root(pool, folder, &root);
	do {
		if (is_there(pool, folder, policy_name, true)) {
			ret->file = pool_format(pool, "%s%s", up, policy_name);
			if (has_root)
				ret->anchor = pool_format(pool, "%s%s%s", folder[root] ? folder + root + 1 : "",
							  folder[root] ? "/" : "", policy_name);
			return;
		}
		up = pool_format(pool, "../%s", up);
	} while (has_root && strlen(folder) > root && go_up(folder));
}

void locate_named(struct pool *pool, const char *file, struct located *ret)
{
	char *folder = current(pool), *path = realpath(file, NULL);
	size_t root;
	*ret = (struct located){ .file = file };
	if (folder && path && find_root(pool, folder, &root) && strncmp(path, folder, root) == 0 && path[root] == '/')
		ret->anchor = pool_copy(pool, path + root + 1, strlen(path + root + 1));
	free(path);
}
