/**
 * What is reported: rule, severity, two sentences a stranger understands, and why.
 */
#ifndef FIND_FINDINGS_H
#define FIND_FINDINGS_H

#include "find/finder.h"

/**
 * Fill @c findings, and the copies' reasons, of a snapshot whose rows, uses and cells are settled; worst first. The
 * finder has exports, with their uses and pairs, and what start code does.
 */
must_use struct polyton_error *findings_build(struct finder *finder);

#endif
