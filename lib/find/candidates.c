// A first pass over hundreds of thousands of symbols per object, so it looks at types before names, and at
// names only as far as it must. Addresses and sections in a table are claims: what no segment holds is left out.

#include <string.h>

#include "base/strmap.h"
#include "find/subject.h"

bool object_storage(const struct object_input *object, uint64_t address, enum polyton_storage *ret)
{
	for (uint32_t i = 0; i < object->segment_count; i++) {
		const Elf64_Phdr *segment = &object->segments[i];
		if (segment->p_type != PT_LOAD || address - segment->p_vaddr >= segment->p_memsz)
			continue;
		*ret = address - segment->p_vaddr < segment->p_filesz ? POLYTON_STORAGE_DATA : POLYTON_STORAGE_ZERO;
		if (!(segment->p_flags & PF_W))
			*ret = POLYTON_STORAGE_CONST;
		for (uint32_t k = 0; k < object->segment_count; k++) {
			const Elf64_Phdr *relro = &object->segments[k];
			if (relro->p_type == PT_GNU_RELRO && address - relro->p_vaddr < relro->p_memsz)
				*ret = POLYTON_STORAGE_RELRO;
		}
		return true;
	}
	return false;
}

static bool classify(const struct object_input *object, const Elf64_Sym *symbol, struct candidate *ret)
{
	if (ELF64_ST_TYPE(symbol->st_info) == STT_TLS) {
		ret->kind = POLYTON_KIND_TLS;
		for (uint32_t i = 0; i < object->segment_count; i++) {
			const Elf64_Phdr *segment = &object->segments[i];
			if (segment->p_type != PT_TLS || symbol->st_value >= segment->p_memsz ||
			    symbol->st_size > segment->p_memsz - symbol->st_value)
				continue;
			ret->storage = symbol->st_value < segment->p_filesz ? POLYTON_STORAGE_DATA
									    : POLYTON_STORAGE_ZERO;
			return true;
		}
		return false;
	}
	ret->kind = POLYTON_KIND_STATIC;
	return object_storage(object, symbol->st_value, &ret->storage);
}

static bool is_variable(const Elf64_Sym *symbol)
{
	unsigned type = ELF64_ST_TYPE(symbol->st_info);
	return (type == STT_OBJECT || type == STT_TLS || type == STT_COMMON) && symbol->st_shndx != SHN_UNDEF &&
	       symbol->st_shndx != SHN_ABS && symbol->st_size;
}

static struct polyton_error *map_exported(const struct elf_symbols *exported, struct strmap *map)
{
	for (size_t i = 1; i < exported->count; i++) {
		const Elf64_Sym *symbol = &exported->entries[i];
		// A LOCAL symbol in .dynsym can be bound by nobody.
		if (!is_variable(symbol) || ELF64_ST_BIND(symbol->st_info) == STB_LOCAL)
			continue;
		const char *name = elf_symbol_name(exported, symbol);
		if (!strmap_at(map, name, strlen(name), (uint32_t)i))
			return error_no_memory();
	}
	return NULL;
}

// Index of the last STT_FILE. GNU ld puts globals that it made local behind it, and it has no name.
static size_t find_last_file(const struct elf_symbols *symbols)
{
	size_t last = 0;
	for (size_t i = 1; i < symbols->count; i++) {
		if (ELF64_ST_TYPE(symbols->entries[i].st_info) == STT_FILE)
			last = i;
	}
	return last;
}

// A Rust name's build hash or disambiguators must not take part in the comparison. The hash of the old mangling is the
// last part of a path.
static bool may_be_rust(const char *name)
{
	if (strncmp(name, "_R", 2) == 0)
		return true;
	const char *hash = strncmp(name, "_ZN", 3) == 0 ? strstr(name, "17h") : NULL;
	for (; hash; hash = strstr(hash + 1, "17h")) {
		if (strspn(hash + 3, "0123456789abcdef") == 16 && hash[19] == 'E')
			return true;
	}
	return false;
}

struct polyton_error *candidates_collect(const struct object_input *object, candidates *ret)
{
	const struct elf_symbols *symbols = &object->symbols;
	const char *source = "";
	size_t last_file = find_last_file(symbols);
	bool has_file = false;
	candidates found = { 0 };
	// Of a stripped object all that there is is exported.
	bool is_exported = symbols->entries == object->exported.entries;
	struct strmap exported = { 0 };
	struct polyton_error *error = is_exported ? NULL : map_exported(&object->exported, &exported);

	for (size_t i = 1; !error && i < symbols->count; i++) {
		const Elf64_Sym *symbol = &symbols->entries[i];
		unsigned binding = ELF64_ST_BIND(symbol->st_info), visibility = ELF64_ST_VISIBILITY(symbol->st_other);
		if (ELF64_ST_TYPE(symbol->st_info) == STT_FILE) {
			source = elf_symbol_name(symbols, symbol);
			has_file = true;
			continue;
		}
		struct candidate candidate = { .symbol = symbol };
		if (!is_variable(symbol) || !classify(object, symbol, &candidate))
			continue;
		candidate.name = elf_symbol_name(symbols, symbol);
		if (!candidate.name[0])
			continue;
		// The linker puts globals that it made local behind a nameless STT_FILE, or leaves them hidden. Behind
		// a nameless one before the last is what is internal to a unit that link-time optimisation made.
		bool is_internal = source[0] || (has_file && i < last_file);
		candidate.is_local = binding == STB_LOCAL && visibility == STV_DEFAULT && is_internal;
		candidate.source = candidate.is_local ? source : "";
		candidate.is_unique = binding == STB_GNU_UNIQUE;
		candidate.is_protected = visibility == STV_PROTECTED;
		candidate.may_be_rust = may_be_rust(candidate.name);
		if (binding != STB_LOCAL)
			candidate.is_exported = is_exported || strmap_find(&exported, candidate.name,
									   strcspn(candidate.name, "@")) != NULL;
		struct candidate *place = vec_push(&found);
		if (place)
			*place = candidate;
		else
			error = error_no_memory();
	}
	strmap_deinit(&exported);
	if (error) {
		vec_deinit(&found);
		return error;
	}
	vec_trim(&found);
	*ret = found;
	return NULL;
}
