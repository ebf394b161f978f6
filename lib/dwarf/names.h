/** What a DIE is called: by itself, or by what it completes. */
#ifndef DWARF_NAMES_H
#define DWARF_NAMES_H

#include "dwarf/headers.h"

struct dwarf_names_source {
	const struct dwarf_headers *headers;
	size_t str_size, line_str_size, alternate_str_size; ///< Up to the last string that ends.
};

struct dwarf_name {
	const char *text; ///< Borrowed from the sections; NULL if there is none, or it is not readable.
	bool is_linkage;  ///< The linker's name, not the programmer's.
};

/** Borrows @p headers. */
struct dwarf_names_source dwarf_names_source(const struct dwarf_headers *headers);

/**
 * The name of the DIE at @p content (behind its code), from its own attributes, or from those of what it specifies or
 * originates from.
 */
struct dwarf_name dwarf_name_of(const struct dwarf_names_source *source, const struct dwarf_headers_unit *unit,
				const struct abbrev *abbrev, const uint8_t *content);

#endif
