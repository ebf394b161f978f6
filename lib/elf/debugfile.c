// A debug file of another build gives wrong names with full confidence, so one is accepted only when its build
// id is the object's, or, for objects without one, when its CRC is the one in the debug link.

#include "elf/debugfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

enum { DEBUGFILE_PATH_MAX = 4096 };

static const char system_dir[] = "/usr/lib/debug";

struct wanted {
	const struct elf_debug_search *search;
	const uint8_t *id;
	uint32_t id_size; // 0: the CRC decides
	bool has_crc;
	uint32_t crc;
	struct polyton_error *damage; // the first candidate that could not be read
};

static bool is_match(const struct wanted *wanted, const struct elf_file *found)
{
	if (wanted->id_size)
		return found->build_id_size == wanted->id_size &&
		       memcmp(found->build_id, wanted->id, wanted->id_size) == 0;
	// .gnu_debuglink's CRC is zlib's CRC-32 over the whole file.
	return wanted->has_crc && crc32_z(0, found->map, found->size) == wanted->crc;
}

static struct polyton_error *try_fd(struct wanted *wanted, int fd, const char *path, struct elf_file **ret)
{
	struct elf_file *found;
	auto_close int kept = fd;
	if (kept < 0)
		return NULL;
	struct polyton_error *error = elf_file_open(kept, path, &found);
	if (error && polyton_error_code(error) == POLYTON_ERROR_MEMORY)
		return error;
	if (error) { // the next place may have a good one
		if (wanted->damage)
			polyton_error_destroy(error);
		else
			wanted->damage = error;
		return NULL;
	}
	if (!is_match(wanted, found)) {
		elf_file_close(found);
		return NULL;
	}
	error = elf_file_keep_open(found, kept);
	if (error)
		elf_file_close(found);
	else
		*ret = found;
	return error;
}

// A path on the subject's side.
static struct polyton_error *try_subject(struct wanted *wanted, const char *path, struct elf_file **ret)
{
	if (*ret || !wanted->search->open)
		return NULL;
	return try_fd(wanted, wanted->search->open(wanted->search->arg, path), path, ret);
}

static int open_regular(const char *path)
{
	struct stat facts;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd >= 0 && (fstat(fd, &facts) || !S_ISREG(facts.st_mode))) {
		close(fd);
		return -1;
	}
	return fd;
}

// A path below each folder of the inspector's side, until one has the file. @p tail begins with "/".
static struct polyton_error *try_own(struct wanted *wanted, const char *tail, struct elf_file **ret)
{
	char path[DEBUGFILE_PATH_MAX];
	struct polyton_error *error = NULL;
	for (const char *const *dir = wanted->search->debug_dirs; !error && !*ret && dir && *dir; dir++) {
		if (snprintf(path, sizeof(path), "%s%s", *dir, tail) < (int)sizeof(path))
			error = try_fd(wanted, open_regular(path), path, ret);
	}
	return error;
}

// "/.build-id/xx/rest.debug"
struct id_tail {
	char text[2 * ELF_BUILD_ID_MAX + 32];
};

static bool spell_id(const struct wanted *wanted, struct id_tail *ret)
{
	size_t used = (size_t)snprintf(ret->text, sizeof(ret->text), "/.build-id/");
	if (wanted->id_size < 2 || wanted->id_size > ELF_BUILD_ID_MAX)
		return false;
	for (uint32_t i = 0; i < wanted->id_size; i++)
		used += (size_t)snprintf(ret->text + used, sizeof(ret->text) - used, i == 1 ? "/%02x" : "%02x",
					 wanted->id[i]);
	snprintf(ret->text + used, sizeof(ret->text) - used, ".debug");
	return true;
}

static struct polyton_error *try_system(struct wanted *wanted, const struct id_tail *tail, struct elf_file **ret)
{
	char path[sizeof(system_dir) + sizeof(tail->text)];
	snprintf(path, sizeof(path), "%s%s", system_dir, tail->text);
	return try_subject(wanted, path, ret);
}

static struct polyton_error *by_build_id(struct wanted *wanted, struct elf_file **ret)
{
	struct id_tail tail;
	if (!spell_id(wanted, &tail))
		return NULL;
	struct polyton_error *error = try_own(wanted, tail.text, ret);
	return error ? error : try_system(wanted, &tail, ret);
}

// Of a path's folder, without the "/" behind it.
static int folder_length(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? (int)(slash - path) : 0;
}

// ".gnu_debuglink": a file name, padding to 4, the CRC.
static bool read_link(const struct elf_file *file, char *name, size_t size, uint32_t *crc_ret)
{
	const struct elf_section *section = elf_file_section(file, ".gnu_debuglink");
	if (!section || section->header.sh_type == SHT_NOBITS || section->header.sh_offset > file->size ||
	    section->header.sh_size > file->size - section->header.sh_offset)
		return false;
	const char *content = (const char *)file->map + section->header.sh_offset;
	size_t length = strnlen(content, section->header.sh_size), padded = (length + 4) & ~(size_t)3;
	if (!length || length >= size || padded + sizeof(*crc_ret) > section->header.sh_size ||
	    memchr(content, '/', length))
		return false;
	memcpy(name, content, length + 1);
	memcpy(crc_ret, content + padded, sizeof(*crc_ret));
	return true;
}

static struct polyton_error *by_link(struct wanted *wanted, const struct elf_file *file, const char *object_path,
				     struct elf_file **ret)
{
	char name[1 + 255] = "/", path[DEBUGFILE_PATH_MAX];
	int dir = folder_length(object_path);
	if (*ret || !read_link(file, name + 1, sizeof(name) - 1, &wanted->crc))
		return NULL;
	wanted->has_crc = true;

	struct polyton_error *error = NULL;
	static const char *const beside[] = { "", "/.debug" };
	for (size_t i = 0; !error && i < sizeof(beside) / sizeof(beside[0]); i++) {
		int length = snprintf(path, sizeof(path), "%.*s%s%s", dir, object_path, beside[i], name);
		if (length < (int)sizeof(path) && strcmp(path, object_path) != 0)
			error = try_subject(wanted, path, ret);
	}
	if (!error)
		error = try_own(wanted, name, ret);
	if (!error &&
	    snprintf(path, sizeof(path), "%s%.*s%s", system_dir, dir, object_path, name) < (int)sizeof(path))
		error = try_subject(wanted, path, ret);
	return error;
}

struct polyton_error *debugfile_find(const struct elf_file *file, const char *path,
				     const struct elf_debug_search *search, struct elf_file **ret)
{
	struct wanted wanted = { .search = search, .id = file->build_id, .id_size = file->build_id_size };
	struct elf_file *found = NULL;
	struct polyton_error *error = by_build_id(&wanted, &found);
	if (!error)
		error = by_link(&wanted, file, path, &found);
	if (!error && !found)
		error = take_pointer(wanted.damage);
	polyton_error_destroy(wanted.damage);
	if (error) {
		elf_file_close(found);
		return error;
	}
	*ret = found;
	return NULL;
}

// "/a/./b/../c" becomes "/a/c": by its letters alone, and never above "/".
static void straighten(char *path)
{
	size_t used = 0;
	for (char *part = path, *end; *part; part = end) {
		part += strspn(part, "/");
		end = part + strcspn(part, "/");
		size_t length = (size_t)(end - part);
		if (length == 2 && memcmp(part, "..", 2) == 0) {
			while (used && path[--used] != '/')
				;
		} else if (length && !(length == 1 && *part == '.')) {
			path[used++] = '/';
			memmove(path + used, part, length);
			used += length;
		}
	}
	path[used] = '\0';
}

static const char *below(const char *path, const char *dir)
{
	size_t length = strlen(dir);
	while (length && dir[length - 1] == '/')
		length--;
	return strncmp(path, dir, length) == 0 && path[length] == '/' ? path + length : NULL;
}

// From a file in one of the folders, which may be a link to another place in it, to one that is in there, too.
static struct polyton_error *from_own(struct wanted *wanted, const struct elf_common_wanted *common,
				      struct elf_file **ret)
{
	char path[DEBUGFILE_PATH_MAX];
	struct polyton_error *error = NULL;
	for (const char *const *dir = wanted->search->debug_dirs; !error && !*ret && dir && *dir; dir++) {
		if (!below(common->from, *dir))
			continue;
		auto_free char *from = realpath(common->from, NULL);
		auto_free char *root = realpath(*dir, NULL);
		if (!from || !root ||
		    snprintf(path, sizeof(path), "%.*s/%s", folder_length(from), from, common->name) >=
			    (int)sizeof(path))
			continue;
		straighten(path);
		if (below(path, root))
			error = try_fd(wanted, open_regular(path), path, ret);
	}
	return error;
}

// A folder may be what /usr/lib/debug is elsewhere, or hold a whole file system.
static struct polyton_error *by_path_below(struct wanted *wanted, char *path, struct elf_file **ret)
{
	straighten(path);
	const char *tail = below(path, system_dir);
	struct polyton_error *error = tail ? try_own(wanted, tail, ret) : NULL;
	return error || *ret ? error : try_own(wanted, path, ret);
}

static struct polyton_error *find_common(struct wanted *wanted, const struct elf_common_wanted *common,
					 struct elf_file **ret)
{
	char path[DEBUGFILE_PATH_MAX];
	struct id_tail tail;
	bool has_id = spell_id(wanted, &tail), is_absolute = common->name[0] == '/';
	int length = snprintf(path, sizeof(path), "%.*s/%s", is_absolute ? 0 : folder_length(common->from),
			      common->from, common->name);
	bool has_path = length < (int)sizeof(path);
	struct polyton_error *error = has_id ? try_own(wanted, tail.text, ret) : NULL;
	if (!error && has_path)
		error = try_subject(wanted, path, ret);
	if (!error && has_id)
		error = try_system(wanted, &tail, ret);
	if (!error && !*ret && !is_absolute)
		error = from_own(wanted, common, ret);
	return error || *ret || !has_path ? error : by_path_below(wanted, path, ret);
}

int debugfile_open_common(const struct elf_common_wanted *common, const struct elf_debug_search *search)
{
	struct wanted wanted = { .search = search, .id = common->id, .id_size = common->id_size };
	struct elf_file *found = NULL;
	struct polyton_error *error = find_common(&wanted, common, &found);
	int fd = found ? found->fd : -1;
	if (found)
		found->fd = -1;
	elf_file_close(found);
	polyton_error_destroy(error);
	polyton_error_destroy(wanted.damage);
	return fd;
}
