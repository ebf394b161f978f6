/** What follows an escape: a report of the mouse, or a key that nobody knows here. */
#ifndef INSPECTOR_TERM_SEQUENCE_H
#define INSPECTOR_TERM_SEQUENCE_H

#include "screen.h"

enum sequence {
	SEQUENCE_NONE, ///< Nothing: it was the key Esc.
	SEQUENCE_UNKNOWN,
	SEQUENCE_MOUSE,
};

/** Take all of it; @p mouse_ret is what SEQUENCE_MOUSE tells. */
enum sequence sequence_read(struct screen_mouse *mouse_ret);

#endif
