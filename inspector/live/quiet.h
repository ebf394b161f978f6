/**
 * A thread beside the one that reads keys.
 */
#ifndef INSPECTOR_LIVE_QUIET_H
#define INSPECTOR_LIVE_QUIET_H

#include <pthread.h>
#include <signal.h>

/** Start one that has all signals blocked: they are for the other. The answer is pthread_create()'s. */
static inline int quiet_start(pthread_t *thread, void *(*run)(void *), void *arg)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	int status = pthread_create(thread, NULL, run, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return status;
}

#endif
