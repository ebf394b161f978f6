// Curses switches the mouse on and off, but does not get to see what it sends: after a report that nobody asked for, as
// that of a button let go, it would wait for the next one however short it is told to wait, and it takes a wheel that
// turns sideways for a button. And a key that terminfo does not have must not come as its single characters.

#include "sequence.h"

#include <curses.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	SEQUENCE_MS = 25,  // over a network it may come in pieces
	SEQUENCE_MAX = 64, // characters
	BUTTON_MODIFIERS = 4 | 8 | 16,
	BUTTON_WHEEL_UP = 64,
	BUTTON_WHEEL_DOWN = 65,
	BYTE_BASE = 32, // of the old reports
};

static bool read_character(wint_t *ret)
{
	struct pollfd input = { STDIN_FILENO, POLLIN, 0 };
	int kind = get_wch(ret);
	if (kind == ERR && poll(&input, 1, SEQUENCE_MS) > 0)
		kind = get_wch(ret);
	if (kind == KEY_CODE_YES)
		ungetch((int)*ret);
	return kind == OK;
}

static enum sequence decode(int button, int column, int row, struct screen_mouse *ret)
{
	*ret = (struct screen_mouse){ .row = row - 1, .column = column - 1 };
	if (button == BUTTON_WHEEL_UP || button == BUTTON_WHEEL_DOWN)
		ret->wheel = button == BUTTON_WHEEL_UP ? -1 : 1;
	else if (button & ~BUTTON_MODIFIERS)
		return SEQUENCE_UNKNOWN;
	return row > 0 && column > 0 ? SEQUENCE_MOUSE : SEQUENCE_UNKNOWN;
}

// "ESC [ M" and three characters; 3 is a button let go.
static enum sequence read_old_report(struct screen_mouse *ret)
{
	wint_t part[3];
	for (int i = 0; i < 3; i++) {
		if (!read_character(&part[i]) || part[i] < BYTE_BASE)
			return SEQUENCE_UNKNOWN;
	}
	return decode((int)part[0] - BYTE_BASE, (int)part[1] - BYTE_BASE, (int)part[2] - BYTE_BASE, ret);
}

// "ESC [ < BUTTON ; COLUMN ; ROW M"; it ends with "m" when a button is let go.
static enum sequence decode_report(const char *text, char last, struct screen_mouse *ret)
{
	long part[3];
	for (int i = 0; i < 3; i++) {
		char *end;
		part[i] = strtol(text, &end, 10);
		if (end == text || (i < 2 && *end != ';'))
			return SEQUENCE_UNKNOWN;
		text = end + 1;
	}
	return last == 'M' ? decode((int)part[0], (int)part[1], (int)part[2], ret) : SEQUENCE_UNKNOWN;
}

enum sequence sequence_read(struct screen_mouse *mouse_ret)
{
	char text[SEQUENCE_MAX + 1];
	size_t used = 0;
	wint_t next;
	if (!read_character(&next))
		return SEQUENCE_NONE;
	if (next == 'O') {
		read_character(&next);
		return SEQUENCE_UNKNOWN;
	}
	if (next != '[') {
		unget_wch((wchar_t)next);
		return SEQUENCE_NONE;
	}
	// It ends with a character from '@' to '~'.
	while (used < SEQUENCE_MAX && read_character(&next) && next < '@')
		text[used++] = (char)next;
	text[used] = '\0';
	if (!used && next == 'M')
		return read_old_report(mouse_ret);
	return text[0] == '<' ? decode_report(text + 1, (char)next, mouse_ret) : SEQUENCE_UNKNOWN;
}
