#include "find/v0token.h"

enum { V0TOKEN_MAX_REFERENCES = 64 };

char v0token_peek(const struct v0token_cursor *cursor)
{
	return cursor->at < cursor->length ? cursor->bytes[cursor->at] : '\0';
}

char v0token_next(struct v0token_cursor *cursor)
{
	return cursor->at < cursor->length ? cursor->bytes[cursor->at++] : '\0';
}

bool v0token_accept(struct v0token_cursor *cursor, char byte)
{
	bool is_there = cursor->at < cursor->length && cursor->bytes[cursor->at] == byte;
	cursor->at += is_there;
	return is_there;
}

char v0token_tag(const struct v0token_cursor *cursor)
{
	struct v0token_cursor look = *cursor;
	uint64_t place;
	for (int i = 0; i < V0TOKEN_MAX_REFERENCES && v0token_accept(&look, 'B'); i++) {
		if (!v0token_base62(&look, &place) || place >= look.length)
			return '\0';
		look.at = (size_t)place;
	}
	return v0token_peek(&look);
}

int v0token_digit(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	if (byte >= 'a' && byte <= 'z')
		return byte - 'a' + 10;
	return byte >= 'A' && byte <= 'Z' ? byte - 'A' + 36 : -1;
}

bool v0token_base62(struct v0token_cursor *cursor, uint64_t *ret)
{
	uint64_t value = 0;
	if (v0token_accept(cursor, '_')) {
		*ret = 0;
		return true;
	}
	while (!v0token_accept(cursor, '_')) {
		int digit = v0token_digit(v0token_next(cursor));
		if (digit < 0 || __builtin_mul_overflow(value, 62, &value) ||
		    __builtin_add_overflow(value, (uint64_t)digit, &value))
			return false;
	}
	return !__builtin_add_overflow(value, 1, ret);
}

bool v0token_optional(struct v0token_cursor *cursor, char mark, uint64_t *ret)
{
	*ret = 0;
	if (!v0token_accept(cursor, mark))
		return true;
	return v0token_base62(cursor, ret) && !__builtin_add_overflow(*ret, 1, ret);
}

bool v0token_identifier(struct v0token_cursor *cursor, struct v0token_identifier *ret)
{
	size_t length = 0;
	bool is_punycode = v0token_accept(cursor, 'u');
	char digit = v0token_peek(cursor);
	if (digit < '0' || digit > '9')
		return false;
	// A zero stands alone, so that the name behind it may begin with a number's digit.
	if (!v0token_accept(cursor, '0')) {
		for (; digit >= '0' && digit <= '9' && length <= cursor->length; digit = v0token_peek(cursor)) {
			length = length * 10 + (size_t)(digit - '0');
			cursor->at++;
		}
	}
	v0token_accept(cursor, '_');
	if (length > cursor->length - cursor->at)
		return false;
	*ret = (struct v0token_identifier){ cursor->bytes + cursor->at, length, is_punycode };
	cursor->at += length;
	return true;
}
