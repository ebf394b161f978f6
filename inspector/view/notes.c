// What is not about one singleton: findings about objects, and what could not be seen, or was left out, and why.

#include <string.h>

#include "tell.h"
#include "view.h"
#include "words.h"

enum { WHAT, OBJECT, TEXT };
enum { FINDING, NOTE, DROPPED };

static const struct column columns[] = {
	[WHAT] = { .title = "WHAT",
		   .help = "a finding by its rule, a note, or a loss: what looking failed at",
		   .least = 13 },
	[OBJECT] = { .title = "OBJECT",
		     .help = "the object that it is about",
		     .least = 12,
		     .most = 24,
		     .keeps_end = true },
	[TEXT] = { .title = "TEXT", .help = "what there is to say", .least = 20 },
};

static bool is_shown(const struct frame *frame, uint32_t index)
{
	const struct polyton_finding *finding = polyton_snapshot_finding(frame->shot->snapshot, index);
	return finding->singleton == POLYTON_NONE && (shot_reports(frame->shot, index) || frame->world->shows_all);
}

static void build(struct frame *frame)
{
	const struct polyton_snapshot *snapshot = frame->shot->snapshot;
	frame->columns = columns;
	frame->column_count = sizeof(columns) / sizeof(columns[0]);
	for (uint32_t i = 0; i < polyton_snapshot_finding_count(snapshot); i++) {
		if (is_shown(frame, i))
			frame_add(frame, (struct row){ .identity = text_hash(
							       1, polyton_snapshot_finding(snapshot, i)->fingerprint),
						       .index = i,
						       .parent = POLYTON_NONE,
						       .kind = FINDING });
	}
	for (uint32_t i = 0; i < polyton_snapshot_note_count(snapshot); i++) {
		const struct polyton_note *note = polyton_snapshot_note(snapshot, i);
		const struct polyton_object *object = polyton_snapshot_object(snapshot, note->object);
		frame_add(frame,
			  (struct row){ .identity = text_hash(object ? shot_object_identity(object) : 2, note->text),
					.index = i,
					.parent = POLYTON_NONE,
					.kind = NOTE });
	}
	for (uint32_t i = 0; frame->world->shows_all && i < polyton_snapshot_dropped_count(snapshot); i++)
		frame_add(frame,
			  (struct row){ .identity = text_hash(3, polyton_snapshot_dropped(snapshot, i)->reason),
					.index = i,
					.parent = POLYTON_NONE,
					.kind = DROPPED });
}

static void finding_cell(const struct frame *frame, uint32_t index, unsigned column, struct text *ret)
{
	static const enum text_style styles[] = { TEXT_NOTE, TEXT_WARNING, TEXT_ERROR };
	const struct polyton_snapshot *snapshot = frame->shot->snapshot;
	const struct polyton_finding *finding = polyton_snapshot_finding(snapshot, index);
	int severity = shot_severity(frame->shot, index);
	if (column == WHAT) {
		text_print(ret, "%s %s", severity < 0 ? "suppressed" : word_severity[severity], finding->rule);
		ret->style = severity < 0 ? TEXT_PLAIN : styles[severity];
	} else if (column == OBJECT) {
		const struct polyton_object *object = polyton_snapshot_object(snapshot, finding->object);
		if (object)
			text_put(ret, object->name);
		else
			tell_objects(snapshot, finding->objects, finding->object_count, ret);
	} else {
		text_put(ret, finding->headline);
	}
}

static void note_cell(const struct frame *frame, uint32_t index, unsigned column, struct text *ret)
{
	const struct polyton_note *note = polyton_snapshot_note(frame->shot->snapshot, index);
	const struct polyton_object *object = polyton_snapshot_object(frame->shot->snapshot, note->object);
	if (column == WHAT) {
		text_put(ret, note->is_loss ? "could not see" : "note");
		ret->style = note->is_loss ? TEXT_WARNING : TEXT_NOTE;
	} else if (column == OBJECT) {
		text_put(ret, object ? object->name : "");
	} else {
		text_put(ret, note->text);
	}
}

static void dropped_cell(const struct frame *frame, uint32_t index, unsigned column, struct text *ret)
{
	const struct polyton_dropped *dropped = polyton_snapshot_dropped(frame->shot->snapshot, index);
	if (column == WHAT)
		text_put(ret, "left out");
	else if (column == TEXT)
		text_print(ret, "%u names: %s", dropped->count, dropped->reason);
}

static void cell(const struct frame *frame, const struct row *row, unsigned column, struct text *ret)
{
	if (row->kind == FINDING)
		finding_cell(frame, row->index, column, ret);
	else if (row->kind == NOTE)
		note_cell(frame, row->index, column, ret);
	else
		dropped_cell(frame, row->index, column, ret);
}

static void tell(const struct frame *frame, const struct row *row, unsigned column, unsigned width, struct text *ret)
{
	struct text part = { 0 };
	(void)column, (void)width;
	if (!row)
		return;
	// A finding's sentence names its objects; so may a note.
	cell(frame, row, row->kind == FINDING ? WHAT : OBJECT, &part);
	text_put(ret, text_bytes(&part));
	text_print(ret, part.used ? ": " : "");
	text_clear(&part);
	cell(frame, row, TEXT, &part);
	text_print(ret, "%s\n", text_bytes(&part));
	text_deinit(&part);
	const struct polyton_finding *finding =
		row->kind == FINDING ? polyton_snapshot_finding(frame->shot->snapshot, row->index) : NULL;
	if (finding && finding->detail[0])
		text_print(ret, "%s\n", finding->detail);
	if (finding && finding->reason)
		tell_reason(finding->reason, ret);
}

static void title(const struct frame *frame, struct text *ret)
{
	uint32_t losses = 0, count = polyton_snapshot_note_count(frame->shot->snapshot);
	for (uint32_t i = 0; i < count; i++)
		losses += polyton_snapshot_note(frame->shot->snapshot, i)->is_loss;
	text_print(ret, "Findings about objects, and notes");
	if (losses)
		text_print(ret, ": looking failed %u time%s", losses, losses == 1 ? "" : "s");
}

const struct view_kind notes_view = {
	.name = "Notes",
	.help = "findings about objects, and what could not be seen",
	.empty = "Nothing to note: all could be seen.",
	.build = build,
	.cell = cell,
	.tell = tell,
	.title = title,
};
