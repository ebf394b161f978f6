// Version records are chains of offsets in the file. ld.so follows them until one is 0, whatever the dynamic section
// says their number is, and so does this room, as long as there are indices for them.

#include "elf/versions.h"

#include <string.h>

#include "base/vec.h"

enum { VERSIONS_INDEX = 0x7fff, VERSIONS_HIDDEN = 0x8000, VERSIONS_MAX_RECORDS = 1 << 16 };

struct numbered {
	uint16_t index;
	struct elf_version version;
};

struct collector {
	const struct elf_file *file;
	const struct elf_symbols *symbols;
	vec_of(struct numbered) found;
	unsigned records; // visited so far
	bool is_out_of_memory;
	const char *complaint;
};

// One record of a chain, or false with a complaint. Chains only lead forward; how far is bounded here.
static bool read_record(struct collector *collector, uint64_t address, void *record, size_t size)
{
	const uint8_t *bytes = elf_file_at(collector->file, address, size);
	if (!bytes) {
		collector->complaint = "its version table lies outside its segments";
		return false;
	}
	if (collector->records++ == VERSIONS_MAX_RECORDS) {
		collector->complaint = "its version table does not end";
		return false;
	}
	memcpy(record, bytes, size);
	return true;
}

// "" where the name lies outside the strings.
static const char *name_at(const struct collector *collector, uint32_t offset)
{
	return offset < collector->symbols->strings_size ? collector->symbols->strings + offset : "";
}

static bool add(struct collector *collector, uint16_t index, const struct elf_version *version)
{
	struct numbered *place = vec_push(&collector->found);
	collector->is_out_of_memory = !place;
	if (place)
		*place = (struct numbered){ index & VERSIONS_INDEX, *version };
	return place != NULL;
}

static bool collect_needed_from(struct collector *collector, uint64_t at, const char *file)
{
	Elf64_Vernaux record;
	do {
		if (!read_record(collector, at, &record, sizeof(record)))
			return false;
		const struct elf_version version = { .name = name_at(collector, record.vna_name),
						     .hash = record.vna_hash,
						     .file = file,
						     .is_weak = record.vna_flags & VER_FLG_WEAK,
						     .is_hidden = record.vna_other & VERSIONS_HIDDEN };
		if (!add(collector, record.vna_other, &version))
			return false;
		at += record.vna_next;
	} while (record.vna_next);
	return true;
}

static void collect_needed(struct collector *collector, uint64_t at)
{
	Elf64_Verneed record;
	do {
		if (!read_record(collector, at, &record, sizeof(record)))
			return;
		if (record.vn_version != VER_NEED_CURRENT) {
			collector->complaint = "its table of needed versions is of an unknown kind";
			return;
		}
		if (!collect_needed_from(collector, at + record.vn_aux, name_at(collector, record.vn_file)))
			return;
		at += record.vn_next;
	} while (record.vn_next);
}

static void collect_defined(struct collector *collector, uint64_t at)
{
	Elf64_Verdef record;
	do {
		Elf64_Verdaux name; // the first one; those behind it are the versions it inherits from
		if (!read_record(collector, at, &record, sizeof(record)))
			return;
		if (record.vd_version != VER_DEF_CURRENT) {
			collector->complaint = "its table of version definitions is of an unknown kind";
			return;
		}
		if (!read_record(collector, at + record.vd_aux, &name, sizeof(name)))
			return;
		const struct elf_version version = { .name = name_at(collector, name.vda_name),
						     .hash = record.vd_hash,
						     .file = "",
						     .is_definition = true,
						     .is_weak = record.vd_flags & VER_FLG_WEAK };
		// The base version must not be available for matching (_dl_check_map_versions in glibc).
		if (!(record.vd_flags & VER_FLG_BASE) && !add(collector, record.vd_ndx, &version))
			return;
		at += record.vd_next;
	} while (record.vd_next);
}

// In ld.so's order: where an index is given away twice, the definition wins.
static struct polyton_error *build(struct elf_file *file, const struct collector *collector, struct elf_versions *ret)
{
	size_t count = 0;
	for (size_t i = 0; i < collector->found.count; i++) {
		if (collector->found.items[i].index >= count)
			count = (size_t)collector->found.items[i].index + 1;
	}
	struct elf_version *items = arena_alloc(&file->arena, count, sizeof(*items));
	if (!items)
		return error_no_memory();
	for (size_t i = 0; i < collector->found.count; i++)
		items[collector->found.items[i].index] = collector->found.items[i].version;
	ret->items = items;
	ret->count = count;
	return NULL;
}

struct polyton_error *elf_versions_parse(struct elf_file *file, const struct elf_dynamic *dynamic,
					 const struct elf_symbols *symbols, struct elf_versions *ret,
					 const char **complaint_ret)
{
	struct elf_versions versions = { 0 };
	struct collector collector = { .file = file, .symbols = symbols };
	// Without records ld.so does not look at DT_VERSYM either.
	if (!dynamic->versym || !symbols->count || (!dynamic->verdef && !dynamic->verneed)) {
		*ret = versions;
		*complaint_ret = NULL;
		return NULL;
	}

	const void *of_symbol;
	struct polyton_error *error =
		elf_file_table(file, dynamic->versym, symbols->count, sizeof(*versions.of_symbol), &of_symbol);
	if (error)
		return error;
	if (!of_symbol) {
		*ret = versions;
		*complaint_ret = "its symbols' versions lie outside its segments";
		return NULL;
	}
	versions.of_symbol = of_symbol;
	versions.symbol_count = symbols->count;
	if (dynamic->verneed)
		collect_needed(&collector, dynamic->verneed);
	if (dynamic->verdef && !collector.is_out_of_memory)
		collect_defined(&collector, dynamic->verdef);
	error = collector.is_out_of_memory ? error_no_memory() : build(file, &collector, &versions);
	vec_deinit(&collector.found);
	if (error)
		return error;
	*ret = versions;
	*complaint_ret = collector.complaint;
	return NULL;
}

const struct elf_version *elf_versions_of(const struct elf_versions *versions, size_t index, bool *is_hidden_ret)
{
	Elf64_Half raw = versions->of_symbol && index < versions->symbol_count ? versions->of_symbol[index] : 0;
	if (is_hidden_ret)
		*is_hidden_ret = raw & VERSIONS_HIDDEN;
	size_t number = raw & VERSIONS_INDEX;
	// A version without a hash is none to ld.so (RESOLVE_MAP in elf/dl-reloc.c).
	if (number >= versions->count || !versions->items[number].hash)
		return NULL;
	return &versions->items[number];
}
