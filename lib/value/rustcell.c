// Cells, locks and what is made once: the state first, then what is in them.

#include <inttypes.h>
#include <string.h>

#include "value/name.h"
#include "value/rust.h"
#include "value/ruststd.h"

enum once_state { ONCE_INCOMPLETE, ONCE_POISONED, ONCE_RUNNING, ONCE_COMPLETE, ONCE_UNKNOWN };

enum {
	FUTEX_SIZE = 4,
	RWLOCK_MASK = (1 << 30) - 1, // std::sys::sync::rwlock::futex: readers, all of them set: a writer
};

bool rustcell_refcell(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	struct part value, inner;
	uint64_t borrow, word = decoder->source->arch->word;

	if (!decoder_find_number(decoder, part, "borrow", &borrow) || !decoder_find(decoder, part, "value", &value) ||
	    !rust_argument(decoder, part, 0, &value, &inner))
		return false;
	decoder_value(decoder, &inner, node);
	if (borrow >> (8 * word - 1) & 1) // a negative isize
		rust_note(decoder, node, "mutably borrowed");
	else if (borrow)
		rust_note(decoder, node, decoder_text(decoder, "borrowed %" PRIu64, borrow));
	return true;
}

// Mutex and RwLock of std and lock_api: what is not a futex has a state of its own that is left out.
bool rustcell_lock(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	const struct type *row = decoder_type(decoder, part->type);
	bool is_mutex = name_is(name_tail_of(row->name), "Mutex"), is_lock_api = name_is_in(row->name, "lock_api");
	struct part data, value, inner;
	uint64_t poison = 0, futex = 0;

	if (!decoder_find(decoder, part, "data", &data) ||
	    !rust_argument(decoder, part, is_lock_api ? 1 : 0, &data, &value))
		return false;
	bool has_futex = decoder_find(decoder, part, "inner", &inner) && inner.size >= FUTEX_SIZE &&
			 decoder_size(decoder, inner.type) == FUTEX_SIZE * (is_mutex ? 1U : 2U);
	if (has_futex)
		futex = decoder_unsigned(decoder, inner.bytes, FUTEX_SIZE);
	decoder_value(decoder, &value, node);
	if (decoder_find_number(decoder, part, "poison", &poison) && poison)
		rust_note(decoder, node, "poisoned");
	if (is_mutex && futex)
		rust_note(decoder, node, "locked");
	else if ((futex & RWLOCK_MASK) == RWLOCK_MASK)
		rust_note(decoder, node, "write-locked");
	else if (futex & RWLOCK_MASK)
		rust_note(decoder, node, decoder_text(decoder, "read-locked %" PRIu64, futex & RWLOCK_MASK));
	return true;
}

// Numbers of Once's states. 1.63: two bits of a pointer. With a futex first five states, of which the fourth is
// "running, and waited for"; then four, and a bit for the waiting (pull request 127567, in 1.82 or 1.83); then the
// same downwards, so that complete is zero (143881, in 1.90 or 1.91). Where the release is not certain, only what
// means the same in both is believed.
static enum once_state once_state_of(const struct decoder *decoder, uint64_t value)
{
	static const enum once_state upwards[] = { ONCE_INCOMPLETE, ONCE_POISONED, ONCE_RUNNING, ONCE_COMPLETE };
	static const enum once_state five[] = { ONCE_INCOMPLETE, ONCE_POISONED, ONCE_RUNNING, ONCE_RUNNING,
						ONCE_COMPLETE };
	unsigned minor = decoder->rust_minor;

	if (!minor || minor == 90)
		return ONCE_UNKNOWN;
	if (minor > 90)
		return upwards[3 - (value & 3)];
	if (minor == 82 || minor == 83)
		return value < 3 ? upwards[value] : ONCE_UNKNOWN;
	if (minor < 64 || minor > 83)
		return upwards[value & 3];
	return value < 5 ? five[value] : ONCE_UNKNOWN;
}

static bool find_once(const struct decoder *decoder, const struct part *part, enum once_state *ret)
{
	struct part once = *part;
	uint64_t value;

	if (!name_is(name_tail_of(decoder_type(decoder, part->type)->name), "Once") &&
	    !decoder_find(decoder, part, "once", &once))
		return false;
	if (!decoder_number(decoder, &once, &value))
		return false;
	*ret = once_state_of(decoder, value);
	return true;
}

static void tell_once(struct value_node *node, enum once_state state)
{
	static const char *const texts[] = {
		[ONCE_INCOMPLETE] = "uninitialised",
		[ONCE_POISONED] = "poisoned",
		[ONCE_RUNNING] = "being initialised",
		[ONCE_COMPLETE] = "done",
		[ONCE_UNKNOWN] = "",
	};
	node->text = texts[state];
	if (state == ONCE_UNKNOWN)
		node->note = "state not known";
}

bool rustcell_once(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	enum once_state state;
	if (!find_once(decoder, part, &state))
		return false;
	tell_once(node, state);
	return true;
}

bool rustcell_once_lock(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	enum once_state state;
	struct part place, value;

	if (!find_once(decoder, part, &state) ||
	    (!decoder_find(decoder, part, "data", &place) && !decoder_find(decoder, part, "value", &place)) ||
	    !rust_argument(decoder, part, 0, &place, &value))
		return false;
	if (state == ONCE_COMPLETE)
		decoder_value(decoder, &value, node);
	else
		tell_once(node, state);
	return true;
}

// Whether an enum in @p part is in that variant: its content then becomes the node's, else @p otherwise its text.
static bool fill_if(struct decoder *decoder, const struct part *part, const char *member, const char *name,
		    struct value_node *node)
{
	struct part place, inner, content, value;

	if (!decoder_find(decoder, part, member, &place) || !rust_unwrap_enum(decoder, &place, &inner))
		return false;
	const struct type_variant *variant = rust_variant(decoder, &inner, &content);
	if (!variant)
		return false;
	if (strcmp(variant->name, name)) {
		node->text = strcmp(variant->name, "Poisoned") ? "uninitialised" : "poisoned";
		return true;
	}
	if (!rust_first(decoder, &content, &value))
		return false;
	decoder_value(decoder, &value, node);
	return true;
}

bool rustcell_once_cell(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	return fill_if(decoder, part, "inner", "Some", node);
}

bool rustcell_lazy_cell(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	return fill_if(decoder, part, "state", "Init", node);
}

bool rustcell_maybe_uninit(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	struct part value;
	if (!rust_argument(decoder, part, 0, part, &value))
		return false;
	node->text = "MaybeUninit";
	node->shape = VALUE_PARENS;
	decoder_add(decoder, node, "value", &value);
	return true;
}
