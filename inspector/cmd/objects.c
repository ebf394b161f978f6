// polyton objects: what is loaded.

#include "command.h"

const struct command objects_command = {
	.name = "objects",
	.operands = "SUBJECT",
	.summary = "what is loaded, and how well it can be seen",
	.help = "List the objects of the process, those of every namespace: where each is\n"
		"mapped, whether its file can be trusted, and where the names of its variables\n"
		"came from.",
	.view = POLYTON_VIEW_OBJECTS,
	.takes_files = true,
	.options = OPTIONS_COMMON,
};
