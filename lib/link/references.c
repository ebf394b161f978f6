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
	REFERENCES_PIECE = 1024, // words that are looked up in one go
	REFERENCES_PIECES = 4,   // the same as REFERENCES_OBJECTS
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
	vec_trim(collector.words);
	return collector.is_out_of_memory ? error_no_memory() : NULL;
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

/** Some of one object's words, and where their references stand. */
struct piece {
	uint32_t object;
	size_t first_word, count, first_reference;
};

/** The references that are made of each object's words. */
struct settling {
	struct resolver *resolver;
	struct words *words; // by object
	vec_of(struct piece) pieces;
	bool *is_settled; // by reference: its word tells; NULL: there is no target, so none does
	references *references;
};

static struct polyton_error *cut_pieces(struct settling *settling)
{
	size_t total = 0;
	for (uint32_t i = 0; i < settling->resolver->count; i++) {
		size_t count = settling->words[i].count;
		for (size_t at = 0; at < count; at += REFERENCES_PIECE) {
			struct piece *piece = vec_push(&settling->pieces);
			if (!piece)
				return error_no_memory();
			size_t left = count - at;
			*piece = (struct piece){ i, at, left < REFERENCES_PIECE ? left : REFERENCES_PIECE,
						 total + at };
		}
		total += count;
	}
	references *all = settling->references;
	all->items = malloc((total + 1) * sizeof(*all->items));
	all->capacity = total + 1;
	all->count = total;
	return all->items ? NULL : error_no_memory();
}

static void start(const struct settling *settling, const struct piece *piece)
{
	const struct word *words = settling->words[piece->object].items + piece->first_word;
	struct reference *rows = settling->references->items + piece->first_reference;
	for (size_t i = 0; i < piece->count; i++)
		rows[i] = (struct reference){ .object = words[i].object,
					      .symbol = words[i].symbol,
					      .class = words[i].class,
					      .source = POLYTON_BINDING_COMPUTED,
					      .place = words[i].place,
					      .bound_to = { POLYTON_NONE, NULL } };
}

// What the loader wrote is asked of one thread: the one that may read the target.
static struct polyton_error *settle_words(struct target *target, struct settling *settling)
{
	struct placed_objects placed = { 0 };
	struct polyton_error *error = words_read(target, settling->words, settling->resolver->count);
	settling->is_settled = calloc(settling->references->count + 1, sizeof(*settling->is_settled));
	if (!error)
		error = settling->is_settled ? placed_objects_init(&placed, settling->resolver) : error_no_memory();
	for (size_t p = 0; !error && p < settling->pieces.count; p++) {
		const struct piece *piece = &settling->pieces.items[p];
		const struct word *words = settling->words[piece->object].items + piece->first_word;
		start(settling, piece);
		for (size_t i = 0; i < piece->count; i++) {
			struct reference *reference = &settling->references->items[piece->first_reference + i];
			enum polyton_binding_source source = (enum polyton_binding_source)reference->source;
			settling->is_settled[piece->first_reference + i] = word_settle(target, settling->resolver,
										       &placed, &words[i], &source,
										       &reference->bound_to);
			reference->source = source;
		}
	}
	placed_objects_deinit(&placed);
	return error;
}

static bool is_settled(const struct settling *settling, size_t reference)
{
	return settling->is_settled && settling->is_settled[reference];
}

static struct polyton_error *look_up(void *arg, size_t number)
{
	const struct settling *settling = arg;
	const struct piece *piece = &settling->pieces.items[number];
	const struct word *words = settling->words[piece->object].items + piece->first_word;
	if (!settling->is_settled)
		start(settling, piece);
	for (size_t i = 0; i < piece->count; i++) {
		struct reference *reference = &settling->references->items[piece->first_reference + i];
		if (!is_settled(settling, piece->first_reference + i))
			reference->bound_to = resolver_search(settling->resolver, reference->object,
							      reference->symbol, reference->class,
							      reference->source != POLYTON_BINDING_PENDING);
		describe(settling->resolver, &words[i], reference);
	}
	return NULL;
}

// Who owns a unique symbol depends on who asked first.
static struct polyton_error *finish(const struct settling *settling, const struct piece *piece)
{
	const struct word *words = settling->words[piece->object].items + piece->first_word;
	struct polyton_error *error = NULL;
	for (size_t i = 0; !error && i < piece->count; i++) {
		struct reference *reference = &settling->references->items[piece->first_reference + i];
		if (!reference->is_unique || is_settled(settling, piece->first_reference + i))
			continue;
		error = resolver_own(settling->resolver, reference->object, reference->symbol, reference->class,
				     &reference->bound_to);
		describe(settling->resolver, &words[i], reference);
	}
	return error;
}

// Without a target there are no words: what the lookup finds is what the reference will be bound to.
static struct polyton_error *settle(struct target *target, struct settling *settling)
{
	struct polyton_error *error = cut_pieces(settling);
	if (!error && target)
		error = settle_words(target, settling);
	if (!error)
		error = spread_over(settling->pieces.count, REFERENCES_PIECES, look_up, settling);
	for (size_t i = 0; !error && i < settling->pieces.count; i++)
		error = finish(settling, &settling->pieces.items[i]);
	return error;
}

static struct polyton_error *read_all(const struct arch *arch, struct target *target, struct resolver *resolver,
				      references *ret)
{
	references found = { 0 };
	struct harvest harvest = { arch, resolver, calloc((size_t)resolver->count + 1, sizeof(*harvest.words)) };
	struct settling settling = { .resolver = resolver, .words = harvest.words, .references = &found };
	struct polyton_error *error =
		harvest.words ? spread_over(resolver->count, REFERENCES_OBJECTS, collect_object, &harvest)
			      : error_no_memory();
	if (!error)
		error = settle(target, &settling);
	for (uint32_t i = 0; harvest.words && i < resolver->count; i++)
		vec_deinit(&harvest.words[i]);
	free(harvest.words);
	free(settling.is_settled);
	vec_deinit(&settling.pieces);
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
