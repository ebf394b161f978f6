#include "../support/check.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/child.h"
#include "target/live.h"

enum { PAGE = 4096 };

struct places {
	uint64_t file, deleted, none;
};

// A file of three pages under that name, mapped from its second page on.
static uint64_t map_file(const char *path, int protection)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
	if (fd < 0 || ftruncate(fd, 3 * PAGE))
		_exit(1);
	void *at = mmap(NULL, 2 * PAGE, protection, MAP_PRIVATE, fd, PAGE);
	close(fd);
	return (uintptr_t)at;
}

static void run_maps(struct child *child, void *arg)
{
	struct places *places = child->shared;
	char path[128];
	snprintf(path, sizeof(path), "%s/a name (deleted) kept", (const char *)arg);
	places->file = map_file(path, PROT_READ | PROT_EXEC);
	snprintf(path, sizeof(path), "%s/gone.so", (const char *)arg);
	places->deleted = map_file(path, PROT_READ | PROT_WRITE);
	unlink(path);
	places->none = (uintptr_t)mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	child_ready(child);
}

static void test_ranges_are_what_the_process_mapped(void **state)
{
	(void)state;
	char folder[] = "/tmp/polyton-test-XXXXXX", path[128];
	assert_non_null(mkdtemp(folder));
	struct child child = child_start(run_maps, folder);
	const struct places *places = child.shared;
	struct live *live;
	struct subject_maps maps;
	struct stat facts;
	assert_fine(live_open(child.pid, &live));
	assert_fine(live_read_maps(live, &maps));

	snprintf(path, sizeof(path), "%s/a name (deleted) kept", folder);
	const struct subject_map *map = subject_maps_find(&maps, places->file);
	assert_non_null(map);
	assert_int_equal(map->start, places->file);
	assert_int_equal(map->end, places->file + 2 * PAGE);
	assert_int_equal(map->offset, PAGE);
	assert_string_equal(map->path, path);
	assert_false(map->is_deleted);
	assert_true(map->is_readable && map->is_executable && !map->is_writable);
	assert_int_equal(stat(path, &facts), 0);
	assert_int_equal(map->inode, facts.st_ino);
	assert_int_equal(map->device, facts.st_dev);

	map = subject_maps_find(&maps, places->deleted + 2 * PAGE - 1);
	assert_non_null(map);
	assert_true(map->is_deleted);
	assert_true(map->is_readable && map->is_writable && !map->is_executable);
	assert_string_equal(strrchr(map->path, '/'), "/gone.so");

	// A process with thousands of threads has tens of thousands of ranges that are nobody's.
	assert_null(subject_maps_find(&maps, places->none));
	bool has_stack = false;
	for (size_t i = 0; i < maps.ranges.count; i++)
		has_stack = has_stack || strcmp(maps.ranges.items[i].path, "[stack]") == 0;
	assert_true(has_stack);

	subject_maps_deinit(&maps);
	subject_maps_deinit(&maps);
	live_close(live);
	child_end(&child);
	unlink(path);
	rmdir(folder);
}

static void test_ranges_are_in_order_and_found_at_their_edges(void **state)
{
	(void)state;
	struct child child = child_start(child_idle, NULL);
	struct live *live;
	struct subject_maps maps;
	assert_fine(live_open(child.pid, &live));
	assert_fine(live_read_maps(live, &maps));
	assert_true(maps.ranges.count > 5);
	for (size_t i = 0; i < maps.ranges.count; i++) {
		const struct subject_map *map = &maps.ranges.items[i];
		assert_true(map->start < map->end);
		assert_ptr_equal(subject_maps_find(&maps, map->start), map);
		assert_ptr_equal(subject_maps_find(&maps, map->end - 1), map);
		if (i + 1 == maps.ranges.count)
			assert_null(subject_maps_find(&maps, map->end));
		else
			assert_true(map->end <= map[1].start);
	}
	assert_null(subject_maps_find(&maps, 0));
	assert_null(subject_maps_find(&maps, UINT64_MAX));
	subject_maps_deinit(&maps);
	assert_null(subject_maps_find(&maps, 4096));
	live_close(live);
	child_end(&child);
}

static void run_many_maps(struct child *child, void *arg)
{
	(void)arg;
	int fd = open("/proc/self/exe", O_RDONLY);
	// The same page again and again: nothing joins them.
	for (int i = 0; i < 6000; i++) {
		if (mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED)
			_exit(1);
	}
	child_ready(child);
}

static void test_more_ranges_than_one_read_brings(void **state)
{
	(void)state;
	struct child child = child_start(run_many_maps, NULL);
	struct live *live;
	struct subject_maps maps;
	assert_fine(live_open(child.pid, &live));
	assert_fine(live_read_maps(live, &maps));
	assert_true(maps.ranges.count >= 6000);
	for (size_t i = 1; i < maps.ranges.count; i++)
		assert_true(maps.ranges.items[i - 1].end <= maps.ranges.items[i].start);
	subject_maps_deinit(&maps);
	live_close(live);
	child_end(&child);
}

static void test_map_opens_the_deleted_file_itself(void **state)
{
	(void)state;
	char folder[] = "/tmp/polyton-test-XXXXXX", path[128];
	if (geteuid() != 0)
		skip(); // opening what is in map_files needs CAP_CHECKPOINT_RESTORE
	assert_non_null(mkdtemp(folder));
	struct child child = child_start(run_maps, folder);
	const struct places *places = child.shared;
	struct live *live;
	struct subject_maps maps;
	struct stat facts;
	assert_fine(live_open(child.pid, &live));
	assert_fine(live_read_maps(live, &maps));
	const struct subject_map *map = subject_maps_find(&maps, places->deleted);
	int fd = live_open_map(live, map);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &facts), 0);
	assert_int_equal(facts.st_ino, map->inode);
	close(fd);
	const struct subject_map nowhere = { .start = places->none, .end = places->none + PAGE };
	assert_int_equal(live_open_map(live, &nowhere), -1);
	subject_maps_deinit(&maps);
	live_close(live);
	child_end(&child);
	snprintf(path, sizeof(path), "%s/a name (deleted) kept", folder);
	unlink(path);
	rmdir(folder);
}

static void test_ended_process_has_none(void **state)
{
	(void)state;
	struct child child = child_start(child_idle, NULL);
	struct live *live;
	struct subject_maps maps;
	assert_fine(live_open(child.pid, &live));
	kill(child.pid, SIGKILL);
	assert_true(child_reaches(child.pid, "Z"));
	// The kernel shows an empty file, or nothing at all.
	struct polyton_error *error = live_read_maps(live, &maps);
	if (!error) {
		assert_int_equal(maps.ranges.count, 0);
		subject_maps_deinit(&maps);
	}
	polyton_error_destroy(error);
	live_close(live);
	child_end(&child);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranges_are_what_the_process_mapped),
		cmocka_unit_test(test_ranges_are_in_order_and_found_at_their_edges),
		cmocka_unit_test(test_more_ranges_than_one_read_brings),
		cmocka_unit_test(test_map_opens_the_deleted_file_itself),
		cmocka_unit_test(test_ended_process_has_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
