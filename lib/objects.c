// Objects come from the loader's lists, their ranges and build ids from memory, their names from the file that
// is really loaded: the path may hold another file by now, and then its symbols would name the wrong bytes.

#include "objects.h"

#include <stdio.h>
#include <string.h>

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

const char *objects_hex(struct arena *arena, const uint8_t *bytes, size_t size)
{
	char text[2 * ELF_BUILD_ID_MAX + 1] = "";
	for (size_t i = 0; i < size && i < ELF_BUILD_ID_MAX; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return arena_strdup(arena, text);
}

// Base names serve as object names everywhere, so two equal ones are told apart.
const char *objects_unique_name(struct polyton_snapshot *snapshot, uint32_t index)
{
	const struct polyton_object *object = &snapshot->objects.items[index];
	const char *name = base_name(object->path);
	unsigned same = 1;
	for (uint32_t i = 0; i < index; i++) {
		const struct polyton_object *other = &snapshot->objects.items[i];
		if (other->name_space == object->name_space && strcmp(base_name(other->path), name) == 0)
			same++;
	}
	if (object->name_space && same > 1)
		return arena_printf(&snapshot->arena, "%s@%u#%u", name, object->name_space, same);
	if (object->name_space)
		return arena_printf(&snapshot->arena, "%s@%u", name, object->name_space);
	return same > 1 ? arena_printf(&snapshot->arena, "%s#%u", name, same) : arena_strdup(&snapshot->arena, name);
}

static struct polyton_error *read_lookup(struct scan *scan, uint32_t index, const char *complaint,
					 struct polyton_snapshot *snapshot)
{
	struct object_input *input = &scan->inputs[index];
	const char *name = snapshot->objects.items[index].name, *lookup = NULL;
	struct polyton_error *error = NULL;
	if (complaint)
		error = snapshot_note(snapshot, index, true, "%s: %s", name, complaint);
	if (error || !input->tables)
		return error;
	error = elf_lookup_init(input->tables, &input->dynamic, &input->symbols, &scan->own_lookups[index], &lookup);
	input->lookup = &scan->own_lookups[index];
	return error || !lookup ? error : snapshot_note(snapshot, index, true, "%s: %s", name, lookup);
}

// Names out of memory, for an object whose file is not to be had.
static struct polyton_error *use_memory(struct subject *subject, struct scan *scan, uint32_t index,
					struct polyton_snapshot *snapshot)
{
	struct polyton_object *object = &snapshot->objects.items[index];
	struct object_input *input = &scan->inputs[index];
	struct polyton_error *error = dynsym_read(subject->target, &scan->images[index], &scan->dynsyms[index]);
	if (error)
		return error;
	input->symbols = input->exported = scan->dynsyms[index].symbols;
	input->segments = scan->images[index].segments;
	input->segment_count = scan->images[index].segment_count;
	input->dynamic = scan->dynsyms[index].dynamic;
	input->tables = scan->dynsyms[index].file;
	error = read_lookup(scan, index, scan->dynsyms[index].complaint, snapshot);
	if (error)
		return error;
	object->symbols = input->symbols.count ? POLYTON_SYMBOLS_DYNAMIC : POLYTON_SYMBOLS_NONE;
	error = candidates_collect(input, &scan->own_candidates[index]);
	input->candidates = &scan->own_candidates[index];
	return error;
}

void objects_use_file(struct scan *scan, uint32_t index, struct scanned_file *scanned, struct polyton_object *object)
{
	scan->files[index] = scanned;
	scan->inputs[index] = (struct object_input){ .file = scanned->file,
						     .symbols = scanned->symbols,
						     .exported = scanned->exported,
						     .segments = scanned->file->segments,
						     .segment_count = scanned->file->segment_count,
						     .dynamic = scanned->dynamic,
						     .candidates = &scanned->candidates,
						     .tables = scanned->file,
						     .lookup = &scanned->lookup };
	object->symbols = scanned->source;
}

static struct polyton_error *fill_facts(struct polyton_snapshot *snapshot, const struct scan *scan, uint32_t index)
{
	struct polyton_object *object = &snapshot->objects.items[index];
	const struct image *image = &scan->images[index];
	const Elf64_Phdr *tls = image_segment(image, PT_TLS);
	object->load_bias = image->bias;
	object->start = image->start;
	object->end = image->end;
	object->build_id = objects_hex(&snapshot->arena, image->build_id, image->build_id_size);
	object->name = objects_unique_name(snapshot, index);
	if (tls) {
		object->tls_size = tls->p_memsz;
		object->tls_file_size = tls->p_filesz;
		object->tls_align = tls->p_align;
		object->tls_placement = POLYTON_TLS_UNKNOWN;
	}
	return object->build_id && object->name ? NULL : error_no_memory();
}

// A vdso is the kernel's: an object of the loader's list with no file behind it.
static bool has_file(const struct scan *scan, const struct polyton_object *object)
{
	const struct subject_map *map = subject_maps_find(&scan->maps, object->start);
	return object->is_program || !map || map->path[0] == '/';
}

static struct polyton_error *load_names(struct subject *subject, const struct elf_debug_search *search,
					struct file_cache *cache, struct scan *scan, uint32_t index,
					struct polyton_snapshot *snapshot)
{
	struct scanned_file *scanned = NULL;
	struct polyton_object *object = &snapshot->objects.items[index];
	struct polyton_error *error = NULL;
	if (has_file(scan, object)) {
		const struct image *image = &scan->images[index];
		bool is_exe = object->is_program && !scan->is_loader;
		const struct subject_map *map =
			subject_maps_find(&scan->maps, image->dynamic ? image->dynamic : image->start);
		struct file_wanted wanted = { object->path, image, map, is_exe,
					      is_exe ? subject->is_exe_deleted : map && map->is_deleted };
		error = file_find(subject, search, cache, &wanted, index, snapshot, &scanned);
	}
	if (error)
		return error;
	if (scanned) {
		objects_use_file(scan, index, scanned, object);
		if (scanned->complaint)
			error = snapshot_note(snapshot, index, true, "%s: %s", object->name, scanned->complaint);
	} else {
		error = use_memory(subject, scan, index, snapshot);
		if (error) {
			struct polyton_error *noted = snapshot_note(snapshot, index, true, "%s: %s", object->name,
								    polyton_error_message(error));
			polyton_error_destroy(error);
			error = noted;
			scan->inputs[index].candidates = &scan->own_candidates[index];
			scan->inputs[index].dynamic.soname = "";
		}
	}
	scan->inputs[index].is_loader = scan->list.loader && scan->images[index].bias == scan->list.loader;
	object->is_initial_exec = scan->inputs[index].dynamic.flags & DF_STATIC_TLS;
	object->soname = arena_strdup(&snapshot->arena, scan->inputs[index].dynamic.soname);
	return error ? error : object->soname ? NULL : error_no_memory();
}

static struct polyton_error *add_rows(struct subject *subject, struct scan *scan, struct polyton_snapshot *snapshot)
{
	size_t count = scan->list.entries.count ? scan->list.entries.count : 1;
	for (size_t i = 0; i < count; i++) {
		struct polyton_object *object = vec_push(&snapshot->objects);
		const struct linkmap_entry *entry = scan->list.entries.count ? &scan->list.entries.items[i] : NULL;
		// The program is the first of the base list, whatever its name says. A relative path is taken from the
		// kernel: it leads on from a directory that was current long ago.
		bool is_exe = i == 0 && !scan->is_loader;
		const struct subject_map *map = entry ? subject_maps_find(&scan->maps, entry->dynamic) : NULL;
		const char *path = is_exe || !entry ? subject->exe : entry->path;
		// Some loaders leave the vdso nameless.
		if (path[0] != '/' && map && (map->path[0] == '/' || !path[0]))
			path = map->path;
		const char *kept = arena_strdup(&snapshot->arena, path);
		if (!object || !kept)
			return error_no_memory();
		*object = (struct polyton_object){ .path = kept,
						   .soname = "",
						   .link_map = entry ? entry->address : 0,
						   .name_space = entry ? entry->name_space : 0,
						   .is_program = i == 0 };
	}
	scan->count = (uint32_t)count;
	scan->images = calloc(count, sizeof(*scan->images));
	scan->inputs = calloc(count, sizeof(*scan->inputs));
	scan->files = calloc(count, sizeof(*scan->files));
	scan->dynsyms = calloc(count, sizeof(*scan->dynsyms));
	scan->own_candidates = calloc(count, sizeof(*scan->own_candidates));
	scan->own_lookups = calloc(count, sizeof(*scan->own_lookups));
	bool has_memory = scan->images && scan->inputs && scan->files && scan->dynsyms && scan->own_candidates &&
			  scan->own_lookups;
	return has_memory ? NULL : error_no_memory();
}

// The ELF header is where the first segment is mapped: at the bias for nearly every object, else where the file's
// offset 0 is mapped.
static struct polyton_error *read_image(struct subject *subject, struct scan *scan, uint32_t index)
{
	const struct linkmap_entry *entry = &scan->list.entries.items[index];
	if (index == 0 && !scan->is_loader) {
		scan->images[0] = scan->program;
		return NULL;
	}
	struct polyton_error *error = image_read(subject->target, entry->bias, entry->bias, &scan->images[index]);
	const struct subject_map *map = error ? subject_maps_find(&scan->maps, entry->dynamic) : NULL;
	while (map && map->offset && map > scan->maps.ranges.items && map[-1].inode == map->inode)
		map--;
	if (!map || map->offset)
		return error;
	polyton_error_destroy(error);
	return image_read(subject->target, map->start, entry->bias, &scan->images[index]);
}

struct polyton_error *objects_read(struct subject *subject, const struct elf_debug_search *search,
				   struct file_cache *cache, struct scan *scan, struct polyton_snapshot *snapshot)
{
	struct polyton_error *error = add_rows(subject, scan, snapshot);
	for (uint32_t i = 0; !error && i < scan->count; i++) {
		scan->inputs[i].candidates = &scan->own_candidates[i];
		scan->inputs[i].dynamic.soname = "";
		struct polyton_error *unread = NULL;
		// Files come first, then the debug info of those that have something to tell.
		error = subject_step(subject, snapshot->objects.items[i].path, i, 2 * scan->count);
		if (error)
			return error;
		if (scan->list.entries.count)
			unread = read_image(subject, scan, i);
		else
			scan->images[0] = scan->program;
		error = fill_facts(snapshot, scan, i);
		if (!error && unread)
			error = snapshot_note(snapshot, i, true, "%s was skipped: %s",
					      snapshot->objects.items[i].name, polyton_error_message(unread));
		else if (!error)
			error = load_names(subject, search, cache, scan, i, snapshot);
		polyton_error_destroy(unread);
	}
	return error;
}

// Whether the range belongs to an object of the lists: it lies in its place, or is of the same file. A program may
// map parts of itself once more (V8 does, to have its built-in code nearby).
static bool is_listed(const struct scan *scan, const struct polyton_snapshot *snapshot, const struct subject_map *map)
{
	for (uint32_t i = 0; i < scan->count; i++) {
		const struct polyton_object *object = &snapshot->objects.items[i];
		if (map->start < object->end && map->end > object->start)
			return true;
		const struct subject_map *own = subject_maps_find(&scan->maps, object->start);
		if (own && own->inode == map->inode && own->device == map->device)
			return true;
	}
	return false;
}

// An object's file that is mapped to be run, but not on the loader's lists, was brought in by other means.
struct polyton_error *objects_note_unlisted(const struct scan *scan, struct polyton_snapshot *snapshot)
{
	struct polyton_error *error = NULL;
	uint64_t last = 0;
	for (size_t i = 0; !error && i < scan->maps.ranges.count; i++) {
		const struct subject_map *map = &scan->maps.ranges.items[i];
		if (!map->is_executable || map->path[0] != '/' || map->inode == last ||
		    is_listed(scan, snapshot, map))
			continue;
		last = map->inode;
		error = snapshot_note(snapshot, POLYTON_NONE, true,
				      "%s is mapped executable but not on the loader's lists: it was not looked into",
				      map->path);
	}
	return error;
}
