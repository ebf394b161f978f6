// A core as one of the subjects. It does not move, so there is nothing to stop and nothing to ask twice.

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "target/core.h"
#include "target/root.h"

static struct polyton_error *read_auxv(void *state, uint64_t type, uint64_t *ret)
{
	*ret = core_auxv(state, type);
	return NULL;
}

static struct polyton_error *read_maps(void *state, struct subject_maps *ret)
{
	const struct core *core = state;
	struct subject_maps maps = { 0 };
	struct polyton_error *error = NULL;
	for (size_t i = 0; !error && i < core->ranges.count; i++) {
		const struct core_range *range = &core->ranges.items[i];
		const struct core_file *file = &core->files.items[range->file];
		const struct core_segment *segment = corememory_segment(core, range->start);
		struct subject_map *map = vec_push(&maps.ranges);
		if (!map)
			error = error_no_memory();
		else
			*map = (struct subject_map){ .start = range->start,
						     .end = range->end,
						     .offset = range->offset,
						     .inode = range->path + UINT64_C(1),
						     .path = file->path,
						     .is_readable = true,
						     .is_writable = segment && segment->is_writable,
						     .is_executable = segment && segment->is_executable,
						     .is_deleted = file->is_deleted };
	}
	if (!error)
		error = subject_maps_add_vdso(&maps, core_auxv(core, AT_SYSINFO_EHDR));
	if (error) {
		subject_maps_deinit(&maps);
		return error;
	}
	*ret = maps;
	return NULL;
}

static struct polyton_error *list_tids(void *state, subject_tids *ret)
{
	const struct core *core = state;
	return roster_list_tids(&core->threads, ret);
}

static struct polyton_error *read_tasks(void *state, const subject_tids *tids, subject_tasks *ret)
{
	const struct core *core = state;
	return roster_read_tasks(&core->threads, tids, ret);
}

static void read_name(void *state, int32_t tid, char *ret)
{
	const struct core *core = state;
	roster_read_name(&core->threads, tid, ret);
}

static int open_path(void *state, const char *path)
{
	const struct core *core = state;
	if (path[0] == '/')
		return root_open(core->root, path);
	errno = ENOENT; // it led on from a folder that nobody knows any more
	return -1;
}

static int open_object(void *state, const char *path, uint64_t address, bool *is_loaded_ret)
{
	(void)address, (void)is_loaded_ret;
	return open_path(state, path);
}

static int open_exe(void *state)
{
	const struct core *core = state;
	if (core->exe)
		return root_keep_regular(open(core->exe, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
	errno = ENOENT;
	return -1;
}

static struct polyton_error *check(void *state)
{
	(void)state;
	return NULL;
}

static const struct subject_ops core_subject_ops = {
	.read_auxv = read_auxv,
	.read_maps = read_maps,
	.list_tids = list_tids,
	.read_tasks = read_tasks,
	.read_name = read_name,
	.open_path = open_path,
	.open_object = open_object,
	.open_exe = open_exe,
	.check = check,
};

struct subject core_subject(struct core *core)
{
	return (struct subject){ .ops = &core_subject_ops,
				 .state = core,
				 .target = &core->target,
				 .kind = POLYTON_SUBJECT_CORE,
				 .pid = core->pid,
				 .exe = core->program,
				 .is_exe_deleted = core->is_program_deleted,
				 .is_still = true,
				 .signal = core->signal,
				 .signal_tid = core->signal_tid,
				 .losses = core->losses.items,
				 .loss_count = core->losses.count };
}
