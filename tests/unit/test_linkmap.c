// The loader's lists as byte arrays, of machines of both sizes and orders, whole and damaged.

#include "../support/check.h"

#include <stdio.h>

#include "../support/elf_writer.h"
#include "link/linkmap.h"

enum { MAPS = 0x100000, NAMES = 0x200000, DEBUG = 0x300000, ROOM = 0x10000, STRIDE = 0x100 };
enum { R_ADD = 1, R_DELETE = 2 };

struct lists {
	struct byte_target memory;
	size_t word;
	uint64_t next_map, next_name;
};

static void start_on(struct lists *lists, uint16_t machine, uint8_t elf_class, uint8_t elf_data)
{
	*lists = (struct lists){ .next_map = MAPS, .next_name = NAMES };
	byte_target_init(&lists->memory, machine, elf_class, elf_data);
	lists->word = lists->memory.target.arch->word;
	byte_target_map(&lists->memory, MAPS, ROOM);
	byte_target_map(&lists->memory, NAMES, ROOM);
	byte_target_map(&lists->memory, DEBUG, ROOM);
}

static void start(struct lists *lists)
{
	start_on(lists, EM_X86_64, ELFCLASS64, ELFDATA2LSB);
}

static void put(struct lists *lists, uint64_t at, int index, uint64_t value)
{
	byte_target_put_word(&lists->memory, at + (uint64_t)index * lists->word, value);
}

static uint64_t add_name(struct lists *lists, const char *name)
{
	uint64_t at = lists->next_name;
	byte_target_put_string(&lists->memory, at, name);
	lists->next_name += strlen(name) + 1;
	return at;
}

/** A link map behind @p previous (0: the head) with that bias; its dynamic section is at bias + 0x100. */
static uint64_t add_map(struct lists *lists, uint64_t previous, uint64_t bias, const char *name)
{
	uint64_t at = lists->next_map;
	lists->next_map += STRIDE;
	put(lists, at, 0, bias);
	put(lists, at, 1, name ? add_name(lists, name) : 0);
	put(lists, at, 2, bias + 0x100);
	put(lists, at, 4, previous);
	put(lists, at, 5, at); // l_real
	if (previous)
		put(lists, previous, 3, at);
	return at;
}

static uint64_t add_debug(struct lists *lists, uint64_t at, int version, uint64_t head, int state, uint64_t next)
{
	// Two ints, each padded to a word of its own.
	byte_target_put_number(&lists->memory, at, (uint64_t)version, 4);
	put(lists, at, 1, head);
	byte_target_put_number(&lists->memory, at + 3 * lists->word, (uint64_t)state, 4);
	put(lists, at, 5, next);
	return at;
}

static void test_one_namespace_on_every_machine(void **state)
{
	(void)state;
	const struct {
		uint16_t machine;
		uint8_t elf_class, elf_data;
	} rows[] = {
		{ EM_X86_64, ELFCLASS64, ELFDATA2LSB },
		{ EM_386, ELFCLASS32, ELFDATA2LSB },
		{ EM_S390, ELFCLASS64, ELFDATA2MSB },
		{ EM_RISCV, ELFCLASS64, ELFDATA2LSB },
	};
	for (size_t i = 0; i < count_of(rows); i++) {
		struct lists lists;
		struct linkmap list;
		start_on(&lists, rows[i].machine, rows[i].elf_class, rows[i].elf_data);
		uint64_t program = add_map(&lists, 0, 0x400000, "");
		uint64_t libc = add_map(&lists, program, 0x500000, "/lib/libc.so.6");
		add_debug(&lists, DEBUG, 1, program, 0, 0xdead);
		assert_fine(linkmap_read(&lists.memory.target, DEBUG, &list));
		assert_int_equal(list.entries.count, 2);
		assert_int_equal(list.listed, 2);
		assert_int_equal(list.version, 1);
		assert_true(list.is_consistent);
		assert_int_equal(list.entries.items[0].address, program);
		assert_string_equal(list.entries.items[0].path, "");
		assert_int_equal(list.entries.items[1].bias, 0x500000);
		assert_int_equal(list.entries.items[1].dynamic, 0x500100);
		assert_string_equal(list.entries.items[1].path, "/lib/libc.so.6");
		assert_int_equal(linkmap_index(&list, libc), 1);
		assert_int_equal(linkmap_index(&list, libc + 8), -1);
		linkmap_deinit(&list);
		byte_target_deinit(&lists.memory);
	}
}

// r_version 1 structures have no r_next: what lies behind them is somebody else's.
static void test_chain_of_namespaces_from_version_2_on(void **state)
{
	(void)state;
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		struct lists lists;
		struct linkmap list;
		if (big_endian)
			start_on(&lists, EM_S390, ELFCLASS64, ELFDATA2MSB);
		else
			start(&lists);
		uint64_t program = add_map(&lists, 0, 0x400000, "");
		uint64_t loader = add_map(&lists, program, 0x600000, "/lib/ld.so");
		uint64_t other = add_map(&lists, 0, 0x700000, "/lib/plugin.so");
		uint64_t proxy = add_map(&lists, other, 0x600000, "/lib/ld.so");
		put(&lists, proxy, 5, loader); // l_real: ld.so is loaded once
		uint64_t last = add_map(&lists, proxy, 0x800000, "/lib/libc.so.6");
		// A namespace that a failed dlmopen() left empty stays in the chain.
		uint64_t third = add_debug(&lists, DEBUG + 0x200, 2, other, 0, 0);
		uint64_t second = add_debug(&lists, DEBUG + 0x100, 2, 0, 0, third);
		add_debug(&lists, DEBUG, 2, program, 0, second);
		assert_fine(linkmap_read(&lists.memory.target, DEBUG, &list));
		assert_int_equal(list.version, 2);
		assert_int_equal(list.entries.count, 4);
		assert_int_equal(list.entries.items[1].name_space, 0);
		assert_int_equal(list.entries.items[2].address, other);
		assert_int_equal(list.entries.items[2].name_space, 2);
		assert_int_equal(list.entries.items[3].address, last);
		assert_int_equal(linkmap_index(&list, proxy), -1);
		linkmap_deinit(&list);
		byte_target_deinit(&lists.memory);
	}
}

static void test_state_of_any_namespace_makes_it_inconsistent(void **state)
{
	(void)state;
	const int states[][2] = { { R_ADD, 0 }, { R_DELETE, 0 }, { 0, R_ADD } };
	for (size_t i = 0; i < count_of(states); i++) {
		for (int big_endian = 0; big_endian < 2; big_endian++) {
			struct lists lists;
			struct linkmap list;
			if (big_endian)
				start_on(&lists, EM_S390, ELFCLASS64, ELFDATA2MSB);
			else
				start(&lists);
			uint64_t program = add_map(&lists, 0, 0x400000, "");
			uint64_t other = add_map(&lists, 0, 0x700000, "x");
			uint64_t second = add_debug(&lists, DEBUG + 0x100, 2, other, states[i][1], 0);
			add_debug(&lists, DEBUG, 2, program, states[i][0], second);
			assert_fine(linkmap_read(&lists.memory.target, DEBUG, &list));
			assert_false(list.is_consistent);
			linkmap_deinit(&list);
			byte_target_deinit(&lists.memory);
		}
	}
}

// 2.23: the vDSO has an empty name, too, and is not the program.
// What the loader is about to do, whichever list it is about, and where it says so.
static void test_state_and_place(void **state)
{
	(void)state;
	const struct {
		uint16_t machine;
		uint8_t elf_class, elf_data;
	} machines[] = { { EM_X86_64, ELFCLASS64, ELFDATA2LSB }, { EM_S390, ELFCLASS64, ELFDATA2MSB } };
	for (size_t i = 0; i < count_of(machines); i++) {
		for (int first = LINKMAP_CONSISTENT; first <= LINKMAP_DELETES; first++) {
			struct lists lists;
			enum linkmap_state found;
			uint64_t place;
			start_on(&lists, machines[i].machine, machines[i].elf_class, machines[i].elf_data);
			uint64_t second = DEBUG + 0x1000;
			add_debug(&lists, DEBUG, 2, add_map(&lists, 0, 0x1000, "a"), first, second);
			add_debug(&lists, second, 2, add_map(&lists, 0, 0x2000, "b"),
				  first == LINKMAP_CONSISTENT ? R_DELETE : 0, 0);
			put(&lists, DEBUG, 2, 0x1234);
			assert_fine(linkmap_read_state(&lists.memory.target, DEBUG, &found, &place));
			assert_int_equal(found, first == LINKMAP_CONSISTENT ? LINKMAP_DELETES : first);
			assert_int_equal(place, 0x1234);
			put(&lists, DEBUG, 5, DEBUG); // a chain that does not end
			assert_fine(linkmap_read_state(&lists.memory.target, DEBUG, &found, &place));
			assert_error(linkmap_read_state(&lists.memory.target, 0x10, &found, &place),
				     POLYTON_ERROR_READ, "0x10");
			byte_target_deinit(&lists.memory);
		}
	}
}

static void test_empty_names_keep_their_order(void **state)
{
	(void)state;
	struct lists lists;
	struct linkmap list;
	start(&lists);
	uint64_t program = add_map(&lists, 0, 0x400000, "");
	uint64_t vdso = add_map(&lists, program, 0x7fff0000, "");
	uint64_t nameless = add_map(&lists, vdso, 0x500000, NULL);
	add_debug(&lists, DEBUG, 1, program, 0, 0);
	assert_fine(linkmap_read(&lists.memory.target, DEBUG, &list));
	assert_int_equal(list.entries.items[0].address, program);
	assert_int_equal(list.entries.items[1].address, vdso);
	assert_int_equal(list.entries.items[2].address, nameless);
	assert_string_equal(list.entries.items[2].path, "");
	linkmap_deinit(&list);
	byte_target_deinit(&lists.memory);
}

// musl has no private words behind the public ones: the last map may end right before an unmapped page.
static void test_base_list_needs_the_public_words_only(void **state)
{
	(void)state;
	struct lists lists;
	struct linkmap list;
	start(&lists);
	uint64_t program = add_map(&lists, 0, 0x400000, "");
	uint64_t last = MAPS + ROOM - 5 * 8;
	put(&lists, program, 3, last);
	put(&lists, last, 0, 0x500000);
	put(&lists, last, 4, program);
	add_debug(&lists, DEBUG, 1, program, 0, 0);
	assert_fine(linkmap_read(&lists.memory.target, DEBUG, &list));
	assert_int_equal(list.entries.count, 2);
	assert_int_equal(list.entries.items[1].real, last);
	linkmap_deinit(&list);
	byte_target_deinit(&lists.memory);
}

static void test_lists_that_loop(void **state)
{
	(void)state;
	struct lists lists;
	struct linkmap list = { .debug = 7 };
	start(&lists);
	uint64_t first = add_map(&lists, 0, 0x400000, "");
	uint64_t second = add_map(&lists, first, 0x500000, "b");
	add_debug(&lists, DEBUG, 1, first, 0, 0);
	put(&lists, second, 3, second);
	assert_error(linkmap_read(&lists.memory.target, DEBUG, &list), POLYTON_ERROR_DAMAGED, "does not end");
	put(&lists, second, 3, first);
	assert_error(linkmap_read(&lists.memory.target, DEBUG, &list), POLYTON_ERROR_DAMAGED, "does not end");
	assert_int_equal(list.debug, 7);
	byte_target_deinit(&lists.memory);
}

// Each round of such a chain would bring all its objects again.
static void test_chain_of_namespaces_that_loops(void **state)
{
	(void)state;
	struct lists lists;
	struct linkmap list;
	start(&lists);
	uint64_t at = 0, head = 0;
	for (int i = 0; i < 200; i++) {
		at = add_map(&lists, at, 0x400000 + (uint64_t)i * 0x1000, "x");
		head = head ? head : at;
	}
	add_debug(&lists, DEBUG, 2, head, 0, DEBUG);
	assert_error(linkmap_read(&lists.memory.target, DEBUG, &list), POLYTON_ERROR_DAMAGED, "does not end");
	assert_true(lists.memory.calls < 200000);
	byte_target_deinit(&lists.memory);
}

static void test_lists_that_lead_to_unmapped_memory(void **state)
{
	(void)state;
	struct lists lists;
	struct linkmap list;
	start(&lists);
	uint64_t first = add_map(&lists, 0, 0x400000, "");
	add_debug(&lists, DEBUG, 1, first, 0, 0);
	put(&lists, first, 3, 0x999000);
	assert_error(linkmap_read(&lists.memory.target, DEBUG, &list), POLYTON_ERROR_READ, "0x999000");
	assert_error(linkmap_read(&lists.memory.target, 0x998000, &list), POLYTON_ERROR_READ, "0x998000");
	put(&lists, first, 3, 0);
	add_debug(&lists, DEBUG, 2, first, 0, 0x997000);
	assert_error(linkmap_read(&lists.memory.target, DEBUG, &list), POLYTON_ERROR_READ, "0x997000");
	byte_target_deinit(&lists.memory);
}

// dlclose() frees the name before anything else. One name is not worth the whole list.
static void test_name_that_cannot_be_read_is_empty(void **state)
{
	(void)state;
	struct lists lists;
	struct linkmap list;
	start(&lists);
	uint64_t program = add_map(&lists, 0, 0x400000, "");
	uint64_t lost = add_map(&lists, program, 0x500000, "/lib/lost.so");
	uint64_t endless = add_map(&lists, lost, 0x600000, "/lib/endless.so");
	add_map(&lists, endless, 0x700000, "/lib/kept.so");
	memset(byte_target_map(&lists.memory, 0x5000000, 0x10000), 'a', 0x10000);
	put(&lists, lost, 1, 0x999000);
	put(&lists, endless, 1, 0x5000000);
	add_debug(&lists, DEBUG, 1, program, 0, 0);
	assert_fine(linkmap_read(&lists.memory.target, DEBUG, &list));
	assert_int_equal(list.entries.count, 4);
	assert_string_equal(list.entries.items[1].path, "");
	assert_string_equal(list.entries.items[2].path, "");
	assert_string_equal(list.entries.items[3].path, "/lib/kept.so");
	linkmap_deinit(&list);
	byte_target_deinit(&lists.memory);
}

static void test_namespace_added_by_one_of_its_maps(void **state)
{
	(void)state;
	struct lists lists;
	struct linkmap list;
	start(&lists);
	uint64_t program = add_map(&lists, 0, 0x400000, "");
	uint64_t loader = add_map(&lists, program, 0x600000, "/lib/ld.so");
	uint64_t head = add_map(&lists, 0, 0x700000, "/lib/plugin.so");
	uint64_t proxy = add_map(&lists, head, 0x600000, "/lib/ld.so");
	uint64_t tail = add_map(&lists, proxy, 0x800000, "/lib/libc.so.6");
	put(&lists, proxy, 5, loader);
	add_debug(&lists, DEBUG, 1, program, 0, 0);
	assert_fine(linkmap_read(&lists.memory.target, DEBUG, &list));
	assert_fine(linkmap_add_namespace(&lists.memory.target, tail, &list));
	assert_int_equal(list.entries.count, 4);
	assert_int_equal(list.listed, 2);
	assert_int_equal(list.entries.items[2].address, head);
	assert_int_equal(list.entries.items[3].address, tail);
	assert_int_equal(list.entries.items[3].name_space, 1);
	linkmap_deinit(&list);
	byte_target_deinit(&lists.memory);
}

// An object that was loaded after the list was read belongs to a namespace that is known: adding that one again
// would show every object of it twice.
static void test_new_object_of_a_known_namespace_adds_none(void **state)
{
	(void)state;
	struct lists lists;
	struct linkmap list;
	start(&lists);
	uint64_t program = add_map(&lists, 0, 0x400000, "");
	uint64_t libc = add_map(&lists, program, 0x500000, "/lib/libc.so.6");
	add_debug(&lists, DEBUG, 1, program, 0, 0);
	assert_fine(linkmap_read(&lists.memory.target, DEBUG, &list));
	uint64_t late = add_map(&lists, libc, 0x600000, "/lib/late.so");
	assert_fine(linkmap_add_namespace(&lists.memory.target, late, &list));
	assert_int_equal(list.entries.count, 2);
	linkmap_deinit(&list);
	byte_target_deinit(&lists.memory);
}

static void test_namespace_whose_list_loops_or_breaks(void **state)
{
	(void)state;
	struct lists lists;
	struct linkmap list;
	start(&lists);
	uint64_t program = add_map(&lists, 0, 0x400000, "");
	uint64_t head = add_map(&lists, 0, 0x700000, "/lib/plugin.so");
	uint64_t tail = add_map(&lists, head, 0x800000, "/lib/libc.so.6");
	add_debug(&lists, DEBUG, 1, program, 0, 0);
	assert_fine(linkmap_read(&lists.memory.target, DEBUG, &list));
	put(&lists, head, 4, tail); // backwards without an end
	assert_error(linkmap_add_namespace(&lists.memory.target, tail, &list), POLYTON_ERROR_DAMAGED, "does not end");
	put(&lists, head, 4, 0x999000);
	assert_error(linkmap_add_namespace(&lists.memory.target, tail, &list), POLYTON_ERROR_READ, "0x999000");
	put(&lists, head, 4, 0);
	put(&lists, tail, 3, head); // forwards without an end
	assert_error(linkmap_add_namespace(&lists.memory.target, tail, &list), POLYTON_ERROR_DAMAGED, "does not end");
	linkmap_deinit(&list);
	byte_target_deinit(&lists.memory);
}

static void test_prefix_tells_any_change(void **state)
{
	(void)state;
	struct lists lists;
	struct linkmap before, now;
	start(&lists);
	uint64_t program = add_map(&lists, 0, 0x400000, "");
	uint64_t libc = add_map(&lists, program, 0x500000, "/lib/libc.so.6");
	uint64_t head = add_map(&lists, 0, 0x700000, "/lib/plugin.so");
	add_debug(&lists, DEBUG, 1, program, 0, 0);
	assert_fine(linkmap_read(&lists.memory.target, DEBUG, &before));
	assert_fine(linkmap_add_namespace(&lists.memory.target, head, &before));
	const struct {
		int index;
		uint64_t other;
	} changes[] = { { 0, 0x510000 }, { 1, 0 }, { 2, 0x500200 } };

	assert_fine(linkmap_read(&lists.memory.target, DEBUG, &now));
	assert_true(linkmap_is_prefix(&now, &before));
	linkmap_deinit(&now);
	for (size_t i = 0; i < count_of(changes); i++) {
		uint64_t at = libc + (uint64_t)changes[i].index * 8, kept = byte_target_get_word(&lists.memory, at);
		byte_target_put_word(&lists.memory, at, changes[i].other);
		assert_fine(linkmap_read(&lists.memory.target, DEBUG, &now));
		assert_false(linkmap_is_prefix(&now, &before));
		linkmap_deinit(&now);
		byte_target_put_word(&lists.memory, at, kept);
	}
	uint64_t late = add_map(&lists, libc, 0x600000, "/lib/late.so");
	assert_fine(linkmap_read(&lists.memory.target, DEBUG, &now));
	assert_false(linkmap_is_prefix(&now, &before));
	assert_false(linkmap_is_prefix(&before, &now));
	linkmap_deinit(&now);
	put(&lists, program, 3, late);
	assert_fine(linkmap_read(&lists.memory.target, DEBUG, &now));
	assert_false(linkmap_is_prefix(&now, &before));
	linkmap_deinit(&now);
	linkmap_deinit(&before);
	byte_target_deinit(&lists.memory);
}

// The record of an object that was unloaded may be gone, or be the next object's.
static void test_check_tells_each_entry_that_changed(void **state)
{
	(void)state;
	struct lists lists;
	struct linkmap list;
	bool is_same[4];
	start(&lists);
	uint64_t program = add_map(&lists, 0, 0x400000, "");
	uint64_t nameless = add_map(&lists, program, 0x500000, NULL);
	uint64_t other = add_map(&lists, nameless, 0x600000, "/lib/other.so");
	const uint64_t last = 0x9000000;
	byte_target_map(&lists.memory, last, 0x1000);
	put(&lists, last, 1, add_name(&lists, "/lib/last.so"));
	put(&lists, other, 3, last);
	add_debug(&lists, DEBUG, 1, program, 0, 0);
	assert_fine(linkmap_read(&lists.memory.target, DEBUG, &list));
	assert_int_equal(list.entries.count, 4);
	assert_fine(linkmap_check(&lists.memory.target, &list, is_same));
	assert_true(is_same[0] && is_same[1] && is_same[2] && is_same[3]);

	put(&lists, other, 1, add_name(&lists, "/lib/another.so"));
	byte_target_unmap(&lists.memory, last);
	assert_fine(linkmap_check(&lists.memory.target, &list, is_same));
	assert_true(is_same[0] && is_same[1] && !is_same[2] && !is_same[3]);
	put(&lists, other, 1, add_name(&lists, "/lib/other.so")); // elsewhere, but the same
	put(&lists, program, 0, 0x410000);
	put(&lists, nameless, 2, 0x1234);
	assert_fine(linkmap_check(&lists.memory.target, &list, is_same));
	assert_true(!is_same[0] && !is_same[1] && is_same[2]);
	put(&lists, other, 1, 0x999000);
	assert_fine(linkmap_check(&lists.memory.target, &list, is_same));
	assert_false(is_same[2]);
	linkmap_deinit(&list);
	byte_target_deinit(&lists.memory);
}

/** An object with one exported variable at ELF_AT_DATA, loaded at @p bias. */
static struct elf_bytes load_object(struct byte_target *memory, uint64_t bias, const char *name)
{
	const struct elf_symbol_spec exported[] = {
		{ name, ELF_AT_DATA, 40, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, 1 },
		{ 0 },
	};
	const struct elf_spec spec = { .dynamic_symbols = exported };
	struct elf_bytes file = elf_write(&spec);
	elf_load(&file, memory, bias, true);
	return file;
}

static void test_debug_of_a_program(void **state)
{
	(void)state;
	const uint64_t bias = 0x7f1200000000, base = 0x7f1300000000;
	struct byte_target memory;
	struct image image;
	uint64_t debug = 1;
	byte_target_init(&memory, EM_X86_64, ELFCLASS64, ELFDATA2LSB);
	struct elf_bytes program = load_object(&memory, bias, "x");
	struct elf_bytes loader = load_object(&memory, base, "_r_debug");
	assert_fine(image_read(&memory.target, bias, bias, &image));
	// Caught before the loader has filled DT_DEBUG in: by the name, in the object at AT_BASE.
	assert_fine(linkmap_find_debug(&memory.target, &image, base, &debug));
	assert_int_equal(debug, base + ELF_AT_DATA);
	byte_target_put_word(&memory, bias + elf_dynamic_entry(&program, DT_DEBUG) + 8, 0x1234);
	assert_fine(linkmap_find_debug(&memory.target, &image, base, &debug));
	assert_int_equal(debug, 0x1234);
	byte_target_deinit(&memory);
	elf_bytes_deinit(&program);
	elf_bytes_deinit(&loader);
}

// "ld.so ./prog": AT_BASE is 0 and the program headers are ld.so's own.
static void test_debug_of_a_loader_run_as_a_program(void **state)
{
	(void)state;
	const uint64_t bias = 0x7f1200000000;
	struct byte_target memory;
	struct image image;
	uint64_t debug = 1;
	byte_target_init(&memory, EM_X86_64, ELFCLASS64, ELFDATA2LSB);
	struct elf_bytes loader = load_object(&memory, bias, "_r_debug");
	assert_fine(image_read_program(&memory.target, bias + ELF_AT_SEGMENTS, loader.segment_count, &image));
	assert_fine(linkmap_find_debug(&memory.target, &image, 0, &debug));
	assert_int_equal(debug, bias + ELF_AT_DATA);
	byte_target_deinit(&memory);
	elf_bytes_deinit(&loader);
}

// musl has no _r_debug; the pointer it exports is followed once.
static void test_debug_of_musl(void **state)
{
	(void)state;
	const uint64_t bias = 0x7f1200000000, base = 0x7f1300000000;
	struct byte_target memory;
	struct image image;
	uint64_t debug = 1;
	byte_target_init(&memory, EM_X86_64, ELFCLASS64, ELFDATA2LSB);
	struct elf_bytes program = load_object(&memory, bias, "x");
	struct elf_bytes loader = load_object(&memory, base, "_dl_debug_addr");
	byte_target_put_word(&memory, base + ELF_AT_DATA, 0x4321);
	assert_fine(image_read(&memory.target, bias, bias, &image));
	assert_fine(linkmap_find_debug(&memory.target, &image, base, &debug));
	assert_int_equal(debug, 0x4321);
	byte_target_deinit(&memory);
	elf_bytes_deinit(&program);
	elf_bytes_deinit(&loader);
}

static void test_static_program_has_none(void **state)
{
	(void)state;
	const struct elf_spec spec = { .has_no_dynamic = true };
	struct byte_target memory;
	struct image image;
	uint64_t debug = 1;
	byte_target_init(&memory, EM_X86_64, ELFCLASS64, ELFDATA2LSB);
	struct elf_bytes program = elf_write(&spec);
	elf_load(&program, &memory, 0x400000, true);
	assert_fine(image_read_program(&memory.target, 0x400000 + ELF_AT_SEGMENTS, program.segment_count, &image));
	assert_fine(linkmap_find_debug(&memory.target, &image, 0, &debug));
	assert_int_equal(debug, 0);
	byte_target_deinit(&memory);
	elf_bytes_deinit(&program);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_namespace_on_every_machine),
		cmocka_unit_test(test_chain_of_namespaces_from_version_2_on),
		cmocka_unit_test(test_state_of_any_namespace_makes_it_inconsistent),
		cmocka_unit_test(test_state_and_place),
		cmocka_unit_test(test_empty_names_keep_their_order),
		cmocka_unit_test(test_base_list_needs_the_public_words_only),
		cmocka_unit_test(test_lists_that_loop),
		cmocka_unit_test(test_chain_of_namespaces_that_loops),
		cmocka_unit_test(test_lists_that_lead_to_unmapped_memory),
		cmocka_unit_test(test_name_that_cannot_be_read_is_empty),
		cmocka_unit_test(test_namespace_added_by_one_of_its_maps),
		cmocka_unit_test(test_new_object_of_a_known_namespace_adds_none),
		cmocka_unit_test(test_namespace_whose_list_loops_or_breaks),
		cmocka_unit_test(test_prefix_tells_any_change),
		cmocka_unit_test(test_check_tells_each_entry_that_changed),
		cmocka_unit_test(test_debug_of_a_program),
		cmocka_unit_test(test_debug_of_a_loader_run_as_a_program),
		cmocka_unit_test(test_debug_of_musl),
		cmocka_unit_test(test_static_program_has_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
