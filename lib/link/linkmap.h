/**
 * Who is loaded: the loader's own lists, in every namespace.
 *
 * Sources: struct r_debug and struct link_map of <link.h>; glibc elf/link.h (r_debug_extended, 2.35) for the
 * chain of namespaces; glibc keeps l_real and l_ns right behind the public part in every version seen (2.17..2.42).
 */
#ifndef LINK_LINKMAP_H
#define LINK_LINKMAP_H

#include "base/vec.h"
#include "link/image.h"

struct linkmap_entry {
	uint64_t address; ///< Of struct link_map.
	uint64_t bias, dynamic;
	uint64_t real; ///< glibc: l_real; another map's address for a proxy (ld.so in a second namespace).
	uint32_t name_space;
	char *path; ///< As the loader names it; "" for the program, and where it cannot be read. Owned by the list.
};

struct linkmap {
	vec_of(struct linkmap_entry) entries; ///< Base namespace first, each in load order, proxies left out.
	uint64_t debug;                       ///< Address of struct r_debug, 0 for a program without a loader.
	uint64_t loader;                      ///< r_ldbase: load bias of the dynamic loader itself.
	uint32_t version;                     ///< r_version
	size_t listed;      ///< Entries that r_debug shows; later ones were added by linkmap_add_namespace().
	bool is_consistent; ///< No dlopen or dlclose was under way.
};

/**
 * Find r_debug: DT_DEBUG of the program, or _r_debug of the interpreter (@p base, AT_BASE) or of a program that
 * is ld.so itself, or musl's _dl_debug_addr. 0 for a fully static program.
 */
must_use struct polyton_error *linkmap_find_debug(struct target *target, const struct image *program, uint64_t base,
						  uint64_t *ret);
/** Run-time address of an exported symbol of the object whose ELF header is at @p header, 0 if it has none. */
must_use struct polyton_error *linkmap_find_exported(struct target *target, uint64_t header, const char *name,
						     uint64_t *ret);

/** What the loader is about to do, or is done with; of several namespaces what is under way in one. */
enum linkmap_state { LINKMAP_CONSISTENT, LINKMAP_ADDS, LINKMAP_DELETES };
/** @p place_ret: where the loader stops for debuggers (r_brk), 0 before it has said so. */
must_use struct polyton_error *linkmap_read_state(struct target *target, uint64_t debug, enum linkmap_state *ret,
						  uint64_t *place_ret);

/** Walk the lists of all namespaces. */
must_use struct polyton_error *linkmap_read(struct target *target, uint64_t debug, struct linkmap *ret);
/**
 * Add the namespace that the map at @p address is in, when its list is not known yet (glibc before 2.35). A map of
 * a known list was loaded since that was read, and adds nothing.
 */
must_use struct polyton_error *linkmap_add_namespace(struct target *target, uint64_t address, struct linkmap *list);
/**
 * Whether each entry's record still says what @p list says, in @p is_same (one per entry). The loader frees the
 * record of an object that is unloaded, and may give its memory to the next one.
 */
must_use struct polyton_error *linkmap_check(struct target *target, const struct linkmap *list, bool *is_same);
void linkmap_deinit(struct linkmap *list);
/** Index of the entry at @p address, or -1. */
ssize_t linkmap_index(const struct linkmap *list, uint64_t address);
/**
 * Whether @p now holds the same objects at the same places as the first entries of @p before, and no others:
 * nothing was loaded or unloaded. Namespaces that were added to @p before by hand are not in question.
 */
bool linkmap_is_prefix(const struct linkmap *now, const struct linkmap *before);

#endif
