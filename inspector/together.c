// A row of bits for each object: what an unload costs is a few words for each that is there, however often it happens.

#include "together.h"

#include <stdlib.h>
#include <string.h>

void together_deinit(struct together *together)
{
	for (size_t i = 0; i < together->count; i++)
		free(together->paths[i]);
	free(together->paths);
	free(together->seen);
	*together = (struct together){ 0 };
}

static bool has_room(struct together *together)
{
	if (!together->paths)
		together->paths = calloc(TOGETHER_MAX, sizeof(*together->paths));
	if (!together->seen)
		together->seen = calloc(TOGETHER_MAX, sizeof(*together->seen));
	return together->paths && together->seen;
}

// TOGETHER_MAX: it has no number.
static size_t number_of(struct together *together, const char *path)
{
	for (size_t i = 0; i < together->count; i++) {
		if (strcmp(together->paths[i], path) == 0)
			return i;
	}
	char *copy = together->count < TOGETHER_MAX ? strdup(path) : NULL;
	if (!copy)
		return TOGETHER_MAX;
	together->paths[together->count] = copy;
	return together->count++;
}

bool together_meet(struct together *together, const char *const *paths, uint32_t count)
{
	uint8_t there[TOGETHER_MAX / 8] = { 0 };
	bool is_new = false;
	if (!has_room(together))
		return false;
	for (uint32_t i = 0; i < count; i++) {
		size_t number = number_of(together, paths[i]);
		if (number < TOGETHER_MAX)
			there[number / 8] |= (uint8_t)(1u << number % 8);
	}
	for (size_t i = 0; i < together->count; i++) {
		if (!(there[i / 8] & 1u << i % 8))
			continue;
		for (size_t k = 0; k < sizeof(there); k++) {
			uint8_t others = k == i / 8 ? there[k] & (uint8_t) ~(1u << i % 8) : there[k];
			is_new |= (others & ~together->seen[i][k]) != 0;
			together->seen[i][k] |= others;
		}
	}
	return is_new;
}
