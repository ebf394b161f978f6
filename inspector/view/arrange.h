/** Of a view: the order of its rows. */
#ifndef INSPECTOR_VIEW_ARRANGE_H
#define INSPECTOR_VIEW_ARRANGE_H

#include "view.h"

/** Make view->shown anew: filtered, sorted among those that have one parent, without what is folded away. */
void arrange(struct view *view);
/** Whether any column of the row has @p pattern. */
bool arrange_matches(const struct view *view, const struct row *row, const char *pattern);

#endif
