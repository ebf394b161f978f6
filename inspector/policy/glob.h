/**
 * Shell patterns of names: '*' is any text, '?' any character, '[a-z]' one of these, '[!a-z]' none of these, and a
 * backslash takes the next character as it is. A '*' takes slashes, too.
 */
#ifndef INSPECTOR_POLICY_GLOB_H
#define INSPECTOR_POLICY_GLOB_H

#include <stdbool.h>

/** NULL if @p pattern is one, else what is wrong with it. */
const char *glob_complaint(const char *pattern);
/** Whether @p text is @p pattern, letter by letter, or the pattern takes it. Time: product of the lengths at most. */
bool glob_takes(const char *pattern, const char *text);

#endif
