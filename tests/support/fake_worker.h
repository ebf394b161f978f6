/**
 * Workers that misbehave. The test program itself plays them: it is started through a symbolic link whose name says
 * what is to be done ("fake-crash"), as nothing else gets through to a worker.
 */
#ifndef SUPPORT_FAKE_WORKER_H
#define SUPPORT_FAKE_WORKER_H

#include <stdbool.h>

/** This process was started as a worker: do what its name says, and do not come back. */
void fake_worker_run_if_named(void);
/** Make "FOLDER/fake-NAME", which plays that worker; its path, good until the next call. */
const char *fake_worker_link(const char *folder, const char *name);

enum { FAKE_WORKER_LINE = 4711 }; ///< Where the good one says that everything was declared.

#endif
