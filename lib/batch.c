// Parsing is reading: no file has to do with another.

#include "batch.h"

#include <errno.h>

#include "base/spread.h"

enum { BATCH_PER_THREAD = 8 };

struct batch {
	const struct disk *disk;
	const struct elf_debug_search *search;
	const struct file_cache *cache;
	struct batch_item *items;
};

static struct polyton_error *read_item(void *arg, size_t index)
{
	const struct batch *batch = arg;
	struct batch_item *item = &batch->items[index];
	item->file = NULL;
	item->error = NULL;
	auto_close int fd = disk_open_place(batch->disk, &item->place);
	if (fd < 0)
		item->error = error_errno(POLYTON_ERROR_READ, errno, "%s", item->place.path);
	else
		item->error = file_look(batch->search, batch->cache, fd, item->place.path, &item->file);
	return NULL;
}

struct polyton_error *batch_read(const struct disk *disk, const struct elf_debug_search *search,
				 struct file_cache *cache, struct batch_item *items, size_t count)
{
	struct batch batch = { .disk = disk, .search = search, .cache = cache, .items = items };
	struct polyton_error *error = spread_over(count, BATCH_PER_THREAD, read_item, &batch);
	for (size_t i = 0; i < count; i++) {
		if (!items[i].file)
			continue;
		struct polyton_error *kept = file_keep(cache, &items[i].file);
		if (error)
			polyton_error_destroy(kept);
		else
			error = kept;
	}
	return error;
}
