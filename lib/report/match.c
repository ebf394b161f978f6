// An expression is a user's word: what is wrong with it is said in the words of regcomp(), which they know from grep.

#include "report/match.h"

enum { MATCH_COMPLAINT_MAX = 256 };

struct polyton_error *match_init(const char *pattern, struct match *ret)
{
	char complaint[MATCH_COMPLAINT_MAX];
	*ret = (struct match){ .is_given = pattern != NULL };
	int number = pattern ? regcomp(&ret->expression, pattern, REG_EXTENDED | REG_NOSUB) : 0;
	if (!number)
		return NULL;
	ret->is_given = false;
	regerror(number, &ret->expression, complaint, sizeof(complaint));
	return number == REG_ESPACE ? error_no_memory()
				    : error_create(POLYTON_ERROR_ARGUMENT, "\"%s\" is no regular expression: %s",
						   pattern, complaint);
}

void match_deinit(struct match *match)
{
	if (match->is_given)
		regfree(&match->expression);
	match->is_given = false;
}

bool match_has(struct match *match, const char *name)
{
	int answer = match->is_given ? regexec(&match->expression, name, 0, NULL, 0) : 0;
	match->has_failed |= answer && answer != REG_NOMATCH;
	return !answer;
}
