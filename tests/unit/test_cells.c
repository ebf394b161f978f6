// Every state that a module's slot in a thread's DTV can be in, on every machine: notes of what was met on real ones.

#include "../support/check.h"

#include <elf.h>
#include <stdlib.h>

#include "../support/tls_world.h"

enum { CAPACITY = 20, GENERATION = 9, TID = 4711, LOONGARCH = 258 };

static const struct machine {
	uint16_t machine;
	uint8_t elf_class, elf_data;
	int64_t undecided, dynamic; ///< l_tls_offset's sentinels
} machines[] = {
	{ EM_X86_64, ELFCLASS64, ELFDATA2LSB, 0, -1 },  { EM_386, ELFCLASS32, ELFDATA2LSB, 0, -1 },
	{ EM_S390, ELFCLASS64, ELFDATA2MSB, 0, -1 },    { EM_AARCH64, ELFCLASS64, ELFDATA2LSB, 0, -1 },
	{ EM_ARM, ELFCLASS32, ELFDATA2LSB, 0, -1 },     { EM_RISCV, ELFCLASS64, ELFDATA2LSB, -1, -2 },
	{ EM_PPC64, ELFCLASS64, ELFDATA2LSB, -1, -2 },  { EM_MIPS, ELFCLASS64, ELFDATA2LSB, -1, -2 },
	{ LOONGARCH, ELFCLASS64, ELFDATA2LSB, -1, -2 },
};

static void start_on(struct tls_world *world, const struct machine *machine)
{
	tls_world_init(world, machine->machine, machine->elf_class, machine->elf_data);
}

static void start(struct tls_world *world)
{
	start_on(world, &machines[0]);
}

static void expect(struct tls_world *world, uint64_t id, uint64_t offset, enum tls_answer answer, uint64_t address,
		   uint32_t value)
{
	uint32_t got;
	struct tls_cell cell = tls_world_read(world, 0, id, offset, &got);
	assert_int_equal(cell.answer, answer);
	assert_int_equal(cell.address, address);
	if (answer == TLS_READY)
		assert_int_equal(got, value);
}

/** Where a module of that l_tls_offset has its block in thread 0. */
static uint64_t static_block(const struct tls_world *world, uint64_t offset)
{
	const struct arch *arch = world->memory.target.arch;
	uint64_t pointer = tls_world_thread_pointer(world, 0) - arch->tp_offset_bias;
	return arch->tls_variant == ARCH_TLS_BELOW ? pointer - offset : pointer + offset;
}

static void test_allocated_block(void **state)
{
	(void)state;
	for (size_t i = 0; i < count_of(machines); i++) {
		struct tls_world world;
		start_on(&world, &machines[i]);
		tls_world_thread(&world, TID, CAPACITY, GENERATION);
		tls_world_module(&world, 2, GENERATION, machines[i].dynamic);
		tls_world_read_modules(&world);
		uint64_t block = tls_world_block(&world, 77);
		byte_target_put_number(&world.memory, block + 0x20, 78, 4);
		byte_target_put_word(&world.memory, tls_world_slot(&world, 0, 2), block);
		expect(&world, 2, 0, TLS_READY, block, 77);
		expect(&world, 2, 0x20, TLS_READY, block + 0x20, 78);
		tls_world_deinit(&world);
	}
}

static void test_slots_that_hold_no_block(void **state)
{
	(void)state;
	// TLS_DTV_UNALLOCATED is -1; 0 is a slot nobody wrote; any odd value is no block either.
	const uint64_t values[] = { UINT64_MAX, 0, 1, 0x40000001 };
	for (size_t i = 0; i < count_of(machines); i++) {
		for (size_t k = 0; k < count_of(values); k++) {
			struct tls_world world;
			start_on(&world, &machines[i]);
			tls_world_thread(&world, TID, CAPACITY, GENERATION);
			tls_world_module(&world, 2, GENERATION, machines[i].dynamic);
			tls_world_module(&world, 3, GENERATION, machines[i].undecided);
			tls_world_read_modules(&world);
			byte_target_put_word(&world.memory, tls_world_slot(&world, 0, 2), values[k]);
			byte_target_put_word(&world.memory, tls_world_slot(&world, 0, 3), values[k]);
			expect(&world, 2, 0, TLS_NOT_ALLOCATED, 0, 0);
			expect(&world, 3, 0, TLS_NOT_ALLOCATED, 0, 0);
			tls_world_deinit(&world);
		}
	}
}

// Pitfall 2: 17 slots, and the module's id is 18 or more. The slot is behind the array, and behind what is mapped.
static void test_capacity_too_short(void **state)
{
	(void)state;
	for (size_t i = 0; i < count_of(machines); i++) {
		struct tls_world world;
		start_on(&world, &machines[i]);
		tls_world_thread(&world, TID, 17, GENERATION);
		for (uint64_t id = 16; id <= 50; id++)
			tls_world_module(&world, id, 1, machines[i].dynamic);
		tls_world_read_modules(&world);
		uint64_t block = tls_world_block(&world, 77);
		byte_target_put_word(&world.memory, tls_world_slot(&world, 0, 17), block);
		expect(&world, 17, 0, TLS_READY, block, 77);
		for (uint64_t id = 18; id <= 50; id++)
			expect(&world, id, 0, TLS_NOT_ALLOCATED, 0, 0);
		tls_world_deinit(&world);
	}
}

// What lies behind the array may look like a block.
static void test_slot_behind_the_capacity_is_not_read(void **state)
{
	(void)state;
	struct tls_world world;
	start(&world);
	tls_world_thread(&world, TID, 50, GENERATION);
	tls_world_module(&world, 30, 1, -1);
	tls_world_read_modules(&world);
	byte_target_put_word(&world.memory, tls_world_slot(&world, 0, 30), tls_world_block(&world, 66));
	byte_target_put_word(&world.memory, tls_world_slot(&world, 0, 0) - 16, 29);
	expect(&world, 30, 0, TLS_NOT_ALLOCATED, 0, 0);
	byte_target_put_word(&world.memory, tls_world_slot(&world, 0, 0) - 16, 30);
	expect(&world, 30, 0, TLS_READY, WORLD_BLOCKS, 66);
	tls_world_deinit(&world);
}

// Pitfall 3: the id was used before, and the thread's slot still points to the freed block of its predecessor.
static void test_generation_too_old(void **state)
{
	(void)state;
	for (size_t i = 0; i < count_of(machines); i++) {
		struct tls_world world;
		start_on(&world, &machines[i]);
		tls_world_thread(&world, TID, CAPACITY, 1);
		tls_world_module(&world, 2, 7, machines[i].dynamic);
		tls_world_read_modules(&world);
		uint64_t block = tls_world_block(&world, 13);
		byte_target_put_word(&world.memory, tls_world_slot(&world, 0, 2), block);
		expect(&world, 2, 0, TLS_NOT_ALLOCATED, 0, 0);
		uint64_t generation = tls_world_slot(&world, 0, 0);
		byte_target_put_word(&world.memory, generation, 6);
		expect(&world, 2, 0, TLS_NOT_ALLOCATED, 0, 0);
		byte_target_put_word(&world.memory, generation, 7);
		expect(&world, 2, 0, TLS_READY, block, 13);
		tls_world_deinit(&world);
	}
}

// A library that dlopen() is about to finish has its link map in the row, and as generation still that of the dlclose()
// by which the id became free. A thread may be newer than that and have the old library's block.
static void test_block_of_whoever_had_the_id_before(void **state)
{
	(void)state;
	for (size_t i = 0; i < count_of(machines); i++) {
		struct tls_world world;
		start_on(&world, &machines[i]);
		tls_world_thread(&world, TID, CAPACITY, GENERATION);
		tls_world_module(&world, 2, GENERATION - 1, machines[i].undecided);
		tls_world_read_modules(&world);
		byte_target_put_word(&world.memory, tls_world_slot(&world, 0, 2), tls_world_block(&world, 77));
		expect(&world, 2, 0, TLS_NOT_ALLOCATED, 0, 0);
		tls_world_deinit(&world);
	}
}

// An initial-exec library in a thread that never went through __tls_get_addr, and on 2.22 to 2.24 every startup
// module: the block is there, at its fixed place, although the DTV says no, is too short or too old.
static void test_static_although_the_dtv_says_unallocated(void **state)
{
	(void)state;
	const uint64_t capacities[] = { CAPACITY, 2, CAPACITY }, generations[] = { GENERATION, GENERATION, 1 };
	for (size_t i = 0; i < count_of(machines); i++) {
		for (size_t k = 0; k < count_of(capacities); k++) {
			struct tls_world world;
			start_on(&world, &machines[i]);
			tls_world_thread(&world, TID, capacities[k], generations[k]);
			tls_world_module(&world, 3, GENERATION, 0x140);
			tls_world_read_modules(&world);
			uint64_t block = static_block(&world, 0x140);
			byte_target_put_number(&world.memory, block + 8, 4242, 4);
			expect(&world, 3, 8, TLS_READY, block + 8, 4242);
			tls_world_deinit(&world);
		}
	}
}

// Pitfall 4: 0 is "not placed" on some machines and the program's own place on others.
static void test_offset_0(void **state)
{
	(void)state;
	for (size_t i = 0; i < count_of(machines); i++) {
		struct tls_world world;
		start_on(&world, &machines[i]);
		tls_world_thread(&world, TID, CAPACITY, GENERATION);
		tls_world_module(&world, 1, 1, 0);
		tls_world_read_modules(&world);
		if (machines[i].undecided == 0) {
			expect(&world, 1, 4, TLS_NOT_ALLOCATED, 0, 0);
		} else {
			uint64_t block = static_block(&world, 0);
			byte_target_put_number(&world.memory, block + 4, 99, 4);
			expect(&world, 1, 4, TLS_READY, block + 4, 99);
		}
		tls_world_deinit(&world);
	}
}

// Pitfall 5: struct pthread is not what lies below the thread pointer where tcbhead_t is extra, and the pointer may be
// biased besides. The numbers are those proved on running programs.
static void test_blocks_above_the_thread_pointer(void **state)
{
	(void)state;
	const struct {
		size_t machine;
		uint64_t distance, thread_pointer;
	} rows[] = { { 3, 1856, 1856 }, { 4, 1280, 1280 }, { 5, 1888, 1888 }, { 6, 1984, 1984 + 0x7000 } };
	for (size_t i = 0; i < count_of(rows); i++) {
		struct tls_world world;
		start_on(&world, &machines[rows[i].machine]);
		tls_world_thread(&world, TID, CAPACITY, GENERATION);
		tls_world_module(&world, 1, 1, 0x40);
		tls_world_read_modules(&world);
		uint64_t tcb = world.threads.items[0].tcb;
		assert_int_equal(tls_world_thread_pointer(&world, 0), tcb + rows[i].thread_pointer);
		expect(&world, 1, 0, TLS_READY, tcb + rows[i].distance + 0x40, 0);
		tls_world_deinit(&world);
	}
}

static void test_distance_that_is_not_known_is_not_guessed(void **state)
{
	(void)state;
	struct tls_world world;
	start_on(&world, &machines[3]);
	tls_world_thread(&world, TID, CAPACITY, GENERATION);
	tls_world_module(&world, 1, 1, 0x40);
	tls_world_module(&world, 2, 1, -1);
	tls_world_read_modules(&world);
	world.layout.pthread_above = 0;
	uint64_t block = tls_world_block(&world, 5);
	byte_target_put_word(&world.memory, tls_world_slot(&world, 0, 2), block);
	expect(&world, 1, 0, TLS_UNREADABLE, 0, 0);
	expect(&world, 2, 0, TLS_READY, block, 5);
	tls_world_deinit(&world);
}

// A DTV that realloc() has freed shows heap pointers where capacity and generation were.
static void test_freed_dtv_is_not_believed(void **state)
{
	(void)state;
	const uint64_t insane[] = { 0x7f12f7e00010, 0x555556554000, UINT64_MAX, 0 };
	for (size_t i = 0; i < count_of(machines); i++) {
		for (size_t k = 0; k < count_of(insane); k++) {
			struct tls_world world;
			start_on(&world, &machines[i]);
			tls_world_thread(&world, TID, CAPACITY, GENERATION);
			tls_world_module(&world, 2, 1, machines[i].dynamic);
			tls_world_read_modules(&world);
			byte_target_put_word(&world.memory, tls_world_slot(&world, 0, 2),
					     tls_world_block(&world, 31));
			uint64_t capacity = tls_world_slot(&world, 0, 0) - 2 * world.word;
			byte_target_put_word(&world.memory, capacity, insane[k]);
			expect(&world, 2, 0, TLS_UNSTABLE, 0, 0);
			if (insane[k] && world.word == 8) {
				byte_target_put_word(&world.memory, capacity, CAPACITY);
				byte_target_put_word(&world.memory, tls_world_slot(&world, 0, 0), insane[k]);
				expect(&world, 2, 0, TLS_UNSTABLE, 0, 0);
			}
			tls_world_deinit(&world);
		}
	}
}

// A thread that enlarges its DTV frees the old one first; a new thread may get that memory for its own. Everything in
// it is sane but for whose it is, which the modules at fixed places give away.
static void test_dtv_of_another_thread_is_not_believed(void **state)
{
	(void)state;
	for (size_t i = 0; i < count_of(machines); i++) {
		struct tls_world world;
		start_on(&world, &machines[i]);
		tls_world_thread(&world, TID, CAPACITY, GENERATION);
		uint32_t other = tls_world_thread(&world, TID + 1, CAPACITY, GENERATION);
		tls_world_module(&world, 1, 1, 0x40);
		tls_world_module(&world, 2, 1, machines[i].dynamic);
		tls_world_read_modules(&world);
		uint64_t fixed = static_block(&world, 0x40), own = tls_world_block(&world, 11);
		uint64_t distance = world.threads.items[other].tcb - world.threads.items[0].tcb;
		byte_target_put_word(&world.memory, tls_world_slot(&world, 0, 1), fixed);
		byte_target_put_word(&world.memory, tls_world_slot(&world, 0, 2), own);
		byte_target_put_word(&world.memory, tls_world_slot(&world, other, 1), fixed + distance);
		byte_target_put_word(&world.memory, tls_world_slot(&world, other, 2), tls_world_block(&world, 22));
		byte_target_put_number(&world.memory, fixed, 33, 4);
		expect(&world, 2, 0, TLS_READY, own, 11);
		expect(&world, 1, 0, TLS_READY, fixed, 33);

		byte_target_put_word(&world.memory, tls_world_dtv_pointer(&world, 0),
				     byte_target_get_word(&world.memory, tls_world_dtv_pointer(&world, other)));
		expect(&world, 2, 0, TLS_UNSTABLE, 0, 0);
		expect(&world, 1, 0, TLS_UNSTABLE, 0, 0);
		// Up to 2.24 those slots are empty, and nothing gives it away; what is at a fixed place is right all
		// the same.
		byte_target_put_word(&world.memory, tls_world_slot(&world, other, 1), UINT64_MAX);
		expect(&world, 1, 0, TLS_READY, fixed, 33);
		tls_world_deinit(&world);
	}
}

// It claims more than is mapped: what cannot be read must not pass for a slot that holds nothing.
static void test_capacity_that_leads_out_of_memory(void **state)
{
	(void)state;
	struct tls_world world;
	start(&world);
	tls_world_thread(&world, TID, 10, GENERATION);
	tls_world_module(&world, 30, 1, -1);
	tls_world_read_modules(&world);
	uint64_t capacity = tls_world_slot(&world, 0, 0) - 16;
	const uint64_t claims[] = { 11, 29, 30, 31, 32, 60, 4000 };
	for (size_t i = 0; i < count_of(claims); i++) {
		byte_target_put_word(&world.memory, capacity, claims[i]);
		expect(&world, 30, 0, TLS_UNSTABLE, 0, 0);
	}
	byte_target_put_word(&world.memory, tls_world_dtv_pointer(&world, 0), 0x999000);
	expect(&world, 30, 0, TLS_UNSTABLE, 0, 0);
	tls_world_deinit(&world);
}

static void test_block_that_cannot_be_read(void **state)
{
	(void)state;
	struct tls_world world;
	start(&world);
	tls_world_thread(&world, TID, CAPACITY, GENERATION);
	tls_world_module(&world, 2, 1, -1);
	tls_world_read_modules(&world);
	byte_target_put_word(&world.memory, tls_world_slot(&world, 0, 2), 0x999000);
	expect(&world, 2, 8, TLS_UNREADABLE, 0x999008, 0);
	tls_world_deinit(&world);
}

static void test_thread_without_a_tcb(void **state)
{
	(void)state;
	const enum polyton_thread_state states[] = { POLYTON_THREAD_FOREIGN, POLYTON_THREAD_UNKNOWN };
	struct tls_world world;
	start(&world);
	tls_world_thread(&world, TID, CAPACITY, GENERATION);
	tls_world_module(&world, 1, 1, 0x40);
	tls_world_read_modules(&world);
	for (size_t i = 0; i < count_of(states); i++) {
		world.threads.items[0].state = states[i];
		world.threads.items[0].tcb = 0;
		expect(&world, 1, 0, TLS_UNREADABLE, 0, 0);
	}
	tls_world_deinit(&world);
}

// Pitfall 12: a raw clone runs on its creator's thread pointer, whose TCB names the creator.
static void test_thread_that_shares_a_tcb(void **state)
{
	(void)state;
	struct tls_world world;
	uint32_t value;
	start(&world);
	tls_world_thread(&world, TID, CAPACITY, GENERATION);
	tls_world_module(&world, 1, 1, 0x40);
	tls_world_read_modules(&world);
	struct tls_thread *clone = vec_push(&world.threads);
	*clone = world.threads.items[0];
	clone->tid = clone->inner_tid = TID + 1;
	clone->state = POLYTON_THREAD_SHARES;
	clone->shares_tid = TID;
	clone->is_registered = false;
	uint64_t block = static_block(&world, 0x40);
	byte_target_put_number(&world.memory, block, 1234, 4);
	struct tls_cell cell = tls_world_read(&world, 1, 1, 0, &value);
	assert_int_equal(cell.answer, TLS_READY);
	assert_int_equal(cell.address, block);
	assert_int_equal(value, 1234);
	// The creator ended and its TCB went to somebody else: no longer what is shared.
	byte_target_put_number(&world.memory, world.threads.items[0].tcb + world.layout.pthread_tid, TID + 5, 4);
	cell = tls_world_read(&world, 1, 1, 0, &value);
	assert_int_equal(cell.answer, TLS_UNSTABLE);
	tls_world_deinit(&world);
}

// Pitfall 8: in a pid namespace the TCB holds the innermost number, and the kernel is asked with the outer one.
static void test_thread_in_a_pid_namespace(void **state)
{
	(void)state;
	struct tls_world world;
	start(&world);
	tls_world_thread(&world, TID, CAPACITY, GENERATION);
	tls_world_module(&world, 1, 1, 0x40);
	tls_world_read_modules(&world);
	struct tls_thread *thread = &world.threads.items[0];
	thread->inner_tid = thread->tcb_tid = 17;
	expect(&world, 1, 0, TLS_UNSTABLE, 0, 0);
	byte_target_put_number(&world.memory, thread->tcb + world.layout.pthread_tid, 17, 4);
	expect(&world, 1, 0, TLS_READY, static_block(&world, 0x40), 0);
	tls_world_deinit(&world);
}

// A fully static program has no link map and no table.
static void test_program_without_a_loader(void **state)
{
	(void)state;
	for (size_t i = 0; i < count_of(machines); i++) {
		struct tls_world world;
		start_on(&world, &machines[i]);
		tls_world_thread(&world, TID, 15, 0);
		struct tls_module *module = vec_push(&world.modules.items);
		*module = (struct tls_module){ .id = 1, .offset = 0x80, .placement = POLYTON_TLS_STATIC };
		uint64_t block = static_block(&world, 0x80);
		byte_target_put_number(&world.memory, block + 0x10, 555, 4);
		expect(&world, 1, 0x10, TLS_READY, block + 0x10, 555);
		tls_world_deinit(&world);
	}
}

// Without the module's row in the table nothing tells the block of this module from its predecessor's.
static void test_block_of_a_module_without_a_row_is_not_believed(void **state)
{
	(void)state;
	struct tls_world world;
	struct linkmap list = { 0 };
	start(&world);
	tls_world_thread(&world, TID, CAPACITY, GENERATION);
	vec_push(&list.entries)->address = tls_world_module(&world, 2, 1, -1);
	vec_push(&list.entries)->address = tls_world_module(&world, 3, 1, 0x40);
	world.layout.slotinfo_list = 0;
	assert_fine(tls_modules_read(&world.memory.target, &world.layout, &list, &world.modules));
	expect(&world, 2, 0, TLS_NOT_ALLOCATED, 0, 0);
	byte_target_put_word(&world.memory, tls_world_slot(&world, 0, 2), tls_world_block(&world, 5));
	expect(&world, 2, 0, TLS_UNREADABLE, 0, 0);
	expect(&world, 3, 0, TLS_READY, static_block(&world, 0x40), 0);
	vec_deinit(&list.entries);
	tls_world_deinit(&world);
}

// So many modules that not all threads' DTVs are read at once: each cell must still find its own thread's.
static void test_more_threads_than_one_batch(void **state)
{
	(void)state;
	enum { THREADS = 70, HIGH = 60000 };
	struct tls_world world;
	uint32_t values[THREADS * 2] = { 0 };
	start(&world);
	tls_world_grow_table(&world, HIGH + 1);
	tls_world_module(&world, 1, 1, 0x40);
	tls_world_module(&world, HIGH, 2, -1);
	tls_world_read_modules(&world);
	struct tls_cell *cells = calloc(THREADS * 2, sizeof(*cells));
	assert_non_null(cells);
	for (uint32_t i = 0; i < THREADS; i++) {
		uint32_t thread = tls_world_thread(&world, TID + (int32_t)i, i % 7 ? HIGH + 14 : 64, GENERATION);
		byte_target_put_number(&world.memory, world.threads.items[thread].tcb - 0x40, 1000 + i, 4);
		if (i % 7)
			byte_target_put_word(&world.memory, tls_world_slot(&world, thread, HIGH),
					     tls_world_block(&world, 2000 + i));
		cells[2 * i] = (struct tls_cell){ .thread = thread, .size = 4, .buffer = &values[2 * i] };
		cells[2 * i + 1] = cells[2 * i];
		cells[2 * i].module = tls_world_index(&world, HIGH);
		cells[2 * i + 1].module = tls_world_index(&world, 1);
		cells[2 * i + 1].buffer = &values[2 * i + 1];
	}
	assert_fine(tls_cells_read(&world.memory.target, &world.layout, &world.threads, &world.modules, cells,
				   THREADS * 2));
	for (uint32_t i = 0; i < THREADS; i++) {
		assert_int_equal(cells[2 * i].answer, i % 7 ? TLS_READY : TLS_NOT_ALLOCATED);
		assert_int_equal(values[2 * i], i % 7 ? 2000 + i : 0);
		assert_int_equal(cells[2 * i + 1].answer, TLS_READY);
		assert_int_equal(values[2 * i + 1], 1000 + i);
	}
	free(cells);
	tls_world_deinit(&world);
}

static void test_nothing_to_read(void **state)
{
	(void)state;
	struct tls_world world;
	start(&world);
	assert_fine(tls_cells_read(&world.memory.target, &world.layout, &world.threads, &world.modules, NULL, 0));
	assert_int_equal(world.memory.calls, 0);
	tls_world_deinit(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_allocated_block),
		cmocka_unit_test(test_slots_that_hold_no_block),
		cmocka_unit_test(test_capacity_too_short),
		cmocka_unit_test(test_slot_behind_the_capacity_is_not_read),
		cmocka_unit_test(test_generation_too_old),
		cmocka_unit_test(test_block_of_whoever_had_the_id_before),
		cmocka_unit_test(test_static_although_the_dtv_says_unallocated),
		cmocka_unit_test(test_offset_0),
		cmocka_unit_test(test_blocks_above_the_thread_pointer),
		cmocka_unit_test(test_distance_that_is_not_known_is_not_guessed),
		cmocka_unit_test(test_freed_dtv_is_not_believed),
		cmocka_unit_test(test_dtv_of_another_thread_is_not_believed),
		cmocka_unit_test(test_capacity_that_leads_out_of_memory),
		cmocka_unit_test(test_block_that_cannot_be_read),
		cmocka_unit_test(test_thread_without_a_tcb),
		cmocka_unit_test(test_thread_that_shares_a_tcb),
		cmocka_unit_test(test_thread_in_a_pid_namespace),
		cmocka_unit_test(test_program_without_a_loader),
		cmocka_unit_test(test_block_of_a_module_without_a_row_is_not_believed),
		cmocka_unit_test(test_more_threads_than_one_batch),
		cmocka_unit_test(test_nothing_to_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
