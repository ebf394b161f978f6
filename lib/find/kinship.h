/**
 * Whether two objects have code in common: the same functions, of the same size. A library that is linked into both
 * brings its functions along with its variables; two programs that just like the same names do not.
 */
#ifndef FIND_KINSHIP_H
#define FIND_KINSHIP_H

#include "base/intmap.h"
#include "base/strmap.h"
#include "find/subject.h"

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
 * Questions about pairs of objects, and their answers: all questions are asked first, because answering is work for all
 * processors. Zero-initialise @c map and @c questions.
 */
struct kinship {
	const struct object_input *objects;
	uint32_t count;    ///< Of the objects.
	struct intmap map; ///< Two objects, the lower first, to their question.
	vec_of(struct kin_question) questions;
};

void kinship_deinit(struct kinship *kinship);

/**
 * Ask what two objects have in common beside variables. Functions that compilers, start files or generators put into
 * every object do not count, nor do inline functions and templates: every file that includes their header has them.
 */
must_use struct polyton_error *kinship_ask(struct kinship *kinship, uint32_t a, uint32_t b);
/** Answer all that was asked. */
must_use struct polyton_error *kinship_settle(struct kinship *kinship);
/** The answer; KINSHIP_UNKNOWN to what was not asked. */
enum kinship_answer kinship_answer(const struct kinship *kinship, uint32_t a, uint32_t b);

#endif
