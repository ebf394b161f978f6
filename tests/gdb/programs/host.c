// Loads libraries with copies of what it has itself, and says in which thread which copy is where and holds what.
//
// usage: host [-t THREADS] [HOW:]LIBRARY...      HOW: local (dlopen, the default) or apart (dlmopen)
//
// Prints, before "ready PID":
//   cell TID OBJECT ADDRESS ID     of each thread that has set its copy of CONTEXT: the main thread, "worker"
//   count OBJECT ADDRESS VALUE     the count that the object's code uses
//   unique TID OBJECT ADDRESS VALUE
//   idle TID                       a thread that has touched no library's copy
// Lines on standard input: "load [HOW:]LIBRARY" prints "loaded LIBRARY", "spin" has it run from then on, "crash" ends
// it by SIGABRT. At end of file it exits.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <err.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "context.h"

enum { LIBRARIES_MAX = 16, STACK_SIZE = 128 * 1024 };

struct library {
	const char *name;
	touch_fn *touch;
	count_fn *count;
	int *(*unique)(int value);
};

static struct library libraries[LIBRARIES_MAX] = { { "host", touch, count_of, NULL } };
static int library_count = 1;
static pthread_mutex_t one_speaks = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t all_stand;
static volatile unsigned long turns;

static void load(const char *word)
{
	const char *path = strncmp(word, "apart:", 6) == 0 ? word + 6 : word;
	void *handle = path == word ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : dlmopen(LM_ID_NEWLM, path, RTLD_NOW);
	struct library *library = &libraries[library_count++];
	if (!handle)
		errx(1, "%s", dlerror());
	const char *slash = strrchr(path, '/');
	library->name = strdup(slash ? slash + 1 : path);
	library->touch = (touch_fn *)dlsym(handle, "touch");
	library->count = (count_fn *)dlsym(handle, "count_of");
	library->unique = (int *(*)(int))dlsym(handle, "unique_of");
}

// Each copy gets an id of its own: the order of the thread and that of the object.
static void set_all(int order)
{
	pthread_mutex_lock(&one_speaks);
	for (int i = 0; i < library_count; i++) {
		struct library *library = &libraries[i];
		if (library->touch) {
			struct context *context = library->touch(100 * order + i + 1);
			printf("cell %d %s %p %d\n", gettid(), library->name, (void *)context, context->id);
		}
		if (library->unique) {
			int *unique = library->unique(30 + order);
			printf("unique %d %s %p %d\n", gettid(), library->name, (void *)unique, *unique);
		}
	}
	pthread_mutex_unlock(&one_speaks);
}

static void *work(void *arg)
{
	pthread_setname_np(pthread_self(), "worker");
	set_all((int)(long)arg);
	pthread_barrier_wait(&all_stand);
	for (;;)
		pause();
	return NULL;
}

static void *idle(void *arg)
{
	pthread_setname_np(pthread_self(), "idle");
	pthread_mutex_lock(&one_speaks);
	printf("idle %d\n", gettid());
	pthread_mutex_unlock(&one_speaks);
	pthread_barrier_wait(&all_stand);
	for (;;)
		pause();
	return arg;
}

static void *spin(void *arg)
{
	for (;;)
		turns++;
	return arg;
}

static void start(void *(*run)(void *), long order)
{
	pthread_attr_t attributes;
	pthread_t thread;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	if (pthread_create(&thread, &attributes, run, (void *)order))
		errx(1, "cannot create a thread");
}

static void answer(char *line)
{
	line[strcspn(line, "\n")] = '\0';
	if (strncmp(line, "load ", 5) == 0) {
		load(line + 5);
		printf("loaded %s\n", line + 5);
	} else if (strcmp(line, "spin") == 0) {
		start(spin, 0);
		printf("spins\n");
	} else if (strcmp(line, "crash") == 0) {
		abort();
	}
}

// All threads stand: where a debugger that has started it stops.
__attribute__((noinline)) void stand(void)
{
	__asm__ volatile("");
}

int main(int argc, char **argv)
{
	char line[4096];
	int workers = 1, next = 1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 2 && strcmp(argv[1], "-t") == 0) {
		workers = atoi(argv[2]);
		next = 3;
	}
	for (; next < argc && library_count < LIBRARIES_MAX; next++)
		load(argv[next]);
	pthread_barrier_init(&all_stand, NULL, (unsigned)workers + 2);
	set_all(1);
	for (long i = 0; i < workers; i++)
		start(work, i + 2);
	start(idle, 0);
	pthread_barrier_wait(&all_stand);
	for (int i = 0; i < library_count; i++) {
		if (libraries[i].count)
			printf("count %s %p %d\n", libraries[i].name, (void *)libraries[i].count(),
			       *libraries[i].count());
	}
	printf("ready %d\n", getpid());
	stand();
	while (fgets(line, sizeof(line), stdin))
		answer(line);
	return 0;
}
