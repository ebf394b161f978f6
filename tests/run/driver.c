// A program that does what it is told, word by word, and says what it did. "fork" runs the words up to "wait" in a
// child; see act() for the others.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HANDLES = 4096, THREADS = 16 };

extern char **environ;
static void *handles[HANDLES];
static int handle_count;
static volatile sig_atomic_t got;
static int counted;

static void say(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

__attribute__((noinline)) static void *load(const char *path)
{
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	say("call driver load %s %d", __FILE__, __LINE__ - 1);
	return handle;
}

__attribute__((noinline)) static void *load_apart(const char *path)
{
	void *handle = dlmopen(LM_ID_NEWLM, path, RTLD_NOW | RTLD_LOCAL);
	say("call driver load_apart %s %d", __FILE__, __LINE__ - 1);
	return handle;
}

static void keep(const char *path, void *handle)
{
	say("loaded %s %s", path, handle ? "ok" : "no");
	if (handle)
		handles[handle_count++] = handle;
}

static void bump(void)
{
	int (*part)(void) = (int (*)(void))(intptr_t)dlsym(handles[handle_count - 1], "part_bump");
	if (part)
		part();
}

static void note_signal(int number)
{
	got = number;
}

static void *churn(void *arg)
{
	char *path = arg;
	intptr_t failed = 0;
	for (int i = 0; i < 100; i++) {
		void *handle = dlopen(path, RTLD_NOW);
		failed += !handle;
		if (handle)
			dlclose(handle);
	}
	return (void *)failed;
}

// "4:a.so,b.so": so many threads, each of which loads and unloads one of them all the time.
static void churn_all(char *text)
{
	pthread_t threads[THREADS];
	char *paths[THREADS], *at = strchr(text, ':') + 1;
	int count = atoi(text), known = 0;
	intptr_t failed = 0;
	for (char *path; known < THREADS && (path = strsep(&at, ",")) != NULL;)
		paths[known++] = path;
	for (int i = 0; i < count; i++)
		pthread_create(&threads[i], NULL, churn, paths[i % known]);
	for (int i = 0; i < count; i++) {
		void *ret;
		pthread_join(threads[i], &ret);
		failed += (intptr_t)ret;
	}
	say("churned %d failed %d", count, (int)failed);
}

static void *end_all(void *arg)
{
	usleep(50000);
	exit((int)(intptr_t)arg);
}

static void *rest(void *arg)
{
	pause();
	return arg;
}

static void *nothing(void *arg)
{
	return arg;
}

static void spawn(char *program)
{
	char *const args[] = { program, NULL };
	pid_t pid;
	int status = 0, failed = posix_spawn(&pid, program, NULL, NULL, args, environ);
	if (!failed)
		waitpid(pid, &status, 0);
	say("spawned %d %d", failed, status);
}

static void copy_input(void)
{
	char bytes[4096];
	for (ssize_t got_bytes; (got_bytes = read(0, bytes, sizeof(bytes))) > 0;) {
		if (write(1, bytes, (size_t)got_bytes) != got_bytes)
			_exit(1);
	}
}

static void say_tracer(void)
{
	char line[256];
	FILE *file = fopen("/proc/self/status", "r");
	while (fgets(line, sizeof(line), file)) {
		if (strncmp(line, "TracerPid:", 10) == 0)
			say("tracer %s", strtok(line + 10, " \t\n"));
	}
	fclose(file);
}

static void crash(void)
{
	*(volatile int *)8 = 1;
}

static void make_threads(int count)
{
	pthread_t thread;
	for (int i = 0; i < count; i++) {
		pthread_create(&thread, NULL, nothing, NULL);
		pthread_join(thread, NULL);
	}
	say("threads %d", count);
}

static void wait_for_signal(void)
{
	say("waiting %d", (int)getpid());
	while (!got)
		usleep(1000);
	say("got %d", (int)got);
	got = 0;
}

static void *become(void *arg)
{
	char *const *args = arg;
	execv(args[0], args);
	say("exec failed %d", errno);
	return NULL;
}

// By a thread that is not the first, which the kernel gives the first one's number then.
static void exec_from_thread(char *const *args)
{
	pthread_t thread;
	pthread_create(&thread, NULL, rest, NULL);
	pthread_create(&thread, NULL, become, (void *)(uintptr_t)args);
	pthread_join(thread, NULL);
}

static void count_signal(int number)
{
	(void)number;
	__atomic_add_fetch(&counted, 1, __ATOMIC_RELAXED);
}

static void say_counted(int wanted)
{
	for (int i = 0; i < 10000 && __atomic_load_n(&counted, __ATOMIC_RELAXED) < wanted; i++)
		usleep(1000);
	say("counted %d", __atomic_load_n(&counted, __ATOMIC_RELAXED));
}

static void end_main(int status)
{
	pthread_t thread;
	pthread_create(&thread, NULL, end_all, (void *)(intptr_t)status);
	pthread_exit(NULL);
}

static void end_from_thread(int status)
{
	pthread_t thread;
	pthread_create(&thread, NULL, rest, NULL);
	pthread_create(&thread, NULL, end_all, (void *)(intptr_t)status);
	for (;;)
		pause();
}

static int act(const char *word, char *value)
{
	int number = value ? atoi(value) : 0;
	if (strcmp(word, "load") == 0)
		keep(value, load(value));
	else if (strcmp(word, "apart") == 0)
		keep(value, load_apart(value));
	else if (strcmp(word, "close") == 0)
		say("closed %d", dlclose(handles[--handle_count]));
	else if (strcmp(word, "bump") == 0)
		bump();
	else if (strcmp(word, "churn") == 0)
		churn_all(value);
	else if (strcmp(word, "threads") == 0)
		make_threads(number);
	else if (strcmp(word, "say") == 0)
		say("%s", value);
	else if (strcmp(word, "complain") == 0)
		fprintf(stderr, "%s\n", value);
	else if (strcmp(word, "sleep") == 0)
		usleep((useconds_t)number * 1000);
	else if (strcmp(word, "cat") == 0)
		copy_input();
	else if (strcmp(word, "spawn") == 0)
		spawn(value);
	else if (strcmp(word, "tracer") == 0)
		say_tracer();
	else if (strcmp(word, "handle") == 0)
		signal(number, note_signal);
	else if (strcmp(word, "count") == 0)
		signal(number, count_signal);
	else if (strcmp(word, "counted") == 0)
		say_counted(number);
	else if (strcmp(word, "user") == 0)
		say("user %d", (int)geteuid());
	else if (strcmp(word, "pid") == 0)
		say("pid %d", (int)getpid());
	else if (strcmp(word, "ignore") == 0)
		signal(number, SIG_IGN);
	else if (strcmp(word, "await") == 0)
		wait_for_signal();
	else if (strcmp(word, "exit") == 0)
		exit(number);
	else if (strcmp(word, "leave") == 0)
		_exit(number);
	else if (strcmp(word, "raise") == 0)
		raise(number);
	else if (strcmp(word, "crash") == 0)
		crash();
	else if (strcmp(word, "end-main") == 0)
		end_main(number);
	else if (strcmp(word, "end-thread") == 0)
		end_from_thread(number);
	else
		return 0;
	return 1;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		char *value = strchr(argv[i], '=');
		if (value)
			*value++ = '\0';
		if (strcmp(argv[i], "exec") == 0) {
			argv[i] = value ? value : argv[0];
			execv(argv[i], argv + i);
			say("exec failed %d", errno);
		} else if (strcmp(argv[i], "thread-exec") == 0) {
			argv[i] = value ? value : argv[0];
			exec_from_thread(argv + i);
		} else if (strcmp(argv[i], "fork") == 0) {
			int status;
			pid_t pid = fork();
			if (!pid)
				continue;
			while (strcmp(argv[i], "wait") != 0)
				i++;
			waitpid(pid, &status, 0);
			say("child %d %d", (int)pid, status);
		} else if (strcmp(argv[i], "wait") == 0) {
			exit(0); // a child is at its end
		} else if (!act(argv[i], value)) {
			say("what is '%s'?", argv[i]);
			return 99;
		}
	}
	return 0;
}
