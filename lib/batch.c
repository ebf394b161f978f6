// Parsing is reading: the threads share nothing but the number of the next file. They have all signals blocked, for
// they run in somebody else's program.

#include "batch.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

enum { BATCH_MAX_THREADS = 16, BATCH_PER_THREAD = 8 };

struct batch {
	const struct elf_debug_search *search;
	const struct file_cache *cache;
	struct batch_item *items;
	size_t count;
	atomic_size_t next;
};

static void read_item(const struct batch *batch, struct batch_item *item)
{
	item->file = NULL;
	item->error = NULL;
	auto_close int fd = item->open(item->arg, item);
	if (fd < 0)
		item->error = error_errno(POLYTON_ERROR_READ, errno, "%s", item->path);
	else
		item->error = file_look(batch->search, batch->cache, fd, item->path, &item->file);
}

static void *run(void *arg)
{
	struct batch *batch = arg;
	for (size_t at; (at = atomic_fetch_add(&batch->next, 1)) < batch->count;)
		read_item(batch, &batch->items[at]);
	return NULL;
}

static size_t count_threads(size_t items)
{
	cpu_set_t set;
	size_t processors = sched_getaffinity(0, sizeof(set), &set) ? 1 : (size_t)CPU_COUNT(&set);
	size_t useful = (items + BATCH_PER_THREAD - 1) / BATCH_PER_THREAD;
	size_t count = processors < useful ? processors : useful;
	return count < BATCH_MAX_THREADS ? count : BATCH_MAX_THREADS;
}

struct polyton_error *batch_read(const struct elf_debug_search *search, struct file_cache *cache,
				 struct batch_item *items, size_t count)
{
	struct batch batch = { .search = search, .cache = cache, .items = items, .count = count };
	pthread_t threads[BATCH_MAX_THREADS];
	size_t wanted = count_threads(count), started = 0;
	struct polyton_error *error = NULL;
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (started + 1 < wanted && pthread_create(&threads[started], NULL, run, &batch) == 0)
		started++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	run(&batch);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < count; i++) {
		if (!items[i].file)
			continue;
		struct polyton_error *kept = file_keep(cache, &items[i].file);
		if (error)
			polyton_error_destroy(kept);
		else
			error = kept;
	}
	return error;
}
