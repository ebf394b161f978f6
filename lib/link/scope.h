/**
 * Where an object's references are looked up: its lists of objects, in the order the loader goes through them.
 *
 * glibc: l_scope of struct link_map, an array of pointers to search lists (struct r_scope_elem): the namespace's global
 * one, which dlopen(RTLD_GLOBAL) adds to, and that of the dlopen() that brought the object; RTLD_DEEPBIND turns the two
 * around, DF_SYMBOLIC puts the object itself first (elf/dl-object.c, elf/dl-load.c, 2.17..2.42).
 */
#ifndef LINK_SCOPE_H
#define LINK_SCOPE_H

#include "elf/dynamic.h"
#include "link/linkmap.h"

/** Objects in the order they are asked. */
struct scope_list {
	uint32_t owner;    ///< The object that was opened; POLYTON_NONE for an object's list of itself (DF_SYMBOLIC).
	bool is_global;    ///< The namespace's.
	uint32_t *objects; ///< Indices; one that is not known is left out.
	uint32_t count;
};

/** One list of one object's, as far as it went when the object was relocated. */
struct scope_part {
	uint32_t list;
	uint32_t count; ///< Objects of the list that were there already; 0 if the list was added later.
};

struct scope {
	struct scope_part *parts;
	uint32_t count;
};

struct scopes {
	vec_of(struct scope_list) lists;
	struct scope *of_object;
	uint32_t object_count;
	bool is_read; ///< From the loader's own tables; else made from the objects' needs and order.
};

/** What an object says of itself that decides where it stands. */
struct scope_object {
	const char *path, *soname;
	const char *const *needed;       ///< What it asks for: DT_NEEDED, DT_FILTER, DT_AUXILIARY
	const enum elf_need *need_kinds; ///< NULL: all are DT_NEEDED.
	size_t needed_count;
	uint32_t name_space;
	bool is_symbolic;      ///< DF_SYMBOLIC
	bool knows_no_filters; ///< Its loader, which is musl's.
	/** For each of @c needed the object that it led to, or POLYTON_NONE. NULL: whoever has the name. */
	const uint32_t *needs;
	bool is_opened;   ///< By a dlopen() of its own, even if something needs it. The others are brought.
	bool is_global;   ///< With RTLD_GLOBAL.
	bool is_deepbind; ///< With RTLD_DEEPBIND: for all that it brought.
};

/**
 * The scopes of the objects of @p list, from the loader's memory. They are left as they are (@c is_read false) when
 * it is not glibc's, or cannot be understood.
 */
must_use struct polyton_error *scopes_read(struct target *target, const struct linkmap *list, struct scopes *ret);
/**
 * The scopes that @p count objects have that stand in the loader's list in this order: the program first. Each further
 * one that nothing before it needs and nothing behind it filters has come by a dlopen() of its own. A namespace whose
 * first object is itself opened has a global list without objects: its program is not known.
 */
must_use struct polyton_error *scopes_derive(const struct scope_object *objects, uint32_t count, struct scopes *ret);
void scopes_deinit(struct scopes *scopes);

/**
 * Whether @p object looks into @p wanted: now, or @p when_loaded. The place in the order in @p place_ret, if not NULL.
 */
bool scopes_reach(const struct scopes *scopes, uint32_t object, uint32_t wanted, bool when_loaded,
		  uint32_t *place_ret);
/** Set those of @p is_global, by object, that are on their namespaces' global lists. */
void scopes_mark_global(const struct scopes *scopes, bool *is_global);
/** Whether its own list comes before the global one (RTLD_DEEPBIND). */
bool scopes_is_deepbind(const struct scopes *scopes, uint32_t object);

#endif
