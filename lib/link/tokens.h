/**
 * Dynamic string tokens: $ORIGIN, $LIB and $PLATFORM in needed names and search paths (ld.so(8); glibc elf/dl-load.c,
 * is_dst() and expand_dynamic_string_token(), as of 2.36).
 */
#ifndef LINK_TOKENS_H
#define LINK_TOKENS_H

#include <stdbool.h>
#include <stddef.h>

enum { TOKENS_MAX = 4096 };

/** What they stand for. */
struct tokens {
	const char *object; ///< Absolute path: $ORIGIN is its folder.
	const char *platform, *lib;
};

/** A text that grows up to a limit; too long, it is as good as none. */
struct token_text {
	char bytes[TOKENS_MAX];
	size_t length;
	bool is_too_long;
	bool has_origin; ///< It has $ORIGIN in it.
};

void token_text_append(struct token_text *text, const char *bytes, size_t count);
/** Put them into the @p length bytes of @p element. */
void tokens_expand(const struct tokens *tokens, const char *element, size_t length, struct token_text *ret);

#endif
