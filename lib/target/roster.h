/**
 * The threads of a subject that stands still: all of them, and all that is ever known of them, are there beforehand.
 */
#ifndef TARGET_ROSTER_H
#define TARGET_ROSTER_H

#include "target/subject.h"

struct roster_thread {
	int32_t tid, inner_tid;
	uint64_t pointer; ///< Its thread pointer; 0 where there is none.
	bool has_pointer;
	const char *name; ///< Borrowed; NULL: not known.
};

typedef vec_of(struct roster_thread) roster;

/** Put them in order, which the rest relies on. */
void roster_sort(roster *threads);
/** struct target_ops's thread_pointer(). */
int roster_thread_pointer(const roster *threads, int32_t tid, uint64_t *ret);
/** struct subject_ops's list_tids(), read_tasks() and read_name(). */
must_use struct polyton_error *roster_list_tids(const roster *threads, subject_tids *ret);
must_use struct polyton_error *roster_read_tasks(const roster *threads, const subject_tids *tids, subject_tasks *ret);
void roster_read_name(const roster *threads, int32_t tid, char *ret);

#endif
