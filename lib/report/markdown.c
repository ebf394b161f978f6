// For a step's summary, which GitHub shows whole or, beyond a mebibyte, not at all: so each finding is written aside
// first, and goes in if it fits. A table for a first look comes before what is known of each finding.

#include "report/markdown.h"

#include <errno.h>

#include "base/vec.h"
#include "report/formats.h"
#include "report/markup.h"
#include "report/tally.h"
#include "report/words.h"

enum {
	MARKDOWN_MAX = 1000 * 1000, // bytes; GitHub's limit is 1024 * 1024 of all that a step writes
	MARKDOWN_ROWS = 50,         // of the first table
	MARKDOWN_OPEN = 3,          // findings that are unfolded
	MARKDOWN_NAME = 120,        // cells
	MARKDOWN_MAX_COPIES = 50,   // told of one finding
	MARKDOWN_MAX_REASONS = 4,
	MARKDOWN_MAX_NOTES = 50,
};

typedef vec_of(char) bytes;

static int keep(void *arg, const char *text, size_t count)
{
	bytes *kept = arg;
	for (size_t i = 0; i < count; i++) {
		char *byte = vec_push(kept);
		if (!byte)
			return ENOMEM;
		*byte = text[i];
	}
	return 0;
}

static const char *severity_of(const struct ranked *ranked)
{
	return ranked->verdict.suppressed ? "suppressed" : words_severity[ranked->verdict.severity].label;
}

static void put_row(struct report *report, struct out *out, const struct ranked *ranked)
{
	const struct polyton_finding *finding = ranked->finding;
	out_text(out, ranked->verdict.suppressed ? "| " : "| **");
	out_text(out, severity_of(ranked));
	out_text(out, ranked->verdict.suppressed ? " | " : "** | ");
	out_text(out, finding->rule);
	out_text(out, " ");
	out_text(out, finding->slug);
	out_text(out, ranked->verdict.baseline == POLYTON_BASELINE_NEW ? " (new) | " : " | ");
	markdown_name(out, formats_about(report, finding), MARKDOWN_NAME, true);
	out_text(out, " | ");
	markdown_prose(out, formats_objects(report, finding), true);
	out_text(out, " |\n");
}

static void put_table(struct report *report, struct out *out)
{
	if (!report->count)
		return;
	out_text(out, "| | Rule | What | Where |\n|---|---|---|---|\n");
	for (size_t i = 0; i < report->count && i < MARKDOWN_ROWS; i++)
		put_row(report, out, &report->ranked[i]);
	if (report->count > MARKDOWN_ROWS)
		out_text(out, page_format(&report->page, "\n%zu more are not in this table.\n",
					  report->count - MARKDOWN_ROWS));
	out_text(out, "\n");
}

static void put_copies(struct report *report, struct out *out, const struct polyton_singleton *singleton)
{
	out_text(out, "| Object | Size | Used by | State |\n|---|---:|---|---|\n");
	for (uint32_t i = 0; i < singleton->copy_count && i < MARKDOWN_MAX_COPIES; i++) {
		const struct polyton_copy *copy = &report->snapshot->copies.items[singleton->first_copy + i];
		out_text(out, "| ");
		markdown_name(out, report->snapshot->objects.items[copy->object].name, MARKDOWN_NAME, true);
		out_text(out, " | ");
		out_decimal(out, copy->size > INT64_MAX ? INT64_MAX : (int64_t)copy->size);
		out_text(out, " | ");
		markdown_prose(out, formats_users(report, copy), true);
		out_text(out, " | ");
		markdown_prose(out, tally_state(&report->page, report->snapshot, copy), true);
		out_text(out, " |\n");
	}
	if (singleton->copy_count > MARKDOWN_MAX_COPIES)
		out_text(out, page_format(&report->page, "\n%u more copies.\n",
					  singleton->copy_count - MARKDOWN_MAX_COPIES));
	out_text(out, "\n");
}

static void put_reasons(struct report *report, struct out *out, const struct polyton_finding *finding)
{
	const struct polyton_reason *reasons[MARKDOWN_MAX_REASONS];
	size_t count = formats_reasons(report, finding, reasons, MARKDOWN_MAX_REASONS);
	for (size_t i = 0; i < count; i++) {
		out_text(out, "**Why:** ");
		markdown_prose(out, reasons[i]->text, false);
		out_text(out, "\n\n");
		for (uint32_t k = 0; k < reasons[i]->remedy_count; k++) {
			out_text(out, "- **Fix:** ");
			markdown_prose(out, reasons[i]->remedy[k], false);
			out_text(out, "\n");
		}
		out_text(out, reasons[i]->remedy_count ? "\n" : "");
	}
}

static void put_finding(struct report *report, struct out *out, const struct ranked *ranked, bool is_open)
{
	const struct polyton_finding *finding = ranked->finding;
	const struct polyton_singleton *singleton = formats_singleton(report, finding);
	// HTML up to the empty line.
	out_text(out, is_open ? "<details open><summary>" : "<details><summary>");
	out_text(out, severity_of(ranked));
	out_text(out, " ");
	out_text(out, finding->rule);
	out_text(out, " <code>");
	markup_cut(out, formats_about(report, finding), MARKDOWN_NAME);
	out_text(out, "</code></summary>\n\n");
	if (ranked->verdict.suppressed) {
		out_text(out, "**Suppressed:** ");
		markdown_prose(out, ranked->verdict.suppressed, false);
		out_text(out, "\n\n");
	}
	out_text(out, "**What:** ");
	markdown_prose(out, formats_sentences(report, finding), false);
	out_text(out, "\n\n");
	if (singleton)
		put_copies(report, out, singleton);
	put_reasons(report, out, finding);
	out_text(out, "</details>\n\n");
}

static void put_notes(struct report *report, struct out *out, bool is_loss, const char *title)
{
	size_t count = 0;
	for (uint32_t i = 0; i < report->snapshot->notes.count; i++) {
		const struct polyton_note *note = &report->snapshot->notes.items[i];
		if (note->is_loss != is_loss)
			continue;
		if (!count)
			out_text(out, title);
		if (count++ >= MARKDOWN_MAX_NOTES)
			continue;
		out_text(out, "- Note: ");
		markdown_prose(out, formats_note(report, note), false);
		out_text(out, "\n");
	}
	if (count > MARKDOWN_MAX_NOTES)
		out_text(out, page_format(&report->page, "- %zu more\n", count - MARKDOWN_MAX_NOTES));
	if (count)
		out_text(out, "\n");
}

static void put_head(struct report *report, struct out *out)
{
	out_text(out, "## polyton: ");
	out_text(out, formats_sum(report));
	out_text(out, "\n\nLooked at ");
	markdown_prose(out, formats_subject(report), false);
	out_text(out, ".\n\n");
	put_notes(report, out, true, "**Not everything could be seen:**\n\n");
	put_table(report, out);
}

// Writing aside is an out of its own, whose failure is the report's.
static bool end_aside(struct report *report, struct out *aside)
{
	struct polyton_error *error = out_finish(aside);
	if (error)
		out_fail(report->out, error);
	return !error;
}

void markdown_write(struct report *report)
{
	size_t written = 0, shown = 0;
	bytes kept = { 0 };
	struct out head = { .write = keep, .arg = &kept };
	put_head(report, &head);
	bool is_good = end_aside(report, &head);
	while (is_good) {
		out_bytes(report->out, kept.items, kept.count);
		written += kept.count;
		kept.count = 0;
		if (shown == report->count)
			break;
		struct out aside = { .write = keep, .arg = &kept };
		put_finding(report, &aside, &report->ranked[shown], shown < MARKDOWN_OPEN);
		is_good = end_aside(report, &aside);
		if (written + kept.count > MARKDOWN_MAX)
			break;
		shown++;
	}
	if (shown < report->count)
		out_text(report->out, page_format(&report->page, "%zu more findings are not shown here.\n\n",
						  report->count - shown));
	put_notes(report, report->out, false, "### Notes\n\n");
	vec_deinit(&kept);
}
