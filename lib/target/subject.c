// What all subjects have in common: ranges by address, and operations that some of them lack.

#include "target/subject.h"

#include <errno.h>

enum { SUBJECT_VDSO_SIZE = 4096 };

void subject_maps_deinit(struct subject_maps *maps)
{
	vec_deinit(&maps->ranges);
	free(maps->text);
	maps->text = NULL;
}

// The first range that ends behind @p address.
static size_t find_place(const struct subject_maps *maps, uint64_t address)
{
	size_t low = 0, high = maps->ranges.count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (address >= maps->ranges.items[middle].end)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct subject_map *subject_maps_find(const struct subject_maps *maps, uint64_t address)
{
	size_t at = find_place(maps, address);
	return at < maps->ranges.count && address >= maps->ranges.items[at].start ? &maps->ranges.items[at] : NULL;
}

struct polyton_error *subject_maps_add_vdso(struct subject_maps *maps, uint64_t address)
{
	const struct subject_map vdso = { .start = address,
					  .end = address + SUBJECT_VDSO_SIZE,
					  .path = "[vdso]",
					  .is_readable = true,
					  .is_executable = true };
	if (!address || vdso.end < address || subject_maps_find(maps, address))
		return NULL;
	size_t at = find_place(maps, address);
	struct subject_map *place = vec_push(&maps->ranges);
	if (!place)
		return error_no_memory();
	for (; place > maps->ranges.items + at; place--)
		*place = place[-1];
	*place = vdso;
	return NULL;
}

struct polyton_error *subject_go_on(const struct subject *subject)
{
	return subject && subject->ops && subject->ops->go_on ? subject->ops->go_on(subject->state) : NULL;
}

struct polyton_error *subject_step(const struct subject *subject, const char *what, uint32_t done, uint32_t total)
{
	const struct polyton_progress progress = { what, done, total };
	if (subject && subject->progress && subject->progress(subject->progress_arg, &progress))
		return error_create(POLYTON_ERROR_INTERRUPTED, "interrupted");
	return subject_go_on(subject);
}

int subject_open_map(const struct subject *subject, const struct subject_map *map)
{
	if (subject->ops->open_map)
		return subject->ops->open_map(subject->state, map);
	errno = ENOENT;
	return -1;
}

int subject_open_exe(const struct subject *subject)
{
	if (subject->ops->open_exe)
		return subject->ops->open_exe(subject->state);
	errno = ENOENT;
	return -1;
}
