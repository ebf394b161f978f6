// What kind of subject it was, in a line of text.

#include "report/subjectline.h"

#include <string.h>

const char *subjectline_signal(struct page *page, int number)
{
	const char *name = sigabbrev_np(number);
	return name ? page_format(page, "SIG%s", name) : page_format(page, "signal %d", number);
}

const char *subjectline_kind(struct page *page, const struct polyton_subject *subject)
{
	switch (subject->kind) {
	case POLYTON_SUBJECT_PROCESS:
		return page_format(page, "pid %d", subject->pid);
	case POLYTON_SUBJECT_FILES:
		return "files";
	case POLYTON_SUBJECT_CORE:
		return subject->signal ? page_format(page, "core of pid %d, ended by %s in thread %d", subject->pid,
						     subjectline_signal(page, subject->signal), subject->signal_tid)
				       : page_format(page, "core of pid %d", subject->pid);
	case POLYTON_SUBJECT_DEBUGGER:
		return subject->pid ? page_format(page, "pid %d in a debugger", subject->pid) : "in a debugger";
	}
	return "";
}
