/**
 * PT012: objects with variables and no names for them.
 */
#ifndef FIND_BLINDSPOT_H
#define FIND_BLINDSPOT_H

#include "find/finder.h"

must_use struct polyton_error *blindspot_find(struct finder *finder);

#endif
