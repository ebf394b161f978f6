/**
 * What is reported: rule, severity, and two sentences a stranger understands.
 */
#ifndef FIND_FINDINGS_H
#define FIND_FINDINGS_H

#include "find/rows.h"

/** Fill @c findings of a snapshot whose rows, uses and cells are settled; worst first. */
must_use struct polyton_error *findings_build(struct polyton_snapshot *snapshot, struct crate_lists *crates);

#endif
