/** What keys do: one table, from which the help screen, the line at the bottom, and the manual's table come. */
#ifndef INSPECTOR_VIEW_KEYS_H
#define INSPECTOR_VIEW_KEYS_H

#include <stdint.h>

#include "view.h"

/** Keys that are no characters; they are above all of those. */
enum key {
	KEYS_NONE = 0,
	KEYS_FIRST = 0x110000,
	KEYS_UP = KEYS_FIRST,
	KEYS_DOWN,
	KEYS_LEFT,
	KEYS_RIGHT,
	KEYS_PAGE_UP,
	KEYS_PAGE_DOWN,
	KEYS_HOME,
	KEYS_END,
	KEYS_ENTER,
	KEYS_ESCAPE,
	KEYS_TAB,
	KEYS_BACKSPACE,
	KEYS_DELETE,
	KEYS_REDRAW,
	KEYS_F1,
	KEYS_F2,
	KEYS_F3,
	KEYS_F4,
	KEYS_F5,
	KEYS_F6,
	KEYS_F7,
	KEYS_F8,
	KEYS_F9,
	KEYS_F10,
	KEYS_LAST = KEYS_F10,
	/* These are no keys of the table. */
	KEYS_RESIZE,
	KEYS_MOUSE,
};

enum action {
	ACTION_NONE,
	ACTION_UP,
	ACTION_DOWN,
	ACTION_LEFT,
	ACTION_RIGHT,
	ACTION_PAGE_UP,
	ACTION_PAGE_DOWN,
	ACTION_FIRST,
	ACTION_LAST,
	ACTION_OPEN,
	ACTION_BACK,
	ACTION_ESCAPE,
	ACTION_PANE,
	ACTION_VIEW, ///< The key's digit says which.
	ACTION_LAYOUT,
	ACTION_OBJECT,
	ACTION_THREAD,
	ACTION_SEARCH,
	ACTION_NEXT,
	ACTION_PREVIOUS,
	ACTION_FILTER,
	ACTION_SORT,
	ACTION_SORT_BACK,
	ACTION_REVERSE,
	ACTION_SIGNS,
	ACTION_FOLD_ALL,
	ACTION_ALL,
	ACTION_MARK,
	ACTION_UNMARK,
	ACTION_PAUSE,
	ACTION_FASTER,
	ACTION_SLOWER,
	ACTION_REFRESH,
	ACTION_EXPORT,
	ACTION_COPY,
	ACTION_REDRAW,
	ACTION_HELP,
	ACTION_QUIT,
	ACTION_COUNT,
};

enum { KEYS_EACH = 8 };
struct key_row {
	enum action action;
	uint32_t keys[KEYS_EACH]; ///< Ends with 0.
	const char *label;        ///< At the bottom of the screen; NULL: not there.
	const char *help;
	unsigned views; ///< Bits of enum view_id whose bottom line has it.
};

/** Ends with ACTION_NONE. */
extern const struct key_row key_rows[];
/** What @p key does. */
enum action keys_action(uint32_t key);
/** "Up", "k", "F10"; @p ret has room for 16 bytes. */
const char *keys_name(uint32_t key, char *ret);
/** "Up, k": all keys of a row; @p ret has room for 128 bytes. */
const char *keys_names(const struct key_row *row, char *ret);

#endif
