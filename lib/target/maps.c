// /proc/PID/maps in one read and one pass: a process with many threads has tens of thousands of lines.

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "target/live.h"

enum { MAPS_FIRST_READ = 64 * 1024, MAPS_MAX_READ = 1 << 30 };

static struct polyton_error *read_all(int fd, char **ret, size_t *size_ret)
{
	auto_free char *text = NULL;
	size_t size = 0, capacity = 0;
	for (;;) {
		if (capacity - size < MAPS_FIRST_READ / 2) {
			capacity = capacity ? capacity * 2 : MAPS_FIRST_READ;
			char *grown = capacity > MAPS_MAX_READ ? NULL : realloc(text, capacity + 1);
			if (!grown)
				return error_no_memory();
			text = grown;
		}
		ssize_t got = read(fd, text + size, capacity - size);
		if (got < 0)
			return error_errno(POLYTON_ERROR_SYSTEM, errno, "cannot read the process's memory map");
		if (got == 0)
			break;
		size += (size_t)got;
	}
	if (!text)
		return error_no_memory();
	text[size] = '\0';
	*ret = take_pointer(text);
	*size_ret = size;
	return NULL;
}

// strtoull() knows bases, signs and locales, at a price that tens of thousands of lines add up.
static uint64_t parse_hex(char **at)
{
	uint64_t value = 0;
	for (;; ++*at) {
		unsigned digit = (unsigned char)**at;
		digit = digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
		if (digit > 15)
			return value;
		value = value << 4 | digit;
	}
}

// "START-END rwxp OFFSET MAJOR:MINOR INODE   PATH"
static void parse_line(char *line, struct subject_map *ret)
{
	char *at = line;
	ret->start = parse_hex(&at);
	at += *at == '-';
	ret->end = parse_hex(&at);
	at += *at == ' ';
	if (strnlen(at, 6) > 5) {
		ret->is_readable = at[0] == 'r';
		ret->is_writable = at[1] == 'w';
		ret->is_executable = at[2] == 'x';
		at += 5;
	}
	ret->offset = parse_hex(&at);
	at += *at == ' ';
	unsigned major_number = (unsigned)parse_hex(&at);
	at += *at == ':';
	ret->device = makedev(major_number, (unsigned)parse_hex(&at));
	ret->inode = strtoull(at, &at, 10);
	at += strspn(at, " ");
	ret->path = at;

	static const char deleted[] = " (deleted)";
	size_t length = strlen(at), cut = strlen(deleted);
	if (length > cut && strcmp(at + length - cut, deleted) == 0) {
		at[length - cut] = '\0';
		ret->is_deleted = true;
	}
}

struct polyton_error *live_read_maps(const struct live *live, struct subject_maps *ret)
{
	struct subject_maps maps = { 0 };
	size_t size;
	auto_close int fd = openat(live->proc, "maps", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_errno(POLYTON_ERROR_SYSTEM, errno, "cannot open the memory map of process %d",
				   live->pid);
	struct polyton_error *error = read_all(fd, &maps.text, &size);
	for (char *line = maps.text, *end; !error && line && *line; line = end) {
		end = strchrnul(line, '\n');
		if (*end)
			*end++ = '\0';
		struct subject_map map = { 0 };
		parse_line(line, &map);
		struct subject_map *place = map.path[0] ? vec_push(&maps.ranges) : NULL;
		if (place)
			*place = map;
		else if (map.path[0])
			error = error_no_memory();
	}
	if (error) {
		subject_maps_deinit(&maps);
		return error;
	}
	*ret = maps;
	return NULL;
}
