// Which process? Those that may be looked at, with those on top that are worth it.

#include "picker.h"

#include "view.h"
#include "words.h"

enum { FOUND, PID, USER, NAME, COMMAND };

static const struct column columns[] = {
	[FOUND] = { .title = "MORE THAN ONCE",
		    .help = "variables that exist more than once in it",
		    .least = 14,
		    .by_number = true },
	[PID] = { .title = "PID", .help = "its number", .least = 7, .is_number = true },
	[USER] = { .title = "USER", .help = "whose it is", .least = 8, .most = 16, .spare = 1 },
	[NAME] = { .title = "NAME", .help = "of the program", .least = 15 },
	[COMMAND] = { .title = "COMMAND", .help = "with its arguments", .least = 16, .spare = 2 },
};

static void build(struct frame *frame)
{
	const struct picker_list *list = frame->list;
	frame->columns = columns;
	frame->column_count = sizeof(columns) / sizeof(columns[0]);
	for (uint32_t i = 0; list && i < list->count; i++)
		frame_add(frame, (struct row){ .identity = (uint64_t)list->items[i].pid,
					       .index = i,
					       .parent = POLYTON_NONE });
}

static void put_found(const struct picker_process *process, struct text *ret)
{
	ret->number = -(int64_t)process->state;
	switch (process->state) {
	case PICKER_LOOKED:
		ret->number = process->count;
		ret->style = process->count ? TEXT_ERROR : TEXT_PLAIN;
		if (process->count)
			text_print(ret, "%s %u", word_is_ascii() ? "#" : "●", process->count);
		else
			text_put(ret, "none");
		break;
	case PICKER_REFUSED:
		text_put(ret, "not allowed");
		break;
	case PICKER_FAILED:
		text_put(ret, "cannot look");
		break;
	default:
		text_put(ret, "...");
		break;
	}
}

static void cell(const struct frame *frame, const struct row *row, unsigned column, struct text *ret)
{
	const struct picker_process *process = &((const struct picker_list *)frame->list)->items[row->index];
	switch (column) {
	case FOUND:
		put_found(process, ret);
		break;
	case PID:
		ret->number = process->pid;
		text_print(ret, "%d", process->pid);
		break;
	case USER:
		text_put(ret, process->user);
		break;
	case NAME:
		text_put(ret, process->name);
		break;
	default:
		text_put(ret, process->command);
		break;
	}
}

static void tell(const struct frame *frame, const struct row *row, unsigned column, unsigned width, struct text *ret)
{
	(void)column, (void)width;
	if (!row)
		return;
	const struct picker_process *process = &((const struct picker_list *)frame->list)->items[row->index];
	text_print(ret, "%d: %s\n", process->pid, process->command);
	if (process->state == PICKER_LOOKED && process->count)
		text_print(ret, "%u variables exist more than once in it. Enter shows them.\n", process->count);
	else if (process->state == PICKER_LOOKED)
		text_print(ret, "No variable exists more than once in it, as far as can be seen.\n");
	else if (process->why[0])
		text_print(ret, "%s\n", process->why);
	else
		text_print(ret, "Not looked at yet. Enter opens it.\n");
}

static void title(const struct frame *frame, struct text *ret)
{
	const struct picker_list *list = frame->list;
	uint32_t looked = 0, found = 0;
	for (uint32_t i = 0; list && i < list->count; i++) {
		looked += list->items[i].state != PICKER_WAITING;
		found += list->items[i].state == PICKER_LOOKED && list->items[i].count;
	}
	text_print(ret, "Which process? %u of %u looked at, %u with something to see", looked, list ? list->count : 0,
		   found);
}

const struct view_kind picker_view = {
	.name = "Processes",
	.help = "which process to look at",
	.empty = "There is no process that may be looked at.",
	.build = build,
	.cell = cell,
	.tell = tell,
	.title = title,
};
