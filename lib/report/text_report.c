// The report answers three questions in this order: what exists more than once, who is affected, what was not seen.
// A library's thread-locals are told one by one, for they are what breaks at run time; its statics are often many
// and alike, and then share a table.

#include "report/table.h"
#include "report/tally.h"
#include "report/text.h"
#include "report/words.h"

enum {
	REPORT_FULL_TLS = 8,     // thread-locals of a library with paragraphs of their own
	REPORT_FULL_STATICS = 3, // a library with more statics than that gets a table for all
	REPORT_INDENT = 2,
	REPORT_STATE_FLOOR = 24,
	REPORT_VALUE_FLOOR = 12,
};

/** A finding's place in the report: all of a library stand together, where the worst of them is. */
struct entry {
	uint32_t group; ///< Index of the group's first finding.
	uint32_t finding, singleton;
	enum polyton_kind kind;
};

static bool is_grouped(const struct polyton_finding *finding)
{
	return finding->singleton != POLYTON_NONE && finding->library != POLYTON_NONE;
}

static int compare_entries(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind == POLYTON_KIND_TLS ? -1 : 1;
	return (a->finding > b->finding) - (a->finding < b->finding);
}

static struct entry *sort_findings(const struct polyton_snapshot *snapshot, const struct reported *reported,
				   size_t *count_ret)
{
	struct entry *entries = calloc(snapshot->findings.count + 1, sizeof(*entries));
	auto_free uint32_t *first = calloc(snapshot->libraries.count + 1, sizeof(*first)); // its index, plus one
	size_t count = 0;
	if (!entries || !first) {
		free(entries);
		return NULL;
	}
	for (uint32_t i = 0; i < snapshot->findings.count; i++) {
		const struct polyton_finding *finding = &snapshot->findings.items[i];
		struct entry entry = { i, i, finding->singleton, POLYTON_KIND_STATIC };
		if (!reported->findings[i])
			continue;
		if (is_grouped(finding)) {
			if (!first[finding->library])
				first[finding->library] = i + 1;
			entry.group = first[finding->library] - 1;
			entry.kind = snapshot->singletons.items[finding->singleton].kind;
		}
		entries[count++] = entry;
	}
	qsort(entries, count, sizeof(*entries), compare_entries);
	*count_ret = count;
	return entries;
}

// Who holds how much, in which state.
static void put_copies(struct page *page, const struct polyton_snapshot *snapshot,
		       const struct polyton_singleton *singleton, size_t indent)
{
	static const struct table_column columns[] = {
		{ 0 },
		{ .is_number = true },
		{ .floor = REPORT_STATE_FLOOR, .is_wrapped = true },
		{ .floor = REPORT_VALUE_FLOOR, .is_spare = true },
	};
	struct table table = { page, columns, sizeof(columns) / sizeof(columns[0]), { 0 } };
	for (uint32_t i = 0; i < singleton->copy_count; i++) {
		const struct polyton_copy *copy = &snapshot->copies.items[singleton->first_copy + i];
		table_add(&table,
			  (const char *const[]){ snapshot->objects.items[copy->object].name,
						 page_count(page, copy->size, "byte", "bytes"),
						 tally_state(page, snapshot, copy), tally_value(page, copy) });
	}
	table_put(&table, indent);
}

static void put_full(struct page *page, const struct polyton_snapshot *snapshot, const struct entry *entry)
{
	page_end_line(page);
	text_finding(page, &snapshot->findings.items[entry->finding], REPORT_INDENT);
	put_copies(page, snapshot, &snapshot->singletons.items[entry->singleton], 3 * REPORT_INDENT);
}

static void put_folded(struct page *page, const struct polyton_snapshot *snapshot, const struct entry *entries,
		       size_t count, bool has_more)
{
	const struct polyton_finding *finding = &snapshot->findings.items[entries[0].finding];
	bool is_tls = entries[0].kind == POLYTON_KIND_TLS;
	auto_free uint32_t *singletons = calloc(count + 1, sizeof(*singletons));
	if (!singletons) {
		out_fail(page->out, error_no_memory());
		return;
	}
	for (size_t i = 0; i < count; i++)
		singletons[i] = entries[i].singleton;

	struct polyton_finding folded = *finding;
	folded.headline = page_format(page, "%zu %s%s %s more than once; each of these objects has its own:", count,
				      has_more ? "more " : "",
				      is_tls ? (count == 1 ? "thread-local" : "thread-locals")
					     : (count == 1 ? "static" : "statics"),
				      count == 1 ? "exists" : "exist");
	folded.detail = "";
	page_end_line(page);
	text_finding(page, &folded, REPORT_INDENT);
	text_fold(page, snapshot, singletons, count, 2 * REPORT_INDENT);
}

// Findings of one library, kind and severity.
static void put_section(struct page *page, const struct polyton_snapshot *snapshot, const struct entry *entries,
			size_t count)
{
	size_t full = count;
	if (!page->shows_all && entries[0].kind == POLYTON_KIND_TLS)
		full = count > REPORT_FULL_TLS ? REPORT_FULL_TLS : count;
	else if (!page->shows_all)
		full = count > REPORT_FULL_STATICS ? 0 : count;
	for (size_t i = 0; i < full; i++)
		put_full(page, snapshot, &entries[i]);
	if (full < count)
		put_folded(page, snapshot, entries + full, count - full, full > 0);
}

static void put_group(struct page *page, const struct polyton_snapshot *snapshot, const struct entry *entries,
		      size_t count)
{
	const struct polyton_finding *findings = snapshot->findings.items;
	size_t locals = 0;
	while (locals < count && entries[locals].kind == POLYTON_KIND_TLS)
		locals++;
	size_t statics = count - locals;
	page_end_line(page);
	page_line(page, 0, STYLE_STRONG,
		  page_format(page, "%s: %s%s%s %s more than once",
			      text_library(page, &snapshot->libraries.items[findings[entries[0].finding].library]),
			      locals ? page_count(page, locals, "thread-local", "thread-locals") : "",
			      locals && statics ? " and " : "",
			      statics ? page_count(page, statics, "static", "statics") : "",
			      count == 1 ? "exists" : "exist"));
	for (size_t first = 0, last; first < count; first = last) {
		for (last = first + 1;
		     last < count && entries[last].kind == entries[first].kind &&
		     findings[entries[last].finding].severity == findings[entries[first].finding].severity;
		     last++)
			;
		put_section(page, snapshot, entries + first, last - first);
	}
}

// One line for each singleton that is in no finding, under the reason for that.
static void put_unreported(struct page *page, const struct polyton_snapshot *snapshot,
			   const struct reported *reported)
{
	auto_free bool *is_told = calloc(snapshot->singletons.count + 1, sizeof(*is_told));
	bool is_first = true;
	if (!is_told) {
		out_fail(page->out, error_no_memory());
		return;
	}
	for (uint32_t i = 0; i < snapshot->singletons.count; i++) {
		const char *reason = reported_why_not(&snapshot->singletons.items[i]);
		if (is_told[i] || !reported->singletons[i] || !reason)
			continue;
		if (is_first) {
			page_end_line(page);
			page_line(page, 0, STYLE_STRONG, "Not counted");
		}
		is_first = false;
		page_line(page, REPORT_INDENT, STYLE_PLAIN, page_format(page, "%s:", reason));
		for (uint32_t k = i; k < snapshot->singletons.count; k++) {
			const struct polyton_singleton *singleton = &snapshot->singletons.items[k];
			const char *other = reported_why_not(singleton);
			if (is_told[k] || !reported->singletons[k] || !other || strcmp(reason, other) != 0)
				continue;
			is_told[k] = true;
			page_line(page, 2 * REPORT_INDENT, STYLE_PLAIN,
				  page_format(page, "%s (%s): %s", singleton->name, words_kind[singleton->kind].label,
					      text_holders(page, snapshot, singleton)));
		}
	}
}

static void put_dropped(struct page *page, const struct polyton_snapshot *snapshot)
{
	static const struct table_column columns[] = { { .is_number = true },
						       { .floor = REPORT_STATE_FLOOR, .is_wrapped = true } };
	struct table table = { page, columns, sizeof(columns) / sizeof(columns[0]), { 0 } };
	if (!snapshot->dropped.count)
		return;
	page_end_line(page);
	page_line(page, 0, STYLE_STRONG, "Names left out, because objects have them by construction");
	for (uint32_t i = 0; i < snapshot->dropped.count; i++) {
		const struct polyton_dropped *dropped = &snapshot->dropped.items[i];
		table_add(&table, (const char *const[]){ page_format(page, "%u", dropped->count), dropped->reason });
	}
	table_put(&table, REPORT_INDENT);
}

// "5 errors, 1 warning"
static const char *count_severities(struct page *page, const size_t *severities)
{
	static const char *const many[] = { "notes", "warnings", "errors" };
	const char *text = "";
	for (int i = POLYTON_SEVERITY_ERROR; i >= POLYTON_SEVERITY_NOTE; i--) {
		if (severities[i])
			text = page_format(page, "%s%s%s", text, text[0] ? ", " : "",
					   page_count(page, severities[i], words_severity[i].label, many[i]));
	}
	return text;
}

// What it comes to; the last line, where a terminal shows it.
static void put_sum(struct page *page, const struct polyton_snapshot *snapshot, const struct entry *entries,
		    size_t count)
{
	size_t severities[POLYTON_SEVERITY_ERROR + 1] = { 0 }, singletons = 0, libraries = 0, by_design = 0;
	for (size_t i = 0; i < count; i++) {
		const struct polyton_finding *finding = &snapshot->findings.items[entries[i].finding];
		severities[finding->severity]++;
		singletons += finding->singleton != POLYTON_NONE;
		libraries += is_grouped(finding) && entries[i].group == entries[i].finding;
		by_design += finding->singleton == POLYTON_NONE && finding->library != POLYTON_NONE;
	}
	const char *text = page_format(page, "%s of %s %s more than once: %s.",
				       page_count(page, singletons, "singleton", "singletons"),
				       page_count(page, libraries, "library", "libraries"),
				       singletons == 1 ? "exists" : "exist", count_severities(page, severities));
	if (!singletons)
		text = by_design ? "No singleton exists more than once, but for what each object has by design."
				 : "No singleton exists more than once.";
	page_end_line(page);
	page_line(page, 0, STYLE_STRONG, text);
}

void text_report(struct page *page, const struct polyton_snapshot *snapshot, const struct reported *reported)
{
	size_t count;
	auto_free struct entry *entries = sort_findings(snapshot, reported, &count);
	if (!entries) {
		out_fail(page->out, error_no_memory());
		return;
	}
	text_head(page, snapshot);
	for (size_t first = 0, last; first < count; first = last) {
		const struct polyton_finding *finding = &snapshot->findings.items[entries[first].finding];
		for (last = first + 1; last < count && entries[last].group == entries[first].group; last++)
			;
		if (is_grouped(finding)) {
			put_group(page, snapshot, entries + first, last - first);
		} else {
			page_end_line(page);
			text_finding(page, finding, 0);
		}
	}
	if (page->shows_all)
		put_unreported(page, snapshot, reported);
	if (page->is_verbose)
		put_dropped(page, snapshot);
	text_foot(page, snapshot);
	put_sum(page, snapshot, entries, count);
}
