/**
 * The loader's table of objects that have thread-locals: module id to object, and where each block is placed.
 */
#ifndef TLS_MODULES_H
#define TLS_MODULES_H

#include "tls/glibc.h"

struct tls_module {
	uint64_t id;         ///< Index in every thread's DTV.
	uint64_t map;        ///< link_map of the object.
	uint64_t generation; ///< A DTV of an older generation knows nothing of this module.
	uint64_t offset;     ///< l_tls_offset as it stands.
	uint64_t slot;       ///< Address of its {generation, map} pair; 0 when the table was not found.
	enum polyton_tls_placement placement;
};

struct tls_modules {
	vec_of(struct tls_module) items; ///< By id.
	uint64_t capacity;               ///< Slots in the table, free ones too.
};

/**
 * Read the table (glibc: dtv_slotinfo_list, which holds the modules of every namespace). Without the table,
 * what the link maps of @p list say.
 */
must_use struct polyton_error *tls_modules_read(struct target *target, const struct tls_layout *layout,
						const struct linkmap *list, struct tls_modules *ret);
void tls_modules_deinit(struct tls_modules *modules);
/** The module of the object with that link map, or NULL. */
const struct tls_module *tls_modules_find(const struct tls_modules *modules, uint64_t map);
/** What an l_tls_offset value means on this machine. */
enum polyton_tls_placement tls_placement(const struct arch *arch, uint64_t offset);

#endif
