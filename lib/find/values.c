// Thousands of threads mostly hold the same few values, so a value and its text exist once per copy and content.
// Without types a value reads as what its words show: small numbers, and pointers into objects by name.

#include "find/values.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/strmap.h"
#include "find/identity.h"
#include "value/decode.h"

enum {
	VALUES_KEPT = 256,     // bytes of a value that the snapshot holds
	VALUES_TEXT_WORDS = 6, // words in the one-line text
	VALUES_TEXT_MAX = 1024,
	VALUES_LINE_CELLS = 160, // of a typed value's line
	VALUES_ROW_CELLS = 100,  // of a row of its tree
};

struct values {
	struct polyton_snapshot *snapshot;
	const struct arch *arch;
	struct values_options options;
	struct places *places;
	char name[VALUES_TEXT_MAX]; // of the last address that was named
	uint32_t *typed;            // per copy: how many values were shown by their type
	struct strmap known;        // copy index and bytes to index in items
	struct arena keys;          // and names, while texts are made
	char *scratch;              // a key before it is known to be new
	size_t scratch_size;
	vec_of(const struct polyton_value *) items;
};

struct polyton_error *values_create(struct polyton_snapshot *snapshot, const struct values_options *options,
				    struct places *places, struct values **ret)
{
	struct values *values = calloc(1, sizeof(*values));
	if (!values)
		return error_no_memory();
	values->snapshot = snapshot;
	values->arch = options->target->arch;
	values->options = *options;
	values->places = places;
	values->typed = calloc(snapshot->copies.count + 1, sizeof(*values->typed));
	if (!values->typed) {
		free(values);
		return error_no_memory();
	}
	*ret = values;
	return NULL;
}

void values_destroy(struct values *values)
{
	if (!values)
		return;
	strmap_deinit(&values->known);
	arena_deinit(&values->keys);
	free(values->scratch);
	free(values->typed);
	vec_deinit(&values->items);
	free(values);
}

static uint64_t get_number(const struct arch *arch, const uint8_t *bytes, size_t size)
{
	uint64_t value = 0;
	for (size_t i = 0; i < size; i++)
		value |= (uint64_t)bytes[i] << 8 * (arch->is_big_endian ? size - 1 - i : i);
	return value;
}

static int put_word(struct values *values, uint64_t word, char *text, size_t size)
{
	struct place place;
	struct identity identity;
	if (word < 4096)
		return snprintf(text, size, "%" PRIu64, word);
	if (!places_find(values->places, word, &place))
		return snprintf(text, size, "0x%" PRIx64, word);
	const char *object = values->snapshot->objects.items[place.object].name;
	if (!place.symbol[0])
		return snprintf(text, size, "%s+0x%" PRIx64, object, place.offset);
	struct polyton_error *error = identity_of(place.symbol, true, &values->keys, &identity);
	const char *name = error ? place.symbol : identity.name;
	polyton_error_destroy(error);
	if (!place.offset)
		return snprintf(text, size, "%s!%s", object, name);
	return snprintf(text, size, "%s!%s+0x%" PRIx64, object, name, place.offset);
}

static bool read_pointee(void *arg, uint64_t address, void *buffer, size_t size)
{
	struct values *values = arg;
	struct target_read piece = { address, buffer, size, 0 };
	target_read_pieces(values->options.target, &piece, 1);
	return !piece.error;
}

static const char *name_address(void *arg, uint64_t address)
{
	struct values *values = arg;
	struct place place;
	if (!places_find(values->places, address, &place))
		return NULL;
	put_word(values, address, values->name, sizeof(values->name));
	return values->name;
}

// What the guard of the copy says, of a thread-local the one of the thread whose cell it is.
static enum value_state ask_guard(struct values *values, uint32_t copy, const struct polyton_cell *cell)
{
	const struct copy_guard *guard = values->snapshot->guards ? &values->snapshot->guards[copy] : NULL;
	uint8_t byte; // of a word that may be larger: the first byte tells
	if (!guard || guard->kind == GUARD_NONE ||
	    !read_pointee(values, guard->place + (guard->is_relative ? cell->address : 0), &byte, sizeof(byte)))
		return VALUE_PLAIN;
	if (guard->kind == GUARD_RUST)
		return value_state_of_rust(byte);
	enum value_state state = value_state_of_guard(values->arch, &byte, sizeof(byte));
	// A source file's guard is set before its variables are: one that was written is not as it was left by nobody.
	bool is_contradicted = guard->kind == GUARD_UNIT && state == VALUE_UNINITIALISED &&
			       cell->state == POLYTON_CELL_SET;
	return is_contradicted ? VALUE_PLAIN : state;
}

// As the programmer wrote it. False where there is no type for it.
static struct polyton_error *put_typed(struct values *values, uint32_t copy, const uint8_t *bytes, size_t size,
				       uint64_t address, enum value_state state, struct polyton_value *ret)
{
	const struct type_of *type = values->snapshot->types ? &values->snapshot->types[copy] : NULL;
	struct arena *arena = &values->snapshot->arena;
	if (!type || type->absence != TYPE_IS_THERE || !type->graph ||
	    values->typed[copy] >= values->options.typed_limit)
		return NULL;
	values->typed[copy]++;
	const struct value_source source = { values->arch, read_pointee, name_address, values };
	const struct value_input input = { type, bytes, size, address, state };
	const struct value_limits *limits = values->options.keep_trees ? &value_tree_limits : NULL;
	struct value value;
	struct polyton_error *error = value_decode(&input, &source, limits, arena, &value);
	if (error)
		return error;
	ret->text = value_line(&value, VALUES_LINE_CELLS, arena);
	if (!ret->text)
		return error_no_memory();
	ret->is_typed = true;
	ret->state = (enum polyton_value_state)value.state;
	if (!values->options.keep_trees)
		return NULL;
	const struct value_row *rows;
	size_t count;
	error = value_rows(&value, VALUES_ROW_CELLS, arena, &rows, &count);
	struct polyton_value_row *kept = error ? NULL : arena_alloc(arena, count + 1, sizeof(*kept));
	if (!kept)
		return error ? error : error_no_memory();
	for (size_t i = 0; i < count; i++)
		kept[i] = (struct polyton_value_row){ rows[i].depth, rows[i].label, rows[i].type, rows[i].text,
						      rows[i].has_parts };
	ret->rows = kept;
	ret->row_count = (uint32_t)count;
	return NULL;
}

static bool is_number_size(size_t size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

static size_t put_text(struct values *values, const uint8_t *bytes, size_t size, size_t whole, char *text)
{
	size_t word = values->arch->word, used = 0;
	if (is_number_size(whole) && size == whole && whole != word)
		return (size_t)snprintf(text, VALUES_TEXT_MAX, "%" PRIu64, get_number(values->arch, bytes, size));

	size_t words = size / word, shown = words < VALUES_TEXT_WORDS ? words : VALUES_TEXT_WORDS;
	for (size_t i = 0; i < shown && used + 1 < VALUES_TEXT_MAX; i++) {
		if (i)
			text[used++] = ' ';
		int length = put_word(values, get_number(values->arch, bytes + i * word, word), text + used,
				      VALUES_TEXT_MAX - used);
		used += length > 0 ? (size_t)length : 0;
		if (used >= VALUES_TEXT_MAX)
			used = VALUES_TEXT_MAX - 1;
	}
	size_t rest = shown * word; // an odd tail, when all words were shown
	for (; shown == words && rest < size && used + 4 < VALUES_TEXT_MAX; rest++)
		used += (size_t)snprintf(text + used, VALUES_TEXT_MAX - used, "%s%02x", used ? " " : "", bytes[rest]);
	if ((rest < size || size < whole) && used + 5 < VALUES_TEXT_MAX)
		used += (size_t)snprintf(text + used, VALUES_TEXT_MAX - used, " ...");
	return used;
}

// What makes a value: the copy, the guard's word, the bytes.
enum { KEY_STATE = sizeof(uint32_t), KEY_BYTES };

// In memory that the next call uses again; NULL when out of memory.
static const char *make_key(struct values *values, uint32_t copy, enum value_state state, const uint8_t *bytes,
			    size_t size)
{
	size_t need = KEY_BYTES + size;
	if (need > values->scratch_size) {
		char *grown = realloc(values->scratch, need);
		if (!grown)
			return NULL;
		values->scratch = grown;
		values->scratch_size = need;
	}
	memcpy(values->scratch, &copy, sizeof(copy));
	values->scratch[KEY_STATE] = (char)state;
	memcpy(values->scratch + KEY_BYTES, bytes, size);
	return values->scratch;
}

// Without a type: its words.
static struct polyton_error *put_words(struct values *values, uint32_t copy, const uint8_t *bytes, size_t size,
				       struct polyton_value *ret)
{
	char text[VALUES_TEXT_MAX];
	size_t length = put_text(values, bytes, size, values->snapshot->copies.items[copy].size, text);
	ret->text = arena_strndup(&values->snapshot->arena, text, length);
	return ret->text ? NULL : error_no_memory();
}

static struct polyton_error *intern(struct values *values, uint32_t copy, const uint8_t *bytes, size_t size,
				    const struct polyton_cell *cell, const struct polyton_value **ret)
{
	size_t key_size = KEY_BYTES + size;
	enum value_state state = ask_guard(values, copy, cell);
	const char *key = make_key(values, copy, state, bytes, size);
	if (!key)
		return error_no_memory();
	const uint32_t *known = strmap_find(&values->known, key, key_size);
	if (known) {
		*ret = values->items.items[*known];
		return NULL;
	}

	char *kept_key = arena_alloc(&values->keys, 1, key_size);
	size_t kept = size < VALUES_KEPT ? size : VALUES_KEPT;
	struct polyton_value *value = arena_alloc(&values->snapshot->arena, 1, sizeof(*value));
	uint8_t *content = arena_alloc(&values->snapshot->arena, 1, kept);
	const struct polyton_value **place = vec_push(&values->items);
	if (!kept_key || !value || !content || !place)
		return error_no_memory();
	memcpy(kept_key, key, key_size);
	memcpy(content, bytes, kept);
	*value = (struct polyton_value){ .bytes = content, .size = (uint32_t)kept };
	struct polyton_error *error = put_typed(values, copy, bytes, size, cell->address, state, value);
	if (!error && !value->is_typed)
		error = put_words(values, copy, bytes, size, value);
	if (error)
		return error;
	*place = *ret = value;
	return strmap_at(&values->known, kept_key, key_size, (uint32_t)values->items.count - 1) ? NULL
												: error_no_memory();
}

struct polyton_error *values_settle(struct values *values, uint32_t copy, const uint8_t *bytes,
				    const uint8_t *initial, size_t size, struct polyton_cell *cell)
{
	cell->state = POLYTON_CELL_PRESENT;
	if (initial)
		cell->state = memcmp(bytes, initial, size) ? POLYTON_CELL_SET : POLYTON_CELL_INITIAL;
	return intern(values, copy, bytes, size, cell, &cell->value);
}
