// What the loader would have done: a program's needs are loaded breadth first and form the global list; whatever came
// later and is needed by nobody before it was opened on its own, with a list that begins with itself. RTLD_GLOBAL adds
// such a list to the global one for all that come after it.

#include <string.h>

#include "link/deplist.h"
#include "link/scope.h"
#include "polyton.h"

struct deriver {
	const struct scope_object *objects;
	uint32_t count;
	uint32_t *list_of;   // the list of the dlopen() that an object came with, or POLYTON_NONE
	uint32_t *seen;      // how many objects the global list had when an object was relocated
	uint32_t *filter_of; // the next object behind it that filters an object, or POLYTON_NONE
	struct deplist list;
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

static uint32_t find_needed(const struct deriver *deriver, uint32_t from, size_t number)
{
	const char *needed = deriver->objects[from].needed[number];
	if (deriver->objects[from].needs)
		return deriver->objects[from].needs[number];
	for (uint32_t i = 0; i < deriver->count; i++) {
		if (deriver->objects[i].name_space == deriver->objects[from].name_space &&
		    is_named(&deriver->objects[i], needed))
			return i;
	}
	return POLYTON_NONE;
}

static bool is_filtee(const struct scope_object *object, size_t number)
{
	return elf_need_kind(object->need_kinds, number) != ELF_NEED_LIBRARY;
}

static struct polyton_error *count_needs(void *arg, uint32_t object, size_t *ret)
{
	const struct deriver *deriver = arg;
	*ret = deriver->objects[object].needed_count;
	return NULL;
}

static struct polyton_error *find_need(void *arg, uint32_t object, size_t number, uint32_t *ret,
				       enum elf_need *kind_ret)
{
	const struct deriver *deriver = arg;
	const struct scope_object *asking = &deriver->objects[object];
	*kind_ret = elf_need_kind(asking->need_kinds, number);
	*ret = is_filtee(asking, number) && asking->knows_no_filters ? POLYTON_NONE
								     : find_needed(deriver, object, number);
	return NULL;
}

// Filtees stand before who filters them, so whoever came first may have been brought by one that comes later.
static void find_filters(struct deriver *deriver)
{
	for (uint32_t i = 0; i < deriver->count; i++)
		deriver->filter_of[i] = POLYTON_NONE;
	for (uint32_t i = deriver->count; i-- > 0;) {
		const struct scope_object *object = &deriver->objects[i];
		for (size_t k = 0; k < object->needed_count && !object->knows_no_filters; k++) {
			uint32_t filtee = is_filtee(object, k) ? find_needed(deriver, i, k) : POLYTON_NONE;
			if (filtee < i && deriver->objects[filtee].name_space == object->name_space)
				deriver->filter_of[filtee] = i;
		}
	}
}

// The last of those that filter each other behind @p object and have no list yet.
static uint32_t find_opened(const struct deriver *deriver, uint32_t object)
{
	uint32_t filter = deriver->filter_of[object];
	while (filter != POLYTON_NONE && deriver->list_of[filter] == POLYTON_NONE) {
		object = filter;
		filter = deriver->filter_of[object];
	}
	return object;
}

// The list of the @p count first ones and all that these need.
static struct polyton_error *close_list(struct deriver *deriver, const uint32_t *first, uint32_t first_count,
					uint32_t global)
{
	static const struct deplist_ops ops = { .count = count_needs, .find = find_need };
	struct polyton_error *error = deplist_make(&deriver->list, first, first_count, &ops, deriver);
	if (error)
		return error;
	uint32_t count = (uint32_t)deriver->list.objects.count;
	uint32_t index = (uint32_t)deriver->scopes.lists.count;
	struct scope_list *list = vec_push(&deriver->scopes.lists);
	uint32_t *kept = list ? calloc((size_t)count + 1, sizeof(*kept)) : NULL;
	if (!kept)
		return error_no_memory();
	memcpy(kept, deriver->list.objects.items, count * sizeof(*kept));
	uint32_t seen = global == POLYTON_NONE ? count : deriver->scopes.lists.items[global].count;
	*list = (struct scope_list){ .owner = first[0], .objects = kept, .count = count };
	for (uint32_t i = 0; i < count; i++) {
		if (deriver->list_of[kept[i]] == POLYTON_NONE) {
			deriver->list_of[kept[i]] = index;
			deriver->seen[kept[i]] = seen;
		}
	}
	return NULL;
}

// LD_PRELOAD's objects are loaded before the first one that the program needs, and what that filters.
static uint32_t start_members(const struct deriver *deriver, uint32_t first, uint32_t *members)
{
	uint32_t count = 1, needed = deriver->count;
	const struct scope_object *program = &deriver->objects[first];
	members[0] = first;
	for (size_t i = 0; i < program->needed_count; i++) {
		uint32_t found = find_needed(deriver, first, i);
		if (found > first && found < needed)
			needed = found;
	}
	for (uint32_t last = needed; needed < deriver->count && needed > first + 1; needed--) {
		uint32_t filter = deriver->filter_of[needed - 1];
		if (filter == POLYTON_NONE || filter > last)
			break;
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
	const struct scope_list *list = &deriver->scopes.lists.items[own];
	const struct scope_part everybody = { global, deriver->seen[object] }, brought = { own, list->count };
	bool is_deepbind = own != global && deriver->objects[list->owner].is_deepbind;
	scope->parts[scope->count++] = is_deepbind ? brought : everybody;
	if (own != global)
		scope->parts[scope->count++] = is_deepbind ? everybody : brought;
	return NULL;
}

// add_to_global_update(): what is not there yet, in the order of the new list.
static struct polyton_error *add_to_global(struct deriver *deriver, uint32_t global, uint32_t opened)
{
	struct scope_list *list = &deriver->scopes.lists.items[global];
	const struct scope_list *added = &deriver->scopes.lists.items[opened];
	auto_free bool *is_in = calloc(deriver->count, sizeof(*is_in));
	uint32_t *objects = realloc(list->objects, ((size_t)list->count + added->count + 1) * sizeof(*objects));
	if (objects)
		list->objects = objects;
	if (!objects || !is_in)
		return error_no_memory();
	for (uint32_t i = 0; i < list->count; i++)
		is_in[objects[i]] = true;
	for (uint32_t i = 0; i < added->count; i++) {
		if (!is_in[added->objects[i]])
			objects[list->count++] = added->objects[i];
	}
	return NULL;
}

// The list of the program and what it needs; empty where that is not known.
static struct polyton_error *start(struct deriver *deriver, uint32_t first, uint32_t *members)
{
	if (!deriver->objects[find_opened(deriver, first)].is_opened)
		return close_list(deriver, members, start_members(deriver, first, members), POLYTON_NONE);
	struct scope_list *list = vec_push(&deriver->scopes.lists);
	if (!list)
		return error_no_memory();
	*list = (struct scope_list){ .owner = POLYTON_NONE };
	return NULL;
}

// The objects of one namespace are consecutive.
static struct polyton_error *derive_namespace(struct deriver *deriver, uint32_t first, uint32_t end,
					      uint32_t *members)
{
	uint32_t global = (uint32_t)deriver->scopes.lists.count;
	struct polyton_error *error = start(deriver, first, members);
	if (error)
		return error;
	deriver->scopes.lists.items[global].is_global = true;
	for (uint32_t i = first; !error && i < end; i++) {
		const struct scope_object *object = &deriver->objects[i];
		uint32_t index = (uint32_t)deriver->scopes.lists.count;
		uint32_t opened = object->is_opened ? i : find_opened(deriver, i);
		bool is_listed = deriver->list_of[i] != POLYTON_NONE && !object->is_opened;
		if (is_listed || (opened != i && deriver->objects[opened].is_opened))
			continue;
		error = close_list(deriver, &opened, 1, global);
		if (!error && deriver->objects[opened].is_global)
			error = add_to_global(deriver, global, index);
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
	auto_free uint32_t *seen = calloc((size_t)count + 1, sizeof(*seen));
	auto_free uint32_t *filter_of = calloc((size_t)count + 1, sizeof(*filter_of));
	deriver.list_of = list_of;
	deriver.seen = seen;
	deriver.filter_of = filter_of;
	deriver.scopes.of_object = calloc((size_t)count + 1, sizeof(*deriver.scopes.of_object));
	deriver.scopes.object_count = count;
	struct polyton_error *error =
		members && list_of && seen && filter_of && deriver.scopes.of_object ? NULL : error_no_memory();
	for (uint32_t i = 0; !error && i < count; i++)
		list_of[i] = POLYTON_NONE;
	if (!error)
		find_filters(&deriver);
	for (uint32_t first = 0, end; !error && first < count; first = end) {
		for (end = first + 1; end < count && objects[end].name_space == objects[first].name_space; end++)
			;
		error = derive_namespace(&deriver, first, end, members);
	}
	deplist_deinit(&deriver.list);
	if (error) {
		scopes_deinit(&deriver.scopes);
		return error;
	}
	scopes_deinit(ret);
	*ret = deriver.scopes;
	return NULL;
}
