/**
 * Which loaded objects somebody has seen side by side. A singleton has two copies only while two objects are there, so
 * programs that load and unload the same ones all the time are worth a look for each pair, and no more.
 */
#ifndef INSPECTOR_TOGETHER_H
#define INSPECTOR_TOGETHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TOGETHER_MAX = 256 }; ///< Objects that are told apart by their paths; of further ones no pair is new.

/** Zero-initialise. */
struct together {
	char **paths;
	size_t count;
	uint8_t (*seen)[TOGETHER_MAX / 8]; ///< By object: bits by the others.
};

void together_deinit(struct together *together);
/** Whether two of these were not seen side by side yet. They are now. */
bool together_meet(struct together *together, const char *const *paths, uint32_t count);

#endif
