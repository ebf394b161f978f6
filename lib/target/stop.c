// A thread may be born, end, or sit in the kernel where nothing reaches it, at any point here; and other
// children of our caller must not be reaped by mistake, so every wait names its thread.

#include "target/stop.h"

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "base/clock.h"

enum {
	STOP_WAIT_MS = 500,   // for one thread in uninterruptible sleep
	STOP_MAX_ROUNDS = 20, // of listing tasks until no new one shows up
	STOP_REGISTERS_MAX = 4096,
};

struct stopped {
	vec_of(int32_t) tids;
};

// True once @p tid is stopped, false if it ended or did not stop in time.
static bool wait_stop(int32_t tid)
{
	uint64_t deadline = clock_ns() + STOP_WAIT_MS * UINT64_C(1000000);
	for (unsigned tries = 0;; tries++) {
		int status;
		pid_t got = waitpid(tid, &status, __WALL | WNOHANG);
		if (got == tid && (!WIFSTOPPED(status) || status >> 16 == PTRACE_EVENT_STOP))
			return WIFSTOPPED(status);
		if (got < 0 && errno != EINTR)
			return false;
		// A signal was on its way in and stopped the thread first. It must get it: detaching here would
		// swallow it. The stop that was asked for is still to come.
		if (got == tid)
			ptrace(PTRACE_CONT, tid, NULL, (void *)(uintptr_t)WSTOPSIG(status));
		if (clock_ns() > deadline)
			return false;
		// Most threads stop within microseconds; only then give the processor away.
		struct timespec pause = { .tv_nsec = tries < 100 ? 0 : 200000 };
		nanosleep(&pause, NULL);
	}
}

static bool seize(int32_t tid)
{
	return !ptrace(PTRACE_SEIZE, tid, NULL, NULL);
}

static void let_go(int32_t tid)
{
	// A thread that was not stopped yet answers ESRCH to PTRACE_DETACH: wait for its stop, once.
	if (ptrace(PTRACE_DETACH, tid, NULL, NULL) && errno == ESRCH && wait_stop(tid))
		ptrace(PTRACE_DETACH, tid, NULL, NULL);
}

static int compare_tids(const void *left, const void *right)
{
	int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;
	return (a > b) - (a < b);
}

/** What one round of seizing came to. */
struct round {
	bool is_new;    // a task was seized
	size_t refused; // tasks that somebody else traces, or that we may not
	int refusal;    // the errno
};

// Seize and interrupt the tasks that are not ours yet.
static struct polyton_error *seize_new(const struct live *live, struct stopped *stopped, struct round *ret)
{
	subject_tids tids = { 0 };
	struct polyton_error *error = live_list_tids(live, &tids);
	size_t known = stopped->tids.count;
	*ret = (struct round){ 0 };
	for (size_t i = 0; !error && i < tids.count; i++) {
		int32_t tid = tids.items[i];
		if (known && bsearch(&tid, stopped->tids.items, known, sizeof(tid), compare_tids))
			continue;
		if (!seize(tid)) {
			if (errno != ESRCH) {
				ret->refusal = errno;
				ret->refused++;
			}
			continue;
		}
		ptrace(PTRACE_INTERRUPT, tid, NULL, NULL);
		int32_t *place = vec_push(&stopped->tids);
		if (!place) {
			let_go(tid);
			error = error_no_memory();
			break;
		}
		*place = tid;
		ret->is_new = true;
	}
	vec_deinit(&tids);
	return error;
}

struct polyton_error *stop_all(const struct live *live, struct stopped **ret, size_t *missed_ret,
			       uint64_t *started_ret)
{
	struct stopped *stopped = calloc(1, sizeof(*stopped));
	if (!stopped)
		return error_no_memory();
	struct polyton_error *error = NULL;
	size_t waited = 0, missed = 0;
	struct round round = { .is_new = true };

	*started_ret = clock_ns();
	for (int i = 0; !error && round.is_new && i < STOP_MAX_ROUNDS; i++) {
		error = seize_new(live, stopped, &round);
		// All are interrupted before the first is waited for: they stop side by side.
		for (; waited < stopped->tids.count; waited++)
			missed += !wait_stop(stopped->tids.items[waited]);
		if (waited) // the next round looks them up
			qsort(stopped->tids.items, waited, sizeof(int32_t), compare_tids);
	}
	if (!error && !stopped->tids.count)
		error = round.refusal ? error_errno(POLYTON_ERROR_SYSTEM, round.refusal, "cannot stop process %d",
						    live->pid)
				      : error_create(POLYTON_ERROR_NO_SUBJECT, "process %d has ended", live->pid);
	if (error) {
		stop_release(stopped);
		return error;
	}
	*missed_ret = missed + round.refused;
	*ret = stopped;
	return NULL;
}

uint64_t stop_release(struct stopped *stopped)
{
	if (stopped) {
		for (size_t i = 0; i < stopped->tids.count; i++)
			let_go(stopped->tids.items[i]);
		vec_deinit(&stopped->tids);
		free(stopped);
	}
	return clock_ns();
}

static enum stop_answer read_registers(const struct live *live, int32_t tid, uint64_t *ret)
{
	const struct arch *arch = live->target.arch;
	uint8_t registers[STOP_REGISTERS_MAX];
	struct iovec buffer = { registers, sizeof(registers) };
	uint32_t set = arch->tp_source == ARCH_TP_REGSET ? arch->tp_regset : NT_PRSTATUS;
	size_t place = arch->tp_source == ARCH_TP_REGSET ? 0 : arch->tp_place;

	if (arch->tp_source != ARCH_TP_REGSET && arch->tp_source != ARCH_TP_PRSTATUS)
		return STOP_REFUSED;
	if (ptrace(PTRACE_GETREGSET, tid, (void *)(uintptr_t)set, &buffer) || buffer.iov_len < place + arch->word)
		return STOP_REFUSED;
	*ret = target_word(&live->target, registers + place);
	return STOP_READ;
}

enum stop_answer stop_read_thread_pointer(const struct live *live, int32_t tid, uint64_t *ret)
{
	enum stop_answer answer;
	if (!seize(tid)) {
		// Already ours (--stop), or another debugger's.
		answer = errno == ESRCH ? STOP_GONE : read_registers(live, tid, ret);
		return answer;
	}
	ptrace(PTRACE_INTERRUPT, tid, NULL, NULL);
	answer = wait_stop(tid) ? read_registers(live, tid, ret) : STOP_GONE;
	let_go(tid);
	return answer;
}
