/**
 * A few long pieces of work, of which some need what others make.
 */
#ifndef BASE_JOBS_H
#define BASE_JOBS_H

#include "base/spread.h"

/** A set of one job. */
#define JOB(index) (UINT32_C(1) << (index))

struct job {
	spread_fn *work; ///< Called with the job's index.
	uint32_t needs;  ///< A JOB() for each that must be done before: lower indices only.
};

enum { JOBS_MAX = 32 };

/**
 * Do all jobs, those of lower index first where there is a choice; @p side_by_side: on as many threads as this one may
 * use processors, else one after the other. After an error no more are begun; the answer is the one of the lowest
 * index. The threads are as spread_over() has them.
 */
must_use struct polyton_error *jobs_run(const struct job *jobs, size_t count, bool side_by_side, void *arg);

#endif
