// Where a glibc keeps things: as its own descriptors tell, and, without them, as its memory shows.

#include "../support/check.h"

#include <stdio.h>

#include "../support/elf_writer.h"
#include "tls/glibc.h"

enum {
	SYMBOLS = 0x10000000,
	GLOBAL = 0x11000000,
	GLOBAL_SIZE = 0x1000,
	MAPS = 0x12000000,
	TABLE = 0x13000000,
	ROOM = 0x1000,
	MAP_AT = 0x3c8,
	LIST_AT = 0x718
};
static const uint64_t bias = 0x7f1200000000, library_bias = 0x7f1300000000;

/** One symbol of the C library. */
struct symbol {
	const char *name;
	uint64_t address, size;
};

struct process {
	struct byte_target memory;
	struct symbol symbols[32];
	size_t symbol_count;
	struct image program;
	struct linkmap list;
	struct elf_bytes files[2];
	uint64_t next_symbol;
};

static uint64_t lookup(void *arg, const char *name, uint64_t *size_ret)
{
	const struct process *process = arg;
	*size_ret = 0;
	for (size_t i = 0; i < process->symbol_count; i++) {
		if (strcmp(process->symbols[i].name, name) == 0) {
			*size_ret = process->symbols[i].size;
			return process->symbols[i].address;
		}
	}
	return 0;
}

static void start(struct process *process, uint16_t machine, uint8_t elf_class, uint8_t elf_data)
{
	*process = (struct process){ .next_symbol = SYMBOLS };
	byte_target_init(&process->memory, machine, elf_class, elf_data);
	byte_target_map(&process->memory, SYMBOLS, ROOM);
	byte_target_map(&process->memory, GLOBAL, GLOBAL_SIZE);
}

static void finish(struct process *process)
{
	vec_deinit(&process->list.entries);
	for (size_t i = 0; i < count_of(process->files); i++)
		elf_bytes_deinit(&process->files[i]);
	byte_target_deinit(&process->memory);
}

static void add_symbol(struct process *process, const char *name, uint64_t address, uint64_t size)
{
	assert_true(process->symbol_count < count_of(process->symbols));
	process->symbols[process->symbol_count++] = (struct symbol){ name, address, size };
}

/** A _thread_db_* descriptor: {size in bits, elements, offset}. */
static void describe(struct process *process, const char *name, uint32_t elements, uint32_t offset)
{
	const uint32_t words[] = { 64, elements, offset };
	for (size_t i = 0; i < count_of(words); i++)
		byte_target_put_number(&process->memory, process->next_symbol + 4 * i, words[i], 4);
	add_symbol(process, name, process->next_symbol, sizeof(words));
	process->next_symbol += sizeof(words);
}

static void describe_all(struct process *process)
{
	describe(process, "_thread_db_pthread_tid", 1, 720);
	describe(process, "_thread_db_pthread_list", 1, 704);
	describe(process, "_thread_db_pthread_dtvp", 1, 8);
	describe(process, "_thread_db_link_map_l_tls_offset", 1, 1144);
	describe(process, "_thread_db_link_map_l_tls_modid", 1, 1152);
	describe(process, "_thread_db_rtld_global__dl_tls_dtv_slotinfo_list", 1, 0x708);
	describe(process, "_thread_db_rtld_global__dl_stack_user", 1, 0x7a8);
	describe(process, "_thread_db_rtld_global__dl_stack_used", 1, 0x798);
	add_symbol(process, "_rtld_global", GLOBAL, GLOBAL_SIZE);
}

static struct tls_layout find(struct process *process)
{
	struct tls_layout layout;
	assert_fine(tls_layout_find(&process->memory.target, &process->program, &process->list, lookup, process,
				    &layout));
	return layout;
}

static void test_descriptors(void **state)
{
	(void)state;
	const struct {
		uint16_t machine;
		uint8_t elf_class, elf_data;
		uint32_t robust_after_tid;
	} rows[] = {
		{ EM_X86_64, ELFCLASS64, ELFDATA2LSB, 16 },
		{ EM_386, ELFCLASS32, ELFDATA2LSB, 4 },
		{ EM_S390, ELFCLASS64, ELFDATA2MSB, 16 },
		{ EM_RISCV, ELFCLASS64, ELFDATA2LSB, 16 },
	};
	for (size_t i = 0; i < count_of(rows); i++) {
		struct process process;
		start(&process, rows[i].machine, rows[i].elf_class, rows[i].elf_data);
		describe_all(&process);
		struct tls_layout layout = find(&process);
		assert_true(layout.has_descriptors);
		assert_int_equal(layout.pthread_tid, 720);
		assert_int_equal(layout.pthread_list, 704);
		assert_int_equal(layout.pthread_dtv, 8);
		assert_int_equal(layout.robust_head, 720 + rows[i].robust_after_tid);
		assert_int_equal(layout.map_offset, 1144);
		assert_int_equal(layout.map_module, 1152);
		assert_int_equal(layout.slotinfo_list, GLOBAL + 0x708);
		assert_int_equal(layout.stack_user, GLOBAL + 0x7a8);
		assert_int_equal(layout.stack_used, GLOBAL + 0x798);
		assert_int_equal(layout.rtld_global_size, GLOBAL_SIZE);
		finish(&process);
	}
}

static void test_lists_of_an_older_libpthread(void **state)
{
	(void)state;
	struct process process;
	start(&process, EM_X86_64, ELFCLASS64, ELFDATA2LSB);
	describe(&process, "_thread_db_pthread_tid", 1, 720);
	add_symbol(&process, "__stack_user", 0x5000, 16);
	add_symbol(&process, "stack_used", 0x6000, 16);
	struct tls_layout layout = find(&process);
	assert_int_equal(layout.stack_user, 0x5000);
	assert_int_equal(layout.stack_used, 0x6000);
	assert_int_equal(layout.slotinfo_list, 0);
	finish(&process);
}

static void test_machine_facts_where_nothing_is_described(void **state)
{
	(void)state;
	const struct {
		uint16_t machine;
		uint8_t elf_class, elf_data;
		uint32_t tid, dtv, robust;
		uint64_t above;
	} rows[] = {
		{ EM_X86_64, ELFCLASS64, ELFDATA2LSB, 720, 8, 736, 0 },
		{ EM_386, ELFCLASS32, ELFDATA2LSB, 104, 4, 108, 0 },
		{ EM_AARCH64, ELFCLASS64, ELFDATA2LSB, 208, 1856, 224, 1856 },
		{ EM_RISCV, ELFCLASS64, ELFDATA2LSB, 208, 1888 - 16, 224, 1888 },
		{ EM_PPC64, ELFCLASS64, ELFDATA2LSB, 208, 1984 - 8, 224, 1984 + 0x7000 },
	};
	for (size_t i = 0; i < count_of(rows); i++) {
		struct process process;
		start(&process, rows[i].machine, rows[i].elf_class, rows[i].elf_data);
		struct tls_layout layout = find(&process);
		assert_false(layout.has_descriptors);
		assert_int_equal(layout.pthread_tid, rows[i].tid);
		assert_int_equal(layout.pthread_dtv, rows[i].dtv);
		assert_int_equal(layout.robust_head, rows[i].robust);
		assert_int_equal(layout.pthread_above, rows[i].above);
		assert_int_equal(layout.map_module, 0);
		assert_string_equal(layout.version, "");
		finish(&process);
	}
	struct process process;
	start(&process, EM_MIPS, ELFCLASS64, ELFDATA2LSB);
	assert_int_equal(find(&process).pthread_above, 0); // not known, rather than only the bias
	finish(&process);
}

// Some machines tell the distance as a constant, some in the register's descriptor as a negative number of elements.
// x86_64's constant is a segment register's number and no distance.
static void test_distance_to_the_thread_pointer(void **state)
{
	(void)state;
	struct process process;
	start(&process, EM_AARCH64, ELFCLASS64, ELFDATA2LSB);
	byte_target_put_number(&process.memory, SYMBOLS + 0x800, 1792, 4);
	add_symbol(&process, "_thread_db_const_thread_area", SYMBOLS + 0x800, 4);
	struct tls_layout layout = find(&process);
	assert_int_equal(layout.pthread_above, 1792);
	assert_int_equal(layout.pthread_dtv, 1792); // the header is at the pointer, not where 2.36 had it
	finish(&process);

	start(&process, EM_RISCV, ELFCLASS64, ELFDATA2LSB);
	describe(&process, "_thread_db_register64", (uint32_t)-1900, 32);
	layout = find(&process);
	assert_int_equal(layout.pthread_above, 1900);
	assert_int_equal(layout.pthread_dtv, 1900 - 16);
	finish(&process);

	start(&process, EM_PPC64, ELFCLASS64, ELFDATA2LSB);
	describe(&process, "_thread_db_register64", (uint32_t) - (2000 + 0x7000), 104);
	describe(&process, "_thread_db_pthread_dtvp", 1, 2000 - 8);
	layout = find(&process);
	assert_int_equal(layout.pthread_above, 2000 + 0x7000);
	assert_int_equal(layout.pthread_dtv, 2000 - 8);
	finish(&process);

	start(&process, EM_X86_64, ELFCLASS64, ELFDATA2LSB);
	byte_target_put_number(&process.memory, SYMBOLS + 0x800, 25, 4);
	add_symbol(&process, "_thread_db_const_thread_area", SYMBOLS + 0x800, 4);
	assert_int_equal(find(&process).pthread_above, 0);
	finish(&process);
}

static void test_descriptors_that_cannot_be_read_are_as_good_as_none(void **state)
{
	(void)state;
	struct process process;
	start(&process, EM_X86_64, ELFCLASS64, ELFDATA2LSB);
	add_symbol(&process, "_thread_db_pthread_tid", 0x999000, 12);
	add_symbol(&process, "_thread_db_pthread_list", SYMBOLS, 8);     // too small to be one
	describe(&process, "_thread_db_link_map_l_tls_offset", 1, 1144); // without its other half
	add_symbol(&process, "_rtld_global", 0x998000, GLOBAL_SIZE);
	struct tls_layout layout = find(&process);
	assert_false(layout.has_descriptors);
	assert_int_equal(layout.pthread_tid, 720);
	assert_int_equal(layout.pthread_list, 0);
	assert_int_equal(layout.map_offset + layout.map_module, 0);
	assert_int_equal(layout.slotinfo_list, 0);
	finish(&process);
}

static void test_version(void **state)
{
	(void)state;
	const struct {
		const char *symbol, *text;
		uint64_t size;
		const char *expected;
	} rows[] = {
		{ "__nptl_version", "2.36", 5, "2.36" },      { "nptl_version", "2.31", 5, "2.31" },
		{ "__nptl_version", "2.36", 4, "2.36" }, // without its end
		{ "__nptl_version", "evil\x1b[31m", 10, "" }, { "__nptl_version", "2.36", 32, "" },
		{ "__nptl_version", "2.36", UINT64_MAX, "" }, { "other", "2.36", 5, "" },
	};
	for (size_t i = 0; i < count_of(rows); i++) {
		struct process process;
		start(&process, EM_X86_64, ELFCLASS64, ELFDATA2LSB);
		byte_target_put_string(&process.memory, SYMBOLS + 0x900, rows[i].text);
		add_symbol(&process, rows[i].symbol, SYMBOLS + 0x900, rows[i].size);
		assert_string_equal(find(&process).version, rows[i].expected);
		finish(&process);
	}
}

/** An object with @p tls_size bytes of thread-locals (0: none), and its link map at @p map. */
static void add_object(struct process *process, size_t index, uint64_t at, uint64_t map, uint64_t tls_size,
		       uint32_t name_space)
{
	static const uint8_t image[8] = { 1 };
	const struct elf_spec spec = { .tdata = tls_size ? image : NULL,
				       .tdata_size = tls_size ? sizeof(image) : 0,
				       .tbss_size = tls_size ? tls_size - sizeof(image) : 0,
				       .tls_align = 16 };
	process->files[index] = elf_write(&spec);
	elf_load(&process->files[index], &process->memory, at, true);
	struct linkmap_entry *entry = vec_push(&process->list.entries);
	assert_non_null(entry);
	*entry = (struct linkmap_entry){ .address = map, .bias = at, .name_space = name_space };
}

/** The words of struct link_map that glibc takes from PT_TLS, then l_tls_offset and l_tls_modid. */
static void put_tls_words(struct process *process, uint64_t map, uint64_t at, uint64_t tls_size, uint64_t module)
{
	const uint64_t tdata = ELF_AT_DATA;
	const uint64_t words[] = { at + tdata, 8, tls_size, 16, tdata & 15, 0x140, module };
	for (size_t i = 0; i < count_of(words); i++)
		byte_target_put_word(&process->memory, map + MAP_AT + 8 * i, words[i]);
}

static void start_undescribed(struct process *process, uint64_t program_tls, uint64_t library_tls)
{
	start(process, EM_X86_64, ELFCLASS64, ELFDATA2LSB);
	byte_target_map(&process->memory, MAPS, 4 * ROOM);
	add_object(process, 0, bias, MAPS, program_tls, 0);
	add_object(process, 1, library_bias, MAPS + 2 * ROOM, library_tls, 0);
	assert_fine(image_read(&process->memory.target, bias, bias, &process->program));
	add_symbol(process, "_rtld_global", GLOBAL, GLOBAL_SIZE);
}

static void put_table(struct process *process)
{
	byte_target_map(&process->memory, TABLE, (2 + 2 * 64) * 8);
	byte_target_put_word(&process->memory, TABLE, 64);
	byte_target_put_word(&process->memory, TABLE + (3 + 2 * 1) * 8, MAPS);
	byte_target_put_word(&process->memory, TABLE + (3 + 2 * 2) * 8, MAPS + 2 * ROOM);
	byte_target_put_word(&process->memory, GLOBAL + LIST_AT, TABLE);
}

static void test_calibration_on_the_program(void **state)
{
	(void)state;
	struct process process;
	start_undescribed(&process, 40, 0);
	put_tls_words(&process, MAPS, bias, 40, 1);
	put_table(&process);
	// Words that look alike, and pointers to what is no table, must not deceive.
	byte_target_put_word(&process.memory, MAPS + 0x80, bias + ELF_AT_DATA);
	byte_target_put_word(&process.memory, MAPS + 0x88, 8);
	byte_target_put_word(&process.memory, MAPS + 0x90, 41);
	const uint64_t decoys[] = { 0, 1, MAPS, TABLE + 4, SYMBOLS, 0x999000, UINT64_MAX, TABLE + 16 };
	for (size_t i = 0; i < count_of(decoys); i++)
		byte_target_put_word(&process.memory, GLOBAL + 0x100 + 8 * i, decoys[i]);
	struct tls_layout layout = find(&process);
	assert_int_equal(layout.map_offset, MAP_AT + 40);
	assert_int_equal(layout.map_module, MAP_AT + 48);
	assert_int_equal(layout.slotinfo_list, GLOBAL + LIST_AT);
	finish(&process);
}

// Also when ld.so runs the program: AT_PHDR is then ld.so's, which has no thread-locals.
static void test_calibration_on_a_library(void **state)
{
	(void)state;
	struct process process;
	start_undescribed(&process, 0, 72);
	put_tls_words(&process, MAPS + 2 * ROOM, library_bias, 72, 2);
	put_table(&process);
	struct tls_layout layout = find(&process);
	assert_int_equal(layout.map_offset, MAP_AT + 40);
	assert_int_equal(layout.slotinfo_list, GLOBAL + LIST_AT);
	finish(&process);
}

static void test_calibration_at_the_end_of_a_page(void **state)
{
	(void)state;
	const uint64_t map = MAPS + 4 * ROOM - 1160; // as ld.so's own allocator may place it
	struct process process;
	start_undescribed(&process, 40, 0);
	process.list.entries.items[0].address = map;
	put_tls_words(&process, map, bias, 40, 1);
	struct tls_layout layout = find(&process);
	assert_int_equal(layout.map_offset, MAP_AT + 40);
	assert_int_equal(layout.slotinfo_list, 0);
	finish(&process);
}

static void test_calibration_takes_startup_modules_only(void **state)
{
	(void)state;
	struct process process;
	start_undescribed(&process, 0, 72);
	put_tls_words(&process, MAPS + 2 * ROOM, library_bias, 72, 2);
	process.list.entries.items[1].name_space = 1;
	assert_int_equal(find(&process).map_module, 0);
	finish(&process);
}

static void test_table_whose_slots_name_other_maps_is_none(void **state)
{
	(void)state;
	struct process process;
	start_undescribed(&process, 40, 72);
	put_tls_words(&process, MAPS, bias, 40, 1);
	put_tls_words(&process, MAPS + 2 * ROOM, library_bias, 72, 2);
	put_table(&process);
	byte_target_put_word(&process.memory, TABLE + (3 + 2 * 2) * 8, MAPS);
	assert_int_equal(find(&process).slotinfo_list, 0);
	byte_target_put_word(&process.memory, TABLE + (3 + 2 * 2) * 8, MAPS + 2 * ROOM);
	byte_target_put_word(&process.memory, TABLE, UINT64_MAX);
	assert_int_equal(find(&process).slotinfo_list, 0);
	byte_target_put_word(&process.memory, TABLE, 1);
	assert_int_equal(find(&process).slotinfo_list, 0);
	byte_target_put_word(&process.memory, TABLE, 64);
	assert_int_equal(find(&process).slotinfo_list, GLOBAL + LIST_AT);
	finish(&process);
}

static void test_absurd_size_of_the_loaders_data(void **state)
{
	(void)state;
	struct process process;
	start_undescribed(&process, 40, 0);
	put_tls_words(&process, MAPS, bias, 40, 1);
	put_table(&process);
	process.symbols[0].size = UINT64_MAX;
	assert_int_equal(find(&process).slotinfo_list, 0);
	finish(&process);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_lists_of_an_older_libpthread),
		cmocka_unit_test(test_machine_facts_where_nothing_is_described),
		cmocka_unit_test(test_distance_to_the_thread_pointer),
		cmocka_unit_test(test_descriptors_that_cannot_be_read_are_as_good_as_none),
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_calibration_on_the_program),
		cmocka_unit_test(test_calibration_on_a_library),
		cmocka_unit_test(test_calibration_at_the_end_of_a_page),
		cmocka_unit_test(test_calibration_takes_startup_modules_only),
		cmocka_unit_test(test_table_whose_slots_name_other_maps_is_none),
		cmocka_unit_test(test_absurd_size_of_the_loaders_data),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
