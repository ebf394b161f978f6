// Whatever the worker does, the question gets an answer, in time, and nothing is left behind: no descriptor, no
// process.

#include "../support/check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../support/fake_worker.h"
#include "dwarf/client.h"
#include "dwarf/spawn.h"

enum { DEADLINE_MS = 400, SLACK_MS = 4000, STEP_MS = 20 };

static char folder[] = "/tmp/polyton-client-XXXXXX";
static const struct dwarf_asked variables[] = {
	{ POLYTON_KIND_STATIC, 0x4000, 4, "counter" },
	{ POLYTON_KIND_TLS, 0, 4, "slot" },
};
static const struct dwarf_question question = { .variables = variables, .variable_count = 2 };

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int count_fds(void)
{
	int count = 0;
	DIR *list = opendir("/proc/self/fd");
	while (list && readdir(list))
		count++;
	if (list)
		closedir(list);
	return count;
}

static int fds_before;

static int note_fds(void **state)
{
	(void)state;
	fds_before = count_fds();
	return 0;
}

// No child is left, zombie or not, and no descriptor.
static int check_left(void **state)
{
	(void)state;
	assert_int_equal(waitpid(-1, NULL, WNOHANG | __WALL), -1);
	assert_int_equal(errno, ECHILD);
	assert_int_equal(count_fds(), fds_before);
	return 0;
}

static struct dwarf_client *create(const char *worker, int (*open)(void *, const struct dwarf_need *), void *arg)
{
	struct dwarf_client *client;
	const struct dwarf_client_options options = { .worker = worker,
						      .deadline_ms = DEADLINE_MS,
						      .open = open,
						      .arg = arg };
	assert_fine(dwarf_client_create(&options, &client));
	return client;
}

static struct dwarf_answer *finish(struct dwarf_client *client)
{
	struct dwarf_answer *answer = NULL;
	while (!answer) {
		int64_t before = now_ms();
		assert_fine(dwarf_client_step(client, STEP_MS, &answer));
		// One step is short, and ending a worker takes no time to speak of.
		assert_true(now_ms() - before < STEP_MS + 1500);
	}
	return answer;
}

static struct dwarf_answer *ask(struct dwarf_client *client)
{
	int64_t before = now_ms();
	auto_close int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_fine(dwarf_client_ask(client, fd, &question));
	struct dwarf_answer *answer = finish(client);
	assert_true(now_ms() - before < DEADLINE_MS + SLACK_MS);
	assert_int_equal(answer->variable_count, question.variable_count);
	return answer;
}

// Both variables are absent for that reason, and the complaint holds the words.
static void expect_absence(struct dwarf_client *client, enum type_absence absence, const char *words)
{
	struct dwarf_answer *answer = ask(client);
	for (uint32_t i = 0; i < answer->variable_count; i++) {
		assert_int_equal(answer->variables[i].absence, absence);
		assert_null(answer->variables[i].graph);
		assert_string_equal(answer->variables[i].decl_file, "");
	}
	if (!strstr(answer->complaint, words))
		print_error("it says: %s\n", answer->complaint);
	assert_non_null(strstr(answer->complaint, words));
	dwarf_answer_destroy(answer);
}

static void expect_types(struct dwarf_client *client)
{
	struct dwarf_answer *answer = ask(client);
	for (uint32_t i = 0; i < answer->variable_count; i++) {
		assert_int_equal(answer->variables[i].absence, TYPE_IS_THERE);
		assert_int_equal(answer->variables[i].decl_line, FAKE_WORKER_LINE);
		assert_string_equal(type_at(answer->variables[i].graph, answer->variables[i].type)->name, "int");
	}
	dwarf_answer_destroy(answer);
}

static void test_one_worker_answers_many_questions(void **state)
{
	(void)state;
	struct dwarf_client *client = create(fake_worker_link(folder, "good"), NULL, NULL);
	struct dwarf_answer *first = ask(client);
	for (int i = 0; i < 50; i++) {
		expect_types(client);
		struct dwarf_answer *answer = ask(client);
		assert_string_equal(answer->complaint, first->complaint); // its process number
		dwarf_answer_destroy(answer);
	}
	dwarf_answer_destroy(first);
	dwarf_client_destroy(client);
}

static void test_worker_that_ends_after_an_answer_is_replaced(void **state)
{
	(void)state;
	struct dwarf_client *client = create(fake_worker_link(folder, "good-once"), NULL, NULL);
	for (int i = 0; i < 5; i++)
		expect_types(client);
	dwarf_client_destroy(client);
}

static void test_crash_is_tried_once_more(void **state)
{
	(void)state;
	struct dwarf_client *client = create(fake_worker_link(folder, "crash-once"), NULL, NULL);
	expect_types(client);
	expect_types(client);
	dwarf_client_destroy(client);
}

// Each of these answers nothing for the file, and the next question gets another worker.
static void test_misbehaving_workers(void **state)
{
	(void)state;
	static const struct {
		const char *name, *words;
	} cases[] = {
		{ "crash", "crashed" },
		{ "hang", "longer than 400 ms" },
		{ "deaf", "longer than" },
		{ "garbage-answer", "makes no sense" },
		{ "half", "crashed" },
		{ "half-then-hang", "longer than" },
		{ "flood", "makes no sense" },
		{ "large", "makes no sense" },
		{ "fds", "makes no sense" },
		{ "endless-needs", "longer than" },
		{ "other-count", "makes no sense" },
	};
	for (size_t i = 0; i < count_of(cases); i++) {
		struct dwarf_client *client = create(fake_worker_link(folder, cases[i].name), NULL, NULL);
		expect_absence(client, TYPE_UNREADABLE, cases[i].words);
		expect_absence(client, TYPE_UNREADABLE, cases[i].words);
		dwarf_client_destroy(client);
	}
}

static void test_workers_that_are_none(void **state)
{
	(void)state;
	static const struct {
		const char *name, *words;
	} cases[] = {
		{ "crash-at-start", "crashed" },
		{ "hang-at-start", "does not answer" },
		{ "garbage", "makes no sense" },
		{ "unable", "of another make" },
	};
	for (size_t i = 0; i < count_of(cases); i++) {
		struct dwarf_client *client = create(fake_worker_link(folder, cases[i].name), NULL, NULL);
		expect_absence(client, TYPE_NO_WORKER, cases[i].words);
		int64_t before = now_ms();
		expect_absence(client, TYPE_NO_WORKER, cases[i].words); // no further attempt
		assert_true(now_ms() - before < DEADLINE_MS / 2);
		dwarf_client_destroy(client);
	}
	struct dwarf_client *client = create("/nonexistent/polyton-dwarf", NULL, NULL);
	expect_absence(client, TYPE_NO_WORKER, "cannot start /nonexistent/polyton-dwarf");
	dwarf_client_destroy(client);
	setenv("POLYTON_DWARF_WORKER", "/nonexistent/other", 1);
	client = create(NULL, NULL, NULL);
	expect_absence(client, TYPE_NO_WORKER, "/nonexistent/other");
	dwarf_client_destroy(client);
	setenv("POLYTON_DWARF_WORKER", fake_worker_link(folder, "good"), 1);
	client = create(NULL, NULL, NULL);
	expect_types(client);
	dwarf_client_destroy(client);
	unsetenv("POLYTON_DWARF_WORKER");
}

// The worker gets the socket and nothing else.
static void test_surroundings(void **state)
{
	(void)state;
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	sigset_t all, mask;
	int open_fd = open("/proc/self/exe", O_RDONLY); // not close-on-exec
	sigfillset(&all);
	sigaction(SIGIO, &ignore, &before);
	sigprocmask(SIG_BLOCK, &all, &mask);
	setenv("POLYTON_SECRET", "1", 1);
	setenv("LD_LIBRARY_PATH", "/somewhere", 1);

	struct dwarf_client *client = create(fake_worker_link(folder, "surroundings"), NULL, NULL);
	struct dwarf_answer *answer = ask(client);
	assert_string_equal(answer->complaint, "0 1 2 3 LD_LIBRARY_PATH=/somewhere ");
	dwarf_answer_destroy(answer);
	dwarf_client_destroy(client);

	unsetenv("LD_LIBRARY_PATH");
	unsetenv("POLYTON_SECRET");
	sigprocmask(SIG_SETMASK, &mask, NULL);
	sigaction(SIGIO, &before, NULL);
	close(open_fd);
}

static int give_file(void *arg, const struct dwarf_need *need)
{
	uint32_t *asked = arg;
	*asked += need->kind == DWARF_NEED_DWO && strcmp(need->path, "unit.dwo") == 0 && need->id_size == 2 &&
		  need->id[1] == 2;
	char path[sizeof(folder) + 16];
	snprintf(path, sizeof(path), "%s/further", folder);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs("its content", file);
	fclose(file);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	unlink(path);
	return fd;
}

static int refuse_file(void *arg, const struct dwarf_need *need)
{
	(void)need;
	++*(uint32_t *)arg;
	return -1;
}

static void test_further_files(void **state)
{
	(void)state;
	uint32_t asked = 0;
	struct dwarf_client *client = create(fake_worker_link(folder, "needs"), give_file, &asked);
	for (int i = 0; i < 3; i++) {
		struct dwarf_answer *answer = ask(client);
		assert_string_equal(answer->complaint, "its content");
		dwarf_answer_destroy(answer);
	}
	assert_int_equal(asked, 3);
	dwarf_client_destroy(client);

	client = create(fake_worker_link(folder, "needs"), refuse_file, &asked);
	struct dwarf_answer *answer = ask(client);
	assert_string_equal(answer->complaint, "none");
	assert_int_equal(asked, 4);
	dwarf_answer_destroy(answer);
	dwarf_client_destroy(client);
}

// A question of megabytes goes through, piece by piece, also to one who does not listen.
static void test_large_question(void **state)
{
	(void)state;
	enum { MANY = 60000 };
	char symbol[200];
	memset(symbol, 'x', sizeof(symbol) - 1);
	symbol[sizeof(symbol) - 1] = '\0';
	struct dwarf_asked *many = calloc(MANY, sizeof(*many));
	assert_non_null(many);
	for (size_t i = 0; i < MANY; i++)
		many[i] = (struct dwarf_asked){ POLYTON_KIND_STATIC, i * 8, 8, symbol };
	const struct dwarf_question large = { .variables = many, .variable_count = MANY };
	auto_close int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	static const struct {
		const char *name;
		enum type_absence absence;
	} cases[] = { { "good", TYPE_IS_THERE }, { "deaf", TYPE_UNREADABLE } };
	for (size_t i = 0; i < count_of(cases); i++) {
		struct dwarf_client *client;
		const char *worker = fake_worker_link(folder, cases[i].name);
		const struct dwarf_client_options options = { .worker = worker, .deadline_ms = i ? DEADLINE_MS : 0 };
		assert_fine(dwarf_client_create(&options, &client));
		assert_fine(dwarf_client_ask(client, fd, &large));
		struct dwarf_answer *answer = finish(client);
		assert_int_equal(answer->variable_count, MANY);
		assert_int_equal(answer->variables[MANY - 1].absence, cases[i].absence);
		dwarf_answer_destroy(answer);
		dwarf_client_destroy(client);
	}
	free(many);
}

static void test_too_large_question(void **state)
{
	(void)state;
	const struct dwarf_question large = { .variables = variables, .variable_count = WIRE_MAX_VARIABLES + 1 };
	struct dwarf_client *client = create(fake_worker_link(folder, "good"), NULL, NULL);
	struct dwarf_answer *answer = NULL;
	assert_error(dwarf_client_ask(client, 0, &large), POLYTON_ERROR_UNSUPPORTED, "variables in one file");
	assert_error(dwarf_client_step(client, 0, &answer), POLYTON_ERROR_ARGUMENT, "no question");
	expect_types(client);
	dwarf_client_destroy(client);
}

static void test_bad_descriptor(void **state)
{
	(void)state;
	struct dwarf_client *client = create(fake_worker_link(folder, "good"), NULL, NULL);
	assert_fine(dwarf_client_ask(client, -1, &question));
	struct dwarf_answer *answer = finish(client);
	assert_int_equal(answer->variables[0].absence, TYPE_UNREADABLE);
	dwarf_answer_destroy(answer);
	expect_types(client);
	dwarf_client_destroy(client);
}

// A caller that was interrupted goes on with something else.
static void test_cancel(void **state)
{
	(void)state;
	auto_close int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct dwarf_client *client = create(fake_worker_link(folder, "hang"), NULL, NULL);
	struct dwarf_answer *answer = NULL;
	assert_fine(dwarf_client_ask(client, fd, &question));
	for (int i = 0; i < 5; i++)
		assert_fine(dwarf_client_step(client, STEP_MS, &answer));
	assert_null(answer);
	dwarf_client_cancel(client);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_error(dwarf_client_step(client, 0, &answer), POLYTON_ERROR_ARGUMENT, "no question");
	expect_absence(client, TYPE_UNREADABLE, "longer than");
	dwarf_client_destroy(client);
}

static void reap_all(int number)
{
	int saved = errno;
	(void)number;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	errno = saved;
}

// GDB reaps whatever ends, other programs let the kernel do it: the worker's end is seen all the same.
static void test_program_that_reaps(void **state)
{
	(void)state;
	static const struct sigaction ways[] = { { .sa_handler = reap_all }, { .sa_handler = SIG_IGN } };
	struct sigaction before;
	for (size_t i = 0; i < count_of(ways); i++) {
		sigaction(SIGCHLD, &ways[i], &before);
		struct dwarf_client *client = create(fake_worker_link(folder, "crash"), NULL, NULL);
		expect_absence(client, TYPE_UNREADABLE, "crashed");
		dwarf_client_destroy(client);
		client = create(fake_worker_link(folder, "hang"), NULL, NULL);
		expect_absence(client, TYPE_UNREADABLE, "longer than");
		dwarf_client_destroy(client);
		sigaction(SIGCHLD, &before, NULL);
	}
}

// Programs close their first descriptors: then the socket and the file have these numbers.
static void test_without_standard_descriptors(void **state)
{
	(void)state;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		close(0);
		close(1);
		close(2);
		struct dwarf_client *client;
		struct dwarf_answer *answer = NULL;
		const struct dwarf_client_options options = { .worker = fake_worker_link(folder, "needs"),
							      .open = give_file,
							      .arg = &(uint32_t){ 0 } };
		int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
		if (fd != 0 || dwarf_client_create(&options, &client) || dwarf_client_ask(client, fd, &question))
			_exit(2);
		while (!answer) {
			if (dwarf_client_step(client, STEP_MS, &answer))
				_exit(3);
		}
		bool is_good = strcmp(answer->complaint, "its content") == 0;
		dwarf_answer_destroy(answer);
		dwarf_client_destroy(client);
		_exit(is_good ? 0 : 4);
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	struct dirent *entry;
	DIR *list = opendir(folder);
	while (list && (entry = readdir(list)))
		unlinkat(dirfd(list), entry->d_name, 0);
	if (list)
		closedir(list);
	return rmdir(folder);
}

#define CHECKED(test) cmocka_unit_test_setup_teardown(test, note_fds, check_left)

int main(void)
{
	fake_worker_run_if_named();
	const struct CMUnitTest tests[] = {
		CHECKED(test_one_worker_answers_many_questions),
		CHECKED(test_worker_that_ends_after_an_answer_is_replaced),
		CHECKED(test_crash_is_tried_once_more),
		CHECKED(test_misbehaving_workers),
		CHECKED(test_workers_that_are_none),
		CHECKED(test_surroundings),
		CHECKED(test_further_files),
		CHECKED(test_large_question),
		CHECKED(test_too_large_question),
		CHECKED(test_bad_descriptor),
		CHECKED(test_cancel),
		CHECKED(test_program_that_reaps),
		CHECKED(test_without_standard_descriptors),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
