// One command line, one look, one exit code. Everything that can be known before the subject is touched is checked
// before, and an answer that could not be written is not an answer.

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/command.h"
#include "help.h"
#include "main.h"
#include "output.h"

enum exit_code main_refuse(struct polyton_error *error)
{
	enum polyton_error_code code = polyton_error_code(error);
	complain("%s", polyton_error_message(error));
	polyton_error_destroy(error);
	// Of what the library refuses, these two are the user's words and not the subject's state.
	return code == POLYTON_ERROR_ARGUMENT || code == POLYTON_ERROR_NOT_FOUND ? EXIT_USAGE : EXIT_NOT_SEEN;
}

static bool has_loss(const struct polyton_snapshot *snapshot)
{
	for (uint32_t i = 0; i < polyton_snapshot_note_count(snapshot); i++) {
		if (polyton_snapshot_note(snapshot, i)->is_loss)
			return true;
	}
	return false;
}

// A write function for --quiet: what does not get written can still be wrong, such as a name nobody has.
static int write_nothing(void *arg, const char *bytes, size_t count)
{
	(void)arg, (void)bytes, (void)count;
	return 0;
}

// All of them, also behind one that fails.
static bool write_files(const struct polyton_snapshot *snapshot, const struct request *request,
			const struct polyton_write_options *options)
{
	bool is_good = true;
	for (size_t i = 0; i < request->sink_count; i++)
		is_good &= sink_write(&request->sinks[i], snapshot, *options);
	return is_good;
}

// False, with a complaint made, if not all of it could be written where it should; @p error_ret is the view's own.
static bool write_view(const struct answer *answer, struct polyton_error **error_ret)
{
	const struct request *request = answer->request;
	uint32_t tolerated[POLYTON_SEVERITY_ERROR + 1];
	judge_tolerates(&answer->ruling->policy, &answer->ruling->fail_on, tolerated);
	const struct polyton_write_options options = {
		.size = sizeof(options),
		.view = request->command->view,
		.format = (enum polyton_format)request->choice[OPTION_FORMAT],
		.name = request->name,
		.columns = output_columns(answer->output),
		.use_color = !request_has(request, OPTION_NO_COLOR) && output_has_color(answer->output),
		.show_all = request_has(request, OPTION_ALL),
		.is_verbose = request_has(request, OPTION_VERBOSE),
		.match = request->value[OPTION_MATCH],
		.verdicts = answer->judgement->verdicts,
		.remarks = answer->judgement->remarks,
		.fail_on = (enum polyton_fail_on)answer->ruling->fail_on.level,
		.fails_on_new_only = answer->ruling->fail_on.is_new_only,
		.tolerated = tolerated,
	};
	bool is_quiet = request_has(request, OPTION_QUIET);
	struct polyton_error *error = polyton_snapshot_write(answer->snapshot, &options,
							     is_quiet ? write_nothing : output_write, answer->output);
	if (error && !answer->output->error) {
		*error_ret = error;
		return true;
	}
	polyton_error_destroy(error);
	return write_files(answer->snapshot, request, &options);
}

static enum exit_code write_answer(const struct answer *answer)
{
	const struct command *command = answer->request->command;
	struct polyton_error *error = NULL;
	if (!(command->write ? command->write(answer) : write_view(answer, &error)))
		return EXIT_NOT_SEEN;
	if (error) {
		answer->output->used = 0; // half a view is none
		return main_refuse(error);
	}
	const char *const *warning = answer->judgement->warnings;
	for (; warning && *warning && !request_has(answer->request, OPTION_QUIET); warning++)
		complain("%s", *warning);
	if (command->has_failure && command->has_failure(answer))
		return EXIT_FINDINGS;
	return has_loss(answer->snapshot) ? EXIT_NOT_SEEN : EXIT_CLEAN;
}

enum exit_code main_write(const struct polyton_snapshot *snapshot, const struct request *request,
			  struct ruling *ruling, struct output *output)
{
	struct judgement judgement;
	ruling_judge(ruling, snapshot, &judgement);
	return write_answer(&(const struct answer){ snapshot, request, ruling, &judgement, output });
}

enum exit_code main_worse(enum exit_code a, enum exit_code b)
{
	if (a == EXIT_FINDINGS || b == EXIT_FINDINGS)
		return EXIT_FINDINGS;
	return a > b ? a : b;
}

bool main_check_sinks(const struct request *request)
{
	for (size_t i = 0; i < request->sink_count; i++) {
		if (!sink_check(&request->sinks[i]))
			return false;
	}
	return true;
}

struct polyton_options main_look_options(const struct request *request)
{
	return (struct polyton_options){
		.size = sizeof(struct polyton_options),
		.stop = request_has(request, OPTION_STOP),
		.debug_dirs = request->debug_dirs,
		.keep_bindings = request->command->keeps_bindings,
		// A command that cannot go without types is one that shows no values.
		.no_types = request_has(request, OPTION_NO_TYPES) ||
			    !(request->command->options & OPTION_BIT(OPTION_NO_TYPES)),
		.keep_trees = request_has(request, OPTION_EXPAND),
		// Of the one singleton that is shown, every thread's value.
		.typed_values = request->command->takes_name ? UINT32_MAX : 0,
	};
}

static enum exit_code look(const struct request *request, struct ruling *ruling, struct output *output)
{
	const struct polyton_options options = main_look_options(request);
	struct polyton_session *session = NULL;
	struct polyton_snapshot *snapshot = NULL;
	enum exit_code code;

	if (!main_check_sinks(request))
		return EXIT_NOT_SEEN;
	struct polyton_error *error = subject_open(&request->subject, ruling->policy.plugin_sets, &options, &session);
	if (!error)
		error = polyton_session_capture(session, &snapshot);
	if (error)
		code = main_refuse(error);
	else
		code = main_write(snapshot, request, ruling, output);
	polyton_snapshot_destroy(snapshot);
	polyton_session_close(session);
	return code;
}

static int obey(const struct request *request, struct output *output)
{
	struct ruling ruling = { 0 };
	int code = EXIT_USAGE;
	if (request->command->act)
		return request->command->act(request, output);
	if (ruling_init(request, &ruling))
		code = (int)look(request, &ruling, output);
	ruling_deinit(&ruling);
	return code;
}

// A standard descriptor that is closed would go to the next file opened, and a complaint into that file. Opened for
// reading only, standard output still takes nothing, and says so.
static void guard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) < 0)
			_exit(EXIT_NOT_SEEN);
	}
}

// NULL: the words are our own.
static const struct command *find_passing(int argc, char **argv)
{
	const struct command *command = argc > 1 ? command_find(argv[1]) : NULL;
	bool is_question = argc == 3 && (strcmp(argv[2], "--help") == 0 || strcmp(argv[2], "-h") == 0 ||
					 strcmp(argv[2], "--version") == 0);
	return command && command->pass && !is_question ? command : NULL;
}

int main(int argc, char **argv)
{
	static struct output output = { .fd = STDOUT_FILENO };
	struct request request = { 0 };
	int code = EXIT_USAGE;

	guard_descriptors();
	// What is printable is the locale's to say; numbers and messages stay the same everywhere.
	setlocale(LC_CTYPE, "");
	const struct command *passing = find_passing(argc, argv);
	if (passing)
		return passing->pass(argv + 2);
	request.ignores_sigpipe = signal(SIGPIPE, SIG_IGN) == SIG_IGN;

	if (request_init(argc, argv, &request)) {
		code = EXIT_CLEAN;
		if (request_has(&request, OPTION_HELP))
			help_print(request.command, &output);
		else if (request_has(&request, OPTION_VERSION))
			output_print(&output, "polyton %s\n", polyton_version());
		else
			code = obey(&request, &output);
	}
	request_deinit(&request);
	if (!output_finish(&output))
		code = EXIT_NOT_SEEN;
	return code;
}
