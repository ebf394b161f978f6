// polyton tui: the picture that a person wants while the process runs. It is what polyton does with a subject on a
// terminal, unless it is asked for something that only the report has.

#include "../term/terminal.h"

#include "command.h"

static int act(const struct request *request, struct output *output)
{
	struct ruling ruling = { 0 };
	int code = EXIT_USAGE;
	(void)output;
	if (ruling_init(request, &ruling))
		code = terminal_run(request, &ruling);
	ruling_deinit(&ruling);
	return code;
}

bool tui_is_meant(const struct request *request)
{
	return !(request->given & ~tui_command.options) && terminal_fits();
}

const struct command tui_command = {
	.name = "tui",
	.operands = "SUBJECT",
	.summary = "look at it on the terminal (default there)",
	.help = "Show singletons, their copies, and what each thread sees in them, on the whole\n"
		"terminal, and look again every second; the process runs on. Without a subject:\n"
		"choose a process from a list.",
	.view = POLYTON_VIEW_REPORT,
	.takes_files = true,
	.needs_no_subject = true,
	.has_keys = true,
	.options = (OPTIONS_SUBJECT & ~(OPTION_BIT(OPTION_QUIET) | OPTION_BIT(OPTION_OUTPUT))) |
		   OPTION_BIT(OPTION_ALL) | OPTION_BIT(OPTION_NO_TYPES) | OPTION_BIT(OPTION_BASELINE) |
		   OPTION_BIT(OPTION_INTERVAL) | OPTION_BIT(OPTION_NO_MOUSE) | OPTION_BIT(OPTION_ASCII) |
		   OPTIONS_POLICY,
	.act = act,
};
