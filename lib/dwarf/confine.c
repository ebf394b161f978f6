// libdwarf has had memory errors that a file can reach, so a file may be able to make this process do anything. What
// it can then do is: read what it was handed, use up a bounded amount of memory and time, and answer nonsense.

#include "dwarf/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden"))); // of this program, by the linker

// Sanitizers reserve terabytes and make system calls of their own: then the limits stay off, the rest stays on.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED 1
#endif
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED 0
#endif

enum {
	CONFINE_MEMORY_GB = 4,
	CONFINE_CPU_SECONDS = 120, // Over all files: one file's time is limited by who asks.
	CONFINE_FILES = 16,
};

// Where a machine does not have a call, its line is left out.
static const int allowed[] = {
	SYS_read,       SYS_pread64,
	SYS_write, // libdwarf 0.11 to 2.3 leave a line on the standard output, which is /dev/null
	SYS_writev,     SYS_recvmsg,       SYS_sendmsg,
#ifdef SYS_poll
	SYS_poll,
#endif
	SYS_ppoll,      SYS_close,         SYS_fstat,
#ifdef SYS_newfstatat
	SYS_newfstatat,
#endif
	SYS_munmap,     SYS_mremap,        SYS_madvise,         SYS_brk,  SYS_getrandom,
	SYS_futex,      SYS_clock_gettime, SYS_restart_syscall, SYS_exit, SYS_exit_group,
};

enum { FILTER_MOST = 128 };

struct filter {
	struct sock_filter steps[FILTER_MOST];
	unsigned short count;
};

static const struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
// "There is no such call": the C library has other ways, as qsort() has without sysinfo(2), and none that matter
// here.
static const struct sock_filter refuse = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS);

static void add(struct filter *filter, struct sock_filter step)
{
	if (filter->count < FILTER_MOST)
		filter->steps[filter->count++] = step;
}

static void add_load(struct filter *filter, size_t offset)
{
	add(filter, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

static void add_jump(struct filter *filter, uint16_t test, uint32_t with, uint8_t if_true, uint8_t if_false)
{
	add(filter, (struct sock_filter)BPF_JUMP((uint16_t)(BPF_JMP | BPF_K | test), with, if_true, if_false));
}

// The low half of an argument.
static size_t argument(unsigned index)
{
	bool is_big = __ehdr_start.e_ident[EI_DATA] == ELFDATA2MSB;
	return offsetof(struct seccomp_data, args) + index * sizeof(uint64_t) + (is_big ? sizeof(uint32_t) : 0);
}

// A call that is allowed as long as its argument has none of these bits.
static void add_without(struct filter *filter, int number, unsigned index, uint32_t bits)
{
	add_jump(filter, BPF_JEQ, (uint32_t)number, 0, 4);
	add_load(filter, argument(index));
	add_jump(filter, BPF_JSET, bits, 1, 0);
	add(filter, allow);
	add(filter, refuse);
}

// A call that is allowed with one value of an argument.
static void add_with(struct filter *filter, int number, unsigned index, uint32_t value)
{
	add_jump(filter, BPF_JEQ, (uint32_t)number, 0, 4);
	add_load(filter, argument(index));
	add_jump(filter, BPF_JEQ, value, 0, 1);
	add(filter, allow);
	add(filter, refuse);
}

static void build_filter(struct filter *filter)
{
	// AUDIT_ARCH_* are made of what an ELF header says, so one's own header tells the machine.
	uint32_t machine = __ehdr_start.e_machine;
	if (__ehdr_start.e_ident[EI_CLASS] == ELFCLASS64)
		machine |= __AUDIT_ARCH_64BIT;
	if (__ehdr_start.e_ident[EI_DATA] == ELFDATA2LSB)
		machine |= __AUDIT_ARCH_LE;
	add_load(filter, offsetof(struct seccomp_data, arch));
	add_jump(filter, BPF_JEQ, machine, 1, 0);
	add(filter, refuse);
	add_load(filter, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		add_jump(filter, BPF_JEQ, (uint32_t)allowed[i], 0, 1);
		add(filter, allow);
	}
	// Memory is never made to be run; a descriptor's owner, whom its signals go to, stays as it is.
	add_without(filter, SYS_mmap, 2, PROT_EXEC);
	add_without(filter, SYS_mprotect, 2, PROT_EXEC);
	add_with(filter, SYS_fcntl, 1, F_SETFL);
	add_with(filter, SYS_ioctl, 1, TCGETS); // "is it a terminal", of stdio
	add(filter, refuse);
}

// Of the thread that calls it.
static void filter_calls(void *unused)
{
	struct filter filter = { .count = 0 };
	(void)unused;
	if (IS_SANITIZED)
		return;
	build_filter(&filter);
	const struct sock_fprog program = { filter.count, filter.steps };
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program); // a kernel without it has none to offer
}

static bool limit(__rlimit_resource_t what, rlim_t value)
{
	struct rlimit now;
	if (getrlimit(what, &now))
		return false;
	// What is lower already stays so.
	if (now.rlim_max == RLIM_INFINITY || now.rlim_max > value)
		now.rlim_max = value;
	now.rlim_cur = now.rlim_max;
	return setrlimit(what, &now) == 0;
}

static void close_above(int last)
{
#ifdef SYS_close_range
	if (syscall(SYS_close_range, last + 1, ~0U, 0) == 0)
		return;
#endif
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files))
		return;
	for (int fd = last + 1; (rlim_t)fd < files.rlim_cur; fd++)
		close(fd);
}

struct polyton_error *confine_self(int socket, struct second *second)
{
	close_above(socket);
	fcntl(socket, F_SETOWN, getpid());
	signal(SIGIO, SIG_DFL);
	prctl(PR_SET_DUMPABLE, 0);
	bool is_limited = limit(RLIMIT_CORE, 0) && limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_NOFILE, CONFINE_FILES) &&
			  limit(RLIMIT_CPU, CONFINE_CPU_SECONDS);
	if (is_limited && !IS_SANITIZED)
		is_limited = limit(RLIMIT_AS, (rlim_t)CONFINE_MEMORY_GB << 30);
	if (!is_limited || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return error_errno(POLYTON_ERROR_SYSTEM, errno, "cannot be confined");
	if (second)
		second_start(second, filter_calls);
	filter_calls(NULL);
	return NULL;
}

void confine_to_socket(int socket, bool is_on)
{
	fcntl(socket, F_SETFL, is_on ? O_ASYNC : 0);
	// It may have ended just before.
	struct pollfd end = { socket, 0, 0 };
	if (is_on && poll(&end, 1, 0) > 0 && (end.revents & (POLLHUP | POLLERR)))
		_exit(1);
}
