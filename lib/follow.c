// What cannot be followed in a process is no reason to disturb it: it runs on, and is looked at as far as it can be.

#include "follow.h"

#include <elf.h>
#include <string.h>

#include "base/clock.h"
#include "openings.h"

enum {
	FOLLOW_MAX_RETURNS = 256,
	FOLLOW_LOADER_SLOT = 0,
	FOLLOW_EXIT_SLOT = 1,
};

void follow_forget(struct run_process *process)
{
	polyton_session_close(take_pointer(process->session));
	live_close(take_pointer(process->live));
	loading_deinit(&process->loading);
	process->pending.count = 0;
	process->moment = POLYTON_MOMENT_RUNNING;
	process->moment_number = 0;
}

// Only running out of memory ends a run; what else fails leaves a process that is not followed.
static struct polyton_error *tolerate(struct polyton_error *error)
{
	if (!error || polyton_error_code(error) == POLYTON_ERROR_MEMORY)
		return error;
	polyton_error_destroy(error);
	return NULL;
}

static struct polyton_error *read_start(const struct live *live, struct loading_start *ret)
{
	struct polyton_error *error = live_read_auxv(live, AT_PHDR, &ret->headers);
	if (!error)
		error = live_read_auxv(live, AT_PHNUM, &ret->header_count);
	if (!error)
		error = live_read_auxv(live, AT_BASE, &ret->base);
	if (!error)
		error = live_read_auxv(live, AT_ENTRY, &ret->entry);
	return error;
}

struct polyton_error *follow_exec(struct follower *follower, struct run_process *process)
{
	struct loading_start start = { 0 };
	uint64_t place = 0;
	follow_forget(process);
	struct polyton_error *error = live_open(process->pid, &process->live);
	if (!error)
		tracer_set_machine(follower->tracer, process->pid, process->live->target.arch);
	if (!error)
		error = read_start(process->live, &start);
	if (!error)
		error = loading_begin(&process->live->target, &start, &process->loading, &place);
	if (!error && place)
		process->loading.is_unwatched =
			!tracer_set_breakpoint(follower->tracer, process->pid, FOLLOW_LOADER_SLOT, place);
	return tolerate(error);
}

struct polyton_error *follow_fork(const struct run_process *parent, struct run_process *child)
{
	struct polyton_error *error = tolerate(live_open(child->pid, &child->live));
	return error ? error : loading_copy(&parent->loading, &child->loading);
}

static unsigned free_slot(const struct run_process *process, int32_t tid)
{
	bool is_used[ARCH_SLOTS] = { 0 };
	for (size_t i = 0; i < process->pending.count; i++) {
		if (process->pending.items[i].tid == tid)
			is_used[process->pending.items[i].slot] = true;
	}
	for (unsigned i = ARCH_SHARED_SLOTS; i < ARCH_SLOTS; i++) {
		if (!is_used[i])
			return i;
	}
	return 0;
}

// They stay in their order.
static void drop_pending(struct run_process *process, size_t index)
{
	process->pending.count--;
	memmove(&process->pending.items[index], &process->pending.items[index + 1],
		(process->pending.count - index) * sizeof(process->pending.items[0]));
}

static bool has_objects(const struct run_process *process, uint32_t call)
{
	for (size_t i = 0; i < process->loading.objects.count; i++) {
		if (process->loading.objects.items[i].call == call)
			return true;
	}
	return false;
}

// A call is over when the loader has returned; it may have failed, and then it has left nothing.
static void tell_loaded(struct follower *follower, struct run_process *process, int32_t tid, uint32_t number,
			struct polyton_run_event *ret)
{
	struct loading_call *call = loading_find_call(&process->loading, number);
	if (!call || call->is_done || !has_objects(process, number))
		return;
	call->is_done = true;
	follower->opening = openings_row(call);
	*ret = (struct polyton_run_event){ .kind = POLYTON_RUN_LOADED,
					   .pid = process->pid,
					   .tid = tid,
					   .opening = &follower->opening };
}

static struct polyton_error *tell_unloading(struct follower *follower, const struct run_process *process, int32_t tid,
					    struct polyton_run_event *ret)
{
	follower->loaded.count = 0;
	for (size_t i = 0; i < process->loading.objects.count; i++) {
		const struct loading_object *object = &process->loading.objects.items[i];
		if (!object->call)
			continue;
		const char **place = vec_push(&follower->loaded);
		if (!place)
			return error_no_memory();
		*place = object->path;
	}
	*ret = (struct polyton_run_event){ .kind = POLYTON_RUN_UNLOADING,
					   .pid = process->pid,
					   .tid = tid,
					   .loaded = follower->loaded.items,
					   .loaded_count = (uint32_t)follower->loaded.count };
	return NULL;
}

static struct polyton_error *wait_for_return(struct follower *follower, struct run_process *process, int32_t tid,
					     const struct loading_return *back, struct polyton_run_event *ret)
{
	uint32_t number = process->loading.is_full ? 0 : (uint32_t)process->loading.calls.count;
	unsigned slot = back->address ? free_slot(process, tid) : 0;
	// The outermost of calls within calls, or one that was left by a jump, is not waited for any longer.
	for (size_t i = 0; !slot && back->address && i < process->pending.count; i++) {
		if (process->pending.items[i].tid == tid) {
			slot = process->pending.items[i].slot;
			drop_pending(process, i);
		}
	}
	if (process->pending.count >= FOLLOW_MAX_RETURNS)
		process->pending.count = 0; // threads that ended within a call
	if (!slot || !tracer_set_slot(follower->tracer, tid, slot, back->address)) {
		tell_loaded(follower, process, tid, number, ret);
		return NULL;
	}
	struct pending *pending = vec_push(&process->pending);
	if (!pending)
		return error_no_memory();
	*pending = (struct pending){ tid, slot, back->stack, number };
	return NULL;
}

// Where exit() begins, the values are still there that its handlers and destructors will have done away with.
static struct polyton_error *watch_exit(struct follower *follower, const struct run_process *process)
{
	uint64_t place;
	struct polyton_error *error = loading_find_exit(&process->live->target, &process->loading, &place);
	if (!error && place)
		(void)!tracer_set_breakpoint(follower->tracer, process->pid, FOLLOW_EXIT_SLOT, place);
	return tolerate(error);
}

static struct polyton_error *take_loader_stop(struct follower *follower, struct run_process *process,
					      const struct loading_stop *stop, struct polyton_run_event *ret)
{
	enum loading_news news = LOADING_NOTHING;
	struct loading_return back = { 0 };
	uint64_t place = 0;
	struct polyton_error *error =
		loading_read(&process->live->target, &process->loading, stop, &news, &place, &back);
	if (error)
		return tolerate(error);
	if (place)
		(void)!tracer_set_breakpoint(follower->tracer, process->pid, FOLLOW_LOADER_SLOT, place);
	if (news == LOADING_STARTED)
		return watch_exit(follower, process);
	if (news == LOADING_CAME)
		return wait_for_return(follower, process, stop->tid, &back, ret);
	if (news == LOADING_LEAVES)
		return tell_unloading(follower, process, stop->tid, ret);
	return NULL;
}

static void take_return(struct follower *follower, struct run_process *process, const struct loading_stop *stop,
			struct polyton_run_event *ret)
{
	uint64_t stack = stop->frame.registers[process->live->target.arch->tracing.sp_register];
	for (size_t i = 0; i < process->pending.count; i++) {
		struct pending pending = process->pending.items[i];
		// Calls within calls return to the same place, each with a stack of its own.
		if (pending.tid != stop->tid || pending.stack != stack)
			continue;
		(void)!tracer_set_slot(follower->tracer, stop->tid, pending.slot, 0);
		drop_pending(process, i);
		tell_loaded(follower, process, stop->tid, pending.call, ret);
		return;
	}
}

struct polyton_error *follow_breakpoint(struct follower *follower, struct run_process *process,
					const struct trace_event *event, struct polyton_run_event *ret)
{
	struct loading_stop stop = { .tid = event->tid, .time_ns = clock_ns() - follower->start_ns };
	if (!process->live || !tracer_registers(follower->tracer, event->tid, stop.frame.registers))
		return NULL;
	stop.frame.known = UINT64_MAX;
	if (event->number == FOLLOW_LOADER_SLOT)
		return take_loader_stop(follower, process, &stop, ret);
	if (event->number == FOLLOW_EXIT_SLOT) {
		(void)!tracer_set_breakpoint(follower->tracer, process->pid, FOLLOW_EXIT_SLOT, 0);
		*ret = (struct polyton_run_event){ .kind = POLYTON_RUN_EXITING,
						   .pid = process->pid,
						   .tid = event->tid };
		return NULL;
	}
	take_return(follower, process, &stop, ret);
	return NULL;
}
