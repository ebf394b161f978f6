/**
 * Loaded objects with their tables and search lists, in a byte array: what the loader has before it looks a name up.
 */
#ifndef SUPPORT_LINK_WORLD_H
#define SUPPORT_LINK_WORLD_H

#include "elf_writer.h"
#include "find_object.h"
#include "link/resolve.h"
#include "made_scopes.h"

enum { LINK_OBJECTS = 8, LINK_STRIDE = 0x100000 };

struct link_world {
	struct byte_target memory;
	uint32_t count;
	struct elf_bytes bytes[LINK_OBJECTS];
	struct elf_file *files[LINK_OBJECTS];
	struct elf_dynamic dynamics[LINK_OBJECTS];
	struct elf_lookup lookups[LINK_OBJECTS];
	struct link_object objects[LINK_OBJECTS]; ///< The first is the program. Each has TLS module index + 1.
	struct scopes scopes;
	struct resolver resolver;
};

/** Rows of symbols that are referred to, beside those of find_object.h. */
#define LINK_WANTED(name, type)                                           \
	{                                                                 \
		name, 0, 0, ELF64_ST_INFO(STB_GLOBAL, type), 0, SHN_UNDEF \
	}
#define LINK_WANTED_WEAK(name, type)                                    \
	{                                                               \
		name, 0, 0, ELF64_ST_INFO(STB_WEAK, type), 0, SHN_UNDEF \
	}
#define LINK_FUNCTION(name, value) FIND_SYMBOL(name, STB_GLOBAL, STT_FUNC, value, 16)

void link_world_init(struct link_world *world, uint16_t machine);
/** Load one more object: its index. */
uint32_t link_world_add(struct link_world *world, const struct elf_spec *spec);
/** The same, of symbols alone. */
uint32_t link_world_add_symbols(struct link_world *world, const struct elf_symbol_spec *rows);
/** All is loaded. Without search lists of the test's own, all objects look into all, in their order. */
void link_world_link(struct link_world *world);
void link_world_deinit(struct link_world *world);

/** Run-time address of a place in an object. */
uint64_t link_world_at(const struct link_world *world, uint32_t object, uint64_t offset);
/** Index of the first symbol of that name in the object's dynamic table; the test fails if there is none. */
uint32_t link_world_symbol(const struct link_world *world, uint32_t object, const char *name);
/** The definition is @p object's symbol of index @p symbol; POLYTON_NONE: there is none. */
void link_world_check(const struct link_world *world, struct definition definition, uint32_t object, uint32_t symbol);

#endif
