// The path an object was loaded from may hold another file by now, or none; then its symbols would name the wrong
// bytes. So a file is believed only when its build id, or its inode, is that of what is in memory.

#include "files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "elf/debugfile.h"
#include "typing.h"

static void scanned_file_destroy(struct scanned_file *scanned)
{
	if (!scanned)
		return;
	vec_deinit(&scanned->candidates);
	elf_file_close(scanned->file);
	elf_file_close(scanned->extra);
	elf_file_close(scanned->separate);
	typed_file_destroy(scanned->typed);
	free(scanned);
}

void file_cache_deinit(struct file_cache *cache)
{
	for (size_t i = 0; i < cache->files.count; i++)
		scanned_file_destroy(cache->files.items[i]);
	vec_deinit(&cache->files);
	intmap_deinit(&cache->newest);
}

// Each part of a file may have something to say; all of it is kept.
static struct polyton_error *complain(struct scanned_file *scanned, const char *what)
{
	if (!what)
		return NULL;
	scanned->complaint =
		!scanned->complaint ? what : arena_printf(&scanned->file->arena, "%s; %s", scanned->complaint, what);
	return scanned->complaint ? NULL : error_no_memory();
}

static struct polyton_error *parse_file(const struct elf_debug_search *search, bool takes_narrow, int fd,
					const char *path, struct scanned_file *scanned)
{
	const char *dynamic = NULL, *lookup = NULL, *symbols = NULL;
	struct polyton_error *error = elf_file_open(fd, path, &scanned->file);
	if (!error && scanned->file->elf_class != ELFCLASS64 && !takes_narrow)
		error = error_create(POLYTON_ERROR_UNSUPPORTED, "%s is a 32-bit ELF file: not yet supported", path);
	if (!error)
		error = elf_file_keep_open(scanned->file, fd);
	if (!error)
		error = elf_dynamic_parse(scanned->file, &scanned->dynamic, &dynamic);
	if (!error)
		error = elf_symbols_dynamic(scanned->file, &scanned->exported);
	if (!error)
		error = elf_lookup_init(scanned->file, &scanned->dynamic, &scanned->exported, &scanned->lookup,
					&lookup);
	if (!error)
		error = elf_symbols_find(scanned->file, path, search, &scanned->symbols, &scanned->source,
					 &scanned->extra, &symbols);
	if (!error)
		error = complain(scanned, dynamic);
	if (!error)
		error = complain(scanned, lookup);
	if (!error)
		error = complain(scanned, symbols);
	if (error)
		return error;
	// A mini debug info names functions only; without a table, exported names are what there is.
	if (scanned->source < POLYTON_SYMBOLS_DEBUG_FILE)
		scanned->symbols = scanned->exported;
	if (scanned->source == POLYTON_SYMBOLS_NONE && scanned->exported.count)
		scanned->source = POLYTON_SYMBOLS_DYNAMIC;

	struct object_input input = { .file = scanned->file,
				      .symbols = scanned->symbols,
				      .exported = scanned->exported,
				      .segments = scanned->file->segments,
				      .segment_count = scanned->file->segment_count };
	return candidates_collect(&input, &scanned->candidates);
}

struct polyton_error *file_find_debug(const struct elf_debug_search *search, const char *path,
				      struct scanned_file *scanned, struct polyton_snapshot *snapshot)
{
	if (scanned->has_looked_for_debug)
		return NULL;
	scanned->has_looked_for_debug = true;
	if (elf_file_has_debug_info(scanned->file))
		scanned->debug = scanned->file;
	else if (scanned->extra && elf_file_has_debug_info(scanned->extra))
		scanned->debug = scanned->extra;
	if (scanned->debug)
		return NULL;
	struct polyton_error *error = debugfile_find(scanned->file, path, search, &scanned->separate);
	if (error && polyton_error_code(error) != POLYTON_ERROR_MEMORY) {
		struct polyton_error *noted =
			snapshot_note(snapshot, POLYTON_NONE, true, "%s", polyton_error_message(error));
		polyton_error_destroy(error);
		error = noted;
	}
	if (scanned->separate && elf_file_has_debug_info(scanned->separate))
		scanned->debug = scanned->separate;
	return error;
}

// The same file, unchanged.
static struct scanned_file *find_known(const struct file_cache *cache, const struct scanned_file *file)
{
	const uint32_t *newest = intmap_find(&cache->newest, file->device, file->inode);
	struct scanned_file *known = newest && *newest < cache->files.count ? cache->files.items[*newest] : NULL;
	return known && known->size == file->size && known->modified_ns == file->modified_ns ? known : NULL;
}

struct polyton_error *file_look(const struct elf_debug_search *search, const struct file_cache *cache, int fd,
				const char *path, struct scanned_file **ret)
{
	struct stat facts;
	if (fstat(fd, &facts))
		return error_errno(POLYTON_ERROR_READ, errno, "%s", path);
	const struct scanned_file fresh = { .device = facts.st_dev,
					    .inode = facts.st_ino,
					    .size = (uint64_t)facts.st_size,
					    .modified_ns = facts.st_mtim.tv_sec * INT64_C(1000000000) +
							   facts.st_mtim.tv_nsec };
	*ret = find_known(cache, &fresh);
	if (*ret)
		return NULL;
	struct scanned_file *scanned = calloc(1, sizeof(*scanned));
	if (!scanned)
		return error_no_memory();
	*scanned = fresh;
	struct polyton_error *error = parse_file(search, cache->takes_narrow, fd, path, scanned);
	if (error) {
		scanned_file_destroy(scanned);
		return error;
	}
	*ret = scanned;
	return NULL;
}

struct polyton_error *file_keep(struct file_cache *cache, struct scanned_file **scanned)
{
	struct scanned_file *known = find_known(cache, *scanned);
	if (known) {
		if (known != *scanned)
			scanned_file_destroy(*scanned);
		*scanned = known;
		return NULL;
	}
	uint32_t *newest = intmap_at(&cache->newest, (*scanned)->device, (*scanned)->inode, POLYTON_NONE);
	struct scanned_file **place = newest ? vec_push(&cache->files) : NULL;
	if (place) {
		*place = *scanned;
		*newest = (uint32_t)cache->files.count - 1;
		return NULL;
	}
	scanned_file_destroy(take_pointer(*scanned));
	return error_no_memory();
}

struct polyton_error *file_read(const struct elf_debug_search *search, struct file_cache *cache, int fd,
				const char *path, struct scanned_file **ret)
{
	struct scanned_file *scanned;
	struct polyton_error *error = file_look(search, cache, fd, path, &scanned);
	if (!error)
		error = file_keep(cache, &scanned);
	if (!error)
		*ret = scanned;
	return error;
}

// Whether the file is what was loaded: the same build id, or the same inode where there is none to compare.
static bool is_loaded_file(const struct scanned_file *scanned, const struct image *image,
			   const struct subject_map *map, bool is_mapped_inode)
{
	if (scanned->file->build_id_size || image->build_id_size)
		return scanned->file->build_id_size == image->build_id_size &&
		       memcmp(scanned->file->build_id, image->build_id, image->build_id_size) == 0;
	return is_mapped_inode || (map && map->device == scanned->device && map->inode == scanned->inode);
}

/** One place where the loaded file may be had. */
struct attempt {
	int fd;
	int error;
	enum polyton_file_state state; ///< If it turns out to be the loaded one.
	bool is_mapped_inode;
};

/** Why no file was trusted. */
struct refusal {
	bool was_rejected; ///< There was one, but another.
	bool was_named;    ///< And it was the one that a core's user named for the program.
	int reason;        ///< Of not opening any, an errno.
};

static struct polyton_error *note_file(const struct subject *subject, const struct file_wanted *wanted,
				       const struct refusal *refusal, uint32_t index,
				       struct polyton_snapshot *snapshot)
{
	static const char effect[] = "only the variables it exports were compared, by the names in memory";
	struct polyton_object *object = &snapshot->objects.items[index];
	bool is_told_apart = subject->kind == POLYTON_SUBJECT_PROCESS || wanted->image->build_id_size;
	object->file_state = refusal->was_rejected && is_told_apart ? POLYTON_FILE_REPLACED : POLYTON_FILE_UNREADABLE;
	if (!refusal->was_rejected)
		return snapshot_note(snapshot, index, true, "%s cannot be opened (%s): %s", object->path,
				     strerror(refusal->reason), effect);
	if (!is_told_apart)
		return snapshot_note(
			snapshot, index, true,
			"%s: there is no build id in memory to tell whether this file is the one that was "
			"loaded: it is not trusted, %s",
			object->path, effect);
	if (refusal->was_named)
		return snapshot_note(snapshot, index, true,
				     "%s: the file that was named for it is not the program that the core is of: it "
				     "is not trusted, %s",
				     object->path, effect);
	return snapshot_note(snapshot, index, true,
			     "%s was replaced on disk after it was loaded: the file is not trusted, %s", object->path,
			     effect);
}

// First by its path, then by what the kernel has mapped.
static void open_attempt(const struct subject *subject, const struct file_wanted *wanted, int number,
			 struct attempt *attempt)
{
	*attempt = (struct attempt){ .fd = -1, .error = ENOENT };
	errno = ENOENT;
	if (number == 0 && !wanted->is_deleted) {
		attempt->fd = subject->ops->open_object(subject->state, wanted->path, wanted->image->start,
							&attempt->is_mapped_inode);
		attempt->state = POLYTON_FILE_READ;
	} else if (number == 1 && (wanted->is_exe || wanted->map)) {
		attempt->fd = wanted->is_exe ? subject_open_exe(subject) : subject_open_map(subject, wanted->map);
		attempt->state = wanted->is_deleted ? POLYTON_FILE_DELETED : POLYTON_FILE_READ;
		attempt->is_mapped_inode = true;
	}
	if (attempt->fd < 0)
		attempt->error = errno;
}

struct polyton_error *file_find(struct subject *subject, const struct elf_debug_search *search,
				struct file_cache *cache, const struct file_wanted *wanted, uint32_t index,
				struct polyton_snapshot *snapshot, struct scanned_file **ret)
{
	struct polyton_object *object = &snapshot->objects.items[index];
	struct refusal refusal = { .reason = ENOENT };

	for (int i = 0; i < 2; i++) {
		struct attempt attempt;
		struct scanned_file *scanned;
		open_attempt(subject, wanted, i, &attempt);
		if (attempt.fd < 0) {
			refusal.reason = attempt.error != ENOENT ? attempt.error : refusal.reason;
			continue;
		}
		struct polyton_error *error = file_read(search, cache, attempt.fd, wanted->path, &scanned);
		close(attempt.fd);
		if (error) {
			struct polyton_error *noted =
				snapshot_note(snapshot, index, true, "%s", polyton_error_message(error));
			polyton_error_destroy(error);
			if (noted)
				return noted;
		} else if (is_loaded_file(scanned, wanted->image, wanted->map, attempt.is_mapped_inode)) {
			object->file_state = attempt.state;
			*ret = scanned;
			return NULL;
		} else {
			refusal.was_rejected = true;
			refusal.was_named = subject->kind == POLYTON_SUBJECT_CORE && attempt.is_mapped_inode;
		}
	}
	*ret = NULL;
	return note_file(subject, wanted, &refusal, index, snapshot);
}
