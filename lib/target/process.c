// A running process as one of the subjects: each question goes to the room that asks the kernel.

#include "target/process.h"

#include "target/stop.h"

static struct polyton_error *read_auxv(void *state, uint64_t type, uint64_t *ret)
{
	return live_read_auxv(state, type, ret);
}

static struct polyton_error *read_maps(void *state, struct subject_maps *ret)
{
	return live_read_maps(state, ret);
}

static struct polyton_error *list_tids(void *state, subject_tids *ret)
{
	return live_list_tids(state, ret);
}

static struct polyton_error *read_tasks(void *state, const subject_tids *tids, subject_tasks *ret)
{
	return live_read_tasks(state, tids, ret);
}

static void read_name(void *state, int32_t tid, char *ret)
{
	live_read_name(state, tid, ret);
}

static int open_path(void *state, const char *path)
{
	return live_open_path(state, path);
}

static int open_object(void *state, const char *path, uint64_t address, bool *is_loaded_ret)
{
	(void)address, (void)is_loaded_ret;
	return live_open_path(state, path);
}

static int open_map(void *state, const struct subject_map *map)
{
	return live_open_map(state, map);
}

static int open_exe(void *state)
{
	return live_open_exe(state);
}

static struct polyton_error *check(void *state)
{
	return live_check(state);
}

static struct polyton_error *stop(void *state, struct stopped **ret, size_t *missed_ret, uint64_t *started_ret)
{
	return stop_all(state, ret, missed_ret, started_ret);
}

static const struct subject_ops process_ops = {
	.read_auxv = read_auxv,
	.read_maps = read_maps,
	.list_tids = list_tids,
	.read_tasks = read_tasks,
	.read_name = read_name,
	.open_path = open_path,
	.open_object = open_object,
	.open_map = open_map,
	.open_exe = open_exe,
	.check = check,
	.stop = stop,
};

struct subject process_subject(struct live *live)
{
	return (struct subject){ .ops = &process_ops,
				 .state = live,
				 .target = &live->target,
				 .kind = POLYTON_SUBJECT_PROCESS,
				 .pid = live->pid,
				 .exe = live->exe,
				 .is_exe_deleted = live->is_exe_deleted,
				 .has_parallel_names = true };
}
