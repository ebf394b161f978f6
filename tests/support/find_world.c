#include "find_world.h"

#include <stdio.h>

#include "check.h"

void find_world_init(struct find_world *world, uint32_t count)
{
	*world = (struct find_world){ .count = count };
	assert_true(count <= FIND_OBJECTS);
	assert_fine(snapshot_create(&world->snapshot));
	for (uint32_t i = 0; i < count; i++) {
		world->inputs[i] = (struct object_input){ .candidates = &world->lists[i] };
		world->inputs[i].dynamic.soname = "";
		world->inputs[i].symbols = (struct elf_symbols){ .entries = world->symbols[i],
								 .count = 1,
								 .strings = world->strings[i],
								 .strings_size = 1 };
		world->inputs[i].exported = world->inputs[i].symbols;
		struct polyton_object *object = vec_push(&world->snapshot->objects);
		assert_non_null(object);
		const char *name = arena_printf(&world->snapshot->arena, "obj%u", i);
		uint64_t bias = FIND_BASE + (uint64_t)i * FIND_BASE;
		*object = (struct polyton_object){ .path = name,
						   .name = name,
						   .soname = "",
						   .build_id = "",
						   .load_bias = bias,
						   .start = bias,
						   .end = bias + FIND_SIZE,
						   .is_program = i == 0,
						   .file_state = POLYTON_FILE_READ,
						   .symbols = POLYTON_SYMBOLS_FULL };
	}
}

void find_world_deinit(struct find_world *world)
{
	drafts_deinit(&world->drafts);
	crate_lists_deinit(&world->crates);
	for (uint32_t i = 0; i < FIND_OBJECTS; i++)
		vec_deinit(&world->lists[i]);
	polyton_snapshot_destroy(world->snapshot);
}

static enum polyton_storage storage_of(int flags)
{
	return flags & FIND_CONST   ? POLYTON_STORAGE_CONST
	       : flags & FIND_RELRO ? POLYTON_STORAGE_RELRO
	       : flags & FIND_ZERO  ? POLYTON_STORAGE_ZERO
				    : POLYTON_STORAGE_DATA;
}

void find_world_add(struct find_world *world, uint32_t object, const char *name, uint64_t value, uint64_t size,
		    int flags, const char *source)
{
	struct elf_symbols *table = &world->inputs[object].symbols;
	size_t index = table->count++, length = strlen(name) + 1;
	assert_true(index < FIND_SYMBOLS && table->strings_size + length <= sizeof(world->strings[object]));
	memcpy(world->strings[object] + table->strings_size, name, length);
	int binding = flags & FIND_LOCAL ? STB_LOCAL : flags & FIND_UNIQUE ? STB_GNU_UNIQUE : STB_GLOBAL;
	world->symbols[object][index] = (Elf64_Sym){
		.st_name = (uint32_t)table->strings_size,
		.st_info = (unsigned char)ELF64_ST_INFO(binding, flags & FIND_TLS ? STT_TLS : STT_OBJECT),
		.st_other = flags & FIND_PROTECTED ? STV_PROTECTED : STV_DEFAULT,
		.st_shndx = 1,
		.st_value = value,
		.st_size = size,
	};
	table->strings_size += length;
	world->inputs[object].exported = *table;
	struct candidate *candidate = vec_push(&world->lists[object]);
	assert_non_null(candidate);
	*candidate = (struct candidate){
		.symbol = &world->symbols[object][index],
		.name = world->strings[object] + world->symbols[object][index].st_name,
		.source = source,
		.kind = flags & FIND_TLS ? POLYTON_KIND_TLS : POLYTON_KIND_STATIC,
		.storage = storage_of(flags),
		.is_local = flags & FIND_LOCAL,
		.is_exported = flags & FIND_EXPORTED,
		.is_unique = flags & FIND_UNIQUE,
		.is_protected = flags & FIND_PROTECTED,
	};
}

void find_world_add_all(struct find_world *world, const char *name, uint64_t value, uint64_t size, int flags)
{
	for (uint32_t i = 0; i < world->count; i++)
		find_world_add(world, i, name, value, size, flags, "");
}

void find_world_draft(struct find_world *world)
{
	drafts_deinit(&world->drafts);
	assert_fine(drafts_find(world->inputs, world->count, &world->drafts));
}

void find_world_weigh(struct find_world *world)
{
	find_world_draft(world);
	assert_fine(evidence_weigh(&world->drafts));
}

void find_world_rows(struct find_world *world)
{
	find_world_weigh(world);
	assert_fine(crate_lists_init(&world->crates, world->inputs, world->count, &world->snapshot->arena));
	assert_fine(rows_build(&world->drafts, &world->crates, world->snapshot));
}

const struct draft *find_world_named(const struct find_world *world, const char *name, size_t *count_ret)
{
	const struct draft *found = NULL;
	size_t count = 0;
	for (size_t i = 0; i < world->drafts.items.count; i++) {
		const struct draft *draft = &world->drafts.items.items[i];
		if (!draft->count || strcmp(draft->name, name) != 0)
			continue;
		found = found ? found : draft;
		count++;
	}
	if (count_ret)
		*count_ret = count;
	return found;
}

bool find_world_is_in(const struct draft *draft, const int *objects)
{
	for (size_t i = 0; i < draft->count; i++) {
		if (objects[i] < 0 || draft->members[i]->object != (uint32_t)objects[i])
			return false;
	}
	return objects[draft->count] == -1;
}

struct polyton_singleton *find_world_singleton(const struct find_world *world, const char *name)
{
	for (size_t i = 0; i < world->snapshot->singletons.count; i++) {
		if (strcmp(world->snapshot->singletons.items[i].name, name) == 0)
			return &world->snapshot->singletons.items[i];
	}
	fail_msg("no singleton %s", name);
	return NULL;
}
