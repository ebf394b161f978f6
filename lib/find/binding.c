// A copy is live when some object's code reaches it. Code reaches an exported variable through words that the
// loader filled in; the program's own variables, local and protected ones and those of -Bsymbolic libraries it
// reaches directly, without a trace. An exported copy with neither is shadowed.

#include "find/binding.h"

#include <string.h>

static struct polyton_error *map_places(const struct polyton_snapshot *snapshot, struct placemap *ret)
{
	for (uint32_t i = 0; i < snapshot->copies.count; i++) {
		const struct polyton_copy *copy = &snapshot->copies.items[i];
		enum polyton_kind kind = snapshot->singletons.items[copy->singleton].kind;
		if (!placemap_at(ret, copy->object, kind, copy->offset, i))
			return error_no_memory();
	}
	return NULL;
}

struct polyton_error *binding_names(const struct polyton_snapshot *snapshot, const struct object_input *objects,
				    struct strmap *ret)
{
	struct placemap places = { 0 };
	struct polyton_error *error = map_places(snapshot, &places);
	for (uint32_t object = 0; !error && object < snapshot->objects.count; object++) {
		const struct elf_symbols *exported = &objects[object].exported;
		for (size_t i = 1; !error && i < exported->count; i++) {
			const Elf64_Sym *symbol = &exported->entries[i];
			unsigned type = ELF64_ST_TYPE(symbol->st_info);
			if ((type != STT_OBJECT && type != STT_TLS) || symbol->st_shndx == SHN_UNDEF)
				continue;
			const uint32_t *copy = placemap_find(&places, object,
							     type == STT_TLS ? POLYTON_KIND_TLS : POLYTON_KIND_STATIC,
							     symbol->st_value);
			const char *name = elf_symbol_name(exported, symbol);
			if (copy && name[0] &&
			    !strmap_at(ret, name, strlen(name), snapshot->copies.items[*copy].singleton))
				error = error_no_memory();
		}
	}
	placemap_deinit(&places);
	return error;
}

// The copy of @p reference's singleton that the word leads to, or POLYTON_NONE.
static uint32_t target_copy(const struct polyton_snapshot *snapshot, const struct reference *reference)
{
	const struct polyton_singleton *singleton = &snapshot->singletons.items[reference->name];
	for (uint32_t i = 0; i < singleton->copy_count; i++) {
		uint32_t index = singleton->first_copy + i;
		const struct polyton_copy *copy = &snapshot->copies.items[index];
		const struct polyton_object *object = &snapshot->objects.items[copy->object];
		bool is_hit = false;
		switch (reference->kind) {
		case REFERENCE_ADDRESS:
		case REFERENCE_COPY:
			is_hit = singleton->kind == POLYTON_KIND_STATIC && reference->value == copy->address;
			break;
		case REFERENCE_TLS_MODULE:
			is_hit = singleton->kind == POLYTON_KIND_TLS && reference->value == object->tls_module;
			break;
		case REFERENCE_TLS_STATIC:
			// Variant II: blocks lie below the thread pointer.
			is_hit = singleton->kind == POLYTON_KIND_TLS && object->tls_placement == POLYTON_TLS_STATIC &&
				 (reference->value == copy->offset - object->tls_offset ||
				  reference->value == copy->offset + object->tls_offset);
			break;
		}
		if (is_hit)
			return index;
	}
	return POLYTON_NONE;
}

static bool is_reached_directly(const struct polyton_snapshot *snapshot, const struct object_input *objects,
				const struct polyton_copy *copy)
{
	const struct object_input *object = &objects[copy->object];
	// Without its relocations an object may or may not use its copy: say it does.
	return !copy->is_exported || copy->is_protected || snapshot->objects.items[copy->object].is_program ||
	       !object->file || object->dynamic.is_symbolic;
}

struct polyton_error *binding_settle(struct polyton_snapshot *snapshot, const struct object_input *objects,
				     const references *found)
{
	enum { BOUND = 1, REFERS = 2, LEADS_NOWHERE = 4 };
	size_t count = snapshot->copies.count;
	auto_free uint8_t *facts = calloc(count + 1, sizeof(*facts));
	if (!facts)
		return error_no_memory();

	for (size_t i = 0; i < found->count; i++) {
		const struct reference *reference = &found->items[i];
		const struct polyton_singleton *singleton = &snapshot->singletons.items[reference->name];
		uint32_t leads_to = target_copy(snapshot, reference);
		if (leads_to != POLYTON_NONE)
			facts[leads_to] |= BOUND;
		for (uint32_t k = 0; k < singleton->copy_count; k++) {
			struct polyton_copy *own = &snapshot->copies.items[singleton->first_copy + k];
			if (own->object != reference->object)
				continue;
			facts[singleton->first_copy + k] |= REFERS;
			if (leads_to == POLYTON_NONE)
				facts[singleton->first_copy + k] |= LEADS_NOWHERE;
			else
				own->bound_to = leads_to;
		}
	}
	for (uint32_t i = 0; i < count; i++) {
		struct polyton_copy *copy = &snapshot->copies.items[i];
		bool is_direct = is_reached_directly(snapshot, objects, copy) && !(facts[i] & REFERS);
		bool is_live = !copy->is_exported || (facts[i] & (BOUND | LEADS_NOWHERE)) || is_direct ||
			       snapshot->objects.items[copy->object].is_program;
		copy->use = is_live ? POLYTON_USE_LIVE : POLYTON_USE_SHADOWED;
		if (is_live)
			copy->bound_to = POLYTON_NONE;
		snapshot->singletons.items[copy->singleton].live_count += is_live;
	}
	return NULL;
}
