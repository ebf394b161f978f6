// What variables held at first: the file's bytes, with the words that the loader puts in.

#include "../support/check.h"

#include "../support/find_object.h"
#include "find/initial.h"

enum { D = ELF_AT_DATA, DATA_SIZE = 0x80, BSS = D + DATA_SIZE };
static const uint64_t bias = FIND_BIAS, other_bias = 2 * (uint64_t)FIND_BIAS;

// What is referred to: 1 "target", 2 "maybe" (weak), 3 "memcpy", 4 "mine", 5 "absent".
static const struct elf_symbol_spec exported[] = {
	{ "target", 0, 0, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, SHN_UNDEF },
	{ "maybe", 0, 0, ELF64_ST_INFO(STB_WEAK, STT_OBJECT), 0, SHN_UNDEF },
	{ "memcpy", 0, 0, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), 0, SHN_UNDEF },
	FIND_GLOBAL("mine", D + 0x70, 8),
	{ "absent", 0, 0, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, SHN_UNDEF },
	{ 0 },
};
static const struct elf_symbol_spec others[] = {
	FIND_GLOBAL("alias_of_target", D, 64),
	FIND_GLOBAL("target@@V1", D, 64),
	FIND_GLOBAL("mine", D + 64, 8),
	FIND_SYMBOL("memcpy", STB_GLOBAL, STT_GNU_IFUNC, 0x300, 32),
	FIND_SYMBOL("memcpy_fast", STB_LOCAL, STT_FUNC, 0x400, 32),
	{ 0 },
};

/** Object 0 is the file, object 1 what it is bound to. */
struct loaded {
	struct elf_bytes bytes;
	struct elf_file *file;
	struct object_input objects[2];
	struct polyton_snapshot *snapshot;
	struct places *places;
	const struct arch *arch;
	uint8_t data[DATA_SIZE];
};

static void load(struct loaded *loaded, const struct elf_reloc_spec *relocs, const uint64_t *relr, size_t relr_count)
{
	const char *complaint;
	*loaded = (struct loaded){ 0 };
	for (size_t i = 0; i < DATA_SIZE; i++)
		loaded->data[i] = (uint8_t)(i + 1);
	const uint64_t word = D + 0x20; // at 0x18: an addend for RELR
	memcpy(loaded->data + 0x18, &word, sizeof(word));
	loaded->bytes = elf_write(&(struct elf_spec){ .dynamic_symbols = exported,
						      .data = loaded->data,
						      .data_size = DATA_SIZE,
						      .relocs = relocs,
						      .relr = relr,
						      .relr_count = relr_count });
	assert_int_equal(loaded->bytes.data, D);
	assert_int_equal(loaded->bytes.bss, BSS);
	assert_fine(elf_file_from_bytes(loaded->bytes.bytes, loaded->bytes.size, "x.so", &loaded->file));
	struct object_input *own = &loaded->objects[0];
	find_object_init(own, NULL, exported);
	own->file = loaded->file;
	own->segments = loaded->file->segments;
	own->segment_count = loaded->file->segment_count;
	assert_fine(elf_dynamic_parse(loaded->file, &own->dynamic, &complaint));
	assert_null(complaint);
	find_object_init(&loaded->objects[1], others, NULL);
	loaded->snapshot = find_snapshot(2);
	assert_fine(places_create(loaded->snapshot, loaded->objects, &loaded->places));
	loaded->arch = arch_find(EM_X86_64, ELFCLASS64, ELFDATA2LSB);
}

static void unload(struct loaded *loaded)
{
	places_destroy(loaded->places);
	polyton_snapshot_destroy(loaded->snapshot);
	find_object_deinit(&loaded->objects[0]);
	find_object_deinit(&loaded->objects[1]);
	elf_file_close(loaded->file);
	elf_bytes_deinit(&loaded->bytes);
}

/** One variable of at most 32 bytes. */
struct one {
	uint8_t current[32], image[32];
	bool is_known;
};

static struct one fill(struct loaded *loaded, uint64_t offset, size_t size, const void *current)
{
	struct one one = { .image = { 0xee } };
	memcpy(one.current, current, size);
	struct initial variable = { offset, size, one.current, one.image, false };
	initial_fill(loaded->arch, &loaded->objects[0], bias, loaded->places, &variable, 1);
	one.is_known = variable.is_known;
	return one;
}

// The image of the word at @p offset while it holds @p current.
static uint64_t fill_word(struct loaded *loaded, uint64_t offset, uint64_t current)
{
	uint64_t image;
	struct one one = fill(loaded, offset, sizeof(current), &current);
	assert_true(one.is_known);
	memcpy(&image, one.image, sizeof(image));
	return image;
}

static uint64_t in_file(const struct loaded *loaded, size_t at)
{
	uint64_t word;
	memcpy(&word, loaded->data + at, sizeof(word));
	return word;
}

static void test_bytes_of_the_file(void **state)
{
	(void)state;
	static const uint8_t zeros[32];
	struct loaded loaded;
	load(&loaded, NULL, NULL, 0);
	struct one one = fill(&loaded, D + 3, 5, zeros);
	assert_true(one.is_known);
	assert_memory_equal(one.image, loaded.data + 3, 5);
	one = fill(&loaded, BSS + 8, 16, zeros);
	assert_true(one.is_known);
	assert_memory_equal(one.image, zeros, 16);
	// Half in the file, half behind its end.
	one = fill(&loaded, BSS - 4, 8, zeros);
	assert_true(one.is_known);
	assert_memory_equal(one.image, loaded.data + DATA_SIZE - 4, 4);
	assert_memory_equal(one.image + 4, zeros, 4);
	assert_false(fill(&loaded, ELF_AT_END, 8, zeros).is_known);
	unload(&loaded);
}

static void test_relative_words(void **state)
{
	(void)state;
	const struct elf_reloc_spec relocs[] = { { D + 8, R_X86_64_RELATIVE, 0, 0x1234 },
						 { BSS + 8, R_X86_64_RELATIVE, 0, 0x5678 },
						 { 0 } };
	struct loaded loaded;
	load(&loaded, relocs, NULL, 0);
	assert_int_equal(fill_word(&loaded, D + 8, 99), bias + 0x1234);
	assert_int_equal(fill_word(&loaded, BSS + 8, 99), bias + 0x5678);
	assert_int_equal(fill_word(&loaded, D, 99), in_file(&loaded, 0));
	// In the midst of a larger variable, the rest is the file's.
	uint8_t current[24] = { 0 };
	struct one one = fill(&loaded, D, 24, current);
	const uint64_t word = bias + 0x1234;
	assert_memory_equal(one.image, loaded.data, 8);
	assert_memory_equal(one.image + 8, &word, 8);
	assert_memory_equal(one.image + 16, loaded.data + 16, 8);
	// A word that only begins in the variable is none of it.
	one = fill(&loaded, D + 4, 8, current);
	assert_memory_equal(one.image, loaded.data + 4, 8);
	one = fill(&loaded, D + 12, 8, current);
	assert_memory_equal(one.image, loaded.data + 12, 8);
	unload(&loaded);
}

static void test_relr_words(void **state)
{
	(void)state;
	// The word at 0x18, and by the bitmap behind it those at 0x20 and 0x30.
	const uint64_t relr[] = { D + 0x18, 1 | 1 << 1 | 1 << 3 };
	struct loaded loaded;
	load(&loaded, NULL, relr, count_of(relr));
	assert_int_equal(fill_word(&loaded, D + 0x18, 0), bias + D + 0x20);
	assert_int_equal(fill_word(&loaded, D + 0x20, 0), bias + in_file(&loaded, 0x20));
	assert_int_equal(fill_word(&loaded, D + 0x28, 0), in_file(&loaded, 0x28));
	assert_int_equal(fill_word(&loaded, D + 0x30, 0), bias + in_file(&loaded, 0x30));
	unload(&loaded);
}

// What a name was bound to is recognised, not computed.
static void test_words_with_a_symbol(void **state)
{
	(void)state;
	const struct elf_reloc_spec relocs[] = { { D, R_X86_64_64, 1, 0 },
						 { D + 8, R_X86_64_64, 1, 0x10 },
						 { D + 16, R_X86_64_GLOB_DAT, 4, 0 },
						 { D + 24, R_X86_64_64, 2, 0 },
						 { D + 32, R_X86_64_64, 5, 0 },
						 { D + 40, R_X86_64_64, 3, 0 },
						 { D + 48, R_X86_64_64, 999, 0 },
						 { 0 } };
	struct loaded loaded;
	load(&loaded, relocs, NULL, 0);
	const uint64_t target = other_bias + D;
	// By one of its names, with a version; the other object has an alias first.
	assert_int_equal(fill_word(&loaded, D, target), target);
	assert_int_equal(fill_word(&loaded, D, target + 8), in_file(&loaded, 0));
	assert_int_equal(fill_word(&loaded, D, other_bias + D + 64), in_file(&loaded, 0));
	assert_int_equal(fill_word(&loaded, D, 0), in_file(&loaded, 0));
	assert_int_equal(fill_word(&loaded, D, UINT64_MAX), in_file(&loaded, 0));
	// The addend is no part of the name's place.
	assert_int_equal(fill_word(&loaded, D + 8, target + 0x10), target + 0x10);
	assert_int_equal(fill_word(&loaded, D + 8, target), in_file(&loaded, 8));
	// Its own definition, or that of whoever interposes.
	assert_int_equal(fill_word(&loaded, D + 16, bias + D + 0x70), bias + D + 0x70);
	assert_int_equal(fill_word(&loaded, D + 16, other_bias + D + 64), other_bias + D + 64);
	// A weak reference may stay empty, another cannot.
	assert_int_equal(fill_word(&loaded, D + 24, 0), 0);
	assert_int_equal(fill_word(&loaded, D + 32, 0), in_file(&loaded, 32));
	// A function with a resolver: what that chose.
	assert_int_equal(fill_word(&loaded, D + 40, other_bias + 0x400), other_bias + 0x400);
	assert_int_equal(fill_word(&loaded, D + 40, bias + 0x400), in_file(&loaded, 40));
	// An index behind the table's end.
	assert_int_equal(fill_word(&loaded, D + 48, target), in_file(&loaded, 48));
	unload(&loaded);
}

static void test_what_a_resolver_chose(void **state)
{
	(void)state;
	const struct elf_reloc_spec relocs[] = { { D, R_X86_64_IRELATIVE, 0, 0x400 }, { 0 } };
	struct loaded loaded;
	load(&loaded, relocs, NULL, 0);
	assert_int_equal(fill_word(&loaded, D, other_bias + 0x404), other_bias + 0x404);
	unload(&loaded);
}

// A copy of another object's variable, whatever its size, began as that one, which may have changed since.
static void test_copies_are_not_known(void **state)
{
	(void)state;
	static const uint8_t zeros[32];
	const struct elf_reloc_spec relocs[] = { { BSS + 16, R_X86_64_COPY, 1, 0 },
						 { BSS + 32, R_X86_64_COPY, 4, 0 },
						 { 0 } };
	struct loaded loaded;
	load(&loaded, relocs, NULL, 0);
	assert_false(fill(&loaded, BSS + 16, 8, zeros).is_known);
	assert_false(fill(&loaded, BSS + 32, 4, zeros).is_known);
	assert_true(fill(&loaded, BSS + 24, 8, zeros).is_known);
	unload(&loaded);
}

static void test_several_variables(void **state)
{
	(void)state;
	const struct elf_reloc_spec relocs[] = { { D + 16, R_X86_64_RELATIVE, 0, 0x77 },
						 { D + 40, R_X86_64_RELATIVE, 0, 0x88 },
						 { D + 24, R_X86_64_RELATIVE, 0, 0x99 },
						 { 0 } };
	struct loaded loaded;
	load(&loaded, relocs, NULL, 0);
	uint64_t current[5] = { 0 }, images[5] = { 0 };
	struct initial variables[5] = {
		{ D, 8, NULL, NULL, false },      { D + 16, 8, NULL, NULL, false }, { D + 32, 4, NULL, NULL, false },
		{ D + 40, 8, NULL, NULL, false }, { BSS, 8, NULL, NULL, false },
	};
	for (size_t i = 0; i < 5; i++) {
		variables[i].current = (const uint8_t *)&current[i];
		variables[i].image = (uint8_t *)&images[i];
	}
	initial_fill(loaded.arch, &loaded.objects[0], bias, loaded.places, variables, 5);
	assert_int_equal(images[0], in_file(&loaded, 0));
	assert_int_equal(images[1], bias + 0x77);
	assert_memory_equal(&images[2], loaded.data + 32, 4);
	assert_int_equal(images[3], bias + 0x88);
	assert_int_equal(images[4], 0);
	unload(&loaded);
}

static void test_without_a_file(void **state)
{
	(void)state;
	static const uint8_t zeros[32];
	struct loaded loaded;
	load(&loaded, NULL, NULL, 0);
	loaded.objects[0].file = NULL;
	assert_false(fill(&loaded, D, 8, zeros).is_known);
	assert_false(fill(&loaded, BSS - 4, 8, zeros).is_known);
	// No file is needed to know zeros.
	assert_true(fill(&loaded, BSS, 8, zeros).is_known);
	unload(&loaded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes_of_the_file),
		cmocka_unit_test(test_relative_words),
		cmocka_unit_test(test_relr_words),
		cmocka_unit_test(test_words_with_a_symbol),
		cmocka_unit_test(test_what_a_resolver_chose),
		cmocka_unit_test(test_copies_are_not_known),
		cmocka_unit_test(test_several_variables),
		cmocka_unit_test(test_without_a_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
