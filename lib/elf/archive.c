// Every number is text in a field of fixed width; a member begins where the one before it says, so a damaged one ends
// the list.

#include "elf/archive.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

static const char magic[] = "!<arch>\n";

enum {
	HEADER_SIZE = 60, // struct ar_hdr
	SIZE_AT = 48,
	SIZE_DIGITS = 10,
	END_AT = 58,
};

bool archive_is_one(const uint8_t bytes[ARCHIVE_MAGIC])
{
	return memcmp(bytes, magic, ARCHIVE_MAGIC) == 0;
}

struct polyton_error *archive_open(int fd, const char *path, struct archive *ret)
{
	struct stat facts;
	if (fstat(fd, &facts))
		return error_errno(POLYTON_ERROR_READ, errno, "%s", path);
	if (facts.st_size <= 0)
		return error_create(POLYTON_ERROR_UNSUPPORTED, "%s is empty", path);
	void *map = mmap(NULL, (size_t)facts.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return error_errno(POLYTON_ERROR_READ, errno, "%s", path);
	struct archive archive = { .map = map, .size = (size_t)facts.st_size };
	archive.is_single = archive.size < ARCHIVE_MAGIC || !archive_is_one(archive.map);
	archive.at = archive.is_single ? 0 : ARCHIVE_MAGIC;
	*ret = archive;
	return NULL;
}

void archive_close(struct archive *archive)
{
	if (archive->map)
		munmap((void *)archive->map, archive->size);
	*archive = (struct archive){ 0 };
}

static bool read_size(const uint8_t *digits, size_t *ret)
{
	size_t size = 0, count = 0;
	for (; count < SIZE_DIGITS && digits[count] >= '0' && digits[count] <= '9'; count++)
		size = 10 * size + (size_t)(digits[count] - '0');
	*ret = size;
	return count > 0;
}

// GNU's and System V's tables are members, too: their names begin with a slash and a space, a slash, or a letter.
static bool is_table(const uint8_t *name)
{
	return name[0] == '/' && (name[1] == ' ' || name[1] == '/' || name[1] == 'S');
}

bool archive_next(struct archive *archive, struct archive_member *ret)
{
	if (archive->is_single) {
		*ret = (struct archive_member){ archive->map, archive->size };
		return archive->at++ == 0;
	}
	while (archive->at <= archive->size && archive->size - archive->at >= HEADER_SIZE) {
		const uint8_t *header = archive->map + archive->at;
		size_t size, start = archive->at + HEADER_SIZE;
		if (memcmp(header + END_AT, "`\n", 2) != 0 || !read_size(header + SIZE_AT, &size) ||
		    size > archive->size - start)
			return false;
		archive->at = start + size + size % 2;
		if (is_table(header))
			continue;
		*ret = (struct archive_member){ archive->map + start, size };
		return true;
	}
	return false;
}
