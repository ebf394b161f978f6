/**
 * A program that is started here, and traced from its first instruction on: its tasks, its breakpoints, its signals.
 *
 * Made to live inside other programs: nothing blocks, no signal handler is installed, and every wait names a task
 * that is ours. The kernel sends SIGCHLD whenever there is something to do; how to wait for that is the caller's
 * matter. All calls must come from the thread that called tracer_start(): ptrace is per thread.
 *
 * A task stops at the loader's breakpoint, when it is born, at signals, and at its end, and at nothing else. If the
 * caller dies without tracer_release(), the kernel ends the program (PTRACE_O_EXITKILL): breakpoints that nobody
 * waits for would end it later, and at a place where nobody expects it.
 */
#ifndef TARGET_TRACER_H
#define TARGET_TRACER_H

#include <sys/types.h>

#include "base/vec.h"
#include "target/target.h"

struct trace_process;

enum task_state {
	TASK_RUNS,
	TASK_STOPPED,
	TASK_LISTENS, ///< In group-stop (SIGSTOP and the like): only SIGCONT lets it go on.
};

/** One task; the rooms of the tracer share this, nobody else looks inside. */
struct trace_task {
	int32_t tid;
	struct trace_process *process; ///< NULL: a child of which its parent has not told yet.
	enum task_state state;
	bool has_status; ///< @c status is still to be looked at.
	int status;
	bool is_new;     ///< Its first stop is still to come.
	bool is_held;    ///< Told of in an event; tracer_resume() lets it go on.
	bool is_free;    ///< Not traced any more.
	bool is_exiting; ///< Stopped at its end, or past that.
	bool is_at_trap; ///< Stopped by a breakpoint in memory, which it has to get past.
	int signal;      ///< That it gets when it goes on.
	/** Where it is to stop, 0 for nowhere: the first are its process's, the others are its own. */
	uint64_t slots[ARCH_SLOTS];
	uint64_t loaded[ARCH_SLOTS]; ///< What its debug registers hold.
};

/** A breakpoint instruction in memory, where there are no debug registers. */
struct trace_place {
	uint64_t address;
	uint8_t saved[sizeof(((struct arch_tracing *)NULL)->trap)];
	/**
	 * Not while the memory is lent to a child (vfork), nor when nobody wants it any more: it is remembered, because
	 * a thread may have run into it just before.
	 */
	bool is_in;
};

struct trace_process {
	int32_t pid;
	const struct arch *arch; ///< NULL until tracer_set_machine(): nothing is known of its registers.
	uint64_t breakpoints[ARCH_SHARED_SLOTS];
	bool is_silent;  ///< A child that nobody follows, traced because it runs on its parent's memory.
	bool is_leaving; ///< Likewise, to be freed at its first stop.
	bool is_paused;
	bool is_ending;   ///< Its end, or the signal that ends it, was told.
	bool uses_memory; ///< Breakpoints are instructions, because debug registers are not to be had.
	bool is_lent;     ///< A child runs on its memory.
	vec_of(struct trace_place) places;
};

struct tracer {
	int32_t pid;    ///< The program that was started.
	bool is_follow; ///< Its children are traced, too.
	bool no_debug;  ///< No debug registers, even if there are some.
	bool is_free;   ///< All were let go; the program is just a child.
	bool has_ended; ///< It was reaped.
	vec_of(struct trace_task *) tasks;
	vec_of(struct trace_process *) processes;
};

struct tracer_options {
	bool follow;
	bool no_debug_registers;
	/** Run in the child before it becomes the program; only what is safe after fork(). An errno ends it there. */
	int (*prepare)(void *arg);
	void *arg;
};

/** Start @p argv, found in PATH, stopped at its first instruction. @p errno_ret: why it could not be run. */
must_use struct polyton_error *tracer_start(char *const argv[], const struct tracer_options *options,
					    struct tracer **ret, int *errno_ret);
/** Ends what still runs traced. NULL is fine. */
void tracer_close(struct tracer *tracer);

enum trace_kind {
	TRACE_NOTHING,    ///< Nothing to do until the next SIGCHLD.
	TRACE_BUSY,       ///< Much is going on: call again at once.
	TRACE_EXEC,       ///< A new program in @c pid; its one task is held.
	TRACE_FORK,       ///< Followed child @c number of @c pid; @c tid is held.
	TRACE_BREAKPOINT, ///< @c tid is held at slot @c number.
	TRACE_DEATH,      ///< @c tid is held before signal @c number ends the process.
	TRACE_ENDING,     ///< The process ends, its tasks are held; @c number is the wait status to come.
	TRACE_STOPPED,    ///< The process was stopped by signal @c number; nothing is held.
	TRACE_ENDED,      ///< It is gone; @c number is its wait status.
};

struct trace_event {
	enum trace_kind kind;
	int32_t pid, tid;
	int number;
};

/** The next event. A held task stays so until tracer_resume(); everything else went on already. */
must_use struct polyton_error *tracer_step(struct tracer *tracer, struct trace_event *ret);
/** Let the held tasks of @p pid go on. */
void tracer_resume(struct tracer *tracer, int32_t pid);

/** What machine the program of @p pid is for: before, it has no breakpoints. */
void tracer_set_machine(struct tracer *tracer, int32_t pid, const struct arch *arch);
/**
 * Where every task of @p pid stops, 0 for nowhere; those that run now, from their next stop on. At slot 0 they may do
 * so again and again, the others are to be taken away at the first time. False if the machine, or what stands at
 * @p address, does not let it.
 */
must_use bool tracer_set_breakpoint(struct tracer *tracer, int32_t pid, unsigned slot, uint64_t address);
/** The same for one held task, and a slot that is not shared. */
must_use bool tracer_set_slot(struct tracer *tracer, int32_t tid, unsigned slot, uint64_t address);
/** Registers of a held task, by DWARF's numbers, @c return_register being the program counter. False if gone. */
must_use bool tracer_registers(struct tracer *tracer, int32_t tid, uint64_t ret[ARCH_FRAME_REGISTERS]);

/** Stop all tasks of @p pid; those that do not in time run on. What they stop with is kept for tracer_step(). */
void tracer_pause(struct tracer *tracer, int32_t pid);
void tracer_unpause(struct tracer *tracer, int32_t pid);
/** Take all breakpoints out, and let all processes go on untraced. tracer_step() still tells how the program ends. */
void tracer_release(struct tracer *tracer);
/** Whether a process or task of that number is still traced. */
bool tracer_has(const struct tracer *tracer, int32_t pid);

/* Pieces that the rooms of the tracer share. */

struct trace_task *trace_find_task(const struct tracer *tracer, int32_t tid);
struct trace_process *trace_find_process(const struct tracer *tracer, int32_t pid);
/** A new task of @p process; NULL when out of memory. */
must_use struct trace_task *trace_add_task(struct tracer *tracer, int32_t tid, struct trace_process *process);
must_use struct trace_process *trace_add_process(struct tracer *tracer, int32_t pid);
void trace_drop_task(struct tracer *tracer, struct trace_task *task);
/** With its tasks. */
void trace_drop_process(struct tracer *tracer, struct trace_process *process);
/** Take what the kernel has to say of @p task, if there is something; @c has_status is set then. */
bool trace_poll(struct trace_task *task);
/** Wait until no task of @p process runs, or, with @p is_end, until each is at its end; for half a second at most. */
void trace_gather(struct tracer *tracer, struct trace_process *process, bool is_end);
/** After tracer_release(), a task that has stopped only now. */
void trace_let_go(struct tracer *tracer, struct trace_task *task);
/** Look at what a task has stopped with, without telling of it. */
must_use struct polyton_error *trace_take(struct tracer *tracer, struct trace_task *task);
/** Let a stopped task go on, past a breakpoint that it is at. */
void trace_go_on(struct tracer *tracer, struct trace_task *task);

#endif
