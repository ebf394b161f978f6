// The differences for a reader: both sides in one line where the lines are long enough, else under each other, because
// a type's name that is cut says nothing.

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "value/layout.h"

enum { COLUMNS = 3, GAP = 2 };

static const char *size_text(struct arena *arena, const struct layout_side *side)
{
	if (!side->size)
		return side->type;
	const char *unit = side->size == 1 ? "byte" : "bytes";
	return arena_printf(arena, "%" PRIu64 " %s%s%s", side->size, unit, side->type[0] ? ", " : "", side->type);
}

static const char *variant_text(struct arena *arena, const struct layout_side *side)
{
	const char *content = side->size ? size_text(arena, side) : "no content";
	if (!content)
		return NULL;
	if (side->is_default)
		return arena_printf(arena, "otherwise, %s", content);
	return arena_printf(arena, "= %" PRIu64 ", %s", (uint64_t)side->value, content);
}

const char *layout_side_text(struct arena *arena, const struct layout_row *row, int side_index)
{
	const struct layout_side *side = &row->side[side_index];
	if (!side->is_there)
		return "absent";
	if (row->what == LAYOUT_VARIANT)
		return variant_text(arena, side);
	if (row->what == LAYOUT_ENUMERATOR)
		return arena_printf(arena, "= %" PRId64, side->value);
	if (side->is_bits)
		return arena_printf(arena, "+%" PRIu64 " bits %u..%u, %s", side->offset, side->bit_offset,
				    side->bit_offset + side->bit_size - 1, side->type);
	const char *text = size_text(arena, side);
	if (!text || (row->what != LAYOUT_MEMBER && row->what != LAYOUT_DISCRIMINANT))
		return text;
	return arena_printf(arena, "+%" PRIu64 ", %s", side->offset, text);
}

// Characters; each takes one column as far as we know.
static int width_of(const char *text)
{
	int width = 0;
	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

static const char *pad(struct arena *arena, const char *text, int width)
{
	return arena_printf(arena, "%s%*s", text, width - width_of(text) + GAP, "");
}

static const char *side_by_side(struct arena *arena, const char *const cells[COLUMNS], const int widths[COLUMNS])
{
	const char *left = pad(arena, cells[0], widths[0]), *middle = pad(arena, cells[1], widths[1]);
	return left && middle ? arena_printf(arena, "%s%s%s", left, middle, cells[2]) : NULL;
}

static bool put_stacked(struct arena *arena, const char *const cells[COLUMNS], const char *const titles[2],
			const char **lines, size_t *count)
{
	int width = width_of(titles[0]) > width_of(titles[1]) ? width_of(titles[0]) : width_of(titles[1]);
	lines[(*count)++] = cells[0];
	for (int side = 0; side < 2; side++) {
		const char *title = pad(arena, titles[side], width);
		const char *line = title ? arena_printf(arena, "  %s%s", title, cells[1 + side]) : NULL;
		if (!line)
			return false;
		lines[(*count)++] = line;
	}
	return true;
}

const char *const *layout_lines(struct arena *arena, const struct layout *layout, const char *const titles[2],
				size_t columns, size_t *count_ret)
{
	typedef const char *cells_of_row[COLUMNS];
	size_t row_count = layout->row_count + 1, count = 0;
	cells_of_row *cells = arena_alloc(arena, row_count, sizeof(*cells));
	const char **lines = arena_alloc(arena, row_count * COLUMNS, sizeof(*lines));
	int widths[COLUMNS] = { 0 };
	if (!cells || !lines)
		return NULL;

	memcpy(cells[0], (cells_of_row){ "", titles[0], titles[1] }, sizeof(*cells));
	for (size_t i = 0; i < layout->row_count; i++) {
		const struct layout_row *row = &layout->rows[i];
		cells[i + 1][0] = row->path[0] ? row->path : "(whole)";
		for (int side = 0; side < 2; side++)
			cells[i + 1][1 + side] = layout_side_text(arena, row, side);
		if (!cells[i + 1][1] || !cells[i + 1][2])
			return NULL;
	}
	for (size_t i = 0; i < row_count; i++) {
		for (int j = 0; j < COLUMNS; j++)
			widths[j] = width_of(cells[i][j]) > widths[j] ? width_of(cells[i][j]) : widths[j];
	}
	bool is_wide = (size_t)widths[0] + (size_t)widths[1] + (size_t)widths[2] + 2 * GAP <= columns;
	for (size_t i = is_wide ? 0 : 1; i < row_count && layout->row_count; i++) {
		if (!is_wide && !put_stacked(arena, cells[i], titles, lines, &count))
			return NULL;
		if (is_wide && !(lines[count++] = side_by_side(arena, cells[i], widths)))
			return NULL;
	}
	*count_ret = count;
	return lines;
}
