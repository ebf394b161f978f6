/**
 * Names of threads: for thousands of them the dearest thing to ask the kernel for, and the least hurried.
 */
#ifndef TARGET_NAMES_H
#define TARGET_NAMES_H

#include "target/subject.h"

struct thread_names;

/**
 * Begin to read the names of @p count threads. Very many are read by a thread of its own, with all signals blocked,
 * where there is a processor for it. @p subject and @p tids are borrowed until the end.
 */
must_use struct polyton_error *names_begin(const struct subject *subject, const int32_t *tids, size_t count,
					   struct thread_names **ret);
/** Wait until all are read. The name of the thread at @p index is at SUBJECT_NAME_MAX times that in the result. */
const char *names_finish(struct thread_names *names);
/** NULL is fine; one that was not finished is waited for. */
void names_end(struct thread_names *names);

#endif
