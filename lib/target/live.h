/**
 * A running process: its memory, its facts in /proc, its tasks. Nothing here stops it (see target/stop.h).
 */
#ifndef TARGET_LIVE_H
#define TARGET_LIVE_H

#include <sys/types.h>

#include "target/subject.h"

enum { LIVE_PATH_MAX = 4096 };

struct live {
	struct target target;
	int32_t pid;
	/**
	 * The task that reads go through: the process's first task that has not exited. A leader that called
	 * pthread_exit() is a zombie without memory while its siblings run on.
	 */
	int32_t reader;
	int proc;                ///< /proc/READER
	int tasks;               ///< /proc/PID/task
	bool is_nested;          ///< In a pid namespace below the inspector's: tids differ.
	char exe[LIVE_PATH_MAX]; ///< As /proc/PID/exe reads, with " (deleted)" cut off.
	bool is_exe_deleted;
	uint8_t elf_class, elf_data; ///< Of the executable.
	uint16_t machine;
};

/** Open @p pid. Every kind of process that cannot be inspected is refused here, in words for its user. */
must_use struct polyton_error *live_open(int32_t pid, struct live **ret);
void live_close(struct live *live);

/** Its memory, as struct target_ops's read(): process_vm_readv(2) in as few calls and segments as it takes. */
void live_read(void *state, struct target_read *pieces, size_t count);

/** The error "process PID has ended". */
must_use struct polyton_error *live_ended(const struct live *live);
/** NULL while the process runs; the error "has ended" once it does not. */
must_use struct polyton_error *live_check(const struct live *live);

/** The ranges of /proc/PID/maps that have a name. */
must_use struct polyton_error *live_read_maps(const struct live *live, struct subject_maps *ret);

/** The auxiliary vector's value for @p type, 0 if it has none. */
must_use struct polyton_error *live_read_auxv(const struct live *live, uint64_t type, uint64_t *ret);

/** Thread numbers as the inspector's own pid namespace has them, in order. */
must_use struct polyton_error *live_list_tids(const struct live *live, subject_tids *ret);

/** The thread's name (comm), which the kernel cuts at 15 bytes; "" when it has ended. */
void live_read_name(const struct live *live, int32_t tid, char ret[SUBJECT_NAME_MAX]);

/** What is known of the tasks @p tids, in the same order. Those that end meanwhile are left out. */
must_use struct polyton_error *live_read_tasks(const struct live *live, const subject_tids *tids, subject_tasks *ret);
/** get_robust_list(2) of one task: the registered head, 0 for none. Returns an errno. */
int live_robust_list(const struct live *live, int32_t tid, uint64_t *ret);

/** Open @p path as the process sees it, for reading, a regular file only; never blocks. -1 with errno. */
int live_open_path(const struct live *live, const char *path);
/** Open the very file that is mapped at @p map, also when it was deleted or replaced. -1 with errno. */
int live_open_map(const struct live *live, const struct subject_map *map);
/** Open the executable itself, also when it was deleted. -1 with errno. */
int live_open_exe(const struct live *live);

#endif
