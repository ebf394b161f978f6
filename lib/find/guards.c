// Pairs whose two names differ in nothing but what they stand for: "_ZGVN1A1bE" guards "_ZN1A1bE".

#include "find/guards.h"

#include <string.h>

#include "base/strmap.h"

static bool is_tls(const struct polyton_snapshot *snapshot, const struct polyton_copy *copy)
{
	return snapshot->singletons.items[copy->singleton].kind == POLYTON_KIND_TLS;
}

static void pair(const struct polyton_snapshot *snapshot, const struct polyton_copy *copy,
		 const struct candidate *guard, enum guard_kind kind, struct copy_guard *ret)
{
	uint64_t offset = guard->symbol->st_value;
	if ((guard->kind == POLYTON_KIND_TLS) != is_tls(snapshot, copy))
		return;
	if (is_tls(snapshot, copy))
		*ret = (struct copy_guard){ kind, true, offset - copy->offset };
	else if (copy->address)
		*ret = (struct copy_guard){ kind, false, snapshot->objects.items[copy->object].load_bias + offset };
}

static struct polyton_error *find_own(const struct polyton_snapshot *snapshot, const candidates *all, uint32_t object,
				      struct copy_guard *guards)
{
	struct strmap map = { 0 };
	struct polyton_error *error = NULL;
	for (size_t i = 0; !error && i < all->count; i++) {
		const char *name = all->items[i].name;
		if (strncmp(name, "_ZGV", 4) == 0 && !strmap_at(&map, name + 4, strcspn(name + 4, "@"), (uint32_t)i))
			error = error_no_memory();
	}
	for (uint32_t i = 0; !error && map.count && i < snapshot->copies.count; i++) {
		const struct polyton_copy *copy = &snapshot->copies.items[i];
		if (copy->object != object || strncmp(copy->symbol, "_Z", 2) != 0)
			continue;
		const uint32_t *guard = strmap_find(&map, copy->symbol + 2, strlen(copy->symbol + 2));
		if (guard)
			pair(snapshot, copy, &all->items[*guard], GUARD_OWN, &guards[i]);
	}
	strmap_deinit(&map);
	return error;
}

struct polyton_error *guards_find(const struct polyton_snapshot *snapshot, const struct object_input *object,
				  uint32_t index, struct copy_guard *guards)
{
	struct polyton_error *error = find_own(snapshot, object->candidates, index, guards);
	return error ? error : unitguards_find(snapshot, object, index, guards);
}
