/**
 * The snapshot's row of the subject, and notes about all of it.
 */
#ifndef SUBJECTROW_H
#define SUBJECTROW_H

#include "model/snapshot.h"
#include "target/subject.h"

/** Who it is, and what of it is missing. */
must_use struct polyton_error *subjectrow_fill(const struct subject *from, struct polyton_snapshot *snapshot);
/** Its objects were not the same before and after, in any of so many attempts. */
must_use struct polyton_error *subjectrow_note_unsettled(const struct subject *subject, int attempts,
							 struct polyton_snapshot *snapshot);

#endif
