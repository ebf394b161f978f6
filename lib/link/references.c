// An object has hundreds of relocations for a symbol that its tables of functions name again and again; one word
// tells what all were bound to. The most telling is one that nobody but the loader writes: a GOT entry, then a word
// that was made read-only after relocation, and only then one that the program may have changed meanwhile.

#include "link/references.h"

#include <string.h>

#include "link/words.h"

enum { REFERENCES_CLASSES = 4 };

/** How much a word tells, best last. */
enum rank { RANK_WRITABLE, RANK_RELRO, RANK_GOT };

struct collector {
	const struct arch *arch;
	const struct link_object *object;
	uint32_t index;
	uint32_t *slots; // by class and symbol: index in words, plus one
	size_t symbol_count;
	uint64_t relro_start, relro_end;
	struct words *words;
	bool is_out_of_memory;
};

static bool meaning(const struct arch_relocs *relocs, uint32_t type, struct word *ret)
{
	ret->rank = RANK_GOT;
	ret->class = LOOKUP_PLT;
	if (!type)
		return false;
	if (type == relocs->absolute || type == relocs->glob_dat) {
		ret->form = WORD_ADDRESS;
		ret->class = LOOKUP_DATA;
		ret->rank = type == relocs->glob_dat ? RANK_GOT : RANK_WRITABLE;
	} else if (type == relocs->jump_slot) {
		ret->form = WORD_SLOT;
	} else if (type == relocs->tls_module) {
		ret->form = WORD_TLS_MODULE;
	} else if (type == relocs->tls_static) {
		ret->form = WORD_TLS_DISTANCE;
	} else if (type == relocs->tls_descriptor) {
		ret->form = WORD_TLS_DESCRIPTOR;
	} else if (type == relocs->copy) {
		ret->form = WORD_COPY;
		ret->class = LOOKUP_COPY;
	} else {
		return false;
	}
	return true;
}

// Thread-locals are a class of their own here: a name may stand for a function in one object and for one of them in
// another.
static size_t class_of(const struct word *word)
{
	bool is_tls = word->form >= WORD_TLS_MODULE && word->form <= WORD_TLS_DESCRIPTOR;
	return is_tls ? REFERENCES_CLASSES - 1 : (size_t)word->class;
}

static bool collect(const struct elf_reloc *reloc, void *arg)
{
	struct collector *collector = arg;
	struct word word = { .object = collector->index, .symbol = reloc->symbol, .addend = reloc->addend };
	if (!reloc->symbol || reloc->symbol >= collector->symbol_count ||
	    !meaning(&collector->arch->relocs, reloc->type, &word))
		return true;
	if (word.rank == RANK_WRITABLE && reloc->offset >= collector->relro_start &&
	    reloc->offset < collector->relro_end)
		word.rank = RANK_RELRO;
	word.place = collector->object->bias + reloc->offset;
	uint32_t *slot = &collector->slots[class_of(&word) * collector->symbol_count + reloc->symbol];
	if (*slot) {
		struct word *known = &collector->words->items[*slot - 1];
		if (known->rank < word.rank)
			*known = word;
		return true;
	}
	struct word *place = vec_push(collector->words);
	collector->is_out_of_memory = !place;
	if (place) {
		*place = word;
		*slot = (uint32_t)collector->words->count;
	}
	return place != NULL;
}

static struct polyton_error *collect_object(struct collector *collector)
{
	const struct link_object *object = collector->object;
	const Elf64_Phdr *relro = elf_file_segment(object->file, PT_GNU_RELRO);
	collector->symbol_count = object->lookup->symbols.count;
	auto_free uint32_t *slots = calloc(collector->symbol_count * REFERENCES_CLASSES + 1, sizeof(*slots));
	if (!slots)
		return error_no_memory();
	collector->slots = slots;
	collector->relro_start = relro ? relro->p_vaddr : 0;
	collector->relro_end = relro ? relro->p_vaddr + relro->p_memsz : 0;
	elf_relocs_visit_named(object->dynamic, collect, collector);
	return collector->is_out_of_memory ? error_no_memory() : NULL;
}

static enum polyton_reference_kind kind_of(const struct resolver *resolver, const struct word *word,
					   const struct definition *bound_to)
{
	const struct elf_symbols *symbols = &resolver->objects[word->object].lookup->symbols;
	const Elf64_Sym *symbol = bound_to->symbol ? bound_to->symbol : &symbols->entries[word->symbol];
	unsigned type = ELF64_ST_TYPE(symbol->st_info);
	if (word->form == WORD_COPY)
		return POLYTON_REFERENCE_COPY;
	if (word->form >= WORD_TLS_MODULE && word->form <= WORD_TLS_DESCRIPTOR)
		return POLYTON_REFERENCE_TLS;
	return word->form == WORD_SLOT || type == STT_FUNC || type == STT_GNU_IFUNC ? POLYTON_REFERENCE_FUNCTION
										    : POLYTON_REFERENCE_DATA;
}

// Without a target there are no words: what the lookup finds is what the reference will be bound to.
static struct polyton_error *settle(struct target *target, struct resolver *resolver, const struct words *words,
				    references *ret)
{
	struct placed_objects placed = { 0 };
	struct polyton_error *error = placed_objects_init(&placed, resolver);
	for (size_t i = 0; !error && i < words->count; i++) {
		const struct word *word = &words->items[i];
		struct reference *reference = vec_push(ret);
		if (!reference) {
			error = error_no_memory();
			break;
		}
		*reference = (struct reference){
			.object = word->object,
			.symbol = word->symbol,
			.class = word->class,
			.source = POLYTON_BINDING_COMPUTED,
			.place = word->place,
			.bound_to = { POLYTON_NONE, NULL },
		};
		if (!target ||
		    !word_settle(target, resolver, &placed, word, &reference->source, &reference->bound_to))
			error = resolver_find(resolver, word->object, word->symbol, word->class,
					      reference->source != POLYTON_BINDING_PENDING, &reference->bound_to);
		reference->kind = kind_of(resolver, word, &reference->bound_to);
	}
	placed_objects_deinit(&placed);
	return error;
}

static struct polyton_error *collect_all(const struct arch *arch, const struct resolver *resolver,
					 struct words *words)
{
	struct polyton_error *error = NULL;
	struct collector collector = { .arch = arch, .words = words };
	for (uint32_t i = 0; !error && i < resolver->count; i++) {
		collector.object = &resolver->objects[i];
		collector.index = i;
		if (collector.object->file)
			error = collect_object(&collector);
	}
	return error;
}

static struct polyton_error *read_all(const struct arch *arch, struct target *target, struct resolver *resolver,
				      references *ret)
{
	struct words words = { 0 };
	references found = { 0 };
	struct polyton_error *error = collect_all(arch, resolver, &words);
	if (!error && target)
		error = words_read(target, &words);
	if (!error)
		error = settle(target, resolver, &words, &found);
	vec_deinit(&words);
	if (error) {
		vec_deinit(&found);
		return error;
	}
	*ret = found;
	return NULL;
}

struct polyton_error *references_read(struct target *target, struct resolver *resolver, references *ret)
{
	return read_all(target->arch, target, resolver, ret);
}

struct polyton_error *references_derive(const struct arch *arch, struct resolver *resolver, references *ret)
{
	return read_all(arch, NULL, resolver, ret);
}
