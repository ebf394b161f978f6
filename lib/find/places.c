// Most words are no pointers, and most pointers lead to the heap: the ranges of the objects are tested first,
// and an object's symbols are sorted only when a pointer leads into it.

#include "find/places.h"

#include <string.h>

#include "base/radix.h"

struct index {
	struct radix_item *sorted; // symbols by value; aliases in table order, the same in every run
	size_t count;
	bool is_built;
};

struct places {
	const struct polyton_snapshot *snapshot;
	const struct object_input *objects;
	struct index *indices; // per object
	uint32_t *by_start;    // objects by start address
	uint32_t count;
};

static int compare_starts(const void *left, const void *right, void *arg)
{
	const struct polyton_snapshot *snapshot = arg;
	uint64_t a = snapshot->objects.items[*(const uint32_t *)left].start;
	uint64_t b = snapshot->objects.items[*(const uint32_t *)right].start;
	return (a > b) - (a < b);
}

struct polyton_error *places_create(const struct polyton_snapshot *snapshot, const struct object_input *objects,
				    struct places **ret)
{
	struct places *places = calloc(1, sizeof(*places));
	uint32_t count = (uint32_t)snapshot->objects.count;
	if (!places)
		return error_no_memory();
	places->snapshot = snapshot;
	places->objects = objects;
	places->count = count;
	places->indices = calloc(count + 1, sizeof(*places->indices));
	places->by_start = calloc(count + 1, sizeof(*places->by_start));
	if (!places->indices || !places->by_start) {
		places_destroy(places);
		return error_no_memory();
	}
	for (uint32_t i = 0; i < count; i++)
		places->by_start[i] = i;
	qsort_r(places->by_start, count, sizeof(*places->by_start), compare_starts, (void *)snapshot);
	*ret = places;
	return NULL;
}

void places_destroy(struct places *places)
{
	if (!places)
		return;
	for (uint32_t i = 0; places->indices && i < places->count; i++)
		free(places->indices[i].sorted);
	free(places->indices);
	free(places->by_start);
	free(places);
}

static void build(struct index *index, const struct elf_symbols *symbols)
{
	size_t count = 0;
	index->is_built = true;
	struct radix_item *sorted = malloc((symbols->count + 1) * sizeof(*sorted));
	if (!sorted)
		return;
	for (size_t i = 1; i < symbols->count; i++) {
		const Elf64_Sym *symbol = &symbols->entries[i];
		unsigned type = ELF64_ST_TYPE(symbol->st_info);
		if ((type == STT_OBJECT || type == STT_FUNC || type == STT_GNU_IFUNC || type == STT_COMMON) &&
		    symbol->st_shndx != SHN_UNDEF && symbol->st_size)
			sorted[count++] = (struct radix_item){ symbol->st_value, symbol };
	}
	index->sorted = sorted;
	index->count = radix_sort(sorted, count) ? count : 0;
}

static const struct index *get_index(struct places *places, uint32_t object)
{
	struct index *index = &places->indices[object];
	if (!index->is_built)
		build(index, &places->objects[object].symbols);
	return index;
}

void places_prepare(struct places *places, uint32_t object)
{
	get_index(places, object);
}

// The number of symbols that start at or before the address.
static size_t count_up_to(const struct index *index, uint64_t address)
{
	size_t low = 0, high = index->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (index->sorted[middle].key <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

// The last start at or before the address tells the symbol; of its aliases the first that is long enough.
static void find_symbol(struct places *places, uint64_t address, struct place *place)
{
	const struct index *index = get_index(places, place->object);
	const Elf64_Sym *found = NULL;
	size_t last = count_up_to(index, address);
	for (size_t i = last; i > 0 && index->sorted[i - 1].key == index->sorted[last - 1].key; i--) {
		const Elf64_Sym *symbol = index->sorted[i - 1].item;
		if (address - symbol->st_value < symbol->st_size)
			found = symbol;
	}
	if (!found)
		return;
	place->symbol = elf_symbol_name(&places->objects[place->object].symbols, found);
	place->offset = address - found->st_value;
}

static const struct polyton_object *find_object(const struct places *places, uint64_t address, uint32_t *index_ret)
{
	uint32_t low = 0, high = places->count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (places->snapshot->objects.items[places->by_start[middle]].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	*index_ret = places->by_start[low - 1];
	const struct polyton_object *object = &places->snapshot->objects.items[*index_ret];
	return address < object->end ? object : NULL;
}

bool places_find(struct places *places, uint64_t address, struct place *ret)
{
	uint32_t index;
	const struct polyton_object *object = find_object(places, address, &index);
	if (!object)
		return false;
	*ret = (struct place){ index, "", address - object->load_bias };
	find_symbol(places, address - object->load_bias, ret);
	return true;
}

static bool is_named(const struct elf_symbols *symbols, const Elf64_Sym *symbol, const char *name)
{
	const char *own = elf_symbol_name(symbols, symbol);
	size_t length = strcspn(own, "@");
	return strlen(name) == length && strncmp(own, name, length) == 0;
}

bool places_has_name(struct places *places, uint64_t address, const char *name)
{
	uint32_t object;
	const struct polyton_object *row = find_object(places, address, &object);
	if (!row)
		return false;
	const struct index *index = get_index(places, object);
	const struct elf_symbols *symbols = &places->objects[object].symbols;
	uint64_t place = address - row->load_bias;
	for (size_t i = count_up_to(index, place); i > 0 && index->sorted[i - 1].key == place; i--) {
		if (is_named(symbols, index->sorted[i - 1].item, name))
			return true;
	}
	for (size_t i = 0; i < index->count; i++) {
		const Elf64_Sym *symbol = index->sorted[i].item;
		if (ELF64_ST_TYPE(symbol->st_info) == STT_GNU_IFUNC && is_named(symbols, symbol, name))
			return true;
	}
	return false;
}
