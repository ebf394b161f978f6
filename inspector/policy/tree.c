// libyaml's events become nodes. Its own documents would resolve aliases, by which a text of a few lines becomes a tree
// of any size; events let us refuse them where they stand.

#include "tree.h"

#include <string.h>
#include <yaml.h>

/** A tree in the making: the open lists and maps, the root's place first. */
struct builder {
	struct pool *pool;
	const char *file, *complaint;
	struct node *root;
	struct node *open[TREE_MAX_DEPTH];
	struct node **end[TREE_MAX_DEPTH]; ///< Where the next child of each goes.
	size_t depth, nodes, documents;
};

const char *tree_complaint(struct pool *pool, const char *file, size_t line, size_t column, const char *text)
{
	return pool_format(pool, "%s:%zu:%zu: %s", file, line, column, text);
}

static bool refuse(struct builder *builder, const yaml_mark_t *mark, const char *text)
{
	builder->complaint = tree_complaint(builder->pool, builder->file, mark->line + 1, mark->column + 1, text);
	return false;
}

static bool add_node(struct builder *builder, const yaml_event_t *event, enum node_kind kind, struct node **ret)
{
	if (builder->nodes++ == TREE_MAX_NODES)
		return refuse(builder, &event->start_mark, "there are too many parts: 100000 at most are read");
	struct node *node = pool_alloc(builder->pool, 1, sizeof(*node));
	*node = (struct node){ .kind = kind,
			       .line = event->start_mark.line + 1,
			       .column = event->start_mark.column + 1 };
	if (builder->depth) {
		struct node *parent = builder->open[builder->depth - 1];
		*builder->end[builder->depth - 1] = node;
		builder->end[builder->depth - 1] = &node->next;
		parent->count++;
	} else {
		builder->root = node;
	}
	*ret = node;
	return true;
}

static bool open_node(struct builder *builder, const yaml_event_t *event, enum node_kind kind)
{
	struct node *node;
	if (builder->depth == TREE_MAX_DEPTH)
		return refuse(builder, &event->start_mark, "this is nested too deep: 16 levels at most are read");
	if (!add_node(builder, event, kind, &node))
		return false;
	builder->open[builder->depth] = node;
	builder->end[builder->depth++] = &node->first;
	return true;
}

static bool close_node(struct builder *builder)
{
	struct node *node = builder->open[--builder->depth];
	if (node->kind == NODE_MAP)
		node->count /= 2;
	return true;
}

static bool add_text(struct builder *builder, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	struct node *node;
	if (memchr(text, '\0', event->data.scalar.length))
		return refuse(builder, &event->start_mark, "this text has a NUL character in it");
	if (!add_node(builder, event, NODE_TEXT, &node))
		return false;
	node->text = pool_copy(builder->pool, text, event->data.scalar.length);
	node->is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	return true;
}

static bool is_unadorned(struct builder *builder, const yaml_event_t *event, const yaml_char_t *anchor,
			 const yaml_char_t *tag)
{
	if (anchor)
		return refuse(builder, &event->start_mark,
			      "anchors ('&') are not taken: quote a text that begins so");
	if (tag)
		return refuse(builder, &event->start_mark, "tags ('!') are not taken: quote a text that begins so");
	return true;
}

static bool take_event(struct builder *builder, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		return !builder->documents++ ||
		       refuse(builder, &event->start_mark, "a second document begins here: only one is read");
	case YAML_ALIAS_EVENT:
		return refuse(builder, &event->start_mark,
			      "aliases are not taken: quote a glob that begins with '*', as in '*.so'");
	case YAML_SCALAR_EVENT:
		return is_unadorned(builder, event, event->data.scalar.anchor, event->data.scalar.tag) &&
		       add_text(builder, event);
	case YAML_SEQUENCE_START_EVENT:
		return is_unadorned(builder, event, event->data.sequence_start.anchor,
				    event->data.sequence_start.tag) &&
		       open_node(builder, event, NODE_LIST);
	case YAML_MAPPING_START_EVENT:
		return is_unadorned(builder, event, event->data.mapping_start.anchor,
				    event->data.mapping_start.tag) &&
		       open_node(builder, event, NODE_MAP);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return close_node(builder);
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		break;
	}
	return true;
}

// The parser's own words, at the place that it names.
static void refuse_syntax(struct builder *builder, const yaml_parser_t *parser, const char *text, size_t size)
{
	yaml_mark_t mark = parser->problem_mark;
	const char *context = parser->context ? parser->context : "";
	if (parser->error == YAML_MEMORY_ERROR) {
		refuse(builder, &parser->mark, "out of memory");
		return;
	}
	if (parser->error == YAML_READER_ERROR) {
		size_t end = parser->problem_offset < size ? parser->problem_offset : size, line = 0, start = 0;
		for (size_t i = 0; i < end; i++) {
			if (text[i] == '\n') {
				line++;
				start = i + 1;
			}
		}
		mark = (yaml_mark_t){ .line = line, .column = end - start };
	}
	bool is_alias = strstr(context, "alias") != NULL;
	refuse(builder, &mark,
	       pool_format(builder->pool, "this is no YAML: %s%s%s%s", context, context[0] ? ", " : "",
			   parser->problem ? parser->problem : "it ends early",
			   is_alias ? " (quote a glob that begins with '*', as in '*.so')" : ""));
}

static void read_events(struct builder *builder, yaml_parser_t *parser, const char *text, size_t size)
{
	for (bool is_end = false; !is_end && !builder->complaint;) {
		yaml_event_t event;
		if (!yaml_parser_parse(parser, &event)) {
			refuse_syntax(builder, parser, text, size);
			return;
		}
		is_end = event.type == YAML_STREAM_END_EVENT || !take_event(builder, &event);
		yaml_event_delete(&event);
	}
}

const char *tree_parse(struct pool *pool, const char *file, const char *text, size_t size, const struct node **ret)
{
	struct builder builder = { .pool = pool, .file = file };
	yaml_parser_t parser;
	if (size > TREE_MAX_SIZE)
		return pool_format(pool, "%s: is larger than 1 MiB, which no configuration is", file);
	if (!yaml_parser_initialize(&parser))
		return pool_format(pool, "%s: out of memory", file);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
	read_events(&builder, &parser, text, size);
	yaml_parser_delete(&parser);
	if (!builder.complaint && !builder.root)
		builder.complaint = tree_complaint(pool, file, 1, 1, "is empty: it begins with 'version: 1'");
	if (!builder.complaint)
		*ret = builder.root;
	return builder.complaint;
}
