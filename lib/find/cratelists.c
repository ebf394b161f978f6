#include "find/cratelists.h"

#include <stdlib.h>

#include "base/spread.h"

enum { CRATELISTS_OBJECTS = 16 }; // that are worth a thread of their own

struct polyton_error *crate_lists_init(struct crate_lists *lists, const struct object_input *objects, uint32_t count)
{
	*lists = (struct crate_lists){ objects, count, calloc((size_t)count + 1, sizeof(*lists->lists)) };
	return lists->lists ? NULL : error_no_memory();
}

void crate_lists_deinit(struct crate_lists *lists)
{
	for (uint32_t i = 0; lists->lists && i < lists->count; i++)
		arena_deinit(&lists->lists[i].arena);
	free(lists->lists);
	*lists = (struct crate_lists){ 0 };
}

static struct polyton_error *scan(struct crate_lists *lists, size_t object)
{
	struct crate_list *list = &lists->lists[object];
	struct polyton_error *error = NULL;
	if (!list->is_scanned && lists->objects[object].file)
		error = crates_scan(lists->objects[object].file, &list->arena, &list->crates, &list->count);
	list->is_scanned = !error;
	return error;
}

struct scanning {
	struct crate_lists *lists;
	const bool *wanted;
};

static struct polyton_error *scan_wanted(void *arg, size_t object)
{
	const struct scanning *scanning = arg;
	return !scanning->wanted || scanning->wanted[object] ? scan(scanning->lists, object) : NULL;
}

struct polyton_error *crate_lists_scan(struct crate_lists *lists, const bool *wanted)
{
	struct scanning scanning = { lists, wanted };
	return spread_over(lists->count, CRATELISTS_OBJECTS, scan_wanted, &scanning);
}

struct polyton_error *crate_lists_get(struct crate_lists *lists, uint32_t object, const struct crate **ret,
				      size_t *count_ret)
{
	struct polyton_error *error = scan(lists, object);
	if (error)
		return error;
	*ret = lists->lists[object].crates;
	*count_ret = lists->lists[object].count;
	return NULL;
}
