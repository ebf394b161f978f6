// Whoever suppresses a finding must not forget it: a suppression that takes nothing, or whose day has gone by, is
// reported, since it hides either nothing or something else than was meant.

#include "judge.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "glob.h"

static bool is_listed(const char *const *list, const char *text)
{
	for (; *list; list++) {
		if (strcmp(*list, text) == 0)
			return true;
	}
	return false;
}

static bool is_taken(const char *const *patterns, const char *text)
{
	for (; *patterns; patterns++) {
		if (glob_takes(*patterns, text))
			return true;
	}
	return false;
}

// A pattern with a slash is one of paths, others are of names: with and without what makes them unique.
static bool is_object_taken(const char *const *patterns, const struct polyton_object *object)
{
	const char *slash = strrchr(object->path, '/');
	for (; *patterns; patterns++) {
		if (strchr(*patterns, '/') ? glob_takes(*patterns, object->path)
					   : glob_takes(*patterns, object->name) ||
						     glob_takes(*patterns, slash ? slash + 1 : object->path))
			return true;
	}
	return false;
}

static bool are_objects_taken(const char *const *patterns, const struct polyton_snapshot *snapshot,
			      const struct polyton_finding *finding)
{
	for (uint32_t i = 0; i < finding->object_count; i++) {
		if (!is_object_taken(patterns, polyton_snapshot_object(snapshot, finding->objects[i])))
			return false;
	}
	return finding->object_count > 0;
}

static bool selector_takes(const struct selector *about, const struct polyton_snapshot *snapshot,
			   const struct polyton_finding *finding)
{
	const struct polyton_singleton *singleton = polyton_snapshot_singleton(snapshot, finding->singleton);
	const struct polyton_library *library =
		polyton_snapshot_library(snapshot, singleton ? singleton->library : finding->library);
	return (!about->rules || is_listed(about->rules, finding->rule)) &&
	       (!about->singletons || (singleton && is_taken(about->singletons, singleton->name))) &&
	       (!about->libraries || (library && is_taken(about->libraries, library->name))) &&
	       (!about->objects || are_objects_taken(about->objects, snapshot, finding)) &&
	       (!about->fingerprints || is_listed(about->fingerprints, finding->fingerprint));
}

/** Verdicts in the making. */
struct judging {
	struct pool *pool;
	const struct policy *policy;
	const struct polyton_snapshot *snapshot;
	uint32_t today;
	size_t *taken; ///< Per suppression: findings that it is about, whoever suppressed them first.
};

static bool is_over(const struct judging *judging, const struct suppression *suppression)
{
	return suppression->expires && suppression->expires < judging->today;
}

static const char *find_suppression(const struct judging *judging, const struct polyton_finding *finding)
{
	const char *reason = NULL;
	for (size_t i = 0; i < judging->policy->suppression_count; i++) {
		const struct suppression *suppression = &judging->policy->suppressions[i];
		if (!selector_takes(&suppression->about, judging->snapshot, finding))
			continue;
		judging->taken[i]++;
		if (!reason && !is_over(judging, suppression))
			reason = suppression->reason;
	}
	return reason;
}

static void grade(const struct judging *judging, const struct polyton_finding *finding,
		  struct polyton_verdict *verdict)
{
	const struct policy *policy = judging->policy;
	for (size_t i = 0; i < policy->grading_count; i++) {
		const struct grading *grading = &policy->gradings[i];
		if (!selector_takes(&grading->about, judging->snapshot, finding))
			continue;
		if (!grading->is_off)
			verdict->severity = grading->severity;
		else if (!verdict->suppressed)
			verdict->suppressed =
				pool_format(judging->pool, "off by %s:%zu", policy->file, grading->line);
		return;
	}
}

static void anchor(const struct judging *judging, const struct polyton_finding *finding,
		   struct polyton_verdict *verdict)
{
	const struct policy *policy = judging->policy;
	verdict->anchor = policy->default_anchor;
	verdict->anchor_line = policy->default_anchor ? 1 : 0;
	for (size_t i = 0; i < policy->anchor_count; i++) {
		if (selector_takes(&policy->anchors[i].about, judging->snapshot, finding)) {
			verdict->anchor = policy->anchors[i].path;
			verdict->anchor_line = policy->anchors[i].line;
			return;
		}
	}
}

static void use_baseline(const struct judging *judging, const struct facts *earlier, struct polyton_verdict *verdicts)
{
	struct comparison comparison;
	struct facts facts;
	facts_take(judging->pool, judging->snapshot, verdicts, &facts);
	compare(judging->pool, earlier, &facts, &comparison);
	for (size_t i = 0; i < facts.count; i++)
		verdicts[i].baseline = pair_is_new(&comparison.pairs[i]) ? POLYTON_BASELINE_NEW
									 : POLYTON_BASELINE_UNCHANGED;
}

// What to say of one suppression; NULL: nothing.
static const char *complain_of(const struct judging *judging, size_t index)
{
	const struct suppression *suppression = &judging->policy->suppressions[index];
	size_t taken = judging->taken[index];
	const char *which = pool_format(judging->pool, "%s:%zu: the suppression \"%s\"", judging->policy->file,
					suppression->line, suppression->reason);
	if (!is_over(judging, suppression))
		return taken ? NULL : pool_format(judging->pool, "%s is about no finding of this report", which);
	uint32_t day = suppression->expires;
	const char *ended = pool_format(judging->pool, "%s ended on %04" PRIu32 "-%02" PRIu32 "-%02" PRIu32, which,
					day / 10000, day / 100 % 100, day % 100);
	if (!taken)
		return pool_format(judging->pool, "%s, and is about no finding of this report", ended);
	return pool_format(judging->pool, "%s, and suppresses %zu finding%s no more", ended, taken,
			   taken == 1 ? "" : "s");
}

static void remark(const struct judging *judging, bool has_acted, struct judgement *ret)
{
	size_t most = judging->policy->suppression_count, count = 0;
	const char **remarks = pool_alloc(judging->pool, most + 2, sizeof(*remarks)), **warnings;
	if (has_acted)
		remarks[count++] = pool_format(judging->pool, "Suppressions and severities are those of %s.",
					       judging->policy->file);
	warnings = remarks + count;
	for (size_t i = 0; i < most; i++) {
		const char *text = complain_of(judging, i);
		if (text)
			remarks[count++] = text;
	}
	ret->remarks = remarks;
	ret->warnings = warnings;
}

void judge(struct pool *pool, const struct policy *policy, const struct facts *earlier, uint32_t today,
	   const struct polyton_snapshot *snapshot, struct judgement *ret)
{
	uint32_t count = polyton_snapshot_finding_count(snapshot);
	struct judging judging = { pool, policy, snapshot, today, NULL };
	bool has_acted = false;
	*ret = (struct judgement){ 0 };
	if (!policy->file && !earlier)
		return;
	struct polyton_verdict *verdicts = pool_alloc(pool, (size_t)count + 1, sizeof(*verdicts));
	judging.taken = pool_alloc(pool, policy->suppression_count + 1, sizeof(*judging.taken));
	for (uint32_t i = 0; i < count; i++) {
		const struct polyton_finding *finding = polyton_snapshot_finding(snapshot, i);
		verdicts[i].severity = finding->severity;
		verdicts[i].suppressed = find_suppression(&judging, finding);
		grade(&judging, finding, &verdicts[i]);
		anchor(&judging, finding, &verdicts[i]);
		has_acted |= verdicts[i].suppressed || verdicts[i].severity != finding->severity;
	}
	if (earlier)
		use_baseline(&judging, earlier, verdicts);
	ret->verdicts = verdicts;
	remark(&judging, has_acted, ret);
}

uint32_t judge_today(void)
{
	const char *wish = getenv("SOURCE_DATE_EPOCH");
	char *end;
	long long seconds = wish && *wish >= '0' && *wish <= '9' ? strtoll(wish, &end, 10) : -1;
	time_t now = seconds >= 0 && !*end ? (time_t)seconds : time(NULL);
	struct tm day;
	if (!gmtime_r(&now, &day))
		return 0;
	return (uint32_t)(10000 * (day.tm_year + 1900) + 100 * (day.tm_mon + 1) + day.tm_mday);
}

struct polyton_verdict judgement_verdict(const struct judgement *judgement, const struct polyton_snapshot *snapshot,
					 uint32_t index)
{
	if (judgement->verdicts)
		return judgement->verdicts[index];
	return (struct polyton_verdict){ .severity = polyton_snapshot_finding(snapshot, index)->severity };
}

bool judgement_is_routine(const struct judgement *judgement, const struct polyton_snapshot *snapshot, uint32_t index)
{
	const struct polyton_finding *finding = polyton_snapshot_finding(snapshot, index);
	return finding->is_routine && judgement_verdict(judgement, snapshot, index).severity <= finding->severity;
}

void judge_tolerates(const struct policy *policy, const struct fail_on *fail_on,
		     uint32_t ret[POLYTON_SEVERITY_ERROR + 1])
{
	for (int severity = POLYTON_SEVERITY_NOTE; severity <= POLYTON_SEVERITY_ERROR; severity++) {
		const struct threshold *threshold = &policy->thresholds[severity];
		bool is_bad = severity >= POLYTON_SEVERITY_ERROR - (int)fail_on->level;
		bool is_limited = fail_on->level != FAIL_ON_NEVER && (threshold->is_given || is_bad);
		ret[severity] = is_limited ? threshold->most : UINT32_MAX;
	}
}

bool judge_fails(const struct policy *policy, const struct fail_on *fail_on,
		 const size_t counts[POLYTON_SEVERITY_ERROR + 1])
{
	uint32_t most[POLYTON_SEVERITY_ERROR + 1];
	judge_tolerates(policy, fail_on, most);
	for (int severity = POLYTON_SEVERITY_NOTE; severity <= POLYTON_SEVERITY_ERROR; severity++) {
		if (most[severity] != UINT32_MAX && counts[severity] > most[severity])
			return true;
	}
	return false;
}
