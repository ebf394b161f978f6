/**
 * Which copies are used: from the words the loader wrote to live and shadowed copies.
 */
#ifndef FIND_BINDING_H
#define FIND_BINDING_H

#include "find/placemap.h"
#include "find/subject.h"
#include "link/references.h"

/** Every dynamic name of a copy of a singleton, mapped to the singleton's index. Keys are borrowed from @p objects. */
must_use struct polyton_error *binding_names(const struct polyton_snapshot *snapshot,
					     const struct object_input *objects, struct strmap *ret);
/**
 * Settle @c use and @c bound_to of all copies, and the singletons' live counts. @p found: the references to
 * those names, as read from the process.
 */
must_use struct polyton_error *binding_settle(struct polyton_snapshot *snapshot, const struct object_input *objects,
					      const references *found);

#endif
