// DWARF 5, section 7.5.6; the older versions' forms are a part of it, but that DW_FORM_ref_addr had the size of an
// address in version 2. GNU's and LLVM's own forms are met in split and in dwz's files.

#include "dwarf/forms.h"

enum { UNKNOWN = 0x80, ADDRESS = 0x81, OFFSET = 0x82, REF_ADDR = 0x83, VARIABLE = 0x90 };

// By number: a size, one that the format decides, or VARIABLE and the kind.
static const uint8_t forms[] = {
	[0x00] = UNKNOWN,
	[FORM_ADDR] = ADDRESS,
	[0x02] = UNKNOWN,
	[FORM_BLOCK2] = VARIABLE + FORM_IS_BLOCK2,
	[FORM_BLOCK4] = VARIABLE + FORM_IS_BLOCK4,
	[0x05] = 2, // data2
	[0x06] = 4, // data4
	[0x07] = 8, // data8
	[FORM_STRING] = VARIABLE + FORM_IS_STRING,
	[FORM_BLOCK] = VARIABLE + FORM_IS_BLOCK,
	[FORM_BLOCK1] = VARIABLE + FORM_IS_BLOCK1,
	[0x0b] = 1,                      // data1
	[0x0c] = 1,                      // flag
	[0x0d] = VARIABLE + FORM_IS_LEB, // sdata
	[FORM_STRP] = OFFSET,
	[0x0f] = VARIABLE + FORM_IS_LEB, // udata
	[FORM_REF_ADDR] = REF_ADDR,
	[FORM_REF1] = 1,
	[0x12] = 2, // ref2
	[0x13] = 4, // ref4
	[0x14] = 8, // ref8
	[FORM_REF_UDATA] = VARIABLE + FORM_IS_LEB,
	[FORM_INDIRECT] = VARIABLE + FORM_IS_INDIRECT,
	[0x17] = OFFSET, // sec_offset
	[FORM_EXPRLOC] = VARIABLE + FORM_IS_BLOCK,
	[0x19] = 0, // flag_present
	[FORM_STRX] = VARIABLE + FORM_IS_LEB,
	[FORM_ADDRX] = VARIABLE + FORM_IS_LEB,
	[FORM_REF_SUP4] = 4,
	[FORM_STRP_SUP] = OFFSET,
	[0x1e] = 16, // data16
	[FORM_LINE_STRP] = OFFSET,
	[0x20] = 8, // ref_sig8
	[FORM_IMPLICIT_CONST] = 0,
	[0x22] = VARIABLE + FORM_IS_LEB, // loclistx
	[0x23] = VARIABLE + FORM_IS_LEB, // rnglistx
	[FORM_REF_SUP8] = 8,
	[FORM_STRX1] = 1,
	[0x26] = 2, // strx2
	[0x27] = 3, // strx3
	[FORM_STRX4] = 4,
	[FORM_ADDRX1] = 1,
	[0x2a] = 2, // addrx2
	[0x2b] = 3, // addrx3
	[FORM_ADDRX4] = 4,
};

enum form_kind form_kind(const struct dwarf_format *format, uint64_t form, uint32_t *size_ret)
{
	enum { LLVM_ADDRX_OFFSET = 0x2001 };

	*size_ret = 0;
	if (form < sizeof(forms)) {
		uint8_t what = forms[form];
		if (what == UNKNOWN)
			return FORM_IS_UNKNOWN;
		if (what > VARIABLE)
			return (enum form_kind)(what - VARIABLE);
		if (what == ADDRESS || (what == REF_ADDR && format->version < 3))
			*size_ret = format->address_size;
		else
			*size_ret = what == OFFSET || what == REF_ADDR ? format->offset_size : what;
		return FORM_IS_FIXED;
	}
	switch (form) {
	case FORM_GNU_ADDR_INDEX:
	case FORM_GNU_STR_INDEX:
		return FORM_IS_LEB;
	case FORM_GNU_REF_ALT:
	case FORM_GNU_STRP_ALT:
		*size_ret = format->offset_size;
		return FORM_IS_FIXED;
	case LLVM_ADDRX_OFFSET:
		*size_ret = 4;
		return FORM_IS_LEB;
	default:
		return FORM_IS_UNKNOWN;
	}
}

// The value behind @c at, whatever its form, but for an indirect one.
static const uint8_t *pass(const struct dwarf_format *format, uint64_t form, const uint8_t *at, const uint8_t *end)
{
	uint32_t size;
	enum form_kind kind = form_kind(format, form, &size);
	if (kind == FORM_IS_INDIRECT)
		return NULL;
	at = form_pass(format, kind, at, end);
	return at && size <= (size_t)(end - at) ? at + size : NULL;
}

const uint8_t *form_pass_indirect(const struct dwarf_format *format, const uint8_t *at, const uint8_t *end)
{
	uint64_t form;
	at = form_leb(at, end, &form);
	// What has its value in the abbreviation cannot have it here.
	return at && form != FORM_IMPLICIT_CONST ? pass(format, form, at, end) : NULL;
}

bool form_next(struct form_cursor *cursor)
{
	uint64_t unused;
	const uint8_t *specs = form_leb(cursor->specs, cursor->specs_end, &cursor->attribute);
	if (specs)
		specs = form_leb(specs, cursor->specs_end, &cursor->form);
	if (!specs || (!cursor->attribute && !cursor->form))
		return false;
	if (cursor->form == FORM_IMPLICIT_CONST)
		specs = form_leb(specs, cursor->specs_end, &unused);
	cursor->value = cursor->at;
	if (cursor->form == FORM_INDIRECT) {
		cursor->value = form_leb(cursor->at, cursor->end, &cursor->form);
		if (cursor->form == FORM_IMPLICIT_CONST)
			return false;
	}
	if (!specs || !cursor->value)
		return false;
	cursor->value_end = pass(&cursor->format, cursor->form, cursor->value, cursor->end);
	if (!cursor->value_end)
		return false;
	cursor->at = cursor->value_end;
	cursor->specs = specs;
	return true;
}

bool form_number(const struct form_cursor *cursor, uint64_t *ret)
{
	uint32_t size;
	switch (form_kind(&cursor->format, cursor->form, &size)) {
	case FORM_IS_FIXED:
		if (!size || size > 8)
			return false;
		*ret = bytes_number(cursor->value, size, cursor->format.is_big_endian);
		return true;
	case FORM_IS_LEB:
		return form_leb(cursor->value, cursor->value_end, ret) != NULL;
	default:
		return false;
	}
}
