// The table changes with every dlopen and dlclose, and ids are used again. What is read here is a snapshot;
// every cell's reading checks its module's row again.

#include "tls/modules.h"

#include <inttypes.h>

enum { MODULES_MAX_BLOCKS = 1024, MODULES_MAX_SLOTS = 65536 };

enum polyton_tls_placement tls_placement(const struct arch *arch, uint64_t offset)
{
	uint64_t mask = arch->word == 8 ? UINT64_MAX : UINT32_MAX;
	if (offset == ((uint64_t)(int64_t)arch->no_tls_offset & mask))
		return POLYTON_TLS_UNDECIDED;
	if (offset == ((uint64_t)(int64_t)arch->forced_dynamic_offset & mask))
		return POLYTON_TLS_DYNAMIC;
	return POLYTON_TLS_STATIC;
}

// The map's own record: a row whose map names another id is being changed right now.
static struct polyton_error *add(struct target *target, const struct tls_layout *layout, struct tls_module module,
				 struct tls_modules *modules)
{
	uint64_t id;
	struct polyton_error *error = target_read_words(target, module.map + layout->map_module, 1, &id);
	if (!error)
		error = target_read_words(target, module.map + layout->map_offset, 1, &module.offset);
	if (error) { // the object went away between the table and here
		polyton_error_destroy(error);
		return NULL;
	}
	if (!id || id > MODULES_MAX_SLOTS || (module.id && id != module.id))
		return NULL;
	module.id = id;
	module.placement = tls_placement(target->arch, module.offset);
	struct tls_module *place = vec_push(&modules->items);
	if (!place)
		return error_no_memory();
	*place = module;
	return NULL;
}

static struct polyton_error *read_table(struct target *target, const struct tls_layout *layout,
					struct tls_modules *modules)
{
	size_t word = target->arch->word;
	uint64_t block, base = 0;
	bool is_counted_from_0 = true;
	struct polyton_error *error = target_read_words(target, layout->slotinfo_list, 1, &block);

	for (size_t blocks = 0; !error && block; blocks++) {
		uint64_t header[2]; // len, next
		error = target_read_words(target, block, 2, header);
		if (error)
			break;
		if (blocks == MODULES_MAX_BLOCKS || header[0] > MODULES_MAX_SLOTS - base)
			return error_create(POLYTON_ERROR_DAMAGED, "table of TLS modules at 0x%" PRIx64 " is absurd",
					    layout->slotinfo_list);
		auto_free uint64_t *slots = malloc((header[0] * 2 + 1) * sizeof(*slots));
		if (!slots)
			return error_no_memory();
		error = target_read_words(target, block + 2 * word, header[0] * 2, slots);
		for (uint64_t i = 0; !error && i < header[0]; i++) {
			// Slot 0 of the table is no module: it holds a stray copy of the program's map.
			if (base + i == 0 || !slots[2 * i + 1])
				continue;
			if (base + i == 1)
				is_counted_from_0 = !slots[2 * i];
			// Since 2.34 an id that is used again gets its map with generation 0 first
			// (_dl_assign_tls_modid) and becomes a module when dlopen is through; till then old DTVs
			// hold its predecessor's block. Before, 0 was the generation of what the process started
			// with, module 1 above all.
			if (!slots[2 * i] && !is_counted_from_0)
				continue;
			error = add(target, layout,
				    (struct tls_module){ .id = base + i,
							 .generation = slots[2 * i],
							 .map = slots[2 * i + 1],
							 .slot = block + (2 + 2 * i) * word },
				    modules);
		}
		base += header[0];
		block = header[1];
	}
	modules->capacity = base;
	return error;
}

static int compare_ids(const void *left, const void *right)
{
	uint64_t a = ((const struct tls_module *)left)->id, b = ((const struct tls_module *)right)->id;
	return (a > b) - (a < b);
}

struct polyton_error *tls_modules_read(struct target *target, const struct tls_layout *layout,
				       const struct linkmap *list, struct tls_modules *ret)
{
	struct tls_modules modules = { 0 };
	struct polyton_error *error = NULL;

	if (layout->map_module && layout->slotinfo_list) {
		error = read_table(target, layout, &modules);
	} else if (layout->map_module) {
		for (size_t i = 0; !error && i < list->entries.count; i++)
			error = add(target, layout, (struct tls_module){ .map = list->entries.items[i].address },
				    &modules);
		if (modules.items.count)
			qsort(modules.items.items, modules.items.count, sizeof(*modules.items.items), compare_ids);
		modules.capacity = MODULES_MAX_SLOTS;
	}
	if (error) {
		tls_modules_deinit(&modules);
		return error;
	}
	*ret = modules;
	return NULL;
}

void tls_modules_deinit(struct tls_modules *modules)
{
	vec_deinit(&modules->items);
}

const struct tls_module *tls_modules_find(const struct tls_modules *modules, uint64_t map)
{
	for (size_t i = 0; i < modules->items.count; i++) {
		if (modules->items.items[i].map == map)
			return &modules->items.items[i];
	}
	return NULL;
}
