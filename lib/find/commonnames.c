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
	COMMON_OBJECTS = 16,   // that are worth a thread of their own
	COMMON_SHARE_BITS = 2, // shares in which the names of many objects are counted
};

struct key {
	const char *text;
	size_t length;
	uint64_t hash;
};

struct name_count {
	uint32_t last_object, objects;
};

/** Those names whose hashes have this remainder: all that are equal, and nobody else's business. */
struct share {
	struct seen seen;
	struct strmap map; // key to index in counts
	vec_of(struct name_count) counts;
};

struct counter {
	const struct object_input *objects;
	uint32_t object_count;
	const size_t *first;
	struct key *keys;     // by candidate
	struct arena *arenas; // by object
	bool *is_common;      // by candidate
	unsigned share_bits;  // there are two to this of them
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

// Above the bits by which hashes find their places.
static bool is_of_share(const struct counter *counter, const struct key *key, size_t number)
{
	return !counter->share_bits || key->hash >> (64 - counter->share_bits) == number;
}

static struct polyton_error *meet_name(struct share *share, const struct key *key, uint32_t object)
{
	uint32_t *at = strmap_at(&share->map, key->text, key->length, COMMON_UNSEEN);
	if (!at)
		return error_no_memory();
	if (*at == COMMON_UNSEEN) {
		struct name_count *fresh = vec_push(&share->counts);
		if (!fresh)
			return error_no_memory();
		*fresh = (struct name_count){ .last_object = object, .objects = 1 };
		*at = (uint32_t)share->counts.count - 1;
	} else if (share->counts.items[*at].last_object != object) {
		share->counts.items[*at].last_object = object;
		share->counts.items[*at].objects++;
	}
	return NULL;
}

// Until here the same name twice in one object looks like one in two.
static struct polyton_error *count_names(const struct counter *counter, size_t number, struct share *share)
{
	struct polyton_error *error = NULL;
	for (uint32_t object = 0; !error && object < counter->object_count; object++) {
		for (size_t i = counter->first[object]; !error && i < counter->first[object + 1]; i++) {
			const struct key *key = &counter->keys[i];
			if (is_of_share(counter, key, number) && seen_again(&share->seen, key->hash))
				error = meet_name(share, key, object);
		}
	}
	return error;
}

static void mark(const struct counter *counter, size_t number, const struct share *share)
{
	for (size_t i = 0; i < counter->first[counter->object_count]; i++) {
		const struct key *key = &counter->keys[i];
		if (!is_of_share(counter, key, number) || !seen_again(&share->seen, key->hash))
			continue;
		const uint32_t *at = strmap_find(&share->map, key->text, key->length);
		counter->is_common[i] = at && share->counts.items[*at].objects > 1;
	}
}

static struct polyton_error *settle_share(void *arg, size_t number)
{
	const struct counter *counter = arg;
	struct share share = { 0 };
	size_t total = counter->first[counter->object_count];
	struct polyton_error *error = seen_init(&share.seen, total >> counter->share_bits) ? NULL : error_no_memory();
	for (size_t i = 0; !error && i < total; i++) {
		if (is_of_share(counter, &counter->keys[i], number))
			seen_meet(&share.seen, counter->keys[i].hash);
	}
	if (!error)
		error = count_names(counter, number, &share);
	if (!error)
		mark(counter, number, &share);
	seen_deinit(&share.seen);
	strmap_deinit(&share.map);
	vec_deinit(&share.counts);
	return error;
}

static struct polyton_error *find(const struct object_input *objects, uint32_t count, struct common_names *names)
{
	struct counter counter = { .objects = objects,
				   .object_count = count,
				   .first = names->first,
				   .keys = calloc(names->first[count] + 1, sizeof(*counter.keys)),
				   .arenas = calloc((size_t)count + 1, sizeof(*counter.arenas)),
				   .is_common = names->is_common,
				   .share_bits = count < COMMON_OBJECTS ? 0 : COMMON_SHARE_BITS };
	bool has_room = counter.keys && counter.arenas;
	struct polyton_error *error = has_room ? spread_over(count, COMMON_OBJECTS, make_keys, &counter)
					       : error_no_memory();
	if (!error)
		error = spread_over((size_t)1 << counter.share_bits, 1, settle_share, &counter);
	for (uint32_t i = 0; counter.arenas && i < count; i++)
		arena_deinit(&counter.arenas[i]);
	free(counter.arenas);
	free(counter.keys);
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
