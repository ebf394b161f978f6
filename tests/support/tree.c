#include "tree.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void demand(int is_good, const char *what)
{
	if (is_good)
		return;
	perror(what);
	abort();
}

struct tree tree_create(void)
{
	struct tree tree = { .path = "/tmp/polyton.XXXXXX" };
	demand(mkdtemp(tree.path) != NULL, tree.path);
	tree.fd = open(tree.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	demand(tree.fd >= 0, tree.path);
	return tree;
}

static int remove_one(const char *path, const struct stat *facts, int kind, struct FTW *place)
{
	(void)facts;
	(void)kind;
	(void)place;
	return remove(path);
}

void tree_remove(struct tree *tree)
{
	close(tree->fd);
	nftw(tree->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void tree_make_folder(const struct tree *tree, const char *path)
{
	char part[4096];
	for (const char *slash = path; (slash = strchr(slash, '/')); slash++) {
		snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		mkdirat(tree->fd, part, 0755);
	}
	mkdirat(tree->fd, path, 0755);
}

static void make_folder_of(const struct tree *tree, const char *path)
{
	char part[4096];
	const char *slash = strrchr(path, '/');
	snprintf(part, sizeof(part), "%.*s", slash ? (int)(slash - path) : 0, path);
	if (slash)
		tree_make_folder(tree, part);
}

void tree_write(const struct tree *tree, const char *path, const void *bytes, size_t size)
{
	make_folder_of(tree, path);
	int fd = openat(tree->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	demand(fd >= 0 && write(fd, bytes, size) == (ssize_t)size, path);
	close(fd);
}

void tree_write_text(const struct tree *tree, const char *path, const char *text)
{
	tree_write(tree, path, text, strlen(text));
}

void tree_link(const struct tree *tree, const char *path, const char *target)
{
	make_folder_of(tree, path);
	demand(symlinkat(target, tree->fd, path) == 0, path);
}
