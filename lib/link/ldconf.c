// Source: glibc elf/ldconfig.c (parse_conf, parse_conf_include). "hwcap" lines mean nothing since 2.33, and "=TYPE"
// behind a folder nothing since libc5.

#include "link/ldconf.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>

#include "target/root.h"

enum {
	LDCONF_MAX_DEPTH = 8,
	LDCONF_MAX_FILES = 4096, // included ones, all in all
	LDCONF_MAX_SIZE = 1 << 20,
	LDCONF_MAX_FOLDERS = 4096,
};

struct reader {
	int root;
	struct ldconf *conf;
	unsigned files;
};

char *ldconf_read_file(int root, const char *path, size_t limit, size_t *size_ret)
{
	struct stat facts;
	auto_close int fd = root_open(root, path);
	if (fd < 0 || fstat(fd, &facts))
		return NULL;
	if (facts.st_size < 0 || (uint64_t)facts.st_size > limit) {
		errno = EFBIG;
		return NULL;
	}
	size_t size = (size_t)facts.st_size, have = 0;
	auto_free char *bytes = malloc(size + 1);
	while (bytes && have < size) {
		ssize_t got = pread(fd, bytes + have, size - have, (off_t)have);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		have += (size_t)got;
	}
	if (!bytes)
		return NULL;
	bytes[have] = '\0';
	*size_ret = have;
	return take_pointer(bytes);
}

static struct polyton_error *add_folder(struct reader *reader, const char *name, size_t length)
{
	if (name[0] != '/' || reader->conf->folders.count == LDCONF_MAX_FOLDERS)
		return NULL;
	while (length > 1 && strchr("/ \t\r\f\v", name[length - 1]))
		length--;
	const char *folder = arena_strndup(&reader->conf->arena, name, length);
	const char **place = folder ? vec_push(&reader->conf->folders) : NULL;
	if (!place)
		return error_no_memory();
	*place = folder;
	return NULL;
}

typedef vec_of(const char *) names;

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

// What glob(3) would find, with wildcards in the last part only: that is how it is used.
static struct polyton_error *list_matches(struct reader *reader, const char *pattern, names *ret)
{
	const char *slash = strrchr(pattern, '/');
	const char *folder = arena_strndup(&reader->conf->arena, pattern, (size_t)(slash - pattern) + 1);
	int fd = folder ? root_open_folder(reader->root, folder) : -1;
	DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
	struct polyton_error *error = folder ? NULL : error_no_memory();
	if (!stream && fd >= 0)
		close(fd);
	for (struct dirent *entry; !error && stream && (entry = readdir(stream));) {
		if (fnmatch(slash + 1, entry->d_name, FNM_PERIOD) != 0)
			continue;
		const char *path = arena_printf(&reader->conf->arena, "%s%s", folder, entry->d_name);
		const char **place = path && ret->count < LDCONF_MAX_FILES ? vec_push(ret) : NULL;
		if (place)
			*place = path;
		else if (!path)
			error = error_no_memory();
	}
	if (stream)
		closedir(stream);
	if (ret->count)
		qsort(ret->items, ret->count, sizeof(*ret->items), compare_names);
	return error;
}

static struct polyton_error *read_conf(struct reader *reader, const char *path, unsigned depth);

static struct polyton_error *include(struct reader *reader, const char *from, const char *pattern, unsigned depth)
{
	names found = { 0 };
	if (pattern[0] != '/') {
		const char *slash = strrchr(from, '/');
		pattern = arena_printf(&reader->conf->arena, "%.*s/%s", (int)(slash - from), from, pattern);
		if (!pattern)
			return error_no_memory();
	}
	struct polyton_error *error = list_matches(reader, pattern, &found);
	for (size_t i = 0; !error && i < found.count; i++)
		error = read_conf(reader, found.items[i], depth + 1);
	vec_deinit(&found);
	return error;
}

static struct polyton_error *read_line(struct reader *reader, const char *path, char *line, unsigned depth)
{
	static const char blank[] = " \t\r\f\v";
	line[strcspn(line, "#")] = '\0';
	line += strspn(line, blank);
	size_t length = strlen(line);
	while (length && strchr(blank, line[length - 1]))
		line[--length] = '\0';
	if (strncmp(line, "include", 7) == 0 && line[7] && strchr(blank, line[7])) {
		char *state = NULL;
		struct polyton_error *error = NULL;
		for (char *word = strtok_r(line + 8, blank, &state); !error && word;
		     word = strtok_r(NULL, blank, &state))
			error = include(reader, path, word, depth);
		return error;
	}
	return add_folder(reader, line, strcspn(line, "="));
}

// Bounded by LDCONF_MAX_DEPTH, whatever includes whatever.
static struct polyton_error *read_conf(struct reader *reader, const char *path, unsigned depth)
{
	size_t size;
	if (depth > LDCONF_MAX_DEPTH || reader->files++ == LDCONF_MAX_FILES)
		return NULL;
	auto_free char *text = ldconf_read_file(reader->root, path, LDCONF_MAX_SIZE, &size);
	struct polyton_error *error = NULL;
	char *state = NULL;
	for (char *line = text ? strtok_r(text, "\n", &state) : NULL; !error && line;
	     line = strtok_r(NULL, "\n", &state))
		error = read_line(reader, path, line, depth);
	return error;
}

struct polyton_error *ldconf_read(int root, struct ldconf *ret)
{
	struct ldconf conf = { 0 };
	struct reader reader = { .root = root, .conf = &conf };
	struct polyton_error *error = read_conf(&reader, "/etc/ld.so.conf", 0);
	if (error) {
		ldconf_deinit(&conf);
		return error;
	}
	*ret = conf;
	return NULL;
}

void ldconf_deinit(struct ldconf *conf)
{
	vec_deinit(&conf->folders);
	arena_deinit(&conf->arena);
}
