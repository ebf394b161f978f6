// Which definitions of different objects are one variable, and how sure that is.

#include "../support/check.h"

#include "../support/weighed.h"

enum { D = ELF_AT_DATA };

static void test_two_objects_make_a_draft(void **state)
{
	(void)state;
	struct weighed *story = WEIGHED(FIND_ROWS(FIND_GLOBAL("shared", D, 8), FIND_GLOBAL("alone", D + 8, 8),
						  FIND_GLOBAL("twice", D + 16, 8), FIND_LOCAL("twice", D + 24, 8)),
					FIND_ROWS(FIND_GLOBAL("other", D, 8)),
					FIND_ROWS(FIND_GLOBAL("shared", D + 32, 8)));
	assert_int_equal(weighed_count(story), 1);
	assert_string_equal(weighed_spell(story, "shared"), "a+0 c+32 possible");
	weighed_end(story);
}

static void test_undefined_is_no_copy(void **state)
{
	(void)state;
	struct weighed *story =
		WEIGHED(FIND_ROWS(FIND_TLS("errno", 0, 4)),
			FIND_ROWS({ "errno@GLIBC_PRIVATE", 0, 4, ELF64_ST_INFO(STB_GLOBAL, STT_TLS), 0, SHN_UNDEF }));
	assert_int_equal(weighed_count(story), 0);
	weighed_end(story);
}

static void test_kinds_do_not_mix(void **state)
{
	(void)state;
	struct weighed *story = WEIGHED(FIND_ROWS(CODE, FIND_TLS("slot", 8, 8)),
					FIND_ROWS(CODE, FIND_GLOBAL("slot", D + 8, 8)),
					FIND_ROWS(CODE, FIND_TLS("slot", 16, 8)));
	assert_int_equal(weighed_count(story), 1);
	assert_string_equal(weighed_spell(story, "slot"), "a+8 c+16 likely");
	weighed_end(story);
}

// A static is another variable than a global of the same name.
static void test_scopes_do_not_mix(void **state)
{
	(void)state;
	struct weighed *story = WEIGHED(FIND_ROWS(FIND_FILE("x.c"), FIND_LOCAL("state", D, 8)),
					FIND_ROWS(FIND_GLOBAL("state", D, 8)));
	assert_int_equal(weighed_count(story), 0);
	weighed_end(story);
	story = WEIGHED(FIND_ROWS(FIND_GLOBAL("state", D, 8)),
			FIND_ROWS(FIND_FILE("x.c"), FIND_LOCAL("state", D, 8)));
	assert_int_equal(weighed_count(story), 0);
	weighed_end(story);
}

// What a version script made local stands under no source, and is the global it was.
static void test_hidden_globals_are_globals(void **state)
{
	(void)state;
	struct weighed *story =
		WEIGHED(FIND_ROWS(FIND_FILE("x.c"), FIND_FILE(""), FIND_LOCAL("state", D, 8)),
			FIND_ROWS(FIND_GLOBAL("state", D, 8)),
			FIND_ROWS(FIND_FILE("y.c"),
				  { "state", D, 8, ELF64_ST_INFO(STB_LOCAL, STT_OBJECT), STV_HIDDEN, 1 }));
	assert_int_equal(weighed_count(story), 1);
	assert_string_equal(weighed_spell(story, "state"), "a+0 b+0 c+0 possible");
	weighed_end(story);
}

static void test_versions_of_a_place_are_one_copy(void **state)
{
	(void)state;
	struct weighed *story =
		WEIGHED(FIND_ROWS(FIND_GLOBAL("x@V1", D, 8), FIND_GLOBAL("x@@V2", D, 8), FIND_GLOBAL("x", D, 8)),
			FIND_ROWS(FIND_GLOBAL("x", D + 8, 8)));
	assert_int_equal(weighed_count(story), 1);
	assert_string_equal(weighed_spell(story, "x"), "a+0 b+8 possible");
	// Of several names for it, the first in the table speaks.
	assert_string_equal(weighed_draft(story, "x")->members[0]->candidate->name, "x@V1");
	weighed_end(story);
	// Two versions of one object alone are nothing.
	story = WEIGHED(FIND_ROWS(FIND_GLOBAL("x@V1", D, 8), FIND_GLOBAL("x@@V2", D + 8, 8)),
			FIND_ROWS(FIND_GLOBAL("y", D, 8)));
	assert_int_equal(weighed_count(story), 0);
	weighed_end(story);
}

static void test_aliases_are_one_copy(void **state)
{
	(void)state;
	struct weighed *story = WEIGHED(FIND_ROWS(FIND_GLOBAL("__environ", D, 8), FIND_GLOBAL("_environ", D, 8),
						  FIND_GLOBAL("environ", D, 8)),
					FIND_ROWS(FIND_GLOBAL("__environ", D, 8), FIND_GLOBAL("environ", D, 8)));
	assert_int_equal(weighed_count(story), 1);
	assert_string_equal(weighed_spell(story, "environ"), "a+0 b+0 possible");
	weighed_end(story);

	// The second name links two drafts of which the third has only that place.
	story = WEIGHED(FIND_ROWS(FIND_GLOBAL("_x", D, 8), FIND_GLOBAL("_y", D, 8)),
			FIND_ROWS(FIND_GLOBAL("_x", D, 8)),
			FIND_ROWS(FIND_GLOBAL("_y", D, 8), FIND_GLOBAL("x", D, 8)),
			FIND_ROWS(FIND_GLOBAL("x", D, 8)));
	assert_int_equal(weighed_count(story), 1);
	assert_string_equal(weighed_spell(story, "x"), "a+0 b+0 c+0 d+0 possible");
	weighed_end(story);

	// Two that stood apart are one by a third, which comes last.
	story = WEIGHED(FIND_ROWS(FIND_GLOBAL("p", D, 8)), FIND_ROWS(FIND_GLOBAL("q", D, 8)),
			FIND_ROWS(FIND_GLOBAL("p", D, 8), FIND_GLOBAL("r", D, 8)),
			FIND_ROWS(FIND_GLOBAL("q", D, 8), FIND_GLOBAL("r", D, 8)));
	assert_int_equal(weighed_count(story), 1);
	assert_string_equal(weighed_spell(story, "p"), "a+0 b+0 c+0 d+0 possible");
	weighed_end(story);
}

// What was merged into another draft finds it, too.
static void test_aliases_of_aliases(void **state)
{
	(void)state;
	struct weighed *story = WEIGHED(FIND_ROWS(CODE, FIND_TLS("p", 0, 8)),
					FIND_ROWS(CODE, FIND_TLS("q", 0, 8), FIND_TLS("s", 0, 8)),
					FIND_ROWS(FIND_TLS("p", 0, 8), FIND_TLS("r", 0, 8)),
					FIND_ROWS(FIND_TLS("q", 0, 8), FIND_TLS("r", 0, 8)),
					FIND_ROWS(FIND_TLS("s", 0, 8), FIND_TLS("t", 0, 8)),
					FIND_ROWS(FIND_TLS("t", 0, 8)));
	assert_int_equal(weighed_count(story), 1);
	assert_string_equal(weighed_spell(story, "p"), "a+0 b+0 c+0 d+0 e+0 f+0 likely");
	weighed_end(story);
	story = WEIGHED(FIND_ROWS(CODE, FIND_TLS("p", 0, 8)),
			FIND_ROWS(CODE, FIND_TLS("p", 0, 8), FIND_TLS("r", 0, 8)),
			FIND_ROWS(FIND_TLS("q", 0, 8), FIND_TLS("s", 0, 8)),
			FIND_ROWS(FIND_TLS("q", 0, 8), FIND_TLS("r", 0, 8)), FIND_ROWS(FIND_TLS("s", 0, 8)));
	assert_int_equal(weighed_count(story), 1);
	assert_string_equal(weighed_spell(story, "p"), "a+0 b+0 c+0 d+0 e+0 likely");
	weighed_end(story);
}

// A thread-local's offset may equal a static's address.
static void test_aliases_need_the_same_kind(void **state)
{
	(void)state;
	static const struct elf_symbol_spec rows[] = { FIND_GLOBAL("konst", 8, 8), FIND_TLS("slot", 8, 8), { 0 } };
	struct weighed *story = WEIGHED(rows, rows);
	assert_int_equal(weighed_count(story), 2);
	weighed_end(story);
}

static void test_an_alias_is_no_company(void **state)
{
	(void)state;
	// In a one variable with two names, in b two variables: nothing but itself that they share.
	struct weighed *story = WEIGHED(FIND_ROWS(FIND_GLOBAL("x", D, 8), FIND_GLOBAL("y", D, 8)),
					FIND_ROWS(FIND_GLOBAL("x", D, 8), FIND_GLOBAL("y", D + 8, 8)));
	assert_int_equal(weighed_count(story), 1);
	assert_string_equal(weighed_spell(story, "x"), "a+0 b+0 b+8 possible");
	weighed_end(story);
}

static void test_statics_pair_by_source_and_size(void **state)
{
	(void)state;
	struct weighed *story =
		WEIGHED(FIND_ROWS(FIND_FILE("one.c"), FIND_LOCAL("state", D, 8), FIND_FILE("two.c"),
				  FIND_LOCAL("state", D + 8, 8), FIND_FILE("mine.c"), FIND_LOCAL("state", D + 16, 8),
				  FIND_FILE("big.c"), FIND_LOCAL("state", D + 24, 8)),
			FIND_ROWS(FIND_FILE("two.c"), FIND_LOCAL("state", D, 8), FIND_FILE("one.c"),
				  FIND_LOCAL("state", D + 8, 8), FIND_FILE("big.c"),
				  FIND_LOCAL("state", D + 16, 16)));
	assert_int_equal(weighed_count(story), 2);
	assert_string_equal(weighed_spell(story, "state"), "a+0 b+8 possible");
	assert_string_equal(weighed_spell(story, "state#2"), "a+8 b+0 possible");
	weighed_end(story);
}

// One name several times in one source: first with first, in the order of places.
static void test_statics_of_functions_pair_in_order(void **state)
{
	(void)state;
	struct weighed *story = WEIGHED(FIND_ROWS(FIND_FILE("x.c"), FIND_LOCAL("once.2", D + 8, 4),
						  FIND_LOCAL("once.1", D, 4), FIND_LOCAL("once.0", D + 16, 4)),
					FIND_ROWS(FIND_FILE("x.c"), FIND_LOCAL("once.0", D + 32, 4),
						  FIND_LOCAL("once.1", D + 40, 4)));
	assert_int_equal(weighed_count(story), 2);
	assert_string_equal(weighed_spell(story, "once"), "a+0 b+32 possible");
	assert_string_equal(weighed_spell(story, "once#2"), "a+8 b+40 possible");
	weighed_end(story);
}

static void test_statics_need_company(void **state)
{
	(void)state;
#define STATICS(base) FIND_FILE("x.c"), FIND_LOCAL("state", base, 8), FIND_LOCAL("buffer", base + 8, 64)
	struct weighed *story = WEIGHED(FIND_ROWS(CODE, STATICS(D)), FIND_ROWS(CODE, STATICS(D)));
	assert_string_equal(weighed_spell(story, "state"), "a+0 b+0 possible");
	weighed_end(story);
	// One other static is not enough, two are.
	story = WEIGHED(FIND_ROWS(CODE, STATICS(D), FIND_LOCAL("third", D + 80, 4)),
			FIND_ROWS(CODE, STATICS(D), FIND_LOCAL("third", D + 80, 4)));
	assert_string_equal(weighed_spell(story, "state"), "a+0 b+0 likely");
	weighed_end(story);
	// Nor does size or source differ.
	story = WEIGHED(FIND_ROWS(CODE, STATICS(D), FIND_LOCAL("third", D + 80, 4)),
			FIND_ROWS(CODE, STATICS(D), FIND_LOCAL("third", D + 80, 8)));
	assert_string_equal(weighed_spell(story, "state"), "a+0 b+0 possible");
	assert_string_equal(weighed_spell(story, "third"), "none");
	weighed_end(story);
	// One global is.
	story = WEIGHED(FIND_ROWS(CODE, STATICS(D), FIND_GLOBAL("api", D + 80, 4)),
			FIND_ROWS(CODE, STATICS(D), FIND_GLOBAL("api", D + 96, 4)));
	assert_string_equal(weighed_spell(story, "state"), "a+0 b+0 likely");
	assert_string_equal(weighed_spell(story, "api"), "a+80 b+96 certain");
	weighed_end(story);
}

static void test_noise_and_constants_are_no_company(void **state)
{
	(void)state;
	static const struct elf_symbol_spec rows[] = { FIND_GLOBAL("__dso_handle", D, 8),
						       FIND_GLOBAL("_IO_stdin_used", D + 8, 4),
						       FIND_GLOBAL("table", ELF_AT_RODATA, 8),
						       FIND_GLOBAL("vector", ELF_AT_RELRO, 8),
						       FIND_FILE("x.c"),
						       FIND_LOCAL("state", D + 16, 8),
						       { 0 } };
	struct weighed *story = WEIGHED(rows, rows);
	assert_string_equal(weighed_spell(story, "state"), "a+16 b+16 possible");
	assert_non_null(weighed_draft(story, "__dso_handle")->dropped);
	assert_null(weighed_draft(story, "state")->dropped);
	weighed_end(story);
}

// What a shares with b says nothing about c, though c has the name.
static void test_company_is_counted_per_pair(void **state)
{
	(void)state;
	struct weighed *story =
		WEIGHED(FIND_ROWS(CODE, FIND_FILE("x.c"), FIND_LOCAL("debug", D, 4), FIND_GLOBAL("api", D + 8, 8)),
			FIND_ROWS(CODE, FIND_FILE("x.c"), FIND_LOCAL("debug", D, 4), FIND_GLOBAL("their", D + 8, 8)),
			FIND_ROWS(CODE, FIND_FILE("x.c"), FIND_LOCAL("debug", D, 4), FIND_GLOBAL("api", D + 8, 8)),
			FIND_ROWS(FIND_GLOBAL("their", D + 8, 8)));
	assert_string_equal(weighed_spell(story, "debug"), "a+0 c+0 likely");
	assert_string_equal(weighed_spell(story, "their"), "b+8 d+8 possible");
	weighed_end(story);
}

static void test_c_globals(void **state)
{
	(void)state;
	struct weighed *story =
		WEIGHED(FIND_ROWS(CODE, FIND_GLOBAL("v", D, 8)), FIND_ROWS(CODE, FIND_GLOBAL("v", D, 16)));
	assert_string_equal(weighed_spell(story, "v"), "a+0 b+0 possible");
	weighed_end(story);
	story = WEIGHED(FIND_ROWS(CODE, FIND_GLOBAL("v", D, 8), FIND_GLOBAL("w", D + 32, 8)),
			FIND_ROWS(CODE, FIND_GLOBAL("v", D, 16), FIND_GLOBAL("w", D + 32, 8)));
	assert_string_equal(weighed_spell(story, "v"), "a+0 b+0 likely");
	assert_string_equal(weighed_spell(story, "w"), "a+32 b+32 certain");
	weighed_end(story);
	// Two names alone are nothing.
	story = WEIGHED(FIND_ROWS(FIND_GLOBAL("v", D, 8), FIND_GLOBAL("w", D + 32, 8)),
			FIND_ROWS(FIND_GLOBAL("v", D, 8), FIND_GLOBAL("w", D + 32, 8)));
	assert_string_equal(weighed_spell(story, "v"), "a+0 b+0 possible");
	assert_string_equal(weighed_spell(story, "w"), "a+32 b+32 possible");
	weighed_end(story);
}

static void test_cxx_names_need_nothing_else(void **state)
{
	(void)state;
	struct weighed *story = WEIGHED(FIND_ROWS(FIND_GLOBAL("_ZN4acme5countE", D, 8)),
					FIND_ROWS(FIND_GLOBAL("_ZN4acme5countE", D, 16)));
	assert_string_equal(weighed_spell(story, "acme::count"), "a+0 b+0 certain");
	weighed_end(story);
	// In an anonymous namespace they do, and need the same source.
	story = WEIGHED(FIND_ROWS(FIND_FILE("x.cc"), FIND_LOCAL("_ZN12_GLOBAL__N_15countE", D, 8)),
			FIND_ROWS(FIND_FILE("x.cc"), FIND_LOCAL("_ZN12_GLOBAL__N_15countE", D, 8)),
			FIND_ROWS(FIND_FILE("y.cc"), FIND_LOCAL("_ZN12_GLOBAL__N_15countE", D, 8)));
	assert_int_equal(weighed_count(story), 1);
	assert_string_equal(weighed_spell(story, "(anonymous namespace)::count"), "a+0 b+0 possible");
	weighed_end(story);
}

// Guards go with their variable.
static void test_guards_are_no_variables(void **state)
{
	(void)state;
	static const struct elf_symbol_spec rows[] = { FIND_GLOBAL("_ZZ3getvE4once", D, 8),
						       FIND_GLOBAL("_ZGVZ3getvE4once", D + 8, 8),
						       { 0 } };
	struct weighed *story = WEIGHED(rows, rows);
	assert_int_equal(weighed_count(story), 1);
	assert_string_equal(weighed_spell(story, "get()::once"), "a+0 b+0 certain");
	weighed_end(story);
}

#define RUST_1 "17h00000000000000a1E"
#define RUST_2 "17h00000000000000b2E"
#define RUST_3 "17h00000000000000c3E"

static void test_rust_builds(void **state)
{
	(void)state;
	// The very same build.
	struct weighed *story = WEIGHED(FIND_ROWS(FIND_TLS("_ZN5tokio7CONTEXT" RUST_1, 0, 48)),
					FIND_ROWS(FIND_TLS("_ZN5tokio7CONTEXT" RUST_1, 8, 48)));
	assert_string_equal(weighed_spell(story, "tokio::CONTEXT"), "a+0 b+8 certain");
	weighed_end(story);
	// Another build: another crate may have that name.
	story = WEIGHED(FIND_ROWS(FIND_TLS("_ZN5tokio7CONTEXT" RUST_1, 0, 48)),
			FIND_ROWS(FIND_TLS("_ZN5tokio7CONTEXT" RUST_2, 8, 56)));
	assert_string_equal(weighed_spell(story, "tokio::CONTEXT"), "a+0 b+8 likely");
	weighed_end(story);
	// Hardly one with a second variable of the same path.
	story = WEIGHED(FIND_ROWS(FIND_TLS("_ZN5tokio7CONTEXT" RUST_1, 0, 48),
				  FIND_GLOBAL("_ZN5tokio4NEXT" RUST_1, D, 8)),
			FIND_ROWS(FIND_TLS("_ZN5tokio7CONTEXT" RUST_2, 8, 56),
				  FIND_GLOBAL("_ZN5tokio4NEXT" RUST_2, D, 8)));
	assert_string_equal(weighed_spell(story, "tokio::CONTEXT"), "a+0 b+8 certain");
	assert_string_equal(weighed_spell(story, "tokio::NEXT"), "a+0 b+0 certain");
	weighed_end(story);
	// Both manglings, and what LLVM appends.
	story = WEIGHED(FIND_ROWS(FIND_GLOBAL("_ZN5tokio4NEXT" RUST_1 ".llvm.123", D, 8)),
			FIND_ROWS(FIND_GLOBAL("_RNvCs1234_5tokio4NEXT", D + 8, 8)));
	assert_string_equal(weighed_spell(story, "tokio::NEXT"), "a+0 b+8 likely");
	weighed_end(story);
}

// Two builds in one object: the mark tells which of them the others have.
static void test_rust_builds_within_an_object(void **state)
{
	(void)state;
	struct weighed *story = WEIGHED(FIND_ROWS(FIND_GLOBAL("_ZN5tokio4NEXT" RUST_1, D, 8),
						  FIND_GLOBAL("_ZN5tokio4NEXT" RUST_2, D + 8, 8)),
					FIND_ROWS(FIND_GLOBAL("_ZN5tokio4NEXT" RUST_2, D, 8)),
					FIND_ROWS(FIND_GLOBAL("_ZN5tokio4NEXT" RUST_1, D + 16, 8)),
					FIND_ROWS(FIND_GLOBAL("_ZN5tokio4NEXT" RUST_3, D, 8)));
	assert_int_equal(weighed_count(story), 2);
	assert_string_equal(weighed_spell(story, "tokio::NEXT"), "a+0 c+16 certain");
	assert_string_equal(weighed_spell(story, "tokio::NEXT#2"), "a+8 b+0 certain");
	weighed_end(story);
}

// Names that carry their origin keep all copies, in the order of objects, whoever has company.
static void test_named_copies_stay_in_order(void **state)
{
	(void)state;
	struct weighed *story =
		WEIGHED(FIND_ROWS(FIND_GLOBAL("_ZN5tokio4NEXT" RUST_1, D, 8)),
			FIND_ROWS(FIND_GLOBAL("_ZN5tokio4NEXT" RUST_2, D, 8), FIND_GLOBAL("api", D + 8, 8)),
			FIND_ROWS(FIND_GLOBAL("_ZN5tokio4NEXT" RUST_3, D, 8), FIND_GLOBAL("api", D + 8, 8)));
	assert_string_equal(weighed_spell(story, "tokio::NEXT"), "a+0 b+0 c+0 certain");
	weighed_end(story);
}

static const struct elf_symbol_spec loader_rows[] = { CODE,
						      FIND_FILE("malloc.c"),
						      FIND_FILE(""),
						      FIND_LOCAL("_dl_pagesize", D, 8),
						      FIND_LOCAL("_environ", D + 8, 8),
						      { 0 } };

static struct weighed *story_with_loader(const struct elf_symbol_spec *const *tables, uint32_t loader)
{
	struct weighed *story = weighed_create(tables);
	story->objects[loader].is_loader = true;
	weighed_weigh(story, NULL);
	return story;
}

static void test_the_loader_has_its_own(void **state)
{
	(void)state;
	static const struct elf_symbol_spec libc[] = { CODE,
						       FIND_GLOBAL("_dl_pagesize", D, 8),
						       FIND_GLOBAL("_environ", D + 8, 8),
						       { 0 } };
	struct weighed *story =
		story_with_loader((const struct elf_symbol_spec *const[]){ libc, loader_rows, NULL }, 1);
	const struct draft *draft = weighed_draft(story, "_environ");
	assert_non_null(draft);
	assert_non_null(draft->dropped);
	assert_non_null(strstr(draft->dropped, "loader"));
	assert_string_equal(weighed_spell(story, "_environ"), "a+8 b+8 possible"); // dropped ones are no company
	weighed_end(story);

	// Listed before the other, it still stands in its place.
	story = story_with_loader((const struct elf_symbol_spec *const[]){ loader_rows, libc, NULL }, 0);
	assert_non_null(weighed_draft(story, "_environ")->dropped);
	assert_string_equal(weighed_spell(story, "_environ"), "a+8 b+8 possible");
	weighed_end(story);

	// Two others that have it are a case of their own, without the loader.
	story = story_with_loader((const struct elf_symbol_spec *const[]){ libc, loader_rows, libc, NULL }, 1);
	assert_null(weighed_draft(story, "_environ")->dropped);
	assert_string_equal(weighed_spell(story, "_environ"), "a+8 c+8 certain");
	weighed_end(story);

	// The same two without a loader among them.
	story = WEIGHED(libc, loader_rows);
	assert_null(weighed_draft(story, "_environ")->dropped);
	weighed_end(story);
}

static void test_what_the_loader_exports_counts(void **state)
{
	(void)state;
	static const struct elf_symbol_spec rows[] = { FIND_GLOBAL("_rtld_global", D, 8), { 0 } };
	struct weighed *story = weighed_create((const struct elf_symbol_spec *const[]){ rows, NULL });
	find_object_init(&story->objects[story->count], NULL, rows);
	story->objects[story->count++].is_loader = true;
	weighed_weigh(story, NULL);
	assert_null(weighed_draft(story, "_rtld_global")->dropped);
	assert_string_equal(weighed_spell(story, "_rtld_global"), "a+0 b+0 possible");
	weighed_end(story);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_objects_make_a_draft),
		cmocka_unit_test(test_undefined_is_no_copy),
		cmocka_unit_test(test_kinds_do_not_mix),
		cmocka_unit_test(test_scopes_do_not_mix),
		cmocka_unit_test(test_hidden_globals_are_globals),
		cmocka_unit_test(test_versions_of_a_place_are_one_copy),
		cmocka_unit_test(test_aliases_are_one_copy),
		cmocka_unit_test(test_aliases_of_aliases),
		cmocka_unit_test(test_aliases_need_the_same_kind),
		cmocka_unit_test(test_an_alias_is_no_company),
		cmocka_unit_test(test_statics_pair_by_source_and_size),
		cmocka_unit_test(test_statics_of_functions_pair_in_order),
		cmocka_unit_test(test_statics_need_company),
		cmocka_unit_test(test_noise_and_constants_are_no_company),
		cmocka_unit_test(test_company_is_counted_per_pair),
		cmocka_unit_test(test_c_globals),
		cmocka_unit_test(test_cxx_names_need_nothing_else),
		cmocka_unit_test(test_guards_are_no_variables),
		cmocka_unit_test(test_rust_builds),
		cmocka_unit_test(test_rust_builds_within_an_object),
		cmocka_unit_test(test_named_copies_stay_in_order),
		cmocka_unit_test(test_the_loader_has_its_own),
		cmocka_unit_test(test_what_the_loader_exports_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
