// The threads share nothing but the number of the next piece: what a piece writes is its own.

#include "base/spread.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

enum { SPREAD_MAX_THREADS = 16 };

struct spread {
	spread_fn *work;
	void *arg;
	size_t count;
	atomic_size_t next;
};

/** What one thread leaves. */
struct share {
	struct spread *spread;
	struct polyton_error *error; ///< Of the lowest index.
	size_t failed;
	pthread_t thread;
};

static void *run(void *arg)
{
	struct share *share = arg;
	struct spread *spread = share->spread;
	// A thread's indices rise, so its first error is that of its lowest.
	for (size_t at; (at = atomic_fetch_add(&spread->next, 1)) < spread->count;) {
		struct polyton_error *error = spread->work(spread->arg, at);
		if (error && share->error) {
			polyton_error_destroy(error);
		} else if (error) {
			share->error = error;
			share->failed = at;
		}
	}
	return NULL;
}

static size_t count_threads(size_t count, size_t least)
{
	cpu_set_t set;
	size_t processors = sched_getaffinity(0, sizeof(set), &set) ? 1 : (size_t)CPU_COUNT(&set);
	size_t useful = least ? count / least : count;
	size_t threads = processors < useful ? processors : useful;
	return threads < SPREAD_MAX_THREADS ? threads : SPREAD_MAX_THREADS;
}

struct polyton_error *spread_over(size_t count, size_t least, spread_fn *work, void *arg)
{
	struct spread spread = { .work = work, .arg = arg, .count = count };
	struct share shares[SPREAD_MAX_THREADS] = { { .spread = &spread } };
	size_t wanted = count_threads(count, least), started = 1;
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (; started < wanted; started++) {
		shares[started].spread = &spread;
		if (pthread_create(&shares[started].thread, NULL, run, &shares[started]))
			break;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	run(&shares[0]);
	struct share *first = &shares[0];
	for (size_t i = 1; i < started; i++) {
		pthread_join(shares[i].thread, NULL);
		if (!shares[i].error)
			continue;
		struct share *other = first->error && first->failed < shares[i].failed ? &shares[i] : first;
		polyton_error_destroy(other->error);
		other->error = NULL;
		first = other == first ? &shares[i] : first;
	}
	return first->error;
}
