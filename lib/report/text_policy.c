// What a policy has made of the report: nothing that was found is left out without a word.

#include "report/text.h"

enum {
	POLICY_INDENT = 2,
	POLICY_MAX_REASONS = 12, // named in the line that counts
};

/** How many findings one reason suppresses. */
struct reason_count {
	const char *reason;
	size_t count;
};

// "2 suppressed findings are shown with --all: owned by the vendor (2)."
static void count_suppressed(struct page *page, const struct polyton_snapshot *snapshot,
			     const struct reported *reported)
{
	struct reason_count reasons[POLICY_MAX_REASONS];
	size_t count = 0, sum = 0, named = 0;
	const char *list = "";
	for (uint32_t i = 0; i < snapshot->findings.count; i++) {
		size_t at = 0;
		if (!reported->suppressed[i])
			continue;
		sum++;
		while (at < count && strcmp(reasons[at].reason, reported->verdicts[i].suppressed) != 0)
			at++;
		if (at == POLICY_MAX_REASONS)
			continue;
		if (at == count)
			reasons[count++] = (struct reason_count){ reported->verdicts[i].suppressed, 0 };
		reasons[at].count++;
		named++;
	}
	if (!sum)
		return;
	for (size_t i = 0; i < count; i++)
		list = page_format(page, "%s%s%s (%zu)", list, i ? "; " : "", reasons[i].reason, reasons[i].count);
	if (named < sum)
		list = page_format(page, "%s; and other reasons (%zu)", list, sum - named);
	const struct span span = { STYLE_PLAIN,
				   page_format(page, "%s %s shown with --all: %s.",
					       page_count(page, sum, "suppressed finding", "suppressed findings"),
					       sum == 1 ? "is" : "are", list) };
	page_end_line(page);
	page_paragraph(page, 0, 0, &span, 1);
}

static void put_suppressed(struct page *page, const struct polyton_snapshot *snapshot,
			   const struct reported *reported)
{
	bool is_first = true;
	for (uint32_t i = 0; i < snapshot->findings.count; i++) {
		const struct polyton_finding *finding = &snapshot->findings.items[i];
		if (!reported->suppressed[i])
			continue;
		if (is_first)
			text_title(page, "Suppressed findings");
		is_first = false;
		text_finding(page, finding, finding->rule, POLICY_INDENT);
		const struct span spans[] = { { STYLE_STRONG, "suppressed:" },
					      { STYLE_PLAIN, reported->verdicts[i].suppressed } };
		page_paragraph(page, 2 * POLICY_INDENT, 2 * POLICY_INDENT, spans, sizeof(spans) / sizeof(spans[0]));
	}
}

static void put_remarks(struct page *page, const char *const *remarks)
{
	if (!remarks || !remarks[0])
		return;
	text_title(page, "Policy");
	for (; *remarks; remarks++) {
		const struct span spans[] = { { STYLE_PLAIN, "-" }, { STYLE_PLAIN, *remarks } };
		page_paragraph(page, POLICY_INDENT, 2 * POLICY_INDENT, spans, sizeof(spans) / sizeof(spans[0]));
	}
}

// "Of these findings, 1 is new and 4 are in the baseline."
static void compare_with_baseline(struct page *page, const struct polyton_snapshot *snapshot,
				  const struct reported *reported)
{
	size_t fresh = 0, known = 0;
	for (uint32_t i = 0; i < snapshot->findings.count; i++) {
		enum polyton_baseline baseline = reported->verdicts ? reported->verdicts[i].baseline
								    : POLYTON_BASELINE_NONE;
		fresh += reported_counts(reported, i) && baseline == POLYTON_BASELINE_NEW;
		known += reported_counts(reported, i) && baseline == POLYTON_BASELINE_UNCHANGED;
	}
	if (!fresh && !known)
		return;
	page_end_line(page);
	page_line(page, 0, STYLE_PLAIN,
		  page_format(page, "Compared with the baseline, %s %s new and %zu %s known.",
			      page_count(page, fresh, "finding", "findings"), fresh == 1 ? "is" : "are", known,
			      known == 1 ? "is" : "are"));
}

void text_policy(struct page *page, const struct polyton_snapshot *snapshot, const struct reported *reported)
{
	if (page->shows_all)
		put_suppressed(page, snapshot, reported);
	else
		count_suppressed(page, snapshot, reported);
	compare_with_baseline(page, snapshot, reported);
	put_remarks(page, reported->remarks);
}
