// A child of a program that is not ours. It is a plain child, not one that is forked twice: an orphan would be left
// to the first process of a container, which often reaps nothing. Its SIGCHLD tells the program no more than any
// popen() does, and whether the program reaps it does not matter, as it is only ever named by a pidfd.

#include "dwarf/spawn.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/cleanup.h"

#ifndef P_PIDFD
#define P_PIDFD ((idtype_t)3) // Linux 5.4; in glibc's headers from 2.36 on
#endif

enum {
	SPAWN_PATH_MAX = 4096,
	SPAWN_END_MS = 1000, // A killed process with gigabytes mapped needs a moment.
};

// From the folder that the library (or the program) lies in: as built, then as installed in PREFIX/lib, PREFIX/bin or
// PREFIX/lib/MACHINE.
static const char *const places[] = {
	"polyton-dwarf",
	"../libexec/polyton/polyton-dwarf",
	"../../libexec/polyton/polyton-dwarf",
};

// The folder of the file that this code was loaded from, "" if that is not known beyond doubt: a relative path means
// nothing once the program has changed its directory.
static void find_library(char *folder, size_t size)
{
	Dl_info info;
	folder[0] = '\0';
	if (dladdr(__func__, &info) && info.dli_fname && info.dli_fname[0] == '/' && strlen(info.dli_fname) < size)
		strcpy(folder, info.dli_fname);
}

static void find_program(char *folder, size_t size)
{
	ssize_t length = readlink("/proc/self/exe", folder, size - 1);
	folder[length > 0 && folder[0] == '/' ? length : 0] = '\0';
}

static char *find_near(char *path)
{
	char candidate[SPAWN_PATH_MAX + 64];
	char *slash = strrchr(path, '/');
	if (!slash)
		return NULL;
	*slash = '\0';
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(candidate, sizeof(candidate), "%s/%s", path, places[i]);
		if (access(candidate, X_OK) == 0)
			return strdup(candidate);
	}
	return NULL;
}

struct polyton_error *spawn_find(char **ret)
{
	char path[SPAWN_PATH_MAX];
	const char *named = secure_getenv("POLYTON_DWARF_WORKER");
	if (named && *named) { // what the user names is used or is missing, but nothing else is taken for it
		char *copy = strdup(named);
		if (!copy)
			return error_no_memory();
		*ret = copy;
		return NULL;
	}
	find_library(path, sizeof(path));
	char *found = find_near(path);
	if (!found) {
		find_program(path, sizeof(path));
		found = find_near(path);
	}
	*ret = found;
	return NULL;
}

static int plan_descriptors(posix_spawn_file_actions_t *actions, int socket)
{
	// The socket first: the program may have closed its first three descriptors, so that it is one of them.
	int failed = posix_spawn_file_actions_adddup2(actions, socket, SPAWN_SOCKET);
	for (int fd = STDIN_FILENO; !failed && fd <= STDERR_FILENO; fd++)
		failed = posix_spawn_file_actions_addopen(actions, fd, "/dev/null", O_RDWR, 0);
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 34)
	// With older ones the worker does it itself, before it reads anything.
	if (!failed)
		failed = posix_spawn_file_actions_addclosefrom_np(actions, SPAWN_SOCKET + 1);
#endif
	return failed;
}

static int plan_signals(posix_spawnattr_t *attributes)
{
	sigset_t none, all;
	sigemptyset(&none);
	sigfillset(&all);
	int failed = posix_spawnattr_setsigmask(attributes, &none);
	if (!failed)
		failed = posix_spawnattr_setsigdefault(attributes, &all);
	if (!failed)
		failed = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	return failed;
}

static int run(const char *path, int socket, pid_t *pid_ret)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	char name[] = "polyton-dwarf";
	char *const arguments[] = { name, NULL };
	// Of the program's environment, only where its libraries are: not what is preloaded into it, or its secrets.
	char libraries[SPAWN_PATH_MAX] = "LD_LIBRARY_PATH=";
	const char *value = secure_getenv("LD_LIBRARY_PATH");
	size_t room = sizeof(libraries) - strlen(libraries);
	char *const environment[] = { value && strlen(value) < room ? strcat(libraries, value) : NULL, NULL };

	int failed = posix_spawn_file_actions_init(&actions);
	if (failed)
		return failed;
	failed = posix_spawnattr_init(&attributes);
	if (!failed) {
		failed = plan_descriptors(&actions, socket);
		if (!failed)
			failed = plan_signals(&attributes);
		if (!failed)
			failed = posix_spawn(pid_ret, path, &actions, &attributes, arguments, environment);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&actions);
	return failed;
}

struct polyton_error *spawn_start(const char *path, struct spawned *ret, int *socket_ret)
{
	int ends[2];
	pid_t pid = 0;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return error_errno(POLYTON_ERROR_SYSTEM, errno, "cannot make a socket for the debug info reader");
	int failed = run(path, ends[1], &pid);
	close(ends[1]);
	if (failed) {
		close(ends[0]);
		return error_errno(POLYTON_ERROR_SYSTEM, failed, "cannot start %s", path);
	}
	// Between these two lines a program that reaps all its children would have to reap this one, and its number
	// to come round, for the pidfd to be another's.
	*ret = (struct spawned){ pid, (int)syscall(SYS_pidfd_open, pid, 0) };
	*socket_ret = ends[0];
	return NULL;
}

void spawn_end(struct spawned *spawned)
{
	siginfo_t info;
	if (spawned->pid && spawned->pidfd >= 0) {
		struct pollfd end = { spawned->pidfd, POLLIN, 0 };
		syscall(SYS_pidfd_send_signal, spawned->pidfd, SIGKILL, NULL, 0);
		while (poll(&end, 1, SPAWN_END_MS) < 0 && errno == EINTR)
			;
		waitid(P_PIDFD, (id_t)spawned->pidfd, &info, WEXITED | WNOHANG);
		close(spawned->pidfd);
	} else if (spawned->pid) {
		// Without a pidfd it is not killed, as its number may be another's by now: the socket's end ends it.
		// A child's number is looked at only by its parent, so reaping is safe.
		for (int waited = 0; waited < SPAWN_END_MS && waitpid(spawned->pid, NULL, WNOHANG) == 0; waited++)
			usleep(1000);
	}
	*spawned = (struct spawned){ 0, -1 };
}
