// Everything that the user has chosen is kept by identity: rows come and go, and their places change with each refresh.

#include "view.h"

#include <stdlib.h>
#include <string.h>

#include "arrange.h"

const struct view_kind *const view_kinds[VIEW_COUNT] = {
	[VIEW_SINGLETONS] = &singletons_view, [VIEW_MATRIX] = &matrix_view, [VIEW_OBJECTS] = &objects_view,
	[VIEW_THREADS] = &threads_view,       [VIEW_TLS] = &tls_view,       [VIEW_NOTES] = &notes_view,
	[VIEW_EVIDENCE] = &evidence_view,     [VIEW_VALUE] = &value_view,   [VIEW_LAYOUT] = &layout_view,
	[VIEW_PICKER] = &picker_view,
};

static size_t set_place(const struct set *set, uint64_t item)
{
	size_t at = 0;
	while (at < set->count && set->items[at] != item)
		at++;
	return at;
}

bool set_has(const struct set *set, uint64_t item)
{
	return set_place(set, item) < set->count;
}

void set_toggle(struct set *set, uint64_t item)
{
	size_t at = set_place(set, item);
	if (at < set->count) {
		set->items[at] = set->items[--set->count];
		return;
	}
	uint64_t *grown = reallocarray(set->items, set->count + 1, sizeof(*grown));
	if (!grown)
		return;
	set->items = grown;
	set->items[set->count++] = item;
}

void view_init(struct view *view, const struct view_kind *kind, const struct world *world)
{
	*view = (struct view){ .kind = kind, .world = world, .sort = -1 };
}

void view_deinit(struct view *view)
{
	for (int i = 0; i < WORLD_SHOTS; i++)
		frame_clear(&view->frames[i]);
	free(view->shown);
	free(view->turned.items);
	free(view->marked.items);
	*view = (struct view){ 0 };
}

static void build(struct view *view, int age)
{
	struct frame *frame = &view->frames[age];
	frame_clear(frame);
	frame->world = view->world;
	frame->shot = view->world->shots[age];
	frame->focus = view->focus;
	frame->width = view->width;
	frame->has_signs_only = view->has_signs_only;
	frame->list = view->list;
	frame->singleton = frame->copy = frame->thread = POLYTON_NONE;
	if (frame->shot || (view->list && !age))
		view->kind->build(frame);
	frame_index(frame);
}

// Rows that were there lately, and are no more.
static void add_gone(struct view *view, unsigned char age)
{
	struct frame *now = &view->frames[0], *then = &view->frames[age];
	size_t before = now->count;
	// Lines of a text have no life of their own.
	for (size_t i = 0; i < then->count && !view->kind->is_text; i++) {
		struct row row = then->rows[i];
		if (frame_find(now, row.identity))
			continue;
		if (row.parent != POLYTON_NONE) {
			const struct row *parent = frame_find(now, then->rows[row.parent].identity);
			row.parent = parent ? (uint32_t)(parent - now->rows) : POLYTON_NONE;
		}
		row.age = age;
		row.has_rows = false;
		frame_add(now, row);
		// Its own children come next, and must find it.
		if (then->rows[i].has_rows)
			frame_index(now);
	}
	if (now->count > before)
		frame_index(now);
}

// Where what was selected is now: at its row, else at the row that took its place.
static void find_selected(struct view *view)
{
	const struct row *rows = view->frames[0].rows;
	for (size_t i = 0; view->selected && i < view->shown_count; i++) {
		if (rows[view->shown[i]].identity == view->selected) {
			view->at = i;
			return;
		}
	}
	if (view->at >= view->shown_count)
		view->at = view->shown_count ? view->shown_count - 1 : 0;
	view->selected = view->shown_count ? rows[view->shown[view->at]].identity : 0;
}

void view_arrange(struct view *view)
{
	arrange(view);
	find_selected(view);
}

void view_refresh(struct view *view)
{
	for (int age = 0; age < WORLD_SHOTS; age++)
		build(view, age);
	for (unsigned char age = 1; age < WORLD_SHOTS && view->frames[0].shot; age++)
		add_gone(view, age);
	if (view->column >= view->frames[0].column_count)
		view->column = view->frames[0].column_count ? view->frames[0].column_count - 1 : 0;
	view_arrange(view);
}

const struct row *view_row(const struct view *view, size_t index)
{
	return index < view->shown_count ? &view->frames[0].rows[view->shown[index]] : NULL;
}

const struct row *view_selected(const struct view *view)
{
	return view_row(view, view->at);
}

void view_cell(const struct view *view, const struct row *row, unsigned column, struct text *ret)
{
	const struct frame *frame = &view->frames[row->age];
	uint32_t own = row->age ? frame_column(frame, &view->frames[0], column) : column;
	text_clear(ret);
	if (own != POLYTON_NONE)
		view->kind->cell(frame, row, own, ret);
}

bool view_is_folded(const struct view *view, const struct row *row)
{
	return row->has_rows && !row->is_opened && row->begins_folded != set_has(&view->turned, row->identity);
}

void view_tell(const struct view *view, unsigned width, struct text *ret)
{
	const struct row *row = view_selected(view);
	const struct frame *frame = &view->frames[row ? row->age : 0];
	text_clear(ret);
	if (row && row->age)
		text_print(ret, "Gone: this is what it last was.\n");
	if (view->kind->tell && (frame->shot || view->list))
		view->kind->tell(frame, row, view->column, width, ret);
}

// Between the snapshots that are @p age and @p age + 1 old.
static enum view_change change_between(const struct view *view, uint64_t identity, unsigned column, int age)
{
	const struct frame *now = &view->frames[age], *then = &view->frames[age + 1];
	if (!now->shot || !then->shot)
		return VIEW_SAME;
	const struct row *new_row = frame_find(now, identity), *old_row = frame_find(then, identity);
	if (!new_row)
		return VIEW_SAME;
	if (!old_row)
		return VIEW_NEW;
	uint32_t new_column = frame_column(now, &view->frames[0], column);
	uint32_t old_column = frame_column(then, &view->frames[0], column);
	if (new_column == POLYTON_NONE)
		return VIEW_SAME;
	if (old_column == POLYTON_NONE)
		return VIEW_NEW;
	struct text left = { 0 }, right = { 0 };
	view->kind->cell(now, new_row, new_column, &left);
	view->kind->cell(then, old_row, old_column, &right);
	bool is_same = strcmp(text_bytes(&left), text_bytes(&right)) == 0;
	text_deinit(&left);
	text_deinit(&right);
	return is_same ? VIEW_SAME : VIEW_CHANGED;
}

enum view_change view_change(const struct view *view, const struct row *row, unsigned column)
{
	if (row->age)
		return VIEW_GONE;
	enum view_change change = change_between(view, row->identity, column, 0);
	return change != VIEW_SAME ? change : change_between(view, row->identity, column, 1);
}

enum view_change view_row_change(const struct view *view, const struct row *row)
{
	enum view_change worst = VIEW_SAME;
	for (unsigned i = 0; i < view->frames[0].column_count; i++) {
		enum view_change change = view_change(view, row, i);
		worst = change > worst ? change : worst;
	}
	return worst;
}

static void go(struct view *view, size_t at)
{
	const struct row *row = view_row(view, at);
	view->at = at;
	view->selected = row ? row->identity : 0;
}

void view_move(struct view *view, long rows)
{
	size_t last = view->shown_count ? view->shown_count - 1 : 0;
	if (rows < 0)
		go(view, view->at < (size_t)-rows ? 0 : view->at - (size_t)-rows);
	else
		go(view, (size_t)rows > last - view->at ? last : view->at + (size_t)rows);
}

void view_move_column(struct view *view, int columns)
{
	long column = (long)view->column + columns, count = (long)view->frames[0].column_count;
	column = column >= count ? count - 1 : column;
	view->column = column < 0 ? 0 : (unsigned)column;
}

bool view_select(struct view *view, uint64_t identity)
{
	const struct frame *frame = &view->frames[0];
	const struct row *row = frame_find(frame, identity);
	if (!row)
		return false;
	for (uint32_t at = row->parent; at != POLYTON_NONE; at = frame->rows[at].parent) {
		if (view_is_folded(view, &frame->rows[at]))
			set_toggle(&view->turned, frame->rows[at].identity);
	}
	view->selected = identity;
	view_arrange(view);
	return view->selected == identity;
}

// The last of the rows below the selected one.
static size_t last_below(const struct view *view)
{
	size_t at = view->at;
	const struct row *row = view_row(view, at), *next;
	while (row && (next = view_row(view, at + 1)) && next->level > row->level)
		at++;
	return at;
}

void view_fold(struct view *view, bool is_folded)
{
	const struct row *row = view_selected(view);
	if (!row)
		return;
	if (row->has_rows && view_is_folded(view, row) != is_folded) {
		set_toggle(&view->turned, row->identity);
		view_arrange(view);
		view->unfolded = is_folded ? 0 : last_below(view);
	} else if (is_folded && row->parent != POLYTON_NONE) {
		view->selected = view->frames[0].rows[row->parent].identity;
		view_arrange(view);
	}
}

// All that has rows below it like the first such: folded if any is open.
void view_fold_all(struct view *view)
{
	const struct frame *frame = &view->frames[0];
	bool has_open = false;
	for (size_t i = 0; i < frame->count; i++)
		has_open |= frame->rows[i].has_rows && !frame->rows[i].level &&
			    !view_is_folded(view, &frame->rows[i]);
	for (size_t i = 0; i < frame->count; i++) {
		const struct row *row = &frame->rows[i];
		if (row->has_rows && !row->level && view_is_folded(view, row) != has_open)
			set_toggle(&view->turned, row->identity);
	}
	const struct row *row = view_selected(view);
	while (has_open && row && row->parent != POLYTON_NONE)
		row = &frame->rows[row->parent];
	view->selected = row ? row->identity : 0;
	view_arrange(view);
}

bool view_search(struct view *view, bool is_backward)
{
	const struct frame *frame = &view->frames[0];
	const struct row *selected = view_selected(view);
	size_t start = selected ? (size_t)(selected - frame->rows) : 0;
	// In the order of what is shown; then what is folded away, in that of the snapshot.
	for (size_t i = 1; i <= view->shown_count; i++) {
		size_t at = (view->at + (is_backward ? view->shown_count - i : i)) % view->shown_count;
		if (arrange_matches(view, view_row(view, at), view->search)) {
			go(view, at);
			return true;
		}
	}
	for (size_t i = 1; i <= frame->count && !view->filter[0]; i++) {
		size_t at = (start + (is_backward ? frame->count - i : i)) % frame->count;
		if (arrange_matches(view, &frame->rows[at], view->search))
			return view_select(view, frame->rows[at].identity);
	}
	return false;
}

void view_scroll(struct view *view, size_t rows)
{
	if (!rows)
		return;
	if (view->unfolded >= view->top + rows)
		view->top = view->unfolded - rows + 1;
	view->unfolded = 0;
	if (view->top + rows > view->shown_count)
		view->top = view->shown_count > rows ? view->shown_count - rows : 0;
	if (view->at < view->top)
		view->top = view->at;
	if (view->at >= view->top + rows)
		view->top = view->at - rows + 1;
}

void view_sort(struct view *view, int column)
{
	const struct column *facts = column < 0 ? NULL : &view->frames[0].columns[column];
	if (view->sort == column)
		view->is_reversed = column >= 0 && !view->is_reversed;
	else // of numbers, the greatest are what people look for
		view->is_reversed = facts && (facts->is_number || facts->by_number);
	view->sort = column;
	view_arrange(view);
}
