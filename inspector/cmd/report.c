// polyton report: the findings. Its exit code must say what its output says, so the findings that --match hides, and
// the routine ones that only --all shows, do not count.

#include "command.h"

static bool is_match(const struct request *request, const struct polyton_singleton *singleton,
		     const struct polyton_library *library)
{
	return (singleton && regexec(&request->match, singleton->name, 0, NULL, 0) == 0) ||
	       (library && regexec(&request->match, library->name, 0, NULL, 0) == 0);
}

static bool is_shown(const struct request *request, const struct polyton_snapshot *snapshot, uint32_t index)
{
	const struct polyton_finding *finding = polyton_snapshot_finding(snapshot, index);
	if (finding->is_routine && !request_has(request, OPTION_ALL))
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

static bool has_failure(const struct polyton_snapshot *snapshot, const struct request *request)
{
	// In the order of --fail-on's choices; nothing is worse than an error.
	static const int limits[] = { POLYTON_SEVERITY_ERROR, POLYTON_SEVERITY_WARNING, POLYTON_SEVERITY_NOTE,
				      POLYTON_SEVERITY_ERROR + 1 };
	int limit = limits[request->choice[OPTION_FAIL_ON]];

	for (uint32_t i = 0; i < polyton_snapshot_finding_count(snapshot); i++) {
		const struct polyton_finding *finding = polyton_snapshot_finding(snapshot, i);
		if ((int)finding->severity >= limit && is_shown(request, snapshot, i))
			return true;
	}
	return false;
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
		   OPTION_BIT(OPTION_NO_TYPES),
	.has_failure = has_failure,
};
