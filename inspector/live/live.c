// Two threads and one lock. The library's sessions belong to one thread at a time, so the session is opened, used and
// closed by the thread here; the other one sees finished snapshots only, which nobody changes any more.

#include "live.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "quiet.h"

struct live {
	struct live_request request;
	struct subject subject; ///< What the request points to: its caller may have another one meanwhile.
	pthread_t thread;
	int event;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	/* With the lock held: */
	bool is_asked, is_busy, is_ending, is_abandoned;
	struct polyton_snapshot *snapshot;
	struct polyton_error *error;
	struct live_progress progress;
};

static void destroy(struct live *live)
{
	polyton_snapshot_destroy(live->snapshot);
	polyton_error_destroy(live->error);
	close(live->event);
	pthread_cond_destroy(&live->wake);
	pthread_mutex_destroy(&live->lock);
	free(live);
}

static void tell(struct live *live)
{
	uint64_t one = 1;
	(void)!write(live->event, &one, sizeof(one));
}

// False when it is time to end.
static bool wait_for_work(struct live *live)
{
	pthread_mutex_lock(&live->lock);
	live->is_busy = false;
	while (!live->is_asked && !live->is_ending)
		pthread_cond_wait(&live->wake, &live->lock);
	bool goes_on = !live->is_ending;
	live->is_asked = false;
	live->is_busy = goes_on;
	pthread_mutex_unlock(&live->lock);
	return goes_on;
}

static void hand_over(struct live *live, struct polyton_snapshot *snapshot, struct polyton_error *error)
{
	pthread_mutex_lock(&live->lock);
	polyton_snapshot_destroy(live->snapshot);
	polyton_error_destroy(live->error);
	live->snapshot = snapshot;
	live->error = error;
	pthread_mutex_unlock(&live->lock);
	tell(live);
}

// Called by the library on the thread that captures.
static int note_progress(void *arg, const struct polyton_progress *progress)
{
	struct live *live = arg;
	pthread_mutex_lock(&live->lock);
	live->progress.is_known = true;
	live->progress.done = progress->done;
	live->progress.total = progress->total;
	snprintf(live->progress.what, sizeof(live->progress.what), "%s", progress->what);
	bool is_ending = live->is_ending;
	pthread_mutex_unlock(&live->lock);
	return is_ending;
}

static void *run(void *arg)
{
	struct live *live = arg;
	struct polyton_session *session = NULL;
	while (wait_for_work(live)) {
		struct polyton_snapshot *snapshot = NULL;
		struct polyton_error *error = NULL;
		if (!session)
			error = subject_open(live->request.subject, live->request.plugin_sets, &live->request.options,
					     &session);
		if (!error)
			error = polyton_session_capture(session, &snapshot);
		hand_over(live, snapshot, error);
	}
	polyton_session_close(session);
	pthread_mutex_lock(&live->lock);
	bool is_abandoned = live->is_abandoned;
	pthread_mutex_unlock(&live->lock);
	if (is_abandoned)
		destroy(live);
	return NULL;
}

struct live *live_start(const struct live_request *request)
{
	struct live *live = calloc(1, sizeof(*live));
	if (!live)
		return NULL;
	live->request = *request;
	live->subject = *request->subject;
	live->request.subject = &live->subject;
	live->request.options.progress = note_progress;
	live->request.options.progress_arg = live;
	live->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (live->event < 0) {
		free(live);
		return NULL;
	}
	pthread_mutex_init(&live->lock, NULL);
	pthread_cond_init(&live->wake, NULL);
	int status = quiet_start(&live->thread, run, live);
	if (status) {
		destroy(live);
		errno = status;
		return NULL;
	}
	return live;
}

void live_ask(struct live *live)
{
	pthread_mutex_lock(&live->lock);
	live->is_asked = true;
	live->is_busy = true;
	pthread_cond_signal(&live->wake);
	pthread_mutex_unlock(&live->lock);
}

bool live_is_busy(struct live *live)
{
	pthread_mutex_lock(&live->lock);
	bool is_busy = live->is_busy;
	pthread_mutex_unlock(&live->lock);
	return is_busy;
}

int live_fd(const struct live *live)
{
	return live->event;
}

struct polyton_snapshot *live_take(struct live *live, struct polyton_error **error_ret)
{
	uint64_t count;
	(void)!read(live->event, &count, sizeof(count));
	pthread_mutex_lock(&live->lock);
	struct polyton_snapshot *snapshot = live->snapshot;
	*error_ret = live->error;
	live->snapshot = NULL;
	live->error = NULL;
	pthread_mutex_unlock(&live->lock);
	return snapshot;
}

void live_progress(struct live *live, struct live_progress *ret)
{
	pthread_mutex_lock(&live->lock);
	*ret = live->progress;
	pthread_mutex_unlock(&live->lock);
}

bool live_stop(struct live *live)
{
	if (!live)
		return true;
	pthread_mutex_lock(&live->lock);
	live->is_ending = true;
	bool is_busy = live->is_busy;
	live->is_abandoned = is_busy;
	pthread_cond_signal(&live->wake);
	pthread_t thread = live->thread;
	pthread_mutex_unlock(&live->lock);
	if (is_busy) {
		pthread_detach(thread);
		return false;
	}
	pthread_join(thread, NULL);
	destroy(live);
	return true;
}
