// Compilers put the linkage name where they like: on the definition (clang, rustc), or on the declaration in the class
// or namespace that the definition refers to (gcc); link-time optimisation adds one more link to the chain.

#include "dwarf/names.h"

#include "dwarf/walk.h"

enum {
	AT_NAME = 0x03,
	AT_ABSTRACT_ORIGIN = 0x31,
	AT_SPECIFICATION = 0x47,
	AT_LINKAGE_NAME = 0x6e,
	AT_MIPS_LINKAGE_NAME = 0x2007,
};

enum { NAMES_MAX_CHAIN = 4 };

// A string at an offset up to there is known to end within the section.
static size_t usable_size(const uint8_t *bytes, size_t size)
{
	const uint8_t *last = size ? memrchr(bytes, 0, size) : NULL;
	return last ? (size_t)(last - bytes) + 1 : 0;
}

struct dwarf_names_source dwarf_names_source(const struct dwarf_headers *headers)
{
	const struct dwarf_sections *sections = headers->sections;
	return (struct dwarf_names_source){
		.headers = headers,
		.str_size = usable_size(sections->str, sections->str_size),
		.line_str_size = usable_size(sections->line_str, sections->line_str_size),
		.alternate_str_size = usable_size(sections->alternate_str, sections->alternate_str_size),
	};
}

static const char *string_at(const uint8_t *bytes, size_t size, uint64_t offset)
{
	return offset < size ? (const char *)bytes + offset : NULL;
}

static const char *read_string(const struct dwarf_names_source *source, const struct dwarf_headers_unit *unit,
			       const struct form_cursor *cursor)
{
	const struct dwarf_sections *sections = source->headers->sections;
	uint64_t form = cursor->form, number;

	if (form == FORM_STRING)
		return (const char *)cursor->value;
	if (!form_number(cursor, &number))
		return NULL;
	if (form == FORM_LINE_STRP)
		return string_at(sections->line_str, source->line_str_size, number);
	if (form == FORM_STRP_SUP || form == FORM_GNU_STRP_ALT)
		return string_at(sections->alternate_str, source->alternate_str_size, number);
	bool is_index = form == FORM_STRX || form == FORM_GNU_STR_INDEX || (form >= FORM_STRX1 && form <= FORM_STRX4);
	if (is_index ? !dwarf_headers_string(source->headers, unit, number, &number) : form != FORM_STRP)
		return NULL;
	return string_at(sections->str, source->str_size, number);
}

// The offset of another DIE of this file; 0, which none has, if it is elsewhere.
static uint64_t read_reference(const struct dwarf_headers_unit *unit, const struct form_cursor *cursor)
{
	uint64_t offset;
	bool is_local = cursor->form >= FORM_REF1 && cursor->form <= FORM_REF_UDATA;

	if ((!is_local && cursor->form != FORM_REF_ADDR) || !form_number(cursor, &offset))
		return 0;
	if (is_local && __builtin_add_overflow(offset, unit->offset, &offset))
		return 0;
	return offset;
}

struct dwarf_name dwarf_name_of(const struct dwarf_names_source *source, const struct dwarf_headers_unit *unit,
				const struct abbrev *abbrev, const uint8_t *content)
{
	const struct dwarf_headers *headers = source->headers;
	struct dwarf_name plain = { 0 };

	for (int link = 0; link < NAMES_MAX_CHAIN; link++) {
		struct form_cursor cursor = dwarf_walk_attributes(headers, unit, abbrev, content);
		uint64_t next = 0;
		while (form_next(&cursor)) {
			if (cursor.attribute == AT_LINKAGE_NAME || cursor.attribute == AT_MIPS_LINKAGE_NAME) {
				const char *text = read_string(source, unit, &cursor);
				if (text)
					return (struct dwarf_name){ text, true };
			} else if (cursor.attribute == AT_NAME && !plain.text) {
				plain.text = read_string(source, unit, &cursor);
			} else if (cursor.attribute == AT_SPECIFICATION || cursor.attribute == AT_ABSTRACT_ORIGIN) {
				next = read_reference(unit, &cursor);
			}
		}
		unit = next ? dwarf_headers_at(headers, next) : NULL;
		if (!unit)
			break;
		const uint8_t *info = headers->sections->info;
		abbrev = abbrev_at(unit->abbrevs, info + next, info + unit->end, &content);
		if (!abbrev)
			break;
	}
	return plain;
}
