// The command line is understood completely or not at all: nothing is looked at with half of what was asked for.
// Options may come before, between and after the operands; every word that is not understood is an error.

#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd/command.h"
#include "output.h"

enum {
	OPTIONS_LONG = 256,  // getopt_long's answer to long option N is this plus N: no letter is that big
	OPTIONS_OPERAND = 1, // its answer to a word that is no option, in RETURN_IN_ORDER mode
};

static const char *const formats[] = { "text", "json", NULL }; // as enum polyton_format
static const char *const levels[] = { "error", "warning", "note", "never", NULL };

const struct option_row option_rows[OPTION_COUNT] = {
	[OPTION_PID] = { "pid", 'p', "PID", .help = "the subject: process PID" },
	[OPTION_FORMAT] = { "format", 0, "FORMAT", formats, .help = "form of the output" },
	[OPTION_MATCH] = { "match", 0, "REGEX", .help = "only what has a name that matches REGEX" },
	[OPTION_ALL] = { "all", .help = "also what is left out or summed up otherwise" },
	[OPTION_VERBOSE] = { "verbose", 'v', .help = "also how much was left out and why, and times" },
	[OPTION_QUIET] = { "quiet", 'q', .help = "print nothing but errors: only the exit code counts" },
	[OPTION_FAIL_ON] = { "fail-on", 0, "LEVEL", levels,
			     .help = "exit 1 if there is a finding at least this severe" },
	[OPTION_STOP] = { "stop", .help = "stop all threads of the process while it is read" },
	[OPTION_EXPAND] = { "expand", .help = "also the values part by part, and what they point to" },
	[OPTION_NO_TYPES] = { "no-types", .help = "read no debug info: values stay words, layouts unknown" },
	[OPTION_DEBUG_DIR] = { "debug-dir", 0, "DIR", .is_repeatable = true,
			       .help = "look for separate debug files in DIR first" },
	[OPTION_NO_COLOR] = { "no-color", .help = "no colours, on a terminal either" },
	[OPTION_HELP] = { "help", 'h', .help = "print this help, or that of the command named" },
	[OPTION_VERSION] = { "version", .help = "print the version and what it was built with" },
};

/** The words that are no options, in order. */
struct operands {
	char **words;
	int count;
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

void option_list_choices(const struct option_row *row, char *ret, size_t size)
{
	size_t used = 0;
	for (unsigned i = 0; row->choices[i] && used < size; i++) {
		const char *before = !i ? "" : row->choices[i + 1] ? ", " : " or ";
		const char *after = i ? "" : " (default)";
		used += (size_t)snprintf(ret + used, size - used, "%s%s%s", before, row->choices[i], after);
	}
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
	option_list_choices(row, list, sizeof(list));
	complain("--%s takes %s, not '%s'", row->name, list, request->value[option]);
	return false;
}

static bool take_debug_dir(const char *path, struct request *request)
{
	struct stat facts;
	int reason = stat(path, &facts) ? errno : S_ISDIR(facts.st_mode) ? 0 : ENOTDIR;
	if (reason) {
		complain("--debug-dir '%s': %s", path, strerror(reason));
		return false;
	}
	request->debug_dirs[request->debug_dir_count++] = path;
	return true;
}

static bool take_match(const char *pattern, regex_t *ret)
{
	char reason[128];
	int status = regcomp(ret, pattern, REG_EXTENDED | REG_NOSUB);
	if (!status)
		return true;
	regerror(status, ret, reason, sizeof(reason));
	complain("--match '%s': %s", pattern, reason);
	return false;
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
	if (row->choices && !choose(option, request))
		return false;
	if (option == OPTION_DEBUG_DIR && !take_debug_dir(argument, request))
		return false;
	if (option == OPTION_MATCH && !take_match(argument, &request->match))
		return false;
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
		if (answer == OPTIONS_OPERAND) {
			operands->words[operands->count++] = optarg;
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
	while (optind < argc) // after "--"
		operands->words[operands->count++] = argv[optind++];
	return true;
}

static bool read_pid(const char *text, int32_t *ret)
{
	int64_t pid = 0;
	for (const char *digit = text; *digit; digit++) {
		if (*digit < '0' || *digit > '9' || pid > INT32_MAX)
			return false;
		pid = 10 * pid + (*digit - '0');
	}
	if (pid <= 0 || pid > INT32_MAX)
		return false;
	*ret = (int32_t)pid;
	return true;
}

// @p words: what follows the command, or all of them if none is named and it is the default.
static bool take_operands(char **words, int count, bool is_named, struct request *request)
{
	const struct command *command = request->command;
	bool has_pid = request_has(request, OPTION_PID);
	const char *pid = request->value[OPTION_PID];
	int wanted = (command->takes_name ? 1 : 0) + (has_pid ? 0 : 1);

	if (!is_named && count && !read_pid(words[0], &request->pid)) {
		complain("'%s' is neither a command nor a process id (see 'polyton --help')", words[0]);
		return false;
	}
	if (count < wanted) {
		complain("%s is missing (see 'polyton %s%s--help')",
			 command->takes_name && !count ? "the name of a singleton" : "the process id",
			 is_named ? command->name : "", is_named ? " " : "");
		return false;
	}
	if (count > wanted) {
		complain("unexpected argument '%s'", words[wanted]);
		return false;
	}
	if (command->takes_name)
		request->name = words[0];
	if (!has_pid)
		pid = words[wanted - 1];
	if (!read_pid(pid, &request->pid)) {
		complain("'%s' is not a process id: polyton takes the number of a running process", pid);
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
	if (request_has(request, OPTION_EXPAND) && request_has(request, OPTION_NO_TYPES)) {
		complain("'--expand' needs the types that '--no-types' leaves out");
		return false;
	}
	return true;
}

static bool understand(const struct operands *operands, struct request *request)
{
	request->command = operands->count ? command_find(operands->words[0]) : NULL;
	if (request_has(request, OPTION_HELP) || request_has(request, OPTION_VERSION))
		return true;
	bool is_named = request->command != NULL;
	if (!is_named)
		request->command = commands[0];
	return take_operands(operands->words + is_named, operands->count - is_named, is_named, request) &&
	       check_options(request);
}

bool request_init(int argc, char **argv, struct request *ret)
{
	struct operands operands = { calloc((size_t)argc + 1, sizeof(*operands.words)), 0 };
	ret->debug_dirs = calloc((size_t)argc + 1, sizeof(*ret->debug_dirs));
	bool is_good = operands.words && ret->debug_dirs;
	if (is_good)
		is_good = read_words(argc, argv, &operands, ret) && understand(&operands, ret);
	else
		complain("out of memory");
	free(operands.words);
	return is_good;
}

void request_deinit(struct request *request)
{
	free(request->debug_dirs);
	if (request_has(request, OPTION_MATCH))
		regfree(&request->match);
}
