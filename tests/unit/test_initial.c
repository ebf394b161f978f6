// What a static held at first: the file's bytes, as the loader leaves them.

#include "../support/check.h"

#include "../support/find_world.h"
#include "../support/elf_writer.h"
#include "find/initial.h"

static const struct elf_symbol_spec exported[] = {
	{ "counter", 0, 0, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, SHN_UNDEF },
	{ "maybe", 0, 0, ELF64_ST_INFO(STB_WEAK, STT_OBJECT), 0, SHN_UNDEF },
	{ 0 },
};
static const struct elf_reloc_spec relocs[] = {
	{ ELF_AT_DATA + 8, R_X86_64_RELATIVE, 0, 0x1234 }, { ELF_AT_DATA + 16, R_X86_64_64, 1, 4 },
	{ ELF_AT_DATA + 24, R_X86_64_64, 2, 0 },           { ELF_AT_DATA + 32, R_X86_64_IRELATIVE, 0, 0x100 },
	{ ELF_AT_DATA + 48, R_X86_64_COPY, 1, 0 },         { 0 },
};
static const uint64_t relr[] = { ELF_AT_DATA + 56 };
static uint64_t data[8] = { 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x5678 };

struct fixture {
	struct find_world world;
	struct elf_bytes bytes;
	struct elf_file *file;
	struct places *places;
};

static void start(struct fixture *fixture)
{
	const struct elf_spec spec = { .dynamic_symbols = exported,
				       .relocs = relocs,
				       .relr = relr,
				       .relr_count = 1,
				       .data = data,
				       .data_size = sizeof(data) };
	const char *complaint;
	find_world_init(&fixture->world, 2);
	find_world_add(&fixture->world, 1, "counter", 0x500, 64, FIND_EXPORTED, "");
	find_world_add(&fixture->world, 1, "other", 0x600, 64, FIND_EXPORTED, "");
	struct object_input *object = &fixture->world.inputs[0];
	fixture->bytes = elf_write(&spec);
	assert_fine(elf_file_from_bytes(fixture->bytes.bytes, fixture->bytes.size, "x", &fixture->file));
	object->file = fixture->file;
	object->segments = fixture->file->segments;
	object->segment_count = fixture->file->segment_count;
	assert_fine(elf_dynamic_parse(fixture->file, &object->dynamic, &complaint));
	assert_fine(elf_symbols_dynamic(fixture->file, &object->exported));
	assert_fine(places_create(fixture->world.snapshot, fixture->world.inputs, &fixture->places));
}

static void finish(struct fixture *fixture)
{
	places_destroy(fixture->places);
	elf_file_close(fixture->file);
	elf_bytes_deinit(&fixture->bytes);
	find_world_deinit(&fixture->world);
}

/** Fill the image of one variable; whether it is known, and whether it equals what the variable holds. */
static bool fill(struct fixture *fixture, uint64_t offset, size_t size, const void *current, uint8_t *image)
{
	struct initial variable = { .offset = offset, .size = size, .current = current, .image = image };
	memset(image, 0xee, size);
	initial_fill(arch_find(EM_X86_64, ELFCLASS64, ELFDATA2LSB), &fixture->world.inputs[0], FIND_BASE,
		     fixture->places, &variable, 1);
	return variable.is_known;
}

static void expect_word(struct fixture *fixture, uint64_t offset, uint64_t current, uint64_t expected)
{
	uint64_t image = 0;
	assert_true(fill(fixture, offset, sizeof(image), &current, (uint8_t *)&image));
	assert_int_equal(image, expected);
}

static void test_bytes_of_the_file(void **state)
{
	(void)state;
	struct fixture fixture;
	start(&fixture);
	expect_word(&fixture, ELF_AT_DATA, 99, 0x11);
	finish(&fixture);
}

static void test_zeros_behind_the_file(void **state)
{
	(void)state;
	struct fixture fixture;
	uint8_t image[16], current[16] = { 0 };
	start(&fixture);
	assert_true(fill(&fixture, fixture.bytes.bss + 0x100, 16, current, image));
	assert_memory_equal(image, current, 16);
	// Half in .data, half in .bss.
	memcpy(current, &data[7], 8);
	assert_true(fill(&fixture, fixture.bytes.bss - 8, 16, current, image));
	assert_memory_equal(image + 8, current + 8, 8);
	finish(&fixture);
}

static void test_pointers_the_loader_moved(void **state)
{
	(void)state;
	struct fixture fixture;
	start(&fixture);
	expect_word(&fixture, ELF_AT_DATA + 8, 0, FIND_BASE + 0x1234);
	expect_word(&fixture, ELF_AT_DATA + 56, 0, FIND_BASE + 0x5678); // the same by RELR
	finish(&fixture);
}

// Which object's "counter" it got is not asked: that it is a "counter" makes it initial.
static void test_pointer_to_a_name(void **state)
{
	(void)state;
	struct fixture fixture;
	const uint64_t counter = 2 * (uint64_t)FIND_BASE + 0x500, other = 2 * (uint64_t)FIND_BASE + 0x600;
	start(&fixture);
	expect_word(&fixture, ELF_AT_DATA + 16, counter + 4, counter + 4);
	expect_word(&fixture, ELF_AT_DATA + 16, counter, 0x33); // into it, but not where the addend says
	expect_word(&fixture, ELF_AT_DATA + 16, other + 4, 0x33);
	expect_word(&fixture, ELF_AT_DATA + 16, 0, 0x33);
	expect_word(&fixture, ELF_AT_DATA + 24, 0, 0); // a weak name that nobody defines
	finish(&fixture);
}

static void test_function_that_a_resolver_chose(void **state)
{
	(void)state;
	struct fixture fixture;
	start(&fixture);
	expect_word(&fixture, ELF_AT_DATA + 32, 0x123456, 0x123456);
	finish(&fixture);
}

// The program's copy of a library's variable began as whatever that one was: nobody can tell any more.
static void test_copied_variable_is_not_known(void **state)
{
	(void)state;
	struct fixture fixture;
	uint64_t image, current = 5;
	start(&fixture);
	assert_false(fill(&fixture, ELF_AT_DATA + 48, 8, &current, (uint8_t *)&image));
	assert_false(fill(&fixture, ELF_AT_DATA + 48, 4, &current, (uint8_t *)&image));
	finish(&fixture);
}

static void test_word_that_is_not_wholly_inside_is_left(void **state)
{
	(void)state;
	struct fixture fixture;
	uint32_t image, current = 7;
	start(&fixture);
	assert_true(fill(&fixture, ELF_AT_DATA + 8, 4, &current, (uint8_t *)&image));
	assert_int_equal(image, 0x22);
	finish(&fixture);
}

static void test_several_variables_at_once(void **state)
{
	(void)state;
	struct fixture fixture;
	uint64_t images[3], currents[3] = { 0 };
	start(&fixture);
	struct initial variables[3];
	for (size_t i = 0; i < 3; i++)
		variables[i] = (struct initial){ .offset = ELF_AT_DATA + 8 * i,
						 .size = 8,
						 .current = (const uint8_t *)&currents[i],
						 .image = (uint8_t *)&images[i] };
	initial_fill(arch_find(EM_X86_64, ELFCLASS64, ELFDATA2LSB), &fixture.world.inputs[0], FIND_BASE,
		     fixture.places, variables, 3);
	assert_int_equal(images[0], 0x11);
	assert_int_equal(images[1], FIND_BASE + 0x1234);
	assert_int_equal(images[2], 0x33);
	finish(&fixture);
}

static void test_without_a_file_only_zeros_are_known(void **state)
{
	(void)state;
	struct fixture fixture;
	uint64_t image, current = 0;
	start(&fixture);
	fixture.world.inputs[0].file = NULL;
	assert_false(fill(&fixture, ELF_AT_DATA, 8, &current, (uint8_t *)&image));
	assert_true(fill(&fixture, fixture.bytes.bss + 8, 8, &current, (uint8_t *)&image));
	assert_int_equal(image, 0);
	assert_false(fill(&fixture, 0x900000, 8, &current, (uint8_t *)&image)); // in no segment
	finish(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes_of_the_file),
		cmocka_unit_test(test_zeros_behind_the_file),
		cmocka_unit_test(test_pointers_the_loader_moved),
		cmocka_unit_test(test_pointer_to_a_name),
		cmocka_unit_test(test_function_that_a_resolver_chose),
		cmocka_unit_test(test_copied_variable_is_not_known),
		cmocka_unit_test(test_word_that_is_not_wholly_inside_is_left),
		cmocka_unit_test(test_several_variables_at_once),
		cmocka_unit_test(test_without_a_file_only_zeros_are_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
