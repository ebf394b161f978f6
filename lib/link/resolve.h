/**
 * Which definition a reference gets: ld.so's lookup, done again. Sources: glibc elf/dl-lookup.c (_dl_lookup_symbol_x,
 * do_lookup_x, do_lookup_unique) and elf/dl-reloc.c as of 2.36.
 */
#ifndef LINK_RESOLVE_H
#define LINK_RESOLVE_H

#include "base/arena.h"
#include "base/strmap.h"
#include "elf/lookup.h"
#include "link/scope.h"

/** One loaded object, as the lookup sees it. */
struct link_object {
	const struct elf_file *file; ///< Where its relocation tables are; NULL: they are not to be had.
	const struct elf_dynamic *dynamic;
	const struct elf_lookup *lookup; ///< Never NULL; finds nothing if there are no tables.
	uint64_t bias, start, end;
	uint32_t name_space;
	bool is_program;
	bool has_static_tls;
	uint64_t tls_module, tls_offset; ///< As in struct polyton_object.
};

/** A symbol of an object; @c object is POLYTON_NONE for none. */
struct definition {
	uint32_t object;
	const Elf64_Sym *symbol;
};

/** glibc's ELF_RTYPE_CLASS_*: what kind of relocation asks. */
enum lookup_class {
	LOOKUP_DATA, ///< An address: a program's PLT entry will do.
	LOOKUP_PLT,  ///< A jump slot, or a thread-local.
	LOOKUP_COPY, ///< The original of a copy: the program itself is not asked.
};

struct resolver {
	const struct link_object *objects;
	uint32_t count;
	const struct scopes *scopes;
	struct strmap unique; ///< "NAMESPACE NAME" to an index in @c owners: glibc's _ns_unique_sym_table.
	vec_of(struct definition) owners;
	struct arena keys;
};

/** Both are borrowed until resolver_deinit(). */
void resolver_init(struct resolver *resolver, const struct link_object *objects, uint32_t count,
		   const struct scopes *scopes);
void resolver_deinit(struct resolver *resolver);

/** What symbol @p symbol of @p object's dynamic table asks for. Borrowed from the object. */
struct elf_wanted resolver_wanted(const struct link_object *object, uint32_t symbol);
/** resolver_find() without the rule for unique symbols, in its two halves. This one may be called on many threads. */
struct definition resolver_search(const struct resolver *resolver, uint32_t object, uint32_t symbol,
				  enum lookup_class class, bool when_loaded);
/** What was found, @p definition, becomes that of whoever asked first, if it is unique. */
must_use struct polyton_error *resolver_own(struct resolver *resolver, uint32_t object, uint32_t symbol,
					    enum lookup_class class, struct definition *definition);
/**
 * What the reference of @p object to its dynamic symbol @p symbol gets: with the objects that were there when it was
 * loaded, or now. Unique symbols go to whoever was asked for them first, so ask in load order.
 */
must_use struct polyton_error *resolver_find(struct resolver *resolver, uint32_t object, uint32_t symbol,
					     enum lookup_class class, bool when_loaded, struct definition *ret);

#endif
