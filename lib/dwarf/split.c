// The names are libdwarf's to read; everything else is in the units' headers.

#include "dwarf/split.h"

#include "dwarf/unit.h"

static struct polyton_error *add_skeleton(struct dwarf_units *units, struct dwarf_unit *unit, struct arena *arena,
					  dwarf_split_list *ret)
{
	if (!unit->header->is_skeleton || !dwarf_unit_read(units, unit))
		return NULL;
	const char *name = arena_strdup(arena, unit->dwo_name), *comp_dir = arena_strdup(arena, unit->comp_dir);
	struct dwarf_split *split = name && comp_dir ? vec_push(ret) : NULL;
	if (!split)
		return error_no_memory();
	*split = (struct dwarf_split){ unit->offset, unit->header->id, name, comp_dir };
	return NULL;
}

struct polyton_error *dwarf_split_list_units(struct dwarf_file *file, struct arena *arena, dwarf_split_list *ret)
{
	struct dwarf_units *units;
	struct polyton_error *error = dwarf_units_create(file, &units);
	if (error)
		return error;
	for (size_t i = 0; !error && i < units->info_count; i++)
		error = add_skeleton(units, &units->items[i], arena, ret);
	dwarf_units_destroy(units);
	return error;
}

struct polyton_error *dwarf_split_list_ids(struct dwarf_file *file, dwarf_split_ids *ret)
{
	struct dwarf_units *units;
	struct polyton_error *error = dwarf_units_create(file, &units);
	if (error)
		return error;
	for (size_t i = 0; !error && i < units->info_count; i++) {
		const struct dwarf_headers_unit *header = units->items[i].header;
		uint64_t *id = header->id ? vec_push(ret) : NULL;
		if (id)
			*id = header->id;
		else if (header->id)
			error = error_no_memory();
	}
	dwarf_units_destroy(units);
	return error;
}
