// The snapshot's libraries, singletons and copies, out of what was found.

#include "../support/check.h"

#include <stdlib.h>

#include "../support/find_object.h"
#include "find/rows.h"

enum { D = ELF_AT_DATA, OBJECTS_MAX = 4 };
#define MARK_1 "17h00000000000000a1E"
#define MARK_2 "17h00000000000000b2E"
#define REGISTRY "/root/.cargo/registry/src/github.com-1ecc6299db9ec823/"

/** One object: its symbols, and what its read-only data says (NULL: it has no file). */
struct source {
	const struct elf_symbol_spec *symbols;
	const char *rodata;
};

// All that the rows could have borrowed from is gone when they are returned.
static struct polyton_snapshot *build(const struct source *sources, uint32_t count)
{
	struct object_input objects[OBJECTS_MAX];
	struct elf_bytes bytes[OBJECTS_MAX] = { 0 };
	struct elf_file *files[OBJECTS_MAX] = { 0 };
	struct polyton_snapshot *snapshot = find_snapshot(count);
	struct drafts drafts;
	struct crate_lists crates;
	assert_in_range(count, 1, OBJECTS_MAX);
	for (uint32_t i = 0; i < count; i++) {
		find_object_init(&objects[i], sources[i].symbols, sources[i].symbols);
		if (!sources[i].rodata)
			continue;
		bytes[i] = elf_write(
			&(struct elf_spec){ .rodata = sources[i].rodata, .rodata_size = strlen(sources[i].rodata) });
		assert_fine(elf_file_from_bytes(bytes[i].bytes, bytes[i].size, "x.so", &files[i]));
		objects[i].file = files[i];
	}
	assert_fine(drafts_find(objects, count, &drafts));
	assert_fine(evidence_weigh(&drafts, NULL));
	assert_fine(crate_lists_init(&crates, objects, count));
	assert_fine(rows_build(&drafts, &crates, snapshot));
	crate_lists_deinit(&crates);
	drafts_deinit(&drafts);
	for (uint32_t i = 0; i < count; i++) {
		find_object_deinit(&objects[i]);
		elf_file_close(files[i]);
		elf_bytes_deinit(&bytes[i]);
	}
	return snapshot;
}

// The same symbols in two objects.
static struct polyton_snapshot *build_twice(const struct elf_symbol_spec *rows)
{
	return build((const struct source[]){ { rows, NULL }, { rows, NULL } }, 2);
}

static void test_libraries_and_their_order(void **state)
{
	(void)state;
	static const struct elf_symbol_spec rows[] = {
		FIND_GLOBAL("zeta", D, 8),
		FIND_GLOBAL("alpha", D + 8, 8),
		FIND_GLOBAL("_ZN4acme1zE", D + 16, 8),
		FIND_GLOBAL("_ZN4acme1aE", D + 24, 8),
		FIND_GLOBAL("_ZN5tokio4NEXT" MARK_1, D + 40, 8),
		FIND_TLS("_ZN5tokio7CONTEXT" MARK_1, 0, 8),
		FIND_TLS("_ZN3std6thread7CURRENT" MARK_1, 16, 8),
		FIND_GLOBAL("_ZN5alloc5COUNT" MARK_1, D + 48, 8),
		FIND_FILE("lib.c"),
		FIND_LOCAL("state", D + 56, 8),
		FIND_FILE("x.cc"),
		FIND_LOCAL("_ZL5state", D + 64, 8),
		{ 0 },
	};
	static const struct {
		const char *name;
		enum polyton_language language;
		bool is_per_object;
		const char *singletons[3];
	} wanted[] = {
		{ "std", POLYTON_LANGUAGE_RUST, true, { "alloc::COUNT", "std::thread::CURRENT" } },
		{ "tokio", POLYTON_LANGUAGE_RUST, false, { "tokio::CONTEXT", "tokio::NEXT" } },
		{ "acme", POLYTON_LANGUAGE_CXX, false, { "acme::a", "acme::z" } },
		{ "x.cc", POLYTON_LANGUAGE_CXX, false, { "state" } },
		{ "C globals", POLYTON_LANGUAGE_C, false, { "alpha", "zeta" } },
		{ "lib.c", POLYTON_LANGUAGE_C, false, { "state" } },
	};
	struct polyton_snapshot *snapshot = build_twice(rows);
	uint32_t next = 0;
	assert_int_equal(snapshot->libraries.count, count_of(wanted));
	for (uint32_t i = 0; i < count_of(wanted); i++) {
		const struct polyton_library *library = &snapshot->libraries.items[i];
		assert_string_equal(library->name, wanted[i].name);
		assert_string_equal(library->version, "");
		assert_int_equal(library->language, wanted[i].language);
		assert_int_equal(library->is_per_object, wanted[i].is_per_object);
		assert_int_equal(library->first_singleton, next);
		for (uint32_t k = 0; k < library->singleton_count; k++, next++) {
			assert_string_equal(snapshot->singletons.items[next].name, wanted[i].singletons[k]);
			assert_int_equal(snapshot->singletons.items[next].library, i);
			assert_int_equal(snapshot->singletons.items[next].language, wanted[i].language);
		}
		assert_null(library->singleton_count < 3 ? wanted[i].singletons[library->singleton_count] : "");
	}
	assert_int_equal(next, snapshot->singletons.count);
	polyton_snapshot_destroy(snapshot);
}

static void test_globals_without_a_namespace(void **state)
{
	(void)state;
	// A template's variable or a function's: mangled, but in no namespace.
	struct polyton_snapshot *snapshot = build_twice(FIND_ROWS(FIND_GLOBAL("_ZZ3getvE4once", D, 8)));
	assert_int_equal(snapshot->libraries.count, 1);
	assert_string_equal(snapshot->libraries.items[0].name, "C++ globals");
	polyton_snapshot_destroy(snapshot);
}

static void test_copies(void **state)
{
	(void)state;
	const struct source sources[] = {
		{ FIND_ROWS(FIND_SYMBOL("x@@V2", STB_GNU_UNIQUE, STT_OBJECT, D, 8), FIND_TLS("slot", 0x10, 8),
			    { "y", FIND_BSS, 8, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), STV_PROTECTED, 1 },
			    FIND_FILE("s.c"), FIND_LOCAL("s", D + 8, 4)),
		  NULL },
		{ FIND_ROWS(FIND_GLOBAL("x", D + 8, 8), FIND_TLS("slot", FIND_TBSS, 8), FIND_GLOBAL("y", D + 16, 8),
			    FIND_FILE("s.c"), FIND_LOCAL("s", D + 24, 4)),
		  NULL },
	};
	struct polyton_snapshot *snapshot = build(sources, 2);
	assert_int_equal(snapshot->singletons.count, 4); // slot, x, y of the C globals; s of s.c
	assert_int_equal(snapshot->copies.count, 8);
	for (uint32_t i = 0; i < 8; i++) {
		assert_int_equal(snapshot->copies.items[i].singleton, i / 2);
		assert_int_equal(snapshot->copies.items[i].object, i % 2);
		assert_int_equal(snapshot->copies.items[i].bound_to, POLYTON_NONE);
		assert_int_equal(snapshot->singletons.items[i / 2].first_copy, i / 2 * 2);
		assert_int_equal(snapshot->singletons.items[i / 2].copy_count, 2);
	}
	const struct polyton_copy *slot = &snapshot->copies.items[0], *x = slot + 2, *y = x + 2, *s = y + 2;
	assert_int_equal(snapshot->singletons.items[0].kind, POLYTON_KIND_TLS);
	assert_int_equal(slot[0].offset, 0x10);
	assert_int_equal(slot[0].address, 0);
	assert_int_equal(slot[0].storage, POLYTON_STORAGE_DATA);
	assert_int_equal(slot[1].storage, POLYTON_STORAGE_ZERO);
	assert_string_equal(x[0].symbol, "x");
	assert_int_equal(x[0].address, FIND_BIAS + D);
	assert_int_equal(x[1].address, 2 * (uint64_t)FIND_BIAS + D + 8);
	assert_int_equal(x[1].offset, D + 8);
	assert_int_equal(x[0].size, 8);
	assert_true(x[0].is_unique);
	assert_false(x[1].is_unique);
	assert_true(x[1].is_exported);
	assert_string_equal(x[0].source, "");
	assert_true(y[0].is_protected);
	assert_false(y[1].is_protected);
	assert_int_equal(y[0].storage, POLYTON_STORAGE_ZERO);
	assert_string_equal(s[0].source, "s.c");
	assert_false(s[0].is_exported);
	polyton_snapshot_destroy(snapshot);
}

static void test_what_differs(void **state)
{
	(void)state;
	const struct source sources[] = {
		{ FIND_ROWS(FIND_GLOBAL("_ZN1a1aE", D, 8), FIND_GLOBAL("_ZN1a1bE", D + 8, 8),
			    FIND_GLOBAL("_ZN5tokio4NEXT" MARK_1, D + 24, 8),
			    FIND_GLOBAL("_ZN5tokio4SAME" MARK_1, D + 32, 8)),
		  NULL },
		{ FIND_ROWS(FIND_GLOBAL("_ZN1a1aE", D, 8), FIND_GLOBAL("_ZN1a1bE", D + 8, 16),
			    FIND_GLOBAL("_ZN5tokio4NEXT" MARK_2, D + 24, 8),
			    FIND_GLOBAL("_ZN5tokio4SAME" MARK_1, D + 32, 8)),
		  NULL },
	};
	struct polyton_snapshot *snapshot = build(sources, 2);
	const struct polyton_singleton *items = snapshot->singletons.items; // NEXT, SAME, a, b
	assert_int_equal(snapshot->singletons.count, 4);
	assert_true(items[0].builds_differ);
	assert_false(items[0].sizes_differ);
	assert_false(items[1].builds_differ);
	assert_false(items[2].builds_differ || items[2].sizes_differ);
	assert_true(items[3].sizes_differ);
	assert_string_not_equal(snapshot->copies.items[0].build_mark, snapshot->copies.items[1].build_mark);
	assert_string_equal(snapshot->copies.items[2].build_mark, snapshot->copies.items[3].build_mark);
	polyton_snapshot_destroy(snapshot);
}

static void test_read_only_is_all_or_nothing(void **state)
{
	(void)state;
	const struct source sources[] = {
		{ FIND_ROWS(FIND_GLOBAL("_ZN1a1aE", ELF_AT_RODATA, 8), FIND_GLOBAL("_ZN1a1bE", ELF_AT_RODATA + 8, 8),
			    FIND_GLOBAL("_ZN1a1cE", ELF_AT_RELRO, 8)),
		  NULL },
		{ FIND_ROWS(FIND_GLOBAL("_ZN1a1aE", ELF_AT_RELRO, 8), FIND_GLOBAL("_ZN1a1bE", D, 8),
			    FIND_GLOBAL("_ZN1a1cE", FIND_BSS, 8)),
		  NULL },
	};
	struct polyton_snapshot *snapshot = build(sources, 2);
	assert_int_equal(snapshot->singletons.count, 3);
	assert_true(snapshot->singletons.items[0].is_read_only);
	assert_false(snapshot->singletons.items[1].is_read_only);
	assert_false(snapshot->singletons.items[2].is_read_only);
	polyton_snapshot_destroy(snapshot);
}

static void test_dropped_ones_are_counted(void **state)
{
	(void)state;
	static const struct elf_symbol_spec rows[] = { FIND_GLOBAL("__dso_handle", D, 8),
						       FIND_GLOBAL("_IO_stdin_used", D + 8, 4),
						       FIND_GLOBAL("_ZTVN4acme3LogE", D + 16, 8),
						       FIND_GLOBAL("x", D + 32, 8),
						       { 0 } };
	struct polyton_snapshot *snapshot = build_twice(rows);
	uint32_t dropped = 0, sum = 0;
	for (size_t i = 0; i < snapshot->singletons.count; i++)
		dropped += snapshot->singletons.items[i].dropped != NULL;
	assert_int_equal(dropped, 3);
	assert_int_equal(snapshot->dropped.count, 2);
	for (size_t i = 0; i < snapshot->dropped.count; i++) {
		const struct polyton_dropped *reason = &snapshot->dropped.items[i];
		assert_int_equal(reason->count, strstr(reason->reason, "start files") ? 2 : 1);
		sum += reason->count;
	}
	assert_int_equal(sum, 3);
	polyton_snapshot_destroy(snapshot);
}

// Aliases leave an empty draft behind.
static void test_merged_drafts_leave_no_row(void **state)
{
	(void)state;
	struct polyton_snapshot *snapshot = build_twice(FIND_ROWS(FIND_GLOBAL("_x", D, 8), FIND_GLOBAL("x", D, 8)));
	assert_int_equal(snapshot->singletons.count, 1);
	assert_int_equal(snapshot->copies.count, 2);
	polyton_snapshot_destroy(snapshot);
	snapshot = build((const struct source[]){ { FIND_ROWS(FIND_GLOBAL("x", D, 8)), NULL } }, 1);
	assert_int_equal(snapshot->libraries.count, 0);
	polyton_snapshot_destroy(snapshot);
}

static void test_versions_of_crates(void **state)
{
	(void)state;
	static const struct elf_symbol_spec rows[] = { FIND_GLOBAL("_ZN5tokio4NEXT" MARK_1, D, 8),
						       FIND_GLOBAL("_ZN12tracing_core8REGISTRY" MARK_1, D + 8, 8),
						       FIND_GLOBAL("_ZN3std5COUNT" MARK_1, D + 16, 8),
						       { 0 } };
	const struct source sources[] = {
		{ rows, REGISTRY "tokio-11.24.2/src/park.rs" REGISTRY "tracing-core-0.1.30/src/lib.rs" },
		{ rows, REGISTRY "tokio-1.24.2/src/park.rs" REGISTRY "tracing-core-0.1.30/src/lib.rs" },
		{ rows, NULL },
		// Only of objects that have copies.
		{ FIND_ROWS(FIND_GLOBAL("x", D, 8)), REGISTRY "tokio-1.41.0/src/park.rs" },
	};
	struct polyton_snapshot *snapshot = build(sources, 4);
	assert_int_equal(snapshot->libraries.count, 3);
	assert_string_equal(snapshot->libraries.items[0].name, "std");
	assert_string_equal(snapshot->libraries.items[0].version, "");
	assert_string_equal(snapshot->libraries.items[1].name, "tokio");
	assert_string_equal(snapshot->libraries.items[1].version, "11.24.2, 1.24.2");
	assert_string_equal(snapshot->libraries.items[2].name, "tracing_core");
	assert_string_equal(snapshot->libraries.items[2].version, "0.1.30");
	polyton_snapshot_destroy(snapshot);
}

static void test_crates_are_looked_for_once(void **state)
{
	(void)state;
	static const char text[] = REGISTRY "tokio-1.24.2/src/park.rs";
	struct object_input objects[2];
	struct elf_file *file;
	struct elf_bytes bytes = elf_write(&(struct elf_spec){ .rodata = text, .rodata_size = sizeof(text) });
	struct crate_lists lists;
	const struct polyton_crate *first, *again;
	size_t count;
	find_object_init(&objects[0], NULL, NULL);
	find_object_init(&objects[1], NULL, NULL);
	assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x.so", &file));
	objects[0].file = file;
	assert_fine(crate_lists_init(&lists, objects, 2));
	assert_fine(crate_lists_get(&lists, 0, &first, &count));
	assert_int_equal(count, 1);
	assert_string_equal(first[0].name, "tokio");
	assert_fine(crate_lists_get(&lists, 0, &again, &count));
	assert_ptr_equal(again, first);
	assert_fine(crate_lists_get(&lists, 1, &again, &count));
	assert_int_equal(count, 0);
	crate_lists_deinit(&lists);
	elf_file_close(file);
	elf_bytes_deinit(&bytes);
	find_object_deinit(&objects[0]);
	find_object_deinit(&objects[1]);
}

// Whether the constants of a file with these marks are searched when all files are.
static bool is_searched(const char *comment, const char *needed, const struct elf_symbol_spec *symbols,
			const struct elf_symbol_spec *exported)
{
	static const char text[] = REGISTRY "tokio-1.24.2/src/park.rs";
	const char *needs[] = { needed };
	struct object_input object;
	struct elf_file *file;
	struct elf_bytes bytes = elf_write(&(struct elf_spec){ .rodata = text,
							       .rodata_size = sizeof(text),
							       .extra = comment,
							       .extra_size = strlen(comment),
							       .extra_name = ".comment" });
	struct crate_lists lists;
	find_object_init(&object, symbols, exported);
	assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x.so", &file));
	object.file = file;
	object.dynamic.needed = needs;
	object.dynamic.needed_count = needed != NULL;
	assert_fine(crate_lists_init(&lists, &object, 1));
	assert_fine(crate_lists_scan(&lists, NULL));
	bool is_found = lists.lists[0].count == 1;
	assert_fine(crate_lists_scan(&lists, NULL)); // no other answer
	assert_int_equal(lists.lists[0].count, is_found);
	crate_lists_deinit(&lists);
	elf_file_close(file);
	elf_bytes_deinit(&bytes);
	find_object_deinit(&object);
	return is_found;
}

#define UNDEFINED(name)                                                       \
	{                                                                     \
		name, 0, 0, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), 0, SHN_UNDEF \
	}

static void test_crates_are_looked_for_in_what_may_be_rust(void **state)
{
	(void)state;
	static const char gcc[] = "GCC: (Debian 12.2.0-14) 12.2.0", rustc[] = "rustc version 1.75.0 (82e1608df)";
	const struct elf_symbol_spec *cxx = FIND_ROWS(UNDEFINED("_Unwind_Resume"), FIND_GLOBAL("x", D, 8));
	assert_false(is_searched(gcc, "libc.so.6", NULL, NULL));
	assert_false(is_searched(gcc, "libgcc_s.so.1", NULL, cxx));
	assert_true(is_searched(rustc, "libc.so.6", NULL, NULL));
	assert_true(is_searched(gcc, "libstd-a5a48102fbd58791.so", NULL, NULL));
	assert_true(is_searched(gcc, NULL, NULL, NULL));
	assert_true(is_searched(gcc, "libgcc_s.so.1", NULL, FIND_ROWS(UNDEFINED("_Unwind_Backtrace"))));
	assert_true(is_searched(gcc, "libgcc_s.so.1", NULL,
				FIND_ROWS(FIND_GLOBAL("x", D, 8), UNDEFINED("_Unwind_GetIPInfo"))));
	assert_true(is_searched(gcc, "libc.so.6", FIND_ROWS(FIND_LOCAL("_ZN1a1x17h0123456789abcdefE", D, 8)), NULL));
	assert_false(is_searched(gcc, "libc.so.6", FIND_ROWS(FIND_LOCAL("_ZN1a1x17h0123456789abcdegE", D, 8)), NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_libraries_and_their_order),
		cmocka_unit_test(test_globals_without_a_namespace),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_what_differs),
		cmocka_unit_test(test_read_only_is_all_or_nothing),
		cmocka_unit_test(test_dropped_ones_are_counted),
		cmocka_unit_test(test_merged_drafts_leave_no_row),
		cmocka_unit_test(test_versions_of_crates),
		cmocka_unit_test(test_crates_are_looked_for_once),
		cmocka_unit_test(test_crates_are_looked_for_in_what_may_be_rust),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
