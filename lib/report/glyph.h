/**
 * Untrusted text, made fit for a terminal and measured in its cells, without any locale.
 *
 * Control characters, bytes that are no UTF-8, and characters that are invisible or turn the direction of writing
 * are shown as \xNN (a byte) or \u{NNNN} (a character), a backslash as two: whatever a name holds, what is
 * written is one line that reads as what it is, and different names look different.
 */
#ifndef REPORT_GLYPH_H
#define REPORT_GLYPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GLYPH_MAX = 16 };

/** One character, ready to be written. */
struct glyph {
	char bytes[GLYPH_MAX];
	unsigned size;
	unsigned cells; ///< 0 for a combining mark, 2 for a wide one.
};

/** The length of the UTF-8 character that NUL-terminated @p text begins with; 0 if its first byte begins none. */
unsigned glyph_decode(const char *text, uint32_t *ret);
/** Take a character off the front of @p text; false at its end. */
typedef bool glyph_reader(const char **text, struct glyph *ret);
glyph_reader glyph_next;
/** The same of a text that was escaped before, as typed values are: its backslashes are part of that, and stay. */
glyph_reader glyph_next_escaped;
/** Cells that all of @p text takes. */
size_t glyph_width(const char *text);
size_t glyph_width_by(glyph_reader *reader, const char *text);

#endif
