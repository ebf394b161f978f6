// Four passes over all objects need nothing of each other: they are made side by side where there are many objects.

#include "analysis.h"

#include "base/clock.h"
#include "base/spread.h"
#include "find/binding.h"
#include "find/blindspot.h"
#include "find/findings.h"

enum {
	ANALYSIS_MANY = 64, // objects that are worth threads
};

/** The passes; the longest first. */
enum pass { PASS_BINDINGS, PASS_CRATES, PASS_EXPORTS, PASS_DRAFTS, PASS_COUNT };

struct stage {
	struct subject *subject;
	const struct scan *scan;
	bool keeps_bindings;
	struct polyton_snapshot *snapshot;
	struct analysis *analysis;
};

// Who is bound to what: the words that the loader wrote, or what it would find.
static struct polyton_error *bind(const struct stage *stage)
{
	struct polyton_snapshot *snapshot = stage->snapshot;
	struct bindings *bindings = &stage->analysis->bindings;
	uint64_t start = clock_ns();
	struct polyton_error *error =
		stage->subject
			? bindings_read(stage->subject, stage->scan, stage->keeps_bindings, snapshot, bindings)
			: bindings_derive(stage->scan->arch, stage->scan, stage->keeps_bindings, snapshot, bindings);
	snapshot->subject.reference_count = bindings->references.count;
	snapshot->subject.binding_ns = clock_ns() - start;
	return error;
}

static struct polyton_error *pass(void *arg, size_t number)
{
	const struct stage *stage = arg;
	const struct scan *scan = stage->scan;
	switch ((enum pass)number) {
	case PASS_BINDINGS: // those of a process are read by the thread that may read it
		return stage->subject ? NULL : bind(stage);
	case PASS_CRATES:
		return blindspot_prepare(stage->snapshot, &stage->analysis->crates);
	case PASS_EXPORTS:
		return exports_find(scan->inputs, scan->count, &stage->analysis->exports);
	case PASS_DRAFTS:
		return drafts_find(scan->inputs, scan->count, &stage->analysis->drafts);
	case PASS_COUNT:
		break;
	}
	return NULL;
}

struct polyton_error *analysis_make(struct subject *subject, const struct scan *scan, bool keeps_bindings,
				    struct polyton_snapshot *snapshot, struct analysis *analysis)
{
	struct stage stage = { subject, scan, keeps_bindings, snapshot, analysis };
	struct polyton_error *error = crate_lists_init(&analysis->crates, scan->inputs, scan->count);
	if (!error && subject)
		error = bind(&stage);
	if (!error && subject)
		error = subject_go_on(subject);
	if (!error)
		error = spread_over(PASS_COUNT, scan->count < ANALYSIS_MANY ? PASS_COUNT : 1, pass, &stage);
	if (!error)
		error = evidence_weigh(&analysis->drafts, &analysis->bindings.linkage);
	if (!error)
		error = rows_build(&analysis->drafts, &analysis->crates, snapshot);
	drafts_deinit(&analysis->drafts);
	return error ? error : binding_settle(snapshot, scan->inputs, &analysis->bindings.linkage);
}

struct polyton_error *analysis_conclude(struct analysis *analysis, const struct scan *scan,
					struct polyton_snapshot *snapshot)
{
	struct finder finder = { .snapshot = snapshot,
				 .inputs = scan->inputs,
				 .crates = &analysis->crates,
				 .linkage = &analysis->bindings.linkage };
	return findings_build(&finder, &analysis->exports);
}

void analysis_deinit(struct analysis *analysis)
{
	drafts_deinit(&analysis->drafts);
	exports_deinit(&analysis->exports);
	bindings_deinit(&analysis->bindings);
	crate_lists_deinit(&analysis->crates);
}
