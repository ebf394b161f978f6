// The value of one cell, part by part. Without debug info it is its bytes.

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cells.h"
#include "tell.h"
#include "words.h"

enum { PART, VALUE, TYPE };
enum { VALUE_LINE = 16, VALUE_DEEPEST = 64, VALUE_UNFOLDED = 3 };

static const struct column columns[] = {
	[PART] = { .title = "PART", .help = "of the variable", .least = 20, .is_tree = true },
	[VALUE] = { .title = "VALUE", .help = "what it holds", .least = 24 },
	[TYPE] = { .title = "TYPE", .help = "as its language spells it", .least = 16, .spare = 1 },
};

static void add_parts(struct frame *frame, const struct polyton_value *value)
{
	uint32_t parents[VALUE_DEEPEST] = { 0 };
	for (uint32_t i = 0; i < value->row_count; i++) {
		const struct polyton_value_row *part = &value->rows[i];
		uint32_t depth = part->depth < VALUE_DEEPEST ? part->depth : VALUE_DEEPEST - 1;
		uint32_t parent = depth ? parents[depth - 1] : POLYTON_NONE;
		uint64_t above = parent == POLYTON_NONE ? 0 : frame->rows[parent].identity;
		parents[depth] = (uint32_t)frame->count;
		if (!frame_add(frame, (struct row){ .identity = text_hash(above, part->label),
						    .index = i,
						    .parent = parent,
						    .level = (unsigned char)depth,
						    .begins_folded = depth >= VALUE_UNFOLDED }))
			return;
	}
}

static void build(struct frame *frame)
{
	frame->columns = columns;
	frame->column_count = sizeof(columns) / sizeof(columns[0]);
	cells_resolve(frame);
	if (!frame->value)
		return;
	if (frame->value->row_count) {
		add_parts(frame, frame->value);
		return;
	}
	for (uint32_t at = 0; at < frame->value->size; at += VALUE_LINE)
		frame_add(frame,
			  (struct row){ .identity = at + 1u, .index = at, .parent = POLYTON_NONE, .kind = ROW_PART });
}

static void put_bytes(const struct polyton_value *value, uint32_t from, unsigned column, struct text *ret)
{
	uint32_t end = value->size - from > VALUE_LINE ? from + VALUE_LINE : value->size;
	if (column == PART)
		text_print(ret, "+0x%x", from);
	for (uint32_t i = from; i < end && column != PART; i++) {
		int byte = value->bytes[i];
		if (column == VALUE)
			text_print(ret, "%s%02x", i > from ? " " : "", byte);
		else
			text_print(ret, "%c", byte >= 0x20 && byte < 0x7f ? byte : '.');
	}
}

static void cell(const struct frame *frame, const struct row *row, unsigned column, struct text *ret)
{
	if (row->kind == ROW_PART) {
		put_bytes(frame->value, row->index, column, ret);
		return;
	}
	const struct polyton_value_row *part = &frame->value->rows[row->index];
	if (column == PART)
		text_put(ret, part->label[0] ? part->label : "(the variable)");
	else
		text_put(ret, column == VALUE ? part->text : part->type);
}

static void tell(const struct frame *frame, const struct row *row, unsigned column, unsigned width, struct text *ret)
{
	(void)column, (void)width;
	if (!row || frame->copy == POLYTON_NONE || !frame->value)
		return;
	if (row->kind == ROW_PART) {
		text_print(ret, "words: ");
		text_put(ret, frame->value->text);
		text_print(ret, "\n");
		tell_copy(frame->shot, frame->copy, ret);
		return;
	}
	const struct polyton_value_row *part = &frame->value->rows[row->index];
	if (part->label[0])
		text_print(ret, "part: %s\n", part->label);
	if (part->type[0])
		text_print(ret, "type: %s\n", part->type);
	if (part->text[0])
		text_print(ret, "value: %s\n", part->text);
}

static void title(const struct frame *frame, struct text *ret)
{
	const struct polyton_snapshot *snapshot = frame->shot ? frame->shot->snapshot : NULL;
	if (!snapshot || frame->singleton == POLYTON_NONE || frame->copy == POLYTON_NONE)
		return;
	text_print(ret, "%s in %s", polyton_snapshot_singleton(snapshot, frame->singleton)->name,
		   word_holder(snapshot, polyton_snapshot_copy(snapshot, frame->copy)));
	if (frame->thread != POLYTON_NONE) {
		text_print(ret, ", thread ");
		cells_thread(snapshot, frame->thread, ret);
	}
}

const struct view_kind value_view = {
	.name = "Value",
	.help = "one copy's value in one thread, part by part",
	.empty = "This cell has no value now: the thread has never touched it, or is gone.",
	.build = build,
	.cell = cell,
	.tell = tell,
	.title = title,
};
