// polyton run: start a program, and report when it ends. The program is to be as it would be without us: its standard
// descriptors, its signals, its place in the terminal's foreground, its exit status.

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../looks.h"
#include "../main.h"
#include "../tee.h"
#include "command.h"

enum {
	RUN_NOT_FOUND = 127, // as shells exit
	RUN_NOT_RUN = 126,
	RUN_SIGNALLED = 128,
	RUN_KILL_MS = 5000, // from SIGTERM to SIGKILL, with --end
	RUN_STOP_MS = 200,  // that the program has to stop before us
	RUN_INTERRUPTS = 3,
};

/** What is passed on to the program, if it was meant for us alone. */
static const int passed_signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGTSTP };

struct running {
	const struct request *request;
	struct ruling ruling;
	struct output *output;
	struct polyton_run *run;
	struct tee tee;
	int signals; // a signalfd
	sigset_t mask_before;
	struct sigaction child_before;
	struct looks *looks; // one for each process
	size_t look_count;
	int64_t deadline_ms; // of the report, of SIGKILL; -1 for none
	int64_t stop_ms;     // until when we stop, too; -1
	int interrupts;      // from the terminal
	bool has_reported;   // before the end: the rest is waiting
	bool is_first_io;
	bool has_ended;
	bool is_given_up; // by the user
	int status;
	enum exit_code code;
};

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// In the child: what is ours alone is undone.
static int prepare(void *arg)
{
	const struct running *running = arg;
	sigaction(SIGCHLD, &running->child_before, NULL);
	signal(SIGPIPE, running->request->ignores_sigpipe ? SIG_IGN : SIG_DFL);
	sigprocmask(SIG_SETMASK, &running->mask_before, NULL);
	return running->tee.count ? tee_attach(&running->tee) : 0;
}

// Signals come as bytes to read, at a time when they can be dealt with.
static bool take_signals(struct running *running)
{
	sigset_t mask;
	const struct sigaction normal = { .sa_handler = SIG_DFL };
	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigaddset(&mask, SIGWINCH);
	for (size_t i = 0; i < sizeof(passed_signals) / sizeof(passed_signals[0]); i++)
		sigaddset(&mask, passed_signals[i]);
	// Whoever ignores SIGCHLD is not told of anything.
	sigaction(SIGCHLD, &normal, &running->child_before);
	sigprocmask(SIG_BLOCK, &mask, &running->mask_before);
	running->signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (running->signals < 0)
		complain("cannot wait for signals: %s", strerror(errno));
	return running->signals >= 0;
}

static struct looks *looks_of(struct running *running, int32_t pid)
{
	for (size_t i = 0; i < running->look_count; i++) {
		if (running->looks[i].pid == pid)
			return &running->looks[i];
	}
	return NULL;
}

static struct looks *add_looks(struct running *running, int32_t pid)
{
	struct looks *grown = reallocarray(running->looks, running->look_count + 1, sizeof(*grown));
	if (!grown)
		return NULL;
	running->looks = grown;
	grown[running->look_count] = (struct looks){ .pid = pid };
	return &grown[running->look_count++];
}

static void write_looks(struct running *running, struct looks *looks)
{
	running->code = main_worse(running->code, looks_write(looks, running->request, &running->ruling,
							      running->output, &running->is_first_io));
	looks_deinit(looks);
	*looks = running->looks[--running->look_count];
}

// A report before the end: of all processes, which then go on by themselves.
static void report_now(struct running *running)
{
	if (running->has_reported)
		return;
	running->has_reported = true;
	for (size_t i = 0; i < running->look_count; i++)
		looks_take(&running->looks[i], running->run, running->request, &running->ruling, true);
	polyton_run_release(running->run);
	running->deadline_ms = -1;
	while (running->look_count)
		write_looks(running, &running->looks[0]);
	if (request_has(running->request, OPTION_END) && !running->has_ended) {
		kill(polyton_run_pid(running->run), SIGTERM);
		running->deadline_ms = now_ms() + RUN_KILL_MS;
	}
}

// A kernel that lets nobody trace a program with another's rights takes those rights away.
static void warn_of_rights(const struct polyton_run_event *event)
{
	char path[64];
	struct stat facts;
	snprintf(path, sizeof(path), "/proc/%d/exe", event->pid);
	if (geteuid() != 0 && stat(path, &facts) == 0 &&
	    (((facts.st_mode & S_ISUID) && facts.st_uid != geteuid()) ||
	     ((facts.st_mode & S_ISGID) && facts.st_gid != getegid())))
		complain("process %d: a set-user-ID program gets no more rights than polyton has", event->pid);
}

static void end_process(struct running *running, const struct polyton_run_event *event)
{
	struct looks *looks = looks_of(running, event->pid);
	tee_pump(&running->tee); // what it has said comes before what is said of it
	if (looks)
		write_looks(running, looks);
	if (event->pid != polyton_run_pid(running->run))
		return;
	running->has_ended = true;
	running->status = event->number;
}

static void take_event(struct running *running, const struct polyton_run_event *event)
{
	struct looks *looks = looks_of(running, event->pid);
	switch (event->kind) {
	case POLYTON_RUN_NOTHING:
	case POLYTON_RUN_BUSY:
		break;
	case POLYTON_RUN_EXEC:
		warn_of_rights(event);
		break;
	case POLYTON_RUN_FORK:
		if (!add_looks(running, event->number))
			complain("out of memory");
		break;
	case POLYTON_RUN_LOADED:
		if (looks)
			looks_note_load(looks, event->opening->path);
		break;
	case POLYTON_RUN_UNLOADING:
		if (looks && looks_need_one(looks, event))
			looks_take(looks, running->run, running->request, &running->ruling, false);
		break;
	case POLYTON_RUN_ENDING:
		// What destructors have left says less than what was there before them.
		if (looks && looks->last)
			break;
		__attribute__((fallthrough));
	case POLYTON_RUN_DYING:
	case POLYTON_RUN_EXITING:
		if (looks)
			looks_take(looks, running->run, running->request, &running->ruling, true);
		break;
	case POLYTON_RUN_STOPPED:
		if (running->stop_ms >= 0)
			running->stop_ms = 0;
		break;
	case POLYTON_RUN_ENDED:
		end_process(running, event);
		break;
	}
}

// What the terminal sends to its foreground, the program got, too.
static void take_signal(struct running *running, const struct signalfd_siginfo *info)
{
	int number = (int)info->ssi_signo;
	bool is_terminal = info->ssi_code == SI_KERNEL;
	if (number == SIGCHLD)
		return;
	if (number == SIGWINCH) {
		tee_resize(&running->tee);
		return;
	}
	if (!is_terminal && !running->has_ended)
		kill(polyton_run_pid(running->run), number);
	if (number == SIGTSTP)
		running->stop_ms = now_ms() + RUN_STOP_MS;
	// A program that does not end at the first one may take its time: the user gets to see at the second, and is
	// free at the third.
	if (number == SIGINT && is_terminal && ++running->interrupts == RUN_INTERRUPTS - 1)
		report_now(running);
	running->is_given_up |= running->interrupts == RUN_INTERRUPTS;
}

static void read_signals(struct running *running)
{
	struct signalfd_siginfo info;
	while (read(running->signals, &info, sizeof(info)) == sizeof(info))
		take_signal(running, &info);
}

static void take_time(struct running *running)
{
	int64_t now = now_ms();
	if (running->stop_ms >= 0 && now >= running->stop_ms) {
		running->stop_ms = -1;
		raise(SIGSTOP);
	}
	if (running->deadline_ms < 0 || now < running->deadline_ms)
		return;
	running->deadline_ms = -1;
	if (running->has_reported)
		kill(polyton_run_pid(running->run), SIGKILL);
	else
		report_now(running);
}

static int time_left(const struct running *running)
{
	int64_t now = now_ms(), first = -1;
	const int64_t times[] = { running->deadline_ms, running->stop_ms };
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		if (times[i] >= 0 && (first < 0 || times[i] < first))
			first = times[i];
	}
	if (first < 0)
		return -1;
	int64_t left = first > now ? first - now : 0;
	return left > INT32_MAX ? INT32_MAX : (int)left;
}

// All that happened; true if there is more.
static bool take_events(struct running *running)
{
	struct polyton_run_event event;
	do {
		struct polyton_error *error = polyton_run_step(running->run, &event);
		if (error) {
			running->code = main_worse(running->code, main_refuse(error));
			polyton_run_release(running->run);
			return false;
		}
		take_event(running, &event);
	} while (event.kind != POLYTON_RUN_NOTHING && event.kind != POLYTON_RUN_BUSY);
	return event.kind == POLYTON_RUN_BUSY;
}

static void follow(struct running *running)
{
	while (!running->has_ended && !running->is_given_up) {
		struct pollfd fds[TEE_STREAMS + 1] = { { running->signals, POLLIN, 0 } };
		bool is_busy = take_events(running);
		if (running->has_ended)
			break;
		size_t count = 1 + tee_list(&running->tee, fds + 1);
		poll(fds, count, is_busy ? 0 : time_left(running));
		read_signals(running);
		tee_pump(&running->tee);
		if (running->tee.has_match)
			report_now(running);
		take_time(running);
	}
	tee_pump(&running->tee);
	report_now(running); // what children there are
}

// A shell that runs a script stops it when a program dies of an interrupt, and of that only.
static int exit_as(const struct running *running)
{
	enum exit_source source = (enum exit_source)running->request->choice[OPTION_EXIT_CODE];
	int program = WIFSIGNALED(running->status) ? RUN_SIGNALLED + WTERMSIG(running->status)
						   : WEXITSTATUS(running->status);
	if (running->is_given_up)
		program = RUN_SIGNALLED + SIGINT;
	if (source == EXIT_SOURCE_FINDINGS || (source == EXIT_SOURCE_BOTH && !program))
		return (int)running->code;
	if (program == RUN_SIGNALLED + SIGINT) {
		output_flush(running->output);
		signal(SIGINT, SIG_DFL);
		sigprocmask(SIG_SETMASK, &running->mask_before, NULL);
		raise(SIGINT);
	}
	return program;
}

static int start(struct running *running)
{
	const struct request *request = running->request;
	const struct polyton_options look = main_look_options(request);
	const char *places = getenv("POLYTON_RUN_BREAKPOINTS");
	const struct polyton_run_options options = {
		.size = sizeof(options),
		.look = &look,
		.follow = request_has(request, OPTION_FOLLOW),
		.no_debug_registers = places && strcmp(places, "memory") == 0,
		.prepare = prepare,
		.arg = running,
	};
	struct polyton_error *error = polyton_run_start(request->program, &options, &running->run);
	tee_started(&running->tee);
	if (!error)
		return 0;
	enum polyton_error_code code = polyton_error_code(error);
	int answer = code == POLYTON_ERROR_NOT_FOUND                                         ? RUN_NOT_FOUND
		     : code == POLYTON_ERROR_PERMISSION || code == POLYTON_ERROR_UNSUPPORTED ? RUN_NOT_RUN
											     : EXIT_NOT_SEEN;
	main_refuse(error);
	return request->choice[OPTION_EXIT_CODE] == EXIT_SOURCE_FINDINGS ? EXIT_NOT_SEEN : answer;
}

static int run_program(const struct request *request, struct output *output)
{
	static struct running running;
	running = (struct running){ .request = request,
				    .output = output,
				    .signals = -1,
				    .deadline_ms = -1,
				    .stop_ms = -1,
				    .is_first_io = true };
	output->fd = STDERR_FILENO; // standard output is the program's
	if (!ruling_init(request, &running.ruling) || !main_check_sinks(request)) {
		ruling_deinit(&running.ruling);
		return EXIT_USAGE;
	}
	bool is_ready = take_signals(&running) &&
			(!request_has(request, OPTION_WHEN) || tee_open(&running.tee, &request->when));
	int code = is_ready ? start(&running) : EXIT_NOT_SEEN;
	if (is_ready && !code && !add_looks(&running, polyton_run_pid(running.run))) {
		complain("out of memory");
		code = EXIT_NOT_SEEN;
	}
	if (is_ready && !code) {
		if (request_has(request, OPTION_FOR))
			running.deadline_ms = now_ms() + (int64_t)(request->seconds * 1000 + 0.999);
		follow(&running);
		code = exit_as(&running);
	}
	while (running.look_count)
		looks_deinit(&running.looks[--running.look_count]);
	free(running.looks);
	ruling_deinit(&running.ruling);
	tee_close(&running.tee);
	polyton_run_close(running.run);
	if (running.signals >= 0)
		close(running.signals);
	return code;
}

const struct command run_command = {
	.name = "run",
	.operands = "PROGRAM ARGS",
	.summary = "start a program, and report when it ends",
	.help = "Start a program and report on it, as 'polyton report' does, at its end: when it\n"
		"exits, before a signal ends it, and before it unloads what it has loaded. Where\n"
		"objects were loaded meanwhile, the report says on whose call. The report goes to\n"
		"standard error; all else is the program's. Options of polyton stand before\n"
		"PROGRAM, or before a '--' in front of it.",
	.view = POLYTON_VIEW_REPORT,
	.takes_program = true,
	.options = (OPTIONS_COMMON & ~(OPTIONS_FILES | OPTION_BIT(OPTION_PID) | OPTION_BIT(OPTION_CORE) |
				       OPTION_BIT(OPTION_EXE) | OPTION_BIT(OPTION_STOP))) |
		   OPTION_BIT(OPTION_ALL) | OPTION_BIT(OPTION_BASELINE) | OPTIONS_POLICY | OPTION_BIT(OPTION_MATCH) |
		   OPTION_BIT(OPTION_FAIL_ON) | OPTION_BIT(OPTION_NO_TYPES) | OPTION_BIT(OPTION_FOLLOW) |
		   OPTION_BIT(OPTION_FOR) | OPTION_BIT(OPTION_WHEN) | OPTION_BIT(OPTION_END) |
		   OPTION_BIT(OPTION_EXIT_CODE),
	.has_failure = report_has_failure,
	.act = run_program,
};
