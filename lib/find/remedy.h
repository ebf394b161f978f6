/**
 * What is said of a cause: the evidence in a sentence, and the steps that help, for the language at hand.
 */
#ifndef FIND_REMEDY_H
#define FIND_REMEDY_H

#include "model/snapshot.h"

struct remedy_case {
	struct polyton_snapshot *snapshot;
	const struct polyton_singleton *singleton;
	const struct polyton_copy *first, *further;
	const struct polyton_copy *whose; ///< Of which of the two the cause holds.
	enum polyton_cause cause;
};

/** The reason, in the snapshot's arena; NULL when out of memory. Texts name objects, but not the variable. */
must_use const struct polyton_reason *remedy_reason(const struct remedy_case *facts);

#endif
