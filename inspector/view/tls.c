// Who takes how much of the block that every thread gets, and what is left of it.

#include <inttypes.h>
#include <stdio.h>

#include "view.h"
#include "words.h"

enum { NAME, SIZE, PLACEMENT, SHARE, MODULE, ALIGN, OFFSET };
enum { TLS_BAR = 20, TLS_PERCENT = 100 };

static const struct column columns[] = {
	[NAME] = { .title = "NAME", .help = "the object", .least = 16, .keeps_end = true },
	[SIZE] = { .title = "BYTES", .help = "of its thread-locals", .least = 6, .is_number = true },
	[PLACEMENT] = { .title = "PLACE",
			.help = "static: in the block; dynamic: outside, at first touch",
			.least = 9 },
	[SHARE] = { .title = "SHARE OF THE BLOCK",
		    .help = "what of the static block it takes",
		    .least = TLS_BAR + 7,
		    .by_number = true },
	[MODULE] = { .title = "ID", .help = "the loader's number of it", .least = 3, .is_number = true, .spare = 3 },
	[ALIGN] = { .title = "ALIGN", .help = "alignment", .least = 5, .is_number = true, .spare = 2 },
	[OFFSET] = { .title = "OFFSET",
		     .help = "how far before the thread pointer",
		     .least = 8,
		     .is_number = true,
		     .spare = 1 },
};

static void build(struct frame *frame)
{
	const struct polyton_snapshot *snapshot = frame->shot->snapshot;
	frame->columns = columns;
	frame->column_count = sizeof(columns) / sizeof(columns[0]);
	for (uint32_t i = 0; i < polyton_snapshot_object_count(snapshot); i++) {
		const struct polyton_object *object = polyton_snapshot_object(snapshot, i);
		if (object->tls_placement != POLYTON_TLS_NONE)
			frame_add(frame, (struct row){ .identity = shot_object_identity(object),
						       .index = i,
						       .parent = POLYTON_NONE });
	}
}

static void put_bar(unsigned full, unsigned width, struct text *ret)
{
	text_print(ret, "[");
	for (unsigned i = 0; i < width; i++)
		text_print(ret, "%s", i >= full ? (word_is_ascii() ? "-" : "░") : word_is_ascii() ? "#" : "█");
	text_print(ret, "]");
}

static unsigned share_of(uint64_t part, uint64_t whole, unsigned scale)
{
	unsigned share = whole ? (unsigned)((part * scale + whole / 2) / whole) : 0;
	return share > scale ? scale : share;
}

static void put_number(uint64_t number, const char *format, struct text *ret)
{
	char digits[32];
	snprintf(digits, sizeof(digits), *format == 'x' ? "0x%" PRIx64 : "%" PRIu64, number);
	ret->number = (int64_t)number;
	text_put(ret, digits);
}

static void cell(const struct frame *frame, const struct row *row, unsigned column, struct text *ret)
{
	const struct polyton_object *object = polyton_snapshot_object(frame->shot->snapshot, row->index);
	const struct polyton_tls_budget *budget = polyton_snapshot_tls_budget(frame->shot->snapshot);
	bool is_static = object->tls_placement == POLYTON_TLS_STATIC;
	switch (column) {
	case NAME:
		text_put(ret, object->name);
		break;
	case SIZE:
		put_number(object->tls_size, "d", ret);
		break;
	case PLACEMENT:
		text_put(ret, word_placement[object->tls_placement]);
		break;
	case SHARE:
		ret->number = is_static ? (int64_t)object->tls_size : -1;
		if (!is_static || !budget->is_known)
			break;
		put_bar(share_of(object->tls_size, budget->size, TLS_BAR), TLS_BAR, ret);
		text_print(ret, " %u%%", share_of(object->tls_size, budget->size, TLS_PERCENT));
		break;
	case MODULE:
		if (object->tls_module)
			put_number(object->tls_module, "d", ret);
		break;
	case ALIGN:
		put_number(object->tls_align, "d", ret);
		break;
	default:
		if (is_static && object->tls_module)
			put_number(object->tls_offset, "x", ret);
		break;
	}
}

static void tell(const struct frame *frame, const struct row *row, unsigned column, unsigned width, struct text *ret)
{
	const struct polyton_tls_budget *budget = polyton_snapshot_tls_budget(frame->shot->snapshot);
	(void)column, (void)row;
	if (!budget->is_known) {
		text_print(ret, "How much is left of the static block is not known%s%s.\n",
			   budget->why[0] ? ": " : "", budget->why);
		return;
	}
	unsigned bar = width > TLS_BAR + 20 ? width - 16 : TLS_BAR;
	put_bar(share_of(budget->used, budget->size, bar), bar, ret);
	text_print(ret, " %u%% used\n", share_of(budget->used, budget->size, TLS_PERCENT));
	text_print(ret,
		   "Every thread has a static block of %" PRIu64 " bytes for thread-locals; %" PRIu64
		   " of them are used, %" PRIu64 " are left for objects that are loaded later.\n",
		   budget->size, budget->used, budget->free);
	text_print(ret,
		   "The loader set %" PRIu64 " bytes aside for them at the start. An object that must have its "
		   "thread-locals there cannot be loaded once they are used up.\n",
		   budget->surplus);
}

static void title(const struct frame *frame, struct text *ret)
{
	const struct polyton_tls_budget *budget = polyton_snapshot_tls_budget(frame->shot->snapshot);
	text_print(ret, "Thread-locals by object");
	if (budget->is_known)
		text_print(ret, ", %" PRIu64 " of %" PRIu64 " bytes of the static block left", budget->free,
			   budget->size);
}

const struct view_kind tls_view = {
	.name = "Static TLS",
	.help = "the block of thread-locals that every thread has, and who uses it",
	.empty = "No object has thread-locals.",
	.build = build,
	.cell = cell,
	.tell = tell,
	.title = title,
};
