// A program that does what it is told while somebody looks, and the libraries that it loads. All of them are made from
// this file, so that each has variables of its own of the same names. See stage.py.

#ifdef STAGE_WIDE
#define STAGE_FIVE(x) x(0) x(1) x(2) x(3) x(4)
#define STAGE_SHELF(number)                     \
	__thread long shelf_local_##number = 1; \
	long shelf_##number = 1;
#define STAGE_SHELVES(number)  \
	STAGE_SHELF(number##0) \
	STAGE_SHELF(number##1) STAGE_SHELF(number##2) STAGE_SHELF(number##3) STAGE_SHELF(number##4)
#define STAGE_FILL(number)             \
	shelf_local_##number += value; \
	shelf_##number += value;
#define STAGE_FILLS(number) \
	STAGE_FILL(number##0) STAGE_FILL(number##1) STAGE_FILL(number##2) STAGE_FILL(number##3) STAGE_FILL(number##4)
#else
#define STAGE_FIVE(x)
#define STAGE_SHELVES(number)
#define STAGE_FILLS(number)
#endif

#pragma GCC visibility push(hidden)
__thread long stage_local;
long stage_count;
STAGE_FIVE(STAGE_SHELVES)
#pragma GCC visibility pop

__attribute__((visibility(STAGE_VISIBILITY))) void stage_set(long value)
{
	stage_local = value;
	stage_count = value;
	STAGE_FIVE(STAGE_FILLS)
}

#ifdef STAGE_PROGRAM
#include <dlfcn.h>
#include <err.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PARTS = 64, STACK = 64 * 1024, THREADS = 30000 };

static struct {
	void *handle;
	void (*set)(long value);
} parts[PARTS];
static int part_count;
static pthread_t threads[THREADS];
static int thread_count;
static pthread_barrier_t are_there;
static char thread_name[16];

static void set_all(long value)
{
	stage_set(value);
	for (int i = 0; i < part_count; i++)
		parts[i].set(value);
}

static void *run(void *arg)
{
	pthread_setname_np(pthread_self(), thread_name);
	if (arg)
		set_all((long)(size_t)arg);
	pthread_barrier_wait(&are_there);
	for (;;)
		pause();
	return NULL;
}

static void start_threads(long count, const char *name, int touches)
{
	pthread_attr_t attributes;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK);
	pthread_barrier_init(&are_there, NULL, (unsigned)count + 1);
	snprintf(thread_name, sizeof(thread_name), "%s", name);
	for (long i = 0; i < count; i++) {
		if (thread_count == THREADS || pthread_create(&threads[thread_count], &attributes, run,
							      (void *)(size_t)(touches ? thread_count + 1 : 0)))
			errx(1, "no further thread");
		thread_count++;
	}
	pthread_barrier_wait(&are_there);
	pthread_attr_destroy(&attributes);
}

static void end_thread(void)
{
	pthread_cancel(threads[--thread_count]);
	pthread_join(threads[thread_count], NULL);
}

static void load(const char *path)
{
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	void (*set)(long) = handle ? (void (*)(long))dlsym(handle, "stage_set") : NULL;
	if (!set)
		errx(1, "%s", dlerror());
	parts[part_count].handle = handle;
	parts[part_count++].set = set;
}

static void obey(char *line)
{
	char *word = strtok(line, " \n"), *first = strtok(NULL, " \n"), *second = strtok(NULL, " \n");
	if (!word)
		return;
	if (strcmp(word, "set") == 0)
		parts[0].set(atol(first));
	else if (strcmp(word, "all") == 0)
		set_all(atol(first));
	else if (strcmp(word, "threads") == 0)
		start_threads(atol(first), second, 1);
	else if (strcmp(word, "idle") == 0)
		start_threads(atol(first), second, 0);
	else if (strcmp(word, "end") == 0)
		end_thread();
	else if (strcmp(word, "load") == 0)
		load(first);
	else if (strcmp(word, "unload") == 0)
		dlclose(parts[--part_count].handle);
	else
		errx(2, "no such command: %s", word);
}

int main(int argc, char **argv)
{
	char line[4096];
	for (int i = 1; i < argc; i++)
		load(argv[i]);
	printf("ready %d\n", (int)getpid());
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		obey(line);
		printf("done\n");
		fflush(stdout);
	}
	_exit(0);
}
#endif
