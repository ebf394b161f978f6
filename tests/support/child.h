/** Processes to look at: forked, made ready, ended. */
#ifndef SUPPORT_CHILD_H
#define SUPPORT_CHILD_H

#include "target/live.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct child {
	pid_t pid;
	void *shared; ///< CHILD_SHARED zeroed bytes that both sides see, at the same address.
	int ready_fd[2];
	int go_fd[2];
};

enum { CHILD_SHARED = 64 * 1024 };

/**
 * Fork a process that runs @p run and then waits to be killed; returns when it has called child_ready(). It dies
 * with its parent.
 */
struct child child_start(void (*run)(struct child *child, void *arg), void *arg);
/** In the child: let the parent go on. */
void child_ready(struct child *child);
/** In the child: wait for child_go(). */
void child_wait(struct child *child);
void child_go(struct child *child);
/** Kill and reap it. */
void child_end(struct child *child);

/** A child that does nothing: ready, and waiting to be killed. */
void child_idle(struct child *child, void *arg);
/** Wait until task @p tid of the child is in one of @p states ("Z", "tT"), for two seconds at most. */
bool child_reaches(pid_t tid, const char *states);
/** A line of /proc/PID/status, "" if there is none; good until the next call. */
const char *child_status(pid_t tid, const char *field);

/** All tasks of the process, as a capture reads them. */
struct polyton_error *child_read_tasks(const struct live *live, subject_tasks *ret);

#endif
