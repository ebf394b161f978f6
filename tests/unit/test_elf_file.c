#include "../support/check.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../support/elf_writer.h"
#include "elf/file.h"

static const uint8_t build_id[20] = { 0xde, 0xad, 0xbe, 0xef, 5, 6, 7, 8, 9, 10 };

static const struct elf_spec plain = {
	.soname = "libplain.so.1",
	.build_id = build_id,
	.build_id_size = sizeof(build_id),
	.rodata = "read only",
	.rodata_size = 10,
	.data = "data",
	.data_size = 5,
	.tdata = "tls",
	.tdata_size = 4,
	.tbss_size = 60,
};

static void test_headers_of_a_whole_file(void **state)
{
	(void)state;
	struct elf_bytes bytes = elf_write(&plain);
	struct elf_file *file;
	assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x", &file));
	assert_int_equal(file->type, ET_DYN);
	assert_int_equal(file->machine, EM_X86_64);
	assert_int_equal(file->segment_count, bytes.segment_count);
	assert_int_equal(file->section_count, bytes.section_count);
	assert_int_equal(file->build_id_size, sizeof(build_id));
	assert_memory_equal(file->build_id, build_id, sizeof(build_id));
	assert_int_equal(elf_file_segment(file, PT_TLS)->p_memsz, 64);
	assert_null(elf_file_segment(file, PT_INTERP));
	const struct elf_section *section = elf_file_section(file, ".rodata");
	assert_non_null(section);
	assert_null(elf_file_section(file, ".rodat"));
	const uint8_t *content;
	size_t size;
	assert_fine(elf_file_section_bytes(file, section, &content, &size));
	assert_int_equal(size, 10);
	assert_string_equal((const char *)content, "read only");
	elf_file_close(file);
	elf_bytes_deinit(&bytes);
	elf_file_close(NULL);
}

static void test_bytes_by_address(void **state)
{
	(void)state;
	struct elf_bytes bytes = elf_write(&plain);
	struct elf_file *file;
	assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x", &file));
	assert_string_equal((const char *)elf_file_at(file, bytes.data, 5), "data");
	// Up to the end of what the file has, and not a byte of .bss, which it has not.
	assert_non_null(elf_file_at(file, bytes.bss - 1, 1));
	assert_null(elf_file_at(file, bytes.bss - 1, 2));
	assert_null(elf_file_at(file, bytes.bss, 1));
	assert_null(elf_file_at(file, bytes.data, SIZE_MAX));
	assert_null(elf_file_at(file, UINT64_MAX, 1));
	assert_null(elf_file_at(file, UINT64_MAX - 3, 8));
	// Two segments do not make one range.
	assert_null(elf_file_at(file, ELF_AT_RELRO - 4, 8));
	elf_file_close(file);
	elf_bytes_deinit(&bytes);
}

static void refuse(const struct elf_bytes *bytes, size_t size, enum polyton_error_code code, const char *words)
{
	struct elf_file *file = (struct elf_file *)0x1;
	assert_error(elf_file_from_bytes(bytes->bytes, size, "lib/x.so", &file), code, words);
	assert_ptr_equal(file, (void *)0x1); // results are untouched on failure
}

static void test_other_files_are_refused_by_name(void **state)
{
	(void)state;
	struct elf_bytes bytes = elf_write(&plain);
	refuse(&bytes, 0, POLYTON_ERROR_UNSUPPORTED, "lib/x.so is not an ELF file");
	refuse(&bytes, sizeof(Elf64_Ehdr) - 1, POLYTON_ERROR_UNSUPPORTED, "not an ELF file");
	elf_patch(&bytes, EI_CLASS, ELFCLASSNONE, 1);
	refuse(&bytes, bytes.size, POLYTON_ERROR_DAMAGED, "header is damaged");
	elf_patch(&bytes, EI_CLASS, ELFCLASS64, 1);
	elf_patch(&bytes, EI_DATA, ELFDATA2MSB, 1);
	refuse(&bytes, bytes.size, POLYTON_ERROR_UNSUPPORTED, "big-endian");
	elf_patch(&bytes, EI_DATA, ELFDATA2LSB, 1);
	elf_patch(&bytes, 0, 'E', 1);
	refuse(&bytes, bytes.size, POLYTON_ERROR_UNSUPPORTED, "not an ELF file");
	elf_bytes_deinit(&bytes);
}

static void test_loaded_segment_that_wraps_is_refused(void **state)
{
	(void)state;
	struct elf_bytes bytes = elf_write(&plain);
	uint64_t header = elf_segment_header(&bytes, PT_LOAD);
	elf_patch(&bytes, header + offsetof(Elf64_Phdr, p_memsz), UINT64_MAX, 8);
	elf_patch(&bytes, header + offsetof(Elf64_Phdr, p_vaddr), 0x1000, 8);
	refuse(&bytes, bytes.size, POLYTON_ERROR_DAMAGED, "wraps");
	elf_bytes_deinit(&bytes);
}

static void test_segment_outside_the_file_counts_as_absent(void **state)
{
	(void)state;
	struct elf_bytes bytes = elf_write(&plain);
	uint64_t header = elf_segment_header(&bytes, PT_LOAD);
	struct elf_file *file;
	elf_patch(&bytes, header + offsetof(Elf64_Phdr, p_offset), bytes.size - 8, 8);
	assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x", &file));
	assert_null(elf_file_at(file, 0, 1));
	elf_file_close(file);
	elf_bytes_deinit(&bytes);
}

static void test_damaged_section_headers_cost_the_sections_only(void **state)
{
	(void)state;
	const uint64_t places[] = { UINT64_MAX, 1, 0x7fffffffffffffff };
	for (size_t i = 0; i < count_of(places); i++) {
		struct elf_bytes bytes = elf_write(&plain);
		struct elf_file *file;
		elf_patch(&bytes, offsetof(Elf64_Ehdr, e_shoff), places[i], 8);
		assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x", &file));
		assert_int_equal(file->segment_count, bytes.segment_count);
		assert_int_equal(file->build_id_size, sizeof(build_id));
		assert_null(elf_file_section(file, ".rodata"));
		elf_file_close(file);
		elf_bytes_deinit(&bytes);
	}
}

static void test_section_outside_the_file_is_an_error(void **state)
{
	(void)state;
	struct elf_bytes bytes = elf_write(&plain);
	uint64_t header = elf_section_header(&bytes, SHT_DYNSYM);
	struct elf_file *file;
	const uint8_t *content;
	size_t size;
	elf_patch(&bytes, header + offsetof(Elf64_Shdr, sh_offset), bytes.size, 8);
	assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x", &file));
	assert_error(elf_file_section_bytes(file, elf_file_section(file, ".dynsym"), &content, &size),
		     POLYTON_ERROR_DAMAGED, "section .dynsym lies outside the file");
	elf_file_close(file);
	elf_patch(&bytes, header + offsetof(Elf64_Shdr, sh_offset), 0, 8);
	elf_patch(&bytes, header + offsetof(Elf64_Shdr, sh_type), SHT_NOBITS, 4);
	assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x", &file));
	assert_error(elf_file_section_bytes(file, elf_file_section(file, ".dynsym"), &content, &size),
		     POLYTON_ERROR_DAMAGED, "outside");
	elf_file_close(file);
	elf_bytes_deinit(&bytes);
}

static size_t put_note(uint8_t *notes, size_t at, size_t align, const char *name, uint32_t type, uint32_t size)
{
	Elf64_Nhdr header = { (uint32_t)strlen(name) + 1, size, type };
	memcpy(notes + at, &header, sizeof(header));
	memcpy(notes + at + sizeof(header), name, header.n_namesz);
	// gABI: the descriptor and the next note are aligned as places in the segment, not by their own lengths.
	size_t content = (at + sizeof(header) + header.n_namesz + align - 1) / align * align;
	for (uint32_t i = 0; i < size; i++)
		notes[content + i] = (uint8_t)(i + 1);
	return (content + size + align - 1) / align * align;
}

static void test_build_id_in_notes_of_either_alignment(void **state)
{
	(void)state;
	for (size_t align = 4; align <= 8; align += 4) {
		uint8_t notes[256] = { 0 };
		size_t at = put_note(notes, 0, align, "GNU", 5 /* NT_GNU_PROPERTY_TYPE_0 */, 20);
		at = put_note(notes, at, align, "stapsdt", NT_GNU_BUILD_ID, 9);
		size_t end = put_note(notes, at, align, "GNU", NT_GNU_BUILD_ID, 20);
		uint32_t size = 0;
		const uint8_t *id = elf_note_build_id(notes, end, align, &size);
		assert_non_null(id);
		assert_int_equal(size, 20);
		assert_int_equal(id[0], 1);
		assert_int_equal(id[19], 20);
		// Cut anywhere before its end, it is not there.
		for (size_t cut = 0; cut < (size_t)(id - notes) + 20; cut++)
			assert_null(elf_note_build_id(notes, cut, align, &size));
	}
}

static void test_notes_that_lie(void **state)
{
	(void)state;
	const uint32_t sizes[] = { 1, 3, 0x7fffffff, 0x80000000, 0xfffffff4, 0xfffffffc, 0xffffffff };
	uint8_t notes[64] = { 0 };
	uint32_t size;
	for (size_t name = 0; name < count_of(sizes); name++) {
		for (size_t content = 0; content < count_of(sizes); content++) {
			Elf64_Nhdr header = { sizes[name], sizes[content], NT_GNU_BUILD_ID };
			memcpy(notes, &header, sizeof(header));
			assert_null(elf_note_build_id(notes, sizeof(notes), 4, &size));
			assert_null(elf_note_build_id(notes, sizeof(notes), 8, &size));
			assert_null(elf_note_build_id(notes, sizeof(notes), UINT64_MAX, &size));
		}
	}
	put_note(notes, 0, 4, "GNU", NT_GNU_BUILD_ID, 0); // an empty one is none
	assert_null(elf_note_build_id(notes, 16, 4, &size));
}

static void test_build_id_too_long_is_none(void **state)
{
	(void)state;
	uint8_t id[ELF_BUILD_ID_MAX + 1] = { 1 };
	struct elf_spec spec = plain;
	spec.build_id = id;
	for (size_t size = ELF_BUILD_ID_MAX; size <= ELF_BUILD_ID_MAX + 1; size++) {
		spec.build_id_size = size;
		struct elf_bytes bytes = elf_write(&spec);
		struct elf_file *file;
		assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x", &file));
		assert_int_equal(file->build_id_size, size <= ELF_BUILD_ID_MAX ? size : 0);
		elf_file_close(file);
		elf_bytes_deinit(&bytes);
	}
}

static void test_open_maps_regular_files_only(void **state)
{
	(void)state;
	struct elf_bytes bytes = elf_write(&plain);
	struct elf_file *file;
	int fd = memfd_create("file", MFD_CLOEXEC), pipe_fds[2];
	assert_true(fd >= 0);
	assert_error(elf_file_open(fd, "empty", &file), POLYTON_ERROR_UNSUPPORTED, "empty is not an ELF file");
	assert_int_equal(write(fd, bytes.bytes, bytes.size), bytes.size);
	assert_fine(elf_file_open(fd, "file", &file));
	close(fd);
	assert_int_equal(file->build_id_size, sizeof(build_id));
	assert_true(file->inode != 0);
	elf_file_close(file);
	assert_int_equal(pipe(pipe_fds), 0);
	assert_error(elf_file_open(pipe_fds[0], "fifo", &file), POLYTON_ERROR_UNSUPPORTED, "fifo is not an ELF file");
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	assert_error(elf_file_open(-1, "gone", &file), POLYTON_ERROR_READ, "gone");
	elf_bytes_deinit(&bytes);
}

static void test_parts_of_an_object(void **state)
{
	(void)state;
	static const uint64_t words[4] = { 10, 11, 12, 13 };
	const Elf64_Phdr parts[] = {
		{ .p_type = PT_LOAD, .p_vaddr = 0x1000, .p_offset = 0, .p_filesz = 16 },
		{ .p_type = PT_LOAD, .p_vaddr = 0x9000, .p_offset = 16, .p_filesz = 16 },
		{ .p_type = PT_LOAD, .p_vaddr = 0x5000, .p_offset = 24, .p_filesz = 16 }, // more than there is
		{ .p_type = PT_DYNAMIC, .p_vaddr = 0x9000, .p_offset = 16, .p_filesz = 16 },
	};
	struct elf_file *file;
	assert_fine(elf_file_from_parts(EM_X86_64, ELFCLASS64, words, sizeof(words), parts, count_of(parts), &file));
	assert_ptr_equal(elf_file_at(file, 0x1008, 8), &words[1]);
	assert_ptr_equal(elf_file_at(file, 0x9000, 16), &words[2]);
	assert_null(elf_file_at(file, 0x1008, 16));
	assert_null(elf_file_at(file, 0x5000, 8));
	assert_int_equal(elf_file_segment(file, PT_DYNAMIC)->p_offset, 16);
	assert_int_equal(file->section_count, 0);
	elf_file_close(file);
}

static void test_tables_are_aligned(void **state)
{
	(void)state;
	_Alignas(8) uint8_t bytes[64];
	const Elf64_Phdr part = { .p_type = PT_LOAD, .p_vaddr = 0x1000, .p_filesz = sizeof(bytes) };
	struct elf_file *file;
	const void *table;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	assert_fine(elf_file_from_parts(EM_X86_64, ELFCLASS64, bytes, sizeof(bytes), &part, 1, &file));
	const struct {
		uint64_t address, count;
		size_t size;
		bool is_in_place;
	} rows[] = {
		{ 0x1000, 8, 8, true },  { 0x1004, 2, 4, true },  { 0x1002, 2, 2, true },   { 0x1008, 1, 24, true },
		{ 0x1004, 2, 8, false }, { 0x1001, 2, 2, false }, { 0x1004, 1, 24, false },
	};
	for (size_t i = 0; i < count_of(rows); i++) {
		const uint8_t *place = bytes + (rows[i].address - 0x1000);
		assert_fine(elf_file_table(file, rows[i].address, rows[i].count, rows[i].size, &table));
		assert_int_equal(table == place, rows[i].is_in_place);
		assert_memory_equal(table, place, rows[i].count * rows[i].size);
	}
	assert_fine(elf_file_table(file, 0x1000, 9, 8, &table));
	assert_null(table);
	assert_fine(elf_file_table(file, 0x1000, UINT64_MAX / 4, 8, &table));
	assert_null(table);
	elf_file_close(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers_of_a_whole_file),
		cmocka_unit_test(test_bytes_by_address),
		cmocka_unit_test(test_other_files_are_refused_by_name),
		cmocka_unit_test(test_loaded_segment_that_wraps_is_refused),
		cmocka_unit_test(test_segment_outside_the_file_counts_as_absent),
		cmocka_unit_test(test_damaged_section_headers_cost_the_sections_only),
		cmocka_unit_test(test_section_outside_the_file_is_an_error),
		cmocka_unit_test(test_build_id_in_notes_of_either_alignment),
		cmocka_unit_test(test_notes_that_lie),
		cmocka_unit_test(test_build_id_too_long_is_none),
		cmocka_unit_test(test_open_maps_regular_files_only),
		cmocka_unit_test(test_parts_of_an_object),
		cmocka_unit_test(test_tables_are_aligned),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
