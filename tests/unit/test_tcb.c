// Whose TCB is where: by what was registered, by glibc's lists, and only then by stopping.

#include "../support/check.h"

#include <elf.h>
#include <errno.h>

#include "../support/tls_world.h"

enum { TID = 4711, CAPACITY = 20 };

/** A process with its tasks as the kernel lists them. */
struct process {
	struct tls_world world;
	subject_tasks tasks;
	tls_threads found;
};

static void start_on(struct process *process, uint16_t machine, uint8_t elf_class, uint8_t elf_data)
{
	*process = (struct process){ 0 };
	tls_world_init(&process->world, machine, elf_class, elf_data);
}

static void start(struct process *process)
{
	start_on(process, EM_X86_64, ELFCLASS64, ELFDATA2LSB);
}

static void finish(struct process *process)
{
	vec_deinit(&process->tasks);
	vec_deinit(&process->found);
	tls_world_deinit(&process->world);
}

static struct subject_task *add_task(struct process *process, int32_t tid)
{
	struct subject_task *task = vec_push(&process->tasks);
	assert_non_null(task);
	*task = (struct subject_task){ .tid = tid, .inner_tid = tid };
	return task;
}

/** A thread of glibc, its task included. Returns its TCB. */
static uint64_t add_thread(struct process *process, int32_t tid)
{
	uint32_t index = tls_world_thread(&process->world, tid, CAPACITY, 1);
	add_task(process, tid)->robust_list = byte_target_task(&process->world.memory, tid)->robust_list;
	return process->world.threads.items[index].tcb;
}

/** Put the thread at the end of one of glibc's lists. */
static void enlist(struct process *process, uint64_t head, uint64_t tcb)
{
	struct byte_target *memory = &process->world.memory;
	size_t word = process->world.word;
	uint64_t node = tcb + process->world.layout.pthread_list, last = byte_target_get_word(memory, head + word);
	byte_target_put_word(memory, last, node);
	byte_target_put_word(memory, node, head);
	byte_target_put_word(memory, node + word, last);
	byte_target_put_word(memory, head + word, node);
}

static void find(struct process *process)
{
	vec_deinit(&process->found);
	process->world.memory.pointers_asked = 0;
	assert_fine(tls_threads_find(&process->world.memory.target, &process->world.layout, &process->tasks,
				     &process->found));
	assert_int_equal(process->found.count, process->tasks.count);
}

static void expect(const struct process *process, size_t index, enum polyton_thread_state state, uint64_t tcb)
{
	const struct tls_thread *thread = &process->found.items[index];
	assert_int_equal(thread->tid, process->tasks.items[index].tid);
	assert_int_equal(thread->state, state);
	assert_int_equal(thread->tcb, tcb);
	assert_true((state == POLYTON_THREAD_READY) == !thread->why[0]);
}

static void test_by_what_they_registered(void **state)
{
	(void)state;
	const struct {
		uint16_t machine;
		uint8_t elf_class, elf_data;
	} rows[] = {
		{ EM_X86_64, ELFCLASS64, ELFDATA2LSB }, { EM_386, ELFCLASS32, ELFDATA2LSB },
		{ EM_S390, ELFCLASS64, ELFDATA2MSB },   { EM_AARCH64, ELFCLASS64, ELFDATA2LSB },
		{ EM_ARM, ELFCLASS32, ELFDATA2LSB },    { EM_PPC64, ELFCLASS64, ELFDATA2LSB },
	};
	for (size_t i = 0; i < count_of(rows); i++) {
		struct process process;
		start_on(&process, rows[i].machine, rows[i].elf_class, rows[i].elf_data);
		uint64_t first = add_thread(&process, TID), second = add_thread(&process, TID + 1);
		find(&process);
		expect(&process, 0, POLYTON_THREAD_READY, first);
		expect(&process, 1, POLYTON_THREAD_READY, second);
		assert_true(process.found.items[0].is_registered);
		assert_int_equal(process.found.items[1].tcb_tid, TID + 1);
		assert_int_equal(process.world.memory.pointers_asked, 0);
		finish(&process);
	}
}

// On every machine, the lists bring those that have registered nothing, and nobody is stopped.
static void test_by_the_lists(void **state)
{
	(void)state;
	const struct {
		uint16_t machine;
		uint8_t elf_class, elf_data;
	} rows[] = {
		{ EM_X86_64, ELFCLASS64, ELFDATA2LSB },
		{ EM_386, ELFCLASS32, ELFDATA2LSB },
		{ EM_S390, ELFCLASS64, ELFDATA2MSB },
		{ EM_AARCH64, ELFCLASS64, ELFDATA2LSB },
	};
	for (size_t i = 0; i < count_of(rows); i++) {
		struct process process;
		start_on(&process, rows[i].machine, rows[i].elf_class, rows[i].elf_data);
		uint64_t tcbs[4];
		for (int k = 0; k < 4; k++) {
			tcbs[k] = add_thread(&process, TID + k);
			enlist(&process, k ? WORLD_USED : WORLD_USER, tcbs[k]);
			process.tasks.items[k].robust_list = 0;
		}
		find(&process);
		for (size_t k = 0; k < 4; k++) {
			expect(&process, k, POLYTON_THREAD_READY, tcbs[k]);
			assert_false(process.found.items[k].is_registered);
		}
		assert_int_equal(process.world.memory.pointers_asked, 0);
		finish(&process);
	}
}

// What was registered may be somebody else's: an own runtime's, or at another distance (pitfall 11).
static void test_registered_address_that_is_no_tcb(void **state)
{
	(void)state;
	struct process process;
	start(&process);
	uint64_t first = add_thread(&process, TID), second = add_thread(&process, TID + 1);
	enlist(&process, WORLD_USED, first);
	enlist(&process, WORLD_USED, second);
	process.tasks.items[0].robust_list += 8;
	process.tasks.items[1].robust_list = 0x999000;
	find(&process);
	expect(&process, 0, POLYTON_THREAD_READY, first);
	expect(&process, 1, POLYTON_THREAD_READY, second);
	// It will not be asked again about what it never said.
	assert_false(process.found.items[0].is_registered);
	finish(&process);
}

static void test_tcb_of_another_thread_is_not_believed(void **state)
{
	(void)state;
	struct process process;
	start(&process);
	uint64_t first = add_thread(&process, TID);
	add_thread(&process, TID + 1);
	process.tasks.items[1].robust_list = process.tasks.items[0].robust_list;
	byte_target_task(&process.world.memory, TID + 1)->pointer_error = EPERM;
	find(&process);
	expect(&process, 0, POLYTON_THREAD_READY, first);
	expect(&process, 1, POLYTON_THREAD_UNKNOWN, 0);
	assert_string_equal(process.found.items[1].why, "its registers cannot be read");
	finish(&process);
}

// tid 0: ended and not joined, or not running yet; -1: joined. Their TCBs stay listed.
static void test_listed_threads_that_do_not_run_are_dropped(void **state)
{
	(void)state;
	struct process process;
	start(&process);
	const int32_t dead[] = { 0, -1, TID + 9 };
	for (size_t i = 0; i < count_of(dead); i++) {
		uint32_t index = tls_world_thread(&process.world, dead[i], CAPACITY, 1);
		enlist(&process, WORLD_USED, process.world.threads.items[index].tcb);
	}
	uint64_t living = add_thread(&process, TID);
	enlist(&process, WORLD_USED, living);
	process.tasks.items[0].robust_list = 0;
	find(&process);
	expect(&process, 0, POLYTON_THREAD_READY, living);
	finish(&process);
}

static void test_lists_that_are_not_there_yet(void **state)
{
	(void)state;
	struct process process;
	start(&process);
	uint64_t tcb = add_thread(&process, TID);
	process.tasks.items[0].robust_list = 0;
	byte_target_put_word(&process.world.memory, WORLD_USER, 0); // libc is not initialised
	process.world.layout.stack_used = 0x999000;
	find(&process);
	expect(&process, 0, POLYTON_THREAD_READY, tcb);
	assert_int_equal(process.world.memory.pointers_asked, 1);
	finish(&process);
}

// A list that is being edited may lead into another one, or round in circles.
static void test_lists_that_stray(void **state)
{
	(void)state;
	for (int way = 0; way < 3; way++) {
		struct process process;
		start(&process);
		uint64_t tcbs[3], node[3];
		for (int i = 0; i < 3; i++) {
			tcbs[i] = add_thread(&process, TID + i);
			enlist(&process, WORLD_USED, tcbs[i]);
			process.tasks.items[i].robust_list = 0;
			node[i] = tcbs[i] + process.world.layout.pthread_list;
		}
		if (way == 0) // into a list head that is not the one it began with
			byte_target_put_word(&process.world.memory, node[1], WORLD_GLOBAL + 0x400);
		else if (way == 1) // back to where it was
			byte_target_put_word(&process.world.memory, node[2], node[0]);
		else // a node that does not point back
			byte_target_put_word(&process.world.memory, node[1] + 8, 0x1234);
		find(&process);
		// Whoever was not reached is asked himself.
		for (size_t i = 0; i < 3; i++)
			expect(&process, i, POLYTON_THREAD_READY, tcbs[i]);
		assert_true(process.world.memory.calls < 5000);
		finish(&process);
	}
}

struct mending {
	uint64_t address, value;
};

static void mend(struct byte_target *memory, void *arg)
{
	const struct mending *mending = arg;
	byte_target_put_word(memory, mending->address, mending->value);
}

// A walk that strays is begun again: a moment later the list is whole, and nobody need be stopped.
static void test_list_that_is_edited_is_walked_again(void **state)
{
	(void)state;
	struct process process;
	start(&process);
	uint64_t tcbs[2];
	for (int i = 0; i < 2; i++) {
		tcbs[i] = add_thread(&process, TID + i);
		enlist(&process, WORLD_USED, tcbs[i]);
		process.tasks.items[i].robust_list = 0;
	}
	uint64_t node = tcbs[0] + process.world.layout.pthread_list;
	struct mending mending = { node, byte_target_get_word(&process.world.memory, node) };
	byte_target_put_word(&process.world.memory, node, WORLD_GLOBAL + 0x400);
	byte_target_before(&process.world.memory, WORLD_USED, 2, mend, &mending);
	find(&process);
	expect(&process, 0, POLYTON_THREAD_READY, tcbs[0]);
	expect(&process, 1, POLYTON_THREAD_READY, tcbs[1]);
	assert_int_equal(process.world.memory.pointers_asked, 0);
	finish(&process);
}

// Pitfall 12: a raw clone without a thread pointer of its own.
static void test_raw_clone_shares(void **state)
{
	(void)state;
	struct process process;
	start(&process);
	uint64_t tcb = add_thread(&process, TID);
	add_task(&process, TID + 1);
	byte_target_task(&process.world.memory, TID + 1)->thread_pointer = tcb;
	find(&process);
	expect(&process, 0, POLYTON_THREAD_READY, tcb);
	expect(&process, 1, POLYTON_THREAD_SHARES, tcb);
	assert_int_equal(process.found.items[1].shares_tid, TID);
	assert_int_equal(process.found.items[1].tcb_tid, TID);
	assert_false(process.found.items[1].is_registered);
	finish(&process);
}

// A runtime that sets up thread pointers of its own: its memory is not glibc's.
static void test_own_runtime_is_foreign(void **state)
{
	(void)state;
	struct process process;
	start(&process);
	add_thread(&process, TID);
	add_task(&process, TID + 1);
	byte_target_task(&process.world.memory, TID + 1)->thread_pointer = 0x50000000;
	byte_target_map(&process.world.memory, 0x50000000, 0x1000);
	find(&process);
	expect(&process, 1, POLYTON_THREAD_FOREIGN, 0);
	finish(&process);
}

static void test_tasks_out_of_reach_say_why(void **state)
{
	(void)state;
	struct process process;
	start(&process);
	add_thread(&process, TID);
	for (int i = 1; i <= 3; i++)
		add_task(&process, TID + i);
	byte_target_task(&process.world.memory, TID + 1)->pointer_error = ESRCH;
	byte_target_task(&process.world.memory, TID + 2)->pointer_error = EPERM;
	byte_target_task(&process.world.memory, TID + 3)->thread_pointer = 0;
	find(&process);
	for (size_t i = 1; i <= 3; i++)
		expect(&process, i, POLYTON_THREAD_UNKNOWN, 0);
	assert_non_null(strstr(process.found.items[1].why, "ended"));
	assert_non_null(strstr(process.found.items[2].why, "registers"));
	assert_non_null(strstr(process.found.items[3].why, "not set up"));
	finish(&process);
}

static void test_by_the_thread_pointer_of_either_variant(void **state)
{
	(void)state;
	const struct {
		uint16_t machine;
		uint8_t elf_data;
	} rows[] = { { EM_X86_64, ELFDATA2LSB },
		     { EM_S390, ELFDATA2MSB },
		     { EM_AARCH64, ELFDATA2LSB },
		     { EM_RISCV, ELFDATA2LSB },
		     { EM_PPC64, ELFDATA2LSB } };
	for (size_t i = 0; i < count_of(rows); i++) {
		struct process process;
		start_on(&process, rows[i].machine, ELFCLASS64, rows[i].elf_data);
		uint64_t tcb = add_thread(&process, TID);
		process.tasks.items[0].robust_list = 0;
		process.world.layout.pthread_list = 0; // not described: no lists
		find(&process);
		expect(&process, 0, POLYTON_THREAD_READY, tcb);
		assert_int_equal(process.world.memory.pointers_asked, 1);
		finish(&process);
	}
}

// The child of a raw fork keeps its parent's number in its TCB, and has registered nothing.
static void test_child_of_a_raw_fork(void **state)
{
	(void)state;
	struct process process;
	start(&process);
	uint64_t tcb = add_thread(&process, TID);
	process.tasks.items[0].robust_list = 0;
	process.tasks.items[0].tid = process.tasks.items[0].inner_tid = TID + 50;
	byte_target_task(&process.world.memory, TID + 50)->thread_pointer = tcb;
	find(&process);
	expect(&process, 0, POLYTON_THREAD_READY, tcb);
	assert_int_equal(process.found.items[0].tcb_tid, TID);
	// With a second task it is anybody's guess whose it is.
	add_task(&process, TID + 51);
	byte_target_task(&process.world.memory, TID + 51)->pointer_error = EPERM;
	find(&process);
	expect(&process, 0, POLYTON_THREAD_FOREIGN, 0);
	finish(&process);
}

static void test_not_everybody_is_stopped(void **state)
{
	(void)state;
	struct process process;
	start(&process);
	for (int i = 0; i < 400; i++) {
		add_task(&process, TID + i);
		byte_target_task(&process.world.memory, TID + i)->pointer_error = EPERM;
	}
	find(&process);
	assert_int_equal(process.world.memory.pointers_asked, 256);
	assert_non_null(strstr(process.found.items[399].why, "too many threads"));
	finish(&process);
}

// Pitfall 8, and the inner numbers need not be in the order of the outer ones.
static void test_inner_numbers_count(void **state)
{
	(void)state;
	struct process process;
	start(&process);
	uint64_t tcbs[3];
	const int32_t inner[] = { 30, 10, 20 };
	for (int i = 0; i < 3; i++) {
		tcbs[i] = add_thread(&process, inner[i]);
		enlist(&process, WORLD_USED, tcbs[i]);
		process.tasks.items[i].tid = TID + i;
		if (i)
			process.tasks.items[i].robust_list = 0;
	}
	find(&process);
	for (size_t i = 0; i < 3; i++) {
		expect(&process, i, POLYTON_THREAD_READY, tcbs[i]);
		assert_int_equal(process.found.items[i].tcb_tid, inner[i]);
	}
	finish(&process);
}

static void test_no_tasks(void **state)
{
	(void)state;
	struct process process;
	start(&process);
	find(&process);
	finish(&process);
}

// Blocks of fully static programs: the numbers of notes that were proved, and what alignment does to them.
static void test_static_offset(void **state)
{
	(void)state;
	const struct arch *below = arch_find(EM_X86_64, ELFCLASS64, ELFDATA2LSB);
	const struct arch *above = arch_find(EM_AARCH64, ELFCLASS64, ELFDATA2LSB);
	const struct arch *bare = arch_find(EM_RISCV, ELFCLASS64, ELFDATA2LSB);
	const struct {
		uint64_t address, size, align, below, above, bare;
	} rows[] = {
		{ 0x4000, 0x68, 8, 0x68, 16, 0 },  { 0x4000, 0x69, 8, 0x70, 16, 0 },
		{ 0x4000, 0x68, 64, 0x80, 64, 0 }, { 0x4000, 1, 0, 1, 16, 0 },
		{ 0x4000, 1, 1, 1, 16, 0 },        { 0x4000, 0x100, 256, 0x100, 256, 0 },
		{ 0x4008, 0x18, 16, 0x18, 16, 0 }, // the first byte is 8 behind a multiple of 16, and stays so
		{ 0x400c, 2, 16, 4, 16, 0 },
	};
	for (size_t i = 0; i < count_of(rows); i++) {
		const Elf64_Phdr tls = { .p_type = PT_TLS,
					 .p_vaddr = rows[i].address,
					 .p_memsz = rows[i].size,
					 .p_align = rows[i].align };
		assert_int_equal(tls_static_offset(below, &tls), rows[i].below);
		assert_int_equal(tls_static_offset(above, &tls), rows[i].above);
		assert_int_equal(tls_static_offset(bare, &tls), rows[i].bare);
	}
}

// A stopped subject's thread pointers are known: they come first, and nobody is asked.
static void test_known_thread_pointers(void **state)
{
	(void)state;
	struct process process;
	start(&process);
	uint64_t first = add_thread(&process, TID), second = add_thread(&process, TID + 1);
	process.tasks.items[0].robust_list = process.tasks.items[1].robust_list = 0;
	process.tasks.items[0].thread_pointer = first;
	process.tasks.items[1].thread_pointer = second;
	add_task(&process, TID + 2)->thread_pointer = first; // a raw clone
	add_task(&process, TID + 3)->thread_pointer = 0x1234;
	find(&process);
	assert_int_equal(process.found.items[0].state, POLYTON_THREAD_READY);
	assert_int_equal(process.found.items[0].tcb, first);
	assert_false(process.found.items[0].is_registered);
	assert_int_equal(process.found.items[1].tcb, second);
	assert_int_equal(process.found.items[2].state, POLYTON_THREAD_SHARES);
	assert_int_equal(process.found.items[2].shares_tid, TID);
	assert_int_equal(process.found.items[3].state, POLYTON_THREAD_FOREIGN);
	assert_int_equal(process.world.memory.pointers_asked, 0);
	finish(&process);
}

// A core that was made outside of the pid namespace has other numbers than the TCBs.
static void test_numbers_of_another_namespace(void **state)
{
	(void)state;
	enum { OUTSIDE = 90000 };
	struct process process;
	start(&process);
	for (int32_t i = 0; i < 3; i++) {
		uint64_t tcb = add_thread(&process, TID + i);
		process.tasks.items[i] =
			(struct subject_task){ .tid = OUTSIDE + i, .inner_tid = OUTSIDE + i, .thread_pointer = tcb };
	}
	find(&process);
	for (int32_t i = 0; i < 3; i++) {
		assert_int_equal(process.found.items[i].state, POLYTON_THREAD_READY);
		assert_int_equal(process.found.items[i].tid, OUTSIDE + i);
		assert_int_equal(process.found.items[i].inner_tid, TID + i);
		assert_int_equal(process.found.items[i].tcb, process.tasks.items[i].thread_pointer);
	}
	// A pointer that two have says nothing of either.
	process.tasks.items[2].thread_pointer = process.tasks.items[1].thread_pointer;
	find(&process);
	assert_int_equal(process.found.items[0].state, POLYTON_THREAD_READY);
	assert_int_equal(process.found.items[1].state, POLYTON_THREAD_FOREIGN);
	assert_int_equal(process.found.items[1].inner_tid, OUTSIDE + 1);
	assert_int_equal(process.found.items[2].state, POLYTON_THREAD_FOREIGN);
	finish(&process);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_thread_pointers),
		cmocka_unit_test(test_numbers_of_another_namespace),
		cmocka_unit_test(test_by_what_they_registered),
		cmocka_unit_test(test_by_the_lists),
		cmocka_unit_test(test_registered_address_that_is_no_tcb),
		cmocka_unit_test(test_tcb_of_another_thread_is_not_believed),
		cmocka_unit_test(test_listed_threads_that_do_not_run_are_dropped),
		cmocka_unit_test(test_lists_that_are_not_there_yet),
		cmocka_unit_test(test_lists_that_stray),
		cmocka_unit_test(test_list_that_is_edited_is_walked_again),
		cmocka_unit_test(test_raw_clone_shares),
		cmocka_unit_test(test_own_runtime_is_foreign),
		cmocka_unit_test(test_tasks_out_of_reach_say_why),
		cmocka_unit_test(test_by_the_thread_pointer_of_either_variant),
		cmocka_unit_test(test_child_of_a_raw_fork),
		cmocka_unit_test(test_not_everybody_is_stopped),
		cmocka_unit_test(test_inner_numbers_count),
		cmocka_unit_test(test_no_tasks),
		cmocka_unit_test(test_static_offset),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
