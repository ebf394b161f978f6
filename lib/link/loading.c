// The lists are read only at stops at which the loader says that they are whole. Who made the call is found by going
// up the stack through the loader's and the C library's frames, which always carry what that takes; the caller's own
// frame need not.

#include "link/loading.h"

#include <string.h>

enum {
	LOADING_MAX_FRAMES = 64,
	LOADING_MAX_CALLS = 16384,
};

static void place_deinit(struct loading_place *place)
{
	free(place->path);
	*place = (struct loading_place){ 0 };
}

void loading_deinit(struct loading *loading)
{
	for (size_t i = 0; i < loading->objects.count; i++)
		free(loading->objects.items[i].path);
	for (size_t i = 0; i < loading->calls.count; i++) {
		free(loading->calls.items[i].path);
		place_deinit(&loading->calls.items[i].function);
		place_deinit(&loading->calls.items[i].caller);
	}
	vec_deinit(&loading->objects);
	vec_deinit(&loading->calls);
	*loading = (struct loading){ 0 };
}

// NULL stays NULL; false when out of memory.
static bool copy_text(char **text)
{
	char *copy = *text ? strdup(*text) : NULL;
	bool is_good = copy || !*text;
	*text = copy;
	return is_good;
}

struct polyton_error *loading_copy(const struct loading *loading, struct loading *ret)
{
	struct loading copy = *loading;
	bool is_good = true;
	memset(&copy.objects, 0, sizeof(copy.objects));
	memset(&copy.calls, 0, sizeof(copy.calls));
	for (size_t i = 0; is_good && i < loading->objects.count; i++) {
		struct loading_object *object = vec_push(&copy.objects);
		is_good = object != NULL;
		if (is_good) {
			*object = loading->objects.items[i];
			is_good = copy_text(&object->path);
		}
	}
	for (size_t i = 0; is_good && i < loading->calls.count; i++) {
		struct loading_call *call = vec_push(&copy.calls);
		is_good = call != NULL;
		if (is_good) {
			*call = loading->calls.items[i];
			// All three, whatever becomes of the others: what is not a copy is not to be freed.
			bool has_path = copy_text(&call->path), has_function = copy_text(&call->function.path);
			is_good = copy_text(&call->caller.path) && has_path && has_function;
		}
	}
	if (!is_good) {
		loading_deinit(&copy);
		return error_no_memory();
	}
	*ret = copy;
	return NULL;
}

struct polyton_error *loading_begin(struct target *target, const struct loading_start *start, struct loading *loading,
				    uint64_t *ret)
{
	uint64_t place = 0;
	loading_deinit(loading);
	struct polyton_error *error =
		image_read_program(target, start->headers, start->header_count, &loading->program);
	if (error)
		return error;
	loading->base = start->base;
	// "ld.so ./program" is the loader itself, which a static program is not.
	uint64_t header = start->base;
	if (!header && loading->program.dynamic && !image_segment(&loading->program, PT_INTERP))
		header = loading->program.start;
	if (header)
		error = linkmap_find_exported(target, header, "_dl_debug_state", &place);
	if (error && polyton_error_code(error) == POLYTON_ERROR_MEMORY)
		return error;
	polyton_error_destroy(error);
	*ret = place ? place : start->base ? start->entry : 0;
	return NULL;
}

static bool is_library(const char *path)
{
	static const char *const names[] = { "libc.so", "libdl.so.", "libpthread.so.", "libc.musl-", "ld-musl-" };
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strncmp(name, names[i], strlen(names[i])) == 0)
			return true;
	}
	return false;
}

static struct polyton_error *add_object(struct target *target, const struct linkmap_entry *entry, uint64_t loader,
					uint32_t call, struct loading *loading)
{
	struct image image = { 0 };
	// What cannot be read has no range: nobody is found to be calling from it.
	struct polyton_error *error = image_read(target, entry->bias, entry->bias, &image);
	if (error && polyton_error_code(error) == POLYTON_ERROR_MEMORY)
		return error;
	if (error && entry->dynamic == loading->program.dynamic)
		image = loading->program;
	polyton_error_destroy(error);
	char *path = strdup(entry->path);
	struct loading_object *object = path ? vec_push(&loading->objects) : NULL;
	if (!object) {
		free(path);
		return error_no_memory();
	}
	*object = (struct loading_object){ .map = entry->address,
					   .bias = entry->bias,
					   .dynamic = entry->dynamic,
					   .start = image.start,
					   .end = image.end,
					   .table = unwind_find_table(&image),
					   .is_loader = loader && entry->bias == loader,
					   .is_library = is_library(entry->path),
					   .is_seen = true,
					   .path = path,
					   .call = call };
	return NULL;
}

static struct loading_object *find_object(const struct loading *loading, const struct linkmap_entry *entry)
{
	for (size_t i = 0; i < loading->objects.count; i++) {
		struct loading_object *object = &loading->objects.items[i];
		if (object->map == entry->address && object->bias == entry->bias && object->dynamic == entry->dynamic)
			return object;
	}
	return NULL;
}

static const struct loading_object *object_at(const struct loading *loading, uint64_t address)
{
	for (size_t i = 0; i < loading->objects.count; i++) {
		const struct loading_object *object = &loading->objects.items[i];
		if (address >= object->start && address < object->end)
			return object;
	}
	return NULL;
}

static bool set_place(uint64_t address, const struct loading_object *object, struct loading_place *ret)
{
	*ret = (struct loading_place){ address, object->map, object->bias, strdup(object->path) };
	return ret->path != NULL;
}

// Up from the loader's place: through the loader and the C library to who called them.
static bool find_caller(struct target *target, const struct loading *loading, const struct unwind_frame *start,
			struct loading_call *call, struct loading_return *ret)
{
	const struct arch_tracing *tracing = &target->arch->tracing;
	struct unwind_frame frame = *start;
	const struct loading_object *inner = NULL;
	uint64_t inner_address = 0;
	*ret = (struct loading_return){ 0 };
	for (int i = 0; i < LOADING_MAX_FRAMES; i++) {
		uint64_t pc = frame.registers[tracing->return_register];
		// A call may be the last instruction of its function, and that of the object.
		const struct loading_object *object = object_at(loading, pc - (i ? 1 : 0));
		if (!object)
			return true;
		if (!object->is_loader && !object->is_library)
			return set_place(pc, object, &call->caller) &&
			       (!inner || inner->is_loader || set_place(inner_address, inner, &call->function));
		inner = object;
		inner_address = pc;
		if (!unwind_step(target, &object->table, i > 0, &frame))
			return true;
		if (object->is_loader)
			*ret = (struct loading_return){ frame.registers[tracing->return_register],
							frame.registers[tracing->sp_register] };
	}
	return true;
}

// @p path: of the first object that came.
static struct polyton_error *add_call(struct target *target, struct loading *loading, const struct loading_stop *stop,
				      const char *path, struct loading_return *ret)
{
	struct loading_call call = { .number = (uint32_t)loading->calls.count + 1,
				     .tid = stop->tid,
				     .time_ns = stop->time_ns };
	*ret = (struct loading_return){ 0 };
	if (loading->calls.count == LOADING_MAX_CALLS) {
		loading->is_full = true;
		return NULL;
	}
	call.path = strdup(path);
	bool is_good = call.path && find_caller(target, loading, &stop->frame, &call, ret);
	struct loading_call *place = is_good ? vec_push(&loading->calls) : NULL;
	if (!place) {
		free(call.path);
		place_deinit(&call.function);
		place_deinit(&call.caller);
		return error_no_memory();
	}
	*place = call;
	return NULL;
}

// Bring the objects up to date. @p came_ret, @p left_ret: how many are new, and gone.
static struct polyton_error *compare(struct target *target, struct loading *loading, const struct loading_stop *stop,
				     const struct linkmap *list, size_t *came_ret, size_t *left_ret,
				     struct loading_return *return_ret)
{
	struct polyton_error *error = NULL;
	uint32_t call = 0;
	size_t came = 0, left = 0;
	for (size_t i = 0; i < loading->objects.count; i++)
		loading->objects.items[i].is_seen = false;
	for (size_t i = 0; !error && i < list->entries.count; i++) {
		const struct linkmap_entry *entry = &list->entries.items[i];
		struct loading_object *object = find_object(loading, entry);
		if (object) {
			object->is_seen = true;
			continue;
		}
		if (!came++ && loading->has_started) {
			error = add_call(target, loading, stop, entry->path, return_ret);
			call = loading->is_full ? 0 : (uint32_t)loading->calls.count;
		}
		if (!error)
			error = add_object(target, entry, list->loader, call, loading);
	}
	for (size_t i = loading->objects.count; !error && i-- > 0;) {
		if (loading->objects.items[i].is_seen)
			continue;
		left++;
		free(loading->objects.items[i].path);
		loading->objects.items[i] = loading->objects.items[--loading->objects.count];
	}
	*came_ret = came;
	*left_ret = left;
	return error;
}

// musl's loader and C library are one.
static bool is_one_library(const struct loading *loading)
{
	for (size_t i = 0; i < loading->objects.count; i++) {
		if (loading->objects.items[i].is_loader && loading->objects.items[i].is_library)
			return true;
	}
	return false;
}

struct polyton_error *loading_read(struct target *target, struct loading *loading, const struct loading_stop *stop,
				   enum loading_news *ret, uint64_t *place_ret, struct loading_return *return_ret)
{
	enum linkmap_state state = LINKMAP_CONSISTENT;
	struct linkmap list = { 0 };
	uint64_t place = 0;
	size_t came = 0, left = 0;
	struct polyton_error *error = NULL;
	*ret = LOADING_NOTHING;
	*place_ret = 0;
	*return_ret = (struct loading_return){ 0 };
	if (!loading->debug)
		error = linkmap_find_debug(target, &loading->program, loading->base, &loading->debug);
	if (error || !loading->debug)
		return error;
	error = linkmap_read_state(target, loading->debug, &state, &place);
	uint64_t pc = stop->frame.registers[target->arch->tracing.return_register];
	if (!error && place && place != pc)
		*place_ret = place;
	if (error || state == LINKMAP_ADDS) {
		loading->has_added |= state == LINKMAP_ADDS;
		return error;
	}
	if (state == LINKMAP_DELETES) {
		*ret = LOADING_LEAVES;
		return NULL;
	}
	error = linkmap_read(target, loading->debug, &list);
	if (!error)
		error = compare(target, loading, stop, &list, &came, &left, return_ret);
	linkmap_deinit(&list);
	if (error)
		return error;
	// What comes before the loader has begun with the program's own list are auditors. musl begins without a word.
	if (!loading->has_started && (loading->has_added || *place_ret || is_one_library(loading))) {
		loading->has_started = true;
		*ret = LOADING_STARTED;
	} else if (loading->has_started) {
		*ret = came ? LOADING_CAME : left ? LOADING_LEFT : LOADING_NOTHING;
	}
	return NULL;
}

struct loading_call *loading_find_call(const struct loading *loading, uint32_t number)
{
	return number && number <= loading->calls.count ? &loading->calls.items[number - 1] : NULL;
}

// The base namespace's: its C library comes first.
struct polyton_error *loading_find_exit(struct target *target, const struct loading *loading, uint64_t *ret)
{
	*ret = 0;
	for (size_t i = 0; i < loading->objects.count; i++) {
		const struct loading_object *object = &loading->objects.items[i];
		if (object->is_library && object->start == object->bias && !*ret) {
			struct polyton_error *error = linkmap_find_exported(target, object->start, "exit", ret);
			if (error)
				return error;
		}
	}
	return NULL;
}
