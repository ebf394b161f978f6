// polyton bindings: who got whose definition.

#include "command.h"

const struct command bindings_command = {
	.name = "bindings",
	.operands = "SUBJECT",
	.summary = "which definition each reference was bound to",
	.help = "List the references of every object to variables and functions, each with the\n"
		"object whose definition it was bound to: as the loader has written it, or, for a\n"
		"function that was not called yet, as it will. Where the rules of the lookup give\n"
		"another object than the loader did, that is shown, too. --match REGEX leaves the\n"
		"references to symbols whose raw name it matches.",
	.view = POLYTON_VIEW_BINDINGS,
	.takes_files = true,
	.keeps_bindings = true,
	.options = OPTIONS_COMMON | OPTION_BIT(OPTION_MATCH),
};
