/** The inspector on a terminal. */
#ifndef INSPECTOR_TERM_TERMINAL_H
#define INSPECTOR_TERM_TERMINAL_H

#include "../options.h"
#include "../ruling.h"

/** Show the request's subject, or without one a list of processes to choose from. What to exit with. */
int term_run(const struct request *request, struct ruling *ruling);

#endif
