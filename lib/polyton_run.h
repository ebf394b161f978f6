/**
 * The part of polyton.h about programs that are started to be looked at, from their first instruction to their last.
 */
#ifndef POLYTON_RUN_H
#define POLYTON_RUN_H

#include "polyton.h"

#ifdef __cplusplus
extern "C" {
#endif

struct polyton_run;

/** Set @c size to sizeof(struct polyton_run_options) and zero the rest for the defaults. */
struct polyton_run_options {
	size_t size;
	/** How the snapshots are taken; copied but for what it points to. @c stop has no effect. NULL: the defaults. */
	const struct polyton_options *look;
	/** Children of the program are looked at, too. Default: they run as if nobody were there. */
	bool follow;
	/** Use breakpoint instructions in memory. Default: only where debug registers are not to be had. */
	bool no_debug_registers;
	/**
	 * Called in the child right before it becomes the program, to give it its descriptors and signals: only what
	 * is safe after fork() in a program with threads. Not 0: an errno, for which the program is not started.
	 */
	int (*prepare)(void *arg);
	void *arg;
};

enum polyton_run_kind {
	POLYTON_RUN_NOTHING,   ///< Nothing to do until the next SIGCHLD.
	POLYTON_RUN_BUSY,      ///< There is more to do: call again at once.
	POLYTON_RUN_EXEC,      ///< @c pid begins with a program.
	POLYTON_RUN_FORK,      ///< @c pid has made the child @c number, which is followed.
	POLYTON_RUN_LOADED,    ///< A call has brought objects, which are relocated and initialised: see @c opening.
	POLYTON_RUN_UNLOADING, ///< Objects are about to be unloaded; they are all still there.
	POLYTON_RUN_DYING,     ///< Signal @c number is about to end the process.
	POLYTON_RUN_EXITING,   ///< It has called exit(): handlers and destructors are still to run.
	POLYTON_RUN_ENDING,    ///< The process is about to end with the wait status @c number.
	POLYTON_RUN_STOPPED,   ///< It was stopped by signal @c number, as by job control, and waits for SIGCONT.
	POLYTON_RUN_ENDED,     ///< It is no more; @c number is its wait status.
};

/** What happened in a process. While it is told, until the next step, all its memory is there to be looked at. */
struct polyton_run_event {
	enum polyton_run_kind kind;
	int32_t pid, tid;
	int32_t number;
	const struct polyton_opening *opening; ///< With LOADED, else NULL. Good until the next step.
	/** With UNLOADING: paths of all objects that are there because a call has brought them. Likewise. */
	const char *const *loaded;
	uint32_t loaded_count;
};

/**
 * Start @p argv, which is looked for in PATH, as a child that is traced from its first instruction on. NOT_FOUND: there
 * is none such.
 *
 * The program runs as ever until it loads or unloads something, makes a thread, gets a signal or ends. Nothing here
 * blocks, and no signal handler is installed: the kernel sends the caller SIGCHLD when there is something to do, and
 * whoever wants to wait for that does it by a handler, signalfd(), or by and by. Children of the caller that are none
 * of the run's are never reaped. All calls about a run must come from the thread that started it. If the caller dies,
 * the program is killed.
 */
POLYTON_API struct polyton_error *polyton_run_start(char *const argv[], const struct polyton_run_options *options,
						    struct polyton_run **ret);
/** The process that was started. */
POLYTON_API int32_t polyton_run_pid(const struct polyton_run *run);
/** Let what the last event held go on, and tell what happens next. */
POLYTON_API struct polyton_error *polyton_run_step(struct polyton_run *run, struct polyton_run_event *ret);
/** Take a picture of process @p pid, of the run, which stands still meanwhile; its objects have @c opened_by. */
POLYTON_API struct polyton_error *polyton_run_capture(struct polyton_run *run, int32_t pid,
						      struct polyton_snapshot **ret);
/** Let all processes go on untraced. polyton_run_step() still tells the end of the one that was started. */
POLYTON_API void polyton_run_release(struct polyton_run *run);
/** Unless released, the processes are killed. */
POLYTON_API void polyton_run_close(struct polyton_run *run);

#ifdef __cplusplus
}
#endif

#endif
