/** Strings and characters of a target, quoted and escaped as in source code. */
#ifndef VALUE_TEXT_H
#define VALUE_TEXT_H

#include "value/decoder.h"

/** A name from debug info or a symbol table, with control characters, backslashes and what is no UTF-8 escaped. */
const char *text_name(struct decoder *decoder, const char *name);
/**
 * "\"abc\"" of @p size bytes, each character of @p unit bytes (1, 2 or 4: UTF-8, -16, -32). @p is_cut: "..." follows.
 */
const char *text_quoted(struct decoder *decoder, const uint8_t *bytes, size_t size, unsigned unit, bool is_cut);
/** "'a'" */
const char *text_character(struct decoder *decoder, uint32_t character);

/** Bytes of one character if @p type is text (char, wchar_t, char16_t ...), else 0. */
unsigned text_unit(const struct decoder *decoder, uint32_t type);

/** A string of @p count units at @p address, of which the limit's worth is read. */
void text_at(struct decoder *decoder, struct value_node *node, const struct part *inside, uint64_t address,
	     uint64_t count, unsigned unit);
/** A string that ends in a null character. */
void text_terminated_at(struct decoder *decoder, struct value_node *node, uint64_t address, unsigned unit);
/** An array of characters, without the null characters it ends in. False if it does not look like text. */
bool text_array(struct decoder *decoder, struct value_node *node, const struct part *part, uint32_t element);

#endif
