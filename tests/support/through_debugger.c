// Looks at a process as a debugger would: all that the library knows of it comes through callbacks, here made of
// process_vm_readv(2) and files. To be compared with what it says of the process itself.
//
// usage: through_debugger PID MODE [SEED COUNT]
//
//   report         the report as JSON; thread pointers come from registers
//   lists          the same without thread pointers
//   interrupt      COUNT captures are interrupted, each at another callback; then the report as JSON
//   fail           COUNT captures in which reads fail or are cut short at random; prints "COUNT captures"
//
// What must not be is said on standard error, with exit code 1.

#include <dirent.h>
#include <elf.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "polyton.h"

enum { THREADS_MAX = 4096, AUXV_MAX = 64, PIECES_MAX = 64, BYTES_MAX = 64 * 1024, NAME_MAX_HERE = 32 };

struct debugger {
	pid_t pid;
	pthread_t thread;
	uint64_t auxv[2 * AUXV_MAX];
	int32_t tids[THREADS_MAX];
	uint64_t pointers[THREADS_MAX];
	char name_texts[THREADS_MAX][NAME_MAX_HERE];
	const char *names[THREADS_MAX];
	char program[4096];
	struct polyton_target_facts facts;

	uint64_t calls;    // in this capture
	uint64_t end_at;   // the call that is not completed, 0: none
	bool is_over;      // it was that call: no other may come
	unsigned fail_one; // in so many pieces one fails, 0: none
	unsigned random;
};

static void fail(struct polyton_error *error)
{
	errx(1, "%s", polyton_error_message(error));
}

// Whether this call is the one that is interrupted.
static bool is_interrupted(struct debugger *debugger)
{
	if (!pthread_equal(pthread_self(), debugger->thread))
		errx(1, "called on another thread");
	if (debugger->is_over)
		errx(1, "called again after an interruption");
	debugger->is_over = ++debugger->calls == debugger->end_at;
	return debugger->is_over;
}

static void read_memory(void *state, struct polyton_target_read *pieces, size_t count)
{
	struct debugger *debugger = state;
	size_t total = 0, done = count;
	if (is_interrupted(debugger))
		done = (size_t)rand_r(&debugger->random) % count; // some are read, the others are not
	for (size_t i = 0; i < count; i++) {
		if (pieces[i].error != EINTR)
			errx(1, "an answer is not preset");
		total += pieces[i].size;
	}
	if (!count || count > PIECES_MAX || total > BYTES_MAX)
		errx(1, "%zu pieces of %zu bytes in one call", count, total);
	for (size_t i = 0; i < done; i++) {
		struct iovec local = { pieces[i].buffer, pieces[i].size };
		struct iovec remote = { (void *)(uintptr_t)pieces[i].address, pieces[i].size };
		bool fails = debugger->fail_one && !((unsigned)rand_r(&debugger->random) % debugger->fail_one);
		if (fails)
			local.iov_len = remote.iov_len = (size_t)rand_r(&debugger->random) % pieces[i].size;
		ssize_t got = local.iov_len ? process_vm_readv(debugger->pid, &local, 1, &remote, 1, 0) : 0;
		pieces[i].error = got == (ssize_t)pieces[i].size ? 0 : EFAULT;
	}
}

static void open_object(void *state, struct polyton_target_file *file)
{
	struct debugger *debugger = state;
	char path[4096 + 64];
	if (file->error != EINTR || file->fd != -1 || !file->path[0])
		errx(1, "a file that is asked for wrongly");
	if (is_interrupted(debugger))
		return;
	snprintf(path, sizeof(path), "/proc/%d/root/%s", debugger->pid, file->path);
	file->fd = open(path, O_RDONLY | O_CLOEXEC);
	file->error = file->fd < 0 ? errno : 0;
}

static void go_on(void *state, int32_t *answer)
{
	if (*answer != EINTR)
		errx(1, "an answer is not preset");
	if (!is_interrupted(state))
		*answer = 0;
}

static uint64_t read_pointer(int32_t tid)
{
	struct user_regs_struct registers = { 0 };
	struct iovec buffer = { &registers, sizeof(registers) };
	int status;
	if (ptrace(PTRACE_SEIZE, tid, NULL, NULL))
		return 0;
	ptrace(PTRACE_INTERRUPT, tid, NULL, NULL);
	waitpid(tid, &status, __WALL);
	ptrace(PTRACE_GETREGSET, tid, (void *)NT_PRSTATUS, &buffer);
	ptrace(PTRACE_DETACH, tid, NULL, NULL);
#ifdef __x86_64__
	return registers.fs_base;
#else
	return 0;
#endif
}

static void list_threads(struct debugger *debugger, bool with_pointers)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/task", debugger->pid);
	DIR *folder = opendir(path);
	if (!folder)
		err(1, "%s", path);
	size_t count = 0;
	for (struct dirent *entry; (entry = readdir(folder)) && count < THREADS_MAX;) {
		int32_t tid = atoi(entry->d_name);
		if (tid <= 0)
			continue;
		debugger->tids[count] = tid;
		debugger->pointers[count] = with_pointers ? read_pointer(tid) : 0;
		snprintf(path, sizeof(path), "/proc/%d/task/%d/comm", debugger->pid, tid);
		FILE *file = fopen(path, "r");
		debugger->names[count] =
			fgets(debugger->name_texts[count], NAME_MAX_HERE, file) ? debugger->name_texts[count] : NULL;
		debugger->name_texts[count][strcspn(debugger->name_texts[count], "\n")] = '\0';
		fclose(file);
		count++;
	}
	closedir(folder);
	debugger->facts.thread_count = count;
}

static void find_facts(struct debugger *debugger, bool with_pointers)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/auxv", debugger->pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = read(fd, debugger->auxv, sizeof(debugger->auxv));
	close(fd);
	snprintf(path, sizeof(path), "/proc/%d/exe", debugger->pid);
	ssize_t length = readlink(path, debugger->program, sizeof(debugger->program) - 1);
	if (size <= 0 || length < 0)
		errx(1, "process %d: no auxiliary vector, or no program", debugger->pid);
	debugger->facts = (struct polyton_target_facts){ .size = sizeof(debugger->facts),
							 .pid = debugger->pid,
							 .machine = EM_X86_64,
							 .elf_class = ELFCLASS64,
							 .elf_data = ELFDATA2LSB,
							 .program = debugger->program,
							 .auxv = debugger->auxv,
							 .auxv_count = (size_t)size / 16,
							 .tids = debugger->tids,
							 .thread_pointers = with_pointers ? debugger->pointers : NULL,
							 .names = debugger->names };
	list_threads(debugger, with_pointers);
}

static int write_out(void *arg, const char *bytes, size_t count)
{
	return fwrite(bytes, 1, count, arg) == count ? 0 : EIO;
}

static void print(const struct polyton_snapshot *snapshot)
{
	const struct polyton_write_options options = { .size = sizeof(options),
						       .view = POLYTON_VIEW_REPORT,
						       .format = POLYTON_FORMAT_JSON,
						       .show_all = true };
	struct polyton_error *error = polyton_snapshot_write(snapshot, &options, write_out, stdout);
	if (error)
		fail(error);
}

static struct polyton_error *capture(struct debugger *debugger, struct polyton_session *session,
				     struct polyton_snapshot **ret)
{
	debugger->calls = 0;
	debugger->is_over = false;
	return polyton_session_capture(session, ret);
}

static void capture_and_print(struct debugger *debugger, struct polyton_session *session, bool prints)
{
	struct polyton_snapshot *snapshot = NULL;
	debugger->end_at = 0;
	struct polyton_error *error = capture(debugger, session, &snapshot);
	if (error)
		fail(error);
	if (prints)
		print(snapshot);
	polyton_snapshot_destroy(snapshot);
}

// Once through to know how many calls there are; then an end at each of some of them.
static void interrupt(struct debugger *debugger, struct polyton_session *session, unsigned count)
{
	capture_and_print(debugger, session, false);
	uint64_t calls = debugger->calls;
	for (unsigned i = 0; i < count; i++) {
		struct polyton_snapshot *snapshot = NULL;
		debugger->end_at = 1 + (uint64_t)rand_r(&debugger->random) % calls;
		struct polyton_error *error = capture(debugger, session, &snapshot);
		// Files that are known by now are not opened again: it may have come to an end before that call.
		bool is_good = error ? polyton_error_code(error) == POLYTON_ERROR_INTERRUPTED && debugger->is_over
				     : !debugger->is_over;
		if (!is_good)
			errx(1, "call %" PRIu64 " of %" PRIu64 ": %s", debugger->end_at, calls,
			     error ? polyton_error_message(error) : "interrupted, and a picture all the same");
		polyton_snapshot_destroy(snapshot);
		polyton_error_destroy(error);
		error = polyton_session_update(session, &debugger->facts);
		if (error)
			fail(error);
	}
	capture_and_print(debugger, session, true);
}

static void fail_at_random(struct debugger *debugger, struct polyton_session *session, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct polyton_snapshot *snapshot = NULL;
		debugger->fail_one = 1u << (i % 12);
		struct polyton_error *error = capture(debugger, session, &snapshot);
		if (error && polyton_error_code(error) != POLYTON_ERROR_READ &&
		    polyton_error_code(error) != POLYTON_ERROR_DAMAGED)
			fail(error);
		polyton_error_destroy(error);
		polyton_snapshot_destroy(snapshot);
	}
	printf("%u captures\n", count);
}

int main(int argc, char **argv)
{
	static struct debugger debugger;
	const struct polyton_target_ops ops = { sizeof(ops), read_memory, open_object, go_on };
	const struct polyton_options options = { .size = sizeof(options) };
	struct polyton_session *session = NULL;
	if (argc < 3)
		errx(2, "usage: through_debugger PID MODE [SEED COUNT]");
	debugger.pid = atoi(argv[1]);
	debugger.thread = pthread_self();
	debugger.random = argc > 3 ? (unsigned)atoi(argv[3]) : 0;
	unsigned count = argc > 4 ? (unsigned)atoi(argv[4]) : 1;
	find_facts(&debugger, strcmp(argv[2], "lists") != 0);
	struct polyton_error *error = polyton_open_debugger(&ops, &debugger, &debugger.facts, &options, &session);
	if (error)
		fail(error);
	if (strcmp(argv[2], "interrupt") == 0)
		interrupt(&debugger, session, count);
	else if (strcmp(argv[2], "fail") == 0)
		fail_at_random(&debugger, session, count);
	else
		capture_and_print(&debugger, session, true);
	polyton_session_close(session);
	return 0;
}
