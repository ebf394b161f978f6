// Both manglings write to the same buffer. What std's thread_local! adds to a path differs between compilers
// (1.63: X::__getit::__KEY; 1.80: X::{{constant}}::{{closure}}::VAL; 1.95: ...::__RUST_STD_INTERNAL_VAL) and is
// taken off, but only where std put it: a variable of a user may be called VAL or STATE, too.

#include "find/rustname.h"

#include <string.h>

void rustname_put(struct rustname_text *text, const char *bytes, size_t length)
{
	if (length > sizeof(text->bytes) - text->length) {
		text->is_full = true;
		return;
	}
	memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
}

void rustname_put_string(struct rustname_text *text, const char *string)
{
	rustname_put(text, string, strlen(string));
}

bool rustname_put_character(struct rustname_text *text, uint32_t character)
{
	char bytes[4];
	size_t length = 0;
	// Surrogates are no characters, and control characters are in no name.
	if (character < 0x20 || character == 0x7f || character > 0x10ffff ||
	    (character >= 0xd800 && character < 0xe000))
		return false;
	if (character < 0x80) {
		bytes[length++] = (char)character;
	} else {
		int shift = character < 0x800 ? 6 : character < 0x10000 ? 12 : 18;
		uint32_t lead = shift == 6 ? 0xc0 : shift == 12 ? 0xe0 : 0xf0;
		bytes[length++] = (char)(lead | character >> shift);
		while (shift) {
			shift -= 6;
			bytes[length++] = (char)(0x80 | (character >> shift & 0x3f));
		}
	}
	rustname_put(text, bytes, length);
	return true;
}

static bool ends_with(const struct rustname_text *text, const char *tail)
{
	size_t length = strlen(tail);
	return text->length > length && memcmp(text->bytes + text->length - length, tail, length) == 0;
}

static bool drop_tail(struct rustname_text *text, const char *tail)
{
	bool has_tail = ends_with(text, tail);
	text->length -= has_tail ? strlen(tail) : 0;
	return has_tail;
}

static void drop_thread_local(struct rustname *name)
{
	struct rustname_text *path = &name->path;
	name->is_state = ends_with(path, "::__getit::STATE");
	if (!name->is_state && !drop_tail(path, "::__RUST_STD_INTERNAL_VAL") &&
	    !drop_tail(path, "::__getit::__KEY") && !drop_tail(path, "::__getit::VAL") &&
	    !drop_tail(path, "::{{constant}}::{{closure}}::VAL"))
		return;
	if (name->is_state)
		drop_tail(path, "::STATE");
	while (drop_tail(path, "::__getit") || drop_tail(path, "::{{closure}}") || drop_tail(path, "::{{constant}}"))
		;
}

bool rustname_read(const char *symbol, size_t length, struct rustname *ret)
{
	ret->path.length = 0;
	ret->path.is_full = ret->is_state = false;
	ret->crate[0] = ret->mark[0] = '\0';
	if (length < 3 || symbol[0] != '_' || (symbol[1] != 'Z' && symbol[1] != 'R'))
		return false;
	bool is_read = symbol[1] == 'Z' ? rustname_read_legacy(symbol, length, ret)
					: rustname_read_v0(symbol, length, ret);
	if (!is_read || ret->path.is_full || !ret->path.length)
		return false;
	drop_thread_local(ret);
	return true;
}
