// Names and values come from a process that may be hostile, and go to a terminal that obeys control characters. A
// character that is wider than its column, or a combining mark cut from its letter, would shift the rest of a line.

#include "text.h"

#include <langinfo.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>
#include <wctype.h>

enum {
	TEXT_FIRST_ROOM = 128,
	TEXT_ESCAPE = 4, // characters that one byte becomes
};

void text_deinit(struct text *text)
{
	free(text->bytes);
	*text = (struct text){ 0 };
}

void text_clear(struct text *text)
{
	text->used = 0;
	text->style = TEXT_PLAIN;
	text->number = 0;
	if (text->bytes)
		text->bytes[0] = '\0';
}

const char *text_bytes(const struct text *text)
{
	return text->bytes ? text->bytes : "";
}

static bool make_room(struct text *text, size_t more)
{
	size_t room = text->room ? text->room : TEXT_FIRST_ROOM;
	while (room - text->used <= more)
		room *= 2;
	if (room == text->room)
		return true;
	char *grown = realloc(text->bytes, room);
	if (!grown)
		return false;
	text->bytes = grown;
	text->room = room;
	return true;
}

static void add(struct text *text, const char *bytes, size_t count)
{
	if (!make_room(text, count))
		return;
	memcpy(text->bytes + text->used, bytes, count);
	text->used += count;
	text->bytes[text->used] = '\0';
}

// What has no place of its own, but moves or hides what stands beside it, is as bad as what is not printable.
static bool is_harmless(wchar_t character)
{
	bool is_hidden = (character >= 0x200b && character <= 0x200f) || character == 0xad || character == 0xfeff ||
			 (character >= 0x2028 && character <= 0x202e) || (character >= 0x2060 && character <= 0x206f);
	return !is_hidden && iswprint((wint_t)character) && wcwidth(character) >= 0;
}

// The length of the character at @p bytes, which are not at their end; 0 if it must not be shown.
static size_t read_character(const char *bytes, wchar_t *ret)
{
	mbstate_t state = { 0 };
	unsigned char first = (unsigned char)bytes[0];
	if (first >= 0x20 && first < 0x7f) {
		*ret = (wchar_t)first;
		return 1;
	}
	size_t left = strnlen(bytes, MB_LEN_MAX), length = mbrtowc(ret, bytes, left, &state);
	return length && length <= left && is_harmless(*ret) ? length : 0;
}

static void put(struct text *text, const char *bytes, bool keeps_lines)
{
	while (*bytes) {
		wchar_t character;
		char escaped[TEXT_ESCAPE + 1];
		size_t plain = 0, length;
		while (bytes[plain] >= 0x20 && bytes[plain] < 0x7f)
			plain++;
		if (plain || (keeps_lines && *bytes == '\n')) {
			plain = plain ? plain : 1;
			add(text, bytes, plain);
			bytes += plain;
			continue;
		}
		length = read_character(bytes, &character);
		if (length) {
			add(text, bytes, length);
		} else {
			snprintf(escaped, sizeof(escaped), "\\x%02x", (unsigned char)*bytes);
			add(text, escaped, TEXT_ESCAPE);
			length = 1;
		}
		bytes += length;
	}
}

void text_put(struct text *text, const char *bytes)
{
	put(text, bytes, false);
}

void text_put_lines(struct text *text, const char *bytes)
{
	put(text, bytes, true);
}

void text_print(struct text *text, const char *format, ...)
{
	char *made = NULL;
	va_list args;
	va_start(args, format);
	int length = vasprintf(&made, format, args);
	va_end(args);
	if (length < 0)
		return;
	put(text, made, strchr(format, '\n') != NULL);
	free(made);
}

// Of text that was made harmless before.
static size_t step(const char *bytes, unsigned *cells_ret)
{
	wchar_t character;
	size_t length = read_character(bytes, &character);
	*cells_ret = length ? (unsigned)wcwidth(character) : 1;
	return length ? length : 1;
}

unsigned text_width(const char *bytes)
{
	unsigned width = 0, cells;
	while (*bytes) {
		bytes += step(bytes, &cells);
		width += cells;
	}
	return width;
}

size_t text_fit(const char *bytes, unsigned cells, unsigned *ret)
{
	size_t used = 0;
	unsigned width = 0, more;
	while (bytes[used]) {
		size_t length = step(bytes + used, &more);
		if (width + more > cells)
			break;
		used += length;
		width += more;
	}
	*ret = width;
	return used;
}

size_t text_tail(const char *bytes, unsigned cells)
{
	unsigned width = text_width(bytes), less;
	size_t skipped = 0;
	while (width > cells) {
		skipped += step(bytes + skipped, &less);
		width -= less;
	}
	// A mark whose letter is gone would go to the character in front.
	while (bytes[skipped]) {
		size_t length = step(bytes + skipped, &less);
		if (less)
			break;
		skipped += length;
	}
	return skipped;
}

static unsigned word_width(const char *bytes)
{
	unsigned width = 0, more;
	for (size_t at = 0; bytes[at] && bytes[at] != ' ' && bytes[at] != '\n'; width += more)
		at += step(bytes + at, &more);
	return width;
}

size_t text_line(const char *bytes, unsigned cells)
{
	size_t used = 0, word_end = 0;
	unsigned width = 0, more;
	while (bytes[used] && bytes[used] != '\n') {
		size_t length = step(bytes + used, &more);
		if (width + more > cells) {
			if (bytes[used] == ' ')
				return used;
			// A word that is longer than a line is cut wherever it begins.
			bool is_cut = !word_end || word_width(bytes + word_end + 1) > cells;
			return !is_cut ? word_end : used ? used : length;
		}
		if (bytes[used] == ' ' && width)
			word_end = used;
		used += length;
		width += more;
	}
	return used;
}

bool text_is_unicode(void)
{
	const char *name = nl_langinfo(CODESET);
	return strcasecmp(name, "UTF-8") == 0 || strcasecmp(name, "utf8") == 0;
}

bool text_has(const char *whole, const char *part)
{
	return strcasestr(whole, part) != NULL;
}

uint64_t text_hash(uint64_t hash, const char *bytes)
{
	hash ^= UINT64_C(0xcbf29ce484222325);
	for (; *bytes; bytes++)
		hash = (hash ^ (unsigned char)*bytes) * UINT64_C(0x100000001b3);
	return (hash ^ (hash >> 29)) * UINT64_C(0x9e3779b97f4a7c15);
}
