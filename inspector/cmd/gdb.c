// polyton gdb: GDB with polyton's commands. All that follows is GDB's own, so nothing of it is understood here.

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../main.h"
#include "../output.h"
#include "command.h"

enum { GDB_OWN_WORDS = 3 }; // the program's name, -ix, FILE

// Where the extension is as seen from the program: installed, in the build tree, in that of a sanitized build.
static const char *const places[] = { "../share/polyton/gdb/polyton-gdb.py", "../gdb/polyton-gdb.py",
				      "../../gdb/polyton-gdb.py" };

// From malloc; NULL after a complaint.
static char *find_extension(void)
{
	char folder[PATH_MAX], path[PATH_MAX + 64];
	ssize_t length = readlink("/proc/self/exe", folder, sizeof(folder) - 1);
	folder[length > 0 ? length : 0] = '\0';
	char *slash = strrchr(folder, '/');
	if (slash)
		slash[1] = '\0';
	for (size_t i = 0; slash && i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", folder, places[i]);
		char *found = realpath(path, NULL);
		if (found)
			return found;
	}
	complain("the GDB extension is missing: there is no '%s%s'", folder, places[0]);
	return NULL;
}

static int pass(char **words)
{
	size_t count = 0;
	while (words[count])
		count++;
	const char *own = getenv("GDB"), *program = own && own[0] ? own : "gdb";
	char *extension = find_extension();
	char **argv = extension ? calloc(count + GDB_OWN_WORDS + 1, sizeof(*argv)) : NULL;
	if (extension && !argv)
		complain("out of memory");
	if (argv) {
		argv[0] = (char *)program;
		argv[1] = (char *)"-ix";
		argv[2] = extension;
		memcpy(argv + GDB_OWN_WORDS, words, count * sizeof(*argv));
		execvp(program, argv);
		complain("cannot start '%s': %s", program, strerror(errno));
	}
	free(extension);
	free(argv);
	return EXIT_NOT_SEEN;
}

const struct command gdb_command = {
	.name = "gdb",
	.operands = "ARGS",
	.summary = "start GDB with polyton's commands",
	.help = "Start GDB, with ARGS as its arguments, and the commands 'polyton report', 'polyton\n"
		"show NAME' and their like in it: 'help polyton' lists them there. Another GDB than\n"
		"the one in PATH is named by the environment variable GDB.",
	.options = OPTION_BIT(OPTION_HELP) | OPTION_BIT(OPTION_VERSION),
	.pass = pass,
};
