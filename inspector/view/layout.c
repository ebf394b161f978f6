// Where two copies of one singleton are laid out differently, side by side.

#include <stdlib.h>
#include <string.h>

#include "cells.h"
#include "tell.h"
#include "words.h"

enum { PART, WHERE, LEFT, RIGHT, COLUMNS };

static const struct column wanted[COLUMNS] = {
	[PART] = { .title = "PART",
		   .help = "of the variable that the copies lay out differently",
		   .least = 18,
		   .keeps_end = true },
	[WHERE] = { .title = "WHERE",
		    .help = "in the variable's own bytes, or in what it points to",
		    .least = 9,
		    .spare = 1 },
	[LEFT] = { .help = "what one object's code takes it for", .least = 20 },
	[RIGHT] = { .help = "what the other object's code takes it for", .least = 20 },
};

static void build(struct frame *frame)
{
	const struct polyton_snapshot *snapshot = frame->shot->snapshot;
	frame->columns = wanted;
	frame->column_count = 0;
	cells_resolve(frame);
	const struct polyton_singleton *singleton = polyton_snapshot_singleton(snapshot, frame->singleton);
	if (!singleton || !singleton->layout_count)
		return;
	frame->own_columns = malloc(sizeof(wanted));
	if (!frame->own_columns)
		return;
	memcpy(frame->own_columns, wanted, sizeof(wanted));
	for (int side = 0; side < 2; side++) {
		const struct polyton_copy *copy = polyton_snapshot_copy(snapshot, singleton->layout_copies[side]);
		frame->own_columns[LEFT + side].title = word_holder(snapshot, copy);
	}
	frame->columns = frame->own_columns;
	frame->column_count = COLUMNS;
	for (uint32_t i = 0; i < singleton->layout_count; i++) {
		const struct polyton_layout_row *part = &singleton->layout[i];
		frame_add(frame, (struct row){ .identity = text_hash(part->is_behind_pointer, part->path),
					       .index = i,
					       .parent = POLYTON_NONE });
	}
}

static const struct polyton_layout_row *part_of(const struct frame *frame, const struct row *row)
{
	return &polyton_snapshot_singleton(frame->shot->snapshot, frame->singleton)->layout[row->index];
}

static void cell(const struct frame *frame, const struct row *row, unsigned column, struct text *ret)
{
	const struct polyton_layout_row *part = part_of(frame, row);
	if (column == PART) {
		text_put(ret, part->path[0] ? part->path : "(the variable)");
		return;
	}
	if (column == WHERE) {
		text_put(ret, part->is_behind_pointer ? "pointee" : "own bytes");
		return;
	}
	const struct polyton_layout_side *side = &part->side[column - LEFT];
	text_put(ret, side->is_there ? side->text : "not there");
	ret->style = side->is_there ? TEXT_PLAIN : TEXT_WARNING;
}

static void tell(const struct frame *frame, const struct row *row, unsigned column, unsigned width, struct text *ret)
{
	(void)column, (void)width;
	if (!row || frame->singleton == POLYTON_NONE)
		return;
	const struct polyton_layout_row *part = part_of(frame, row);
	text_print(ret, "part: %s%s\n", part->path[0] ? part->path : "(the variable)",
		   part->is_behind_pointer ? " (behind a pointer)" : "");
	for (int side = 0; side < 2; side++)
		text_print(ret, "in %s: %s\n", frame->columns[LEFT + side].title,
			   part->side[side].is_there ? part->side[side].text : "not there");
	text_print(ret, "Code that was compiled for one of them would damage the other.\n");
}

static void title(const struct frame *frame, struct text *ret)
{
	const struct polyton_singleton *singleton =
		frame->shot ? polyton_snapshot_singleton(frame->shot->snapshot, frame->singleton) : NULL;
	uint32_t own = 0;
	if (!singleton)
		return;
	for (uint32_t i = 0; i < singleton->layout_count; i++)
		own += !singleton->layout[i].is_behind_pointer;
	text_print(ret, "%s: %u part%s differ%s", singleton->name, own, own == 1 ? "" : "s", own == 1 ? "s" : "");
	if (own < singleton->layout_count)
		text_print(ret, ", %u behind pointers", singleton->layout_count - own);
}

const struct view_kind layout_view = {
	.name = "Layout",
	.help = "where two copies of the selected singleton are laid out differently",
	.empty = "No two copies of this singleton are known to be laid out differently.",
	.build = build,
	.cell = cell,
	.tell = tell,
	.title = title,
};
