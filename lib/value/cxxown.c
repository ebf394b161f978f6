// Types that hold one value, or one of several, or share one.

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "value/cxx.h"
#include "value/name.h"
#include "value/text.h"

enum {
	COUNT_SIZE = 4,      // libstdc++: _Atomic_word
	UNIQUE_POINTERS = 4, // a deleter may hold some, too
	TUPLE_MAX = 32,
	TUPLE_REACH = 40,
};

bool cxxown_unique(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	uint32_t element = cxx_argument(decoder, part, 0), wanted = type_strip(decoder->graph, element);
	struct part pointer, first = { .type = POLYTON_NONE };
	uint64_t address;
	unsigned nth = 0;

	for (; nth < UNIQUE_POINTERS && decoder_find_pointer(decoder, part, nth, &pointer); nth++) {
		if (!nth)
			first = pointer;
		if (type_strip(decoder->graph, decoder_type(decoder, pointer.type)->target) == wanted)
			break;
	}
	if (!nth && first.type == POLYTON_NONE)
		return false;
	if (nth == UNIQUE_POINTERS || !decoder_find_pointer(decoder, part, nth, &pointer))
		pointer = first;
	if (!decoder_pointer(decoder, &pointer, &address))
		return false;
	uint32_t target = decoder_type(decoder, element)->kind == TYPE_ARRAY ? POLYTON_NONE
									     : // as many as nobody knows
				  element;
	decoder_pointee(decoder, node, address, target);
	return true;
}

static bool read_counts(struct decoder *decoder, bool is_libcxx, uint64_t control, uint64_t *use, uint64_t *weak)
{
	size_t word = decoder->source->arch->word;
	struct part counts;

	if (is_libcxx) { // longs that start at 0 for one owner
		bool is_there = decoder_fetch_word(decoder, control + word, use) &&
				decoder_fetch_word(decoder, control + 2 * word, weak);
		++*use;
		return is_there;
	}
	if (!decoder_fetch(decoder, NULL, control + word, 2 * COUNT_SIZE, POLYTON_NONE, &counts) ||
	    counts.size < 2 * COUNT_SIZE)
		return false;
	*use = decoder_unsigned(decoder, counts.bytes, COUNT_SIZE);
	*weak = decoder_unsigned(decoder, counts.bytes + COUNT_SIZE, COUNT_SIZE);
	*weak -= *use && *weak; // all owners together hold one
	return true;
}

bool cxxown_shared(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	const struct type *row = decoder_type(decoder, part->type);
	struct name_tail tail = name_tail_of(row->name);
	struct part pointer, control_part;
	uint64_t address, control, use = 0, weak = 0;

	if (!decoder_find_pointer(decoder, part, 0, &pointer) || !decoder_pointer(decoder, &pointer, &address) ||
	    !decoder_find_pointer(decoder, part, 1, &control_part) ||
	    !decoder_pointer(decoder, &control_part, &control))
		return false;
	if (!control) {
		node->text = decoder_place(decoder, address);
		return true;
	}
	if (!read_counts(decoder, cxx_is_libcxx(row), control, &use, &weak)) {
		node->text = decoder_place(decoder, address);
		node->note = "counts unreadable";
		return true;
	}
	node->text = decoder_text(decoder, "%.*s(use=%" PRIu64 ", weak=%" PRIu64 ")", (int)tail.size, tail.text, use,
				  weak);
	uint32_t element = cxx_argument(decoder, part, 0);
	uint64_t size = decoder_size(decoder, element);
	struct part pointee;
	if (!use || !size || name_is(tail, "weak_ptr") || !decoder_may_nest(decoder, node) ||
	    !decoder_fetch(decoder, NULL, address, size, element, &pointee))
		return true;
	node->shape = VALUE_INLINE;
	decoder_add(decoder, node, "*", &pointee);
	return true;
}

static bool find_either(const struct decoder *decoder, const struct part *part, const char *libstdcxx,
			const char *libcxx, struct part *ret)
{
	return decoder_find(decoder, part, libstdcxx, ret) || decoder_find(decoder, part, libcxx, ret);
}

bool cxxown_optional(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	struct part engaged;
	uint64_t is_engaged;
	uint32_t element = cxx_argument(decoder, part, 0);

	if (!find_either(decoder, part, "_M_engaged", "__engaged_", &engaged) ||
	    !decoder_number(decoder, &engaged, &is_engaged) || element == POLYTON_NONE)
		return false;
	if (!is_engaged) {
		node->text = "nullopt";
		return true;
	}
	struct part value = decoder_part(part, element, 0, decoder_size(decoder, element));
	decoder_value(decoder, &value, node);
	return true;
}

bool cxxown_variant(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	struct part place;
	uint64_t index, size;

	if (!find_either(decoder, part, "_M_index", "__index", &place) || !decoder_number(decoder, &place, &index))
		return false;
	size = decoder_size(decoder, place.type);
	if (index == UINT64_MAX >> (64 - 8 * size)) {
		node->text = "valueless";
		return true;
	}
	uint32_t element = index < UINT32_MAX ? cxx_argument(decoder, part, (uint32_t)index) : POLYTON_NONE;
	if (element == POLYTON_NONE) {
		node->note = decoder_text(decoder, "alternative %" PRIu64 " is not known", index);
		return true;
	}
	struct part value = decoder_part(part, element, 0, decoder_size(decoder, element));
	decoder_value(decoder, &value, node);
	if (!node->note[0])
		node->note = decoder_text(decoder, "alternative %" PRIu64, index);
	return true;
}

// Template argument @p nth behind @p mark in a symbol's name; NULL if it is not there.
static const char *named_argument(struct decoder *decoder, const char *symbol, const char *mark, unsigned nth)
{
	const char *start = symbol ? strstr(symbol, mark) : NULL, *end;
	int depth = 0;
	if (!start)
		return NULL;
	start += strlen(mark);
	for (end = start; *end && (depth || (*end != '>' && (*end != ',' || nth))); end++) {
		depth += (*end == '<' || *end == '(') - (*end == '>' || *end == ')');
		if (!depth && *end == ',') {
			nth--;
			start = end + 1;
		}
	}
	if (nth || !*end)
		return NULL;
	start += *start == ' ';
	const char *argument = arena_strndup(decoder->arena, start, start < end ? (size_t)(end - start) : 0);
	decoder->is_out_of_memory |= !argument;
	return argument ? text_name(decoder, argument) : NULL;
}

// Who made it knows its type: libstdc++ by the function that calls it, libc++ by its vtable.
bool cxxown_function(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	struct part place, functor;
	uint64_t maker = 0, held, function;
	bool is_libcxx = cxx_is_libcxx(decoder_type(decoder, part->type));

	if (!decoder_find(decoder, part, is_libcxx ? "__f_" : "_M_manager", &place) ||
	    (is_libcxx && !decoder_find(decoder, &place, "__f_", &place)) || // in a wrapper that is called so, too
	    !decoder_pointer(decoder, &place, &held))
		return false;
	if (!held) {
		node->text = "empty";
		return true;
	}
	if (is_libcxx
		    ? !decoder_fetch_word(decoder, held, &maker)
		    : !decoder_find(decoder, part, "_M_invoker", &place) || !decoder_pointer(decoder, &place, &maker))
		return false;
	const char *target =
		is_libcxx ? named_argument(decoder, decoder_symbol(decoder, maker), "__func<", 0)
			  : named_argument(decoder, decoder_symbol(decoder, maker), "_Function_handler<", 1);
	node->text = target ? target : decoder_place(decoder, maker);
	// A plain function is stored as its address; its type says no more.
	functor = *part;
	if (target && strstr(target, "(*)") &&
	    (is_libcxx ? decoder_fetch_word(decoder, held + decoder->source->arch->word, &function)
		       : decoder_pointer(decoder, &functor, &function)))
		node->text = decoder_place(decoder, function);
	return true;
}

// What manages it is a member of a class that is named for what is held.
bool cxxown_any(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	static const char *const marks[] = { "_Manager_internal<", "_Manager_external<", "_SmallHandler<",
					     "_LargeHandler<" };
	struct part place;
	uint64_t manager;

	if ((!decoder_find_own(decoder, part, "_M_manager", &place) &&
	     !decoder_find_own(decoder, part, "__h", &place)) ||
	    !decoder_pointer(decoder, &place, &manager))
		return false;
	node->text = manager ? decoder_place(decoder, manager) : "empty";
	for (size_t i = 0; manager && i < sizeof(marks) / sizeof(marks[0]); i++) {
		const char *held = named_argument(decoder, decoder_symbol(decoder, manager), marks[i], 0);
		if (held)
			node->text = decoder_text(decoder, "holds %s", held);
	}
	return true;
}

// 0, 1, and when it has been called: libstdc++ hands it to glibc's pthread_once(), libc++ sets all bits.
bool cxxown_once(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	struct part place;
	uint64_t state;

	if ((!decoder_find_own(decoder, part, "_M_once", &place) &&
	     !decoder_find_own(decoder, part, "__state_", &place)) ||
	    !decoder_number(decoder, &place, &state))
		return false;
	node->text = !state ? "not called" : state & 2 ? "called" : "being called";
	return true;
}

bool cxxown_pair(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	const struct type *row = decoder_type(decoder, part->type);
	const struct type_member *member;

	for (uint32_t i = 0; (member = decoder_member(decoder, row, i)); i++) {
		if (member->is_base)
			continue;
		struct part side = decoder_member_part(decoder, part, member);
		node->shape = VALUE_PARENS;
		decoder_add(decoder, node, text_name(decoder, member->name), &side);
	}
	return node->shape == VALUE_PARENS;
}

struct tuple {
	struct part heads[TUPLE_MAX];
	bool has_head[TUPLE_MAX];
	unsigned visits;
};

// Both libraries derive a tuple from one class per element, numbered by its first argument.
static void collect_heads(struct decoder *decoder, const struct part *part, struct tuple *tuple, unsigned reach)
{
	const struct type *row = decoder_type(decoder, part->type);
	struct name_tail tail = name_tail_of(row->name);
	bool is_head = name_is(tail, "_Head_base") || name_is(tail, "__tuple_leaf");
	const struct type_member *member, *index = decoder_parameter(decoder, row, 0);

	for (uint32_t i = 0; (member = decoder_member(decoder, row, i)) && tuple->visits; i++) {
		struct part inner = decoder_member_part(decoder, part, member);
		tuple->visits--;
		if (is_head && index && index->offset < TUPLE_MAX) {
			tuple->heads[index->offset] = inner;
			tuple->has_head[index->offset] = true;
		} else if (reach) {
			collect_heads(decoder, &inner, tuple, reach - 1);
		}
	}
}

bool cxxown_tuple(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	struct tuple *tuple = calloc(1, sizeof(*tuple));
	if (!tuple) {
		decoder->is_out_of_memory = true;
		return false;
	}
	tuple->visits = 4 * TUPLE_MAX;
	collect_heads(decoder, part, tuple, TUPLE_REACH);
	for (size_t i = 0; i < TUPLE_MAX; i++) {
		if (!tuple->has_head[i])
			continue;
		node->shape = VALUE_PARENS;
		decoder_add(decoder, node, decoder_text(decoder, "%zu", i), &tuple->heads[i]);
	}
	free(tuple);
	return node->shape == VALUE_PARENS;
}

bool cxxown_duration(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	static const struct {
		uint64_t numerator, denominator;
		const char *suffix;
	} units[] = {
		{ 1, 1000000000, "ns" }, { 1, 1000000, "us" }, { 1, 1000, "ms" }, { 1, 1, "s" },
		{ 60, 1, "min" },        { 3600, 1, "h" },     { 86400, 1, "d" },
	};
	struct part count;
	const struct type *ratio = decoder_type(decoder, cxx_argument(decoder, part, 1));
	const struct type_member *numerator = decoder_parameter(decoder, ratio, 0),
				 *denominator = decoder_parameter(decoder, ratio, 1);

	if (!numerator || !denominator || !find_either(decoder, part, "__r", "__rep_", &count))
		return false;
	decoder_value(decoder, &count, node);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (units[i].numerator != numerator->offset || units[i].denominator != denominator->offset)
			continue;
		node->text = decoder_text(decoder, "%s%s", node->text, units[i].suffix);
		return true;
	}
	node->text = decoder_text(decoder, "%s * %" PRIu64 "/%" PRIu64 "s", node->text, numerator->offset,
				  denominator->offset);
	return true;
}

bool cxxown_path(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	struct part name;
	if (!find_either(decoder, part, "_M_pathname", "__pn_", &name))
		return false;
	decoder_value(decoder, &name, node);
	return true;
}
