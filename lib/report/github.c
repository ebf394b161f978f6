// A workflow command is a line that begins with "::"; whatever stands in a line of output of a step may be one. So each
// line here is a command of ours or a sentence of ours that holds no name, and names stand in commands only, where
// what could end a property or begin a new line is written as GitHub's runner reads it.
//
// The runner keeps ten annotations of each kind of a step and drops the others without a word: the tenth says how many
// more there are. What a baseline knows already, and does not fail the check, would take these places from what is new.

#include "report/formats.h"
#include "report/words.h"

enum {
	GITHUB_MOST = 10,       // annotations of a kind
	GITHUB_MAX_REASONS = 3, // told in one
};

static const char *const kinds[] = {
	[POLYTON_SEVERITY_NOTE] = "notice",
	[POLYTON_SEVERITY_WARNING] = "warning",
	[POLYTON_SEVERITY_ERROR] = "error",
};

static void put_byte(struct out *out, char byte, bool is_property)
{
	switch (byte) {
	case '%':
		out_text(out, "%25");
		break;
	case '\r':
		out_text(out, "%0D");
		break;
	case '\n':
		out_text(out, "%0A");
		break;
	case ':':
		out_text(out, is_property ? "%3A" : ":");
		break;
	case ',':
		out_text(out, is_property ? "%2C" : ",");
		break;
	default:
		out_bytes(out, &byte, 1);
	}
}

static void put_text(struct out *out, const char *text, bool is_property)
{
	struct glyph glyph;
	while (glyph_next(&text, &glyph)) {
		for (unsigned i = 0; i < glyph.size; i++)
			put_byte(out, glyph.bytes[i], is_property);
	}
}

static void begin(struct report *report, const char *kind, const struct polyton_verdict *verdict, const char *title)
{
	struct out *out = report->out;
	out_text(out, "::");
	out_text(out, kind);
	out_text(out, " ");
	if (verdict && verdict->anchor && verdict->anchor[0]) {
		out_text(out, "file=");
		put_text(out, verdict->anchor, true);
		out_text(out, ",line=");
		out_decimal(out, verdict->anchor_line ? verdict->anchor_line : 1);
		out_text(out, ",");
	}
	out_text(out, "title=");
	put_text(out, title, true);
	out_text(out, "::");
}

static void put_further_line(struct report *report, const char *label, const char *text)
{
	out_text(report->out, "%0A");
	out_text(report->out, label);
	put_text(report->out, text, false);
}

static void put_finding(struct report *report, const struct ranked *ranked)
{
	const struct polyton_finding *finding = ranked->finding;
	const struct polyton_reason *reasons[GITHUB_MAX_REASONS];
	size_t count = formats_reasons(report, finding, reasons, GITHUB_MAX_REASONS);
	begin(report, kinds[ranked->verdict.severity], &ranked->verdict,
	      page_format(&report->page, "polyton %s %s%s", finding->rule, finding->slug,
			  ranked->verdict.baseline == POLYTON_BASELINE_NEW ? " (new)" : ""));
	put_text(report->out, formats_sentences(report, finding), false);
	for (size_t i = 0; i < count; i++) {
		put_further_line(report, "why: ", reasons[i]->text);
		for (uint32_t k = 0; k < reasons[i]->remedy_count; k++)
			put_further_line(report, "fix: ", reasons[i]->remedy[k]);
	}
	out_text(report->out, "\n");
}

static void put_rest(struct report *report, enum polyton_severity severity, size_t count)
{
	begin(report, kinds[severity], NULL, "polyton");
	put_text(report->out,
		 page_format(&report->page, "%s: GitHub shows no more than %d of a kind. The full report has all.",
			     page_count(&report->page, count,
					page_format(&report->page, "more %s", words_severity[severity].label),
					page_format(&report->page, "more %ss", words_severity[severity].label)),
			     GITHUB_MOST),
		 false);
	out_text(report->out, "\n");
}

// One annotation for all that could not be seen: it counts among the ten warnings, and its place is kept for it.
static void put_losses(struct report *report)
{
	bool is_first = true;
	if (!report->has_loss)
		return;
	begin(report, "warning", NULL, "polyton could not see everything");
	for (uint32_t i = 0; i < report->snapshot->notes.count; i++) {
		if (!report->snapshot->notes.items[i].is_loss)
			continue;
		if (!is_first)
			out_text(report->out, "%0A");
		put_text(report->out, formats_note(report, &report->snapshot->notes.items[i]), false);
		is_first = false;
	}
	out_text(report->out, "\n");
}

static bool is_annotated(const struct ranked *ranked)
{
	return !ranked->verdict.suppressed &&
	       (ranked->fails || ranked->verdict.baseline != POLYTON_BASELINE_UNCHANGED);
}

void github_write(struct report *report)
{
	size_t counts[POLYTON_SEVERITY_ERROR + 1] = { 0 }, known = 0;
	for (size_t i = 0; i < report->count; i++) {
		if (is_annotated(&report->ranked[i]))
			counts[report->ranked[i].verdict.severity]++;
		else
			known += !report->ranked[i].verdict.suppressed;
	}
	for (int severity = POLYTON_SEVERITY_ERROR; severity >= POLYTON_SEVERITY_NOTE; severity--) {
		size_t all = counts[severity], shown = 0;
		size_t room = GITHUB_MOST - (severity == POLYTON_SEVERITY_WARNING && report->has_loss);
		size_t limit = all > room ? room - 1 : all;
		for (size_t i = 0; i < report->count && shown < limit; i++) {
			const struct ranked *ranked = &report->ranked[i];
			if (!is_annotated(ranked) || (int)ranked->verdict.severity != severity)
				continue;
			put_finding(report, ranked);
			shown++;
		}
		if (shown < all)
			put_rest(report, (enum polyton_severity)severity, all - shown);
	}
	put_losses(report);
	out_text(report->out, "polyton: ");
	out_text(report->out, formats_sum(report));
	if (known)
		out_text(report->out, page_format(&report->page, "; %zu known and not annotated", known));
	out_text(report->out, ".\n");
}
