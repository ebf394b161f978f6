// All options, in the order in which help lists them.

#include <stdio.h>

#include "cmd/command.h"
#include "options.h"

static const char *const formats[] = {
	"text", "json", "sarif", "junit", "github", "markdown", "html", "dot", NULL
};                                                                            // as enum polyton_format
static const char *const sources[] = { "both", "program", "findings", NULL }; // as enum exit_source

const struct option_row option_rows[OPTION_COUNT] = {
	[OPTION_PID] = { "pid", 'p', "PID", .help = "the subject: process PID" },
	[OPTION_CORE] = { "core", 'c', "FILE", .help = "the subject: the core file FILE" },
	[OPTION_EXE] = { "exe", 0, "FILE", .help = "of a core: FILE is its program, wherever that was" },
	[OPTION_PLUGIN] = { "plugin", 0, "FILE", .is_repeatable = true,
			    .help = "of files: also FILE (a folder: all in it) by dlopen" },
	[OPTION_GLOBAL] = { "global", 0, "FILE", .is_repeatable = true, .help = "the same, with RTLD_GLOBAL" },
	[OPTION_DEEPBIND] = { "deepbind", 0, "FILE", .is_repeatable = true, .help = "the same, with RTLD_DEEPBIND" },
	[OPTION_PRELOAD] = { "preload", 0, "FILE", .is_repeatable = true, .help = "the same, by LD_PRELOAD" },
	[OPTION_NAMESPACE] = { "namespace", 0, "FILE", .is_repeatable = true,
			       .help = "the same, by dlmopen() into a namespace of its own" },
	[OPTION_SYSROOT] = { "sysroot", 0, "DIR", .help = "of files: DIR is / for the program" },
	[OPTION_LIBRARY_PATH] = { "library-path", 0, "PATH",
				  .help = "of files: LD_LIBRARY_PATH, not the environment's" },
	[OPTION_FORMAT] = { "format", 0, "FORMAT", formats, .help = "form of the output" },
	[OPTION_OUTPUT] = { "output", 'o', "FILE", .is_repeatable = true,
			    .help = "also into FILE, as its name says; or FORMAT:FILE" },
	[OPTION_MATCH] = { "match", 0, "REGEX", .help = "only what has a name that matches REGEX" },
	[OPTION_ALL] = { "all", .help = "also what is left out or summed up otherwise" },
	[OPTION_VERBOSE] = { "verbose", 'v', .help = "also how much was left out and why, and times" },
	[OPTION_QUIET] = { "quiet", 'q', .help = "print nothing but errors: exit code and files count" },
	[OPTION_FAIL_ON] = { "fail-on", 0, "LEVEL", fail_on_words,
			     .help = "exit 1 if there is a finding at least this severe" },
	[OPTION_BASELINE] = { "baseline", 0, "FILE", .help = "say which findings the earlier report FILE has not" },
	[OPTION_CONFIG] = { "config", 0, "FILE", .help = "the policy, instead of .polyton.yml" },
	[OPTION_NO_CONFIG] = { "no-config", .help = "no policy, though there is a .polyton.yml" },
	[OPTION_STOP] = { "stop", .help = "stop all threads of the process while it is read" },
	[OPTION_EXPAND] = { "expand", .help = "also the values part by part, and what they point to" },
	[OPTION_NO_TYPES] = { "no-types", .help = "read no debug info: values stay words" },
	[OPTION_DEBUG_DIR] = { "debug-dir", 0, "DIR", .is_repeatable = true,
			       .help = "look for separate debug files in DIR first" },
	[OPTION_FOLLOW] = { "follow", .help = "look at the children of the program, too" },
	[OPTION_FOR] = { "for", 0, "SECONDS", .help = "report after that time, not at the program's end" },
	[OPTION_WHEN] = { "when", 0, "REGEX", .help = "report when the program prints a line like REGEX" },
	[OPTION_END] = { "end", .help = "after the report of --for or --when, end it" },
	[OPTION_EXIT_CODE] = { "exit-code", 0, "FROM", sources, .help = "whose exit code to exit with" },
	[OPTION_INTERVAL] = { "interval", 0, "SECONDS", .help = "look again every so often (default 1; 0: never)" },
	[OPTION_NO_MOUSE] = { "no-mouse", .help = "leave the mouse to the terminal" },
	[OPTION_ASCII] = { "ascii", .help = "draw with plain characters only" },
	[OPTION_NO_COLOR] = { "no-color", .help = "no colours, on a terminal either" },
	[OPTION_HELP] = { "help", 'h', .help = "print this help, or that of the command named" },
	[OPTION_VERSION] = { "version", .help = "print the version and what it was built with" },
};

unsigned option_count_choices(const struct option_row *row, const struct command *command)
{
	unsigned count = 0;
	while (row->choices[count])
		count++;
	// All other views are text and JSON only.
	if (row == &option_rows[OPTION_FORMAT] && command &&
	    (command->view != POLYTON_VIEW_REPORT || command->compares))
		count = POLYTON_FORMAT_JSON + 1;
	return count;
}

void option_list_choices(const struct option_row *row, unsigned count, char *ret, size_t size)
{
	size_t used = 0;
	for (unsigned i = 0; i < count && used < size; i++) {
		const char *before = !i ? "" : i + 1 < count ? ", " : " or ";
		const char *after = i ? "" : " (default)";
		used += (size_t)snprintf(ret + used, size - used, "%s%s%s", before, row->choices[i], after);
	}
}
