/** Debug info byte by byte, in any version, size and byte order: for what compilers do not write, and for damage. */
#ifndef SUPPORT_DWARF_WRITER_H
#define SUPPORT_DWARF_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dwarf/forms.h"
#include "dwarf/scan.h"

enum { DWARF_WRITER_MAX = 8192 };

struct dwarf_bytes {
	uint8_t bytes[DWARF_WRITER_MAX];
	size_t size;
};

/** Zero-initialise but for the format. */
struct dwarf_writer {
	struct dwarf_format format;
	struct dwarf_bytes info, abbrev, str, line_str, addr, str_offsets, index;
	size_t unit;          ///< Where the unit that is being written begins.
	size_t abbrev_offset; ///< Of the units to come.
};

void dwarf_put(const struct dwarf_writer *writer, struct dwarf_bytes *to, uint64_t value, size_t size);
void dwarf_put_leb(struct dwarf_bytes *to, uint64_t value);
/** With its end; where it begins. */
size_t dwarf_put_string(struct dwarf_bytes *to, const char *text);

/** Pairs of attribute and form, ended by 0. An implicit_const one has the value 5. */
void dwarf_write_abbrev(struct dwarf_writer *writer, uint64_t code, uint64_t tag, int has_children, ...);
/** @p type is a DW_UT_* of version 5 (else 0); @p id is for those that have one. */
void dwarf_begin_unit(struct dwarf_writer *writer, uint8_t type, uint64_t id);
void dwarf_end_unit(struct dwarf_writer *writer);
/** A location: a block of those bytes, in the form that the version has for it, its number of bytes first. */
uint64_t dwarf_location_form(const struct dwarf_writer *writer);
void dwarf_write_location(struct dwarf_writer *writer, const void *bytes, size_t size);
/** DW_OP_addr and that address; DW_OP_const8u or 4u, that offset, and the operation that makes it a TLS address. */
void dwarf_write_address(struct dwarf_writer *writer, uint64_t address);
void dwarf_write_tls(struct dwarf_writer *writer, uint64_t offset, uint8_t operation);

/** One found variable of the sample. */
struct dwarf_expected {
	uint64_t die;
	enum dwarf_place place;
	uint64_t value;
	const char *name;
	bool is_linkage_name;
};
enum { DWARF_SAMPLE_MAX = 16 };

/** A unit with variables in all kinds of places, and what is to be found of it; the number of those. */
size_t dwarf_write_sample(struct dwarf_writer *writer, struct dwarf_expected expected[DWARF_SAMPLE_MAX]);

/** What was written, borrowed. */
struct dwarf_sections dwarf_written(const struct dwarf_writer *writer);

#endif
