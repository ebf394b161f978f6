/** Functions that say nothing about where an object's code comes from: so many objects have them. */
#ifndef FIND_NOISECODE_H
#define FIND_NOISECODE_H

#include <stdbool.h>

/** Whether a function of this raw name is one. */
bool noisecode_has(const char *name);

#endif
