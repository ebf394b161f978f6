// polyton show: one singleton, everything known.

#include "command.h"

const struct command show_command = {
	.name = "show",
	.operands = "NAME SUBJECT",
	.summary = "one singleton: copies, users, why, and values",
	.help = "Show one singleton: every copy, who uses it, why it is there and what to do\n"
		"about that, and what it holds in each thread. NAME is its full name, the last\n"
		"part or parts of it, or the symbol of one of its copies.",
	.view = POLYTON_VIEW_SHOW,
	.takes_name = true,
	.options = OPTIONS_COMMON | OPTION_BIT(OPTION_ALL),
};
