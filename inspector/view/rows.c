// Identities are hashes: a table of places, open addressing, never more than half full.

#include "rows.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS_FIRST = 64 };

struct row *frame_add(struct frame *frame, struct row row)
{
	if (frame->count == frame->room) {
		size_t room = frame->room ? 2 * frame->room : ROWS_FIRST;
		struct row *grown = reallocarray(frame->rows, room, sizeof(*grown));
		if (!grown)
			return NULL;
		frame->rows = grown;
		frame->room = room;
	}
	frame->rows[frame->count] = row;
	if (row.parent != POLYTON_NONE)
		frame->rows[row.parent].has_rows = true;
	return &frame->rows[frame->count++];
}

void frame_clear(struct frame *frame)
{
	free(frame->rows);
	free(frame->slots);
	free(frame->own_columns);
	text_deinit(&frame->lines);
	*frame = (struct frame){ 0 };
}

void frame_index(struct frame *frame)
{
	size_t count = ROWS_FIRST;
	free(frame->slots);
	while (count < 2 * frame->count)
		count *= 2;
	frame->slots = malloc(count * sizeof(*frame->slots));
	frame->slot_count = frame->slots ? count : 0;
	if (!frame->slots)
		return;
	memset(frame->slots, 0xff, count * sizeof(*frame->slots));
	for (uint32_t i = 0; i < frame->count; i++) {
		struct row *row = &frame->rows[i];
		// Of two that are alike in all that is known of them, the order tells which is which.
		while (frame_find(frame, row->identity))
			row->identity += UINT64_C(0x9e3779b97f4a7c15);
		size_t slot = row->identity & (count - 1);
		while (frame->slots[slot] != POLYTON_NONE)
			slot = (slot + 1) & (count - 1);
		frame->slots[slot] = i;
	}
}

const struct row *frame_find(const struct frame *frame, uint64_t identity)
{
	if (!frame->slot_count)
		return NULL;
	size_t slot = identity & (frame->slot_count - 1);
	for (; frame->slots[slot] != POLYTON_NONE; slot = (slot + 1) & (frame->slot_count - 1)) {
		if (frame->rows[frame->slots[slot]].identity == identity)
			return &frame->rows[frame->slots[slot]];
	}
	return NULL;
}

uint32_t frame_column(const struct frame *frame, const struct frame *other, unsigned index)
{
	if (!other->columns[index].key)
		return index < frame->column_count ? index : POLYTON_NONE;
	for (unsigned i = 0; i < frame->column_count; i++) {
		if (frame->columns[i].key == other->columns[index].key)
			return i;
	}
	return POLYTON_NONE;
}
