// References lead into the same unit, into another one of the file, to a type unit by its signature, or into dwz's
// common file. The last may not be at hand.

#include "dwarf/die.h"

#include <string.h>

#include "dwarf/shim.h"

static enum die_answer find_signature(const struct die *die, enum die_attribute attribute, struct die_place *ret)
{
	Dwarf_Error failure = NULL;
	Dwarf_Sig8 signature;
	Dwarf_Die found;
	Dwarf_Off offset;
	Dwarf_Bool is_info;
	int answer = dwarf_formsig8(die->attributes[attribute], &signature, &failure);
	if (answer == DW_DLV_OK)
		answer = dwarf_find_die_given_sig8(die->units->file->debug, &signature, &found, &is_info, &failure);
	if (answer == DW_DLV_OK) {
		answer = dwarf_dieoffset(found, &offset, &failure);
		dwarf_dealloc_die(found);
	}
	if (answer == DW_DLV_OK)
		*ret = (struct die_place){ die->units, offset, is_info };
	return die_answer_of(die->units, answer, &failure);
}

// libdwarf knows none of the forms that refer to supplementary files (as dwz --dwarf-5 writes them), so these are
// read by hand.
static bool raw_number(const struct die *die, enum die_attribute attribute, uint64_t *ret)
{
	const struct dwarf_unit *unit = dwarf_units_at(die->units, die->offset, die->is_info);
	const struct abbrev_tables *tables = &die->units->headers.tables;
	const struct dwarf_sections *sections = &die->units->file->sections;
	if (!unit || !unit->is_info)
		return false;
	struct form_cursor cursor = {
		.format = unit->format,
		.end = sections->info + unit->end,
		.specs_end = tables->bytes + tables->size,
	};
	const struct abbrev *abbrev = abbrev_at(unit->abbrevs, sections->info + die->offset, cursor.end, &cursor.at);
	if (!abbrev || !abbrev->specs)
		return false;
	cursor.specs = tables->bytes + abbrev->specs;
	while (form_next(&cursor)) {
		if (cursor.attribute == die_attribute_numbers[attribute][0])
			return form_number(&cursor, ret);
	}
	return false;
}

const char *die_supplementary_text(const struct die *die, enum die_attribute attribute)
{
	const struct dwarf_sections *sections = &die->units->file->sections;
	uint64_t offset;
	if (!raw_number(die, attribute, &offset) || offset >= sections->alternate_str_size ||
	    !memchr(sections->alternate_str + offset, '\0', sections->alternate_str_size - offset))
		return NULL;
	return (const char *)sections->alternate_str + offset;
}

static enum die_answer refer_elsewhere(const struct die *die, uint64_t offset, struct die_place *ret)
{
	if (!die->units->alternate)
		return DIE_ELSEWHERE;
	*ret = (struct die_place){ die->units->alternate, offset, true };
	return DIE_FOUND;
}

enum die_answer die_reference(const struct die *die, enum die_attribute attribute, struct die_place *ret)
{
	Dwarf_Error failure = NULL;
	Dwarf_Off offset = 0;
	Dwarf_Bool is_info = 1;
	uint64_t raw;
	if (!die->attributes[attribute])
		return DIE_NONE;
	Dwarf_Half form = die_form(die, attribute);
	if (form == DW_FORM_ref_sig8)
		return find_signature(die, attribute, ret);
	if (form == DW_FORM_ref_sup4 || form == DW_FORM_ref_sup8)
		return raw_number(die, attribute, &raw) ? refer_elsewhere(die, raw, ret) : DIE_DAMAGED;
	enum die_answer answer = die_answer_of(die->units,
					       shim_global_formref(die->handle, die->attributes[attribute], &offset,
								   &is_info, &failure),
					       &failure);
	if (answer != DIE_FOUND)
		return DIE_DAMAGED;
	if (form == DW_FORM_GNU_ref_alt)
		return refer_elsewhere(die, offset, ret);
	*ret = (struct die_place){ die->units, offset, is_info };
	return DIE_FOUND;
}
