#include "made_scopes.h"

#include <stdlib.h>

#include "check.h"
#include "polyton.h"

enum { MADE_OBJECTS = 64 };

void made_scopes_init(struct scopes *scopes, uint32_t count)
{
	*scopes = (struct scopes){ .object_count = count };
	scopes->of_object = calloc(count + 1, sizeof(*scopes->of_object));
	assert_non_null(scopes->of_object);
}

uint32_t made_scopes_list(struct scopes *scopes, enum made_list kind, const char *objects)
{
	uint32_t count = (uint32_t)strlen(objects), *indices = calloc(count + 1, sizeof(*indices));
	struct scope_list *list = vec_push(&scopes->lists);
	assert_non_null(indices);
	assert_non_null(list);
	for (uint32_t i = 0; i < count; i++)
		indices[i] = (uint32_t)(objects[i] - '0');
	*list = (struct scope_list){ .owner = kind == MADE_SELF ? POLYTON_NONE : indices[0],
				     .is_global = kind == MADE_GLOBAL,
				     .objects = indices,
				     .count = count };
	return (uint32_t)scopes->lists.count - 1;
}

void made_scopes_part(struct scopes *scopes, uint32_t object, uint32_t list, uint32_t count)
{
	struct scope *scope = &scopes->of_object[object];
	assert_true(object < scopes->object_count);
	scope->parts = reallocarray(scope->parts, scope->count + 1, sizeof(*scope->parts));
	assert_non_null(scope->parts);
	scope->parts[scope->count++] = (struct scope_part){ list, count };
}

void made_scopes_use(struct scopes *scopes, const char *objects, uint32_t list)
{
	for (; *objects; objects++)
		made_scopes_part(scopes, (uint32_t)(*objects - '0'), list, scopes->lists.items[list].count);
}

char *made_scopes_digits(const struct scope_list *list)
{
	char *digits = calloc(list->count + 1, 1);
	assert_non_null(digits);
	for (uint32_t i = 0; i < list->count; i++)
		digits[i] = (char)('0' + list->objects[i]);
	return digits;
}

bool made_is_global(const struct scopes *scopes, uint32_t object)
{
	bool is_global[MADE_OBJECTS] = { false };
	assert_true(object < MADE_OBJECTS);
	scopes_mark_global(scopes, is_global);
	return is_global[object];
}
