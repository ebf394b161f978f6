// Why a further copy is there: a scene for each cause, and for what could be taken for it.

#include "../support/check.h"

#include "../support/made_scopes.h"
#include "../support/story.h"
#include "find/cause.h"

// A C variable that all objects of @p copies define and use.
static void add(struct story *story, const char *copies)
{
	story_library(story, "lib");
	story_singleton(story, POLYTON_KIND_STATIC, copies);
}

static struct polyton_object *object(struct story *story, uint32_t index)
{
	return &story->snapshot->objects.items[index];
}

// GNU ld made it local: it was hidden, or left out of a list.
static void keep_inside(struct polyton_copy *copy)
{
	copy->binding = POLYTON_BINDING_LOCAL;
	copy->is_exported = false;
}

// Lists of the test's own: all objects look into object 0, and each then into itself.
static void open_apart(struct story *story)
{
	static const char *const digits[] = { "1", "2", "3" };
	scopes_deinit(&story->scopes);
	made_scopes_init(&story->scopes, STORY_OBJECTS);
	made_scopes_use(&story->scopes, "0123", made_scopes_list(&story->scopes, MADE_GLOBAL, "0"));
	for (size_t i = 0; i < count_of(digits); i++)
		made_scopes_use(&story->scopes, digits[i], made_scopes_list(&story->scopes, MADE_LOCAL, digits[i]));
}

static void settle(struct story *story)
{
	assert_fine(causes_settle(&story->finder));
}

// The copy in @p index has that cause, its sentence those words, and there is a step to take.
static const struct polyton_reason *check(struct story *story, uint32_t index, enum polyton_cause cause,
					  const char *words)
{
	const struct polyton_reason *reason = story_copy(story, index)->reason;
	assert_non_null(reason);
	assert_int_equal(reason->cause, cause);
	if (!strstr(reason->text, words))
		print_error("it says: %s\n", reason->text);
	assert_non_null(strstr(reason->text, words));
	assert_null(strchr(reason->text, '%'));
	assert_true(reason->remedy_count > 0);
	for (uint32_t i = 0; i < reason->remedy_count; i++) {
		assert_true(reason->remedy[i][0]);
		assert_null(strchr(reason->remedy[i], '%'));
	}
	return reason;
}

static void settle_and_check(struct story *story, enum polyton_cause cause, const char *words)
{
	settle(story);
	assert_null(story_copy(story, 0)->reason); // the first
	check(story, 1, cause, words);
}

static void test_another_namespace(void **state)
{
	struct story *story = *state;
	add(story, "s s");
	object(story, 1)->name_space = 1;
	object(story, 0)->build_id = object(story, 1)->build_id = "0123"; // the same file, but that is not why
	settle_and_check(story, POLYTON_CAUSE_NAMESPACE, "b was loaded into a namespace of its own");
}

static void test_the_same_build(void **state)
{
	struct story *story = *state;
	add(story, "s s s");
	object(story, 0)->build_id = object(story, 1)->build_id = "0123";
	object(story, 2)->build_id = "4567";
	keep_inside(story_copy(story, 1));
	settle(story);
	check(story, 1, POLYTON_CAUSE_SAME_FILE, "b and a are the same file");
	assert_int_not_equal(story_copy(story, 2)->reason->cause, POLYTON_CAUSE_SAME_FILE);
}

// Without build ids the bytes tell.
static void test_the_same_bytes(void **state)
{
	struct story *story = *state;
	static const uint8_t bytes[] = "the same", copy[] = "the same", other[] = "the sane";
	struct elf_file files[] = { { .map = bytes, .size = sizeof(bytes) },
				    { .map = copy, .size = sizeof(copy) },
				    { .map = other, .size = sizeof(other) },
				    { .map = bytes, .size = sizeof(bytes) - 1 } };
	for (uint32_t i = 0; i < 4; i++)
		story->inputs[i].file = &files[i];
	assert_true(cause_is_same_file(&story->finder, 0, 1));
	assert_false(cause_is_same_file(&story->finder, 0, 2));
	assert_false(cause_is_same_file(&story->finder, 0, 3));
	assert_false(cause_is_same_file(&story->finder, 0, 4)); // no file at hand
	assert_false(cause_is_same_file(&story->finder, 4, 5));
	object(story, 0)->build_id = "0123"; // the other has none
	assert_false(cause_is_same_file(&story->finder, 0, 1));
	object(story, 0)->build_id = "";
	add(story, "s s");
	settle_and_check(story, POLYTON_CAUSE_SAME_FILE, "the same file");
}

static void test_two_versions_by_name(void **state)
{
	struct story *story = *state;
	static const struct {
		const char *left, *right;
		bool is_one_library;
	} cases[] = {
		{ "libfoo.so.1", "libfoo.so.2", true },
		{ "libfoo.so.1.2.3", "libfoo.so.1.2.4", true },
		{ "libfoo-1.2.so.3", "libfoo-1.4.so.0", true },
		{ "libfoo-1.2.so.3", "libfoo.so.1", true },
		{ "libLLVM-14.so.1", "libLLVM-15.so.1", true },
		{ "libssl.so.1.1", "libssl.so.3", true },
		{ "libSDL.so", "libSDL2.so", false },
		{ "libSDL-1.2.so.0", "libSDL2-2.0.so.0", false },
		{ "libm.so.6", "libmount.so.1", false },
		{ "libfoo.so.1", "libbar.so.1", false },
		{ "libfoo.so.1", "libfoobar.so.2", false },
		{ "libfoo", "libfoo-1", false }, // no libraries
		{ "x1.so", "x2.so", false },
		{ "", "", false },
	};
	for (size_t i = 0; i < count_of(cases); i++) {
		struct polyton_object *x = object(story, 0), *y = object(story, 1);
		x->soname = cases[i].left;
		y->soname = cases[i].right;
		x->build_id = "01";
		y->build_id = "02";
		if (cause_is_other_version(&story->finder, 0, 1) != cases[i].is_one_library)
			print_error("%s and %s\n", cases[i].left, cases[i].right);
		assert_int_equal(cause_is_other_version(&story->finder, 0, 1), cases[i].is_one_library);
		assert_int_equal(cause_is_other_version(&story->finder, 1, 0), cases[i].is_one_library);
		x->build_id = y->build_id = ""; // not all linkers make one
		assert_int_equal(cause_is_other_version(&story->finder, 0, 1), cases[i].is_one_library);
		x->build_id = y->build_id = "01"; // one build, renamed: no two versions
		assert_false(cause_is_other_version(&story->finder, 0, 1));
	}
}

static void set_two_versions(struct story *story)
{
	object(story, 0)->path = "/opt/lib/libfoo.so.1";
	object(story, 1)->path = "/usr/lib/libfoo.so.2";
	object(story, 0)->build_id = "01";
	object(story, 1)->build_id = "02";
}

// A file's name will do; a program's will not.
static void test_two_versions_by_path(void **state)
{
	struct story *story = *state;
	set_two_versions(story);
	assert_true(cause_is_other_version(&story->finder, 0, 1));
	object(story, 0)->is_program = true;
	assert_false(cause_is_other_version(&story->finder, 0, 1));
}

// libpcre2-8 and libpcre2-16 are called alike, and have no name in common.
static void test_no_versions_without_common_functions(void **state)
{
	struct story *story = *state;
	set_two_versions(story);
	story->exports.pairs.items[0].common = 4; // of ten
	assert_false(cause_is_other_version(&story->finder, 0, 1));
	story->exports.pairs.items[0].common = 5;
	assert_true(cause_is_other_version(&story->finder, 0, 1));
}

// A plugin is often called like the library that it brings.
static void test_no_version_of_what_it_needs(void **state)
{
	struct story *story = *state;
	static const char *const needed[] = { "libc.so.6", "libfoo.so.2" };
	set_two_versions(story);
	object(story, 1)->soname = "libfoo.so.2";
	story->inputs[0].dynamic.needed = needed;
	story->inputs[0].dynamic.needed_count = 1;
	assert_true(cause_is_other_version(&story->finder, 0, 1));
	story->inputs[0].dynamic.needed_count = 2;
	assert_false(cause_is_other_version(&story->finder, 0, 1));
	assert_false(cause_is_other_version(&story->finder, 1, 0));
}

static void test_two_versions(void **state)
{
	struct story *story = *state;
	add(story, "s s");
	object(story, 0)->soname = "libfoo.so.1";
	object(story, 1)->soname = "libfoo.so.2";
	object(story, 0)->build_id = "0123";
	object(story, 1)->build_id = "4567";
	keep_inside(story_copy(story, 1)); // what it exports does not matter
	settle_and_check(story, POLYTON_CAUSE_TWO_VERSIONS, "a and b are two versions of one library");
}

// Both are in one scope and have one name, but a reference asks for its version.
static void test_two_symbol_versions(void **state)
{
	struct story *story = *state;
	add(story, "s s");
	story_copy(story, 0)->version = "V1";
	story_copy(story, 1)->version = "V2";
	settle_and_check(story, POLYTON_CAUSE_TWO_VERSIONS, "two versions");
}

static void test_internal_to_a_source_file(void **state)
{
	struct story *story = *state;
	add(story, "s s");
	for (uint32_t i = 0; i < 2; i++) {
		keep_inside(story_copy(story, i));
		story_copy(story, i)->source = "cache.c";
	}
	object(story, 0)->is_program = true;
	settle_and_check(story, POLYTON_CAUSE_STATIC_LINK, "cache.c is linked into a and into b");
}

// No linker keeps C++'s L, an anonymous namespace or link-time optimisation's suffix out of a symbol's name, so it need
// not be known which file it is.
static void test_internal_says_the_name(void **state)
{
	(void)state;
	static const struct {
		const char *first, *further;
		enum polyton_cause cause;
	} cases[] = {
		{ "_ZN3lib5zerosE", "_ZN3lib5zerosE", POLYTON_CAUSE_HIDDEN },
		{ "_ZN3libL5zerosE", "_ZN3libL5zerosE", POLYTON_CAUSE_STATIC_LINK },
		{ "_ZN3libL5zerosE.lto_priv.1", "_ZN3libL5zerosE", POLYTON_CAUSE_STATIC_LINK },
		{ "_ZN3lib12_GLOBAL__N_15zerosE", "_ZN3lib12_GLOBAL__N_15zerosE", POLYTON_CAUSE_STATIC_LINK },
		{ "zeros", "zeros", POLYTON_CAUSE_HIDDEN },
		{ "zeros.lto_priv.0", "zeros", POLYTON_CAUSE_STATIC_LINK },
		{ "zeros", "zeros.lto_priv.0", POLYTON_CAUSE_STATIC_LINK },
	};
	for (size_t i = 0; i < count_of(cases); i++) {
		void *made;
		story_set_up(&made);
		struct story *story = made;
		add(story, "s s");
		keep_inside(story_copy(story, 0));
		keep_inside(story_copy(story, 1));
		story_copy(story, 0)->symbol = cases[i].first;
		story_copy(story, 1)->symbol = cases[i].further;
		settle_and_check(story, cases[i].cause,
				 cases[i].cause == POLYTON_CAUSE_HIDDEN ? "b" : "a and into b");
		story_tear_down(&made);
	}
}

// What was left out of a list and what was hidden look alike: only signs of a list tell.
static void test_hidden_or_listed_out(void **state)
{
	(void)state;
	static const struct elf_version versions[] = { { 0 }, { 0 }, { .name = "V1", .is_definition = true } };
	static const struct elf_version needed[] = { { 0 }, { 0 }, { .name = "V1", .file = "libc.so.6" } };
	static const struct {
		const struct elf_version *versions;   // of object b
		bool is_rust, is_exported, is_hidden; // the copy in a is exported; that in b is STV_HIDDEN
		enum polyton_cause cause;
	} cases[] = {
		{ NULL, false, false, false, POLYTON_CAUSE_HIDDEN },
		{ versions, false, false, false, POLYTON_CAUSE_EXPORT_LIST },
		{ needed, false, false, false, POLYTON_CAUSE_HIDDEN }, // asking for versions takes no script
		{ NULL, true, false, false, POLYTON_CAUSE_EXPORT_LIST },
		{ NULL, false, true, false, POLYTON_CAUSE_EXPORT_LIST },
		{ versions, false, true, true, POLYTON_CAUSE_HIDDEN },
		{ NULL, true, false, true, POLYTON_CAUSE_EXPORT_LIST },
	};
	for (size_t i = 0; i < count_of(cases); i++) {
		void *made;
		story_set_up(&made);
		struct story *story = made;
		add(story, "s s");
		keep_inside(story_copy(story, 1));
		if (!cases[i].is_exported)
			keep_inside(story_copy(story, 0));
		if (cases[i].is_hidden)
			story_copy(story, 1)->visibility = POLYTON_VISIBILITY_HIDDEN;
		if (cases[i].is_rust)
			story->snapshot->singletons.items[0].language = POLYTON_LANGUAGE_RUST;
		story->lookups[1].versions =
			(struct elf_versions){ .items = cases[i].versions, .count = cases[i].versions ? 3 : 0 };
		settle_and_check(story, cases[i].cause, "b has");
		story_tear_down(&made);
	}
}

// The further copy is exported, and its object looks where the first is, but the first is kept inside its object.
static void test_the_first_is_kept_inside(void **state)
{
	struct story *story = *state;
	add(story, "s s");
	open_apart(story);
	keep_inside(story_copy(story, 0)); // a plug-in's, or any library's
	settle_and_check(story, POLYTON_CAUSE_EXPORT_LIST, "a has");
}

static void test_the_program_does_not_export_it(void **state)
{
	(void)state;
	static const struct {
		bool is_local, is_rust;
		enum polyton_cause cause;
	} cases[] = {
		{ false, false, POLYTON_CAUSE_NOT_EXPORTED },
		{ true, false, POLYTON_CAUSE_HIDDEN },
		{ true, true, POLYTON_CAUSE_NOT_EXPORTED },
	};
	for (size_t i = 0; i < count_of(cases); i++) {
		void *made;
		story_set_up(&made);
		struct story *story = made;
		add(story, "s s");
		open_apart(story); // so that b's is no better choice
		object(story, 0)->is_program = true;
		story_copy(story, 0)->is_exported = false;
		if (cases[i].is_local)
			keep_inside(story_copy(story, 0));
		if (cases[i].is_rust)
			story->snapshot->singletons.items[0].language = POLYTON_LANGUAGE_RUST;
		settle_and_check(story, cases[i].cause, "a");
		story_tear_down(&made);
	}
}

static void test_symbolic(void **state)
{
	struct story *story = *state;
	add(story, "s s");
	story->inputs[1].dynamic.is_symbolic = true;
	settle_and_check(story, POLYTON_CAUSE_SYMBOLIC, "b was linked with -Bsymbolic");
}

static void test_protected(void **state)
{
	struct story *story = *state;
	add(story, "s s");
	story_copy(story, 1)->is_protected = true;
	story_copy(story, 1)->visibility = POLYTON_VISIBILITY_PROTECTED;
	story->inputs[1].dynamic.is_symbolic = true; // which makes no difference then
	settle_and_check(story, POLYTON_CAUSE_PROTECTED, "in b the symbol is protected");
}

static void test_local_scopes(void **state)
{
	struct story *story = *state;
	add(story, "- s s");
	open_apart(story);
	settle(story);
	assert_null(story_copy(story, 1)->reason);
	check(story, 2, POLYTON_CAUSE_LOCAL_SCOPE, "c was loaded by dlopen() without seeing b");
}

// The first was added to the global list when the further object was bound already.
static void test_it_came_too_late(void **state)
{
	struct story *story = *state;
	add(story, "s s");
	scopes_deinit(&story->scopes);
	made_scopes_init(&story->scopes, STORY_OBJECTS);
	uint32_t global = made_scopes_list(&story->scopes, MADE_GLOBAL, "20");
	made_scopes_part(&story->scopes, 1, global, 1);
	made_scopes_use(&story->scopes, "1", made_scopes_list(&story->scopes, MADE_LOCAL, "1"));
	settle_and_check(story, POLYTON_CAUSE_LOCAL_SCOPE, "without seeing a");
}

static void test_deepbind(void **state)
{
	struct story *story = *state;
	add(story, "s s");
	scopes_deinit(&story->scopes);
	made_scopes_init(&story->scopes, STORY_OBJECTS);
	uint32_t own = made_scopes_list(&story->scopes, MADE_LOCAL, "1");
	uint32_t global = made_scopes_list(&story->scopes, MADE_GLOBAL, "01");
	made_scopes_use(&story->scopes, "1", own);
	made_scopes_use(&story->scopes, "01", global);
	settle_and_check(story, POLYTON_CAUSE_DEEPBIND, "b was loaded with RTLD_DEEPBIND");
}

// g++ would have made a unique symbol of it, which is one for all scopes.
static void test_no_unique_symbols(void **state)
{
	(void)state;
	static const struct {
		const char *symbol;
		enum polyton_symbol_binding binding;
		enum polyton_cause cause;
	} cases[] = {
		{ "_ZN3foo5stockE", POLYTON_BINDING_WEAK, POLYTON_CAUSE_NO_UNIQUE },
		{ "_ZN3foo5stockE", POLYTON_BINDING_GLOBAL, POLYTON_CAUSE_LOCAL_SCOPE }, // not of a header
		{ "stock", POLYTON_BINDING_WEAK, POLYTON_CAUSE_LOCAL_SCOPE },            // not of C++
	};
	for (size_t i = 0; i < count_of(cases); i++) {
		void *made;
		story_set_up(&made);
		struct story *story = made;
		add(story, "- s s");
		open_apart(story);
		for (uint32_t k = 1; k <= 2; k++) {
			story_copy(story, k)->symbol = cases[i].symbol;
			story_copy(story, k)->binding = cases[i].binding;
		}
		settle(story);
		check(story, 2, cases[i].cause, "c");
		story_tear_down(&made);
	}
	// One is unique, the other not: it is that one's object that was compiled without.
	void *made;
	story_set_up(&made);
	struct story *story = made;
	add(story, "- s s");
	open_apart(story);
	story_copy(story, 1)->symbol = story_copy(story, 2)->symbol = "_ZN3foo5stockE";
	story_copy(story, 1)->binding = POLYTON_BINDING_UNIQUE;
	story_copy(story, 2)->binding = POLYTON_BINDING_WEAK;
	settle(story);
	check(story, 2, POLYTON_CAUSE_NO_UNIQUE, "c");
	story_tear_down(&made);
}

// What is said to be unknown: both in one scope, and yet not merged; or a symbol that is global and yet not in
// .dynsym.
static void test_unknown(void **state)
{
	struct story *story = *state;
	add(story, "s s");
	settle_and_check(story, POLYTON_CAUSE_UNKNOWN, "why b uses its own cannot be told");
	add(story, "s s");
	story_copy(story, 1)->is_exported = false;
	settle(story);
	check(story, 1, POLYTON_CAUSE_UNKNOWN, "cannot be told");
}

// The first is the one that the others could have used.
static void test_which_is_the_first(void **state)
{
	(void)state;
	static const struct {
		const char *copies;
		uint32_t program;      // POLYTON_NONE: none of them
		const char *inside;    // copies that are kept inside, by digits
		const char *elsewhere; // objects of another namespace
		const char *global;    // objects on the global list
		uint32_t first;
	} cases[] = {
		{ "s s s", POLYTON_NONE, "", "", "012", 0 },
		{ "s s s", POLYTON_NONE, "0", "", "012", 1 },
		{ "s s s", POLYTON_NONE, "", "", "2", 2 },
		{ "s s s", POLYTON_NONE, "01", "", "3", 0 },
		{ "*s s s", POLYTON_NONE, "", "", "012", 1 },
		{ "s s s", 1, "", "", "012", 1 },
		{ "s s s", 1, "01", "", "012", 2 }, // a static of the program's is nobody's
		{ "s *s s", 1, "", "", "012", 0 },
		{ "s s s", POLYTON_NONE, "", "01", "012", 2 },
		{ "s s s", POLYTON_NONE, "", "012", "012", 0 },
		{ "*s s s", POLYTON_NONE, "", "12", "012", 1 },
	};
	for (size_t i = 0; i < count_of(cases); i++) {
		void *made;
		story_set_up(&made);
		struct story *story = made;
		add(story, cases[i].copies);
		scopes_deinit(&story->scopes);
		made_scopes_init(&story->scopes, STORY_OBJECTS);
		made_scopes_use(&story->scopes, "012",
				made_scopes_list(&story->scopes, MADE_GLOBAL, cases[i].global));
		for (uint32_t k = 0; k < 3; k++) {
			object(story, k)->is_program = cases[i].program == k;
			object(story, k)->name_space = strchr(cases[i].elsewhere, '0' + (int)k) ? k + 1 : 0;
			if (strchr(cases[i].inside, '0' + (int)k))
				keep_inside(story_copy(story, k));
		}
		settle(story);
		for (uint32_t k = 0; k < 3; k++) {
			const struct polyton_copy *copy = story_copy(story, k);
			bool has_reason = copy->use == POLYTON_USE_LIVE && k != cases[i].first;
			if (has_reason != (copy->reason != NULL))
				print_error("case %zu, object %u\n", i, k);
			assert_int_equal(copy->reason != NULL, has_reason);
		}
		story_tear_down(&made);
	}
}

// A symbol that is global but not exported is the program's to export: others could have used it.
static void test_a_program_that_could_export(void **state)
{
	struct story *story = *state;
	add(story, "s s");
	object(story, 1)->is_program = true;
	story_copy(story, 1)->is_exported = false;
	settle(story);
	assert_null(story_copy(story, 1)->reason);
	check(story, 0, POLYTON_CAUSE_NOT_EXPORTED, "the program b defines it, too");
}

static void test_where_no_reason_is_asked_for(void **state)
{
	struct story *story = *state;
	add(story, "s *s");
	settle(story);
	assert_null(story_copy(story, 0)->reason);
	assert_null(story_copy(story, 1)->reason);
	add(story, "s s");
	story->snapshot->singletons.items[1].dropped = "noise";
	settle(story);
	assert_null(story_copy(story, 1)->reason);
}

// Sharing what differs in size would damage it: that comes with every way to share it.
static void test_sizes_that_differ(void **state)
{
	struct story *story = *state;
	add(story, "s s s");
	story_copy(story, 2)->size = 16;
	settle(story);
	const struct polyton_reason *equal = check(story, 1, POLYTON_CAUSE_UNKNOWN, "b");
	const struct polyton_reason *other = check(story, 2, POLYTON_CAUSE_UNKNOWN, "c");
	assert_int_equal(other->remedy_count, equal->remedy_count + 1);
	assert_non_null(strstr(other->remedy[0], "differ in size")); // before all else
}

// Names come from the subject: however long, and whatever is in them.
static void test_names_of_any_length(void **state)
{
	struct story *story = *state;
	char name[5000];
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	object(story, 1)->name = name;
	add(story, "s s");
	object(story, 1)->name_space = 1;
	settle(story);
	assert_non_null(story_copy(story, 1)->reason);
	assert_in_range(strlen(story_copy(story, 1)->reason->text), 100, 2000);
	object(story, 1)->name = "%F%s%n";
	settle(story);
	assert_non_null(strstr(story_copy(story, 1)->reason->text, "%F%s%n was loaded"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, story_set_up, story_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_another_namespace),
		TEST(test_the_same_build),
		TEST(test_the_same_bytes),
		TEST(test_two_versions_by_name),
		TEST(test_two_versions_by_path),
		TEST(test_no_versions_without_common_functions),
		TEST(test_no_version_of_what_it_needs),
		TEST(test_two_versions),
		TEST(test_two_symbol_versions),
		TEST(test_internal_to_a_source_file),
		cmocka_unit_test(test_internal_says_the_name),
		cmocka_unit_test(test_hidden_or_listed_out),
		TEST(test_the_first_is_kept_inside),
		cmocka_unit_test(test_the_program_does_not_export_it),
		TEST(test_symbolic),
		TEST(test_protected),
		TEST(test_local_scopes),
		TEST(test_it_came_too_late),
		TEST(test_deepbind),
		cmocka_unit_test(test_no_unique_symbols),
		TEST(test_unknown),
		cmocka_unit_test(test_which_is_the_first),
		TEST(test_a_program_that_could_export),
		TEST(test_where_no_reason_is_asked_for),
		TEST(test_sizes_that_differ),
		TEST(test_names_of_any_length),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
