// What is beside the findings that count: those of use to few, the singletons that no finding is about, the names that
// were left out, and the sum of it all.

#include "report/table.h"
#include "report/text.h"
#include "report/words.h"

enum {
	REST_INDENT = 2,
	REST_FLOOR = 24,
	REST_MAX_RULES = 16, // that routine findings have
};

static void put_title(struct page *page, bool *is_first, const char *title)
{
	if (!*is_first)
		return;
	page_end_line(page);
	page_line(page, 0, STYLE_STRONG, title);
	*is_first = false;
}

static void put_routine(struct page *page, const struct polyton_snapshot *snapshot, const struct reported *reported)
{
	bool is_first = true;
	for (uint32_t i = 0; i < snapshot->findings.count; i++) {
		const struct polyton_finding *finding = &snapshot->findings.items[i];
		if (!reported_counts(reported, i) || !finding->is_routine)
			continue;
		put_title(page, &is_first, "Routine findings");
		text_finding(page, finding, finding->rule, REST_INDENT);
	}
}

// "12 routine findings are shown with --all: PT008 10, PT010 2."
static void count_routine(struct page *page, const struct polyton_snapshot *snapshot, const struct reported *reported)
{
	struct {
		const char *rule;
		size_t count;
	} rules[REST_MAX_RULES];
	size_t count = 0, sum = 0;
	const char *list = "";
	for (uint32_t i = 0; i < snapshot->findings.count; i++) {
		const char *rule = snapshot->findings.items[i].rule;
		size_t at = 0;
		if (!reported->routine[i])
			continue;
		sum++;
		while (at < count && strcmp(rules[at].rule, rule) != 0)
			at++;
		if (at == REST_MAX_RULES)
			continue;
		if (at == count) {
			rules[count].rule = rule;
			rules[count++].count = 0;
		}
		rules[at].count++;
	}
	for (size_t i = 0; i < count; i++)
		list = page_format(page, "%s%s%s %zu", list, i ? ", " : "", rules[i].rule, rules[i].count);
	if (!sum)
		return;
	page_end_line(page);
	page_line(page, 0, STYLE_PLAIN,
		  page_format(page, "%s %s shown with --all: %s.",
			      page_count(page, sum, "routine finding", "routine findings"), sum == 1 ? "is" : "are",
			      list));
}

/** Why a singleton is in no finding of its own: in words, or by the finding that speaks for it. */
struct why {
	const char *text;
	const struct polyton_finding *fold;
};

static struct why why_of(const struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton)
{
	const char *text = reported_why_not(singleton);
	return (struct why){ text, text ? NULL : reported_fold(snapshot, singleton) };
}

static bool is_same(const struct why *a, const struct why *b)
{
	if (a->text && b->text)
		return strcmp(a->text, b->text) == 0;
	return !a->text && !b->text && a->fold == b->fold;
}

static const char *why_text(struct page *page, const struct why *why)
{
	if (why->text)
		return page_format(page, "%s:", why->text);
	size_t length = strlen(why->fold->headline);
	length -= length && why->fold->headline[length - 1] == '.';
	return page_format(page, "part of %s, %.*s:", why->fold->rule, (int)length, why->fold->headline);
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
	for (uint32_t i = 0; i < snapshot->findings.count; i++) {
		if (reported->findings[i] && snapshot->findings.items[i].singleton < snapshot->singletons.count)
			is_told[snapshot->findings.items[i].singleton] = true;
	}
	for (uint32_t i = 0; i < snapshot->singletons.count; i++) {
		struct why why = why_of(snapshot, &snapshot->singletons.items[i]);
		if (is_told[i] || !reported->singletons[i] || (!why.text && !why.fold))
			continue;
		put_title(page, &is_first, "Not counted");
		page_line(page, REST_INDENT, STYLE_PLAIN, why_text(page, &why));
		for (uint32_t k = i; k < snapshot->singletons.count; k++) {
			const struct polyton_singleton *singleton = &snapshot->singletons.items[k];
			struct why other = why_of(snapshot, singleton);
			if (is_told[k] || !reported->singletons[k] || !is_same(&why, &other))
				continue;
			is_told[k] = true;
			page_line(page, 2 * REST_INDENT, STYLE_PLAIN,
				  page_format(page, "%s (%s): %s", singleton->name, words_kind[singleton->kind].label,
					      text_holders(page, snapshot, singleton)));
		}
	}
}

static void put_dropped(struct page *page, const struct polyton_snapshot *snapshot)
{
	static const struct table_column columns[] = { { .is_number = true },
						       { .floor = REST_FLOOR, .is_wrapped = true } };
	struct table table = { page, columns, sizeof(columns) / sizeof(columns[0]), { 0 } };
	if (!snapshot->dropped.count)
		return;
	page_end_line(page);
	page_line(page, 0, STYLE_STRONG, "Names left out, because objects have them by construction");
	for (uint32_t i = 0; i < snapshot->dropped.count; i++) {
		const struct polyton_dropped *dropped = &snapshot->dropped.items[i];
		table_add(&table, (const char *const[]){ page_format(page, "%u", dropped->count), dropped->reason });
	}
	table_put(&table, REST_INDENT);
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

/** What the findings that are shown come to. */
struct sum {
	size_t severities[POLYTON_SEVERITY_ERROR + 1];
	size_t singletons, libraries, suppressed;
	bool has_by_design;
};

// What one finding for all of them speaks for exists more than once, too.
static bool count_singletons(const struct polyton_snapshot *snapshot, const struct reported *reported,
			     struct sum *sum)
{
	auto_free bool *singletons = calloc(snapshot->singletons.count + 1, sizeof(*singletons));
	auto_free bool *libraries = calloc(snapshot->libraries.count + 1, sizeof(*libraries));
	if (!singletons || !libraries)
		return false;
	for (uint32_t i = 0; i < snapshot->findings.count; i++) {
		if (reported_counts(reported, i) && reported_is_duplicate(&snapshot->findings.items[i]))
			singletons[snapshot->findings.items[i].singleton] = true;
	}
	for (uint32_t i = 0; i < snapshot->singletons.count; i++) {
		const struct polyton_singleton *singleton = &snapshot->singletons.items[i];
		if (reported_fold(snapshot, singleton) && reported_counts(reported, singleton->folded_into) &&
		    !reported_why_not(singleton))
			singletons[i] = true;
		sum->singletons += singletons[i];
		sum->libraries += singletons[i] && !libraries[singleton->library];
		libraries[singleton->library] |= singletons[i];
	}
	return true;
}

// What it comes to; the last line, where a terminal shows it.
static void put_sum(struct page *page, const struct polyton_snapshot *snapshot, const struct reported *reported)
{
	struct sum sum = { 0 };
	for (uint32_t i = 0; i < snapshot->findings.count; i++) {
		const struct polyton_finding *finding = &snapshot->findings.items[i];
		const struct polyton_library *library = polyton_snapshot_library(snapshot, finding->library);
		sum.suppressed += reported->suppressed[i];
		if (!reported_counts(reported, i))
			continue;
		sum.severities[finding->severity]++;
		sum.has_by_design |= finding->singleton == POLYTON_NONE && library && library->is_per_object;
	}
	if (!count_singletons(snapshot, reported, &sum)) {
		out_fail(page->out, error_no_memory());
		return;
	}
	const char *text = page_format(page, "No %ssingleton exists more than once%s.",
				       sum.suppressed ? "other " : "",
				       sum.has_by_design ? ", but for what each object has by design" : "");
	const char *severities = count_severities(page, sum.severities);
	if (sum.singletons)
		text = page_format(page, "%s of %s %s more than once: %s.",
				   page_count(page, sum.singletons, "singleton", "singletons"),
				   page_count(page, sum.libraries, "library", "libraries"),
				   sum.singletons == 1 ? "exists" : "exist", severities);
	else if (sum.severities[POLYTON_SEVERITY_ERROR] || sum.severities[POLYTON_SEVERITY_WARNING])
		text = page_format(page, "%s Other findings: %s.", text, severities);
	page_end_line(page);
	page_line(page, 0, STYLE_STRONG, text);
}

void text_rest(struct page *page, const struct polyton_snapshot *snapshot, const struct reported *reported)
{
	if (page->shows_all) {
		put_routine(page, snapshot, reported);
		put_unreported(page, snapshot, reported);
	}
	if (page->is_verbose) {
		put_dropped(page, snapshot);
		count_routine(page, snapshot, reported);
	}
	text_openings(page, snapshot, reported, POLYTON_NONE);
	text_foot(page, snapshot);
	text_policy(page, snapshot, reported);
	put_sum(page, snapshot, reported);
}
