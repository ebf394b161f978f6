// The loader's lists and its table of TLS modules are two views of the same objects, read one after the other while
// the process may load and unload: what they do not agree on is left out.

#include "scan.h"

#include "confirm.h"
#include "libc.h"
#include "objects.h"

// Before 2.35 r_debug shows the base namespace only; the table of TLS modules holds the others' maps.
static struct polyton_error *find_hidden_namespaces(struct subject *subject, struct scan *scan, bool *is_new_ret)
{
	struct polyton_error *error = NULL;
	size_t known = scan->list.entries.count;
	for (size_t i = 0; !error && i < scan->modules.items.count; i++) {
		uint64_t map = scan->modules.items.items[i].map;
		if (linkmap_index(&scan->list, map) < 0)
			error = linkmap_add_namespace(subject->target, map, &scan->list);
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
static struct polyton_error *confirm(struct subject *subject, struct scan *scan, struct polyton_snapshot *snapshot)
{
	uint32_t gone = 0;
	struct polyton_error *error = confirm_objects(subject, scan, snapshot, &gone);
	for (uint32_t i = 0; !error && gone && i < scan->count; i++) {
		snapshot->objects.items[i].name = objects_unique_name(snapshot, i);
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

static struct polyton_error *read_lists(struct subject *subject, struct scan *scan)
{
	uint64_t headers = 0, count = 0, base = 0, debug = 0;
	struct polyton_error *error = subject->ops->read_auxv(subject->state, AT_PHDR, &headers);
	if (!error)
		error = subject->ops->read_auxv(subject->state, AT_PHNUM, &count);
	if (!error)
		error = subject->ops->read_auxv(subject->state, AT_BASE, &base);
	if (!error)
		error = image_read_program(subject->target, headers, count, &scan->program);
	if (!error)
		error = linkmap_find_debug(subject->target, &scan->program, base, &debug);
	if (!error && debug)
		error = linkmap_read(subject->target, debug, &scan->list);
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
	free(scan->files);
	free(scan->dynsyms);
	free(scan->own_candidates);
	free(scan->own_lookups);
	free(scan->loading);
	scan->images = NULL;
	scan->inputs = NULL;
	scan->files = NULL;
	scan->dynsyms = NULL;
	scan->own_candidates = NULL;
	scan->own_lookups = NULL;
	scan->loading = NULL;
	scan->count = 0;
}

struct polyton_error *scan_read(struct subject *subject, const struct elf_debug_search *search,
				struct file_cache *cache, struct scan *ret, struct polyton_snapshot *snapshot)
{
	struct scan scan = { .arch = subject->target->arch };
	bool is_new = true;
	struct polyton_error *error = read_lists(subject, &scan);
	if (!error)
		error = subject->ops->read_maps(subject->state, &scan.maps);
	// Twice at most: once more when the first look at the C library's table shows namespaces of their own.
	for (int round = 0; !error && is_new && round < 2; round++) {
		reset_objects(&scan);
		snapshot->objects.count = 0;
		tls_modules_deinit(&scan.modules);
		error = objects_read(subject, search, cache, &scan, snapshot);
		if (!error)
			error = libc_find(subject, &scan, snapshot);
		if (!error)
			error = find_hidden_namespaces(subject, &scan, &is_new);
	}
	if (!error && scan.list.entries.count)
		error = confirm(subject, &scan, snapshot);
	if (!error)
		error = add_static_module(subject->target->arch, &scan);
	if (!error)
		error = objects_note_unlisted(&scan, snapshot);
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
	subject_maps_deinit(&scan->maps);
}

struct polyton_error *scan_is_current(struct subject *subject, const struct scan *scan, bool *ret)
{
	struct linkmap now = { 0 };
	*ret = true;
	if (!scan->list.debug)
		return NULL;
	struct polyton_error *error = linkmap_read(subject->target, scan->list.debug, &now);
	if (error) // a list that is being edited leads astray
		*ret = false;
	else
		*ret = now.is_consistent && linkmap_is_prefix(&now, &scan->list);
	linkmap_deinit(&now);
	polyton_error_destroy(error);
	return subject->ops->check(subject->state);
}
