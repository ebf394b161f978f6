// A style ends with its line, so that a pager or a cut-off log never carries it on.

#include "report/page.h"

#include <stdarg.h>
#include <stdio.h>

enum {
	PAGE_NARROWEST = 40, // on less than that tables are not worth having
	PAGE_HANG = 2,
};

static const char ellipsis[] = "...";

static const char *const style_codes[] = {
	[STYLE_PLAIN] = "",           [STYLE_STRONG] = "\033[1m",     [STYLE_FAINT] = "\033[2m",
	[STYLE_ERROR] = "\033[1;31m", [STYLE_WARNING] = "\033[1;33m", [STYLE_NOTE] = "\033[1;36m",
};

void page_init(struct page *page, struct out *out, const struct polyton_write_options *options)
{
	*page = (struct page){
		.out = out,
		.columns = options->columns && options->columns < PAGE_NARROWEST ? PAGE_NARROWEST : options->columns,
		.has_color = options->use_color,
		.is_verbose = options->is_verbose,
		.shows_all = options->show_all,
	};
}

void page_deinit(struct page *page)
{
	arena_deinit(&page->arena);
}

const char *page_format(struct page *page, const char *format, ...)
{
	va_list args;
	auto_free char *text = NULL;
	va_start(args, format);
	int length = vasprintf(&text, format, args);
	va_end(args);
	if (length < 0)
		text = NULL; // vasprintf() leaves it undefined
	const char *kept = text ? arena_strndup(&page->arena, text, (size_t)length) : NULL;
	if (kept)
		return kept;
	out_fail(page->out, error_no_memory());
	return "";
}

const char *page_count(struct page *page, uint64_t count, const char *one, const char *many)
{
	return page_format(page, "%llu %s", (unsigned long long)count, count == 1 ? one : many);
}

const char *page_escape(struct page *page, const char *text)
{
	size_t length = strlen(text), backslashes = 0;
	for (const char *at = text; (at = strchr(at, '\\')) != NULL; at++)
		backslashes++;
	if (!backslashes)
		return text;
	char *escaped = arena_alloc(&page->arena, length + backslashes + 1, 1), *end = escaped;
	if (!escaped) {
		out_fail(page->out, error_no_memory());
		return "";
	}
	for (; *text; text++) {
		if (*text == '\\')
			*end++ = '\\';
		*end++ = *text;
	}
	*end = '\0';
	return escaped;
}

static void set_style(struct page *page, enum style style)
{
	if (!page->has_color || page->style == style)
		return;
	if (page->style != STYLE_PLAIN)
		out_text(page->out, "\033[0m");
	out_text(page->out, style_codes[style]);
	page->style = style;
}

size_t page_put_by(struct page *page, glyph_reader *reader, enum style style, const char *text, size_t limit)
{
	struct glyph glyph;
	bool is_cut = limit && glyph_width_by(reader, text) > limit;
	size_t room = !is_cut ? SIZE_MAX : limit < sizeof(ellipsis) ? 0 : limit - (sizeof(ellipsis) - 1), used = 0;

	set_style(page, style);
	while (reader(&text, &glyph) && glyph.cells <= room - used) {
		out_bytes(page->out, glyph.bytes, glyph.size);
		used += glyph.cells;
	}
	if (is_cut)
		out_text(page->out, ellipsis);
	return is_cut ? used + sizeof(ellipsis) - 1 : used;
}

size_t page_put(struct page *page, enum style style, const char *text, size_t limit)
{
	return page_put_by(page, glyph_next, style, text, limit);
}

void page_blanks(struct page *page, size_t count)
{
	static const char blanks[] = "                                ";
	set_style(page, STYLE_PLAIN);
	for (size_t piece; count; count -= piece) {
		piece = count < sizeof(blanks) - 1 ? count : sizeof(blanks) - 1;
		out_bytes(page->out, blanks, piece);
	}
}

void page_end_line(struct page *page)
{
	set_style(page, STYLE_PLAIN);
	out_text(page->out, "\n");
}

// Write one word, which ends at a blank or the end, and answer what follows it.
static const char *put_word(struct page *page, enum style style, const char *word)
{
	struct glyph glyph;
	set_style(page, style);
	while (*word && *word != ' ' && glyph_next(&word, &glyph))
		out_bytes(page->out, glyph.bytes, glyph.size);
	return word;
}

static size_t word_width(const char *word)
{
	struct glyph glyph;
	size_t width = 0;
	while (*word && *word != ' ' && glyph_next(&word, &glyph))
		width += glyph.cells;
	return width;
}

void page_paragraph(struct page *page, size_t indent, size_t hang, const struct span *spans, size_t count)
{
	size_t used = indent;
	bool is_first = true; // of the line
	page_blanks(page, indent);
	for (size_t i = 0; i < count; i++) {
		const char *at = spans[i].text;
		for (;;) {
			while (*at == ' ')
				at++;
			if (!*at)
				break;
			size_t width = word_width(at);
			if (!is_first && page->columns && used + 1 + width > page->columns) {
				page_end_line(page);
				page_blanks(page, hang);
				used = hang;
				is_first = true;
			}
			if (!is_first) {
				// A blank between two words of a style keeps it, or each word would set it anew.
				set_style(page, page->style == spans[i].style ? page->style : STYLE_PLAIN);
				out_text(page->out, " ");
				used++;
			}
			at = put_word(page, spans[i].style, at);
			used += width;
			is_first = false;
		}
	}
	page_end_line(page);
}

void page_line(struct page *page, size_t indent, enum style style, const char *text)
{
	page_paragraph(page, indent, indent + PAGE_HANG, &(struct span){ style, text }, 1);
}
