// Only references tell: a definition that nobody refers to was not merged, it is just not used.

#include "find/merges.h"

static enum polyton_kind kind_of(const Elf64_Sym *symbol)
{
	return ELF64_ST_TYPE(symbol->st_info) == STT_TLS ? POLYTON_KIND_TLS : POLYTON_KIND_STATIC;
}

struct polyton_error *merges_build(const struct linkage *linkage, struct merges *ret)
{
	for (size_t i = 0; linkage && i < linkage->references->count; i++) {
		const struct reference *reference = &linkage->references->items[i];
		if (!reference->has_variable || reference->kind == POLYTON_REFERENCE_FUNCTION)
			continue;
		const struct elf_symbols *symbols = &linkage->resolver->objects[reference->object].lookup->symbols;
		const Elf64_Sym *own = &symbols->entries[reference->symbol];
		if (own->st_shndx == SHN_UNDEF || !reference->bound_to.symbol ||
		    reference->bound_to.object == reference->object)
			continue;
		// The program's place for a copy wins: it is the original that nobody uses any more.
		struct definition lost = { reference->object, own }, won = reference->bound_to;
		if (reference->kind == POLYTON_REFERENCE_COPY) {
			lost = reference->bound_to;
			won = (struct definition){ reference->object, own };
		}
		uint32_t *at = placemap_at(&ret->places, lost.object, kind_of(lost.symbol), lost.symbol->st_value,
					   POLYTON_NONE);
		struct definition *winner = at ? vec_push(&ret->winners) : NULL;
		if (!winner)
			return error_no_memory();
		*winner = won;
		*at = (uint32_t)ret->winners.count - 1;
	}
	return NULL;
}

void merges_deinit(struct merges *merges)
{
	placemap_deinit(&merges->places);
	vec_deinit(&merges->winners);
}

// Where the member's references went: to itself, or to whom it lost.
static struct definition winner_of(const struct merges *merges, const struct member *member)
{
	const struct candidate *candidate = member->candidate;
	const uint32_t *at =
		placemap_find(&merges->places, member->object, candidate->kind, candidate->symbol->st_value);
	return at ? merges->winners.items[*at] : (struct definition){ member->object, candidate->symbol };
}

bool merges_is_one(const struct merges *merges, const struct member *a, const struct member *b)
{
	struct definition x = winner_of(merges, a), y = winner_of(merges, b);
	return x.object == y.object && x.symbol->st_value == y.symbol->st_value;
}
