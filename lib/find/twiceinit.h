/**
 * PT013 merged-twice-initialised: the loader made one variable of several, but each object that brought one still
 * runs its own constructor on it, or has it destroyed once more at the end.
 *
 * Variables with a guard (inline ones, static members of templates) are constructed once, for the guard is merged
 * like the variable. What counts as evidence, and what cannot be seen, is said in startcode.h; for machines whose code
 * is not read there is a note. There are no findings for constructor functions of C, which may share a variable on
 * purpose.
 */
#ifndef FIND_TWICEINIT_H
#define FIND_TWICEINIT_H

#include "find/finder.h"
#include "find/placemap.h"

/** What start code does with merged variables. Zero-initialise. */
struct twiceinit {
	struct placemap places; ///< Of the variables.
	vec_of(struct twiceinit_variable) variables;
	vec_of(struct twiceinit_access) accesses; ///< By variable, and by object.
	bool is_code_unknown;                     ///< There are variables that were not looked for.
};

/** Read the start code; of @p finder inputs and linkage are wanted. @p ret is to be deinitialised in any case. */
must_use struct polyton_error *twiceinit_look(const struct finder *finder, struct twiceinit *ret);
void twiceinit_deinit(struct twiceinit *twiceinit);
/** Report what the finder's says. */
must_use struct polyton_error *twiceinit_find(struct finder *finder);

#endif
