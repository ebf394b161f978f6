// Reports begin with what is worst, and which finding that is can be a matter of policy. Findings are few: they are
// copied, so that the snapshot stays as it was.

#include "report/judged.h"

#include <string.h>

static int compare_verdicts(const void *left, const void *right, void *verdicts)
{
	const uint32_t *a = left, *b = right;
	const struct polyton_verdict *all = verdicts;
	if (all[*a].severity != all[*b].severity)
		return all[*a].severity > all[*b].severity ? -1 : 1;
	return (*a > *b) - (*a < *b);
}

static void move(const struct polyton_snapshot *snapshot, const struct polyton_verdict *verdicts,
		 const uint32_t *order, uint32_t *now, struct judged *judged)
{
	for (uint32_t i = 0; i < snapshot->findings.count; i++) {
		const struct polyton_verdict *verdict = &verdicts[order[i]];
		struct polyton_finding *finding = &judged->snapshot.findings.items[i];
		*finding = snapshot->findings.items[order[i]];
		finding->is_routine &= verdict->severity <= finding->severity;
		finding->severity = verdict->severity;
		judged->verdicts[i] = *verdict;
		now[order[i]] = i;
	}
	for (uint32_t i = 0; i < snapshot->singletons.count; i++) {
		struct polyton_singleton *singleton = &judged->snapshot.singletons.items[i];
		*singleton = snapshot->singletons.items[i];
		if (singleton->folded_into < snapshot->findings.count)
			singleton->folded_into = now[singleton->folded_into];
	}
}

struct polyton_error *judged_init(const struct polyton_snapshot *snapshot, const struct polyton_verdict *verdicts,
				  struct judged *ret)
{
	size_t count = snapshot->findings.count;
	struct judged judged = { .snapshot = *snapshot };
	if (!verdicts) {
		*ret = judged;
		return NULL;
	}
	auto_free uint32_t *order = calloc(count + 1, sizeof(*order));
	auto_free uint32_t *now = calloc(count + 1, sizeof(*now));
	judged.verdicts = calloc(count + 1, sizeof(*judged.verdicts));
	judged.snapshot.findings.items = calloc(count + 1, sizeof(*judged.snapshot.findings.items));
	judged.snapshot.singletons.items =
		calloc(snapshot->singletons.count + 1, sizeof(*judged.snapshot.singletons.items));
	if (!order || !now || !judged.verdicts || !judged.snapshot.findings.items ||
	    !judged.snapshot.singletons.items) {
		free(judged.verdicts);
		free(judged.snapshot.findings.items);
		free(judged.snapshot.singletons.items);
		return error_no_memory();
	}
	for (uint32_t i = 0; i < count; i++)
		order[i] = i;
	qsort_r(order, count, sizeof(*order), compare_verdicts, (void *)verdicts);
	move(snapshot, verdicts, order, now, &judged);
	*ret = judged;
	return NULL;
}

void judged_deinit(struct judged *judged)
{
	// Without verdicts nothing was copied.
	if (judged->verdicts) {
		free(judged->snapshot.findings.items);
		free(judged->snapshot.singletons.items);
	}
	free(judged->verdicts);
	*judged = (struct judged){ 0 };
}
