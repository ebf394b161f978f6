// What leaves the screen: a report into a file, and the view as plain text.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../cmd/command.h"
#include "../options.h"
#include "../output.h"
#include "app.h"

static void keep_complaint(void *arg, const char *line)
{
	app_say(arg, true, "%s", line);
}

static bool write_report(struct app *app, const struct sink *sink)
{
	const struct shot *shot = app->world.shots[0];
	const struct polyton_write_options options = {
		.size = sizeof(options),
		.view = POLYTON_VIEW_REPORT,
		.show_all = app->world.shows_all,
		.verdicts = shot->verdicts,
	};
	return sink_check(sink) && sink_write(sink, shot->snapshot, options);
}

void app_export(struct app *app, const char *word)
{
	struct sink sink;
	complain_to(keep_complaint, app);
	if (!sink_parse(word, option_rows[OPTION_FORMAT].choices, &sink))
		app_say(app, true, "The name does not tell the format: end it in .html, or write FORMAT:FILE.");
	else if (write_report(app, &sink))
		app_say(app, false, "The report is in %s.", sink.path);
	complain_to(NULL, NULL);
}

static void print_row(const struct view *view, const struct row *row, struct text *text)
{
	const struct frame *frame = &view->frames[0];
	for (unsigned i = 0; i < frame->column_count; i++) {
		view_cell(view, row, i, text);
		if (i)
			putchar('\t');
		for (int level = 0; frame->columns[i].is_tree && level < row->level; level++)
			fputs("  ", stdout);
		fputs(text_bytes(text), stdout);
	}
	putchar('\n');
}

static void print_view(const struct view *view)
{
	struct text text = { 0 };
	const struct frame *frame = &view->frames[0];
	if (frame->shot || view->list)
		view->kind->title(frame, &text);
	printf("%s\n", text_bytes(&text));
	for (unsigned i = 0; i < frame->column_count && !view->kind->is_text; i++)
		printf("%s%s", i ? "\t" : "", frame->columns[i].title);
	putchar('\n');
	for (size_t i = 0; i < view->shown_count; i++) {
		const struct row *row = view_row(view, i);
		if (!view->marked.count || set_has(&view->marked, row->identity))
			print_row(view, row, &text);
	}
	text_deinit(&text);
}

// Columns are separated by tabs, for a spreadsheet or cut(1).
void app_copy(struct app *app)
{
	char byte;
	screen_leave();
	print_view(app_view(app));
	printf("\nEnter: back to polyton ");
	fflush(stdout);
	do {
		if (read(STDIN_FILENO, &byte, 1) != 1)
			break;
	} while (byte != '\n' && byte != '\r');
	screen_return();
}
