// Two file systems may be in play: the sysroot's, in which "/" is the sysroot, and the one polyton runs in, where a
// program that is being built for it may lie.

#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "target/root.h"

enum { DISK_MAX_PATH = 4096 };

static const char *absolute(struct disk *disk, const char *path)
{
	while (path[0] == '.' && path[1] == '/')
		path += 2 + strspn(path + 2, "/");
	return path[0] == '/' ? arena_strdup(&disk->arena, path)
			      : arena_printf(&disk->arena, "%s/%s", disk->folder, path);
}

static struct polyton_error *open_roots(struct disk *disk)
{
	const char *sysroot = disk->files.sysroot;
	disk->host = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	disk->root = open(sysroot ? sysroot : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (disk->host < 0 || disk->root < 0)
		return error_errno(POLYTON_ERROR_READ, errno, "the sysroot %s", sysroot ? sysroot : "/");
	const char *whole = sysroot ? absolute(disk, sysroot) : "";
	size_t length = whole ? strlen(whole) : 0;
	while (length && whole[length - 1] == '/')
		length--;
	disk->sysroot = whole ? arena_strndup(&disk->arena, whole, length) : NULL;
	return disk->sysroot ? NULL : error_no_memory();
}

struct polyton_error *disk_open(const struct polyton_files *files, struct disk **ret)
{
	struct disk *disk = calloc(1, sizeof(*disk));
	auto_free char *folder = getcwd(NULL, 0);
	if (!disk)
		return error_no_memory();
	disk->root = disk->host = -1;
	memcpy(&disk->files, files, files->size < sizeof(*files) ? files->size : sizeof(*files));
	if (disk->files.program && !disk->files.program[0])
		disk->files.program = NULL;
	disk->folder = arena_strdup(&disk->arena, folder && strcmp(folder, "/") != 0 ? folder : "");
	struct polyton_error *error = !disk->folder ? error_no_memory()
				      : !disk->files.program && !disk->files.plugin_count
					      ? error_create(POLYTON_ERROR_ARGUMENT, "there are no files to look at")
					      : open_roots(disk);
	if (error) {
		disk_close(disk);
		return error;
	}
	*ret = disk;
	return NULL;
}

void disk_close(struct disk *disk)
{
	if (!disk)
		return;
	if (disk->root >= 0)
		close(disk->root);
	if (disk->host >= 0)
		close(disk->host);
	arena_deinit(&disk->arena);
	free(disk);
}

int disk_open_place(const struct disk *disk, const struct search_place *place)
{
	return root_open(place->is_outside ? disk->host : disk->root, place->path);
}

int disk_open_path(void *state, const char *path)
{
	const struct disk *disk = state;
	char whole[DISK_MAX_PATH];
	if (path[0] != '/') {
		int length = snprintf(whole, sizeof(whole), "%s/%s", disk->folder, path);
		if (length < 0 || (size_t)length >= sizeof(whole)) {
			errno = ENAMETOOLONG;
			return -1;
		}
		path = whole;
	}
	int fd = root_open(disk->root, path);
	return fd < 0 && disk->sysroot[0] ? root_open(disk->host, path) : fd;
}

struct search_place disk_place(struct disk *disk, const char *path)
{
	const char *whole = absolute(disk, path);
	size_t length = strlen(disk->sysroot);
	if (!whole || !length)
		return (struct search_place){ whole, false };
	if (strncmp(whole, disk->sysroot, length) == 0 && whole[length] == '/')
		return (struct search_place){ whole + length, false };
	return (struct search_place){ whole, true };
}

const char *disk_show(const struct disk *disk, const struct search_place *place, struct arena *arena)
{
	size_t length = strlen(disk->folder);
	bool is_here = !disk->sysroot[0] || place->is_outside;
	if (is_here && length && strncmp(place->path, disk->folder, length) == 0 && place->path[length] == '/')
		return arena_strdup(arena, place->path + length + 1);
	return arena_strdup(arena, place->path);
}
