/** What a run tells the session that looks at one of its processes. */
#ifndef SESSION_H
#define SESSION_H

#include "link/loading.h"

/** The process stands still, at that moment, and @p loading has seen its objects come; borrowed until it is changed. */
void session_watch(struct polyton_session *session, const struct loading *loading, enum polyton_moment moment,
		   int32_t number);

#endif
