// polyton report: the findings. Its exit code must say what its output says, so the findings that --match hides, and
// the routine and suppressed ones that only --all shows, do not count.

#include "command.h"

static bool is_match(const struct request *request, const struct polyton_singleton *singleton,
		     const struct polyton_library *library)
{
	return (singleton && regexec(&request->match, singleton->name, 0, NULL, 0) == 0) ||
	       (library && regexec(&request->match, library->name, 0, NULL, 0) == 0);
}

bool report_shows(const struct answer *answer, uint32_t index)
{
	const struct polyton_snapshot *snapshot = answer->snapshot;
	const struct request *request = answer->request;
	const struct polyton_finding *finding = polyton_snapshot_finding(snapshot, index);
	if (judgement_is_routine(answer->judgement, snapshot, index) && !request_has(request, OPTION_ALL))
		return false;
	if (!request->value[OPTION_MATCH] ||
	    is_match(request, polyton_snapshot_singleton(snapshot, finding->singleton),
		     polyton_snapshot_library(snapshot, finding->library)))
		return true;
	// It may speak for singletons that match.
	for (uint32_t i = 0; i < polyton_snapshot_singleton_count(snapshot); i++) {
		const struct polyton_singleton *singleton = polyton_snapshot_singleton(snapshot, i);
		if (singleton->folded_into == index &&
		    is_match(request, singleton, polyton_snapshot_library(snapshot, singleton->library)))
			return true;
	}
	return false;
}

bool report_has_failure(const struct answer *answer)
{
	const struct fail_on *fail_on = &answer->ruling->fail_on;
	size_t counts[POLYTON_SEVERITY_ERROR + 1] = { 0 };
	for (uint32_t i = 0; i < polyton_snapshot_finding_count(answer->snapshot); i++) {
		struct polyton_verdict verdict = judgement_verdict(answer->judgement, answer->snapshot, i);
		bool is_known = verdict.baseline == POLYTON_BASELINE_UNCHANGED;
		if (!verdict.suppressed && !(fail_on->is_new_only && is_known) && report_shows(answer, i))
			counts[verdict.severity]++;
	}
	return judge_fails(&answer->ruling->policy, fail_on, counts);
}

const struct command report_command = {
	.name = "report",
	.operands = "SUBJECT",
	.summary = "singletons that exist more than once (default)",
	.help = "Report every thread-local and static variable of the process that code uses\n"
		"more than one copy of: where the copies are, which of them are set, why there\n"
		"are several and what to do about that, and what could not be seen.",
	.view = POLYTON_VIEW_REPORT,
	.takes_files = true,
	.options = OPTIONS_COMMON | OPTION_BIT(OPTION_ALL) | OPTION_BIT(OPTION_MATCH) | OPTION_BIT(OPTION_FAIL_ON) |
		   OPTION_BIT(OPTION_BASELINE) | OPTIONS_POLICY | OPTION_BIT(OPTION_NO_TYPES),
	.has_failure = report_has_failure,
};
