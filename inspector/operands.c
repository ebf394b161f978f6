// A word of digits is a process, whatever files there are; the first file is the program, if it is one.

#include "operands.h"

#include <errno.h>
#include <string.h>

#include "cmd/command.h"
#include "output.h"

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
		if (!subject_is_there(words[i])) {
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
	if (subject->core && count) {
		complain("unexpected argument '%s'", words[count - 1]);
		return false;
	}
	if (subject->core)
		return true;
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

static bool take_reports(char **words, int count, struct request *request)
{
	const int wanted = sizeof(request->files) / sizeof(request->files[0]);
	if (count < wanted) {
		complain("%s is missing (see 'polyton %s --help')", count ? "the later report" : "the earlier report",
			 request->command->name);
		return false;
	}
	if (count > wanted) {
		complain("unexpected argument '%s'", words[wanted]);
		return false;
	}
	for (int i = 0; i < wanted; i++)
		request->files[i] = words[i];
	return true;
}

bool operands_take(const struct operands *operands, int first, struct request *request)
{
	const struct command *command = request->command;
	char **words = operands->words + first;
	const size_t *places = operands->places + first;
	int count = operands->count - first, names = command->takes_name ? 1 : 0;
	bool is_named = request_has(request, OPTION_PID) || request_has(request, OPTION_CORE);
	bool has_subject = is_named || request->subject.plugin_count || count > names;

	if (command->pass) {
		complain("'%s' stands in front of all other words: they are its own", command->name);
		return false;
	}
	if (command->compares)
		return take_reports(words, count, request);
	if (!first && count && !subject_read_pid(words[0], &request->subject.pid) && !subject_is_there(words[0])) {
		complain("'%s' is neither a command, a process id nor a file (see 'polyton --help')", words[0]);
		return false;
	}
	if (!has_subject && command->needs_no_subject)
		return true;
	if (count < names || !has_subject) {
		complain("%s is missing (see 'polyton %s%s--help')",
			 command->takes_name && !count ? "the name of a singleton" : "the subject",
			 first ? command->name : "", first ? " " : "");
		return false;
	}
	if (names)
		request->name = words[0];
	if (count == names && !is_named) // plugins of a host that is not known
		return true;
	return take_subject(words + names, places + names, count - names, request);
}

bool operands_check(const struct request *request)
{
	static const enum option_id of_files[] = { OPTION_PLUGIN,      OPTION_GLOBAL,    OPTION_DEEPBIND,
						   OPTION_PRELOAD,     OPTION_NAMESPACE, OPTION_SYSROOT,
						   OPTION_LIBRARY_PATH };
	bool is_process = request->subject.pid != 0, is_files = !is_process && !request->subject.core;
	// Of a subject that is to be chosen, it will be a process.
	if (request->command->needs_no_subject && !request->subject.core && !request->subject.program &&
	    !request->subject.plugin_count)
		is_process = true, is_files = false;
	const char *what = is_process ? "a process" : is_files ? "files" : "a core";
	if (request->command->compares)
		return true;
	if (request_has(request, OPTION_PID) && request_has(request, OPTION_CORE)) {
		complain("'--pid' and '--core' name two subjects");
		return false;
	}
	for (size_t i = 0; !is_files && i < sizeof(of_files) / sizeof(of_files[0]); i++) {
		if (request_has(request, of_files[i])) {
			complain("'--%s' is for files, but the subject is %s", option_rows[of_files[i]].name, what);
			return false;
		}
	}
	if (!is_process && request_has(request, OPTION_STOP)) {
		complain("'--stop' is for processes, but the subject is %s", what);
		return false;
	}
	if (!request->subject.core && request_has(request, OPTION_EXE)) {
		complain("'--exe' is for cores, but the subject is %s", what);
		return false;
	}
	if (is_files && !request->command->takes_files) {
		complain("'%s' is about a process: files have none", request->command->name);
		return false;
	}
	return true;
}

bool operands_take_program(char **program)
{
	if (!program[0])
		complain("the program is missing (see 'polyton run --help')");
	return program[0] != NULL;
}
