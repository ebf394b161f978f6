/**
 * How attribute values of debug info are stored: the size of each form, and reading numbers. Nothing here trusts a
 * byte: what would pass @c end gives NULL.
 */
#ifndef DWARF_FORMS_H
#define DWARF_FORMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"

/** What the size of a form depends on. */
struct dwarf_format {
	uint8_t version, address_size, offset_size;
	bool is_big_endian;
};

/** DW_FORM_* that are asked for by name. */
enum {
	FORM_BLOCK2 = 0x03,
	FORM_BLOCK4 = 0x04,
	FORM_STRING = 0x08,
	FORM_BLOCK = 0x09,
	FORM_BLOCK1 = 0x0a,
	FORM_STRP = 0x0e,
	FORM_REF_ADDR = 0x10,
	FORM_REF1 = 0x11,
	FORM_REF4 = 0x13,
	FORM_REF_UDATA = 0x15,
	FORM_INDIRECT = 0x16,
	FORM_EXPRLOC = 0x18,
	FORM_STRX = 0x1a,
	FORM_ADDR = 0x01,
	FORM_ADDRX = 0x1b,
	FORM_REF_SUP4 = 0x1c,
	FORM_STRP_SUP = 0x1d,
	FORM_LINE_STRP = 0x1f,
	FORM_IMPLICIT_CONST = 0x21,
	FORM_REF_SUP8 = 0x24,
	FORM_STRX1 = 0x25,
	FORM_STRX4 = 0x28,
	FORM_ADDRX1 = 0x29,
	FORM_ADDRX4 = 0x2c,
	FORM_GNU_ADDR_INDEX = 0x1f01,
	FORM_GNU_STR_INDEX = 0x1f02,
	FORM_GNU_REF_ALT = 0x1f20,
	FORM_GNU_STRP_ALT = 0x1f21,
};

enum form_kind {
	FORM_IS_FIXED, ///< As many bytes as its size says.
	FORM_IS_LEB,
	FORM_IS_STRING,
	FORM_IS_BLOCK, ///< A LEB128 and as many bytes; the next three the same with a number of fixed size.
	FORM_IS_BLOCK1,
	FORM_IS_BLOCK2,
	FORM_IS_BLOCK4,
	FORM_IS_INDIRECT, ///< The form itself stands before the value.
	FORM_IS_UNKNOWN,
};

/** What @p form is, and the fixed number of bytes that come after its variable part, or are all of it. */
enum form_kind form_kind(const struct dwarf_format *format, uint64_t form, uint32_t *size_ret);

/** A LEB128, unsigned; bits beyond the 64th are dropped. */
static inline const uint8_t *form_leb(const uint8_t *at, const uint8_t *end, uint64_t *ret)
{
	uint64_t value = 0;
	if (at < end && !(*at & 0x80)) {
		*ret = *at;
		return at + 1;
	}
	for (unsigned shift = 0; at < end; shift += 7) {
		uint8_t byte = *at++;
		if (shift < 64)
			value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80)) {
			*ret = value;
			return at;
		}
	}
	return NULL;
}

/** The bytes after the number of a block, by its kind: where they begin, and how many. */
static inline const uint8_t *form_block(const struct dwarf_format *format, enum form_kind kind, const uint8_t *at,
					const uint8_t *end, size_t *size_ret)
{
	uint64_t size;
	if (kind == FORM_IS_BLOCK) {
		at = form_leb(at, end, &size);
	} else {
		size_t width = (size_t)1 << (kind - FORM_IS_BLOCK1);
		if ((size_t)(end - at) < width)
			return NULL;
		size = bytes_number(at, width, format->is_big_endian);
		at += width;
	}
	if (!at || size > (size_t)(end - at))
		return NULL;
	*size_ret = size;
	return at;
}

/** Behind an INDIRECT one; @c at is at its form. */
const uint8_t *form_pass_indirect(const struct dwarf_format *format, const uint8_t *at, const uint8_t *end);

/** Behind the variable part of a value (nothing, if it is fixed). */
static inline const uint8_t *form_pass(const struct dwarf_format *format, enum form_kind kind, const uint8_t *at,
				       const uint8_t *end)
{
	size_t size;
	switch (kind) {
	case FORM_IS_FIXED:
		return at;
	case FORM_IS_LEB:
		while (at < end) {
			if (!(*at++ & 0x80))
				return at;
		}
		return NULL;
	case FORM_IS_STRING:
		at = memchr(at, 0, (size_t)(end - at));
		return at ? at + 1 : NULL;
	case FORM_IS_BLOCK:
	case FORM_IS_BLOCK1:
	case FORM_IS_BLOCK2:
	case FORM_IS_BLOCK4:
		at = form_block(format, kind, at, end, &size);
		return at ? at + size : NULL;
	case FORM_IS_INDIRECT:
		return form_pass_indirect(format, at, end);
	case FORM_IS_UNKNOWN:
		break;
	}
	return NULL;
}

/** Attributes of one DIE, one after the other. */
struct form_cursor {
	struct dwarf_format format;
	const uint8_t *specs, *specs_end; ///< In .debug_abbrev: pairs of attribute and form.
	const uint8_t *at, *end;          ///< In .debug_info.
	uint64_t attribute, form;         ///< Of the current one; an indirect form is replaced by the one it names.
	const uint8_t *value;
	const uint8_t *value_end;
};

/** To the next attribute; false at the end, or where something is damaged. */
bool form_next(struct form_cursor *cursor);
/** The current value as a number, if its form is a number, an offset, an index or a reference. */
bool form_number(const struct form_cursor *cursor, uint64_t *ret);

#endif
