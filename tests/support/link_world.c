#include "link_world.h"

#include <stdlib.h>

#include "check.h"
#include "polyton.h"

static const uint64_t first_bias = 0x7f1200000000;

void link_world_init(struct link_world *world, uint16_t machine)
{
	*world = (struct link_world){ 0 };
	byte_target_init(&world->memory, machine, ELFCLASS64, ELFDATA2LSB);
}

uint32_t link_world_add(struct link_world *world, const struct elf_spec *spec)
{
	uint32_t index = world->count++;
	const char *complaint;
	struct elf_symbols symbols;
	struct elf_bytes *bytes = &world->bytes[index];
	uint64_t bias = first_bias + index * (uint64_t)LINK_STRIDE;
	assert_true(index < LINK_OBJECTS);
	*bytes = elf_write(spec);
	elf_load(bytes, &world->memory, bias, true);
	assert_fine(elf_file_from_bytes(bytes->bytes, bytes->size, "x.so", &world->files[index]));
	assert_fine(elf_dynamic_parse(world->files[index], &world->dynamics[index], &complaint));
	assert_null(complaint);
	assert_fine(elf_symbols_dynamic(world->files[index], &symbols));
	assert_fine(elf_lookup_init(world->files[index], &world->dynamics[index], &symbols, &world->lookups[index],
				    &complaint));
	assert_null(complaint);
	world->objects[index] = (struct link_object){ .file = world->files[index],
						      .dynamic = &world->dynamics[index],
						      .lookup = &world->lookups[index],
						      .bias = bias,
						      .start = bias,
						      .end = bias + ELF_AT_END,
						      .is_program = index == 0,
						      .tls_module = index + 1 };
	return index;
}

uint32_t link_world_add_symbols(struct link_world *world, const struct elf_symbol_spec *rows)
{
	return link_world_add(world, &(struct elf_spec){ .dynamic_symbols = rows });
}

void link_world_link(struct link_world *world)
{
	char all[] = "01234567";
	if (!world->scopes.of_object) {
		all[world->count] = '\0';
		made_scopes_init(&world->scopes, world->count);
		made_scopes_use(&world->scopes, all, made_scopes_list(&world->scopes, MADE_GLOBAL, all));
	}
	resolver_init(&world->resolver, world->objects, world->count, &world->scopes);
}

void link_world_deinit(struct link_world *world)
{
	resolver_deinit(&world->resolver);
	scopes_deinit(&world->scopes);
	for (uint32_t i = 0; i < world->count; i++) {
		elf_file_close(world->files[i]);
		elf_bytes_deinit(&world->bytes[i]);
	}
	byte_target_deinit(&world->memory);
}

uint64_t link_world_at(const struct link_world *world, uint32_t object, uint64_t offset)
{
	return world->objects[object].bias + offset;
}

uint32_t link_world_symbol(const struct link_world *world, uint32_t object, const char *name)
{
	const struct elf_symbols *symbols = &world->lookups[object].symbols;
	for (uint32_t i = 1; i < symbols->count; i++) {
		if (strcmp(elf_symbol_name(symbols, &symbols->entries[i]), name) == 0)
			return i;
	}
	fail_msg("object %u has no %s", object, name);
	return 0;
}

void link_world_check(const struct link_world *world, struct definition definition, uint32_t object, uint32_t symbol)
{
	if (definition.object != object)
		print_error("bound to object %d, not %d\n", (int)definition.object, (int)object);
	assert_int_equal(definition.object, object);
	if (object == POLYTON_NONE)
		assert_null(definition.symbol);
	else
		assert_ptr_equal(definition.symbol, &world->lookups[object].symbols.entries[symbol]);
}
