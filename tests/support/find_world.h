/** Objects with variables, made by hand, as the analysis gets them; and their snapshot. */
#ifndef SUPPORT_FIND_WORLD_H
#define SUPPORT_FIND_WORLD_H

#include "find/draft.h"
#include "find/rows.h"

enum {
	FIND_OBJECTS = 6,
	FIND_SYMBOLS = 64,      ///< per object
	FIND_BASE = 0x10000000, ///< load bias of object 0; each further one is FIND_BASE higher.
	FIND_SIZE = 0x100000,   ///< of an object in memory
};

enum find_flag {
	FIND_TLS = 1,
	FIND_LOCAL = 2,
	FIND_EXPORTED = 4,
	FIND_CONST = 8,
	FIND_RELRO = 16,
	FIND_PROTECTED = 32,
	FIND_UNIQUE = 64,
	FIND_ZERO = 128,
};

struct find_world {
	struct object_input inputs[FIND_OBJECTS];
	candidates lists[FIND_OBJECTS];
	Elf64_Sym symbols[FIND_OBJECTS][FIND_SYMBOLS];
	char strings[FIND_OBJECTS][FIND_SYMBOLS * 96];
	uint32_t count;
	struct drafts drafts;
	struct crate_lists crates;
	struct polyton_snapshot *snapshot;
};

/** @p count objects named "obj0" and so on, "obj0" the program; none has a file. */
void find_world_init(struct find_world *world, uint32_t count);
void find_world_deinit(struct find_world *world);

/** A variable of the object; @p source is "" for none. */
void find_world_add(struct find_world *world, uint32_t object, const char *name, uint64_t value, uint64_t size,
		    int flags, const char *source);
/** The same in every object at @p value, of C with global scope. */
void find_world_add_all(struct find_world *world, const char *name, uint64_t value, uint64_t size, int flags);

/** Drafts by name, then with their evidence weighed. */
void find_world_draft(struct find_world *world);
void find_world_weigh(struct find_world *world);
/** All the way to the rows of the snapshot. */
void find_world_rows(struct find_world *world);

/** The draft of that name with members, or NULL; how many have that name in @p count_ret unless it is NULL. */
const struct draft *find_world_named(const struct find_world *world, const char *name, size_t *count_ret);
/** Whether the draft's members are in just these objects, ended by -1. */
bool find_world_is_in(const struct draft *draft, const int *objects);
/** The snapshot's singleton of that name; the test fails if there is none. */
struct polyton_singleton *find_world_singleton(const struct find_world *world, const char *name);

#endif
