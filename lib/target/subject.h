/**
 * Whatever has objects loaded and threads running in it: a process, a core of one, or what a debugger has stopped. All
 * of them are looked at in the same way; what differs is where the answers come from.
 */
#ifndef TARGET_SUBJECT_H
#define TARGET_SUBJECT_H

#include "base/vec.h"
#include "target/target.h"

/** One mapped range that has a name; stacks and heaps of a process with many threads have none. */
struct subject_map {
	uint64_t start, end, offset;
	uint64_t device, inode; ///< Device 0: nobody knows the file's, and @c inode only tells the maps' files apart.
	const char *path; ///< A file's, or "[heap]" and the like; without " (deleted)". Lives as long as the maps.
	bool is_readable, is_writable, is_executable, is_deleted;
};

struct subject_maps {
	vec_of(struct subject_map) ranges; ///< By address; those without a name are left out.
	char *text;
};

void subject_maps_deinit(struct subject_maps *maps);
/** The range that holds @p address, or NULL. */
const struct subject_map *subject_maps_find(const struct subject_maps *maps, uint64_t address);
/** Add the kernel's own object at @p address (AT_SYSINFO_EHDR; 0: none), for subjects that do not list it. */
must_use struct polyton_error *subject_maps_add_vdso(struct subject_maps *maps, uint64_t address);

/** Thread numbers as the inspector's own pid namespace has them, in order. */
typedef vec_of(int32_t) subject_tids;

struct subject_task {
	int32_t tid, inner_tid;
	uint64_t robust_list;    ///< What get_robust_list(2) tells; 0 for none.
	uint64_t thread_pointer; ///< Out of its registers; 0 where asking for it would stop it.
};
typedef vec_of(struct subject_task) subject_tasks;

enum { SUBJECT_NAME_MAX = 16 };

/** Threads that stand still for us; see stop_all(). */
struct stopped;

struct subject_ops {
	/** The auxiliary vector's value for @p type, 0 if it has none. */
	struct polyton_error *(*read_auxv)(void *state, uint64_t type, uint64_t *ret);
	struct polyton_error *(*read_maps)(void *state, struct subject_maps *ret);
	struct polyton_error *(*list_tids)(void *state, subject_tids *ret);
	/** What is known of the tasks @p tids, in the same order. Those that end meanwhile are left out. */
	struct polyton_error *(*read_tasks)(void *state, const subject_tids *tids, subject_tasks *ret);
	/** The thread's name, cut at 15 bytes; "" when it is not known. */
	void (*read_name)(void *state, int32_t tid, char *ret);
	/** Open @p path as the subject sees it, for reading, a regular file only; never blocks. -1 with errno. */
	int (*open_path)(void *state, const char *path);
	/**
	 * The same, of the object at @p address that was loaded from there. @p is_loaded_ret: it is known to be the
	 * very file that was loaded; untouched otherwise.
	 */
	int (*open_object)(void *state, const char *path, uint64_t address, bool *is_loaded_ret);
	/** Open the very file that is mapped at @p map, also when it was deleted or replaced. -1 with errno. */
	int (*open_map)(void *state, const struct subject_map *map);
	/** Open the program itself, likewise. */
	int (*open_exe)(void *state);
	/** NULL while there is a subject and its caller wants to know; else the reason to end here. */
	struct polyton_error *(*check)(void *state);
	/** The same, asked between steps of long work. NULL: always on. */
	struct polyton_error *(*go_on)(void *state);
	/** Stop all threads, and let them go on; as stop_all(). NULL: nothing moves anyway. */
	struct polyton_error *(*stop)(void *state, struct stopped **ret, size_t *missed_ret, uint64_t *started_ret);
};

struct subject {
	const struct subject_ops *ops;
	void *state;
	struct target *target;
	enum polyton_subject_kind kind;
	int32_t pid;
	const char *exe; ///< Path of the program, "" if it is not known.
	bool is_exe_deleted;
	bool is_still;           ///< It does not move: one look at it is as good as three.
	bool has_parallel_names; ///< Several threads may ask for names at once.
	int signal;              ///< That ended it; 0 if none did.
	int32_t signal_tid;
	/** polyton_options.progress; NULL: nobody wants to know. */
	int (*progress)(void *arg, const struct polyton_progress *progress);
	void *progress_arg;
	const char *const *losses; ///< What of it is not there, as notes.
	size_t loss_count;
};

/** NULL, or the reason to give up what is being done. A NULL subject never has one. */
must_use struct polyton_error *subject_go_on(const struct subject *subject);
/** The same, after telling that @p done of @p total steps are done and the next is about @p what. */
must_use struct polyton_error *subject_step(const struct subject *subject, const char *what, uint32_t done,
					    uint32_t total);
/** Without @c open_map and @c open_exe: nothing can be opened that way. */
int subject_open_map(const struct subject *subject, const struct subject_map *map);
int subject_open_exe(const struct subject *subject);

#endif
