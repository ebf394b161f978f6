/** What polyton prints: its results to standard output, complaints to standard error. */
#ifndef INSPECTOR_OUTPUT_H
#define INSPECTOR_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The exit codes of everything that reports. */
enum exit_code {
	EXIT_CLEAN = 0,
	EXIT_FINDINGS = 1,
	EXIT_USAGE = 2,
	EXIT_NOT_SEEN = 3, ///< Could not look, or not fully, or not say what was seen.
};

/** Buffered standard output, or error. Zero it before use; the first failure is kept, nothing is written after it. */
struct output {
	int fd; ///< STDOUT_FILENO or STDERR_FILENO.
	char bytes[1 << 16];
	size_t used;
	int error; ///< errno, 0 while all is well.
};

/** A polyton_write_fn; @p output is a struct output. */
int output_write(void *output, const char *bytes, size_t count);
void output_print(struct output *output, const char *format, ...) __attribute__((__format__(__printf__, 2, 3)));
/** @p text as complain() writes it. */
void output_escaped(struct output *output, const char *text);
/**
 * Write what is still buffered and close it. A reader that has gone away is no error: it has seen
 * what it wanted. Any other failure is complained about; then the answer is false.
 */
bool output_finish(struct output *output);

/** Columns of the terminal that it is written to, 0 if it is none. */
uint32_t output_columns(const struct output *output);
/** It goes to a terminal that shows colours, and the environment does not forbid them. */
bool output_has_color(const struct output *output);
/** Write what is buffered. */
void output_flush(struct output *output);

/** Give complaints to @p take instead of standard error; NULL: no more. */
void complain_to(void (*take)(void *arg, const char *line), void *arg);
/** One line on standard error: "polyton: ...", with whatever is not printable escaped. */
void complain(const char *format, ...) __attribute__((__format__(__printf__, 1, 2)));

#endif
