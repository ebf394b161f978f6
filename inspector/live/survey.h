/** The processes that may be looked at, and a first look at each, one after the other in the background. */
#ifndef INSPECTOR_LIVE_SURVEY_H
#define INSPECTOR_LIVE_SURVEY_H

#include <stdbool.h>

#include "../view/picker.h"

struct survey;

/** NULL with errno when there can be no thread. */
struct survey *survey_start(void);
/** Readable when there is something new to take. */
int survey_fd(const struct survey *survey);
/** What is known now; the items of @p list, which may be NULL, are freed or grown for that. */
void survey_take(struct survey *survey, struct picker_list *list);
/** As live_stop(). */
bool survey_stop(struct survey *survey);

#endif
