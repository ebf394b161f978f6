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
#include "output.h"

enum {
	OPTIONS_LONG = 256,  // getopt_long's answer to long option N is this plus N: no letter is that big
	OPTIONS_OPERAND = 1, // its answer to a word that is no option, in RETURN_IN_ORDER mode
};

static const char *const formats[] = { "text", "json", NULL }; // as enum polyton_format
static const char *const levels[] = { "error", "warning", "note", "never", NULL };

const struct option_row option_rows[OPTION_COUNT] = {
	[OPTION_PID] = { "pid", 'p', "PID", .help = "the subject: process PID" },
	[OPTION_PLUGIN] = { "plugin", 0, "FILE", .is_repeatable = true,
			    .help = "of files: also FILE (a folder: all in it) by dlopen" },
	[OPTION_GLOBAL] = { "global", 0, "FILE", .is_repeatable = true, .help = "the same, with RTLD_GLOBAL" },
	[OPTION_PRELOAD] = { "preload", 0, "FILE", .is_repeatable = true, .help = "the same, by LD_PRELOAD" },
	[OPTION_NAMESPACE] = { "namespace", 0, "FILE", .is_repeatable = true,
			       .help = "the same, by dlmopen() into a namespace of its own" },
	[OPTION_SYSROOT] = { "sysroot", 0, "DIR", .help = "of files: DIR is / for the program" },
	[OPTION_LIBRARY_PATH] = { "library-path", 0, "PATH",
				  .help = "of files: LD_LIBRARY_PATH, not the environment's" },
	[OPTION_FORMAT] = { "format", 0, "FORMAT", formats, .help = "form of the output" },
	[OPTION_MATCH] = { "match", 0, "REGEX", .help = "only what has a name that matches REGEX" },
	[OPTION_ALL] = { "all", .help = "also what is left out or summed up otherwise" },
	[OPTION_VERBOSE] = { "verbose", 'v', .help = "also how much was left out and why, and times" },
	[OPTION_QUIET] = { "quiet", 'q', .help = "print nothing but errors: only the exit code counts" },
	[OPTION_FAIL_ON] = { "fail-on", 0, "LEVEL", levels,
			     .help = "exit 1 if there is a finding at least this severe" },
	[OPTION_STOP] = { "stop", .help = "stop all threads of the process while it is read" },
	[OPTION_EXPAND] = { "expand", .help = "also the values part by part, and what they point to" },
	[OPTION_NO_TYPES] = { "no-types", .help = "read no debug info: values stay words" },
	[OPTION_DEBUG_DIR] = { "debug-dir", 0, "DIR", .is_repeatable = true,
			       .help = "look for separate debug files in DIR first" },
	[OPTION_NO_COLOR] = { "no-color", .help = "no colours, on a terminal either" },
	[OPTION_HELP] = { "help", 'h', .help = "print this help, or that of the command named" },
	[OPTION_VERSION] = { "version", .help = "print the version and what it was built with" },
};

/** The words that are no options, in order, and before which plugin that an option names each stands. */
struct operands {
	char **words;
	size_t *places;
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

static bool take_plugin(enum option_id option, const char *path, struct request *request)
{
	static const enum polyton_opening how[OPTION_COUNT] = { [OPTION_PLUGIN] = POLYTON_OPENED_LOCAL,
								[OPTION_GLOBAL] = POLYTON_OPENED_GLOBAL,
								[OPTION_PRELOAD] = POLYTON_OPENED_PRELOADED,
								[OPTION_NAMESPACE] = POLYTON_OPENED_NAMESPACE };
	struct subject *subject = &request->subject;
	if (access(path, F_OK)) {
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
	if ((option == OPTION_DEBUG_DIR || option == OPTION_SYSROOT) && !take_folder(option, argument))
		return false;
	if (option >= OPTION_PLUGIN && option <= OPTION_NAMESPACE && !take_plugin(option, argument, request))
		return false;
	if (option == OPTION_MATCH && !take_match(argument, &request->match))
		return false;
	if (option == OPTION_DEBUG_DIR)
		request->debug_dirs[request->debug_dir_count++] = argument;
	if (option == OPTION_SYSROOT)
		request->subject.sysroot = argument;
	if (option == OPTION_LIBRARY_PATH)
		request->subject.library_path = argument;
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
	while (optind < argc) // after "--"
		add_operand(operands, argv[optind++], request);
	return true;
}

// A file that is named without an option is opened where it stands among those that options name.
static void insert_plugin(struct subject *subject, size_t at, const char *path)
{
	memmove(&subject->plugins[at + 1], &subject->plugins[at],
		(subject->plugin_count - at) * sizeof(*subject->plugins));
	subject->plugins[at] = (struct polyton_plugin){ path, POLYTON_OPENED_LOCAL };
	subject->plugin_count++;
}

static bool take_files(char **words, const size_t *places, int count, struct subject *subject)
{
	for (int i = 0; i < count; i++) {
		if (access(words[i], F_OK)) {
			complain("'%s' is neither a process id nor a file: %s", words[i], strerror(errno));
			return false;
		}
		if (i)
			insert_plugin(subject, places[i] + (size_t)i - 1, words[i]);
		else
			subject->program = words[i];
	}
	return true;
}

static bool take_subject(char **words, const size_t *places, int count, struct request *request)
{
	struct subject *subject = &request->subject;
	const char *pid = request_has(request, OPTION_PID) ? request->value[OPTION_PID] : words[0];
	bool is_process = request_has(request, OPTION_PID) || subject_read_pid(words[0], &subject->pid);
	if (!is_process)
		return take_files(words, places, count, subject);
	if (count > !request_has(request, OPTION_PID)) {
		complain("unexpected argument '%s'", words[count - 1]);
		return false;
	}
	if (!subject_read_pid(pid, &subject->pid)) {
		complain("'%s' is not a process id: -p takes the number of a running process", pid);
		return false;
	}
	return true;
}

// @p first: where what follows the command begins, or 0 if none is named and it is the default.
static bool take_operands(const struct operands *operands, int first, struct request *request)
{
	const struct command *command = request->command;
	char **words = operands->words + first;
	const size_t *places = operands->places + first;
	int count = operands->count - first, names = command->takes_name ? 1 : 0;
	bool has_subject = request_has(request, OPTION_PID) || request->subject.plugin_count || count > names;

	if (!first && count && !subject_read_pid(words[0], &request->subject.pid) && access(words[0], F_OK)) {
		complain("'%s' is neither a command, a process id nor a file (see 'polyton --help')", words[0]);
		return false;
	}
	if (count < names || !has_subject) {
		complain("%s is missing (see 'polyton %s%s--help')",
			 command->takes_name && !count ? "the name of a singleton" : "the subject",
			 first ? command->name : "", first ? " " : "");
		return false;
	}
	if (names)
		request->name = words[0];
	if (count == names && !request_has(request, OPTION_PID)) // plugins of a host that is not known
		return true;
	return take_subject(words + names, places + names, count - names, request);
}

// What is said of files means nothing for a process, and the other way round.
static bool check_subject(const struct request *request)
{
	static const enum option_id of_files[] = { OPTION_PLUGIN,    OPTION_GLOBAL,  OPTION_PRELOAD,
						   OPTION_NAMESPACE, OPTION_SYSROOT, OPTION_LIBRARY_PATH };
	bool is_process = request->subject.pid != 0;
	for (size_t i = 0; is_process && i < sizeof(of_files) / sizeof(of_files[0]); i++) {
		if (request_has(request, of_files[i])) {
			complain("'--%s' is for files, but the subject is a process", option_rows[of_files[i]].name);
			return false;
		}
	}
	if (!is_process && request_has(request, OPTION_STOP)) {
		complain("'--stop' is for processes, but the subject is files");
		return false;
	}
	if (!is_process && !request->command->takes_files) {
		complain("'%s' is about a process: files have none", request->command->name);
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
	return take_operands(operands, is_named, request) && check_options(request) && check_subject(request);
}

bool request_init(int argc, char **argv, struct request *ret)
{
	size_t most = (size_t)argc + 1;
	struct operands operands = { calloc(most, sizeof(*operands.words)), calloc(most, sizeof(*operands.places)),
				     0 };
	ret->debug_dirs = calloc(most, sizeof(*ret->debug_dirs));
	ret->subject.plugins = calloc(most, sizeof(*ret->subject.plugins));
	bool is_good = operands.words && operands.places && ret->debug_dirs && ret->subject.plugins;
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
	free(request->subject.plugins);
	if (request_has(request, OPTION_MATCH))
		regfree(&request->match);
}
