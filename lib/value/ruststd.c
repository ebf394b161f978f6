// Collections and shared ownership. Lengths come from the target: what is read is bounded by the limits, what is
// claimed is shown as it is.

#include "value/ruststd.h"

#include <inttypes.h>
#include <string.h>

#include "value/name.h"
#include "value/rust.h"
#include "value/text.h"

enum {
	RUSTSTD_CONTROL_FULL = 0x80, // hashbrown: a control byte below it belongs to a full bucket
	NANOS_DIGITS = 9,
};

static bool fill_vec(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	struct part pointer;
	uint64_t address, length;
	const struct type_member *element = decoder_parameter(decoder, decoder_type(decoder, part->type), 0);

	if (!element || !decoder_find_number(decoder, part, "len", &length) ||
	    !decoder_find_pointer(decoder, part, 0, &pointer) || !decoder_pointer(decoder, &pointer, &address))
		return false;
	decoder_sequence(decoder, node, part, address, element->type, length);
	return true;
}

// String, OsString, PathBuf: a vector of bytes. CString: a boxed slice that ends in a null byte.
static bool fill_text(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	struct part pointer;
	uint64_t address, length;
	bool is_boxed = !decoder_find_number(decoder, part, "len", &length);

	if ((is_boxed && !decoder_find_number(decoder, part, "length", &length)) ||
	    !decoder_find_pointer(decoder, part, 0, &pointer) || !decoder_pointer(decoder, &pointer, &address))
		return false;
	text_at(decoder, node, part, address, is_boxed && length ? length - 1 : length, 1);
	return true;
}

// RcInner and ArcInner are repr(C): strong, weak, value.
static void fill_content(struct decoder *decoder, const struct part *part, uint32_t target, uint64_t address,
			 struct value_node *node)
{
	const struct type *row = decoder_type(decoder, part->type), *inner = decoder_type(decoder, target);
	const struct type_member *member, *value = NULL;
	uint64_t word = decoder->source->arch->word, size = decoder_size(decoder, part->type);
	struct part whole;

	if (strstr(row->name, "c<str") && part->size >= 2 * word && size == 2 * word) {
		struct value_node *child = decoder_child(decoder, node, "value");
		text_at(decoder, child, NULL, address + 2 * word,
			decoder_unsigned(decoder, part->bytes + word, (size_t)word), 1);
		return;
	}
	for (uint32_t i = 0; (member = decoder_member(decoder, inner, i)); i++)
		if (strcmp(member->name, "strong") && strcmp(member->name, "weak"))
			value = member;
	if (size != word || !value || decoder_is_empty(decoder, value->type) ||
	    !decoder_fetch(decoder, NULL, address, decoder_size(decoder, target), target, &whole))
		return;
	struct part content = decoder_member_part(decoder, &whole, value);
	decoder_add(decoder, node, "value", &content);
}

static bool fill_counted(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	const struct type *row = decoder_type(decoder, part->type);
	struct name_tail tail = name_tail_of(row->name);
	bool is_weak = name_is(tail, "Weak");
	uint64_t address, strong, weak, word = decoder->source->arch->word;
	struct part pointer;

	if (!decoder_find_pointer(decoder, part, 0, &pointer) || !decoder_pointer(decoder, &pointer, &address))
		return false;
	if (is_weak && address == (word < sizeof(address) ? UINT32_MAX : UINT64_MAX)) {
		node->text = "Weak(dangling)";
		return true;
	}
	if (!decoder_fetch_word(decoder, address, &strong) || !decoder_fetch_word(decoder, address + word, &weak)) {
		node->text = decoder_place(decoder, address);
		node->note = "unreadable";
		return true;
	}
	// All strong ones together hold one weak count.
	node->text = decoder_text(decoder, "%.*s(strong=%" PRIu64 ", weak=%" PRIu64 ")", (int)tail.size, tail.text,
				  strong, weak - (strong && weak ? 1 : 0));
	if (is_weak)
		return true;
	node->shape = VALUE_INLINE;
	fill_content(decoder, part, decoder_type(decoder, pointer.type)->target, address, node);
	return true;
}

// The pairs of a hashbrown table lie below its control bytes, backwards.
static void fill_buckets(struct decoder *decoder, uint64_t control, uint64_t mask, uint32_t pair, uint64_t items,
			 struct value_node *node)
{
	const struct type *row = decoder_type(decoder, pair);
	const struct type_member *key = decoder_member(decoder, row, 0), *value = decoder_member(decoder, row, 1);
	uint64_t size = decoder_size(decoder, pair), shown = 0, below;
	bool is_set = value && decoder_is_empty(decoder, value->type);
	struct part bytes, bucket;

	node->shape = VALUE_BRACES;
	node->is_cut = true;
	if (!key || !value || !size || !decoder_fetch(decoder, NULL, control, mask + 1, POLYTON_NONE, &bytes))
		return;
	for (uint64_t i = 0; i < bytes.size && i <= mask && shown < items; i++) {
		if (bytes.bytes[i] >= RUSTSTD_CONTROL_FULL)
			continue;
		if (shown == decoder->limits.elements || __builtin_mul_overflow(i + 1, size, &below) ||
		    !decoder_fetch(decoder, NULL, control - below, size, pair, &bucket))
			return;
		struct part first = decoder_member_part(decoder, &bucket, key),
			    second = decoder_member_part(decoder, &bucket, value);
		decoder_entry(decoder, node, &first, is_set ? NULL : &second);
		shown++;
	}
	node->is_cut = shown < items;
}

static bool fill_hash_table(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	struct part table, control;
	uint64_t items, mask, address;

	if (!decoder_find_number(decoder, part, "items", &items) || !decoder_find(decoder, part, "table", &table) ||
	    !decoder_find_number(decoder, part, "bucket_mask", &mask) ||
	    !decoder_find(decoder, part, "ctrl", &control) || !decoder_pointer(decoder, &control, &address))
		return false;
	node->text = decoder_text(decoder, "size %" PRIu64, items);
	const struct type_member *pair = decoder_parameter(decoder, decoder_type(decoder, table.type), 0);
	if (items && pair && mask < UINT64_MAX)
		fill_buckets(decoder, address, mask, pair->type, items, node);
	return true;
}

// Nodes hold several keys in an order of their own; their number is all that is told.
static bool fill_btree(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	uint64_t length;
	if (!decoder_find_number(decoder, part, "length", &length))
		return false;
	node->text = decoder_text(decoder, "size %" PRIu64, length);
	node->shape = length ? VALUE_BRACES : VALUE_LEAF;
	node->is_cut = length > 0;
	return true;
}

// A ring: from 1.67 on a first index and a length, before that two indices into a power of two.
static bool find_ring(const struct decoder *decoder, const struct part *part, uint64_t *start, uint64_t *length,
		      uint64_t *capacity)
{
	uint64_t head, tail;
	if (!decoder_find_number(decoder, part, "cap", capacity) ||
	    !decoder_find_number(decoder, part, "head", &head))
		return false;
	if (decoder_find_number(decoder, part, "tail", &tail)) {
		*start = tail;
		*length = *capacity ? (head - tail) & (*capacity - 1) : 0;
	} else if (decoder_find_number(decoder, part, "len", length)) {
		*start = head;
	} else {
		return false;
	}
	return *length <= *capacity && (*start < *capacity || !*length);
}

static bool fill_deque(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	const struct type_member *element = decoder_parameter(decoder, decoder_type(decoder, part->type), 0);
	uint64_t address, start, length, capacity, size, before, bytes;
	struct part pointer, first, second = { 0 };

	if (!element || !find_ring(decoder, part, &start, &length, &capacity) ||
	    !decoder_find_pointer(decoder, part, 0, &pointer) || !decoder_pointer(decoder, &pointer, &address))
		return false;
	size = decoder_size(decoder, element->type);
	uint64_t straight = length < capacity - start ? length : capacity - start, wrapped = length - straight;
	if (!wrapped || !size || __builtin_mul_overflow(start, size, &before) ||
	    __builtin_mul_overflow(length, size, &bytes) || bytes > DECODER_MAX_PIECE) {
		decoder_sequence(decoder, node, NULL, address + start * size, element->type, length);
		node->is_cut |= wrapped > 0;
		return true;
	}
	node->text = decoder_text(decoder, "size %" PRIu64, length);
	uint8_t *ring = arena_alloc(decoder->arena, 1, (size_t)bytes);
	decoder->is_out_of_memory |= !ring;
	if (!ring || !decoder_fetch(decoder, NULL, address + before, straight * size, element->type, &first) ||
	    !decoder_fetch(decoder, NULL, address, wrapped * size, element->type, &second) ||
	    first.size + second.size > bytes) {
		node->note = "unreadable";
		return true;
	}
	memcpy(ring, first.bytes, first.size);
	memcpy(ring + first.size, second.bytes, second.size);
	struct part whole = { element->type, ring, first.size + second.size, 0 };
	decoder_elements(decoder, node, &whole, element->type, length);
	return true;
}

static bool fill_duration(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	uint64_t seconds, nanos;
	if (!decoder_find_number(decoder, part, "secs", &seconds) ||
	    !decoder_find_number(decoder, part, "nanos", &nanos))
		return false;
	int digits = NANOS_DIGITS;
	for (; digits > 1 && nanos % 10 == 0; digits--)
		nanos /= 10;
	node->text = nanos ? decoder_text(decoder, "%" PRIu64 ".%0*" PRIu64 "s", seconds, digits, nanos)
			   : decoder_text(decoder, "%" PRIu64 "s", seconds);
	return true;
}

// A byte in there.
static bool fill_atomic_bool(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	uint64_t value;
	if (!decoder_number(decoder, part, &value) || value > 1)
		return false;
	node->text = value ? "true" : "false";
	return true;
}

bool ruststd_value(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	static const struct {
		const char *name;
		bool (*fill)(struct decoder *decoder, const struct part *part, struct value_node *node);
	} readers[] = {
		{ "Vec", fill_vec },
		{ "String", fill_text },
		{ "OsString", fill_text },
		{ "PathBuf", fill_text },
		{ "CString", fill_text },
		{ "Rc", fill_counted },
		{ "Arc", fill_counted },
		{ "Weak", fill_counted },
		{ "HashMap", fill_hash_table },
		{ "HashSet", fill_hash_table },
		{ "BTreeMap", fill_btree },
		{ "BTreeSet", fill_btree },
		{ "VecDeque", fill_deque },
		{ "Duration", fill_duration },
		{ "AtomicBool", fill_atomic_bool },
		{ "RefCell", rustcell_refcell },
		{ "Mutex", rustcell_lock },
		{ "RwLock", rustcell_lock },
		{ "Once", rustcell_once },
		{ "OnceCell", rustcell_once_cell },
		{ "OnceLock", rustcell_once_lock },
		{ "LazyLock", rustcell_once_lock },
		{ "LazyCell", rustcell_lazy_cell },
		{ "MaybeUninit", rustcell_maybe_uninit },
	};
	struct name_tail tail = name_tail_of(decoder_type(decoder, part->type)->name);
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		if (name_is(tail, readers[i].name))
			return readers[i].fill(decoder, part, node);
	return false;
}
