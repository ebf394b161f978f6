// The kernel's list of tasks is the one that is complete: threads that no libc knows are in it, threads that
// have ended are not.

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "target/live.h"

int live_robust_list(const struct live *live, int32_t tid, uint64_t *ret)
{
	(void)live;
	void *head = NULL;
	size_t size = 0;
	// set_robust_list(2) is called by glibc for every thread at its start with the address of a field of
	// its struct pthread, and the kernel hands that back without stopping anything.
	if (syscall(SYS_get_robust_list, tid, &head, &size))
		return errno;
	*ret = (uint64_t)(uintptr_t)head;
	return 0;
}

void live_read_name(const struct live *live, int32_t tid, char ret[SUBJECT_NAME_MAX])
{
	char path[32];
	snprintf(path, sizeof(path), "%d/comm", tid);
	auto_close int fd = openat(live->tasks, path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? 0 : read(fd, ret, SUBJECT_NAME_MAX - 1);
	ret[length > 0 ? length : 0] = '\0';
	ret[strcspn(ret, "\n")] = '\0';
}

// The innermost pid namespace's number is the one libc stores: the last of NSpid's.
static int32_t read_inner_tid(int tasks, int32_t tid)
{
	char path[32], line[512];
	int32_t inner = tid;
	snprintf(path, sizeof(path), "%d/status", tid);
	auto_close int fd = openat(tasks, path, O_RDONLY | O_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(dup(fd), "r");
	while (file && fgets(line, sizeof(line), file)) {
		const char *last = strrchr(line, '\t');
		if (strncmp(line, "NSpid:", 6) == 0 && last) {
			inner = atoi(last + 1);
			break;
		}
	}
	if (file)
		fclose(file);
	return inner;
}

static int compare_tids(const void *left, const void *right)
{
	int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;
	return (a > b) - (a < b);
}

struct polyton_error *live_list_tids(const struct live *live, subject_tids *ret)
{
	subject_tids tids = { 0 };
	// A descriptor of its own: a directory's position is shared by its duplicates.
	int fd = openat(live->tasks, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		if (fd >= 0)
			close(fd);
		return error_create(POLYTON_ERROR_NO_SUBJECT, "process %d has ended", live->pid);
	}

	struct polyton_error *error = NULL;
	for (struct dirent *entry; !error && (entry = readdir(dir));) {
		int32_t tid = atoi(entry->d_name);
		int32_t *place = tid > 0 ? vec_push(&tids) : NULL;
		if (place)
			*place = tid;
		else if (tid > 0)
			error = error_no_memory();
	}
	closedir(dir);
	if (error) {
		vec_deinit(&tids);
		return error;
	}
	if (tids.count)
		qsort(tids.items, tids.count, sizeof(*tids.items), compare_tids);
	*ret = tids;
	return NULL;
}

struct polyton_error *live_read_tasks(const struct live *live, const subject_tids *tids, subject_tasks *ret)
{
	subject_tasks tasks = { 0 };
	struct polyton_error *error = NULL;
	for (size_t i = 0; !error && i < tids->count; i++) {
		struct subject_task task = { .tid = tids->items[i], .inner_tid = tids->items[i] };
		if (live_robust_list(live, task.tid, &task.robust_list) == ESRCH)
			continue; // has ended
		if (live->is_nested)
			task.inner_tid = read_inner_tid(live->tasks, task.tid);
		struct subject_task *place = vec_push(&tasks);
		if (place)
			*place = task;
		else
			error = error_no_memory();
	}
	if (error) {
		vec_deinit(&tasks);
		return error;
	}
	*ret = tasks;
	return NULL;
}
