// What GitLab and Jenkins show: a test case for each finding, which fails if the finding makes the check fail, is
// skipped if the user has suppressed it, and passes otherwise, with the finding as its output. What could not be seen
// is an error of the test, as neither can say whether something is wrong. They know a case again by its class and
// name, so these are made of what stays the same, and no two cases have the same.

#include "report/formats.h"
#include "report/markup.h"
#include "report/text.h"
#include "report/words.h"

/** The name of a test case, and which of the report's findings has it. */
struct named {
	const char *name;
	size_t index;
};

static void put_attribute(struct out *out, const char *name, const char *value)
{
	out_text(out, " ");
	out_text(out, name);
	out_text(out, "=\"");
	markup_text(out, value);
	out_text(out, "\"");
}

static void put_number(struct out *out, const char *name, size_t number)
{
	out_text(out, " ");
	out_text(out, name);
	out_text(out, "=\"");
	out_decimal(out, (int64_t)number);
	out_text(out, "\"");
}

// The report of one finding, as content of the element that is open.
static void put_body(struct report *report, const struct ranked *ranked)
{
	struct out body = { .write = markup_write, .arg = report->out };
	uint32_t index = (uint32_t)(ranked->finding - report->snapshot->findings.items);
	report->page.out = &body;
	text_single(&report->page, report->snapshot, index, ranked->verdict.severity);
	report->page.out = report->out;
	struct polyton_error *error = out_finish(&body);
	if (error)
		out_fail(report->out, error);
}

static void begin_case(struct report *report, const char *class, const char *name)
{
	out_text(report->out, "    <testcase");
	put_attribute(report->out, "classname", page_format(&report->page, "polyton.%s", class));
	put_attribute(report->out, "name", name);
	out_text(report->out, ">\n");
}

// What the finding comes to: an element with a type and a message, and the report in it.
static void begin_answer(struct report *report, const char *element, const char *type, const char *message)
{
	out_text(report->out, "      <");
	out_text(report->out, element);
	if (type)
		put_attribute(report->out, "type", type);
	if (message)
		put_attribute(report->out, "message", message);
	out_text(report->out, ">");
}

static void end_answer(struct report *report, const char *element)
{
	out_text(report->out, "</");
	out_text(report->out, element);
	out_text(report->out, ">\n    </testcase>\n");
}

static void put_finding(struct report *report, const struct ranked *ranked, const char *name)
{
	const struct polyton_finding *finding = ranked->finding;
	const char *severity = words_severity[ranked->verdict.severity].label;
	const char *element = ranked->verdict.suppressed ? "skipped" : ranked->fails ? "failure" : "system-out";
	begin_case(report, finding->slug, name);
	if (ranked->verdict.suppressed)
		begin_answer(report, element, "suppressed", ranked->verdict.suppressed);
	else if (ranked->fails)
		begin_answer(report, element, page_format(&report->page, "%s %s", severity, finding->rule),
			     finding->headline);
	else
		begin_answer(report, element, NULL, NULL);
	put_body(report, ranked);
	end_answer(report, element);
}

static int compare_named(const void *left, const void *right)
{
	const struct named *a = left, *b = right;
	int order = strcmp(a->name, b->name);
	return order ? order : (a->index > b->index) - (a->index < b->index);
}

// Two files may each have a static of one name, in objects that are called alike: those are told apart by their
// fingerprints.
static const char **name_findings(struct report *report)
{
	const char **names = calloc(report->count + 1, sizeof(*names));
	auto_free struct named *sorted = calloc(report->count + 1, sizeof(*sorted));
	if (!names || !sorted) {
		free(names);
		out_fail(report->out, error_no_memory());
		return NULL;
	}
	for (size_t i = 0; i < report->count; i++) {
		const struct polyton_finding *finding = report->ranked[i].finding;
		const char *objects = formats_objects(report, finding);
		names[i] = page_format(&report->page, "%s %s%s%s", finding->rule, formats_about(report, finding),
				       objects[0] ? " in " : "", objects);
		sorted[i] = (struct named){ names[i], i };
	}
	qsort(sorted, report->count, sizeof(*sorted), compare_named);
	for (size_t i = 0; i < report->count; i++) {
		bool is_twin = (i && strcmp(sorted[i].name, sorted[i - 1].name) == 0) ||
			       (i + 1 < report->count && strcmp(sorted[i].name, sorted[i + 1].name) == 0);
		const struct polyton_finding *finding = report->ranked[sorted[i].index].finding;
		if (is_twin)
			names[sorted[i].index] =
				page_format(&report->page, "%s [%s]", sorted[i].name, finding->fingerprint);
	}
	return names;
}

static size_t count_losses(const struct report *report)
{
	size_t count = 0;
	for (uint32_t i = 0; i < report->snapshot->notes.count; i++)
		count += report->snapshot->notes.items[i].is_loss;
	return count;
}

static void put_losses(struct report *report)
{
	for (uint32_t i = 0; i < report->snapshot->notes.count; i++) {
		const struct polyton_note *note = &report->snapshot->notes.items[i];
		if (!note->is_loss)
			continue;
		const char *text = formats_note(report, note);
		begin_case(report, "not-seen", text);
		begin_answer(report, "error", "not seen", text);
		markup_text(report->out, text);
		end_answer(report, "error");
	}
}

static void put_counts(struct report *report, size_t tests, size_t errors)
{
	put_number(report->out, "tests", tests);
	put_number(report->out, "failures", report->failed);
	put_number(report->out, "errors", errors);
}

void junit_write(struct report *report)
{
	struct out *out = report->out;
	auto_free const char **names = name_findings(report);
	size_t errors = count_losses(report), cases = report->count + errors;
	if (!names)
		return;
	out_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
	put_attribute(out, "name", "polyton");
	put_counts(report, cases ? cases : 1, errors);
	out_text(out, ">\n  <testsuite");
	put_attribute(out, "name", page_format(&report->page, "polyton: %s", report->snapshot->subject.name));
	put_counts(report, cases ? cases : 1, errors);
	put_number(out, "skipped", report->suppressed);
	out_text(out, ">\n    <properties>\n      <property name=\"subject\"");
	put_attribute(out, "value", formats_subject(report));
	out_text(out, "/>\n    </properties>\n");
	for (size_t i = 0; i < report->count; i++)
		put_finding(report, &report->ranked[i], names[i]);
	put_losses(report);
	// A report without any case is taken for one that was lost.
	if (!cases)
		out_text(out,
			 "    <testcase classname=\"polyton.singletons\" name=\"nothing exists more than once\"/>\n");
	out_text(out, "  </testsuite>\n</testsuites>\n");
}
