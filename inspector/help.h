/** --help, made from the tables of commands and options. */
#ifndef INSPECTOR_HELP_H
#define INSPECTOR_HELP_H

#include "cmd/command.h"
#include "output.h"

/** @p command NULL: of polyton itself. */
void help_print(const struct command *command, struct output *output);

#endif
