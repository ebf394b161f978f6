// Rewritten abbreviation tables are appended to a copy of .debug_abbrev, and units' headers in a copy of .debug_info
// point to them. That costs the memory of both sections, in the few files that need it. Only version 5 has these
// forms.

#include "dwarf/narrow.h"

#include <string.h>

#include "base/strmap.h"
#include "dwarf/forms.h"

enum {
	FORM_DATA1 = 0x0b,
	FORM_STRX2 = 0x26,
	FORM_STRX3 = 0x27,
	FORM_ADDRX2 = 0x2a,
	FORM_ADDRX3 = 0x2b,
};

// Tables may overlap in a file that nobody's compiler made; all of them together are not worth more than this many
// times the section.
enum { MOST_WORK = 16, SMALL = 4096 };

struct narrowing {
	const struct dwarf_sections *sections;
	vec_of(uint8_t) abbrev; // the file's, then the new tables
	struct strmap moved;    // from a table's offset, as it stands in a header, to its new one
	uint8_t *info;
	uint64_t work;
};

static bool put_bytes(struct narrowing *narrowing, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		uint8_t *place = vec_push(&narrowing->abbrev);
		if (!place)
			return false;
		*place = bytes[i];
	}
	return true;
}

static bool put_leb(struct narrowing *narrowing, uint64_t value)
{
	do {
		uint8_t byte = (value & 0x7f) | (value > 0x7f ? 0x80 : 0);
		if (!put_bytes(narrowing, &byte, 1))
			return false;
		value >>= 7;
	} while (value);
	return true;
}

// In a big-endian file the highest byte comes first.
static bool put_narrowed(struct narrowing *narrowing, uint64_t attribute, uint64_t form)
{
	bool is_known = attribute <= NARROW_MAX_ATTRIBUTE;
	uint64_t high = NARROW_HIGH + (is_known ? attribute : 0), low = is_known ? attribute : NARROW_HIGH;
	uint64_t low_form = form == FORM_STRX3 ? FORM_STRX2 : FORM_ADDRX2;
	bool is_big_endian = narrowing->sections->is_big_endian;
	return put_leb(narrowing, is_big_endian ? high : low) &&
	       put_leb(narrowing, is_big_endian ? FORM_DATA1 : low_form) &&
	       put_leb(narrowing, is_big_endian ? low : high) &&
	       put_leb(narrowing, is_big_endian ? low_form : FORM_DATA1);
}

// The attribute at @p at; NULL if it cannot be read.
static const uint8_t *read_attribute(const uint8_t *at, const uint8_t *end, uint64_t *attribute_ret,
				     uint64_t *form_ret)
{
	uint64_t unused;
	at = form_leb(at, end, attribute_ret);
	if (at)
		at = form_leb(at, end, form_ret);
	if (at && *form_ret == FORM_IMPLICIT_CONST)
		at = form_leb(at, end, &unused);
	return at;
}

// One table; with @p is_copied it is appended, rewritten.
static struct polyton_error *read_table(struct narrowing *narrowing, uint64_t offset, bool is_copied,
					bool *has_three_ret)
{
	const struct dwarf_sections *sections = narrowing->sections;
	const uint8_t *at = sections->abbrev + offset, *end = sections->abbrev + sections->abbrev_size;
	const uint8_t *start = at;
	uint64_t code, tag, attribute, form;
	bool is_good = true;

	*has_three_ret = false;
	while (is_good && (at = form_leb(at, end, &code)) && code) {
		const uint8_t *begin = at;
		at = form_leb(at, end, &tag);
		if (!at || at++ == end)
			break;
		if (is_copied)
			is_good = put_leb(narrowing, code) && put_bytes(narrowing, begin, (size_t)(at - begin));
		do {
			begin = at;
			at = read_attribute(at, end, &attribute, &form);
			bool is_three = at && (form == FORM_STRX3 || form == FORM_ADDRX3);
			*has_three_ret |= is_three;
			if (is_copied && at && is_good)
				is_good = is_three ? put_narrowed(narrowing, attribute, form)
						   : put_bytes(narrowing, begin, (size_t)(at - begin));
		} while (at && (attribute || form));
		if (!at)
			break;
	}
	narrowing->work += at ? (uint64_t)(at - start) : sections->abbrev_size;
	return is_good && (!is_copied || put_leb(narrowing, 0)) ? NULL : error_no_memory();
}

static struct polyton_error *begin_copies(struct narrowing *narrowing)
{
	const struct dwarf_sections *sections = narrowing->sections;
	if (narrowing->info)
		return NULL;
	narrowing->info = malloc(sections->info_size);
	if (!narrowing->info || !put_bytes(narrowing, sections->abbrev, sections->abbrev_size))
		return error_no_memory();
	memcpy(narrowing->info, sections->info, sections->info_size);
	return NULL;
}

// The offset of a table stands at @p field of .debug_info.
static struct polyton_error *narrow_unit(struct narrowing *narrowing, uint64_t field, size_t size)
{
	const struct dwarf_sections *sections = narrowing->sections;
	enum { IN_PLACE = UINT32_MAX };
	uint64_t offset = bytes_number(sections->info + field, size, sections->is_big_endian);
	if (offset >= sections->abbrev_size || narrowing->work > MOST_WORK * (uint64_t)sections->abbrev_size + SMALL)
		return NULL;
	const uint32_t *known = strmap_find(&narrowing->moved, (const char *)sections->info + field, size);
	uint64_t moved = known ? *known : IN_PLACE;
	if (!known) {
		bool has_three;
		struct polyton_error *error = read_table(narrowing, offset, false, &has_three);
		if (!error && has_three)
			error = begin_copies(narrowing);
		if (!error && has_three && narrowing->abbrev.count < IN_PLACE) {
			moved = narrowing->abbrev.count;
			error = read_table(narrowing, offset, true, &has_three);
		}
		if (error)
			return error;
		if (!strmap_at(&narrowing->moved, (const char *)sections->info + field, size, (uint32_t)moved))
			return error_no_memory();
	}
	for (size_t i = 0; moved != IN_PLACE && i < size; i++) {
		size_t place = sections->is_big_endian ? size - 1 - i : i;
		narrowing->info[field + place] = (uint8_t)(moved >> 8 * i);
	}
	return NULL;
}

struct polyton_error *narrow_three_byte_forms(const struct dwarf_sections *sections, struct narrow_sections *ret)
{
	enum { HEADER_MIN = 12 }; // length, version, type, address size, offset of the table
	struct narrowing narrowing = { .sections = sections };
	struct polyton_error *error = NULL;
	bool is_big_endian = sections->is_big_endian;
	uint64_t at = 0;
	while (!error && sections->info_size - at >= HEADER_MIN) {
		const uint8_t *unit = sections->info + at;
		uint64_t length = bytes_number(unit, 4, is_big_endian);
		size_t head = 4, size = 4;
		if (length == UINT32_MAX) {
			length = bytes_number(unit + 4, 8, is_big_endian);
			head = 12;
			size = 8;
		}
		if (sections->info_size - at < head || length > sections->info_size - at - head || length < 4 + size)
			break;
		if (bytes_number(unit + head, 2, is_big_endian) == 5)
			error = narrow_unit(&narrowing, at + head + 4, size);
		at += head + length;
	}
	strmap_deinit(&narrowing.moved);
	if (error || !narrowing.info) {
		free(narrowing.info);
		vec_deinit(&narrowing.abbrev);
		return error;
	}
	*ret = (struct narrow_sections){ narrowing.info, narrowing.abbrev.items, narrowing.abbrev.count };
	return NULL;
}

void narrow_deinit(struct narrow_sections *narrow)
{
	free(narrow->info);
	free(narrow->abbrev);
	*narrow = (struct narrow_sections){ 0 };
}
