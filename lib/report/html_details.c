// What is said of one singleton by several rules stands together, with its copies once.

#include "report/html.h"
#include "report/tally.h"
#include "report/words.h"

enum { DETAILS_MAX_REASONS = 16 };

/** Findings about one thing: each knows the next one about the same. */
struct chains {
	size_t *next;  ///< By rank; 0 ends the chain.
	bool *is_told; ///< By rank.
};

static void put_finding(struct report *report, const struct ranked *ranked)
{
	const struct polyton_finding *finding = ranked->finding;
	struct out *out = report->out;
	out_text(out, "<div class=\"finding\" id=\"f-");
	markup_text(out, finding->fingerprint);
	out_text(out, "\">\n<p>");
	html_badges(out, ranked);
	out_text(out, " <a href=\"#");
	out_text(out, finding->rule);
	out_text(out, "\">");
	out_text(out, finding->rule);
	out_text(out, "</a> ");
	html_element(out, "small", NULL, finding->slug);
	out_text(out, "</p>\n<p>");
	markup_text(out, finding->headline);
	out_text(out, "</p>\n");
	if (finding->detail[0])
		html_element(out, "p", NULL, finding->detail);
	if (ranked->verdict.suppressed)
		html_element(out, "p", "faint",
			     page_format(&report->page, "Suppressed: %s", ranked->verdict.suppressed));
	out_text(out, "</div>\n");
}

static void put_small(struct out *out, const char *before, const char *text)
{
	if (!text[0])
		return;
	out_text(out, "<small>");
	out_text(out, before);
	markup_cut(out, text, HTML_NAME);
	out_text(out, "</small>");
}

static void put_symbol(struct report *report, const struct polyton_copy *copy)
{
	struct out *out = report->out;
	out_text(out, "<td>");
	html_code(out, copy->symbol);
	put_small(out, "version ", copy->version);
	put_small(out, "build ", copy->build_mark);
	put_small(out, "type ", copy->type);
	if (copy->decl_file[0])
		put_small(out, "declared in ",
			  copy->decl_line ? page_format(&report->page, "%s:%u", copy->decl_file, copy->decl_line)
					  : copy->decl_file);
	out_text(out, "</td>");
}

static void put_copy(struct report *report, const struct polyton_copy *copy)
{
	const struct polyton_object *object = &report->snapshot->objects.items[copy->object];
	struct out *out = report->out;
	out_text(out, "<tr><th scope=\"row\">");
	markup_cut(out, object->name, HTML_NAME);
	put_small(out, "", object->path);
	out_text(out, "</th>");
	put_symbol(report, copy);
	html_element(out, "td", "number", page_format(&report->page, "%llu", (unsigned long long)copy->size));
	out_text(out, "<td class=\"nowrap\">");
	out_text(out, words_storage[copy->storage].label);
	put_small(out, "", words_binding[copy->binding].label);
	out_text(out, "</td>");
	html_element(out, "td", NULL, formats_users(report, copy));
	out_text(out, "<td>");
	markup_text(out, tally_state(&report->page, report->snapshot, copy));
	const char *value = tally_value(&report->page, copy);
	out_text(out, value[0] ? "<small>" : "");
	html_value(out, value);
	out_text(out, value[0] ? "</small>" : "");
	out_text(out, "</td></tr>\n");
}

static void put_copies(struct report *report, const struct polyton_singleton *singleton)
{
	struct out *out = report->out;
	out_text(out, "<div class=\"scroll\">\n<table>\n<caption>Its copies</caption>\n<thead><tr>"
		      "<th scope=\"col\">Object</th><th scope=\"col\">Symbol</th><th scope=\"col\" class=\"number\">"
		      "Bytes</th><th scope=\"col\">Storage</th><th scope=\"col\">Used by</th><th scope=\"col\">State"
		      "</th></tr></thead>\n<tbody>\n");
	for (uint32_t i = 0; i < singleton->copy_count && !out->error; i++)
		put_copy(report, &report->snapshot->copies.items[singleton->first_copy + i]);
	out_text(out, "</tbody>\n</table>\n</div>\n");
}

static void put_reasons(struct report *report, const struct polyton_finding *finding)
{
	const struct polyton_reason *reasons[DETAILS_MAX_REASONS];
	size_t count = formats_reasons(report, finding, reasons, DETAILS_MAX_REASONS);
	if (count)
		out_text(report->out, "<h4>Why, and what to do</h4>\n");
	for (size_t i = 0; i < count; i++) {
		html_element(report->out, "p", NULL, reasons[i]->text);
		if (!reasons[i]->remedy_count)
			continue;
		out_text(report->out, "<ul class=\"remedy\">\n");
		for (uint32_t k = 0; k < reasons[i]->remedy_count; k++)
			html_element(report->out, "li", NULL, reasons[i]->remedy[k]);
		out_text(report->out, "\n</ul>\n");
	}
}

// The variables that a finding about a whole library speaks for.
static void put_folded(struct report *report, const struct polyton_finding *finding)
{
	const struct polyton_snapshot *snapshot = report->snapshot;
	uint32_t index = (uint32_t)(finding - snapshot->findings.items);
	bool is_first = true;
	for (uint32_t i = 0; i < snapshot->singletons.count; i++) {
		if (snapshot->singletons.items[i].folded_into != index || !report->reported->singletons[i])
			continue;
		out_text(report->out,
			 is_first ? "<details>\n<summary>Variables that it speaks for</summary>\n<ul>\n" : "");
		is_first = false;
		out_text(report->out, "<li>");
		html_code(report->out, snapshot->singletons.items[i].name);
		out_text(report->out, "</li>\n");
	}
	if (!is_first)
		out_text(report->out, "</ul>\n</details>\n");
}

static void put_article(struct report *report, const struct chains *chains, size_t first)
{
	const struct polyton_finding *finding = report->ranked[first].finding;
	const struct polyton_singleton *singleton = formats_singleton(report, finding);
	const struct polyton_library *library = polyton_snapshot_library(report->snapshot, finding->library);
	struct out *out = report->out;
	out_text(out, "<article class=\"");
	out_text(out, html_class(&report->ranked[first]));
	out_text(out, "\">\n<h3>");
	html_code(out, formats_about(report, finding));
	out_text(out, "</h3>\n");
	if (singleton && library)
		html_element(out, "p", "faint",
			     page_format(&report->page, "%s of %s%s%s, %s", words_kind[singleton->kind].label,
					 library->name, library->version[0] ? " " : "", library->version,
					 words_confidence[singleton->confidence].label));
	for (size_t at = first;;) {
		put_finding(report, &report->ranked[at]);
		chains->is_told[at] = true;
		at = chains->next[at];
		if (!at)
			break;
	}
	if (singleton)
		put_copies(report, singleton);
	put_reasons(report, finding);
	if (singleton) {
		html_layout(report, singleton);
		html_cells(report, singleton);
	} else {
		put_folded(report, finding);
	}
	out_text(out, "</article>\n");
}

// The first finding about a singleton is not behind another one, so 0 is never a next one.
static bool make_chains(const struct report *report, struct chains *ret)
{
	auto_free size_t *last = calloc(report->snapshot->singletons.count + 1, sizeof(*last)); // plus one
	ret->next = calloc(report->count + 1, sizeof(*ret->next));
	ret->is_told = calloc(report->count + 1, sizeof(*ret->is_told));
	if (!last || !ret->next || !ret->is_told)
		return false;
	for (size_t i = 0; i < report->count; i++) {
		uint32_t singleton = report->ranked[i].finding->singleton;
		if (singleton >= report->snapshot->singletons.count)
			continue;
		if (last[singleton])
			ret->next[last[singleton] - 1] = i;
		last[singleton] = i + 1;
	}
	return true;
}

void html_details(struct report *report)
{
	struct chains chains = { 0 };
	if (!report->count)
		return;
	out_text(report->out, "<section aria-labelledby=\"details\">\n<h2 id=\"details\">Details</h2>\n");
	if (!make_chains(report, &chains))
		out_fail(report->out, error_no_memory());
	for (size_t i = 0; i < report->count && !report->out->error; i++) {
		if (!chains.is_told[i])
			put_article(report, &chains, i);
	}
	out_text(report->out, "</section>\n");
	free(chains.next);
	free(chains.is_told);
}
