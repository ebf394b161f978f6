// As in other programs of this kind: the arrows and vi's letters, / to search, F1 to F10 as they have them.

#include "keys.h"

#include <stdio.h>
#include <string.h>

#define IN(view) (1u << VIEW_##view)
#define IN_LISTS (~IN(EVIDENCE))
#define IN_ALL (~0u)

const struct key_row key_rows[] = {
	{ ACTION_HELP, { '?', KEYS_F1 }, "Help", "this help", IN_ALL },
	{ ACTION_UP, { KEYS_UP, 'k' }, NULL, "the row above", 0 },
	{ ACTION_DOWN, { KEYS_DOWN, 'j' }, NULL, "the row below", 0 },
	{ ACTION_LEFT, { KEYS_LEFT, 'h' }, NULL, "fold; in the matrix: the cell to the left", 0 },
	{ ACTION_RIGHT, { KEYS_RIGHT, 'l' }, NULL, "unfold; in the matrix: the cell to the right", 0 },
	{ ACTION_PAGE_UP, { KEYS_PAGE_UP, 'b' - 'a' + 1 }, NULL, "a screen up", 0 },
	{ ACTION_PAGE_DOWN, { KEYS_PAGE_DOWN, 'f' - 'a' + 1 }, NULL, "a screen down", 0 },
	{ ACTION_FIRST, { KEYS_HOME, 'g' }, NULL, "the first row", 0 },
	{ ACTION_LAST, { KEYS_END, 'G' }, NULL, "the last row", 0 },
	{ ACTION_OPEN,
	  { KEYS_ENTER },
	  "Open",
	  "go into it: from a singleton to its matrix, from a cell to its value, from an object to what it brings",
	  IN(SINGLETONS) | IN(MATRIX) | IN(OBJECTS) | IN(VALUE) | IN(PICKER) },
	{ ACTION_BACK, { 'q' }, "Back", "back to where you came from; from the first screen: quit", IN_ALL },
	{ ACTION_ESCAPE, { KEYS_ESCAPE }, NULL, "drop a filter, else back", 0 },
	{ ACTION_PANE, { KEYS_TAB }, NULL, "between the list and the text below it, to scroll that", 0 },
	{ ACTION_VIEW,
	  { '1', '2', '3', '4', '5', '6', '7' },
	  NULL,
	  "singletons, matrix, objects, threads, static TLS, notes, evidence",
	  0 },
	{ ACTION_LAYOUT,
	  { 'd' },
	  "Diff",
	  "where two copies of the singleton are laid out differently",
	  IN(MATRIX) | IN(SINGLETONS) },
	{ ACTION_SEARCH,
	  { '/', KEYS_F3 },
	  "Search",
	  "go to the next row that has some words",
	  IN_LISTS | IN(EVIDENCE) },
	{ ACTION_NEXT, { 'n' }, NULL, "the next row that has them", 0 },
	{ ACTION_PREVIOUS, { 'N' }, NULL, "the one before", 0 },
	{ ACTION_FILTER, { 'f', '\\', KEYS_F4 }, "Filter", "show only rows that have some words", IN_LISTS },
	{ ACTION_SORT,
	  { 's', '>', KEYS_F6 },
	  "Sort",
	  "sort by the next column; after the last: worst first",
	  IN_LISTS },
	{ ACTION_SORT_BACK, { '<' }, NULL, "sort by the column before", 0 },
	{ ACTION_REVERSE, { 'I' }, NULL, "sort the other way round", 0 },
	{ ACTION_SIGNS, { 'v' }, "Signs", "in the matrix: only signs, for many copies; or values again", IN(MATRIX) },
	{ ACTION_FOLD_ALL, { 'z' }, NULL, "fold or unfold all", 0 },
	{ ACTION_ALL,
	  { 'a' },
	  "All",
	  "also what is meant to be there several times, and what was left out",
	  IN(SINGLETONS) | IN(NOTES) },
	{ ACTION_OBJECT, { 'o' }, "Object", "to the object of the copy", IN(MATRIX) },
	{ ACTION_THREAD, { 't' }, "Thread", "to the thread of the cell", IN(MATRIX) },
	{ ACTION_MARK, { ' ' }, NULL, "mark the row, for c", 0 },
	{ ACTION_UNMARK, { 'U' }, NULL, "take all marks away", 0 },
	{ ACTION_PAUSE,
	  { 'p' },
	  "Pause",
	  "look no more, or go on looking",
	  IN(SINGLETONS) | IN(MATRIX) | IN(THREADS) },
	{ ACTION_FASTER, { '+', '=' }, NULL, "look more often", 0 },
	{ ACTION_SLOWER, { '-' }, NULL, "look less often", 0 },
	{ ACTION_REFRESH, { 'r', KEYS_F5 }, NULL, "look now", 0 },
	{ ACTION_EXPORT,
	  { 'e', KEYS_F2 },
	  "Export",
	  "write a report into a file, in the format that its name says",
	  IN_ALL & ~IN(PICKER) },
	{ ACTION_COPY,
	  { 'c' },
	  "Copy",
	  "the view as plain text, to be copied with the mouse: marked rows, or all",
	  0 },
	{ ACTION_REDRAW, { KEYS_REDRAW }, NULL, "draw the screen anew", 0 },
	{ ACTION_QUIT, { 'Q', KEYS_F10 }, NULL, "quit, from anywhere", 0 },
	{ ACTION_NONE, { 0 }, NULL, NULL, 0 },
};

static const char *const names[] = {
	"Up",     "Down", "Left", "Right", "PgUp", "PgDn", "Home", "End", "Enter", "Esc", "Tab", "Backspace",
	"Delete", "^L",   "F1",   "F2",    "F3",   "F4",   "F5",   "F6",  "F7",    "F8",  "F9",  "F10",
};

enum action keys_action(uint32_t key)
{
	for (const struct key_row *row = key_rows; row->action; row++) {
		for (int i = 0; i < KEYS_EACH && row->keys[i]; i++) {
			if (row->keys[i] == key)
				return row->action;
		}
	}
	return ACTION_NONE;
}

const char *keys_name(uint32_t key, char *ret)
{
	enum { NAME_ROOM = 16 };
	if (key >= KEYS_FIRST && key <= KEYS_LAST)
		snprintf(ret, NAME_ROOM, "%s", names[key - KEYS_FIRST]);
	else if (key == ' ')
		snprintf(ret, NAME_ROOM, "Space");
	else if (key < ' ')
		snprintf(ret, NAME_ROOM, "^%c", (int)key + '@');
	else
		snprintf(ret, NAME_ROOM, "%c", (int)key);
	return ret;
}

const char *keys_names(const struct key_row *row, char *ret)
{
	enum { NAMES_ROOM = 128 };
	char name[16];
	size_t used = 0;
	for (int i = 0; i < KEYS_EACH && row->keys[i] && used < NAMES_ROOM; i++)
		used += (size_t)snprintf(ret + used, NAMES_ROOM - used, "%s%s", i ? ", " : "",
					 keys_name(row->keys[i], name));
	return ret;
}
