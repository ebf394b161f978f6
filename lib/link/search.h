/**
 * Where a loader looks for a library, in its order. Sources: ld.so(8); glibc elf/dl-load.c (_dl_map_object,
 * fillin_rpath, expand_dynamic_string_token), elf/dl-cache.c, elf/dl-hwcaps.c of 2.36; musl ldso/dynlink.c of 1.2.
 */
#ifndef LINK_SEARCH_H
#define LINK_SEARCH_H

#include "link/ldcache.h"
#include "link/ldconf.h"
#include "link/ldso.h"

/** A file system as the program would see it. */
struct search_place {
	const char *path;
	bool is_outside; ///< Not below the sysroot, but in the inspector's own file system.
};

/** The object that needs a library. */
struct search_object {
	struct search_place place;          ///< Absolute: $ORIGIN is its folder.
	const char *rpath, *runpath;        ///< @c runpath is NULL where there is none, which "" is not.
	bool has_no_default;                ///< DF_1_NODEFLIB
	const struct search_object *loader; ///< Who brought it, NULL for the program.
};

struct search_options {
	int root; ///< Descriptor of the sysroot, or of "/".
	const struct arch *arch;
	struct ldso ldso;
	const char *library_path;   ///< LD_LIBRARY_PATH; NULL or "": none.
	const char *working_folder; ///< What relative elements begin with: absolute, in the inspector's file system.
	bool has_sysroot;
};

struct search;

/** Reads the cache, or, without one, ld.so.conf. @p complaint_ret: what could not be used, or NULL; borrowed. */
must_use struct polyton_error *search_create(const struct search_options *options, struct search **ret,
					     const char **complaint_ret);
void search_destroy(struct search *search);

/**
 * @p name as the loader of @p object asks for it, with $ORIGIN and the like put in: in @p arena, or @p name itself.
 * NULL when out of memory.
 */
const char *search_expand(const struct search *search, const struct search_object *object, const char *name,
			  struct arena *arena);

/**
 * Answer whether the file at @p place is there and can be loaded, whoever asks; @p place is borrowed for the call.
 * Where all objects look, a name that was not found is not looked for again.
 */
typedef bool search_try_fn(void *arg, const struct search_place *place);

/**
 * Try the places of library @p name for @p object until one is taken: @p is_found_ret. @p program is asked for its
 * DT_RPATH, too; NULL if there is none.
 */
must_use struct polyton_error *search_library(struct search *search, const struct search_object *object,
					      const struct search_object *program, const char *name,
					      search_try_fn *try, void *arg, bool *is_found_ret);

#endif
