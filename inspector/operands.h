/** The words of the command line that are no options: the subject, and what else a command takes. */
#ifndef INSPECTOR_OPERANDS_H
#define INSPECTOR_OPERANDS_H

#include "options.h"

/** The words that are no options, in order, and before which plugin that an option names each stands. */
struct operands {
	char **words;
	size_t *places;
	int count;
};

/**
 * Take what follows the command, which are the words from @p first on (0: none is named, and it is the default), or
 * complain and answer false.
 */
bool operands_take(const struct operands *operands, int first, struct request *request);
/** The program that a command starts, with its arguments: whether there is one. Complains if not. */
bool operands_take_program(char **program);
/** What is said of files means nothing for a process, and the other way round: complain, and answer false. */
bool operands_check(const struct request *request);

#endif
