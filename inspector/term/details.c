// Sentences about what is selected, wrapped between words.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../view/words.h"
#include "app.h"

enum { DETAILS_HANG = 5 }; // "why: "

// Where a paragraph goes on: below what its label is followed by.
static int hang_of(const char *paragraph)
{
	return strncmp(paragraph, "why: ", DETAILS_HANG) == 0 || strncmp(paragraph, "fix: ", DETAILS_HANG) == 0
		       ? DETAILS_HANG
		       : 2;
}

/** Where lines go: counted all, written those that are to be seen. */
struct sheet {
	int row, height;
	size_t top, count;
};

static void put_line(struct sheet *sheet, int column, const char *text, size_t size, bool is_head)
{
	size_t at = sheet->count++;
	char *line = strndup(text, size);
	if (line && at >= sheet->top && at < sheet->top + (size_t)sheet->height)
		screen_put(sheet->row + (int)(at - sheet->top), 1 + column, screen_columns() - 2 - column, line,
			   is_head ? TEXT_STRONG : TEXT_PLAIN, LOOK_NONE);
	free(line);
}

static void put_paragraphs(struct sheet *sheet, const char *text)
{
	int width = screen_columns() - 3;
	bool is_first = true;
	while (*text) {
		int hang = hang_of(text), column = 0;
		do {
			size_t size = text_line(text, (unsigned)(width - column > 8 ? width - column : 8));
			put_line(sheet, column, text, size, is_first);
			text += size;
			while (*text == ' ')
				text++;
			column = hang;
		} while (*text && *text != '\n');
		text += *text == '\n';
		is_first = false;
	}
}

static void draw_rule(struct app *app, int row, const struct sheet *sheet)
{
	struct text line = { 0 };
	const char *dash = word_is_ascii() ? "-" : "─";
	int columns = screen_columns();
	char more[64] = "";
	size_t below = sheet->count > sheet->top + (size_t)sheet->height
			       ? sheet->count - sheet->top - (size_t)sheet->height
			       : 0;
	if (below)
		snprintf(more, sizeof(more), " %zu more line%s: Tab ", below, below == 1 ? "" : "s");
	if (app->is_in_details)
		snprintf(more, sizeof(more), " %zu more lines; arrows scroll, Tab: back to the list ", below);
	for (int i = 0; i < columns; i++)
		text_print(&line, "%s", dash);
	screen_put(row, 0, columns, text_bytes(&line), TEXT_PLAIN, LOOK_NONE);
	int width = (int)strlen(more);
	if (width && width + 4 < columns)
		screen_put(row, columns - width - 2, width, more, TEXT_PLAIN,
			   app->is_in_details ? LOOK_SELECTED : LOOK_NONE);
	text_deinit(&line);
}

void app_draw_details(struct app *app, int row, int height)
{
	struct text text = { 0 };
	struct sheet sheet = { row + 1, height - 1, app->details_top, 0 };
	view_tell(app_view(app), (unsigned)screen_columns() - 3, &text);
	put_paragraphs(&sheet, text_bytes(&text));
	if (app->details_top && app->details_top + (size_t)sheet.height > sheet.count) {
		app->details_top = sheet.count > (size_t)sheet.height ? sheet.count - (size_t)sheet.height : 0;
		for (int i = 0; i < sheet.height; i++)
			screen_put(sheet.row + i, 0, screen_columns(), "", TEXT_PLAIN, LOOK_NONE);
		sheet.top = app->details_top;
		sheet.count = 0;
		put_paragraphs(&sheet, text_bytes(&text));
	}
	app->details_count = sheet.count;
	app->places.detail_row = row;
	draw_rule(app, row, &sheet);
	text_deinit(&text);
}
