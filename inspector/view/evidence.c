// Everything that is known of one singleton, as "polyton show" prints it.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cells.h"
#include "view.h"
#include "words.h"

enum { EVIDENCE_LEAST = 40 };

static const struct column columns[] = {
	{ .title = "", .help = "", .least = EVIDENCE_LEAST },
};

static int take(void *arg, const char *bytes, size_t count)
{
	return fwrite(bytes, 1, count, arg) == count ? 0 : ENOMEM;
}

// What the library writes is harmless, and in UTF-8; what this terminal cannot show comes out escaped.
static struct polyton_error *write(const struct frame *frame, const char *name, struct text *ret)
{
	const struct polyton_write_options options = {
		.size = sizeof(options),
		.view = POLYTON_VIEW_SHOW,
		.name = name,
		.columns = frame->width > EVIDENCE_LEAST ? frame->width : EVIDENCE_LEAST,
	};
	char *bytes = NULL;
	size_t size = 0;
	struct polyton_error *error = NULL;
	FILE *file = open_memstream(&bytes, &size);
	text_clear(ret);
	if (!file)
		return NULL;
	error = polyton_snapshot_write(frame->shot->snapshot, &options, take, file);
	if (fclose(file) == 0 && !error)
		text_put_lines(ret, bytes);
	free(bytes);
	return error;
}

// By its name; if others are called so, by that of its library in front, or by its symbol.
static void write_any(struct frame *frame, const struct polyton_singleton *singleton)
{
	const struct polyton_snapshot *snapshot = frame->shot->snapshot;
	struct text full = { 0 };
	text_print(&full, "%s::%s", polyton_snapshot_library(snapshot, singleton->library)->name, singleton->name);
	const char *names[] = { singleton->name, text_bytes(&full),
				polyton_snapshot_copy(snapshot, singleton->first_copy)->symbol };
	struct polyton_error *error = NULL;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		polyton_error_destroy(error);
		error = write(frame, names[i], &frame->lines);
		if (!error)
			break;
	}
	if (error) {
		text_clear(&frame->lines);
		text_print(&frame->lines, "%s\n", polyton_error_message(error));
	}
	polyton_error_destroy(error);
	text_deinit(&full);
}

static void build(struct frame *frame)
{
	frame->columns = columns;
	frame->column_count = 1;
	cells_resolve(frame);
	const struct polyton_singleton *singleton =
		polyton_snapshot_singleton(frame->shot->snapshot, frame->singleton);
	if (!singleton)
		return;
	write_any(frame, singleton);
	const char *lines = text_bytes(&frame->lines);
	uint64_t number = 0;
	for (const char *at = lines; *at; number++) {
		frame_add(frame, (struct row){ .identity = number + 1,
					       .index = (uint32_t)(at - lines),
					       .parent = POLYTON_NONE });
		at += strcspn(at, "\n");
		at += *at == '\n';
	}
}

static void cell(const struct frame *frame, const struct row *row, unsigned column, struct text *ret)
{
	const char *line = text_bytes(&frame->lines) + row->index;
	(void)column;
	text_print(ret, "%.*s", (int)strcspn(line, "\n"), line);
}

static void title(const struct frame *frame, struct text *ret)
{
	const struct polyton_singleton *singleton =
		frame->shot ? polyton_snapshot_singleton(frame->shot->snapshot, frame->singleton) : NULL;
	text_print(ret, "All that is known of %s", singleton ? singleton->name : "a singleton");
}

const struct view_kind evidence_view = {
	.name = "Evidence",
	.help = "all that is known of the selected singleton, as 'polyton show' prints it",
	.empty = "Select a singleton in view 1 and press 7.",
	.is_text = true,
	.build = build,
	.cell = cell,
	.title = title,
};
