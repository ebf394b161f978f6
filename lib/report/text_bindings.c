// A process has some hundred thousand references. They are written object by object, measured once and never held as
// text; a row is one line, so that it can be searched for, and a long symbol pushes what follows it aside.

#include "report/glyph.h"
#include "report/text.h"
#include "report/words.h"

enum {
	BINDINGS_INDENT = 2,
	BINDINGS_GAP = 2,
	BINDINGS_SYMBOL = 40,  // the widest that columns are made
	BINDINGS_VERSION = 16, // likewise
};

enum column { COLUMN_SYMBOL, COLUMN_VERSION, COLUMN_KIND, COLUMN_PROVIDER, COLUMN_COUNT };

/** The rows that match, and what they come to. */
struct selection {
	struct page *page;
	const struct polyton_snapshot *snapshot;
	const bool *is_shown;
	size_t widths[COLUMN_COUNT]; ///< Of the object at hand.
	size_t count, objects, pending, computed, differing;
};

static const char *object_name(const struct polyton_snapshot *snapshot, uint32_t index)
{
	const struct polyton_object *object = polyton_snapshot_object(snapshot, index);
	return object ? object->name : "none";
}

static void widen(size_t *width, const char *text, size_t most)
{
	size_t wanted = glyph_width(text);
	wanted = wanted < most ? wanted : most;
	*width = *width > wanted ? *width : wanted;
}

static void measure(struct selection *selection, size_t first, size_t end)
{
	size_t *widths = selection->widths;
	memset(selection->widths, 0, sizeof(selection->widths));
	for (size_t i = first; i < end; i++) {
		const struct polyton_binding *binding = &selection->snapshot->bindings.items[i];
		if (!selection->is_shown[i])
			continue;
		widen(&widths[COLUMN_SYMBOL], binding->symbol, BINDINGS_SYMBOL);
		widen(&widths[COLUMN_VERSION], binding->version, BINDINGS_VERSION);
		widen(&widths[COLUMN_KIND], words_reference_kind[binding->kind].label, SIZE_MAX);
	}
}

// A column's text, and the blanks up to the next one.
static void put_column(const struct selection *selection, enum column column, enum style style, const char *text)
{
	size_t width = selection->widths[column];
	if (!width)
		return;
	size_t used = page_put(selection->page, style, text, 0);
	page_blanks(selection->page, (used < width ? width - used : 0) + BINDINGS_GAP);
}

static void put_head(struct selection *selection, uint32_t object)
{
	static const char *const titles[COLUMN_COUNT] = { "SYMBOL", "VERSION", "KIND", "PROVIDER" };
	struct page *page = selection->page;
	page_end_line(page);
	page_line(page, 0, STYLE_STRONG, object_name(selection->snapshot, object));
	page_blanks(page, BINDINGS_INDENT);
	for (enum column column = COLUMN_SYMBOL; column < COLUMN_PROVIDER; column++) {
		if (selection->widths[column])
			widen(&selection->widths[column], titles[column], SIZE_MAX);
		put_column(selection, column, STYLE_FAINT, titles[column]);
	}
	page_put(page, STYLE_FAINT, titles[COLUMN_PROVIDER], 0);
	page_end_line(page);
}

static void put_row(struct selection *selection, const struct polyton_binding *binding)
{
	struct page *page = selection->page;
	bool is_read = binding->source == POLYTON_BINDING_READ;
	page_blanks(page, BINDINGS_INDENT);
	put_column(selection, COLUMN_SYMBOL, STYLE_PLAIN, binding->symbol);
	put_column(selection, COLUMN_VERSION, STYLE_PLAIN, binding->version);
	put_column(selection, COLUMN_KIND, STYLE_PLAIN, words_reference_kind[binding->kind].label);
	page_put(page, STYLE_PLAIN, object_name(selection->snapshot, binding->provider), 0);
	if (!is_read) {
		page_put(page, STYLE_FAINT, " (", 0);
		page_put(page, STYLE_FAINT, words_binding_source[binding->source].label, 0);
		page_put(page, STYLE_FAINT, ")", 0);
	}
	if (binding->provider != binding->expected) {
		page_put(page, STYLE_WARNING, ", expected ", 0);
		page_put(page, STYLE_WARNING, object_name(selection->snapshot, binding->expected), 0);
	}
	page_end_line(page);
	selection->count++;
	selection->pending += binding->source == POLYTON_BINDING_PENDING;
	selection->computed += binding->source == POLYTON_BINDING_COMPUTED;
	selection->differing += binding->provider != binding->expected;
}

// The references of one object.
static void put_object(struct selection *selection, size_t first, size_t end)
{
	bool is_first = true;
	measure(selection, first, end);
	for (size_t i = first; i < end && !selection->page->out->error; i++) {
		const struct polyton_binding *binding = &selection->snapshot->bindings.items[i];
		if (!selection->is_shown[i])
			continue;
		if (is_first)
			put_head(selection, binding->object);
		is_first = false;
		put_row(selection, binding);
	}
	selection->objects += !is_first;
}

static void put_sum(const struct selection *selection)
{
	struct page *page = selection->page;
	const char *text = page_format(page, "%s of %s",
				       page_count(page, selection->count, "reference", "references"),
				       page_count(page, selection->objects, "object", "objects"));
	if (selection->pending)
		text = page_format(page, "%s, %zu not called yet", text, selection->pending);
	if (selection->computed)
		text = page_format(page, "%s, %zu computed", text, selection->computed);
	if (selection->differing)
		text = page_format(page, "%s; %zu bound to another object than the rules of the lookup give", text,
				   selection->differing);
	page_end_line(page);
	page_line(page, 0, STYLE_STRONG, selection->count ? page_format(page, "%s.", text) : "No reference.");
}

void text_bindings(struct page *page, const struct polyton_snapshot *snapshot, struct match *match)
{
	size_t count = snapshot->bindings.count;
	auto_free bool *is_shown = calloc(count + 1, sizeof(*is_shown));
	struct selection selection = { .page = page, .snapshot = snapshot, .is_shown = is_shown };
	if (!is_shown) {
		out_fail(page->out, error_no_memory());
		return;
	}
	for (size_t i = 0; i < count; i++)
		is_shown[i] = match_has(match, snapshot->bindings.items[i].symbol);
	text_head(page, snapshot);
	for (size_t first = 0, end; first < count; first = end) {
		uint32_t object = snapshot->bindings.items[first].object;
		for (end = first + 1; end < count && snapshot->bindings.items[end].object == object; end++)
			;
		put_object(&selection, first, end);
	}
	text_foot(page, snapshot);
	put_sum(&selection);
}
