/** The inspector on a terminal. */
#ifndef INSPECTOR_TERM_TERMINAL_H
#define INSPECTOR_TERM_TERMINAL_H

#include "../options.h"
#include "../ruling.h"

/** Whether standard input and output are a terminal that can be drawn on. */
bool terminal_fits(void);
/** Show the request's subject, or without one a list of processes to choose from. What to exit with. */
int terminal_run(const struct request *request, struct ruling *ruling);

#endif
