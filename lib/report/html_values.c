// Threads mostly hold the same: those that do share a line.

#include "report/html.h"
#include "report/tally.h"
#include "report/text.h"

enum {
	VALUES_MAX_LINES = 32, // different values of a copy
	VALUES_MAX_NAMED = 6,  // threads that are named in a line
};

static bool is_alike(const struct polyton_cell *a, const struct polyton_cell *b)
{
	return a->value == b->value && a->state == b->state;
}

static const char *list_threads(struct report *report, const struct polyton_copy *copy, uint32_t index)
{
	struct page *page = &report->page;
	const char *text = "";
	uint32_t count = 0;
	for (uint32_t i = index; i < copy->cell_count; i++) {
		const struct polyton_thread *thread =
			polyton_snapshot_thread(report->snapshot, copy->cells[i].thread);
		if (!thread || !is_alike(&copy->cells[i], &copy->cells[index]))
			continue;
		if (count++ < VALUES_MAX_NAMED)
			text = page_format(page, "%s%s%s%s%d", text, text[0] ? ", " : "", thread->name,
					   thread->name[0] ? " " : "", thread->tid);
	}
	return count <= VALUES_MAX_NAMED
		       ? text
		       : page_format(page, "%s and %s", text,
				     page_count(page, count - VALUES_MAX_NAMED, "more thread", "more threads"));
}

static void put_line(struct report *report, const struct polyton_copy *copy, uint32_t index)
{
	const struct polyton_cell *cell = &copy->cells[index];
	struct out *out = report->out;
	out_text(out, "<tr>");
	html_element(out, "td", NULL, text_holder(report->snapshot, copy));
	html_element(out, "td", NULL, list_threads(report, copy, index));
	html_element(out, "td", "nowrap", tally_cell_state(cell));
	out_text(out, "<td>");
	html_value(out, tally_cell_value(&report->page, cell));
	out_text(out, "</td></tr>\n");
}

// Where thousands of threads hold something else each, the first few are told, and how many others there are.
static void put_cells(struct report *report, const struct polyton_copy *copy)
{
	uint32_t told[VALUES_MAX_LINES], count = 0, others = 0;
	for (uint32_t i = 0; i < copy->cell_count && !report->out->error; i++) {
		uint32_t at = 0;
		while (at < count && !is_alike(&copy->cells[told[at]], &copy->cells[i]))
			at++;
		if (at < count)
			continue;
		if (count == VALUES_MAX_LINES) {
			others++;
			continue;
		}
		told[count++] = i;
		put_line(report, copy, i);
	}
	if (!others)
		return;
	out_text(report->out, "<tr>");
	html_element(report->out, "td", NULL, text_holder(report->snapshot, copy));
	out_text(report->out, "<td colspan=\"3\">");
	out_text(report->out,
		 page_count(&report->page, others, "thread holds something else", "threads hold something else"));
	out_text(report->out, "</td></tr>\n");
}

void html_cells(struct report *report, const struct polyton_singleton *singleton)
{
	const struct polyton_copy *copies = &report->snapshot->copies.items[singleton->first_copy];
	bool has_threads = false; // what no thread holds stands with the copies
	for (uint32_t i = 0; i < singleton->copy_count; i++)
		has_threads |= copies[i].cell_count && copies[i].cells[0].thread != POLYTON_NONE;
	if (!has_threads)
		return;
	out_text(report->out,
		 "<details>\n<summary>What each thread sees</summary>\n<div class=\"scroll\">\n<table>\n"
		 "<caption>Threads that hold the same share a line</caption>\n<thead><tr>"
		 "<th scope=\"col\">Copy in</th><th scope=\"col\">Threads</th><th scope=\"col\">State</th>"
		 "<th scope=\"col\">Value</th></tr></thead>\n<tbody>\n");
	for (uint32_t i = 0; i < singleton->copy_count; i++)
		put_cells(report, &copies[i]);
	out_text(report->out, "</tbody>\n</table>\n</div>\n</details>\n");
}

static void put_side(struct report *report, const struct polyton_layout_side *side)
{
	html_element(report->out, "td", NULL, side->is_there ? side->text : "missing");
}

void html_layout(struct report *report, const struct polyton_singleton *singleton)
{
	const struct polyton_copy *left = polyton_snapshot_copy(report->snapshot, singleton->layout_copies[0]);
	const struct polyton_copy *right = polyton_snapshot_copy(report->snapshot, singleton->layout_copies[1]);
	struct out *out = report->out;
	if (!left || !right || !singleton->layout_count)
		return;
	out_text(out, "<div class=\"scroll\">\n<h4>Layouts that differ</h4>\n<table>\n<caption>Parts of the variable "
		      "as two of its copies have them</caption>\n<thead><tr><th scope=\"col\">Part</th><th "
		      "scope=\"col\">");
	markup_text(out, text_holder(report->snapshot, left));
	out_text(out, "</th><th scope=\"col\">");
	markup_text(out, text_holder(report->snapshot, right));
	out_text(out, "</th></tr></thead>\n<tbody>\n");
	for (uint32_t i = 0; i < singleton->layout_count && !out->error; i++) {
		const struct polyton_layout_row *row = &singleton->layout[i];
		out_text(out, "<tr><th scope=\"row\">");
		html_code(out, row->path[0] ? row->path : "(whole)");
		out_text(out, row->is_behind_pointer ? "<small>behind a pointer</small></th>" : "</th>");
		put_side(report, &row->side[0]);
		put_side(report, &row->side[1]);
		out_text(out, "</tr>\n");
	}
	out_text(out, "</tbody>\n</table>\n</div>\n");
}
