// An untouched pointer in .data does not equal the file's bytes: the loader has added the bias, or written the
// address of whatever the name was bound to. Comparing with the raw file would call every such variable set.

#include "find/initial.h"

#include <string.h>

struct filler {
	const struct arch *arch;
	const struct object_input *object;
	uint64_t load_bias;
	struct places *places;
	struct initial *variables;
	size_t count;
	// There is no variable from the one to the other: relocations come in the order of their places.
	uint64_t gap, gap_end;
	bool has_pointer; // into the object itself
};

static bool fill_from_file(const struct object_input *object, struct initial *variable)
{
	memset(variable->image, 0, variable->size);
	for (uint32_t i = 0; i < object->segment_count; i++) {
		const Elf64_Phdr *segment = &object->segments[i];
		uint64_t inside = variable->offset - segment->p_vaddr;
		if (segment->p_type != PT_LOAD || inside >= segment->p_memsz)
			continue;
		if (inside >= segment->p_filesz)
			return true; // .bss
		uint64_t in_file = segment->p_filesz - inside;
		size_t size = variable->size < in_file ? variable->size : (size_t)in_file;
		const uint8_t *bytes = object->file ? elf_file_at(object->file, variable->offset, size) : NULL;
		if (!bytes)
			return false;
		memcpy(variable->image, bytes, size);
		return true;
	}
	return false;
}

// The variable that @p offset is in, or NULL.
static struct initial *find_variable(struct filler *filler, uint64_t offset)
{
	size_t low = 0, high = filler->count;
	if (offset >= filler->gap && offset < filler->gap_end)
		return NULL;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct initial *variable = &filler->variables[middle];
		if (offset < variable->offset)
			high = middle;
		else if (offset - variable->offset >= variable->size)
			low = middle + 1;
		else
			return variable;
	}
	filler->gap = offset;
	filler->gap_end = low < filler->count ? filler->variables[low].offset : UINT64_MAX;
	return NULL;
}

static uint64_t get_word(const struct arch *arch, const uint8_t *bytes)
{
	uint64_t value = 0;
	for (size_t i = 0; i < arch->word; i++)
		value |= (uint64_t)bytes[i] << 8 * (arch->is_big_endian ? arch->word - 1 - i : i);
	return value;
}

static void put_word(const struct arch *arch, uint8_t *bytes, uint64_t value)
{
	for (size_t i = 0; i < arch->word; i++)
		bytes[i] = (uint8_t)(value >> 8 * (arch->is_big_endian ? arch->word - 1 - i : i));
}

static bool leads_to(const struct filler *filler, uint64_t address, const struct elf_reloc *reloc)
{
	const struct elf_symbols *exported = &filler->object->exported;
	if (reloc->symbol >= exported->count)
		return false;
	const Elf64_Sym *symbol = &exported->entries[reloc->symbol];
	if (!address) // a weak reference that nothing defines
		return ELF64_ST_BIND(symbol->st_info) == STB_WEAK;
	return places_has_name(filler->places, address - (uint64_t)reloc->addend, elf_symbol_name(exported, symbol));
}

static bool patch(const struct elf_reloc *reloc, void *arg)
{
	struct filler *filler = arg;
	struct initial *variable = find_variable(filler, reloc->offset);
	if (!variable || !variable->is_known || !reloc->type) // type 0 is no relocation on any machine
		return true;
	size_t at = reloc->offset - variable->offset;
	if (reloc->type == filler->arch->relocs.copy) {
		// It began as a copy of another object's, which may have been changed since.
		variable->is_known = false;
		return true;
	}
	if (variable->size - at < filler->arch->word)
		return true;
	if (reloc->type == filler->arch->relocs.relative) {
		put_word(filler->arch, variable->image + at, filler->load_bias + (uint64_t)reloc->addend);
		filler->has_pointer = true;
		return true;
	}
	// What a resolver function chose, or a name was bound to, cannot be computed here: recognise it instead.
	if (!variable->current) {
		variable->is_known = false;
		return true;
	}
	bool is_resolved = reloc->type == filler->arch->relocs.irelative;
	if (is_resolved || leads_to(filler, get_word(filler->arch, variable->current + at), reloc))
		memcpy(variable->image + at, variable->current + at, filler->arch->word);
	return true;
}

bool initial_fill(const struct arch *arch, const struct object_input *object, uint64_t load_bias,
		  struct places *places, struct initial *variables, size_t count)
{
	struct filler filler = { .arch = arch,
				 .object = object,
				 .load_bias = load_bias,
				 .places = places,
				 .variables = variables,
				 .count = count };
	for (size_t i = 0; i < count; i++)
		variables[i].is_known = fill_from_file(object, &variables[i]);
	if (object->file)
		elf_relocs_visit(object->file, &object->dynamic, arch->relocs.relative, patch, &filler);
	return filler.has_pointer;
}
