// Debug info holds type names as text, and each compiler has its own: the same class is "Box<unsigned long, 4UL>" here
// and "Box<long unsigned int, 4>" there. Two names are therefore compared word by word, without building either.

#include "value/spelling.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
	MAX_NESTED = 16, // pointers to arrays of pointers to ...
	MIN_HASH = 8,    // digits of a crate's "[6f17d22bba15001f]"
	LEGACY_HASH = 16,
	MAX_COMPARED = 4096,          // bytes of a name: behind that, names are taken for the same
	MAX_AHEAD = 1024,             // bytes until a bracket must close
	MAX_PIECE = SPELLING_MAX + 1, // of one name: more than is shown, so that it is seen to be cut
};

/** Reads a name's words, skipping what does not tell types apart. */
struct reader {
	const char *start, *at;
	bool is_rust;
	const char *word;
	size_t length;
	unsigned integer; ///< Not 0: the word is an integer type, its words as flags.
	bool is_cast;     ///< An enumerator as the number that it is: "(Color)2" for "Red".
};

static bool is_word(char byte)
{
	return isalnum((unsigned char)byte) || byte == '_' || byte == '$' || (unsigned char)byte >= 0x80;
}

static size_t word_length(const char *text)
{
	size_t length = 0;
	while (is_word(text[length]))
		length++;
	return length;
}

static const char *find_close(const char *text, char close)
{
	return memchr(text, close, strnlen(text, MAX_AHEAD));
}

static size_t hex_length(const char *text)
{
	return strspn(text, "0123456789abcdef");
}

// "long" may stand there twice. Only "char" needs its sign told: of the others "signed" says nothing.
static unsigned integer_flag(const char *word, size_t length, unsigned seen)
{
	static const char *const words[] = { "int", "signed", "unsigned", "short", "char", "long" };
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strlen(words[i]) == length && memcmp(word, words[i], length) == 0)
			return 1U << i << (words[i][0] == 'l' && (seen & 1U << i));
	}
	return 0;
}

static void read_integer(struct reader *reader)
{
	enum { INT = 1, SIGNED = 2, CHAR = 16 };
	const char *next = reader->word;
	for (;;) {
		size_t length = word_length(next);
		unsigned flag = integer_flag(next, length, reader->integer);
		if (!flag)
			break;
		reader->integer |= flag;
		reader->at = next + length;
		next = reader->at + strspn(reader->at, " ");
	}
	// "long int" is "long", but "int" alone is not nothing.
	if (reader->integer & ~(unsigned)(INT | SIGNED))
		reader->integer &= ~(unsigned)INT;
	else if (reader->integer)
		reader->integer = INT;
	if (!(reader->integer & CHAR))
		reader->integer &= ~(unsigned)SIGNED;
}

// "const int" is "int const" elsewhere, and both are int.
static bool is_qualifier(const struct reader *reader)
{
	static const char *const words[] = { "const", "volatile" };
	size_t length = word_length(reader->at);
	if (reader->at > reader->start && is_word(reader->at[-1]))
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strlen(words[i]) == length && memcmp(reader->at, words[i], length) == 0)
			return true;
	}
	return false;
}

// What may stand between two words and says nothing.
static bool skip_silence(struct reader *reader)
{
	const char *at = reader->at;
	if (strncmp(at, " at ", 4) == 0 && find_close(at, ')')) // "(lambda at FILE:LINE:COLUMN)"
		reader->at = find_close(at, ')');
	else if (*at == ' ')
		reader->at++;
	else if (!reader->is_rust && is_qualifier(reader))
		reader->at += word_length(at);
	else if (*at == '#' && isdigit((unsigned char)at[1]))
		reader->at += 1 + strspn(at + 1, "0123456789");
	else if (reader->is_rust && at > reader->start && is_word(at[-1]) && *at == '[' &&
		 hex_length(at + 1) >= MIN_HASH && at[1 + hex_length(at + 1)] == ']')
		reader->at += hex_length(at + 1) + 2;
	else if (reader->is_rust && strncmp(at, "::h", 3) == 0 && hex_length(at + 3) == LEGACY_HASH &&
		 !is_word(at[3 + LEGACY_HASH]))
		reader->at += 3 + LEGACY_HASH;
	else
		return false;
	return true;
}

// A part of a path: "name::" or, for what has no name, "{impl#0}::".
static bool skip_path(struct reader *reader)
{
	struct reader ahead = { .start = reader->start, .at = reader->at, .is_rust = true };
	if (*ahead.at == '{') {
		const char *end = find_close(ahead.at, '}');
		if (!end)
			return false;
		ahead.at = end + 1;
	} else {
		ahead.at += word_length(ahead.at);
	}
	if (ahead.at == reader->at)
		return false;
	while (skip_silence(&ahead))
		;
	// "::<" opens the arguments of what stands before it.
	if (strncmp(ahead.at, "::", 2) != 0 || ahead.at[2] == '<')
		return false;
	reader->at = ahead.at + 2;
	return true;
}

// "(Color)2", where an argument begins: then what stands before the number is skipped.
static bool skip_cast(struct reader *reader)
{
	if (*reader->at != '(' || !reader->length || !strchr("<,", reader->word[0]))
		return false;
	const char *end = find_close(reader->at, ')');
	if (!end || (!isdigit((unsigned char)end[1]) && end[1] != '-'))
		return false;
	reader->at = end + 1 + (end[1] == '-');
	return true;
}

static bool read_word(struct reader *reader)
{
	while (skip_silence(reader))
		;
	while (reader->is_rust && skip_path(reader))
		while (skip_silence(reader))
			;
	reader->is_cast = !reader->is_rust && skip_cast(reader);
	reader->word = reader->at;
	reader->length = word_length(reader->at);
	reader->integer = 0;
	if (!*reader->at)
		return false;
	if (!reader->length)
		reader->length = 1;
	reader->at += reader->length;
	if (!reader->is_rust)
		read_integer(reader);
	if (isdigit((unsigned char)reader->word[0])) {
		while (reader->length > 1 && strchr("uUlL", reader->word[reader->length - 1]))
			reader->length--;
	}
	return true;
}

// The rest of "path::to::Red".
static void skip_rest_of_path(struct reader *reader)
{
	while (strncmp(reader->at, "::", 2) == 0 && word_length(reader->at + 2))
		reader->at += 2 + word_length(reader->at + 2);
}

bool spelling_is_same(const char *a, const char *b, enum polyton_language language)
{
	bool is_rust = language == POLYTON_LANGUAGE_RUST;
	struct reader left = { .start = a, .at = a, .is_rust = is_rust },
		      right = { .start = b, .at = b, .is_rust = is_rust };
	if (strcmp(a, b) == 0)
		return true;
	for (;;) {
		bool has_left = read_word(&left), has_right = read_word(&right);
		if (!has_left || !has_right)
			return has_left == has_right;
		if (left.at - a > MAX_COMPARED || right.at - b > MAX_COMPARED)
			return true;
		if (left.is_cast != right.is_cast) {
			skip_rest_of_path(&left);
			skip_rest_of_path(&right);
			continue;
		}
		if (left.integer != right.integer)
			return false;
		if (!left.integer && (left.length != right.length || memcmp(left.word, right.word, left.length) != 0))
			return false;
	}
}

bool spelling_is_anonymous(const char *name)
{
	static const char *const marks[] = { "anonymous", "unnamed", "lambda", "_anon", "'lambda" };
	const char *last = name;
	size_t depth = 0;
	// The path's last part: "::" of arguments and of places in parentheses is none.
	for (const char *at = name; *at; at++) {
		depth += strchr("<({", *at) != NULL;
		depth -= depth && strchr(">)}", *at);
		if (!depth && at[0] == ':' && at[1] == ':')
			last = at + 2;
	}
	if (!*last)
		return true;
	if (!strchr("<({.'", *last))
		return false;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (strncmp(last + (*last != '\''), marks[i], strlen(marks[i])) == 0)
			return true;
	}
	return false;
}

static const char *own_name(const struct type *type)
{
	if (type->name && !spelling_is_anonymous(type->name))
		return type->name;
	switch (type->kind) {
	case TYPE_VOID:
		return "void";
	case TYPE_STRUCT:
		return "struct {...}";
	case TYPE_UNION:
		return "union {...}";
	case TYPE_ENUM:
		return "enum {...}";
	case TYPE_FUNCTION:
		return "function";
	case TYPE_MEMBER_POINTER:
		return "pointer to member";
	default:
		return "?";
	}
}

// What C writes before a tag; its own names of types stand alone, and so do all of the other languages.
static const char *keyword(const struct type *type)
{
	if (type->language != POLYTON_LANGUAGE_C || !type->name || spelling_is_anonymous(type->name))
		return "";
	switch (type->kind) {
	case TYPE_STRUCT:
		return "struct ";
	case TYPE_UNION:
		return "union ";
	case TYPE_ENUM:
		return "enum ";
	case TYPE_INCOMPLETE:
		return type->is_union ? "union " : "struct ";
	default:
		return "";
	}
}

static bool has_own_name(const struct type *type)
{
	bool is_made_of_target = type->kind == TYPE_POINTER || type->kind == TYPE_REFERENCE ||
				 type->kind == TYPE_ARRAY || type->kind == TYPE_TYPEDEF;
	return type->kind != TYPE_QUALIFIED && (!is_made_of_target || (type->name && type->name[0]));
}

/** What stands around the name in the middle, as C's declarators have it. */
struct surrounding {
	struct arena *arena;
	const char *front, *left, *back;
};

static void surround_array(struct surrounding *around, const struct type *type)
{
	struct arena *arena = around->arena;
	bool is_pointed_to = around->left[0] && around->left[0] != '(';
	char count[24] = "";
	if (type->count != UINT64_MAX)
		snprintf(count, sizeof(count), "%" PRIu64, type->count);
	if (type->language == POLYTON_LANGUAGE_RUST) {
		around->front = arena_printf(arena, "%s[", around->front);
		around->back = arena_printf(arena, "; %s]%s", count, around->back);
		return;
	}
	if (is_pointed_to)
		around->left = arena_printf(arena, "(%s", around->left);
	around->back = arena_printf(arena, "%s%s[%s]", around->back, is_pointed_to ? ")" : "", count);
}

static void surround(struct surrounding *around, const struct type *type, const struct type *target)
{
	struct arena *arena = around->arena;
	const char *mark = type->kind == TYPE_REFERENCE ? "&" : "*";
	if (type->kind == TYPE_ARRAY)
		surround_array(around, type);
	else if (type->kind == TYPE_QUALIFIED && (target->kind == TYPE_POINTER || target->kind == TYPE_REFERENCE))
		around->left = arena_printf(arena, "%.*s%s%s", MAX_PIECE, type->name, around->left[0] ? " " : "",
					    around->left);
	else if (type->kind == TYPE_QUALIFIED)
		around->front = arena_printf(arena, "%s%.*s ", around->front, MAX_PIECE, type->name);
	else if (type->language == POLYTON_LANGUAGE_RUST)
		around->front = arena_printf(arena, "%s%s", around->front, mark);
	else
		around->left = arena_printf(arena, "%s%s", mark, around->left);
}

const char *spelling_of(struct arena *arena, const struct type_graph *graph, uint32_t type)
{
	static const struct type nothing = { .kind = TYPE_VOID };
	struct surrounding around = { arena, "", "", "" };
	const char *name = "...", *tag = "";
	for (int i = 0; i < MAX_NESTED; i++) {
		const struct type *row = type == POLYTON_NONE ? &nothing : type_at(graph, type);
		if (has_own_name(row)) {
			name = own_name(row);
			tag = keyword(row);
			break;
		}
		surround(&around, row, type_at(graph, row->target));
		if (!around.front || !around.left || !around.back)
			return NULL;
		type = row->target;
	}
	const char *gap = around.left[0] || around.back[0] == '[' ? " " : "";
	const char *text = arena_printf(arena, "%s%s%.*s%s%s%s", around.front, tag, MAX_PIECE, name, gap, around.left,
					around.back);
	if (text && strlen(text) > SPELLING_MAX)
		text = arena_printf(arena, "%.*s...", SPELLING_MAX - 3, text);
	return text;
}
