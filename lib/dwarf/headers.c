// A unit's header has its length first, so that units can be listed without reading what is in them; a length that is
// wrong hides all that come after. The values that a unit looks up in other sections begin where its first DIE says, or
// that of its skeleton.

#include "dwarf/headers.h"

#include "dwarf/package.h"

enum {
	UNIT_TYPE = 2,
	UNIT_SKELETON = 4,
	UNIT_SPLIT_COMPILE = 5,
	UNIT_SPLIT_TYPE = 6,
	AT_LOW_PC = 0x11,
	AT_HIGH_PC = 0x12,
	AT_RANGES = 0x55,
	AT_STR_OFFSETS_BASE = 0x72,
	AT_ADDR_BASE = 0x73,
	AT_GNU_DWO_ID = 0x2131,
	AT_GNU_ADDR_BASE = 0x2133,
};

struct header {
	struct dwarf_headers_unit unit;
	uint64_t abbrev_offset;
	uint8_t type; // DW_UT_*; 0 before version 5
};

enum verdict { HEADER_GOOD, HEADER_STRANGE, HEADER_LAST };

// The unit at @offset. STRANGE can be stepped over, after LAST there is nothing to be found.
static enum verdict read_header(const struct dwarf_sections *sections, uint64_t offset, struct header *ret,
				const char **complaint)
{
	enum { ESCAPE_64 = 0xffffffff, RESERVED = 0xfffffff0 };
	const uint8_t *start = sections->info + offset;
	struct bytes reader = { start, sections->info + sections->info_size, sections->is_big_endian };
	struct dwarf_headers_unit unit = { .offset = offset, .format = { .offset_size = 4 } };
	uint64_t length = bytes_take(&reader, 4);

	*ret = (struct header){ 0 };
	if (length == ESCAPE_64) {
		length = bytes_take(&reader, 8);
		unit.format.offset_size = 8;
	} else if (length >= RESERVED) {
		reader.at = NULL;
	}
	if (!reader.at || !length || length > (uint64_t)(reader.end - reader.at)) {
		dwarf_complain(complaint, "a unit of .debug_info ends outside of it");
		return HEADER_LAST;
	}
	reader.end = reader.at + length;
	unit.end = (uint64_t)(reader.end - sections->info);
	ret->unit = unit;
	uint64_t version = bytes_take(&reader, 2);
	if (version >= 2 && version <= 5) {
		ret->type = version == 5 ? (uint8_t)bytes_take(&reader, 1) : 0;
		if (version == 5)
			unit.format.address_size = (uint8_t)bytes_take(&reader, 1);
		ret->abbrev_offset = bytes_take(&reader, unit.format.offset_size);
		if (version < 5)
			unit.format.address_size = (uint8_t)bytes_take(&reader, 1);
		if (ret->type == UNIT_SKELETON || ret->type == UNIT_SPLIT_COMPILE)
			unit.id = bytes_take(&reader, 8);
		if (ret->type == UNIT_TYPE || ret->type == UNIT_SPLIT_TYPE) {
			(void)bytes_take(&reader, 8);
			(void)bytes_take(&reader, unit.format.offset_size);
		}
	}
	unit.format.version = (uint8_t)version;
	unit.format.is_big_endian = sections->is_big_endian;
	bool has_address_size = unit.format.address_size == 4 || unit.format.address_size == 8;
	if (version < 2 || version > 5 || !has_address_size || !reader.at) {
		dwarf_complain(complaint, "the header of a unit in .debug_info is damaged, or of an unknown version");
		return HEADER_STRANGE;
	}
	unit.first = (uint64_t)(reader.at - sections->info);
	unit.is_skeleton = ret->type == UNIT_SKELETON;
	ret->unit = unit;
	return HEADER_GOOD;
}

// An entry of a table of fixed-size numbers that begins at @base.
static bool look_up(const uint8_t *bytes, size_t size, uint64_t base, uint64_t index, size_t width,
		    bool is_big_endian, uint64_t *ret)
{
	if (base > size || index >= (size - base) / width)
		return false;
	*ret = bytes_number(bytes + base + index * width, width, is_big_endian);
	return true;
}

bool dwarf_headers_address(const struct dwarf_headers *headers, const struct dwarf_headers_unit *unit, uint64_t index,
			   uint64_t *ret)
{
	const struct dwarf_sections *sections = headers->sections;
	return unit->has_addr && look_up(sections->addr, sections->addr_size, unit->addr_base, index,
					 unit->format.address_size, sections->is_big_endian, ret);
}

bool dwarf_headers_string(const struct dwarf_headers *headers, const struct dwarf_headers_unit *unit, uint64_t index,
			  uint64_t *ret)
{
	const struct dwarf_sections *sections = headers->sections;
	return look_up(sections->str_offsets, sections->str_offsets_size, unit->str_offsets_base, index,
		       unit->format.offset_size, sections->is_big_endian, ret);
}

// The bases may come behind the attribute that needs them.
struct code_range {
	uint64_t low, size;
	bool is_indexed, has_low, has_ranges;
};

static void find_range(const struct form_cursor *cursor, struct code_range *range)
{
	uint64_t form = cursor->form;
	if (cursor->attribute == AT_RANGES) {
		range->has_ranges = true;
	} else if (cursor->attribute == AT_HIGH_PC) {
		// An address ends the code there; left out code has none, or one of no meaning.
		if (form != FORM_ADDR)
			(void)form_number(cursor, &range->size);
	} else if (cursor->attribute == AT_LOW_PC) {
		range->has_low = form_number(cursor, &range->low);
		range->is_indexed = form == FORM_ADDRX || form == FORM_GNU_ADDR_INDEX ||
				    (form >= FORM_ADDRX1 && form <= FORM_ADDRX4);
	}
}

// Code at what linkers write for "nowhere": 0 (GNU ld, gold, lld), or the highest values (lld and mold, if told so).
static bool is_left_out(const struct dwarf_headers *headers, const struct dwarf_headers_unit *unit,
			struct code_range *range)
{
	uint64_t highest = unit->format.address_size == 4 ? UINT32_MAX : UINT64_MAX;
	if (!range->has_low || !range->size || range->has_ranges)
		return false;
	if (range->is_indexed && !dwarf_headers_address(headers, unit, range->low, &range->low))
		return false;
	return range->low == 0 || range->low >= highest - 1;
}

// What the first DIE says. Nothing of it is needed to find variables, so damage here is found in the walk.
static void read_root(const struct dwarf_headers *headers, struct dwarf_headers_unit *unit)
{
	const struct dwarf_sections *sections = headers->sections;
	struct form_cursor cursor = { .format = unit->format, .end = sections->info + unit->end };
	const struct abbrev *abbrev = abbrev_at(unit->abbrevs, sections->info + unit->first, cursor.end, &cursor.at);
	struct code_range range = { 0 };

	if (!abbrev || !abbrev->specs)
		return;
	cursor.specs = headers->tables.bytes + abbrev->specs;
	cursor.specs_end = headers->tables.bytes + headers->tables.size;
	while (form_next(&cursor)) {
		switch (cursor.attribute) {
		case AT_STR_OFFSETS_BASE:
			(void)form_number(&cursor, &unit->str_offsets_base);
			break;
		case AT_ADDR_BASE:
		case AT_GNU_ADDR_BASE:
			unit->has_addr |= form_number(&cursor, &unit->addr_base);
			break;
		case AT_GNU_DWO_ID:
			unit->is_skeleton |= !sections->is_split && unit->format.version < 5;
			(void)form_number(&cursor, &unit->id);
			break;
		default:
			find_range(&cursor, &range);
		}
	}
	unit->is_dead = is_left_out(headers, unit, &range);
}

static void find_skeleton(const struct dwarf_sections *sections, struct dwarf_headers_unit *unit)
{
	size_t low = 0, high = sections->skeleton_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct dwarf_skeleton *skeleton = &sections->skeletons[middle];
		if (skeleton->id < unit->id) {
			low = middle + 1;
		} else if (skeleton->id > unit->id) {
			high = middle;
		} else {
			unit->addr_base = skeleton->addr_base;
			unit->has_addr = true;
			return;
		}
	}
}

static struct polyton_error *add_unit(struct dwarf_headers *headers, struct header *header, uint64_t strings,
				      const char **complaint)
{
	// The header of a contribution to .debug_str_offsets; GNU's version 4 has none.
	struct dwarf_headers_unit *unit = &header->unit;
	if (unit->format.version == 5) {
		uint64_t table_header = unit->format.offset_size == 8 ? 16 : 8;
		strings += table_header;
		unit->addr_base = unit->format.offset_size == 8 ? 16 : 8;
	}
	unit->str_offsets_base = strings;
	unit->has_addr = !headers->sections->is_split;

	struct polyton_error *error =
		abbrev_tables_get(&headers->tables, header->abbrev_offset, &unit->format, &unit->abbrevs);
	if (error)
		return error;
	if (!unit->abbrevs) {
		dwarf_complain(complaint, "a table in .debug_abbrev is damaged, or overlaps too many others");
		return NULL;
	}
	read_root(headers, unit);
	if (headers->sections->is_split)
		find_skeleton(headers->sections, unit);
	struct dwarf_headers_unit *place = vec_push(&headers->units);
	if (!place)
		return error_no_memory();
	*place = *unit;
	return NULL;
}

struct polyton_error *dwarf_headers_init(const struct dwarf_sections *sections, struct dwarf_headers *ret,
					 const char **complaint_ret)
{
	struct dwarf_package package;

	*ret = (struct dwarf_headers){ .sections = sections };
	abbrev_tables_init(&ret->tables, sections->abbrev, sections->abbrev_size);
	struct polyton_error *error = dwarf_package_init(sections, &package, complaint_ret);
	for (uint64_t at = 0; !error && at < sections->info_size;) {
		struct header header;
		uint64_t strings = 0;
		enum verdict verdict = read_header(sections, at, &header, complaint_ret);
		if (verdict == HEADER_LAST)
			break;
		at = header.unit.end;
		// What a package does not list are units of types.
		bool is_listed = !package.is_there ||
				 dwarf_package_place(&package, header.unit.offset, &header.abbrev_offset, &strings);
		if (verdict != HEADER_GOOD || !is_listed)
			continue;
		error = add_unit(ret, &header, strings, complaint_ret);
	}
	dwarf_package_deinit(&package);
	return error;
}

void dwarf_headers_deinit(struct dwarf_headers *headers)
{
	abbrev_tables_deinit(&headers->tables);
	vec_deinit(&headers->units);
}

const struct dwarf_headers_unit *dwarf_headers_at(const struct dwarf_headers *headers, uint64_t offset)
{
	size_t low = 0, high = headers->units.count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct dwarf_headers_unit *unit = &headers->units.items[middle];
		if (offset >= unit->end)
			low = middle + 1;
		else if (offset < unit->first)
			high = middle;
		else
			return unit;
	}
	return NULL;
}
