// An object has hundreds of relocations for a symbol that its tables of functions name again and again; one word
// tells what all were bound to. The most telling is one that nobody but the loader writes: a GOT entry, then a word
// that was made read-only after relocation, and only then one that the program may have changed meanwhile.

#include "link/references.h"

#include <string.h>

#include "base/spread.h"
#include "base/table.h"
#include "link/words.h"

enum {
	REFERENCES_CLASSES = 4,
	REFERENCES_OBJECTS = 16, // that are worth a thread of their own
	REFERENCES_BLOCK = 1024, // of references that are looked up in one go
};

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

/** Each object's words, by object. */
struct harvest {
	const struct arch *arch;
	const struct resolver *resolver;
	struct words *words;
};

static struct polyton_error *collect_object(void *arg, size_t index)
{
	const struct harvest *harvest = arg;
	const struct link_object *object = &harvest->resolver->objects[index];
	if (!object->file)
		return NULL;
	const Elf64_Phdr *relro = elf_file_segment(object->file, PT_GNU_RELRO);
	size_t symbols = object->lookup->symbols.count;
	auto_free uint32_t *slots = table_create(symbols * REFERENCES_CLASSES + 1, sizeof(*slots));
	if (!slots)
		return error_no_memory();
	struct collector collector = { .arch = harvest->arch,
				       .object = object,
				       .index = (uint32_t)index,
				       .slots = slots,
				       .symbol_count = symbols,
				       .relro_start = relro ? relro->p_vaddr : 0,
				       .relro_end = relro ? relro->p_vaddr + relro->p_memsz : 0,
				       .words = &harvest->words[index] };
	elf_relocs_visit_named(object->dynamic, collect, &collector);
	return collector.is_out_of_memory ? error_no_memory() : NULL;
}

// One behind the other, in the order of the objects.
static struct polyton_error *join(struct harvest *harvest, struct words *ret)
{
	size_t count = 0;
	for (uint32_t i = 0; i < harvest->resolver->count; i++)
		count += harvest->words[i].count;
	ret->items = malloc((count + 1) * sizeof(*ret->items));
	if (!ret->items)
		return error_no_memory();
	ret->capacity = count + 1;
	for (uint32_t i = 0; i < harvest->resolver->count; i++) {
		struct words *own = &harvest->words[i];
		if (own->count)
			memcpy(ret->items + ret->count, own->items, own->count * sizeof(*own->items));
		ret->count += own->count;
		vec_deinit(own);
	}
	return NULL;
}

static struct polyton_error *collect_all(const struct arch *arch, const struct resolver *resolver, struct words *ret)
{
	struct harvest harvest = { arch, resolver, calloc((size_t)resolver->count + 1, sizeof(*harvest.words)) };
	struct polyton_error *error =
		harvest.words ? spread_over(resolver->count, REFERENCES_OBJECTS, collect_object, &harvest)
			      : error_no_memory();
	if (!error)
		error = join(&harvest, ret);
	for (uint32_t i = 0; harvest.words && i < resolver->count; i++)
		vec_deinit(&harvest.words[i]);
	free(harvest.words);
	return error;
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

static bool is_variable(const Elf64_Sym *symbol)
{
	unsigned type = ELF64_ST_TYPE(symbol->st_info);
	return symbol->st_shndx != SHN_UNDEF && type != STT_FUNC && type != STT_GNU_IFUNC;
}

// What the symbols say, while they are at hand: whoever looks at all references later need not touch them again.
static void describe(const struct resolver *resolver, const struct word *word, struct reference *reference)
{
	const struct elf_symbols *symbols = &resolver->objects[word->object].lookup->symbols;
	const Elf64_Sym *bound_to = reference->bound_to.symbol;
	reference->kind = kind_of(resolver, word, &reference->bound_to);
	reference->has_variable = is_variable(&symbols->entries[word->symbol]) || (bound_to && is_variable(bound_to));
	reference->is_unique = bound_to && ELF64_ST_BIND(bound_to->st_info) == STB_GNU_UNIQUE;
}

/** References, and the words they were made of, of the same indices. */
struct settling {
	struct resolver *resolver;
	const struct words *words;
	bool *is_settled; ///< Its word tells.
	references *references;
};

static void start(const struct settling *settling)
{
	for (size_t i = 0; i < settling->words->count; i++) {
		const struct word *word = &settling->words->items[i];
		settling->references->items[i] = (struct reference){ .object = word->object,
								     .symbol = word->symbol,
								     .class = word->class,
								     .source = POLYTON_BINDING_COMPUTED,
								     .place = word->place,
								     .bound_to = { POLYTON_NONE, NULL } };
	}
	settling->references->count = settling->words->count;
}

static struct polyton_error *settle_words(struct target *target, const struct settling *settling)
{
	struct placed_objects placed = { 0 };
	struct polyton_error *error = placed_objects_init(&placed, settling->resolver);
	for (size_t i = 0; !error && i < settling->words->count; i++) {
		struct reference *reference = &settling->references->items[i];
		settling->is_settled[i] = word_settle(target, settling->resolver, &placed, &settling->words->items[i],
						      &reference->source, &reference->bound_to);
	}
	placed_objects_deinit(&placed);
	return error;
}

static struct polyton_error *look_up(void *arg, size_t block)
{
	const struct settling *settling = arg;
	size_t first = block * REFERENCES_BLOCK, end = first + REFERENCES_BLOCK;
	for (size_t i = first; i < end && i < settling->references->count; i++) {
		struct reference *reference = &settling->references->items[i];
		if (!settling->is_settled[i])
			reference->bound_to = resolver_search(settling->resolver, reference->object,
							      reference->symbol, reference->class,
							      reference->source != POLYTON_BINDING_PENDING);
		describe(settling->resolver, &settling->words->items[i], reference);
	}
	return NULL;
}

// Who owns a unique symbol depends on who asked first.
static struct polyton_error *finish(const struct settling *settling)
{
	struct polyton_error *error = NULL;
	for (size_t i = 0; !error && i < settling->references->count; i++) {
		struct reference *reference = &settling->references->items[i];
		if (settling->is_settled[i] || !reference->is_unique)
			continue;
		error = resolver_own(settling->resolver, reference->object, reference->symbol, reference->class,
				     &reference->bound_to);
		describe(settling->resolver, &settling->words->items[i], reference);
	}
	return error;
}

// Without a target there are no words: what the lookup finds is what the reference will be bound to.
static struct polyton_error *settle(struct target *target, struct resolver *resolver, const struct words *words,
				    references *ret)
{
	auto_free bool *is_settled = calloc(words->count + 1, sizeof(*is_settled));
	struct settling settling = { resolver, words, is_settled, ret };
	ret->items = malloc((words->count + 1) * sizeof(*ret->items));
	if (!is_settled || !ret->items)
		return error_no_memory();
	ret->capacity = words->count + 1;
	start(&settling);
	struct polyton_error *error = target ? settle_words(target, &settling) : NULL;
	if (!error)
		error = spread_over((words->count + REFERENCES_BLOCK - 1) / REFERENCES_BLOCK, 4, look_up, &settling);
	return error ? error : finish(&settling);
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
