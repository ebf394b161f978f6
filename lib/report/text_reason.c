// Copies that came in one way are there for one reason, and one change cures them all: it is said once, for all objects
// and variables that it is true of.

#include "base/vec.h"
#include "report/text.h"
#include "report/words.h"

enum {
	REASON_MAX_TOLD = 6,  // different reasons that are told; of more, how many
	REASON_MAX_STEPS = 3, // of a remedy, where several are told
	REASON_MAX_NAMES = 2, // variables that are named, where a reason is not that of all
	REASON_MAX_KEPT = 64, // different reasons that are told apart at all
	REASON_LABEL = 5,     // "why: "
};

/** A reason, and what it is true of. */
struct told {
	const struct polyton_reason *reason;
	bool *has_object;                 ///< By object. Owned.
	uint32_t names[REASON_MAX_NAMES]; ///< The first of the singletons.
	uint32_t singleton_count, last_singleton;
	bool is_of_finding; ///< Not of copies, or not of copies only.
	bool is_put;
};

/** What several singletons are told about. */
struct reasons {
	struct page *page;
	const struct polyton_snapshot *snapshot;
	vec_of(struct told) told;
	bool has_more;          ///< Than can be told apart.
	size_t singleton_count; ///< Of what it is all about.
	size_t indent;
};

static bool is_same(const struct polyton_reason *a, const struct polyton_reason *b)
{
	return a == b || (a->cause == b->cause && strcmp(a->text, b->text) == 0);
}

static bool has_step(const struct polyton_reason *reason, const char *step)
{
	for (uint32_t i = 0; i < reason->remedy_count; i++) {
		if (strcmp(reason->remedy[i], step) == 0)
			return true;
	}
	return false;
}

// Whether @p reason helps with all that @p other does.
static bool covers(const struct polyton_reason *reason, const struct polyton_reason *other)
{
	for (uint32_t i = 0; i < other->remedy_count; i++) {
		if (!has_step(reason, other->remedy[i]))
			return false;
	}
	return other->remedy_count || !reason->remedy_count;
}

static struct told *told_at(struct reasons *reasons, const struct polyton_reason *reason)
{
	for (size_t i = 0; i < reasons->told.count; i++) {
		if (is_same(reasons->told.items[i].reason, reason))
			return &reasons->told.items[i];
	}
	if (reasons->told.count == REASON_MAX_KEPT)
		return NULL;
	struct told *told = vec_push(&reasons->told);
	bool *has_object = told ? calloc(reasons->snapshot->objects.count + 1, sizeof(*has_object)) : NULL;
	if (!has_object) {
		reasons->told.count -= told != NULL;
		out_fail(reasons->page->out, error_no_memory());
		return NULL;
	}
	*told = (struct told){ .reason = reason, .has_object = has_object, .last_singleton = POLYTON_NONE };
	return told;
}

static void add(struct reasons *reasons, const struct polyton_reason *reason, uint32_t object, uint32_t singleton)
{
	struct told *told = told_at(reasons, reason);
	if (!told) {
		reasons->has_more = true;
		return;
	}
	if (object < reasons->snapshot->objects.count)
		told->has_object[object] = true;
	else
		told->is_of_finding = true;
	if (told->last_singleton == singleton)
		return;
	if (told->singleton_count < REASON_MAX_NAMES)
		told->names[told->singleton_count] = singleton;
	told->singleton_count++;
	told->last_singleton = singleton;
}

static struct reasons collect(struct page *page, const struct polyton_snapshot *snapshot,
			      const struct text_about *about)
{
	struct reasons reasons = { .page = page, .snapshot = snapshot, .singleton_count = about->singleton_count };
	for (size_t i = 0; i < about->singleton_count; i++) {
		const struct polyton_singleton *singleton = &snapshot->singletons.items[about->singletons[i]];
		for (uint32_t k = 0; k < singleton->copy_count; k++) {
			const struct polyton_copy *copy = &snapshot->copies.items[singleton->first_copy + k];
			if (copy->reason)
				add(&reasons, copy->reason, copy->object, copy->singleton);
		}
	}
	for (size_t i = 0; i < about->finding_count; i++) {
		const struct polyton_finding *finding = &snapshot->findings.items[about->findings[i]];
		if (finding->reason)
			add(&reasons, finding->reason, POLYTON_NONE, finding->singleton);
	}
	return reasons;
}

static void forget(struct reasons *reasons)
{
	for (size_t i = 0; i < reasons->told.count; i++)
		free(reasons->told.items[i].has_object);
	vec_deinit(&reasons->told);
}

static void put_labelled(struct page *page, size_t indent, const char *label, const char *text)
{
	const struct span spans[] = { { STYLE_STRONG, label }, { STYLE_PLAIN, text } };
	page_paragraph(page, indent, indent + REASON_LABEL, spans, sizeof(spans) / sizeof(spans[0]));
}

static void put_remedy(struct page *page, const struct polyton_reason *reason, uint32_t steps, size_t indent)
{
	for (uint32_t i = 0; i < reason->remedy_count && i < steps; i++)
		put_labelled(page, indent, "fix:", reason->remedy[i]);
}

// "liba.so and libb.so"; "" if it is a single one that the reason's text names anyway.
static const char *list_objects(const struct reasons *reasons, const struct told *told)
{
	const struct polyton_snapshot *snapshot = reasons->snapshot;
	uint32_t count = (uint32_t)snapshot->objects.count, listed = 0;
	auto_free uint32_t *objects = calloc(count + 1, sizeof(*objects));
	if (!objects) {
		out_fail(reasons->page->out, error_no_memory());
		return "";
	}
	for (uint32_t i = 0; i < count; i++) {
		if (told->has_object[i])
			objects[listed++] = i;
	}
	if (listed == 1 && strstr(told->reason->text, snapshot->objects.items[objects[0]].name))
		return "";
	return text_objects_named(reasons->page, snapshot, objects, listed);
}

// Where it is not true of all variables, of which; "" if there is nothing to be said.
static const char *list_singletons(const struct reasons *reasons, const struct told *told)
{
	struct page *page = reasons->page;
	const struct polyton_singleton *singletons = reasons->snapshot->singletons.items;
	if (told->singleton_count == reasons->singleton_count)
		return "";
	if (told->singleton_count > REASON_MAX_NAMES)
		return page_format(page, "%u of these %zu", told->singleton_count, reasons->singleton_count);
	if (told->singleton_count == 1)
		return singletons[told->names[0]].name;
	return page_format(page, "%s, %s", singletons[told->names[0]].name, singletons[told->names[1]].name);
}

static void put_why(const struct reasons *reasons, const struct told *told, bool is_of_all)
{
	struct page *page = reasons->page;
	const char *objects = list_objects(reasons, told);
	const char *singletons = is_of_all ? "" : list_singletons(reasons, told);
	const char *whose = objects, *text = told->reason->text;
	if (singletons[0])
		whose = page_format(page, "%s%s(%s)", objects, objects[0] ? " " : "", singletons);
	if (whose[0])
		text = page_format(page, "%s: %s", whose, text);
	put_labelled(page, reasons->indent, "why:", text);
}

// Reasons that one remedy helps against stand above it together.
static void put_reasons(struct reasons *reasons, bool is_of_all)
{
	size_t count = reasons->told.count, limit = count <= REASON_MAX_TOLD + 1 ? count : REASON_MAX_TOLD;
	for (size_t i = 0; i < limit; i++) {
		const struct polyton_reason *widest = reasons->told.items[i].reason;
		if (reasons->told.items[i].is_put)
			continue;
		for (size_t k = i; k < limit; k++) {
			struct told *told = &reasons->told.items[k];
			if (told->is_put || (!covers(widest, told->reason) && !covers(told->reason, widest)))
				continue;
			if (!covers(widest, told->reason))
				widest = told->reason;
			told->is_put = true;
			put_why(reasons, told, is_of_all);
		}
		put_remedy(reasons->page, widest, REASON_MAX_STEPS, reasons->indent);
	}
	if (limit < count)
		page_line(reasons->page, reasons->indent, STYLE_PLAIN,
			  page_format(reasons->page, "%zu%s more reasons: \"polyton show NAME\" tells those of one.",
				      count - limit, reasons->has_more ? " or" : ""));
}

// No object has two reasons: then the objects' names say enough about what each is true of. A reason of findings has
// none to be told apart by, so it must be the only one.
static bool agree(const struct reasons *reasons)
{
	size_t count = reasons->snapshot->objects.count;
	auto_free bool *is_taken = calloc(count + 1, sizeof(*is_taken));
	if (!is_taken || reasons->has_more)
		return false;
	for (size_t i = 0; i < reasons->told.count; i++) {
		const struct told *told = &reasons->told.items[i];
		if (told->is_of_finding && reasons->told.count > 1)
			return false;
		for (size_t k = 0; k < count; k++) {
			if (told->has_object[k] && is_taken[k])
				return false;
			is_taken[k] |= told->has_object[k];
		}
	}
	return true;
}

bool text_reasons_agree(struct page *page, const struct polyton_snapshot *snapshot, const struct text_about *about)
{
	struct reasons reasons = collect(page, snapshot, about);
	bool answer = reasons.told.count && agree(&reasons);
	forget(&reasons);
	return answer;
}

void text_reasons(struct page *page, const struct polyton_snapshot *snapshot, const struct text_about *about,
		  size_t indent)
{
	struct reasons reasons = collect(page, snapshot, about);
	reasons.indent = indent;
	put_reasons(&reasons, agree(&reasons));
	forget(&reasons);
}

void text_reason(struct page *page, const struct polyton_reason *reason, size_t indent)
{
	put_labelled(page, indent, "why:", reason->text);
	put_remedy(page, reason, UINT32_MAX, indent);
}
