/**
 * What the analysis works on: each loaded object with its names, as capture found them. The analysis itself
 * knows neither processes nor files.
 */
#ifndef FIND_SUBJECT_H
#define FIND_SUBJECT_H

#include "elf/lookup.h"
#include "model/snapshot.h"

/** One defined variable of one object. */
struct candidate {
	const Elf64_Sym *symbol;
	const char *name;   ///< Raw, may end in '@VERSION'.
	const char *source; ///< STT_FILE it stands under, "" for none.
	enum polyton_kind kind;
	enum polyton_storage storage;
	bool is_local;    ///< STB_LOCAL, and not a global that the linker made local.
	bool is_exported; ///< Others can bind to it.
	bool is_unique, is_protected;
	bool may_be_rust; ///< Its name has to be demangled before it is compared.
};
typedef vec_of(struct candidate) candidates;

/** One loaded object as input. Its row in the snapshot has the same index. */
struct object_input {
	const struct elf_file *file; ///< NULL if no file could be trusted: no relocations, no initial image.
	struct elf_symbols symbols;  ///< The best table; may be .dynsym's.
	struct elf_symbols exported; ///< .dynsym
	const Elf64_Phdr *segments;  ///< As loaded.
	uint32_t segment_count;
	struct elf_dynamic dynamic;  ///< Empty without a file.
	uint64_t brings, brought_by; ///< A program in a folder, and what it needs: how those are bound is not known.
	uint32_t party;              ///< Objects of one party are never in one process; 0: of none.
	uint64_t sets;               ///< Neither are those that are in sets, but in none together; 0: in none.
	bool is_loader;              ///< The dynamic loader, which is built with parts of the C library of its own.
	const candidates *candidates;
	/** Where its relocation tables are: its file, or what was read of it from memory. NULL: not to be had. */
	struct elf_file *tables;
	const struct elf_lookup *lookup; ///< Of the same tables; NULL without.
};

/** Whether the two may be in one process, and are to be compared; of a process's own objects, always. */
static inline bool object_meets(const struct object_input *a, const struct object_input *b)
{
	return (!a->party || a->party != b->party) && (!a->sets || !b->sets || (a->sets & b->sets)) &&
	       !(a->brings & b->brought_by) && !(b->brings & a->brought_by);
}

/** Collect the variables that the tables of @p object define, in table order. */
must_use struct polyton_error *candidates_collect(const struct object_input *object, candidates *ret);

/** Where a link-time address lies; false if no PT_LOAD holds it. */
bool object_storage(const struct object_input *object, uint64_t address, enum polyton_storage *ret);

#endif
