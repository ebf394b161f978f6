/** The worker's second thread, for what can be done in two halves. */
#ifndef DWARF_SECOND_H
#define DWARF_SECOND_H

#include <pthread.h>
#include <stdbool.h>

typedef void second_fn(void *arg);

/** Zeroed: not there, and not needed either. Once made it stays until the process ends, and so must this. */
struct second {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	second_fn *prepare, *fn; ///< @c fn: to be done, or being done; NULL when done.
	void *arg;
	bool is_there;
};

/**
 * Make it; @p prepare is what it does first: confine itself. To be called before the process is confined, for then it
 * can have no more threads.
 */
void second_start(struct second *second, second_fn *prepare);
/**
 * @p fn for @p first here and for @p other in the second thread, or here too where there is none (@p second may be
 * NULL); returns when both are done.
 */
void second_run(struct second *second, second_fn *fn, void *first, void *other);

#endif
