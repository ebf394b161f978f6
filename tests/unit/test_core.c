// Cores byte by byte: what the notes say, what is in memory, what is absent, and what a file may stand in for.

#include "../support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "target/core.h"

enum {
	PAGE = 4096,
	TEXT = 0x400000, // where the library's read-only part is mapped, header first
	DATA = 0x402000, // and its writable part
	HEAP = 0x800000,
	ID_AT = 0x200,
	ID_SIZE = 20,
	TAIL_BYTE = 0x5a, // in the file, not in the core
	PRSTATUS = 336,
	PRPSINFO = 136,
	SEGMENTS_MAX = 8,
	CORE_MAX = 1 << 16,
};

/** A core that is being written. */
struct made {
	char folder[64], core[96], library[96];
	Elf64_Phdr segments[SEGMENTS_MAX];
	uint8_t contents[SEGMENTS_MAX][PAGE];
	size_t count;
	uint8_t notes[8192];
	size_t notes_size;
	uint16_t machine;
	struct core *opened;
};

static void write_file(const char *path, const void *bytes, size_t size)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static int setup(void **state)
{
	struct made *made = calloc(1, sizeof(*made));
	assert_non_null(made);
	strcpy(made->folder, "/tmp/polyton-core-XXXXXX");
	assert_non_null(mkdtemp(made->folder));
	snprintf(made->core, sizeof(made->core), "%s/core", made->folder);
	snprintf(made->library, sizeof(made->library), "%s/lib.so", made->folder);
	made->machine = EM_X86_64;
	*state = made;
	return 0;
}

static int teardown(void **state)
{
	struct made *made = *state;
	core_close(made->opened);
	unlink(made->core);
	unlink(made->library);
	rmdir(made->folder);
	free(made);
	return 0;
}

static void add_note(struct made *made, const char *name, uint32_t type, const void *bytes, size_t size)
{
	Elf64_Nhdr header = { (uint32_t)strlen(name) + 1, (uint32_t)size, type };
	uint8_t *at = made->notes + made->notes_size;
	memcpy(at, &header, sizeof(header));
	strcpy((char *)at + sizeof(header), name);
	memcpy(at + sizeof(header) + 8, bytes, size);
	made->notes_size += sizeof(header) + 8 + (size + 3) / 4 * 4;
}

static void add_thread(struct made *made, int32_t tid, uint64_t pointer, int16_t number)
{
	uint8_t bytes[PRSTATUS] = { 0 };
	memcpy(bytes + 12, &number, sizeof(number));
	memcpy(bytes + 32, &tid, sizeof(tid));
	memcpy(bytes + 112 + 21 * 8, &pointer, sizeof(pointer));
	add_note(made, "CORE", NT_PRSTATUS, bytes, sizeof(bytes));
}

static void add_auxv(struct made *made)
{
	const uint64_t words[] = { AT_PHDR, TEXT + sizeof(Elf64_Ehdr), AT_PHNUM, 3, AT_NULL, 0 };
	add_note(made, "CORE", NT_AUXV, words, sizeof(words));
}

/** Three ranges of the library: two of its read-only part, one of the writable. */
static void add_files(struct made *made, const char *suffix)
{
	uint8_t bytes[1024];
	const uint64_t words[] = { 3, PAGE, TEXT, TEXT + PAGE, 0, TEXT + PAGE, DATA, 1, DATA, DATA + PAGE, 2 };
	size_t size = sizeof(words);
	memcpy(bytes, words, sizeof(words));
	for (int i = 0; i < 3; i++)
		size += (size_t)sprintf((char *)bytes + size, "%s%s", made->library, suffix) + 1;
	add_note(made, "CORE", NT_FILE, bytes, size);
}

static uint8_t *add_segment(struct made *made, uint64_t address, uint64_t held, uint64_t size, uint32_t flags)
{
	assert_true(made->count < SEGMENTS_MAX && held <= PAGE);
	made->segments[made->count] = (Elf64_Phdr){ .p_type = PT_LOAD,
						    .p_flags = flags,
						    .p_vaddr = address,
						    .p_filesz = held,
						    .p_memsz = size };
	return made->contents[made->count++];
}

/** The first page of the library, which has @p id for a build id; 0: it has none. */
static void make_page(uint8_t page[PAGE], uint8_t id)
{
	Elf64_Ehdr header = { .e_type = ET_DYN,
			      .e_machine = EM_X86_64,
			      .e_phoff = sizeof(header),
			      .e_phentsize = sizeof(Elf64_Phdr),
			      .e_phnum = 3 };
	const Elf64_Phdr segments[] = {
		{ PT_LOAD, PF_R | PF_X, 0, 0, 0, 2 * PAGE, 2 * PAGE, PAGE },
		{ PT_LOAD, PF_R | PF_W, 2 * PAGE, 2 * PAGE, 0, PAGE, PAGE, PAGE },
		{ id ? PT_NOTE : PT_NULL, PF_R, ID_AT, ID_AT, 0, 16 + ID_SIZE, 16 + ID_SIZE, 4 },
	};
	const Elf64_Nhdr note = { 4, ID_SIZE, NT_GNU_BUILD_ID };
	memcpy(header.e_ident, ELFMAG, SELFMAG);
	header.e_ident[EI_CLASS] = ELFCLASS64;
	header.e_ident[EI_DATA] = ELFDATA2LSB;
	memset(page, 0, PAGE);
	memcpy(page, &header, sizeof(header));
	memcpy(page + sizeof(header), segments, sizeof(segments));
	memcpy(page + ID_AT, &note, sizeof(note));
	memcpy(page + ID_AT + sizeof(note), "GNU", 4);
	memset(page + ID_AT + 16, id, ID_SIZE);
}

static void write_library(const struct made *made, uint8_t id)
{
	uint8_t bytes[3 * PAGE];
	make_page(bytes, id);
	memset(bytes + PAGE, TAIL_BYTE, 2 * PAGE);
	write_file(made->library, bytes, sizeof(bytes));
}

/** @p cut: bytes left out at the end. */
static struct polyton_error *open_core(struct made *made, size_t cut, const char *exe)
{
	uint8_t *bytes = calloc(1, CORE_MAX);
	size_t at = sizeof(Elf64_Ehdr) + (made->count + 1) * sizeof(Elf64_Phdr);
	Elf64_Phdr notes = { .p_type = PT_NOTE, .p_offset = at, .p_filesz = made->notes_size };
	Elf64_Ehdr header = { .e_type = ET_CORE,
			      .e_machine = made->machine,
			      .e_phoff = sizeof(header),
			      .e_phentsize = sizeof(Elf64_Phdr),
			      .e_phnum = (uint16_t)(made->count + 1) };
	assert_non_null(bytes);
	memcpy(header.e_ident, ELFMAG, SELFMAG);
	header.e_ident[EI_CLASS] = ELFCLASS64;
	header.e_ident[EI_DATA] = ELFDATA2LSB;
	memcpy(bytes, &header, sizeof(header));
	memcpy(bytes + at, made->notes, made->notes_size);
	at += made->notes_size;
	memcpy(bytes + sizeof(header), &notes, sizeof(notes));
	for (size_t i = 0; i < made->count; i++) {
		made->segments[i].p_offset = at;
		memcpy(bytes + sizeof(header) + (i + 1) * sizeof(Elf64_Phdr), &made->segments[i], sizeof(Elf64_Phdr));
		memcpy(bytes + at, made->contents[i],
		       made->segments[i].p_filesz < PAGE ? made->segments[i].p_filesz : PAGE);
		at += made->segments[i].p_filesz < PAGE ? made->segments[i].p_filesz : PAGE;
	}
	write_file(made->core, bytes, at - cut);
	free(bytes);
	return core_open(made->core, exe, &made->opened);
}

static int read_at(struct made *made, uint64_t address, void *buffer, size_t size)
{
	struct target_read piece = { address, buffer, size, 0 };
	target_read_pieces(&made->opened->target, &piece, 1);
	return piece.error;
}

static void test_threads(void **state)
{
	struct made *made = *state;
	uint8_t process[PRPSINFO] = { 0 };
	process[24] = 40;
	strcpy((char *)process + 40, "a program's name");
	add_thread(made, 42, 0x1000, 11);
	add_note(made, "CORE", NT_PRPSINFO, process, sizeof(process));
	add_thread(made, 40, 0x2000, 0);
	add_thread(made, 42, 0x3000, 0); // once more
	add_thread(made, -1, 0x4000, 0);
	add_auxv(made);
	assert_fine(open_core(made, 0, NULL));
	struct subject subject = core_subject(made->opened);
	subject_tids tids = { 0 };
	subject_tasks tasks = { 0 };
	char name[SUBJECT_NAME_MAX];
	assert_fine(subject.ops->list_tids(subject.state, &tids));
	assert_int_equal(tids.count, 2);
	assert_fine(subject.ops->read_tasks(subject.state, &tids, &tasks));
	assert_int_equal(tasks.items[0].tid, 40);
	assert_int_equal(tasks.items[0].thread_pointer, 0x2000);
	assert_int_equal(tasks.items[1].tid, 42);
	assert_int_equal(tasks.items[1].thread_pointer, 0x1000);
	subject.ops->read_name(subject.state, 40, name);
	assert_string_equal(name, "a program's nam");
	subject.ops->read_name(subject.state, 42, name);
	assert_string_equal(name, "");
	assert_int_equal(subject.pid, 40);
	assert_int_equal(subject.signal, 11);
	assert_int_equal(subject.signal_tid, 42);
	uint64_t pointer = 0;
	assert_int_equal(target_thread_pointer(subject.target, 42, &pointer), 0);
	assert_int_equal(pointer, 0x1000);
	assert_int_equal(target_thread_pointer(subject.target, 41, &pointer), ESRCH);
	vec_deinit(&tids);
	vec_deinit(&tasks);
}

static void test_thread_pointer_in_a_set_of_its_own(void **state)
{
	struct made *made = *state;
	const uint64_t words[] = { 0x7000, 0 };
	made->machine = EM_AARCH64;
	add_thread(made, 7, 0x1000, 0);
	add_thread(made, 8, 0x1000, 0);
	add_note(made, "LINUX", NT_ARM_TLS, words, sizeof(words));
	add_auxv(made);
	assert_fine(open_core(made, 0, NULL));
	uint64_t pointer = 0;
	assert_int_equal(target_thread_pointer(&made->opened->target, 8, &pointer), 0);
	assert_int_equal(pointer, 0x7000);
	assert_int_equal(target_thread_pointer(&made->opened->target, 7, &pointer), EPERM);
}

static void test_memory(void **state)
{
	struct made *made = *state;
	uint8_t bytes[2 * PAGE];
	add_auxv(made);
	add_thread(made, 1, 0, 0);
	memset(add_segment(made, HEAP + PAGE, PAGE, PAGE, PF_R | PF_W), 2, PAGE);
	memset(add_segment(made, HEAP, PAGE, PAGE, PF_R | PF_W), 1, PAGE);
	memset(add_segment(made, HEAP + 2 * PAGE, 16, PAGE, PF_R | PF_W), 3, 16);
	add_segment(made, UINT64_MAX - 4095, 0, PAGE, PF_R); // to the very end: refused
	add_segment(made, UINT64_MAX - 2 * PAGE + 1, PAGE, PAGE, PF_R);
	assert_fine(open_core(made, 0, NULL));
	assert_int_equal(made->opened->losses.count, 0);
	assert_int_equal(read_at(made, HEAP + PAGE - 8, bytes, 16), 0);
	assert_memory_equal(bytes, "\1\1\1\1\1\1\1\1\2\2\2\2\2\2\2\2", 16);
	assert_int_equal(read_at(made, HEAP, bytes, 2 * PAGE), 0);
	assert_int_equal(read_at(made, HEAP + 2 * PAGE, bytes, 16), 0);
	// Absent is not zero.
	assert_int_equal(read_at(made, HEAP + 2 * PAGE, bytes, 17), EFAULT);
	assert_int_equal(read_at(made, HEAP - 1, bytes, 2), EFAULT);
	assert_int_equal(read_at(made, HEAP + 3 * PAGE, bytes, 1), EFAULT);
	assert_int_equal(read_at(made, HEAP + 5 * PAGE, bytes, 0), 0);
	assert_int_equal(read_at(made, UINT64_MAX - PAGE, bytes, PAGE), EFAULT);
	assert_int_equal(read_at(made, UINT64_MAX, bytes, 2), EFAULT);
	assert_int_equal(read_at(made, 0, bytes, 1), EFAULT);
}

/** The library mapped, its first page in the core with the build id of ones. */
static void map_library(struct made *made, uint8_t id, const char *suffix)
{
	add_auxv(made);
	add_thread(made, 1, 0, 0);
	add_files(made, suffix);
	make_page(add_segment(made, TEXT, PAGE, 2 * PAGE, PF_R | PF_X), id);
	add_segment(made, DATA, 0, PAGE, PF_R | PF_W);
}

static void test_file_stands_in(void **state)
{
	struct made *made = *state;
	uint8_t bytes[PAGE + 8];
	map_library(made, 1, "");
	write_library(made, 1);
	assert_fine(open_core(made, 0, NULL));
	assert_int_equal(read_at(made, TEXT + PAGE - 8, bytes, PAGE + 8), 0);
	assert_int_equal(bytes[7], 0);
	assert_int_equal(bytes[8], TAIL_BYTE);
	assert_int_equal(bytes[PAGE + 7], TAIL_BYTE);
	// What the process could write is not what the file has.
	assert_int_equal(read_at(made, DATA, bytes, 1), EFAULT);
	assert_int_equal(read_at(made, DATA - 4, bytes, 8), EFAULT);
}

static void test_other_file_does_not(void **state)
{
	struct made *made = *state;
	uint8_t byte;
	map_library(made, 1, "");
	write_library(made, 2);
	assert_fine(open_core(made, 0, NULL));
	assert_int_equal(read_at(made, TEXT + PAGE, &byte, 1), EFAULT);
	assert_int_equal(read_at(made, TEXT, &byte, 1), 0);
}

static void test_file_without_build_id(void **state)
{
	struct made *made = *state;
	uint8_t byte;
	map_library(made, 0, " (deleted)");
	write_library(made, 0);
	assert_fine(open_core(made, 0, NULL));
	assert_int_equal(read_at(made, TEXT + PAGE, &byte, 1), EFAULT);
	core_close(take_pointer(made->opened));
	// Unless somebody says that it is the program.
	assert_fine(open_core(made, 0, made->library));
	assert_string_equal(made->opened->program, made->library);
	assert_true(made->opened->is_program_deleted);
	assert_int_equal(read_at(made, TEXT + PAGE, &byte, 1), 0);
	assert_int_equal(byte, TAIL_BYTE);
}

static void test_named_file_that_is_another(void **state)
{
	struct made *made = *state;
	uint8_t byte;
	map_library(made, 1, " (deleted)");
	write_library(made, 2);
	assert_fine(open_core(made, 0, made->library));
	assert_int_equal(read_at(made, TEXT + PAGE, &byte, 1), EFAULT);
}

static void test_maps(void **state)
{
	struct made *made = *state;
	struct subject_maps maps = { 0 };
	map_library(made, 1, " (deleted)");
	assert_fine(open_core(made, 0, NULL));
	struct subject subject = core_subject(made->opened);
	assert_fine(subject.ops->read_maps(subject.state, &maps));
	assert_int_equal(maps.ranges.count, 3);
	const struct subject_map *text = subject_maps_find(&maps, TEXT + 8), *data = subject_maps_find(&maps, DATA);
	assert_string_equal(text->path, made->library);
	assert_true(text->is_executable && text->is_deleted && !text->is_writable);
	assert_true(data->is_writable && data->inode == text->inode && data->offset == 2 * PAGE);
	assert_null(subject_maps_find(&maps, DATA + PAGE));
	assert_true(subject.is_exe_deleted);
	assert_string_equal(subject.exe, made->library);
	subject_maps_deinit(&maps);
}

static void test_cut_off(void **state)
{
	struct made *made = *state;
	uint8_t bytes[16];
	add_auxv(made);
	add_thread(made, 1, 0, 0);
	memset(add_segment(made, HEAP, PAGE, PAGE, PF_R | PF_W), 1, PAGE);
	assert_fine(open_core(made, 100, NULL));
	assert_int_equal(made->opened->losses.count, 1);
	assert_non_null(strstr(made->opened->losses.items[0], "cut off: 100 bytes of memory"));
	assert_int_equal(read_at(made, HEAP + PAGE - 116, bytes, 16), 0);
	assert_int_equal(read_at(made, HEAP + PAGE - 115, bytes, 16), EFAULT);
}

static void test_hostile_notes(void **state)
{
	struct made *made = *state;
	const uint64_t tables[][3] = { { UINT64_MAX, PAGE, 0 },
				       { UINT64_MAX / 24 + 1, PAGE, 0 },
				       { 1, 0, 0 },
				       { 1, UINT64_MAX, 0 } };
	for (size_t i = 0; i < count_of(tables); i++) {
		made->notes_size = 0;
		add_auxv(made);
		add_thread(made, 1, 0, 0);
		add_note(made, "CORE", NT_FILE, tables[i], sizeof(tables[i]));
		assert_fine(open_core(made, 0, NULL));
		assert_int_equal(made->opened->ranges.count, 0);
		assert_non_null(strstr(made->opened->losses.items[0], "NT_FILE"));
		core_close(take_pointer(made->opened));
	}
	// A size that leads out of the file, and one that leads to itself.
	made->notes_size = 0;
	add_auxv(made);
	add_thread(made, 1, 0, 0);
	const Elf64_Nhdr endless = { UINT32_MAX, UINT32_MAX, NT_PRSTATUS }, empty = { 0, 0, 0 };
	memcpy(made->notes + made->notes_size, &empty, sizeof(empty));
	memcpy(made->notes + made->notes_size + sizeof(empty), &endless, sizeof(endless));
	made->notes_size += 2 * sizeof(empty);
	assert_fine(open_core(made, 0, NULL));
	assert_int_equal(made->opened->threads.count, 1);
}

static void test_ranges_that_overlap_are_left_out(void **state)
{
	struct made *made = *state;
	uint8_t bytes[256] = { 0 };
	const uint64_t words[] = { 3,      PAGE,   0x5000,    0x7000, 0, 0x6000, 0x8000, 0, // overlaps the first
				   0x9000, 0x9000, UINT64_MAX }; // empty, and out of bounds
	memcpy(bytes, words, sizeof(words));
	memcpy(bytes + sizeof(words), "a\0b\0c", 6);
	add_auxv(made);
	add_note(made, "CORE", NT_FILE, bytes, sizeof(words) + 6);
	assert_fine(open_core(made, 0, NULL));
	assert_int_equal(made->opened->ranges.count, 1);
	assert_non_null(strstr(made->opened->losses.items[0], "names no threads"));
}

static void test_refusals(void **state)
{
	struct made *made = *state;
	add_thread(made, 1, 0, 0);
	assert_error(open_core(made, 0, NULL), POLYTON_ERROR_DAMAGED, "no auxiliary vector");
	made->machine = 0x7777;
	assert_error(open_core(made, 0, NULL), POLYTON_ERROR_UNSUPPORTED, "e_machine 30583");
	made->machine = EM_X86_64;
	add_auxv(made);
	assert_error(open_core(made, 0, "/nowhere/at/all"), POLYTON_ERROR_READ, "/nowhere/at/all");
	write_file(made->core,
		   "\x7f"
		   "ELF\1\1\1\0\0\0\0\0\0\0\0\0\4\0\3\0",
		   20);
	assert_error(core_open(made->core, NULL, &made->opened), POLYTON_ERROR_UNSUPPORTED, "32-bit");
	write_file(made->core, "\x28\xb5\x2f\xfd and more", 13);
	assert_error(core_open(made->core, NULL, &made->opened), POLYTON_ERROR_UNSUPPORTED, "zstd");
	write_file(made->core, "", 0);
	assert_error(core_open(made->core, NULL, &made->opened), POLYTON_ERROR_UNSUPPORTED, "not a core file");
	assert_error(core_open(made->folder, NULL, &made->opened), POLYTON_ERROR_ARGUMENT, "not a regular file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_threads, setup, teardown),
		cmocka_unit_test_setup_teardown(test_thread_pointer_in_a_set_of_its_own, setup, teardown),
		cmocka_unit_test_setup_teardown(test_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(test_file_stands_in, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_file_does_not, setup, teardown),
		cmocka_unit_test_setup_teardown(test_file_without_build_id, setup, teardown),
		cmocka_unit_test_setup_teardown(test_named_file_that_is_another, setup, teardown),
		cmocka_unit_test_setup_teardown(test_maps, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cut_off, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hostile_notes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ranges_that_overlap_are_left_out, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
