// Sentences name a few objects and count the rest: a report is read by people.

#include "find/finder.h"

#include <string.h>

enum { FINDER_MAX_NAMED = 4, FINDER_MAX_REMEDY = 8 };

struct polyton_error *finder_add(struct finder *finder, struct polyton_finding finding)
{
	struct polyton_finding *place = vec_push(&finder->snapshot->findings);
	if (!place || !finding.headline || !finding.detail)
		return error_no_memory();
	*place = finding;
	return NULL;
}

struct polyton_finding finder_start(enum rule_id rule, enum polyton_severity severity)
{
	return (struct polyton_finding){ .rule = rule_rows[rule].id,
					 .slug = rule_rows[rule].slug,
					 .severity = severity,
					 .confidence = POLYTON_CONFIDENCE_CERTAIN,
					 .library = POLYTON_NONE,
					 .singleton = POLYTON_NONE,
					 .object = POLYTON_NONE,
					 .detail = "" };
}

enum polyton_severity finder_severity(enum polyton_severity severity, enum polyton_confidence confidence)
{
	bool is_milder = confidence != POLYTON_CONFIDENCE_CERTAIN && severity != POLYTON_SEVERITY_NOTE;
	return is_milder ? severity - 1 : severity;
}

const struct polyton_reason *finder_reason(struct polyton_snapshot *snapshot, enum polyton_cause cause,
					   const char *text, const char *const *remedy)
{
	struct polyton_reason *reason = arena_alloc(&snapshot->arena, 1, sizeof(*reason));
	const char **steps = arena_alloc(&snapshot->arena, FINDER_MAX_REMEDY, sizeof(*steps));
	if (!reason || !steps || !text)
		return NULL;
	*reason = (struct polyton_reason){ .cause = cause, .text = text, .remedy = steps };
	for (; remedy[reason->remedy_count] && reason->remedy_count < FINDER_MAX_REMEDY; reason->remedy_count++)
		steps[reason->remedy_count] = remedy[reason->remedy_count];
	return reason;
}

const char *finder_list(struct polyton_snapshot *snapshot, const char *const *words, size_t count)
{
	size_t shown = count <= FINDER_MAX_NAMED + 1 ? count : FINDER_MAX_NAMED;
	const char *text = "";
	for (size_t i = 0; text && i < shown; i++)
		text = arena_printf(&snapshot->arena, "%s%s%s", text,
				    !i               ? ""
				    : i + 1 == count ? " and "
						     : ", ",
				    words[i]);
	if (text && shown < count)
		text = arena_printf(&snapshot->arena, "%s and %zu more", text, count - shown);
	return text;
}

const char *finder_enumerate(struct polyton_snapshot *snapshot, struct names names)
{
	const char *words[FINDER_MAX_NAMED + 1];
	for (size_t i = 0; i < names.count && i <= FINDER_MAX_NAMED; i++)
		words[i] = snapshot->objects.items[names.objects[i]].name;
	return finder_list(snapshot, words, names.count);
}

const char *finder_times(struct polyton_snapshot *snapshot, size_t count)
{
	return count == 2 ? "twice" : arena_printf(&snapshot->arena, "%zu times", count);
}
