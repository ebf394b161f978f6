/**
 * The units of a file: who compiled what, in which language, and where its parts begin. What a unit's first DIE says
 * is read when it is first asked for.
 */
#ifndef DWARF_UNIT_H
#define DWARF_UNIT_H

#include "dwarf/headers.h"
#include "dwarf/provider.h"
#include "dwarf/diescopes.h"
#include "model/type.h"

struct dwarf_unit {
	uint64_t offset, first_die, end; ///< Of its header, what comes behind it, and what comes behind it all.
	bool is_info;                    ///< In .debug_info, else in .debug_types.
	struct dwarf_format format;
	const struct abbrev_table *abbrevs;
	const struct dwarf_headers_unit *header; ///< NULL in .debug_types.
	bool is_known;                           ///< The facts below have been read.
	bool has_lines;
	enum polyton_language language;
	bool has_language;     ///< dwz's partial units may have none.
	const char *producer;  ///< "" if it does not say.
	const char *comp_dir;  ///< "" the same.
	const char *dwo_name;  ///< Of a skeleton, "" for others.
	uint64_t lines;        ///< Offset in .debug_line.
	uint64_t named_file;   ///< The number of the source file that was asked for last: @c file_name is its path.
	const char *file_name; ///< NULL before.
	struct diescopes *scopes; ///< Once they were asked for.
};

struct dwarf_units {
	struct dwarf_file *file;
	struct dwarf_units *alternate, *executable; ///< Owned; of the linked files, NULL if there are none.
	struct dwarf_unit *items;
	size_t count, info_count; ///< Those of .debug_info come first; each part is in order.
	struct dwarf_headers headers;
	uint64_t die_count;    ///< DIEs that were looked at so far.
	const char *complaint; ///< What is damaged, NULL if nothing is known to be. Static.
};

/** Damage ends the list; what precedes it is as good as ever. */
must_use struct polyton_error *dwarf_units_create(struct dwarf_file *file, struct dwarf_units **ret);
void dwarf_units_destroy(struct dwarf_units *units);

/** The unit that @p offset is in, NULL if it is in none. */
struct dwarf_unit *dwarf_units_at(struct dwarf_units *units, uint64_t offset, bool is_info);
/** Read what its first DIE says. False if it is damaged: then all is empty. */
bool dwarf_unit_read(struct dwarf_units *units, struct dwarf_unit *unit);
/**
 * The path of source file number @p index of a unit, into @p arena; "" if there is none. The last one is kept,
 * so @p arena must always be the same. In a split unit the table may be
 * its skeleton's.
 */
must_use struct polyton_error *dwarf_unit_file_name(struct dwarf_units *units, struct dwarf_unit *unit,
						    uint64_t index, struct arena *arena, const char **ret);
/** The unit as bytes. */
struct scope_source dwarf_unit_source(const struct dwarf_units *units, const struct dwarf_unit *unit);
/** The innermost scope around the DIE at @p die, NULL if there is none. The unit's are read when first asked for. */
must_use struct polyton_error *dwarf_unit_scope(struct dwarf_units *units, struct dwarf_unit *unit, uint64_t die,
						struct scope **ret);

#endif
