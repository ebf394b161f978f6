// Threads by number: a list in order, searched by halves.

#include "target/roster.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *left, const void *right)
{
	int32_t a = ((const struct roster_thread *)left)->tid, b = ((const struct roster_thread *)right)->tid;
	return (a > b) - (a < b);
}

void roster_sort(roster *threads)
{
	if (threads->count)
		qsort(threads->items, threads->count, sizeof(*threads->items), compare);
}

static const struct roster_thread *find(const roster *threads, int32_t tid)
{
	const struct roster_thread key = { .tid = tid };
	return threads->count ? bsearch(&key, threads->items, threads->count, sizeof(key), compare) : NULL;
}

int roster_thread_pointer(const roster *threads, int32_t tid, uint64_t *ret)
{
	const struct roster_thread *thread = find(threads, tid);
	if (!thread || !thread->has_pointer)
		return thread ? EPERM : ESRCH;
	*ret = thread->pointer;
	return 0;
}

struct polyton_error *roster_list_tids(const roster *threads, subject_tids *ret)
{
	subject_tids tids = { 0 };
	for (size_t i = 0; i < threads->count; i++) {
		int32_t *tid = vec_push(&tids);
		if (!tid) {
			vec_deinit(&tids);
			return error_no_memory();
		}
		*tid = threads->items[i].tid;
	}
	*ret = tids;
	return NULL;
}

struct polyton_error *roster_read_tasks(const roster *threads, const subject_tids *tids, subject_tasks *ret)
{
	subject_tasks tasks = { 0 };
	for (size_t i = 0; i < tids->count; i++) {
		const struct roster_thread *thread = find(threads, tids->items[i]);
		struct subject_task *task = thread ? vec_push(&tasks) : NULL;
		if (thread && !task) {
			vec_deinit(&tasks);
			return error_no_memory();
		}
		if (task)
			*task = (struct subject_task){ .tid = thread->tid,
						       .inner_tid = thread->inner_tid,
						       .thread_pointer = thread->pointer };
	}
	*ret = tasks;
	return NULL;
}

void roster_read_name(const roster *threads, int32_t tid, char *ret)
{
	const struct roster_thread *thread = find(threads, tid);
	const char *name = thread && thread->name ? thread->name : "";
	size_t length = strnlen(name, SUBJECT_NAME_MAX - 1);
	memcpy(ret, name, length);
	ret[length] = '\0';
}
