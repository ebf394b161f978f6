/**
 * What findings are about: the objects, and a name for the fact that stays the same from run to run.
 */
#ifndef FIND_ABOUT_H
#define FIND_ABOUT_H

#include "find/finder.h"

/** Let @p finding, which is not added yet, be about the objects of @p names; each counts once. */
must_use struct polyton_error *about_objects(struct finder *finder, struct names names,
					     struct polyton_finding *finding);
/**
 * Give all findings, in their final order, their fingerprints, and objects to those that have none: whoever holds what
 * they are about.
 */
must_use struct polyton_error *about_settle(struct polyton_snapshot *snapshot);

#endif
