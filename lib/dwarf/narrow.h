/**
 * libdwarf up to 0.5.0 takes the forms strx3 and addrx3, of three bytes, for four bytes long (upstream's
 * DW202301-001), and loses its way in every DIE that has one: units with more than 65535 strings, which link-time
 * optimisation makes. Here such units' abbreviations are rewritten, for libdwarf's eyes only, so that each such
 * attribute becomes one of two bytes and, next to it, one of one byte. No DIE changes its size or place.
 */
#ifndef DWARF_NARROW_H
#define DWARF_NARROW_H

#include "dwarf/scan.h"

enum {
	NARROW_FIXED_IN = 600, ///< As SHIM_VERSION counts.
	/** The attribute with the highest byte of attribute A is NARROW_HIGH + A; it is in no vendor's range. */
	NARROW_HIGH = 0x3d00,
	NARROW_MAX_ATTRIBUTE = 0xff,
};

/** Owned copies; all NULL and 0 if nothing had to be rewritten. */
struct narrow_sections {
	uint8_t *info; ///< As large as the file's.
	uint8_t *abbrev;
	size_t abbrev_size;
};

must_use struct polyton_error *narrow_three_byte_forms(const struct dwarf_sections *sections,
						       struct narrow_sections *ret);
void narrow_deinit(struct narrow_sections *narrow);

#endif
