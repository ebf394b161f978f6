// The index of DWARF 5 (section 7.3.5) and of GNU's version 2, which agree in all that is read here: a hash table of
// dwo ids (of no use, since all units are visited), then rows of offsets and rows of sizes, a column for each section.

#include "dwarf/package.h"

#include <stdlib.h>

#include "dwarf/forms.h"

enum { SECTION_INFO = 1, SECTION_ABBREV = 3, SECTION_STR_OFFSETS = 6 };
enum { HEADER_SIZE = 16, SLOT_SIZE = 8 + 4, WORD = 4 };

struct index {
	const uint8_t *columns, *offsets, *sizes;
	uint32_t column_count, row_count;
	bool is_big_endian;
};

static uint32_t word(const struct index *index, const uint8_t *at, uint64_t number)
{
	return (uint32_t)bytes_number(at + number * WORD, WORD, index->is_big_endian);
}

static bool open_index(const struct dwarf_sections *sections, struct index *ret)
{
	const uint8_t *bytes = sections->index;
	if (sections->index_size < HEADER_SIZE)
		return false;
	*ret = (struct index){ .is_big_endian = sections->is_big_endian };
	// Version 2 is a word, version 5 a half and two bytes of zero behind it.
	uint64_t version = bytes_number(bytes, 2, ret->is_big_endian);
	if (version != 5 && word(ret, bytes, 0) != 2)
		return false;
	ret->column_count = word(ret, bytes, 1);
	ret->row_count = word(ret, bytes, 2);
	uint64_t slots = word(ret, bytes, 3) * (uint64_t)SLOT_SIZE, left = sections->index_size - HEADER_SIZE;
	uint64_t row_size = (uint64_t)ret->column_count * WORD;
	if (slots > left || !ret->column_count)
		return false;
	left -= slots;
	if (row_size > left || ret->row_count > (left - row_size) / row_size / 2)
		return false;
	ret->columns = bytes + HEADER_SIZE + slots;
	ret->offsets = ret->columns + row_size;
	ret->sizes = ret->offsets + row_size * ret->row_count;
	return true;
}

static int compare(const void *one, const void *other)
{
	const struct dwarf_package_row *a = one, *b = other;
	return (a->info > b->info) - (a->info < b->info);
}

struct polyton_error *dwarf_package_init(const struct dwarf_sections *sections, struct dwarf_package *ret,
					 const char **complaint_ret)
{
	struct index index;

	*ret = (struct dwarf_package){ .is_there = sections->index_size != 0 };
	if (!ret->is_there)
		return NULL;
	if (!open_index(sections, &index)) {
		*complaint_ret = "the index of the .dwp is damaged, or of an unknown version";
		return NULL;
	}
	for (uint32_t row = 0; row < index.row_count; row++) {
		struct dwarf_package_row *place = vec_push(&ret->rows);
		if (!place)
			return error_no_memory();
		for (uint32_t column = 0; column < index.column_count; column++) {
			uint64_t cell = (uint64_t)row * index.column_count + column;
			uint32_t section = word(&index, index.columns, column);
			uint32_t offset = word(&index, index.offsets, cell);
			if (section == SECTION_INFO) {
				place->info = offset;
				place->info_size = word(&index, index.sizes, cell);
			} else if (section == SECTION_ABBREV) {
				place->abbrev = offset;
			} else if (section == SECTION_STR_OFFSETS) {
				place->str_offsets = offset;
			}
		}
	}
	if (ret->rows.count)
		qsort(ret->rows.items, ret->rows.count, sizeof(*ret->rows.items), compare);
	return NULL;
}

void dwarf_package_deinit(struct dwarf_package *package)
{
	vec_deinit(&package->rows);
}

bool dwarf_package_place(const struct dwarf_package *package, uint64_t unit, uint64_t *abbrev, uint64_t *str_offsets)
{
	size_t low = 0, high = package->rows.count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (package->rows.items[middle].info <= unit)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return false;
	const struct dwarf_package_row *row = &package->rows.items[low - 1];
	if (unit - row->info >= row->info_size || __builtin_add_overflow(*abbrev, row->abbrev, abbrev))
		return false;
	*str_offsets += row->str_offsets;
	return true;
}
