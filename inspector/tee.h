/** Between a program and where its output goes, to see the lines of it: for `polyton run --when` only. */
#ifndef INSPECTOR_TEE_H
#define INSPECTOR_TEE_H

#include <poll.h>
#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

enum { TEE_STREAMS = 2, TEE_LINE_MAX = 1 << 16 };

/** One way out: standard output or error, or both where they are one. */
struct tee_stream {
	int from;  ///< What the program writes comes from here; -1 when that is over.
	int to;    ///< STDOUT_FILENO or STDERR_FILENO.
	int child; ///< The program's end, until it has it.
	bool is_terminal;
	bool is_cut; ///< The line is longer than what is kept of it.
	size_t used;
	char line[TEE_LINE_MAX];
};

/** Zero-initialise. */
struct tee {
	struct tee_stream streams[TEE_STREAMS];
	int count;
	int stream_of[TEE_STREAMS]; ///< Of standard output, of standard error.
	const regex_t *pattern;
	bool has_match; ///< A line was like the pattern.
};

/** Make pipes, or pseudo-terminals where the output is a terminal. False, with a complaint, if that fails. */
bool tee_open(struct tee *tee, const regex_t *pattern);
/** In the child: 0 or an errno. */
int tee_attach(const struct tee *tee);
/** In the parent, when the program has its ends. */
void tee_started(struct tee *tee);
/** Fill @p fds, which has room for TEE_STREAMS; returns how many. */
size_t tee_list(const struct tee *tee, struct pollfd *fds);
/** Pass on what there is without waiting for more. */
void tee_pump(struct tee *tee);
/** The terminal has another size. */
void tee_resize(const struct tee *tee);
void tee_close(struct tee *tee);

#endif
