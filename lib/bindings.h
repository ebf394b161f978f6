/**
 * The loader's view of one capture: the objects as its lookup sees them, their scopes, and what every reference was
 * bound to.
 */
#ifndef BINDINGS_H
#define BINDINGS_H

#include "find/linkage.h"
#include "scan.h"

struct bindings {
	struct link_object *objects;
	struct scopes scopes;
	struct resolver resolver;
	references references;
	struct linkage linkage; ///< All of it, for the analysis.
};

/** Read the words of all references. With @p keep they become rows of @p snapshot. */
must_use struct polyton_error *bindings_read(struct subject *subject, const struct scan *scan, bool keep,
					     struct polyton_snapshot *snapshot, struct bindings *ret);
/** The same for files: what the lookup alone finds. */
must_use struct polyton_error *bindings_derive(const struct arch *arch, const struct scan *scan, bool keep,
					       struct polyton_snapshot *snapshot, struct bindings *ret);
void bindings_deinit(struct bindings *bindings);

#endif
