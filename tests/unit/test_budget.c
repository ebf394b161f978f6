// The loader's sums of static TLS, in the forms that they had from glibc 2.23 on, and what must not be taken for them.

#include "../support/check.h"

#include <elf.h>

#include "../support/tls_world.h"
#include "tls/budget.h"

enum {
	CONSTANTS = 0x18000000, // _rtld_global_ro
	CONSTANT_WORDS = 100,
	TRIPLE_AT = 84, // size, align, surplus: words from the start
	FIRST_DTV = 0x19000010,
	PTHREAD_SIZE = 2368,
	BLOCKS = 1856, // all blocks of the usual process: 144 bytes at the start, 1664 as surplus, rounded up to 64
};

enum form { FORM_2_34, FORM_2_31, FORM_2_32 };

/** The sums of a process. */
struct sums {
	uint64_t elements, size, used, align, optional, generation, surplus;
};
static const struct sums usual = { 1, BLOCKS + PTHREAD_SIZE, 144, 64, 512, 1, 1664 };

static void put_list_word(struct tls_world *world, size_t index, uint64_t value)
{
	byte_target_put_word(&world->memory, WORLD_LIST + index * world->word, value);
}

static void put_constant(struct tls_world *world, size_t index, uint64_t value)
{
	byte_target_put_word(&world->memory, CONSTANTS + index * world->word, value);
}

static void put_triple(struct tls_world *world, size_t index, uint64_t size, uint64_t align, uint64_t surplus)
{
	put_constant(world, index, size);
	put_constant(world, index + 1, align);
	put_constant(world, index + 2, surplus);
}

static void put_sums(struct tls_world *world, enum form form, const struct sums *sums)
{
	const uint64_t words[][8] = {
		[FORM_2_34] = { sums->elements, sums->used, sums->optional, FIRST_DTV, sums->generation },
		[FORM_2_31] = { sums->elements, sums->size, sums->used, sums->align, FIRST_DTV, sums->generation },
		[FORM_2_32] = { sums->elements, sums->size, sums->used, sums->align, sums->optional, FIRST_DTV,
				sums->generation },
	};
	for (size_t i = 0; i < 7; i++)
		put_list_word(world, 1 + i, words[form][i]);
	if (form == FORM_2_34) {
		put_constant(world, TRIPLE_AT, sums->size);
		put_constant(world, TRIPLE_AT + 1, sums->align);
	}
	if (form != FORM_2_31)
		put_constant(world, TRIPLE_AT + 2, sums->surplus);
}

/** A process of that machine that holds these sums, and one module at the place that they say. */
static void start(struct tls_world *world, uint16_t machine, uint8_t elf_class, uint8_t elf_data)
{
	tls_world_init(world, machine, elf_class, elf_data);
	world->layout.rtld_global_ro = CONSTANTS;
	world->layout.rtld_global_ro_size = CONSTANT_WORDS * world->word;
	world->layout.pthread_size = PTHREAD_SIZE;
	byte_target_map(&world->memory, CONSTANTS, CONSTANT_WORDS * world->word);
	byte_target_map(&world->memory, FIRST_DTV - 2 * world->word, 4 * world->word);
	byte_target_put_word(&world->memory, FIRST_DTV - 2 * world->word, 15);
	byte_target_put_word(&world->memory, FIRST_DTV, 1);
}

static void start_usual(struct tls_world *world, enum form form)
{
	start(world, EM_X86_64, ELFCLASS64, ELFDATA2LSB);
	put_sums(world, form, &usual);
	tls_world_module(world, 1, 1, 144);
}

static struct polyton_tls_budget read_budget(struct tls_world *world)
{
	struct polyton_tls_budget budget = { 0 };
	tls_world_read_modules(world);
	assert_fine(tls_budget_read(&world->memory.target, &world->layout, &world->modules, &budget));
	assert_non_null(budget.why);
	assert_int_equal(budget.is_known, !budget.why[0]);
	return budget;
}

static void assert_unknown(struct tls_world *world, const char *words)
{
	struct polyton_tls_budget budget = read_budget(world);
	assert_false(budget.is_known);
	assert_non_null(strstr(budget.why, words));
	assert_int_equal(budget.size + budget.used + budget.free + budget.surplus + budget.optional, 0);
}

static void test_every_form(void **state)
{
	(void)state;
	const enum form forms[] = { FORM_2_34, FORM_2_31, FORM_2_32 };
	for (size_t i = 0; i < count_of(forms); i++) {
		struct tls_world world;
		start_usual(&world, forms[i]);
		struct polyton_tls_budget budget = read_budget(&world);
		assert_true(budget.is_known);
		assert_int_equal(budget.size, BLOCKS);
		assert_int_equal(budget.used, 144);
		assert_int_equal(budget.free, BLOCKS - 144);
		assert_int_equal(budget.surplus, 1664);
		assert_int_equal(budget.optional, forms[i] == FORM_2_31 ? 0 : 512);
		tls_world_deinit(&world);
	}
}

static void test_every_kind_of_machine(void **state)
{
	(void)state;
	const struct {
		uint16_t machine;
		uint8_t elf_class, elf_data;
		uint64_t control, header; // of the size; of the size and of what is used
	} rows[] = {
		{ EM_386, ELFCLASS32, ELFDATA2LSB, PTHREAD_SIZE, 0 },
		{ EM_S390, ELFCLASS64, ELFDATA2MSB, PTHREAD_SIZE, 0 },
		{ EM_AARCH64, ELFCLASS64, ELFDATA2LSB, 0, 16 },
		{ EM_ARM, ELFCLASS32, ELFDATA2LSB, 0, 8 },
		{ EM_RISCV, ELFCLASS64, ELFDATA2LSB, 0, 0 },
	};
	for (size_t i = 0; i < count_of(rows); i++) {
		struct tls_world world;
		struct sums sums = usual;
		sums.size = BLOCKS + rows[i].control;
		start(&world, rows[i].machine, rows[i].elf_class, rows[i].elf_data);
		put_sums(&world, FORM_2_34, &sums);
		tls_world_module(&world, 1, 1, 16);
		struct polyton_tls_budget budget = read_budget(&world);
		assert_true(budget.is_known);
		assert_int_equal(budget.size, BLOCKS - rows[i].header);
		assert_int_equal(budget.used, 144 - rows[i].header);
		assert_int_equal(budget.free, BLOCKS - 144);
		tls_world_deinit(&world);
	}
}

static void test_libraries_that_were_loaded_later(void **state)
{
	(void)state;
	struct tls_world world;
	struct sums sums = usual;
	sums.used = BLOCKS;
	sums.optional = 0;
	sums.generation = 9; // a failed dlopen leaves no module
	start_usual(&world, FORM_2_34);
	put_sums(&world, FORM_2_34, &sums);
	tls_world_module(&world, 2, 7, BLOCKS);
	tls_world_module(&world, 3, 8, -1);
	put_triple(&world, 6, PTHREAD_SIZE + 448, 64, 288);   // less than is used
	put_triple(&world, 9, PTHREAD_SIZE + BLOCKS, 64, 64); // less than any loader sets aside
	struct polyton_tls_budget budget = read_budget(&world);
	assert_true(budget.is_known);
	assert_int_equal(budget.free, 0);
	assert_int_equal(budget.used, BLOCKS);
	assert_int_equal(budget.surplus, 1664);
	put_list_word(&world, 5, 7); // older than the newest module
	assert_unknown(&world, "form that is not known");
	tls_world_deinit(&world);
}

// Part of what is used at the start has no module (the rseq area, from 2.41 on).
static void test_extra_at_the_start(void **state)
{
	(void)state;
	struct tls_world world;
	struct sums sums = usual;
	sums.used = 192;
	start_usual(&world, FORM_2_34);
	put_sums(&world, FORM_2_34, &sums);
	assert_int_equal(read_budget(&world).free, 1664);
	tls_world_deinit(&world);
}

// The words of cache sizes, and near misses of each rule.
static void test_what_is_no_triple(void **state)
{
	(void)state;
	const uint64_t size = BLOCKS + PTHREAD_SIZE;
	const uint64_t decoys[][3] = {
		{ 32768, 64, 49152 },
		{ 0, 0, 0 },
		{ size, 0, 1664 },
		{ size, 48, 1664 },
		{ size, 58, 1664 }, // divides it, and is no power of 2
		{ size + 8, 64, 1664 },
		{ size, 64, 1720 },              // less was used at the start than by the modules
		{ size, 64, 1600 },              // more was used at the start than now
		{ PTHREAD_SIZE + 576, 64, 400 }, // less than what is left for optimisations
		{ UINT64_MAX, 64, UINT64_MAX - size },
		{ size, 1 << 30, 1664 },
		{ PTHREAD_SIZE, 64, 1664 },
	};
	struct tls_world world;
	for (size_t i = 0; i < count_of(decoys); i++) {
		start_usual(&world, FORM_2_34);
		put_triple(&world, 6, decoys[i][0], decoys[i][1], decoys[i][2]);
		struct polyton_tls_budget budget = read_budget(&world);
		assert_true(budget.is_known);
		assert_int_equal(budget.surplus, 1664);
		// Alone it is nothing either.
		put_constant(&world, TRIPLE_AT + 1, 0);
		assert_unknown(&world, "do not add up");
		tls_world_deinit(&world);
	}
	// One that is as good says something else: then nothing is known. The same once more is no contradiction.
	start_usual(&world, FORM_2_34);
	put_triple(&world, 6, size, 64, 1664);
	assert_true(read_budget(&world).is_known);
	put_constant(&world, 8, 1656);
	assert_unknown(&world, "do not add up");
	tls_world_deinit(&world);
}

static void test_what_is_no_list_of_sums(void **state)
{
	(void)state;
	const struct {
		size_t index;
		uint64_t value;
	} rows[] = {
		{ 2, 143 },            // less than the modules take
		{ 2, UINT32_MAX },     // more than can be
		{ 4, 0 },              // no DTV yet: the process is only starting
		{ 4, FIRST_DTV + 1 },  // none there
		{ 4, 8 },              // would begin below 0
		{ 4, 0x7fff00000000 }, // not mapped
		{ 4, CONSTANTS + 16 }, // mapped, but no capacity
		{ 5, 0 },              // older than its newest module
		{ 5, UINT64_MAX },     // never so many
		{ 1, 16 },             // more modules at the start than the DTV has room for
	};
	for (size_t i = 0; i < count_of(rows); i++) {
		struct tls_world world;
		start_usual(&world, FORM_2_34);
		put_list_word(&world, rows[i].index, rows[i].value);
		assert_unknown(&world, "form that is not known");
		tls_world_deinit(&world);
	}
}

static void test_damaged_dtv(void **state)
{
	(void)state;
	struct tls_world world;
	start_usual(&world, FORM_2_34);
	byte_target_put_word(&world.memory, FIRST_DTV, 2); // newer than the loader's count
	assert_unknown(&world, "form that is not known");
	byte_target_put_word(&world.memory, FIRST_DTV, 1);
	byte_target_put_word(&world.memory, FIRST_DTV - 16, UINT64_MAX);
	assert_unknown(&world, "form that is not known");
	tls_world_deinit(&world);
}

static void test_older_sums_that_do_not_add_up(void **state)
{
	(void)state;
	const enum form forms[] = { FORM_2_31, FORM_2_32 };
	for (size_t i = 0; i < count_of(forms); i++) {
		struct tls_world world;
		struct sums sums = usual;
		sums.size += 64; // a surplus of a distribution's own
		start_usual(&world, forms[i]);
		put_sums(&world, forms[i], &sums);
		assert_unknown(&world, "do not add up");
		// What was loaded since does not explain the difference.
		sums.used = BLOCKS;
		put_sums(&world, forms[i], &sums);
		assert_unknown(&world, "do not add up");
		tls_world_deinit(&world);
	}
}

static void test_what_is_missing(void **state)
{
	(void)state;
	struct tls_world world;
	start_usual(&world, FORM_2_31);
	world.layout.pthread_size = 0;
	assert_unknown(&world, "libpthread");
	world.layout.pthread_size = PTHREAD_SIZE;
	world.layout.rtld_global_ro = 0; // not needed there
	assert_true(read_budget(&world).is_known);
	put_sums(&world, FORM_2_34, &usual);
	assert_unknown(&world, "do not add up");
	world.layout.rtld_global_ro = 0x999000;
	assert_unknown(&world, "cannot be read");
	world.layout.rtld_global_ro_size = UINT64_MAX;
	assert_unknown(&world, "do not add up");
	world.layout.rtld_global = 0;
	assert_unknown(&world, "not found");
	tls_world_deinit(&world);

	start_usual(&world, FORM_2_34);
	world.layout.slotinfo_list = 0;
	assert_unknown(&world, "not found");
	tls_world_deinit(&world);
}

static void load_one(struct byte_target *memory, void *arg)
{
	uint64_t *used = arg;
	*used += 64;
	byte_target_put_word(memory, WORLD_LIST + 2 * 8, *used);
}

// What is read again must be what it was.
static void test_sums_that_change(void **state)
{
	(void)state;
	struct tls_world world;
	uint64_t used = 144;
	start_usual(&world, FORM_2_34);
	tls_world_read_modules(&world);
	byte_target_before(&world.memory, WORLD_LIST, 2, load_one, &used); // the modules are read by then
	struct polyton_tls_budget budget;
	assert_fine(tls_budget_read(&world.memory.target, &world.layout, &world.modules, &budget));
	assert_true(budget.is_known);
	assert_int_equal(budget.used, 208);
	byte_target_always(&world.memory, WORLD_LIST, load_one, &used);
	assert_fine(tls_budget_read(&world.memory.target, &world.layout, &world.modules, &budget));
	assert_false(budget.is_known);
	assert_non_null(strstr(budget.why, "changed"));
	tls_world_deinit(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_form),
		cmocka_unit_test(test_every_kind_of_machine),
		cmocka_unit_test(test_libraries_that_were_loaded_later),
		cmocka_unit_test(test_extra_at_the_start),
		cmocka_unit_test(test_what_is_no_triple),
		cmocka_unit_test(test_what_is_no_list_of_sums),
		cmocka_unit_test(test_damaged_dtv),
		cmocka_unit_test(test_older_sums_that_do_not_add_up),
		cmocka_unit_test(test_what_is_missing),
		cmocka_unit_test(test_sums_that_change),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
