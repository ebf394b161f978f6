/** The command line: one table of options, and what a user's words come to. */
#ifndef INSPECTOR_OPTIONS_H
#define INSPECTOR_OPTIONS_H

#include <regex.h>

#include "policy/policy.h"
#include "sink.h"
#include "polyton.h"
#include "subject.h"

struct command;

enum option_id {
	OPTION_PID,
	OPTION_CORE,
	OPTION_EXE,
	OPTION_PLUGIN,
	OPTION_GLOBAL,
	OPTION_DEEPBIND,
	OPTION_PRELOAD,
	OPTION_NAMESPACE,
	OPTION_SYSROOT,
	OPTION_LIBRARY_PATH,
	OPTION_FORMAT,
	OPTION_OUTPUT,
	OPTION_MATCH,
	OPTION_ALL,
	OPTION_VERBOSE,
	OPTION_QUIET,
	OPTION_FAIL_ON,
	OPTION_BASELINE,
	OPTION_CONFIG,
	OPTION_NO_CONFIG,
	OPTION_STOP,
	OPTION_EXPAND,
	OPTION_NO_TYPES,
	OPTION_DEBUG_DIR,
	OPTION_FOLLOW,
	OPTION_FOR,
	OPTION_WHEN,
	OPTION_END,
	OPTION_EXIT_CODE,
	OPTION_INTERVAL,
	OPTION_NO_MOUSE,
	OPTION_ASCII,
	OPTION_NO_COLOR,
	OPTION_HELP,
	OPTION_VERSION,
	OPTION_COUNT,
};

struct option_row {
	const char *name;           ///< Without the dashes.
	char letter;                ///< Of its short form, 0 if it has none.
	const char *argument;       ///< What its argument is called, NULL if it takes none.
	const char *const *choices; ///< All arguments it takes, the default first; NULL: any.
	bool is_repeatable;         ///< With an argument: each one counts. The others may be given once.
	const char *help;
};

/** Indexed by enum option_id; parsing, --help and the check of the manual come from it. */
extern const struct option_row option_rows[OPTION_COUNT];

enum { OPTION_CHOICES_MAX = 128 };
/** The row's choices in words: "text (default) or json"; the first @p count of them. */
void option_list_choices(const struct option_row *row, unsigned count, char *ret, size_t size);
/** How many of the row's choices @p command takes (NULL: any command). */
unsigned option_count_choices(const struct option_row *row, const struct command *command);

/** What the user asks for. Strings are those of argv. */
struct request {
	const struct command *command;
	struct subject subject;
	const char *name;                ///< Of the singleton, if the command takes one.
	const char *files[2];            ///< Of a command that takes files instead of a subject.
	uint64_t given;                  ///< Bit N: enum option_id N was given.
	const char *value[OPTION_COUNT]; ///< The argument of a given option.
	unsigned choice[OPTION_COUNT];   ///< Its index in the option's choices.
	const char **debug_dirs;         ///< Ends with NULL.
	size_t debug_dir_count;
	struct sink *sinks;
	size_t sink_count;
	regex_t match;          ///< Compiled, if --match is given.
	struct fail_on fail_on; ///< If --fail-on is given.
	regex_t when;           ///< As match, of --when.
	double seconds;         ///< Of --for.
	double interval;        ///< Of --interval, in seconds.
	char **program;         ///< With its arguments, if the command takes one; ends with NULL.
	bool ignores_sigpipe;   ///< As polyton was started.
};

/** --exit-code's choices. */
enum exit_source { EXIT_SOURCE_BOTH, EXIT_SOURCE_PROGRAM, EXIT_SOURCE_FINDINGS };

static inline bool request_has(const struct request *request, enum option_id option)
{
	return request->given >> option & 1;
}

/**
 * Understand the command line, or complain and answer false. With --help or --version only @c given and
 * @c command (NULL if none is named) are of use. Zero @p ret before; deinit it in any case.
 */
bool request_init(int argc, char **argv, struct request *ret);
void request_deinit(struct request *request);

#endif
