#include "link/tokens.h"

#include <string.h>

void token_text_append(struct token_text *text, const char *bytes, size_t count)
{
	if (text->is_too_long || count >= sizeof(text->bytes) - text->length) {
		text->is_too_long = true;
		return;
	}
	memcpy(text->bytes + text->length, bytes, count);
	text->length += count;
	text->bytes[text->length] = '\0';
}

// glibc's is_dst(): the name ends where no letter, digit or underscore follows, or is in braces. Its length with these.
static size_t match_token(const char *at, const char *name)
{
	size_t length = strlen(name);
	bool is_braced = at[1] == '{';
	const char *begin = at + 1 + is_braced;
	if (strncmp(begin, name, length) != 0)
		return 0;
	char next = begin[length];
	if (is_braced)
		return next == '}' ? length + 3 : 0;
	bool goes_on = next == '_' || (next >= '0' && next <= '9') || ((next | 32) >= 'a' && (next | 32) <= 'z');
	return goes_on ? 0 : length + 1;
}

void tokens_expand(const struct tokens *tokens, const char *element, size_t length, struct token_text *ret)
{
	const char *slash = strrchr(tokens->object, '/');
	const struct {
		const char *name, *text;
		size_t length;
	} known[] = {
		{ "ORIGIN", tokens->object, slash ? (size_t)(slash - tokens->object) : 0 },
		{ "PLATFORM", tokens->platform, strlen(tokens->platform) },
		{ "LIB", tokens->lib, strlen(tokens->lib) },
	};
	enum { COUNT = sizeof(known) / sizeof(known[0]) };
	ret->length = 0;
	ret->is_too_long = ret->has_origin = false;
	ret->bytes[0] = '\0';
	for (size_t i = 0; i < length;) {
		size_t token = 0, used = 0;
		for (; element[i] == '$' && token < COUNT; token++) {
			used = match_token(element + i, known[token].name);
			if (used)
				break;
		}
		if (used && i + used <= length) {
			token_text_append(ret, known[token].text, known[token].length);
			ret->has_origin |= !token;
			i += used;
		} else {
			token_text_append(ret, element + i++, 1);
		}
	}
}
