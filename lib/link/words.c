// A word is believed when what it leads to is a definition of the very name: the program may have written to it
// since, a function's slot may lead to a stub or to what a resolver of its library chose, and tools replace slots by
// their own.

#include "link/words.h"

#include <string.h>

enum {
	// Distances above the thread pointer that no pointer can be: programs begin at 4 MiB at the lowest, and where
	// pointers are narrow they end so far below the end.
	WORDS_NEAR = 4 << 20,
};

struct placed_object {
	uint64_t start, end;
	uint32_t object;
};

// A narrow word that is a distance below the thread pointer. A descriptor's may be a pointer as well, but no program
// has memory at the end of the address space.
static bool is_negative(const struct word *word)
{
	return (word->form == WORD_TLS_DISTANCE && word->value > INT32_MAX) ||
	       (word->form == WORD_TLS_DESCRIPTOR && word->value > UINT32_MAX - WORDS_NEAR);
}

// Where a word's value stands: of a descriptor the second word.
static uint64_t place_of(const struct target *target, const struct word *word)
{
	return word->place + (word->form == WORD_TLS_DESCRIPTOR ? target->arch->word : 0);
}

static void take_value(const struct target *target, const struct target_read *piece, struct word *word)
{
	word->is_read = !piece->error;
	word->value = target_word(target, piece->buffer);
	if (target->arch->word == sizeof(uint32_t) && is_negative(word))
		word->value |= (uint64_t)UINT32_MAX << 32;
}

struct polyton_error *words_read(struct target *target, struct words *words, uint32_t count)
{
	size_t total = 0, at = 0;
	for (uint32_t i = 0; i < count; i++)
		total += words[i].count;
	auto_free struct target_read *pieces = calloc(total + 1, sizeof(*pieces));
	auto_free uint8_t *bytes = calloc(total + 1, sizeof(uint64_t));
	if (!pieces || !bytes)
		return error_no_memory();
	for (uint32_t i = 0; i < count; i++) {
		for (size_t k = 0; k < words[i].count; k++, at++)
			pieces[at] = (struct target_read){ place_of(target, &words[i].items[k]),
							   bytes + at * sizeof(uint64_t), target->arch->word, 0 };
	}
	target_read_pieces(target, pieces, total);
	at = 0;
	for (uint32_t i = 0; i < count; i++) {
		for (size_t k = 0; k < words[i].count; k++)
			take_value(target, &pieces[at++], &words[i].items[k]);
	}
	return NULL;
}

static int compare_placed(const void *left, const void *right)
{
	const struct placed_object *a = left, *b = right;
	return (a->start > b->start) - (a->start < b->start);
}

struct polyton_error *placed_objects_init(struct placed_objects *placed, const struct resolver *resolver)
{
	placed->items = calloc((size_t)resolver->count + 1, sizeof(*placed->items));
	if (!placed->items)
		return error_no_memory();
	for (uint32_t i = 0; i < resolver->count; i++)
		placed->items[i] = (struct placed_object){ resolver->objects[i].start, resolver->objects[i].end, i };
	placed->count = resolver->count;
	qsort(placed->items, placed->count, sizeof(*placed->items), compare_placed);
	return NULL;
}

void placed_objects_deinit(struct placed_objects *placed)
{
	free(placed->items);
}

static uint32_t object_at(const struct placed_objects *placed, uint64_t address)
{
	size_t low = 0, high = placed->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (placed->items[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	// A variable of no size may stand at the very end.
	return low && address <= placed->items[low - 1].end ? placed->items[low - 1].object : POLYTON_NONE;
}

static const Elf64_Sym *own_symbol(const struct resolver *resolver, const struct word *word)
{
	return &resolver->objects[word->object].lookup->symbols.entries[word->symbol];
}

static bool leads_to(const struct link_object *object, const Elf64_Sym *symbol, uint64_t address)
{
	uint64_t value = symbol->st_shndx == SHN_ABS ? symbol->st_value : object->bias + symbol->st_value;
	// What an indirect function's resolver chose is its object's, too.
	return value == address || ELF64_ST_TYPE(symbol->st_info) == STT_GNU_IFUNC;
}

static bool settle_address(const struct resolver *resolver, const struct placed_objects *placed,
			   const struct word *word, enum polyton_binding_source *source_ret, struct definition *ret)
{
	const Elf64_Sym *own = own_symbol(resolver, word);
	uint64_t address = word->value - (word->form == WORD_ADDRESS ? (uint64_t)word->addend : 0);
	uint32_t object = object_at(placed, address);
	bool is_defined = own->st_shndx != SHN_UNDEF;
	if (!address)
		return !is_defined && ELF64_ST_BIND(own->st_info) == STB_WEAK;
	if (object == POLYTON_NONE)
		return false;
	if (object == word->object && is_defined && leads_to(&resolver->objects[object], own, address)) {
		*ret = (struct definition){ object, own };
		return true;
	}
	if (object == word->object && word->form == WORD_SLOT) {
		*source_ret = POLYTON_BINDING_PENDING;
		return false;
	}
	struct elf_wanted wanted = resolver_wanted(&resolver->objects[word->object], word->symbol);
	const Elf64_Sym *symbol =
		elf_lookup_find(resolver->objects[object].lookup, &wanted, word->class == LOOKUP_DATA);
	if (!symbol || !leads_to(&resolver->objects[object], symbol, address))
		return false;
	*ret = (struct definition){ object, symbol };
	return true;
}

static bool settle_tls(const struct resolver *resolver, const struct word *word, uint32_t object,
		       struct definition *ret)
{
	const Elf64_Sym *own = own_symbol(resolver, word);
	if (object == word->object && own->st_shndx != SHN_UNDEF) {
		*ret = (struct definition){ object, own };
		return true;
	}
	struct elf_wanted wanted = resolver_wanted(&resolver->objects[word->object], word->symbol);
	const Elf64_Sym *symbol = elf_lookup_find(resolver->objects[object].lookup, &wanted, false);
	if (symbol)
		*ret = (struct definition){ object, symbol };
	return symbol;
}

static bool settle_module(const struct resolver *resolver, const struct word *word, uint64_t module,
			  struct definition *ret)
{
	for (uint32_t i = 0; module && i < resolver->count; i++) {
		if (resolver->objects[i].tls_module == module)
			return settle_tls(resolver, word, i, ret);
	}
	return false;
}

// Blocks of variant II lie below the thread pointer, those of variant I above it.
static bool settle_distance(const struct arch *arch, const struct resolver *resolver, const struct word *word,
			    uint64_t distance, struct definition *ret)
{
	for (uint32_t i = 0; i < resolver->count; i++) {
		const struct link_object *object = &resolver->objects[i];
		struct definition found;
		if (!object->has_static_tls || !settle_tls(resolver, word, i, &found))
			continue;
		uint64_t block = arch->tls_variant == ARCH_TLS_BELOW ? -object->tls_offset : object->tls_offset;
		if (block + found.symbol->st_value != distance)
			continue;
		*ret = found;
		return true;
	}
	return false;
}

// A heap may begin at a low address, but not at a negative one.
static bool is_distance(const struct arch *arch, uint64_t argument)
{
	return arch->tls_variant == ARCH_TLS_BELOW ? (int64_t)argument < 0 : argument < WORDS_NEAR;
}

static bool settle_descriptor(struct target *target, const struct resolver *resolver, const struct word *word,
			      struct definition *ret)
{
	uint64_t pair[2]; // tlsdesc_dynamic_arg: tls_index, of which the first word is the module id
	if (is_distance(target->arch, word->value))
		return settle_distance(target->arch, resolver, word, word->value - (uint64_t)word->addend, ret);
	struct polyton_error *error = target_read_words(target, word->value, 2, pair);
	polyton_error_destroy(error);
	return !error && settle_module(resolver, word, pair[0], ret);
}

bool word_settle(struct target *target, const struct resolver *resolver, const struct placed_objects *placed,
		 const struct word *word, enum polyton_binding_source *source_ret, struct definition *ret)
{
	const struct arch *arch = target->arch;
	*ret = (struct definition){ POLYTON_NONE, NULL };
	*source_ret = POLYTON_BINDING_READ;
	bool is_settled = false;
	switch (word->form) {
	case WORD_ADDRESS:
	case WORD_SLOT:
		is_settled = word->is_read && settle_address(resolver, placed, word, source_ret, ret);
		break;
	case WORD_TLS_MODULE:
		is_settled = word->is_read && settle_module(resolver, word, word->value, ret);
		break;
	case WORD_TLS_DISTANCE:
		is_settled = word->is_read &&
			     settle_distance(arch, resolver, word,
					     word->value - (uint64_t)word->addend + arch->tp_offset_bias, ret);
		break;
	case WORD_TLS_DESCRIPTOR:
		is_settled = word->is_read && settle_descriptor(target, resolver, word, ret);
		break;
	case WORD_COPY: // the word is the variable, not a pointer to it
		break;
	}
	if (!is_settled && *source_ret == POLYTON_BINDING_READ)
		*source_ret = POLYTON_BINDING_COMPUTED;
	return is_settled;
}
