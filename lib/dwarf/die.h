/**
 * One DIE with the attributes that are of use here, whatever forms they are stored in, and the steps from it to
 * others. A DIE may be in a file's .debug_info, in its .debug_types, or in its alternate file.
 */
#ifndef DWARF_DIE_H
#define DWARF_DIE_H

#include "dwarf/unit.h"

struct Dwarf_Die_s;
struct Dwarf_Attribute_s;
struct Dwarf_Error_s;

enum die_attribute {
	DIE_NAME,
	DIE_LINKAGE_NAME,
	DIE_TYPE,
	DIE_SPECIFICATION,
	DIE_ABSTRACT_ORIGIN,
	DIE_SIGNATURE,
	DIE_DECLARATION,
	DIE_EXTERNAL,
	DIE_ARTIFICIAL,
	DIE_DECL_FILE,
	DIE_DECL_LINE,
	DIE_BYTE_SIZE,
	DIE_BIT_SIZE,
	DIE_BIT_OFFSET,
	DIE_DATA_BIT_OFFSET,
	DIE_MEMBER_LOCATION,
	DIE_ENCODING,
	DIE_CONST_VALUE,
	DIE_COUNT,
	DIE_UPPER_BOUND,
	DIE_LOWER_BOUND,
	DIE_DISCR,
	DIE_DISCR_VALUE,
	DIE_DISCR_LIST,
	DIE_LANGUAGE,
	DIE_PRODUCER,
	DIE_COMP_DIR,
	DIE_STMT_LIST,
	DIE_DWO_NAME,
	DIE_ATTRIBUTES,
};

/** DW_AT_* of each; the second is the name that GNU gave it before the standard had it, or 0. */
extern const uint16_t die_attribute_numbers[DIE_ATTRIBUTES][2];

struct die {
	struct dwarf_units *units; ///< Of the file that it is in.
	uint64_t offset;
	bool is_info; ///< In .debug_info, else in .debug_types.
	uint16_t tag;
	struct Dwarf_Die_s *handle;
	struct Dwarf_Attribute_s *attributes[DIE_ATTRIBUTES]; ///< Once die_read() has been called.
	uint8_t high[DIE_ATTRIBUTES];                         ///< See dwarf/narrow.h.
};

/** Where a DIE is. */
struct die_place {
	struct dwarf_units *units;
	uint64_t offset;
	bool is_info;
};

enum die_answer {
	DIE_FOUND,
	DIE_NONE,
	DIE_DAMAGED,
	DIE_ELSEWHERE, ///< In an alternate file that is not at hand.
};

/** What a libdwarf function answered; its error is freed, and remembered as a complaint. */
enum die_answer die_answer_of(struct dwarf_units *units, int answer, struct Dwarf_Error_s **failure);
/** The DIE at @p place, its attributes not yet read. die_close() what was found. */
enum die_answer die_open(const struct die_place *place, struct die *ret);
void die_close(struct die *die);
/** Fetch its attributes. */
enum die_answer die_read(struct die *die);
/** The first DIE inside @p parent. */
enum die_answer die_first_child(const struct die *parent, struct die *ret);
/** Go on to the next one at the same depth. At the end, or when it is damaged, @p die is closed. */
enum die_answer die_next(struct die *die);

static inline bool die_has(const struct die *die, enum die_attribute attribute)
{
	return die->attributes[attribute] != NULL;
}
/** DW_FORM_*, 0 if it is not there. */
uint16_t die_form(const struct die *die, enum die_attribute attribute);
/** The values below are @c false or NULL when the attribute is not there or its form is of another kind. */
bool die_flag(const struct die *die, enum die_attribute attribute);
bool die_unsigned(const struct die *die, enum die_attribute attribute, uint64_t *ret);
/** Like it; a constant that is stored as a signed one is sign-extended, and is then said to be so. */
bool die_constant(const struct die *die, enum die_attribute attribute, int64_t *ret, bool *is_signed_ret);
/** Borrowed from the section. */
const char *die_text(const struct die *die, enum die_attribute attribute);
/** A text in dwz's common file, in the form that DWARF 5 has for it. */
const char *die_supplementary_text(const struct die *die, enum die_attribute attribute);
/** The bytes of a block; @p release_ret is to be given to die_release(). */
const uint8_t *die_block(const struct die *die, enum die_attribute attribute, size_t *size_ret, void **release_ret);
void die_release(const struct die *die, void *release);
/** What a reference refers to; type units' signatures are looked up. */
enum die_answer die_reference(const struct die *die, enum die_attribute attribute, struct die_place *ret);

#endif
