// The files of a core lie where they lay when the process ran, or nowhere, or others have their place by now. So a file
// stands in for memory only if its ELF header, its program headers and its build id are, byte by byte, those that the
// core has of it, and only for what no process writes to.

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "elf/file.h"
#include "target/core.h"
#include "target/root.h"

enum { COREFILES_MAX_SEGMENTS = 128, COREFILES_MAX_NOTES = 65536, COREFILES_PAGE = 4096 };

/** The beginning of an ELF file, from memory or from the file. */
struct beginning {
	Elf64_Ehdr header;
	Elf64_Phdr segments[COREFILES_MAX_SEGMENTS];
};

/** Where the bytes of a file are compared: in memory with @c core, else in @c fd. */
struct source {
	const struct core *core;
	uint64_t base;
	int fd;
};

static bool read_source(const struct source *source, uint64_t offset, void *buffer, size_t size)
{
	if (source->core)
		return offset <= UINT64_MAX - source->base &&
		       corememory_held(source->core, source->base + offset, buffer, size) == size;
	return offset <= INT64_MAX && pread(source->fd, buffer, size, (off_t)offset) == (ssize_t)size;
}

static bool read_beginning(const struct source *source, struct beginning *ret)
{
	*ret = (struct beginning){ 0 };
	const Elf64_Ehdr *header = &ret->header;
	return read_source(source, 0, &ret->header, sizeof(ret->header)) &&
	       memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 && header->e_ident[EI_CLASS] == ELFCLASS64 &&
	       header->e_phentsize == sizeof(Elf64_Phdr) && header->e_phnum <= COREFILES_MAX_SEGMENTS &&
	       read_source(source, header->e_phoff, ret->segments, header->e_phnum * sizeof(ret->segments[0]));
}

// The build id, by the program headers of @p beginning: its size, 0 if there is none.
static uint32_t read_build_id(const struct source *source, const struct beginning *beginning,
			      uint8_t ret[ELF_BUILD_ID_MAX])
{
	for (size_t i = 0; i < beginning->header.e_phnum; i++) {
		const Elf64_Phdr *segment = &beginning->segments[i];
		uint32_t size = 0;
		if (segment->p_type != PT_NOTE || !segment->p_filesz || segment->p_filesz > COREFILES_MAX_NOTES)
			continue;
		auto_free uint8_t *notes = malloc(segment->p_filesz);
		if (!notes || !read_source(source, segment->p_offset, notes, segment->p_filesz))
			continue;
		const uint8_t *id = elf_note_build_id(notes, segment->p_filesz, segment->p_align, &size);
		if (id && size && size <= ELF_BUILD_ID_MAX) {
			memcpy(ret, id, size);
			return size;
		}
	}
	return 0;
}

// @p is_named: the caller says that it is the one, which counts where nothing is there to compare.
static bool is_same(const struct core *core, const struct core_file *file, int fd, bool is_named,
		    struct beginning *on_disk)
{
	struct beginning in_memory;
	uint8_t memory_id[ELF_BUILD_ID_MAX], disk_id[ELF_BUILD_ID_MAX];
	const struct source memory = { core, file->base, -1 }, disk = { NULL, 0, fd };
	if (!read_beginning(&disk, on_disk))
		return false;
	if (!read_beginning(&memory, &in_memory))
		return is_named;
	if (memcmp(&in_memory, on_disk, sizeof(in_memory)) != 0)
		return false;
	uint32_t size = read_build_id(&disk, on_disk, disk_id);
	if (!size)
		return is_named;
	return read_build_id(&memory, on_disk, memory_id) == size && memcmp(memory_id, disk_id, size) == 0;
}

static bool keep_segments(struct core_file *file, const struct beginning *beginning)
{
	bool has_first = false;
	file->segments = calloc(beginning->header.e_phnum + 1u, sizeof(*file->segments));
	for (size_t i = 0; file->segments && i < beginning->header.e_phnum; i++) {
		const Elf64_Phdr *segment = &beginning->segments[i];
		if (segment->p_type != PT_LOAD)
			continue;
		if (!has_first && segment->p_offset < COREFILES_PAGE) {
			file->first_address = segment->p_vaddr - segment->p_offset;
			has_first = true;
		}
		file->segments[file->segment_count++] = *segment;
	}
	return has_first;
}

static void try_file(struct core *core, struct core_file *file, uint32_t index)
{
	file->trust = CORE_FILE_REFUSED;
	if (!file->has_base)
		return;
	bool is_program = index == core->program_file;
	for (int attempt = 0; attempt < 2; attempt++) {
		struct beginning beginning;
		int fd = -1;
		if (attempt == 0 && !file->is_deleted)
			fd = root_open(core->root, file->path);
		else if (attempt == 1 && is_program && core->exe)
			fd = root_keep_regular(open(core->exe, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
		if (fd < 0)
			continue;
		if (is_same(core, file, fd, attempt == 1, &beginning) && keep_segments(file, &beginning)) {
			file->trust = CORE_FILE_TRUSTED;
			file->fd = fd;
			return;
		}
		free(take_pointer(file->segments));
		file->segment_count = 0;
		close(fd);
	}
}

const struct core_range *corefiles_range(const struct core *core, uint64_t address)
{
	size_t low = 0, high = core->ranges.count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct core_range *range = &core->ranges.items[middle];
		if (address < range->start)
			high = middle;
		else if (address >= range->end)
			low = middle + 1;
		else
			return range;
	}
	return NULL;
}

size_t corefiles_read(struct core *core, uint64_t address, void *buffer, size_t size)
{
	const struct core_range *range = corefiles_range(core, address);
	if (!range)
		return 0;
	struct core_file *file = &core->files.items[range->file];
	if (file->trust == CORE_FILE_UNTRIED)
		try_file(core, file, range->file);
	if (file->trust != CORE_FILE_TRUSTED)
		return 0;
	uint64_t wanted = address - file->base + file->first_address;
	for (size_t i = 0; i < file->segment_count; i++) {
		const Elf64_Phdr *segment = &file->segments[i];
		uint64_t inside = wanted - segment->p_vaddr;
		if (wanted < segment->p_vaddr || inside >= segment->p_filesz || segment->p_flags & PF_W)
			continue;
		uint64_t left = segment->p_filesz - inside, mapped = range->end - address;
		size_t now = left < size ? (size_t)left : size;
		if (mapped < now)
			now = (size_t)mapped;
		if (segment->p_offset > INT64_MAX - inside)
			return 0;
		ssize_t got = pread(file->fd, buffer, now, (off_t)(segment->p_offset + inside));
		return got > 0 ? (size_t)got : 0;
	}
	return 0;
}
