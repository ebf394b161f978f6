// Whoever waits for a report must never find half of one: it is written beside its place and put there when it is
// whole. What is there already may be a FIFO or a device, which is written to; a link, whose target is replaced; or the
// very file that standard output goes to, which is not replaced while it is in use.

#include "sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output.h"

static const struct {
	const char *extension;
	enum polyton_format format;
} extensions[] = {
	{ ".txt", POLYTON_FORMAT_TEXT },  { ".sarif.json", POLYTON_FORMAT_SARIF },
	{ ".json", POLYTON_FORMAT_JSON }, { ".sarif", POLYTON_FORMAT_SARIF },
	{ ".xml", POLYTON_FORMAT_JUNIT }, { ".md", POLYTON_FORMAT_MARKDOWN },
	{ ".html", POLYTON_FORMAT_HTML }, { ".htm", POLYTON_FORMAT_HTML },
	{ ".dot", POLYTON_FORMAT_DOT },
};

/** What is being written. */
struct writing {
	int fd;
	char *target;    ///< Owned; what is replaced, NULL if it is written directly.
	char *temporary; ///< Owned; beside it.
};

static bool take_prefix(const char *word, const char *const *formats, struct sink *ret)
{
	size_t length = strcspn(word, ":");
	for (int i = 0; word[length] && formats[i]; i++) {
		if (strlen(formats[i]) == length && strncmp(formats[i], word, length) == 0) {
			*ret = (struct sink){ word + length + 1, (enum polyton_format)i };
			return true;
		}
	}
	return false;
}

static bool take_extension(const char *path, struct sink *ret)
{
	size_t length = strlen(path);
	for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++) {
		size_t size = strlen(extensions[i].extension);
		if (length > size && strcmp(path + length - size, extensions[i].extension) == 0) {
			*ret = (struct sink){ path, extensions[i].format };
			return true;
		}
	}
	return false;
}

bool sink_parse(const char *word, const char *const *formats, struct sink *ret)
{
	bool is_good = take_prefix(word, formats, ret) || take_extension(word, ret);
	if (!is_good)
		complain("--output '%s': its name does not tell the format; use FORMAT:FILE", word);
	else if (!ret->path[0])
		complain("--output '%s': the name of the file is missing", word);
	return is_good && ret->path[0];
}

static bool refuse(const struct sink *file, int reason)
{
	complain("cannot write '%s': %s", file->path, strerror(reason));
	return false;
}

// "." for a name without a folder.
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return !slash ? strdup(".") : slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

bool sink_check(const struct sink *file)
{
	struct stat facts;
	if (stat(file->path, &facts) == 0) {
		if (S_ISDIR(facts.st_mode))
			return refuse(file, EISDIR);
		return access(file->path, W_OK) ? refuse(file, errno) : true;
	}
	if (errno != ENOENT)
		return refuse(file, errno);
	char *folder = folder_of(file->path);
	bool is_good = folder && access(folder, W_OK | X_OK) == 0;
	int reason = errno;
	free(folder);
	return is_good || refuse(file, reason);
}

// Whether there is something that must not be replaced by another file.
static bool is_direct(const struct stat *facts)
{
	struct stat standard;
	if (!S_ISREG(facts->st_mode))
		return true;
	return fstat(STDOUT_FILENO, &standard) == 0 && standard.st_dev == facts->st_dev &&
	       standard.st_ino == facts->st_ino;
}

// As if open(2) had made it.
static mode_t new_mode(void)
{
	mode_t mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

// 0, or the reason why not.
static int begin_beside(const char *path, const struct stat *facts, struct writing *ret)
{
	// The target of a link; a link that leads nowhere is itself replaced.
	char *target = facts ? realpath(path, NULL) : strdup(path);
	char *temporary = NULL;
	if (target && asprintf(&temporary, "%s.XXXXXX", target) < 0)
		temporary = NULL;
	int fd = temporary ? mkostemp(temporary, O_CLOEXEC) : -1;
	int reason = fd < 0 ? errno : fchmod(fd, facts ? facts->st_mode & 0777 : new_mode()) ? errno : 0;
	if (!reason) {
		*ret = (struct writing){ fd, target, temporary };
		return 0;
	}
	if (fd >= 0) {
		close(fd);
		unlink(temporary);
	}
	free(target);
	free(temporary);
	return reason;
}

static int begin(const char *path, struct writing *ret)
{
	struct stat facts;
	bool is_there = stat(path, &facts) == 0;
	if (!is_there || !is_direct(&facts)) {
		int reason = begin_beside(path, is_there ? &facts : NULL, ret);
		// The folder may be closed to us, and the file in it not.
		if (!reason || !is_there || (reason != EACCES && reason != EROFS && reason != EPERM))
			return reason;
	}
	bool is_own = S_ISREG(facts.st_mode) && !is_direct(&facts);
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | (is_own ? O_TRUNC : O_APPEND));
	*ret = (struct writing){ fd, NULL, NULL };
	return fd < 0 ? errno : 0;
}

static int put(void *state, const char *bytes, size_t count)
{
	const struct writing *writing = state;
	while (count) {
		ssize_t written = write(writing->fd, bytes, count);
		if (written < 0 && errno != EINTR)
			return errno;
		bytes += written > 0 ? written : 0;
		count -= written > 0 ? (size_t)written : 0;
	}
	return 0;
}

// Put it in its place if @p reason is 0. 0, or the reason why that failed.
static int end(struct writing *writing, int reason)
{
	if (close(writing->fd) && !reason)
		reason = errno;
	if (writing->target && !reason && rename(writing->temporary, writing->target))
		reason = errno;
	if (writing->target && reason)
		unlink(writing->temporary);
	free(writing->target);
	free(writing->temporary);
	return reason;
}

bool sink_write(const struct sink *file, const struct polyton_snapshot *snapshot,
		struct polyton_write_options options)
{
	struct writing writing;
	int reason = begin(file->path, &writing);
	if (reason)
		return refuse(file, reason);
	options.format = file->format;
	options.columns = 0;
	options.use_color = false;
	struct polyton_error *error = polyton_snapshot_write(snapshot, &options, put, &writing);
	reason = end(&writing, error ? ECANCELED : 0);
	if (error)
		complain("cannot write '%s': %s", file->path, polyton_error_message(error));
	polyton_error_destroy(error);
	return error ? false : !reason || refuse(file, reason);
}

bool sink_put(const struct sink *file, const char *bytes, size_t count)
{
	struct writing writing;
	int reason = begin(file->path, &writing);
	if (!reason)
		reason = end(&writing, put(&writing, bytes, count));
	return !reason || refuse(file, reason);
}
