// Objects of files are at no address and in no list; what the analysis asks of them is in the files themselves.

#include "diskscan.h"

#include <string.h>

#include "objects.h"

enum { DISKSCAN_MAX_VERSION = 16, DISKSCAN_MAX_MISSING = 512 };

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

// Unique in the output, as objects_unique_name() has it, without asking every other object.
static struct polyton_error *name_objects(const struct closure *closure, struct polyton_snapshot *snapshot)
{
	struct strmap names = { 0 };
	struct polyton_error *error = NULL;
	for (uint32_t i = 0; !error && i < closure->objects.count; i++) {
		struct polyton_object *object = &snapshot->objects.items[i];
		const char *name = base_name(object->path);
		if (object->name_space)
			name = arena_printf(&snapshot->arena, "%s@%u", name, object->name_space);
		uint32_t *same = name ? strmap_at(&names, name, strlen(name), 0) : NULL;
		object->name = !same        ? NULL
			       : !(*same)++ ? arena_strdup(&snapshot->arena, name)
					    : arena_printf(&snapshot->arena, "%s#%u", name, *same);
		if (!object->name)
			error = error_no_memory();
	}
	strmap_deinit(&names);
	return error;
}

static enum polyton_tls_placement placement_of(const struct closure_object *from, const struct polyton_object *object)
{
	if (!object->tls_size)
		return POLYTON_TLS_NONE;
	return from->is_initial || object->is_initial_exec ? POLYTON_TLS_STATIC : POLYTON_TLS_DYNAMIC;
}

static struct polyton_error *add_object(const struct closure_object *from, struct polyton_snapshot *snapshot)
{
	struct polyton_object *object = vec_push(&snapshot->objects);
	const struct elf_file *file = from->file->file;
	const Elf64_Phdr *tls = elf_file_segment(file, PT_TLS);
	if (!object)
		return error_no_memory();
	*object = (struct polyton_object){ .path = arena_strdup(&snapshot->arena, from->shown),
					   .name = "",
					   .soname = arena_strdup(&snapshot->arena, from->file->dynamic.soname),
					   .build_id =
						   objects_hex(&snapshot->arena, file->build_id, file->build_id_size),
					   .name_space = from->name_space,
					   .is_program = from->is_program,
					   .is_initial_exec = (from->file->dynamic.flags & DF_STATIC_TLS) != 0,
					   .file_state = POLYTON_FILE_READ };
	if (tls) {
		object->tls_size = tls->p_memsz;
		object->tls_file_size = tls->p_filesz;
		object->tls_align = tls->p_align;
	}
	object->tls_placement = placement_of(from, object);
	return object->path && object->soname && object->build_id ? NULL : error_no_memory();
}

static struct polyton_error *allocate(uint32_t count, struct scan *scan)
{
	scan->count = count;
	scan->inputs = calloc((size_t)count + 1, sizeof(*scan->inputs));
	scan->files = calloc((size_t)count + 1, sizeof(*scan->files));
	scan->loading = calloc((size_t)count + 1, sizeof(*scan->loading));
	return scan->inputs && scan->files && scan->loading ? NULL : error_no_memory();
}

static struct polyton_error *fill_objects(const struct closure *closure, struct scan *scan,
					  struct polyton_snapshot *snapshot)
{
	struct polyton_error *error = allocate((uint32_t)closure->objects.count, scan);
	for (uint32_t i = 0; !error && i < scan->count; i++) {
		const struct closure_object *from = &closure->objects.items[i];
		error = add_object(from, snapshot);
		if (error)
			return error;
		objects_use_file(scan, i, from->file, &snapshot->objects.items[i]);
		scan->inputs[i].is_loader = from->is_loader;
		scan->inputs[i].party = from->party;
		scan->inputs[i].sets = from->sets;
		scan->inputs[i].brings = from->brings;
		scan->inputs[i].brought_by = from->brought_by;
		scan->loading[i] =
			(struct scan_loading){ from->needs, from->is_opened, from->is_global, from->is_deepbind };
	}
	if (!error)
		error = name_objects(closure, snapshot);
	for (uint32_t i = 0; !error && i < scan->count; i++) {
		const char *complaint = closure->objects.items[i].file->complaint;
		if (complaint)
			error = snapshot_note(snapshot, i, false, "%s: %s", snapshot->objects.items[i].name,
					      complaint);
	}
	return error;
}

static struct polyton_error *note_missing(const struct closure *closure, struct polyton_snapshot *snapshot)
{
	struct polyton_error *error = NULL;
	size_t count = closure->missing.count, shown = count < DISKSCAN_MAX_MISSING ? count : DISKSCAN_MAX_MISSING;
	for (size_t i = 0; !error && i < shown; i++) {
		const struct closure_missing *missing = &closure->missing.items[i];
		const char *who = snapshot->objects.items[missing->first].name;
		if (missing->count == 1)
			error = snapshot_note(snapshot, missing->first, false, "%s, which %s needs, was not found",
					      missing->name, who);
		else
			error = snapshot_note(snapshot, missing->first, false,
					      "%s, which %s and %u more need, was not found", missing->name, who,
					      missing->count - 1);
	}
	if (!error && shown < count)
		error = snapshot_note(snapshot, POLYTON_NONE, false, "%zu more names were not found", count - shown);
	return error;
}

static struct polyton_error *note_host(const struct closure *closure, struct polyton_snapshot *snapshot)
{
	uint32_t programs = 0, first = POLYTON_NONE;
	if (closure->has_program)
		return NULL;
	struct polyton_error *error =
		snapshot_note(snapshot, POLYTON_NONE, false,
			      "no program was given: the objects are judged as plugins of a host that is not known, "
			      "each opened with "
			      "RTLD_LOCAL; what the host exports may change who is bound to what");
	for (uint32_t i = 0; i < closure->objects.count; i++) {
		first = closure->objects.items[i].is_program && first == POLYTON_NONE ? i : first;
		programs += closure->objects.items[i].is_program;
	}
	const char *name = first == POLYTON_NONE ? "" : snapshot->objects.items[first].name;
	if (!error && programs == 1)
		error = snapshot_note(snapshot, POLYTON_NONE, false,
				      "%s is a program: it is compared with the plugins, but not with what it needs "
				      "itself; name it first to have it taken for the host",
				      name);
	else if (!error && programs)
		error = snapshot_note(
			snapshot, POLYTON_NONE, false,
			"%s and %u more are programs: they are compared with the plugins, but not with "
			"each other, nor with what they need themselves; name one first to have it taken "
			"for the host",
			name, programs - 1);
	return error;
}

// The version is in glibc's own words: "GNU C Library (...) stable release version 2.36.".
static const char *find_libc(const struct closure *closure, struct arena *arena)
{
	static const char mark[] = "stable release version ";
	for (uint32_t i = 0; !closure->is_musl && i < closure->objects.count; i++) {
		const struct closure_object *object = &closure->objects.items[i];
		const struct elf_file *file = object->file->file;
		if (strcmp(object->file->dynamic.soname, "libc.so.6") != 0)
			continue;
		const char *found = memmem(file->map, file->size, mark, sizeof(mark) - 1);
		if (!found)
			return "glibc";
		const char *version = found + sizeof(mark) - 1, *end = (const char *)file->map + file->size;
		size_t length = 0;
		while (version + length < end && length < DISKSCAN_MAX_VERSION && version[length] &&
		       strchr("0123456789.", version[length]))
			length++;
		while (length && version[length - 1] == '.')
			length--;
		return arena_printf(arena, "glibc %.*s", (int)length, version);
	}
	return closure->is_musl ? "musl" : "";
}

static struct polyton_error *fill_subject(const struct disk *disk, const struct closure *closure,
					  struct polyton_snapshot *snapshot)
{
	struct polyton_subject *subject = &snapshot->subject;
	const struct polyton_files *files = &disk->files;
	const char *first = closure->has_program ? snapshot->objects.items[0].path
			    : files->program     ? files->program
						 : files->plugins[0].path;
	subject->kind = POLYTON_SUBJECT_FILES;
	subject->path = arena_strdup(&snapshot->arena, first);
	subject->name = subject->path ? base_name(subject->path) : NULL;
	if (subject->name && !subject->name[0]) // a folder with a slash behind it
		subject->name = subject->path;
	subject->machine = closure->arch->name;
	subject->libc = find_libc(closure, &snapshot->arena);
	return subject->path && subject->libc ? NULL : error_no_memory();
}

struct polyton_error *diskscan_make(const struct disk *disk, const struct closure *closure, struct scan *ret,
				    struct polyton_snapshot *snapshot)
{
	struct scan scan = { .arch = closure->arch };
	struct polyton_error *error = fill_objects(closure, &scan, snapshot);
	if (!error)
		error = fill_subject(disk, closure, snapshot);
	if (!error)
		error = note_host(closure, snapshot);
	if (!error)
		error = note_missing(closure, snapshot);
	if (error) {
		scan_deinit(&scan);
		return error;
	}
	*ret = scan;
	return NULL;
}
