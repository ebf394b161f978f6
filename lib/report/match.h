/**
 * The regular expression of --match.
 */
#ifndef REPORT_MATCH_H
#define REPORT_MATCH_H

#include <regex.h>
#include <stdbool.h>

#include "base/error.h"

struct match {
	bool is_given;
	bool has_failed; ///< To compare, for want of memory: to be asked for when all names were compared.
	regex_t expression;
};

/** @p pattern NULL: everything matches. POLYTON_ERROR_ARGUMENT if it is no POSIX extended regular expression. */
must_use struct polyton_error *match_init(const char *pattern, struct match *ret);
void match_deinit(struct match *match);

bool match_has(struct match *match, const char *name);

#endif
