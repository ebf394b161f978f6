// Reading is kept apart from looking at what was read: with --stop the process stands still during the first, so
// nothing that can wait is done there.

#include "capture.h"

#include <string.h>

#include "target/stop.h"

enum {
	CAPTURE_MAX_STATIC = 64 * 1024, // bytes compared of one static
	CAPTURE_MAX_TLS = 4096,         // of one thread-local, in each thread
};

size_t capture_size_of(const struct polyton_copy *copy, bool is_tls)
{
	size_t limit = is_tls ? CAPTURE_MAX_TLS : CAPTURE_MAX_STATIC;
	return copy->size < limit ? copy->size : limit;
}

size_t capture_size(const struct polyton_copy *copy)
{
	// A thread-local's address is 0: it has one per thread.
	return capture_size_of(copy, !copy->address);
}

// Read-only copies and noise hold nothing to look at; the rest is read, also shadowed copies.
static bool is_wanted(const struct polyton_snapshot *snapshot, const struct polyton_copy *copy)
{
	const struct polyton_singleton *singleton = &snapshot->singletons.items[copy->singleton];
	return !singleton->dropped && !singleton->is_read_only;
}

static struct polyton_error *note_cut(struct polyton_snapshot *snapshot, const struct polyton_copy *copy)
{
	size_t size = capture_size(copy);
	if (size == copy->size)
		return NULL;
	return snapshot_note(snapshot, copy->object, true, "%s: only the first %zu of its %llu bytes were compared",
			     snapshot->singletons.items[copy->singleton].name, size, (unsigned long long)copy->size);
}

static struct polyton_error *choose_copies(struct polyton_snapshot *snapshot, struct captured *captured)
{
	size_t count = snapshot->copies.count;
	captured->tls_copies = calloc(count + 1, sizeof(*captured->tls_copies));
	captured->statics = calloc(count + 1, sizeof(*captured->statics));
	captured->is_gone = calloc(snapshot->objects.count + 1, sizeof(*captured->is_gone));
	if (!captured->tls_copies || !captured->statics || !captured->is_gone)
		return error_no_memory();
	for (uint32_t i = 0; i < count; i++) {
		const struct polyton_copy *copy = &snapshot->copies.items[i];
		if (!is_wanted(snapshot, copy))
			continue;
		if (copy->address)
			captured->statics[captured->static_count++] = i;
		else
			captured->tls_copies[captured->tls_copy_count++] = i;
		struct polyton_error *error = note_cut(snapshot, copy);
		if (error)
			return error;
	}
	return NULL;
}

// Where the loader keeps the initial image of a thread-local: in the object's own PT_TLS, already relocated.
static void place_image(const struct scan *scan, const struct polyton_copy *copy, uint8_t *buffer,
			struct target_read *read)
{
	const struct image *image = &scan->images[copy->object];
	const Elf64_Phdr *tls = image_segment(image, PT_TLS);
	size_t size = capture_size(copy), in_file = 0;
	if (tls && copy->offset < tls->p_filesz)
		in_file = tls->p_filesz - copy->offset < size ? tls->p_filesz - copy->offset : size;
	*read = (struct target_read){ .buffer = buffer, .size = in_file };
	if (in_file)
		read->address = image->bias + tls->p_vaddr + copy->offset;
}

static struct polyton_error *allocate(const struct scan *scan, const struct polyton_snapshot *snapshot,
				      struct captured *captured)
{
	size_t per_thread = 0, once = 0, bytes, cells;
	for (uint32_t i = 0; i < captured->tls_copy_count; i++)
		per_thread += capture_size(&snapshot->copies.items[captured->tls_copies[i]]);
	for (uint32_t i = 0; i < captured->static_count; i++)
		once += capture_size(&snapshot->copies.items[captured->statics[i]]);
	once += per_thread; // the initial images
	if (__builtin_mul_overflow(per_thread, captured->threads.count, &bytes) ||
	    __builtin_add_overflow(bytes, once, &bytes) ||
	    __builtin_mul_overflow((size_t)captured->tls_copy_count, captured->threads.count, &cells))
		return error_no_memory();

	captured->memory = calloc(bytes + 1, 1);
	captured->cells = calloc(cells + 1, sizeof(*captured->cells));
	captured->static_reads = calloc(captured->static_count + 1, sizeof(*captured->static_reads));
	captured->image_reads = calloc(captured->tls_copy_count + 1, sizeof(*captured->image_reads));
	if (!captured->memory || !captured->cells || !captured->static_reads || !captured->image_reads)
		return error_no_memory();

	uint8_t *at = captured->memory;
	for (uint32_t i = 0; i < captured->static_count; i++) {
		const struct polyton_copy *copy = &snapshot->copies.items[captured->statics[i]];
		captured->static_reads[i] = (struct target_read){ copy->address, at, capture_size(copy), 0 };
		at += capture_size(copy);
	}
	for (uint32_t i = 0; i < captured->tls_copy_count; i++) {
		const struct polyton_copy *copy = &snapshot->copies.items[captured->tls_copies[i]];
		place_image(scan, copy, at, &captured->image_reads[i]);
		at += capture_size(copy);
	}
	for (uint32_t thread = 0; thread < captured->threads.count; thread++) {
		for (uint32_t i = 0; i < captured->tls_copy_count; i++) {
			const struct polyton_copy *copy = &snapshot->copies.items[captured->tls_copies[i]];
			captured->cells[captured->cell_count++] =
				(struct tls_cell){ .thread = thread,
						   .module = POLYTON_NONE,
						   .offset = copy->offset,
						   .size = (uint32_t)capture_size(copy),
						   .buffer = at };
			at += capture_size(copy);
		}
	}
	return NULL;
}

// Give each cell its object's module; cells of objects that the table does not know stay out of the reading.
static size_t assign_modules(const struct scan *scan, const struct polyton_snapshot *snapshot,
			     struct captured *captured)
{
	size_t known = 0;
	auto_free uint32_t *module_of = calloc(captured->tls_copy_count + 1, sizeof(*module_of));
	if (!module_of)
		return 0;
	for (uint32_t i = 0; i < captured->tls_copy_count; i++) {
		const struct polyton_object *object =
			&snapshot->objects.items[snapshot->copies.items[captured->tls_copies[i]].object];
		const struct tls_module *module = tls_modules_find(&scan->modules, object->link_map);
		if (scan->is_static && object->is_program && scan->modules.items.count)
			module = &scan->modules.items.items[0];
		module_of[i] = module ? (uint32_t)(module - scan->modules.items.items) : POLYTON_NONE;
	}
	for (size_t i = 0; i < captured->cell_count; i++) {
		captured->cells[i].module = module_of[i % captured->tls_copy_count];
		known += captured->cells[i].module != POLYTON_NONE;
	}
	return known;
}

static struct polyton_error *read_cells(struct subject *subject, const struct scan *scan,
					const struct polyton_snapshot *snapshot, struct captured *captured)
{
	size_t known = assign_modules(scan, snapshot, captured);
	if (known == captured->cell_count)
		return tls_cells_read(subject->target, &scan->layout, &captured->threads, &scan->modules,
				      captured->cells, captured->cell_count);
	// Some modules are not in the table: read the others, then put the answers back.
	auto_free struct tls_cell *cells = calloc(known + 1, sizeof(*cells));
	if (!cells)
		return error_no_memory();
	size_t used = 0;
	for (size_t i = 0; i < captured->cell_count; i++) {
		captured->cells[i].answer = TLS_UNREADABLE;
		if (captured->cells[i].module != POLYTON_NONE)
			cells[used++] = captured->cells[i];
	}
	struct polyton_error *error =
		tls_cells_read(subject->target, &scan->layout, &captured->threads, &scan->modules, cells, used);
	used = 0;
	for (size_t i = 0; !error && i < captured->cell_count; i++) {
		if (captured->cells[i].module != POLYTON_NONE)
			captured->cells[i] = cells[used++];
	}
	return error;
}

// Threads of a C library that is not understood are listed, but nothing is done to them.
static struct polyton_error *find_threads(struct subject *subject, const struct scan *scan,
					  const subject_tasks *tasks, struct polyton_snapshot *snapshot,
					  struct captured *captured)
{
	bool is_registered = false;
	for (size_t i = 0; i < tasks->count; i++)
		is_registered = is_registered || tasks->items[i].robust_list || tasks->items[i].thread_pointer;
	if (scan->is_glibc || (scan->is_static && is_registered))
		return tls_threads_find(subject->target, &scan->layout, tasks, &captured->threads);

	const char *why = scan->is_musl ? "musl's threads are not understood yet" : "no glibc in this process";
	for (size_t i = 0; i < tasks->count; i++) {
		struct tls_thread *thread = vec_push(&captured->threads);
		if (!thread)
			return error_no_memory();
		*thread = (struct tls_thread){ .tid = tasks->items[i].tid,
					       .inner_tid = tasks->items[i].inner_tid,
					       .state = POLYTON_THREAD_UNKNOWN,
					       .why = why };
	}
	return snapshot_note(snapshot, POLYTON_NONE, true, "%s: values of thread-locals are not shown", why);
}

static struct polyton_error *add_threads(struct polyton_snapshot *snapshot, const struct captured *captured)
{
	const tls_threads *threads = &captured->threads;
	const char *names = names_finish(captured->names);
	size_t named = 0;
	for (size_t i = 0; i < threads->count; i++) {
		const struct tls_thread *from = &threads->items[i];
		struct polyton_thread *thread = vec_push(&snapshot->threads);
		while (named + 1 < captured->tids.count && captured->tids.items[named] != from->tid)
			named++;
		const char *kept = arena_strdup(&snapshot->arena, names + named * SUBJECT_NAME_MAX);
		if (!thread || !kept)
			return error_no_memory();
		*thread = (struct polyton_thread){ .tid = from->tid,
						   .inner_tid = from->inner_tid,
						   .name = kept,
						   .state = from->state,
						   .tcb = from->tcb,
						   .shares_tid = from->shares_tid,
						   .why = from->why };
	}
	return NULL;
}

// Objects that went away, or gave their place to another, while they were read: what was read there is not theirs.
static struct polyton_error *find_gone(struct subject *subject, const struct scan *scan,
				       struct polyton_snapshot *snapshot, struct captured *captured)
{
	struct linkmap now = { 0 };
	if (!scan->list.debug)
		return NULL;
	struct polyton_error *error = linkmap_read(subject->target, scan->list.debug, &now);
	if (error) {
		// The list was being edited: then no object that can be unloaded is sure to be still there.
		polyton_error_destroy(error);
		for (uint32_t i = 1; i < scan->count; i++)
			captured->is_gone[i] = true;
		return snapshot_note(
			snapshot, POLYTON_NONE, true,
			"objects were being loaded or unloaded: statics outside the program were not read");
	}
	size_t gone = 0;
	for (size_t i = 0; i < scan->list.listed; i++) {
		const struct linkmap_entry *before = &scan->list.entries.items[i];
		ssize_t at = linkmap_index(&now, before->address);
		const struct linkmap_entry *after = at < 0 ? NULL : &now.entries.items[at];
		captured->is_gone[i] = !after || after->bias != before->bias || after->dynamic != before->dynamic ||
				       strcmp(after->path, before->path) != 0;
		gone += captured->is_gone[i];
	}
	linkmap_deinit(&now);
	return gone ? snapshot_note(
			      snapshot, POLYTON_NONE, true,
			      "%zu objects were unloaded while the process was read: their statics are not shown",
			      gone)
		    : NULL;
}

static struct polyton_error *read_all(struct subject *subject, const struct scan *scan, bool is_stopped,
				      struct polyton_snapshot *snapshot, struct captured *captured)
{
	subject_tasks tasks = { 0 };
	struct polyton_error *error = subject->ops->list_tids(subject->state, &captured->tids);
	// A stopped process waits for everything that is done here; names can be read when it runs again.
	if (!error && !is_stopped)
		error = names_begin(subject, captured->tids.items, captured->tids.count, &captured->names);
	if (!error)
		error = subject->ops->read_tasks(subject->state, &captured->tids, &tasks);
	if (!error)
		error = find_threads(subject, scan, &tasks, snapshot, captured);
	vec_deinit(&tasks);
	if (!error)
		error = allocate(scan, snapshot, captured);
	if (!error)
		error = read_cells(subject, scan, snapshot, captured);
	if (error)
		return error;
	target_read_pieces(subject->target, captured->static_reads, captured->static_count);
	target_read_pieces(subject->target, captured->image_reads, captured->tls_copy_count);
	return find_gone(subject, scan, snapshot, captured);
}

struct polyton_error *capture_read(struct subject *subject, const struct scan *scan, bool stop,
				   struct polyton_snapshot *snapshot, struct captured *ret)
{
	struct captured captured = { 0 };
	struct stopped *stopped = NULL;
	size_t missed = 0;
	uint64_t started = 0;
	bool is_stopped = stop && subject->ops->stop;

	struct polyton_error *error = choose_copies(snapshot, &captured);
	if (!error && is_stopped)
		error = subject->ops->stop(subject->state, &stopped, &missed, &started);
	if (!error)
		error = read_all(subject, scan, is_stopped, snapshot, &captured);
	if (stopped) {
		snapshot->subject.pause_ns = stop_release(stopped) - started;
		snapshot->subject.was_stopped = true;
	}
	if (!error && missed)
		error = snapshot_note(snapshot, POLYTON_NONE, true, "%zu threads did not stop in time", missed);
	if (!error && !captured.names)
		error = names_begin(subject, captured.tids.items, captured.tids.count, &captured.names);
	if (!error)
		error = add_threads(snapshot, &captured);
	if (error) {
		captured_deinit(&captured);
		return error;
	}
	*ret = captured;
	return NULL;
}

void captured_deinit(struct captured *captured)
{
	names_end(captured->names);
	vec_deinit(&captured->tids);
	vec_deinit(&captured->threads);
	free(captured->cells);
	free(captured->tls_copies);
	free(captured->statics);
	free(captured->static_reads);
	free(captured->image_reads);
	free(captured->memory);
	free(captured->is_gone);
	*captured = (struct captured){ 0 };
}
