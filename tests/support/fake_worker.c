#include "fake_worker.h"

#include <assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dwarf/channel.h"
#include "dwarf/spawn.h"
#include "dwarf/wire.h"

extern char **environ;

struct fake {
	struct channel channel;
	struct arena arena;
	struct dwarf_question question;
};

static void put(struct fake *fake, enum wire_kind kind, const struct pack *body)
{
	if (!channel_put(&fake->channel, kind, body, NULL, 0))
		_exit(1);
	while (!channel_is_sent(&fake->channel)) {
		if (channel_step(&fake->channel, -1) != CHANNEL_QUIET)
			_exit(0);
	}
}

static void get(struct fake *fake, enum wire_kind kind)
{
	if (channel_step(&fake->channel, -1) != CHANNEL_MESSAGE || fake->channel.header.kind != kind)
		_exit(0);
}

static void must(struct polyton_error *error)
{
	if (error)
		_exit(1);
}

static void greet(struct fake *fake, bool is_able)
{
	struct pack body = { 0 };
	const struct wire_hello hello = { is_able, is_able ? "" : "libdwarf is of another make" };
	must(wire_put_hello(&hello, &body));
	put(fake, WIRE_HELLO, &body);
	pack_deinit(&body);
}

static void hear_question(struct fake *fake)
{
	get(fake, WIRE_QUESTION);
	const struct pack *body = &fake->channel.body;
	must(wire_get_question(body->items, body->count, &fake->arena, &fake->question));
}

// A type of the size that was asked for, and a complaint.
static void pack_answer(const struct fake *fake, uint32_t extra, const char *complaint, struct pack *ret)
{
	static const struct type types[] = {
		{ .kind = TYPE_BASE, .name = "int", .size = 4, .target = POLYTON_NONE, .discriminant = POLYTON_NONE },
	};
	const struct type_graph graph = { .types = types, .type_count = 1 };
	struct dwarf_answer *answer;
	must(dwarf_answer_absent(TYPE_NOT_DESCRIBED, fake->question.variable_count + extra, complaint, &answer));
	answer->graphs = &graph;
	answer->graph_count = 1;
	for (uint32_t i = 0; i < answer->variable_count; i++)
		answer->variables[i] = (struct type_of){ TYPE_IS_THERE, &graph, 0, "x.c", FAKE_WORKER_LINE, "gcc" };
	must(wire_put_answer(answer, ret));
	dwarf_answer_destroy(answer);
}

static void answer(struct fake *fake, uint32_t extra, const char *complaint)
{
	struct pack body = { 0 };
	pack_answer(fake, extra, complaint, &body);
	put(fake, WIRE_ANSWER, &body);
	pack_deinit(&body);
}

static void rest(void)
{
	for (;;)
		pause();
}

// Part of a whole answer, as raw bytes; then as much as is asked for.
static void send_half(struct fake *fake)
{
	struct pack body = { 0 };
	pack_answer(fake, 0, "", &body);
	if (!channel_put(&fake->channel, WIRE_ANSWER, &body, NULL, 0) ||
	    send(SPAWN_SOCKET, fake->channel.out.items, fake->channel.out.count / 2, MSG_NOSIGNAL) < 0)
		_exit(1);
}

static void send_garbage(bool is_endless)
{
	char bytes[4096];
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 37 + 11);
	do {
		if (send(SPAWN_SOCKET, bytes, sizeof(bytes), MSG_NOSIGNAL) < 0)
			_exit(0);
	} while (is_endless);
}

static void send_garbage_answer(struct fake *fake)
{
	struct pack body = { 0 };
	for (int i = 0; i < 5000; i++)
		pack_number(&body, (uint64_t)i * 2654435761u);
	put(fake, WIRE_ANSWER, &body);
	pack_deinit(&body);
}

static void send_large_header(void)
{
	struct channel channel = { .fd = -1 };
	const struct pack nothing = { 0 };
	if (!channel_put(&channel, WIRE_ANSWER, &nothing, NULL, 0))
		_exit(1);
	uint32_t size = UINT32_MAX;
	memcpy(channel.out.items + offsetof(struct channel_header, size), &size, sizeof(size));
	send(SPAWN_SOCKET, channel.out.items, channel.out.count, MSG_NOSIGNAL);
	channel_deinit(&channel);
}

static void ask_for_files(struct fake *fake, bool is_endless)
{
	char said[256] = "none";
	struct pack body = { 0 };
	struct dwarf_need need = { DWARF_NEED_DWO, "unit.dwo", { 1, 2 }, 2 };
	must(wire_put_need(&need, &body));
	do {
		put(fake, WIRE_NEED, &body);
		get(fake, WIRE_GIVE);
	} while (is_endless);
	if (fake->channel.fd_count) {
		ssize_t got = read(fake->channel.fds[0], said, sizeof(said) - 1);
		said[got > 0 ? got : 0] = '\0';
	}
	pack_deinit(&body);
	answer(fake, 0, said);
}

// An answer that brings a descriptor nobody asked for.
static void send_fds(struct fake *fake)
{
	struct pack body = { 0 };
	int fd = dup(STDIN_FILENO);
	pack_answer(fake, 0, "", &body);
	if (!channel_put(&fake->channel, WIRE_ANSWER, &body, &fd, 1))
		_exit(1);
	while (!channel_is_sent(&fake->channel)) {
		if (channel_step(&fake->channel, -1) != CHANNEL_QUIET)
			_exit(0);
	}
}

// What it was started with.
static void tell_surroundings(struct fake *fake)
{
	char text[1024] = "";
	struct dirent *entry;
	sigset_t blocked;
	DIR *folder = opendir("/proc/self/fd");
	while (folder && (entry = readdir(folder))) {
		if (entry->d_name[0] != '.' && atoi(entry->d_name) != dirfd(folder) &&
		    atoi(entry->d_name) != fake->channel.fds[0]) {
			strcat(text, entry->d_name);
			strcat(text, " ");
		}
	}
	if (folder)
		closedir(folder);
	for (char **variable = environ; *variable; variable++) {
		strncat(text, *variable, 100);
		strcat(text, " ");
	}
	sigprocmask(SIG_SETMASK, NULL, &blocked);
	for (int number = 1; number < 32; number++) {
		if (sigismember(&blocked, number))
			strcat(text, "blocked ");
		if (signal(number, SIG_DFL) == SIG_IGN)
			strcat(text, "ignored ");
	}
	answer(fake, 0, text);
}

static void tell_number(struct fake *fake)
{
	char text[32];
	snprintf(text, sizeof(text), "%d", getpid());
	answer(fake, 0, text);
}

// Leaves a mark beside its link: true the first time.
static bool is_first_time(void)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s.was-here", (const char *)getauxval(AT_EXECFN));
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void misbehave(struct fake *fake, const char *what)
{
	if (strcmp(what, "crash") == 0 || (strcmp(what, "crash-once") == 0 && is_first_time()))
		raise(SIGKILL);
	else if (strcmp(what, "hang") == 0)
		rest();
	else if (strcmp(what, "garbage-answer") == 0)
		send_garbage_answer(fake);
	else if (strcmp(what, "half") == 0)
		send_half(fake), _exit(0);
	else if (strcmp(what, "half-then-hang") == 0)
		send_half(fake), rest();
	else if (strcmp(what, "flood") == 0)
		send_garbage(true);
	else if (strcmp(what, "large") == 0)
		send_large_header(), rest();
	else if (strcmp(what, "endless-needs") == 0)
		ask_for_files(fake, true);
	else if (strcmp(what, "needs") == 0)
		ask_for_files(fake, false);
	else if (strcmp(what, "other-count") == 0)
		answer(fake, 1, "");
	else if (strcmp(what, "fds") == 0)
		send_fds(fake), rest();
	else if (strcmp(what, "surroundings") == 0)
		tell_surroundings(fake);
	else
		tell_number(fake);
	if (strcmp(what, "good-once") == 0)
		_exit(0);
}

void fake_worker_run_if_named(void)
{
	const char *path = (const char *)getauxval(AT_EXECFN), *slash = path ? strrchr(path, '/') : NULL;
	if (!slash || strncmp(slash + 1, "fake-", 5) != 0)
		return;
	const char *what = slash + 6;
	struct fake fake = { .channel = { .fd = SPAWN_SOCKET, .takes_fds = true } };
	if (strcmp(what, "crash-at-start") == 0)
		_exit(1);
	if (strcmp(what, "hang-at-start") == 0)
		rest();
	if (strcmp(what, "garbage") == 0)
		send_garbage(false), rest();
	greet(&fake, strcmp(what, "unable") != 0);
	if (strcmp(what, "deaf") == 0)
		rest();
	for (;;) {
		hear_question(&fake);
		misbehave(&fake, what);
	}
}

const char *fake_worker_link(const char *folder, const char *name)
{
	static char path[4096];
	char self[4096];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	assert(length > 0);
	self[length > 0 ? length : 0] = '\0';
	snprintf(path, sizeof(path), "%s/fake-%s", folder, name);
	unlink(path);
	int failed = symlink(self, path);
	assert(!failed);
	return failed ? "" : path;
}
