// A target's strings may hold anything, so they are cut by bytes first and made readable after.

#include "value/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/vec.h"

enum {
	TEXT_ESCAPE = 16,     // room for the longest escape, "\u{10ffff}"
	TEXT_BAD = 0x110000,  // no character
	TEXT_NAME_MAX = 1024, // bytes of a name
	TEXT_READ_STEP = 64,  // an unterminated string is read in steps, as the next page may not be there
	TEXT_MAX_TYPEDEFS = 8,
	TEXT_FIRST_GRAPHIC = 0xa0, // below, from 0x7f on, are control characters
};

typedef vec_of(char) char_list;

static bool append(char_list *list, const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		char *place = vec_push(list);
		if (!place)
			return false;
		*place = text[i];
	}
	return true;
}

// One character off UTF-8; TEXT_BAD and one byte where there is none.
static unsigned decode_utf8(const uint8_t *bytes, size_t size, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned length = bytes[0] < 0x80 ? 1 : bytes[0] >= 0xf0 ? 4 : bytes[0] >= 0xe0 ? 3 : 2;
	uint32_t value = length == 1 ? bytes[0] : bytes[0] & (0x7f >> length);

	*ret = TEXT_BAD;
	if ((length > 1 && bytes[0] < 0xc2) || bytes[0] > 0xf4 || length > size)
		return 1;
	for (unsigned i = 1; i < length; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 1;
		value = value << 6 | (bytes[i] & 0x3f);
	}
	if (value < least[length] || value >= TEXT_BAD || (value >= 0xd800 && value < 0xe000))
		return 1;
	*ret = value;
	return length;
}

static size_t encode_utf8(uint32_t character, char *ret)
{
	if (character < 0x80) {
		ret[0] = (char)character;
		return 1;
	}
	size_t length = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
	for (size_t i = length - 1; i; i--, character >>= 6)
		ret[i] = (char)(0x80 | (character & 0x3f));
	ret[0] = (char)((0xf00 >> length & 0xff) | character);
	return length;
}

static size_t escape(uint32_t character, char quote, char *ret)
{
	static const char letters[] = "\0"
				      "0\nn\tt\rr\\\\";
	for (size_t i = 0; i + 1 < sizeof(letters); i += 2)
		if (character == (uint8_t)letters[i])
			return (size_t)snprintf(ret, TEXT_ESCAPE, "\\%c", letters[i + 1]);
	if (quote && character == (uint8_t)quote)
		return (size_t)snprintf(ret, TEXT_ESCAPE, "\\%c", quote);
	if (character < 0x20 || character == 0x7f)
		return (size_t)snprintf(ret, TEXT_ESCAPE, "\\x%02x", character);
	if ((character > 0x7f && character < TEXT_FIRST_GRAPHIC) || character >= TEXT_BAD ||
	    (character >= 0xd800 && character < 0xe000))
		return (size_t)snprintf(ret, TEXT_ESCAPE, "\\u{%x}", character);
	return encode_utf8(character, ret);
}

// One character of @p unit bytes off the front; a surrogate pair is one.
static size_t decode_unit(const struct decoder *decoder, const uint8_t *bytes, size_t size, unsigned unit,
			  uint32_t *ret)
{
	if (unit == 1)
		return decode_utf8(bytes, size, ret);
	*ret = (uint32_t)decoder_unsigned(decoder, bytes, unit);
	if (unit == 2 && size >= 4 && *ret >= 0xd800 && *ret < 0xdc00) {
		uint32_t low = (uint32_t)decoder_unsigned(decoder, bytes + 2, 2);
		if (low >= 0xdc00 && low < 0xe000) {
			*ret = 0x10000 + ((*ret - 0xd800) << 10) + (low - 0xdc00);
			return 4;
		}
	}
	return unit;
}

static bool append_escaped(const struct decoder *decoder, char_list *list, const uint8_t *bytes, size_t size,
			   unsigned unit, char quote)
{
	char escaped[TEXT_ESCAPE];
	for (size_t at = 0, taken; at + unit <= size; at += taken) {
		uint32_t character;
		taken = decode_unit(decoder, bytes + at, size - at, unit, &character);
		size_t length = unit == 1 && character == TEXT_BAD
					? (size_t)snprintf(escaped, sizeof(escaped), "\\x%02x", bytes[at])
					: escape(character, quote, escaped);
		if (!append(list, escaped, length))
			return false;
	}
	return true;
}

static const char *finish(struct decoder *decoder, char_list *list, bool is_fine)
{
	const char *ret = is_fine ? arena_strndup(decoder->arena, list->items ? list->items : "", list->count) : NULL;
	vec_deinit(list);
	decoder->is_out_of_memory |= !ret;
	return ret ? ret : "";
}

const char *text_name(struct decoder *decoder, const char *name)
{
	char_list list = { 0 };
	bool is_fine = append_escaped(decoder, &list, (const uint8_t *)name, strnlen(name, TEXT_NAME_MAX), 1, '\0');
	return finish(decoder, &list, is_fine);
}

const char *text_quoted(struct decoder *decoder, const uint8_t *bytes, size_t size, unsigned unit, bool is_cut)
{
	char_list list = { 0 };
	bool is_fine = append(&list, "\"", 1) && append_escaped(decoder, &list, bytes, size, unit, '"') &&
		       append(&list, "\"...", is_cut ? 4 : 1);
	return finish(decoder, &list, is_fine);
}

const char *text_character(struct decoder *decoder, uint32_t character)
{
	char escaped[TEXT_ESCAPE];
	size_t length = escape(character, '\'', escaped);
	return decoder_text(decoder, "'%.*s'", (int)length, escaped);
}

// C has its wide characters by typedef.
static bool is_named_text(const struct decoder *decoder, uint32_t type)
{
	static const char *const names[] = { "wchar_t", "char8_t", "char16_t", "char32_t" };
	for (int i = 0; i < TEXT_MAX_TYPEDEFS; i++) {
		const struct type *row = type_at(decoder->graph, type);
		for (size_t j = 0; j < sizeof(names) / sizeof(names[0]); j++)
			if (!strcmp(row->name, names[j]))
				return true;
		if (row->kind != TYPE_TYPEDEF && row->kind != TYPE_QUALIFIED)
			return false;
		type = row->target;
	}
	return false;
}

unsigned text_unit(const struct decoder *decoder, uint32_t type)
{
	const struct type *row = decoder_type(decoder, type);
	bool is_unit = row->size == 1 || row->size == 2 || row->size == 4;
	if (row->kind != TYPE_BASE || !is_unit)
		return 0;
	// A signed or unsigned char is a small number as often as text; text_array() looks at what it holds.
	bool is_text = row->encoding == TYPE_ENCODING_UTF || is_named_text(decoder, type) ||
		       (row->encoding == TYPE_ENCODING_CHARACTER && !strcmp(row->name, "char"));
	return is_text && row->language != POLYTON_LANGUAGE_RUST ? (unsigned)row->size : 0;
}

void text_at(struct decoder *decoder, struct value_node *node, const struct part *inside, uint64_t address,
	     uint64_t count, unsigned unit)
{
	struct part part;
	uint64_t most = decoder->limits.text / unit, shown = count < most ? count : most;

	if (!count) {
		node->text = "\"\"";
		return;
	}
	if (!decoder_fetch(decoder, inside, address, shown * unit, POLYTON_NONE, &part)) {
		node->text = decoder_place(decoder, address);
		node->note = decoder_text(decoder, "size %" PRIu64 ", unreadable", count);
		return;
	}
	bool is_cut = part.size / unit < count;
	node->text = text_quoted(decoder, part.bytes, part.size, unit, is_cut);
	if (is_cut)
		node->note = decoder_text(decoder, "size %" PRIu64, count);
}

// Units before the first null character.
static size_t terminated_size(const struct part *part, unsigned unit)
{
	static const uint8_t zero[4] = { 0 };
	size_t at = 0;
	while (at + unit <= part->size && memcmp(part->bytes + at, zero, unit))
		at += unit;
	return at;
}

void text_terminated_at(struct decoder *decoder, struct value_node *node, uint64_t address, unsigned unit)
{
	struct part part;
	uint64_t most = decoder->limits.text & ~3U;

	if (!address) {
		node->text = "null";
		return;
	}
	// The whole limit at once is one read; where memory ends before, up to the end of that step.
	uint64_t step = TEXT_READ_STEP - address % TEXT_READ_STEP;
	if (!decoder_fetch(decoder, NULL, address, most, POLYTON_NONE, &part) &&
	    !decoder_fetch(decoder, NULL, address, step < most ? step : most, POLYTON_NONE, &part)) {
		node->text = decoder_place(decoder, address);
		return;
	}
	size_t size = terminated_size(&part, unit);
	node->text = text_quoted(decoder, part.bytes, size, unit, size + unit > part.size);
}

static bool is_printable(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if ((bytes[i] < 0x20 && bytes[i] != '\n' && bytes[i] != '\t') || bytes[i] >= 0x7f)
			return false;
	return size > 0;
}

bool text_array(struct decoder *decoder, struct value_node *node, const struct part *part, uint32_t element)
{
	const struct type *row = decoder_type(decoder, element);
	unsigned unit = text_unit(decoder, element);
	bool is_guess = !unit && row->kind == TYPE_BASE && row->encoding == TYPE_ENCODING_CHARACTER &&
			row->size == 1 && type_at(decoder->graph, element)->kind != TYPE_TYPEDEF;
	if (!unit && !is_guess)
		return false;
	unit = unit ? unit : 1;

	size_t size = part->size - part->size % unit;
	while (size && !part->bytes[size - 1])
		size--;
	size = (size + unit - 1) / unit * unit;
	if (is_guess && !is_printable(part->bytes, size))
		return false;
	size_t most = decoder->limits.text & ~3U;
	bool is_cut = size > most || part->size < decoder_size(decoder, part->type);
	node->text = text_quoted(decoder, part->bytes, size < most ? size : most, unit, is_cut);
	return true;
}
