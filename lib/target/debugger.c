// The caller may be a script in a debugger: it can be interrupted between any two of its lines, and then whatever it
// would have returned is garbage. So no answer is a return value: each is preset to "interrupted" and the caller
// overwrites it.

#include "target/debugger.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

#include "target/debugger_parts.h"
#include "target/root.h"

static struct polyton_error *copy_threads(const struct polyton_target_facts *facts, struct debugger_facts *ret)
{
	for (size_t i = 0; i < facts->thread_count; i++) {
		const char *name = facts->names && facts->names[i] ? facts->names[i] : "";
		uint64_t pointer = facts->thread_pointers ? facts->thread_pointers[i] : 0;
		struct roster_thread *thread = vec_push(&ret->threads);
		const char *kept = arena_strdup(&ret->arena, name);
		if (!thread || !kept)
			return error_no_memory();
		*thread = (struct roster_thread){
			.tid = facts->tids[i],
			.inner_tid = facts->inner_tids ? facts->inner_tids[i] : facts->tids[i],
			.pointer = pointer,
			.has_pointer = pointer != 0,
			.name = kept,
		};
	}
	roster_sort(&ret->threads);
	for (size_t i = 1; i < ret->threads.count; i++) {
		if (ret->threads.items[i].tid == ret->threads.items[i - 1].tid)
			return error_create(POLYTON_ERROR_ARGUMENT, "the debugger's thread %d is listed twice",
					    ret->threads.items[i].tid);
	}
	return NULL;
}

static struct polyton_error *choose_arch(const struct polyton_target_facts *facts, struct debugger_facts *ret)
{
	ret->arch = arch_find(facts->machine, facts->elf_class, facts->elf_data);
	bool is_tried = facts->elf_class == ELFCLASS64 || (ret->arch && ret->arch->is_tried);
	if (!is_tried || facts->elf_data != ELFDATA2LSB)
		return error_create(POLYTON_ERROR_UNSUPPORTED,
				    "a 32-bit or big-endian program (%s): not yet supported",
				    ret->arch ? ret->arch->name : "unknown machine");
	if (!ret->arch)
		return error_create(POLYTON_ERROR_UNSUPPORTED,
				    "a program for a machine polyton does not know (e_machine %u)", facts->machine);
	return NULL;
}

static struct polyton_error *copy_facts(const struct polyton_target_facts *given, struct debugger_facts *ret)
{
	struct polyton_target_facts facts = { 0 };
	memcpy(&facts, given, given->size < sizeof(facts) ? given->size : sizeof(facts));
	if (!facts.auxv || !facts.auxv_count || (facts.thread_count && !facts.tids))
		return error_create(POLYTON_ERROR_ARGUMENT,
				    "the debugger has no auxiliary vector, or no list of threads");
	struct polyton_error *error = choose_arch(&facts, ret);
	uint64_t *auxv = error ? NULL : arena_alloc(&ret->arena, facts.auxv_count, 2 * sizeof(*auxv));
	if (error)
		return error;
	ret->program = arena_strdup(&ret->arena, facts.program ? facts.program : "");
	if (!auxv || !ret->program)
		return error_no_memory();
	memcpy(auxv, facts.auxv, facts.auxv_count * 2 * sizeof(*auxv));
	ret->auxv = auxv;
	ret->auxv_count = facts.auxv_count;
	ret->pid = facts.pid;
	ret->is_still = !facts.has_running_threads;
	return copy_threads(&facts, ret);
}

static void forget(struct debugger_facts *facts)
{
	vec_deinit(&facts->threads);
	arena_deinit(&facts->arena);
}

struct polyton_error *debugger_update(struct debugger *debugger, const struct polyton_target_facts *facts)
{
	struct debugger_facts fresh = { 0 };
	struct polyton_error *error = copy_facts(facts, &fresh);
	if (error) {
		forget(&fresh);
		return error;
	}
	forget(&debugger->facts);
	debugger->facts = fresh;
	debugger->target.is_still = fresh.is_still;
	debugger->target.arch = fresh.arch;
	return NULL;
}

static int read_thread_pointer(void *state, int32_t tid, uint64_t *ret)
{
	const struct debugger *debugger = state;
	return roster_thread_pointer(&debugger->facts.threads, tid, ret);
}

static const struct target_ops debugger_ops = { .read = debugger_read, .thread_pointer = read_thread_pointer };

struct polyton_error *debugger_open(const struct polyton_target_ops *ops, void *caller,
				    const struct polyton_target_facts *facts, struct debugger **ret)
{
	struct debugger *debugger = calloc(1, sizeof(*debugger));
	if (!debugger)
		return error_no_memory();
	memcpy(&debugger->ops, ops, ops->size < sizeof(*ops) ? ops->size : sizeof(*ops));
	debugger->caller = caller;
	debugger->target = (struct target){ .ops = &debugger_ops, .state = debugger };
	struct polyton_error *error =
		debugger->ops.read ? debugger_update(debugger, facts)
				   : error_create(POLYTON_ERROR_ARGUMENT, "the debugger has no way to read memory");
	if (error) {
		debugger_close(debugger);
		return error;
	}
	*ret = debugger;
	return NULL;
}

void debugger_close(struct debugger *debugger)
{
	if (!debugger)
		return;
	forget(&debugger->facts);
	free(debugger);
}

void debugger_begin(struct debugger *debugger)
{
	debugger->is_interrupted = false;
}

static uint64_t find_auxv(const struct debugger *debugger, uint64_t type)
{
	uint64_t value = 0;
	for (size_t i = 0; i < debugger->facts.auxv_count; i++) {
		if (debugger->facts.auxv[2 * i] == type)
			value = debugger->facts.auxv[2 * i + 1];
	}
	return value;
}

static struct polyton_error *read_auxv(void *state, uint64_t type, uint64_t *ret)
{
	*ret = find_auxv(state, type);
	return NULL;
}

// What is mapped is a question that not every debugger has an answer to, and the loader's lists say enough.
static struct polyton_error *read_maps(void *state, struct subject_maps *ret)
{
	*ret = (struct subject_maps){ 0 };
	return subject_maps_add_vdso(ret, find_auxv(state, AT_SYSINFO_EHDR));
}

static struct polyton_error *list_tids(void *state, subject_tids *ret)
{
	const struct debugger *debugger = state;
	return roster_list_tids(&debugger->facts.threads, ret);
}

static struct polyton_error *read_tasks(void *state, const subject_tids *tids, subject_tasks *ret)
{
	const struct debugger *debugger = state;
	return roster_read_tasks(&debugger->facts.threads, tids, ret);
}

static void read_name(void *state, int32_t tid, char *ret)
{
	const struct debugger *debugger = state;
	roster_read_name(&debugger->facts.threads, tid, ret);
}

static int open_object(void *state, const char *path, uint64_t address, bool *is_loaded_ret)
{
	struct debugger *debugger = state;
	struct polyton_target_file file = { .path = path, .address = address, .fd = -1, .error = EINTR };
	if (!debugger->ops.open_object || !path[0]) // a record whose name could not be read
		file.error = ENOENT;
	else if (!debugger->is_interrupted)
		debugger->ops.open_object(debugger->caller, &file);
	debugger->is_interrupted = debugger->is_interrupted || file.error == EINTR;
	if (file.error || file.fd < 0) {
		errno = file.error ? file.error : ENOENT;
		return -1;
	}
	*is_loaded_ret = file.is_loaded;
	return root_keep_regular(file.fd);
}

static int open_path(void *state, const char *path)
{
	bool is_loaded;
	return open_object(state, path, 0, &is_loaded);
}

static struct polyton_error *go_on(void *state)
{
	struct debugger *debugger = state;
	int32_t answer = EINTR;
	if (debugger->ops.go_on && !debugger->is_interrupted) {
		debugger->ops.go_on(debugger->caller, &answer);
		debugger->is_interrupted = answer != 0;
	}
	return debugger->is_interrupted ? error_create(POLYTON_ERROR_INTERRUPTED, "interrupted") : NULL;
}

static const struct subject_ops debugger_subject_ops = {
	.read_auxv = read_auxv,
	.read_maps = read_maps,
	.list_tids = list_tids,
	.read_tasks = read_tasks,
	.read_name = read_name,
	.open_path = open_path,
	.open_object = open_object,
	.check = go_on,
	.go_on = go_on,
};

struct subject debugger_subject(struct debugger *debugger)
{
	return (struct subject){ .ops = &debugger_subject_ops,
				 .state = debugger,
				 .target = &debugger->target,
				 .kind = POLYTON_SUBJECT_DEBUGGER,
				 .pid = debugger->facts.pid,
				 .exe = debugger->facts.program,
				 .is_still = debugger->facts.is_still };
}
