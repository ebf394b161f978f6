// What the loader would have done: a program's needs are loaded breadth first and form the global list; whatever came
// later and is needed by nobody before it was opened on its own, with a list that begins with itself.

#include <string.h>

#include "link/scope.h"
#include "polyton.h"

struct deriver {
	const struct scope_object *objects;
	uint32_t count;
	uint32_t *list_of; // the list of the dlopen() that an object came with, or POLYTON_NONE
	struct scopes scopes;
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static bool is_named(const struct scope_object *object, const char *needed)
{
	if (strchr(needed, '/'))
		return strcmp(object->path, needed) == 0;
	return strcmp(object->soname, needed) == 0 || strcmp(base_name(object->path), needed) == 0;
}

static uint32_t find_needed(const struct deriver *deriver, uint32_t from, const char *needed)
{
	for (uint32_t i = 0; i < deriver->count; i++) {
		if (deriver->objects[i].name_space == deriver->objects[from].name_space &&
		    is_named(&deriver->objects[i], needed))
			return i;
	}
	return POLYTON_NONE;
}

// The list of what @p first holds already and all that these need, breadth first. @p members has room for all objects.
static struct polyton_error *close_list(struct deriver *deriver, uint32_t *members, uint32_t count)
{
	auto_free bool *is_in = calloc(deriver->count, sizeof(*is_in));
	if (!is_in)
		return error_no_memory();
	for (uint32_t i = 0; i < count; i++)
		is_in[members[i]] = true;
	for (uint32_t at = 0; at < count; at++) {
		const struct scope_object *object = &deriver->objects[members[at]];
		for (size_t i = 0; i < object->needed_count; i++) {
			uint32_t next = find_needed(deriver, members[at], object->needed[i]);
			if (next == POLYTON_NONE || is_in[next])
				continue;
			is_in[next] = true;
			members[count++] = next;
		}
	}
	uint32_t index = (uint32_t)deriver->scopes.lists.count;
	struct scope_list *list = vec_push(&deriver->scopes.lists);
	uint32_t *kept = list ? calloc(count, sizeof(*kept)) : NULL;
	if (!kept)
		return error_no_memory();
	memcpy(kept, members, count * sizeof(*kept));
	*list = (struct scope_list){ .owner = members[0], .objects = kept, .count = count };
	for (uint32_t i = 0; i < count; i++) {
		if (deriver->list_of[kept[i]] == POLYTON_NONE)
			deriver->list_of[kept[i]] = index;
	}
	return NULL;
}

// LD_PRELOAD's objects are loaded before the first one that the program needs.
static uint32_t start_members(const struct deriver *deriver, uint32_t first, uint32_t *members)
{
	uint32_t count = 1, needed = deriver->count;
	const struct scope_object *program = &deriver->objects[first];
	members[0] = first;
	for (size_t i = 0; i < program->needed_count; i++) {
		uint32_t found = find_needed(deriver, first, program->needed[i]);
		if (found > first && found < needed)
			needed = found;
	}
	for (uint32_t i = first + 1; first == 0 && needed < deriver->count && i < needed; i++)
		members[count++] = i;
	return count;
}

static struct polyton_error *make_scope(struct deriver *deriver, uint32_t object, uint32_t global)
{
	struct scope *scope = &deriver->scopes.of_object[object];
	uint32_t own = deriver->list_of[object];
	scope->parts = calloc(3, sizeof(*scope->parts));
	if (!scope->parts)
		return error_no_memory();
	if (deriver->objects[object].is_symbolic) {
		struct scope_list *list = vec_push(&deriver->scopes.lists);
		uint32_t *self = list ? malloc(sizeof(*self)) : NULL;
		if (!self)
			return error_no_memory();
		*self = object;
		*list = (struct scope_list){ .owner = POLYTON_NONE, .objects = self, .count = 1 };
		scope->parts[scope->count++] = (struct scope_part){ (uint32_t)deriver->scopes.lists.count - 1, 1 };
	}
	scope->parts[scope->count++] = (struct scope_part){ global, deriver->scopes.lists.items[global].count };
	if (own != global)
		scope->parts[scope->count++] = (struct scope_part){ own, deriver->scopes.lists.items[own].count };
	return NULL;
}

// The objects of one namespace are consecutive.
static struct polyton_error *derive_namespace(struct deriver *deriver, uint32_t first, uint32_t end,
					      uint32_t *members)
{
	uint32_t global = (uint32_t)deriver->scopes.lists.count;
	struct polyton_error *error = close_list(deriver, members, start_members(deriver, first, members));
	if (!error)
		deriver->scopes.lists.items[global].is_global = true;
	for (uint32_t i = first; !error && i < end; i++) {
		members[0] = i;
		if (deriver->list_of[i] == POLYTON_NONE)
			error = close_list(deriver, members, 1);
	}
	for (uint32_t i = first; !error && i < end; i++)
		error = make_scope(deriver, i, global);
	return error;
}

struct polyton_error *scopes_derive(const struct scope_object *objects, uint32_t count, struct scopes *ret)
{
	struct deriver deriver = { .objects = objects, .count = count };
	auto_free uint32_t *members = calloc((size_t)count + 1, sizeof(*members));
	auto_free uint32_t *list_of = calloc((size_t)count + 1, sizeof(*list_of));
	deriver.list_of = list_of;
	deriver.scopes.of_object = calloc((size_t)count + 1, sizeof(*deriver.scopes.of_object));
	deriver.scopes.object_count = count;
	struct polyton_error *error = members && list_of && deriver.scopes.of_object ? NULL : error_no_memory();
	for (uint32_t i = 0; !error && i < count; i++)
		list_of[i] = POLYTON_NONE;
	for (uint32_t first = 0, end; !error && first < count; first = end) {
		for (end = first + 1; end < count && objects[end].name_space == objects[first].name_space; end++)
			;
		error = derive_namespace(&deriver, first, end, members);
	}
	if (error) {
		scopes_deinit(&deriver.scopes);
		return error;
	}
	scopes_deinit(ret);
	*ret = deriver.scopes;
	return NULL;
}
