/**
 * A snapshot as verdicts see it: the same rows, but with the findings' severities, and their order, as the verdicts
 * have them. What is written after that needs to know of no severity but the findings'.
 */
#ifndef REPORT_JUDGED_H
#define REPORT_JUDGED_H

#include "model/snapshot.h"

struct judged {
	/** Borrows all but its findings and singletons from the snapshot that it was made of. */
	struct polyton_snapshot snapshot;
	struct polyton_verdict *verdicts; ///< In the new order; NULL if there were none.
};

/**
 * @p verdicts may be NULL: then it is a view of the snapshot as it is. A routine finding that a verdict makes more
 * severe is routine no more.
 */
must_use struct polyton_error *judged_init(const struct polyton_snapshot *snapshot,
					   const struct polyton_verdict *verdicts, struct judged *ret);
void judged_deinit(struct judged *judged);

#endif
