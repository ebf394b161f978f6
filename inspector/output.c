// Standard output can be full, closed or a pipe that nobody reads any more, and a complaint may quote bytes that
// somebody else chose: the name of a file, of a variable, of a process.

#include "output.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

enum {
	OUTPUT_MAX_COLUMNS = 10000,  // beyond that COLUMNS is nonsense
	OUTPUT_DEFAULT_COLUMNS = 80, // of a terminal that does not know its size (a serial line)
	OUTPUT_LINE_MAX = 1 << 12,
	ESCAPE_MAX = 4, // characters that one byte becomes
};

// What has no place of its own on a terminal, but moves or hides what stands beside it (Unicode's Bidi_Control and
// Default_Ignorable in General Punctuation), is as bad as what is not printable.
static bool is_harmless(wchar_t character)
{
	bool is_hidden = (character >= 0x200b && character <= 0x200f) ||
			 (character >= 0x2028 && character <= 0x202e) || (character >= 0x2060 && character <= 0x206f);
	return !is_hidden && iswprint((wint_t)character);
}

// As the locale sees it: what is no printable character becomes \xNN, byte by byte. @p ret has room for that.
static void escape(const char *text, char *ret)
{
	mbstate_t state = { 0 };
	for (size_t left = strlen(text); left;) {
		wchar_t character;
		size_t length = mbrtowc(&character, text, left, &state);
		bool is_valid = length && length <= left;
		if (!is_valid) {
			state = (mbstate_t){ 0 };
			length = 1;
		}
		if (is_valid && is_harmless(character)) {
			ret = mempcpy(ret, text, length);
		} else {
			for (size_t i = 0; i < length; i++)
				ret += snprintf(ret, ESCAPE_MAX + 1, "\\x%02x", (unsigned char)text[i]);
		}
		text += length;
		left -= length;
	}
	*ret = '\0';
}

static void write_fully(struct output *output, const char *bytes, size_t count)
{
	while (count && !output->error) {
		ssize_t written = write(output->fd, bytes, count);
		if (written >= 0) {
			bytes += written;
			count -= (size_t)written;
		} else if (errno == EAGAIN) {
			// Somebody else set the shared pipe or terminal to non-blocking.
			struct pollfd wait = { output->fd, POLLOUT, 0 };
			poll(&wait, 1, -1);
		} else if (errno != EINTR) {
			output->error = errno;
		}
	}
}

void output_flush(struct output *output)
{
	write_fully(output, output->bytes, output->used);
	output->used = 0;
}

int output_write(void *state, const char *bytes, size_t count)
{
	struct output *output = state;
	if (count > sizeof(output->bytes) - output->used)
		output_flush(output);
	if (count > sizeof(output->bytes)) {
		write_fully(output, bytes, count);
	} else {
		memcpy(output->bytes + output->used, bytes, count);
		output->used += count;
	}
	return output->error;
}

void output_print(struct output *output, const char *format, ...)
{
	char line[OUTPUT_LINE_MAX];
	va_list args;
	va_start(args, format);
	int length = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (length > 0)
		output_write(output, line, (size_t)length < sizeof(line) ? (size_t)length : sizeof(line) - 1);
}

void output_escaped(struct output *output, const char *text)
{
	char *escaped = malloc(ESCAPE_MAX * strlen(text) + 1);
	if (!escaped) {
		output->error = output->error ? output->error : ENOMEM;
		return;
	}
	escape(text, escaped);
	output_write(output, escaped, strlen(escaped));
	free(escaped);
}

bool output_finish(struct output *output)
{
	output_flush(output);
	// Some file systems tell of a failed write only now.
	if (output->fd != STDERR_FILENO && close(output->fd) && !output->error)
		output->error = errno;
	if (!output->error || output->error == EPIPE)
		return true;
	complain("cannot write to standard %s: %s", output->fd == STDERR_FILENO ? "error" : "output",
		 strerror(output->error));
	return false;
}

uint32_t output_columns(const struct output *output)
{
	struct winsize size = { 0 };
	if (!isatty(output->fd))
		return 0;
	const char *wish = getenv("COLUMNS");
	char *end;
	unsigned long columns = wish && wish[0] >= '0' && wish[0] <= '9' ? strtoul(wish, &end, 10) : 0;
	if (columns && !*end && columns <= OUTPUT_MAX_COLUMNS)
		return (uint32_t)columns;
	if (ioctl(output->fd, TIOCGWINSZ, &size) == 0 && size.ws_col)
		return size.ws_col;
	return OUTPUT_DEFAULT_COLUMNS;
}

bool output_has_color(const struct output *output)
{
	const char *terminal = getenv("TERM"), *no_color = getenv("NO_COLOR");
	return isatty(output->fd) && !(no_color && no_color[0]) && terminal && terminal[0] &&
	       strcmp(terminal, "dumb") != 0;
}

// A program that draws on the terminal shows them in its own way.
static struct {
	void (*take)(void *arg, const char *line);
	void *arg;
} complaints;

void complain_to(void (*take)(void *arg, const char *line), void *arg)
{
	complaints.take = take;
	complaints.arg = arg;
}

void complain(const char *format, ...)
{
	char *message = NULL, *line = NULL;
	va_list args;
	va_start(args, format);
	if (vasprintf(&message, format, args) < 0)
		message = NULL;
	va_end(args);
	if (message)
		line = malloc(ESCAPE_MAX * strlen(message) + 1);
	if (line)
		escape(message, line);
	if (complaints.take) {
		complaints.take(complaints.arg, line ? line : "out of memory");
		free(line);
		free(message);
		return;
	}
	// Nothing can be done about a standard error that takes nothing: the exit code still tells.
	(void)!dprintf(STDERR_FILENO, "polyton: %s\n", line ? line : "out of memory");
	free(line);
	free(message);
}
