// Attribute values come in many forms, and libdwarf's readers of them refuse those of another kind, so each reader
// here knows the forms that compilers use for it: constants as data, sdata, udata or in the abbreviation itself,
// places of members as constants or as an expression, references within a unit, a file, to a type unit, or to another
// file.

#include "dwarf/die.h"

#include <string.h>

#include "dwarf/narrow.h"
#include "dwarf/shim.h"

enum { DIE_MAX_ATTRIBUTES = 256 };

// The second is the name that GNU gave it before the standard had it.
const uint16_t die_attribute_numbers[DIE_ATTRIBUTES][2] = {
	[DIE_NAME] = { DW_AT_name },
	[DIE_LINKAGE_NAME] = { DW_AT_linkage_name, DW_AT_MIPS_linkage_name },
	[DIE_TYPE] = { DW_AT_type },
	[DIE_SPECIFICATION] = { DW_AT_specification },
	[DIE_ABSTRACT_ORIGIN] = { DW_AT_abstract_origin },
	[DIE_SIGNATURE] = { DW_AT_signature },
	[DIE_DECLARATION] = { DW_AT_declaration },
	[DIE_EXTERNAL] = { DW_AT_external },
	[DIE_ARTIFICIAL] = { DW_AT_artificial },
	[DIE_DECL_FILE] = { DW_AT_decl_file },
	[DIE_DECL_LINE] = { DW_AT_decl_line },
	[DIE_BYTE_SIZE] = { DW_AT_byte_size },
	[DIE_BIT_SIZE] = { DW_AT_bit_size },
	[DIE_BIT_OFFSET] = { DW_AT_bit_offset },
	[DIE_DATA_BIT_OFFSET] = { DW_AT_data_bit_offset },
	[DIE_MEMBER_LOCATION] = { DW_AT_data_member_location },
	[DIE_ENCODING] = { DW_AT_encoding },
	[DIE_CONST_VALUE] = { DW_AT_const_value },
	[DIE_COUNT] = { DW_AT_count },
	[DIE_UPPER_BOUND] = { DW_AT_upper_bound },
	[DIE_LOWER_BOUND] = { DW_AT_lower_bound },
	[DIE_DISCR] = { DW_AT_discr },
	[DIE_DISCR_VALUE] = { DW_AT_discr_value },
	[DIE_DISCR_LIST] = { DW_AT_discr_list },
	[DIE_LANGUAGE] = { DW_AT_language },
	[DIE_PRODUCER] = { DW_AT_producer },
	[DIE_COMP_DIR] = { DW_AT_comp_dir },
	[DIE_STMT_LIST] = { DW_AT_stmt_list },
	[DIE_DWO_NAME] = { DW_AT_dwo_name, DW_AT_GNU_dwo_name },
};

static Dwarf_Debug debug_of(const struct die *die)
{
	return die->units->file->debug;
}

enum die_answer die_answer_of(struct dwarf_units *units, int answer, struct Dwarf_Error_s **failure)
{
	if (answer == DW_DLV_OK)
		return DIE_FOUND;
	if (answer == DW_DLV_NO_ENTRY)
		return DIE_NONE;
	shim_error_free(units->file->debug, failure);
	units->complaint = "an entry of the debug info is damaged";
	return DIE_DAMAGED;
}

// The handle is owned by @p ret, or freed.
static enum die_answer adopt(struct dwarf_units *units, Dwarf_Die handle, bool is_info, struct die *ret)
{
	Dwarf_Error failure = NULL;
	Dwarf_Half tag;
	Dwarf_Off offset;
	int answer = dwarf_tag(handle, &tag, &failure);
	if (answer == DW_DLV_OK)
		answer = dwarf_dieoffset(handle, &offset, &failure);
	if (answer != DW_DLV_OK) {
		dwarf_dealloc_die(handle);
		die_answer_of(units, answer, &failure);
		return DIE_DAMAGED;
	}
	units->die_count++;
	*ret = (struct die){ .units = units, .offset = offset, .is_info = is_info, .tag = tag, .handle = handle };
	return DIE_FOUND;
}

enum die_answer die_open(const struct die_place *place, struct die *ret)
{
	Dwarf_Error failure = NULL;
	Dwarf_Die handle;
	int answer = dwarf_offdie_b(place->units->file->debug, place->offset, place->is_info, &handle, &failure);
	if (answer == DW_DLV_OK)
		return adopt(place->units, handle, place->is_info, ret);
	die_answer_of(place->units, answer, &failure);
	return DIE_DAMAGED;
}

static void close_attributes(struct die *die)
{
	for (int i = 0; i < DIE_ATTRIBUTES; i++) {
		if (die->attributes[i])
			dwarf_dealloc_attribute(die->attributes[i]);
		die->attributes[i] = NULL;
		die->high[i] = 0;
	}
}

void die_close(struct die *die)
{
	close_attributes(die);
	if (die->handle)
		dwarf_dealloc_die(die->handle);
	die->handle = NULL;
}

static int find_number(uint16_t number)
{
	for (int i = 0; i < DIE_ATTRIBUTES; i++) {
		if (die_attribute_numbers[i][0] == number || die_attribute_numbers[i][1] == number)
			return i;
	}
	return -1;
}

static void keep_high(struct die *die, Dwarf_Attribute attribute, uint16_t number)
{
	Dwarf_Error failure = NULL;
	Dwarf_Unsigned value;
	int which = find_number(number);
	if (which >= 0 && shim_is_ok(dwarf_formudata(attribute, &value, &failure), debug_of(die), &failure))
		die->high[which] = (uint8_t)value;
}

static void keep(struct die *die, Dwarf_Attribute attribute)
{
	Dwarf_Error failure = NULL;
	Dwarf_Half number = 0;
	bool is_known = shim_is_ok(dwarf_whatattr(attribute, &number, &failure), debug_of(die), &failure);
	int which = is_known && number ? find_number(number) : -1;
	if (which >= 0 && !die->attributes[which]) {
		die->attributes[which] = attribute;
		return;
	}
	if (number > NARROW_HIGH && number <= NARROW_HIGH + NARROW_MAX_ATTRIBUTE)
		keep_high(die, attribute, number - NARROW_HIGH);
	dwarf_dealloc_attribute(attribute);
}

enum die_answer die_read(struct die *die)
{
	Dwarf_Error failure = NULL;
	Dwarf_Attribute *list;
	Dwarf_Signed count;
	close_attributes(die);
	enum die_answer answer =
		die_answer_of(die->units, dwarf_attrlist(die->handle, &list, &count, &failure), &failure);
	if (answer != DIE_FOUND)
		return answer == DIE_NONE ? DIE_FOUND : answer;
	for (Dwarf_Signed i = 0; i < count; i++) {
		if (i < DIE_MAX_ATTRIBUTES)
			keep(die, list[i]);
		else
			dwarf_dealloc_attribute(list[i]);
	}
	dwarf_dealloc(debug_of(die), list, DW_DLA_LIST);
	return DIE_FOUND;
}

enum die_answer die_first_child(const struct die *parent, struct die *ret)
{
	Dwarf_Error failure = NULL;
	Dwarf_Die handle;
	enum die_answer answer =
		die_answer_of(parent->units, dwarf_child(parent->handle, &handle, &failure), &failure);
	return answer == DIE_FOUND ? adopt(parent->units, handle, parent->is_info, ret) : answer;
}

enum die_answer die_next(struct die *die)
{
	Dwarf_Error failure = NULL;
	Dwarf_Die handle;
	struct dwarf_units *units = die->units;
	bool is_info = die->is_info;
	enum die_answer answer =
		die_answer_of(units, dwarf_siblingof_b(debug_of(die), die->handle, is_info, &handle, &failure),
			      &failure);
	die_close(die);
	return answer == DIE_FOUND ? adopt(units, handle, is_info, die) : answer;
}

uint16_t die_form(const struct die *die, enum die_attribute attribute)
{
	Dwarf_Error failure = NULL;
	Dwarf_Half form = 0;
	Dwarf_Attribute handle = die->attributes[attribute];
	return handle && shim_is_ok(dwarf_whatform(handle, &form, &failure), debug_of(die), &failure) ? form : 0;
}

bool die_flag(const struct die *die, enum die_attribute attribute)
{
	Dwarf_Error failure = NULL;
	Dwarf_Bool value = 0;
	Dwarf_Attribute handle = die->attributes[attribute];
	return handle && shim_is_ok(dwarf_formflag(handle, &value, &failure), debug_of(die), &failure) && value;
}

// Constants wider than 64 bits are of use as far as their lower half goes: Rust's u128 discriminants.
static bool wide_constant(const struct die *die, enum die_attribute attribute, Dwarf_Half form, uint64_t *ret)
{
	Dwarf_Error failure = NULL;
	Dwarf_Form_Data16 wide;
	bool is_big_endian = die->units->file->sections.is_big_endian;
	if (form == DW_FORM_data16) {
		if (!shim_is_ok(dwarf_formdata16(die->attributes[attribute], &wide, &failure), debug_of(die),
				&failure))
			return false;
		*ret = bytes_number((const uint8_t *)&wide + (is_big_endian ? 8 : 0), 8, is_big_endian);
		return true;
	}
	size_t size;
	void *release;
	const uint8_t *bytes = die_block(die, attribute, &size, &release);
	if (!bytes)
		return false;
	size_t used = size < 8 ? size : 8;
	*ret = bytes_number(bytes + (is_big_endian ? size - used : 0), used, is_big_endian);
	die_release(die, release);
	return size != 0;
}

bool die_constant(const struct die *die, enum die_attribute attribute, int64_t *ret, bool *is_signed_ret)
{
	Dwarf_Error failure = NULL;
	Dwarf_Attribute handle = die->attributes[attribute];
	Dwarf_Unsigned value = 0;
	Dwarf_Signed signed_value = 0;
	Dwarf_Off offset;
	Dwarf_Bool is_info;
	int answer = DW_DLV_NO_ENTRY;

	*is_signed_ret = false;
	switch (die_form(die, attribute)) {
	case DW_FORM_sdata:
	case DW_FORM_implicit_const: // dwarf_formudata() refuses it on 20210528
		answer = dwarf_formsdata(handle, &signed_value, &failure);
		value = (Dwarf_Unsigned)signed_value;
		*is_signed_ret = true;
		break;
	case DW_FORM_data1:
	case DW_FORM_data2:
	case DW_FORM_data4:
	case DW_FORM_data8:
	case DW_FORM_udata:
		answer = dwarf_formudata(handle, &value, &failure);
		break;
	case DW_FORM_sec_offset:
		answer = shim_global_formref(die->handle, handle, &offset, &is_info, &failure);
		value = answer == DW_DLV_OK ? offset : 0;
		break;
	case DW_FORM_data16:
	case DW_FORM_block1:
	case DW_FORM_block2:
	case DW_FORM_block4:
	case DW_FORM_block:
		answer = wide_constant(die, attribute, die_form(die, attribute), (uint64_t *)&value)
				 ? DW_DLV_OK
				 : DW_DLV_NO_ENTRY;
		break;
	default:
		break;
	}
	if (!shim_is_ok(answer, debug_of(die), &failure))
		return false;
	*ret = (int64_t)value;
	return true;
}

bool die_unsigned(const struct die *die, enum die_attribute attribute, uint64_t *ret)
{
	int64_t value;
	bool is_signed;
	if (!die_constant(die, attribute, &value, &is_signed))
		return false;
	*ret = (uint64_t)value;
	return true;
}

// A string by number, the number's highest byte being in an attribute of its own.
static const char *narrowed_text(const struct die *die, enum die_attribute attribute)
{
	Dwarf_Error failure = NULL;
	Dwarf_Unsigned low;
	const struct dwarf_sections *sections = &die->units->file->sections;
	struct dwarf_unit *unit = dwarf_units_at(die->units, die->offset, die->is_info);
	uint64_t offset;
	int answer = dwarf_get_debug_str_index(die->attributes[attribute], &low, &failure);
	if (!shim_is_ok(answer, debug_of(die), &failure) || !unit || !unit->header ||
	    !dwarf_headers_string(&die->units->headers, unit->header, (uint64_t)die->high[attribute] << 16 | low,
				  &offset) ||
	    offset >= sections->str_size || !memchr(sections->str + offset, '\0', sections->str_size - offset))
		return NULL;
	return (const char *)sections->str + offset;
}

const char *die_text(const struct die *die, enum die_attribute attribute)
{
	Dwarf_Error failure = NULL;
	char *text = NULL;
	if (!die->attributes[attribute])
		return NULL;
	if (die->high[attribute])
		return narrowed_text(die, attribute);
	if (die_form(die, attribute) == DW_FORM_strp_sup)
		return die_supplementary_text(die, attribute);
	int answer = dwarf_formstring(die->attributes[attribute], &text, &failure);
	return shim_is_ok(answer, debug_of(die), &failure) ? text : NULL;
}

const uint8_t *die_block(const struct die *die, enum die_attribute attribute, size_t *size_ret, void **release_ret)
{
	Dwarf_Error failure = NULL;
	Dwarf_Attribute handle = die->attributes[attribute];
	Dwarf_Block *block = NULL;
	Dwarf_Unsigned size = 0;
	Dwarf_Ptr bytes = NULL;
	int answer = DW_DLV_NO_ENTRY;

	*release_ret = NULL;
	switch (die_form(die, attribute)) {
	case DW_FORM_exprloc:
		answer = dwarf_formexprloc(handle, &size, &bytes, &failure);
		break;
	case DW_FORM_block1:
	case DW_FORM_block2:
	case DW_FORM_block4:
	case DW_FORM_block:
		answer = dwarf_formblock(handle, &block, &failure);
		break;
	default:
		break;
	}
	if (!shim_is_ok(answer, debug_of(die), &failure))
		return NULL;
	*release_ret = block;
	*size_ret = block ? block->bl_len : size;
	return block ? block->bl_data : bytes;
}

void die_release(const struct die *die, void *release)
{
	if (release)
		dwarf_dealloc(debug_of(die), release, DW_DLA_BLOCK);
}
