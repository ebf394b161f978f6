/**
 * A whole made-up subject for the rooms that make findings: loaded files with their symbols and relocations, bound as
 * ld.so would, the rows of a snapshot, and which copies are used.
 */
#ifndef SUPPORT_FIND_WORLD_H
#define SUPPORT_FIND_WORLD_H

#include "find/finder.h"
#include "link_world.h"

struct find_world {
	struct link_world link; ///< Search lists of the test's own go into its scopes.
	struct object_input inputs[LINK_OBJECTS];
	candidates candidates[LINK_OBJECTS];
	references references;
	struct linkage linkage;
	struct crate_lists crates;
	struct finder finder;
};

void find_world_init(struct find_world *world, uint16_t machine);
/** Load one more object: its index. Its full table is that of the spec or, without one, what it exports. */
uint32_t find_world_add(struct find_world *world, const struct elf_spec *spec);
/** All is loaded: bind, find the singletons, settle the copies. Objects are named "a" (the program), "b", .... */
void find_world_settle(struct find_world *world);
void find_world_deinit(struct find_world *world);

/** A GLOB_DAT, COPY, ... of symbol @p symbol (from 1 on). */
#define FIND_RELOC(type, place, symbol) \
	{                               \
		place, type, symbol, 0  \
	}
/** A table of such rows. */
#define FIND_RELOCS(...) ((const struct elf_reloc_spec[]){ __VA_ARGS__, { 0 } })

/** The only finding of a rule, NULL if there is none; the test fails if there are several. */
const struct polyton_finding *find_world_finding(const struct find_world *world, const char *rule);

#endif
