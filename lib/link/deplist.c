// The list changes before the place where it is gone through: filtees are put there, new ones or such as stand further
// back, and come next. Objects that filter each other make ld.so move them for ever; here each is asked once.

#include "link/deplist.h"

#include "polyton.h"

void deplist_deinit(struct deplist *list)
{
	vec_deinit(&list->objects);
	vec_deinit(&list->places);
	*list = (struct deplist){ 0 };
}

// There is a place for each object up to that one.
static struct polyton_error *reserve(struct deplist *list, uint32_t object)
{
	while (list->places.count <= object) {
		struct deplist_place *place = vec_push(&list->places);
		if (!place)
			return error_no_memory();
		*place = (struct deplist_place){ 0 };
	}
	return NULL;
}

static bool is_in(const struct deplist *list, uint32_t object)
{
	return list->places.items[object].round == list->round;
}

static void append(struct deplist *list, uint32_t object)
{
	struct deplist_place *places = list->places.items;
	places[object] = (struct deplist_place){ list->round, list->last, POLYTON_NONE, POLYTON_NONE, false };
	if (list->last == POLYTON_NONE)
		list->first = object;
	else
		places[list->last].next = object;
	list->last = object;
}

static void take_out(struct deplist *list, uint32_t object)
{
	struct deplist_place *places = list->places.items, *place = &places[object];
	if (place->previous == POLYTON_NONE)
		list->first = place->next;
	else
		places[place->previous].next = place->next;
	if (place->next == POLYTON_NONE)
		list->last = place->previous;
	else
		places[place->next].previous = place->previous;
}

// What is done stands further in front, or filters the filter; what this one has put before itself is in its place.
static bool put_before(struct deplist *list, uint32_t filtee, uint32_t filter)
{
	struct deplist_place *places = list->places.items;
	if (is_in(list, filtee)) {
		if (places[filtee].is_done || places[filtee].filter == filter)
			return false;
		take_out(list, filtee);
	}
	uint32_t previous = places[filter].previous;
	places[filtee] = (struct deplist_place){ list->round, previous, filter, filter, false };
	places[filter].previous = filtee;
	if (previous == POLYTON_NONE)
		list->first = filtee;
	else
		places[previous].next = filtee;
	return true;
}

// Add what @p object needs; @p next_ret: who is the next one to be asked, if not yet.
static struct polyton_error *expand(struct deplist *list, uint32_t object, const struct deplist_ops *ops, void *arg,
				    uint32_t *next_ret)
{
	uint32_t filtees = POLYTON_NONE;
	size_t count = 0;
	list->places.items[object].is_done = true;
	struct polyton_error *error = ops->count(arg, object, &count);
	for (size_t i = 0; !error && i < count; i++) {
		uint32_t needed = POLYTON_NONE;
		enum elf_need kind = ELF_NEED_LIBRARY;
		error = ops->find(arg, object, i, &needed, &kind);
		if (error || needed == POLYTON_NONE)
			continue;
		error = reserve(list, needed);
		if (error)
			break;
		if (kind == ELF_NEED_LIBRARY) {
			if (!is_in(list, needed))
				append(list, needed);
		} else if (put_before(list, needed, object)) {
			filtees = filtees == POLYTON_NONE ? needed : filtees;
			if (ops->put_before)
				ops->put_before(arg, needed, object);
		}
	}
	*next_ret = filtees == POLYTON_NONE ? list->places.items[object].next : filtees;
	return error;
}

struct polyton_error *deplist_make(struct deplist *list, const uint32_t *objects, size_t count,
				   const struct deplist_ops *ops, void *arg)
{
	struct polyton_error *error = NULL;
	list->round++;
	list->first = list->last = POLYTON_NONE;
	list->objects.count = 0;
	for (size_t i = 0; !error && i < count; i++) {
		error = reserve(list, objects[i]);
		if (!error && !is_in(list, objects[i]))
			append(list, objects[i]);
	}
	for (uint32_t at = list->first; !error && at != POLYTON_NONE;) {
		if (list->places.items[at].is_done)
			at = list->places.items[at].next;
		else
			error = expand(list, at, ops, arg, &at);
	}
	for (uint32_t at = list->first; !error && at != POLYTON_NONE; at = list->places.items[at].next) {
		uint32_t *place = vec_push(&list->objects);
		if (place)
			*place = at;
		else
			error = error_no_memory();
	}
	return error;
}
