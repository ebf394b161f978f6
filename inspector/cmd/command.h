/** A command of polyton: what it takes and which view of the snapshot it writes. One file has one. */
#ifndef INSPECTOR_CMD_COMMAND_H
#define INSPECTOR_CMD_COMMAND_H

#include "../options.h"

struct command {
	const char *name;
	const char *operands; ///< "NAME SUBJECT"
	const char *summary;  ///< One line of polyton --help.
	const char *help;     ///< The paragraph of its own --help.
	enum polyton_view view;
	bool takes_name;     ///< A singleton's name comes before the subject.
	bool takes_files;    ///< Files on disk will do, too.
	bool keeps_bindings; ///< The snapshot must hold every reference.
	uint32_t options;    ///< Bits of the options that it takes.
	/** Does the snapshot hold what the user wants to fail on? NULL: this command never fails on anything. */
	bool (*has_failure)(const struct polyton_snapshot *snapshot, const struct request *request);
};

#define OPTION_BIT(option) (UINT32_C(1) << (option))
/** Every command takes these. */
#define OPTIONS_COMMON                                                                              \
	(OPTION_BIT(OPTION_PID) | OPTION_BIT(OPTION_PLUGIN) | OPTION_BIT(OPTION_GLOBAL) |           \
	 OPTION_BIT(OPTION_PRELOAD) | OPTION_BIT(OPTION_NAMESPACE) | OPTION_BIT(OPTION_SYSROOT) |   \
	 OPTION_BIT(OPTION_LIBRARY_PATH) | OPTION_BIT(OPTION_FORMAT) | OPTION_BIT(OPTION_VERBOSE) | \
	 OPTION_BIT(OPTION_QUIET) | OPTION_BIT(OPTION_STOP) | OPTION_BIT(OPTION_DEBUG_DIR) |        \
	 OPTION_BIT(OPTION_NO_COLOR) | OPTION_BIT(OPTION_HELP) | OPTION_BIT(OPTION_VERSION))

extern const struct command report_command, show_command, bindings_command, objects_command, threads_command,
	tls_command;

/** All of them, the default first; NULL ends the list. */
extern const struct command *const commands[];
/** NULL if there is none of that name. */
const struct command *command_find(const char *name);

#endif
