#include "find_world.h"

#include "check.h"
#include "find/binding.h"

void find_world_init(struct find_world *world, uint16_t machine)
{
	*world = (struct find_world){ 0 };
	link_world_init(&world->link, machine);
}

uint32_t find_world_add(struct find_world *world, const struct elf_spec *spec)
{
	uint32_t index = link_world_add(&world->link, spec);
	struct elf_file *file = world->link.files[index];
	struct object_input *input = &world->inputs[index];
	*input = (struct object_input){ .file = file,
					.segments = file->segments,
					.segment_count = file->segment_count,
					.dynamic = world->link.dynamics[index],
					.candidates = &world->candidates[index],
					.tables = file,
					.lookup = &world->link.lookups[index] };
	assert_fine(elf_symbols_dynamic(file, &input->exported));
	assert_fine(elf_symbols_full(file, &input->symbols));
	if (!spec->symbols)
		input->symbols = input->exported;
	assert_fine(candidates_collect(input, &world->candidates[index]));
	return index;
}

static struct polyton_snapshot *make_snapshot(const struct find_world *world)
{
	struct polyton_snapshot *snapshot = find_snapshot(world->link.count);
	for (uint32_t i = 0; i < world->link.count; i++) {
		struct polyton_object *row = &snapshot->objects.items[i];
		const struct link_object *object = &world->link.objects[i];
		row->load_bias = object->bias;
		row->start = object->start;
		row->end = object->end;
		row->is_program = object->is_program;
		row->name_space = object->name_space;
		row->tls_module = object->tls_module;
		row->tls_placement = POLYTON_TLS_DYNAMIC;
	}
	return snapshot;
}

void find_world_settle(struct find_world *world)
{
	struct drafts drafts;
	struct link_world *link = &world->link;
	link_world_link(link);
	assert_fine(references_read(&link->memory.target, &link->resolver, &world->references));
	world->linkage = (struct linkage){ &link->resolver, &world->references, &link->scopes };
	struct polyton_snapshot *snapshot = make_snapshot(world);
	assert_fine(drafts_find(world->inputs, link->count, &drafts));
	assert_fine(evidence_weigh(&drafts, &world->linkage));
	assert_fine(crate_lists_init(&world->crates, world->inputs, link->count));
	assert_fine(rows_build(&drafts, &world->crates, snapshot));
	drafts_deinit(&drafts);
	assert_fine(binding_settle(snapshot, world->inputs, &world->linkage));
	world->finder = (struct finder){ .snapshot = snapshot,
					 .inputs = world->inputs,
					 .crates = &world->crates,
					 .linkage = &world->linkage };
}

void find_world_deinit(struct find_world *world)
{
	crate_lists_deinit(&world->crates);
	polyton_snapshot_destroy(world->finder.snapshot);
	vec_deinit(&world->references);
	for (uint32_t i = 0; i < world->link.count; i++)
		vec_deinit(&world->candidates[i]);
	link_world_deinit(&world->link);
}

const struct polyton_finding *find_world_finding(const struct find_world *world, const char *rule)
{
	const struct polyton_finding *found = NULL;
	const struct polyton_snapshot *snapshot = world->finder.snapshot;
	for (size_t i = 0; i < snapshot->findings.count; i++) {
		if (strcmp(snapshot->findings.items[i].rule, rule) != 0)
			continue;
		assert_null(found);
		found = &snapshot->findings.items[i];
	}
	return found;
}
