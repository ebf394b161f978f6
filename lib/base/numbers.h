/** Lists of numbers as sets. */
#ifndef BASE_NUMBERS_H
#define BASE_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

/** Sort them, and keep each once. How many are left. */
size_t numbers_settle(uint32_t *numbers, size_t count);

#endif
