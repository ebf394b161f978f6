// Line tables, made byte by byte, of the versions there are.

#include "../support/check.h"

#include <stdlib.h>

#include "dwarf/linerows.h"

enum { MAX = 512, BASE = 0x401000, MUTANTS = 20000 };

struct made {
	uint8_t bytes[MAX];
	size_t size;
};

static void put(struct made *made, uint64_t value, size_t size)
{
	assert_true(made->size + size <= MAX);
	for (size_t i = 0; i < size; i++)
		made->bytes[made->size++] = (uint8_t)(value >> 8 * i);
}

static void put_text(struct made *made, const char *text)
{
	memcpy(made->bytes + made->size, text, strlen(text) + 1);
	made->size += strlen(text) + 1;
}

static void patch(struct made *made, size_t at, uint32_t value)
{
	memcpy(made->bytes + at, &value, sizeof(value));
}

static void put_address(struct made *made, uint64_t address)
{
	put(made, 0, 1);
	put(made, 9, 1);
	put(made, 2, 1); // DW_LNE_set_address
	put(made, address, 8);
}

static void end_sequence(struct made *made, uint8_t advance)
{
	put(made, 2, 1); // DW_LNS_advance_pc
	put(made, advance, 1);
	put(made, 0, 1);
	put(made, 1, 1);
	put(made, 1, 1); // DW_LNE_end_sequence
}

// Lines 10 at BASE, 12 at BASE+4, 15 at BASE+20 of the second file, up to BASE+24.
static void put_program(struct made *made, uint64_t base)
{
	put_address(made, base);
	put(made, 3, 1); // DW_LNS_advance_line
	put(made, 9, 1);
	put(made, 1, 1);                        // DW_LNS_copy
	put(made, 13 + (4 * 14) + (2 - -5), 1); // special: address + 4, line + 2
	put(made, 4, 1);                        // DW_LNS_set_file
	put(made, 2, 1);
	put(made, 2, 1); // DW_LNS_advance_pc
	put(made, 16, 1);
	put(made, 3, 1);
	put(made, 3, 1);
	put(made, 1, 1);
	end_sequence(made, 4);
}

static void put_table(struct made *made, uint16_t version, uint64_t base)
{
	static const uint8_t lengths[] = { 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1 };
	size_t start = made->size;
	put(made, 0, 4);
	put(made, version, 2);
	size_t header = made->size;
	put(made, 0, 4);
	put(made, 1, 1); // shortest instruction
	if (version >= 4)
		put(made, 1, 1);
	put(made, 1, 1);
	put(made, (uint8_t)-5, 1);
	put(made, 14, 1);
	put(made, 13, 1);
	for (size_t i = 0; i < sizeof(lengths); i++)
		put(made, lengths[i], 1);
	put_text(made, "sub");
	put(made, 0, 1);
	put_text(made, "a.c");
	put(made, 0, 3);
	put_text(made, "b.c");
	put(made, 1, 1);
	put(made, 0, 2);
	put(made, 0, 1);
	patch(made, header, (uint32_t)(made->size - header - 4));
	put_program(made, base);
	patch(made, start, (uint32_t)(made->size - start - 4));
}

static void find(const struct made *made, const uint64_t *addresses, uint32_t count, struct arena *arena,
		 struct dwarf_line *ret)
{
	static const struct dwarf_sections none;
	const struct line_source source = { .line = made->bytes, .line_size = made->size, .sections = &none };
	assert_fine(linerows_find(&source, addresses, count, arena, ret));
}

static void test_lines(void **state)
{
	static const struct {
		uint64_t address;
		const char *file;
		uint32_t line;
	} rows[] = {
		{ BASE, "a.c", 10 },      { BASE + 3, "a.c", 10 },      { BASE + 4, "a.c", 12 },
		{ BASE + 19, "a.c", 12 }, { BASE + 20, "sub/b.c", 15 }, { BASE + 23, "sub/b.c", 15 },
		{ BASE + 24, "", 0 },     { BASE - 1, "", 0 },          { 0, "", 0 },
		{ UINT64_MAX, "", 0 },
	};
	(void)state;
	for (uint16_t version = 2; version <= 4; version++) {
		struct made made = { 0 };
		struct arena arena = { 0 };
		uint64_t addresses[count_of(rows)];
		struct dwarf_line lines[count_of(rows)];
		put_table(&made, version, BASE);
		for (size_t i = 0; i < count_of(rows); i++)
			addresses[i] = rows[i].address;
		find(&made, addresses, count_of(rows), &arena, lines);
		for (size_t i = 0; i < count_of(rows); i++) {
			assert_string_equal(lines[i].file, rows[i].file);
			assert_int_equal(lines[i].line, rows[i].line);
		}
		arena_deinit(&arena);
	}
}

// A table of a version that nobody knows yet, and code that was left out, which begins at 0, are passed over.
static void test_others(void **state)
{
	struct made made = { 0 };
	struct arena arena = { 0 };
	const uint64_t addresses[] = { BASE + 4, 5 };
	struct dwarf_line lines[2];
	(void)state;
	put_table(&made, 9, BASE);
	put_table(&made, 3, 0);
	put_table(&made, 4, BASE);
	find(&made, addresses, 2, &arena, lines);
	assert_int_equal(lines[0].line, 12);
	assert_int_equal(lines[1].line, 0);
	arena_deinit(&arena);
}

static void test_damaged(void **state)
{
	struct made whole = { 0 };
	const uint64_t addresses[] = { BASE, BASE + 4, BASE + 20 };
	unsigned seed = 1;
	size_t found = 0, lost = 0;
	(void)state;
	put_table(&whole, 4, BASE);
	put_table(&whole, 2, BASE + 0x1000);
	for (int i = 0; i < MUTANTS; i++) {
		struct made made = whole;
		struct arena arena = { 0 };
		struct dwarf_line lines[3];
		for (int k = 0; k < 1 + i % 5; k++)
			made.bytes[(size_t)rand_r(&seed) % made.size] = (uint8_t)rand_r(&seed);
		if (i % 3 == 0)
			made.size = (size_t)rand_r(&seed) % made.size;
		// In memory of just that size, so that a sanitizer sees what is read beyond it.
		uint8_t *exact = malloc(made.size + !made.size);
		memcpy(exact, made.bytes, made.size);
		const struct dwarf_sections none = { 0 };
		const struct line_source source = { .line = exact, .line_size = made.size, .sections = &none };
		assert_fine(linerows_find(&source, addresses, 3, &arena, lines));
		for (int k = 0; k < 3; k++) {
			assert_true((lines[k].line != 0) == (lines[k].file[0] != 0));
			*(lines[k].line ? &found : &lost) += 1;
		}
		free(exact);
		arena_deinit(&arena);
	}
	assert_true(found && lost);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_damaged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
