/**
 * Names that every object has by construction, as data with a reason each. Dropping is never silent: the
 * reasons are counted, and shown with their names on request.
 */
#ifndef FIND_NOISE_H
#define FIND_NOISE_H

#include "find/identity.h"

/** Why this name is no finding wherever it appears, or NULL. @p symbol is the raw name without '@VERSION'. */
const char *noise_reason(const char *symbol, const struct identity *identity);

#endif
