// A report for a machine is cut off somewhere, by GitHub or by us: so what is worst comes first, and what the user has
// suppressed last, whatever the order of the snapshot is.

#include "report/formats.h"

#include "report/text.h"
#include "report/words.h"

static bool counts_for_check(const struct polyton_verdict *verdict, const struct polyton_write_options *options)
{
	return !verdict->suppressed && (!options->fails_on_new_only || verdict->baseline == POLYTON_BASELINE_NEW);
}

static bool is_too_many(const size_t counts[], enum polyton_severity severity,
			const struct polyton_write_options *options)
{
	static const int limits[] = {
		[POLYTON_FAIL_ON_ERROR] = POLYTON_SEVERITY_ERROR,
		[POLYTON_FAIL_ON_WARNING] = POLYTON_SEVERITY_WARNING,
		[POLYTON_FAIL_ON_NOTE] = POLYTON_SEVERITY_NOTE,
		[POLYTON_FAIL_ON_NEVER] = POLYTON_SEVERITY_ERROR + 1,
	};
	if (!options->tolerated)
		return (int)severity >= limits[options->fail_on];
	return options->tolerated[severity] != UINT32_MAX && counts[severity] > options->tolerated[severity];
}

// Only when all are counted is it known whether those of a severity are more than is put up with.
static void mark_failures(struct report *report, const struct polyton_write_options *options)
{
	size_t counts[POLYTON_SEVERITY_ERROR + 1] = { 0 };
	for (size_t i = 0; i < report->count; i++)
		counts[report->ranked[i].verdict.severity] += counts_for_check(&report->ranked[i].verdict, options);
	for (size_t i = 0; i < report->count; i++) {
		struct ranked *ranked = &report->ranked[i];
		ranked->fails = counts_for_check(&ranked->verdict, options) &&
				is_too_many(counts, ranked->verdict.severity, options);
		report->failed += ranked->fails;
	}
}

static int compare_ranked(const void *left, const void *right)
{
	const struct ranked *a = left, *b = right;
	bool is_a_out = a->verdict.suppressed, is_b_out = b->verdict.suppressed;
	if (is_a_out != is_b_out)
		return is_a_out ? 1 : -1;
	if (a->verdict.severity != b->verdict.severity)
		return a->verdict.severity > b->verdict.severity ? -1 : 1;
	// Findings are in one array, and worst first there.
	return (a->finding > b->finding) - (a->finding < b->finding);
}

static void rank(struct report *report, const struct polyton_write_options *options)
{
	const struct polyton_snapshot *snapshot = report->snapshot;
	for (uint32_t i = 0; i < snapshot->findings.count; i++) {
		const struct polyton_finding *finding = &snapshot->findings.items[i];
		struct ranked *ranked = &report->ranked[report->count];
		if (!report->reported->findings[i] && !report->reported->suppressed[i])
			continue;
		*ranked = (struct ranked){ .finding = finding, .verdict.severity = finding->severity };
		if (options->verdicts)
			ranked->verdict = options->verdicts[i];
		if (ranked->verdict.suppressed)
			report->suppressed++;
		else
			report->counts[ranked->verdict.severity]++;
		report->count++;
	}
	mark_failures(report, options);
	qsort(report->ranked, report->count, sizeof(*report->ranked), compare_ranked);
	for (uint32_t i = 0; i < snapshot->notes.count; i++)
		report->has_loss |= snapshot->notes.items[i].is_loss;
}

void formats_write(struct out *out, const struct polyton_snapshot *snapshot,
		   const struct polyton_write_options *options, const struct reported *reported)
{
	struct report report = { .out = out, .snapshot = snapshot, .reported = reported };
	const struct polyton_write_options plain = { .show_all = options->show_all };
	report.ranked = calloc(snapshot->findings.count + 1, sizeof(*report.ranked));
	if (!report.ranked) {
		out_fail(out, error_no_memory());
		return;
	}
	page_init(&report.page, out, &plain);
	rank(&report, options);
	switch (options->format) {
	case POLYTON_FORMAT_SARIF:
		sarif_write(&report);
		break;
	case POLYTON_FORMAT_JUNIT:
		junit_write(&report);
		break;
	case POLYTON_FORMAT_GITHUB:
		github_write(&report);
		break;
	case POLYTON_FORMAT_MARKDOWN:
		markdown_write(&report);
		break;
	case POLYTON_FORMAT_HTML:
		html_write(&report);
		break;
	case POLYTON_FORMAT_DOT:
		dot_write(&report);
		break;
	case POLYTON_FORMAT_TEXT:
	case POLYTON_FORMAT_JSON:
		break;
	}
	page_deinit(&report.page);
	free(report.ranked);
}

const char *formats_subject(struct report *report)
{
	const struct polyton_subject *subject = &report->snapshot->subject;
	struct page *page = &report->page;
	const char *objects = page_count(page, report->snapshot->objects.count, "object", "objects");
	const char *kind = words_subject[subject->kind].label;
	if (!formats_is_loaded(report))
		return page_format(page, "%s %s: %s, %s", kind, subject->name, subject->machine, objects);
	return page_format(page, "%s %s: %s, %s%s%s, %s", kind, subject->name, subject->machine, subject->libc,
			   subject->libc[0] ? ", " : "",
			   page_count(page, report->snapshot->threads.count, "thread", "threads"), objects);
}

const char *formats_sum(struct report *report)
{
	static const char *const many[] = { "notes", "warnings", "errors" };
	struct page *page = &report->page;
	const char *text = "";
	for (int i = POLYTON_SEVERITY_ERROR; i >= POLYTON_SEVERITY_NOTE; i--) {
		if (report->counts[i])
			text = page_format(page, "%s%s%s", text, text[0] ? ", " : "",
					   page_count(page, report->counts[i], words_severity[i].label, many[i]));
	}
	if (report->suppressed)
		text = page_format(page, "%s%s%zu suppressed", text, text[0] ? ", " : "", report->suppressed);
	return text[0] ? text : "no findings";
}

const char *formats_about(const struct report *report, const struct polyton_finding *finding)
{
	const struct polyton_singleton *singleton = formats_singleton(report, finding);
	const struct polyton_library *library = polyton_snapshot_library(report->snapshot, finding->library);
	const struct polyton_object *object = polyton_snapshot_object(report->snapshot, finding->object);
	return singleton ? singleton->name
	       : library ? library->name
	       : object  ? object->name
			 : report->snapshot->subject.name;
}

const char *formats_objects(struct report *report, const struct polyton_finding *finding)
{
	return text_objects_named(&report->page, report->snapshot, finding->objects, finding->object_count);
}

const char *formats_users(struct report *report, const struct polyton_copy *copy)
{
	if (!copy->user_count)
		return "none";
	return text_objects_named(&report->page, report->snapshot, copy->users, copy->user_count);
}

const char *formats_sentences(struct report *report, const struct polyton_finding *finding)
{
	if (!finding->detail[0])
		return finding->headline;
	return page_format(&report->page, "%s %s", finding->headline, finding->detail);
}

static size_t add_reason(const struct polyton_reason *reason, const struct polyton_reason **known, size_t count,
			 size_t limit)
{
	if (!reason || count == limit)
		return count;
	for (size_t i = 0; i < count; i++) {
		if (known[i] == reason || strcmp(known[i]->text, reason->text) == 0)
			return count;
	}
	known[count] = reason;
	return count + 1;
}

size_t formats_reasons(const struct report *report, const struct polyton_finding *finding,
		       const struct polyton_reason **ret, size_t limit)
{
	const struct polyton_singleton *singleton = formats_singleton(report, finding);
	size_t count = add_reason(finding->reason, ret, 0, limit);
	for (uint32_t i = 0; singleton && i < singleton->copy_count; i++)
		count = add_reason(report->snapshot->copies.items[singleton->first_copy + i].reason, ret, count,
				   limit);
	return count;
}

const char *formats_note(struct report *report, const struct polyton_note *note)
{
	return text_note(&report->page, report->snapshot, note);
}
