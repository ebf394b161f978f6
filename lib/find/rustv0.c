// Rust's v0 mangling (RFC 2603, "Symbol grammar" of the rustc book). It is a grammar with back references, so a
// few hundred bytes can stand for a text of any size, and demanglers that just follow them hang on such a name.
// Here the text has an end and what is read without printing does not follow references.

#include "find/rustname.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "find/punycode.h"
#include "find/v0token.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { V0_MAX_DEPTH = 128, V0_MAX_AGAIN = 64 * 1024 };

struct v0 {
	struct v0token_cursor cursor;
	size_t depth;
	size_t again;     // bytes that were read again because of references
	unsigned silence; // above 0: read without printing
	bool has_crate, is_numbered;
	uint64_t crate_number;
	struct rustname *name;
};

typedef bool production(struct v0 *v0);

static bool read_path(struct v0 *v0);
static bool read_type(struct v0 *v0);

static void put(struct v0 *v0, const char *text)
{
	if (!v0->silence)
		rustname_put_string(&v0->name->path, text);
}

// Tells apart what has the same name: the second closure of a function, the third impl of a module.
static bool read_disambiguator(struct v0 *v0)
{
	uint64_t number;
	bool is_read = v0token_optional(&v0->cursor, 's', &number);
	v0->is_numbered |= number != 0;
	return is_read;
}

static bool put_identifier(struct v0 *v0, const struct v0token_identifier *identifier)
{
	uint32_t characters[PUNYCODE_MAX];
	size_t count;
	if (v0->silence)
		return true;
	if (!identifier->is_punycode) {
		rustname_put(&v0->name->path, identifier->bytes, identifier->length);
		return true;
	}
	if (!punycode_decode(identifier->bytes, identifier->length, characters, &count))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!rustname_put_character(&v0->name->path, characters[i]))
			return false;
	}
	return true;
}

static bool enter(struct v0 *v0)
{
	return !v0->name->path.is_full && v0->again < V0_MAX_AGAIN && v0->depth++ < V0_MAX_DEPTH;
}

// Behind the "B": read again what stands at an earlier place.
static bool follow(struct v0 *v0, production *read)
{
	size_t here = v0->cursor.at - 1, back;
	uint64_t place;
	if (!v0token_base62(&v0->cursor, &place) || place >= here)
		return false;
	if (v0->silence)
		return true;
	back = v0->cursor.at;
	v0->cursor.at = (size_t)place;
	bool is_read = read(v0);
	v0->again += v0->cursor.at - (size_t)place;
	v0->cursor.at = back;
	return is_read;
}

static bool read_crate(struct v0 *v0)
{
	struct v0token_identifier identifier;
	uint64_t number;
	if (!v0token_optional(&v0->cursor, 's', &number) || !v0token_identifier(&v0->cursor, &identifier))
		return false;
	// The first one in any name is the crate that the code is in; others are those of types.
	if (!v0->has_crate && identifier.length < sizeof(v0->name->crate)) {
		memcpy(v0->name->crate, identifier.bytes, identifier.length);
		v0->name->crate[identifier.length] = '\0';
		v0->crate_number = number;
	}
	v0->has_crate = true;
	return put_identifier(v0, &identifier);
}

static bool read_nested(struct v0 *v0)
{
	struct v0token_identifier identifier;
	char space = v0token_next(&v0->cursor);
	if (v0token_digit(space) < 10 || !read_path(v0) || !read_disambiguator(v0) ||
	    !v0token_identifier(&v0->cursor, &identifier))
		return false;
	// What has no name in the source is spelled as in legacy names. Constants were "k" before they were "K".
	if (space == 'C') {
		put(v0, "::{{closure}}");
	} else if (space == 'K' || (space == 'k' && !identifier.length)) {
		put(v0, "::{{constant}}");
	} else if (space < 'a') {
		put(v0, space == 'S' ? "::{{shim}}" : "::{{other}}");
	} else if (identifier.length) {
		put(v0, "::");
		return put_identifier(v0, &identifier);
	}
	return true;
}

static bool read_qualified(struct v0 *v0)
{
	put(v0, "<");
	if (!read_type(v0))
		return false;
	put(v0, " as ");
	if (!read_path(v0))
		return false;
	put(v0, ">");
	return true;
}

// Where an impl was written: the one place that says so, and not for printing.
static bool read_impl_path(struct v0 *v0)
{
	v0->silence++;
	bool is_read = read_disambiguator(v0) && read_path(v0);
	v0->silence--;
	return is_read;
}

static bool read_inherent(struct v0 *v0)
{
	char tag = v0token_tag(&v0->cursor);
	bool is_path = tag && strchr("CMXYNI", tag);
	put(v0, is_path ? "" : "<");
	bool is_read = read_type(v0);
	put(v0, is_path ? "" : ">");
	return is_read;
}

// An integer is printed; the legacy mangling has only "_" for a bool or a char.
static bool read_value(struct v0 *v0, char type)
{
	bool is_negative = v0token_accept(&v0->cursor, 'n'), is_short = type != 'b' && type != 'c';
	uint64_t value = 0;
	while (!v0token_accept(&v0->cursor, '_')) {
		int digit = v0token_digit(v0token_next(&v0->cursor));
		if (digit < 0 || digit > 15)
			return false;
		is_short &= value >> 60 == 0;
		value = value << 4 | (uint64_t)digit;
	}
	char text[24] = "_";
	if (is_short)
		snprintf(text, sizeof(text), "%s%" PRIu64, is_negative ? "-" : "", value);
	put(v0, text);
	return true;
}

static bool read_constant(struct v0 *v0)
{
	if (!enter(v0))
		return false;
	char type = v0token_next(&v0->cursor);
	bool is_read = type == 'p';
	if (type == 'p')
		put(v0, "_");
	else if (type == 'B')
		is_read = follow(v0, read_constant);
	else if (type && strchr("abchijlmnostxy", type))
		is_read = read_value(v0, type);
	// Constants of other types are not in stable Rust, and a grammar of their own.
	v0->depth--;
	return is_read;
}

static bool read_arguments(struct v0 *v0)
{
	uint64_t lifetime;
	size_t count = 0;
	if (!read_path(v0))
		return false;
	while (!v0token_accept(&v0->cursor, 'E')) {
		if (v0token_accept(&v0->cursor, 'L')) {
			if (!v0token_base62(&v0->cursor, &lifetime))
				return false;
			continue;
		}
		put(v0, count++ ? ", " : "<");
		if (v0token_accept(&v0->cursor, 'K') ? !read_constant(v0) : !read_type(v0))
			return false;
	}
	put(v0, count ? ">" : "");
	return true;
}

static bool read_path(struct v0 *v0)
{
	if (!enter(v0))
		return false;
	char tag = v0token_next(&v0->cursor);
	bool is_read = false;
	if (tag == 'C')
		is_read = read_crate(v0);
	else if (tag == 'N')
		is_read = read_nested(v0);
	else if (tag == 'M')
		is_read = read_impl_path(v0) && read_inherent(v0);
	else if (tag == 'X')
		is_read = read_impl_path(v0) && read_qualified(v0);
	else if (tag == 'Y')
		is_read = read_qualified(v0);
	else if (tag == 'I')
		is_read = read_arguments(v0);
	else if (tag == 'B')
		is_read = follow(v0, read_path);
	v0->depth--;
	return is_read;
}

// Types up to the "E", with ", " between.
static bool read_list(struct v0 *v0, size_t *count_ret)
{
	size_t count = 0;
	while (!v0token_accept(&v0->cursor, 'E')) {
		put(v0, count++ ? ", " : "");
		if (!read_type(v0))
			return false;
	}
	*count_ret = count;
	return true;
}

static bool read_function(struct v0 *v0)
{
	struct v0token_identifier abi;
	uint64_t binder;
	size_t count;
	if (!v0token_optional(&v0->cursor, 'G', &binder))
		return false;
	put(v0, v0token_accept(&v0->cursor, 'U') ? "unsafe " : "");
	if (v0token_accept(&v0->cursor, 'K')) {
		put(v0, "extern \"");
		if (v0token_accept(&v0->cursor, 'C'))
			put(v0, "C");
		else if (!v0token_identifier(&v0->cursor, &abi) || !put_identifier(v0, &abi))
			return false;
		put(v0, "\" ");
	}
	put(v0, "fn(");
	if (!read_list(v0, &count))
		return false;
	put(v0, ")");
	if (v0token_accept(&v0->cursor, 'u'))
		return true;
	put(v0, " -> ");
	return read_type(v0);
}

// Legacy names have a trait's associated types behind it, as if they were further traits, so it is done here, too.
static bool read_dyn(struct v0 *v0)
{
	struct v0token_identifier identifier;
	uint64_t lifetime;
	size_t count = 0;
	if (!v0token_optional(&v0->cursor, 'G', &lifetime))
		return false;
	put(v0, "dyn ");
	while (!v0token_accept(&v0->cursor, 'E')) {
		put(v0, count++ ? " + " : "");
		if (!read_path(v0))
			return false;
		while (v0token_accept(&v0->cursor, 'p')) {
			put(v0, " + ");
			if (!v0token_identifier(&v0->cursor, &identifier) || !put_identifier(v0, &identifier))
				return false;
			put(v0, " = ");
			if (!read_type(v0))
				return false;
		}
	}
	return v0token_accept(&v0->cursor, 'L') && v0token_base62(&v0->cursor, &lifetime);
}

static const char *basic_type(char tag)
{
	static const char *const names[26] = {
		"i8",   "bool", "char", "f64", "str", "f32", NULL,  "u8", "isize", "usize", NULL,  "i32", "u32",
		"i128", "u128", "_",    NULL,  NULL,  "i16", "u16", "()", "...",   NULL,    "i64", "u64", "!",
	};
	return tag >= 'a' && tag <= 'z' ? names[tag - 'a'] : NULL;
}

static bool read_compound(struct v0 *v0, char tag)
{
	uint64_t lifetime;
	size_t count;
	switch (tag) {
	case 'A':
	case 'S':
		put(v0, "[");
		if (!read_type(v0))
			return false;
		put(v0, tag == 'A' ? "; " : "");
		if (tag == 'A' && !read_constant(v0))
			return false;
		put(v0, "]");
		return true;
	case 'T':
		put(v0, "(");
		if (!read_list(v0, &count))
			return false;
		put(v0, count == 1 ? ",)" : ")");
		return true;
	case 'R':
	case 'Q':
		put(v0, tag == 'R' ? "&" : "&mut ");
		return v0token_optional(&v0->cursor, 'L', &lifetime) && read_type(v0);
	case 'P':
	case 'O':
		put(v0, tag == 'P' ? "*const " : "*mut ");
		return read_type(v0);
	case 'F':
		return read_function(v0);
	case 'D':
		return read_dyn(v0);
	case 'B':
		return follow(v0, read_type);
	}
	v0->cursor.at--;
	return read_path(v0);
}

static bool read_type(struct v0 *v0)
{
	if (!enter(v0))
		return false;
	char tag = v0token_next(&v0->cursor);
	const char *basic = basic_type(tag);
	bool is_read = basic != NULL;
	if (basic)
		put(v0, basic);
	else if (tag)
		is_read = read_compound(v0, tag);
	v0->depth--;
	return is_read;
}

// Generic code has the crate that made this instance of it behind its path.
static bool read_symbol(struct v0 *v0)
{
	if (!read_path(v0) || !v0->has_crate)
		return false;
	v0->silence++;
	const struct v0token_cursor *cursor = &v0->cursor;
	return cursor->at == cursor->length || (read_path(v0) && cursor->at == cursor->length);
}

bool rustname_read_v0(const char *symbol, size_t length, struct rustname *ret)
{
	// What compilers append begins with one of these, and a mangled name has none.
	size_t end = 0;
	while (end < length && symbol[end] != '.' && symbol[end] != '$')
		end++;
	struct v0 v0 = { .cursor = { symbol + 2, end - 2, 0 }, .name = ret };
	if (end < 3 || memcmp(symbol, "_R", 2) != 0 || !read_symbol(&v0))
		return false;
	// Two of one path in one crate differ in numbers that the path does not show.
	if (v0.is_numbered)
		snprintf(ret->mark, sizeof(ret->mark), "%" PRIx64 ".%08" PRIx32, v0.crate_number,
			 (uint32_t)XXH3_64bits(symbol, end));
	else
		snprintf(ret->mark, sizeof(ret->mark), "%" PRIx64, v0.crate_number);
	return true;
}
