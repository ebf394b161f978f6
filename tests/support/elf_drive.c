#include "elf_drive.h"

#include <string.h>

#include "elf/debugfile.h"
#include "elf/dynamic.h"
#include "find/crates.h"
#include "find/subject.h"

// What is never read again could be left out by the compiler, and a sanitizer would see nothing.
static void touch(const void *bytes, size_t size)
{
	static volatile uint8_t sink;
	const uint8_t *at = bytes;
	uint8_t sum = 0;
	for (size_t i = 0; i < size; i++)
		sum ^= at[i];
	sink = sum;
	(void)sink;
}

static void drop(struct polyton_error *error)
{
	if (error)
		touch(polyton_error_message(error), strlen(polyton_error_message(error)));
	polyton_error_destroy(error);
}

static void touch_symbols(const struct elf_symbols *symbols)
{
	touch(symbols->entries, symbols->count * sizeof(*symbols->entries));
	for (size_t i = 0; i < symbols->count; i++) {
		const char *name = elf_symbol_name(symbols, &symbols->entries[i]);
		// Names may overlap, so one hostile table could take the square of its size to read.
		touch(name, strnlen(name, 256));
	}
}

static bool touch_reloc(const struct elf_reloc *reloc, void *arg)
{
	size_t *left = arg;
	touch(reloc, sizeof(*reloc));
	return --*left;
}

static void read_sections(struct elf_file *file)
{
	for (uint32_t i = 0; i < file->section_count; i++) {
		const struct elf_section *section = &file->sections[i];
		const uint8_t *bytes;
		size_t size;
		touch(section->name, strlen(section->name));
		// What a few bytes inflate to is bounded, but not worth waiting for in each of many files.
		if ((section->header.sh_flags & SHF_COMPRESSED) && section->header.sh_size > 4096)
			continue;
		struct polyton_error *error = elf_file_section_bytes(file, section, &bytes, &size);
		if (!error)
			touch(bytes, size);
		drop(error);
	}
}

static void read_addresses(const struct elf_file *file)
{
	static const size_t sizes[] = { 0, 1, 8, 4096, SIZE_MAX / 2, SIZE_MAX };
	for (uint32_t i = 0; i < file->segment_count; i++) {
		const Elf64_Phdr *segment = &file->segments[i];
		const uint64_t places[] = { segment->p_vaddr, segment->p_vaddr + segment->p_filesz - 1,
					    segment->p_vaddr + segment->p_memsz, segment->p_vaddr - 1 };
		for (size_t k = 0; k < sizeof(places) / sizeof(places[0]); k++) {
			for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
				const uint8_t *bytes = elf_file_at(file, places[k], sizes[s]);
				if (bytes)
					touch(bytes, sizes[s]);
			}
		}
	}
}

static void read_tables(struct elf_file *file)
{
	const struct elf_debug_search nowhere = { 0 };
	struct object_input input = { .file = file,
				      .segments = file->segments,
				      .segment_count = file->segment_count };
	enum polyton_symbol_source source;
	struct elf_file *extra = NULL;
	const char *complaint = NULL;
	candidates found = { 0 };
	size_t left = 1 << 20;

	drop(elf_dynamic_parse(file, &input.dynamic, &complaint));
	if (complaint)
		touch(complaint, strlen(complaint));
	touch(input.dynamic.soname, strlen(input.dynamic.soname));
	elf_relocs_visit(file, &input.dynamic, R_X86_64_RELATIVE, touch_reloc, &left);
	drop(elf_symbols_dynamic(file, &input.exported));
	touch_symbols(&input.exported);
	drop(elf_symbols_find(file, "x", &nowhere, &input.symbols, &source, &extra, &complaint));
	touch_symbols(&input.symbols);
	drop(candidates_collect(&input, &found));
	vec_deinit(&found);
	elf_file_close(extra);
}

static void read_crates(struct elf_file *file)
{
	struct polyton_crate *crates = NULL;
	size_t count = 0;
	drop(crates_scan(file, &file->arena, &crates, &count));
	for (size_t i = 0; i < count; i++) {
		touch(crates[i].name, strlen(crates[i].name));
		touch(crates[i].version, strlen(crates[i].version));
	}
}

bool elf_drive(const uint8_t *bytes, size_t size)
{
	struct elf_file *file;
	struct polyton_error *error = elf_file_from_bytes(bytes, size, "driven", &file);
	bool is_taken = !error;
	if (is_taken) {
		touch(file->build_id, file->build_id_size);
		read_sections(file);
		read_addresses(file);
		read_tables(file);
		read_crates(file);
		elf_file_close(file);
	}
	drop(error);
	return is_taken;
}
