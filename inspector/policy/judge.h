/**
 * What a policy and an earlier report make of the findings of a snapshot: verdicts for the library to write, remarks
 * for people, and the exit code. All of it belongs to the pool.
 */
#ifndef INSPECTOR_POLICY_JUDGE_H
#define INSPECTOR_POLICY_JUDGE_H

#include "compare.h"
#include "policy.h"

struct judgement {
	const struct polyton_verdict *verdicts; ///< One for each finding; NULL: the findings speak for themselves.
	const char *const *remarks;             ///< What the end of a report says of the policy; NULL ends them.
	const char *const *warnings;            ///< Those of them that ask for something to be done.
};

/**
 * Judge all findings of @p snapshot. @p earlier is the baseline, or NULL; @p today a day as 20260131, for suppressions
 * that end.
 */
void judge(struct pool *pool, const struct policy *policy, const struct facts *earlier, uint32_t today,
	   const struct polyton_snapshot *snapshot, struct judgement *ret);
/** The current day, in UTC; that of SOURCE_DATE_EPOCH if that is set. */
uint32_t judge_today(void);

/** The verdict of finding @p index, made up for findings that speak for themselves. */
struct polyton_verdict judgement_verdict(const struct judgement *judgement, const struct polyton_snapshot *snapshot,
					 uint32_t index);
/** Whether the finding is of use to few: neither shown nor counted without --all. A policy can make it matter. */
bool judgement_is_routine(const struct judgement *judgement, const struct polyton_snapshot *snapshot, uint32_t index);

/**
 * How many findings of each severity are put up with; UINT32_MAX: any number. Those of a severity that @p fail_on names
 * or implies are not, but for the number that a threshold allows; a threshold for a milder one holds, too.
 */
void judge_tolerates(const struct policy *policy, const struct fail_on *fail_on,
		     uint32_t ret[POLYTON_SEVERITY_ERROR + 1]);
/** Whether so many findings, by severity, are more than that. */
bool judge_fails(const struct policy *policy, const struct fail_on *fail_on,
		 const size_t counts[POLYTON_SEVERITY_ERROR + 1]);

#endif
