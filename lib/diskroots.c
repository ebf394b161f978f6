// Folders hold more than what a program loads: other programs, files of other machines, debug files, objects that are
// not linked yet. What is left out is counted, for a person may have meant it.

#include <errno.h>
#include <string.h>

#include "batch.h"
#include "disk.h"
#include "elf/archive.h"
#include "model/snapshot.h"
#include "target/folder.h"
#include "target/root.h"

/** Why a file in a folder is not among the roots. */
enum skipped { SKIPPED_NONE, SKIPPED_PROGRAM, SKIPPED_MACHINE, SKIPPED_KIND, SKIPPED_REASONS };

static const char *const what_is[] = {
	[SKIPPED_PROGRAM] = "a program, which no other can load",
	[SKIPPED_MACHINE] = "for another machine",
	[SKIPPED_KIND] = "no object that can be loaded (not linked yet, or a debug file)",
};

struct finder {
	struct disk *disk;
	const struct elf_debug_search *search;
	struct file_cache *cache;
	struct arena *arena;
	struct polyton_snapshot *snapshot;
	disk_roots roots, archives;
	uint32_t skipped[SKIPPED_REASONS];
	const char *skipped_example[SKIPPED_REASONS];
};

bool disk_is_program(const struct scanned_file *file)
{
	if (file->file->type == ET_EXEC || (file->dynamic.flags_1 & DF_1_PIE))
		return true;
	return elf_file_segment(file->file, PT_INTERP) && !file->dynamic.soname[0];
}

static bool is_archive(const struct finder *finder, const struct search_place *place)
{
	uint8_t bytes[ARCHIVE_MAGIC];
	auto_close int fd = disk_open_place(finder->disk, place);
	return fd >= 0 && pread(fd, bytes, sizeof(bytes), 0) == sizeof(bytes) && archive_is_one(bytes);
}

static int root_of(const struct finder *finder, const struct search_place *place)
{
	return place->is_outside ? finder->disk->host : finder->disk->root;
}

static struct polyton_error *add_root(struct finder *finder, const struct search_place *place,
				      enum polyton_opened how, bool is_found)
{
	const char *shown = place->path ? disk_show(finder->disk, place, finder->arena) : NULL;
	disk_roots *list = shown && !is_found && is_archive(finder, place) ? &finder->archives : &finder->roots;
	struct disk_root *root = shown ? vec_push(list) : NULL;
	if (!root)
		return error_no_memory();
	*root = (struct disk_root){ .place = *place, .shown = shown, .how = how, .is_found = is_found };
	return NULL;
}

static struct polyton_error *note_unread(struct finder *finder, const struct folder_files *found, const char *path)
{
	struct polyton_error *error = NULL;
	for (size_t i = 0; !error && i < found->unread.count; i++)
		error = snapshot_note(finder->snapshot, POLYTON_NONE, false, "%s cannot be read",
				      found->unread.items[i]);
	if (!error && found->is_cut)
		error = snapshot_note(finder->snapshot, POLYTON_NONE, true,
				      "%s has too many files: not all were looked at", path);
	return error;
}

// All ELF files of a folder, by the paths that the user would write for them.
static struct polyton_error *add_folder(struct finder *finder, const struct search_place *place, const char *path,
					enum polyton_opened how)
{
	struct folder_files found = { 0 };
	struct polyton_error *error = folder_search(root_of(finder, place), place->path, &found);
	for (size_t i = 0; !error && i < found.paths.count; i++) {
		const struct search_place file = { arena_strdup(finder->arena, found.paths.items[i]),
						   place->is_outside };
		error = add_root(finder, &file, how, true);
	}
	if (!error)
		error = note_unread(finder, &found, path);
	if (!error && !found.paths.count)
		error = snapshot_note(finder->snapshot, POLYTON_NONE, false, "there are no ELF files in %s", path);
	folder_files_deinit(&found);
	return error;
}

static bool is_folder(int root, const char *path)
{
	auto_close int fd = root_open_folder(root, path);
	return fd >= 0 || errno == EACCES;
}

static struct polyton_error *add_given(struct finder *finder, const char *path, enum polyton_opened how)
{
	const struct search_place place = disk_place(finder->disk, path);
	if (!place.path)
		return error_no_memory();
	return is_folder(root_of(finder, &place), place.path) ? add_folder(finder, &place, path, how)
							      : add_root(finder, &place, how, false);
}

static struct polyton_error *add_all(struct finder *finder)
{
	const struct polyton_files *files = &finder->disk->files;
	struct polyton_error *error = NULL;
	if (files->program)
		error = add_given(finder, files->program, POLYTON_OPENED_LOCAL);
	// Preloaded objects come before everything else that is given.
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; !error && i < files->plugin_count; i++) {
			bool is_preloaded = files->plugins[i].how == POLYTON_OPENED_PRELOADED;
			if (is_preloaded == !pass)
				error = add_given(finder, files->plugins[i].path, files->plugins[i].how);
		}
	}
	return error;
}

static void skip(struct finder *finder, enum skipped reason, const struct disk_root *root)
{
	if (!finder->skipped[reason]++)
		finder->skipped_example[reason] = root->shown;
}

// What could not be parsed at all: something else than an object that is loaded, or damaged.
static struct polyton_error *refuse(struct finder *finder, const struct disk_root *root, struct polyton_error *error)
{
	struct polyton_error *noted = NULL;
	if (polyton_error_code(error) == POLYTON_ERROR_MEMORY)
		return error;
	if (root->is_found && polyton_error_code(error) == POLYTON_ERROR_UNSUPPORTED)
		skip(finder, SKIPPED_MACHINE, root);
	else
		noted = snapshot_note(finder->snapshot, POLYTON_NONE, false, "%s", polyton_error_message(error));
	polyton_error_destroy(error);
	return noted;
}

static struct polyton_error *parse(struct finder *finder)
{
	size_t count = finder->roots.count;
	auto_free struct batch_item *items = calloc(count + 1, sizeof(*items));
	if (!items)
		return error_no_memory();
	for (size_t i = 0; i < count; i++)
		items[i].place = finder->roots.items[i].place;
	struct polyton_error *error = batch_read(finder->disk, finder->search, finder->cache, items, count);
	for (size_t i = 0; i < count; i++) {
		finder->roots.items[i].file = items[i].file;
		if (error)
			polyton_error_destroy(items[i].error);
		else if (items[i].error)
			error = refuse(finder, &finder->roots.items[i], items[i].error);
	}
	return error;
}

// A separate debug file has the program headers of its object, but none of the content.
static bool is_debug_file(const struct elf_file *file)
{
	const struct elf_section *dynamic = elf_file_section(file, ".dynamic");
	return dynamic && dynamic->header.sh_type == SHT_NOBITS;
}

static bool is_same_machine(const struct elf_file *a, const struct elf_file *b)
{
	return a->machine == b->machine && a->elf_class == b->elf_class && a->elf_data == b->elf_data;
}

// The first file decides what machine it is all about: the program, or what most of the others are for.
static const struct elf_file *choose_machine(const disk_roots *roots, bool has_program)
{
	const struct elf_file *best = NULL;
	size_t most = 0;
	for (size_t i = 0; i < roots->count; i++) {
		const struct scanned_file *file = roots->items[i].file;
		size_t same = 0;
		if (!file || (best && is_same_machine(best, file->file)))
			continue;
		if (has_program)
			return file->file;
		for (size_t k = i; k < roots->count; k++)
			same += roots->items[k].file && is_same_machine(roots->items[k].file->file, file->file);
		if (same > most) {
			most = same;
			best = file->file;
		}
	}
	return best;
}

static enum skipped judge(const struct disk_root *root, const struct elf_file *machine, bool has_program)
{
	const struct elf_file *file = root->file->file;
	if (!is_same_machine(file, machine))
		return SKIPPED_MACHINE;
	if ((file->type != ET_DYN && file->type != ET_EXEC) || is_debug_file(file))
		return SKIPPED_KIND;
	return has_program && disk_is_program(root->file) ? SKIPPED_PROGRAM : SKIPPED_NONE;
}

static struct polyton_error *leave_out(struct finder *finder, bool has_program)
{
	const struct elf_file *machine = choose_machine(&finder->roots, has_program);
	struct polyton_error *error = NULL;
	size_t kept = 0;
	for (size_t i = 0; i < finder->roots.count; i++) {
		const struct disk_root *root = &finder->roots.items[i];
		bool is_the_program = has_program && !kept;
		enum skipped reason = !root->file ? SKIPPED_NONE
						  : judge(root, machine, has_program && !is_the_program);
		if (root->file && reason == SKIPPED_NONE) {
			finder->roots.items[kept++] = *root;
			continue;
		}
		if (!root->file || error)
			continue;
		if (!root->is_found && root->file->file->type == ET_REL) {
			struct disk_root *place = vec_push(&finder->archives);
			if (place)
				*place = *root;
			error = place ? NULL : error_no_memory();
		} else if (root->is_found)
			skip(finder, reason, root);
		else
			error = snapshot_note(finder->snapshot, POLYTON_NONE, false, "left out: %s is %s",
					      root->shown, what_is[reason]);
	}
	finder->roots.count = kept;
	return error;
}

static struct polyton_error *note_skipped(struct finder *finder)
{
	struct polyton_error *error = NULL;
	for (unsigned i = SKIPPED_PROGRAM; !error && i < SKIPPED_REASONS; i++) {
		if (finder->skipped[i] == 1)
			error = snapshot_note(finder->snapshot, POLYTON_NONE, false, "left out: %s is %s",
					      finder->skipped_example[i], what_is[i]);
		else if (finder->skipped[i])
			error = snapshot_note(finder->snapshot, POLYTON_NONE, false,
					      "left out: %s and %u more files are each %s",
					      finder->skipped_example[i], finder->skipped[i] - 1, what_is[i]);
	}
	return error;
}

// The kernel tells a program where it really is: $ORIGIN begins there, whatever links it was started by.
static struct polyton_error *follow_links(struct finder *finder, struct disk_root *program)
{
	auto_free char *path = root_real_path(root_of(finder, &program->place), program->place.path);
	if (path)
		program->place.path = arena_strdup(finder->arena, path);
	return program->place.path ? NULL : error_no_memory();
}

struct polyton_error *disk_find_roots(struct disk *disk, const struct elf_debug_search *search,
				      struct file_cache *cache, struct arena *arena,
				      struct polyton_snapshot *snapshot, struct disk_found *ret)
{
	struct finder finder = { .disk = disk,
				 .search = search,
				 .cache = cache,
				 .arena = arena,
				 .snapshot = snapshot };
	struct polyton_error *error = add_all(&finder);
	if (!error)
		error = parse(&finder);
	const struct disk_root *first = finder.roots.count ? &finder.roots.items[0] : NULL;
	bool has_program = disk->files.program && first && !first->is_found && first->file &&
			   disk_is_program(first->file);
	if (!error && has_program)
		error = follow_links(&finder, &finder.roots.items[0]);
	if (!error)
		error = leave_out(&finder, has_program);
	if (!error)
		error = note_skipped(&finder);
	if (!error && !finder.roots.count)
		error = error_create(POLYTON_ERROR_NO_SUBJECT, "none of the files can be looked at: %s",
				     snapshot->notes.count ? snapshot->notes.items[0].text : "none can be loaded");
	if (error) {
		vec_deinit(&finder.roots);
		vec_deinit(&finder.archives);
		return error;
	}
	*ret = (struct disk_found){ finder.roots, has_program, finder.archives };
	return NULL;
}
