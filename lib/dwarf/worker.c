// polyton-dwarf: reads debug info for libpolyton, so that neither libdwarf nor what a damaged or hostile file makes
// of it is ever in the caller's process. It opens nothing itself, speaks over one socket only, and ends when that
// does.

#include <sys/socket.h>

#include "dwarf/channel.h"
#include "dwarf/confine.h"
#include "dwarf/provider.h"
#include "dwarf/reader.h"
#include "dwarf/spawn.h"

struct worker {
	struct channel channel;
	struct second second;
	bool is_lost; // the other side is gone, or talks nonsense
};

static bool send_message(struct worker *worker, enum wire_kind kind, const struct pack *body)
{
	struct channel *channel = &worker->channel;
	bool is_queued = channel_put(channel, kind, body, NULL, 0);
	while (is_queued && !channel_is_sent(channel)) {
		if (channel_step(channel, -1) != CHANNEL_QUIET)
			break;
	}
	worker->is_lost |= !is_queued || !channel_is_sent(channel);
	return !worker->is_lost;
}

static bool receive_message(struct worker *worker, enum wire_kind kind)
{
	enum channel_news news;
	do {
		news = channel_step(&worker->channel, -1);
	} while (news == CHANNEL_QUIET);
	worker->is_lost |= news != CHANNEL_MESSAGE || worker->channel.header.kind != kind;
	return !worker->is_lost;
}

static int take_fd(struct channel *channel)
{
	int fd = channel->fd_count ? channel->fds[0] : -1;
	channel->fds[0] = -1;
	return fd;
}

static struct polyton_error *get_further(void *arg, const struct dwarf_need *need, int *fd_ret)
{
	struct worker *worker = arg;
	struct pack body = { 0 };
	struct polyton_error *error = wire_put_need(need, &body);
	if (!error) {
		confine_to_socket(SPAWN_SOCKET, false);
		if (send_message(worker, WIRE_NEED, &body) && receive_message(worker, WIRE_GIVE))
			*fd_ret = take_fd(&worker->channel);
		else
			error = error_create(POLYTON_ERROR_SYSTEM, "nobody is there to answer to");
		confine_to_socket(SPAWN_SOCKET, true);
	}
	pack_deinit(&body);
	return error;
}

// What cannot be answered is answered with the reason.
static struct polyton_error *put_failure(const struct dwarf_question *question, struct polyton_error *error,
					 struct pack *ret)
{
	struct dwarf_answer *answer;
	struct polyton_error *failed =
		dwarf_answer_absent(TYPE_UNREADABLE, question->variable_count, polyton_error_message(error), &answer);
	polyton_error_destroy(error);
	if (failed)
		return failed;
	ret->count = 0;
	ret->is_failed = false;
	failed = wire_put_answer(answer, ret);
	dwarf_answer_destroy(answer);
	return failed;
}

// False when there is nothing more to be done.
static bool serve(struct worker *worker)
{
	struct arena arena = { 0 };
	struct pack answer = { 0 };
	struct dwarf_question question;
	if (!receive_message(worker, WIRE_QUESTION))
		return false;
	const struct pack *body = &worker->channel.body;
	struct polyton_error *error = wire_get_question(body->items, body->count, &arena, &question);
	const struct reader_help help = { get_further, worker, &worker->second };
	if (!error && worker->channel.fd_count) {
		int fd = take_fd(&worker->channel);
		confine_to_socket(SPAWN_SOCKET, true);
		error = reader_answer(fd, &question, &help, &answer);
		if (error && !worker->is_lost)
			error = put_failure(&question, error, &answer);
		confine_to_socket(SPAWN_SOCKET, false);
	} else {
		worker->is_lost = true;
	}
	if (!error && !worker->is_lost)
		send_message(worker, WIRE_ANSWER, &answer);
	polyton_error_destroy(error);
	pack_deinit(&answer);
	arena_deinit(&arena);
	return !error && !worker->is_lost;
}

static bool greet(struct worker *worker)
{
	struct pack body = { 0 };
	struct polyton_error *error = confine_self(SPAWN_SOCKET, &worker->second);
	if (!error)
		error = dwarf_library_check();
	const struct wire_hello hello = { !error, error ? polyton_error_message(error) : "" };
	struct polyton_error *failed = wire_put_hello(&hello, &body);
	bool ret = !failed && send_message(worker, WIRE_HELLO, &body) && !error;
	polyton_error_destroy(failed);
	polyton_error_destroy(error);
	pack_deinit(&body);
	return ret;
}

int main(void)
{
	int type;
	socklen_t size = sizeof(type);
	struct worker worker = { .channel = { .fd = SPAWN_SOCKET, .takes_fds = true } };
	// Started by hand, it has no socket there, and nothing to say.
	if (getsockopt(SPAWN_SOCKET, SOL_SOCKET, SO_TYPE, &type, &size) || !greet(&worker))
		return EXIT_FAILURE;
	while (serve(&worker))
		;
	channel_deinit(&worker.channel);
	return EXIT_SUCCESS;
}
