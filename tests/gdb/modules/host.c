// Loads modules, one after the other, as its lines of input say.
//
// usage: host [MODULE...]     these are loaded first
//
// Standard input, each answered by "done" or by the loader's complaint:
//   load MODULE      dlopen() on the main thread
//   aside MODULE     the same on a thread of its own
//   call             each module's step(), on the main thread
//   unload           the last one

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "state.h"

static void *modules[16];
static unsigned count;
static pthread_barrier_t begun;

// Where debuggers stop.
void at_call(void);
void __attribute__((noinline)) at_call(void)
{
	__asm__ volatile("");
}

static const char *load(const char *path)
{
	void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!module)
		return dlerror();
	modules[count++] = module;
	return "done";
}

static void *load_aside(void *path)
{
	return (void *)load(path);
}

static void call(void)
{
	for (unsigned i = 0; i < count; i++) {
		void (*step)(void) = (void (*)(void))dlsym(modules[i], "step");
		step();
	}
	registry.count++;
	next_serial();
	at_call();
}

static void *wait_for_ever(void *arg)
{
	per_thread.count = 22;
	pthread_barrier_wait(&begun);
	pause();
	return arg;
}

int main(int argc, char **argv)
{
	char line[4096];
	pthread_t thread;
	pthread_barrier_init(&begun, NULL, 2);
	pthread_create(&thread, NULL, wait_for_ever, NULL);
	pthread_barrier_wait(&begun);
	for (int i = 1; i < argc; i++) {
		if (strcmp(load(argv[i]), "done") != 0)
			return 1;
	}
	printf("ready %d\n", (int)getpid());
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		const char *answer = "done";
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "load ", 5) == 0) {
			answer = load(line + 5);
		} else if (strncmp(line, "aside ", 6) == 0) {
			pthread_create(&thread, NULL, load_aside, line + 6);
			pthread_join(thread, (void **)&answer);
		} else if (strcmp(line, "call") == 0) {
			call();
		} else if (strcmp(line, "unload") == 0) {
			dlclose(modules[--count]);
		}
		printf("%s\n", answer);
		fflush(stdout);
	}
	// GDB 13 gives up ("Couldn't get registers") on a process that ends while it is still resuming its threads.
	usleep(100 * 1000);
	return 0;
}
