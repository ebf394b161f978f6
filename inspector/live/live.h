/**
 * Pictures of a subject, taken off the thread that reads keys: a thread of its own owns the session, takes a picture
 * when asked to, and hands it over. It has all signals blocked. Input never waits for it, nor does the end.
 */
#ifndef INSPECTOR_LIVE_LIVE_H
#define INSPECTOR_LIVE_LIVE_H

#include "../subject.h"

struct live;

struct live_request {
	const struct subject *subject;
	const char *const *const *plugin_sets;
	struct polyton_options options;
};

/** How far a first look is. */
struct live_progress {
	bool is_known;
	uint32_t done, total;
	char what[128];
};

/** All that @p request points to must stay until the program ends. NULL with errno when there can be no thread. */
struct live *live_start(const struct live_request *request);
/** Take a picture as soon as the one that is being taken is there. */
void live_ask(struct live *live);
bool live_is_busy(struct live *live);
/** Readable when live_take() has something. */
int live_fd(const struct live *live);
/**
 * What came: a picture, now the caller's, or in @p error_ret why there is none; both NULL: nothing yet. @p asks for the
 * next one if it asked meanwhile.
 */
struct polyton_snapshot *live_take(struct live *live, struct polyton_error **error_ret);
void live_progress(struct live *live, struct live_progress *ret);
/**
 * End it. A look that goes on is told to give up, and is not waited for: its thread frees everything when it comes to
 * that. False if it goes on: then the program must end by _exit().
 */
bool live_stop(struct live *live);

#endif
