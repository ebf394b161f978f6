// The units of .debug_info are listed by the same walk over their headers as the scanner's; those of .debug_types,
// which only DWARF 4 has, here. What their first DIEs say is asked of libdwarf.

#include "dwarf/unit.h"

#include <string.h>

#include "dwarf/die.h"
#include "dwarf/lines.h"
#include "dwarf/shim.h"

static struct polyton_error *add_info_units(struct dwarf_units *units)
{
	struct polyton_error *error = dwarf_headers_init(&units->file->sections, &units->headers, &units->complaint);
	size_t count = units->headers.units.count;
	if (error)
		return error;
	units->items = calloc(count + 1, sizeof(*units->items));
	if (!units->items)
		return error_no_memory();
	for (size_t i = 0; i < count; i++) {
		const struct dwarf_headers_unit *header = &units->headers.units.items[i];
		units->items[i] = (struct dwarf_unit){
			.offset = header->offset,
			.first_die = header->first,
			.end = header->end,
			.is_info = true,
			.format = header->format,
			.abbrevs = header->abbrevs,
			.header = header,
		};
	}
	units->count = units->info_count = count;
	return NULL;
}

// The unit at @p offset of .debug_types, or false.
static bool read_types_header(const struct dwarf_file *file, uint64_t offset, struct dwarf_unit *ret,
			      uint64_t *abbrev_offset_ret)
{
	enum { BEFORE_TYPE = 11, AFTER_TYPE = 8 }; // in 32-bit DWARF: up to the address's size; the signature
	const uint8_t *at = file->types + offset;
	bool is_big_endian = file->sections.is_big_endian;
	size_t left = file->types_size - offset, wide = 0;
	if (left < BEFORE_TYPE)
		return false;
	uint64_t length = bytes_number(at, 4, is_big_endian);
	if (length == UINT32_MAX) {
		wide = 8;
		length = bytes_number(at + 4, 8, is_big_endian);
	}
	size_t offset_size = wide ? 8 : 4, head = 4 + wide;
	size_t header_size = head + 2 + offset_size + 1 + AFTER_TYPE + offset_size;
	if (left < header_size || length > left - head || length + head < header_size)
		return false;
	*abbrev_offset_ret = bytes_number(at + head + 2, offset_size, is_big_endian);
	*ret = (struct dwarf_unit){
		.offset = offset,
		.first_die = offset + header_size,
		.end = offset + head + length,
		.format = { .version = (uint8_t)bytes_number(at + head, 2, is_big_endian),
			    .address_size = at[head + 2 + offset_size],
			    .offset_size = (uint8_t)offset_size,
			    .is_big_endian = is_big_endian },
	};
	return ret->format.version == 4 && (ret->format.address_size == 8 || ret->format.address_size == 4);
}

static struct polyton_error *add_type_units(struct dwarf_units *units)
{
	struct dwarf_unit unit;
	uint64_t abbrev_offset;
	for (uint64_t at = 0; at < units->file->types_size; at = unit.end) {
		if (!read_types_header(units->file, at, &unit, &abbrev_offset)) {
			units->complaint = "the header of a unit in .debug_types is damaged";
			return NULL;
		}
		struct polyton_error *error =
			abbrev_tables_get(&units->headers.tables, abbrev_offset, &unit.format, &unit.abbrevs);
		if (error)
			return error;
		struct dwarf_unit *grown = realloc(units->items, (units->count + 1) * sizeof(*grown));
		if (!grown)
			return error_no_memory();
		units->items = grown;
		units->items[units->count++] = unit;
	}
	return NULL;
}

// libdwarf must have seen a unit's header before it finds a DIE by offset; done once, this is not repeated for each.
static void show_units(struct dwarf_units *units, Dwarf_Bool is_info)
{
	Dwarf_Debug debug = units->file->debug;
	Dwarf_Error failure = NULL;
	int answer = DW_DLV_OK;
	while (answer == DW_DLV_OK) {
		Dwarf_Unsigned length, type_offset, next;
		Dwarf_Off abbrevs;
		Dwarf_Half version, address_size, length_size, extension_size, type;
		Dwarf_Sig8 signature;
		answer = dwarf_next_cu_header_d(debug, is_info, &length, &version, &abbrevs, &address_size,
						&length_size, &extension_size, &signature, &type_offset, &next, &type,
						&failure);
	}
	if (answer == DW_DLV_ERROR) {
		shim_error_free(debug, &failure);
		units->complaint = "the header of a unit is damaged";
	}
}

struct polyton_error *dwarf_units_create(struct dwarf_file *file, struct dwarf_units **ret)
{
	struct dwarf_units *units = calloc(1, sizeof(*units));
	if (!units)
		return error_no_memory();
	units->file = file;
	struct polyton_error *error = add_info_units(units);
	if (!error && file->types && !file->is_split)
		error = add_type_units(units);
	if (!error) {
		show_units(units, 1);
		show_units(units, 0);
	}
	if (!error && file->alternate)
		error = dwarf_units_create(file->alternate, &units->alternate);
	if (!error && file->executable)
		error = dwarf_units_create(file->executable, &units->executable);
	if (error) {
		dwarf_units_destroy(units);
		return error;
	}
	*ret = units;
	return NULL;
}

void dwarf_units_destroy(struct dwarf_units *units)
{
	if (!units)
		return;
	for (size_t i = 0; i < units->count; i++) {
		if (units->items[i].scopes)
			diescopes_deinit(units->items[i].scopes);
		free(units->items[i].scopes);
	}
	free(units->items);
	dwarf_headers_deinit(&units->headers);
	dwarf_units_destroy(units->alternate);
	dwarf_units_destroy(units->executable);
	free(units);
}

struct dwarf_unit *dwarf_units_at(struct dwarf_units *units, uint64_t offset, bool is_info)
{
	size_t low = is_info ? 0 : units->info_count, high = is_info ? units->info_count : units->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct dwarf_unit *unit = &units->items[middle];
		if (offset < unit->offset)
			high = middle;
		else if (offset >= unit->end)
			low = middle + 1;
		else
			return unit;
	}
	return NULL;
}

static enum polyton_language language_of(uint64_t number)
{
	switch (number) {
	case DW_LANG_C_plus_plus:
	case DW_LANG_C_plus_plus_03:
	case DW_LANG_C_plus_plus_11:
	case DW_LANG_C_plus_plus_14:
	case 0x2b: // C++17 and C++20, of DWARF 6
	case 0x2c:
		return POLYTON_LANGUAGE_CXX;
	case DW_LANG_Rust:
		return POLYTON_LANGUAGE_RUST;
	default:
		return POLYTON_LANGUAGE_C;
	}
}

static const char *text_or_empty(const struct die *die, enum die_attribute attribute)
{
	const char *text = die_text(die, attribute);
	return text ? text : "";
}

bool dwarf_unit_read(struct dwarf_units *units, struct dwarf_unit *unit)
{
	struct die die;
	uint64_t number;
	if (unit->is_known)
		return true;
	unit->producer = unit->comp_dir = unit->dwo_name = "";
	unit->is_known = true;
	if (die_open(&(struct die_place){ units, unit->first_die, unit->is_info }, &die) != DIE_FOUND)
		return false;
	bool is_read = die_read(&die) == DIE_FOUND;
	if (is_read) {
		unit->producer = text_or_empty(&die, DIE_PRODUCER);
		unit->comp_dir = text_or_empty(&die, DIE_COMP_DIR);
		unit->dwo_name = text_or_empty(&die, DIE_DWO_NAME);
		unit->has_lines = die_unsigned(&die, DIE_STMT_LIST, &unit->lines);
		unit->has_language = die_unsigned(&die, DIE_LANGUAGE, &number);
		unit->language = unit->has_language ? language_of(number) : POLYTON_LANGUAGE_C;
	}
	die_close(&die);
	return is_read;
}

// The unit of the executable that says where a split unit is.
static struct dwarf_unit *skeleton_of(struct dwarf_units *units, const struct dwarf_unit *unit)
{
	struct dwarf_units *executable = units->executable;
	for (size_t i = 0; executable && unit->header && i < executable->info_count; i++) {
		const struct dwarf_headers_unit *header = executable->items[i].header;
		if (header->is_skeleton && header->id == unit->header->id)
			return &executable->items[i];
	}
	return NULL;
}

// Relative names count from the folder that the compiler ran in.
static struct polyton_error *complete_name(const char *folder, struct arena *arena, const char **name)
{
	if (!**name || **name == '/' || !*folder)
		return NULL;
	*name = arena_printf(arena, "%s/%s", folder, *name);
	return *name ? NULL : error_no_memory();
}

struct polyton_error *dwarf_unit_file_name(struct dwarf_units *units, struct dwarf_unit *unit, uint64_t index,
					   struct arena *arena, const char **ret)
{
	struct dwarf_unit *skeleton = units->file->is_split ? skeleton_of(units, unit) : NULL;
	struct dwarf_unit *holder = unit;
	const struct dwarf_file *file = units->file;
	*ret = "";
	if (unit->file_name && unit->named_file == index) {
		*ret = unit->file_name;
		return NULL;
	}
	(void)dwarf_unit_read(units, unit);
	if (skeleton)
		(void)dwarf_unit_read(units->executable, skeleton);
	// A .dwo's own line table has the files' names only, and stands at the section's begin (gcc); without one the
	// skeleton's is meant (clang).
	if (file->is_split && !file->line) {
		holder = skeleton;
		file = file->executable;
	}
	if (!holder || (!holder->has_lines && !file->is_split))
		return NULL;
	struct line_source source = {
		.line = file->line,
		.line_size = file->line_size,
		.sections = &file->sections,
		.str_offsets_base = holder->header ? holder->header->str_offsets_base : 0,
	};
	struct polyton_error *error =
		line_file_name(&source, holder->has_lines ? holder->lines : 0, index, arena, ret);
	const char *folder = !*unit->comp_dir && skeleton ? skeleton->comp_dir : unit->comp_dir;
	if (!error)
		error = complete_name(folder, arena, ret);
	if (error)
		return error;
	unit->named_file = index;
	unit->file_name = *ret;
	return NULL;
}

struct scope_source dwarf_unit_source(const struct dwarf_units *units, const struct dwarf_unit *unit)
{
	const struct dwarf_file *file = units->file;
	return (struct scope_source){
		.section = unit->is_info ? file->sections.info : file->types,
		.unit = unit->offset,
		.first_die = unit->first_die,
		.end = unit->end,
		.format = unit->format,
		.abbrevs = unit->abbrevs,
		.tables = &units->headers.tables,
	};
}

struct polyton_error *dwarf_unit_scope(struct dwarf_units *units, struct dwarf_unit *unit, uint64_t die,
				       struct scope **ret)
{
	const struct scope_source source = dwarf_unit_source(units, unit);
	struct polyton_error *error = NULL;
	*ret = NULL;
	if (!unit->abbrevs)
		return NULL;
	if (!unit->scopes) {
		unit->scopes = calloc(1, sizeof(*unit->scopes));
		if (!unit->scopes)
			return error_no_memory();
		error = diescopes_read(&source, unit->scopes, NULL, NULL);
	}
	return error ? error : diescopes_around(unit->scopes, &source, die, ret);
}
