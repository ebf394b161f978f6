/**
 * The views as text for a person. Each begins with what the subject is and ends with the snapshot's notes.
 */
#ifndef REPORT_TEXT_H
#define REPORT_TEXT_H

#include "report/match.h"
#include "report/page.h"
#include "report/reported.h"

/** The findings, folded by library. */
void text_report(struct page *page, const struct polyton_snapshot *snapshot, const struct reported *reported);
/** What follows the findings: what is not counted, what was left out, what could not be seen, and the sum of it all. */
void text_rest(struct page *page, const struct polyton_snapshot *snapshot, const struct reported *reported);
/** Of that: what is suppressed and why, what is new, and the remarks. */
void text_policy(struct page *page, const struct polyton_snapshot *snapshot, const struct reported *reported);
/**
 * One singleton: what it is, its copies, who uses which and why, what each thread sees in each of them; of these the
 * @p parts, as polyton_write_options has them.
 */
void text_show(struct page *page, const struct polyton_snapshot *snapshot, uint32_t singleton, uint32_t parts);
/** Of text_show(): what each copy holds, for each thread. */
void text_cells(struct page *page, const struct polyton_snapshot *snapshot,
		const struct polyton_singleton *singleton);
/** Of those, each value that has rows, once, as a tree, and who holds it. */
void text_trees(struct page *page, const struct polyton_snapshot *snapshot, const struct polyton_copy *copy,
		size_t indent);
/**
 * On whose call the objects were loaded that hold copies of what @p reported has; with show_all all that were loaded
 * while the program ran. NULL for @p reported: those with copies of singleton @p singleton.
 */
void text_openings(struct page *page, const struct polyton_snapshot *snapshot, const struct reported *reported,
		   uint32_t singleton);
/** "dlopen() in main (main.c:42) of host": where the call was made, as far as it is known. */
const char *text_opening(struct page *page, const struct polyton_snapshot *snapshot,
			 const struct polyton_opening *opening);
/** Of text_show(): the parts that two of the copies lay out differently; nothing if there are none. */
void text_layout(struct page *page, const struct polyton_snapshot *snapshot,
		 const struct polyton_singleton *singleton);
/** Of text_show(): what symbol table and debug info say of the copies: where from, of which type. */
void text_origins(struct page *page, const struct polyton_snapshot *snapshot,
		  const struct polyton_singleton *singleton);
void text_objects(struct page *page, const struct polyton_snapshot *snapshot);
void text_threads(struct page *page, const struct polyton_snapshot *snapshot);
void text_tls(struct page *page, const struct polyton_snapshot *snapshot);
/** What each object's references to symbols that @p match has were bound to, object by object. */
void text_bindings(struct page *page, const struct polyton_snapshot *snapshot, struct match *match);

/* Pieces that the views share. */

/** Copies of one singleton that are told of beside each other. */
struct listing {
	struct page *page;
	const struct polyton_snapshot *snapshot;
	const struct polyton_copy *copies;
	uint32_t count;
};

/** One line on the subject. */
void text_head(struct page *page, const struct polyton_snapshot *snapshot);
/** What could not be seen, then the other notes; what --stop did; with is_verbose how long it all took. */
void text_foot(struct page *page, const struct polyton_snapshot *snapshot);
/** What @p note says, with the object that it is about in front unless it names that itself. */
const char *text_note(struct page *page, const struct polyton_snapshot *snapshot, const struct polyton_note *note);
/** "error PT001, PT004: " and the sentence. */
void text_headline(struct page *page, enum polyton_severity severity, const char *rules, const char *headline,
		   size_t indent);
/** The headline, and below it the detail and the finding's own reason. @p rules as for text_headline(). */
void text_finding(struct page *page, const struct polyton_finding *finding, const char *rules, size_t indent);
/** One finding in full: that, who holds how much in which state, and why. */
void text_single(struct page *page, const struct polyton_snapshot *snapshot, uint32_t finding,
		 enum polyton_severity severity);
/** A line for each copy: who holds how much, in which state. */
void text_copies(struct page *page, const struct polyton_snapshot *snapshot,
		 const struct polyton_singleton *singleton, size_t indent);
/** Why, and what to do, a line each. */
void text_reason(struct page *page, const struct polyton_reason *reason, size_t indent);
/** What several reasons are asked of: copies of singletons, and findings. */
struct text_about {
	const uint32_t *singletons;
	size_t singleton_count;
	const uint32_t *findings;
	size_t finding_count;
};
/** The same of all of @p about, each reason once, with what it is true of, and the first steps only. */
void text_reasons(struct page *page, const struct polyton_snapshot *snapshot, const struct text_about *about,
		  size_t indent);
/** Whether no object has different reasons for different singletons, so that it is enough to tell them once for all. */
bool text_reasons_agree(struct page *page, const struct polyton_snapshot *snapshot, const struct text_about *about);
/** Several findings of one kind and severity in few lines: who has copies of what, and in which state. */
void text_fold(struct page *page, const struct polyton_snapshot *snapshot, const uint32_t *singletons, size_t count,
	       size_t indent);
/** A line above a part of a view, behind an empty one. */
void text_title(struct page *page, const char *title);
/** "0x7f12"; "" for 0. */
const char *text_address(struct page *page, uint64_t address);
/** The name of the object that holds the copy. */
const char *text_holder(const struct polyton_snapshot *snapshot, const struct polyton_copy *copy);
/** "tokio 1.24.2 (Rust)" */
const char *text_library(struct page *page, const struct polyton_library *library);
/** @p text, which names types of @p language, without their paths where the language has long ones: "Option<Id>". */
const char *text_short_types(struct page *page, enum polyton_language language, const char *text);
/** "host, liba.so and libb.so"; of very many the first. */
const char *text_objects_named(struct page *page, const struct polyton_snapshot *snapshot, const uint32_t *objects,
			       uint32_t count);
/** The same of the objects that hold copies of @p singleton. */
const char *text_holders(struct page *page, const struct polyton_snapshot *snapshot,
			 const struct polyton_singleton *singleton);

#endif
