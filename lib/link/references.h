/**
 * What the loader wrote: the words through which an object's code reaches a variable by name. On a live process
 * they are the truth about who uses which definition.
 */
#ifndef LINK_REFERENCES_H
#define LINK_REFERENCES_H

#include "base/strmap.h"
#include "base/vec.h"
#include "elf/dynamic.h"
#include "target/target.h"

enum reference_kind {
	REFERENCE_ADDRESS,    ///< GLOB_DAT or a data word: an address.
	REFERENCE_TLS_MODULE, ///< DTPMOD: a module id.
	REFERENCE_TLS_STATIC, ///< TPOFF, or a static descriptor: a distance from the unbiased thread pointer.
	REFERENCE_COPY,       ///< The variable itself was copied to this place in the program.
};

struct reference {
	uint32_t object; ///< Whose code refers.
	uint32_t name;   ///< The number that @p names has for the symbol.
	enum reference_kind kind;
	uint64_t value; ///< What it leads to, addends taken off.
};
typedef vec_of(struct reference) references;

/** Where an object's relocations are, and where they were applied. */
struct reference_source {
	const struct elf_file *file; ///< NULL: has none that can be trusted; skipped.
	const struct elf_dynamic *dynamic;
	const struct elf_symbols *symbols; ///< .dynsym of the file
	uint64_t bias;
};

/**
 * Read every reference that the @p count objects make to a symbol whose name (without version) is in @p names.
 * Words that cannot be read are left out.
 */
must_use struct polyton_error *references_read(struct target *target, const struct reference_source *objects,
					       uint32_t count, const struct strmap *names, references *ret);

#endif
