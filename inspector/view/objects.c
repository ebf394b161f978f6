// What is loaded, and what each object brings along.

#include <inttypes.h>
#include <string.h>

#include "tell.h"
#include "view.h"
#include "words.h"

enum { NAME, BRINGS, TLS, PLACEMENT, MODULE, NAMESPACE, SYMBOLS, BUILD_ID, PATH };
enum { OBJECTS_BUILD_ID = 12, OBJECTS_LISTED = 40 };

static const struct column columns[] = {
	[NAME] = { .title = "NAME", .help = "of its file", .least = 16, .keeps_end = true },
	[BRINGS] = { .title = "BRINGS",
		     .help = "how many variables that exist more than once it has a copy of",
		     .least = 6,
		     .is_number = true },
	[TLS] = { .title = "TLS",
		  .help = "bytes of its thread-locals, in each thread",
		  .least = 5,
		  .is_number = true },
	[PLACEMENT] = { .title = "PLACE",
			.help = "static: in each thread from the start; dynamic: at first touch",
			.least = 7 },
	[MODULE] = { .title = "ID",
		     .help = "the loader's number of its thread-locals",
		     .least = 3,
		     .is_number = true,
		     .spare = 4 },
	[NAMESPACE] = { .title = "NS",
			.help = "namespace: 0, or one of dlmopen()",
			.least = 2,
			.is_number = true,
			.spare = 3 },
	[SYMBOLS] = { .title = "SYMBOLS", .help = "where the names of its variables come from", .least = 13 },
	[BUILD_ID] = { .title = "BUILD ID",
		       .help = "what its file is known by",
		       .least = OBJECTS_BUILD_ID,
		       .spare = 2 },
	[PATH] = { .title = "PATH", .help = "as the loader names it", .least = 20, .keeps_end = true, .spare = 1 },
};

static void build(struct frame *frame)
{
	const struct polyton_snapshot *snapshot = frame->shot->snapshot;
	frame->columns = columns;
	frame->column_count = sizeof(columns) / sizeof(columns[0]);
	for (uint32_t i = 0; i < polyton_snapshot_object_count(snapshot); i++) {
		const struct polyton_object *object = polyton_snapshot_object(snapshot, i);
		frame_add(frame, (struct row){ .identity = shot_object_identity(object),
					       .index = i,
					       .parent = POLYTON_NONE });
	}
}

static bool is_brought(const struct frame *frame, const struct polyton_copy *copy, uint32_t object)
{
	return copy->object == object && (frame->world->shows_all || frame->shot->ranks[copy->singleton]);
}

static void put_number(uint64_t number, struct text *ret)
{
	ret->number = (int64_t)number;
	if (number)
		text_print(ret, "%" PRIu64, number);
}

static void cell(const struct frame *frame, const struct row *row, unsigned column, struct text *ret)
{
	const struct polyton_object *object = polyton_snapshot_object(frame->shot->snapshot, row->index);
	switch (column) {
	case NAME:
		text_put(ret, object->name);
		break;
	case BRINGS:
		put_number((frame->world->shows_all ? frame->shot->all_brought : frame->shot->brought)[row->index],
			   ret);
		break;
	case TLS:
		put_number(object->tls_size, ret);
		break;
	case PLACEMENT:
		text_put(ret, object->tls_placement ? word_placement[object->tls_placement] : "");
		break;
	case MODULE:
		put_number(object->tls_module, ret);
		break;
	case NAMESPACE:
		ret->number = object->name_space;
		text_print(ret, "%u", object->name_space);
		break;
	case SYMBOLS:
		text_put(ret, word_symbols[object->symbols]);
		ret->style = object->symbols == POLYTON_SYMBOLS_NONE ? TEXT_WARNING : TEXT_PLAIN;
		break;
	case BUILD_ID:
		text_print(ret, "%.*s", OBJECTS_BUILD_ID, object->build_id);
		break;
	default:
		text_put(ret, object->path);
		break;
	}
}

static void tell_brought(const struct frame *frame, uint32_t object, struct text *ret)
{
	const struct polyton_snapshot *snapshot = frame->shot->snapshot;
	uint32_t count = 0;
	for (uint32_t i = 0; i < polyton_snapshot_copy_count(snapshot); i++) {
		const struct polyton_copy *copy = polyton_snapshot_copy(snapshot, i);
		if (!is_brought(frame, copy, object))
			continue;
		if (count < OBJECTS_LISTED)
			text_print(ret, "%s%s", count ? ", " : "brings copies of: ",
				   polyton_snapshot_singleton(snapshot, copy->singleton)->name);
		count++;
	}
	if (count > OBJECTS_LISTED)
		text_print(ret, " and %u more", count - OBJECTS_LISTED);
	text_print(ret, count ? "\n" : "brings no variable that exists more than once\n");
}

static void tell(const struct frame *frame, const struct row *row, unsigned column, unsigned width, struct text *ret)
{
	(void)column, (void)width;
	if (!row)
		return;
	const struct polyton_object *object = polyton_snapshot_object(frame->shot->snapshot, row->index);
	text_print(ret, "path: %s (file: %s)\n", object->path, word_file_state[object->file_state]);
	text_print(ret, "build id: %s\n", object->build_id[0] ? object->build_id : "none");
	text_print(ret, "namespace %u, loaded at 0x%" PRIx64 "\n", object->name_space, object->start);
	if (object->tls_placement)
		text_print(ret, "thread-locals: %" PRIu64 " bytes, %s, module %" PRIu64 "%s\n", object->tls_size,
			   word_placement[object->tls_placement], object->tls_module,
			   object->is_initial_exec ? ", must be static" : "");
	tell_brought(frame, row->index, ret);
	for (uint32_t i = 0; i < polyton_snapshot_finding_count(frame->shot->snapshot); i++) {
		const struct polyton_finding *finding = polyton_snapshot_finding(frame->shot->snapshot, i);
		if (finding->object == row->index)
			text_print(ret, "%s: %s %s\n", finding->rule, finding->headline, finding->detail);
	}
}

static void title(const struct frame *frame, struct text *ret)
{
	text_print(ret, "%u objects are loaded", polyton_snapshot_object_count(frame->shot->snapshot));
}

const struct view_kind objects_view = {
	.name = "Objects",
	.help = "what is loaded, and what each object brings",
	.empty = "No objects.",
	.build = build,
	.cell = cell,
	.tell = tell,
	.title = title,
};
