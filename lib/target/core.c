// A core may be cut off by a limit, lack what a filter left out, come from another machine, or be made to mislead:
// every offset and count in it is held against the size of the file, and what is not there is said to be missing.

#include "target/core.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "target/root.h"

enum { CORE_MAX_SEGMENTS = 1 << 20, CORE_MAX_PATH = 4096 };

size_t core_file_bytes(const struct core *core, uint64_t offset, void *buffer, size_t size)
{
	size_t done = 0;
	while (done < size && offset < core->size && done < core->size - offset) {
		uint64_t left = core->size - offset - done;
		size_t now = left < size - done ? (size_t)left : size - done;
		ssize_t got = pread(core->fd, (char *)buffer + done, now, (off_t)(offset + done));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		done += (size_t)got;
	}
	return done;
}

struct polyton_error *core_note_loss(struct core *core, const char *text)
{
	const char **place = vec_push(&core->losses);
	const char *kept = arena_printf(&core->arena, "%s: %s", core->path, text);
	if (!place || !kept)
		return error_no_memory();
	*place = kept;
	return NULL;
}

static struct polyton_error *refuse_format(const struct core *core, const uint8_t *ident)
{
	static const struct {
		const char *magic, *name;
		size_t size;
	} packed[] = { { "\x28\xb5\x2f\xfd", "zstd", 4 },
		       { "\x04\x22\x4d\x18", "lz4", 4 },
		       { "\xfd"
			 "7zXZ",
			 "xz", 5 },
		       { "\x1f\x8b", "gzip", 2 } };
	for (size_t i = 0; i < sizeof(packed) / sizeof(packed[0]); i++) {
		if (memcmp(ident, packed[i].magic, packed[i].size) == 0)
			return error_create(POLYTON_ERROR_UNSUPPORTED, "%s is compressed: unpack it with %s first",
					    core->path, packed[i].name);
	}
	return error_create(POLYTON_ERROR_UNSUPPORTED, "%s is not a core file", core->path);
}

static struct polyton_error *read_header(struct core *core, Elf64_Ehdr *ret)
{
	*ret = (Elf64_Ehdr){ 0 };
	size_t got = core_file_bytes(core, 0, ret, sizeof(*ret));
	if (got < EI_NIDENT + 4 || memcmp(ret->e_ident, ELFMAG, SELFMAG) != 0 || ret->e_type != ET_CORE)
		return refuse_format(core, ret->e_ident);
	const struct arch *arch = arch_find(ret->e_machine, ret->e_ident[EI_CLASS], ret->e_ident[EI_DATA]);
	if (ret->e_ident[EI_CLASS] != ELFCLASS64 || ret->e_ident[EI_DATA] != ELFDATA2LSB)
		return error_create(POLYTON_ERROR_UNSUPPORTED,
				    "%s is the core of a 32-bit or big-endian program (%s): not yet supported",
				    core->path, arch ? arch->name : "unknown machine");
	if (!arch)
		return error_create(POLYTON_ERROR_UNSUPPORTED,
				    "%s is for a machine polyton does not know (e_machine %u)", core->path,
				    ret->e_machine);
	if (got < sizeof(*ret) || ret->e_phentsize != sizeof(Elf64_Phdr))
		return error_create(POLYTON_ERROR_DAMAGED, "%s: its ELF header is damaged", core->path);
	core->target.arch = arch;
	return NULL;
}

// More than 65534 segments are counted in the first section's header.
static uint64_t count_segments(const struct core *core, const Elf64_Ehdr *header)
{
	Elf64_Shdr first;
	uint64_t count = header->e_phnum;
	if (count == PN_XNUM && core_file_bytes(core, header->e_shoff, &first, sizeof(first)) == sizeof(first))
		count = first.sh_info;
	return count < CORE_MAX_SEGMENTS ? count : CORE_MAX_SEGMENTS;
}

static struct polyton_error *add_segment(struct core *core, const Elf64_Phdr *header, uint64_t *missing)
{
	uint64_t end, held = header->p_filesz < header->p_memsz ? header->p_filesz : header->p_memsz;
	if (!header->p_memsz || __builtin_add_overflow(header->p_vaddr, header->p_memsz, &end))
		return NULL;
	uint64_t there = header->p_offset < core->size ? core->size - header->p_offset : 0;
	if (held > there) {
		*missing += *missing > UINT64_MAX - (held - there) ? 0 : held - there;
		held = there;
	}
	struct core_segment *segment = vec_push(&core->segments);
	if (!segment)
		return error_no_memory();
	*segment = (struct core_segment){ .address = header->p_vaddr,
					  .size = header->p_memsz,
					  .held = held,
					  .offset = header->p_offset,
					  .is_writable = header->p_flags & PF_W,
					  .is_executable = header->p_flags & PF_X };
	return NULL;
}

static int compare_segments(const void *left, const void *right)
{
	uint64_t a = ((const struct core_segment *)left)->address, b = ((const struct core_segment *)right)->address;
	return (a > b) - (a < b);
}

static struct polyton_error *read_segments(struct core *core, const Elf64_Ehdr *header)
{
	uint64_t count = count_segments(core, header), missing = 0;
	uint64_t there = header->e_phoff < core->size ? (core->size - header->e_phoff) / sizeof(Elf64_Phdr) : 0;
	size_t known = (size_t)(count < there ? count : there);
	auto_free Elf64_Phdr *headers = malloc((known + 1) * sizeof(*headers));
	if (!headers)
		return error_no_memory();
	known = core_file_bytes(core, header->e_phoff, headers, known * sizeof(*headers)) / sizeof(*headers);
	struct polyton_error *error = NULL;
	for (size_t i = 0; !error && i < known; i++) {
		if (headers[i].p_type == PT_LOAD)
			error = add_segment(core, &headers[i], &missing);
		else if (headers[i].p_type == PT_NOTE)
			error = corenotes_read(core, headers[i].p_offset, headers[i].p_filesz);
	}
	if (core->segments.count)
		qsort(core->segments.items, core->segments.count, sizeof(*core->segments.items), compare_segments);
	if (error || (!missing && known == count))
		return error;
	const char *text = known == count
				   ? arena_printf(&core->arena,
						  "it is cut off: %" PRIu64 " bytes of memory are missing", missing)
				   : "it is cut off within its table of segments: most of it is missing";
	return text ? core_note_loss(core, text) : error_no_memory();
}

uint64_t core_auxv(const struct core *core, uint64_t type)
{
	size_t word = core->target.arch->word;
	uint64_t value = 0;
	for (size_t at = 0; at + 2 * word <= core->auxv_size; at += 2 * word) {
		if (target_word(&core->target, core->auxv + at) == type)
			value = target_word(&core->target, core->auxv + at + word);
	}
	return value;
}

// The program is the file that its own headers are mapped from.
static struct polyton_error *find_program(struct core *core)
{
	static const uint64_t hints[] = { AT_PHDR, AT_ENTRY };
	for (size_t i = 0; core->program_file == POLYTON_NONE && i < sizeof(hints) / sizeof(hints[0]); i++) {
		const struct core_range *range = corefiles_range(core, core_auxv(core, hints[i]));
		if (!range)
			continue;
		core->program_file = range->file;
		core->program = core->files.items[range->file].path;
		core->is_program_deleted = core->files.items[range->file].is_deleted;
	}
	// Without a list of files there is what the program was started by.
	uint64_t started_by = core_auxv(core, AT_EXECFN);
	if (core->program[0])
		return NULL;
	auto_free char *path = NULL;
	struct polyton_error *error = started_by ? target_read_string(&core->target, started_by, CORE_MAX_PATH, &path)
						 : NULL;
	polyton_error_destroy(error);
	core->program = arena_strdup(&core->arena, path ? path : core->name);
	return core->program ? NULL : error_no_memory();
}

static struct polyton_error *open_files(struct core *core, const char *path, const char *exe)
{
	struct stat facts;
	core->path = arena_strdup(&core->arena, path);
	core->exe = exe ? arena_strdup(&core->arena, exe) : NULL;
	if (!core->path || (exe && !core->exe))
		return error_no_memory();
	core->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (core->fd < 0 || fstat(core->fd, &facts))
		return error_errno(POLYTON_ERROR_READ, errno, "%s", path);
	if (!S_ISREG(facts.st_mode))
		return error_create(POLYTON_ERROR_ARGUMENT, "%s is not a regular file", path);
	core->size = (uint64_t)facts.st_size;
	core->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (core->root < 0)
		return error_errno(POLYTON_ERROR_SYSTEM, errno, "/");
	auto_close int named = exe ? root_keep_regular(open(exe, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) : -1;
	if (exe && named < 0)
		return error_errno(POLYTON_ERROR_READ, errno, "%s", exe);
	return NULL;
}

static const struct target_ops core_ops;

struct polyton_error *core_open(const char *path, const char *exe, struct core **ret)
{
	Elf64_Ehdr header;
	struct core *core = calloc(1, sizeof(*core));
	if (!core)
		return error_no_memory();
	core->fd = core->root = -1;
	core->program_file = POLYTON_NONE;
	core->program = "";
	core->target.ops = &core_ops;
	core->target.state = core;
	core->target.is_still = true;
	struct polyton_error *error = open_files(core, path, exe);
	if (!error)
		error = read_header(core, &header);
	if (!error)
		error = read_segments(core, &header);
	if (!error)
		error = corenotes_finish(core);
	if (!error)
		error = find_program(core);
	if (!error && !core->auxv_size)
		error = error_create(POLYTON_ERROR_DAMAGED,
				     "%s has no auxiliary vector (NT_AUXV): nothing leads to its objects", path);
	if (error) {
		core_close(core);
		return error;
	}
	*ret = core;
	return NULL;
}

void core_close(struct core *core)
{
	if (!core)
		return;
	for (size_t i = 0; i < core->files.count; i++) {
		free(core->files.items[i].segments);
		if (core->files.items[i].fd >= 0)
			close(core->files.items[i].fd);
	}
	vec_deinit(&core->segments);
	vec_deinit(&core->threads);
	vec_deinit(&core->ranges);
	vec_deinit(&core->files);
	vec_deinit(&core->losses);
	free(core->auxv);
	if (core->fd >= 0)
		close(core->fd);
	if (core->root >= 0)
		close(core->root);
	arena_deinit(&core->arena);
	free(core);
}

static int read_thread_pointer(void *state, int32_t tid, uint64_t *ret)
{
	const struct core *core = state;
	return roster_thread_pointer(&core->threads, tid, ret);
}

static const struct target_ops core_ops = { .read = corememory_read, .thread_pointer = read_thread_pointer };
