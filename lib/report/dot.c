// Objects on the left, what they share on the right. In a label of Graphviz a backslash begins an escape and an
// ampersand a character reference, even in names.

#include "report/picture.h"

enum { DOT_MAX_THINGS = 200 };

static const char *const colors[] = {
	[POLYTON_SEVERITY_NOTE] = "#dbeafe",
	[POLYTON_SEVERITY_WARNING] = "#fef3c7",
	[POLYTON_SEVERITY_ERROR] = "#fee2e2",
};

static void put_byte(struct out *out, char byte)
{
	if (byte == '"' || byte == '\\')
		out_text(out, "\\");
	out_bytes(out, &byte, 1);
	if (byte == '&')
		out_text(out, "amp;");
}

static void put_label(struct out *out, const char *text)
{
	struct glyph glyph;
	size_t room = glyph_width(text) > PICTURE_NAME ? PICTURE_NAME - 3 : SIZE_MAX;
	bool is_cut = room != SIZE_MAX;
	while (glyph_next(&text, &glyph) && glyph.cells <= room) {
		for (unsigned i = 0; i < glyph.size; i++)
			put_byte(out, glyph.bytes[i]);
		room -= glyph.cells;
	}
	if (is_cut)
		out_text(out, "...");
}

static void put_id(struct out *out, const char *letter, size_t number)
{
	out_text(out, letter);
	out_decimal(out, (int64_t)number);
}

static void put_objects(struct report *report, const struct picture *picture)
{
	for (uint32_t i = 0; i < report->snapshot->objects.count; i++) {
		const struct polyton_object *object = &report->snapshot->objects.items[i];
		if (!picture->has_object[i])
			continue;
		out_text(report->out, "\t");
		put_id(report->out, "o", i);
		out_text(report->out, " [label=\"");
		put_label(report->out, object->name);
		out_text(report->out, object->is_program ? "\", peripheries=2];\n" : "\"];\n");
	}
}

static void put_thing(struct report *report, const struct picture_thing *thing, size_t index)
{
	struct out *out = report->out;
	const char *rest = picture_rest(report, thing);
	out_text(out, "\t");
	put_id(out, "s", index);
	out_text(out, " [shape=box, style=\"filled,rounded\", fillcolor=\"");
	out_text(out, colors[thing->severity]);
	out_text(out, "\", label=\"");
	put_label(out, thing->title);
	for (size_t i = 0; i < thing->name_count && i < PICTURE_MAX_NAMES; i++) {
		out_text(out, "\\n");
		put_label(out, thing->names[i]);
	}
	if (rest[0]) {
		out_text(out, "\\n");
		put_label(out, rest);
	}
	out_text(out, "\"];\n");
	for (uint32_t i = 0; i < report->snapshot->objects.count; i++) {
		if (thing->links[i] == PICTURE_NONE)
			continue;
		out_text(out, "\t");
		put_id(out, "o", i);
		out_text(out, " -- ");
		put_id(out, "s", index);
		out_text(out, thing->links[i] == PICTURE_UNUSED ? " [style=dashed, tooltip=\"not used\"];\n" : ";\n");
	}
}

void dot_write(struct report *report)
{
	struct out *out = report->out;
	struct picture picture;
	if (!picture_make(report, DOT_MAX_THINGS, &picture)) {
		out_fail(out, error_no_memory());
		return;
	}
	out_text(out, "graph polyton {\n\tgraph [rankdir=LR, labelloc=t, fontname=\"sans-serif\", label=\"");
	put_label(out, report->snapshot->subject.name);
	out_text(out, ": ");
	put_label(out, formats_sum(report));
	if (picture.left_out)
		put_label(out, page_format(&report->page, "; %zu not drawn", picture.left_out));
	out_text(out, "\"];\n\tnode [shape=box, fontname=\"sans-serif\", fontsize=11];\n"
		      "\tedge [color=\"#6b7280\"];\n");
	put_objects(report, &picture);
	for (size_t i = 0; i < picture.count; i++)
		put_thing(report, &picture.things[i], i);
	out_text(out, "}\n");
	picture_free(&picture);
}
