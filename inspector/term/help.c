// All that the keys do, from their table; then what the signs mean and what the columns of the view tell.

#include <stdio.h>
#include <string.h>

#include "../view/words.h"
#include "app.h"

enum { HELP_KEYS = 20 };

struct page {
	int row, height;
	size_t top, count;
};

static void put(struct page *page, const char *left, const char *right)
{
	int columns = screen_columns();
	do {
		char line[256];
		size_t at = page->count++;
		size_t size = text_line(right, (unsigned)(columns - HELP_KEYS - 2));
		snprintf(line, sizeof(line), "%.*s", (int)size, right);
		if (at >= page->top && at < page->top + (size_t)page->height) {
			int y = page->row + (int)(at - page->top);
			screen_put(y, 1, HELP_KEYS, left, TEXT_STRONG, LOOK_NONE);
			screen_put(y, HELP_KEYS + 1, columns - HELP_KEYS - 1, line, TEXT_PLAIN, LOOK_NONE);
		}
		right += size;
		while (*right == ' ')
			right++;
		left = "";
	} while (*right);
}

static void put_head(struct page *page, const char *text)
{
	size_t at = page->count++;
	if (at >= page->top && at < page->top + (size_t)page->height)
		screen_put(page->row + (int)(at - page->top), 0, screen_columns(), text, TEXT_STRONG,
			   LOOK_UNDERLINED);
}

static void put_signs(struct page *page)
{
	bool is_plain = word_is_ascii();
	put_head(page, "Signs");
	put(page, is_plain ? "#" : "●", "the copy is set: somebody gave it a value");
	put(page, is_plain ? "o" : "○", "as it was at first");
	put(page, is_plain ? "." : "·",
	    "not allocated: the thread never touched it, and would see the initial value");
	put(page, "x", "destroyed");
	put(page, "?", "could not be read");
	put(page, "*", "changed in the last two looks (the cells in bold)");
	put(page, "+  -", "new; gone");
	put(page, ">  #", "in the first column: the selected row; a marked one");
}

static void put_columns(struct page *page, const struct view *view)
{
	const struct frame *frame = &view->frames[0];
	char title[64];
	if (view->kind->is_text)
		return;
	snprintf(title, sizeof(title), "Columns of this view: %s", view->kind->name);
	put_head(page, title);
	for (unsigned i = 0; i < frame->column_count; i++)
		put(page, frame->columns[i].title, frame->columns[i].help);
}

static void put_all(struct page *page, const struct view *view)
{
	char names[128];
	put_head(page, "Keys");
	for (const struct key_row *row = key_rows; row->action; row++)
		put(page, keys_names(row, names), row->help);
	put(page, "mouse", "click: select, a head sorts, a second click opens; wheel: scroll");
	put_signs(page);
	put_columns(page, view);
}

void app_draw_help(struct app *app)
{
	struct page page = { 1, screen_rows() - 2, app->help_top, 0 };
	put_all(&page, app_view(app));
	if (app->help_top + (size_t)page.height > page.count) {
		app->help_top = page.count > (size_t)page.height ? page.count - (size_t)page.height : 0;
		screen_clear();
		page = (struct page){ 1, screen_rows() - 2, app->help_top, 0 };
		put_all(&page, app_view(app));
	}
	screen_put(0, 0, screen_columns(), "polyton: help", TEXT_STRONG, LOOK_BAR);
	screen_put(screen_rows() - 1, 0, screen_columns(), "arrows, PgUp, PgDn: scroll   q, Esc, ?: back", TEXT_PLAIN,
		   LOOK_NONE);
}
