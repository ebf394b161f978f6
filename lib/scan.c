// Objects come from the loader's lists, their ranges and build ids from memory, their names from the file that
// is really loaded: the path may hold another file by now, and then its symbols would name the wrong bytes.

#include "scan.h"

#include <stdio.h>
#include <string.h>

#include "confirm.h"

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static const char *hex(struct arena *arena, const uint8_t *bytes, size_t size)
{
	char text[2 * ELF_BUILD_ID_MAX + 1] = "";
	for (size_t i = 0; i < size && i < ELF_BUILD_ID_MAX; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return arena_strdup(arena, text);
}

// Base names serve as object names everywhere, so two equal ones are told apart.
static const char *unique_name(struct polyton_snapshot *snapshot, uint32_t index)
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

// Names out of memory, for an object whose file is not to be had.
static struct polyton_error *use_memory(struct live *live, struct scan *scan, uint32_t index,
					struct polyton_object *object)
{
	struct object_input *input = &scan->inputs[index];
	struct polyton_error *error = dynsym_read(&live->target, &scan->images[index], &scan->dynsyms[index]);
	if (error)
		return error;
	input->symbols = input->exported = scan->dynsyms[index].symbols;
	input->segments = scan->images[index].segments;
	input->segment_count = scan->images[index].segment_count;
	input->dynamic.soname = scan->dynsyms[index].soname;
	object->symbols = input->symbols.count ? POLYTON_SYMBOLS_DYNAMIC : POLYTON_SYMBOLS_NONE;
	error = candidates_collect(input, &scan->own_candidates[index]);
	input->candidates = &scan->own_candidates[index];
	return error;
}

static void use_file(struct scan *scan, uint32_t index, const struct scanned_file *scanned,
		     struct polyton_object *object)
{
	scan->inputs[index] = (struct object_input){ .file = scanned->file,
						     .symbols = scanned->symbols,
						     .exported = scanned->exported,
						     .segments = scanned->file->segments,
						     .segment_count = scanned->file->segment_count,
						     .dynamic = scanned->dynamic,
						     .candidates = &scanned->candidates };
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
	object->build_id = hex(&snapshot->arena, image->build_id, image->build_id_size);
	object->name = unique_name(snapshot, index);
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
	const struct live_map *map = live_maps_find(&scan->maps, object->start);
	return object->is_program || !map || map->path[0] == '/';
}

static struct polyton_error *load_names(struct live *live, const char *const *debug_dirs, struct file_cache *cache,
					struct scan *scan, uint32_t index, struct polyton_snapshot *snapshot)
{
	struct scanned_file *scanned = NULL;
	struct polyton_object *object = &snapshot->objects.items[index];
	struct polyton_error *error = NULL;
	if (has_file(scan, object)) {
		const struct image *image = &scan->images[index];
		bool is_exe = object->is_program && !scan->is_loader;
		const struct live_map *map =
			live_maps_find(&scan->maps, image->dynamic ? image->dynamic : image->start);
		struct file_wanted wanted = { object->path, image, map, is_exe,
					      is_exe ? live->is_exe_deleted : map && map->is_deleted };
		error = file_find(live, debug_dirs, cache, &wanted, index, snapshot, &scanned);
	}
	if (error)
		return error;
	if (scanned) {
		use_file(scan, index, scanned, object);
		if (scanned->complaint)
			error = snapshot_note(snapshot, index, true, "%s: %s", object->name, scanned->complaint);
	} else {
		error = use_memory(live, scan, index, object);
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

static struct polyton_error *add_rows(struct live *live, struct scan *scan, struct polyton_snapshot *snapshot)
{
	size_t count = scan->list.entries.count ? scan->list.entries.count : 1;
	for (size_t i = 0; i < count; i++) {
		struct polyton_object *object = vec_push(&snapshot->objects);
		const struct linkmap_entry *entry = scan->list.entries.count ? &scan->list.entries.items[i] : NULL;
		// The program is the first of the base list, whatever its name says. A relative path is taken from the
		// kernel: it leads on from a directory that was current long ago.
		bool is_exe = i == 0 && !scan->is_loader;
		const struct live_map *map = entry ? live_maps_find(&scan->maps, entry->dynamic) : NULL;
		const char *path = is_exe ? live->exe : entry->path;
		if (path[0] != '/' && map && (map->path[0] == '/' || !path[0])) // some loaders leave the vdso nameless
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
	scan->dynsyms = calloc(count, sizeof(*scan->dynsyms));
	scan->own_candidates = calloc(count, sizeof(*scan->own_candidates));
	return scan->images && scan->inputs && scan->dynsyms && scan->own_candidates ? NULL : error_no_memory();
}

// The ELF header is where the first segment is mapped: at the bias for nearly every object, else where the file's
// offset 0 is mapped.
static struct polyton_error *read_image(struct live *live, struct scan *scan, uint32_t index)
{
	const struct linkmap_entry *entry = &scan->list.entries.items[index];
	if (index == 0 && !scan->is_loader) {
		scan->images[0] = scan->program;
		return NULL;
	}
	struct polyton_error *error = image_read(&live->target, entry->bias, entry->bias, &scan->images[index]);
	const struct live_map *map = error ? live_maps_find(&scan->maps, entry->dynamic) : NULL;
	while (map && map->offset && map > scan->maps.ranges.items && map[-1].inode == map->inode)
		map--;
	if (!map || map->offset)
		return error;
	polyton_error_destroy(error);
	return image_read(&live->target, map->start, entry->bias, &scan->images[index]);
}

static struct polyton_error *read_objects(struct live *live, const char *const *debug_dirs, struct file_cache *cache,
					  struct scan *scan, struct polyton_snapshot *snapshot)
{
	struct polyton_error *error = add_rows(live, scan, snapshot);
	for (uint32_t i = 0; !error && i < scan->count; i++) {
		scan->inputs[i].candidates = &scan->own_candidates[i];
		scan->inputs[i].dynamic.soname = "";
		struct polyton_error *unread = NULL;
		if (scan->list.entries.count)
			unread = read_image(live, scan, i);
		else
			scan->images[0] = scan->program;
		error = fill_facts(snapshot, scan, i);
		if (!error && unread)
			error = snapshot_note(snapshot, i, true, "%s was skipped: %s",
					      snapshot->objects.items[i].name, polyton_error_message(unread));
		else if (!error)
			error = load_names(live, debug_dirs, cache, scan, i, snapshot);
		polyton_error_destroy(unread);
	}
	return error;
}

// Whether the range belongs to an object of the lists: it lies in its place, or is of the same file. A program may
// map parts of itself once more (V8 does, to have its built-in code nearby).
static bool is_listed(const struct scan *scan, const struct polyton_snapshot *snapshot, const struct live_map *map)
{
	for (uint32_t i = 0; i < scan->count; i++) {
		const struct polyton_object *object = &snapshot->objects.items[i];
		if (map->start < object->end && map->end > object->start)
			return true;
		const struct live_map *own = live_maps_find(&scan->maps, object->start);
		if (own && own->inode == map->inode && own->device == map->device)
			return true;
	}
	return false;
}

// An object's file that is mapped to be run, but not on the loader's lists, was brought in by other means.
static struct polyton_error *note_unlisted(const struct scan *scan, struct polyton_snapshot *snapshot)
{
	struct polyton_error *error = NULL;
	uint64_t last = 0;
	for (size_t i = 0; !error && i < scan->maps.ranges.count; i++) {
		const struct live_map *map = &scan->maps.ranges.items[i];
		if (!map->is_executable || map->path[0] != '/' || map->inode == last || is_listed(scan, snapshot, map))
			continue;
		last = map->inode;
		error = snapshot_note(snapshot, POLYTON_NONE, true,
				      "%s is mapped executable but not on the loader's lists: it was not looked into",
				      map->path);
	}
	return error;
}

/** The objects in which the C library's symbols are looked up. */
struct libc_lookup {
	struct live *live;
	struct scan *scan;
	const struct polyton_snapshot *snapshot;
};

static bool is_libc_part(const struct scan *scan, const struct polyton_object *object)
{
	static const char *const prefixes[] = { "libc.so.6", "ld-linux", "ld64.so", "ld.so", "libpthread.so" };
	if (scan->is_static)
		return object->is_program;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (object->name_space == 0 && strncmp(object->soname, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	}
	return false;
}

static uint64_t find_in(const struct elf_symbols *symbols, uint64_t bias, const char *name, uint64_t *size_ret)
{
	size_t length = strlen(name);
	for (size_t i = 1; i < symbols->count; i++) {
		const Elf64_Sym *symbol = &symbols->entries[i];
		const char *own = elf_symbol_name(symbols, symbol);
		if (symbol->st_shndx != SHN_UNDEF && strncmp(own, name, length) == 0 &&
		    (!own[length] || own[length] == '@')) {
			*size_ret = symbol->st_size;
			return bias + symbol->st_value;
		}
	}
	return 0;
}

static uint64_t lookup(void *arg, const char *name, uint64_t *size_ret)
{
	const struct libc_lookup *libc = arg;
	uint64_t address = 0;
	*size_ret = 0;
	for (uint32_t i = 0; !address && i < libc->scan->count; i++) {
		const struct polyton_object *object = &libc->snapshot->objects.items[i];
		const struct object_input *input = &libc->scan->inputs[i];
		if (!is_libc_part(libc->scan, object))
			continue;
		address = find_in(&input->exported, object->load_bias, name, size_ret);
		// glibc up to 2.33 has them in libpthread's .symtab only.
		if (!address && input->symbols.entries != input->exported.entries)
			address = find_in(&input->symbols, object->load_bias, name, size_ret);
	}
	return address;
}

static struct polyton_error *find_libc(struct live *live, struct scan *scan, struct polyton_snapshot *snapshot)
{
	struct libc_lookup libc = { live, scan, snapshot };
	for (uint32_t i = 0; i < scan->count; i++) {
		const struct polyton_object *object = &snapshot->objects.items[i];
		if (strncmp(object->soname, "libc.musl", 9) == 0 || strstr(object->path, "/ld-musl-"))
			scan->is_musl = true;
		else if (strncmp(object->soname, "libc.so.6", 9) == 0)
			scan->is_glibc = true;
	}
	struct polyton_error *error =
		tls_layout_find(&live->target, &scan->program, &scan->list, lookup, &libc, &scan->layout);
	if (!error && scan->is_glibc)
		error = tls_modules_read(&live->target, &scan->layout, &scan->list, &scan->modules);
	snapshot->subject.libc = scan->is_musl	  ? "musl"
				 : !scan->is_glibc ? ""
				 : arena_printf(&snapshot->arena, "glibc%s%s", scan->layout.version[0] ? " " : "",
						scan->layout.version);
	return error || snapshot->subject.libc ? error : error_no_memory();
}

// Before 2.35 r_debug shows the base namespace only; the table of TLS modules holds the others' maps.
static struct polyton_error *find_hidden_namespaces(struct live *live, struct scan *scan, bool *is_new_ret)
{
	struct polyton_error *error = NULL;
	size_t known = scan->list.entries.count;
	for (size_t i = 0; !error && i < scan->modules.items.count; i++) {
		uint64_t map = scan->modules.items.items[i].map;
		if (linkmap_index(&scan->list, map) < 0)
			error = linkmap_add_namespace(&live->target, map, &scan->list);
		if (error && polyton_error_code(error) != POLYTON_ERROR_MEMORY) {
			// Unloaded meanwhile: its record is free memory, which leads anywhere.
			polyton_error_destroy(error);
			error = NULL;
		}
	}
	*is_new_ret = scan->list.entries.count != known;
	return error;
}

// Base names are made unique by counting, so those left behind may have others now.
static struct polyton_error *confirm(struct live *live, struct scan *scan, struct polyton_snapshot *snapshot)
{
	uint32_t gone = 0;
	struct polyton_error *error = confirm_objects(live, scan, snapshot, &gone);
	for (uint32_t i = 0; !error && gone && i < scan->count; i++) {
		snapshot->objects.items[i].name = unique_name(snapshot, i);
		if (!snapshot->objects.items[i].name)
			error = error_no_memory();
	}
	return error;
}

static void fill_modules(const struct scan *scan, struct polyton_snapshot *snapshot)
{
	for (uint32_t i = 0; i < scan->count; i++) {
		struct polyton_object *object = &snapshot->objects.items[i];
		const struct tls_module *module =
			object->link_map ? tls_modules_find(&scan->modules, object->link_map) : NULL;
		if (!object->tls_size)
			continue;
		if (module) {
			object->tls_module = module->id;
			object->tls_generation = module->generation;
			object->tls_placement = module->placement;
			object->tls_offset = module->placement == POLYTON_TLS_STATIC ? module->offset : 0;
		} else if (scan->is_static && object->is_program) {
			object->tls_module = 1;
			object->tls_placement = POLYTON_TLS_STATIC;
			object->tls_offset = scan->modules.items.count ? scan->modules.items.items[0].offset : 0;
		}
	}
}

static struct polyton_error *read_lists(struct live *live, struct scan *scan)
{
	uint64_t headers = 0, count = 0, base = 0, debug = 0;
	struct polyton_error *error = live_read_auxv(live, AT_PHDR, &headers);
	if (!error)
		error = live_read_auxv(live, AT_PHNUM, &count);
	if (!error)
		error = live_read_auxv(live, AT_BASE, &base);
	if (!error)
		error = image_read_program(&live->target, headers, count, &scan->program);
	if (!error)
		error = linkmap_find_debug(&live->target, &scan->program, base, &debug);
	if (!error && debug)
		error = linkmap_read(&live->target, debug, &scan->list);
	if (error)
		return error;
	scan->is_loader = scan->list.entries.count && scan->list.entries.items[0].dynamic != scan->program.dynamic;
	scan->is_static = !image_segment(&scan->program, PT_INTERP) && !scan->is_loader;
	return NULL;
}

// A static program has one block and no table: its distance follows from PT_TLS alone.
static struct polyton_error *add_static_module(const struct arch *arch, struct scan *scan)
{
	const Elf64_Phdr *tls = image_segment(&scan->program, PT_TLS);
	if (!scan->is_static || !tls || scan->modules.items.count)
		return NULL;
	struct tls_module *module = vec_push(&scan->modules.items);
	if (!module)
		return error_no_memory();
	*module = (struct tls_module){ .id = 1,
				       .offset = tls_static_offset(arch, tls),
				       .placement = POLYTON_TLS_STATIC };
	return NULL;
}

static void reset_objects(struct scan *scan)
{
	for (uint32_t i = 0; i < scan->count; i++) {
		if (scan->dynsyms)
			dynsym_deinit(&scan->dynsyms[i]);
		if (scan->own_candidates)
			vec_deinit(&scan->own_candidates[i]);
	}
	free(scan->images);
	free(scan->inputs);
	free(scan->dynsyms);
	free(scan->own_candidates);
	scan->images = NULL;
	scan->inputs = NULL;
	scan->dynsyms = NULL;
	scan->own_candidates = NULL;
	scan->count = 0;
}

struct polyton_error *scan_read(struct live *live, const char *const *debug_dirs, struct file_cache *cache,
				struct scan *ret, struct polyton_snapshot *snapshot)
{
	struct scan scan = { 0 };
	bool is_new = true;
	struct polyton_error *error = read_lists(live, &scan);
	if (!error)
		error = live_read_maps(live, &scan.maps);
	// Twice at most: once more when the first look at the C library's table shows namespaces of their own.
	for (int round = 0; !error && is_new && round < 2; round++) {
		reset_objects(&scan);
		snapshot->objects.count = 0;
		tls_modules_deinit(&scan.modules);
		error = read_objects(live, debug_dirs, cache, &scan, snapshot);
		if (!error)
			error = find_libc(live, &scan, snapshot);
		if (!error)
			error = find_hidden_namespaces(live, &scan, &is_new);
	}
	if (!error && scan.list.entries.count)
		error = confirm(live, &scan, snapshot);
	if (!error)
		error = add_static_module(live->target.arch, &scan);
	if (!error)
		error = note_unlisted(&scan, snapshot);
	if (error) {
		scan_deinit(&scan);
		return error;
	}
	fill_modules(&scan, snapshot);
	*ret = scan;
	return NULL;
}

void scan_deinit(struct scan *scan)
{
	reset_objects(scan);
	tls_modules_deinit(&scan->modules);
	linkmap_deinit(&scan->list);
	live_maps_deinit(&scan->maps);
}

struct polyton_error *scan_is_current(struct live *live, const struct scan *scan, bool *ret)
{
	struct linkmap now = { 0 };
	*ret = true;
	if (!scan->list.debug)
		return NULL;
	struct polyton_error *error = linkmap_read(&live->target, scan->list.debug, &now);
	if (error) // a list that is being edited leads astray
		*ret = false;
	else
		*ret = now.is_consistent && linkmap_is_prefix(&now, &scan->list);
	linkmap_deinit(&now);
	polyton_error_destroy(error);
	return live_check(live);
}
