#include "known.h"

#include <inttypes.h>
#include <string.h>

void known_deinit(struct known *known)
{
	strmap_deinit(&known->names);
	strmap_deinit(&known->others);
	arena_deinit(&known->keys);
}

static uint32_t *place_of(struct known *known, const char *key)
{
	return key ? strmap_at(&known->others, key, strlen(key), POLYTON_NONE) : NULL;
}

uint32_t *known_name(struct known *known, uint32_t name_space, const char *name)
{
	if (!name_space)
		return strmap_at(&known->names, name, strlen(name), POLYTON_NONE);
	return place_of(known, arena_printf(&known->keys, "%" PRIu32 " %s", name_space, name));
}

uint32_t *known_file(struct known *known, uint32_t name_space, const struct scanned_file *file)
{
	return place_of(known, arena_printf(&known->keys, "%" PRIu32 "/%" PRIu64 "/%" PRIu64, name_space,
					    file->device, file->inode));
}
