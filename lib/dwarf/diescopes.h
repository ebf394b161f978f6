/**
 * What encloses what: namespaces, classes and functions of a unit, found by one linear walk. libdwarf knows no
 * parents, and to find them with it means to walk the tree from its root, which takes thirty times as long.
 */
#ifndef DWARF_DIESCOPES_H
#define DWARF_DIESCOPES_H

#include "dwarf/abbrevs.h"
#include "dwarf/forms.h"

/** A DIE that has others inside it. */
struct scope {
	uint64_t die, end; ///< Its offset, and that of what comes behind all that is inside it.
	uint32_t parent;   ///< Index, POLYTON_NONE for the unit's own.
	uint16_t tag;
	const char *path; ///< The qualified name of what is in it, for whoever works it out; NULL before.
	/**
	 * A function that was passed over: where its inside begins (else 0), and that once it was asked for. Types are
	 * seldom in there, and most of the unit is.
	 */
	uint64_t passed;
	struct diescopes *inside;
};

/** In the order of their offsets. */
struct diescopes {
	vec_of(struct scope) items;
};

/** A unit as bytes. */
struct scope_source {
	const uint8_t *section;        ///< Offsets count from here.
	uint64_t unit, first_die, end; ///< Its header, its first DIE, behind it.
	bool is_inside;                ///< It is but the inside of a function.
	struct dwarf_format format;
	const struct abbrev_table *abbrevs;
	const struct abbrev_tables *tables;
};

/** Told of each struct, class, union and enum that is more than declared; @p content is behind its code. */
typedef struct polyton_error *scope_type_fn(uint64_t die, const struct abbrev *abbrev, const uint8_t *content,
					    void *arg);

/** With a @p visit nothing is passed over; it may be NULL. */
must_use struct polyton_error *diescopes_read(const struct scope_source *source, struct diescopes *ret,
					      scope_type_fn *visit, void *arg);
void diescopes_deinit(struct diescopes *scopes);
/** The innermost scope around the DIE at @p die (not the DIE itself), NULL if there is none. @p source: as read. */
must_use struct polyton_error *diescopes_around(struct diescopes *scopes, const struct scope_source *source,
						uint64_t die, struct scope **ret);

#endif
