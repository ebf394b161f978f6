/**
 * What is reported: rule, severity, two sentences a stranger understands, and why.
 */
#ifndef FIND_FINDINGS_H
#define FIND_FINDINGS_H

#include "find/exports.h"

/**
 * Fill @c findings, and the copies' reasons, of a snapshot whose rows, uses and cells are settled; worst first.
 * @p exports were found; here they are related.
 */
must_use struct polyton_error *findings_build(struct finder *finder, struct exports *exports);

#endif
