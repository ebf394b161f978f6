// A debug file of another build gives wrong names with full confidence, so one is accepted only when its build
// id is the object's, or, for objects without one, when its CRC is the one in the debug link.

#include "elf/debugfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

enum { DEBUGFILE_PATH_MAX = 4096 };

static const char system_dir[] = "/usr/lib/debug";

struct wanted {
	const struct elf_file *file;
	const struct elf_debug_search *search;
	bool has_crc;
	uint32_t crc;
	struct polyton_error *damage; // the first candidate that could not be read
};

static bool is_match(const struct wanted *wanted, const struct elf_file *found)
{
	if (wanted->file->build_id_size)
		return found->build_id_size == wanted->file->build_id_size &&
		       memcmp(found->build_id, wanted->file->build_id, found->build_id_size) == 0;
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

static struct polyton_error *by_build_id(struct wanted *wanted, struct elf_file **ret)
{
	char tail[2 * ELF_BUILD_ID_MAX + 32] = "/.build-id/";
	char path[DEBUGFILE_PATH_MAX];
	const struct elf_file *file = wanted->file;
	if (file->build_id_size < 2)
		return NULL;
	size_t used = strlen(tail);
	for (uint32_t i = 0; i < file->build_id_size; i++)
		used += (size_t)snprintf(tail + used, sizeof(tail) - used, i == 1 ? "/%02x" : "%02x",
					 file->build_id[i]);
	snprintf(tail + used, sizeof(tail) - used, ".debug");

	struct polyton_error *error = NULL;
	for (const char *const *dir = wanted->search->debug_dirs; !error && !*ret && dir && *dir; dir++) {
		if (snprintf(path, sizeof(path), "%s%s", *dir, tail) < (int)sizeof(path))
			error = try_fd(wanted, open_regular(path), path, ret);
	}
	snprintf(path, sizeof(path), "%s%s", system_dir, tail);
	return error ? error : try_subject(wanted, path, ret);
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

static struct polyton_error *by_link(struct wanted *wanted, const char *object_path, struct elf_file **ret)
{
	char name[256], path[DEBUGFILE_PATH_MAX];
	const char *slash = strrchr(object_path, '/');
	int dir = slash ? (int)(slash - object_path) : 0;
	if (*ret || !read_link(wanted->file, name, sizeof(name), &wanted->crc))
		return NULL;
	wanted->has_crc = true;

	struct polyton_error *error = NULL;
	static const char *const beside[] = { "", ".debug/" };
	for (size_t i = 0; !error && i < sizeof(beside) / sizeof(beside[0]); i++) {
		int length = snprintf(path, sizeof(path), "%.*s/%s%s", dir, object_path, beside[i], name);
		if (length < (int)sizeof(path) && strcmp(path, object_path) != 0)
			error = try_subject(wanted, path, ret);
	}
	for (const char *const *at = wanted->search->debug_dirs; !error && !*ret && at && *at; at++) {
		if (snprintf(path, sizeof(path), "%s/%s", *at, name) < (int)sizeof(path))
			error = try_fd(wanted, open_regular(path), path, ret);
	}
	if (!error &&
	    snprintf(path, sizeof(path), "%s%.*s/%s", system_dir, dir, object_path, name) < (int)sizeof(path))
		error = try_subject(wanted, path, ret);
	return error;
}

struct polyton_error *debugfile_find(const struct elf_file *file, const char *path,
				     const struct elf_debug_search *search, struct elf_file **ret)
{
	struct wanted wanted = { .file = file, .search = search };
	struct elf_file *found = NULL;
	struct polyton_error *error = by_build_id(&wanted, &found);
	if (!error)
		error = by_link(&wanted, path, &found);
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
