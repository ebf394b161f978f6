/**
 * The smallest parts of Rust's v0 mangling: tags, numbers, identifiers. All stay within the name; false means that
 * it is damaged.
 */
#ifndef FIND_V0TOKEN_H
#define FIND_V0TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A mangled name from behind its "_R" on, where back references count from. */
struct v0token_cursor {
	const char *bytes;
	size_t length, at;
};

struct v0token_identifier {
	const char *bytes; ///< Borrowed from the name.
	size_t length;
	bool is_punycode;
};

/** The next byte, '\0' at the end. */
char v0token_peek(const struct v0token_cursor *cursor);
char v0token_next(struct v0token_cursor *cursor);
/** Whether the next byte is @p byte, which is taken then. */
bool v0token_accept(struct v0token_cursor *cursor, char byte);

/** What the next type or path begins with, behind any back references; '\0' if they lead nowhere. */
char v0token_tag(const struct v0token_cursor *cursor);

/** A digit's value from 0 to 61, -1 if it is none. */
int v0token_digit(char byte);
/** "_" is 0, "0_" is 1. */
bool v0token_base62(struct v0token_cursor *cursor, uint64_t *ret);
/** A number behind @p mark, counted from 1; 0 if the mark is not there. */
bool v0token_optional(struct v0token_cursor *cursor, char mark, uint64_t *ret);
/** An identifier without its disambiguator; it may be empty. */
bool v0token_identifier(struct v0token_cursor *cursor, struct v0token_identifier *ret);

#endif
