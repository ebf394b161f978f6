// One question at a time, as a small state machine that its caller turns: starting, then asked, then answered.
// Whatever goes wrong with the worker ends it and, unless it was the clock, asks once more; after that the file's
// variables have no type, and the next file gets a worker of its own.

#include "dwarf/client.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "dwarf/channel.h"
#include "dwarf/spawn.h"

enum { CLIENT_MAX_NEEDS = 1 << 16 };

enum client_state {
	CLIENT_ALONE,    // no worker
	CLIENT_STARTING, // started, has not said HELLO
	CLIENT_IDLE,
	CLIENT_ASKED,
};

struct dwarf_client {
	struct dwarf_client_options options;
	char *path; // NULL until it was looked for
	bool is_given_up;
	char why[256]; // with is_given_up
	uint32_t bad_starts;

	enum client_state state;
	struct spawned worker;
	struct channel channel;

	// The question under way.
	bool is_asking;
	int fd;
	struct pack question;
	uint32_t variable_count, attempts, needs;
	uint64_t deadline; // by now_ms()
};

static uint64_t now_ms(void)
{
	return clock_ns() / 1000000;
}

static void end_worker(struct dwarf_client *client)
{
	channel_deinit(&client->channel);
	spawn_end(&client->worker);
	client->state = CLIENT_ALONE;
}

struct polyton_error *dwarf_client_create(const struct dwarf_client_options *options, struct dwarf_client **ret)
{
	struct dwarf_client *client = calloc(1, sizeof(*client));
	if (!client)
		return error_no_memory();
	client->options = *options;
	if (!client->options.deadline_ms)
		client->options.deadline_ms = DWARF_CLIENT_DEADLINE;
	client->worker.pidfd = -1;
	client->channel.fd = -1;
	if (options->worker && !(client->path = strdup(options->worker))) {
		free(client);
		return error_no_memory();
	}
	*ret = client;
	return NULL;
}

void dwarf_client_destroy(struct dwarf_client *client)
{
	if (!client)
		return;
	end_worker(client);
	pack_deinit(&client->question);
	free(client->path);
	free(client);
}

void dwarf_client_cancel(struct dwarf_client *client)
{
	if (client->is_asking)
		end_worker(client);
	client->is_asking = false;
}

struct polyton_error *dwarf_client_ask(struct dwarf_client *client, int fd, const struct dwarf_question *question)
{
	dwarf_client_cancel(client);
	client->question.count = 0;
	client->question.is_failed = false;
	struct polyton_error *error = wire_put_question(question, &client->question);
	if (error)
		return error;
	client->is_asking = true;
	client->fd = fd;
	client->variable_count = question->variable_count;
	client->attempts = 0;
	client->needs = 0;
	client->deadline = now_ms() + client->options.deadline_ms;
	return NULL;
}

// No type for any of the variables, and the question is closed.
static struct polyton_error *give_up(struct dwarf_client *client, enum type_absence absence, const char *why,
				     struct dwarf_answer **ret)
{
	client->is_asking = false;
	return dwarf_answer_absent(absence, client->variable_count, why, ret);
}

static void give_up_worker(struct dwarf_client *client, const char *why)
{
	end_worker(client);
	client->is_given_up = true;
	snprintf(client->why, sizeof(client->why), "%s", why);
}

static struct polyton_error *start_worker(struct dwarf_client *client)
{
	struct polyton_error *error = client->path ? NULL : spawn_find(&client->path);
	if (error)
		return error;
	if (!client->path) {
		give_up_worker(client, "polyton-dwarf is not installed");
		return NULL;
	}
	error = spawn_start(client->path, &client->worker, &client->channel.fd);
	if (!error) {
		client->state = CLIENT_STARTING;
		return NULL;
	}
	if (polyton_error_code(error) == POLYTON_ERROR_MEMORY)
		return error;
	give_up_worker(client, polyton_error_message(error));
	polyton_error_destroy(error);
	return NULL;
}

// The worker crashed or talks nonsense: once more with another one, or not.
static struct polyton_error *fail_worker(struct dwarf_client *client, const char *what, struct dwarf_answer **ret)
{
	char why[128];
	bool was_starting = client->state == CLIENT_STARTING;
	end_worker(client);
	snprintf(why, sizeof(why), "the debug info reader %s", what);
	if (was_starting) {
		if (++client->bad_starts >= DWARF_CLIENT_STARTS)
			give_up_worker(client, why);
		return NULL;
	}
	client->bad_starts = 0;
	return ++client->attempts < DWARF_CLIENT_ATTEMPTS ? NULL : give_up(client, TYPE_UNREADABLE, why, ret);
}

static struct polyton_error *put_question(struct dwarf_client *client, struct dwarf_answer **ret)
{
	int fd = fcntl(client->fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return give_up(client, TYPE_UNREADABLE, "its file cannot be handed to the debug info reader", ret);
	if (!channel_put(&client->channel, WIRE_QUESTION, &client->question, &fd, 1))
		return error_no_memory();
	client->state = CLIENT_ASKED;
	return NULL;
}

static struct polyton_error *hear_hello(struct dwarf_client *client)
{
	struct arena arena = { 0 };
	struct wire_hello hello;
	const struct pack *body = &client->channel.body;
	struct polyton_error *error = wire_get_hello(body->items, body->count, &arena, &hello);
	if (!error && hello.is_able)
		client->state = CLIENT_IDLE;
	else if (!error)
		give_up_worker(client, hello.text);
	arena_deinit(&arena);
	return error;
}

static struct polyton_error *hear_need(struct dwarf_client *client)
{
	struct arena arena = { 0 };
	struct pack nothing = { 0 };
	struct dwarf_need need;
	const struct pack *body = &client->channel.body;
	int fd = -1;
	struct polyton_error *error = wire_get_need(body->items, body->count, &arena, &need);
	if (!error && client->needs++ == CLIENT_MAX_NEEDS)
		error = error_create(POLYTON_ERROR_DAMAGED, "the debug info asks for too many files");
	if (!error && client->options.open)
		fd = client->options.open(client->options.arg, &need);
	if (!error && !channel_put(&client->channel, WIRE_GIVE, &nothing, &fd, fd >= 0))
		error = error_no_memory();
	arena_deinit(&arena);
	return error;
}

static struct polyton_error *hear_answer(struct dwarf_client *client, struct dwarf_answer **ret)
{
	struct dwarf_answer *answer;
	const struct pack *body = &client->channel.body;
	struct polyton_error *error = wire_get_answer(body->items, body->count, &answer);
	if (error)
		return error;
	if (answer->variable_count != client->variable_count) {
		dwarf_answer_destroy(answer);
		return error_create(POLYTON_ERROR_DAMAGED, "an answer to another question");
	}
	client->is_asking = false;
	client->state = CLIENT_IDLE;
	client->bad_starts = 0;
	*ret = answer;
	return NULL;
}

static struct polyton_error *hear(struct dwarf_client *client, struct dwarf_answer **ret)
{
	uint16_t kind = client->channel.header.kind;
	if (kind == WIRE_HELLO && client->state == CLIENT_STARTING)
		return hear_hello(client);
	if (kind == WIRE_NEED && client->state == CLIENT_ASKED && channel_is_sent(&client->channel))
		return hear_need(client);
	if (kind == WIRE_ANSWER && client->state == CLIENT_ASKED && channel_is_sent(&client->channel))
		return hear_answer(client, ret);
	return error_create(POLYTON_ERROR_DAMAGED, "a message out of turn");
}

static struct polyton_error *turn(struct dwarf_client *client, int timeout_ms, struct dwarf_answer **ret)
{
	struct polyton_error *error;
	switch (channel_step(&client->channel, timeout_ms)) {
	case CHANNEL_QUIET:
		return NULL;
	case CHANNEL_MESSAGE:
		error = hear(client, ret);
		if (!error || polyton_error_code(error) == POLYTON_ERROR_MEMORY)
			return error;
		polyton_error_destroy(error);
		return fail_worker(client, "gave an answer that makes no sense", ret);
	case CHANNEL_ENDED:
		return fail_worker(client, "crashed", ret);
	case CHANNEL_NONSENSE:
		return fail_worker(client, "gave an answer that makes no sense", ret);
	case CHANNEL_NO_MEMORY:
		break;
	}
	return error_no_memory();
}

static struct polyton_error *run_late(struct dwarf_client *client, struct dwarf_answer **ret)
{
	char why[96];
	if (client->state == CLIENT_STARTING) { // it would be no quicker for the next file
		give_up_worker(client, "polyton-dwarf does not answer");
		return give_up(client, TYPE_NO_WORKER, client->why, ret);
	}
	snprintf(why, sizeof(why), "reading its debug info took longer than %u ms", client->options.deadline_ms);
	end_worker(client);
	return give_up(client, TYPE_UNREADABLE, why, ret);
}

static struct polyton_error *go_on(struct dwarf_client *client, int timeout_ms, struct dwarf_answer **ret)
{
	if (client->is_given_up)
		return give_up(client, TYPE_NO_WORKER, client->why, ret);
	uint64_t now = now_ms();
	if (now >= client->deadline)
		return run_late(client, ret);
	if (client->state == CLIENT_ALONE)
		return start_worker(client);
	if (client->state == CLIENT_IDLE)
		return put_question(client, ret);
	uint64_t left = client->deadline - now;
	return turn(client, left < (uint64_t)timeout_ms ? (int)left : timeout_ms, ret);
}

struct polyton_error *dwarf_client_step(struct dwarf_client *client, int timeout_ms, struct dwarf_answer **ret)
{
	struct dwarf_answer *answer = NULL;
	uint64_t now = now_ms(), until = now + (uint64_t)(timeout_ms > 0 ? timeout_ms : 0);
	if (!client->is_asking)
		return error_create(POLYTON_ERROR_ARGUMENT, "no question about debug info is under way");
	for (;;) {
		struct polyton_error *error = go_on(client, now < until ? (int)(until - now) : 0, &answer);
		if (error) {
			dwarf_client_cancel(client);
			return error;
		}
		now = now_ms();
		if (answer || now >= until)
			break;
	}
	*ret = answer;
	return NULL;
}
