// Objects on the left, what they share on the right, a line for each copy. It has to be small to be read: objects that
// have copies of the very same things are one box, what is worst is drawn, and what is not drawn is counted.
//
// All sizes are units of the drawing's own grid; a cell of its text is a little less than seven of them wide.

#include "report/html.h"
#include "report/picture.h"

enum {
	DRAW_MAX_THINGS = 12,
	DRAW_MAX_BOXES = 16,
	DRAW_FOLD = 8, // objects that are drawn one by one, if there are no more
	DRAW_WIDTH = 960,
	DRAW_LEFT = 280, // width of an object
	DRAW_RIGHT = 370,
	DRAW_LINE = 18,
	DRAW_PAD = 8,
	DRAW_GAP = 14,
	DRAW_OBJECT_NAME = 34, // cells
};

/** Objects that have copies of the same things. */
struct box {
	uint32_t first, count;
	bool is_program;
	int64_t top, height;
};

struct drawing {
	struct report *report;
	const struct picture *picture;
	struct box boxes[DRAW_MAX_BOXES];
	size_t box_count;
	int64_t tops[DRAW_MAX_THINGS], height;
	uint32_t undrawn; ///< Objects.
};

static bool is_linked_alike(const struct picture *picture, uint32_t a, uint32_t b)
{
	for (size_t i = 0; i < picture->count; i++) {
		if (picture->things[i].links[a] != picture->things[i].links[b])
			return false;
	}
	return true;
}

static void add_object(struct drawing *drawing, uint32_t index, bool folds)
{
	bool is_program = drawing->report->snapshot->objects.items[index].is_program;
	for (size_t i = 0; folds && !is_program && i < drawing->box_count; i++) {
		struct box *box = &drawing->boxes[i];
		if (box->is_program || !is_linked_alike(drawing->picture, box->first, index))
			continue;
		box->count++;
		return;
	}
	if (drawing->box_count == DRAW_MAX_BOXES) {
		drawing->undrawn++;
		return;
	}
	drawing->boxes[drawing->box_count++] = (struct box){ index, 1, is_program, 0, DRAW_LINE + 2 * DRAW_PAD };
}

static int64_t thing_height(const struct picture_thing *thing)
{
	size_t lines = thing->name_count > PICTURE_MAX_NAMES ? PICTURE_MAX_NAMES + 1 : thing->name_count;
	return DRAW_LINE * ((int64_t)lines + 1) + 2 * DRAW_PAD;
}

// Each column is spread over the height of the higher one.
static void lay_out(struct drawing *drawing)
{
	int64_t left = 0, right = 0, at;
	size_t boxes = drawing->box_count, things = drawing->picture->count;
	for (size_t i = 0; i < boxes; i++)
		left += drawing->boxes[i].height + DRAW_GAP;
	for (size_t i = 0; i < things; i++)
		right += thing_height(&drawing->picture->things[i]) + DRAW_GAP;
	drawing->height = (left > right ? left : right) + DRAW_GAP;
	int64_t slack = (drawing->height - DRAW_GAP - left) / (int64_t)(boxes + 1);
	at = DRAW_GAP + slack;
	for (size_t i = 0; i < boxes; i++) {
		drawing->boxes[i].top = at;
		at += drawing->boxes[i].height + DRAW_GAP + slack;
	}
	slack = (drawing->height - DRAW_GAP - right) / (int64_t)(things + 1);
	at = DRAW_GAP + slack;
	for (size_t i = 0; i < things; i++) {
		drawing->tops[i] = at;
		at += thing_height(&drawing->picture->things[i]) + DRAW_GAP + slack;
	}
}

static void put_number(struct out *out, const char *name, int64_t number)
{
	out_text(out, name);
	out_decimal(out, number);
	out_text(out, "\"");
}

static void put_rect(struct out *out, int64_t x, int64_t y, int64_t width, int64_t height)
{
	put_number(out, "<rect x=\"", x);
	put_number(out, " y=\"", y);
	put_number(out, " width=\"", width);
	put_number(out, " height=\"", height);
	out_text(out, " rx=\"6\"/>");
}

static void put_line(struct out *out, const char *class, int64_t x, int64_t y, const char *text, size_t limit)
{
	put_number(out, "<text x=\"", x);
	put_number(out, " y=\"", y);
	out_text(out, class);
	markup_cut(out, text, limit);
	out_text(out, "</text>");
}

static void put_box(const struct drawing *drawing, const struct box *box)
{
	struct report *report = drawing->report;
	const char *name = report->snapshot->objects.items[box->first].name;
	out_text(report->out, box->is_program ? "<g class=\"program\">" : "<g>");
	put_rect(report->out, 1, box->top, DRAW_LEFT, box->height);
	if (box->count == 1) {
		put_line(report->out, ">", 1 + DRAW_PAD + 2, box->top + DRAW_PAD + 13, name, DRAW_OBJECT_NAME);
	} else {
		const char *rest = page_format(&report->page, " and %u more", box->count - 1);
		put_number(report->out, "<text x=\"", 1 + DRAW_PAD + 2);
		put_number(report->out, " y=\"", box->top + DRAW_PAD + 13);
		out_text(report->out, ">");
		markup_cut(report->out, name, DRAW_OBJECT_NAME - strlen(rest));
		out_text(report->out, rest);
		out_text(report->out, "</text>");
	}
	out_text(report->out, "</g>\n");
}

static void put_thing(const struct drawing *drawing, size_t index)
{
	static const char *const classes[] = { "note", "warning", "error" };
	struct report *report = drawing->report;
	const struct picture_thing *thing = &drawing->picture->things[index];
	int64_t x = DRAW_WIDTH - DRAW_RIGHT - 1, y = drawing->tops[index] + DRAW_PAD + 13;
	const char *rest = picture_rest(report, thing);
	out_text(report->out, "<g class=\"");
	out_text(report->out, classes[thing->severity]);
	out_text(report->out, "\">");
	put_rect(report->out, x, drawing->tops[index], DRAW_RIGHT, thing_height(thing));
	put_line(report->out, " class=\"title\">", x + DRAW_PAD + 2, y, thing->title, PICTURE_NAME);
	for (size_t i = 0; i < thing->name_count && i < PICTURE_MAX_NAMES; i++)
		put_line(report->out, ">", x + DRAW_PAD + 2, y += DRAW_LINE, thing->names[i], PICTURE_NAME);
	if (rest[0])
		put_line(report->out, " class=\"rest\">", x + DRAW_PAD + 2, y + DRAW_LINE, rest, PICTURE_NAME);
	out_text(report->out, "</g>\n");
}

static void put_link(const struct drawing *drawing, const struct box *box, size_t index)
{
	struct out *out = drawing->report->out;
	const struct picture_thing *thing = &drawing->picture->things[index];
	int64_t from = box->top + box->height / 2, to = drawing->tops[index] + thing_height(thing) / 2;
	int64_t left = DRAW_LEFT + 1, right = DRAW_WIDTH - DRAW_RIGHT - 1, middle = (left + right) / 2;
	const int64_t points[] = { left, from, middle, from, middle, to, right, to };
	if (thing->links[box->first] == PICTURE_NONE)
		return;
	out_text(out, thing->links[box->first] == PICTURE_UNUSED ? "<path class=\"unused\" d=\"M" : "<path d=\"M");
	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
		out_text(out, !i ? "" : i == 2 ? " C" : " ");
		out_decimal(out, points[i]);
	}
	out_text(out, "\"/>\n");
}

static void put_drawing(const struct drawing *drawing)
{
	struct report *report = drawing->report;
	struct out *out = report->out;
	out_text(out,
		 "<section aria-labelledby=\"picture\">\n<h2 id=\"picture\">Who has copies of what</h2>\n<figure>\n"
		 "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-labelledby=\"picture\">\n<svg "
		 "role=\"img\" aria-labelledby=\"picture\" "
		 "aria-describedby=\"legend\" viewBox=\"0 0 ");
	out_decimal(out, DRAW_WIDTH);
	out_text(out, " ");
	out_decimal(out, drawing->height);
	put_number(out, "\" width=\"", DRAW_WIDTH);
	put_number(out, " height=\"", drawing->height);
	out_text(out, ">\n");
	for (size_t i = 0; i < drawing->picture->count; i++) {
		for (size_t k = 0; k < drawing->box_count; k++)
			put_link(drawing, &drawing->boxes[k], i);
	}
	for (size_t i = 0; i < drawing->box_count; i++)
		put_box(drawing, &drawing->boxes[i]);
	for (size_t i = 0; i < drawing->picture->count; i++)
		put_thing(drawing, i);
	out_text(out,
		 "</svg>\n</div>\n<figcaption id=\"legend\">Objects on the left, on the right the singletons that "
		 "they have copies of, by library. A dashed line is a copy that no code uses.");
	if (drawing->undrawn || drawing->picture->left_out)
		out_text(out, page_format(&report->page, " Not drawn: %u objects, %zu findings.", drawing->undrawn,
					  drawing->picture->left_out));
	out_text(out, "</figcaption>\n</figure>\n</section>\n");
}

void html_picture(struct report *report)
{
	struct picture picture;
	uint32_t objects = 0;
	if (!picture_make(report, DRAW_MAX_THINGS, &picture)) {
		out_fail(report->out, error_no_memory());
		return;
	}
	struct drawing drawing = { .report = report, .picture = &picture };
	for (uint32_t i = 0; i < report->snapshot->objects.count; i++)
		objects += picture.has_object[i];
	for (uint32_t i = 0; i < report->snapshot->objects.count; i++) {
		if (picture.has_object[i])
			add_object(&drawing, i, objects > DRAW_FOLD);
	}
	lay_out(&drawing);
	if (picture.count)
		put_drawing(&drawing);
	picture_free(&picture);
}
