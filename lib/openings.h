/**
 * Whose call brought an object: what a run has recorded, as rows of the snapshot.
 */
#ifndef OPENINGS_H
#define OPENINGS_H

#include "link/loading.h"
#include "typing.h"

/** The rows of a snapshot, in its arena. */
struct openings {
	struct polyton_opening **rows;
	uint32_t count;
};

/** Fill @c opened_by of the snapshot's objects. The caller's function is looked up in its object's symbols. */
must_use struct polyton_error *openings_fill(const struct loading *loading, const struct scan *scan,
					     struct polyton_snapshot *snapshot, struct openings *ret);
/** Source files and lines of the calls, from the debug info of the objects that made them. */
must_use struct polyton_error *openings_read_lines(struct typing *typing, const struct scan *scan,
						   const struct openings *openings,
						   struct polyton_snapshot *snapshot);
/** One call as a row; its texts are borrowed from @p call, and nothing is known of symbols and sources. */
struct polyton_opening openings_row(const struct loading_call *call);

#endif
