// Numbers are read by size and byte order of the target; nothing here depends on what this machine's own types are.

#include "value/scalar.h"

#include <elf.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "value/text.h"

enum {
	SCALAR_MAX_SIZE = 16,
	SCALAR_DIGITS = 40, // of 2^128, and a sign
	SCALAR_MAX_ENUMERATORS = 4096,
	SCALAR_SHOWN_BYTES = 16, // of a type that is not understood
	SCALAR_FLAG_TEXT = 256,
};

typedef unsigned __int128 wide;

// Up to 16 bytes, sign-extended if it is signed.
static wide get_wide(const struct decoder *decoder, const uint8_t *bytes, size_t size, bool is_signed)
{
	wide value = 0;
	bool is_big = decoder->source->arch->is_big_endian;
	for (size_t i = 0; i < size; i++)
		value |= (wide)bytes[i] << 8 * (is_big ? size - 1 - i : i);
	if (is_signed && size < sizeof(value) && value >> (8 * size - 1) & 1)
		value |= ~(wide)0 << 8 * size;
	return value;
}

static const char *decimal(struct decoder *decoder, wide value, bool is_signed)
{
	char digits[SCALAR_DIGITS + 1];
	bool is_negative = is_signed && value >> 127;
	size_t at = sizeof(digits) - 1;
	digits[at] = '\0';
	value = is_negative ? -value : value;
	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	if (is_negative)
		digits[--at] = '-';
	return decoder_text(decoder, "%s", digits + at);
}

static const char *hex_bytes(struct decoder *decoder, const uint8_t *bytes, size_t size)
{
	char text[SCALAR_SHOWN_BYTES * 3 + 4] = "";
	size_t used = 0;
	for (size_t i = 0; i < size && i < SCALAR_SHOWN_BYTES; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%02x", i ? " " : "", bytes[i]);
	return decoder_text(decoder, "%s%s", text, size > SCALAR_SHOWN_BYTES ? " ..." : "");
}

const char *scalar_float(struct decoder *decoder, long double value, unsigned digits_min, unsigned digits_max)
{
	char text[64], *end;
	if (isnan(value))
		return "nan";
	if (isinf(value))
		return value < 0 ? "-inf" : "inf";
	for (unsigned digits = digits_min;; digits++) {
		snprintf(text, sizeof(text), "%.*Lg", (int)digits, value);
		// The same rounding to the type's own width makes "0.1" of the nearest float, too.
		long double back = strtold(text, &end);
		bool is_same = digits_max <= FLT_DECIMAL_DIG   ? (float)back == (float)value
			       : digits_max <= DBL_DECIMAL_DIG ? (double)back == (double)value
							       : back == value;
		if (is_same || digits >= digits_max)
			break;
	}
	// The locale's own decimal point may be several bytes.
	char plain[sizeof(text)];
	size_t used = 0;
	for (const char *c = text; *c; c++) {
		bool is_known = strchr("0123456789+-e", *c);
		if (is_known || !used || plain[used - 1] != '.')
			plain[used++] = is_known ? *c : '.';
	}
	plain[used] = '\0';
	return decoder_text(decoder, "%s", plain);
}

// IEEE 754's interchange formats, by widths of exponent and fraction.
static long double ieee(wide bits, unsigned exponent_bits, unsigned fraction_bits)
{
	int bias = (1 << (exponent_bits - 1)) - 1, most = 2 * bias + 1;
	int exponent = (int)(bits >> fraction_bits) & most;
	wide fraction = bits & (((wide)1 << fraction_bits) - 1);
	bool is_negative = bits >> (exponent_bits + fraction_bits) & 1;
	long double value;

	if (exponent == most)
		value = fraction ? NAN : INFINITY;
	else
		value = ldexpl((long double)(exponent ? fraction | (wide)1 << fraction_bits : fraction),
			       (exponent ? exponent : 1) - bias - (int)fraction_bits);
	return is_negative ? -value : value;
}

// x87's format has its leading one written out.
static long double x87(wide bits)
{
	int exponent = (int)(bits >> 64) & 0x7fff;
	uint64_t fraction = (uint64_t)bits;
	long double value = exponent == 0x7fff
				    ? (fraction << 1 ? NAN : INFINITY)
				    : ldexpl((long double)fraction, (exponent ? exponent : 1) - 16383 - 63);
	return bits >> 79 & 1 ? -value : value;
}

static const char *float_text(struct decoder *decoder, const struct type *row, const uint8_t *bytes, size_t size)
{
	const struct arch *arch = decoder->source->arch;
	bool has_x87 = (arch->machine == EM_X86_64 || arch->machine == EM_386) && !strcmp(row->name, "long double");
	wide bits = get_wide(decoder, bytes, size < SCALAR_MAX_SIZE ? size : SCALAR_MAX_SIZE, false);

	if (size == 2)
		return strstr(row->name, "bf") ? scalar_float(decoder, ieee(bits, 8, 7), 1, 4)
					       : scalar_float(decoder, ieee(bits, 5, 10), 1, 5);
	if (size == 4)
		return scalar_float(decoder, ieee(bits, 8, 23), 1, FLT_DECIMAL_DIG);
	if (size == 8)
		return scalar_float(decoder, ieee(bits, 11, 52), 1, DBL_DECIMAL_DIG);
	if (has_x87 && (size == 12 || size == 16))
		return scalar_float(decoder, x87(bits), 1, LDBL_DECIMAL_DIG);
	if (size == 16)
		return scalar_float(decoder, ieee(bits, 15, 112), 1, LDBL_DECIMAL_DIG);
	return hex_bytes(decoder, bytes, size);
}

static void character(struct decoder *decoder, const struct part *part, const struct type *row,
		      struct value_node *node)
{
	uint64_t code = decoder_unsigned(decoder, part->bytes, (size_t)row->size);
	if (row->encoding == TYPE_ENCODING_UTF || row->size > 1) {
		node->text = text_character(decoder, code > UINT32_MAX ? UINT32_MAX : (uint32_t)code);
		return;
	}
	// Only a char is meant as text; the other two, and what is called uint8_t, are small numbers.
	int64_t number = strstr(row->name, "unsigned") ? (int64_t)code : (int8_t)code;
	if (code >= 0x20 && code < 0x7f && !strcmp(row->name, "char"))
		node->text = decoder_text(decoder, "%" PRIi64 " %s", number, text_character(decoder, (uint32_t)code));
	else
		node->text = decoder_text(decoder, "%" PRIi64, number);
}

static void base_text(struct decoder *decoder, const struct part *part, const struct type *row,
		      struct value_node *node)
{
	size_t size = (size_t)row->size;
	const uint8_t *bytes = part->bytes;
	bool is_signed = row->encoding == TYPE_ENCODING_SIGNED;

	switch (row->encoding) {
	case TYPE_ENCODING_BOOLEAN:
		if (decoder_unsigned(decoder, bytes, size) <= 1)
			node->text = decoder_unsigned(decoder, bytes, size) ? "true" : "false";
		else
			node->text = decimal(decoder, get_wide(decoder, bytes, size, false), false);
		break;
	case TYPE_ENCODING_CHARACTER:
	case TYPE_ENCODING_UTF:
		character(decoder, part, row, node);
		break;
	case TYPE_ENCODING_FLOAT:
		node->text = float_text(decoder, row, bytes, size);
		break;
	case TYPE_ENCODING_SIGNED:
	case TYPE_ENCODING_UNSIGNED:
		if (size > 1 && text_unit(decoder, part->type))
			character(decoder, part, row, node);
		else
			node->text = decimal(decoder, get_wide(decoder, bytes, size, is_signed), is_signed);
		break;
	case TYPE_ENCODING_COMPLEX:
	case TYPE_ENCODING_OTHER:
		node->text = hex_bytes(decoder, bytes, size);
		break;
	}
}

void scalar_base(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	const struct type *row = decoder_type(decoder, part->type);
	size_t half = (size_t)row->size / 2;

	if (!row->size) {
		node->text = "()"; // Rust's unit, the only one without bytes
		node->shape = VALUE_LEAF;
	} else if (part->size < row->size) {
		node->note = "not captured";
	} else if (row->encoding == TYPE_ENCODING_COMPLEX) {
		node->text = decoder_text(decoder, "%s + %si", float_text(decoder, row, part->bytes, half),
					  float_text(decoder, row, part->bytes + half, half));
	} else if (row->size > SCALAR_MAX_SIZE) {
		node->text = hex_bytes(decoder, part->bytes, (size_t)row->size);
	} else {
		base_text(decoder, part, row, node);
	}
}

static const struct type_enumerator *enumerator_at(const struct decoder *decoder, const struct type *row,
						   uint32_t index)
{
	uint64_t at = (uint64_t)row->first_enumerator + index;
	bool is_there = index < row->enumerator_count && index < SCALAR_MAX_ENUMERATORS &&
			at < decoder->graph->enumerator_count;
	return is_there ? &decoder->graph->enumerators[at] : NULL;
}

// Whether no two enumerators share a bit: then they are flags, and values between them are sums.
static bool are_flags(const struct decoder *decoder, const struct type *row, uint64_t mask)
{
	uint64_t all = 0;
	const struct type_enumerator *enumerator;
	for (uint32_t i = 0; (enumerator = enumerator_at(decoder, row, i)); i++) {
		uint64_t bits = (uint64_t)enumerator->value & mask;
		if (enumerator->value < 0 || bits & all)
			return false;
		all |= bits;
	}
	return true;
}

// Names whose bits are in @p value, and what is left; "" if there are none.
static const char *flags_text(struct decoder *decoder, const struct type *row, uint64_t value, uint64_t mask)
{
	char text[SCALAR_FLAG_TEXT];
	size_t used = 0;
	uint64_t rest = value;
	const struct type_enumerator *enumerator;

	for (uint32_t i = 0; (enumerator = enumerator_at(decoder, row, i)); i++) {
		uint64_t bits = (uint64_t)enumerator->value & mask;
		if (!bits || (bits & rest) != bits)
			continue;
		int length = snprintf(text + used, sizeof(text) - used, "%s%s", used ? "|" : "",
				      text_name(decoder, enumerator->name));
		if (length < 0 || (size_t)length >= sizeof(text) - used)
			return "";
		used += (size_t)length;
		rest &= ~bits;
	}
	if (!used)
		return "";
	return rest ? decoder_text(decoder, "%s|0x%" PRIx64, text, rest) : decoder_text(decoder, "%s", text);
}

void scalar_enum(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	const struct type *row = decoder_type(decoder, part->type);
	uint64_t value;
	const struct type_enumerator *enumerator;

	if (!decoder_number(decoder, part, &value)) {
		node->note = "not captured";
		return;
	}
	uint64_t mask = row->size < sizeof(value) ? (UINT64_C(1) << 8 * row->size) - 1 : UINT64_MAX;
	for (uint32_t i = 0; (enumerator = enumerator_at(decoder, row, i)); i++) {
		if (((uint64_t)enumerator->value & mask) == value) {
			node->text = text_name(decoder, enumerator->name);
			return;
		}
	}
	const struct type *behind = decoder_type(decoder, row->target);
	bool is_signed = behind->kind == TYPE_BASE && behind->encoding == TYPE_ENCODING_SIGNED;
	if (are_flags(decoder, row, mask))
		node->text = flags_text(decoder, row, value, mask);
	if (!node->text[0])
		node->text =
			decimal(decoder, get_wide(decoder, part->bytes, (size_t)row->size, is_signed), is_signed);
}

void scalar_pointer(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	const struct type *row = decoder_type(decoder, part->type);
	const struct type *target = decoder_type(decoder, row->target);
	unsigned unit = text_unit(decoder, row->target);
	uint64_t address;

	if (!decoder_pointer(decoder, part, &address)) {
		node->note = "not captured";
		return;
	}
	if (unit) {
		text_terminated_at(decoder, node, address, unit);
		return;
	}
	node->text = decoder_place(decoder, address);
	bool has_parts = row->target != POLYTON_NONE && target->kind != TYPE_FUNCTION && target->kind != TYPE_VOID &&
			 target->kind != TYPE_INCOMPLETE && decoder_size(decoder, row->target);
	bool is_followed = row->kind == TYPE_REFERENCE || decoder->followed < decoder->limits.pointers;
	struct part pointee;
	if (!address || !has_parts || !is_followed || decoder->depth >= decoder->limits.depth ||
	    !decoder_fetch(decoder, NULL, address, decoder_size(decoder, row->target), row->target, &pointee))
		return;
	node->shape = VALUE_INLINE;
	decoder->followed++;
	decoder_add(decoder, node, "*", &pointee);
	decoder->followed--;
}

void scalar_member_pointer(struct decoder *decoder, const struct part *part, struct value_node *node)
{
	size_t word = decoder->source->arch->word;
	uint64_t first;
	if (!decoder_pointer(decoder, part, &first)) {
		node->note = "not captured";
		return;
	}
	// To a function: an address, or a place in the vtable plus one (Itanium C++ ABI 2.3). To data: an offset.
	bool is_function = part->size >= 2 * word, is_virtual = is_function && first & 1;
	if (is_virtual)
		node->text = decoder_text(decoder, "virtual function %" PRIu64, first / word);
	else if (is_function)
		node->text = decoder_place(decoder, first);
	else if (first == (word < sizeof(first) ? UINT32_MAX : UINT64_MAX))
		node->text = "null";
	else
		node->text = decoder_text(decoder, "offset %" PRIu64, first);
}

bool scalar_bits(struct decoder *decoder, const struct part *whole, const struct type_member *member,
		 struct part *ret)
{
	uint64_t size = decoder_size(decoder, member->type);
	unsigned width = member->bit_size;
	wide value = 0;
	bool is_big = decoder->source->arch->is_big_endian;
	uint64_t first = member->offset + member->bit_offset / 8;
	unsigned shift = member->bit_offset % 8, span = (shift + width + 7) / 8;

	if (!size || size > sizeof(uint64_t) || width > 8 * size || first > whole->size || whole->size - first < span)
		return false;
	value = get_wide(decoder, whole->bytes + first, span, false);
	value = value >> (is_big ? 8 * span - shift - width : shift) & (((wide)1 << width) - 1);

	const struct type *row = decoder_type(decoder, member->type);
	const struct type *number = row->kind == TYPE_ENUM ? decoder_type(decoder, row->target) : row;
	bool is_signed = number->kind == TYPE_BASE && number->encoding == TYPE_ENCODING_SIGNED;
	if (is_signed && value >> (width - 1) & 1)
		value |= ~(wide)0 << width;
	uint8_t *bytes = arena_alloc(decoder->arena, 1, (size_t)size);
	if (!bytes) {
		decoder->is_out_of_memory = true;
		return false;
	}
	for (uint64_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(value >> 8 * (is_big ? size - 1 - i : i));
	*ret = (struct part){ member->type, bytes, (size_t)size, 0 };
	return true;
}
