// GitHub's Markdown has a good deal of meanings that are not in its grammar: @mentions, #numbers, :emoji:, addresses,
// commit hashes. None of them reaches between backticks.

#include "report/markdown.h"

static bool is_plain(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
	       byte == '-' || byte == '\'';
}

// The longest run of backticks: what is around them must be longer.
static size_t longest_ticks(const char *text, size_t size)
{
	size_t longest = 0, run = 0;
	for (size_t i = 0; i < size; i++) {
		run = text[i] == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	return longest;
}

static void put_ticks(struct out *out, size_t count)
{
	for (size_t i = 0; i < count; i++)
		out_text(out, "`");
}

// The first @p size bytes of @p text, of which glyphs that take more than @p limit cells are left out. Backslashes are
// doubled there, so that one before a bar never belongs to what is before it.
static void put_code(struct out *out, const char *text, size_t size, size_t limit, bool is_cell)
{
	const char *end = text + size;
	size_t ticks = longest_ticks(text, size) + 1;
	struct glyph glyph;
	put_ticks(out, ticks);
	if (ticks > 1)
		out_text(out, " ");
	while (text < end && glyph_next(&text, &glyph)) {
		if (glyph.cells > limit) {
			out_text(out, "...");
			break;
		}
		limit -= glyph.cells;
		if (is_cell && glyph.bytes[0] == '|')
			out_text(out, "\\");
		out_bytes(out, glyph.bytes, glyph.size);
	}
	if (ticks > 1)
		out_text(out, " ");
	put_ticks(out, ticks);
}

void markdown_name(struct out *out, const char *text, size_t limit, bool is_cell)
{
	if (text[0])
		put_code(out, text, strlen(text), limit, is_cell);
}

static void put_word(struct out *out, const char *word, size_t size, bool is_cell)
{
	size_t before = 0, behind = size, plain;
	while (before < size && strchr("(\"", word[before]))
		before++;
	while (behind > before && strchr(".,;:)\"?", word[behind - 1]))
		behind--;
	// The parentheses and brackets of a name stay with it: "operator()".
	if (memchr(word + before, '(', behind - before))
		behind = size;
	for (plain = before; plain < behind && is_plain(word[plain]); plain++)
		;
	if (plain == behind) {
		out_bytes(out, word, size);
		return;
	}
	out_bytes(out, word, before);
	put_code(out, word + before, behind - before, SIZE_MAX, is_cell);
	out_bytes(out, word + behind, size - behind);
}

void markdown_prose(struct out *out, const char *text, bool is_cell)
{
	for (;;) {
		text += strspn(text, " ");
		size_t size = strcspn(text, " ");
		if (!size)
			return;
		put_word(out, text, size, is_cell);
		text += size;
		if (*text)
			out_text(out, " ");
	}
}
