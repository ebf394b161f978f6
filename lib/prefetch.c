// Who has a search path of its own is not guessed for: what the cache has is then mostly another file.

#include "prefetch.h"

#include <string.h>

#include "batch.h"

enum { PREFETCH_MAX_FILES = 4096, PREFETCH_MAX_ROUNDS = 64 };

struct prefetcher {
	struct seeker *seeker;
	struct strmap names;                       // that were looked for
	vec_of(struct batch_item) items;           // of this round
	vec_of(const struct scanned_file *) files; // whose needs are looked at in this round
	size_t total;
};

static struct polyton_error *add_name(struct prefetcher *prefetcher, const char *name)
{
	struct seeker *seeker = prefetcher->seeker;
	uint32_t *is_known = strmap_at(&prefetcher->names, name, strlen(name), false);
	if (!is_known)
		return error_no_memory();
	const char *path = *is_known || strpbrk(name, "/$") ? NULL : search_cached(seeker->search, name);
	*is_known = true;
	if (!path || path[0] != '/' || prefetcher->total == PREFETCH_MAX_FILES)
		return NULL;
	struct batch_item *item = vec_push(&prefetcher->items);
	if (!item)
		return error_no_memory();
	*item = (struct batch_item){ .path = path, .open = disk_open_item, .arg = seeker->disk };
	prefetcher->total++;
	return NULL;
}

static struct polyton_error *add_needs(struct prefetcher *prefetcher, const struct scanned_file *file)
{
	const struct elf_dynamic *dynamic = &file->dynamic;
	struct polyton_error *error = NULL;
	if (dynamic->rpath || dynamic->runpath)
		return NULL;
	for (size_t i = 0; !error && i < dynamic->needed_count; i++)
		error = add_name(prefetcher, dynamic->needed[i]);
	return error;
}

static struct polyton_error *read_round(struct prefetcher *prefetcher)
{
	struct seeker *seeker = prefetcher->seeker;
	struct polyton_error *error =
		batch_read(seeker->debug, seeker->cache, prefetcher->items.items, prefetcher->items.count);
	prefetcher->files.count = 0;
	for (size_t i = 0; i < prefetcher->items.count; i++) {
		const struct batch_item *item = &prefetcher->items.items[i];
		const struct scanned_file **place = item->file && !error ? vec_push(&prefetcher->files) : NULL;
		if (place)
			*place = item->file;
		else if (item->file && !error)
			error = error_no_memory();
		polyton_error_destroy(item->error);
	}
	prefetcher->items.count = 0;
	return error;
}

struct polyton_error *prefetch_needs(struct seeker *seeker, const disk_roots *roots)
{
	struct prefetcher prefetcher = { .seeker = seeker };
	struct polyton_error *error = NULL;
	for (size_t i = 0; !error && i < roots->count; i++)
		error = add_needs(&prefetcher, roots->items[i].file);
	for (int round = 0; !error && prefetcher.items.count && round < PREFETCH_MAX_ROUNDS; round++) {
		error = read_round(&prefetcher);
		for (size_t i = 0; !error && i < prefetcher.files.count; i++)
			error = add_needs(&prefetcher, prefetcher.files.items[i]);
	}
	strmap_deinit(&prefetcher.names);
	vec_deinit(&prefetcher.items);
	vec_deinit(&prefetcher.files);
	return error;
}
