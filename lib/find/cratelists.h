/**
 * The crates of all objects, each scanned once: when it is asked for, or with many others.
 */
#ifndef FIND_CRATELISTS_H
#define FIND_CRATELISTS_H

#include "find/crates.h"
#include "find/subject.h"

struct crate_list {
	struct polyton_crate *crates;
	size_t count;
	struct arena arena; ///< What they are made of.
	bool is_scanned;
};

struct crate_lists {
	const struct object_input *objects;
	uint32_t count;
	struct crate_list *lists; ///< By object.
};

must_use struct polyton_error *crate_lists_init(struct crate_lists *lists, const struct object_input *objects,
						uint32_t count);
void crate_lists_deinit(struct crate_lists *lists);
/** Scan the @p wanted ones, all if that is NULL, on all processors. */
must_use struct polyton_error *crate_lists_scan(struct crate_lists *lists, const bool *wanted);
/** The crates of object @p object; none without a file. Good until crate_lists_deinit(). */
must_use struct polyton_error *crate_lists_get(struct crate_lists *lists, uint32_t object,
					       const struct polyton_crate **ret, size_t *count_ret);

#endif
