#include "../support/check.h"

#include <elf.h>

#include "../support/tls_world.h"

static void start(struct tls_world *world)
{
	tls_world_init(world, EM_X86_64, ELFCLASS64, ELFDATA2LSB);
}

static void put_slot(struct tls_world *world, uint64_t id, uint64_t generation, uint64_t map)
{
	byte_target_put_word(&world->memory, WORLD_TABLE + (2 + 2 * id) * world->word, generation);
	byte_target_put_word(&world->memory, WORLD_TABLE + (3 + 2 * id) * world->word, map);
}

static void test_modules_of_the_table(void **state)
{
	(void)state;
	struct tls_world world;
	start(&world);
	uint64_t program = tls_world_module(&world, 1, 1, 0x100);
	uint64_t late = tls_world_module(&world, 5, 7, -1);
	tls_world_read_modules(&world);
	assert_int_equal(world.modules.items.count, 2);
	assert_int_equal(world.modules.capacity, WORLD_SLOTS);
	const struct tls_module *module = tls_modules_find(&world.modules, late);
	assert_non_null(module);
	assert_int_equal(module->id, 5);
	assert_int_equal(module->generation, 7);
	assert_int_equal(module->placement, POLYTON_TLS_DYNAMIC);
	assert_int_equal(module->slot, WORLD_TABLE + (2 + 10) * 8);
	assert_int_equal(tls_modules_find(&world.modules, program)->placement, POLYTON_TLS_STATIC);
	assert_int_equal(tls_modules_find(&world.modules, program)->offset, 0x100);
	assert_null(tls_modules_find(&world.modules, 0x1234));
	tls_world_deinit(&world);
}

// Pitfall 1: slot 0 of the first block holds a stray copy of the program's map.
static void test_slot_0_is_no_module(void **state)
{
	(void)state;
	struct tls_world world;
	start(&world);
	uint64_t program = tls_world_module(&world, 1, 1, 0x100);
	put_slot(&world, 0, 0, program);
	tls_world_read_modules(&world);
	assert_int_equal(world.modules.items.count, 1);
	assert_int_equal(world.modules.items.items[0].id, 1);
	tls_world_deinit(&world);
}

static void test_free_slots_are_skipped(void **state)
{
	(void)state;
	struct tls_world world;
	start(&world);
	tls_world_module(&world, 1, 1, 0x100);
	tls_world_module(&world, 3, 1, 0x200);
	put_slot(&world, 2, 9, 0); // its object was unloaded; the generation stays
	tls_world_read_modules(&world);
	assert_int_equal(world.modules.items.count, 2);
	assert_int_equal(world.modules.items.items[1].id, 3);
	tls_world_deinit(&world);
}

// The list is being edited: the map in a slot belongs to another id, or is no more.
static void test_slot_whose_map_says_otherwise_is_skipped(void **state)
{
	(void)state;
	struct tls_world world;
	start(&world);
	uint64_t program = tls_world_module(&world, 1, 1, 0x100);
	put_slot(&world, 2, 3, program);
	put_slot(&world, 3, 3, 0x999000);
	uint64_t none = tls_world_module(&world, 4, 3, 0);
	byte_target_put_word(&world.memory, none + world.layout.map_module, 0);
	tls_world_read_modules(&world);
	assert_int_equal(world.modules.items.count, 1);
	tls_world_deinit(&world);
}

static void test_ids_count_on_through_the_blocks(void **state)
{
	(void)state;
	const uint64_t second = 0x11800000;
	struct tls_world world;
	start(&world);
	tls_world_module(&world, 1, 1, 0x100);
	uint64_t map = tls_world_module(&world, 2, 1, 0x200);
	put_slot(&world, 2, 0, 0);
	byte_target_map(&world.memory, second, (2 + 2 * 62) * 8);
	byte_target_put_word(&world.memory, second, 62);
	byte_target_put_word(&world.memory, second + 16, 4); // slot 64
	byte_target_put_word(&world.memory, second + 24, map);
	byte_target_put_word(&world.memory, map + world.layout.map_module, WORLD_SLOTS);
	byte_target_put_word(&world.memory, WORLD_TABLE + 8, second);
	tls_world_read_modules(&world);
	assert_int_equal(world.modules.items.count, 2);
	assert_int_equal(world.modules.capacity, WORLD_SLOTS + 62);
	assert_int_equal(world.modules.items.items[1].id, WORLD_SLOTS);
	assert_int_equal(world.modules.items.items[1].slot, second + 16);
	tls_world_deinit(&world);
}

static void test_absurd_tables(void **state)
{
	(void)state;
	const struct linkmap nothing = { 0 };
	const struct {
		uint64_t length, next, list;
		enum polyton_error_code code;
	} rows[] = {
		{ UINT64_MAX, 0, WORLD_TABLE, POLYTON_ERROR_DAMAGED },
		{ 65537, 0, WORLD_TABLE, POLYTON_ERROR_DAMAGED },
		{ 0x100000000, 0, WORLD_TABLE, POLYTON_ERROR_DAMAGED },
		{ 60000, 0, WORLD_TABLE, POLYTON_ERROR_READ },          // more than there is
		{ 0, WORLD_TABLE, WORLD_TABLE, POLYTON_ERROR_DAMAGED }, // empty blocks without end
		{ 8, WORLD_TABLE, WORLD_TABLE, POLYTON_ERROR_DAMAGED },
		{ 8, 0x999000, WORLD_TABLE, POLYTON_ERROR_READ },
		{ 8, 0, 0x998000, POLYTON_ERROR_READ },
	};
	for (size_t i = 0; i < count_of(rows); i++) {
		struct tls_world world;
		struct tls_modules modules;
		start(&world);
		tls_world_module(&world, 1, 1, 0x100);
		byte_target_put_word(&world.memory, WORLD_TABLE, rows[i].length);
		byte_target_put_word(&world.memory, WORLD_TABLE + 8, rows[i].next);
		byte_target_put_word(&world.memory, WORLD_LIST, rows[i].list);
		assert_error(tls_modules_read(&world.memory.target, &world.layout, &nothing, &modules), rows[i].code,
			     "0x");
		tls_world_deinit(&world);
	}
}

static void test_no_table_yet(void **state)
{
	(void)state;
	struct tls_world world;
	start(&world);
	byte_target_put_word(&world.memory, WORLD_LIST, 0);
	tls_world_read_modules(&world);
	assert_int_equal(world.modules.items.count, 0);
	tls_world_deinit(&world);
}

// Since 2.34 an id that is used again has generation 0 until dlopen() is through.
static void test_id_that_is_being_given_again_is_no_module_yet(void **state)
{
	(void)state;
	struct tls_world world;
	start(&world);
	tls_world_module(&world, 1, 1, 0x100);
	tls_world_module(&world, 2, 0, 0);
	tls_world_read_modules(&world);
	assert_int_equal(world.modules.items.count, 1);
	tls_world_deinit(&world);
	// Before, 0 was the generation of all that was there at the start.
	start(&world);
	tls_world_module(&world, 1, 0, 0x100);
	tls_world_module(&world, 2, 0, 0x200);
	tls_world_read_modules(&world);
	assert_int_equal(world.modules.items.count, 2);
	tls_world_deinit(&world);
}

static void test_without_a_table_the_link_maps_tell(void **state)
{
	(void)state;
	struct tls_world world;
	struct linkmap list = { 0 };
	start(&world);
	const uint64_t maps[] = { tls_world_module(&world, 3, 1, 0x300), tls_world_module(&world, 1, 1, 0x100),
				  tls_world_module(&world, 2, 1, 0) };
	byte_target_put_word(&world.memory, maps[2] + world.layout.map_module, 0xdeadbeef); // no id there is
	for (size_t i = 0; i < count_of(maps); i++)
		vec_push(&list.entries)->address = maps[i];
	vec_push(&list.entries)->address = 0x999000;
	world.layout.slotinfo_list = 0;
	assert_fine(tls_modules_read(&world.memory.target, &world.layout, &list, &world.modules));
	assert_int_equal(world.modules.items.count, 2);
	assert_int_equal(world.modules.items.items[0].id, 1);
	assert_int_equal(world.modules.items.items[1].id, 3);
	assert_int_equal(world.modules.items.items[0].slot, 0);
	tls_modules_deinit(&world.modules);
	// Nor those: then nothing is known, and nothing claimed.
	world.layout.map_module = 0;
	assert_fine(tls_modules_read(&world.memory.target, &world.layout, &list, &world.modules));
	assert_int_equal(world.modules.items.count, 0);
	vec_deinit(&list.entries);
	tls_world_deinit(&world);
}

// Pitfall 4: what "no offset" is differs per machine, and 0 is a valid offset on some.
static void test_sentinels_per_machine(void **state)
{
	(void)state;
	const struct {
		uint16_t machine;
		uint8_t elf_class, elf_data;
		uint64_t undecided, dynamic;
	} rows[] = {
		{ EM_X86_64, ELFCLASS64, ELFDATA2LSB, 0, UINT64_MAX },
		{ EM_386, ELFCLASS32, ELFDATA2LSB, 0, UINT32_MAX },
		{ EM_AARCH64, ELFCLASS64, ELFDATA2LSB, 0, UINT64_MAX },
		{ EM_ARM, ELFCLASS32, ELFDATA2LSB, 0, UINT32_MAX },
		{ EM_S390, ELFCLASS64, ELFDATA2MSB, 0, UINT64_MAX },
		{ EM_RISCV, ELFCLASS64, ELFDATA2LSB, UINT64_MAX, UINT64_MAX - 1 },
		{ EM_PPC64, ELFCLASS64, ELFDATA2LSB, UINT64_MAX, UINT64_MAX - 1 },
		{ EM_MIPS, ELFCLASS64, ELFDATA2LSB, UINT64_MAX, UINT64_MAX - 1 },
		{ 258, ELFCLASS64, ELFDATA2LSB, UINT64_MAX, UINT64_MAX - 1 },
	};
	for (size_t i = 0; i < count_of(rows); i++) {
		const struct arch *arch = arch_find(rows[i].machine, rows[i].elf_class, rows[i].elf_data);
		assert_int_equal(tls_placement(arch, rows[i].undecided), POLYTON_TLS_UNDECIDED);
		assert_int_equal(tls_placement(arch, rows[i].dynamic), POLYTON_TLS_DYNAMIC);
		assert_int_equal(tls_placement(arch, 64), POLYTON_TLS_STATIC);
		if (rows[i].undecided)
			assert_int_equal(tls_placement(arch, 0), POLYTON_TLS_STATIC);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modules_of_the_table),
		cmocka_unit_test(test_slot_0_is_no_module),
		cmocka_unit_test(test_free_slots_are_skipped),
		cmocka_unit_test(test_slot_whose_map_says_otherwise_is_skipped),
		cmocka_unit_test(test_ids_count_on_through_the_blocks),
		cmocka_unit_test(test_absurd_tables),
		cmocka_unit_test(test_no_table_yet),
		cmocka_unit_test(test_id_that_is_being_given_again_is_no_module_yet),
		cmocka_unit_test(test_without_a_table_the_link_maps_tell),
		cmocka_unit_test(test_sentinels_per_machine),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
