/**
 * Every reference that the loader bound, and what it was bound to. On a live process the words that the loader wrote
 * are the truth; where they do not tell, the lookup is done again.
 */
#ifndef LINK_REFERENCES_H
#define LINK_REFERENCES_H

#include "link/resolve.h"
#include "polyton.h"
#include "target/target.h"

/** All relocations of one object for one symbol and class. There are hundreds of thousands: enumerators are bytes. */
struct reference {
	uint32_t object;   ///< Whose code refers.
	uint32_t symbol;   ///< In its dynamic table.
	uint8_t kind;      ///< enum polyton_reference_kind
	uint8_t class;     ///< enum lookup_class
	uint8_t source;    ///< enum polyton_binding_source
	bool has_variable; ///< What it is bound to, or its object's own definition of the name, is one.
	bool is_unique;    ///< What it is bound to is STB_GNU_UNIQUE.
	uint64_t place;    ///< Run-time address of the most telling of its words.
	struct definition bound_to;
};
typedef vec_of(struct reference) references;

/**
 * Read all references of the resolver's objects, in object order, each object's in the order of its relocations.
 * Objects without relocation tables have none.
 */
must_use struct polyton_error *references_read(struct target *target, struct resolver *resolver, references *ret);

/** The same for files that nobody has loaded: what the lookup alone will find. */
must_use struct polyton_error *references_derive(const struct arch *arch, struct resolver *resolver, references *ret);

/** The symbol's name as the referring object has it. */
static inline const char *reference_name(const struct resolver *resolver, const struct reference *reference)
{
	const struct elf_symbols *symbols = &resolver->objects[reference->object].lookup->symbols;
	return elf_symbol_name(symbols, &symbols->entries[reference->symbol]);
}

#endif
