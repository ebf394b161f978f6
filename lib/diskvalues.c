// The loader adds an object's place to its pointers, and puts in what names lead to. The first is done here as if the
// objects lay one behind the other; a variable that holds the second is not known until somebody loads it.

#include "diskvalues.h"

#include <errno.h>
#include <string.h>

#include "base/spread.h"
#include "capture.h"
#include "find/duplicates.h"
#include "find/initial.h"
#include "find/values.h"

enum {
	DISKVALUES_PAGE = 0x10000,
	DISKVALUES_OBJECTS = 4, // that are worth a thread of their own
};

// Far above all numbers that a variable holds for other reasons, and below what no program has.
static const uint64_t first_place = UINT64_C(0x7e0000000000), last_place = UINT64_C(0x7fff00000000);

static uint64_t end_of(const struct object_input *object)
{
	uint64_t end = 0;
	for (uint32_t i = 0; i < object->segment_count; i++) {
		const Elf64_Phdr *segment = &object->segments[i];
		if (segment->p_type == PT_LOAD && segment->p_vaddr + segment->p_memsz > end)
			end = segment->p_vaddr + segment->p_memsz;
	}
	return end;
}

static bool is_fixed(const struct object_input *object)
{
	return object->file && object->file->type == ET_EXEC;
}

// Programs that are linked to fixed addresses have their places, but several of them have the same: then no pointer can
// be told to be one's.
static void place_fixed(const struct scan *scan, struct polyton_snapshot *snapshot)
{
	uint32_t count = 0, last = 0;
	for (uint32_t i = 0; i < scan->count; i++) {
		if (is_fixed(&scan->inputs[i])) {
			count++;
			last = i;
		}
	}
	uint64_t start = UINT64_MAX;
	for (uint32_t i = 0; count == 1 && i < scan->inputs[last].segment_count; i++) {
		const Elf64_Phdr *segment = &scan->inputs[last].segments[i];
		if (segment->p_type == PT_LOAD && segment->p_vaddr < start)
			start = segment->p_vaddr;
	}
	if (start == UINT64_MAX)
		return;
	snapshot->objects.items[last].start = start;
	snapshot->objects.items[last].end = end_of(&scan->inputs[last]);
}

void diskvalues_place(const struct scan *scan, struct polyton_snapshot *snapshot)
{
	uint64_t place = first_place;
	place_fixed(scan, snapshot);
	for (uint32_t i = 0; i < scan->count; i++) {
		struct polyton_object *object = &snapshot->objects.items[i];
		uint64_t size = end_of(&scan->inputs[i]);
		// A file can claim any size: then its pointers stay without names.
		if (is_fixed(&scan->inputs[i]) || size > last_place - place)
			continue;
		object->load_bias = object->start = place;
		object->end = place + size;
		place = (object->end / DISKVALUES_PAGE + 1) * DISKVALUES_PAGE;
	}
}

void diskvalues_forget(struct polyton_snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->objects.count; i++) {
		struct polyton_object *object = &snapshot->objects.items[i];
		object->load_bias = object->start = object->end = 0;
	}
	for (size_t i = 0; i < snapshot->copies.count; i++)
		snapshot->copies.items[i].address = 0;
	for (size_t i = 0; i < snapshot->bindings.count; i++)
		snapshot->bindings.items[i].place = 0;
}

static void read_nothing(void *state, struct target_read *pieces, size_t count)
{
	(void)state;
	for (size_t i = 0; i < count; i++)
		pieces[i].error = EFAULT;
}

/** The copies of one object, and what they hold in its file. */
struct holding {
	size_t first, count; // in the settler's copies
	struct initial *initials;
	size_t initial_count;
	struct arena images;
};

struct settler {
	const struct scan *scan;
	struct polyton_snapshot *snapshot;
	struct places *places;
	struct values *values;
	uint32_t *copies; // wanted ones, by object
	vec_of(struct holding) holdings;
};

static bool is_wanted(const struct polyton_snapshot *snapshot, const struct polyton_copy *copy)
{
	return duplicates_is_reported(&snapshot->singletons.items[copy->singleton]);
}

// Where the image of a thread-local is among the object's segments; false if it is nothing but zeros.
static bool place_image(const struct object_input *object, bool is_tls, const struct polyton_copy *copy,
			uint64_t *ret)
{
	*ret = copy->offset;
	for (uint32_t i = 0; is_tls && i < object->segment_count; i++) {
		const Elf64_Phdr *segment = &object->segments[i];
		if (segment->p_type != PT_TLS)
			continue;
		*ret = segment->p_vaddr + copy->offset;
		return copy->offset < segment->p_filesz;
	}
	return !is_tls;
}

static int compare_initials(const void *left, const void *right)
{
	const struct initial *a = left, *b = right;
	return (a->offset > b->offset) - (a->offset < b->offset);
}

static struct polyton_error *put_cell(struct settler *settler, uint32_t index, const uint8_t *bytes, size_t size)
{
	struct polyton_copy *copy = &settler->snapshot->copies.items[index];
	struct polyton_cell *cell = arena_alloc(&settler->snapshot->arena, 1, sizeof(*cell));
	if (!cell)
		return error_no_memory();
	cell->thread = POLYTON_NONE;
	struct polyton_error *error = values_settle(settler->values, index, bytes, NULL, size, cell);
	cell->state = POLYTON_CELL_IN_FILE;
	copy->cells = cell;
	copy->cell_count = 1;
	return error;
}

static bool is_tls(const struct polyton_snapshot *snapshot, const struct polyton_copy *copy)
{
	return snapshot->singletons.items[copy->singleton].kind == POLYTON_KIND_TLS;
}

// Nothing of one object's has to do with another's.
static struct polyton_error *read_holding(void *arg, size_t number)
{
	const struct settler *settler = arg;
	const struct polyton_snapshot *snapshot = settler->snapshot;
	struct holding *holding = &settler->holdings.items[number];
	const uint32_t *copies = settler->copies + holding->first;
	uint32_t object = snapshot->copies.items[copies[0]].object;
	const struct object_input *input = &settler->scan->inputs[object];
	holding->initials = calloc(holding->count, sizeof(*holding->initials));
	if (!holding->initials)
		return error_no_memory();
	for (size_t i = 0; i < holding->count; i++) {
		const struct polyton_copy *copy = &snapshot->copies.items[copies[i]];
		struct initial initial = { .size = capture_size_of(copy, is_tls(snapshot, copy)) };
		if (!place_image(input, is_tls(snapshot, copy), copy, &initial.offset))
			continue;
		initial.image = arena_alloc(&holding->images, initial.size, 1);
		if (!initial.image)
			return error_no_memory();
		holding->initials[holding->initial_count++] = initial;
	}
	if (!holding->initial_count)
		return NULL;
	qsort(holding->initials, holding->initial_count, sizeof(*holding->initials), compare_initials);
	if (initial_fill(settler->scan->arch, input, snapshot->objects.items[object].load_bias, settler->places,
			 holding->initials, holding->initial_count))
		places_prepare(settler->places, object);
	return NULL;
}

static struct polyton_error *settle_holding(struct settler *settler, const struct holding *holding)
{
	const struct polyton_snapshot *snapshot = settler->snapshot;
	struct polyton_error *error = NULL;
	for (size_t i = holding->first; !error && i < holding->first + holding->count; i++) {
		const struct polyton_copy *copy = &snapshot->copies.items[settler->copies[i]];
		const struct object_input *input = &settler->scan->inputs[copy->object];
		size_t size = capture_size_of(copy, is_tls(snapshot, copy));
		struct initial key;
		if (!place_image(input, is_tls(snapshot, copy), copy, &key.offset)) {
			auto_free uint8_t *zeros = calloc(size + 1, 1);
			error = zeros ? put_cell(settler, settler->copies[i], zeros, size) : error_no_memory();
			continue;
		}
		const struct initial *found = bsearch(&key, holding->initials, holding->initial_count,
						      sizeof(*holding->initials), compare_initials);
		if (found && found->is_known)
			error = put_cell(settler, settler->copies[i], found->image, found->size);
	}
	return error;
}

static int compare_objects(const void *left, const void *right, void *arg)
{
	const struct polyton_snapshot *snapshot = arg;
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
	uint32_t x = snapshot->copies.items[a].object, y = snapshot->copies.items[b].object;
	return x != y ? (x > y) - (x < y) : (a > b) - (a < b);
}

// The wanted copies, by object.
static struct polyton_error *list_holdings(struct settler *settler)
{
	struct polyton_snapshot *snapshot = settler->snapshot;
	settler->copies = calloc(snapshot->copies.count + 1, sizeof(*settler->copies));
	if (!settler->copies)
		return error_no_memory();
	size_t count = 0;
	for (uint32_t i = 0; i < snapshot->copies.count; i++) {
		if (is_wanted(snapshot, &snapshot->copies.items[i]))
			settler->copies[count++] = i;
	}
	if (count)
		qsort_r(settler->copies, count, sizeof(*settler->copies), compare_objects, snapshot);
	uint32_t last = POLYTON_NONE;
	for (size_t i = 0; i < count; i++) {
		uint32_t object = snapshot->copies.items[settler->copies[i]].object;
		struct holding *holding = object != last ? vec_push(&settler->holdings)
							 : &settler->holdings.items[settler->holdings.count - 1];
		if (!holding)
			return error_no_memory();
		if (object != last)
			holding->first = i;
		holding->count++;
		last = object;
	}
	return NULL;
}

static struct polyton_error *settle_all(struct settler *settler)
{
	struct polyton_error *error = list_holdings(settler);
	if (!error)
		error = spread_over(settler->holdings.count, DISKVALUES_OBJECTS, read_holding, settler);
	for (size_t i = 0; !error && i < settler->holdings.count; i++)
		error = settle_holding(settler, &settler->holdings.items[i]);
	for (size_t i = 0; i < settler->holdings.count; i++) {
		free(settler->holdings.items[i].initials);
		arena_deinit(&settler->holdings.items[i].images);
	}
	vec_deinit(&settler->holdings);
	free(settler->copies);
	return error;
}

struct polyton_error *diskvalues_settle(const struct scan *scan, const struct polyton_options *wanted,
					struct polyton_snapshot *snapshot)
{
	static const struct target_ops nothing = { .read = read_nothing };
	struct target target = { .ops = &nothing, .arch = scan->arch };
	uint32_t limit = wanted->typed_values ? wanted->typed_values : UINT32_MAX;
	const struct values_options options = { &target, wanted->keep_trees, limit };
	struct settler settler = { .scan = scan, .snapshot = snapshot };
	struct polyton_error *error = places_create(snapshot, scan->inputs, &settler.places);
	if (!error)
		error = values_create(snapshot, &options, settler.places, &settler.values);
	if (!error)
		error = settle_all(&settler);
	values_destroy(settler.values);
	places_destroy(settler.places);
	return error;
}
