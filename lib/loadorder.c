// Objects are numbered as they are loaded, and all that leads to one is a number: the order is kept beside them until
// nothing more is loaded.

#include "loadorder.h"

void loadorder_deinit(struct loadorder *order)
{
	vec_deinit(&order->places);
	*order = (struct loadorder){ 0 };
}

struct polyton_error *loadorder_add(struct loadorder *order)
{
	uint32_t index = (uint32_t)order->places.count;
	struct loadorder_place *place = vec_push(&order->places);
	if (!place)
		return error_no_memory();
	*place = (struct loadorder_place){ index ? order->last : POLYTON_NONE, POLYTON_NONE };
	if (index)
		order->places.items[order->last].next = index;
	order->last = index;
	return NULL;
}

static void move(struct loadorder *order, uint32_t object, uint32_t before)
{
	struct loadorder_place *places = order->places.items, *place = &places[object];
	if (place->next == before || object == before)
		return;
	order->is_changed = true;
	if (place->previous != POLYTON_NONE)
		places[place->previous].next = place->next;
	if (place->next != POLYTON_NONE)
		places[place->next].previous = place->previous;
	else
		order->last = place->previous;
	*place = (struct loadorder_place){ places[before].previous, before };
	places[before].previous = object;
	if (place->previous != POLYTON_NONE)
		places[place->previous].next = object;
}

// Debuggers find a namespace by its first object; and ld.so is one for all of them.
void loadorder_put_before(struct loadorder *order, const struct closure *closure, uint32_t filtee, uint32_t filter)
{
	const struct closure_object *objects = closure->objects.items;
	uint32_t name_space = objects[filter].name_space;
	bool is_first = filter ? objects[filter - 1].name_space != name_space : name_space || closure->has_program;
	bool is_program = !filtee && closure->has_program;
	if (!is_first && !is_program && objects[filtee].name_space == name_space)
		move(order, filtee, filter);
}

static uint32_t place_of(const uint32_t *place_of_object, uint32_t object)
{
	return object == POLYTON_NONE ? POLYTON_NONE : place_of_object[object];
}

struct polyton_error *loadorder_apply(const struct loadorder *order, struct closure *closure)
{
	size_t count = closure->objects.count;
	if (!order->is_changed)
		return NULL;
	struct closure_object *objects = calloc(count + 1, sizeof(*objects));
	auto_free uint32_t *places = calloc(count + 1, sizeof(*places));
	uint32_t at = 0;
	if (!objects || !places) {
		free(objects);
		return error_no_memory();
	}
	while (order->places.items[at].previous != POLYTON_NONE)
		at = order->places.items[at].previous;
	for (uint32_t i = 0; at != POLYTON_NONE; at = order->places.items[at].next)
		places[at] = i++;
	for (size_t i = 0; i < count; i++) {
		struct closure_object *object = &objects[places[i]];
		*object = closure->objects.items[i];
		object->loader = place_of(places, object->loader);
		for (size_t k = 0; object->needs && k < object->file->dynamic.needed_count; k++)
			object->needs[k] = place_of(places, object->needs[k]);
	}
	for (size_t i = 0; i < closure->missing.count; i++)
		closure->missing.items[i].first = places[closure->missing.items[i].first];
	free(closure->objects.items);
	closure->objects.items = objects;
	closure->objects.capacity = count + 1;
	return NULL;
}
