// A folder may hold anything: FIFOs and devices that must not be opened, files that nobody may read, links in circles,
// and far more files than anybody wants to wait for.

#include "target/folder.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/spread.h"
#include "target/root.h"

enum {
	FOLDER_MAX_DEPTH = 64,
	FOLDER_MAX_FILES = 1 << 20,
	FOLDER_FILES = 32, // that are worth a thread of their own
};

/** A name in a folder that may be an object's. */
struct found {
	const char *path;
	uint64_t device, inode; ///< Once it was looked at.
	bool is_link;
	bool is_object, is_unread; ///< It begins as ELF files do; or it could not be looked at.
};

struct walk {
	int root;
	struct folder_files *files;
	vec_of(struct found) found;
	size_t seen;
};

/** A folder that is being listed. */
struct level {
	DIR *stream;
	const char *path;
};

static struct polyton_error *note_unread(struct walk *walk, const char *path)
{
	const char **place = vec_push(&walk->files->unread);
	if (!place)
		return error_no_memory();
	*place = path;
	return NULL;
}

// Whether it begins as ELF files do; the descriptor decides what it is, whatever the name stood for before.
static struct polyton_error *look(void *arg, size_t number)
{
	const struct walk *walk = arg;
	struct found *found = &walk->found.items[number];
	char magic[SELFMAG];
	struct stat facts;
	if (found->is_link && !root_is_regular(walk->root, found->path))
		return NULL;
	auto_close int fd = root_open(walk->root, found->path);
	found->is_unread = fd < 0 && errno != ENOENT && errno != ELOOP && errno != EINVAL;
	if (fd < 0 || fstat(fd, &facts) || pread(fd, magic, SELFMAG, 0) != SELFMAG ||
	    memcmp(magic, ELFMAG, SELFMAG) != 0)
		return NULL;
	found->is_object = true;
	found->device = facts.st_dev;
	found->inode = facts.st_ino;
	return NULL;
}

// What is left are the objects.
static struct polyton_error *look_at_all(struct walk *walk)
{
	size_t kept = 0;
	struct polyton_error *error = spread_over(walk->found.count, FOLDER_FILES, look, walk);
	for (size_t i = 0; !error && i < walk->found.count; i++) {
		const struct found *found = &walk->found.items[i];
		if (found->is_unread)
			error = note_unread(walk, found->path);
		if (found->is_object)
			walk->found.items[kept++] = *found;
	}
	walk->found.count = kept;
	return error;
}

static struct polyton_error *enter(struct walk *walk, int fd, const char *path, struct level *levels, size_t *depth)
{
	DIR *stream = fd < 0 || *depth == FOLDER_MAX_DEPTH ? NULL : fdopendir(fd);
	if (!stream) {
		if (fd >= 0)
			close(fd);
		return note_unread(walk, path);
	}
	levels[(*depth)++] = (struct level){ stream, path };
	return NULL;
}

static struct polyton_error *visit(struct walk *walk, const struct dirent *entry, struct level *levels, size_t *depth)
{
	const struct level *level = &levels[*depth - 1];
	int folder = dirfd(level->stream);
	struct stat facts;
	if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
		return NULL;
	if (walk->seen++ == FOLDER_MAX_FILES) {
		walk->files->is_cut = true;
		return NULL;
	}
	const char *path = arena_printf(&walk->files->arena, "%s/%s", level->path, entry->d_name);
	if (!path)
		return error_no_memory();
	unsigned type = entry->d_type;
	if (type == DT_UNKNOWN && fstatat(folder, entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) == 0)
		type = IFTODT(facts.st_mode);
	if (type == DT_DIR)
		return enter(walk, openat(folder, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
			     path, levels, depth);
	if (type != DT_REG && type != DT_LNK)
		return NULL;
	struct found *found = vec_push(&walk->found);
	if (!found)
		return error_no_memory();
	*found = (struct found){ .path = path, .is_link = type == DT_LNK };
	return NULL;
}

static struct polyton_error *walk_folder(struct walk *walk, int root, const char *path)
{
	struct level levels[FOLDER_MAX_DEPTH];
	size_t depth = 0;
	struct polyton_error *error = enter(walk, root_open_folder(root, path), path, levels, &depth);
	while (!error && depth && !walk->files->is_cut) {
		errno = 0;
		const struct dirent *entry = readdir(levels[depth - 1].stream);
		if (entry)
			error = visit(walk, entry, levels, &depth);
		else
			closedir(levels[--depth].stream);
	}
	while (depth)
		closedir(levels[--depth].stream);
	return error;
}

// Its own name before those that links give it; then by path.
static int compare_files(const void *left, const void *right)
{
	const struct found *a = left, *b = right;
	if (a->device != b->device)
		return a->device < b->device ? -1 : 1;
	if (a->inode != b->inode)
		return a->inode < b->inode ? -1 : 1;
	if (a->is_link != b->is_link)
		return a->is_link ? 1 : -1;
	return strcmp(a->path, b->path);
}

static int compare_paths(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static struct polyton_error *keep_each_once(struct walk *walk)
{
	struct folder_files *files = walk->files;
	if (walk->found.count)
		qsort(walk->found.items, walk->found.count, sizeof(*walk->found.items), compare_files);
	for (size_t i = 0; i < walk->found.count; i++) {
		const struct found *found = &walk->found.items[i], *before = found - 1;
		if (i && before->device == found->device && before->inode == found->inode)
			continue;
		const char **place = vec_push(&files->paths);
		if (!place)
			return error_no_memory();
		*place = found->path;
	}
	if (files->paths.count)
		qsort(files->paths.items, files->paths.count, sizeof(*files->paths.items), compare_paths);
	if (files->unread.count)
		qsort(files->unread.items, files->unread.count, sizeof(*files->unread.items), compare_paths);
	return NULL;
}

struct polyton_error *folder_search(int root, const char *path, struct folder_files *ret)
{
	struct folder_files files = { 0 };
	struct walk walk = { .root = root, .files = &files };
	size_t length = strlen(path);
	while (length > 1 && path[length - 1] == '/')
		length--;
	const char *start = arena_strndup(&files.arena, path, length);
	struct polyton_error *error = start ? walk_folder(&walk, root, start) : error_no_memory();
	if (!error)
		error = look_at_all(&walk);
	if (!error)
		error = keep_each_once(&walk);
	vec_deinit(&walk.found);
	if (error) {
		folder_files_deinit(&files);
		return error;
	}
	*ret = files;
	return NULL;
}

void folder_files_deinit(struct folder_files *files)
{
	vec_deinit(&files->paths);
	vec_deinit(&files->unread);
	arena_deinit(&files->arena);
}
