// One file that needs no other: it is opened from an archive of a CI run, by people who may not trust what is in it. A
// content security policy lets nothing run or load but the style and the script that are part of it, which it knows by
// their hashes. All is there without the script, which adds a filter and sorting.

#include "report/html.h"

#include <html_parts.h>

#include "model/rules.h"
#include "report/words.h"

void html_element(struct out *out, const char *tag, const char *class, const char *text)
{
	out_text(out, "<");
	out_text(out, tag);
	if (class) {
		out_text(out, " class=\"");
		out_text(out, class);
		out_text(out, "\"");
	}
	out_text(out, ">");
	markup_text(out, text);
	out_text(out, "</");
	out_text(out, tag);
	out_text(out, ">");
}

void html_code(struct out *out, const char *name)
{
	out_text(out, "<code>");
	markup_cut(out, name, HTML_NAME);
	out_text(out, "</code>");
}

void html_value(struct out *out, const char *value)
{
	if (!value[0])
		return;
	out_text(out, "<code>");
	markup_escaped(out, value);
	out_text(out, "</code>");
}

const char *html_class(const struct ranked *ranked)
{
	return ranked->verdict.suppressed ? "suppressed" : words_severity[ranked->verdict.severity].key;
}

void html_badges(struct out *out, const struct ranked *ranked)
{
	const char *label = ranked->verdict.suppressed ? "suppressed"
						       : words_severity[ranked->verdict.severity].label;
	out_text(out, "<span class=\"badge ");
	out_text(out, html_class(ranked));
	out_text(out, "\">");
	out_text(out, label);
	out_text(out, "</span>");
	if (ranked->verdict.baseline == POLYTON_BASELINE_NEW)
		out_text(out, " <span class=\"badge new\">new</span>");
}

static void put_head(struct report *report)
{
	struct out *out = report->out;
	out_text(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '");
	out_text(out, html_style_hash);
	out_text(out, "'; script-src '");
	out_text(out, html_script_hash);
	out_text(out, "'; base-uri 'none'; form-action 'none'\">\n"
		      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>polyton: ");
	markup_cut(out, report->snapshot->subject.name, HTML_NAME);
	out_text(out, ": ");
	out_text(out, formats_sum(report));
	out_text(out, "</title>\n<style>");
	out_text(out, html_style);
	out_text(out, "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#findings\">Skip to the findings</a>\n"
		      "<header class=\"top\">\n<h1>polyton: ");
	markup_cut(out, report->snapshot->subject.name, HTML_NAME);
	out_text(out, "</h1>\n<p class=\"faint\">");
	markup_text(out, formats_subject(report));
	out_text(out, "</p>\n</header>\n<main>\n");
}

static void put_count(struct out *out, const char *class, size_t count, const char *one, const char *many)
{
	out_text(out, "<li class=\"");
	out_text(out, class);
	out_text(out, "\"><strong>");
	out_decimal(out, (int64_t)count);
	out_text(out, "</strong> ");
	out_text(out, count == 1 ? one : many);
	out_text(out, "</li>\n");
}

static void put_notes(struct report *report, bool is_loss)
{
	out_text(report->out, is_loss ? "<ul>\n" : "<ul class=\"notes\">\n");
	for (uint32_t i = 0; i < report->snapshot->notes.count; i++) {
		const struct polyton_note *note = &report->snapshot->notes.items[i];
		if (note->is_loss != is_loss)
			continue;
		html_element(report->out, "li", NULL, formats_note(report, note));
		out_text(report->out, "\n");
	}
	out_text(report->out, "</ul>\n");
}

static bool has_notes(const struct report *report)
{
	for (uint32_t i = 0; i < report->snapshot->notes.count; i++) {
		if (!report->snapshot->notes.items[i].is_loss)
			return true;
	}
	return false;
}

static void put_summary(struct report *report)
{
	struct out *out = report->out;
	out_text(out, "<section aria-labelledby=\"summary\">\n<h2 id=\"summary\">Summary</h2>\n");
	if (!report->count)
		out_text(out, "<p>Nothing was found: no singleton exists more than once.</p>\n");
	out_text(out, "<ul class=\"counts\">\n");
	put_count(out, "error", report->counts[POLYTON_SEVERITY_ERROR], "error", "errors");
	put_count(out, "warning", report->counts[POLYTON_SEVERITY_WARNING], "warning", "warnings");
	put_count(out, "note", report->counts[POLYTON_SEVERITY_NOTE], "note", "notes");
	if (report->suppressed)
		put_count(out, "suppressed", report->suppressed, "suppressed", "suppressed");
	out_text(out, "</ul>\n");
	if (report->has_loss) {
		out_text(out, "<div class=\"alert\">\n<h3>Not everything could be seen</h3>\n");
		put_notes(report, true);
		out_text(out, "</div>\n");
	}
	out_text(out, "</section>\n");
}

// Our own words, with code between backticks.
static void put_help(struct out *out, const char *help)
{
	for (bool is_code = false; *help; is_code = !is_code) {
		size_t length = strcspn(help, "`");
		out_text(out, is_code ? "<code>" : "");
		markup_write(out, help, length);
		out_text(out, is_code ? "</code>" : "");
		help += length + (help[length] == '`');
	}
}

// Once, however many findings there are; those that findings are made by.
static void put_rules(struct report *report)
{
	struct out *out = report->out;
	bool is_used[RULE_COUNT + 1] = { false };
	if (!report->count)
		return;
	for (size_t i = 0; i < report->count; i++)
		is_used[rules_find(report->ranked[i].finding->rule)] = true;
	out_text(out, "<section aria-labelledby=\"rules\">\n<h2 id=\"rules\">What the rules mean</h2>\n");
	for (unsigned i = 0; i < RULE_COUNT; i++) {
		const struct rule *rule = &rule_rows[i];
		if (!is_used[i])
			continue;
		out_text(out, "<div class=\"meaning\" id=\"");
		out_text(out, rule->id);
		out_text(out, "\">\n<h3>");
		out_text(out, rule->id);
		out_text(out, " ");
		out_text(out, rule->slug);
		out_text(out, "</h3>\n");
		html_element(out, "p", NULL, rule->brief);
		html_element(out, "p", NULL, rule->full);
		out_text(out, "<p><strong>What to do:</strong> ");
		put_help(out, rule->help);
		out_text(out, "</p>\n</div>\n");
	}
	out_text(out, "</section>\n");
}

void html_write(struct report *report)
{
	struct out *out = report->out;
	put_head(report);
	put_summary(report);
	html_picture(report);
	html_list(report);
	html_details(report);
	put_rules(report);
	if (has_notes(report)) {
		out_text(out, "<section aria-labelledby=\"notes\">\n<h2 id=\"notes\">Notes</h2>\n");
		put_notes(report, false);
		out_text(out, "</section>\n");
	}
	out_text(out, "</main>\n<footer>\n<p>Written by polyton ");
	markup_text(out, polyton_version());
	out_text(out, ". Names and values are those of the program that was looked at.</p>\n</footer>\n<script>");
	out_text(out, html_script);
	out_text(out, "</script>\n</body>\n</html>\n");
}
