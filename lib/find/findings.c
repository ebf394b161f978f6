// A finding is only what is true of this snapshot. Libraries that are there twice come first, because they speak for
// their singletons.

#include "find/findings.h"

#include <string.h>

#include "find/about.h"
#include "find/beside.h"
#include "find/blindspot.h"
#include "find/builds.h"
#include "find/cause.h"
#include "find/duplicates.h"
#include "find/exports.h"
#include "find/layouts.h"
#include "find/merged.h"
#include "find/pinned.h"
#include "find/pressure.h"
#include "find/torn.h"
#include "find/twice.h"
#include "find/twiceinit.h"
#include "find/typeinfo.h"

static uint32_t count_live(const struct polyton_snapshot *snapshot, const struct polyton_finding *finding)
{
	return finding->singleton == POLYTON_NONE ? 0 : snapshot->singletons.items[finding->singleton].live_count;
}

static int compare_findings(const struct polyton_finding *a, const struct polyton_finding *b,
			    const struct polyton_snapshot *snapshot)
{
	if (a->severity != b->severity)
		return a->severity > b->severity ? -1 : 1;
	int order = strcmp(a->rule, b->rule); // thread-locals before statics: they are what breaks first
	if (order)
		return order;
	uint32_t x = count_live(snapshot, a), y = count_live(snapshot, b);
	if (x != y)
		return x > y ? -1 : 1;
	if (a->library != b->library)
		return a->library < b->library ? -1 : 1;
	if (a->singleton != b->singleton)
		return a->singleton < b->singleton ? -1 : 1;
	return (a->object > b->object) - (a->object < b->object);
}

struct placed {
	struct polyton_finding finding;
	uint32_t before;
};

static int compare_placed(const void *left, const void *right, void *arg)
{
	const struct placed *a = left, *b = right;
	int order = compare_findings(&a->finding, &b->finding, arg);
	return order ? order : (a->before > b->before) - (a->before < b->before);
}

static struct polyton_error *find_duplicates(struct finder *finder)
{
	const struct polyton_snapshot *snapshot = finder->snapshot;
	struct polyton_error *error = NULL;
	for (uint32_t i = 0; !error && i < snapshot->libraries.count; i++) {
		const struct polyton_library *library = &snapshot->libraries.items[i];
		if (library->is_per_object) {
			error = duplicates_add_library(finder, i);
			continue;
		}
		for (uint32_t k = 0; !error && k < library->singleton_count; k++) {
			if (duplicates_is_reported(&snapshot->singletons.items[library->first_singleton + k]))
				error = duplicates_add(finder, library->first_singleton + k);
		}
	}
	return error;
}

// Worst first. Singletons know the finding that speaks for them by its place, which changes.
static struct polyton_error *sort(struct polyton_snapshot *snapshot)
{
	size_t count = snapshot->findings.count;
	auto_free struct placed *placed = calloc(count + 1, sizeof(*placed));
	auto_free uint32_t *now = calloc(count + 1, sizeof(*now));
	if (!placed || !now)
		return error_no_memory();
	for (size_t i = 0; i < count; i++)
		placed[i] = (struct placed){ snapshot->findings.items[i], (uint32_t)i };
	qsort_r(placed, count, sizeof(*placed), compare_placed, snapshot);
	for (size_t i = 0; i < count; i++) {
		snapshot->findings.items[i] = placed[i].finding;
		now[placed[i].before] = (uint32_t)i;
	}
	for (size_t i = 0; i < snapshot->singletons.count; i++) {
		struct polyton_singleton *singleton = &snapshot->singletons.items[i];
		if (singleton->folded_into != POLYTON_NONE)
			singleton->folded_into = now[singleton->folded_into];
	}
	return NULL;
}

typedef struct polyton_error *find_fn(struct finder *finder);

struct polyton_error *findings_build(struct finder *finder)
{
	static find_fn *const rooms[] = { layouts_settle, causes_settle,  twice_find,      builds_find,
					  beside_find,    torn_find,      find_duplicates, blindspot_find,
					  merged_find,    twiceinit_find, typeinfo_find,   pinned_find };
	struct polyton_error *error = NULL;
	for (size_t i = 0; !error && i < sizeof(rooms) / sizeof(rooms[0]); i++)
		error = rooms[i](finder);
	if (!error)
		error = pressure_find(finder->snapshot);
	if (!error)
		error = sort(finder->snapshot);
	return error ? error : about_settle(finder->snapshot);
}
