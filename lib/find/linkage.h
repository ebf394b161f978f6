/**
 * Who is bound to what, as the analysis is given it.
 */
#ifndef FIND_LINKAGE_H
#define FIND_LINKAGE_H

#include "link/references.h"

struct linkage {
	const struct resolver *resolver; ///< Its objects have the snapshot's indices.
	const references *references;
	const struct scopes *scopes;
};

#endif
