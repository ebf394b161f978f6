// Notes say who ran, with which registers, and what was mapped from where. Their sizes and counts are a file's to
// claim: each is held against the bytes that are there.

#include <stdio.h>
#include <string.h>

#include "base/strmap.h"
#include "target/core.h"

// The kernel's struct elf_prstatus and struct elf_prpsinfo, which are the same on every 64-bit machine.
enum {
	PRSTATUS_SIGNAL = 12, // short pr_cursig
	PRSTATUS_PID = 32,
	PRSTATUS_REGISTERS = 112,
	PRSTATUS_MAX = 4096,
	PRPSINFO_PID = 24,
	PRPSINFO_NAME = 40,
	PRPSINFO_MIN = PRPSINFO_NAME + SUBJECT_NAME_MAX,
};

enum {
	NOTES_MAX = 1 << 23,
	NOTES_MAX_THREADS = 1 << 17,
	NOTES_MAX_AUXV = 1 << 16,
	NOTES_MAX_FILES = 1 << 26, // bytes; the kernel stops at 4 MiB unless told otherwise
	NOTES_MAX_PAGE = 1 << 20,
	NOTES_NAME = 8, // "CORE" or "LINUX", padded
};

/** One note's place. */
struct note {
	uint32_t type;
	uint64_t offset, size; ///< Of its content.
	bool is_kernel;        ///< "LINUX" instead of "CORE".
};

static uint64_t word_at(const uint8_t *bytes)
{
	uint64_t word;
	memcpy(&word, bytes, sizeof(word));
	return word;
}

static int32_t int_at(const uint8_t *bytes)
{
	int32_t number;
	memcpy(&number, bytes, sizeof(number));
	return number;
}

static struct polyton_error *take_thread(struct core *core, const struct note *note)
{
	uint8_t bytes[PRSTATUS_MAX];
	const struct arch *arch = core->target.arch;
	size_t size = note->size < sizeof(bytes) ? (size_t)note->size : sizeof(bytes);
	size_t got = core_file_bytes(core, note->offset, bytes, size);
	if (got < PRSTATUS_REGISTERS || int_at(bytes + PRSTATUS_PID) <= 0)
		return NULL;
	if (core->threads.count == NOTES_MAX_THREADS) {
		core->has_more_threads = true;
		return NULL;
	}
	struct roster_thread *thread = vec_push(&core->threads);
	if (!thread)
		return error_no_memory();
	thread->tid = thread->inner_tid = int_at(bytes + PRSTATUS_PID);
	size_t place = PRSTATUS_REGISTERS + arch->tp_place;
	if (arch->tp_source == ARCH_TP_PRSTATUS && place + sizeof(uint64_t) <= got) {
		thread->pointer = word_at(bytes + place);
		thread->has_pointer = true;
	}
	// The first thread is the one that it was dumped for.
	if (core->threads.count == 1) {
		core->signal = bytes[PRSTATUS_SIGNAL] | bytes[PRSTATUS_SIGNAL + 1] << 8;
		core->signal_tid = thread->tid;
	}
	return NULL;
}

// Further registers of the thread whose NT_PRSTATUS came last.
static void take_registers(struct core *core, const struct note *note)
{
	uint8_t bytes[sizeof(uint64_t)];
	const struct arch *arch = core->target.arch;
	if (arch->tp_source != ARCH_TP_REGSET || note->type != arch->tp_regset || !core->threads.count ||
	    note->size < sizeof(bytes) || core_file_bytes(core, note->offset, bytes, sizeof(bytes)) != sizeof(bytes))
		return;
	struct roster_thread *thread = &core->threads.items[core->threads.count - 1];
	thread->pointer = word_at(bytes);
	thread->has_pointer = true;
}

static void take_process(struct core *core, const struct note *note)
{
	uint8_t bytes[PRPSINFO_MIN];
	if (note->size < sizeof(bytes) || core_file_bytes(core, note->offset, bytes, sizeof(bytes)) != sizeof(bytes))
		return;
	core->pid = int_at(bytes + PRPSINFO_PID);
	memcpy(core->name, bytes + PRPSINFO_NAME, sizeof(core->name) - 1);
}

static struct polyton_error *take_auxv(struct core *core, const struct note *note)
{
	size_t size = note->size < NOTES_MAX_AUXV ? (size_t)note->size : NOTES_MAX_AUXV;
	if (core->auxv)
		return NULL;
	core->auxv = malloc(size + 1);
	if (!core->auxv)
		return error_no_memory();
	core->auxv_size = core_file_bytes(core, note->offset, core->auxv, size);
	return NULL;
}

/** NT_FILE while it is taken apart. */
struct file_table {
	const uint8_t *row;
	const char *name, *end;
	uint64_t page;
	struct strmap paths;
	uint32_t path_count;
	uint32_t last_path;
};

// A path that is not that of the range before, or offset 0 once more, begins another file.
static struct polyton_error *take_range(struct core *core, struct file_table *table, const char *path,
					bool is_deleted)
{
	uint64_t offset;
	struct core_range range = { .start = word_at(table->row), .end = word_at(table->row + 8) };
	if (__builtin_mul_overflow(word_at(table->row + 16), table->page, &offset) || range.start >= range.end ||
	    (core->ranges.count && range.start < core->ranges.items[core->ranges.count - 1].end))
		return NULL;
	uint32_t *number = strmap_at(&table->paths, path, strlen(path), table->path_count);
	if (!number)
		return error_no_memory();
	table->path_count += *number == table->path_count;
	range.path = *number;
	range.offset = offset;
	if (!core->files.count || range.path != table->last_path || !offset) {
		struct core_file *file = vec_push(&core->files);
		if (!file)
			return error_no_memory();
		*file = (struct core_file){ .path = path,
					    .base = range.start,
					    .has_base = !offset,
					    .is_deleted = is_deleted,
					    .fd = -1 };
	}
	table->last_path = range.path;
	range.file = (uint32_t)core->files.count - 1;
	struct core_range *place = vec_push(&core->ranges);
	if (!place)
		return error_no_memory();
	*place = range;
	return NULL;
}

static const char *keep_path(struct core *core, const char *name, size_t length, bool *is_deleted_ret)
{
	static const char deleted[] = " (deleted)";
	size_t cut = strlen(deleted);
	*is_deleted_ret = length > cut && memcmp(name + length - cut, deleted, cut) == 0;
	return arena_strndup(&core->arena, name, *is_deleted_ret ? length - cut : length);
}

static struct polyton_error *take_table(struct core *core, const uint8_t *bytes, size_t size)
{
	if (size < 16 || word_at(bytes) > (size - 16) / 24 || !word_at(bytes + 8) ||
	    word_at(bytes + 8) > NOTES_MAX_PAGE)
		return core_note_loss(core,
				      "its list of mapped files (NT_FILE) is damaged: pages that are not in the "
				      "core are not looked for in files");
	uint64_t count = word_at(bytes);
	struct file_table table = { .row = bytes + 16,
				    .name = (const char *)bytes + 16 + 24 * count,
				    .end = (const char *)bytes + size,
				    .page = word_at(bytes + 8) };
	struct polyton_error *error = NULL;
	for (uint64_t i = 0; !error && i < count; i++, table.row += 24) {
		bool is_deleted;
		size_t left = (size_t)(table.end - table.name), length = strnlen(table.name, left);
		if (length == left) {
			error = core_note_loss(core, "its list of mapped files (NT_FILE) is cut off");
			break;
		}
		const char *path = keep_path(core, table.name, length, &is_deleted);
		error = path ? take_range(core, &table, path, is_deleted) : error_no_memory();
		table.name += length + 1;
	}
	strmap_deinit(&table.paths);
	return error;
}

static struct polyton_error *take_files(struct core *core, const struct note *note)
{
	uint64_t there = note->offset < core->size ? core->size - note->offset : 0;
	uint64_t size = note->size < there ? note->size : there;
	if (core->ranges.count)
		return NULL;
	size = size < NOTES_MAX_FILES ? size : NOTES_MAX_FILES;
	auto_free uint8_t *bytes = malloc(size + 1);
	if (!bytes)
		return error_no_memory();
	return take_table(core, bytes, core_file_bytes(core, note->offset, bytes, size));
}

static struct polyton_error *take_note(struct core *core, const struct note *note)
{
	if (note->is_kernel) {
		take_registers(core, note);
		return NULL;
	}
	switch (note->type) {
	case NT_PRSTATUS:
		return take_thread(core, note);
	case NT_PRPSINFO:
		take_process(core, note);
		break;
	case NT_AUXV:
		return take_auxv(core, note);
	case NT_FILE:
		return take_files(core, note);
	default:
		break;
	}
	return NULL;
}

struct polyton_error *corenotes_read(struct core *core, uint64_t offset, uint64_t size)
{
	struct polyton_error *error = NULL;
	uint64_t end = size > UINT64_MAX - offset ? UINT64_MAX : offset + size;
	if (end > core->size)
		end = core->size;
	for (size_t seen = 0; !error && seen < NOTES_MAX && offset < end && end - offset >= sizeof(Elf64_Nhdr);
	     seen++) {
		struct {
			Elf64_Nhdr header;
			char name[NOTES_NAME];
		} bytes = { 0 };
		size_t got = core_file_bytes(core, offset, &bytes, sizeof(bytes));
		uint64_t content =
			offset + sizeof(bytes.header) + ((bytes.header.n_namesz + UINT64_C(3)) & ~UINT64_C(3));
		struct note note = { .type = bytes.header.n_type, .offset = content, .size = bytes.header.n_descsz };
		note.is_kernel = memcmp(bytes.name, "LINUX", 6) == 0;
		bool is_known = got == sizeof(bytes) && bytes.header.n_namesz >= 5 &&
				bytes.header.n_namesz <= NOTES_NAME;
		if (is_known && (note.is_kernel || memcmp(bytes.name, "CORE", 5) == 0))
			error = take_note(core, &note);
		offset = content + ((note.size + 3) & ~UINT64_C(3)); // both below 2^33
	}
	return error;
}

struct polyton_error *corenotes_finish(struct core *core)
{
	size_t kept = 0;
	roster_sort(&core->threads);
	for (size_t i = 0; i < core->threads.count; i++) {
		if (!kept || core->threads.items[kept - 1].tid != core->threads.items[i].tid)
			core->threads.items[kept++] = core->threads.items[i];
	}
	core->threads.count = kept;
	if (core->pid <= 0)
		core->pid = kept ? core->threads.items[0].tid : 0;
	// The kernel keeps the main thread's name only.
	for (size_t i = 0; i < kept; i++)
		core->threads.items[i].name = core->threads.items[i].tid == core->pid ? core->name : NULL;
	if (core->has_more_threads)
		return core_note_loss(core, "it names more threads than are looked at");
	return kept ? NULL
		    : core_note_loss(core,
				     "it names no threads (NT_PRSTATUS): values of thread-locals are not shown");
}
