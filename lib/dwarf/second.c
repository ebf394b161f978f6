#include "dwarf/second.h"

enum { SECOND_STACK = 256 << 10 };

static void *serve(void *arg)
{
	struct second *second = arg;
	second->prepare(NULL);
	pthread_mutex_lock(&second->lock);
	for (;;) {
		while (!second->fn)
			pthread_cond_wait(&second->changed, &second->lock);
		pthread_mutex_unlock(&second->lock);
		second->fn(second->arg);
		pthread_mutex_lock(&second->lock);
		second->fn = NULL;
		pthread_cond_broadcast(&second->changed);
	}
	return NULL;
}

void second_start(struct second *second, second_fn *prepare)
{
	pthread_t thread;
	pthread_attr_t attributes;
	if (pthread_attr_init(&attributes))
		return;
	second->prepare = prepare;
	second->is_there = !pthread_mutex_init(&second->lock, NULL) && !pthread_cond_init(&second->changed, NULL) &&
			   !pthread_attr_setstacksize(&attributes, SECOND_STACK) &&
			   !pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED) &&
			   !pthread_create(&thread, &attributes, serve, second);
	pthread_attr_destroy(&attributes);
}

static void hand_over(struct second *second, second_fn *fn, void *arg)
{
	pthread_mutex_lock(&second->lock);
	second->arg = arg;
	second->fn = fn;
	pthread_cond_broadcast(&second->changed);
	pthread_mutex_unlock(&second->lock);
}

static void wait_for_end(struct second *second)
{
	pthread_mutex_lock(&second->lock);
	while (second->fn)
		pthread_cond_wait(&second->changed, &second->lock);
	pthread_mutex_unlock(&second->lock);
}

void second_run(struct second *second, second_fn *fn, void *first, void *other)
{
	bool is_shared = second && second->is_there;
	if (is_shared)
		hand_over(second, fn, other);
	fn(first);
	if (is_shared)
		wait_for_end(second);
	else
		fn(other);
}
