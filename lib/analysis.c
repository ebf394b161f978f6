// Most passes over all objects need nothing of each other, and some need two others: they are made side by side where
// there are many objects.

#include "analysis.h"

#include "base/clock.h"
#include "base/jobs.h"
#include "find/binding.h"
#include "find/blindspot.h"
#include "find/findings.h"

enum {
	ANALYSIS_MANY = 64, // objects that are worth threads
};

/** The passes; what others wait for comes first. */
enum pass {
	PASS_BINDINGS,
	PASS_DRAFTS,
	PASS_CRATES,
	PASS_EXPORTS,
	PASS_ROWS,
	PASS_RELATIONS,
	PASS_START_CODE,
	PASS_COUNT,
};

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

static struct finder start_finder(const struct stage *stage)
{
	return (struct finder){ .snapshot = stage->snapshot,
				.inputs = stage->scan->inputs,
				.crates = &stage->analysis->crates,
				.linkage = &stage->analysis->bindings.linkage };
}

static struct polyton_error *make_rows(const struct stage *stage)
{
	struct analysis *analysis = stage->analysis;
	struct polyton_error *error = evidence_weigh(&analysis->drafts, &analysis->bindings.linkage);
	if (!error)
		error = rows_build(&analysis->drafts, &analysis->crates, stage->snapshot);
	drafts_deinit(&analysis->drafts);
	return error ? error : binding_settle(stage->snapshot, stage->scan->inputs, &analysis->bindings.linkage);
}

// Who uses whose exports, and whose object.
static struct polyton_error *relate(const struct stage *stage)
{
	struct analysis *analysis = stage->analysis;
	const struct finder finder = start_finder(stage);
	struct polyton_error *error = exports_relate(&finder, &analysis->exports);
	return error ? error : uses_init(finder.linkage, stage->scan->count, &analysis->uses);
}

static struct polyton_error *pass(void *arg, size_t number)
{
	const struct stage *stage = arg;
	struct analysis *analysis = stage->analysis;
	const struct scan *scan = stage->scan;
	const struct finder finder = start_finder(stage);
	switch ((enum pass)number) {
	case PASS_BINDINGS: // those of a process are read by the thread that may read it
		return stage->subject ? NULL : bind(stage);
	case PASS_DRAFTS:
		return drafts_find(scan->inputs, scan->count, &analysis->drafts);
	case PASS_CRATES:
		return blindspot_prepare(stage->snapshot, &analysis->crates);
	case PASS_EXPORTS:
		return exports_find(scan->inputs, scan->count, &analysis->exports);
	case PASS_ROWS:
		return make_rows(stage);
	case PASS_RELATIONS:
		return relate(stage);
	case PASS_START_CODE:
		return twiceinit_look(&finder, &analysis->twiceinit);
	case PASS_COUNT:
		break;
	}
	return NULL;
}

static const struct job passes[PASS_COUNT] = {
	[PASS_BINDINGS] = { pass, 0 },
	[PASS_DRAFTS] = { pass, 0 },
	[PASS_CRATES] = { pass, 0 },
	[PASS_EXPORTS] = { pass, 0 },
	[PASS_ROWS] = { pass, JOB(PASS_BINDINGS) | JOB(PASS_DRAFTS) | JOB(PASS_CRATES) },
	[PASS_RELATIONS] = { pass, JOB(PASS_BINDINGS) | JOB(PASS_EXPORTS) },
	[PASS_START_CODE] = { pass, JOB(PASS_BINDINGS) },
};

struct polyton_error *analysis_make(struct subject *subject, const struct scan *scan, bool keeps_bindings,
				    struct polyton_snapshot *snapshot, struct analysis *analysis)
{
	struct stage stage = { subject, scan, keeps_bindings, snapshot, analysis };
	struct polyton_error *error = crate_lists_init(&analysis->crates, scan->inputs, scan->count);
	if (!error && subject)
		error = bind(&stage);
	if (!error && subject)
		error = subject_go_on(subject);
	return error ? error : jobs_run(passes, PASS_COUNT, scan->count >= ANALYSIS_MANY, &stage);
}

struct polyton_error *analysis_conclude(struct analysis *analysis, const struct scan *scan,
					struct polyton_snapshot *snapshot)
{
	const struct stage stage = { .scan = scan, .snapshot = snapshot, .analysis = analysis };
	struct finder finder = start_finder(&stage);
	finder.exports = &analysis->exports;
	finder.uses = &analysis->uses;
	finder.twiceinit = &analysis->twiceinit;
	return findings_build(&finder);
}

void analysis_deinit(struct analysis *analysis)
{
	drafts_deinit(&analysis->drafts);
	twiceinit_deinit(&analysis->twiceinit);
	uses_deinit(&analysis->uses);
	exports_deinit(&analysis->exports);
	bindings_deinit(&analysis->bindings);
	crate_lists_deinit(&analysis->crates);
}
