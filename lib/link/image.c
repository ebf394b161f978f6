// Headers in memory are the target's to write: every count and size is bounded before it is used.

#include "link/image.h"

#include <inttypes.h>
#include <string.h>

#include "elf/narrow.h"

enum { IMAGE_PAGE = 4096, IMAGE_MAX_NOTES = 65536, IMAGE_MAX_DYNAMIC = 4096 };

const Elf64_Phdr *image_segment(const struct image *image, uint32_t type)
{
	for (uint32_t i = 0; i < image->segment_count; i++) {
		if (image->segments[i].p_type == type)
			return &image->segments[i];
	}
	return NULL;
}

static void find_range(struct image *image)
{
	uint64_t low = UINT64_MAX, high = 0;
	for (uint32_t i = 0; i < image->segment_count; i++) {
		const Elf64_Phdr *segment = &image->segments[i];
		uint64_t end;
		if (segment->p_type != PT_LOAD || __builtin_add_overflow(segment->p_vaddr, segment->p_memsz, &end) ||
		    end > UINT64_MAX - IMAGE_PAGE)
			continue;
		if (segment->p_vaddr < low)
			low = segment->p_vaddr;
		if (end > high)
			high = end;
	}
	if (low < high) {
		image->start = image->bias + (low & ~(uint64_t)(IMAGE_PAGE - 1));
		image->end = image->bias + ((high + IMAGE_PAGE - 1) & ~(uint64_t)(IMAGE_PAGE - 1));
	}
}

static void find_build_id(struct target *target, struct image *image)
{
	for (uint32_t i = 0; i < image->segment_count; i++) {
		const Elf64_Phdr *segment = &image->segments[i];
		if (segment->p_type != PT_NOTE || segment->p_memsz > IMAGE_MAX_NOTES)
			continue;
		auto_free uint8_t *notes = malloc(segment->p_memsz ? segment->p_memsz : 1);
		struct target_read piece = { image->bias + segment->p_vaddr, notes, segment->p_memsz, 0 };
		if (!notes)
			continue;
		target_read_pieces(target, &piece, 1);
		uint32_t size;
		const uint8_t *id = piece.error ? NULL
						: elf_note_build_id(notes, segment->p_memsz, segment->p_align, &size);
		if (id && size <= ELF_BUILD_ID_MAX) {
			memcpy(image->build_id, id, size);
			image->build_id_size = size;
			image->build_id_address = piece.address + (uint64_t)(id - notes);
			return;
		}
	}
}

static uint8_t class_of(const struct target *target)
{
	return target->arch->word == sizeof(uint32_t) ? ELFCLASS32 : ELFCLASS64;
}

static struct polyton_error *read_segments(struct target *target, uint64_t address, size_t count, struct image *image)
{
	uint8_t bytes[sizeof(image->segments)];
	struct polyton_error *error =
		target_read(target, address, bytes, count * elf_entry_size(class_of(target), ELF_TABLE_SEGMENTS));
	if (error)
		return error;
	elf_widen(class_of(target), ELF_TABLE_SEGMENTS, bytes, count, image->segments);
	image->segment_count = (uint32_t)count;
	return NULL;
}

static void finish(struct target *target, struct image *image)
{
	const Elf64_Phdr *dynamic = image_segment(image, PT_DYNAMIC);
	if (dynamic) {
		image->dynamic = image->bias + dynamic->p_vaddr;
		image->dynamic_size = dynamic->p_memsz;
	}
	find_range(image);
	find_build_id(target, image);
}

struct polyton_error *image_read_program(struct target *target, uint64_t address, uint64_t count, struct image *ret)
{
	struct image image = { .headers = address };
	if (!address || !count || count > IMAGE_MAX_HEADERS)
		return error_create(POLYTON_ERROR_DAMAGED,
				    "the program has %" PRIu64 " program headers at 0x%" PRIx64, count, address);
	struct polyton_error *error = read_segments(target, address, count, &image);
	if (error)
		return error;

	const Elf64_Phdr *self = image_segment(&image, PT_PHDR);
	if (self) {
		image.bias = address - self->p_vaddr;
	} else {
		// Static programs and ld.so have no PT_PHDR: the headers lie in the segment that maps offset 0. One
		// that has nothing of the file may say offset 0, too.
		for (uint32_t i = 0; i < image.segment_count; i++) {
			const Elf64_Phdr *segment = &image.segments[i];
			if (segment->p_type == PT_LOAD && segment->p_offset == 0 && segment->p_filesz) {
				image.bias = (address & ~(uint64_t)(IMAGE_PAGE - 1)) - segment->p_vaddr;
				break;
			}
		}
	}
	finish(target, &image);
	*ret = image;
	return NULL;
}

struct polyton_error *image_read(struct target *target, uint64_t address, uint64_t bias, struct image *ret)
{
	union {
		uint8_t ident[EI_NIDENT];
		Elf32_Ehdr narrow;
		Elf64_Ehdr wide;
	} header;
	struct image image = { .headers = address, .bias = bias };
	bool is_narrow = class_of(target) == ELFCLASS32;
	struct polyton_error *error =
		target_read(target, address, &header, is_narrow ? sizeof(header.narrow) : sizeof(header.wide));
	if (error)
		return error;
	uint64_t segments = is_narrow ? header.narrow.e_phoff : header.wide.e_phoff;
	size_t size = is_narrow ? header.narrow.e_phentsize : header.wide.e_phentsize;
	size_t count = is_narrow ? header.narrow.e_phnum : header.wide.e_phnum;
	if (memcmp(header.ident, ELFMAG, SELFMAG) != 0 || header.ident[EI_CLASS] != class_of(target) ||
	    size != elf_entry_size(class_of(target), ELF_TABLE_SEGMENTS) || count > IMAGE_MAX_HEADERS)
		return error_create(POLYTON_ERROR_DAMAGED, "no ELF header at 0x%" PRIx64, address);
	error = read_segments(target, address + segments, count, &image);
	if (error)
		return error;
	finish(target, &image);
	*ret = image;
	return NULL;
}

struct polyton_error *image_read_debug(struct target *target, const struct image *image, uint64_t *ret)
{
	size_t size = elf_entry_size(class_of(target), ELF_TABLE_DYNAMIC), count = image->dynamic_size / size;
	if (count > IMAGE_MAX_DYNAMIC)
		count = IMAGE_MAX_DYNAMIC;
	*ret = 0;
	if (!image->dynamic || !count)
		return NULL;
	auto_free uint8_t *bytes = malloc(count * size);
	if (!bytes)
		return error_no_memory();
	struct polyton_error *error = target_read(target, image->dynamic, bytes, count * size);
	if (error)
		return error;
	for (size_t i = 0; i < count; i++) {
		Elf64_Dyn entry;
		elf_widen(class_of(target), ELF_TABLE_DYNAMIC, bytes + i * size, 1, &entry);
		if (entry.d_tag == DT_NULL)
			break;
		if (entry.d_tag == DT_DEBUG)
			*ret = entry.d_un.d_val;
	}
	return NULL;
}
