// Real processes: children that are in one state or another.

#include "../support/check.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../support/child.h"
#include "target/live.h"

enum { PAGE = 4096, AREA_PAGES = 6 };

// Pages 0, 1, 3 and 5 are readable; each byte tells its place.
static uint8_t *make_area(void)
{
	uint8_t *area = mmap(NULL, AREA_PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(area != MAP_FAILED);
	for (size_t i = 0; i < AREA_PAGES * PAGE; i++)
		area[i] = (uint8_t)(i * 31 + i / PAGE);
	munmap(area + 2 * PAGE, PAGE);
	mprotect(area + 4 * PAGE, PAGE, PROT_NONE);
	return area;
}

static bool is_readable(const uint8_t *area, uint64_t address, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		uint64_t at = address + i - (uintptr_t)area;
		if (at >= AREA_PAGES * PAGE || at / PAGE == 2 || at / PAGE == 4)
			return false;
	}
	return true;
}

// A piece is there or is not, whatever stands before, behind or next to it.
static void check_pieces(struct live *live, const uint8_t *area, struct target_read *pieces, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		pieces[i].error = -1;
		memset(pieces[i].buffer, 0xee, pieces[i].size);
	}
	target_read_pieces(&live->target, pieces, count);
	for (size_t i = 0; i < count; i++) {
		bool is_there = is_readable(area, pieces[i].address, pieces[i].size);
		assert_int_equal(pieces[i].error, is_there ? 0 : EFAULT);
		uint64_t first = pieces[i].address - (uintptr_t)area;
		for (size_t k = 0; is_there && k < pieces[i].size; k++)
			assert_int_equal(((uint8_t *)pieces[i].buffer)[k],
					 (uint8_t)((first + k) * 31 + (first + k) / PAGE));
	}
}

static void test_pieces_are_independent(void **state)
{
	(void)state;
	enum { MANY = 3000, LARGEST = 600 };
	uint8_t *area = make_area();
	struct child child = child_start(child_idle, NULL);
	struct live *live;
	assert_fine(live_open(child.pid, &live));
	struct target_read *pieces = calloc(MANY, sizeof(*pieces));
	uint8_t *buffers = malloc((size_t)MANY * LARGEST);
	assert_non_null(pieces);
	assert_non_null(buffers);

	uint32_t seed = 12345;
	const size_t counts[] = { 0, 1, 2, 3, 10, 500, 1023, 1024, 1025, 2049, MANY };
	for (size_t round = 0; round < 60; round++) {
		size_t count = counts[round % count_of(counts)];
		uint64_t at = (uintptr_t)area;
		for (size_t i = 0; i < count; i++) {
			seed = seed * 1103515245 + 12345;
			size_t size = (seed >> 8) % (round % 3 ? 24 : LARGEST);
			// In order with small gaps, or anywhere, also before and behind the area.
			at = round % 2 ? at + (seed >> 20) % 40
				       : (uintptr_t)area - PAGE + (seed >> 4) % ((AREA_PAGES + 2) * PAGE);
			if (round % 2 && at > (uintptr_t)area + AREA_PAGES * PAGE)
				at = (uintptr_t)area;
			pieces[i] = (struct target_read){ at, buffers + i * LARGEST, size, 0 };
		}
		// What lies around the area may be mapped by whoever: only pieces that touch it are judged.
		for (size_t i = 0; i < count; i++) {
			if (pieces[i].address < (uintptr_t)area ||
			    pieces[i].address + pieces[i].size > (uintptr_t)area + AREA_PAGES * PAGE)
				pieces[i].address = (uintptr_t)area + (i % PAGE);
		}
		check_pieces(live, area, pieces, count);
	}
	free(pieces);
	free(buffers);
	live_close(live);
	child_end(&child);
	munmap(area, AREA_PAGES * PAGE);
}

static void test_neighbours_of_an_unmapped_page(void **state)
{
	(void)state;
	uint8_t *area = make_area(), buffers[8][64];
	struct child child = child_start(child_idle, NULL);
	struct live *live;
	uint64_t hole = (uintptr_t)area + 2 * PAGE;
	assert_fine(live_open(child.pid, &live));
	struct target_read pieces[] = {
		{ hole - 40, buffers[0], 16, 0 },  { hole - 16, buffers[1], 16, 0 },
		{ hole - 8, buffers[2], 16, 0 },   { hole, buffers[3], 8, 0 },
		{ hole + 8, buffers[4], 8, 0 },    { hole + PAGE - 8, buffers[5], 16, 0 },
		{ hole + PAGE, buffers[6], 8, 0 }, { hole + PAGE + 8, buffers[7], 64, 0 },
	};
	check_pieces(live, area, pieces, count_of(pieces));
	for (size_t i = 0; i < count_of(pieces) / 2; i++) {
		struct target_read swapped = pieces[i];
		pieces[i] = pieces[count_of(pieces) - 1 - i];
		pieces[count_of(pieces) - 1 - i] = swapped;
	}
	check_pieces(live, area, pieces, count_of(pieces));
	live_close(live);
	child_end(&child);
	munmap(area, AREA_PAGES * PAGE);
}

static void test_ended_process(void **state)
{
	(void)state;
	struct child child = child_start(child_idle, NULL);
	struct live *live;
	char byte;
	assert_fine(live_open(child.pid, &live));
	assert_fine(live_check(live));
	kill(child.pid, SIGKILL);
	assert_true(child_reaches(child.pid, "Z"));
	assert_error(live_check(live), POLYTON_ERROR_NO_SUBJECT, "has ended");
	struct target_read piece = { (uintptr_t)&byte, &byte, 1, 0 };
	target_read_pieces(&live->target, &piece, 1);
	assert_int_not_equal(piece.error, 0);
	pid_t pid = child.pid;
	child_end(&child);
	// Reaped: its number may be anybody's, the open session's is not.
	assert_error(live_check(live), POLYTON_ERROR_NO_SUBJECT, "has ended");
	uint64_t value;
	assert_error(live_read_auxv(live, AT_PHDR, &value), POLYTON_ERROR_NO_SUBJECT, "has ended");
	live_close(live);
	assert_error(live_open(pid, &live), POLYTON_ERROR_NO_SUBJECT, "no process");
}

static void test_zombie_says_so(void **state)
{
	(void)state;
	struct child child = child_start(child_idle, NULL);
	struct live *live;
	kill(child.pid, SIGKILL);
	assert_true(child_reaches(child.pid, "Z"));
	assert_error(live_open(child.pid, &live), POLYTON_ERROR_NO_SUBJECT, "is a zombie");
	child_end(&child);
}

static void test_kernel_thread_says_so(void **state)
{
	(void)state;
	struct live *live;
	if (strcmp(child_status(2, "Name"), "kthreadd\n") != 0 && strcmp(child_status(2, "Name"), "kthreadd") != 0)
		skip(); // a pid namespace without kernel threads
	assert_error(live_open(2, &live), POLYTON_ERROR_UNSUPPORTED, "is a kernel thread");
}

static void *stay(void *arg)
{
	*(volatile int32_t *)arg = (int32_t)syscall(SYS_gettid);
	for (;;)
		pause();
	return NULL;
}

static void run_two_threads(struct child *child, void *arg)
{
	pthread_t thread;
	volatile int32_t *tid = child->shared;
	pthread_create(&thread, NULL, stay, child->shared);
	while (!*tid)
		usleep(100);
	child_ready(child);
	if (arg)
		pthread_exit(NULL);
}

static void test_thread_id_is_no_process(void **state)
{
	(void)state;
	struct child child = child_start(run_two_threads, NULL);
	struct live *live;
	assert_error(live_open(*(int32_t *)child.shared, &live), POLYTON_ERROR_ARGUMENT, "is a thread of process");
	child_end(&child);
}

// A leader that called pthread_exit() is a zombie without memory, and the process lives on.
static void test_leader_that_has_exited_alone(void **state)
{
	(void)state;
	struct child child = child_start(run_two_threads, "exit");
	struct live *live;
	char byte = 0;
	assert_true(child_reaches(child.pid, "Z"));
	assert_fine(live_open(child.pid, &live));
	assert_int_equal(live->reader, *(int32_t *)child.shared);
	assert_fine(target_read(&live->target, (uintptr_t)child.shared, &byte, 1));
	assert_fine(live_check(live));
	struct subject_maps maps;
	assert_fine(live_read_maps(live, &maps));
	assert_true(maps.ranges.count > 3);
	subject_maps_deinit(&maps);
	live_close(live);
	child_end(&child);
}

static void test_facts_of_the_process(void **state)
{
	(void)state;
	struct child child = child_start(child_idle, NULL);
	struct live *live;
	char exe[4096];
	uint64_t value;
	ssize_t length = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	assert_true(length > 0);
	exe[length] = '\0';
	assert_fine(live_open(child.pid, &live));
	assert_string_equal(live->exe, exe);
	assert_false(live->is_exe_deleted);
	assert_false(live->is_nested);
	assert_int_equal(live->elf_class, sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32);
	assert_fine(live_read_auxv(live, AT_PHDR, &value));
	assert_int_equal(value, getauxval(AT_PHDR));
	assert_fine(live_read_auxv(live, AT_BASE, &value));
	assert_int_equal(value, getauxval(AT_BASE));
	assert_fine(live_read_auxv(live, 0x12345678, &value));
	assert_int_equal(value, 0);
	int fd = live_open_exe(live);
	struct stat a, b;
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &a) | stat(exe, &b), 0);
	assert_true(a.st_dev == b.st_dev && a.st_ino == b.st_ino);
	close(fd);
	live_close(live);
	child_end(&child);
}

static void run_path(struct child *child, void *arg)
{
	child_ready(child);
	execl(arg, arg, "100", NULL);
	_exit(1);
}

static void test_deleted_executable_is_opened_all_the_same(void **state)
{
	(void)state;
	char path[] = "/tmp/polyton-test-XXXXXX", command[256];
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	snprintf(command, sizeof(command), "cp \"$(command -v sleep)\" %s && chmod 755 %s", path, path);
	assert_int_equal(system(command), 0);
	struct child child = child_start(run_path, path);
	struct live *live;
	char exe[64], found[4096] = "";
	snprintf(exe, sizeof(exe), "/proc/%d/exe", child.pid);
	for (int i = 0; i < 2000 && strcmp(found, path) != 0; i++) {
		ssize_t length = readlink(exe, found, sizeof(found) - 1);
		found[length > 0 ? length : 0] = '\0';
		usleep(1000);
	}
	assert_string_equal(found, path);
	unlink(path);
	assert_fine(live_open(child.pid, &live));
	assert_string_equal(live->exe, path);
	assert_true(live->is_exe_deleted);
	fd = live_open_exe(live);
	char magic[4];
	assert_int_equal(read(fd, magic, 4), 4);
	assert_memory_equal(magic, ELFMAG, 4);
	close(fd);
	assert_int_equal(live_open_path(live, path), -1);
	live_close(live);
	child_end(&child);
}

static void test_only_regular_files_are_opened(void **state)
{
	(void)state;
	char folder[] = "/tmp/polyton-test-XXXXXX", path[64];
	struct child child = child_start(child_idle, NULL);
	struct live *live;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/fifo", folder);
	assert_int_equal(mkfifo(path, 0644), 0);
	assert_fine(live_open(child.pid, &live));
	alarm(10); // opening a FIFO for reading would wait for a writer
	assert_int_equal(live_open_path(live, path), -1);
	alarm(0);
	assert_int_equal(live_open_path(live, folder), -1);
	assert_int_equal(live_open_path(live, "/dev/null"), -1);
	assert_int_equal(live_open_path(live, "/proc/self/exe/x"), -1);
	int fd = live_open_path(live, live->exe);
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
	live_close(live);
	unlink(path);
	rmdir(folder);
	child_end(&child);
}

static void run_chrooted(struct child *child, void *arg)
{
	int *answer = child->shared;
	*answer = chroot(arg);
	child_ready(child);
}

// Absolute links lead to the process's own root, and ".." never out of it.
static void test_paths_are_the_processs_own(void **state)
{
	(void)state;
	char folder[] = "/tmp/polyton-test-XXXXXX", path[128], content[16] = "";
	if (geteuid() != 0)
		skip();
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/lib.so", folder);
	int fd = open(path, O_CREAT | O_WRONLY, 0644);
	assert_int_equal(write(fd, "inside", 6), 6);
	close(fd);
	snprintf(path, sizeof(path), "%s/link", folder);
	assert_int_equal(symlink("/../../lib.so", path), 0);
	struct child child = child_start(run_chrooted, folder);
	struct live *live;
	assert_int_equal(*(int *)child.shared, 0);
	assert_fine(live_open(child.pid, &live));
	const char *const ways[] = { "/lib.so", "/link", "/../lib.so", "lib.so" };
	for (size_t i = 0; i < count_of(ways); i++) {
		fd = live_open_path(live, ways[i]);
		assert_true(fd >= 0);
		assert_int_equal(read(fd, content, sizeof(content)), 6);
		assert_string_equal(content, "inside");
		close(fd);
	}
	assert_int_equal(live_open_path(live, "/etc/passwd"), -1);
	live_close(live);
	child_end(&child);
	unlink(path);
	snprintf(path, sizeof(path), "%s/lib.so", folder);
	unlink(path);
	rmdir(folder);
}

// What a user without the right is told. Asked for in a child, because a right given up does not come back.
static void test_missing_right_is_named(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	struct child child = child_start(child_idle, NULL);
	fflush(NULL);
	pid_t asker = fork();
	if (!asker) {
		struct live *live;
		if (setgid(65534) || setuid(65534))
			_exit(10);
		struct polyton_error *error = live_open(child.pid, &live);
		if (!error)
			_exit(11);
		bool is_right = polyton_error_code(error) == POLYTON_ERROR_PERMISSION &&
				strstr(polyton_error_message(error), "belongs to user 0") &&
				strstr(polyton_error_message(error), "CAP_SYS_PTRACE");
		_exit(is_right ? 0 : 12);
	}
	int status = 0;
	assert_int_equal(waitpid(asker, &status, 0), asker);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	child_end(&child);
}

static void test_nothing_leaks_open(void **state)
{
	(void)state;
	struct child child = child_start(run_two_threads, NULL);
	int before = dup(0);
	close(before);
	for (int i = 0; i < 3; i++) {
		struct live *live;
		subject_tasks tasks;
		struct subject_maps maps;
		assert_fine(live_open(child.pid, &live));
		assert_fine(child_read_tasks(live, &tasks));
		assert_fine(live_read_maps(live, &maps));
		subject_maps_deinit(&maps);
		vec_deinit(&tasks);
		live_close(live);
		assert_error(live_open(0x7fffffff, &live), POLYTON_ERROR_NO_SUBJECT, "no process 2147483647");
	}
	int after = dup(0);
	close(after);
	assert_int_equal(before, after);
	live_close(NULL);
	child_end(&child);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces_are_independent),
		cmocka_unit_test(test_neighbours_of_an_unmapped_page),
		cmocka_unit_test(test_ended_process),
		cmocka_unit_test(test_zombie_says_so),
		cmocka_unit_test(test_kernel_thread_says_so),
		cmocka_unit_test(test_thread_id_is_no_process),
		cmocka_unit_test(test_leader_that_has_exited_alone),
		cmocka_unit_test(test_facts_of_the_process),
		cmocka_unit_test(test_deleted_executable_is_opened_all_the_same),
		cmocka_unit_test(test_only_regular_files_are_opened),
		cmocka_unit_test(test_paths_are_the_processs_own),
		cmocka_unit_test(test_missing_right_is_named),
		cmocka_unit_test(test_nothing_leaks_open),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
