// polyton threads: who runs, and where its thread-locals hang.

#include "command.h"

const struct command threads_command = {
	.name = "threads",
	.operands = "SUBJECT",
	.summary = "threads and their thread control blocks",
	.help = "List the threads of the process, each with the thread control block that its\n"
		"thread-locals hang on, or with the reason why none is known.",
	.view = POLYTON_VIEW_THREADS,
	.options = OPTIONS_COMMON & ~OPTIONS_FILES,
};
