// Which objects are taken to be never in one process: by their names, by what needs them, and by the caller's word.

#include "../support/check.h"

#include <stdio.h>
#include <stdlib.h>

#include "files.h"
#include "find/subject.h"
#include "model/snapshot.h"
#include "variants.h"

enum { MAX_NEEDS = 4 };

/** An object: found in a folder, unless it says otherwise. */
struct made {
	const char *path, *soname;
	bool is_named, is_program, is_brought;
	uint32_t loader, name_space;
	uint32_t needs[MAX_NEEDS]; ///< One more than the index; 0 ends them.
};

// Of each object a letter, equal for those that are never together by their party; '.' for none. Then the notes.
static void check(const struct made *made, uint32_t count, const char *const *const *sets, const char *wanted,
		  const char *const *noted)
{
	struct closure closure = { 0 };
	struct scanned_file *files = calloc(count, sizeof(*files));
	static const char *const names[MAX_NEEDS] = { "n", "n", "n", "n" };
	uint32_t(*needs)[MAX_NEEDS] = calloc(count, sizeof(*needs));
	struct polyton_snapshot *snapshot;
	struct disk disk = { .files.plugin_sets = sets };
	char said[64] = "", letter = 'a';
	uint32_t parties[32] = { 0 };
	assert_fine(snapshot_create(&snapshot));
	for (uint32_t i = 0; i < count; i++) {
		struct closure_object *object = vec_push(&closure.objects);
		size_t needed = 0;
		for (; needed < MAX_NEEDS && made[i].needs[needed]; needed++)
			needs[i][needed] = made[i].needs[needed] - 1;
		files[i].dynamic = (struct elf_dynamic){ .soname = made[i].soname ? made[i].soname : "",
							 .needed = names,
							 .needed_count = needed };
		*object = (struct closure_object){ .place.path = made[i].path,
						   .shown = made[i].path,
						   .file = &files[i],
						   .needs = needs[i],
						   .loader = made[i].loader ? made[i].loader - 1 : POLYTON_NONE,
						   .name_space = made[i].name_space,
						   .is_program = made[i].is_program,
						   .is_opened = !made[i].is_brought,
						   .is_found = !made[i].is_named && !made[i].is_brought };
	}
	assert_fine(variants_settle(&disk, &closure, snapshot));
	for (uint32_t i = 0; i < count; i++) {
		uint32_t party = closure.objects.items[i].party, known = 0;
		while (known < i && (!party || parties[known] != party))
			known++;
		parties[i] = party;
		said[i] = (char)(!party ? '.' : known < i ? said[known] : letter++);
	}
	assert_string_equal(said, wanted);
	size_t notes = 0;
	for (; noted && noted[notes]; notes++) {
		assert_true(notes < snapshot->notes.count);
		assert_non_null(strstr(snapshot->notes.items[notes].text, noted[notes]));
	}
	assert_int_equal(snapshot->notes.count, notes);
	polyton_snapshot_destroy(snapshot);
	closure_deinit(&closure);
	free(files);
	free(needs);
}

#define NOTES(...)                \
	(const char *const[])     \
	{                         \
		__VA_ARGS__, NULL \
	}

static void test_names(void **state)
{
	(void)state;
	const struct made made[] = {
		{ .path = "a/libx.so.1", .soname = "libx.so.1" },
		{ .path = "b/libx.so.2", .soname = "libx.so.2" },
		{ .path = "a/other", .soname = "libx.so.1.5" },
		{ .path = "libx-1.2.so" },
		{ .path = "liby-14.so.1" },
		{ .path = "liby-15.so.2" },
		{ .path = "x-1.so" },
		{ .path = "x-2.so" },
		{ .path = "m.cpython-311-x.so" },
		{ .path = "m.cpython-312-x.so" },
		{ .path = "d/m.cpython-311.so" },
		{ .path = "libz1.so" },
		{ .path = "libz2.so" },
		{ .path = "p/plain.so" },
		{ .path = "q/plain.so" },
	};
	check(made, count_of(made), NULL, "aaa.bb..ccc..dd",
	      NOTES("a/libx.so.1, b/libx.so.2 and 1 more are taken", "liby-14.so.1 and liby-15.so.2 are taken",
		    "m.cpython-311-x.so, m.cpython-312-x.so and 1 more", "p/plain.so and q/plain.so"));
}

static void test_strange_names(void **state)
{
	(void)state;
	const struct made made[] = {
		{ .path = "a/.so" },
		{ .path = "b/.so" },
		{ .path = "a/lib.so" },
		{ .path = "b/lib.so" },
		{ .path = "x", .soname = "/p/libs" },
		{ .path = "y", .soname = "/q/libs" },
		{ .path = "lib1-2.so" },
		{ .path = "lib-.so" },
		{ .path = "lib-1.so" },
		{ .path = ".cpython-1" },
		{ .path = "z/.cpython-2" },
	};
	check(made, count_of(made), NULL, "aabbcc.....",
	      NOTES("a/.so and b/.so", "a/lib.so and b/lib.so", "x and y"));
}

static void test_only_what_was_found(void **state)
{
	(void)state;
	const struct made made[] = {
		{ .path = "a/x.so", .is_named = true },
		{ .path = "b/x.so", .is_named = true },
		{ .path = "c/x.so" },
		{ .path = "d/x.so", .is_brought = true },
		{ .path = "e/x.so", .name_space = 1 },
	};
	check(made, count_of(made), NULL, ".....", NULL);
}

static void test_needed(void **state)
{
	(void)state;
	const struct made one[] = { { .path = "libx.so.1" },
				    { .path = "libx.so.2" },
				    { .path = "a.so", .needs = { 1 } },
				    { .path = "b.so", .needs = { 1 } } };
	check(one, count_of(one), NULL, "aa..", NOTES("libx.so.1 and libx.so.2"));
	const struct made both[] = { { .path = "libx.so.1" },
				     { .path = "libx.so.2" },
				     { .path = "a.so", .needs = { 1 } },
				     { .path = "b.so", .needs = { 3, 2 } } };
	check(both, count_of(both), NULL, "....", NULL);
}

static void test_programs(void **state)
{
	(void)state;
	const struct made made[] = { { .path = "bin/a", .is_program = true },
				     { .path = "bin/b", .is_program = true },
				     { .path = "x.so" } };
	check(made, count_of(made), NULL, "aa.", NULL);
}

static void test_many_notes(void **state)
{
	(void)state;
	char paths[20][16];
	struct made made[20] = { { 0 } };
	const char *wanted = "aabbccddeeffgghhiijj";
	for (int i = 0; i < 20; i++) {
		snprintf(paths[i], sizeof(paths[i]), "%c/%c.so", i % 2 ? 'x' : 'y', 'a' + i / 2);
		made[i].path = paths[i];
	}
	check(made, count_of(made), NULL, wanted,
	      NOTES("a.so", "b.so", "c.so", "d.so", "e.so", "f.so", "g.so", "h.so", "so are the files of 2 more"));
}

static const char *const first[] = { "a*.so", "both.so", NULL }, *const second[] = { "dir/b.so", "both.so", NULL };
static const char *const *const sets[] = { first, second, NULL };

// Sets say it all of what they name: of those there is no guess.
static void test_sets(void **state)
{
	(void)state;
	const struct made made[] = { { .path = "dir/a.so" },
				     { .path = "other/a.so" },
				     { .path = "dir/b.so" },
				     { .path = "x/free.so" },
				     { .path = "y/free.so" } };
	check(made, count_of(made), sets, "...aa", NOTES("dir/a.so and other/a.so", "x/free.so and y/free.so"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_strange_names),
		cmocka_unit_test(test_only_what_was_found),
		cmocka_unit_test(test_needed),
		cmocka_unit_test(test_programs),
		cmocka_unit_test(test_many_notes),
		cmocka_unit_test(test_sets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
