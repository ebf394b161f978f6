// Thousands of threads mostly do the same: a reader is served by the few names of those that differ, and counts.

#include "report/tally.h"

#include "report/words.h"

enum {
	TALLY_MAX_NAMES = 3,    // different thread names in a line
	TALLY_SHORT_VALUE = 12, // cells of a value in a narrow column
};

// A cell's state, or what is known of the variable there: those come behind the cell's own.
enum {
	STATE_KNOWN = POLYTON_CELL_IN_FILE,
	STATE_UNINITIALISED = STATE_KNOWN + POLYTON_VALUE_UNINITIALISED,
	STATE_ALIVE = STATE_KNOWN + POLYTON_VALUE_ALIVE,
	STATE_DESTROYED = STATE_KNOWN + POLYTON_VALUE_DESTROYED,
	STATES,
};

// The order in which they are told: what is set first.
static const unsigned telling_order[STATES] = {
	STATE_ALIVE,           STATE_DESTROYED,      POLYTON_CELL_SET,           POLYTON_CELL_PRESENT,
	STATE_UNINITIALISED,   POLYTON_CELL_INITIAL, POLYTON_CELL_NOT_ALLOCATED, POLYTON_CELL_UNREADABLE,
	POLYTON_CELL_UNSTABLE, POLYTON_CELL_IN_FILE,
};

/** Cells of a copy per such state. */
struct states {
	uint32_t counts[STATES], count;
};

static unsigned state_of(const struct polyton_cell *cell)
{
	bool is_known = cell->value && cell->value->state != POLYTON_VALUE_PLAIN;
	return is_known ? (unsigned)STATE_KNOWN + cell->value->state : (unsigned)cell->state;
}

static const char *label_of(unsigned state)
{
	return state > STATE_KNOWN ? words_value_state[state - STATE_KNOWN].label : words_cell_state[state].label;
}

static bool is_set(unsigned state)
{
	return state == STATE_ALIVE || state == POLYTON_CELL_SET || state == POLYTON_CELL_PRESENT ||
	       state == POLYTON_CELL_IN_FILE;
}

static struct states states_of(const struct polyton_copy *copy)
{
	struct states states = { .count = copy->cell_count };
	for (uint32_t i = 0; i < copy->cell_count; i++)
		states.counts[state_of(&copy->cells[i])]++;
	return states;
}

const char *tally_cell_state(const struct polyton_cell *cell)
{
	return label_of(state_of(cell));
}

// The line of a typed value begins with its state: "alive, depth: 1".
static const char *without_state(const struct polyton_value *value)
{
	const char *label = words_value_state[value->state].label;
	size_t length = strlen(label);
	if (!length || strncmp(value->text, label, length) != 0)
		return value->text;
	if (!value->text[length])
		return "";
	return strncmp(value->text + length, ", ", 2) == 0 ? value->text + length + 2 : value->text;
}

const char *tally_cell_value(struct page *page, const struct polyton_cell *cell)
{
	if (!cell->value)
		return "";
	return cell->value->is_typed ? without_state(cell->value) : page_escape(page, cell->value->text);
}

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
			    const struct polyton_copy *copy, unsigned state, struct name_count *names)
{
	size_t count = 0;
	for (uint32_t i = 0; i < copy->cell_count; i++) {
		const struct polyton_thread *thread = polyton_snapshot_thread(snapshot, copy->cells[i].thread);
		size_t at = 0;
		if (state_of(&copy->cells[i]) != state || !thread)
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
			      const struct polyton_copy *copy, unsigned state)
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
			    const struct polyton_copy *copy, const struct states *states, unsigned state,
			    bool is_first)
{
	uint32_t count = states->counts[state];
	const char *label = label_of(state), *names = "";
	// Who has set it is worth a name; the others are many and alike.
	if (is_set(state) || state == STATE_DESTROYED || states->count == 1)
		names = list_names(page, snapshot, copy, state);
	if (names[0])
		return page_format(page, "%s in %s", label, names);
	if (!is_first)
		return page_format(page, "%s in %u", label, count);
	if (count < states->count)
		return page_format(page, "%s in %u of %u threads", label, count, states->count);
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

// A static, or a thread-local of a file: there is no thread to tell of.
static bool has_no_thread(const struct polyton_copy *copy)
{
	return copy->cells[0].thread == POLYTON_NONE;
}

const char *tally_state(struct page *page, const struct polyton_snapshot *snapshot, const struct polyton_copy *copy)
{
	struct states states = states_of(copy);
	const char *text = "";
	if (copy->use == POLYTON_USE_SHADOWED)
		return describe_shadowed(page, snapshot, copy);
	if (!copy->cell_count)
		return "not read";
	if (has_no_thread(copy))
		return tally_cell_state(&copy->cells[0]);
	for (size_t i = 0; i < STATES; i++) {
		if (!states.counts[telling_order[i]])
			continue;
		const char *part = describe(page, snapshot, copy, &states, telling_order[i], !text[0]);
		text = page_format(page, "%s%s%s", text, text[0] ? "; " : "", part);
	}
	return text;
}

// Such a text stands among names, which are not escaped: a value with a backslash would be told wrongly there.
static const char *short_static(struct page *page, const struct polyton_copy *copy)
{
	const struct polyton_cell *cell = &copy->cells[0];
	const char *label = tally_cell_state(cell), *value = tally_cell_value(page, cell);
	bool is_short = value[0] && !strchr(value, '\\') && glyph_width(value) <= TALLY_SHORT_VALUE;
	if (cell->state == POLYTON_CELL_IN_FILE)
		return is_short ? value : "its own";
	return is_set(state_of(cell)) && is_short ? page_format(page, "%s (%s)", label, value) : label;
}

const char *tally_short_state(struct page *page, const struct polyton_copy *copy)
{
	struct states states = states_of(copy);
	if (copy->use == POLYTON_USE_SHADOWED)
		return words_use[copy->use].label;
	if (!copy->cell_count)
		return "not read";
	if (has_no_thread(copy))
		return short_static(page, copy);
	for (size_t i = 0; i < STATES; i++) {
		unsigned state = telling_order[i];
		if (states.counts[state] == states.count)
			return label_of(state);
		if (states.counts[state])
			return page_format(page, "%s in %u of %u", label_of(state), states.counts[state],
					   states.count);
	}
	return "";
}

const char *tally_value(struct page *page, const struct polyton_copy *copy)
{
	const struct polyton_cell *first = NULL;
	bool has_others = false;
	for (uint32_t i = 0; !has_others && i < copy->cell_count; i++) {
		const struct polyton_cell *cell = &copy->cells[i];
		if (!cell->value || !is_set(state_of(cell)))
			continue;
		if (!first)
			first = cell;
		has_others = cell->value != first->value;
	}
	if (!first || copy->use == POLYTON_USE_SHADOWED)
		return "";
	const char *text = tally_cell_value(page, first);
	return has_others && text[0] ? page_format(page, "e.g. %s", text) : text;
}
