/**
 * Whether two objects have code in common: the same functions, of the same size. A library that is linked into both
 * brings its functions along with its variables; two programs that just like the same names do not.
 */
#ifndef FIND_KINSHIP_H
#define FIND_KINSHIP_H

#include "base/intmap.h"
#include "base/strmap.h"
#include "find/subject.h"

/** Filled as it is asked. */
struct kinship {
	const struct object_input *objects;
	uint32_t count;
	struct kin_functions *functions; ///< By object.
	struct intmap pairs;             ///< Two objects, the lower first, to the answer.
};

must_use struct polyton_error *kinship_init(struct kinship *kinship, const struct object_input *objects,
					    uint32_t count);
void kinship_deinit(struct kinship *kinship);
enum kinship_answer {
	KINSHIP_UNKNOWN,   ///< Nothing says that they have code in common.
	KINSHIP_STRANGERS, ///< Both name their source files, and have none in common.
	/**
	 * They share a function of one size, and a source file; or two functions where files are not named; or a file
	 * and the names of two functions.
	 */
	KINSHIP_CODE,
};

/**
 * What two objects have in common beside variables. Functions that compilers, start files or generators put into every
 * object do not count, nor do inline functions and templates: every file that includes their header has them.
 */
must_use struct polyton_error *kinship_compare(struct kinship *kinship, uint32_t a, uint32_t b,
					       enum kinship_answer *ret);

#endif
