// The loader's rules have few surprises, but they count: the first definition in scope wins, weak or not; a symbol
// that is unique in one object is so for its whole namespace; a protected one is its own object's.

#include "link/resolve.h"

#include <string.h>

#include "polyton.h"

void resolver_init(struct resolver *resolver, const struct link_object *objects, uint32_t count,
		   const struct scopes *scopes)
{
	*resolver = (struct resolver){ .objects = objects, .count = count, .scopes = scopes };
}

void resolver_deinit(struct resolver *resolver)
{
	strmap_deinit(&resolver->unique);
	vec_deinit(&resolver->owners);
	arena_deinit(&resolver->keys);
}

struct elf_wanted resolver_wanted(const struct link_object *object, uint32_t symbol)
{
	const struct elf_symbols *symbols = &object->lookup->symbols;
	const char *name = elf_symbol_name(symbols, &symbols->entries[symbol]);
	return (struct elf_wanted){ .name = name,
				    .gnu_hash = elf_gnu_hash(name),
				    .version = elf_versions_of(&object->lookup->versions, symbol, NULL) };
}

// Whoever is found first with a unique symbol owns it in its namespace from then on.
static struct polyton_error *find_owner(struct resolver *resolver, const char *name, uint32_t asking,
					struct definition *definition)
{
	uint32_t name_space = resolver->objects[asking].name_space;
	const char *key = arena_printf(&resolver->keys, "%u %s", name_space, name);
	uint32_t *owner = key ? strmap_at(&resolver->unique, key, strlen(key), POLYTON_NONE) : NULL;
	if (!owner)
		return error_no_memory();
	if (*owner == POLYTON_NONE) {
		struct definition *place = vec_push(&resolver->owners);
		if (!place)
			return error_no_memory();
		*place = *definition;
		*owner = (uint32_t)resolver->owners.count - 1;
	}
	*definition = resolver->owners.items[*owner];
	return NULL;
}

static bool search(const struct resolver *resolver, uint32_t object, const struct elf_wanted *wanted,
		   enum lookup_class class, bool when_loaded, struct definition *ret)
{
	const struct scope *scope = &resolver->scopes->of_object[object];
	for (uint32_t i = 0; i < scope->count; i++) {
		const struct scope_list *list = &resolver->scopes->lists.items[scope->parts[i].list];
		uint32_t count = when_loaded ? scope->parts[i].count : list->count;
		for (uint32_t k = 0; k < count; k++) {
			uint32_t at = list->objects[k];
			const struct link_object *candidate = &resolver->objects[at];
			if (class == LOOKUP_COPY && candidate->is_program)
				continue;
			const Elf64_Sym *symbol = elf_lookup_find(candidate->lookup, wanted, class == LOOKUP_DATA);
			if (!symbol)
				continue;
			*ret = (struct definition){ at, symbol };
			return true;
		}
	}
	return false;
}

// dl_symbol_visibility_binds_local_p(), and what _dl_lookup_symbol_x() makes of protected symbols.
static bool is_own(const Elf64_Sym *symbol, enum lookup_class class)
{
	unsigned visibility = ELF64_ST_VISIBILITY(symbol->st_other);
	if (symbol->st_shndx == SHN_UNDEF || class == LOOKUP_COPY)
		return false;
	return ELF64_ST_BIND(symbol->st_info) == STB_LOCAL || visibility != STV_DEFAULT;
}

struct definition resolver_search(const struct resolver *resolver, uint32_t object, uint32_t symbol,
				  enum lookup_class class, bool when_loaded)
{
	const struct elf_symbols *symbols = &resolver->objects[object].lookup->symbols;
	struct definition found = { POLYTON_NONE, NULL };
	if (symbol >= symbols->count || object >= resolver->scopes->object_count)
		return found;
	const Elf64_Sym *own = &symbols->entries[symbol];
	if (is_own(own, class))
		return (struct definition){ object, own };
	struct elf_wanted wanted = resolver_wanted(&resolver->objects[object], symbol);
	search(resolver, object, &wanted, class, when_loaded, &found);
	return found;
}

struct polyton_error *resolver_own(struct resolver *resolver, uint32_t object, uint32_t symbol,
				   enum lookup_class class, struct definition *definition)
{
	const struct elf_symbols *symbols = &resolver->objects[object].lookup->symbols;
	if (!definition->symbol || ELF64_ST_BIND(definition->symbol->st_info) != STB_GNU_UNIQUE ||
	    is_own(&symbols->entries[symbol], class))
		return NULL;
	const char *name = elf_symbol_name(symbols, &symbols->entries[symbol]);
	if (class != LOOKUP_COPY)
		return find_owner(resolver, name, object, definition);
	// The program's place for a copy is the variable from then on.
	struct definition copy = { object, &symbols->entries[symbol] };
	return find_owner(resolver, name, object, &copy);
}

struct polyton_error *resolver_find(struct resolver *resolver, uint32_t object, uint32_t symbol,
				    enum lookup_class class, bool when_loaded, struct definition *ret)
{
	struct definition found = resolver_search(resolver, object, symbol, class, when_loaded);
	struct polyton_error *error = resolver_own(resolver, object, symbol, class, &found);
	if (!error)
		*ret = found;
	return error;
}
