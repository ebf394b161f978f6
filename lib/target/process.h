/**
 * A running process as one of the subjects.
 */
#ifndef TARGET_PROCESS_H
#define TARGET_PROCESS_H

#include "target/live.h"

/** @p live is borrowed. */
struct subject process_subject(struct live *live);

#endif
