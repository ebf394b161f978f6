// What a process cannot do any more once it has confined itself, and what it still can. Each case is a child of its
// own: there is no way back.

#include "../support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dwarf/confine.h"

enum { SOCKET = 3, LEFT_OVER = 9, PATIENCE_MS = 5000 };

#if defined(__SANITIZE_ADDRESS__)
#define HAS_FILTER false // as confine.c says
#else
#define HAS_FILTER true
#endif

// Runs @p act in a confined child whose socket is descriptor 3; what it returns, or 128 and the signal that ended it.
static int run(int (*act)(void))
{
	int ends[2], status;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	fflush(NULL);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		if (dup2(ends[1], LEFT_OVER) < 0 || dup2(LEFT_OVER, SOCKET) < 0 || confine_self(SOCKET, NULL))
			_exit(100);
		_exit(act());
	}
	close(ends[1]);
	struct pollfd end = { ends[0], POLLIN, 0 };
	poll(&end, 1, PATIENCE_MS);
	close(ends[0]);
	pid_t ended = 0;
	for (int waited = 0; !ended && waited < PATIENCE_MS; waited++) {
		ended = waitpid(pid, &status, WNOHANG);
		usleep(1000);
	}
	if (!ended) {
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int use_what_is_left(void)
{
	char byte = 'x';
	void *memory = malloc(64 << 20), *map = mmap(NULL, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!memory || map == MAP_FAILED)
		return 1;
	free(memory);
	munmap(map, 1 << 20);
	printf("a line that goes nowhere\n");
	struct pollfd writable = { SOCKET, POLLOUT, 0 };
	if (poll(&writable, 1, 0) != 1)
		return 2;
	struct iovec piece = { &byte, 1 };
	const struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };
	return sendmsg(SOCKET, &message, MSG_NOSIGNAL) == 1 ? 0 : 3;
}

static int find_left_over(void)
{
	char byte;
	return read(LEFT_OVER, &byte, 1) < 0 && errno == EBADF ? 0 : 1;
}

static int open_file(void)
{
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0 ? 0 : 1;
}

static int start_program(void)
{
	char *const arguments[] = { NULL };
	execve("/bin/true", arguments, arguments);
	return 0;
}

static int fork_self(void)
{
	return fork() < 0 ? 0 : 1;
}

static int make_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) < 0 ? 0 : 1;
}

static int signal_parent(void)
{
	return kill(getppid(), 0) < 0 ? 0 : 1;
}

static int aim_signals_at_parent(void)
{
	return fcntl(SOCKET, F_SETOWN, getppid()) < 0 ? 0 : 1;
}

static int map_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? 0 : 1;
}

static int turn_into_code(void)
{
	void *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return mprotect(map, 4096, PROT_READ | PROT_EXEC) ? 0 : 1;
}

static int take_memory(void)
{
	return mmap(NULL, 5ul << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) ==
			       MAP_FAILED
		       ? 0
		       : 1;
}

static int take_all_descriptors(void)
{
	for (int i = 0; i < 64; i++) {
		if (fcntl(SOCKET, F_DUPFD_CLOEXEC, 0) < 0)
			return 0;
	}
	return 1;
}

static void test_what_it_can(void **state)
{
	(void)state;
	assert_int_equal(run(use_what_is_left), 0);
	assert_int_equal(run(find_left_over), 0);
	assert_int_equal(run(take_all_descriptors), 0);
}

static void test_what_it_cannot(void **state)
{
	(void)state;
	static int (*const acts[])(void) = { open_file,   start_program,  fork_self,
					     make_socket, signal_parent,  aim_signals_at_parent,
					     map_code,    turn_into_code, take_memory };
	if (!HAS_FILTER || prctl(PR_GET_SECCOMP) < 0)
		skip();
	for (size_t i = 0; i < count_of(acts); i++) {
		if (run(acts[i]))
			print_error("case %zu\n", i);
		assert_int_equal(run(acts[i]), 0);
	}
}

static int work_on(void)
{
	confine_to_socket(SOCKET, true);
	char byte = 'x';
	struct iovec piece = { &byte, 1 };
	const struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };
	if (sendmsg(SOCKET, &message, MSG_NOSIGNAL) != 1) // run() then closes its end
		return 1;
	for (volatile unsigned long i = 0;; i++)
		;
}

static int work_after_the_end(void)
{
	struct pollfd end = { SOCKET, 0, 0 };
	char byte = 'x';
	struct iovec piece = { &byte, 1 };
	const struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };
	if (sendmsg(SOCKET, &message, MSG_NOSIGNAL) != 1)
		return 2;
	while (!(end.revents & POLLHUP))
		poll(&end, 1, -1);
	confine_to_socket(SOCKET, true);
	return 3;
}

// Whoever asked may be killed while a file is read: then nobody is to go on reading it.
static void test_end_of_socket_ends_work(void **state)
{
	(void)state;
	assert_int_equal(run(work_on), 128 + SIGIO);
	assert_int_equal(run(work_after_the_end), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_it_can),
		cmocka_unit_test(test_what_it_cannot),
		cmocka_unit_test(test_end_of_socket_ends_work),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
