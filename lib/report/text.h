/**
 * The views as text for a person. Each begins with what the subject is and ends with the snapshot's notes.
 */
#ifndef REPORT_TEXT_H
#define REPORT_TEXT_H

#include "report/page.h"
#include "report/reported.h"

/** The findings, folded by library. */
void text_report(struct page *page, const struct polyton_snapshot *snapshot, const struct reported *reported);
/** One singleton: what it is, its copies, what each thread sees in each of them. */
void text_show(struct page *page, const struct polyton_snapshot *snapshot, uint32_t singleton);
void text_objects(struct page *page, const struct polyton_snapshot *snapshot);
void text_threads(struct page *page, const struct polyton_snapshot *snapshot);
void text_tls(struct page *page, const struct polyton_snapshot *snapshot);

/* Pieces that the views share. */

/** One line on the subject. */
void text_head(struct page *page, const struct polyton_snapshot *snapshot);
/** What could not be seen, then the other notes; what --stop did; with is_verbose how long it all took. */
void text_foot(struct page *page, const struct polyton_snapshot *snapshot);
/** "error PT001: ", the headline, and below it the detail. */
void text_finding(struct page *page, const struct polyton_finding *finding, size_t indent);
/** Several findings of one kind and severity in few lines: who has copies of what, and in which state. */
void text_fold(struct page *page, const struct polyton_snapshot *snapshot, const uint32_t *singletons, size_t count,
	       size_t indent);
/** "tokio 1.24.2 (Rust)" */
const char *text_library(struct page *page, const struct polyton_library *library);
/** "host, liba.so and libb.so": the objects that hold copies of @p singleton. */
const char *text_holders(struct page *page, const struct polyton_snapshot *snapshot,
			 const struct polyton_singleton *singleton);

#endif
