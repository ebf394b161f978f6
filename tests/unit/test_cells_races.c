// The target runs on while it is read. Each test lets one thing happen at one point of the reading; what was computed
// from it must be thrown away and read again, or be given up, but never be shown.

#include "../support/check.h"

#include <elf.h>
#include <errno.h>

#include "../support/tls_world.h"

enum { CAPACITY = 20, GENERATION = 9, TID = 4711, OLD = 111, NEW = 222 };

/** A thread with one dynamic module (2), whose block holds OLD, and one that is placed at 0x40 (3). */
struct race {
	struct tls_world world;
	uint64_t map, block, dtv_pointer;
	uint64_t address, value; ///< What change_word() stores, and where.
	struct byte_task *task;
};

static void start(struct race *race)
{
	*race = (struct race){ 0 };
	struct tls_world *world = &race->world;
	tls_world_init(world, EM_X86_64, ELFCLASS64, ELFDATA2LSB);
	tls_world_thread(world, TID, CAPACITY, GENERATION);
	race->map = tls_world_module(world, 2, 3, -1);
	tls_world_module(world, 3, 1, 0x40);
	tls_world_read_modules(world);
	race->block = tls_world_block(world, OLD);
	race->dtv_pointer = tls_world_dtv_pointer(world, 0);
	race->task = byte_target_task(&world->memory, TID);
	byte_target_put_word(&world->memory, tls_world_slot(world, 0, 2), race->block);
}

static void finish(struct race *race)
{
	tls_world_deinit(&race->world);
}

static void change_word(struct byte_target *memory, void *arg)
{
	const struct race *race = arg;
	byte_target_put_word(memory, race->address, race->value);
}

static void expect(struct race *race, enum tls_answer answer, uint32_t value)
{
	uint32_t got;
	struct tls_cell cell = tls_world_read(&race->world, 0, 2, 0, &got);
	assert_int_equal(cell.answer, answer);
	if (answer == TLS_READY)
		assert_int_equal(got, value);
	if (answer == TLS_UNSTABLE || answer == TLS_NOT_ALLOCATED)
		assert_int_equal(cell.address, 0);
}

// The thread got a larger DTV between the two readings: the first value came by way of the old one.
static void test_new_dtv(void **state)
{
	(void)state;
	struct race race;
	start(&race);
	uint64_t old = byte_target_get_word(&race.world.memory, race.dtv_pointer);
	uint64_t new = tls_world_dtv(&race.world, 0, 2 * CAPACITY, GENERATION);
	byte_target_put_word(&race.world.memory, new + 32, tls_world_block(&race.world, NEW));
	byte_target_put_word(&race.world.memory, race.dtv_pointer, old);
	race.address = race.dtv_pointer;
	race.value = new;
	byte_target_before(&race.world.memory, race.dtv_pointer, 2, change_word, &race);
	expect(&race, TLS_READY, NEW);
	finish(&race);
}

// Of what stands still, nothing is read a second time: over a wire each read costs a round trip.
static void test_still_target_is_read_once(void **state)
{
	(void)state;
	struct race race;
	start(&race);
	race.world.memory.target.is_still = true;
	uint64_t slot = tls_world_slot(&race.world, 0, 2);
	race.address = slot;
	race.value = tls_world_block(&race.world, NEW);
	uint64_t window = byte_target_get_word(&race.world.memory, race.dtv_pointer) - 16;
	byte_target_before(&race.world.memory, window, 2, change_word, &race);
	expect(&race, TLS_READY, OLD);
	race.world.memory.target.is_still = false;
	expect(&race, TLS_READY, NEW);
	finish(&race);
}

static void flip_dtv(struct byte_target *memory, void *arg)
{
	struct race *race = arg;
	uint64_t now = byte_target_get_word(memory, race->dtv_pointer);
	byte_target_put_word(memory, race->dtv_pointer, race->value);
	race->value = now;
}

static void test_dtv_that_never_stands_still(void **state)
{
	(void)state;
	struct race race;
	start(&race);
	race.value = byte_target_get_word(&race.world.memory, race.dtv_pointer);
	tls_world_dtv(&race.world, 0, CAPACITY, GENERATION);
	byte_target_always(&race.world.memory, race.dtv_pointer, flip_dtv, &race);
	expect(&race, TLS_UNSTABLE, 0);
	finish(&race);
}

static void test_slot_that_is_filled_meanwhile(void **state)
{
	(void)state;
	struct race race;
	start(&race);
	uint64_t slot = tls_world_slot(&race.world, 0, 2);
	byte_target_put_word(&race.world.memory, slot, UINT64_MAX);
	race.address = slot;
	race.value = race.block;
	// Right before the second reading of the DTV: "not allocated" was true, but is no more.
	byte_target_before(&race.world.memory, slot - 6 * 8, 2, change_word, &race);
	expect(&race, TLS_READY, OLD);
	finish(&race);
}

static void test_slot_that_is_emptied_meanwhile(void **state)
{
	(void)state;
	struct race race;
	start(&race);
	race.address = tls_world_slot(&race.world, 0, 2);
	race.value = UINT64_MAX;
	byte_target_before(&race.world.memory, race.block, 1, change_word, &race);
	expect(&race, TLS_NOT_ALLOCATED, 0);
	finish(&race);
}

static void free_dtv(struct byte_target *memory, void *arg)
{
	const struct race *race = arg;
	uint64_t dtv = byte_target_get_word(memory, race->dtv_pointer);
	byte_target_put_word(memory, dtv - 16, 0x7f1200000010); // malloc's links
	byte_target_put_word(memory, dtv - 8, 0x7f1200000020);
}

static void test_dtv_that_is_freed_meanwhile(void **state)
{
	(void)state;
	struct race race;
	start(&race);
	byte_target_before(&race.world.memory, race.block, 1, free_dtv, &race);
	expect(&race, TLS_UNSTABLE, 0);
	finish(&race);
}

static void test_generation_that_goes_on(void **state)
{
	(void)state;
	struct race race;
	start(&race);
	race.address = tls_world_slot(&race.world, 0, 0);
	race.value = GENERATION + 1;
	byte_target_before(&race.world.memory, race.block, 1, change_word, &race);
	size_t before = race.world.memory.calls;
	expect(&race, TLS_READY, OLD);
	assert_true(race.world.memory.calls - before > 8); // it was read twice over
	finish(&race);
}

static void unload(struct byte_target *memory, void *arg)
{
	const struct race *race = arg;
	byte_target_put_word(memory, race->world.table + (2 + 2 * 2) * 8, GENERATION + 1);
	byte_target_put_word(memory, race->world.table + (3 + 2 * 2) * 8, 0);
}

// dlclose() frees the slot of the table; the block may be freed, the DTVs keep what they have.
static void test_module_that_is_unloaded_meanwhile(void **state)
{
	(void)state;
	for (unsigned point = 0; point < 2; point++) {
		struct race race;
		start(&race);
		if (point == 0) // between the list of modules and the reading
			unload(&race.world.memory, &race);
		else
			byte_target_before(&race.world.memory, race.block, 1, unload, &race);
		expect(&race, TLS_UNSTABLE, 0);
		finish(&race);
	}
}

static void reuse_id(struct byte_target *memory, void *arg)
{
	const struct race *race = arg;
	byte_target_put_word(memory, race->world.table + (2 + 2 * 2) * 8, GENERATION + 1);
}

// The next object got the same id, and by chance the same link map: only the generation tells.
static void test_id_that_is_used_again_meanwhile(void **state)
{
	(void)state;
	struct race race;
	start(&race);
	byte_target_before(&race.world.memory, race.block, 1, reuse_id, &race);
	expect(&race, TLS_UNSTABLE, 0);
	finish(&race);
}

static void free_map(struct byte_target *memory, void *arg)
{
	const struct race *race = arg;
	byte_target_unmap(memory, race->map);
}

static void test_link_map_that_is_freed_meanwhile(void **state)
{
	(void)state;
	struct race race;
	start(&race);
	byte_target_before(&race.world.memory, race.block, 1, free_map, &race);
	expect(&race, TLS_UNSTABLE, 0);
	finish(&race);
}

// A library that was loaded late is given a static place by its first initial-exec user.
static void test_module_that_is_placed_meanwhile(void **state)
{
	(void)state;
	struct race race;
	start(&race);
	byte_target_put_word(&race.world.memory, tls_world_slot(&race.world, 0, 2), UINT64_MAX);
	race.address = race.map + race.world.layout.map_offset;
	race.value = 0x80;
	byte_target_put_word(&race.world.memory, race.address, 0);
	byte_target_put_number(&race.world.memory, race.world.threads.items[0].tcb - 0x80, NEW, 4);
	// The second reading of the modules is the last of the first attempt.
	byte_target_before(&race.world.memory, race.address, 2, change_word, &race);
	expect(&race, TLS_READY, NEW);
	finish(&race);
}

static void end_thread(struct byte_target *memory, void *arg)
{
	const struct race *race = arg;
	byte_target_put_number(memory, race->world.threads.items[0].tcb + race->world.layout.pthread_tid, 0, 4);
}

// An exited thread's TCB stays readable, with tid 0.
static void test_thread_that_ends_meanwhile(void **state)
{
	(void)state;
	for (unsigned point = 0; point < 2; point++) {
		struct race race;
		start(&race);
		if (point == 0)
			end_thread(&race.world.memory, &race);
		else
			byte_target_before(&race.world.memory, race.block, 1, end_thread, &race);
		expect(&race, TLS_UNSTABLE, 0);
		finish(&race);
	}
}

static void forget_thread(struct byte_target *memory, void *arg)
{
	(void)memory;
	((struct race *)arg)->task->robust_error = ESRCH;
}

// The kernel has let go of the task, the memory looks as if it had not.
static void test_task_that_the_kernel_does_not_know_any_more(void **state)
{
	(void)state;
	struct race race;
	start(&race);
	byte_target_before(&race.world.memory, race.block, 1, forget_thread, &race);
	expect(&race, TLS_UNSTABLE, 0);
	finish(&race);
}

static void move_thread(struct byte_target *memory, void *arg)
{
	(void)memory;
	((struct race *)arg)->task->robust_list += 0x10000;
}

// A new thread got the ended one's number, and has its TCB elsewhere.
static void test_number_that_is_used_again_meanwhile(void **state)
{
	(void)state;
	for (unsigned point = 0; point < 2; point++) {
		struct race race;
		start(&race);
		if (point == 0)
			move_thread(&race.world.memory, &race);
		else
			byte_target_before(&race.world.memory, race.block, 1, move_thread, &race);
		expect(&race, TLS_UNSTABLE, 0);
		finish(&race);
	}
}

// A thread that was found by a list has no such witness; its TCB's own fields are all there is.
static void test_thread_that_registered_nothing(void **state)
{
	(void)state;
	struct race race;
	start(&race);
	race.world.threads.items[0].is_registered = false;
	race.task->robust_error = ESRCH;
	expect(&race, TLS_READY, OLD);
	finish(&race);
}

static void test_self_pointer_that_changes(void **state)
{
	(void)state;
	struct race race;
	start(&race);
	race.address = race.world.threads.items[0].tcb + 16;
	race.value = 0x1234;
	byte_target_before(&race.world.memory, race.block, 1, change_word, &race);
	expect(&race, TLS_UNSTABLE, 0);
	finish(&race);
}

static void free_block(struct byte_target *memory, void *arg)
{
	const struct race *race = arg;
	byte_target_unmap(memory, race->block);
	byte_target_put_word(memory, tls_world_slot(&race->world, 0, 2), UINT64_MAX);
}

static void raise_generation(struct byte_target *memory, void *arg)
{
	const struct race *race = arg;
	byte_target_put_word(memory, tls_world_slot(&race->world, 0, 0), GENERATION);
}

static void free_old_block(struct byte_target *memory, void *arg)
{
	struct race *race = arg;
	if (race->value++) // at the first of the two points that it is asked for
		return;
	byte_target_put_number(memory, race->block, 0x7fff, 4); // malloc's link
	byte_target_put_word(memory, tls_world_slot(&race->world, 0, 2), UINT64_MAX);
}

static void give_new_block(struct byte_target *memory, void *arg)
{
	const struct race *race = arg;
	byte_target_put_number(memory, race->block, NEW, 4);
	byte_target_put_word(memory, tls_world_slot(&race->world, 0, 2), race->block);
}

// The words of one reading are in no order. A thread brings its DTV up to date: the old block is freed and its slot
// emptied before the generation rises, and the new block gets the same memory. Here one reading has the slot from
// before and the generation from after that: the first that there is of the DTV, or the second.
static void test_slot_that_was_read_before_the_generation(void **state)
{
	(void)state;
	for (unsigned torn = 1; torn <= 2; torn++) {
		struct race race;
		start(&race);
		uint64_t dtv = tls_world_slot(&race.world, 0, 0);
		byte_target_put_word(&race.world.memory, dtv, 1); // older than the module
		byte_target_before(&race.world.memory, dtv - 16, torn, raise_generation, &race);
		byte_target_before(&race.world.memory, dtv - 16, torn + 1, free_old_block, &race);
		byte_target_before(&race.world.memory, race.block, 1, free_old_block, &race);
		byte_target_before(&race.world.memory, race.dtv_pointer, torn + 1, give_new_block, &race);
		expect(&race, TLS_READY, NEW);
		finish(&race);
	}
}

static void test_block_that_is_freed_meanwhile(void **state)
{
	(void)state;
	struct race race;
	start(&race);
	byte_target_before(&race.world.memory, race.block, 1, free_block, &race);
	expect(&race, TLS_NOT_ALLOCATED, 0);
	finish(&race);
}

// What has been read without a change is not read again, and stays as it is, while its neighbours are tried again.
static void test_cells_that_were_accepted_stay(void **state)
{
	(void)state;
	struct race race;
	start(&race);
	struct tls_world *world = &race.world;
	uint32_t other = tls_world_thread(world, TID + 1, CAPACITY, GENERATION), values[4] = { 0 };
	uint64_t block = tls_world_block(world, NEW), fixed = world->threads.items[0].tcb - 0x40;
	byte_target_put_word(&world->memory, tls_world_slot(world, other, 2), block);
	byte_target_put_number(&world->memory, fixed, 33, 4);
	byte_target_put_number(&world->memory, world->threads.items[other].tcb - 0x40, 44, 4);
	// Only thread 0's slot of module 2 changes, once, to the other block.
	race.address = tls_world_slot(world, 0, 2);
	race.value = block;
	byte_target_before(&world->memory, race.block, 1, change_word, &race);
	struct tls_cell cells[4];
	for (uint32_t i = 0; i < 4; i++)
		cells[i] = (struct tls_cell){ .thread = i / 2,
					      .module = tls_world_index(world, 2 + i % 2),
					      .size = 4,
					      .buffer = &values[i] };
	assert_fine(
		tls_cells_read(&world->memory.target, &world->layout, &world->threads, &world->modules, cells, 4));
	const uint64_t addresses[] = { block, fixed, block, world->threads.items[other].tcb - 0x40 };
	const uint32_t expected[] = { NEW, 33, NEW, 44 };
	for (uint32_t i = 0; i < 4; i++) {
		assert_int_equal(cells[i].answer, TLS_READY);
		assert_int_equal(cells[i].address, addresses[i]);
		assert_int_equal(values[i], expected[i]);
	}
	finish(&race);
}

/** What tls_threads_find() keeps of a TCB it believed: the first reading may go by that. */
static void recall(struct race *race)
{
	struct tls_thread *thread = &race->world.threads.items[0];
	struct target *target = &race->world.memory.target;
	assert_fine(target_read(target, thread->tcb + 16, thread->header.self, 8));
	assert_fine(target_read(target, race->dtv_pointer, thread->header.dtv, 8));
	assert_fine(target_read(target, thread->tcb + race->world.layout.pthread_tid, thread->header.tid, 4));
	thread->has_header = true;
}

static void test_what_was_recalled_is_checked(void **state)
{
	(void)state;
	struct race race;
	start(&race);
	recall(&race);
	expect(&race, TLS_READY, OLD);
	// Since then it got a larger DTV; the old one is freed, and still looks as it did.
	uint64_t new = tls_world_dtv(&race.world, 0, 2 * CAPACITY, GENERATION);
	byte_target_put_word(&race.world.memory, new + 32, tls_world_block(&race.world, NEW));
	expect(&race, TLS_READY, NEW);
	recall(&race);
	end_thread(&race.world.memory, &race);
	expect(&race, TLS_UNSTABLE, 0);
	finish(&race);
}

static void lose_answer(struct byte_target *memory, void *arg)
{
	struct race *race = arg;
	byte_target_unmap(memory, race->world.threads.items[0].tcb - WORLD_ROOM);
}

// The stack of an ended thread is given back to the kernel.
static void test_tcb_that_is_unmapped_meanwhile(void **state)
{
	(void)state;
	struct race race;
	start(&race);
	byte_target_before(&race.world.memory, race.block, 1, lose_answer, &race);
	expect(&race, TLS_UNSTABLE, 0);
	finish(&race);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new_dtv),
		cmocka_unit_test(test_still_target_is_read_once),
		cmocka_unit_test(test_dtv_that_never_stands_still),
		cmocka_unit_test(test_slot_that_is_filled_meanwhile),
		cmocka_unit_test(test_slot_that_is_emptied_meanwhile),
		cmocka_unit_test(test_dtv_that_is_freed_meanwhile),
		cmocka_unit_test(test_generation_that_goes_on),
		cmocka_unit_test(test_module_that_is_unloaded_meanwhile),
		cmocka_unit_test(test_id_that_is_used_again_meanwhile),
		cmocka_unit_test(test_link_map_that_is_freed_meanwhile),
		cmocka_unit_test(test_module_that_is_placed_meanwhile),
		cmocka_unit_test(test_thread_that_ends_meanwhile),
		cmocka_unit_test(test_task_that_the_kernel_does_not_know_any_more),
		cmocka_unit_test(test_number_that_is_used_again_meanwhile),
		cmocka_unit_test(test_thread_that_registered_nothing),
		cmocka_unit_test(test_self_pointer_that_changes),
		cmocka_unit_test(test_slot_that_was_read_before_the_generation),
		cmocka_unit_test(test_block_that_is_freed_meanwhile),
		cmocka_unit_test(test_cells_that_were_accepted_stay),
		cmocka_unit_test(test_what_was_recalled_is_checked),
		cmocka_unit_test(test_tcb_that_is_unmapped_meanwhile),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
