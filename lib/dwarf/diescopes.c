// One DIE after the other, with the stack of what is still open. Most DIEs are passed by without looking at anything
// but their abbreviation.

#include "dwarf/diescopes.h"

#include "polyton.h"

enum {
	TAG_CLASS = 0x02,
	TAG_ENUMERATION = 0x04,
	TAG_STRUCTURE = 0x13,
	TAG_UNION = 0x17,
	TAG_MODULE = 0x1e,
	TAG_SUBPROGRAM = 0x2e,
	TAG_INTERFACE = 0x38,
	TAG_NAMESPACE = 0x39,
	AT_DECLARATION = 0x3c,
};

enum { SCOPES_MAX_DEPTH = 4096 };

struct scope_walk {
	const struct scope_source *source;
	struct diescopes *scopes;
	vec_of(uint32_t) open; // Of each DIE with children that has not ended: its scope, or POLYTON_NONE.
	uint32_t innermost;
	bool is_whole; // nothing is passed over
};

// An abbreviation's tag stands before its attributes: one byte, and the byte that says whether there are children.
// What ends a longer number has a byte with a set high bit before it, so that number is none of those of interest.
static uint16_t tag_of(const struct abbrev_tables *tables, const struct abbrev *abbrev)
{
	if (abbrev->specs < 3)
		return 0;
	const uint8_t *specs = tables->bytes + abbrev->specs;
	return specs[-3] & 0x80 ? 0 : specs[-2];
}

static bool is_type(uint16_t tag)
{
	return tag == TAG_CLASS || tag == TAG_ENUMERATION || tag == TAG_STRUCTURE || tag == TAG_UNION ||
	       tag == TAG_INTERFACE;
}

static bool is_scope(uint16_t tag)
{
	return is_type(tag) || tag == TAG_MODULE || tag == TAG_SUBPROGRAM || tag == TAG_NAMESPACE;
}

static struct polyton_error *add_scope(struct scope_walk *walk, uint64_t die, uint64_t end, uint16_t tag,
				       struct scope **ret)
{
	struct scope *scope = *ret = vec_push(&walk->scopes->items);
	if (!scope)
		return error_no_memory();
	*scope = (struct scope){ .die = die, .end = end, .parent = walk->innermost, .tag = tag };
	return NULL;
}

static struct polyton_error *open_scope(struct scope_walk *walk, uint64_t die, uint16_t tag)
{
	struct scope *scope;
	uint32_t *open = vec_push(&walk->open);
	if (!open)
		return error_no_memory();
	*open = POLYTON_NONE;
	if (!is_scope(tag))
		return NULL;
	struct polyton_error *error = add_scope(walk, die, walk->source->end, tag, &scope);
	if (!error)
		*open = walk->innermost = (uint32_t)walk->scopes->items.count - 1;
	return error;
}

// What comes behind the inside of the DIE whose attributes end at @p inside, if the DIE says so; 0 if not.
static uint64_t sibling_of(const struct scope_source *source, const struct abbrev *abbrev, uint64_t inside)
{
	if (abbrev->sibling == ABBREV_SIBLING_UNKNOWN)
		return 0;
	const uint8_t *at = source->section + inside - abbrev->tail + abbrev->sibling;
	uint64_t ret = source->unit + bytes_number(at, 4, source->format.is_big_endian);
	return ret > inside && ret < source->end ? ret : 0;
}

// Where the walk goes on.
static struct polyton_error *enter(struct scope_walk *walk, uint64_t die, const struct abbrev *abbrev, uint16_t tag,
				   uint64_t *inside)
{
	struct scope *scope;
	bool is_passed = tag == TAG_SUBPROGRAM && !walk->is_whole;
	uint64_t sibling = is_passed ? sibling_of(walk->source, abbrev, *inside) : 0;
	if (!sibling)
		return open_scope(walk, die, tag);
	struct polyton_error *error = add_scope(walk, die, sibling, tag, &scope);
	if (error)
		return error;
	scope->passed = *inside;
	*inside = sibling;
	return NULL;
}

static void close_scope(struct scope_walk *walk, uint64_t end)
{
	if (!walk->open.count)
		return;
	uint32_t closed = walk->open.items[--walk->open.count];
	if (closed == POLYTON_NONE)
		return;
	struct scope *scope = &walk->scopes->items.items[closed];
	scope->end = end;
	walk->innermost = scope->parent;
}

static bool is_declared(const struct scope_source *source, const struct abbrev *abbrev, const uint8_t *content)
{
	struct form_cursor cursor = {
		.format = source->format,
		.specs = source->tables->bytes + abbrev->specs,
		.specs_end = source->tables->bytes + source->tables->size,
		.at = content,
		.end = source->section + source->end,
	};
	while (form_next(&cursor)) {
		if (cursor.attribute == AT_DECLARATION)
			return true;
	}
	return false;
}

// Past DIEs that have no children, up to the first one that cannot be passed so quickly.
static const uint8_t *pass_leaves(const struct abbrev_table *abbrevs, const uint8_t *at, const uint8_t *end)
{
	if (end - at <= ABBREV_QUICK_MAX)
		return at;
	for (const uint8_t *last = end - ABBREV_QUICK_MAX; at < last;) {
		uint8_t code = *at, size = abbrevs->quick_size[code];
		if (!size || abbrevs->quick_depth[code])
			break;
		at += size;
	}
	return at;
}

// One DIE; false where the walk is to end.
static bool step(struct scope_walk *walk, const uint8_t **at, scope_type_fn *visit, void *arg,
		 struct polyton_error **error)
{
	const struct scope_source *source = walk->source;
	const uint8_t *end = source->section + source->end, *content, *behind = NULL;
	uint64_t die = (uint64_t)(*at - source->section);

	const struct abbrev *abbrev = abbrev_at(source->abbrevs, *at, end, &content);
	if (abbrev)
		behind = abbrev_pass(source->abbrevs, abbrev, &source->format, content, end);
	if (!behind || walk->open.count > SCOPES_MAX_DEPTH)
		return false;
	uint64_t next = (uint64_t)(behind - source->section);
	if (abbrev->depth < 0) {
		close_scope(walk, next);
	} else {
		uint16_t tag = tag_of(source->tables, abbrev);
		if (visit && is_type(tag) && !is_declared(source, abbrev, content))
			*error = visit(die, abbrev, content, arg);
		if (!*error && abbrev->depth > 0)
			*error = enter(walk, die, abbrev, tag, &next);
	}
	*at = source->section + next;
	// What comes behind the end of the first DIE is padding.
	return !*error && (abbrev->depth >= 0 || walk->open.count);
}

struct polyton_error *diescopes_read(const struct scope_source *source, struct diescopes *ret, scope_type_fn *visit,
				     void *arg)
{
	struct scope_walk walk = { .source = source,
				   .scopes = ret,
				   .innermost = POLYTON_NONE,
				   .is_whole = visit || source->is_inside };
	const uint8_t *at = source->section + source->first_die, *end = source->section + source->end;
	struct polyton_error *error = NULL;

	do {
		if (!visit)
			at = pass_leaves(source->abbrevs, at, end);
	} while (at < end && step(&walk, &at, visit, arg, &error));
	vec_deinit(&walk.open);
	return error;
}

void diescopes_deinit(struct diescopes *scopes)
{
	for (size_t i = 0; i < scopes->items.count; i++) {
		struct diescopes *inside = scopes->items.items[i].inside;
		if (inside)
			vec_deinit(&inside->items);
		free(inside);
	}
	vec_deinit(&scopes->items);
}

static struct scope *find(const struct diescopes *scopes, uint64_t die)
{
	// Those that begin before the DIE; the last of them is inside all others that are still open there.
	size_t low = 0, high = scopes->items.count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (scopes->items.items[middle].die < die)
			low = middle + 1;
		else
			high = middle;
	}
	uint32_t at = low ? (uint32_t)low - 1 : POLYTON_NONE;
	while (at != POLYTON_NONE && scopes->items.items[at].end <= die)
		at = scopes->items.items[at].parent;
	return at == POLYTON_NONE ? NULL : &scopes->items.items[at];
}

static struct polyton_error *read_inside(struct scope *function, const struct scope_source *source)
{
	struct scope_source inside = *source;
	if (function->inside)
		return NULL;
	function->inside = calloc(1, sizeof(*function->inside));
	if (!function->inside)
		return error_no_memory();
	inside.first_die = function->passed;
	inside.end = function->end;
	inside.is_inside = true;
	return diescopes_read(&inside, function->inside, NULL, NULL);
}

struct polyton_error *diescopes_around(struct diescopes *scopes, const struct scope_source *source, uint64_t die,
				       struct scope **ret)
{
	struct scope *scope = *ret = find(scopes, die);
	if (!scope || !scope->passed)
		return NULL;
	struct polyton_error *error = read_inside(scope, source);
	struct scope *closer = error ? NULL : find(scope->inside, die);
	if (closer)
		*ret = closer;
	return error;
}
