/**
 * Where this process's glibc keeps what TLS addresses are computed from.
 *
 * glibc describes its own structures to debuggers in _thread_db_* symbols (nptl_db/structs.def); those of the
 * inferior are read, never ours. Where they are missing, the offsets are calibrated on the process itself.
 */
#ifndef TLS_GLIBC_H
#define TLS_GLIBC_H

#include "link/linkmap.h"

/** Run-time address of a symbol of the C library's objects, 0 if there is none; its st_size in @p size_ret. */
typedef uint64_t tls_lookup_fn(void *arg, const char *name, uint64_t *size_ret);

struct tls_layout {
	char version[32];     ///< glibc's version, "" if it does not tell.
	bool has_descriptors; ///< Told by _thread_db_*; else calibrated.
	uint64_t rtld_global, rtld_global_size;
	uint64_t rtld_global_ro, rtld_global_ro_size; ///< What stays as it is once the process runs.
	/**
	 * Address of the pointer to the first struct dtv_slotinfo_list {len, next, slotinfo[]{gen, map}}, which is the
	 * same in all versions; 0 if not found.
	 */
	uint64_t slotinfo_list;
	uint64_t stack_user, stack_used;                 ///< Addresses of the list heads, 0 if not found.
	uint32_t pthread_list, pthread_tid, pthread_dtv; ///< Offsets in struct pthread.
	uint32_t pthread_size;                           ///< Of struct pthread; 0 if not told.
	uint32_t robust_head;                            ///< Offset of what set_robust_list(2) was called with.
	/** Offsets of l_tls_offset and l_tls_modid in struct link_map; 0 if not found. */
	uint32_t map_offset, map_module;
	/** Variant I: thread pointer minus struct pthread (TLS_PRE_TCB_SIZE + bias); 0 if not known. */
	uint64_t pthread_above;
};

/**
 * Find the layout. @p program is the program's image, and @p list names the loaded objects for calibration.
 * A field that could not be found is 0, which costs what depends on it and nothing else.
 */
must_use struct polyton_error *tls_layout_find(struct target *target, const struct image *program,
					       const struct linkmap *list, tls_lookup_fn *lookup, void *arg,
					       struct tls_layout *ret);

#endif
