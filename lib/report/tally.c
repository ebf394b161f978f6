// Thousands of threads mostly do the same: a reader is served by the few names of those that differ, and counts.

#include "report/tally.h"

#include "report/glyph.h"
#include "report/words.h"

enum {
	TALLY_MAX_NAMES = 3,    // different thread names in a line
	TALLY_SHORT_VALUE = 12, // cells of a value in a narrow column
};

// The order in which states are told: what is set first.
static const enum polyton_cell_state telling_order[] = {
	POLYTON_CELL_SET,           POLYTON_CELL_PRESENT,    POLYTON_CELL_INITIAL,
	POLYTON_CELL_NOT_ALLOCATED, POLYTON_CELL_UNREADABLE, POLYTON_CELL_UNSTABLE,
};
enum { STATES = sizeof(telling_order) / sizeof(telling_order[0]) };

struct tally tally_of(const struct polyton_copy *copy)
{
	struct tally tally = { .count = copy->cell_count };
	for (uint32_t i = 0; i < copy->cell_count; i++)
		tally.counts[copy->cells[i].state]++;
	return tally;
}

const char *tally_thread_name(struct page *page, const struct polyton_thread *thread)
{
	return thread->name[0] ? thread->name : page_format(page, "thread %d", thread->tid);
}

/** A thread name and how many threads in a state have it. */
struct name_count {
	const char *name;
	uint32_t count;
};

// The names of the threads in @p state; 0 if there are too many different ones.
static size_t collect_names(struct page *page, const struct polyton_snapshot *snapshot,
			    const struct polyton_copy *copy, enum polyton_cell_state state, struct name_count *names)
{
	size_t count = 0;
	for (uint32_t i = 0; i < copy->cell_count; i++) {
		const struct polyton_thread *thread = polyton_snapshot_thread(snapshot, copy->cells[i].thread);
		size_t at = 0;
		if (copy->cells[i].state != state || !thread)
			continue;
		const char *name = tally_thread_name(page, thread);
		while (at < count && strcmp(names[at].name, name) != 0)
			at++;
		if (at == TALLY_MAX_NAMES)
			return 0;
		if (at == count)
			names[count++] = (struct name_count){ name, 0 };
		names[at].count++;
	}
	return count;
}

// "main, worker (2)", or "" if there are too many different names to tell.
static const char *list_names(struct page *page, const struct polyton_snapshot *snapshot,
			      const struct polyton_copy *copy, enum polyton_cell_state state)
{
	struct name_count names[TALLY_MAX_NAMES];
	size_t count = collect_names(page, snapshot, copy, state, names);
	const char *text = "";
	for (size_t i = 0; i < count; i++) {
		text = page_format(page, "%s%s%s", text, i ? ", " : "", names[i].name);
		if (names[i].count > 1)
			text = page_format(page, "%s (%u)", text, names[i].count);
	}
	return text;
}

// @p is_first: of the states that are told; the others need not say again that it is threads they count.
static const char *describe(struct page *page, const struct polyton_snapshot *snapshot,
			    const struct polyton_copy *copy, const struct tally *tally, enum polyton_cell_state state,
			    bool is_first)
{
	uint32_t count = tally->counts[state];
	const char *label = words_cell_state[state].label, *names = "";
	// Who has set it is worth a name; the others are many and alike.
	if (state == POLYTON_CELL_SET || state == POLYTON_CELL_PRESENT || tally->count == 1)
		names = list_names(page, snapshot, copy, state);
	if (names[0])
		return page_format(page, "%s in %s", label, names);
	if (!is_first)
		return page_format(page, "%s in %u", label, count);
	if (count < tally->count)
		return page_format(page, "%s in %u of %u threads", label, count, tally->count);
	if (state == POLYTON_CELL_NOT_ALLOCATED)
		return page_format(page, "%s in any of %u threads", label, count);
	return page_format(page, "%s in all %u threads", label, count);
}

static const char *describe_shadowed(struct page *page, const struct polyton_snapshot *snapshot,
				     const struct polyton_copy *copy)
{
	const struct polyton_copy *winner = polyton_snapshot_copy(snapshot, copy->bound_to);
	if (!winner)
		return "not used: all references go to another copy";
	return page_format(page, "not used: all references go to the copy in %s",
			   snapshot->objects.items[winner->object].name);
}

static bool is_static(const struct polyton_snapshot *snapshot, const struct polyton_copy *copy)
{
	return snapshot->singletons.items[copy->singleton].kind == POLYTON_KIND_STATIC;
}

const char *tally_state(struct page *page, const struct polyton_snapshot *snapshot, const struct polyton_copy *copy)
{
	struct tally tally = tally_of(copy);
	const char *text = "";
	if (copy->use == POLYTON_USE_SHADOWED)
		return describe_shadowed(page, snapshot, copy);
	if (!copy->cell_count)
		return "not read";
	if (is_static(snapshot, copy))
		return words_cell_state[copy->cells[0].state].label;
	for (size_t i = 0; i < STATES; i++) {
		if (!tally.counts[telling_order[i]])
			continue;
		const char *part = describe(page, snapshot, copy, &tally, telling_order[i], !text[0]);
		text = page_format(page, "%s%s%s", text, text[0] ? "; " : "", part);
	}
	return text;
}

static const char *short_static(struct page *page, const struct polyton_copy *copy)
{
	const struct polyton_cell *cell = &copy->cells[0];
	const char *label = words_cell_state[cell->state].label;
	if (cell->state == POLYTON_CELL_INITIAL || !cell->value || glyph_width(cell->value->text) > TALLY_SHORT_VALUE)
		return label;
	return page_format(page, "%s (%s)", label, cell->value->text);
}

const char *tally_short_state(struct page *page, const struct polyton_snapshot *snapshot,
			      const struct polyton_copy *copy)
{
	struct tally tally = tally_of(copy);
	if (copy->use == POLYTON_USE_SHADOWED)
		return words_use[copy->use].label;
	if (!copy->cell_count)
		return "not read";
	if (is_static(snapshot, copy))
		return short_static(page, copy);
	for (size_t i = 0; i < STATES; i++) {
		enum polyton_cell_state state = telling_order[i];
		if (tally.counts[state] == tally.count)
			return words_cell_state[state].label;
		if (tally.counts[state])
			return page_format(page, "%s in %u of %u", words_cell_state[state].label, tally.counts[state],
					   tally.count);
	}
	return "";
}

const char *tally_value(struct page *page, const struct polyton_copy *copy)
{
	const struct polyton_value *first = NULL;
	bool has_others = false;
	for (uint32_t i = 0; !has_others && i < copy->cell_count; i++) {
		const struct polyton_cell *cell = &copy->cells[i];
		if (!cell->value || (cell->state != POLYTON_CELL_SET && cell->state != POLYTON_CELL_PRESENT))
			continue;
		if (!first)
			first = cell->value;
		has_others = cell->value != first;
	}
	if (!first || copy->use == POLYTON_USE_SHADOWED)
		return "";
	return has_others ? page_format(page, "e.g. %s", first->text) : first->text;
}
