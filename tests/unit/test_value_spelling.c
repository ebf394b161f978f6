#include "../support/check.h"

#include "value/spelling.h"

static void test_names_of_one_type(void **state)
{
	(void)state;
	static const struct {
		enum polyton_language language;
		const char *a, *b;
		bool is_same;
	} rows[] = {
		{ POLYTON_LANGUAGE_CXX, "Box<long unsigned int, 4>", "Box<unsigned long,4UL>", true },
		{ POLYTON_LANGUAGE_CXX, "Box<int, Box<char> >", "Box<int, Box<char>>", true },
		{ POLYTON_LANGUAGE_CXX, "Box<signed char>", "Box<char>", false },
		{ POLYTON_LANGUAGE_CXX, "Box<long>", "Box<long long int>", false },
		{ POLYTON_LANGUAGE_CXX, "Box<int>", "Box<unsigned>", false },
		{ POLYTON_LANGUAGE_CXX, "Box<signed int>", "Box<int>", true },
		{ POLYTON_LANGUAGE_CXX, "Box<(lambda at a.cpp:3:4)>", "Box<(lambda at /b/a.cpp:9:1)>", true },
		{ POLYTON_LANGUAGE_CXX, "run()::{lambda(int)#1}", "run()::{lambda(int)#2}", true },
		{ POLYTON_LANGUAGE_CXX, "pair<int const, const char *>", "pair<const int, char const *>", true },
		{ POLYTON_LANGUAGE_CXX, "Lock<int, (a::Policy)2>", "Lock<int, a::Atomic>", true },
		{ POLYTON_LANGUAGE_CXX, "Lock<(a::Policy)2, int>", "Lock<(a::Policy)1, int>", false },
		{ POLYTON_LANGUAGE_CXX, "Lock<(a::Policy)2, int>", "Lock<a::Atomic, char>", false },
		{ POLYTON_LANGUAGE_CXX, "constant", "const ant", false },
		{ POLYTON_LANGUAGE_CXX, "a::Box", "b::Box", false },
		{ POLYTON_LANGUAGE_CXX, "Box<4>", "Box<5>", false },
		{ POLYTON_LANGUAGE_CXX, "Box", "Box<int>", false },
		{ POLYTON_LANGUAGE_RUST, "a::{impl#0}::Box<u8>", "a::{impl#7}::Box<u8>", true },
		{ POLYTON_LANGUAGE_RUST, "std::sync::mutex::Mutex<u8>", "std::sync::poison::mutex::Mutex<u8>", true },
		{ POLYTON_LANGUAGE_RUST, "core[6f17d22bba15001f]::cell::Cell<u8>", "core::cell::Cell<u8>", true },
		{ POLYTON_LANGUAGE_RUST, "a::Box::h0123456789abcdef", "a::Box::hfedcba9876543210", true },
		{ POLYTON_LANGUAGE_RUST, "Option<a::Handle>", "Option<b::Context>", false },
		{ POLYTON_LANGUAGE_RUST, "[u8; 4]", "[u8; 8]", false },
		{ POLYTON_LANGUAGE_RUST, "&mut [cafebabe]", "&mut [deadbeef]", false },
		{ POLYTON_LANGUAGE_RUST, "&dyn core::fmt::Debug", "&dyn core::fmt::Display", false },
		{ POLYTON_LANGUAGE_RUST, "{closure_env#0}<u8>", "{closure_env#3}<u8>", true },
	};
	for (size_t i = 0; i < count_of(rows); i++) {
		if (spelling_is_same(rows[i].a, rows[i].b, rows[i].language) != rows[i].is_same)
			fail_msg("%s and %s", rows[i].a, rows[i].b);
		assert_int_equal(spelling_is_same(rows[i].b, rows[i].a, rows[i].language), rows[i].is_same);
	}
	assert_true(spelling_is_anonymous(""));
	assert_true(spelling_is_anonymous("{unnamed type#1}"));
	assert_true(spelling_is_anonymous("a::b<c::d>::<lambda(int)>"));
	assert_true(spelling_is_anonymous("(anonymous union at a.h:1:2)"));
	assert_false(spelling_is_anonymous("(anonymous namespace)::Box"));
	assert_false(spelling_is_anonymous("Box<(lambda at a.cpp:1:1)>"));
	assert_false(spelling_is_anonymous("&[u8]"));
}

// What a type is made of comes before it.
enum {
	NUMBER,
	CONSTANT,
	POINTER_TO_VOID,
	POINTER,
	CONSTANT_POINTER,
	POINTER_TO_POINTER,
	POINTERS,
	FOUR,
	POINTER_TO_FOUR,
	POINTERS_TO_FOUR,
	FOURS,
	FUNCTION,
	POINTER_TO_FUNCTION,
	NAMELESS,
	REFERENCE,
	LOOP,
	RUST_FOUR,
	RUST_FOURS,
	RUST_POINTER,
	LONG_NAME,
	TAGGED,
	POINTER_TO_TAGGED,
	TAGGED_UNION,
	TAGGED_ENUM,
	ONLY_DECLARED,
	ONLY_DECLARED_UNION,
	NAMED,
	CLASS,
};

static const struct type types[] = {
	[NUMBER] = { .kind = TYPE_BASE, .name = "int" },
	[CONSTANT] = { .kind = TYPE_QUALIFIED, .name = "const", .target = NUMBER },
	[POINTER_TO_VOID] = { .kind = TYPE_POINTER, .name = "", .target = POLYTON_NONE },
	[POINTER] = { .kind = TYPE_POINTER, .name = "", .target = CONSTANT },
	[CONSTANT_POINTER] = { .kind = TYPE_QUALIFIED, .name = "const", .target = POINTER },
	[POINTER_TO_POINTER] = { .kind = TYPE_POINTER, .name = "", .target = CONSTANT_POINTER },
	[POINTERS] = { .kind = TYPE_ARRAY, .name = "", .target = POINTER, .count = 3 },
	[FOUR] = { .kind = TYPE_ARRAY, .name = "", .target = NUMBER, .count = 4 },
	[POINTER_TO_FOUR] = { .kind = TYPE_POINTER, .name = "", .target = FOUR },
	[POINTERS_TO_FOUR] = { .kind = TYPE_ARRAY, .name = "", .target = POINTER_TO_FOUR, .count = 3 },
	[FOURS] = { .kind = TYPE_ARRAY, .name = "", .target = FOUR, .count = UINT64_MAX },
	[FUNCTION] = { .kind = TYPE_FUNCTION, .name = "" },
	[POINTER_TO_FUNCTION] = { .kind = TYPE_POINTER, .name = "", .target = FUNCTION },
	[NAMELESS] = { .kind = TYPE_UNION, .name = "(anonymous union at a.c:1:1)" },
	[REFERENCE] = { .kind = TYPE_REFERENCE, .name = "", .target = NUMBER },
	[LOOP] = { .kind = TYPE_POINTER, .name = "", .target = LOOP },
	[RUST_FOUR] = { .kind = TYPE_ARRAY,
			.language = POLYTON_LANGUAGE_RUST,
			.name = "",
			.target = NUMBER,
			.count = 4 },
	[RUST_FOURS] = { .kind = TYPE_ARRAY,
			 .language = POLYTON_LANGUAGE_RUST,
			 .name = "",
			 .target = RUST_FOUR,
			 .count = 2 },
	[RUST_POINTER] = { .kind = TYPE_POINTER,
			   .language = POLYTON_LANGUAGE_RUST,
			   .name = "&mut u8",
			   .target = NUMBER },
	[LONG_NAME] = { .kind = TYPE_STRUCT,
			.name = "aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbb"
				"aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbcc"
				"c" },
	[TAGGED] = { .kind = TYPE_STRUCT, .name = "shape" },
	[POINTER_TO_TAGGED] = { .kind = TYPE_POINTER, .name = "", .target = TAGGED },
	[TAGGED_UNION] = { .kind = TYPE_UNION, .name = "number" },
	[TAGGED_ENUM] = { .kind = TYPE_ENUM, .name = "color" },
	[ONLY_DECLARED] = { .kind = TYPE_INCOMPLETE, .name = "hidden" },
	[ONLY_DECLARED_UNION] = { .kind = TYPE_INCOMPLETE, .name = "hidden", .is_union = true },
	[NAMED] = { .kind = TYPE_TYPEDEF, .name = "shape_t", .target = TAGGED },
	[CLASS] = { .kind = TYPE_STRUCT, .language = POLYTON_LANGUAGE_CXX, .name = "Shape" },
};
static const struct type_graph graph = { .types = types, .type_count = count_of(types) };

static void test_spelling(void **state)
{
	(void)state;
	static const struct {
		uint32_t type;
		const char *text;
	} rows[] = {
		{ POLYTON_NONE, "void" },
		{ POINTER_TO_VOID, "void *" },
		{ POINTER, "const int *" },
		{ CONSTANT_POINTER, "const int *const" },
		{ POINTER_TO_POINTER, "const int *const *" },
		{ POINTERS, "const int *[3]" },
		{ FOUR, "int [4]" },
		{ POINTER_TO_FOUR, "int (*)[4]" },
		{ POINTERS_TO_FOUR, "int (*[3])[4]" },
		{ FOURS, "int [][4]" },
		{ POINTER_TO_FUNCTION, "function *" },
		{ NAMELESS, "union {...}" },
		{ REFERENCE, "int &" },
		{ LOOP, "... ****************" },
		{ RUST_FOURS, "[[int; 4]; 2]" },
		{ RUST_POINTER, "&mut u8" },
		{ TAGGED, "struct shape" },
		{ POINTER_TO_TAGGED, "struct shape *" },
		{ TAGGED_UNION, "union number" },
		{ TAGGED_ENUM, "enum color" },
		{ ONLY_DECLARED, "struct hidden" },
		{ ONLY_DECLARED_UNION, "union hidden" },
		{ NAMED, "shape_t" },
		{ CLASS, "Shape" },
		{ count_of(types), "out of range" },
	};
	struct arena arena = { 0 };
	for (size_t i = 0; i < count_of(rows); i++)
		assert_string_equal(spelling_of(&arena, &graph, rows[i].type), rows[i].text);
	const char *cut = spelling_of(&arena, &graph, LONG_NAME);
	assert_int_equal(strlen(cut), SPELLING_MAX);
	assert_string_equal(cut + SPELLING_MAX - 3, "...");
	// One that just fits, and one that its language's rules make too long by itself.
	const char *name = types[LONG_NAME].name;
	struct type exact = { .kind = TYPE_STRUCT,
			      .language = POLYTON_LANGUAGE_CXX,
			      .name = name + strlen(name) - SPELLING_MAX };
	const struct type_graph one = { .types = &exact, .type_count = 1 };
	assert_string_equal(spelling_of(&arena, &one, 0), exact.name);
	exact.name--;
	assert_string_equal(spelling_of(&arena, &one, 0) + SPELLING_MAX - 3, "...");
	arena_deinit(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_of_one_type),
		cmocka_unit_test(test_spelling),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
