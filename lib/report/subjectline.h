/**
 * Words for what kind of subject was looked at.
 */
#ifndef REPORT_SUBJECTLINE_H
#define REPORT_SUBJECTLINE_H

#include "report/page.h"

/** "SIGSEGV"; "signal 34" where there is no name. Lives as long as the page. */
const char *subjectline_signal(struct page *page, int number);
/** "pid 42"; "core of pid 42, ended by SIGSEGV in thread 43"; "files" */
const char *subjectline_kind(struct page *page, const struct polyton_subject *subject);

#endif
