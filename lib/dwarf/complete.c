// One more walk over everything, so it is worth its time only in files of a moderate size.

#include "dwarf/complete.h"

#include <string.h>

#include "dwarf/names.h"
#include "dwarf/qualify.h"
#include "dwarf/shim.h"

enum { COMPLETE_MAX_INFO = 32 << 20, COMPLETE_MAX_NAMESAKES = 16 };

struct listing {
	struct complete_types *types;
	struct dwarf_units *units;
	struct dwarf_names_source names;
	struct dwarf_headers_unit unit;
	bool is_info;
};

void complete_types_deinit(struct complete_types *types)
{
	vec_deinit(&types->items);
	strmap_deinit(&types->by_name);
}

static struct polyton_error *add_type(uint64_t die, const struct abbrev *abbrev, const uint8_t *content, void *arg)
{
	struct listing *listing = arg;
	struct complete_types *types = listing->types;
	const char *name = dwarf_name_of(&listing->names, &listing->unit, abbrev, content).text;
	if (!name || !*name)
		return NULL;
	uint32_t index = (uint32_t)types->items.count;
	uint32_t *first = strmap_at(&types->by_name, name, strlen(name), POLYTON_NONE);
	struct complete_type *type = first ? vec_push(&types->items) : NULL;
	if (!type)
		return error_no_memory();
	*type = (struct complete_type){ { listing->units, die, listing->is_info }, *first };
	*first = index;
	return NULL;
}

// The units of one section. Names are read as if it were .debug_info.
static struct polyton_error *list_section(struct complete_types *types, struct dwarf_units *units, bool is_info)
{
	const struct dwarf_file *file = units->file;
	struct dwarf_sections sections = file->sections;
	if (!is_info) {
		sections.info = file->types;
		sections.info_size = file->types_size;
	}
	const struct dwarf_headers headers = { .sections = &sections, .tables = units->headers.tables };
	struct listing listing = { .types = types,
				   .units = units,
				   .names = dwarf_names_source(&headers),
				   .is_info = is_info };
	struct polyton_error *error = NULL;
	// From the last to the first, so that the first type of a name is the first one found.
	for (size_t i = is_info ? units->info_count : units->count; !error && i > (is_info ? 0 : units->info_count);
	     i--) {
		const struct dwarf_unit *unit = &units->items[i - 1];
		struct diescopes scopes = { 0 };
		const struct scope_source source = dwarf_unit_source(units, unit);
		listing.unit = (struct dwarf_headers_unit){
			.offset = unit->offset,
			.first = unit->first_die,
			.end = unit->end,
			.format = unit->format,
			.abbrevs = unit->abbrevs,
			.str_offsets_base = unit->header ? unit->header->str_offsets_base : 0,
		};
		if (unit->abbrevs)
			error = diescopes_read(&source, &scopes, add_type, &listing);
		diescopes_deinit(&scopes);
	}
	return error;
}

static struct polyton_error *list_types(struct complete_types *types, struct dwarf_units *units)
{
	if (!units || units->file->sections.info_size > COMPLETE_MAX_INFO ||
	    units->file->types_size > COMPLETE_MAX_INFO)
		return NULL;
	struct polyton_error *error = list_section(types, units, false);
	return error ? error : list_section(types, units, true);
}

static struct polyton_error *list_all(struct complete_types *types, struct dwarf_units *units)
{
	types->is_listed = true;
	struct polyton_error *error = list_types(types, units->alternate);
	return error ? error : list_types(types, units);
}

// "struct x;" may be completed by "class x { ... };".
static bool has_tag(const struct die *die, uint16_t tag)
{
	uint16_t found = die->tag == DW_TAG_class_type ? DW_TAG_structure_type : die->tag;
	return found == (tag == DW_TAG_class_type ? DW_TAG_structure_type : tag);
}

static struct polyton_error *is_meant(const struct die_place *place, const char *qualified, uint16_t tag,
				      enum polyton_language language, struct arena *arena, bool *ret)
{
	struct die die;
	const char *name;
	*ret = false;
	if (die_open(place, &die) != DIE_FOUND)
		return NULL;
	struct polyton_error *error = NULL;
	if (has_tag(&die, tag) && die_read(&die) == DIE_FOUND) {
		error = qualify_die(&die, language, arena, &name);
		*ret = !error && strcmp(name, qualified) == 0;
	}
	die_close(&die);
	return error;
}

struct polyton_error *complete_types_find(struct complete_types *types, struct dwarf_units *units, const char *name,
					  const char *qualified, uint16_t tag, enum polyton_language language,
					  struct arena *arena, bool *is_found_ret, struct die_place *ret)
{
	struct polyton_error *error = types->is_listed ? NULL : list_all(types, units);
	const uint32_t *first = strmap_find(&types->by_name, name, strlen(name));
	uint32_t at = first ? *first : POLYTON_NONE;
	*is_found_ret = false;
	for (int i = 0; !error && !*is_found_ret && i < COMPLETE_MAX_NAMESAKES && at != POLYTON_NONE; i++) {
		*ret = types->items.items[at].place;
		error = is_meant(ret, qualified, tag, language, arena, is_found_ret);
		at = types->items.items[at].next;
	}
	return error;
}
