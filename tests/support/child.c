#include "child.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILD_WAIT_MS = 2000 };

struct child child_start(void (*run)(struct child *child, void *arg), void *arg)
{
	struct child child = { 0 };
	pid_t parent = getpid();
	child.shared = mmap(NULL, CHILD_SHARED, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert(child.shared != MAP_FAILED);
	int failed = pipe(child.ready_fd) || pipe(child.go_fd);
	assert(!failed);
	fflush(NULL);
	child.pid = fork();
	assert(child.pid >= 0);
	if (!child.pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		close(child.ready_fd[0]);
		close(child.go_fd[1]);
		run(&child, arg);
		for (;;)
			pause();
	}
	close(child.ready_fd[1]);
	close(child.go_fd[0]);
	char byte;
	ssize_t got = failed ? -1 : read(child.ready_fd[0], &byte, 1);
	assert(got == 1);
	return got == 1 ? child : (struct child){ 0 };
}

void child_ready(struct child *child)
{
	if (write(child->ready_fd[1], "r", 1) != 1)
		_exit(1);
}

void child_wait(struct child *child)
{
	char byte;
	if (read(child->go_fd[0], &byte, 1) != 1)
		_exit(1);
}

void child_go(struct child *child)
{
	ssize_t put = write(child->go_fd[1], "g", 1);
	assert(put == 1);
	(void)put;
}

void child_end(struct child *child)
{
	kill(child->pid, SIGKILL);
	while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
		;
	close(child->ready_fd[0]);
	close(child->go_fd[1]);
	munmap(child->shared, CHILD_SHARED);
}

void child_idle(struct child *child, void *arg)
{
	(void)arg;
	child_ready(child);
}

const char *child_status(pid_t tid, const char *field)
{
	static char line[512];
	char path[64];
	size_t length = strlen(field);
	const char *value = "";
	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	FILE *file = fopen(path, "re");
	while (file && !value[0] && fgets(line, sizeof(line), file)) {
		if (strncmp(line, field, length) == 0 && line[length] == ':')
			value = line + length + 1 + strspn(line + length + 1, " \t");
	}
	if (file)
		fclose(file);
	line[strcspn(line, "\n")] = '\0';
	return value;
}

bool child_reaches(pid_t tid, const char *states)
{
	for (int i = 0; i < CHILD_WAIT_MS; i++) {
		const char *state = child_status(tid, "State");
		if (state[0] && strchr(states, state[0]))
			return true;
		usleep(1000);
	}
	return false;
}

struct polyton_error *child_read_tasks(const struct live *live, subject_tasks *ret)
{
	subject_tids tids = { 0 };
	struct polyton_error *error = live_list_tids(live, &tids);
	if (!error)
		error = live_read_tasks(live, &tids, ret);
	vec_deinit(&tids);
	return error;
}
