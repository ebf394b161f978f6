/**
 * What the user's words and files say about findings: the policy, the baseline, and what makes the exit code 1. It is
 * all known before the subject is touched.
 */
#ifndef INSPECTOR_RULING_H
#define INSPECTOR_RULING_H

#include "options.h"
#include "policy/judge.h"

struct ruling {
	struct pool pool; ///< Owns all of it, and the judgements.
	struct policy policy;
	bool has_baseline;
	struct facts baseline;
	struct fail_on fail_on; ///< The command line's, else the policy's, else errors.
};

/** Read what @p request names, or complain and answer false. Zero @p ret before; deinit it in any case. */
bool ruling_init(const struct request *request, struct ruling *ret);
void ruling_deinit(struct ruling *ruling);
/** What it makes of @p snapshot. Belongs to the ruling. */
void ruling_judge(struct ruling *ruling, const struct polyton_snapshot *snapshot, struct judgement *ret);

#endif
