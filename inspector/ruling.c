// A policy or a baseline that cannot be read is wrong usage, and not a reason to report without it: what is suppressed,
// or known, would come back as an error in somebody's build.

#include "ruling.h"

#include <errno.h>
#include <unistd.h>

#include "cmd/command.h"
#include "output.h"
#include "policy/locate.h"
#include "policy/tree.h"

static const char *read_policy(struct pool *pool, const struct located *located, struct policy *ret)
{
	struct text text;
	const char *complaint = locate_read(pool, located->file, TREE_MAX_SIZE, &text);
	if (!complaint)
		complaint = policy_parse(pool, located->file, text.bytes, text.size, ret);
	ret->default_anchor = located->anchor;
	return complaint;
}

// That there is none yet is what a project meets first.
static const char *read_baseline(struct pool *pool, const char *file, struct facts *ret)
{
	const char *complaint = facts_read(pool, file, ret);
	if (complaint && access(file, F_OK) && errno == ENOENT)
		complaint = pool_format(pool, "%s ('polyton baseline' writes a baseline)", complaint);
	return complaint;
}

bool ruling_init(const struct request *request, struct ruling *ret)
{
	struct located located = { 0 };
	const char *complaint = NULL;
	if (request_has(request, OPTION_CONFIG))
		locate_named(&ret->pool, request->value[OPTION_CONFIG], &located);
	else if ((request->command->options & OPTIONS_POLICY) && !request_has(request, OPTION_NO_CONFIG))
		locate_policy(&ret->pool, &located);
	if (located.file)
		complaint = read_policy(&ret->pool, &located, &ret->policy);
	ret->has_baseline = request_has(request, OPTION_BASELINE);
	if (!complaint && ret->has_baseline)
		complaint = read_baseline(&ret->pool, request->value[OPTION_BASELINE], &ret->baseline);
	ret->fail_on = request_has(request, OPTION_FAIL_ON) ? request->fail_on : ret->policy.fail_on;
	// "new" says which findings count, not how bad they must be: that the policy has said, or nobody.
	if (!ret->fail_on.has_level)
		ret->fail_on.level = ret->policy.fail_on.level;
	// Without a baseline nothing is known yet, and everything counts.
	ret->fail_on.is_new_only &= ret->has_baseline;
	if (complaint)
		complain("%s", complaint);
	return !complaint;
}

void ruling_deinit(struct ruling *ruling)
{
	pool_deinit(&ruling->pool);
}

void ruling_judge(struct ruling *ruling, const struct polyton_snapshot *snapshot, struct judgement *ret)
{
	judge(&ruling->pool, &ruling->policy, ruling->has_baseline ? &ruling->baseline : NULL, judge_today(),
	      snapshot, ret);
}
