#include "tls_world.h"

#include "check.h"

enum { WORLD_PRE = 2048 }; // of machines whose glibc was never looked at

void tls_world_init(struct tls_world *world, uint16_t machine, uint8_t elf_class, uint8_t elf_data)
{
	*world = (struct tls_world){ 0 };
	byte_target_init(&world->memory, machine, elf_class, elf_data);
	const struct arch *arch = world->memory.target.arch;
	uint64_t pre = arch->pre_tcb_size ? arch->pre_tcb_size : WORLD_PRE;
	bool is_above = arch->tls_variant == ARCH_TLS_ABOVE;
	world->word = arch->word;
	world->layout = (struct tls_layout){
		.has_descriptors = true,
		.rtld_global = WORLD_GLOBAL,
		.rtld_global_size = WORLD_GLOBAL_SIZE,
		.slotinfo_list = WORLD_LIST,
		.stack_user = WORLD_USER,
		.stack_used = WORLD_USED,
		.pthread_list = arch->tid_offset - 2u * arch->word,
		.pthread_tid = arch->tid_offset,
		.pthread_dtv = (uint32_t)((is_above ? (int64_t)pre : 0) + arch->dtv_offset),
		.robust_head = arch->robust_head_offset,
		.map_offset = WORLD_MAP_OFFSET,
		.map_module = WORLD_MAP_OFFSET + arch->word,
		.pthread_above = is_above ? pre + arch->tp_offset_bias : 0,
	};
	byte_target_map(&world->memory, WORLD_GLOBAL, WORLD_GLOBAL_SIZE);
	world->table = WORLD_TABLE;
	byte_target_map(&world->memory, WORLD_TABLE, (2 + 2 * WORLD_SLOTS) * world->word);
	byte_target_put_word(&world->memory, WORLD_LIST, WORLD_TABLE);
	byte_target_put_word(&world->memory, WORLD_TABLE, WORLD_SLOTS);
	const uint64_t heads[] = { WORLD_USER, WORLD_USED };
	for (size_t i = 0; i < count_of(heads); i++) { // empty: each node is its own neighbour
		byte_target_put_word(&world->memory, heads[i], heads[i]);
		byte_target_put_word(&world->memory, heads[i] + world->word, heads[i]);
	}
}

void tls_world_deinit(struct tls_world *world)
{
	tls_modules_deinit(&world->modules);
	vec_deinit(&world->threads);
	byte_target_deinit(&world->memory);
}

void tls_world_grow_table(struct tls_world *world, uint64_t slots)
{
	world->table = WORLD_TABLE + 0x100000;
	byte_target_map(&world->memory, world->table, (2 + 2 * slots) * world->word);
	byte_target_put_word(&world->memory, WORLD_LIST, world->table);
	byte_target_put_word(&world->memory, world->table, slots);
}

uint64_t tls_world_module(struct tls_world *world, uint64_t id, uint64_t generation, int64_t offset)
{
	uint64_t map = WORLD_MAPS + world->maps++ * WORLD_STRIDE;
	uint64_t slot = world->table + (2 + 2 * id) * world->word;
	byte_target_map(&world->memory, map, 0x800);
	byte_target_put_word(&world->memory, map + world->layout.map_offset, (uint64_t)offset);
	byte_target_put_word(&world->memory, map + world->layout.map_module, id);
	byte_target_put_word(&world->memory, slot, generation);
	byte_target_put_word(&world->memory, slot + world->word, map);
	return map;
}

void tls_world_read_modules(struct tls_world *world)
{
	const struct linkmap nothing = { 0 };
	tls_modules_deinit(&world->modules);
	assert_fine(tls_modules_read(&world->memory.target, &world->layout, &nothing, &world->modules));
}

uint32_t tls_world_index(const struct tls_world *world, uint64_t id)
{
	for (uint32_t i = 0; i < world->modules.items.count; i++) {
		if (world->modules.items.items[i].id == id)
			return i;
	}
	fail_msg("no module %d", (int)id);
	return 0;
}

uint32_t tls_world_thread(struct tls_world *world, int32_t tid, uint64_t capacity, uint64_t generation)
{
	const struct arch *arch = world->memory.target.arch;
	uint64_t tcb = WORLD_PTHREADS + world->pthreads++ * WORLD_STRIDE;
	byte_target_map(&world->memory, tcb - WORLD_ROOM, 2 * WORLD_ROOM);
	byte_target_put_number(&world->memory, tcb + world->layout.pthread_tid, (uint32_t)tid, 4);
	if (arch->self_offset != UINT16_MAX)
		byte_target_put_word(&world->memory, tcb + arch->self_offset, tcb);
	struct tls_thread *thread = vec_push(&world->threads);
	assert_non_null(thread);
	*thread = (struct tls_thread){ .tid = tid,
				       .inner_tid = tid,
				       .state = POLYTON_THREAD_READY,
				       .tcb = tcb,
				       .tcb_tid = tid,
				       .is_registered = true,
				       .why = "" };
	uint32_t index = (uint32_t)world->threads.count - 1;
	byte_target_task(&world->memory, tid)->robust_list = tcb + world->layout.robust_head;
	byte_target_task(&world->memory, tid)->thread_pointer = tls_world_thread_pointer(world, index);
	tls_world_dtv(world, index, capacity, generation);
	return index;
}

uint64_t tls_world_dtv_pointer(const struct tls_world *world, uint32_t thread)
{
	return world->threads.items[thread].tcb + world->layout.pthread_dtv;
}

uint64_t tls_world_dtv(struct tls_world *world, uint32_t thread, uint64_t capacity, uint64_t generation)
{
	// It ends with its last slot, at the end of what is mapped: a byte too far is seen.
	size_t size = (capacity + 2) * 2 * world->word;
	uint64_t start = WORLD_DTVS + world->dtvs++ * WORLD_STRIDE, dtv = start + 2 * world->word;
	byte_target_map(&world->memory, start, size);
	byte_target_put_word(&world->memory, start, capacity);
	byte_target_put_word(&world->memory, dtv, generation);
	for (uint64_t id = 1; id <= capacity; id++)
		byte_target_put_word(&world->memory, dtv + 2 * id * world->word, UINT64_MAX);
	byte_target_put_word(&world->memory, tls_world_dtv_pointer(world, thread), dtv);
	return dtv;
}

uint64_t tls_world_slot(const struct tls_world *world, uint32_t thread, uint64_t id)
{
	return byte_target_get_word(&world->memory, tls_world_dtv_pointer(world, thread)) + 2 * id * world->word;
}

uint64_t tls_world_thread_pointer(const struct tls_world *world, uint32_t thread)
{
	return world->threads.items[thread].tcb + world->layout.pthread_above;
}

uint64_t tls_world_block(struct tls_world *world, uint32_t number)
{
	uint64_t block = WORLD_BLOCKS + world->blocks++ * WORLD_STRIDE;
	byte_target_map(&world->memory, block, 0x100);
	byte_target_put_number(&world->memory, block, number, 4);
	return block;
}

struct tls_cell tls_world_read(struct tls_world *world, uint32_t thread, uint64_t id, uint64_t offset, uint32_t *ret)
{
	uint8_t bytes[4] = { 0 };
	struct tls_cell cell = { .thread = thread,
				 .module = tls_world_index(world, id),
				 .offset = offset,
				 .size = sizeof(bytes),
				 .buffer = bytes };
	assert_fine(
		tls_cells_read(&world->memory.target, &world->layout, &world->threads, &world->modules, &cell, 1));
	*ret = (uint32_t)target_number(&world->memory.target, bytes, sizeof(bytes));
	cell.buffer = NULL;
	return cell;
}
