/** What a view of the inspector shows, as text, for tests. */
#ifndef SUPPORT_SEEN_H
#define SUPPORT_SEEN_H

#include "../../inspector/view/view.h"

/** A world of one snapshot, which it owns from now on. */
void seen_add(struct world *world, struct polyton_snapshot *snapshot);
/** A view of that kind, looked at. */
struct view seen_view(const struct view_kind *kind, const struct world *world);
/**
 * A line for each shown row, to be freed: ">" for the selected one or a blank, a sign for what has changed ("*+-" or a
 * blank), two blanks for each level, "+" or "-" if it is folded or open, and its texts with "|" between them.
 */
char *seen_text(const struct view *view);
/** The same of one column. */
char *seen_column(const struct view *view, unsigned column);
/** What is told of the selected row, to be freed. */
char *seen_details(const struct view *view);
/** Select the first row whose first column is @p text. */
void seen_select(struct view *view, const char *text);
/** The texts of the selected row. */
char *seen_selected(const struct view *view);

#endif
