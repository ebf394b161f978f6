// A file is mapped, not read: only the pages of the tables that are looked at cost anything. Another process may
// truncate a mapped file, and touching a page behind its new end is a SIGBUS that no check here can prevent; the
// files of running programs are not truncated in practice (their own process would die of it), and a library
// must not install signal handlers, so this is left as it is.

#include "elf/file.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <libelf.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elf/inflate.h"

enum { FILE_MAX_SEGMENTS = 65536, FILE_MAX_SECTIONS = 1 << 20 };

static struct polyton_error *damaged(const char *path, const char *what)
{
	return error_create(POLYTON_ERROR_DAMAGED, "%s: %s", path, what);
}

static bool is_inside(const struct elf_file *file, uint64_t offset, uint64_t size)
{
	return offset <= file->size && size <= file->size - offset;
}

static struct polyton_error *check_ident(struct elf_file *file, const char *path)
{
	const uint8_t *ident = file->map;
	if (file->size < sizeof(Elf32_Ehdr) || memcmp(ident, ELFMAG, SELFMAG) != 0 ||
	    (ident[EI_CLASS] == ELFCLASS64 && file->size < sizeof(Elf64_Ehdr)))
		return error_create(POLYTON_ERROR_UNSUPPORTED, "%s is not an ELF file", path);
	file->elf_class = ident[EI_CLASS];
	file->elf_data = ident[EI_DATA];
	if (file->elf_class != ELFCLASS64 && file->elf_class != ELFCLASS32)
		return damaged(path, "the ELF header is damaged");
	if (file->elf_data != ELFDATA2LSB)
		return error_create(POLYTON_ERROR_UNSUPPORTED, "%s is a big-endian ELF file: not yet supported",
				    path);
	return NULL;
}

static struct polyton_error *copy_segments(struct elf_file *file, Elf *elf, const char *path)
{
	size_t count;
	if (elf_getphdrnum(elf, &count) || count > FILE_MAX_SEGMENTS)
		return damaged(path, "the program header table is damaged");
	Elf64_Phdr *segments = arena_alloc(&file->arena, count, sizeof(*segments));
	if (!segments)
		return error_no_memory();
	for (size_t i = 0; i < count; i++) {
		GElf_Phdr header;
		if (!gelf_getphdr(elf, (int)i, &header))
			return damaged(path, "the program header table is damaged");
		// A separate debug file keeps the headers of segments whose content it does not have.
		if (!is_inside(file, header.p_offset, header.p_filesz))
			header.p_offset = header.p_filesz = 0;
		if (header.p_vaddr + header.p_memsz < header.p_vaddr)
			return damaged(path, "a segment wraps around the end of the address space");
		segments[i] = header;
	}
	file->segments = segments;
	file->segment_count = (uint32_t)count;
	return NULL;
}

static struct polyton_error *copy_sections(struct elf_file *file, Elf *elf)
{
	size_t count = 0, names = 0;
	// Loading needs no sections, so damage here costs only what sections would add.
	if (elf_getshdrnum(elf, &count) || elf_getshdrstrndx(elf, &names) || count > FILE_MAX_SECTIONS)
		return NULL;
	struct elf_section *sections = arena_alloc(&file->arena, count, sizeof(*sections));
	if (!sections)
		return error_no_memory();
	for (size_t i = 0; i < count; i++) {
		Elf_Scn *section = elf_getscn(elf, i);
		GElf_Shdr header;
		if (!section || !gelf_getshdr(section, &header))
			return NULL;
		sections[i].header = header;
		sections[i].name = "";
	}
	const Elf64_Shdr *table = names < count ? &sections[names].header : NULL;
	if (table && table->sh_type == SHT_STRTAB && table->sh_size &&
	    is_inside(file, table->sh_offset, table->sh_size) &&
	    file->map[table->sh_offset + table->sh_size - 1] == '\0') {
		for (size_t i = 0; i < count; i++) {
			if (sections[i].header.sh_name < table->sh_size)
				sections[i].name =
					(const char *)file->map + table->sh_offset + sections[i].header.sh_name;
		}
	}
	file->sections = sections;
	file->section_count = (uint32_t)count;
	return NULL;
}

const uint8_t *elf_note_build_id(const uint8_t *notes, size_t size, uint64_t align, uint32_t *size_ret)
{
	// Descriptors and notes begin at multiples of 4, or of 8 in segments that say so (gABI, and binutils for
	// .note.gnu.property). The header's 12 bytes are no multiple of 8, so places are rounded, not lengths.
	size_t pad = align == 8 ? 8 : 4;
	for (size_t at = 0; at <= size && size - at >= sizeof(Elf64_Nhdr);) {
		Elf64_Nhdr header;
		memcpy(&header, notes + at, sizeof(header));
		uint64_t content = (at + sizeof(header) + (uint64_t)header.n_namesz + pad - 1) & ~(uint64_t)(pad - 1);
		if (content > size || header.n_descsz > size - content)
			return NULL;
		if (header.n_type == NT_GNU_BUILD_ID && header.n_namesz == sizeof(ELF_NOTE_GNU) && header.n_descsz &&
		    memcmp(notes + at + sizeof(header), ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU)) == 0) {
			*size_ret = header.n_descsz;
			return notes + content;
		}
		at = (content + header.n_descsz + pad - 1) & ~(uint64_t)(pad - 1);
	}
	return NULL;
}

static void keep_build_id(struct elf_file *file, uint64_t offset, uint64_t size, uint64_t align)
{
	uint32_t id_size;
	if (file->build_id_size || !is_inside(file, offset, size))
		return;
	const uint8_t *id = elf_note_build_id(file->map + offset, size, align, &id_size);
	if (id && id_size <= ELF_BUILD_ID_MAX) {
		memcpy(file->build_id, id, id_size);
		file->build_id_size = id_size;
	}
}

static void find_build_id(struct elf_file *file)
{
	for (uint32_t i = 0; i < file->segment_count; i++) {
		const Elf64_Phdr *segment = &file->segments[i];
		if (segment->p_type == PT_NOTE)
			keep_build_id(file, segment->p_offset, segment->p_filesz, segment->p_align);
	}
	// A separate debug file's segments hold nothing, its note section does.
	for (uint32_t i = 0; i < file->section_count; i++) {
		const Elf64_Shdr *header = &file->sections[i].header;
		if (header->sh_type == SHT_NOTE)
			keep_build_id(file, header->sh_offset, header->sh_size, header->sh_addralign);
	}
}

static struct polyton_error *read_headers(struct elf_file *file, const char *path)
{
	struct polyton_error *error = check_ident(file, path);
	if (error)
		return error;
	if (elf_version(EV_CURRENT) == EV_NONE)
		return error_create(POLYTON_ERROR_SYSTEM, "libelf is too old: %s", elf_errmsg(-1));
	Elf *elf = elf_memory((char *)file->map, file->size);
	GElf_Ehdr header;
	if (!elf || !gelf_getehdr(elf, &header)) {
		elf_end(elf);
		return damaged(path, "the ELF header is damaged");
	}
	file->type = header.e_type;
	file->machine = header.e_machine;
	error = copy_segments(file, elf, path);
	if (!error)
		error = copy_sections(file, elf);
	elf_end(elf);
	if (!error)
		find_build_id(file);
	return error;
}

// Nothing of it is read yet. NULL without memory.
static struct elf_file *create(const void *bytes, size_t size)
{
	struct elf_file *file = calloc(1, sizeof(*file));
	if (file)
		*file = (struct elf_file){ .map = bytes, .size = size, .fd = -1, .path = "" };
	return file;
}

struct polyton_error *elf_file_open(int fd, const char *path, struct elf_file **ret)
{
	struct stat facts;
	if (fstat(fd, &facts))
		return error_errno(POLYTON_ERROR_READ, errno, "%s", path);
	if (!S_ISREG(facts.st_mode) || facts.st_size <= 0)
		return error_create(POLYTON_ERROR_UNSUPPORTED, "%s is not an ELF file", path);
	void *map = mmap(NULL, (size_t)facts.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return error_errno(POLYTON_ERROR_READ, errno, "%s", path);
	struct elf_file *file = create(map, (size_t)facts.st_size);
	if (!file) {
		munmap(map, (size_t)facts.st_size);
		return error_no_memory();
	}
	file->owns_map = true;
	file->device = facts.st_dev;
	file->inode = facts.st_ino;
	file->path = arena_strdup(&file->arena, path);
	struct polyton_error *error = file->path ? read_headers(file, path) : error_no_memory();
	if (error) {
		elf_file_close(file);
		return error;
	}
	*ret = file;
	return NULL;
}

struct polyton_error *elf_file_keep_open(struct elf_file *file, int fd)
{
	if (file->fd >= 0 || !elf_file_has_debug_info(file))
		return NULL;
	file->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return file->fd >= 0 ? NULL : error_errno(POLYTON_ERROR_SYSTEM, errno, "a file with debug info");
}

bool elf_file_has_debug_info(const struct elf_file *file)
{
	return elf_file_debug_section(file, ".debug_info") != NULL;
}

struct polyton_error *elf_file_from_bytes(const void *bytes, size_t size, const char *path, struct elf_file **ret)
{
	struct elf_file *file = create(bytes, size);
	if (!file)
		return error_no_memory();
	struct polyton_error *error = read_headers(file, path);
	if (error) {
		elf_file_close(file);
		return error;
	}
	*ret = file;
	return NULL;
}

struct polyton_error *elf_file_from_parts(uint16_t machine, uint8_t elf_class, const void *bytes, size_t size,
					  const Elf64_Phdr *segments, uint32_t count, struct elf_file **ret)
{
	struct elf_file *file = create(bytes, size);
	if (!file)
		return error_no_memory();
	file->machine = machine;
	file->elf_class = elf_class;
	file->elf_data = ELFDATA2LSB;
	Elf64_Phdr *copies = arena_alloc(&file->arena, count, sizeof(*copies));
	if (!copies) {
		elf_file_close(file);
		return error_no_memory();
	}
	for (uint32_t i = 0; i < count; i++) {
		copies[i] = segments[i];
		if (!is_inside(file, segments[i].p_offset, segments[i].p_filesz))
			copies[i].p_offset = copies[i].p_filesz = 0;
	}
	file->segments = copies;
	file->segment_count = count;
	*ret = file;
	return NULL;
}

void elf_file_close(struct elf_file *file)
{
	if (!file)
		return;
	if (file->fd >= 0)
		close(file->fd);
	if (file->owns_map)
		munmap((void *)file->map, file->size);
	arena_deinit(&file->arena);
	free(file);
}

const struct elf_section *elf_file_section(const struct elf_file *file, const char *name)
{
	for (uint32_t i = 0; i < file->section_count; i++) {
		if (strcmp(file->sections[i].name, name) == 0)
			return &file->sections[i];
	}
	return NULL;
}

static bool has_content(const struct elf_section *section)
{
	return section && section->header.sh_type != SHT_NOBITS && section->header.sh_size;
}

const struct elf_section *elf_file_debug_section(const struct elf_file *file, const char *name)
{
	char packed[64];
	const struct elf_section *section = elf_file_section(file, name);
	if (!has_content(section) && snprintf(packed, sizeof(packed), ".z%s", name + 1) < (int)sizeof(packed))
		section = elf_file_section(file, packed);
	return has_content(section) ? section : NULL;
}

struct polyton_error *elf_file_section_bytes(struct elf_file *file, const struct elf_section *section,
					     const uint8_t **ret, size_t *size_ret)
{
	const Elf64_Shdr *header = &section->header;
	if (header->sh_type == SHT_NOBITS || !is_inside(file, header->sh_offset, header->sh_size))
		return error_create(POLYTON_ERROR_DAMAGED, "section %s lies outside the file", section->name);
	const uint8_t *bytes = file->map + header->sh_offset;
	if (header->sh_flags & SHF_COMPRESSED)
		return inflate_section(&file->arena, file->elf_class, section->name, bytes, header->sh_size, ret,
				       size_ret);
	if (strncmp(section->name, ".zdebug_", strlen(".zdebug_")) == 0)
		return inflate_zdebug(&file->arena, section->name, bytes, header->sh_size, ret, size_ret);
	*ret = bytes;
	*size_ret = header->sh_size;
	return NULL;
}

const Elf64_Phdr *elf_file_segment(const struct elf_file *file, uint32_t type)
{
	for (uint32_t i = 0; i < file->segment_count; i++) {
		if (file->segments[i].p_type == type)
			return &file->segments[i];
	}
	return NULL;
}

const uint8_t *elf_file_at(const struct elf_file *file, uint64_t address, size_t size)
{
	for (uint32_t i = 0; i < file->segment_count; i++) {
		const Elf64_Phdr *segment = &file->segments[i];
		uint64_t inside = address - segment->p_vaddr;
		if (segment->p_type == PT_LOAD && inside <= segment->p_filesz && size <= segment->p_filesz - inside)
			return file->map + segment->p_offset + inside;
	}
	return NULL;
}

struct polyton_error *elf_file_table(struct elf_file *file, uint64_t address, uint64_t count, size_t size,
				     const void **ret)
{
	size_t total;
	const uint8_t *bytes = __builtin_mul_overflow(count, size, &total) ? NULL : elf_file_at(file, address, total);
	// A file may lie anywhere in memory (a member of an archive, say), and its tables anywhere in it.
	if (!bytes || (uintptr_t)bytes % _Alignof(uint64_t) == 0 || (uintptr_t)bytes % size == 0) {
		*ret = bytes;
		return NULL;
	}
	void *copy = arena_alloc(&file->arena, total, 1);
	if (!copy)
		return error_no_memory();
	*ret = memcpy(copy, bytes, total);
	return NULL;
}
