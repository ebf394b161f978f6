// dwz moves what several files have in common into an alternate file, where the units of all of them lie side by side.
// Which are a file's own is said by DW_TAG_imported_unit, in its units, and in units of the alternate file for further
// ones there.

#include "dwarf/walk.h"

enum { AT_IMPORT = 0x18 };

struct import {
	uint64_t unit, target; // the importing unit's header, and the first DIE of the imported one
};

struct imports {
	bool is_from_outside; // wanted are those that lead into the alternate file, not within one
	vec_of(struct import) list;
};

static struct polyton_error *visit_import(const struct dwarf_walked *walked, void *arg)
{
	struct imports *imports = arg;
	struct form_cursor cursor =
		dwarf_walk_attributes(walked->headers, walked->unit, walked->abbrev, walked->content);
	uint64_t target;

	if (walked->abbrev->role != ABBREV_IMPORT)
		return NULL;
	while (form_next(&cursor)) {
		uint64_t form = cursor.form;
		if (cursor.attribute != AT_IMPORT || !form_number(&cursor, &target))
			continue;
		bool is_outward = form == FORM_GNU_REF_ALT || form == FORM_REF_SUP4 || form == FORM_REF_SUP8;
		if (is_outward != imports->is_from_outside || (!is_outward && form != FORM_REF_ADDR))
			continue;
		struct import *import = vec_push(&imports->list);
		if (!import)
			return error_no_memory();
		*import = (struct import){ walked->unit->offset, target };
	}
	return NULL;
}

static struct polyton_error *find_imports(const struct dwarf_headers *headers, bool is_from_outside,
					  struct imports *ret, const char **complaint)
{
	struct polyton_error *error = NULL;
	ret->is_from_outside = is_from_outside;
	for (size_t i = 0; !error && i < headers->units.count; i++)
		error = dwarf_walk(headers, &headers->units.items[i], visit_import, ret, complaint);
	return error;
}

// The first of @imports that the unit at @offset makes: they lie together, as units were visited in order.
static size_t first_of(const struct imports *imports, uint64_t offset)
{
	size_t low = 0, high = imports->list.count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (imports->list.items[middle].unit < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct reach {
	const struct dwarf_headers *alternate;
	bool *is_reached;  // by index of unit
	uint32_t *waiting; // reached, and not yet asked what it imports: each at most once
	size_t waiting_count;
};

static void reach_unit(struct reach *reach, uint64_t target)
{
	const struct dwarf_headers_unit *unit = dwarf_headers_at(reach->alternate, target);
	if (!unit)
		return;
	size_t index = (size_t)(unit - reach->alternate->units.items);
	if (reach->is_reached[index])
		return;
	reach->is_reached[index] = true;
	reach->waiting[reach->waiting_count++] = (uint32_t)index;
}

static struct polyton_error *close_over(const struct dwarf_headers *alternate, const struct imports *outer,
					const struct imports *inner, dwarf_offset_list *ret)
{
	size_t count = alternate->units.count;
	auto_free bool *is_reached = calloc(count + 1, sizeof(*is_reached));
	auto_free uint32_t *waiting = calloc(count + 1, sizeof(*waiting));
	struct reach reach = { alternate, is_reached, waiting, 0 };

	if (!is_reached || !waiting)
		return error_no_memory();
	for (size_t i = 0; i < outer->list.count; i++)
		reach_unit(&reach, outer->list.items[i].target);
	while (reach.waiting_count) {
		uint64_t offset = alternate->units.items[waiting[--reach.waiting_count]].offset;
		for (size_t at = first_of(inner, offset); at < inner->list.count; at++) {
			if (inner->list.items[at].unit != offset)
				break;
			reach_unit(&reach, inner->list.items[at].target);
		}
	}
	for (size_t i = 0; i < count; i++) {
		if (!is_reached[i])
			continue;
		uint64_t *place = vec_push(ret);
		if (!place)
			return error_no_memory();
		*place = alternate->units.items[i].offset;
	}
	return NULL;
}

struct polyton_error *dwarf_scan_imports(const struct dwarf_sections *sections,
					 const struct dwarf_sections *alternate, dwarf_offset_list *ret,
					 const char **complaint_ret)
{
	struct dwarf_headers headers, alternate_headers = { 0 };
	struct imports outer = { 0 }, inner = { 0 };
	dwarf_offset_list units = { 0 };
	const char *complaint = NULL;

	struct polyton_error *error = dwarf_headers_init(sections, &headers, &complaint);
	if (!error)
		error = dwarf_headers_init(alternate, &alternate_headers, &complaint);
	if (!error)
		error = find_imports(&headers, true, &outer, &complaint);
	if (!error)
		error = find_imports(&alternate_headers, false, &inner, &complaint);
	if (!error)
		error = close_over(&alternate_headers, &outer, &inner, &units);
	dwarf_headers_deinit(&headers);
	dwarf_headers_deinit(&alternate_headers);
	vec_deinit(&outer.list);
	vec_deinit(&inner.list);
	if (error) {
		vec_deinit(&units);
		return error;
	}
	*ret = units;
	*complaint_ret = complaint;
	return NULL;
}
