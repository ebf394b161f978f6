#include "../support/check.h"

#include "../support/elf_writer.h"
#include "link/image.h"

enum { PAGE = 4096 };
static const uint64_t bias = 0x7f1200000000;
static const uint8_t build_id[20] = { 0xca, 0xfe, 3, 4 };
static const struct elf_spec plain = {
	.soname = "libplain.so.1",
	.flags = DF_STATIC_TLS,
	.build_id = build_id,
	.build_id_size = sizeof(build_id),
	.tbss_size = 24,
};

static void start(struct byte_target *memory)
{
	byte_target_init(memory, EM_X86_64, ELFCLASS64, ELFDATA2LSB);
}

static void test_image_by_its_elf_header(void **state)
{
	(void)state;
	struct byte_target memory;
	struct elf_bytes file = elf_write(&plain);
	struct image image;
	start(&memory);
	elf_load(&file, &memory, bias, true);
	assert_fine(image_read(&memory.target, bias, bias, &image));
	assert_int_equal(image.segment_count, file.segment_count);
	assert_int_equal(image.start, bias);
	assert_int_equal(image.end, bias + ELF_AT_END);
	assert_int_equal(image.dynamic, bias + file.dynamic);
	assert_int_equal(image.build_id_size, sizeof(build_id));
	assert_memory_equal(image.build_id, build_id, sizeof(build_id));
	assert_int_equal(image_segment(&image, PT_TLS)->p_memsz, 24);
	assert_null(image_segment(&image, PT_INTERP));
	byte_target_deinit(&memory);
	elf_bytes_deinit(&file);
}

// What AT_PHDR leads to. A program has PT_PHDR; static programs and ld.so have none.
static void test_program_by_its_program_headers(void **state)
{
	(void)state;
	const uint64_t at = bias + ELF_AT_SEGMENTS;
	for (int has_self = 0; has_self < 2; has_self++) {
		struct byte_target memory;
		struct elf_bytes file = elf_write(&plain);
		struct image image;
		start(&memory);
		if (has_self) { // in the place of a header that does not matter here
			uint64_t header = elf_segment_header(&file, PT_GNU_RELRO);
			elf_patch(&file, header, PT_PHDR, 4);
			elf_patch(&file, header + offsetof(Elf64_Phdr, p_vaddr), ELF_AT_SEGMENTS, 8);
		}
		elf_load(&file, &memory, bias, true);
		assert_fine(image_read_program(&memory.target, at, file.segment_count, &image));
		assert_int_equal(image.bias, bias);
		assert_int_equal(image.start, bias);
		assert_int_equal(image.dynamic, bias + file.dynamic);
		assert_int_equal(image.build_id_size, sizeof(build_id));
		byte_target_deinit(&memory);
		elf_bytes_deinit(&file);
	}
}

// Linkers give a segment that is all .bss the offset 0, too.
static void test_segment_of_bss_only_does_not_give_the_bias(void **state)
{
	(void)state;
	struct byte_target memory;
	struct elf_bytes file = elf_write(&plain);
	struct image image;
	start(&memory);
	uint64_t header = elf_segment_header(&file, PT_NOTE);
	elf_patch(&file, header, PT_LOAD, 4);
	elf_patch(&file, header + offsetof(Elf64_Phdr, p_offset), 0, 8);
	elf_patch(&file, header + offsetof(Elf64_Phdr, p_filesz), 0, 8);
	elf_patch(&file, header + offsetof(Elf64_Phdr, p_vaddr), ELF_AT_END, 8);
	elf_patch(&file, header + offsetof(Elf64_Phdr, p_memsz), PAGE, 8);
	elf_load(&file, &memory, bias, true);
	assert_fine(image_read_program(&memory.target, bias + ELF_AT_SEGMENTS, file.segment_count, &image));
	assert_int_equal(image.bias, bias);
	assert_int_equal(image.end, bias + ELF_AT_END + PAGE);
	byte_target_deinit(&memory);
	elf_bytes_deinit(&file);
}

static void test_absurd_program_headers(void **state)
{
	(void)state;
	struct byte_target memory;
	struct image image;
	start(&memory);
	byte_target_map(&memory, 0x1000, PAGE);
	assert_error(image_read_program(&memory.target, 0, 9, &image), POLYTON_ERROR_DAMAGED, "program headers");
	assert_error(image_read_program(&memory.target, 0x1000, 0, &image), POLYTON_ERROR_DAMAGED,
		     "0 program headers");
	assert_error(image_read_program(&memory.target, 0x1000, IMAGE_MAX_HEADERS + 1, &image), POLYTON_ERROR_DAMAGED,
		     "129 program headers");
	assert_error(image_read_program(&memory.target, 0x1000, UINT64_MAX / 56 + 2, &image), POLYTON_ERROR_DAMAGED,
		     "program headers");
	assert_error(image_read_program(&memory.target, 0x900000, 9, &image), POLYTON_ERROR_READ, "0x900000");
	byte_target_deinit(&memory);
}

static void test_no_elf_header(void **state)
{
	(void)state;
	const struct {
		size_t offset, size;
		uint64_t value;
	} rows[] = {
		{ 0, 1, 0 },
		{ EI_CLASS, 1, ELFCLASS32 },
		{ offsetof(Elf64_Ehdr, e_phentsize), 2, 32 },
		{ offsetof(Elf64_Ehdr, e_phnum), 2, 0xffff },
		{ offsetof(Elf64_Ehdr, e_phnum), 2, 129 },
	};
	for (size_t i = 0; i < count_of(rows); i++) {
		struct byte_target memory;
		struct elf_bytes file = elf_write(&plain);
		struct image image;
		start(&memory);
		elf_patch(&file, rows[i].offset, rows[i].value, rows[i].size);
		elf_load(&file, &memory, bias, true);
		assert_error(image_read(&memory.target, bias, bias, &image), POLYTON_ERROR_DAMAGED,
			     "no ELF header at");
		byte_target_deinit(&memory);
		elf_bytes_deinit(&file);
	}
}

static void test_segments_that_reach_too_far_do_not_make_a_range(void **state)
{
	(void)state;
	const uint64_t sizes[] = { UINT64_MAX, UINT64_MAX - 16, UINT64_MAX - ELF_AT_RELRO,
				   UINT64_MAX - ELF_AT_RELRO - 100 };
	for (size_t i = 0; i < count_of(sizes); i++) {
		struct byte_target memory;
		struct elf_bytes file = elf_write(&plain);
		struct image image;
		start(&memory);
		uint64_t header = elf_segment_header(&file, PT_GNU_RELRO);
		elf_patch(&file, header, PT_LOAD, 4);
		elf_patch(&file, header + offsetof(Elf64_Phdr, p_memsz), sizes[i], 8);
		elf_load(&file, &memory, bias, true);
		assert_fine(image_read(&memory.target, bias, bias, &image));
		assert_int_equal(image.start, bias);
		assert_int_equal(image.end, bias + ELF_AT_END);
		byte_target_deinit(&memory);
		elf_bytes_deinit(&file);
	}
}

static void test_notes_that_cannot_be_read_cost_the_build_id_only(void **state)
{
	(void)state;
	const uint64_t sizes[] = { UINT64_MAX, 65537, 65536, 0 };
	for (size_t i = 0; i < count_of(sizes); i++) {
		struct byte_target memory;
		struct elf_bytes file = elf_write(&plain);
		struct image image;
		start(&memory);
		elf_patch(&file, elf_segment_header(&file, PT_NOTE) + offsetof(Elf64_Phdr, p_memsz), sizes[i], 8);
		elf_load(&file, &memory, bias, true);
		assert_fine(image_read(&memory.target, bias, bias, &image));
		assert_int_equal(image.build_id_size, 0);
		byte_target_deinit(&memory);
		elf_bytes_deinit(&file);
	}
}

static void test_what_the_loader_says_to_debuggers(void **state)
{
	(void)state;
	struct byte_target memory;
	struct elf_bytes file = elf_write(&plain);
	struct image image;
	uint64_t debug;
	start(&memory);
	elf_load(&file, &memory, bias, true);
	byte_target_put_word(&memory, bias + elf_dynamic_entry(&file, DT_DEBUG) + 8, 0x1234);
	assert_fine(image_read(&memory.target, bias, bias, &image));
	assert_fine(image_read_debug(&memory.target, &image, &debug));
	assert_int_equal(debug, 0x1234); // no address of this object: never moved
	byte_target_deinit(&memory);
	elf_bytes_deinit(&file);
}

static void test_dynamic_section_absent_or_not_there(void **state)
{
	(void)state;
	struct elf_spec spec = plain;
	struct image image;
	uint64_t debug = 1;
	struct byte_target memory;
	spec.has_no_dynamic = true;
	struct elf_bytes file = elf_write(&spec);
	start(&memory);
	elf_load(&file, &memory, bias, true);
	assert_fine(image_read(&memory.target, bias, bias, &image));
	assert_int_equal(image.dynamic, 0);
	assert_fine(image_read_debug(&memory.target, &image, &debug));
	assert_int_equal(debug, 0);
	image.dynamic = 0x1000;
	image.dynamic_size = UINT64_MAX;
	assert_error(image_read_debug(&memory.target, &image, &debug), POLYTON_ERROR_READ, "0x1000");
	byte_target_deinit(&memory);
	elf_bytes_deinit(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_image_by_its_elf_header),
		cmocka_unit_test(test_program_by_its_program_headers),
		cmocka_unit_test(test_segment_of_bss_only_does_not_give_the_bias),
		cmocka_unit_test(test_absurd_program_headers),
		cmocka_unit_test(test_no_elf_header),
		cmocka_unit_test(test_segments_that_reach_too_far_do_not_make_a_range),
		cmocka_unit_test(test_notes_that_cannot_be_read_cost_the_build_id_only),
		cmocka_unit_test(test_what_the_loader_says_to_debuggers),
		cmocka_unit_test(test_dynamic_section_absent_or_not_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
