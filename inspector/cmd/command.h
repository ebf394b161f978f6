/** A command of polyton: what it takes and which view of the snapshot it writes. One file has one. */
#ifndef INSPECTOR_CMD_COMMAND_H
#define INSPECTOR_CMD_COMMAND_H

#include "../options.h"
#include "../output.h"
#include "../ruling.h"

/** A snapshot was taken: what is known of it, and where to write. */
struct answer {
	const struct polyton_snapshot *snapshot;
	const struct request *request;
	const struct ruling *ruling;
	const struct judgement *judgement;
	struct output *output;
};

struct command {
	const char *name;
	const char *operands; ///< "NAME SUBJECT"
	const char *summary;  ///< One line of polyton --help.
	const char *help;     ///< The paragraph of its own --help.
	enum polyton_view view;
	bool takes_program;    ///< Instead of a subject; all words from the first operand on are its.
	bool takes_name;       ///< A singleton's name comes before the subject.
	bool takes_files;      ///< Files on disk will do, too.
	bool keeps_bindings;   ///< The snapshot must hold every reference.
	uint64_t options;      ///< Bits of the options that it takes.
	bool needs_no_subject; ///< It asks for one.
	bool has_keys;         ///< They are part of its help.
	bool compares;         ///< Two earlier reports instead of a subject.
	/** Does the snapshot hold what the user wants to fail on? NULL: this command never fails on anything. */
	bool (*has_failure)(const struct answer *answer);
	/** Write something else than a view; false after a complaint. NULL: the view. */
	bool (*write)(const struct answer *answer);
	/** What to do instead of looking at a subject. NULL: look. */
	int (*act)(const struct request *request, struct output *output);
	/**
	 * Become another program, which all words behind the command's name are for; an exit code if that fails. Only
	 * --help and --version are our own, if they stand alone. NULL: the words are ours.
	 */
	int (*pass)(char **words);
};

#define OPTION_BIT(option) (UINT64_C(1) << (option))
/** Every command takes these. */
#define OPTIONS_ALWAYS                                                                      \
	(OPTION_BIT(OPTION_QUIET) | OPTION_BIT(OPTION_NO_COLOR) | OPTION_BIT(OPTION_HELP) | \
	 OPTION_BIT(OPTION_VERSION))
/** And these, if it looks at files. */
#define OPTIONS_FILES                                                                             \
	(OPTION_BIT(OPTION_PLUGIN) | OPTION_BIT(OPTION_GLOBAL) | OPTION_BIT(OPTION_DEEPBIND) |    \
	 OPTION_BIT(OPTION_PRELOAD) | OPTION_BIT(OPTION_NAMESPACE) | OPTION_BIT(OPTION_SYSROOT) | \
	 OPTION_BIT(OPTION_LIBRARY_PATH))
/** And these, if it looks at a subject. */
#define OPTIONS_SUBJECT                                                                      \
	(OPTIONS_ALWAYS | OPTIONS_FILES | OPTION_BIT(OPTION_PID) | OPTION_BIT(OPTION_CORE) | \
	 OPTION_BIT(OPTION_EXE) | OPTION_BIT(OPTION_OUTPUT) | OPTION_BIT(OPTION_STOP) |      \
	 OPTION_BIT(OPTION_DEBUG_DIR))
/** And these, if it writes a view of it. */
#define OPTIONS_COMMON (OPTIONS_SUBJECT | OPTION_BIT(OPTION_FORMAT) | OPTION_BIT(OPTION_VERBOSE))
/** Of the options that ask for a policy. */
#define OPTIONS_POLICY (OPTION_BIT(OPTION_CONFIG) | OPTION_BIT(OPTION_NO_CONFIG))

extern const struct command report_command, show_command, bindings_command, objects_command, threads_command,
	tls_command, tui_command, run_command, gdb_command, baseline_command, diff_command;

/** Whether the request, which names no command, is one for the terminal. */
bool tui_is_meant(const struct request *request);

/** Of the report: whether it shows the finding of that index, and whether what it shows makes it fail. */
bool report_shows(const struct answer *answer, uint32_t index);
bool report_has_failure(const struct answer *answer);

/** All of them, the default first; NULL ends the list. */
extern const struct command *const commands[];
/** NULL if there is none of that name. */
const struct command *command_find(const char *name);

#endif
