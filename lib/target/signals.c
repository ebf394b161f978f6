// A signal that nobody handles ends the process, or does nothing: signal(7) has the list.

#include "target/signals.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIGNALS_LINE = 512 };

// The number behind "FIELD:" in /proc/TID/status; false if it is not there.
static bool read_field(int32_t tid, const char *field, int base, uint64_t *ret)
{
	char path[64], line[SIGNALS_LINE];
	size_t length = strlen(field);
	bool is_found = false;
	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	FILE *file = fopen(path, "re");
	while (file && !is_found && fgets(line, sizeof(line), file)) {
		is_found = strncmp(line, field, length) == 0 && line[length] == ':';
		if (is_found)
			*ret = strtoull(line + length + 1, NULL, base);
	}
	if (file)
		fclose(file);
	return is_found;
}

int32_t signals_find_process(int32_t tid)
{
	uint64_t pid = 0;
	return read_field(tid, "Tgid", 10, &pid) && pid <= INT32_MAX ? (int32_t)pid : 0;
}

bool signals_is_pending(int32_t tid, int signal)
{
	uint64_t pending = 0;
	return read_field(tid, "SigPnd", 16, &pending) && pending >> (signal - 1) & 1;
}

bool signals_is_fatal(int32_t tid, int signal)
{
	static const int harmless[] = { SIGCHLD, SIGCONT, SIGURG, SIGWINCH, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU };
	uint64_t caught = 0, ignored = 0, bit = UINT64_C(1) << (signal - 1);
	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
		if (signal == harmless[i])
			return false;
	}
	if (signal < 1 || signal > 64 || !read_field(tid, "SigCgt", 16, &caught) ||
	    !read_field(tid, "SigIgn", 16, &ignored))
		return false;
	return !((caught | ignored) & bit);
}
