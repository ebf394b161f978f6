// Names are read once each, however many objects have them, and side by side: most of the time of it is demangling.

#include "find/members.h"

#include <string.h>

#include "base/spread.h"
#include "base/strmap.h"

enum { MEMBERS_BLOCK = 128 }; // names that are read in one go

/** A name that is read once. */
struct name {
	const char *symbol;
	bool is_local;
};

struct collector {
	struct members members;
	struct strmap known[2]; // names by is_local: indices in names
	vec_of(struct name) names;
	vec_of(uint32_t) name_of; // by member
};

static struct polyton_error *add(struct collector *collector, uint32_t object, const struct candidate *candidate)
{
	uint32_t *known = strmap_at(&collector->known[candidate->is_local], candidate->name, strlen(candidate->name),
				    (uint32_t)collector->names.count);
	struct member *member = known ? vec_push(&collector->members) : NULL;
	uint32_t *name_of = member ? vec_push(&collector->name_of) : NULL;
	if (!name_of)
		return error_no_memory();
	*name_of = *known;
	*member = (struct member){ object, candidate, NULL, POLYTON_NONE };
	if (*known < collector->names.count)
		return NULL;
	struct name *fresh = vec_push(&collector->names);
	if (!fresh)
		return error_no_memory();
	*fresh = (struct name){ candidate->name, candidate->is_local };
	return NULL;
}

static struct polyton_error *read_names(void *arg, size_t block)
{
	const struct collector *collector = arg;
	struct polyton_error *error = NULL;
	size_t end = (block + 1) * MEMBERS_BLOCK;
	for (size_t i = block * MEMBERS_BLOCK; !error && i < end && i < collector->names.count; i++) {
		const struct name *name = &collector->names.items[i];
		error = identity_of(name->symbol, name->is_local, &collector->members.arenas[block],
				    &collector->members.identities[i]);
	}
	return error;
}

static struct polyton_error *read_all(struct collector *collector)
{
	struct members *members = &collector->members;
	members->arena_count = (collector->names.count + MEMBERS_BLOCK - 1) / MEMBERS_BLOCK;
	members->arenas = calloc(members->arena_count + 1, sizeof(*members->arenas));
	members->identities = calloc(collector->names.count + 1, sizeof(*members->identities));
	if (!members->arenas || !members->identities)
		return error_no_memory();
	return spread_over(members->arena_count, 2, read_names, collector);
}

// Guards and state words belong to the variable they guard.
static void keep_variables(struct collector *collector)
{
	struct members *members = &collector->members;
	size_t kept = 0;
	for (size_t i = 0; i < members->count; i++) {
		const struct identity *identity = &members->identities[collector->name_of.items[i]];
		if (identity->role != IDENTITY_VALUE)
			continue;
		members->items[kept] = members->items[i];
		members->items[kept++].identity = identity;
	}
	members->count = kept;
}

struct polyton_error *members_collect(const struct object_input *objects, uint32_t count,
				      const struct common_names *names, struct members *ret)
{
	struct collector collector = { 0 };
	struct polyton_error *error = NULL;
	for (uint32_t object = 0; !error && object < count; object++) {
		const candidates *all = objects[object].candidates;
		for (size_t i = 0; !error && i < all->count; i++) {
			if (common_names_has(names, object, i))
				error = add(&collector, object, &all->items[i]);
		}
	}
	if (!error)
		error = read_all(&collector);
	if (!error)
		keep_variables(&collector);
	strmap_deinit(&collector.known[0]);
	strmap_deinit(&collector.known[1]);
	vec_deinit(&collector.names);
	vec_deinit(&collector.name_of);
	if (error) {
		members_deinit(&collector.members);
		return error;
	}
	*ret = collector.members;
	return NULL;
}

void members_deinit(struct members *members)
{
	for (size_t i = 0; members->arenas && i < members->arena_count; i++)
		arena_deinit(&members->arenas[i]);
	free(members->arenas);
	free(members->identities);
	vec_deinit(members);
	*members = (struct members){ 0 };
}
