/**
 * Which copies are used, and by whom.
 */
#ifndef FIND_BINDING_H
#define FIND_BINDING_H

#include "find/linkage.h"
#include "find/subject.h"

/** Settle @c use, @c bound_to and @c users of all copies, and the singletons' live counts. */
must_use struct polyton_error *binding_settle(struct polyton_snapshot *snapshot, const struct object_input *objects,
					      const struct linkage *linkage);

#endif
