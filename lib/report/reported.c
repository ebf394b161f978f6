// The findings decide what is worth showing; a singleton that is in none is shown on request only, with the reason.

#include "report/reported.h"

#include <regex.h>

enum { REPORTED_COMPLAINT_MAX = 256 };

/** The expression that names must match, if there is one. */
struct filter {
	bool is_given;
	bool has_failed; // to be looked for: out of memory
	regex_t expression;
};

static struct polyton_error *filter_init(const char *match, struct filter *ret)
{
	char complaint[REPORTED_COMPLAINT_MAX];
	*ret = (struct filter){ .is_given = match != NULL };
	int number = match ? regcomp(&ret->expression, match, REG_EXTENDED | REG_NOSUB) : 0;
	if (!number)
		return NULL;
	regerror(number, &ret->expression, complaint, sizeof(complaint));
	return number == REG_ESPACE ? error_no_memory()
				    : error_create(POLYTON_ERROR_ARGUMENT, "\"%s\" is no regular expression: %s",
						   match, complaint);
}

static void filter_deinit(struct filter *filter)
{
	if (filter->is_given)
		regfree(&filter->expression);
}

static bool is_match(struct filter *filter, const char *name)
{
	int answer = filter->is_given ? regexec(&filter->expression, name, 0, NULL, 0) : 0;
	filter->has_failed |= answer && answer != REG_NOMATCH;
	return !answer;
}

// A finding about an object belongs to no library and no singleton: no expression matches it.
static bool finding_matches(const struct polyton_snapshot *snapshot, struct filter *filter,
			    const struct polyton_finding *finding)
{
	const struct polyton_library *library = polyton_snapshot_library(snapshot, finding->library);
	const struct polyton_singleton *singleton = polyton_snapshot_singleton(snapshot, finding->singleton);
	return !filter->is_given || (library && is_match(filter, library->name)) ||
	       (singleton && is_match(filter, singleton->name));
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

static void mark_findings(const struct polyton_snapshot *snapshot, struct filter *filter,
			  const struct reported *reported)
{
	for (uint32_t i = 0; i < snapshot->findings.count; i++) {
		const struct polyton_finding *finding = &snapshot->findings.items[i];
		reported->findings[i] = finding_matches(snapshot, filter, finding);
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
}

static void mark_all(const struct polyton_snapshot *snapshot, struct filter *filter, const struct reported *reported)
{
	for (uint32_t i = 0; i < snapshot->singletons.count; i++) {
		const struct polyton_singleton *singleton = &snapshot->singletons.items[i];
		const struct polyton_library *library = &snapshot->libraries.items[singleton->library];
		if (is_match(filter, singleton->name) || is_match(filter, library->name))
			reported->singletons[i] = true;
	}
}

struct polyton_error *reported_init(const struct polyton_snapshot *snapshot,
				    const struct polyton_write_options *options, struct reported *ret)
{
	struct filter filter;
	struct polyton_error *error = filter_init(options->match, &filter);
	if (error)
		return error;
	struct reported reported = {
		.libraries = calloc(snapshot->libraries.count + 1, sizeof(bool)),
		.singletons = calloc(snapshot->singletons.count + 1, sizeof(bool)),
		.findings = calloc(snapshot->findings.count + 1, sizeof(bool)),
	};
	if (!reported.libraries || !reported.singletons || !reported.findings) {
		reported_deinit(&reported);
		filter_deinit(&filter);
		return error_no_memory();
	}
	mark_findings(snapshot, &filter, &reported);
	if (options->show_all)
		mark_all(snapshot, &filter, &reported);
	for (uint32_t i = 0; i < snapshot->singletons.count; i++) {
		if (reported.singletons[i])
			reported.libraries[snapshot->singletons.items[i].library] = true;
	}
	filter_deinit(&filter);
	if (filter.has_failed) {
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
	*reported = (struct reported){ 0 };
}
