// Both kinds of quotes are written as references, so that no caller has to know which one its attribute uses.

#include "report/markup.h"

static const char *reference_of(char byte)
{
	switch (byte) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

int markup_write(void *state, const char *bytes, size_t count)
{
	struct out *out = state;
	size_t plain = 0;
	for (size_t i = 0; i < count; i++) {
		const char *reference = reference_of(bytes[i]);
		if (!reference)
			continue;
		out_bytes(out, bytes + plain, i - plain);
		out_text(out, reference);
		plain = i + 1;
	}
	out_bytes(out, bytes + plain, count - plain);
	return 0;
}

static void put(struct out *out, glyph_reader *reader, const char *text, size_t room)
{
	struct glyph glyph;
	while (reader(&text, &glyph) && glyph.cells <= room) {
		markup_write(out, glyph.bytes, glyph.size);
		room -= glyph.cells;
	}
}

void markup_text(struct out *out, const char *text)
{
	put(out, glyph_next, text, SIZE_MAX);
}

void markup_cut(struct out *out, const char *text, size_t limit)
{
	if (glyph_width(text) <= limit) {
		markup_text(out, text);
		return;
	}
	put(out, glyph_next, text, limit > 3 ? limit - 3 : 0);
	out_text(out, "...");
}

void markup_escaped(struct out *out, const char *text)
{
	put(out, glyph_next_escaped, text, SIZE_MAX);
}
