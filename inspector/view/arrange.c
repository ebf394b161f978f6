// A tree is sorted among siblings, so that a library's singletons stay with it. Keys are made once per row: to make
// texts while sorting would make each of them dozens of times.

#include "arrange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** What a row is sorted by. */
struct sort_key {
	const char *text; ///< NULL for a number.
	size_t offset;    ///< Of the text in plan.texts.
	int64_t number;
	uint32_t row;
};

/** What arranging needs of every row. */
struct plan {
	const struct view *view;
	uint32_t count;
	bool *is_kept;   ///< It, something above it, or something below it matches.
	uint32_t *first; ///< Where the children of row N - 1 begin in order; 0: of none.
	struct sort_key *order;
	char *texts; ///< What they are sorted by, one behind the other.
};

bool arrange_matches(const struct view *view, const struct row *row, const char *pattern)
{
	struct text text = { 0 };
	bool is_found = false;
	for (unsigned i = 0; i < view->frames[0].column_count && !is_found; i++) {
		view_cell(view, row, i, &text);
		is_found = text_has(text_bytes(&text), pattern);
	}
	text_deinit(&text);
	return is_found;
}

static void filter(struct plan *plan)
{
	const struct view *view = plan->view;
	struct row *rows = view->frames[0].rows;
	bool has_filter = view->filter[0] != '\0';
	for (uint32_t i = 0; i < plan->count; i++)
		rows[i].is_opened = false;
	for (uint32_t i = 0; i < plan->count; i++)
		plan->is_kept[i] = !has_filter || arrange_matches(view, &rows[i], view->filter);
	if (!has_filter)
		return;
	// Parents come before their children: backwards for what is kept above, forwards for what is below.
	bool *matches = malloc(plan->count + 1);
	if (!matches)
		return;
	memcpy(matches, plan->is_kept, plan->count);
	for (uint32_t i = plan->count; i-- > 0;) {
		uint32_t parent = rows[i].parent;
		if (parent != POLYTON_NONE && plan->is_kept[i])
			plan->is_kept[parent] = rows[parent].is_opened = true;
	}
	for (uint32_t i = 0; i < plan->count; i++) {
		uint32_t parent = rows[i].parent;
		if (parent != POLYTON_NONE && matches[parent])
			matches[i] = plan->is_kept[i] = true;
	}
	free(matches);
}

static bool is_by_number(const struct view *view)
{
	const struct column *column = &view->frames[0].columns[view->sort];
	return column->is_number || column->by_number;
}

static void make_key(const struct view *view, uint32_t row, struct text *text, FILE *texts, struct sort_key *ret)
{
	*ret = (struct sort_key){ .row = row };
	if (view->sort < 0)
		return;
	view_cell(view, &view->frames[0].rows[row], (unsigned)view->sort, text);
	ret->number = text->number;
	ret->offset = (size_t)ftell(texts);
	fwrite(text_bytes(text), 1, text->used + 1, texts);
}

static int compare(const void *left, const void *right)
{
	const struct sort_key *a = left, *b = right;
	int order = a->text && b->text ? strcasecmp(a->text, b->text)
				       : (a->number > b->number) - (a->number < b->number);
	return order ? order : (a->row > b->row) - (a->row < b->row);
}

static int compare_reversed(const void *left, const void *right)
{
	const struct sort_key *a = left, *b = right;
	int order = compare(right, left);
	bool is_tie = a->text && b->text ? strcasecmp(a->text, b->text) == 0 : a->number == b->number;
	return is_tie ? (a->row > b->row) - (a->row < b->row) : order;
}

// Group children by parent, in the order of the rows, then sort each group.
static void sort(struct plan *plan)
{
	const struct view *view = plan->view;
	const struct row *rows = view->frames[0].rows;
	struct text text = { 0 };
	size_t size = 0;
	FILE *texts = open_memstream(&plan->texts, &size);
	if (!texts)
		return;
	for (uint32_t i = 0; i < plan->count; i++)
		plan->first[rows[i].parent == POLYTON_NONE ? 1 : rows[i].parent + 2]++;
	for (uint32_t i = 0; i <= plan->count; i++)
		plan->first[i + 1] += plan->first[i];
	uint32_t *next = malloc((plan->count + 2) * sizeof(*next));
	if (next)
		memcpy(next, plan->first, (plan->count + 2) * sizeof(*next));
	for (uint32_t i = 0; next && i < plan->count; i++) {
		uint32_t parent = rows[i].parent == POLYTON_NONE ? 0 : rows[i].parent + 1;
		make_key(view, i, &text, texts, &plan->order[next[parent]++]);
	}
	free(next);
	bool has_texts = fclose(texts) == 0 && view->sort >= 0 && !is_by_number(view);
	for (uint32_t i = 0; has_texts && i < plan->count; i++)
		plan->order[i].text = plan->texts + plan->order[i].offset;
	for (uint32_t i = 0; i <= plan->count; i++) {
		uint32_t count = plan->first[i + 1] - plan->first[i];
		if (view->sort >= 0 && count > 1)
			qsort(plan->order + plan->first[i], count, sizeof(*plan->order),
			      view->is_reversed ? compare_reversed : compare);
	}
	text_deinit(&text);
}

// Depth first, without recursion: a stack of places in order.
static void flatten(struct plan *plan, struct view *view)
{
	uint32_t *stack = malloc((plan->count + 1) * 2 * sizeof(*stack));
	size_t depth = 0;
	if (!stack)
		return;
	stack[depth++] = plan->first[0];
	stack[depth++] = plan->first[1];
	while (depth) {
		uint32_t at = stack[depth - 2], end = stack[depth - 1];
		if (at == end) {
			depth -= 2;
			continue;
		}
		stack[depth - 2]++;
		uint32_t row = plan->order[at].row;
		if (!plan->is_kept[row])
			continue;
		view->shown[view->shown_count++] = row;
		if (plan->first[row + 1] != plan->first[row + 2] &&
		    !view_is_folded(view, &view->frames[0].rows[row])) {
			stack[depth++] = plan->first[row + 1];
			stack[depth++] = plan->first[row + 2];
		}
	}
	free(stack);
}

void arrange(struct view *view)
{
	uint32_t count = (uint32_t)view->frames[0].count;
	struct plan plan = { .view = view,
			     .count = count,
			     .is_kept = calloc(count + 1, 1),
			     .first = calloc(count + 3, sizeof(*plan.first)),
			     .order = calloc(count + 1, sizeof(*plan.order)) };
	free(view->shown);
	view->shown = malloc((count + 1) * sizeof(*view->shown));
	view->shown_count = 0;
	if (view->sort >= (int)view->frames[0].column_count)
		view->sort = -1;
	if (plan.is_kept && plan.first && plan.order && view->shown) {
		filter(&plan);
		sort(&plan);
		flatten(&plan, view);
	}
	free(plan.texts);
	free(plan.is_kept);
	free(plan.first);
	free(plan.order);
}
