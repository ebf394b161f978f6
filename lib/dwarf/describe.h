/** In the worker: from the DIEs that may describe the variables to their types, as an answer. */
#ifndef DWARF_DESCRIBE_H
#define DWARF_DESCRIBE_H

#include "dwarf/pairing.h"
#include "dwarf/types.h"

/** A file with DIEs. */
struct dwarf_source {
	struct elf_file *elf; ///< Owned; NULL when it is another source's.
	struct dwarf_file *file;
	bool is_owned;             ///< @c file is.
	struct dwarf_types *types; ///< Owned; once a variable is described by it.
	uint32_t graph;            ///< Then its number in the answer.
};
typedef vec_of(struct dwarf_source) dwarf_source_list;

/** Close the sources, last one first: those that came later lean on the first. */
void dwarf_sources_deinit(dwarf_source_list *sources);

/**
 * The body of an ANSWER: of each variable, the best candidate of @p pairing whose type has the symbol's size. Variables
 * without one are absent for the reason @p absence. @p complaint may be NULL, and so may @p lines, those of the
 * question's places.
 */
must_use struct polyton_error *describe_variables(const struct dwarf_question *question,
						  const struct pairing *pairing, dwarf_source_list *sources,
						  enum type_absence absence, const struct dwarf_line *lines,
						  const char *complaint, struct pack *ret);

#endif
