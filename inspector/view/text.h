/**
 * Text that is about to be shown: made harmless, measured in the terminal's cells, cut and wrapped between characters.
 * What is printable, and how wide it is, is the locale's to say.
 */
#ifndef INSPECTOR_VIEW_TEXT_H
#define INSPECTOR_VIEW_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What a text means, for colours; a word or a sign in the text always says it, too. */
enum text_style {
	TEXT_PLAIN,
	TEXT_ERROR,
	TEXT_WARNING,
	TEXT_NOTE,
	TEXT_SET,    ///< A copy that somebody has set.
	TEXT_ABSENT, ///< One that is not there, or untouched.
	TEXT_STRONG,
	TEXT_STYLES,
};

/** Zero-initialise. What does not fit into memory is left out. */
struct text {
	char *bytes; ///< NUL-terminated, never with control characters but '\n'; NULL while empty.
	size_t used, room;
	enum text_style style;
	int64_t number; ///< To sort numbers by, where the column says that it has some.
};

void text_deinit(struct text *text);
void text_clear(struct text *text);
/** Never NULL. */
const char *text_bytes(const struct text *text);
/** Add bytes of whatever origin: all but what is printable comes out as \xNN. */
void text_put(struct text *text, const char *bytes);
/** The same of text of several lines: '\n' stays one. */
void text_put_lines(struct text *text, const char *bytes);
/** Add what the format makes, made harmless likewise; '\n' in the format itself stays one. */
void text_print(struct text *text, const char *format, ...) __attribute__((__format__(__printf__, 2, 3)));

/** Cells that all of @p bytes takes. */
unsigned text_width(const char *bytes);
/** The bytes of @p bytes that fit into @p cells, and in @p ret the cells that they take. Combining marks stay whole. */
size_t text_fit(const char *bytes, unsigned cells, unsigned *ret);
/** The bytes to leave out at the front so that the rest takes at most @p cells. */
size_t text_tail(const char *bytes, unsigned cells);
/** Length of the line that begins at @p bytes, ended between words to take at most @p cells, or by '\n'. */
size_t text_line(const char *bytes, unsigned cells);

/** Whether the locale has more characters than ASCII. */
bool text_is_unicode(void);
/** Is @p part in @p whole, whatever the case of ASCII letters? */
bool text_has(const char *whole, const char *part);

/** A number that strings are known again by. Begin with 0. */
uint64_t text_hash(uint64_t hash, const char *bytes);

#endif
