/**
 * A glibc process as far as thread-locals go, in a byte array: the module table, link maps, struct pthreads and DTVs of
 * any machine, laid out as that machine's glibc 2.36 does.
 */
#ifndef SUPPORT_TLS_WORLD_H
#define SUPPORT_TLS_WORLD_H

#include "byte_target.h"
#include "tls/cells.h"

enum {
	WORLD_GLOBAL = 0x10000000, ///< _rtld_global
	WORLD_GLOBAL_SIZE = 0x1000,
	WORLD_LIST = WORLD_GLOBAL + 0x100, ///< _dl_tls_dtv_slotinfo_list
	WORLD_USER = WORLD_GLOBAL + 0x200, ///< _dl_stack_user
	WORLD_USED = WORLD_GLOBAL + 0x300, ///< _dl_stack_used
	WORLD_TABLE = 0x11000000,
	WORLD_SLOTS = 64, ///< of the first block of the table
	WORLD_MAPS = 0x12000000,
	WORLD_MAP_OFFSET = 0x478, ///< l_tls_offset; l_tls_modid is the next word.
	WORLD_PTHREADS = 0x20000000,
	WORLD_DTVS = 0x30000000,
	WORLD_BLOCKS = 0x40000000,
	WORLD_STRIDE = 0x100000,
	WORLD_ROOM = 0x8000, ///< mapped above and below a struct pthread
};

struct tls_world {
	struct byte_target memory;
	struct tls_layout layout;
	struct tls_modules modules;
	tls_threads threads;
	size_t word;
	uint64_t table;                        ///< Address of the table's first block.
	uint64_t maps, pthreads, dtvs, blocks; ///< How many there are.
};

/** An empty process of that machine. */
void tls_world_init(struct tls_world *world, uint16_t machine, uint8_t elf_class, uint8_t elf_data);
void tls_world_deinit(struct tls_world *world);
/** Move the table to a larger first block. To be done before there are modules. */
void tls_world_grow_table(struct tls_world *world, uint64_t slots);

/** An object with module id @p id, placed at @p offset (l_tls_offset, may be a sentinel). Returns its link map. */
uint64_t tls_world_module(struct tls_world *world, uint64_t id, uint64_t generation, int64_t offset);
/** Take the table as it stands into @c modules. */
void tls_world_read_modules(struct tls_world *world);
/** Index of the module with that id in @c modules. */
uint32_t tls_world_index(const struct tls_world *world, uint64_t id);

/** A thread whose DTV has that capacity and generation and nothing in it. Returns its index in @c threads. */
uint32_t tls_world_thread(struct tls_world *world, int32_t tid, uint64_t capacity, uint64_t generation);
/** Give it a new DTV, which it uses from now on; the old one stays where it was. Returns the DTV's address. */
uint64_t tls_world_dtv(struct tls_world *world, uint32_t thread, uint64_t capacity, uint64_t generation);
/** Address of slot @p id of the DTV that the thread uses now. */
uint64_t tls_world_slot(const struct tls_world *world, uint32_t thread, uint64_t id);
/** Where the thread's struct pthread holds the DTV pointer. */
uint64_t tls_world_dtv_pointer(const struct tls_world *world, uint32_t thread);
/** The thread pointer, as the machine's register holds it. */
uint64_t tls_world_thread_pointer(const struct tls_world *world, uint32_t thread);

/** A block that starts with that number. */
uint64_t tls_world_block(struct tls_world *world, uint32_t number);

/** Read 4 bytes at @p offset of the module @p id in the thread. */
struct tls_cell tls_world_read(struct tls_world *world, uint32_t thread, uint64_t id, uint64_t offset, uint32_t *ret);

#endif
