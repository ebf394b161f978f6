// The list of commands, from which parsing and help are made.

#include "command.h"

#include <string.h>

const struct command *const commands[] = {
	&report_command, &show_command, &bindings_command, &objects_command,  &threads_command, &tls_command,
	&tui_command,    &run_command,  &gdb_command,      &baseline_command, &diff_command,    NULL,
};

const struct command *command_find(const char *name)
{
	for (const struct command *const *command = commands; *command; command++) {
		if (strcmp((*command)->name, name) == 0)
			return *command;
	}
	return NULL;
}
