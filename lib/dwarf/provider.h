/**
 * One file's debug info, open in libdwarf. libdwarf never sees the file itself: it is shown the few sections that
 * names and types need, as bytes that are mapped or inflated already. So it opens nothing, follows no links, copies
 * nothing, and its readers of the other sections are never reached.
 */
#ifndef DWARF_PROVIDER_H
#define DWARF_PROVIDER_H

#include "base/error.h"
#include "dwarf/scan.h"
#include "elf/file.h"

struct Dwarf_Debug_s;
struct dwarf_library_side;

/** Other files that a file's debug info refers to; NULL for none. They must outlive what is opened with them. */
struct dwarf_links {
	struct elf_file *alternate; ///< Of dwz -m: what .gnu_debugaltlink names.
	/** For a .dwo or .dwp: the file with the skeleton units, and with the addresses that it refers to by number. */
	struct elf_file *executable;
};

struct dwarf_file {
	struct elf_file *elf;          ///< Borrowed.
	struct Dwarf_Debug_s *debug;   ///< libdwarf's handle.
	struct dwarf_file *alternate;  ///< Owned; NULL if there is none, or it is not at hand.
	struct dwarf_file *executable; ///< Owned, for a split file; NULL for the others.
	/** What the scanner reads; but for the skeletons of a split file's executable. */
	struct dwarf_sections sections;
	const uint8_t *line, *types; ///< .debug_line, .debug_types (DWARF 4's type units)
	const uint8_t *tu_index;     ///< .debug_tu_index of a .dwp.
	size_t line_size, types_size, tu_index_size;
	bool is_split;                      ///< A .dwo or a .dwp.
	struct dwarf_library_side *library; ///< What libdwarf was given.
};

/**
 * Does the libdwarf that was loaded fit the headers that this was built with? Debian 12's and 13's have one SONAME
 * but two ABIs, and so may others'. Ask before anything is opened.
 */
must_use struct polyton_error *dwarf_library_check(void);

/**
 * Open @p elf, which has .debug_info (or .debug_info.dwo); it must outlive the result. A file without either is
 * POLYTON_ERROR_UNSUPPORTED. @p links may be NULL.
 */
must_use struct polyton_error *dwarf_file_open(struct elf_file *elf, const struct dwarf_links *links,
					       struct dwarf_file **ret);
void dwarf_file_close(struct dwarf_file *file);

#endif
