// ld.so loads breadth first: the program, what is preloaded, what each of these needs, in order; then each plugin
// with what it needs. A name that was asked for before, or is an object's SONAME, is that object, wherever else a
// file of the name may lie (glibc elf/dl-load.c, _dl_map_object). The order of one such list is link/deplist's.

#include "closure.h"

#include <errno.h>
#include <string.h>

#include "link/deplist.h"
#include "known.h"
#include "link/ldpreload.h"
#include "loadorder.h"
#include "model/snapshot.h"
#include "seek.h"

enum { CLOSURE_MAX_OBJECTS = 65536, CLOSURE_MAX_NEEDED = 65536 };

struct builder {
	struct disk *disk;
	struct polyton_snapshot *snapshot;
	struct closure *closure;
	struct seeker seeker;
	struct known known;
	struct strmap missing;
	struct deplist list;
	struct loadorder order;
	bool has_filters; // one of the objects
	bool is_asked;    // the object that is asked for its needs has been before
};

static struct polyton_error *add_name(struct builder *builder, uint32_t name_space, const char *name, uint32_t object)
{
	uint32_t *place = known_name(&builder->known, name_space, name);
	if (!place)
		return error_no_memory();
	if (*place == POLYTON_NONE)
		*place = object;
	return NULL;
}

// The object of that file in that namespace: there already, or new.
static struct polyton_error *add_object(struct builder *builder, const struct closure_object *wanted, uint32_t *ret)
{
	struct closure *closure = builder->closure;
	uint32_t *known = known_file(&builder->known, wanted->name_space, wanted->file);
	if (!known)
		return error_no_memory();
	if (*known != POLYTON_NONE) {
		*ret = *known;
		return NULL;
	}
	if (closure->objects.count == CLOSURE_MAX_OBJECTS)
		return error_create(POLYTON_ERROR_UNSUPPORTED, "there are more than %d objects", CLOSURE_MAX_OBJECTS);
	*known = *ret = (uint32_t)closure->objects.count;
	const char *shown = disk_show(builder->disk, &wanted->place, &closure->arena);
	struct closure_object *object = shown ? vec_push(&closure->objects) : NULL;
	if (!object)
		return error_no_memory();
	*object = *wanted;
	object->shown = shown;
	for (size_t i = 0; !closure->is_musl && i < object->file->dynamic.needed_count; i++)
		builder->has_filters |= object->file->dynamic.need_kinds[i] != ELF_NEED_LIBRARY;
	// Only ld.so exports what it shares with the C library; musl's is the C library.
	static const char own[] = "_rtld_global_ro";
	const struct elf_wanted name = { own, elf_gnu_hash(own), NULL };
	object->is_loader = elf_lookup_find(&object->file->lookup, &name, false) != NULL;
	struct polyton_error *error = loadorder_add(&builder->order);
	// musl knows the names only that were asked for.
	if (!error && object->file->dynamic.soname[0] && !closure->is_musl)
		error = add_name(builder, object->name_space, object->file->dynamic.soname, *ret);
	return error;
}

static struct polyton_error *note_missing(struct builder *builder, uint32_t object, const char *name)
{
	struct closure *closure = builder->closure;
	uint32_t *known = strmap_at(&builder->missing, name, strlen(name), (uint32_t)closure->missing.count);
	if (!known)
		return error_no_memory();
	if (*known < closure->missing.count) {
		closure->missing.items[*known].count++;
		return NULL;
	}
	struct closure_missing *missing = vec_push(&closure->missing);
	if (!missing)
		return error_no_memory();
	*missing = (struct closure_missing){ name, object, 1 };
	return NULL;
}

// @p ret is POLYTON_NONE if it was not found.
static struct polyton_error *find_library(struct builder *builder, uint32_t object, const char *name, uint32_t *ret)
{
	const struct closure_object *asking = &builder->closure->objects.items[object];
	uint32_t name_space = asking->name_space;
	const struct search_object who = seek_asker(asking, NULL);
	const char *known_as = search_expand(builder->seeker.search, &who, name, &builder->closure->arena);
	uint32_t *known = known_as ? known_name(&builder->known, name_space, known_as) : NULL;
	struct sought found;
	*ret = POLYTON_NONE;
	if (!known)
		return error_no_memory();
	if (*known != POLYTON_NONE) {
		*ret = *known;
		return NULL;
	}
	struct polyton_error *error = seek_name(&builder->seeker, object, name, &found);
	if (error || !found.file)
		return error;
	// The loader itself is one for all namespaces.
	bool is_shared = seek_is_interpreter(&builder->seeker, name);
	const struct closure_object wanted = { .place = found.place,
					       .file = found.file,
					       .name_space = is_shared ? 0 : name_space,
					       .loader = object,
					       .is_initial = asking->is_initial };
	error = add_object(builder, &wanted, ret);
	return error ? error : add_name(builder, name_space, known_as, *ret);
}

// musl has no filters.
static bool is_asked_for(const struct closure *closure, const struct elf_dynamic *dynamic, size_t number)
{
	return number < CLOSURE_MAX_NEEDED && !(closure->is_musl && dynamic->need_kinds[number] != ELF_NEED_LIBRARY);
}

// Where there are no filters, what was loaded before changes nothing.
static struct polyton_error *count_needs(void *arg, uint32_t object, size_t *ret)
{
	struct builder *builder = arg;
	struct closure_object *asking = &builder->closure->objects.items[object];
	size_t count = asking->file->dynamic.needed_count;
	builder->is_asked = asking->needs != NULL;
	if (!asking->needs)
		asking->needs = arena_alloc(&builder->closure->arena, count + 1, sizeof(*asking->needs));
	if (!asking->needs)
		return error_no_memory();
	for (size_t i = 0; !builder->is_asked && i < count; i++)
		asking->needs[i] = POLYTON_NONE;
	*ret = builder->is_asked && !builder->has_filters ? 0 : count;
	return NULL;
}

static struct polyton_error *find_need(void *arg, uint32_t object, size_t number, uint32_t *ret,
				       enum elf_need *kind_ret)
{
	struct builder *builder = arg;
	const struct closure *closure = builder->closure;
	const struct elf_dynamic *dynamic = &closure->objects.items[object].file->dynamic;
	uint32_t *needs = closure->objects.items[object].needs;
	struct polyton_error *error = NULL;
	if (!builder->is_asked && is_asked_for(closure, dynamic, number))
		error = find_library(builder, object, dynamic->needed[number], &needs[number]);
	*ret = needs[number];
	*kind_ret = dynamic->need_kinds[number];
	return error;
}

static void put_before(void *arg, uint32_t filtee, uint32_t filter)
{
	struct builder *builder = arg;
	loadorder_put_before(&builder->order, builder->closure, filtee, filter);
}

static struct polyton_error *load_needs(struct builder *builder, const uint32_t *objects, size_t count)
{
	static const struct deplist_ops ops = { .count = count_needs, .find = find_need, .put_before = put_before };
	return deplist_make(&builder->list, objects, count, &ops, builder);
}

// What the search did not find may have been given all the same, later than who needs it: whoever will start the
// program knows where it is. What is left is missing.
static struct polyton_error *settle_needs(struct builder *builder)
{
	struct closure *closure = builder->closure;
	struct polyton_error *error = NULL;
	for (uint32_t object = 0; !error && object < closure->objects.count; object++) {
		const struct closure_object *asking = &closure->objects.items[object];
		const struct elf_dynamic *dynamic = &asking->file->dynamic;
		for (size_t i = 0; !error && i < dynamic->needed_count; i++) {
			if (asking->needs[i] != POLYTON_NONE || dynamic->need_kinds[i] == ELF_NEED_AUXILIARY ||
			    !is_asked_for(closure, dynamic, i))
				continue;
			const uint32_t *known = known_name(&builder->known, asking->name_space, dynamic->needed[i]);
			if (!known)
				error = error_no_memory();
			else if (*known != POLYTON_NONE)
				asking->needs[i] = *known;
			else
				error = note_missing(builder, object, dynamic->needed[i]);
		}
	}
	return error;
}

// And what it needs, unless that comes with the program's.
static struct polyton_error *load_root(struct builder *builder, const struct disk_root *root, uint32_t name_space)
{
	uint32_t index;
	struct closure *closure = builder->closure;
	bool is_first = !closure->objects.count && closure->has_program;
	bool is_initial = is_first || root->how == POLYTON_OPENED_PRELOADED;
	const struct closure_object wanted = { .place = root->place,
					       .file = root->file,
					       .name_space = name_space,
					       .loader = closure->has_program && !is_first ? 0 : POLYTON_NONE,
					       .is_initial = is_initial,
					       .is_program = disk_is_program(root->file) };
	struct polyton_error *error = add_object(builder, &wanted, &index);
	if (error)
		return error;
	struct closure_object *object = &closure->objects.items[index];
	bool was_opened = object->is_opened;
	object->is_opened |= !is_initial && root->how != POLYTON_OPENED_NAMESPACE;
	object->is_found |= root->is_found;
	object->is_global |= root->how == POLYTON_OPENED_GLOBAL;
	object->is_deepbind |= root->how == POLYTON_OPENED_DEEPBIND;
	return (is_initial && closure->has_program) || was_opened ? NULL : load_needs(builder, &index, 1);
}

static struct polyton_error *load_interpreter(struct builder *builder)
{
	const struct search_place place = { builder->closure->interpreter, false };
	struct sought found = { 0 };
	uint32_t index;
	struct polyton_error *error =
		builder->closure->has_program && place.path[0] ? seek_place(&builder->seeker, &place, &found) : NULL;
	if (error || !found.file)
		return error;
	const struct closure_object wanted = { .place = found.place,
					       .file = found.file,
					       .loader = 0,
					       .is_initial = true };
	error = add_object(builder, &wanted, &index);
	return error ? error : load_needs(builder, &index, 1);
}

// The files that the administrator has every program preload; what cannot be had is told and ignored, as by the loader.
static struct polyton_error *load_preloads(struct builder *builder)
{
	struct closure *closure = builder->closure;
	struct ldpreload preload = { 0 };
	if (!closure->has_program || !closure->interpreter[0] || closure->is_musl)
		return NULL;
	struct polyton_error *error = ldpreload_read(builder->disk->root, &closure->arena, &preload);
	for (size_t i = 0; !error && i < preload.count; i++) {
		uint32_t index;
		error = find_library(builder, 0, preload.names[i], &index);
		if (!error && index == POLYTON_NONE)
			error = snapshot_note(builder->snapshot, POLYTON_NONE, false,
					      "%s of " LDPRELOAD_FILE " cannot be found: the loader ignores it",
					      preload.names[i]);
	}
	return error;
}

// The program is complete before the first plugin is opened.
static struct polyton_error *complete(struct builder *builder)
{
	struct polyton_error *error = load_preloads(builder);
	size_t count = builder->closure->objects.count;
	auto_free uint32_t *first = calloc(count + 1, sizeof(*first));
	if (!error && !first)
		error = error_no_memory();
	for (uint32_t i = 0; !error && i < count; i++)
		first[i] = i;
	if (!error)
		error = load_needs(builder, first, count);
	return error ? error : load_interpreter(builder);
}

static struct polyton_error *load_all(struct builder *builder, const disk_roots *roots)
{
	struct polyton_error *error = NULL;
	bool has_started = !builder->closure->has_program;
	uint32_t name_space = 0;
	for (size_t i = 0; !error && i < roots->count; i++) {
		const struct disk_root *root = &roots->items[i];
		bool is_initial = root->how == POLYTON_OPENED_PRELOADED || (!i && builder->closure->has_program);
		if (!is_initial && !has_started) {
			has_started = true;
			error = complete(builder);
		}
		bool is_apart = root->how == POLYTON_OPENED_NAMESPACE;
		if (!error && !is_apart)
			error = load_root(builder, root, 0);
	}
	if (!error && !has_started)
		error = complete(builder);
	// Objects of one namespace stand together.
	for (size_t i = 0; !error && i < roots->count; i++) {
		if (roots->items[i].how != POLYTON_OPENED_NAMESPACE)
			continue;
		error = load_root(builder, &roots->items[i], ++name_space);
	}
	return error;
}

static const char *find_interpreter(const struct closure *closure, const disk_roots *roots)
{
	const struct elf_file *file = roots->items[0].file->file;
	const Elf64_Phdr *segment = closure->has_program ? elf_file_segment(file, PT_INTERP) : NULL;
	if (!closure->has_program)
		return closure->arch->interpreter;
	// Without one it is a static program, and loads nothing that polyton could know of.
	const char *name = segment ? (const char *)file->map + segment->p_offset : NULL;
	return name && segment->p_filesz && memchr(name, '\0', segment->p_filesz) ? name : "";
}

static struct polyton_error *create_search(struct builder *builder, const disk_roots *roots)
{
	struct closure *closure = builder->closure;
	struct disk *disk = builder->disk;
	const struct elf_file *first = roots->items[0].file->file;
	closure->arch = arch_find(first->machine, first->elf_class, first->elf_data);
	if (!closure->arch)
		return error_create(POLYTON_ERROR_UNSUPPORTED, "machine %u is not supported", first->machine);
	closure->interpreter = find_interpreter(closure, roots);
	struct search_options options = { .root = disk->root,
					  .arch = closure->arch,
					  .library_path = disk->files.library_path,
					  .working_folder = disk->folder,
					  .has_sysroot = disk->sysroot[0] != '\0' };
	const struct search_place place = { closure->interpreter, false };
	struct sought found = { 0 };
	const char *complaint;
	struct polyton_error *error = place.path[0] ? seek_place(&builder->seeker, &place, &found) : NULL;
	if (!error)
		error = ldso_read(found.file ? found.file->file : NULL, closure->interpreter, closure->arch,
				  &closure->arena, &options.ldso);
	if (!error)
		error = search_create(&options, &builder->seeker.search, &complaint);
	closure->is_musl = options.ldso.is_musl;
	if (!error && complaint)
		error = snapshot_note(builder->snapshot, POLYTON_NONE, false, "%s", complaint);
	if (!error && place.path[0] && !found.file)
		error = snapshot_note(builder->snapshot, POLYTON_NONE, false,
				      "the loader %s was not found: its default folders were searched", place.path);
	return error;
}

struct polyton_error *closure_build(struct disk *disk, const struct elf_debug_search *search,
				    struct file_cache *cache, struct polyton_snapshot *snapshot, struct closure *ret)
{
	struct closure closure = { 0 };
	struct builder builder = {
		.disk = disk,
		.snapshot = snapshot,
		.closure = &closure,
		.seeker = { .disk = disk, .debug = search, .cache = cache, .closure = &closure },
	};
	struct disk_found found = { 0 };
	struct polyton_error *error = disk_find_roots(disk, search, cache, &closure.arena, snapshot, &found);
	closure.has_program = found.has_program;
	closure.archives = found.archives;
	if (!error)
		error = create_search(&builder, &found.roots);
	if (!error)
		error = load_all(&builder, &found.roots);
	if (!error)
		error = settle_needs(&builder);
	if (!error)
		error = loadorder_apply(&builder.order, &closure);
	loadorder_deinit(&builder.order);
	deplist_deinit(&builder.list);
	vec_deinit(&found.roots);
	search_destroy(builder.seeker.search);
	known_deinit(&builder.known);
	strmap_deinit(&builder.missing);
	if (error) {
		closure_deinit(&closure);
		return error;
	}
	*ret = closure;
	return NULL;
}

void closure_deinit(struct closure *closure)
{
	vec_deinit(&closure->objects);
	vec_deinit(&closure->missing);
	vec_deinit(&closure->archives);
	arena_deinit(&closure->arena);
	*closure = (struct closure){ 0 };
}
