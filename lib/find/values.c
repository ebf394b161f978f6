// Thousands of threads mostly hold the same few values, so a value and its text exist once per copy and content.
// Without types a value reads as what its words show: small numbers, and pointers into objects by name.

#include "find/values.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/strmap.h"
#include "find/identity.h"

enum {
	VALUES_KEPT = 256,     // bytes of a value that the snapshot holds
	VALUES_TEXT_WORDS = 6, // words in the one-line text
	VALUES_TEXT_MAX = 1024,
};

struct values {
	struct polyton_snapshot *snapshot;
	const struct arch *arch;
	struct places *places;
	struct strmap known; // copy index and bytes to index in items
	struct arena keys;   // and names, while texts are made
	char *scratch;       // a key before it is known to be new
	size_t scratch_size;
	vec_of(const struct polyton_value *) items;
};

struct polyton_error *values_create(struct polyton_snapshot *snapshot, const struct arch *arch, struct places *places,
				    struct values **ret)
{
	struct values *values = calloc(1, sizeof(*values));
	if (!values)
		return error_no_memory();
	values->snapshot = snapshot;
	values->arch = arch;
	values->places = places;
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

// The copy and its bytes, in memory that the next call uses again; NULL when out of memory.
static const char *make_key(struct values *values, uint32_t copy, const uint8_t *bytes, size_t size)
{
	size_t need = sizeof(copy) + size;
	if (need > values->scratch_size) {
		char *grown = realloc(values->scratch, need);
		if (!grown)
			return NULL;
		values->scratch = grown;
		values->scratch_size = need;
	}
	memcpy(values->scratch, &copy, sizeof(copy));
	memcpy(values->scratch + sizeof(copy), bytes, size);
	return values->scratch;
}

static struct polyton_error *intern(struct values *values, uint32_t copy, const uint8_t *bytes, size_t size,
				    const struct polyton_value **ret)
{
	size_t key_size = sizeof(copy) + size;
	const char *key = make_key(values, copy, bytes, size);
	if (!key)
		return error_no_memory();
	const uint32_t *known = strmap_find(&values->known, key, key_size);
	if (known) {
		*ret = values->items.items[*known];
		return NULL;
	}

	char *kept_key = arena_alloc(&values->keys, 1, key_size);
	char text[VALUES_TEXT_MAX];
	size_t kept = size < VALUES_KEPT ? size : VALUES_KEPT;
	size_t length = put_text(values, bytes, size, values->snapshot->copies.items[copy].size, text);
	struct polyton_value *value = arena_alloc(&values->snapshot->arena, 1, sizeof(*value));
	uint8_t *content = arena_alloc(&values->snapshot->arena, 1, kept);
	const char *line = arena_strndup(&values->snapshot->arena, text, length);
	const struct polyton_value **place = vec_push(&values->items);
	if (!kept_key || !value || !content || !line || !place)
		return error_no_memory();
	memcpy(kept_key, key, key_size);
	memcpy(content, bytes, kept);
	*value = (struct polyton_value){ content, (uint32_t)kept, line };
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
	return intern(values, copy, bytes, size, &cell->value);
}
