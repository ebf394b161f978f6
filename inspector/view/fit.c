// Columns get what their texts want, as far as there is room. Then the widest that can be cut gives way, and at last
// the columns that can be spared.

#include <stdlib.h>
#include <string.h>

#include "view.h"

enum {
	FIT_SAMPLE = 200, // rows that are measured
	FIT_WIDEST = 400, // cells that a text can ask for
	FIT_GAP = 1,
	FIT_FOLD = 2, // cells of a level of a tree, and of the sign in front
};

static unsigned tree_width(const struct row *row)
{
	return FIT_FOLD * (row->level + 1u);
}

static unsigned wish(const struct view *view, unsigned column)
{
	const struct column *facts = &view->frames[0].columns[column];
	unsigned width = text_width(facts->title);
	struct text text = { 0 };
	// From all over, so that widths do not change while somebody scrolls.
	size_t stride = view->shown_count / FIT_SAMPLE + 1;
	for (size_t i = 0; i < view->shown_count; i += stride) {
		const struct row *row = view_row(view, i);
		unsigned cells;
		view_cell(view, row, column, &text);
		text_fit(text_bytes(&text), FIT_WIDEST, &cells);
		cells += facts->is_tree ? tree_width(row) : 0;
		width = cells > width ? cells : width;
	}
	text_deinit(&text);
	width = width < facts->least ? facts->least : width;
	return facts->most && width > facts->most ? facts->most : width;
}

static unsigned sum(const unsigned *widths, unsigned count)
{
	unsigned total = 0;
	for (unsigned i = 0; i < count; i++)
		total += widths[i] ? widths[i] + FIT_GAP : 0;
	return total ? total - FIT_GAP : 0;
}

// The column that has most above its least; POLYTON_NONE if all are at it.
static uint32_t widest(const struct view *view, const unsigned *widths)
{
	uint32_t best = POLYTON_NONE;
	unsigned most = 0;
	for (unsigned i = 0; i < view->frames[0].column_count; i++) {
		unsigned least = view->frames[0].columns[i].least;
		if (widths[i] > least && widths[i] - least > most) {
			most = widths[i] - least;
			best = i;
		}
	}
	return best;
}

static uint32_t sparest(const struct view *view, const unsigned *widths)
{
	uint32_t best = POLYTON_NONE;
	unsigned most = 0;
	for (unsigned i = 0; i < view->frames[0].column_count; i++) {
		if (widths[i] && view->frames[0].columns[i].spare > most) {
			most = view->frames[0].columns[i].spare;
			best = i;
		}
	}
	return best;
}

static unsigned first_keyed(const struct view *view)
{
	unsigned first = 0;
	while (first < view->frames[0].column_count && !view->frames[0].columns[first].key)
		first++;
	return first;
}

// What is left from @p left on, as far as there is room.
static void keep_from(const struct view *view, unsigned left, unsigned width, const unsigned *all, unsigned *widths)
{
	unsigned count = view->frames[0].column_count, first = first_keyed(view);
	for (unsigned i = first; i < count; i++)
		widths[i] = i < left ? 0 : all[i];
	for (unsigned i = count; i-- > left && sum(widths, count) > width;)
		widths[i] = 0;
}

// Many alike columns, as a matrix has, are scrolled: the selected one is always there.
static void scroll_columns(struct view *view, unsigned width, const unsigned *all, unsigned *widths)
{
	unsigned first = first_keyed(view), at = view->column;
	if (view->left < first || view->left >= view->frames[0].column_count)
		view->left = first;
	if (at >= first && at < view->left)
		view->left = at;
	keep_from(view, view->left, width, all, widths);
	while (at > view->left && !widths[at])
		keep_from(view, ++view->left, width, all, widths);
	// Room that opened up on the right is for what is on the left.
	while (view->left > first && widths[view->frames[0].column_count - 1]) {
		keep_from(view, view->left - 1, width, all, widths);
		if (!widths[view->frames[0].column_count - 1]) {
			keep_from(view, view->left, width, all, widths);
			break;
		}
		view->left--;
	}
}

void view_layout_columns(struct view *view, unsigned width, unsigned *ret)
{
	unsigned count = view->frames[0].column_count;
	unsigned *wishes = calloc(count + 1, sizeof(*wishes));
	for (unsigned i = 0; i < count; i++)
		ret[i] = wishes ? (wishes[i] = wish(view, i)) : view->frames[0].columns[i].least;
	for (uint32_t at; sum(ret, count) > width && (at = widest(view, ret)) != POLYTON_NONE;)
		ret[at]--;
	for (uint32_t at; sum(ret, count) > width && (at = sparest(view, ret)) != POLYTON_NONE;)
		ret[at] = 0;
	unsigned *all = sum(ret, count) > width && first_keyed(view) < count ? malloc((count + 1) * sizeof(*all))
									     : NULL;
	if (all) {
		memcpy(all, ret, count * sizeof(*all));
		scroll_columns(view, width, all, ret);
		free(all);
	}
	// Where the least of all is still too much, the last are cut.
	for (unsigned i = count, total; i-- > 0 && (total = sum(ret, count)) > width;)
		ret[i] = ret[i] > total - width ? ret[i] - (total - width) : 0;
	// What is left over goes back, to the columns that asked for more.
	for (bool has_given = true; wishes && has_given && sum(ret, count) < width;) {
		has_given = false;
		for (unsigned i = 0; i < count && sum(ret, count) < width; i++) {
			if (ret[i] && ret[i] < wishes[i]) {
				ret[i]++;
				has_given = true;
			}
		}
	}
	free(wishes);
}
