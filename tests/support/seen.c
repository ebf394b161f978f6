#include "seen.h"

#include <stdio.h>

#include "check.h"

void seen_add(struct world *world, struct polyton_snapshot *snapshot)
{
	struct shot *shot = shot_create(snapshot, NULL);
	assert_non_null(shot);
	world_add(world, shot);
}

struct view seen_view(const struct view_kind *kind, const struct world *world)
{
	struct view view;
	view_init(&view, kind, world);
	view.width = 78;
	view_refresh(&view);
	return view;
}

static void put_row(const struct view *view, const struct row *row, unsigned from, unsigned to, FILE *file)
{
	struct text text = { 0 };
	for (unsigned i = from; i < to; i++) {
		view_cell(view, row, i, &text);
		fprintf(file, "%s%s", i > from ? "|" : "", text_bytes(&text));
	}
	text_deinit(&text);
}

static char *put_all(const struct view *view, unsigned from, unsigned to)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	assert_non_null(file);
	for (size_t i = 0; i < view->shown_count; i++) {
		const struct row *row = view_row(view, i);
		fprintf(file, "%c%c%*s%s", i == view->at ? '>' : ' ', " *+-"[view_row_change(view, row)],
			2 * row -> level, "",
			!row->has_rows              ? ""
			: view_is_folded(view, row) ? "+"
						    : "-");
		put_row(view, row, from, to, file);
		fputc('\n', file);
	}
	assert_int_equal(fclose(file), 0);
	return text;
}

char *seen_text(const struct view *view)
{
	return put_all(view, 0, view->frames[0].column_count);
}

char *seen_column(const struct view *view, unsigned column)
{
	return put_all(view, column, column + 1);
}

char *seen_details(const struct view *view)
{
	struct text text = { 0 };
	view_tell(view, 76, &text);
	char *copy = strdup(text_bytes(&text));
	text_deinit(&text);
	return copy;
}

void seen_select(struct view *view, const char *wanted)
{
	struct text text = { 0 };
	bool is_found = false;
	for (size_t i = 0; i < view->frames[0].count && !is_found; i++) {
		view_cell(view, &view->frames[0].rows[i], 0, &text);
		is_found = strcmp(text_bytes(&text), wanted) == 0 &&
			   view_select(view, view->frames[0].rows[i].identity);
	}
	text_deinit(&text);
	if (!is_found)
		print_error("no row is called %s\n", wanted);
	assert_true(is_found);
}

char *seen_selected(const struct view *view)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	assert_non_null(file);
	assert_non_null(view_selected(view));
	put_row(view, view_selected(view), 0, view->frames[0].column_count, file);
	assert_int_equal(fclose(file), 0);
	return text;
}
