// Where copies come from, as symbol table and debug info have it. What is the same for all copies is said once: it is
// long, and the evidence that they are one variable.

#include "report/text.h"

enum { ORIGINS_INDENT = 2 };

enum origin {
	ORIGIN_SYMBOL,
	ORIGIN_SOURCE,
	ORIGIN_BUILD,
	ORIGIN_TYPE,
	ORIGIN_TYPE_MISSING,
	ORIGIN_DECLARED,
	ORIGIN_PRODUCER,
};

static const char *const origin_labels[] = {
	[ORIGIN_SYMBOL] = "symbol",     [ORIGIN_SOURCE] = "source",        [ORIGIN_BUILD] = "build",
	[ORIGIN_TYPE] = "type",         [ORIGIN_TYPE_MISSING] = "no type", [ORIGIN_DECLARED] = "declared",
	[ORIGIN_PRODUCER] = "compiled",
};

/** One of the copies' origins: a text for each copy, "" where it is not known. */
struct texts {
	const char **items; ///< Owned.
	uint32_t *objects;  ///< Those that a line is about. Owned.
	uint32_t count;
};

static const char *declared_text(struct page *page, const struct polyton_copy *copy)
{
	if (!copy->decl_file[0] || !copy->decl_line)
		return copy->decl_file;
	return page_format(page, "%s:%u", copy->decl_file, copy->decl_line);
}

static const char *origin_of(struct page *page, const struct polyton_copy *copy, enum origin origin)
{
	switch (origin) {
	case ORIGIN_SYMBOL:
		return copy->symbol;
	case ORIGIN_SOURCE:
		return copy->source;
	case ORIGIN_BUILD:
		return copy->build_mark;
	case ORIGIN_TYPE:
		return copy->type;
	case ORIGIN_TYPE_MISSING:
		return copy->type_missing;
	case ORIGIN_DECLARED:
		return declared_text(page, copy);
	case ORIGIN_PRODUCER:
		return copy->producer;
	}
	return "";
}

static bool is_first(const struct texts *texts, uint32_t index)
{
	for (uint32_t i = 0; i < index; i++) {
		if (strcmp(texts->items[i], texts->items[index]) == 0)
			return false;
	}
	return texts->items[index][0] != '\0';
}

// Copies of one compiler need not name it: it is told where it may be why they differ.
static bool is_worth_telling(const struct texts *texts, enum origin origin)
{
	uint32_t different = 0;
	for (uint32_t i = 0; i < texts->count; i++)
		different += is_first(texts, i);
	return different > (origin == ORIGIN_PRODUCER ? 1 : 0);
}

static void put_origin(struct page *page, const struct polyton_snapshot *snapshot, const struct polyton_copy *copies,
		       struct texts *texts, enum origin origin)
{
	for (uint32_t i = 0; i < texts->count; i++)
		texts->items[i] = origin_of(page, &copies[i], origin);
	if (!is_worth_telling(texts, origin))
		return;
	for (uint32_t i = 0; i < texts->count; i++) {
		uint32_t count = 0;
		const char *whose = "";
		if (!is_first(texts, i))
			continue;
		for (uint32_t k = i; k < texts->count; k++) {
			if (strcmp(texts->items[k], texts->items[i]) == 0)
				texts->objects[count++] = copies[k].object;
		}
		if (count < texts->count)
			whose = page_format(page, " in %s",
					    text_objects_named(page, snapshot, texts->objects, count));
		page_line(page, ORIGINS_INDENT, STYLE_PLAIN,
			  page_format(page, "%s%s: %s", origin_labels[origin], whose, texts->items[i]));
	}
}

void text_origins(struct page *page, const struct polyton_snapshot *snapshot,
		  const struct polyton_singleton *singleton)
{
	const struct polyton_copy *copies = &snapshot->copies.items[singleton->first_copy];
	struct texts texts = {
		.items = calloc(singleton->copy_count + 1, sizeof(*texts.items)),
		.objects = calloc(singleton->copy_count + 1, sizeof(*texts.objects)),
		.count = singleton->copy_count,
	};
	if (texts.items && texts.objects) {
		page_end_line(page);
		for (enum origin origin = ORIGIN_SYMBOL; origin <= ORIGIN_PRODUCER; origin++)
			put_origin(page, snapshot, copies, &texts, origin);
	} else {
		out_fail(page->out, error_no_memory());
	}
	free(texts.items);
	free(texts.objects);
}
