// Nodes are as deep as the decoder's limits let them be, so these walks recurse.

#include "value/tree.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "value/spelling.h"

enum {
	TREE_MAX_CELLS = 4096,
	TREE_FEWEST_LEVELS = 2, // shown before the end of a line is cut off
	TREE_ALL_LEVELS = 255,
	TREE_INDENT = 2,
	TREE_WIDE_FROM = 0xe1, // the lead byte of U+1000 to U+1FFF
	UTF8_MAX = 4,
};

// A line while it is written: what does not fit is counted as overflow, not kept.
struct line {
	char *bytes;
	size_t used, cells, limit;
	size_t cut, cut_cells; // where the last character ends that leaves room for "..."
	unsigned levels;       // aggregates deeper than this are "{...}"
	bool is_overflowing, has_elided;
};

const char *value_state_text(enum value_state state)
{
	static const char *const texts[] = {
		[VALUE_PLAIN] = "",
		[VALUE_UNINITIALISED] = "uninitialised",
		[VALUE_ALIVE] = "alive",
		[VALUE_DESTROYED] = "destroyed",
	};
	return texts[state];
}

static size_t character_size(const char *text)
{
	size_t size = 1;
	while (size < UTF8_MAX && ((uint8_t)text[size] & 0xc0) == 0x80)
		size++;
	return size;
}

static void put(struct line *line, const char *text)
{
	for (size_t size; *text && !line->is_overflowing; text += size) {
		size = character_size(text);
		size_t cells = (uint8_t)*text >= TREE_WIDE_FROM ? 2 : 1;
		if (line->cells + cells > line->limit) {
			line->is_overflowing = true;
			return;
		}
		memcpy(line->bytes + line->used, text, size);
		line->used += size;
		line->cells += cells;
		if (line->cells + strlen("...") <= line->limit) {
			line->cut = line->used;
			line->cut_cells = line->cells;
		}
	}
}

static void put_node(struct line *line, const struct value_node *node, unsigned level);

static void put_children(struct line *line, const struct value_node *node, unsigned level)
{
	bool is_labelled = node->shape == VALUE_BRACES;
	for (const struct value_node *child = node->first; child && !line->is_overflowing; child = child->next) {
		if (is_labelled && child->label[0]) {
			put(line, child->label);
			put(line, node->is_rust ? ": " : " = ");
		}
		put_node(line, child, level);
		if (child->next || node->is_cut)
			put(line, ", ");
	}
	if (node->is_cut)
		put(line, "...");
}

// Brackets and what is in them; "{...}" below the last level.
static void put_parts(struct line *line, const struct value_node *node, unsigned level)
{
	static const char *const brackets[][2] = {
		[VALUE_BRACES] = { "{", "}" },
		[VALUE_BRACKETS] = { "[", "]" },
		[VALUE_PARENS] = { "(", ")" },
	};
	put(line, brackets[node->shape][0]);
	if (level >= line->levels && node->first) {
		put(line, "...");
		line->has_elided = true;
	} else {
		put_children(line, node, level + 1);
	}
	put(line, brackets[node->shape][1]);
}

static void put_note(struct line *line, const struct value_node *node)
{
	if (!node->note[0])
		return;
	put(line, node->text[0] || node->first ? " <" : "<");
	put(line, node->note);
	put(line, ">");
}

static void put_node(struct line *line, const struct value_node *node, unsigned level)
{
	put(line, node->text);
	if (node->shape == VALUE_INLINE && node->first) {
		if (node->text[0])
			put(line, " ");
		put_node(line, node->first, level);
	} else if (node->shape != VALUE_LEAF && node->shape != VALUE_INLINE) {
		if (node->text[0] && node->shape != VALUE_PARENS)
			put(line, " ");
		put_parts(line, node, level);
	}
	put_note(line, node);
	if (node->repeats > 1) {
		char repeats[32];
		snprintf(repeats, sizeof(repeats), " <repeats %" PRIu64 ">", node->repeats);
		put(line, repeats);
	}
}

// A state already says that what follows is a whole, so its braces are left out.
static void put_value(struct line *line, const struct value *value)
{
	put(line, value_state_text(value->state));
	if (!value->root)
		return;
	if (value->state == VALUE_PLAIN) {
		put_node(line, value->root, 0);
		return;
	}
	put(line, ", ");
	if (value->root->shape == VALUE_BRACES && value->root->first && !value->root->text[0] &&
	    !value->root->note[0])
		put_children(line, value->root, 1);
	else
		put_node(line, value->root, 0);
}

static void write_levels(struct line *line, const struct value *value, unsigned levels)
{
	*line = (struct line){ .bytes = line->bytes, .limit = line->limit, .levels = levels };
	put_value(line, value);
}

// True if the line is whole: nothing was left out.
static bool fill(struct line *line, const struct value *value)
{
	unsigned levels = TREE_FEWEST_LEVELS;

	write_levels(line, value, TREE_ALL_LEVELS);
	bool is_whole = !line->is_overflowing;
	if (!is_whole) {
		write_levels(line, value, levels);
		// The last that fits is the one with the most in it.
		while (!line->is_overflowing && line->has_elided && levels < TREE_ALL_LEVELS)
			write_levels(line, value, ++levels);
		if (line->is_overflowing && levels > TREE_FEWEST_LEVELS)
			write_levels(line, value, levels - 1);
	}
	if (line->is_overflowing) {
		line->used = line->cut;
		for (size_t i = 0; i < strlen("...") && line->cut_cells < line->limit; i++, line->cut_cells++)
			line->bytes[line->used++] = '.';
	}
	line->bytes[line->used] = '\0';
	return is_whole;
}

// Not in an arena: there are thousands of values, and an arena's first block is large and zeroed.
static bool line_create(struct line *line, size_t cells)
{
	*line = (struct line){ .limit = cells < TREE_MAX_CELLS ? cells : TREE_MAX_CELLS };
	line->bytes = malloc((line->limit + 1) * UTF8_MAX);
	if (line->bytes)
		line->bytes[0] = '\0';
	return line->bytes;
}

const char *value_line(const struct value *value, size_t cells, struct arena *arena)
{
	struct line line;
	const char *ret = NULL;

	if (line_create(&line, cells)) {
		fill(&line, value);
		ret = arena_strndup(arena, line.bytes, line.used);
	}
	free(line.bytes);
	return ret;
}

struct rows {
	struct arena *arena;
	const struct type_graph *graph;
	struct line line;
	size_t cells;
	vec_of(struct value_row) items;
	bool is_out_of_memory;
};

static const char *keep(struct rows *rows, const char *text)
{
	const char *kept = text && !text[0] ? "" : text ? arena_strdup(rows->arena, text) : NULL;
	if (!kept)
		rows->is_out_of_memory = true;
	return kept ? kept : "";
}

static const char *type_text(struct rows *rows, const struct value_node *node)
{
	if (node->type == POLYTON_NONE)
		return "";
	const char *text = spelling_of(rows->arena, rows->graph, node->type);
	if (!text)
		rows->is_out_of_memory = true;
	return text ? text : "";
}

// What stands above a node's parts: its text without them.
static void fill_head(struct rows *rows, const struct value_node *node)
{
	struct value_node head = *node;
	head.first = NULL;
	head.shape = VALUE_LEAF;
	fill(&rows->line, &(struct value){ .root = &head });
}

static void add_rows(struct rows *rows, const struct value_node *node, uint32_t depth)
{
	bool is_root = !depth;
	size_t taken = (size_t)depth * TREE_INDENT + strlen(node->label) + (is_root ? 0 : strlen(": "));
	rows->line.limit = taken < rows->cells ? rows->cells - taken : 0;
	bool is_whole = fill(&rows->line, &(struct value){ .root = node });
	bool has_parts = node->first && (is_root || !is_whole);
	if (has_parts) {
		rows->line.limit = rows->cells;
		fill_head(rows, node);
	}

	const char *label = is_root ? "" : keep(rows, node->label), *type = type_text(rows, node),
		   *text = keep(rows, rows->line.bytes);
	struct value_row *row = rows->is_out_of_memory ? NULL : vec_push(&rows->items);
	if (!row) {
		rows->is_out_of_memory = true;
		return;
	}
	*row = (struct value_row){ depth, label, type, text, has_parts };
	if (!has_parts)
		return;
	for (const struct value_node *child = node->first; child && !rows->is_out_of_memory; child = child->next)
		add_rows(rows, child, depth + 1);
	if (node->is_cut && !rows->is_out_of_memory) {
		row = vec_push(&rows->items);
		if (row)
			*row = (struct value_row){ depth + 1, "", "", "...", false };
		else
			rows->is_out_of_memory = true;
	}
}

// The state stands in the first row, before the value's own text.
static void tell_state(struct rows *rows, const struct value *value)
{
	const char *state = value_state_text(value->state);
	if (rows->is_out_of_memory || value->state == VALUE_PLAIN || !rows->items.count)
		return;
	struct value_row *row = &rows->items.items[0];
	if (row->text[0])
		state = arena_printf(rows->arena, "%s, %s", state, row->text);
	if (!state)
		rows->is_out_of_memory = true;
	row->text = state;
}

struct polyton_error *value_rows(const struct value *value, size_t cells, struct arena *arena,
				 const struct value_row **ret, size_t *count_ret)
{
	static const struct value_node nothing = { .label = "", .text = "", .note = "", .type = POLYTON_NONE };
	struct rows rows = { .arena = arena, .graph = value->graph };
	struct value_row *kept = NULL;

	rows.is_out_of_memory = !line_create(&rows.line, cells);
	rows.cells = rows.line.limit;
	if (!rows.is_out_of_memory) {
		add_rows(&rows, value->root ? value->root : &nothing, 0);
		tell_state(&rows, value);
	}
	if (!rows.is_out_of_memory)
		kept = arena_alloc(arena, rows.items.count, sizeof(*kept));
	if (kept) {
		memcpy(kept, rows.items.items, rows.items.count * sizeof(*kept));
		*ret = kept;
		*count_ret = rows.items.count;
	}
	vec_deinit(&rows.items);
	free(rows.line.bytes);
	return kept ? NULL : error_no_memory();
}
