// Rust's legacy mangling (rustc_symbol_mangling/src/legacy.rs): "_ZN", identifiers with their lengths, "17h" and 16
// hex digits, "E". An identifier is what the compiler would print for that part of the path, with the characters
// that linkers dislike written as $LT$ or $u7b$ and others replaced by dots. So what is inside is Rust's notation
// of types, parsed here as far as is needed to leave out what v0 does not tell.

#include "find/rustname.h"

#include <string.h>

#include "find/identity.h"

enum { LEGACY_HASH_SIZE = 20, LEGACY_MAX_PARTS = 1024 }; // "17h", 16 digits, "E"

struct text {
	const char *bytes;
	size_t length;
};

static struct text between(const char *start, const char *end)
{
	return (struct text){ start, (size_t)(end - start) };
}

static struct text behind(struct text text, size_t length)
{
	return (struct text){ text.bytes + length, text.length - length };
}

static bool starts_with(struct text text, const char *start)
{
	size_t length = strlen(start);
	return text.length >= length && memcmp(text.bytes, start, length) == 0;
}

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool is_hex(char byte)
{
	return is_digit(byte) || (byte >= 'a' && byte <= 'f');
}

static bool is_name_byte(char byte)
{
	// Not isalnum(): the locale is the caller's.
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || is_digit(byte) || byte == '_' ||
	       (byte & 0x80);
}

static size_t word_length(struct text text)
{
	size_t length = 0;
	while (length < text.length && is_name_byte(text.bytes[length]))
		length++;
	return length;
}

// One "$LT$" or "$u7b$": its length, 0 if it is none.
static size_t put_escape(struct rustname_text *out, struct text text)
{
	static const char *const escapes[][2] = {
		{ "$C$", "," },  { "$SP$", "@" }, { "$BP$", "*" }, { "$RF$", "&" },
		{ "$LT$", "<" }, { "$GT$", ">" }, { "$LP$", "(" }, { "$RP$", ")" },
	};
	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
		if (starts_with(text, escapes[i][0])) {
			rustname_put_string(out, escapes[i][1]);
			return strlen(escapes[i][0]);
		}
	}
	uint32_t character = 0;
	size_t at = 2;
	if (!starts_with(text, "$u"))
		return 0;
	for (; at < text.length && at < 8 && is_hex(text.bytes[at]); at++) {
		char digit = text.bytes[at];
		character = character << 4 | (uint32_t)(is_digit(digit) ? digit - '0' : digit - 'a' + 10);
	}
	if (at >= text.length || text.bytes[at] != '$' || !rustname_put_character(out, character))
		return 0;
	return at + 1;
}

static bool decode(struct text text, struct rustname_text *ret)
{
	ret->length = 0;
	ret->is_full = false;
	// An underscore goes before a first character that is no letter.
	if (starts_with(text, "_$"))
		text = behind(text, 1);
	while (text.length) {
		size_t taken = 1;
		if (text.bytes[0] == '$') {
			taken = put_escape(ret, text);
			if (!taken)
				return false;
		} else if (starts_with(text, "..")) {
			rustname_put_string(ret, "::");
			taken = 2;
		} else {
			// One dot replaces what has no escape; in types that is the minus of "->" and of numbers.
			rustname_put(ret, text.bytes[0] == '.' ? "-" : text.bytes, 1);
		}
		text = behind(text, taken);
	}
	return !ret->is_full && ret->length;
}

static bool is_kept_word(struct text word)
{
	static const char *const words[] = {
		"as",  "bool", "char", "const", "dyn", "extern", "f128", "f16",    "f32",
		"f64", "fn",   "i128", "i16",   "i32", "i64",    "i8",   "impl",   "isize",
		"mut", "str",  "u128", "u16",   "u32", "u64",    "u8",   "unsafe", "usize",
	};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (word.length == strlen(words[i]) && starts_with(word, words[i]))
			return true;
	}
	return false;
}

// A word that is no part of a path and no word of the language is a parameter, for which v0 has no name.
static void put_word(struct rustname_text *out, struct text word, struct text rest, bool is_in_path)
{
	if (is_digit(word.bytes[0])) {
		size_t digits = 1; // of "5_usize", a constant parameter's value
		while (digits < word.length && is_digit(word.bytes[digits]))
			digits++;
		rustname_put(out, word.bytes, digits);
	} else if (is_in_path || starts_with(rest, "::") || starts_with(rest, " = ") || is_kept_word(word)) {
		rustname_put(out, word.bytes, word.length);
	} else {
		rustname_put_string(out, "_");
	}
}

static void put_type(struct rustname_text *out, struct text text)
{
	bool is_in_path = false;
	while (text.length) {
		size_t taken = word_length(text);
		struct text rest = behind(text, taken ? taken : 1);
		if (taken) {
			put_word(out, (struct text){ text.bytes, taken }, rest, is_in_path);
		} else if (text.bytes[0] == ',') {
			// "(u8,)" is a tuple of one.
			rustname_put_string(out, starts_with(rest, ")") ? "," : ", ");
		} else if (text.bytes[0] == '+') {
			rustname_put_string(out, " + ");
		} else if (text.bytes[0] == '"') {
			const char *end = memchr(rest.bytes, '"', rest.length);
			rest = behind(rest, end ? (size_t)(end - rest.bytes) + 1 : rest.length);
			rustname_put(out, text.bytes, text.length - rest.length);
		} else {
			rustname_put(out, text.bytes, 1);
		}
		is_in_path = text.bytes[0] == ':';
		text = rest;
	}
}

// Where @p separator stands outside of all brackets, or NULL. There is a byte before @p text.
static const char *find_outside(struct text text, const char *separator)
{
	size_t depth = 0;
	for (; text.length; text = behind(text, 1)) {
		char byte = text.bytes[0];
		if (!depth && starts_with(text, separator))
			return text.bytes;
		if (byte == '<' || byte == '(' || byte == '[')
			depth++;
		else if ((byte == '>' && text.bytes[-1] != '-') || byte == ')' || byte == ']')
			depth -= depth > 0;
	}
	return NULL;
}

// "crate::path::Type" rather than "[u8]" or "dyn crate::path::Trait".
static bool is_path(struct text type)
{
	size_t length = word_length(type);
	return length && starts_with(behind(type, length), "::");
}

static void put_impl(struct rustname_text *out, struct text type, struct text trait)
{
	bool is_plain = !trait.length && is_path(type);
	if (!is_plain)
		rustname_put_string(out, "<");
	put_type(out, type);
	if (trait.length) {
		rustname_put_string(out, " as ");
		put_type(out, trait);
	}
	if (!is_plain)
		rustname_put_string(out, ">");
}

// The first crate that a type or trait names; empty if it names none.
static struct text crate_of(struct text text)
{
	while (text.length) {
		size_t length = word_length(text);
		struct text word = { text.bytes, length };
		text = behind(text, length ? length : 1);
		if (length && starts_with(text, "::"))
			return word;
	}
	return text;
}

static void keep_crate(struct rustname *name, struct text crate)
{
	if (!crate.length || crate.length >= sizeof(name->crate))
		return;
	memcpy(name->crate, crate.bytes, crate.length);
	name->crate[crate.length] = '\0';
}

static void put_part(struct rustname *name, struct text part)
{
	struct rustname_text *path = &name->path;
	const char *end = part.bytes + part.length;
	struct text none = { end, 0 };

	if (starts_with(part, "<impl ") && end[-1] == '>') {
		// The path so far is the module of this "impl Trait for Type", which v0 does not tell.
		struct text type = between(part.bytes + strlen("<impl "), end - 1);
		const char *at = find_outside(type, " for ");
		path->length = 0;
		if (at)
			put_impl(path, between(at + strlen(" for "), end - 1), between(type.bytes, at));
		else
			put_impl(path, type, none);
	} else if (part.bytes[0] == '<' && end[-1] == '>' && !path->length) {
		struct text type = between(part.bytes + 1, end - 1);
		const char *at = find_outside(type, " as ");
		struct text trait = at ? between(at + strlen(" as "), end - 1) : none;
		type.length = at ? (size_t)(at - type.bytes) : type.length;
		put_impl(path, type, trait);
		// This form is for an impl beside its type or its trait. If that is std's type it was the trait.
		keep_crate(name, crate_of(type));
		if (!name->crate[0] || identity_is_std_crate(name->crate))
			keep_crate(name, crate_of(trait));
	} else {
		if (path->length)
			rustname_put_string(path, "::");
		else
			keep_crate(name, part);
		// The name is kept as it is, the arguments behind it are types.
		const char *arguments = memchr(part.bytes, '<', part.length);
		size_t length = arguments ? (size_t)(arguments - part.bytes) : part.length;
		rustname_put(path, part.bytes, length);
		put_type(path, behind(part, length));
	}
}

static bool has_hash(struct text text)
{
	if (text.length < LEGACY_HASH_SIZE || !starts_with(text, "17h") || text.bytes[LEGACY_HASH_SIZE - 1] != 'E')
		return false;
	for (size_t i = 3; i < LEGACY_HASH_SIZE - 1; i++) {
		if (!is_hex(text.bytes[i]))
			return false;
	}
	return text.length == LEGACY_HASH_SIZE || text.bytes[LEGACY_HASH_SIZE] == '.';
}

bool rustname_read_legacy(const char *symbol, size_t length, struct rustname *ret)
{
	struct text text = { symbol, length };
	// C++ names begin like this, too.
	if (!starts_with(text, "_ZN") || !memmem(symbol, length, "17h", 3))
		return false;
	text = behind(text, 3);
	for (size_t part = 0; part < LEGACY_MAX_PARTS; part++) {
		if (has_hash(text)) {
			memcpy(ret->mark, text.bytes + 3, 16);
			ret->mark[16] = '\0';
			return part > 0;
		}
		size_t size = 0;
		while (text.length && is_digit(text.bytes[0]) && size < RUSTNAME_MAX) {
			size = size * 10 + (size_t)(text.bytes[0] - '0');
			text = behind(text, 1);
		}
		struct rustname_text decoded;
		if (!size || size > text.length || !decode((struct text){ text.bytes, size }, &decoded))
			return false;
		put_part(ret, (struct text){ decoded.bytes, decoded.length });
		text = behind(text, size);
	}
	return false;
}
