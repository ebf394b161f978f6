// polyton show: one singleton, everything known.

#include "command.h"

const struct command show_command = {
	.name = "show",
	.operands = "NAME SUBJECT",
	.summary = "one singleton: its copies, their values per thread",
	.help = "Show one singleton: every copy, who uses it, and what it holds in each thread.\n"
		"NAME is its full name, the last part or parts of it, or the symbol of one of\n"
		"its copies.",
	.view = POLYTON_VIEW_SHOW,
	.takes_name = true,
	.options = OPTIONS_COMMON | OPTION_BIT(OPTION_ALL),
};
