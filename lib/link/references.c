// Relocation tables run to hundreds of thousands of entries, nearly all without a symbol or with a function's.
// So each dynamic symbol is looked up once, and the tables are then filtered by index.

#include "link/references.h"

#include <string.h>

enum {
	REFERENCES_NO_NAME = UINT32_MAX,
	// Distances above the thread pointer that no pointer can be: programs begin at 4 MiB at the lowest.
	REFERENCES_NEAR = 4 << 20,
};

struct raw {
	struct reference reference;
	uint64_t place;
	int64_t addend;
	bool is_descriptor;
	uint8_t word[16];
};

struct collector {
	const struct arch *arch;
	const struct reference_source *source;
	uint32_t object;
	const uint32_t *name_of; // by symbol index
	size_t symbol_count;
	vec_of(struct raw) found;
	bool is_out_of_memory;
};

static bool meaning(const struct arch *arch, uint32_t type, struct raw *ret)
{
	const struct arch_relocs *relocs = &arch->relocs;
	if (!type)
		return false;
	if (type == relocs->glob_dat || type == relocs->absolute)
		ret->reference.kind = REFERENCE_ADDRESS;
	else if (type == relocs->tls_module)
		ret->reference.kind = REFERENCE_TLS_MODULE;
	else if (type == relocs->tls_static || type == relocs->tls_descriptor)
		ret->reference.kind = REFERENCE_TLS_STATIC;
	else if (type == relocs->copy)
		ret->reference.kind = REFERENCE_COPY;
	else
		return false;
	ret->is_descriptor = type == relocs->tls_descriptor;
	return true;
}

static bool collect(const struct elf_reloc *reloc, void *arg)
{
	struct collector *collector = arg;
	struct raw raw = { .reference = { .object = collector->object } };
	if (!reloc->symbol || reloc->symbol >= collector->symbol_count ||
	    collector->name_of[reloc->symbol] == REFERENCES_NO_NAME || !meaning(collector->arch, reloc->type, &raw))
		return true;
	raw.reference.name = collector->name_of[reloc->symbol];
	raw.place = collector->source->bias + reloc->offset;
	raw.addend = reloc->addend;
	struct raw *place = vec_push(&collector->found);
	collector->is_out_of_memory = !place;
	if (place)
		*place = raw;
	return place != NULL;
}

static struct polyton_error *collect_object(struct collector *collector, const struct strmap *names)
{
	const struct elf_symbols *symbols = collector->source->symbols;
	auto_free uint32_t *name_of = calloc(symbols->count + 1, sizeof(*name_of));
	bool has_any = false;
	if (!name_of)
		return error_no_memory();
	for (size_t i = 0; i < symbols->count; i++) {
		const char *name = elf_symbol_name(symbols, &symbols->entries[i]);
		const uint32_t *number = name[0] ? strmap_find(names, name, strlen(name)) : NULL;
		name_of[i] = number ? *number : REFERENCES_NO_NAME;
		has_any = has_any || number;
	}
	if (!has_any)
		return NULL;
	collector->name_of = name_of;
	collector->symbol_count = symbols->count;
	elf_relocs_visit(collector->source->file, collector->source->dynamic, collector->arch->relocs.relative,
			 collect, collector);
	return collector->is_out_of_memory ? error_no_memory() : NULL;
}

// Blocks of variant II lie below the thread pointer, those of variant I above it. A heap may begin at a low address,
// but not at a negative one.
static bool is_distance(const struct arch *arch, uint64_t argument)
{
	return arch->tls_variant == ARCH_TLS_BELOW ? (int64_t)argument < 0 : argument < REFERENCES_NEAR;
}

// A TLS descriptor's argument: the distance itself, or a pointer to {module id, offset} (tlsdesc_dynamic_arg).
static bool read_descriptor(struct target *target, struct raw *raw, uint64_t argument)
{
	uint64_t words[2];
	if (is_distance(target->arch, argument)) {
		raw->reference.value = argument - (uint64_t)raw->addend;
		return true;
	}
	struct polyton_error *error = target_read_words(target, argument, 2, words);
	if (error) {
		polyton_error_destroy(error);
		return false;
	}
	raw->reference.kind = REFERENCE_TLS_MODULE;
	raw->reference.value = words[0];
	return true;
}

static struct polyton_error *read_words(struct target *target, struct collector *collector, references *ret)
{
	size_t count = collector->found.count, word = target->arch->word;
	auto_free struct target_read *pieces = calloc(count + 1, sizeof(*pieces));
	if (!pieces)
		return error_no_memory();
	for (size_t i = 0; i < count; i++) {
		struct raw *raw = &collector->found.items[i];
		pieces[i] = (struct target_read){ raw->place, raw->word, raw->is_descriptor ? 2 * word : word, 0 };
	}
	target_read_pieces(target, pieces, count);
	for (size_t i = 0; i < count; i++) {
		struct raw *raw = &collector->found.items[i];
		if (pieces[i].error)
			continue;
		uint64_t value = target_word(target, raw->word);
		if (raw->is_descriptor) {
			if (!read_descriptor(target, raw, target_word(target, raw->word + word)))
				continue;
		} else if (raw->reference.kind == REFERENCE_COPY) {
			raw->reference.value = raw->place;
		} else if (raw->reference.kind == REFERENCE_TLS_MODULE) {
			raw->reference.value = value;
		} else {
			raw->reference.value = value - (uint64_t)raw->addend;
			if (raw->reference.kind == REFERENCE_TLS_STATIC)
				raw->reference.value += target->arch->tp_offset_bias;
		}
		struct reference *place = vec_push(ret);
		if (!place)
			return error_no_memory();
		*place = raw->reference;
	}
	return NULL;
}

struct polyton_error *references_read(struct target *target, const struct reference_source *objects, uint32_t count,
				      const struct strmap *names, references *ret)
{
	struct collector collector = { .arch = target->arch };
	references found = { 0 };
	struct polyton_error *error = NULL;
	for (uint32_t i = 0; !error && i < count; i++) {
		collector.source = &objects[i];
		collector.object = i;
		if (objects[i].file)
			error = collect_object(&collector, names);
	}
	if (!error)
		error = read_words(target, &collector, &found);
	vec_deinit(&collector.found);
	if (error) {
		vec_deinit(&found);
		return error;
	}
	*ret = found;
	return NULL;
}
