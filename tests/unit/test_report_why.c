// How causes, folded and routine findings, and bindings are told.

#include "../support/check.h"

#include "../support/scene.h"

// No findings yet, and a library for them.
static int set_up(void **state)
{
	struct polyton_snapshot *snapshot = scene_create_empty();
	scene_library(snapshot, "a", "", POLYTON_LANGUAGE_C);
	*state = snapshot;
	return 0;
}

static int tear_down(void **state)
{
	polyton_snapshot_destroy(*state);
	return 0;
}

// Two objects of each static, the second one with @p reason.
static struct polyton_copy *add_static(struct polyton_snapshot *snapshot, const char *name,
				       const struct polyton_reason *reason)
{
	scene_singleton(snapshot, name, POLYTON_KIND_STATIC);
	scene_copy(snapshot, (struct scene_copy){ SCENE_HOST, name, 8, "s", "1" });
	struct polyton_copy *copy = scene_copy(snapshot, (struct scene_copy){ SCENE_SAME, name, 8, "i", NULL });
	copy->reason = reason;
	scene_finding(snapshot, POLYTON_SEVERITY_ERROR,
		      arena_printf(&snapshot->arena, "%s (static) exists twice: in host and libmod_same.so.", name),
		      "");
	return copy;
}

static size_t count_of_part(const char *text, const char *part)
{
	size_t count = 0;
	for (; (text = strstr(text, part)) != NULL; text += strlen(part))
		count++;
	return count;
}

static const char *line_after(const char *text, const char *line)
{
	const char *at = strstr(text, line);
	assert_non_null(at);
	return at + strlen(line);
}

static void test_one_reason_is_told_once(void **state)
{
	struct polyton_snapshot *snapshot = *state;
	// The same words in another place are the same reason.
	add_static(snapshot, "one",
		   scene_reason(snapshot, POLYTON_CAUSE_HIDDEN, "It is hidden.", "Export it.", NULL));
	add_static(snapshot, "two",
		   scene_reason(snapshot, POLYTON_CAUSE_HIDDEN, "It is hidden.", "Export it.", NULL));
	char *text = scene_write(snapshot, &(struct polyton_write_options){ 0 });
	assert_int_equal(count_of_part(text, "why:"), 1);
	assert_has(text, "\n\n  why: libmod_same.so: It is hidden.\n  fix: Export it.\n\n2 singletons of 1 library");
	free(text);
}

static void test_different_reasons_stand_with_their_findings(void **state)
{
	struct polyton_snapshot *snapshot = *state;
	add_static(snapshot, "one",
		   scene_reason(snapshot, POLYTON_CAUSE_HIDDEN, "It is hidden.", "Export it.", NULL));
	add_static(snapshot, "two",
		   scene_reason(snapshot, POLYTON_CAUSE_SYMBOLIC, "libmod_same.so is symbolic.", "Do not.", NULL));
	char *text = scene_write(snapshot, &(struct polyton_write_options){ 0 });
	assert_has(text, "      libmod_same.so  8 bytes  initial\n"
			 "    why: libmod_same.so: It is hidden.\n    fix: Export it.\n\n");
	// An object that the text names needs no naming before it.
	assert_has(text, "    why: libmod_same.so is symbolic.\n    fix: Do not.\n\n");
	free(text);

	// In a table for many: each reason says of which it is true.
	add_static(snapshot, "three",
		   scene_reason(snapshot, POLYTON_CAUSE_HIDDEN, "It is hidden.", "Export it.", NULL));
	add_static(snapshot, "four",
		   scene_reason(snapshot, POLYTON_CAUSE_HIDDEN, "It is hidden.", "Export it.", NULL));
	add_static(snapshot, "five", NULL);
	text = scene_write(snapshot, &(struct polyton_write_options){ 0 });
	assert_has(text, "error PT002: 5 statics exist more than once;");
	assert_has(text, "    why: libmod_same.so (3 of these 5): It is hidden.\n    fix: Export it.\n"
			 "    why: (two): libmod_same.so is symbolic.\n    fix: Do not.\n");
	free(text);
}

static void test_one_remedy_is_told_once(void **state)
{
	struct polyton_snapshot *snapshot = *state;
	add_static(snapshot, "one", scene_reason(snapshot, POLYTON_CAUSE_HIDDEN, "First.", "Cure.", "More."));
	scene_copy(snapshot, (struct scene_copy){ SCENE_OTHER, "one", 8, "i", NULL })->reason =
		scene_reason(snapshot, POLYTON_CAUSE_PROTECTED, "Second.", "Cure.", "More.");
	scene_copy(snapshot, (struct scene_copy){ SCENE_RELEASE, "one", 8, "i", NULL })->reason =
		scene_reason(snapshot, POLYTON_CAUSE_UNKNOWN, "Third.", NULL, NULL);
	char *text = scene_write(snapshot, &(struct polyton_write_options){ 0 });
	assert_has(text, "    why: libmod_same.so: First.\n    why: libmod_other.so: Second.\n"
			 "    fix: Cure.\n    fix: More.\n    why: libmod_release.so: Third.\n\n");
	free(text);

	// So is one that another one goes beyond, whichever comes first.
	const char *const steps[] = { "Before.", "Cure.", "More.", "After." };
	struct polyton_reason wider = { POLYTON_CAUSE_HIDDEN, "Second.", steps, 3 };
	snapshot->copies.items[2].reason = &wider;
	for (int i = 0; i < 2; i++) {
		text = scene_write(snapshot, &(struct polyton_write_options){ 0 });
		assert_has(text, i ? "    why: libmod_same.so: Second.\n    why: libmod_other.so: First.\n"
				   : "    why: libmod_same.so: First.\n    why: libmod_other.so: Second.\n");
		assert_has(text, ".\n    fix: Before.\n    fix: Cure.\n    fix: More.\n    why: libmod_release");
		free(text);
		snapshot->copies.items[2].reason = snapshot->copies.items[1].reason;
		snapshot->copies.items[1].reason = &wider;
	}
	// Not all steps are told here, and all of them where it is about one.
	wider.remedy_count = 4;
	text = scene_write(snapshot, &(struct polyton_write_options){ 0 });
	assert_lacks(text, "After.");
	free(text);
	text = scene_write(snapshot, &(struct polyton_write_options){ .view = POLYTON_VIEW_SHOW, .name = "one" });
	assert_has(text, "    fix: More.\n    fix: After.\n");
	free(text);
}

static void test_very_many_reasons_are_bounded(void **state)
{
	struct polyton_snapshot *snapshot = *state;
	for (int i = 0; i < 200; i++) {
		const char *name = arena_printf(&snapshot->arena, "s%d", i);
		add_static(snapshot, name, scene_reason(snapshot, POLYTON_CAUSE_HIDDEN, name, name, NULL));
	}
	char *text = scene_write(snapshot, &(struct polyton_write_options){ 0 });
	assert_int_equal(count_of_part(text, "why:"), 6);
	assert_has(text, "    58 or more reasons: \"polyton show NAME\" tells those of one.\n");
	free(text);
}

// A library that is there twice, with all it holds, and something about objects.
static struct polyton_snapshot *create_folded(void)
{
	struct polyton_snapshot *snapshot = scene_create_empty();
	struct polyton_finding *finding = scene_rule(snapshot, POLYTON_NONE, "PT006", "duplicate-library",
						     "libacme is loaded twice, from /a and from /b.");
	finding->object = SCENE_OTHER;
	finding->detail = "2 variables exist in both.";
	finding->reason = scene_reason(snapshot, POLYTON_CAUSE_SAME_FILE, "Both have one build id.",
				       "Install it once.", "Or link to it.");
	for (int i = 0; i < 2; i++) {
		scene_library(snapshot, i ? "acme" : "log.c", "", POLYTON_LANGUAGE_CXX);
		scene_singleton(snapshot, i ? "acme::one" : "level", POLYTON_KIND_STATIC)->folded_into = 0;
		scene_copy(snapshot, (struct scene_copy){ SCENE_SAME, "x", 8, "s", "1" });
		scene_copy(snapshot, (struct scene_copy){ SCENE_OTHER, "x", 8, "i", NULL })->reason = finding->reason;
	}
	finding = scene_rule(snapshot, POLYTON_NONE, "PT011", "static-tls-pressure", "Little static TLS is left.");
	finding->severity = POLYTON_SEVERITY_WARNING;
	for (int i = 0; i < 3; i++) {
		finding = scene_rule(snapshot, POLYTON_NONE, i ? "PT010" : "PT008",
				     i ? "pinned-object" : "shadowed-copy",
				     i ? "libmod_same.so is pinned." : "host's malloc_count is not used.");
		finding->severity = POLYTON_SEVERITY_NOTE;
		finding->is_routine = true;
	}
	return snapshot;
}

static void test_a_library_that_is_there_twice(void **state)
{
	(void)state;
	struct polyton_snapshot *snapshot = create_folded();
	char *text = scene_write(snapshot, &(struct polyton_write_options){ 0 });
	assert_string_equal(line_after(text, "6 objects\n"),
			    "\n"
			    "error PT006: libacme is loaded twice, from /a and from /b.\n"
			    "  2 variables exist in both.\n"
			    "  why: Both have one build id.\n"
			    "  fix: Install it once.\n"
			    "  fix: Or link to it.\n"
			    "\n"
			    "warning PT011: Little static TLS is left.\n"
			    "\n"
			    "2 singletons of 2 libraries exist more than once: 1 error, 1 warning.\n");
	free(text);
	text = scene_write(snapshot, &(struct polyton_write_options){ .is_verbose = true });
	assert_has(text, "\n\n3 routine findings are shown with --all: PT008 1, PT010 2.\n");
	free(text);
	text = scene_write(snapshot, &(struct polyton_write_options){ .show_all = true, .is_verbose = true });
	assert_lacks(text, "are shown with --all");
	assert_has(text, "\nRoutine findings\n  note PT008: host's malloc_count is not used.\n"
			 "  note PT010: libmod_same.so is pinned.\n  note PT010: libmod_same.so is pinned.\n");
	assert_has(text, "\nNot counted\n"
			 "  part of PT006, libacme is loaded twice, from /a and from /b:\n"
			 "    level (static): libmod_same.so and libmod_other.so\n"
			 "    acme::one (static): libmod_same.so and libmod_other.so\n");
	assert_has(text, "exist more than once: 1 error, 1 warning, 3 notes.\n");
	free(text);
	text = scene_write(snapshot, &(struct polyton_write_options){ .match = "^level$" });
	assert_has(text, "error PT006");
	assert_lacks(text, "PT011");
	free(text);
	text = scene_write(snapshot, &(struct polyton_write_options){ .view = POLYTON_VIEW_SHOW, .name = "level" });
	assert_has(text, "  part of PT006: libacme is loaded twice, from /a and from /b.\n");
	assert_has(text, "\nWhy there are several\n"
			 "  libmod_other.so: the same file under two paths (same-file)\n"
			 "    why: Both have one build id.\n");
	free(text);
	polyton_snapshot_destroy(snapshot);
}

static void test_other_findings_alone(void **state)
{
	(void)state;
	struct polyton_snapshot *snapshot = scene_create_empty();
	struct polyton_finding *finding =
		scene_rule(snapshot, POLYTON_NONE, "PT011", "static-tls-pressure", "Tight.");
	finding->severity = POLYTON_SEVERITY_WARNING;
	char *text = scene_write(snapshot, &(struct polyton_write_options){ 0 });
	assert_has(text, "\nNo singleton exists more than once. Other findings: 1 warning.\n");
	free(text);

	// About singletons of which only one copy is in use: the library's line does not count them.
	scene_library(snapshot, "acme", "", POLYTON_LANGUAGE_CXX);
	for (int i = 0; i < 5; i++) {
		scene_singleton(snapshot, arena_printf(&snapshot->arena, "acme::v%d", i), POLYTON_KIND_STATIC);
		uint32_t first = (uint32_t)snapshot->copies.count;
		scene_copy(snapshot, (struct scene_copy){ SCENE_HOST, "v", 8, "s", "1" });
		scene_shadow(snapshot, scene_copy(snapshot, (struct scene_copy){ SCENE_SAME, "v", 16, "i", NULL }),
			     first);
		finding = scene_rule(snapshot, (uint32_t)snapshot->singletons.count - 1, "PT007", "merged-mismatch",
				     arena_printf(&snapshot->arena, "acme::v%d is merged, but sizes differ.", i));
		finding->reason =
			scene_reason(snapshot, POLYTON_CAUSE_UNKNOWN, "Two builds.", "Build it once.", NULL);
		if (i != 2 && i != 4)
			continue;
		text = scene_write(snapshot, &(struct polyton_write_options){ 0 });
		assert_has(text, "\nacme (C++)\n\n");
		if (i == 2)
			assert_has(text, "  error PT007: acme::v2 is merged, but sizes differ.\n"
					 "      host             8 bytes  set                                       "
					 "       1\n"
					 "      libmod_same.so  16 bytes  not used: all references go to the copy in "
					 "host\n");
		else
			assert_has(text, "  error PT007: 5 statics of which these objects have copies:\n"
					 "    NAME      host     libmod_same.so\n"
					 "    acme::v0  set (1)  not used\n");
		assert_has(text, "\n\n  why: Two builds.\n  fix: Build it once.\n\nNo singleton");
		assert_has(text, "\nNo singleton exists more than once. Other findings: ");
		free(text);
	}
	// All of them on request, and none of them again as not counted.
	text = scene_write(snapshot, &(struct polyton_write_options){ .show_all = true });
	assert_has(text, "acme::v4 is merged, but sizes differ.");
	assert_lacks(text, "Not counted");
	free(text);
	polyton_snapshot_destroy(snapshot);
}

static void test_severities_of_one_singleton(void **state)
{
	struct polyton_snapshot *snapshot = *state;
	add_static(snapshot, "one", NULL);
	struct polyton_finding *finding = scene_rule(snapshot, 0, "PT003", "layout-mismatch", "Sizes differ.");
	finding->severity = POLYTON_SEVERITY_WARNING;
	finding->detail = "By far.";
	finding = scene_rule(snapshot, 0, "PT004", "split-state", "one is split.");
	finding->severity = POLYTON_SEVERITY_WARNING;
	char *text = scene_write(snapshot, &(struct polyton_write_options){ 0 });
	assert_has(text, "  error PT002, warning PT003, PT004: one (static) exists twice");
	assert_has(text, "    PT003: Sizes differ. By far.\n    PT004: It is split.\n");
	assert_has(text, "1 singleton of 1 library exists more than once: 1 error, 2 warnings.\n");
	free(text);
}

static void test_show_says_who_uses_which(void **state)
{
	(void)state;
	static const uint32_t users[] = { SCENE_HOST, SCENE_LIBC }, other_users[] = { SCENE_OTHER, SCENE_RELEASE };
	struct polyton_snapshot *snapshot = scene_create_empty();
	scene_library(snapshot, "a", "", POLYTON_LANGUAGE_C);
	scene_singleton(snapshot, "one", POLYTON_KIND_TLS);
	struct polyton_copy *copy = scene_copy(snapshot, (struct scene_copy){ SCENE_HOST, "one", 8, "sssss", "1" });
	copy->users = users;
	copy->user_count = 2;
	copy->binding = POLYTON_BINDING_GLOBAL;
	copy = scene_copy(snapshot, (struct scene_copy){ SCENE_SAME, "one", 8, "nnnnn", NULL });
	copy->binding = POLYTON_BINDING_WEAK;
	copy->visibility = POLYTON_VISIBILITY_HIDDEN;
	copy->reason = scene_reason(snapshot, POLYTON_CAUSE_HIDDEN, "It is STV_HIDDEN.", "Export it.", NULL);
	copy = scene_copy(snapshot, (struct scene_copy){ SCENE_OTHER, "one", 8, "nnnnn", NULL });
	copy->users = other_users;
	copy->user_count = 2;
	copy->is_exported = true;
	copy->binding = POLYTON_BINDING_GLOBAL;
	copy->visibility = POLYTON_VISIBILITY_PROTECTED;
	copy->version = "V1";
	char *text =
		scene_write(snapshot, &(struct polyton_write_options){ .view = POLYTON_VIEW_SHOW, .name = "one" });
	assert_has(text,
		   "  OBJECT           NAMESPACE  OFFSET  SIZE  STORAGE  VERSION  BINDING               USED BY\n"
		   "  host                     0    0x30     8  zero              global, not exported  host and "
		   "libc.so.6\n"
		   "  libmod_same.so           0    0x30     8  zero              weak hidden           "
		   "libmod_same.so\n"
		   "  libmod_other.so          1    0x30     8  zero     V1       global protected      "
		   "libmod_other.so and libmod_release.so\n"
		   "\n"
		   "  symbol: one\n"
		   "\n"
		   "Users without a copy of their own\n"
		   "  OBJECT             USES THE COPY IN\n"
		   "  libc.so.6          host\n"
		   "  libmod_release.so  libmod_other.so\n"
		   "\n"
		   "Why there are several\n"
		   "  libmod_same.so: kept inside by hidden visibility (hidden)\n"
		   "    why: It is STV_HIDDEN.\n"
		   "    fix: Export it.\n");
	free(text);
	polyton_snapshot_destroy(snapshot);
}

static void test_bindings(void **state)
{
	(void)state;
	struct polyton_snapshot *snapshot = scene_create_empty();
	const struct polyton_binding rows[] = {
		{ SCENE_HOST, "counter", "", POLYTON_REFERENCE_COPY, POLYTON_BINDING_READ, SCENE_SAME, SCENE_SAME,
		  1 },
		{ SCENE_SAME, "malloc", "GLIBC_2.2.5", POLYTON_REFERENCE_FUNCTION, POLYTON_BINDING_PENDING,
		  SCENE_LIBC, SCENE_LIBC, 1 },
		{ SCENE_SAME, "counter", "", POLYTON_REFERENCE_DATA, POLYTON_BINDING_READ, SCENE_HOST, SCENE_SAME,
		  1 },
		{ SCENE_SAME, "a_symbol_that_is_so_long_that_the_column_is_not_made_as_wide", "",
		  POLYTON_REFERENCE_TLS, POLYTON_BINDING_COMPUTED, POLYTON_NONE, POLYTON_NONE, 1 },
	};
	struct polyton_write_options options = { .view = POLYTON_VIEW_BINDINGS, .columns = 80 };
	char *text = scene_write(snapshot, &options);
	assert_string_equal(line_after(text, "6 objects\n"), "\nNo reference.\n");
	free(text);
	for (size_t i = 0; i < count_of(rows); i++)
		scene_binding(snapshot, rows[i]);
	text = scene_write(snapshot, &options);
	assert_string_equal(
		line_after(text, "6 objects\n"),
		"\n"
		"host\n"
		"  SYMBOL   KIND  PROVIDER\n"
		"  counter  copy  libmod_same.so\n"
		"\n"
		"libmod_same.so\n"
		"  SYMBOL                                    VERSION      KIND          PROVIDER\n"
		"  malloc                                    GLIBC_2.2.5  function      libc.so.6 (not called yet)\n"
		"  counter                                                data          host, expected "
		"libmod_same.so\n"
		"  a_symbol_that_is_so_long_that_the_column_is_not_made_as_wide               thread-local  none "
		"(computed)\n"
		"\n"
		"4 references of 2 objects, 1 not called yet, 1 computed; 1 bound to another\n"
		"  object than the rules of the lookup give.\n");
	free(text);
	options.match = "^counter$";
	text = scene_write(snapshot, &options);
	assert_lacks(text, "malloc");
	assert_has(text, "\n2 references of 2 objects; 1 bound to another");
	free(text);
	polyton_snapshot_destroy(snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one_reason_is_told_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_different_reasons_stand_with_their_findings, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_one_remedy_is_told_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_very_many_reasons_are_bounded, set_up, tear_down),
		cmocka_unit_test(test_a_library_that_is_there_twice),
		cmocka_unit_test(test_other_findings_alone),
		cmocka_unit_test_setup_teardown(test_severities_of_one_singleton, set_up, tear_down),
		cmocka_unit_test(test_show_says_who_uses_which),
		cmocka_unit_test(test_bindings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
