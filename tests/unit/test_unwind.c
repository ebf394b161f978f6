// The way up this program's own stack, which the compiler knows better; and tables that lie.

#include "../support/check.h"

#include <elf.h>
#include <link.h>
#include <stdlib.h>
#include <ucontext.h>
#include <unistd.h>

#include "../support/byte_target.h"
#include "link/unwind.h"
#include "target/live.h"

enum { DEPTH = 3, MUTANTS = 3000 };

#ifdef __x86_64__

/** Where each function will go on, from the innermost but one. */
struct seen {
	uint64_t returns[DEPTH];
};

// DWARF's numbers, as the context's.
static const int context_registers[] = { REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI,
					 REG_RBP, REG_RSP, REG_R8,  REG_R9,  REG_R10, REG_R11,
					 REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP };

static int find_own(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct unwind_table *table = arg;
	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		if (info->dlpi_phdr[i].p_type == PT_GNU_EH_FRAME)
			*table = (struct unwind_table){ info->dlpi_addr + info->dlpi_phdr[i].p_vaddr,
							info->dlpi_phdr[i].p_memsz };
	}
	return 1; // the program is the first
}

// From within a frame to those above it.
__attribute__((noinline)) static void climb(struct live *live, const struct unwind_table *table, struct seen *seen)
{
	const struct arch_tracing *tracing = &live->target.arch->tracing;
	struct unwind_frame frame = { .known = UINT64_MAX };
	ucontext_t context;
	getcontext(&context);
	for (size_t i = 0; i < count_of(context_registers); i++)
		frame.registers[i] = (uint64_t)context.uc_mcontext.gregs[context_registers[i]];
	uint64_t before = frame.registers[tracing->sp_register];
	assert_true(unwind_step(&live->target, table, true, &frame));
	assert_int_equal(frame.registers[tracing->return_register], (uintptr_t)__builtin_return_address(0));
	assert_true(frame.registers[tracing->sp_register] > before);
	assert_true(unwind_step(&live->target, table, true, &frame));
	assert_int_equal(frame.registers[tracing->return_register], seen->returns[1]);
	assert_true(unwind_step(&live->target, table, true, &frame));
	assert_int_equal(frame.registers[tracing->return_register], seen->returns[2]);
}

__attribute__((noinline)) static uint64_t climb_middle(struct live *live, const struct unwind_table *table,
						       struct seen *seen, size_t size)
{
	char *room = __builtin_alloca(size);
	memset(room, 1, size);
	seen->returns[1] = (uintptr_t)__builtin_return_address(0);
	climb(live, table, seen);
	return (uint64_t)room[size - 1];
}

__attribute__((noinline)) static uint64_t climb_outer(struct live *live, const struct unwind_table *table,
						      struct seen *seen, size_t size)
{
	seen->returns[2] = (uintptr_t)__builtin_return_address(0);
	return climb_middle(live, table, seen, size) + size;
}

static void test_own_frames(void **state)
{
	struct live *live;
	struct unwind_table table = { 0 };
	struct seen seen = { 0 };
	(void)state;
	dl_iterate_phdr(find_own, &table);
	assert_fine(live_open(getpid(), &live));
	for (size_t size = 1; size < 5000; size += 777)
		assert_true(climb_outer(live, &table, &seen, size) > size);
	live_close(live);
}

/** A copy of this program's tables, to be damaged. */
struct copied {
	struct byte_target memory;
	struct unwind_table table;
	uint8_t *bytes;
	size_t size;
	uint64_t pc;
};

// The header is followed by the frames, in all linkers' layouts.
static void copy_tables(struct copied *copied)
{
	enum { MORE = 64 * 1024 };
	struct live *live;
	dl_iterate_phdr(find_own, &copied->table);
	copied->size = copied->table.size + MORE;
	byte_target_init(&copied->memory, EM_X86_64, ELFCLASS64, ELFDATA2LSB);
	copied->bytes = byte_target_map(&copied->memory, copied->table.address, copied->size);
	assert_fine(live_open(getpid(), &live));
	struct target_read piece = { copied->table.address, copied->bytes, copied->size, 0 };
	while (piece.size > copied->table.size) {
		target_read_pieces(&live->target, &piece, 1);
		if (!piece.error)
			break;
		piece.size -= 4096;
	}
	live_close(live);
	copied->pc = (uintptr_t)climb_outer;
}

static bool step_copied(struct copied *copied)
{
	struct unwind_frame frame = { .known = UINT64_MAX };
	frame.registers[7] = copied->table.address; // a stack that can be read
	frame.registers[16] = copied->pc;
	return unwind_step(&copied->memory.target, &copied->table, false, &frame);
}

// Whatever the bytes say, it ends, and reads nothing that is not there.
static void test_damaged_tables(void **state)
{
	struct copied copied = { 0 };
	unsigned seed = 1;
	size_t fine = 0, failed = 0;
	(void)state;
	copy_tables(&copied);
	assert_true(step_copied(&copied));
	for (int i = 0; i < MUTANTS; i++) {
		size_t at[4];
		uint8_t before[4];
		for (int k = 0; k < 4; k++) {
			at[k] = (size_t)rand_r(&seed) % (i % 2 ? 64 : copied.size);
			before[k] = copied.bytes[at[k]];
			copied.bytes[at[k]] = (uint8_t)rand_r(&seed);
		}
		if (step_copied(&copied))
			fine++;
		else
			failed++;
		for (int k = 3; k >= 0; k--)
			copied.bytes[at[k]] = before[k];
	}
	assert_true(fine && failed);
	byte_target_deinit(&copied.memory);
}

static void test_no_tables(void **state)
{
	struct copied copied = { 0 };
	(void)state;
	copy_tables(&copied);
	copied.pc = 0x10; // before all functions
	assert_false(step_copied(&copied));
	copied.pc = (uintptr_t)climb_outer;
	copied.table.size = 3;
	assert_false(step_copied(&copied));
	copied.table.address = 0;
	assert_false(step_copied(&copied));
	byte_target_deinit(&copied.memory);
}

#endif

int main(void)
{
#ifdef __x86_64__
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_frames),
		cmocka_unit_test(test_damaged_tables),
		cmocka_unit_test(test_no_tables),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
#else
	return 0;
#endif
}
