/**
 * What a copy holds, summed up over the threads, in a few words.
 */
#ifndef REPORT_TALLY_H
#define REPORT_TALLY_H

#include "model/snapshot.h"
#include "report/page.h"

/** Cells of a copy per state. */
struct tally {
	uint32_t counts[POLYTON_CELL_IN_FILE + 1];
	uint32_t count;
};

struct tally tally_of(const struct polyton_copy *copy);

/** How the state of @p cell is called: what is known of the variable ("alive") says more than its bytes ("set"). */
const char *tally_cell_state(const struct polyton_cell *cell);
/** Its value, escaped, without that state in front; "" if there is none. */
const char *tally_cell_value(struct page *page, const struct polyton_cell *cell);

/** "set in main, worker (2); initial in 3"; for a static "set". A shadowed copy: whose is used instead. */
const char *tally_state(struct page *page, const struct polyton_snapshot *snapshot, const struct polyton_copy *copy);
/** The same for a narrow column: "set in 3 of 5", "not allocated", "set (17)". */
const char *tally_short_state(struct page *page, const struct polyton_copy *copy);
/** The value that is set, escaped; with "e.g." before it where threads hold different ones; "" if none is. */
const char *tally_value(struct page *page, const struct polyton_copy *copy);
/** "worker", or "thread 4242" for one without a name. */
const char *tally_thread_name(struct page *page, const struct polyton_thread *thread);

#endif
