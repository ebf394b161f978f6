// Curses keeps its state to itself, and so does this room: there is one terminal. newterm() and not initscr(), which
// would end the program by itself; handlers only for what must restore the terminal. SIGTSTP, SIGWINCH and what
// follows from them are curses' own.

#include "screen.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <unistd.h>

#include "sequence.h"

enum { SCREEN_ESCAPE = 0x1b, SCREEN_ESCAPE_MS = 25, SCREEN_MIN_COLORS = 8 };

static struct {
	SCREEN *terminal;
	bool has_color, is_open;
	int pipe[2];
} screen = { .pipe = { -1, -1 } };

static volatile sig_atomic_t last_signal;

static void note_signal(int number)
{
	int saved = errno;
	last_signal = number;
	(void)!write(screen.pipe[1], "", 1);
	errno = saved;
}

static void catch_signals(void)
{
	static const int numbers[] = { SIGTERM, SIGHUP, SIGINT, SIGQUIT };
	struct sigaction action = { .sa_handler = note_signal };
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaction(numbers[i], &action, NULL);
}

// Eight colours do, and each has a second signal beside it.
static void start_colors(bool no_color)
{
	static const short colors[TEXT_STYLES] = { [TEXT_ERROR] = COLOR_RED,
						   [TEXT_WARNING] = COLOR_YELLOW,
						   [TEXT_NOTE] = COLOR_CYAN,
						   [TEXT_SET] = COLOR_GREEN };
	screen.has_color = !no_color && has_colors() && start_color() == OK && COLORS >= SCREEN_MIN_COLORS;
	if (!screen.has_color)
		return;
	short back = use_default_colors() == OK ? -1 : COLOR_BLACK;
	for (int i = TEXT_ERROR; i <= TEXT_SET; i++)
		init_pair((short)i, colors[i], back);
}

static void start_mouse(void)
{
	mousemask(BUTTON1_PRESSED, NULL);
}

// What terminals of today send, whatever TERM says of them: unknown, its last characters would be taken for keys.
static void know_keys(void)
{
	static const struct {
		const char *sent;
		int code;
	} keys[] = {
		{ "\033[A", KEY_UP },     { "\033[B", KEY_DOWN },   { "\033[C", KEY_RIGHT },
		{ "\033[D", KEY_LEFT },   { "\033OA", KEY_UP },     { "\033OB", KEY_DOWN },
		{ "\033OC", KEY_RIGHT },  { "\033OD", KEY_LEFT },   { "\033[H", KEY_HOME },
		{ "\033[F", KEY_END },    { "\033OH", KEY_HOME },   { "\033OF", KEY_END },
		{ "\033[1~", KEY_HOME },  { "\033[4~", KEY_END },   { "\033[5~", KEY_PPAGE },
		{ "\033[6~", KEY_NPAGE }, { "\033[3~", KEY_DC },    { "\033OP", KEY_F(1) },
		{ "\033OQ", KEY_F(2) },   { "\033OR", KEY_F(3) },   { "\033OS", KEY_F(4) },
		{ "\033[15~", KEY_F(5) }, { "\033[17~", KEY_F(6) }, { "\033[18~", KEY_F(7) },
		{ "\033[19~", KEY_F(8) }, { "\033[20~", KEY_F(9) }, { "\033[21~", KEY_F(10) },
	};
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (key_defined(keys[i].sent) == 0)
			define_key(keys[i].sent, keys[i].code);
	}
}

// Asked before newterm() is, which cannot undo all of what it has begun.
static const char *complaint_about_terminal(void)
{
	int status = 0;
	const char *name = getenv("TERM");
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return "standard input and output are not a terminal";
	if (!name || !name[0])
		return "TERM does not say which terminal this is";
	if (setupterm(NULL, STDOUT_FILENO, &status) != OK)
		return "the terminal that TERM names is not known here";
	const char *move = tigetstr("cup");
	bool can_move = move && move != (const char *)-1;
	del_curterm(cur_term);
	return can_move ? NULL : "this terminal cannot move its cursor";
}

bool screen_fits(void)
{
	return !complaint_about_terminal();
}

static const char *open_terminal(const struct screen_options *options)
{
	screen.terminal = newterm(NULL, stdout, stdin);
	if (!screen.terminal)
		return "the terminal cannot be used";
	screen.is_open = true;
	set_escdelay(SCREEN_ESCAPE_MS);
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	know_keys();
	nodelay(stdscr, TRUE);
	curs_set(0);
	start_colors(options->no_color);
	if (!options->no_mouse)
		start_mouse();
	define_key(key_mouse, 0); // sequence.c has them
	return NULL;
}

const char *screen_open(const struct screen_options *options)
{
	const char *complaint = complaint_about_terminal();
	if (complaint)
		return complaint;
	if (pipe2(screen.pipe, O_CLOEXEC | O_NONBLOCK))
		return strerror(errno);
	complaint = open_terminal(options);
	if (!complaint)
		catch_signals();
	return complaint;
}

void screen_close(void)
{
	if (screen.is_open)
		endwin();
	screen.is_open = false;
}

int screen_rows(void)
{
	return LINES;
}

int screen_columns(void)
{
	return COLS;
}

void screen_clear(void)
{
	erase();
}

static attr_t attributes(enum text_style style, unsigned looks)
{
	attr_t attribute = A_NORMAL;
	if (looks & (LOOK_SELECTED | LOOK_BAR))
		attribute |= A_REVERSE;
	if (looks & LOOK_CHANGED || style == TEXT_STRONG || (!screen.has_color && style == TEXT_ERROR))
		attribute |= A_BOLD;
	if (looks & LOOK_UNDERLINED)
		attribute |= A_UNDERLINE;
	if (style == TEXT_ABSENT || looks & LOOK_GONE)
		attribute |= A_DIM;
	if (screen.has_color && style >= TEXT_ERROR && style <= TEXT_SET && !(looks & (LOOK_SELECTED | LOOK_BAR)))
		attribute |= COLOR_PAIR(style);
	return attribute;
}

void screen_put(int row, int column, int width, const char *text, enum text_style style, unsigned looks)
{
	unsigned cells = 0;
	if (row < 0 || row >= LINES || column < 0 || column >= COLS || width <= 0)
		return;
	if (width > COLS - column)
		width = COLS - column;
	size_t size = text_fit(text, (unsigned)width, &cells);
	attrset(attributes(style, looks));
	if (size)
		mvaddnstr(row, column, text, (int)size);
	for (int x = column + (int)cells; x < column + width; x++)
		mvaddch(row, x, ' ');
	attrset(A_NORMAL);
}

void screen_show(int cursor_row, int cursor_column)
{
	if (cursor_column >= 0) {
		curs_set(1);
		move(cursor_row, cursor_column);
	} else {
		curs_set(0);
	}
	refresh();
}

void screen_redraw(void)
{
	clearok(curscr, TRUE);
}

void screen_leave(void)
{
	def_prog_mode();
	endwin();
	// Where there is no second screen, the line at the bottom is still there.
	if (clr_eol)
		putp(clr_eol);
}

void screen_return(void)
{
	reset_prog_mode();
	refresh();
	clearok(curscr, TRUE);
}

static uint32_t translate(int code)
{
	static const struct {
		int code;
		uint32_t key;
	} table[] = {
		{ KEY_UP, KEYS_UP },       { KEY_DOWN, KEYS_DOWN },     { KEY_LEFT, KEYS_LEFT },
		{ KEY_RIGHT, KEYS_RIGHT }, { KEY_PPAGE, KEYS_PAGE_UP }, { KEY_NPAGE, KEYS_PAGE_DOWN },
		{ KEY_HOME, KEYS_HOME },   { KEY_END, KEYS_END },       { KEY_FIND, KEYS_HOME },
		{ KEY_SELECT, KEYS_END },  { KEY_ENTER, KEYS_ENTER },   { KEY_BACKSPACE, KEYS_BACKSPACE },
		{ KEY_DC, KEYS_DELETE },   { KEY_RESIZE, KEYS_RESIZE }, { KEY_A1, KEYS_HOME },
		{ KEY_A3, KEYS_PAGE_UP },  { KEY_C1, KEYS_END },        { KEY_C3, KEYS_PAGE_DOWN },
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].code == code)
			return table[i].key;
	}
	if (code >= KEY_F(1) && code <= KEY_F(10))
		return KEYS_F1 + (uint32_t)(code - KEY_F(1));
	return KEYS_NONE;
}

static uint32_t translate_character(wint_t character)
{
	enum {
		BACKSPACE = 0x08,
		TAB = 0x09,
		LINE_FEED = 0x0a,
		FORM_FEED = 0x0c,
		RETURN = 0x0d,
		ESCAPE = 0x1b,
		RUBOUT = 0x7f
	};
	switch (character) {
	case BACKSPACE:
	case RUBOUT:
		return KEYS_BACKSPACE;
	case TAB:
		return KEYS_TAB;
	case LINE_FEED:
	case RETURN:
		return KEYS_ENTER;
	case FORM_FEED:
		return KEYS_REDRAW;
	case ESCAPE:
		return KEYS_ESCAPE;
	default:
		return (uint32_t)character;
	}
}

uint32_t screen_key(struct screen_mouse *mouse)
{
	wint_t code = 0;
	for (;;) {
		int kind = get_wch(&code);
		if (kind == ERR)
			return KEYS_NONE;
		enum sequence sequence = kind == OK && code == SCREEN_ESCAPE ? sequence_read(mouse) : SEQUENCE_NONE;
		if (sequence == SEQUENCE_MOUSE)
			return KEYS_MOUSE;
		if (sequence != SEQUENCE_NONE)
			continue;
		uint32_t key = kind == KEY_CODE_YES ? translate((int)code) : translate_character(code);
		// A key that means nothing must not look like the end of the input.
		if (key != KEYS_NONE)
			return key;
	}
}

int screen_signal(void)
{
	char bytes[16];
	while (read(screen.pipe[0], bytes, sizeof(bytes)) > 0)
		;
	return last_signal;
}

int screen_signal_fd(void)
{
	return screen.pipe[0];
}
