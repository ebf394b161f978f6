/** The terminal: opened, restored on every way out, and written to in cells. */
#ifndef INSPECTOR_TERM_SCREEN_H
#define INSPECTOR_TERM_SCREEN_H

#include <stdbool.h>

#include "../view/keys.h"
#include "../view/text.h"

struct screen_options {
	bool no_color, no_mouse, is_ascii;
};

/** What a text looks like beside its style. */
enum look {
	LOOK_NONE = 0,
	LOOK_SELECTED = 1, ///< Reversed.
	LOOK_CHANGED = 2,  ///< Bold.
	LOOK_UNDERLINED = 4,
	LOOK_GONE = 8,
	LOOK_BAR = 16, ///< A line of the frame: reversed.
};

/** NULL, or why this terminal will not do: a sentence. */
const char *screen_open(const struct screen_options *options);
/** Whether standard input and output are a terminal that can be drawn on. */
bool screen_fits(void);
/** May be called at any time, and twice. */
void screen_close(void);
int screen_rows(void);
int screen_columns(void);
/** Begin a new picture. */
void screen_clear(void);
/** Write @p text, cut or filled up to @p width cells. */
void screen_put(int row, int column, int width, const char *text, enum text_style style, unsigned looks);
/** Show what was written. @p cursor_column < 0: no cursor. */
void screen_show(int cursor_row, int cursor_column);
/** Draw everything anew, whatever the terminal has. */
void screen_redraw(void);
/** Leave the screen to somebody who writes lines, and take it back. */
void screen_leave(void);
void screen_return(void);

/** What the mouse did. */
struct screen_mouse {
	int row, column;
	int wheel; ///< -1 up, 1 down, 0: a click.
	bool is_double;
};
/** The next key, KEYS_NONE if there is none now; KEYS_MOUSE fills in @p mouse. */
uint32_t screen_key(struct screen_mouse *mouse);
/** SIGTERM, SIGHUP or SIGINT came: the number, else 0. */
int screen_signal(void);
/** Readable when a signal came. */
int screen_signal_fd(void);

#endif
