// Debug info is read elsewhere (DESIGN: containment), one file at a time. An answer is shared by the session, for the
// next capture, and by each snapshot whose types point into it.

#include "typing.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "elf/debugfile.h"
#include "find/duplicates.h"
#include "find/guards.h"
#include "value/spelling.h"

enum { TYPING_STEP_MS = 100, TYPING_PATH_MAX = 4096 };

/** An answer and who holds it. */
struct shared_answer {
	struct dwarf_answer *answer;
	atomic_uint holders;
};

struct typed_file {
	struct dwarf_asked *asked; ///< Symbols are not kept.
	uint32_t count;
	struct shared_answer *shared;
};

static void release(void *thing)
{
	struct shared_answer *shared = thing;
	if (!shared || atomic_fetch_sub(&shared->holders, 1) != 1)
		return;
	dwarf_answer_destroy(shared->answer);
	free(shared);
}

void typed_file_destroy(struct typed_file *typed)
{
	if (!typed)
		return;
	release(typed->shared);
	free(typed->asked);
	free(typed);
}

void typing_deinit(struct typing *typing)
{
	dwarf_client_destroy(typing->client);
	*typing = (struct typing){ 0 };
}

// Further files are named by the debug info, which is not to be trusted: they are opened where the process sees them,
// and nowhere else, but for dwz's common file, whose build id is known. A relative name of dwz's starts from the debug
// file, and leads up from there.
static int open_further(void *arg, const struct dwarf_need *need)
{
	const struct typing *typing = arg;
	const struct elf_common_wanted common = { typing->debug_path, need->path, need->id, need->id_size };
	const char *base = typing->path;
	const char *slash = strrchr(base, '/');
	char path[TYPING_PATH_MAX];
	int length;
	if (need->kind == DWARF_NEED_ALTERNATE)
		return debugfile_open_common(&common, typing->search);
	if (need->kind == DWARF_NEED_DWP)
		length = snprintf(path, sizeof(path), "%s.dwp", base);
	else if (need->path[0] == '/' || !slash)
		length = snprintf(path, sizeof(path), "%s", need->path);
	else
		length = snprintf(path, sizeof(path), "%.*s/%s", (int)(slash - base), base, need->path);
	return length < 0 || (size_t)length >= sizeof(path) ? -1 : typing->search->open(typing->search->arg, path);
}

struct polyton_error *typing_ask(struct typing *typing, int fd, const struct dwarf_question *question,
				 struct dwarf_answer **ret)
{
	struct polyton_error *error = NULL;
	*ret = NULL;
	if (!typing->client) {
		const struct dwarf_client_options options = { .open = open_further, .arg = typing };
		error = dwarf_client_create(&options, &typing->client);
	}
	if (!error)
		error = dwarf_client_ask(typing->client, fd, question);
	while (!error && !*ret)
		error = dwarf_client_step(typing->client, TYPING_STEP_MS, ret);
	return error;
}

/** The copies that one file's debug info is asked about. */
struct wanted {
	uint32_t *copies;
	struct dwarf_asked *asked;
	uint32_t count;
};

// Reading debug info costs most where it is largest, so it is done for what a person is going to see.
static bool is_wanted(const struct polyton_snapshot *snapshot, const struct polyton_copy *copy)
{
	return duplicates_is_reported(&snapshot->singletons.items[copy->singleton]);
}

static bool is_same_question(const struct typed_file *typed, const struct wanted *wanted)
{
	if (!typed || typed->count != wanted->count)
		return false;
	for (uint32_t i = 0; i < wanted->count; i++) {
		if (typed->asked[i].kind != wanted->asked[i].kind ||
		    typed->asked[i].offset != wanted->asked[i].offset)
			return false;
	}
	return true;
}

static struct polyton_error *refresh(struct typing *typing, struct scanned_file *file, struct wanted *wanted)
{
	const struct dwarf_question question = { .variables = wanted->asked, .variable_count = wanted->count };
	struct typed_file *typed = calloc(1, sizeof(*typed));
	struct shared_answer *shared = calloc(1, sizeof(*shared));
	struct dwarf_answer *answer = NULL;
	struct polyton_error *error = typed && shared ? typing_ask(typing, file->debug->fd, &question, &answer)
						      : error_no_memory();
	if (error) {
		free(typed);
		free(shared);
		return error;
	}
	*shared = (struct shared_answer){ .answer = answer };
	atomic_init(&shared->holders, 1);
	*typed = (struct typed_file){ take_pointer(wanted->asked), wanted->count, shared };
	for (uint32_t i = 0; i < typed->count; i++)
		typed->asked[i].symbol = "";
	typed_file_destroy(file->typed);
	file->typed = typed;
	return NULL;
}

static struct polyton_error *take_answer(struct typed_file *typed, const struct wanted *wanted, struct type_of *types,
					 struct polyton_snapshot *snapshot)
{
	struct snapshot_owner *owner = vec_push(&snapshot->owners);
	if (!owner)
		return error_no_memory();
	*owner = (struct snapshot_owner){ typed->shared, release };
	atomic_fetch_add(&typed->shared->holders, 1);
	const struct dwarf_answer *answer = typed->shared->answer;
	for (uint32_t i = 0; i < wanted->count && i < answer->variable_count; i++)
		types[wanted->copies[i]] = answer->variables[i];
	return NULL;
}

// One object's copies. An object without debug info keeps TYPE_NO_DEBUG_INFO for all.
static struct polyton_error *read_object(struct typing *typing, const struct scan *scan, uint32_t object,
					 struct wanted *wanted, struct type_of *types,
					 struct polyton_snapshot *snapshot)
{
	const struct polyton_object *row = &snapshot->objects.items[object];
	struct scanned_file *file = scan->files[object];
	if (!file)
		return NULL;
	struct polyton_error *error = file_find_debug(typing->search, row->path, file, snapshot);
	if (error || !file->debug)
		return error;
	typing->path = row->path;
	typing->debug_path = file->debug->path;
	if (!is_same_question(file->typed, wanted))
		error = refresh(typing, file, wanted);
	if (error)
		return error;
	const char *complaint = file->typed->shared->answer->complaint;
	error = take_answer(file->typed, wanted, types, snapshot);
	return error || !complaint[0]
		       ? error
		       : snapshot_note(snapshot, object, false, "%s: debug info: %s", row->name, complaint);
}

static const char *absence_text(enum type_absence absence)
{
	static const char *const texts[] = {
		[TYPE_IS_THERE] = "",
		[TYPE_NO_DEBUG_INFO] = "no debug info",
		[TYPE_LINE_TABLES_ONLY] = "line tables only (built with -g1 or debuginfo=line-tables-only)",
		[TYPE_NOT_DESCRIBED] = "its source was built without debug info",
		[TYPE_SPLIT_MISSING] = "its split debug info (.dwo, .dwp) is not there",
		[TYPE_ALTERNATE_MISSING] = "the common debug file of dwz is not there",
		[TYPE_UNREADABLE] = "debug info unreadable",
		[TYPE_NO_WORKER] = "polyton-dwarf could not be started",
	};
	return (size_t)absence < sizeof(texts) / sizeof(texts[0]) ? texts[absence] : "";
}

static struct polyton_error *describe(struct polyton_snapshot *snapshot, uint32_t index)
{
	struct polyton_copy *copy = &snapshot->copies.items[index];
	const struct type_of *type = &snapshot->types[index];
	copy->type_missing = absence_text(type->absence);
	if (type->absence == TYPE_IS_THERE && type->graph) {
		copy->type = spelling_of(&snapshot->arena, type->graph, type->type);
		copy->decl_file = type->decl_file ? type->decl_file : "";
		copy->decl_line = type->decl_line;
		copy->producer = type->producer ? type->producer : "";
	}
	return copy->type ? NULL : error_no_memory();
}

// The wanted copies, object by object: where those of each end, with one before the first.
static void sort_copies(const struct polyton_snapshot *snapshot, uint32_t objects, uint32_t *copies, uint32_t *ends)
{
	uint32_t total = 0;
	for (uint32_t i = 0; i < snapshot->copies.count; i++) {
		const struct polyton_copy *copy = &snapshot->copies.items[i];
		if (copy->object < objects && is_wanted(snapshot, copy))
			ends[copy->object + 1]++;
	}
	for (uint32_t i = 1; i <= objects; i++) {
		uint32_t count = ends[i];
		ends[i] = total;
		total += count;
	}
	for (uint32_t i = 0; i < snapshot->copies.count; i++) {
		const struct polyton_copy *copy = &snapshot->copies.items[i];
		if (copy->object < objects && is_wanted(snapshot, copy))
			copies[ends[copy->object + 1]++] = i;
	}
}

static struct polyton_error *read_all(struct typing *typing, const struct scan *scan, struct type_of *types,
				      struct polyton_snapshot *snapshot)
{
	struct polyton_error *error = NULL;
	auto_free uint32_t *copies = calloc(snapshot->copies.count + 1, sizeof(*copies));
	auto_free uint32_t *ends = calloc((size_t)scan->count + 1, sizeof(*ends));
	if (!copies || !ends)
		return error_no_memory();
	sort_copies(snapshot, scan->count, copies, ends);
	for (uint32_t object = 0; !error && object < scan->count; object++) {
		uint32_t first = ends[object], count = ends[object + 1] - first;
		auto_free struct dwarf_asked *asked = count ? calloc(count, sizeof(*asked)) : NULL;
		struct wanted wanted = { copies + first, asked, count };
		if (!count)
			continue;
		if (!asked)
			return error_no_memory();
		error = subject_step(typing->subject, snapshot->objects.items[object].path, scan->count + object,
				     2 * scan->count);
		if (error)
			return error;
		for (uint32_t i = 0; i < count; i++) {
			const struct polyton_copy *copy = &snapshot->copies.items[wanted.copies[i]];
			asked[i] = (struct dwarf_asked){ snapshot->singletons.items[copy->singleton].kind,
							 copy->offset, copy->size, copy->symbol };
		}
		error = read_object(typing, scan, object, &wanted, types, snapshot);
		asked = wanted.asked; // NULL if it was kept
	}
	return error;
}

struct polyton_error *typing_read(struct typing *typing, const struct elf_debug_search *search,
				  const struct scan *scan, struct polyton_snapshot *snapshot)
{
	size_t count = snapshot->copies.count;
	struct type_of *types = arena_alloc(&snapshot->arena, count + 1, sizeof(*types));
	struct copy_guard *guards = arena_alloc(&snapshot->arena, count + 1, sizeof(*guards));
	if (!types || !guards)
		return error_no_memory();
	for (size_t i = 0; i < count; i++)
		types[i] = (struct type_of){ .absence = TYPE_NO_DEBUG_INFO, .type = POLYTON_NONE };
	typing->search = search;
	snapshot->types = types;
	struct polyton_error *error = read_all(typing, scan, types, snapshot);
	snapshot->guards = guards;
	for (uint32_t i = 0; !error && i < scan->count; i++)
		error = guards_find(snapshot, &scan->inputs[i], i, guards);
	for (uint32_t i = 0; !error && i < count; i++) {
		if (is_wanted(snapshot, &snapshot->copies.items[i]))
			error = describe(snapshot, i);
	}
	return error;
}
