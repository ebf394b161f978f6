// polyton show: one singleton, everything known.

#include "command.h"

const struct command show_command = {
	.name = "show",
	.operands = "NAME SUBJECT",
	.summary = "one singleton: copies, types, why, and values",
	.help = "Show one singleton: every copy, its type, who uses it, why it is there and what\n"
		"to do about that, where the copies' layouts differ, and what each holds in each\n"
		"thread. NAME is its full name, the last part or parts of it, or the symbol of\n"
		"one of its copies.",
	.view = POLYTON_VIEW_SHOW,
	.takes_files = true,
	.takes_name = true,
	.options = OPTIONS_COMMON | OPTION_BIT(OPTION_ALL) | OPTION_BIT(OPTION_EXPAND) | OPTION_BIT(OPTION_NO_TYPES),
};
