/**
 * The formats of a report that other programs read or show, and what they share: the findings, worst first, with what
 * the user's policy makes of them.
 *
 * All are made of the snapshot and the verdicts alone and say the same of the same program in every run: there is no
 * time, process id or run-time address in them. (What a process holds, and its threads, are facts of the run.)
 */
#ifndef REPORT_FORMATS_H
#define REPORT_FORMATS_H

#include "report/page.h"
#include "report/reported.h"

/** A finding of the report. */
struct ranked {
	const struct polyton_finding *finding;
	struct polyton_verdict verdict; ///< The policy's, or what the finding itself says.
	bool fails;                     ///< The check, by polyton_write_options.
};

/** A report that is being written. */
struct report {
	struct out *out;
	const struct polyton_snapshot *snapshot;
	const struct reported *reported;
	struct page page;      ///< Makes strings; what it writes goes to @c out.
	struct ranked *ranked; ///< Worst first; suppressed ones after all others.
	size_t count;
	size_t counts[POLYTON_SEVERITY_ERROR + 1]; ///< Of those that are not suppressed, by severity.
	size_t suppressed, failed;
	bool has_loss; ///< Something could not be seen.
};

/** Write @p options->format, one of those after JSON. */
void formats_write(struct out *out, const struct polyton_snapshot *snapshot,
		   const struct polyton_write_options *options, const struct reported *reported);

/* One room each. */

void sarif_write(struct report *report);
void junit_write(struct report *report);
void github_write(struct report *report);
void markdown_write(struct report *report);
void html_write(struct report *report);
void dot_write(struct report *report);

/* Words that they share. Strings live as long as the page. */

static inline bool formats_is_loaded(const struct report *report)
{
	return report->snapshot->subject.kind != POLYTON_SUBJECT_FILES;
}
/** "process host: x86_64, glibc 2.36, 3 threads, 8 objects"; "files of host: x86_64, 8 objects" */
const char *formats_subject(struct report *report);
/** "2 errors, 1 warning, 3 suppressed"; "no findings" */
const char *formats_sum(struct report *report);
/** What it is about: the name of a singleton, a library or an object; else that of the subject. */
const char *formats_about(const struct report *report, const struct polyton_finding *finding);
/** "host, liba.so and libb.so"; "" if it is about none. */
const char *formats_objects(struct report *report, const struct polyton_finding *finding);
/** The objects whose code uses @p copy: "host and liba.so"; "none". */
const char *formats_users(struct report *report, const struct polyton_copy *copy);
/** Headline and detail in one line. */
const char *formats_sentences(struct report *report, const struct polyton_finding *finding);
/** The different reasons of the finding and its copies, @p limit at most: how many there are in @p ret. */
size_t formats_reasons(const struct report *report, const struct polyton_finding *finding,
		       const struct polyton_reason **ret, size_t limit);
/** A note with the object that it is about. */
const char *formats_note(struct report *report, const struct polyton_note *note);
/** Its singleton, or NULL. */
static inline const struct polyton_singleton *formats_singleton(const struct report *report,
								const struct polyton_finding *finding)
{
	return polyton_snapshot_singleton(report->snapshot, finding->singleton);
}

#endif
