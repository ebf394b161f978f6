// A niche decides which variant an enum is, so discriminants are compared at their own width, and whatever fits no
// variant is said to be so: captured memory may hold anything.

#include "value/rust.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "value/name.h"
#include "value/ruststd.h"
#include "value/scalar.h"
#include "value/text.h"

enum {
	RUST_MAX_VARIANTS = 4096,
	RUST_MAX_WRAPPERS = 12,
};

unsigned rust_minor_version(const char *producer)
{
	static const char mark[] = "rustc version 1.";
	const char *at = producer ? strstr(producer, mark) : NULL;
	unsigned long minor = at ? strtoul(at + strlen(mark), NULL, 10) : 0;
	return minor < 10000 ? (unsigned)minor : 0;
}

void rust_note(struct decoder *decoder, struct value_node *node, const char *note)
{
	node->note = node->note[0] ? decoder_text(decoder, "%s, %s", node->note, note) : note;
}

const struct type_member *rust_only_member(const struct decoder *decoder, const struct type *type)
{
	const struct type_member *member, *only = NULL;
	for (uint32_t i = 0; (member = decoder_member(decoder, type, i)); i++) {
		if (decoder_is_empty(decoder, member->type))
			continue;
		if (only)
			return NULL;
		only = member;
	}
	return only;
}

bool rust_argument(const struct decoder *decoder, const struct part *whole, uint32_t index, const struct part *place,
		   struct part *ret)
{
	const struct type_member *argument = decoder_parameter(decoder, decoder_type(decoder, whole->type), index);
	if (!argument)
		return false;
	*ret = decoder_part(place, argument->type, 0, decoder_size(decoder, argument->type));
	return true;
}

static const struct type_variant *variant_at(const struct decoder *decoder, const struct type *row, uint32_t index)
{
	uint64_t at = (uint64_t)row->first_variant + index;
	bool is_there = index < row->variant_count && index < RUST_MAX_VARIANTS && at < decoder->graph->variant_count;
	return is_there ? &decoder->graph->variants[at] : NULL;
}

// The discriminant's value; one of 16 bytes has no other values than such of 8, and else those of the niche.
static bool read_discriminant(const struct decoder *decoder, const struct part *part, const struct type *row,
			      uint64_t *ret, bool *is_wide_ret)
{
	if (row->discriminant >= decoder->graph->member_count)
		return false;
	struct part tag = decoder_member_part(decoder, part, &decoder->graph->members[row->discriminant]);
	uint64_t size = decoder_size(decoder, tag.type);
	if (!size || tag.size < size)
		return false;
	*is_wide_ret = false;
	if (size <= sizeof(*ret)) {
		*ret = decoder_unsigned(decoder, tag.bytes, (size_t)size);
		return true;
	}
	bool is_big = decoder->source->arch->is_big_endian;
	size_t rest = (size_t)size - sizeof(*ret);
	*ret = decoder_unsigned(decoder, tag.bytes + (is_big ? rest : 0), sizeof(*ret));
	for (size_t i = 0; i < rest; i++)
		*is_wide_ret |= tag.bytes[is_big ? i : sizeof(*ret) + i] != 0;
	return true;
}

const struct type_variant *rust_variant(const struct decoder *decoder, const struct part *part,
					struct part *content_ret)
{
	const struct type *row = decoder_type(decoder, part->type);
	const struct type_variant *variant, *found = NULL;
	uint64_t value = 0;
	bool is_wide = false, is_single = row->discriminant == POLYTON_NONE;

	if (!is_single && !read_discriminant(decoder, part, row, &value, &is_wide))
		return NULL;
	for (uint32_t i = 0; (variant = variant_at(decoder, row, i)); i++) {
		if (is_single || (!variant->is_default && !is_wide && value >= variant->first_value &&
				  value <= variant->last_value)) {
			found = variant;
			break;
		}
		if (variant->is_default)
			found = variant;
	}
	*content_ret = (struct part){ .type = POLYTON_NONE };
	if (found && found->member < decoder->graph->member_count)
		*content_ret = decoder_member_part(decoder, part, &decoder->graph->members[found->member]);
	return found;
}

bool rust_first(const struct decoder *decoder, const struct part *content, struct part *ret)
{
	const struct type_member *member = decoder_member(decoder, decoder_type(decoder, content->type), 0);
	if (!member)
		return false;
	*ret = decoder_member_part(decoder, content, member);
	return true;
}

bool rust_unwrap_enum(const struct decoder *decoder, const struct part *part, struct part *ret)
{
	struct part at = *part;
	for (int i = 0; i < RUST_MAX_WRAPPERS; i++) {
		const struct type *row = decoder_type(decoder, at.type);
		if (row->kind == TYPE_ENUM || (row->kind == TYPE_STRUCT && row->variant_count)) {
			*ret = at;
			return true;
		}
		const struct type_member *member = row->kind == TYPE_STRUCT ? rust_only_member(decoder, row) : NULL;
		if (!member)
			return false;
		at = decoder_member_part(decoder, &at, member);
	}
	return false;
}

// "__0": a tuple's or tuple struct's.
static bool is_positional(const char *name)
{
	return !strncmp(name, "__", 2) && name[2] && !name[2 + strspn(name + 2, "0123456789")];
}

// Members in parentheses or braces behind what is in @p node's text already; nothing if none has bytes.
static void fill_fields(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	const struct type *row = decoder_type(decoder, part->type);
	const struct type_member *member;

	node->is_rust = true;
	for (uint32_t i = 0; (member = decoder_member(decoder, row, i)) && !node->is_cut; i++) {
		if (decoder_is_empty(decoder, member->type))
			continue;
		bool has_place = is_positional(member->name);
		struct part inner = decoder_member_part(decoder, part, member);
		node->shape = has_place ? VALUE_PARENS : VALUE_BRACES;
		decoder_add(decoder, node, text_name(decoder, member->name + (has_place ? 2 : 0)), &inner);
	}
}

static const char *short_name(struct decoder *decoder, const char *name)
{
	const char *at = strrchr(name, ':');
	return text_name(decoder, at ? at + 1 : name);
}

static void fill_enum(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	struct part content;
	const struct type_variant *variant = rust_variant(decoder, part, &content);

	if (!variant) {
		node->note = part->size ? "fits no variant" : "not captured";
		return;
	}
	if (variant->name[0])
		node->text = text_name(decoder, variant->name);
	else if (content.type != POLYTON_NONE)
		node->text = short_name(decoder, type_at(decoder->graph, content.type)->name);
	if (decoder_type(decoder, content.type)->kind == TYPE_STRUCT)
		fill_fields(decoder, &content, node);
}

// The type behind a trait object, from the name of its destructor, which stands first in its vtable.
static void note_dynamic_type(struct decoder *decoder, struct value_node *node, uint64_t vtable)
{
	static const char mark[] = "drop_in_place<";
	uint64_t drop;
	const char *symbol = decoder_fetch_word(decoder, vtable, &drop) && drop ? decoder_symbol(decoder, drop)
										: NULL;
	const char *start = symbol ? strstr(symbol, mark) : NULL, *end = start ? strrchr(start, '>') : NULL;

	node->note = "dyn";
	if (!end)
		return;
	start += strlen(mark);
	const char *name = text_name(decoder, start);
	node->note = decoder_text(decoder, "dyn %.*s", (int)(end - start), name);
}

static bool is_text_pointer(const char *name)
{
	static const char *const ends[] = { "str", "OsStr", "Path" };
	size_t size = strlen(name);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t end = strlen(ends[i]);
		if (size > end && !strcmp(name + size - end, ends[i]) && strchr("& :", name[size - end - 1]))
			return true;
	}
	return strstr(name, "Box<str") != NULL;
}

// References and boxes of slices, strings and traits: two words.
static bool fill_wide_pointer(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	const struct type *row = decoder_type(decoder, part->type);
	const struct type_member *first = decoder_member(decoder, row, 0), *second = decoder_member(decoder, row, 1);
	uint64_t address, extra;

	if (row->member_count != 2 || row->size != 2U * decoder->source->arch->word ||
	    decoder_type(decoder, first ? first->type : POLYTON_NONE)->kind != TYPE_POINTER || !second)
		return false;
	bool has_length = !strcmp(second->name, "length"), has_vtable = !strcmp(second->name, "vtable");
	struct part place = decoder_member_part(decoder, part, first),
		    rest = decoder_part(part, POLYTON_NONE, second->offset, decoder->source->arch->word);
	if ((!has_length && !has_vtable) || !decoder_pointer(decoder, &place, &address) ||
	    !decoder_pointer(decoder, &rest, &extra))
		return false;
	uint32_t element = decoder_type(decoder, first->type)->target;
	if (has_vtable) {
		node->text = decoder_place(decoder, address);
		note_dynamic_type(decoder, node, extra);
	} else if (is_text_pointer(row->name)) {
		text_at(decoder, node, NULL, address, extra, 1);
	} else {
		decoder_sequence(decoder, node, NULL, address, element, extra);
	}
	return true;
}

static bool is_std(const char *name)
{
	static const char *const roots[] = { "core", "alloc", "std", "hashbrown", "lock_api" };
	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++)
		if (name_is_in(name, roots[i]))
			return true;
	return false;
}

// A name that says no more than that there is something in it.
static bool is_wrapper(const struct type *row, const struct type_member *member)
{
	static const char *const words[] = { "inner", "value", "v" };
	if (is_std(row->name) || is_positional(member->name))
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(member->name, words[i]))
			return true;
	return false;
}

bool rust_value(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	const struct type *row = decoder_type(decoder, part->type);

	if (row->kind == TYPE_STRUCT && row->variant_count) {
		fill_enum(decoder, part, node);
		return true;
	}
	if (!row->size) {
		const char *name = text_name(decoder, name_tail_of(row->name).text);
		node->text = name[0] && row->name[0] != '('
				     ? decoder_text(decoder, "%.*s", (int)strcspn(name, "<"), name)
				     : "()";
		return true;
	}
	if (part->size < row->size && !part->size)
		return false;
	if (fill_wide_pointer(decoder, part, node) || (is_std(row->name) && ruststd_value(decoder, part, node)))
		return true;
	if (row->kind == TYPE_UNION)
		return false;
	const struct type_member *only = rust_only_member(decoder, row);
	if (only && is_wrapper(row, only)) {
		struct part inner = decoder_member_part(decoder, part, only);
		decoder_value(decoder, &inner, node);
		return true;
	}
	fill_fields(decoder, part, node);
	return true;
}

bool rust_pointer(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	const struct type *row = decoder_type(decoder, part->type);
	uint64_t address;

	bool is_owner = name_is(name_tail_of(row->name), "Box");
	if ((row->name[0] != '&' && !is_owner) || decoder_type(decoder, row->target)->kind == TYPE_FUNCTION)
		return false;
	if (!decoder_pointer(decoder, part, &address))
		return false;
	decoder_pointee(decoder, node, address, row->target);
	return true;
}

static const char *state_name(struct decoder *decoder, const struct part *state, struct part *content_ret)
{
	struct part inner;
	uint64_t value;

	*content_ret = (struct part){ .type = POLYTON_NONE };
	if (!rust_unwrap_enum(decoder, state, &inner))
		return "";
	if (decoder_type(decoder, inner.type)->kind == TYPE_STRUCT) {
		const struct type_variant *variant = rust_variant(decoder, &inner, content_ret);
		return variant ? variant->name : "";
	}
	struct value_node node = { .text = "", .note = "" };
	if (!decoder_number(decoder, &inner, &value))
		return "";
	scalar_enum(decoder, &inner, &node);
	return node.text;
}

static enum value_state named_state(const char *name)
{
	static const struct {
		const char *name;
		enum value_state state;
	} names[] = {
		{ "Initial", VALUE_UNINITIALISED },
		{ "Uninitialized", VALUE_UNINITIALISED },
		{ "None", VALUE_UNINITIALISED },
		{ "Alive", VALUE_ALIVE },
		{ "Some", VALUE_ALIVE },
		{ "Destroyed", VALUE_DESTROYED },
		{ "RunningOrHasRun", VALUE_DESTROYED },
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(name, names[i].name))
			return names[i].state;
	return VALUE_PLAIN;
}

enum value_state rust_storage(struct decoder *decoder, const struct part *whole, struct part *ret)
{
	const struct type *row = decoder_type(decoder, whole->type);
	struct part state, place, content, value;

	*ret = *whole;
	if (row->kind != TYPE_STRUCT || row->language != POLYTON_LANGUAGE_RUST ||
	    (!strstr(row->name, "thread_local::") && !strstr(row->name, "thread::local")))
		return VALUE_PLAIN;
	// Up to 1.79 Key: an Option, and beside it whether its destructor has run.
	if (decoder_find_own(decoder, whole, "dtor_state", &state)) {
		const char *name = state_name(decoder, &state, &content);
		if (!name[0] || named_state(name) == VALUE_DESTROYED)
			return named_state(name);
		if (!decoder_find_own(decoder, whole, "inner", &state))
			return VALUE_PLAIN;
	} else if (!decoder_find_own(decoder, whole, "state", &state)) {
		return VALUE_PLAIN;
	}

	enum value_state said = named_state(state_name(decoder, &state, &content));
	bool is_eager = decoder_find_own(decoder, whole, "val", &place);
	if (said == VALUE_DESTROYED || (said == VALUE_UNINITIALISED && !is_eager) || said == VALUE_PLAIN)
		return said;
	// The value is the variant's own (an enum or Option of it), or stands beside the state.
	if (!is_eager && rust_first(decoder, &content, &value)) {
		*ret = value;
		return said;
	}
	if ((is_eager || decoder_find_own(decoder, whole, "value", &place)) &&
	    rust_argument(decoder, whole, 0, &place, &value)) {
		*ret = value;
		return said == VALUE_ALIVE ? VALUE_ALIVE : VALUE_PLAIN;
	}
	return VALUE_PLAIN;
}
