// Opening a file of /proc for each of ten thousand threads takes longer than reading all their cells. The kernel holds
// no lock of the process for it, so it can go on beside the reading.

#include "target/names.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

enum {
	NAMES_MANY = 4096, // fewer take less time than a second busy processor may cost the process
	NAMES_STEP = 64,
};

struct thread_names {
	const struct subject *subject;
	const int32_t *tids;
	size_t count;
	pthread_t reader;
	bool has_reader;
	atomic_size_t next; // what nobody has taken on yet
	char text[][SUBJECT_NAME_MAX];
};

// Whoever comes takes the next few, until there are none.
static void *read_rest(void *arg)
{
	struct thread_names *names = arg;
	for (size_t at; (at = atomic_fetch_add(&names->next, NAMES_STEP)) < names->count;) {
		for (size_t end = at + NAMES_STEP; at < end && at < names->count; at++)
			names->subject->ops->read_name(names->subject->state, names->tids[at], names->text[at]);
	}
	return NULL;
}

static bool has_second_processor(void)
{
	cpu_set_t allowed;
	return !sched_getaffinity(0, sizeof(allowed), &allowed) && CPU_COUNT(&allowed) > 1;
}

// The caller may be a debugger: its signals are none of this thread's business.
static bool start_reader(struct thread_names *names)
{
	sigset_t all, before;
	sigfillset(&all);
	if (pthread_sigmask(SIG_SETMASK, &all, &before))
		return false;
	bool is_started = !pthread_create(&names->reader, NULL, read_rest, names);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return is_started;
}

struct polyton_error *names_begin(const struct subject *subject, const int32_t *tids, size_t count,
				  struct thread_names **ret)
{
	struct thread_names *names = calloc(1, sizeof(*names) + count * sizeof(names->text[0]));
	if (!names)
		return error_no_memory();
	names->subject = subject;
	names->tids = tids;
	names->count = count;
	names->has_reader = subject->has_parallel_names && count >= NAMES_MANY && has_second_processor() &&
			    start_reader(names);
	*ret = names;
	return NULL;
}

const char *names_finish(struct thread_names *names)
{
	read_rest(names);
	if (names->has_reader)
		pthread_join(names->reader, NULL);
	names->has_reader = false;
	return names->text[0];
}

void names_end(struct thread_names *names)
{
	if (names && names->has_reader)
		pthread_join(names->reader, NULL);
	free(names);
}
