// Debug info that nobody wrote: whatever is in it, the scan must end, in bounds, having found no more variables than
// there are bytes. What is too short to be anything is replaced by a sample first, in all formats by turns.
//
// Layout: flags, the sizes of the sections in 16 bits each, the sections.

#include <stdlib.h>
#include <string.h>

#include "../support/dwarf_writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t limit, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t size, size_t limit);

enum { IS_BIG_ENDIAN = 1, IS_SPLIT = 2, HAS_ALTERNATE = 4, SECTIONS = 7, HEADER = 1 + 2 * SECTIONS };

static void must(struct polyton_error *error)
{
	// Out of memory is all that can go wrong, and nothing here is large enough for it.
	if (error)
		abort();
}

static void touch(const dwarf_found_list *found)
{
	static volatile size_t sink;
	size_t letters = 0;
	for (size_t i = 0; i < found->count; i++)
		letters += found->items[i].name ? strlen(found->items[i].name) : 0;
	sink = letters;
	(void)sink;
}

static void drive(struct dwarf_sections *sections, uint8_t flags)
{
	dwarf_skeleton_list skeletons;
	dwarf_offset_list imports;
	dwarf_found_list found;
	bool has_variables;
	const char *complaint;

	must(dwarf_scan_skeletons(sections, &skeletons, &complaint));
	sections->is_split = flags & IS_SPLIT;
	sections->skeletons = skeletons.items;
	sections->skeleton_count = skeletons.count;
	if (flags & HAS_ALTERNATE) {
		sections->alternate_str = sections->str;
		sections->alternate_str_size = sections->str_size;
		must(dwarf_scan_imports(sections, sections, &imports, &complaint));
		vec_deinit(&imports);
	}
	must(dwarf_scan(sections, NULL, &found, &has_variables, &complaint));
	if (found.count > sections->info_size)
		abort();
	touch(&found);
	vec_deinit(&found);
	vec_deinit(&skeletons);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct dwarf_sections sections = { 0 };
	const uint8_t **places[SECTIONS] = { &sections.info,     &sections.abbrev, &sections.str,
					     &sections.line_str, &sections.addr,   &sections.str_offsets,
					     &sections.index };
	size_t *const sizes[SECTIONS] = { &sections.info_size,     &sections.abbrev_size, &sections.str_size,
					  &sections.line_str_size, &sections.addr_size,   &sections.str_offsets_size,
					  &sections.index_size };
	uint8_t *copies[SECTIONS] = { 0 };
	size_t at = HEADER;

	if (size < HEADER)
		return 0;
	for (size_t i = 0; i < SECTIONS; i++) {
		size_t wanted = bytes[1 + 2 * i] | (size_t)bytes[2 + 2 * i] << 8;
		size_t taken = wanted < size - at ? wanted : size - at;
		if (!taken)
			continue;
		// A block of its own for each, so that one byte too far is seen.
		copies[i] = malloc(taken);
		if (!copies[i])
			abort();
		memcpy(copies[i], bytes + at, taken);
		*places[i] = copies[i];
		*sizes[i] = taken;
		at += taken;
	}
	sections.is_big_endian = bytes[0] & IS_BIG_ENDIAN;
	drive(&sections, bytes[0]);
	for (size_t i = 0; i < SECTIONS; i++)
		free(copies[i]);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t limit, unsigned seed)
{
	if (size < HEADER + 64) {
		struct dwarf_writer writer = { .format = { .version = (uint8_t)(2 + seed % 4),
							   .offset_size = seed & 4 ? 8 : 4,
							   .address_size = seed & 8 ? 4 : 8,
							   .is_big_endian = seed & 16 } };
		struct dwarf_expected unused[DWARF_SAMPLE_MAX];
		for (unsigned i = 0; i <= seed / 64 % 2; i++)
			(void)dwarf_write_sample(&writer, unused);
		const struct dwarf_bytes *const parts[] = { &writer.info,     &writer.abbrev, &writer.str,
							    &writer.line_str, &writer.addr,   &writer.str_offsets };
		if (limit < HEADER)
			return 0;
		memset(bytes, 0, HEADER);
		bytes[0] = (uint8_t)((seed & 16 ? IS_BIG_ENDIAN : 0) | (seed / 128 & (IS_SPLIT | HAS_ALTERNATE)));
		size = HEADER;
		for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
			if (parts[i]->size > limit - size)
				break;
			bytes[1 + 2 * i] = (uint8_t)parts[i]->size;
			bytes[2 + 2 * i] = (uint8_t)(parts[i]->size >> 8);
			memcpy(bytes + size, parts[i]->bytes, parts[i]->size);
			size += parts[i]->size;
		}
	}
	return LLVMFuzzerMutate(bytes, size, limit);
}
