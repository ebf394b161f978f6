// The report answers three questions in this order: what exists more than once, who is affected, what was not seen.
// A library's thread-locals are told one by one, for they are what breaks at run time; its statics are often many
// and alike, and then share a table. Several findings about one singleton are one paragraph, and a reason that holds
// for a whole library is told once, at its end.

#include "report/text.h"
#include "report/words.h"

enum {
	REPORT_FULL_TLS = 8,     // thread-locals of a library with paragraphs of their own
	REPORT_FULL_STATICS = 3, // a library with more statics than that gets a table for all
	REPORT_MAX_RULES = 16,   // that the findings about one kind of thing have
	REPORT_INDENT = 2,
};

/** A finding's place in the report: all of a library stand together, where the worst of them is. */
struct entry {
	uint32_t group; ///< Index of the group's first finding.
	uint32_t block; ///< Of the singleton's first finding, or its own.
	uint32_t finding, singleton;
	enum polyton_kind kind;
};

/** Entries of one library, of one of its sections, or of one singleton. */
struct entries {
	struct page *page;
	const struct polyton_snapshot *snapshot;
	const struct reported *reported;
	const struct entry *items;
	size_t count;
	bool tells_reasons; ///< Each block its own, because they differ.
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
	if (a->block != b->block)
		return a->block < b->block ? -1 : 1;
	return (a->finding > b->finding) - (a->finding < b->finding);
}

// The findings of @p reported but the routine ones; NULL when out of memory.
static struct entry *sort_findings(const struct polyton_snapshot *snapshot, const struct reported *reported,
				   size_t *count_ret)
{
	struct entry *entries = calloc(snapshot->findings.count + 1, sizeof(*entries));
	// Index of the first finding, plus one.
	auto_free uint32_t *of_library = calloc(snapshot->libraries.count + 1, sizeof(*of_library));
	auto_free uint32_t *of_singleton = calloc(snapshot->singletons.count + 1, sizeof(*of_singleton));
	size_t count = 0;
	if (!entries || !of_library || !of_singleton) {
		free(entries);
		return NULL;
	}
	for (uint32_t i = 0; i < snapshot->findings.count; i++) {
		const struct polyton_finding *finding = &snapshot->findings.items[i];
		struct entry entry = { i, i, i, finding->singleton, POLYTON_KIND_STATIC };
		if (!reported_counts(reported, i) || finding->is_routine)
			continue;
		if (is_grouped(finding)) {
			uint32_t *group = &of_library[finding->library], *block = &of_singleton[finding->singleton];
			*group = *group ? *group : i + 1;
			*block = *block ? *block : i + 1;
			entry.group = *group - 1;
			entry.block = *block - 1;
			entry.kind = snapshot->singletons.items[finding->singleton].kind;
		}
		entries[count++] = entry;
	}
	qsort(entries, count, sizeof(*entries), compare_entries);
	*count_ret = count;
	return entries;
}

static const struct polyton_finding *finding_at(const struct entries *entries, size_t index)
{
	return &entries->snapshot->findings.items[entries->items[index].finding];
}

static struct entries part_of(const struct entries *entries, size_t first, size_t end)
{
	struct entries part = *entries;
	part.items += first;
	part.count = end - first;
	return part;
}

static size_t block_end(const struct entries *entries, size_t first)
{
	size_t end = first + 1;
	while (end < entries->count && entries->items[end].block == entries->items[first].block)
		end++;
	return end;
}

static size_t count_blocks(const struct entries *entries)
{
	size_t count = 0;
	for (size_t at = 0; at < entries->count; at = block_end(entries, at))
		count++;
	return count;
}

static bool is_duplicate(const struct entries *block)
{
	for (size_t i = 0; i < block->count; i++) {
		if (reported_is_duplicate(finding_at(block, i)))
			return true;
	}
	return false;
}

// What a part of the report is about: a singleton per block, and all findings.
struct about {
	uint32_t *singletons, *findings; ///< Owned.
	struct text_about lists;
};

static void about_init(const struct entries *entries, struct about *ret)
{
	struct about about = {
		.singletons = calloc(entries->count + 1, sizeof(*about.singletons)),
		.findings = calloc(entries->count + 1, sizeof(*about.findings)),
	};
	size_t blocks = 0, count = about.singletons && about.findings ? entries->count : 0;
	if (count < entries->count)
		out_fail(entries->page->out, error_no_memory());
	for (size_t at = 0; at < count; at = block_end(entries, at))
		about.singletons[blocks++] = entries->items[at].singleton;
	for (size_t i = 0; i < count; i++)
		about.findings[i] = entries->items[i].finding;
	about.lists = (struct text_about){ about.singletons, blocks, about.findings, count };
	*ret = about;
}

static void about_deinit(struct about *about)
{
	free(about->singletons);
	free(about->findings);
}

static void put_reasons(const struct entries *entries, size_t indent)
{
	struct about about;
	about_init(entries, &about);
	text_reasons(entries->page, entries->snapshot, &about.lists, indent);
	about_deinit(&about);
}

// The rule of a finding, with a word if the baseline has not got it.
static const char *rule_at(const struct entries *entries, size_t index)
{
	const char *rule = finding_at(entries, index)->rule;
	bool is_new = reported_is_new(entries->reported, entries->items[index].finding);
	return is_new ? page_format(entries->page, "%s (new)", rule) : rule;
}

// "PT001, PT003", with a word for those that are less severe than the first.
static const char *list_rules(const struct entries *block)
{
	const char *text = rule_at(block, 0);
	for (size_t i = 1; i < block->count; i++) {
		const struct polyton_finding *finding = finding_at(block, i), *before = finding_at(block, i - 1);
		bool is_other = finding->severity != before->severity;
		text = page_format(block->page, "%s, %s%s%s", text,
				   is_other ? words_severity[finding->severity].label : "", is_other ? " " : "",
				   rule_at(block, i));
	}
	return text;
}

// A headline that begins with the singleton's name, below one that has said it.
static const char *further_headline(struct page *page, const struct polyton_singleton *singleton,
				    const struct polyton_finding *finding)
{
	size_t length = strlen(singleton->name);
	if (strncmp(finding->headline, singleton->name, length) != 0 || finding->headline[length] != ' ')
		return finding->headline;
	return page_format(page, "It%s", finding->headline + length);
}

// All findings about one singleton.
static void put_full(const struct entries *block)
{
	struct page *page = block->page;
	const struct polyton_finding *first = finding_at(block, 0);
	const struct polyton_singleton *singleton = &block->snapshot->singletons.items[block->items[0].singleton];
	size_t inner = 2 * REPORT_INDENT;

	page_end_line(page);
	text_headline(page, first->severity, list_rules(block), first->headline, REPORT_INDENT);
	if (first->detail[0])
		page_paragraph(page, inner, inner, &(struct span){ STYLE_PLAIN, first->detail }, 1);
	for (size_t i = 1; i < block->count; i++) {
		const struct polyton_finding *finding = finding_at(block, i);
		const struct span spans[] = { { STYLE_STRONG, page_format(page, "%s:", finding->rule) },
					      { STYLE_PLAIN, further_headline(page, singleton, finding) },
					      { STYLE_PLAIN, finding->detail } };
		page_paragraph(page, inner, inner, spans, sizeof(spans) / sizeof(spans[0]));
	}
	text_copies(page, block->snapshot, singleton, 3 * REPORT_INDENT);
	if (block->tells_reasons)
		put_reasons(block, inner);
}

/** How many of several singletons a rule speaks of. */
struct rule_count {
	const char *rule;
	size_t count;
};

// "PT002 (PT003 for 1, PT004 for 6 of them)"
static const char *count_rules(const struct entries *entries, size_t blocks)
{
	struct rule_count rules[REPORT_MAX_RULES];
	const char *all = "", *some = "";
	size_t count = 0;
	for (size_t i = 0; i < entries->count; i++) {
		const char *rule = finding_at(entries, i)->rule;
		size_t at = 0;
		while (at < count && strcmp(rules[at].rule, rule) != 0)
			at++;
		if (at == REPORT_MAX_RULES)
			continue;
		if (at == count)
			rules[count++] = (struct rule_count){ rule, 0 };
		rules[at].count++;
	}
	for (size_t i = 0; i < count; i++) {
		if (rules[i].count >= blocks)
			all = page_format(entries->page, "%s%s%s", all, all[0] ? ", " : "", rules[i].rule);
		else
			some = page_format(entries->page, "%s%s%s for %zu", some, some[0] ? ", " : "", rules[i].rule,
					   rules[i].count);
	}
	return some[0] ? page_format(entries->page, "%s%s(%s of them)", all, all[0] ? " " : "", some) : all;
}

static void put_folded(const struct entries *entries, bool has_more)
{
	struct page *page = entries->page;
	struct about about;
	about_init(entries, &about);
	size_t blocks = about.lists.singleton_count;
	bool is_one = blocks == 1, is_tls = entries->items[0].kind == POLYTON_KIND_TLS;
	struct entries first = part_of(entries, 0, block_end(entries, 0));
	const char *what = is_tls ? (is_one ? "thread-local" : "thread-locals") : (is_one ? "static" : "statics");
	const char *story = !is_duplicate(&first) ? "of which these objects have copies"
			    : is_one              ? "exists more than once; each of these objects has its own"
						  : "exist more than once; each of these objects has its own";
	page_end_line(page);
	text_headline(page, finding_at(entries, 0)->severity, count_rules(entries, blocks),
		      page_format(page, "%zu %s%s %s:", blocks, has_more ? "more " : "", what, story), REPORT_INDENT);
	text_fold(page, entries->snapshot, about.singletons, blocks, 2 * REPORT_INDENT);
	if (entries->tells_reasons)
		text_reasons(page, entries->snapshot, &about.lists, 2 * REPORT_INDENT);
	about_deinit(&about);
}

// Blocks of one library, kind and severity.
static void put_section(const struct entries *section)
{
	size_t limit = section->items[0].kind == POLYTON_KIND_TLS ? REPORT_FULL_TLS : REPORT_FULL_STATICS;
	size_t blocks = count_blocks(section), at = 0;
	if (section->page->shows_all)
		limit = blocks;
	else if (section->items[0].kind == POLYTON_KIND_STATIC && blocks > limit)
		limit = 0;
	for (size_t i = 0, end; i < limit && at < section->count; i++, at = end) {
		end = block_end(section, at);
		struct entries block = part_of(section, at, end);
		put_full(&block);
	}
	if (at < section->count) {
		struct entries rest = part_of(section, at, section->count);
		put_folded(&rest, at > 0);
	}
}

static size_t section_end(const struct entries *entries, size_t first)
{
	size_t end = block_end(entries, first);
	struct entries model = part_of(entries, first, end);
	while (end < entries->count) {
		size_t next = block_end(entries, end);
		struct entries block = part_of(entries, end, next);
		if (block.items[0].kind != model.items[0].kind ||
		    finding_at(&block, 0)->severity != finding_at(&model, 0)->severity ||
		    is_duplicate(&block) != is_duplicate(&model))
			break;
		end = next;
	}
	return end;
}

// "tokio 1.24.2 (Rust): 3 thread-locals and 2 statics exist more than once"
static void put_group_head(const struct entries *group)
{
	struct page *page = group->page;
	const char *name = text_library(page, &group->snapshot->libraries.items[finding_at(group, 0)->library]);
	size_t counts[] = { [POLYTON_KIND_STATIC] = 0, [POLYTON_KIND_TLS] = 0 };
	for (size_t at = 0, end; at < group->count; at = end) {
		end = block_end(group, at);
		struct entries block = part_of(group, at, end);
		counts[block.items[0].kind] += is_duplicate(&block);
	}
	size_t locals = counts[POLYTON_KIND_TLS], statics = counts[POLYTON_KIND_STATIC];
	page_end_line(page);
	if (locals || statics)
		name = page_format(page, "%s: %s%s%s %s more than once", name,
				   locals ? page_count(page, locals, "thread-local", "thread-locals") : "",
				   locals && statics ? " and " : "",
				   statics ? page_count(page, statics, "static", "statics") : "",
				   locals + statics == 1 ? "exists" : "exist");
	page_line(page, 0, STYLE_STRONG, name);
}

static void put_group(struct entries *group)
{
	struct page *page = group->page;
	struct about about;
	put_group_head(group);
	about_init(group, &about);
	group->tells_reasons = about.lists.singleton_count == 1 ||
			       !text_reasons_agree(page, group->snapshot, &about.lists);
	about_deinit(&about);
	for (size_t at = 0, end; at < group->count; at = end) {
		end = section_end(group, at);
		struct entries section = part_of(group, at, end);
		put_section(&section);
	}
	if (group->tells_reasons)
		return;
	page_end_line(page);
	put_reasons(group, REPORT_INDENT);
}

void text_report(struct page *page, const struct polyton_snapshot *snapshot, const struct reported *reported)
{
	struct entries all = { page, snapshot, reported, NULL, 0, false };
	auto_free struct entry *entries = sort_findings(snapshot, reported, &all.count);
	if (!entries) {
		out_fail(page->out, error_no_memory());
		return;
	}
	all.items = entries;
	text_head(page, snapshot);
	for (size_t first = 0, last; first < all.count; first = last) {
		for (last = first + 1; last < all.count && entries[last].group == entries[first].group; last++)
			;
		struct entries group = part_of(&all, first, last);
		if (is_grouped(finding_at(&group, 0))) {
			put_group(&group);
		} else {
			page_end_line(page);
			text_finding(page, finding_at(&group, 0), rule_at(&group, 0), 0);
		}
	}
	text_rest(page, snapshot, reported);
}
