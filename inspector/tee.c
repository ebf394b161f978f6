// Nothing of what passes is changed, and nothing waits for a line to be whole. A program that writes to a terminal
// still does, so that it goes on writing line by line and in colours. When nobody reads any more, the program gets to
// know: its next write fails as it would have without us.

#include "tee.h"

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output.h"

enum { TEE_PIECE = 1 << 14, TEE_MAX_PIECES = 64 };

static bool is_same_file(int a, int b)
{
	struct stat left, right;
	return !fstat(a, &left) && !fstat(b, &right) && left.st_dev == right.st_dev && left.st_ino == right.st_ino &&
	       left.st_rdev == right.st_rdev;
}

// A terminal that passes all bytes on as they are: the real one does to them what it does.
static bool open_terminal(int model, int *ends)
{
	struct termios modes;
	struct winsize size;
	bool has_size = ioctl(model, TIOCGWINSZ, &size) == 0;
	if (tcgetattr(model, &modes) || openpty(&ends[0], &ends[1], NULL, NULL, has_size ? &size : NULL))
		return false;
	modes.c_oflag &= ~(tcflag_t)OPOST;
	tcsetattr(ends[1], TCSANOW, &modes);
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	return true;
}

static bool add_stream(struct tee *tee, int fd)
{
	struct tee_stream *stream = &tee->streams[tee->count];
	int ends[2];
	stream->is_terminal = isatty(fd);
	if (stream->is_terminal ? !open_terminal(fd, ends) : pipe2(ends, O_CLOEXEC)) {
		complain("cannot look at the program's output: %s", strerror(errno));
		return false;
	}
	stream->from = ends[0];
	stream->child = ends[1];
	stream->to = fd;
	fcntl(stream->from, F_SETFL, O_NONBLOCK);
	tee->stream_of[fd - STDOUT_FILENO] = tee->count++;
	return true;
}

bool tee_open(struct tee *tee, const regex_t *pattern)
{
	tee->pattern = pattern;
	if (!add_stream(tee, STDOUT_FILENO))
		return false;
	// One pipe for both keeps what is written in its order.
	if (is_same_file(STDOUT_FILENO, STDERR_FILENO)) {
		tee->stream_of[1] = 0;
		return true;
	}
	return add_stream(tee, STDERR_FILENO);
}

int tee_attach(const struct tee *tee)
{
	for (int i = 0; i < TEE_STREAMS; i++) {
		if (dup2(tee->streams[tee->stream_of[i]].child, STDOUT_FILENO + i) < 0)
			return errno;
	}
	return 0;
}

void tee_started(struct tee *tee)
{
	for (int i = 0; i < tee->count; i++) {
		if (tee->streams[i].child >= 0)
			close(tee->streams[i].child);
		tee->streams[i].child = -1;
	}
}

size_t tee_list(const struct tee *tee, struct pollfd *fds)
{
	size_t count = 0;
	for (int i = 0; i < tee->count; i++) {
		if (tee->streams[i].from >= 0)
			fds[count++] = (struct pollfd){ tee->streams[i].from, POLLIN, 0 };
	}
	return count;
}

static void end_line(struct tee *tee, struct tee_stream *stream)
{
	size_t length = stream->used;
	if (length && stream->line[length - 1] == '\r')
		length--;
	stream->line[length] = '\0';
	// A line is matched up to its first NUL.
	if (!tee->has_match && regexec(tee->pattern, stream->line, 0, NULL, 0) == 0)
		tee->has_match = true;
	stream->used = 0;
}

static void look_at(struct tee *tee, struct tee_stream *stream, const char *bytes, size_t count)
{
	while (count && !tee->has_match) {
		const char *newline = memchr(bytes, '\n', count);
		size_t piece = newline ? (size_t)(newline - bytes) : count;
		size_t room = sizeof(stream->line) - 1 - stream->used;
		size_t kept = piece < room ? piece : room;
		memcpy(stream->line + stream->used, bytes, kept);
		stream->used += kept;
		if (newline)
			end_line(tee, stream);
		piece += newline != NULL;
		bytes += piece;
		count -= piece;
	}
}

static void end_stream(struct tee *tee, struct tee_stream *stream)
{
	if (stream->used && !tee->has_match)
		end_line(tee, stream);
	close(stream->from);
	stream->from = -1;
}

static bool pass_on(int to, const char *bytes, size_t count)
{
	while (count) {
		ssize_t written = write(to, bytes, count);
		if (written < 0 && errno == EAGAIN) {
			struct pollfd wait = { to, POLLOUT, 0 };
			poll(&wait, 1, -1);
		} else if (written < 0 && errno != EINTR) {
			return false;
		} else if (written > 0) {
			bytes += written;
			count -= (size_t)written;
		}
	}
	return true;
}

// False when there is nothing more now.
static bool pump_piece(struct tee *tee, struct tee_stream *stream)
{
	char bytes[TEE_PIECE];
	ssize_t got = read(stream->from, bytes, sizeof(bytes));
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return errno == EINTR;
	// A terminal that nobody has open any more reads as EIO.
	if (got <= 0 || !pass_on(stream->to, bytes, (size_t)got)) {
		end_stream(tee, stream);
		return false;
	}
	look_at(tee, stream, bytes, (size_t)got);
	return true;
}

void tee_pump(struct tee *tee)
{
	for (int i = 0; i < tee->count; i++) {
		for (int k = 0; k < TEE_MAX_PIECES && tee->streams[i].from >= 0; k++) {
			if (!pump_piece(tee, &tee->streams[i]))
				break;
		}
	}
}

void tee_resize(const struct tee *tee)
{
	for (int i = 0; i < tee->count; i++) {
		const struct tee_stream *stream = &tee->streams[i];
		struct winsize size;
		if (stream->is_terminal && stream->from >= 0 && ioctl(stream->to, TIOCGWINSZ, &size) == 0)
			ioctl(stream->from, TIOCSWINSZ, &size);
	}
}

void tee_close(struct tee *tee)
{
	tee_started(tee);
	for (int i = 0; i < tee->count; i++) {
		if (tee->streams[i].from >= 0)
			close(tee->streams[i].from);
	}
	tee->count = 0;
}
