// Help is what a user asked for, so it goes to standard output, and it says of options and commands what the tables
// say.

#include "help.h"

#include <stdio.h>
#include <string.h>

#include "view/keys.h"

enum {
	HELP_COLUMN = 27, // where the explanations begin
	HELP_WIDTH = 80,
};

// Lines that end between words; the first one goes on with what is there.
static void print_wrapped(const char *list, struct output *output)
{
	for (bool is_first = true; *list; is_first = false) {
		size_t room = HELP_WIDTH - HELP_COLUMN - 1, length = strlen(list);
		if (length > room)
			for (length = room; length && list[length] != ' ';)
				length--;
		output_print(output, "%-*s%.*s\n", is_first ? 0 : HELP_COLUMN, "", (int)length, list);
		list += length;
		list += *list == ' ';
	}
}

static void print_option(const struct option_row *row, const struct command *command, struct output *output)
{
	char left[HELP_COLUMN + 1] = "      ";
	if (row->letter)
		snprintf(left, sizeof(left), "  -%c, ", row->letter);
	snprintf(left + strlen(left), sizeof(left) - strlen(left), "--%s%s%s", row->name, row->argument ? " " : "",
		 row->argument ? row->argument : "");
	output_print(output, "%-*s%s\n", HELP_COLUMN, left, row->help);
	if (row->choices) {
		char list[OPTION_CHOICES_MAX];
		option_list_choices(row, option_count_choices(row, command), list, sizeof(list));
		output_print(output, "%-*s", HELP_COLUMN, "");
		print_wrapped(list, output);
	}
}

static void print_options(uint64_t options, const struct command *command, struct output *output)
{
	output_print(output, "\nOptions:\n");
	for (int i = 0; i < OPTION_COUNT; i++) {
		if (options & OPTION_BIT(i))
			print_option(&option_rows[i], command, output);
	}
}

static void print_keys(struct output *output)
{
	output_print(output, "\nKeys:\n");
	for (const struct key_row *row = key_rows; row->action; row++) {
		char names[128], left[HELP_COLUMN + 1];
		snprintf(left, sizeof(left), "  %s", keys_names(row, names));
		output_print(output, "%-*s", HELP_COLUMN, left);
		print_wrapped(row->help, output);
	}
}

static const char *subject_help(const struct command *command)
{
	return command && !command->takes_files
		       ? "SUBJECT is the id of a running process (or -p PID), or -c CORE."
		       : "SUBJECT is the id of a running process (or -p PID), -c CORE, or files: a\n"
			 "program, then plugins and folders of them.";
}

static void print_command_help(const struct command *command, struct output *output)
{
	output_print(output, "Usage: polyton %s %s%s\n\n%s\n", command->name, command->pass ? "" : "[OPTION...] ",
		     command->operands, command->help);
	if (!command->compares && !command->takes_program && !command->pass)
		output_print(output, "\n%s\n", subject_help(command));
	print_options(command->options, command, output);
	if (command->has_keys)
		print_keys(output);
}

void help_print(const struct command *command, struct output *output)
{
	if (command) {
		print_command_help(command, output);
		return;
	}
	output_print(output,
		     "Usage: polyton [COMMAND] [OPTION...] SUBJECT\n"
		     "Find the thread-local and static variables that exist more than once in a\n"
		     "process, or would in one that loads some files.\n\n%s\n\nCommands:\n",
		     subject_help(NULL));
	uint64_t options = 0;
	for (const struct command *const *at = commands; *at; at++) {
		char left[HELP_COLUMN + 1];
		snprintf(left, sizeof(left), "  %s %s", (*at)->name, (*at)->operands);
		output_print(output, "%-*s%s\n", HELP_COLUMN, left, (*at)->summary);
		options |= (*at)->options;
	}
	print_options(options, NULL, output);
	output_print(output, "\nExit code: 0 nothing found, 1 findings, 2 wrong usage, 3 could not look, or not\n"
			     "fully. 'polyton COMMAND --help' has the options of one command, polyton(1) all\n"
			     "there is to know.\n");
}
