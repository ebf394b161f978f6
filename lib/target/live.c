// A process can end, exec or change at any moment, and may belong to somebody else. So /proc/PID is opened
// once (its number cannot come to mean another process through that descriptor), and whatever the kernel
// refuses is said in words that name the missing right.

#include "target/live.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "target/root.h"
#include "target/stop.h"

enum {
	LIVE_EXITING = 0x00000004, // PF_EXITING, likewise
	LIVE_KTHREAD = 0x00200000, // PF_KTHREAD in /proc/PID/stat's flags, linux/sched.h
	LIVE_STAT_MAX = 1024,
};

static int read_robust_list(void *state, int32_t tid, uint64_t *ret)
{
	return live_robust_list(state, tid, ret);
}

static int read_thread_pointer(void *state, int32_t tid, uint64_t *ret)
{
	switch (stop_read_thread_pointer(state, tid, ret)) {
	case STOP_READ:
		return 0;
	case STOP_GONE:
		return ESRCH;
	case STOP_REFUSED:
		break;
	}
	return EPERM;
}

static const struct target_ops live_ops = {
	.read = live_read,
	.robust_list = read_robust_list,
	.thread_pointer = read_thread_pointer,
};

/* /proc/PID/stat: "pid (comm) S ppid ... flags"; comm may hold any byte, so parse from the last ')'. */
struct stat_facts {
	char state;
	uint32_t flags;
};

// The task's own file: that of the process adds up the times of all its threads at every reading.
static int read_stat(int proc, int32_t tid, struct stat_facts *ret)
{
	char text[LIVE_STAT_MAX], path[32];
	snprintf(path, sizeof(path), "task/%d/stat", tid);
	auto_close int fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	ssize_t size = read(fd, text, sizeof(text) - 1);
	if (size < 0)
		return errno;
	text[size] = '\0';
	const char *rest = strrchr(text, ')');
	if (!rest || sscanf(rest, ") %c %*d %*d %*d %*d %*d %" SCNu32, &ret->state, &ret->flags) != 2)
		return EIO;
	return 0;
}

// A field of /proc/PID/status, as text up to the line's end.
static bool read_status_field(int proc, const char *field, char *ret, size_t size)
{
	auto_close int fd = openat(proc, "status", O_RDONLY | O_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(dup(fd), "r");
	char line[512];
	size_t length = strlen(field);
	bool is_found = false;
	while (file && !is_found && fgets(line, sizeof(line), file)) {
		if (strncmp(line, field, length) == 0 && line[length] == ':') {
			snprintf(ret, size, "%s", line + length + 1 + strspn(line + length + 1, " \t"));
			ret[strcspn(ret, "\n")] = '\0';
			is_found = true;
		}
	}
	if (file)
		fclose(file);
	return is_found;
}

static struct polyton_error *refuse_unreadable(const struct live *live, int reason)
{
	char uid_text[64] = "";
	unsigned uid = 0;
	// A process on its way out refuses its memory, too, as if the right to it were missing.
	struct polyton_error *ended = live_check(live);
	if (ended || reason == ESRCH)
		return ended ? ended : live_ended(live);
	if (reason != EPERM && reason != EACCES)
		return error_errno(POLYTON_ERROR_READ, reason, "cannot read the memory of process %d", live->pid);
	if (read_status_field(live->proc, "Uid", uid_text, sizeof(uid_text)) && sscanf(uid_text, "%u", &uid) == 1 &&
	    uid != geteuid())
		return error_create(POLYTON_ERROR_PERMISSION,
				    "process %d belongs to user %u: run polyton as that user or as root (the "
				    "right to ptrace it, CAP_SYS_PTRACE, is missing)",
				    live->pid, uid);
	return error_create(POLYTON_ERROR_PERMISSION,
			    "no right to ptrace process %d: run polyton as root, or set "
			    "/proc/sys/kernel/yama/ptrace_scope to 0; in a container, add CAP_SYS_PTRACE",
			    live->pid);
}

// The first task that still has memory; the leader unless it has exited alone.
static struct polyton_error *find_reader(struct live *live)
{
	subject_tids tids = { 0 };
	struct polyton_error *error = live_list_tids(live, &tids);
	for (size_t i = 0; !error && i < tids.count; i++) {
		char path[64];
		struct stat_facts facts = { 0 };
		snprintf(path, sizeof(path), "/proc/%d", tids.items[i]);
		int proc = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (proc >= 0 && !read_stat(proc, tids.items[i], &facts) && !strchr("ZXx", facts.state)) {
			close(live->proc);
			live->proc = proc;
			live->reader = tids.items[i];
			vec_deinit(&tids);
			return NULL;
		}
		if (proc >= 0)
			close(proc);
	}
	vec_deinit(&tids);
	if (error)
		return error;
	return error_create(POLYTON_ERROR_NO_SUBJECT,
			    "process %d is a zombie: it has ended and waits for its parent, nothing is left to read",
			    live->pid);
}

static struct polyton_error *open_proc(struct live *live)
{
	char path[64], text[64];
	struct stat_facts facts = { 0 };
	int tgid;

	snprintf(path, sizeof(path), "/proc/%d", live->pid);
	live->proc = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (live->proc < 0 || read_stat(live->proc, live->pid, &facts))
		return error_create(POLYTON_ERROR_NO_SUBJECT, "no process %d", live->pid);
	if (read_status_field(live->proc, "Tgid", text, sizeof(text)) && sscanf(text, "%d", &tgid) == 1 &&
	    tgid != live->pid)
		return error_create(POLYTON_ERROR_ARGUMENT, "%d is a thread of process %d: name the process",
				    live->pid, tgid);
	if (facts.flags & LIVE_KTHREAD)
		return error_create(POLYTON_ERROR_UNSUPPORTED,
				    "process %d is a kernel thread: it has no memory of its own to inspect",
				    live->pid);
	live->tasks = openat(live->proc, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (live->tasks < 0)
		return live_ended(live);
	// "NSpid: 4242 17" lists the outer number first, the innermost last.
	if (read_status_field(live->proc, "NSpid", text, sizeof(text)))
		live->is_nested = strpbrk(text, " \t") != NULL;
	live->reader = live->pid;
	return strchr("ZXx", facts.state) ? find_reader(live) : NULL;
}

static struct polyton_error *identify_exe(struct live *live)
{
	static const char deleted[] = " (deleted)";
	unsigned char ident[EI_NIDENT + 4];

	ssize_t length = readlinkat(live->proc, "exe", live->exe, sizeof(live->exe) - 1);
	if (length < 0)
		return errno == ENOENT || errno == ESRCH ? live_ended(live) : refuse_unreadable(live, errno);
	live->exe[length] = '\0';
	size_t cut = strlen(deleted);
	if ((size_t)length > cut && strcmp(live->exe + length - cut, deleted) == 0) {
		live->is_exe_deleted = true;
		live->exe[(size_t)length - cut] = '\0';
	}

	auto_close int fd = openat(live->proc, "exe", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return refuse_unreadable(live, errno);
	if (pread(fd, ident, sizeof(ident), 0) != sizeof(ident) || memcmp(ident, ELFMAG, SELFMAG) != 0)
		return error_create(POLYTON_ERROR_UNSUPPORTED, "%s is not an ELF executable", live->exe);
	live->elf_class = ident[EI_CLASS];
	live->elf_data = ident[EI_DATA];
	// e_machine: the second half-word after e_ident.
	live->machine = ident[EI_DATA] == ELFDATA2MSB ? (uint16_t)(ident[EI_NIDENT + 2] << 8 | ident[EI_NIDENT + 3])
						      : (uint16_t)(ident[EI_NIDENT + 3] << 8 | ident[EI_NIDENT + 2]);
	return NULL;
}

static struct polyton_error *choose_arch(struct live *live)
{
	const struct arch *arch = arch_find(live->machine, live->elf_class, live->elf_data);
	if (live->elf_class == ELFCLASS32)
		return error_create(POLYTON_ERROR_UNSUPPORTED,
				    "process %d is a 32-bit program (%s): not yet supported", live->pid,
				    arch ? arch->name : "unknown machine");
	if (!arch)
		return error_create(POLYTON_ERROR_UNSUPPORTED,
				    "process %d is for a machine polyton does not know (e_machine %u)", live->pid,
				    live->machine);
	live->target.arch = arch;
	return NULL;
}

static struct polyton_error *check_readable(struct live *live)
{
	uint64_t headers;
	struct polyton_error *error = live_read_auxv(live, AT_PHDR, &headers);
	if (error)
		return error;
	char byte;
	struct target_read piece = { .address = headers, .buffer = &byte, .size = 1 };
	target_read_pieces(&live->target, &piece, 1);
	// EFAULT only means that AT_PHDR leads nowhere; the walk will say so.
	return piece.error && piece.error != EFAULT ? refuse_unreadable(live, piece.error) : NULL;
}

struct polyton_error *live_open(int32_t pid, struct live **ret)
{
	struct live *live = calloc(1, sizeof(*live));
	if (!live)
		return error_no_memory();
	live->pid = pid;
	live->proc = live->tasks = -1;
	live->target.ops = &live_ops;
	live->target.state = live;

	struct polyton_error *error = open_proc(live);
	if (!error)
		error = identify_exe(live);
	if (!error)
		error = choose_arch(live);
	if (!error)
		error = check_readable(live);
	if (error) {
		live_close(live);
		return error;
	}
	*ret = live;
	return NULL;
}

void live_close(struct live *live)
{
	if (!live)
		return;
	if (live->tasks >= 0)
		close(live->tasks);
	if (live->proc >= 0)
		close(live->proc);
	free(live);
}

struct polyton_error *live_ended(const struct live *live)
{
	return error_create(POLYTON_ERROR_NO_SUBJECT, "process %d has ended", live->pid);
}

struct polyton_error *live_check(const struct live *live)
{
	struct stat_facts facts = { 0 };
	// A task that is ending has no memory any more, and refuses it, before it becomes a zombie.
	if (read_stat(live->proc, live->reader, &facts) || strchr("ZXx", facts.state) || (facts.flags & LIVE_EXITING))
		return live_ended(live);
	return NULL;
}

struct polyton_error *live_read_auxv(const struct live *live, uint64_t type, uint64_t *ret)
{
	uint8_t bytes[4096];
	size_t word = live->target.arch->word;
	auto_close int fd = openat(live->proc, "auxv", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return refuse_unreadable(live, errno);
	ssize_t size = read(fd, bytes, sizeof(bytes));
	if (size < 0)
		return refuse_unreadable(live, errno);
	if (size == 0)
		return live_ended(live);

	uint64_t value = 0;
	for (size_t at = 0; at + 2 * word <= (size_t)size; at += 2 * word) {
		if (target_word(&live->target, bytes + at) == type)
			value = target_word(&live->target, bytes + at + word);
	}
	*ret = value;
	return NULL;
}

int live_open_path(const struct live *live, const char *path)
{
	auto_close int root = openat(live->proc, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return root < 0 ? -1 : root_open(root, path);
}

int live_open_map(const struct live *live, const struct subject_map *map)
{
	char name[64];
	snprintf(name, sizeof(name), "map_files/%" PRIx64 "-%" PRIx64, map->start, map->end);
	return root_keep_regular(openat(live->proc, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
}

int live_open_exe(const struct live *live)
{
	return root_keep_regular(openat(live->proc, "exe", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
}
