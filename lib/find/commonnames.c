// A name is counted under a key that is at least as coarse as its identity's. Keys of all objects are made at once, by
// all processors; of those whose hash came once, nothing else is read.

#include "find/commonnames.h"

#include <stdlib.h>
#include <string.h>

#include "base/seen.h"
#include "base/spread.h"
#include "base/strmap.h"
#include "find/identity.h"

enum {
	COMMON_UNSEEN = UINT32_MAX,
	COMMON_OBJECTS = 16, // that are worth a thread of their own
};

struct key {
	const char *text;
	size_t length;
	uint64_t hash;
};

struct name_count {
	uint32_t last_object, objects;
};

struct counter {
	const struct object_input *objects;
	const size_t *first;
	struct key *keys;     // by candidate
	struct arena *arenas; // by object
	struct seen seen;
	struct strmap map; // key to index in counts
	vec_of(struct name_count) counts;
};

static struct polyton_error *make_key(const struct candidate *candidate, struct arena *arena, struct key *ret)
{
	size_t length = strcspn(candidate->name, ".@");
	*ret = (struct key){ .text = candidate->name, .length = length ? length : strlen(candidate->name) };
	if (candidate->may_be_rust) {
		struct identity identity;
		struct polyton_error *error = identity_of(candidate->name, candidate->is_local, arena, &identity);
		if (error)
			return error;
		*ret = (struct key){ .text = identity.key, .length = strlen(identity.key) };
	}
	ret->hash = strmap_hash(ret->text, ret->length);
	return NULL;
}

static struct polyton_error *make_keys(void *arg, size_t object)
{
	const struct counter *counter = arg;
	const candidates *all = counter->objects[object].candidates;
	struct polyton_error *error = NULL;
	for (size_t i = 0; !error && i < all->count; i++)
		error = make_key(&all->items[i], &counter->arenas[object],
				 &counter->keys[counter->first[object] + i]);
	return error;
}

// Until here the same name twice in one object looks like one in two.
static struct polyton_error *count_names(struct counter *counter, uint32_t objects)
{
	for (uint32_t object = 0; object < objects; object++) {
		for (size_t i = counter->first[object]; i < counter->first[object + 1]; i++) {
			const struct key *key = &counter->keys[i];
			if (!seen_again(&counter->seen, key->hash))
				continue;
			uint32_t *at = strmap_at(&counter->map, key->text, key->length, COMMON_UNSEEN);
			if (!at)
				return error_no_memory();
			if (*at == COMMON_UNSEEN) {
				struct name_count *fresh = vec_push(&counter->counts);
				if (!fresh)
					return error_no_memory();
				*fresh = (struct name_count){ .last_object = object, .objects = 1 };
				*at = (uint32_t)counter->counts.count - 1;
			} else if (counter->counts.items[*at].last_object != object) {
				counter->counts.items[*at].last_object = object;
				counter->counts.items[*at].objects++;
			}
		}
	}
	return NULL;
}

static void mark(const struct counter *counter, size_t count, bool *is_common)
{
	for (size_t i = 0; i < count; i++) {
		const struct key *key = &counter->keys[i];
		const uint32_t *at = seen_again(&counter->seen, key->hash)
					     ? strmap_find(&counter->map, key->text, key->length)
					     : NULL;
		is_common[i] = at && counter->counts.items[*at].objects > 1;
	}
}

static void counter_deinit(struct counter *counter, uint32_t objects)
{
	for (uint32_t i = 0; counter->arenas && i < objects; i++)
		arena_deinit(&counter->arenas[i]);
	free(counter->arenas);
	free(counter->keys);
	seen_deinit(&counter->seen);
	strmap_deinit(&counter->map);
	vec_deinit(&counter->counts);
}

static struct polyton_error *find(const struct object_input *objects, uint32_t count, struct common_names *names)
{
	size_t total = names->first[count];
	struct counter counter = { .objects = objects,
				   .first = names->first,
				   .keys = calloc(total + 1, sizeof(*counter.keys)),
				   .arenas = calloc((size_t)count + 1, sizeof(*counter.arenas)) };
	bool has_room = counter.keys && counter.arenas && seen_init(&counter.seen, total);
	struct polyton_error *error = has_room ? spread_over(count, COMMON_OBJECTS, make_keys, &counter)
					       : error_no_memory();
	for (size_t i = 0; !error && i < total; i++)
		seen_meet(&counter.seen, counter.keys[i].hash);
	if (!error)
		error = count_names(&counter, count);
	if (!error)
		mark(&counter, total, names->is_common);
	counter_deinit(&counter, count);
	return error;
}

struct polyton_error *common_names_find(const struct object_input *objects, uint32_t count, struct common_names *ret)
{
	struct common_names names = { .first = calloc((size_t)count + 1, sizeof(*names.first)) };
	for (uint32_t i = 0; names.first && i < count; i++)
		names.first[i + 1] = names.first[i] + objects[i].candidates->count;
	names.is_common = names.first ? calloc(names.first[count] + 1, sizeof(*names.is_common)) : NULL;
	struct polyton_error *error = names.is_common ? find(objects, count, &names) : error_no_memory();
	if (error) {
		common_names_deinit(&names);
		return error;
	}
	*ret = names;
	return NULL;
}

void common_names_deinit(struct common_names *names)
{
	free(names->is_common);
	free(names->first);
	*names = (struct common_names){ 0 };
}
