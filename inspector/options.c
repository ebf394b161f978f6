// The command line is understood completely or not at all: nothing is looked at with half of what was asked for.
// Options may come before, between and after the operands; every word that is not understood is an error.

#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/command.h"
#include "operands.h"
#include "output.h"

enum {
	OPTIONS_LONG = 256,  // getopt_long's answer to long option N is this plus N: no letter is that big
	OPTIONS_OPERAND = 1, // its answer to a word that is no option, in RETURN_IN_ORDER mode
	OPTIONS_MAX_SECONDS = 1000 * 1000 * 1000,
};

// getopt_long takes "--form" for "--format". A script that relies on that breaks with the next option that begins
// like it, so only whole names are taken. @p token is the word as it stands in argv.
static bool is_whole(const char *token, const struct option_row *row)
{
	size_t length = strcspn(token + 2, "=");
	if (length == strlen(row->name))
		return true;
	complain("unknown option '%.*s': did you mean '--%s'?", (int)length + 2, token, row->name);
	return false;
}

static bool choose(enum option_id option, struct request *request)
{
	const struct option_row *row = &option_rows[option];
	char list[OPTION_CHOICES_MAX];
	for (unsigned i = 0; row->choices[i]; i++) {
		if (strcmp(row->choices[i], request->value[option]) == 0) {
			request->choice[option] = i;
			return true;
		}
	}
	option_list_choices(row, option_count_choices(row, NULL), list, sizeof(list));
	complain("--%s takes %s, not '%s'", row->name, list, request->value[option]);
	return false;
}

static bool take_output(const char *word, struct request *request)
{
	struct sink *file = &request->sinks[request->sink_count];
	if (!sink_parse(word, option_rows[OPTION_FORMAT].choices, file))
		return false;
	for (size_t i = 0; i < request->sink_count; i++) {
		if (strcmp(request->sinks[i].path, file->path) == 0) {
			complain("--output '%s' was given twice", file->path);
			return false;
		}
	}
	request->sink_count++;
	return true;
}

static bool take_pattern(enum option_id option, const char *pattern, regex_t *ret)
{
	char reason[128];
	int status = regcomp(ret, pattern, REG_EXTENDED | REG_NOSUB);
	if (!status)
		return true;
	regerror(status, ret, reason, sizeof(reason));
	complain("--%s '%s': %s", option_rows[option].name, pattern, reason);
	return false;
}

static bool take_plugin(enum option_id option, const char *path, struct request *request)
{
	static const enum polyton_opened how[OPTION_COUNT] = { [OPTION_PLUGIN] = POLYTON_OPENED_LOCAL,
							       [OPTION_GLOBAL] = POLYTON_OPENED_GLOBAL,
							       [OPTION_DEEPBIND] = POLYTON_OPENED_DEEPBIND,
							       [OPTION_PRELOAD] = POLYTON_OPENED_PRELOADED,
							       [OPTION_NAMESPACE] = POLYTON_OPENED_NAMESPACE };
	struct subject *subject = &request->subject;
	if (!subject_is_there(path)) {
		complain("--%s '%s': %s", option_rows[option].name, path, strerror(errno));
		return false;
	}
	subject->plugins[subject->plugin_count++] = (struct polyton_plugin){ path, how[option] };
	return true;
}

static bool take_folder(enum option_id option, const char *path)
{
	struct stat facts;
	int reason = stat(path, &facts) ? errno : S_ISDIR(facts.st_mode) ? 0 : ENOTDIR;
	if (reason)
		complain("--%s '%s': %s", option_rows[option].name, path, strerror(reason));
	return !reason;
}

// One level, "new", or both.
static bool take_fail_on(const char *text, struct fail_on *ret)
{
	struct pool pool = { 0 };
	const char *complaint = fail_on_parse(&pool, text, ret);
	if (complaint)
		complain("--fail-on takes %s", complaint);
	pool_deinit(&pool);
	return !complaint;
}

static bool take_seconds(enum option_id option, const char *text, double *ret)
{
	char *end;
	bool is_number = (text[0] >= '0' && text[0] <= '9') || text[0] == '.';
	double seconds = is_number ? strtod(text, &end) : -1;
	if (!is_number || *end || !(seconds >= 0 && seconds <= OPTIONS_MAX_SECONDS)) {
		complain("--%s takes a number of seconds, not '%s'", option_rows[option].name, text);
		return false;
	}
	*ret = seconds;
	return true;
}

static bool take_option(enum option_id option, const char *argument, struct request *request)
{
	const struct option_row *row = &option_rows[option];
	bool is_first = !request_has(request, option);
	if (row->argument && !row->is_repeatable && !is_first) {
		complain("option '--%s' was given twice", row->name);
		return false;
	}
	request->value[option] = argument;
	if (option == OPTION_FAIL_ON && !take_fail_on(argument, &request->fail_on))
		return false;
	if (option != OPTION_FAIL_ON && row->choices && !choose(option, request))
		return false;
	if ((option == OPTION_DEBUG_DIR || option == OPTION_SYSROOT) && !take_folder(option, argument))
		return false;
	if (option >= OPTION_PLUGIN && option <= OPTION_NAMESPACE && !take_plugin(option, argument, request))
		return false;
	if (option == OPTION_OUTPUT && !take_output(argument, request))
		return false;
	if (option == OPTION_MATCH && !take_pattern(option, argument, &request->match))
		return false;
	if (option == OPTION_WHEN && !take_pattern(option, argument, &request->when))
		return false;
	if (option == OPTION_FOR && !take_seconds(option, argument, &request->seconds))
		return false;
	if (option == OPTION_INTERVAL && !take_seconds(option, argument, &request->interval))
		return false;
	if (option == OPTION_DEBUG_DIR)
		request->debug_dirs[request->debug_dir_count++] = argument;
	request->given |= OPTION_BIT(option);
	return true;
}

// What getopt_long leaves behind when it does not understand: its optopt, and the word it was at.
static void refuse(int answer, const char *token)
{
	enum option_id option = OPTION_COUNT;
	for (int i = 0; i < OPTION_COUNT; i++) {
		if (optopt && (optopt == option_rows[i].letter || optopt == OPTIONS_LONG + i))
			option = (enum option_id)i;
	}
	if (answer == ':')
		complain("option '--%s' needs an argument: %s", option_rows[option].name,
			 option_rows[option].argument);
	else if (optopt >= OPTIONS_LONG)
		complain("option '--%s' takes no argument", option_rows[option].name);
	else if (optopt)
		complain("unknown option '-%c' (see 'polyton --help')", optopt);
	else
		complain("unknown option '%s' (see 'polyton --help')", token);
}

static void add_operand(struct operands *operands, char *word, const struct request *request)
{
	operands->places[operands->count] = request->subject.plugin_count;
	operands->words[operands->count++] = word;
}

// The first operand of a command that takes a program is the program, and what follows belongs to it.
static bool begins_program(const struct operands *operands)
{
	const struct command *command = operands->count ? command_find(operands->words[0]) : NULL;
	return command && command->takes_program;
}

static bool read_words(int argc, char **argv, struct operands *operands, struct request *request)
{
	struct option longs[OPTION_COUNT + 1] = { 0 };
	// '-': one after the other, operands too, whatever POSIXLY_CORRECT says; ':': we do the complaining.
	char letters[2 * OPTION_COUNT + 3] = "-:";
	size_t used = strlen(letters);
	for (int i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *row = &option_rows[i];
		longs[i] = (struct option){ row->name, row->argument ? required_argument : no_argument, NULL,
					    OPTIONS_LONG + i };
		if (row->letter)
			letters[used++] = row->letter;
		if (row->letter && row->argument)
			letters[used++] = ':';
	}

	for (int answer; (answer = getopt_long(argc, argv, letters, longs, NULL)) != -1;) {
		if (answer == OPTIONS_OPERAND && begins_program(operands)) {
			optind--;
			break;
		}
		if (answer == OPTIONS_OPERAND) {
			add_operand(operands, optarg, request);
			continue;
		}
		if (answer == '?' || answer == ':') {
			refuse(answer, argv[optind - 1]);
			return false;
		}
		int option = answer - OPTIONS_LONG;
		for (int i = 0; answer < OPTIONS_LONG && i < OPTION_COUNT; i++) {
			if (answer == option_rows[i].letter)
				option = i;
		}
		const char *token = argv[optind - 1] == optarg ? argv[optind - 2] : argv[optind - 1];
		if (answer >= OPTIONS_LONG && !is_whole(token, &option_rows[option]))
			return false;
		if (!take_option((enum option_id)option, optarg, request))
			return false;
	}
	if (begins_program(operands))
		request->program = argv + optind;
	while (optind < argc) // after "--"
		add_operand(operands, argv[optind++], request);
	return true;
}

// Each form that is asked for must be one of the command's.
static bool check_formats(const struct request *request)
{
	unsigned count = option_count_choices(&option_rows[OPTION_FORMAT], request->command);
	unsigned asked = request->choice[OPTION_FORMAT];
	for (size_t i = 0; i < request->sink_count && asked < count; i++)
		asked = request->sinks[i].format;
	if (asked >= count) {
		complain("'%s' cannot be written as %s: only the report can", request->command->name,
			 option_rows[OPTION_FORMAT].choices[asked]);
		return false;
	}
	if (request->command->write && request->sink_count &&
	    (request->sink_count > 1 || request->sinks[0].format != POLYTON_FORMAT_JSON)) {
		complain("'%s' writes one file, which is JSON: -o FILE.json, or -o json:FILE",
			 request->command->name);
		return false;
	}
	return true;
}

static bool check_options(const struct request *request)
{
	for (int i = 0; i < OPTION_COUNT; i++) {
		if (request_has(request, (enum option_id)i) && !(request->command->options & OPTION_BIT(i))) {
			complain("'%s' takes no option '--%s'", request->command->name, option_rows[i].name);
			return false;
		}
	}
	if (request_has(request, OPTION_CONFIG) && request_has(request, OPTION_NO_CONFIG)) {
		complain("'--config' names the policy that '--no-config' leaves out");
		return false;
	}
	if (request->fail_on.is_new_only && !request_has(request, OPTION_BASELINE) && !request->command->compares) {
		complain("'--fail-on new' needs '--baseline FILE': what is new is what FILE has not");
		return false;
	}
	if (request_has(request, OPTION_EXPAND) && request_has(request, OPTION_NO_TYPES)) {
		complain("'--expand' needs the types that '--no-types' leaves out");
		return false;
	}
	if (request_has(request, OPTION_END) && !request_has(request, OPTION_FOR) &&
	    !request_has(request, OPTION_WHEN)) {
		complain("'--end' is for '--for' and '--when': else the program is at its end already");
		return false;
	}
	return check_formats(request);
}

static bool understand(const struct operands *operands, struct request *request)
{
	struct subject *subject = &request->subject;
	subject->core = request->value[OPTION_CORE];
	subject->exe = request->value[OPTION_EXE];
	subject->sysroot = request->value[OPTION_SYSROOT];
	subject->library_path = request->value[OPTION_LIBRARY_PATH];
	request->command = operands->count ? command_find(operands->words[0]) : NULL;
	if (request_has(request, OPTION_HELP) || request_has(request, OPTION_VERSION))
		return true;
	bool is_named = request->command != NULL;
	if (!is_named)
		request->command = tui_is_meant(request) ? &tui_command : commands[0];
	if (request->program)
		return check_options(request) && operands_take_program(request->program);
	if (request->command->takes_program) { // "polyton -- run ls"
		complain("'%s' stands before '--', the program behind it", request->command->name);
		return false;
	}
	return operands_take(operands, is_named, request) && check_options(request) && operands_check(request);
}

bool request_init(int argc, char **argv, struct request *ret)
{
	size_t most = (size_t)argc + 1;
	struct operands operands = { calloc(most, sizeof(*operands.words)), calloc(most, sizeof(*operands.places)),
				     0 };
	ret->debug_dirs = calloc(most, sizeof(*ret->debug_dirs));
	ret->sinks = calloc(most, sizeof(*ret->sinks));
	ret->subject.plugins = calloc(most, sizeof(*ret->subject.plugins));
	bool is_good = operands.words && operands.places && ret->debug_dirs && ret->sinks && ret->subject.plugins;
	if (is_good)
		is_good = read_words(argc, argv, &operands, ret) && understand(&operands, ret);
	else
		complain("out of memory");
	free(operands.words);
	free(operands.places);
	return is_good;
}

void request_deinit(struct request *request)
{
	free(request->debug_dirs);
	free(request->sinks);
	free(request->subject.plugins);
	if (request_has(request, OPTION_MATCH))
		regfree(&request->match);
	if (request_has(request, OPTION_WHEN))
		regfree(&request->when);
}
