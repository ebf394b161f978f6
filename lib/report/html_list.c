// All findings at a glance. A row leads to what is known of its finding.

#include "report/html.h"
#include "report/words.h"

static const char *const orders[] = {
	[POLYTON_SEVERITY_NOTE] = "2",
	[POLYTON_SEVERITY_WARNING] = "1",
	[POLYTON_SEVERITY_ERROR] = "0",
};

static void put_row(struct report *report, const struct ranked *ranked)
{
	const struct polyton_finding *finding = ranked->finding;
	struct out *out = report->out;
	out_text(out, "<tr data-level=\"");
	out_text(out, html_class(ranked));
	out_text(out, "\" data-finding=\"f-");
	markup_text(out, finding->fingerprint);
	out_text(out, "\"><td class=\"nowrap\" data-order=\"");
	out_text(out, ranked->verdict.suppressed ? "3" : orders[ranked->verdict.severity]);
	out_text(out, "\">");
	html_badges(out, ranked);
	out_text(out, "</td><td class=\"rule\">");
	out_text(out, finding->rule);
	html_element(out, "small", NULL, finding->slug);
	out_text(out, "</td><th scope=\"row\"><a href=\"#f-");
	markup_text(out, finding->fingerprint);
	out_text(out, "\">");
	html_code(out, formats_about(report, finding));
	out_text(out, "</a></th><td>");
	markup_text(out, formats_objects(report, finding));
	out_text(out, "</td></tr>\n");
}

static void put_filter(struct out *out)
{
	out_text(out, "<form class=\"filter\" id=\"filter\" role=\"search\" aria-label=\"Findings\" hidden>\n"
		      "<div class=\"words\"><label for=\"words\">Words that a finding has</label>"
		      "<input type=\"search\" id=\"words\" autocomplete=\"off\"></div>\n"
		      "<div><label for=\"level\">Severity</label><select id=\"level\">"
		      "<option value=\"\">all</option><option value=\"error\">error</option>"
		      "<option value=\"warning\">warning</option><option value=\"note\">note</option>"
		      "<option value=\"suppressed\">suppressed</option></select></div>\n"
		      "<output id=\"told\" for=\"words level\"></output>\n</form>\n");
}

void html_list(struct report *report)
{
	struct out *out = report->out;
	out_text(out, "<section aria-labelledby=\"findings\">\n<h2 id=\"findings\">Findings</h2>\n");
	if (!report->count) {
		out_text(out, "<p>There are none.</p>\n</section>\n");
		return;
	}
	put_filter(out);
	out_text(out, "<div class=\"scroll\">\n<table id=\"list\">\n<caption>All findings, worst first</caption>\n"
		      "<thead><tr><th scope=\"col\">Severity</th><th scope=\"col\">Rule</th><th scope=\"col\">What"
		      "</th><th scope=\"col\">Where</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < report->count && !out->error; i++)
		put_row(report, &report->ranked[i]);
	out_text(out, "</tbody>\n</table>\n</div>\n</section>\n");
}
