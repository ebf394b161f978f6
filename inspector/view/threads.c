// Who runs, and where the thread-locals of each hang.

#include <inttypes.h>

#include "cells.h"
#include "view.h"
#include "words.h"

enum { TID, NAME, STATE, SET, TCB, WHY };
enum { THREADS_LISTED = 40 };

static const struct column columns[] = {
	[TID] = { .title = "TID", .help = "the kernel's number of the thread", .least = 7, .is_number = true },
	[NAME] = { .title = "NAME", .help = "as the program named it", .least = 15 },
	[STATE] = { .title = "STATE", .help = "ready: its thread-locals can be read", .least = 8 },
	[SET] = { .title = "SET",
		  .help = "copies of thread-locals that exist more than once and that it has set",
		  .least = 4,
		  .is_number = true },
	[TCB] = { .title = "TCB", .help = "address of its thread control block", .least = 14, .is_number = true },
	[WHY] = { .title = "WHY", .help = "why its thread-locals are not known", .least = 10, .spare = 1 },
};

static void build(struct frame *frame)
{
	const struct polyton_snapshot *snapshot = frame->shot->snapshot;
	frame->columns = columns;
	frame->column_count = sizeof(columns) / sizeof(columns[0]);
	for (uint32_t i = 0; i < polyton_snapshot_thread_count(snapshot); i++) {
		uint64_t tid = (uint64_t)polyton_snapshot_thread(snapshot, i)->tid;
		frame_add(frame, (struct row){ .identity = tid, .index = i, .parent = POLYTON_NONE });
	}
}

static bool is_set_in(const struct frame *frame, uint32_t index, uint32_t thread)
{
	const struct polyton_copy *copy = polyton_snapshot_copy(frame->shot->snapshot, index);
	if (!frame->world->shows_all && !frame->shot->ranks[copy->singleton])
		return false;
	const struct polyton_cell *cell = thread < copy->cell_count ? cells_at(copy, thread) : NULL;
	return cell && word_is_set(cell);
}

static void cell(const struct frame *frame, const struct row *row, unsigned column, struct text *ret)
{
	const struct polyton_snapshot *snapshot = frame->shot->snapshot;
	const struct polyton_thread *thread = polyton_snapshot_thread(snapshot, row->index);
	switch (column) {
	case TID:
		ret->number = thread->tid;
		text_print(ret, "%d", thread->tid);
		break;
	case NAME:
		text_put(ret, thread->name);
		break;
	case STATE:
		text_put(ret, word_thread_state[thread->state]);
		ret->style = thread->state == POLYTON_THREAD_READY ? TEXT_PLAIN : TEXT_WARNING;
		break;
	case SET:
		for (uint32_t i = 0; i < polyton_snapshot_copy_count(snapshot); i++)
			ret->number += is_set_in(frame, i, row->index);
		text_print(ret, "%d", (int)ret->number);
		break;
	case TCB:
		ret->number = (int64_t)thread->tcb;
		if (thread->tcb)
			text_print(ret, "0x%" PRIx64, thread->tcb);
		break;
	default:
		text_put(ret, thread->why);
		break;
	}
}

static void tell_set(const struct frame *frame, uint32_t thread, struct text *ret)
{
	const struct polyton_snapshot *snapshot = frame->shot->snapshot;
	uint32_t count = 0;
	for (uint32_t i = 0; i < polyton_snapshot_copy_count(snapshot); i++) {
		const struct polyton_copy *copy = polyton_snapshot_copy(snapshot, i);
		if (!is_set_in(frame, i, thread))
			continue;
		if (count < THREADS_LISTED)
			text_print(ret, "%s%s in %s", count ? ", " : "has set: ",
				   polyton_snapshot_singleton(snapshot, copy->singleton)->name,
				   word_holder(snapshot, copy));
		count++;
	}
	if (count > THREADS_LISTED)
		text_print(ret, " and %u more", count - THREADS_LISTED);
	text_print(ret, count ? "\n" : "has set no thread-local that exists more than once\n");
}

static void tell(const struct frame *frame, const struct row *row, unsigned column, unsigned width, struct text *ret)
{
	const struct polyton_snapshot *snapshot = frame->shot->snapshot;
	(void)column, (void)width;
	if (!row)
		return;
	const struct polyton_thread *thread = polyton_snapshot_thread(snapshot, row->index);
	text_print(ret, "thread ");
	cells_thread(snapshot, row->index, ret);
	text_print(ret, ": %s", word_thread_state[thread->state]);
	if (thread->state == POLYTON_THREAD_SHARES)
		text_print(ret, " the thread control block of %d", thread->shares_tid);
	if (thread->inner_tid != thread->tid)
		text_print(ret, "; its own namespace numbers it %d", thread->inner_tid);
	text_print(ret, "\n");
	if (thread->why[0])
		text_print(ret, "%s\n", thread->why);
	tell_set(frame, row->index, ret);
}

static void title(const struct frame *frame, struct text *ret)
{
	uint32_t count = polyton_snapshot_thread_count(frame->shot->snapshot);
	text_print(ret, "%u thread%s", count, count == 1 ? "" : "s");
}

const struct view_kind threads_view = {
	.name = "Threads",
	.help = "who runs, and what each has set",
	.empty = "There are no threads: files do not run.",
	.build = build,
	.cell = cell,
	.tell = tell,
	.title = title,
};
