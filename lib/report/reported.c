// The findings decide what is worth showing; a singleton that is in none is shown on request only, with the reason.

#include "report/reported.h"

#include <string.h>

#include "report/match.h"

// A finding about an object belongs to no library and no singleton: no expression matches it, unless it speaks for
// singletons that it matches.
static void match_findings(const struct polyton_snapshot *snapshot, struct match *match,
			   const struct reported *reported)
{
	for (uint32_t i = 0; i < snapshot->findings.count; i++) {
		const struct polyton_finding *finding = &snapshot->findings.items[i];
		const struct polyton_library *library = polyton_snapshot_library(snapshot, finding->library);
		const struct polyton_singleton *singleton = polyton_snapshot_singleton(snapshot, finding->singleton);
		reported->findings[i] = !match->is_given || (library && match_has(match, library->name)) ||
					(singleton && match_has(match, singleton->name));
	}
	for (uint32_t i = 0; match->is_given && i < snapshot->singletons.count; i++) {
		const struct polyton_singleton *singleton = &snapshot->singletons.items[i];
		if (reported_fold(snapshot, singleton) && !reported->findings[singleton->folded_into])
			reported->findings[singleton->folded_into] =
				match_has(match, singleton->name) ||
				match_has(match, snapshot->libraries.items[singleton->library].name);
	}
}

bool reported_counts(const struct reported *reported, uint32_t index)
{
	return reported->findings[index] && !reported->suppressed[index];
}

bool reported_is_new(const struct reported *reported, uint32_t index)
{
	return reported->verdicts && reported->verdicts[index].baseline == POLYTON_BASELINE_NEW;
}

bool reported_is_duplicate(const struct polyton_finding *finding)
{
	return finding->singleton != POLYTON_NONE &&
	       (strcmp(finding->rule, "PT001") == 0 || strcmp(finding->rule, "PT002") == 0);
}

const struct polyton_finding *reported_fold(const struct polyton_snapshot *snapshot,
					    const struct polyton_singleton *singleton)
{
	return polyton_snapshot_finding(snapshot, singleton->folded_into);
}

const char *reported_why_not(const struct polyton_singleton *singleton)
{
	if (singleton->dropped)
		return singleton->dropped;
	if (singleton->live_count < 2)
		return "merged: at most one of the copies is used";
	if (singleton->is_read_only)
		return "read-only: the copies cannot come to differ";
	if (singleton->confidence == POLYTON_CONFIDENCE_POSSIBLE)
		return "only possible: nothing but the name says that it is one variable";
	return NULL;
}

static void mark_findings(const struct polyton_snapshot *snapshot, const struct reported *reported)
{
	for (uint32_t i = 0; i < snapshot->findings.count; i++) {
		const struct polyton_finding *finding = &snapshot->findings.items[i];
		if (!reported->findings[i])
			continue;
		if (finding->singleton < snapshot->singletons.count)
			reported->singletons[finding->singleton] = true;
		if (finding->singleton != POLYTON_NONE || finding->library >= snapshot->libraries.count)
			continue;
		// One line for a whole library stands for all of its singletons that would have had one of their own.
		const struct polyton_library *library = &snapshot->libraries.items[finding->library];
		for (uint32_t k = 0; k < library->singleton_count; k++) {
			uint32_t index = library->first_singleton + k;
			if (!reported_why_not(&snapshot->singletons.items[index]))
				reported->singletons[index] = true;
		}
	}
	for (uint32_t i = 0; i < snapshot->singletons.count; i++) {
		const struct polyton_singleton *singleton = &snapshot->singletons.items[i];
		if (reported_fold(snapshot, singleton) && reported->findings[singleton->folded_into] &&
		    !reported_why_not(singleton))
			reported->singletons[i] = true;
	}
}

static void mark_all(const struct polyton_snapshot *snapshot, struct match *match, const struct reported *reported)
{
	for (uint32_t i = 0; i < snapshot->singletons.count; i++) {
		const struct polyton_singleton *singleton = &snapshot->singletons.items[i];
		const struct polyton_library *library = &snapshot->libraries.items[singleton->library];
		if (match_has(match, singleton->name) || match_has(match, library->name))
			reported->singletons[i] = true;
	}
}

// What matches, but does not count, or is of use to few. A routine finding that is suppressed is suppressed.
static void leave_out(const struct polyton_snapshot *snapshot, const struct polyton_write_options *options,
		      const struct reported *reported)
{
	for (uint32_t i = 0; i < snapshot->findings.count; i++) {
		bool is_routine = snapshot->findings.items[i].is_routine;
		reported->suppressed[i] = reported->findings[i] && options->verdicts &&
					  options->verdicts[i].suppressed;
		reported->routine[i] = reported->findings[i] && is_routine && !reported->suppressed[i] &&
				       !options->show_all;
		reported->findings[i] &= options->show_all || (!reported->routine[i] && !reported->suppressed[i]);
	}
}

struct polyton_error *reported_init(const struct polyton_snapshot *snapshot,
				    const struct polyton_write_options *options, struct reported *ret)
{
	struct match match;
	struct polyton_error *error = match_init(options->match, &match);
	if (error)
		return error;
	struct reported reported = {
		.libraries = calloc(snapshot->libraries.count + 1, sizeof(bool)),
		.singletons = calloc(snapshot->singletons.count + 1, sizeof(bool)),
		.findings = calloc(snapshot->findings.count + 1, sizeof(bool)),
		.routine = calloc(snapshot->findings.count + 1, sizeof(bool)),
		.suppressed = calloc(snapshot->findings.count + 1, sizeof(bool)),
		.verdicts = options->verdicts,
		.remarks = options->remarks,
	};
	if (!reported.libraries || !reported.singletons || !reported.findings || !reported.routine ||
	    !reported.suppressed) {
		reported_deinit(&reported);
		match_deinit(&match);
		return error_no_memory();
	}
	match_findings(snapshot, &match, &reported);
	leave_out(snapshot, options, &reported);
	mark_findings(snapshot, &reported);
	if (options->show_all)
		mark_all(snapshot, &match, &reported);
	for (uint32_t i = 0; i < snapshot->singletons.count; i++) {
		if (reported.singletons[i])
			reported.libraries[snapshot->singletons.items[i].library] = true;
	}
	match_deinit(&match);
	if (match.has_failed) {
		reported_deinit(&reported);
		return error_no_memory();
	}
	*ret = reported;
	return NULL;
}

void reported_deinit(struct reported *reported)
{
	free(reported->libraries);
	free(reported->singletons);
	free(reported->findings);
	free(reported->routine);
	free(reported->suppressed);
	*reported = (struct reported){ 0 };
}
